//! What the binary says about itself to shells and to `man`.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::process::Command;

fn terravet(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_terravet")).args(arguments).output().unwrap()
}

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = terravet(&["completions", shell]);
        assert!(output.status.success(), "{shell}");
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(script.contains("explain") && script.contains("min-severity"), "{shell}: {script}");
    }
}

#[test]
fn the_manual_has_a_page_for_the_program_and_each_command() {
    let folder = tempfile::tempdir().unwrap();
    let output = terravet(&["man", folder.path().join("man1").to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = |name: &str| std::fs::read_to_string(folder.path().join("man1").join(name)).unwrap();
    assert!(page("terravet.1").contains(".TH terravet 1"));
    for command in ["scan", "explain", "rules", "graph", "eval", "completions", "man"] {
        assert!(page(&format!("terravet-{command}.1")).contains(".SH NAME"), "{command}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let output = terravet(&["man", "/dev/null/man1"]);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("terravet: cannot write the manual to `/dev/null/man1`: "), "{told}");
}
