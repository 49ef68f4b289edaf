//! Bad input: each gets one clear diagnostic with its place, everything else is still judged, and nothing hangs or panics.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::io::Write as _;
use std::time::{Duration, Instant};

use support::{OPEN, Run, folder, terravet};

/// The rule that reports [`OPEN`], whatever stands beside it.
const RULE: &str = "aws-ec2-security-group-ssh-open-to-world";

/// Scans a folder with these files and a finding beside them, in `good/main.tf`.
fn scan(files: &[(&str, &[u8])]) -> Run {
    let all: Vec<(&str, &[u8])> = files.iter().copied().chain([("good/main.tf", OPEN.as_bytes())]).collect();
    let folder = folder(&all);
    let started = Instant::now();
    let run = terravet(folder.path(), &["--format", "json", "--select", RULE]);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert!(!run.stderr.contains("internal error"), "{}", run.stderr);
    assert_eq!(run.status, 1, "the finding beside it counts: {}", run.stderr);
    let finding = format!("{RULE} good/main.tf:7:20");
    assert!(run.places().contains(&finding), "{:?}", run.places());
    run
}

/// The places of what was reported beside the finding that is always there.
fn errors(files: &[(&str, &[u8])]) -> Vec<String> {
    let run = scan(files);
    run.places().into_iter().filter(|place| !place.starts_with(RULE)).collect()
}

#[test]
fn broken_hcl_loses_only_its_block() {
    let errors = errors(&[("bad/main.tf", b"resource \"aws_s3_bucket\" \"b\" {\n  bucket = \n}\n")]);
    assert_eq!(errors, ["hcl-syntax bad/main.tf:2:12"]);
}

#[test]
fn a_broken_file_leaves_the_others_of_its_module() {
    let folder = folder(&[("a.tf", "resource \"x\" {{{\n"), ("b.tf", OPEN)]);
    let run = terravet(folder.path(), &["--format", "json", "--select", RULE]);
    let places = run.places();
    assert!(places.contains(&format!("{RULE} b.tf:7:20")), "{places:?}");
    assert!(places.iter().any(|place| place.contains(" a.tf:1:")), "{places:?}");
}

#[test]
fn a_truncated_template_is_told() {
    let errors = errors(&[(
        "t.json",
        b"{\"AWSTemplateFormatVersion\": \"2010-09-09\", \"Resources\": {\"B\": {\"Type\": \"AWS::S3::Bucket\"",
    )]);
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains(" t.json:1:"), "{errors:?}");
}

#[test]
fn binary_and_broken_text_under_the_name_of_terraform() {
    let errors = errors(&[("binary/main.tf", b"\x7fELF\0\0\0"), ("latin/main.tf", b"a = \"\xff\xfe\"\n")]);
    assert_eq!(errors, ["read-error binary/main.tf:1:1", "read-error latin/main.tf:1:1"]);
}

#[test]
fn other_files_are_of_no_concern() {
    let none: Vec<String> = Vec::new();
    let files: &[(&str, &[u8])] = &[
        ("data.json", b"{\"a\": [1, 2"),
        ("compose.yaml", b"services:\n  web:\n    image: x\n"),
        ("binary.yaml", b"\0\x01\x02"),
        ("README.md", b"# hello"),
        ("empty.yaml", b""),
    ];
    assert_eq!(errors(files), none);
}

#[test]
fn an_empty_file_a_byte_order_mark_and_carriage_returns() {
    let windows = OPEN.replace('\n', "\r\n");
    let marked = [b"\xef\xbb\xbf", OPEN.as_bytes()].concat();
    let run = scan(&[("empty/main.tf", b""), ("crlf/main.tf", windows.as_bytes()), ("bom/main.tf", &marked)]);
    assert_eq!(run.places(), ["bom", "crlf", "good"].map(|folder| format!("{RULE} {folder}/main.tf:7:20")));
}

#[test]
fn a_hundred_thousand_brackets_end_in_a_limit() {
    let brackets = "[".repeat(100_000);
    let hcl = format!("locals {{\n  a = {brackets}\n}}\n");
    let json = format!("{{\"AWSTemplateFormatVersion\": \"2010-09-09\", \"Resources\": {brackets}");
    let yaml = format!("AWSTemplateFormatVersion: \"2010-09-09\"\nResources: {brackets}");
    for (path, text) in [("deep/main.tf", hcl), ("deep.json", json), ("deep.yaml", yaml)] {
        let errors = errors(&[(path, text.as_bytes())]);
        assert_eq!(errors.len(), 1, "{path}: {errors:?}");
        assert!(errors[0].contains(path), "{errors:?}");
    }
}

#[test]
fn an_alias_bomb_does_not_go_off() {
    let mut bomb =
        String::from("Resources:\n  B: {Type: AWS::S3::Bucket}\nMetadata:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let alias = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("  a{level}: &a{level} [{}]\n", alias.trim_end_matches(", ")));
    }
    let errors = errors(&[("bomb.yaml", bomb.as_bytes())]);
    assert!(errors.iter().all(|error| error.contains(" bomb.yaml:")), "{errors:?}");
    assert_eq!(errors.len(), 1, "{errors:?}");
}

#[test]
fn a_module_that_calls_itself() {
    let errors = errors(&[("loop/main.tf", b"module \"again\" {\n  source = \"./\"\n}\n")]);
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains(" loop/main.tf:"), "{errors:?}");
}

#[cfg(unix)]
#[test]
fn links_that_lead_in_circles_are_not_followed() {
    let folder = folder(&[("good/main.tf", OPEN)]);
    std::os::unix::fs::symlink("..", folder.path().join("good/up")).unwrap();
    std::os::unix::fs::symlink("b.tf", folder.path().join("good/a.tf")).unwrap();
    std::os::unix::fs::symlink("a.tf", folder.path().join("good/b.tf")).unwrap();
    let run = terravet(folder.path(), &["--format", "json", "--select", RULE]);
    let places = run.places();
    assert!(places.contains(&format!("{RULE} good/main.tf:7:20")), "{places:?}");
    assert_eq!(run.status, 1);
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder(&[("good/main.tf", OPEN), ("secret/main.tf", OPEN)]);
    let secret = folder.path().join("secret/main.tf");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&secret).is_ok() {
        // The harness hides what passing tests print, and not this.
        let _ = writeln!(std::io::stderr(), "SKIPPED: this user (root) reads files without permission");
        return;
    }
    let run = terravet(folder.path(), &["--format", "json", "--select", RULE]);
    assert_eq!(run.places(), [format!("{RULE} good/main.tf:7:20"), "read-error secret/main.tf:1:1".to_owned()]);
}

#[test]
fn a_named_file_that_is_no_configuration_is_told() {
    let folder = folder(&[("notes.txt", "hello\n")]);
    let run = terravet(folder.path(), &["notes.txt", "--format", "json"]);
    assert_eq!(run.status, 3);
    assert_eq!(run.json()["summary"]["files"], 0);
}

#[test]
fn hostile_text_never_reaches_the_terminal() {
    let text = OPEN
        .replace("\"0.0.0.0/0\"", "\"0.0.0.0/0\", \"\u{1b}]0;owned\u{7}\u{202e}\"")
        .replace("\"open\"", "\"op\u{9b}en\"");
    let folder = folder(&[("main\u{1b}[2J.tf", text.as_str())]);
    for format in ["text", "concise", "json", "sarif"] {
        let run = terravet(folder.path(), &["--format", format, "--select", RULE]);
        let harmful = |character: char| (character.is_control() && character != '\n') || character == '\u{202e}';
        assert!(!run.stdout.contains(harmful), "{format}: {:?}", run.stdout);
        assert!(!run.stderr.contains(harmful), "{format}: {:?}", run.stderr);
    }
}
