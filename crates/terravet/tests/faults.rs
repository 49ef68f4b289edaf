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

/// Text as Windows PowerShell writes it to a file.
fn wide(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_plan_that_powershell_wrote_is_read() {
    let plan = r#"{"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {"root_module": {"resources": [
 {"address": "aws_security_group.g", "mode": "managed", "type": "aws_security_group", "name": "g", "values": {"ingress": [
  {"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}]}}]}}}
"#;
    let folder = folder(&[("plan.json", wide(plan))]);
    for path in [".", "plan.json"] {
        let run = terravet(folder.path(), &[path, "--format", "json", "--select", RULE]);
        assert_eq!(run.places(), [format!("{RULE} plan.json:3:71")], "{path}");
    }
}

#[test]
fn templates_in_other_encodings_are_told_and_other_files_are_not() {
    let template = "AWSTemplateFormatVersion: \"2010-09-09\"\nResources:\n  B: {Type: AWS::S3::Bucket}\n";
    let latin = [template.as_bytes(), b"# Gr\xfc\xdfe\n"].concat();
    let errors = errors(&[
        ("latin.yaml", &latin),
        ("wide.yaml", &wide(template)),
        ("other-latin.yaml", b"name: \xfc\n"),
        ("other-wide.yaml", &wide("name: x\n")),
        ("wide/main.tf", &wide(OPEN)),
    ]);
    assert_eq!(errors, ["read-error latin.yaml:1:1", "read-error wide/main.tf:1:1", "read-error wide.yaml:1:1"]);
}

#[test]
fn every_path_that_is_named_may_be_read() {
    let folder = folder(&[("a/main.tf", OPEN), ("b/main.tf", OPEN), ("notes.yaml", "a: b\n")]);
    let open = ["a", "b"].map(|folder| format!("{RULE} {folder}/main.tf:7:20"));
    for paths in [["a", "b"], ["notes.yaml", "."], ["a/main.tf", "b/main.tf"]] {
        let run = terravet(folder.path(), &[&paths[..], &["--format", "json", "--select", RULE]].concat());
        assert_eq!(run.places(), open, "{paths:?}");
    }
}

#[cfg(unix)]
#[test]
fn pipes_are_not_waited_for() {
    let files = ["good/main.tf", "read/main.tf"];
    let folder = folder(&[(files[0], OPEN), (files[1], "output \"o\" {\n  value = file(\"pipe\")\n}\n")]);
    for pipe in ["good/pipe.tf", "good/terraform.tfvars", "read/pipe", "pipe.yaml"] {
        let made = std::process::Command::new("mkfifo").arg(folder.path().join(pipe)).status();
        assert!(made.unwrap().success());
    }
    let run = terravet(folder.path(), &["--format", "json", "--select", RULE]);
    assert_eq!(
        run.places(),
        [
            format!("{RULE} good/main.tf:7:20"),
            "read-error good/pipe.tf:1:1".to_owned(),
            "read-error good/terraform.tfvars:1:1".to_owned(),
            "terraform-evaluation read/main.tf:2:16".to_owned(),
        ]
    );
    for arguments in
        [["pipe.yaml"].as_slice(), &["good", "--parameters", "pipe.yaml"], &["good", "--var-file", "pipe.yaml"]]
    {
        let run = terravet(folder.path(), &[arguments, &["--format", "json", "--select", RULE]].concat());
        let told = run.json()["errors"].to_string();
        assert!(told.contains("not a regular file"), "{arguments:?}: {told}");
    }
}

#[cfg(unix)]
#[test]
fn links_out_of_the_tree_are_not_followed() {
    use std::os::unix::fs::symlink;
    let outside = folder(&[
        ("main.tf", OPEN),
        ("values", "cidr = \"0.0.0.0/0\"\n"),
        ("t.yaml", "Resources:\n  SecretName: {Type: AWS::S3::Bucket}\n"),
    ]);
    let folder = folder(&[("good/main.tf", OPEN), ("values/main.tf", "variable \"cidr\" {}\n")]);
    symlink(outside.path().join("main.tf"), folder.path().join("good/linked.tf")).unwrap();
    symlink(outside.path().join("values"), folder.path().join("values/terraform.tfvars")).unwrap();
    symlink(outside.path().join("t.yaml"), folder.path().join("t.yaml")).unwrap();
    symlink(outside.path(), folder.path().join("folder")).unwrap();
    let run = terravet(folder.path(), &["--format", "json", "--select", RULE]);
    assert_eq!(
        run.places(),
        [
            &format!("{RULE} good/main.tf:7:20"),
            "read-error good/linked.tf:1:1",
            "link-outside t.yaml:1:1",
            "read-error values/terraform.tfvars:1:1",
        ]
    );
    let graph = terravet(folder.path(), &["graph", "--format", "json"]);
    assert!(!graph.stdout.contains("SecretName"), "{}", graph.stdout);
    // What the user names is read wherever it lies.
    let named = terravet(folder.path(), &["graph", "t.yaml", "--format", "json"]);
    assert!(named.stdout.contains("SecretName"), "{}", named.stdout);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_text() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = folder(&[("good/main.tf", OPEN)]);
    let path = |bytes: &[u8]| folder.path().join(std::ffi::OsStr::from_bytes(bytes));
    std::fs::write(path(b"good/\xff.tf"), "").unwrap();
    std::fs::write(path(b"\xff.yaml"), "Resources:\n  - Type: AWS::S3::Bucket\n").unwrap();
    std::fs::create_dir(path(b"folder-\xff")).unwrap();
    std::fs::write(path(b"folder-\xff/main.tf"), OPEN).unwrap();
    let run = terravet(folder.path(), &["--format", "json", "--select", RULE]);
    assert_eq!(
        run.places(),
        [
            format!("{RULE} folder-\u{fffd}/main.tf:7:20"),
            format!("{RULE} good/main.tf:7:20"),
            "read-error good/\u{fffd}.tf:1:1".to_owned(),
            "cloudformation-shape \u{fffd}.yaml:2:3".to_owned(),
        ]
    );
}

/// Whether a log would take a line for a command.
fn is_command(line: &str) -> bool {
    line.contains("##[")
        || line.trim_start().strip_prefix("::").is_some_and(|rest| rest.starts_with(char::is_alphabetic))
}

#[cfg(unix)]
#[test]
fn commands_to_a_log_are_no_commands() {
    let template =
        "Resources:\n  \"::error::id\":\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: '##[error]name'}\n";
    let folder = folder(&[("::error file=x::/main.tf", OPEN), ("##[error]/main.tf", OPEN), ("t.yaml", template)]);
    for format in ["text", "concise", "json", "sarif"] {
        let run = terravet(folder.path(), &["--format", format, "--select", RULE]);
        assert!(run.stdout.contains("error"), "{format}");
        assert_eq!(run.stdout.lines().find(|line| is_command(line)), None, "{format}");
    }
    for format in ["text", "json"] {
        let run = terravet(folder.path(), &["graph", "--format", format]);
        assert!(run.stdout.contains("error"), "{format}");
        assert_eq!(run.stdout.lines().find(|line| is_command(line)), None, "{format}");
    }
}

#[test]
fn refusals_quote_nothing_that_a_terminal_acts_on() {
    let folder = folder(&[("main.tf", OPEN)]);
    for arguments in [["no\u{1b}[31mwhere"].as_slice(), &["--select", "no\u{1b}[31mrule"], &["--no\u{1b}[31moption"]] {
        let run = terravet(folder.path(), arguments);
        assert_eq!(run.status, 2, "{arguments:?}");
        assert!(run.stderr.contains("no") && !run.stderr.contains('\u{1b}'), "{arguments:?}: {}", run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn links_that_lead_in_circles_are_not_followed() {
    let folder = folder(&[("good/main.tf", OPEN)]);
    std::os::unix::fs::symlink("..", folder.path().join("good/up")).unwrap();
    std::os::unix::fs::symlink("b.tf", folder.path().join("good/a.tf")).unwrap();
    std::os::unix::fs::symlink("a.tf", folder.path().join("good/b.tf")).unwrap();
    std::os::unix::fs::symlink("t.yaml", folder.path().join("t.yaml")).unwrap();
    let run = terravet(folder.path(), &["--format", "json", "--select", RULE]);
    let circles = ["good/a.tf", "good/b.tf", "t.yaml"].map(|path| format!("read-error {path}:1:1"));
    assert_eq!(run.places(), [vec![format!("{RULE} good/main.tf:7:20")], circles.to_vec()].concat());
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
