//! What the tests share: scans of trees in memory, told as lines of text.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test file uses its own part; tests may fail")]

use std::path::PathBuf;
use std::sync::Arc;

use terravet_diagnostics::{Certainty, Diagnostic, Subject};
use terravet_engine::{Options, Scan, Session, Silent};
use terravet_source::{FileSystem, Memory};

/// A security group that is open to the world for SSH, in a root module of its own.
pub const OPEN_GROUP: &str = r#"resource "aws_security_group" "ssh" {
  ingress {
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"#;

/// The same in CloudFormation.
pub const OPEN_TEMPLATE: &str = "AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: ssh
      SecurityGroupIngress:
        - IpProtocol: tcp
          FromPort: 22
          ToPort: 22
          CidrIp: 0.0.0.0/0
";

/// The rule that reports both.
pub const SSH: &str = "aws-ec2-security-group-ssh-open-to-world";

/// Options that run one rule over everything.
pub fn only(rule: &str) -> Options {
    Options { select: vec![rule.to_owned()], ..Options::default() }
}

pub fn scan_with(options: Options, file_system: impl FileSystem + 'static) -> Scan {
    Session::new(options, Arc::new(file_system)).unwrap().scan(&Silent).unwrap()
}

/// Scans files with one rule.
pub fn scan(rule: &str, files: &[(&str, &str)]) -> Scan {
    scan_with(only(rule), memory(files))
}

pub fn memory(files: &[(&str, &str)]) -> Memory {
    Memory::new(files.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec())))
}

/// Each diagnostic as `path:line:column id: message`, with what else there is to it.
pub fn told(scan: &Scan) -> Vec<String> {
    scan.outcome.diagnostics.iter().map(|diagnostic| tell(scan, diagnostic)).collect()
}

pub fn tell(scan: &Scan, diagnostic: &Diagnostic) -> String {
    let mut line = format!("{} {}: {}", place(scan, diagnostic), diagnostic.id, diagnostic.message);
    match &diagnostic.subject {
        Subject::Finding(finding) => {
            if let Certainty::Possible(when) = &finding.certainty {
                line.push_str(&format!(" [{when}]"));
            }
            if finding.instances.len() > 1 {
                line.push_str(&format!(" ×{}", finding.instances.len()));
            }
        }
        Subject::Error => line.push_str(" (error)"),
        Subject::Note => line.push_str(" (note)"),
    }
    line
}

pub fn place(scan: &Scan, diagnostic: &Diagnostic) -> String {
    position(scan, diagnostic.primary.span)
}

pub fn position(scan: &Scan, span: terravet_source::Span) -> String {
    let path = scan.sources.path(span.file);
    match scan.sources.open(span.file) {
        Ok(file) => {
            let at = file.position(span.start);
            format!("{}:{}:{}", path.display(), at.line, at.column)
        }
        Err(_) => path.display().to_string(),
    }
}

/// The trace of a finding, nearest first.
pub fn trace(scan: &Scan, diagnostic: &Diagnostic) -> Vec<String> {
    diagnostic.trace.iter().map(|label| format!("{} {}", position(scan, label.span), label.text)).collect()
}
