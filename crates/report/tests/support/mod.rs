//! A scan as the engine would give it, built by hand: two files of Terraform, findings of each form, an error and a note.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test file uses its own part; tests may panic")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use terravet_diagnostics::{
    Applicability, Certainty, Diagnostic, Edit, Finding, Fix, Label, Outcome, Profile, ResourceRef, RuleInfo, Severity,
    Subject, Summary,
};
use terravet_source::{Memory, SourceFile, Sources, Span};

pub const MODULE: &str = r#"variable "acl" {}

resource "aws_s3_bucket" "logs" {
  count  = 3
  bucket = "logs"
  acl    = var.acl
}

resource "aws_ebs_volume" "data" {
  size = 10
}
"#;

pub const ROOT: &str = r#"locals {
  acl = "public-read"
}

module "storage" {
  source = "./modules/storage"
  acl    = local.acl
}

module "remote" {
  source = "terraform-aws-modules/vpc/aws"
}
"#;

pub struct World {
    pub sources: Sources,
    pub outcome: Outcome,
    files: Vec<Arc<SourceFile>>,
}

impl World {
    /// The scan.
    pub fn new() -> Self {
        let sources = Sources::new(Arc::new(Memory::new([
            ("main.tf", ROOT),
            ("modules/storage/main.tf", MODULE),
            ("hostile.tf", "a = \"\u{1b}[2J\u{202e}\" ]\n"),
        ])));
        let files =
            ["main.tf", "modules/storage/main.tf", "hostile.tf"].map(|path| sources.load(Path::new(path)).unwrap());
        let mut world = Self { sources, outcome: Outcome::default(), files: files.into() };
        let diagnostics =
            vec![world.syntax_error(), world.opaque_module(), world.public_acl(), world.unencrypted_volume()];
        let by_severity = Severity::ALL
            .map(|severity| (severity, usize::from(severity >= Severity::Medium && severity < Severity::Critical)));
        let summary =
            Summary { files: 3, resources: 4, rules: 2, undecided: 1, by_severity: BTreeMap::from(by_severity) };
        let message = "aws-ebs-volume-without-encryption cannot be decided for aws_ebs_volume.x: var.x has no value";
        let span = world.span("main.tf", "locals");
        let undecided = vec![Diagnostic::note("aws-ebs-volume-without-encryption", span, message)];
        world.outcome =
            Outcome { diagnostics, suppressed: vec![world.unencrypted_volume()], undecided, rules: rules(), summary };
        world
    }

    /// The span of the first place where `text` stands in a file.
    pub fn span(&self, path: &str, text: &str) -> Span {
        let file = self.files.iter().find(|file| file.path() == Path::new(path)).unwrap();
        let start = file.text().find(text).unwrap();
        Span::new(file.id(), start..start + text.len())
    }

    fn label(&self, path: &str, text: &str, words: &str) -> Label {
        Label { span: self.span(path, text), text: words.into() }
    }

    fn syntax_error(&self) -> Diagnostic {
        Diagnostic::error(
            "hcl-syntax",
            self.span("hostile.tf", "]"),
            "a bracket is closed that was never opened: \u{1b}[31m",
        )
        .with_label("not opened")
        .with_help("remove it")
    }

    fn opaque_module(&self) -> Diagnostic {
        let message = "the module is not on this machine: what it creates is not judged";
        Diagnostic::note("module-not-here", self.span("main.tf", "\"terraform-aws-modules/vpc/aws\""), message)
    }

    fn public_acl(&self) -> Diagnostic {
        let module = "modules/storage/main.tf";
        let block = self
            .span(module, &MODULE[MODULE.find("resource").unwrap()..MODULE.find("\n\nresource \"aws_ebs").unwrap()]);
        let addresses = [
            "module.storage.aws_s3_bucket.logs[0]",
            "module.storage.aws_s3_bucket.logs[1]",
            "module.storage.aws_s3_bucket.logs[2]",
        ];
        let fix = Fix {
            description: "set `acl = \"private\"`".into(),
            applicability: Applicability::Safe,
            edits: vec![Edit { span: self.span("main.tf", "\"public-read\""), text: "\"private\"".into() }],
        };
        let finding = Finding {
            severity: Severity::High,
            certainty: Certainty::Certain,
            resource: ResourceRef {
                address: addresses[0].into(),
                native_type: "aws_s3_bucket".into(),
                name: "logs".into(),
                managed: true,
                kind: "aws.s3.bucket".into(),
                block,
            },
            instances: addresses.map(Arc::from).to_vec(),
            evidence: Vec::new(),
            fingerprint: "0123456789abcdef0123456789abcdef".into(),
            fix: Some(fix),
            accepted: None,
        };
        Diagnostic {
            id: "aws-s3-bucket-with-public-acl".into(),
            message: "bucket \"logs\" can be read by everyone".into(),
            primary: self.label(module, "var.acl", ""),
            trace: vec![
                self.label("main.tf", "local.acl", "module argument acl"),
                self.label("main.tf", "\"public-read\"", "value of local.acl"),
            ],
            related: vec![self.label(module, "variable \"acl\" {}", "declared here")],
            help: None,
            subject: Subject::Finding(Box::new(finding)),
        }
    }

    fn unencrypted_volume(&self) -> Diagnostic {
        let module = "modules/storage/main.tf";
        let block = self.span(module, "resource \"aws_ebs_volume\" \"data\" {\n  size = 10\n}");
        let fix = Fix {
            description: "set `encrypted = true`".into(),
            applicability: Applicability::Unsafe,
            edits: Vec::new(),
        };
        let finding = Finding {
            severity: Severity::Medium,
            certainty: Certainty::Possible("when var.env is not \"prod\"".into()),
            resource: ResourceRef {
                address: "module.storage.aws_ebs_volume.data".into(),
                native_type: "aws_ebs_volume".into(),
                name: "data".into(),
                managed: true,
                kind: "aws.ebs.volume".into(),
                block,
            },
            instances: vec!["module.storage.aws_ebs_volume.data".into()],
            evidence: Vec::new(),
            fingerprint: "fedcba9876543210fedcba9876543210".into(),
            fix: Some(fix),
            accepted: None,
        };
        Diagnostic {
            id: "aws-ebs-volume-without-encryption".into(),
            message: "volume \"data\" is not encrypted".into(),
            primary: self.label(module, "resource \"aws_ebs_volume\" \"data\"", "nothing is said about it here"),
            trace: Vec::new(),
            related: Vec::new(),
            help: None,
            subject: Subject::Finding(Box::new(finding)),
        }
    }
}

fn rules() -> Vec<RuleInfo> {
    let rule = |id: &str, title: &str, severity, profile, service: &str| RuleInfo {
        id: id.into(),
        title: title.into(),
        severity,
        profile,
        service: service.into(),
        body: format!("# {title}\n\nWhat can go wrong, and **how** to mend it.\n").into(),
        summary: "What can go wrong, and how to mend it.".into(),
        equivalents: vec!["checkov:CKV_AWS_0".into()],
        standards: vec!["fsbp-1.0:S3.1".into()],
        url: format!("https://github.com/terravet/terravet/blob/main/rules/aws/{service}/{id}.md").into(),
        secret: false,
    };
    vec![
        rule(
            "aws-ebs-volume-without-encryption",
            "EBS volume is not encrypted",
            Severity::Medium,
            Profile::Recommended,
            "ebs",
        ),
        rule("aws-s3-bucket-with-public-acl", "S3 bucket has a public ACL", Severity::High, Profile::Recommended, "s3"),
    ]
}
