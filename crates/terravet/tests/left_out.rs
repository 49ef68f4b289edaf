//! What ignore files and the machine decide: nothing that git tracks, and nothing without a word.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use support::{OPEN, command, finished, folder, terravet};

const RULE: &str = "aws-ec2-security-group-ssh-open-to-world";

/// Runs git; false where there is none, which is said.
fn git(folder: &Path, arguments: &[&str]) -> bool {
    let settings = ["-c", "user.email=a@example.com", "-c", "user.name=a", "-c", "protocol.file.allow=always"];
    let mut git = Command::new("git");
    git.args(settings).args(arguments).current_dir(folder).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", folder);
    match git.output() {
        Ok(output) => {
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            true
        }
        Err(_) => {
            // The harness hides what passing tests print, and not this.
            let _ = writeln!(std::io::stderr(), "SKIPPED: there is no git");
            false
        }
    }
}

/// The files with a finding, and what the report says of files that are left out.
fn scanned(folder: &Path, path: &str) -> (Vec<String>, u64) {
    let run = terravet(folder, &["--format", "json", "--select", RULE, path]);
    let report = run.json();
    let file = |finding: &serde_json::Value| finding["location"]["file"].as_str().unwrap().to_owned();
    let files = report["findings"].as_array().unwrap().iter().map(file).collect();
    (files, report["summary"]["left_out"].as_u64().unwrap())
}

/// A repository whose tracked files its ignore file matches, and one file that is not tracked.
fn tracked(arguments: &[&str]) -> Option<tempfile::TempDir> {
    let folder = folder(&[
        (".gitignore", "live\n*.tf\n"),
        ("live/a/main.tf", OPEN),
        ("live/a/.hidden/main.tf", OPEN),
        (".github/main.tf", OPEN),
    ]);
    let made = git(folder.path(), &[&["init", "-q"], arguments].concat())
        && git(folder.path(), &["add", "-f", "."])
        && git(folder.path(), &["commit", "-qm", "one"]);
    std::fs::create_dir(folder.path().join("live/untracked")).unwrap();
    std::fs::write(folder.path().join("live/untracked/main.tf"), OPEN).unwrap();
    made.then_some(folder)
}

const TRACKED: [&str; 3] = [".github/main.tf", "live/a/.hidden/main.tf", "live/a/main.tf"];

#[test]
fn tracked_files_are_scanned_by_every_version_of_the_index() {
    for format in ["sha1", "sha256"] {
        let Some(folder) = tracked(&["--object-format", format]) else { return };
        for version in ["2", "3", "4"] {
            assert!(git(folder.path(), &["update-index", "--index-version", version]));
            assert_eq!(scanned(folder.path(), "."), (TRACKED.map(str::to_owned).into(), 1), "{format} {version}");
        }
    }
    let Some(folder) = tracked(&[]) else { return };
    assert!(git(folder.path(), &["update-index", "--split-index"]));
    assert_eq!(scanned(folder.path(), "."), (TRACKED.map(str::to_owned).into(), 1));
    assert_eq!(scanned(folder.path(), "live/a"), (TRACKED[1..].iter().map(|path| (*path).to_owned()).collect(), 0));
}

#[test]
fn worktrees_and_submodules_have_indexes_of_their_own() {
    let Some(folder) = tracked(&[]) else { return };
    let world = support::folder::<&str>(&[]);
    let tree = world.path().join("tree");
    assert!(git(folder.path(), &["worktree", "add", "-q", &tree.display().to_string()]));
    assert_eq!(scanned(&tree, "."), (TRACKED.map(str::to_owned).into(), 0));
    let outer = world.path().join("outer");
    std::fs::create_dir(&outer).unwrap();
    assert!(git(&outer, &["init", "-q"]));
    assert!(git(&outer, &["submodule", "--quiet", "add", &folder.path().display().to_string(), "inner"]));
    std::fs::write(outer.join(".gitignore"), "inner\n").unwrap();
    let inside = TRACKED.map(|path| format!("inner/{path}"));
    assert_eq!(scanned(&outer, "."), (inside.clone().into(), 0));
    assert_eq!(scanned(&outer.join("inner"), "."), (TRACKED.map(str::to_owned).into(), 0));
}

#[test]
fn a_file_that_names_another_repository_decides_nothing() {
    let Some(other) = tracked(&[]) else { return };
    let folder = folder(&[(".gitignore", "live\n"), ("live/a/main.tf", OPEN), ("main.tf", "locals {}\n")]);
    for text in [other.path().join(".git"), other.path().join(".git/worktrees/x"), "/nowhere/.git/modules/x".into()] {
        std::fs::write(folder.path().join(".git"), format!("gitdir: {}\n", text.display())).unwrap();
        let run = terravet(folder.path(), &["--format", "json", "--select", RULE]);
        assert_eq!(run.places(), Vec::<String>::new());
        let notes = run.json()["notes"].to_string();
        assert!(notes.contains("`.git` names a folder that does not name this tree"), "{notes}");
    }
}

#[test]
fn what_is_left_out_is_counted_and_listed() {
    let folder = folder(&[
        ("main.tf", "locals {}\n"),
        (".gitignore", "vendored\n*.generated.yaml\n"),
        ("vendored/deep/main.tf", OPEN),
        ("vendored/package.json", "{}"),
        (".terraform/modules/m/main.tf", OPEN),
        (".github/workflows/x.yaml", "on: push\n"),
        ("t.generated.yaml", "Resources:\n  B: {Type: AWS::S3::Bucket}\n"),
        ("u.generated.yaml", "a: b\n"),
    ]);
    let run = terravet(folder.path(), &[]);
    assert!(run.stdout.contains("3 files with configuration left out (--show notes lists them)"), "{}", run.stdout);
    assert!(!run.stdout.contains("vendored"), "{}", run.stdout);
    let run = terravet(folder.path(), &["--show", "notes"]);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn nothing_of_the_machine_decides() {
    let home = folder(&[
        (".config/git/ignore", "*\n"),
        (".gitignore", "*\n"),
        (".ignore", "*\n"),
        (".gitconfig", "[core]\n\texcludesFile = ~/.gitignore\n"),
        ("repo/infra/main.tf", OPEN),
        ("repo/.git/info/exclude", "*\n"),
        ("plain/main.tf", OPEN),
    ]);
    for (path, expected) in
        [("repo", "repo/infra/main.tf"), ("repo/infra", "repo/infra/main.tf"), ("plain", "plain/main.tf")]
    {
        let mut reports = Vec::new();
        for variables in
            [vec![], vec![("LANG", "tr_TR.ISO-8859-9"), ("LC_ALL", "C"), ("TF_WORKSPACE", "x"), ("TF_DATA_DIR", "y")]]
        {
            let mut run = command(home.path(), &["--format", "json", "--select", RULE, path]);
            run.env("HOME", home.path()).env("XDG_CONFIG_HOME", home.path().join(".config")).envs(variables);
            let run = finished(run);
            assert_eq!(run.places(), [format!("{RULE} {expected}:7:20")], "{path}");
            reports.push(run.stdout);
        }
        assert_eq!(reports[0], reports[1]);
    }
}
