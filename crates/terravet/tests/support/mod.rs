//! Runs the real binary.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test file uses its own part; tests may panic"
)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A security group with one finding: it is open to the world for SSH.
pub const OPEN: &str = r#"resource "aws_security_group" "open" {
  ingress {
    description = "ssh"
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"#;

/// What a run gave.
#[derive(Debug)]
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Rule and place of each finding, and id and place of each error, of a JSON report.
    pub fn places(&self) -> Vec<String> {
        let report = self.json();
        let line = |entry: &serde_json::Value, id: &str| {
            let location = &entry["location"];
            let start = &location["start"];
            format!(
                "{} {}:{}:{}",
                entry[id].as_str().unwrap(),
                location["file"].as_str().unwrap(),
                start["line"],
                start["column"]
            )
        };
        let findings = report["findings"].as_array().unwrap().iter().map(|finding| line(finding, "rule"));
        let errors = report["errors"].as_array().unwrap().iter().map(|error| line(error, "id"));
        findings.chain(errors).collect()
    }
}

/// The binary in a folder, with an environment that no terminal and no user's settings reach.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_terravet"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_HYPERLINK", "LC_ALL", "LC_CTYPE"] {
        command.env_remove(variable);
    }
    command.env("LANG", "C.UTF-8");
    command
}

/// Runs the binary in a folder.
pub fn terravet(folder: &Path, arguments: &[&str]) -> Run {
    finished(command(folder, arguments))
}

/// Runs the binary in a folder with standard input.
pub fn terravet_asked(folder: &Path, arguments: &[&str], input: &str) -> Run {
    let mut command = command(folder, arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    run_of(&child.wait_with_output().unwrap())
}

/// Runs a prepared command.
pub fn finished(mut command: Command) -> Run {
    run_of(&command.output().unwrap())
}

fn run_of(output: &std::process::Output) -> Run {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Run { status: output.status.code().unwrap(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// A folder of the repository's testdata.
pub fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name)
}

/// A folder of its own with these files.
pub fn folder<B: AsRef<[u8]>>(files: &[(&str, B)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}
