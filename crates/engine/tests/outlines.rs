//! Modules that are not on this machine, judged by their arguments.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::sync::Arc;

use support::{memory, scan, told};
use terravet_engine::{Options, Session};

const ENCRYPTION: &str = "aws-rds-instance-without-encryption";
const BACKUP: &str = "aws-rds-instance-without-backup";
const SSH: &str = "aws-ec2-security-group-ssh-open-to-world";
const VERSIONING: &str = "aws-s3-bucket-without-versioning";

/// What a rule finds in one file, without the notes.
fn findings(rule: &str, text: &str) -> Vec<String> {
    let scan = scan(rule, &[("main.tf", text)]);
    told(&scan).into_iter().filter(|line| !line.contains("module-not-vendored")).collect()
}

#[test]
fn every_outline_holds_together() {
    let session = Session::new(Options::default(), Arc::new(memory(&[]))).unwrap();
    let problems = session.stub_problems();
    let place = |span: terravet_source::Span| {
        let sources = session.sources();
        let path = sources.path(span.file).display().to_string();
        format!("{path}@{}", span.start)
    };
    let problems: Vec<_> =
        problems.iter().map(|problem| format!("{}: {}", place(problem.primary.span), problem.message)).collect();
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn a_finding_stands_at_the_argument_and_names_the_call() {
    let text = "module \"db\" {
  source = \"terraform-aws-modules/rds/aws\"
  engine = \"mysql\"
  backup_retention_period = 0
}
";
    let expected = format!("main.tf:4:29 {BACKUP}: module.db keeps no automated backups");
    assert_eq!(findings(BACKUP, text), [expected]);
}

#[test]
fn what_is_not_given_is_as_the_release_has_it() {
    let with = |version: &str| {
        findings(
            ENCRYPTION,
            &format!(
                "module \"db\" {{\n  source = \"terraform-aws-modules/rds/aws\"\n{version}  engine = \"mysql\"\n}}\n"
            ),
        )
    };
    let expected = format!("main.tf:1:1 {ENCRYPTION}: module.db stores its data unencrypted");
    assert_eq!(with("  version = \"~> 3.0\"\n"), [expected]);
    assert_eq!(with("  version = \"~> 4.0\"\n"), Vec::<String>::new());
    // Either may be meant.
    assert_eq!(with("  version = \">= 3.0\"\n"), Vec::<String>::new());
    assert_eq!(with(""), Vec::<String>::new());
}

#[test]
fn the_way_of_writing_the_source_makes_no_difference() {
    for source in [
        "registry.terraform.io/terraform-aws-modules/rds/aws",
        "git::https://github.com/terraform-aws-modules/terraform-aws-rds.git?ref=v5.1.0",
        "github.com/terraform-aws-modules/terraform-aws-rds",
    ] {
        let text = format!(
            "module \"db\" {{\n  source = \"{source}\"\n  engine = \"mysql\"\n  storage_encrypted = false\n}}\n"
        );
        assert_eq!(findings(ENCRYPTION, &text).len(), 1, "{source}");
    }
    let other = "module \"db\" {\n  source = \"example/rds/aws\"\n  storage_encrypted = false\n}\n";
    assert_eq!(findings(ENCRYPTION, other), Vec::<String>::new());
}

#[test]
fn names_of_rules_and_lists_in_text_mean_what_the_module_makes_of_them() {
    let text = r#"module "web" {
  source = "terraform-aws-modules/security-group/aws"
  ingress_with_cidr_blocks = [
    { rule = "https-443-tcp", cidr_blocks = "0.0.0.0/0" },
    { rule = "ssh-tcp", cidr_blocks = "10.0.0.0/8,0.0.0.0/0" },
  ]
}

module "ssh" {
  source              = "terraform-aws-modules/security-group/aws//modules/ssh"
  ingress_cidr_blocks = ["0.0.0.0/0"]
}

module "closed" {
  source = "terraform-aws-modules/security-group/aws//modules/ssh"
}
"#;
    let expected = [
        format!("main.tf:5:39 {SSH}: module.web lets the whole internet reach SSH (port 22)"),
        format!("main.tf:11:26 {SSH}: module.ssh lets the whole internet reach SSH (port 22)"),
    ];
    assert_eq!(findings(SSH, text), expected);
}

#[test]
fn what_the_configuration_adds_to_a_module_counts() {
    let bucket = "module \"logs\" {\n  source = \"terraform-aws-modules/s3-bucket/aws\"\n  bucket = \"logs\"\n}\n";
    assert_eq!(findings(VERSIONING, bucket).len(), 1);
    let versioning = r#"
resource "aws_s3_bucket_versioning" "logs" {
  bucket = module.logs.s3_bucket_id
  versioning_configuration { status = "Enabled" }
}
"#;
    assert_eq!(findings(VERSIONING, &format!("{bucket}{versioning}")), Vec::<String>::new());
    // Another module may do it as well.
    let opaque =
        "\nmodule \"other\" {\n  source = \"example/versioning/aws\"\n  bucket = module.logs.s3_bucket_id\n}\n";
    assert_eq!(findings(VERSIONING, &format!("{bucket}{opaque}")), Vec::<String>::new());
}

#[test]
fn what_is_given_and_not_known_is_not_decided() {
    let text = r#"variable "encrypted" { type = bool }

module "db" {
  source            = "terraform-aws-modules/rds/aws"
  engine            = "mysql"
  storage_encrypted = var.encrypted
}
"#;
    assert_eq!(findings(ENCRYPTION, text), Vec::<String>::new());
}

#[test]
fn instances_of_a_call_are_one_finding() {
    let text = r#"module "db" {
  for_each          = toset(["a", "b"])
  source            = "terraform-aws-modules/rds/aws"
  engine            = "mysql"
  storage_encrypted = each.key == "c"
}
"#;
    let scan = scan(ENCRYPTION, &[("main.tf", text)]);
    let findings: Vec<_> = scan.outcome.diagnostics.iter().filter_map(|diagnostic| diagnostic.finding()).collect();
    assert_eq!(findings.len(), 1);
    let instances = findings[0].instances.to_vec();
    assert_eq!(instances, ["module.db[\"a\"]".into(), "module.db[\"b\"]".into()] as [Arc<str>; 2]);
    assert_eq!((&*findings[0].resource.native_type, &*findings[0].resource.name), ("aws_db_instance", "db"));
}
