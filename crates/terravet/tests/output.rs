//! Where reports go: never onto an input, never half, and never lost without a word.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Stdio;

use support::{OPEN, command, finished, folder, terravet};

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

const TEMPLATE: &str = "Resources:\n  Disk:\n    Type: AWS::EC2::Volume\n    Properties: {Encrypted: false}\n";

#[test]
fn no_input_is_replaced() {
    let files = [
        ("main.tf", "output \"o\" {\n  value = [file(\"text\"), filebase64(\"bytes\")]\n}\n"),
        ("other.tfvars", "a = 1\n"),
        ("t.yaml", TEMPLATE),
        ("values.json", "{}"),
        ("text", "x"),
        ("bytes", "x"),
        (".gitignore", "x\n"),
    ];
    let folder = folder(&files);
    symlink("main.tf", folder.path().join("link.json")).unwrap();
    for (path, _) in files.iter().chain(&[("link.json", ""), ("./t.yaml", "")]) {
        for command in ["scan", "graph"] {
            let run =
                terravet(folder.path(), &[command, "--format", "json", "--parameters", "values.json", "-o", path]);
            assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{command} {path}: {}", run.stderr);
            assert!(run.stderr.contains("cannot write"), "{command} {path}: {}", run.stderr);
        }
    }
    for (path, text) in files {
        assert_eq!(std::fs::read_to_string(folder.path().join(path)).unwrap(), text, "{path}");
    }
    assert_eq!(names(folder.path()).len(), files.len() + 1);
}

#[test]
fn a_report_replaces_the_one_before_it() {
    let folder = folder(&[("main.tf", OPEN), ("report.json", "{\"old\": true}")]);
    for _ in 0..2 {
        assert_eq!(terravet(folder.path(), &["--format", "json", "-o", "report.json"]).status, 1);
        assert!(std::fs::read_to_string(folder.path().join("report.json")).unwrap().starts_with("{\n  \"version\""));
    }
    assert_eq!(names(folder.path()), ["main.tf", "report.json"]);
}

#[test]
fn no_link_leads_a_report_out_of_the_tree() {
    let outside = folder(&[("precious.json", "precious")]);
    let folder = folder(&[("main.tf", OPEN), ("in/a", "")]);
    symlink(outside.path().join("precious.json"), folder.path().join("file.json")).unwrap();
    symlink(outside.path().join("new.json"), folder.path().join("dangling.json")).unwrap();
    symlink(outside.path(), folder.path().join("out")).unwrap();
    symlink("in", folder.path().join("inside")).unwrap();
    for path in ["file.json", "dangling.json", "out/new.json", "in/../out/precious.json"] {
        let run = terravet(folder.path(), &["--format", "json", "-o", path]);
        assert_eq!(run.status, 2, "{path}: {}", run.stderr);
    }
    assert_eq!(names(outside.path()), ["precious.json"]);
    assert_eq!(std::fs::read_to_string(outside.path().join("precious.json")).unwrap(), "precious");
    // A link within the tree, and a place outside that the user names.
    let elsewhere = outside.path().join("report.json").display().to_string();
    for path in ["inside/report.json", &elsewhere] {
        assert_eq!(terravet(folder.path(), &["--format", "json", "-o", path]).status, 1, "{path}");
    }
    assert_eq!(names(&folder.path().join("in")), ["a", "report.json"]);
    assert_eq!(names(outside.path()), ["precious.json", "report.json"]);
}

#[test]
fn an_output_that_cannot_take_the_report_is_a_failure() {
    let clean = folder(&[("main.tf", "locals {\n  a = 1\n}\n")]);
    let open = folder(&[("main.tf", OPEN)]);
    for tree in [&clean, &open] {
        for format in ["text", "concise", "json", "sarif"] {
            // The reader has gone.
            let mut child = command(tree.path(), &["--format", format])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            drop(child.stdout.take());
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{format}");
            assert!(String::from_utf8(output.stderr).unwrap().contains("its reader closed the pipe"), "{format}");
        }
    }
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full");
    if full().is_err() {
        return;
    }
    for arguments in [
        ["scan"].as_slice(),
        &["graph"],
        &["rules"],
        &["explain", "CKV_AWS_24"],
        &["eval", "1 + 1"],
        &["--help"],
        &["--version"],
        &["completions", "bash"],
    ] {
        let mut run = command(open.path(), arguments);
        run.stdout(full().unwrap());
        assert_eq!(finished(run).status, 2, "{arguments:?}");
    }
    assert_eq!(terravet(open.path(), &["-o", "/dev/full"]).status, 2);
    assert_eq!(terravet(open.path(), &["-o", "/dev/null"]).status, 1);
    let through = terravet(open.path(), &["--format", "json", "-o", "/dev/stdout"]);
    assert!(through.stdout.starts_with("{\n  \"version\""), "{through:?}");
    // Standard output that is open for reading only takes nothing.
    let mut run = command(open.path(), &[]);
    run.stdout(std::fs::File::open("/dev/null").unwrap());
    assert_eq!(finished(run).status, 2);
    // Nobody reads what is wrong with the options: the status says it all the same.
    let mut run = command(open.path(), &["--rules", "nowhere"]);
    run.stderr(full().unwrap());
    assert_eq!(finished(run).status, 2);
}

#[test]
fn an_interrupt_leaves_no_half_report() {
    let many: String = (0..4_000).map(|number| OPEN.replace("\"open\"", &format!("\"open{number}\""))).collect();
    let folder = folder(&[("main.tf", many.as_str()), ("report.json", "before")]);
    for wait in [20, 200, 600, 1200] {
        let mut child = command(folder.path(), &["--format", "json", "-o", "report.json"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let _ = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        child.wait().unwrap();
        assert_eq!(names(folder.path()), ["main.tf", "report.json"], "{wait}");
        let report = std::fs::read_to_string(folder.path().join("report.json")).unwrap();
        assert!(report == "before" || report.ends_with("}\n"), "{wait}");
    }
}
