//! Options, exit statuses, and what is said when something is wrong.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use support::{OPEN, folder, terravet, testdata};

#[test]
fn help_teaches() {
    let run = terravet(&testdata("example"), &["--help"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn the_status_says_what_was_found() {
    let open = folder(&[("main.tf", OPEN)]);
    let clean = folder(&[("main.tf", "locals {\n  a = 1\n}\n")]);
    let empty = folder::<&str>(&[]);
    assert_eq!(terravet(open.path(), &[]).status, 1);
    assert_eq!(terravet(open.path(), &["--fail-on", "critical"]).status, 0);
    assert_eq!(terravet(open.path(), &["scan", "main.tf"]).status, 1);
    assert_eq!(terravet(clean.path(), &[]).status, 0);
    assert_eq!(terravet(empty.path(), &["--allow-empty"]).status, 0);
    let nothing = terravet(empty.path(), &[]);
    assert_eq!(nothing.status, 3);
    assert!(nothing.stderr.contains("nothing to scan"), "{}", nothing.stderr);
}

#[test]
fn severities_below_the_least_are_left_out() {
    let open = folder(&[("main.tf", OPEN)]);
    let run = terravet(open.path(), &["--min-severity", "critical", "--format", "json"]);
    assert_eq!((run.status, run.places()), (0, Vec::new()));
}

#[test]
fn rules_are_chosen_by_id_pattern_and_other_tools_ids() {
    let open = folder(&[("main.tf", OPEN)]);
    let id = "aws-ec2-security-group-ssh-open-to-world";
    for name in [id, "aws-ec2-*ssh*", "CKV_AWS_24", "checkov:CKV_AWS_24"] {
        let run = terravet(open.path(), &["--select", name, "--format", "json"]);
        assert_eq!(run.places(), [format!("{id} main.tf:7:20")], "{name}");
    }
    let ignored = terravet(open.path(), &["--select", "CKV_AWS_24", "--ignore", "aws-ec2-*", "--format", "json"]);
    assert_eq!((ignored.status, ignored.places()), (0, Vec::new()));
}

#[test]
fn wrong_usage_is_refused_with_a_hint() {
    let open = folder(&[("main.tf", OPEN)]);
    let refused = |arguments: &[&str]| {
        let run = terravet(open.path(), arguments);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{arguments:?}: {}", run.stderr);
        run.stderr
    };
    let unknown = refused(&["--select", "aws-ec2-security-group-ssh-open-to-wrold"]);
    assert!(
        unknown.contains("unknown rule")
            && unknown.contains("did you mean `aws-ec2-security-group-ssh-open-to-world`?"),
        "{unknown}"
    );
    assert!(refused(&["explain", "no-such-rule"]).contains("unknown rule `no-such-rule`; `terravet rules` lists them"));
    assert!(refused(&["nowhere"]).contains("there is nothing at `nowhere`"));
    assert!(refused(&["--min-severity", "grave"]).contains("use critical, high, medium, low or info"));
    assert!(refused(&["--profile", "paranoid"]).contains("use recommended, strict or account"));
    assert!(refused(&["--var", "novalue"]).contains("--var name=value"));
    assert!(refused(&["--output", "no/such/folder/report.json"]).contains("cannot write no/such/folder/report.json"));
    assert!(refused(&["graph", "--format", "png"]).contains("use text, json, dot or mermaid"));
    refused(&["--no-such-option"]);
}

#[test]
fn a_report_in_a_file_leaves_a_summary_on_standard_error() {
    let open = folder(&[("main.tf", OPEN)]);
    let run = terravet(open.path(), &["--format", "json", "--output", "report.json"]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("1 high") && run.stderr.ends_with("the report is in report.json\n"), "{}", run.stderr);
    let report = std::fs::read_to_string(open.path().join("report.json")).unwrap();
    assert!(report.starts_with("{\n  \"version\": 1,"));
}

#[test]
fn files_of_values_that_do_not_exist_are_wrong_usage() {
    let open = folder(&[("main.tf", OPEN), ("folder/x.tf", "")]);
    for option in ["--var-file", "--parameters"] {
        for path in ["prdo.tfvars", "folder"] {
            for arguments in [["scan", option, path], ["graph", option, path]] {
                let run = terravet(open.path(), &arguments);
                assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{arguments:?}");
                let words = format!("there is no file `{path}`, which `{option}` names");
                assert!(run.stderr.contains(&words), "{arguments:?}: {}", run.stderr);
            }
        }
    }
}

#[test]
fn variables_come_from_options_files_and_the_environment() {
    let text = "variable \"cidr\" {\n  type = string\n}\n".to_owned() + &OPEN.replace("\"0.0.0.0/0\"", "var.cidr");
    let files = folder(&[("main.tf", text.as_str()), ("world.tfvars", "cidr = \"0.0.0.0/0\"\n")]);
    let found = |arguments: &[&str]| terravet(files.path(), &[&["--select", "CKV_AWS_24"], arguments].concat()).status;
    assert_eq!(found(&[]), 0);
    assert_eq!(found(&["--var", "cidr=0.0.0.0/0"]), 1);
    assert_eq!(found(&["--var-file", "world.tfvars"]), 1);
    assert_eq!(found(&["-var-file=world.tfvars", "-var", "cidr=10.0.0.0/8"]), 0);
    let mut command = support::command(files.path(), &["--select", "CKV_AWS_24"]);
    command.env("TF_VAR_cidr", "0.0.0.0/0");
    assert_eq!(support::finished(command).status, 1);
}

#[test]
fn rules_are_listed_and_explained() {
    let here = testdata("example");
    let list = terravet(&here, &["rules", "CKV_AWS_24"]);
    insta::assert_snapshot!(list.stdout);
    let json = terravet(&here, &["rules", "--service", "ec2", "--severity", "high", "--format", "json", "ssh"]).json();
    assert_eq!(json[0]["id"], "aws-ec2-security-group-ssh-open-to-world");
    let page = terravet(&here, &["explain", "CKV_AWS_24"]);
    assert_eq!(page.status, 0);
    assert!(
        page.stdout.starts_with("aws-ec2-security-group-ssh-open-to-world\nhigh, recommended profile, ec2\n"),
        "{}",
        page.stdout
    );
    assert!(page.stdout.contains("    Terraform that fails:\n"));
}

#[test]
fn rule_pages_of_ones_own_are_run_and_checked() {
    let page = "---\ntitle: Queue without a name\nseverity: low\nprofile: recommended\nkind: aws.sqs.queue\ncondition: \"!has(CONDITION)\"\nmessage: \"{address} has no key\"\nsince: 0.1.0\n---\n# Queue without a name\n\nWhy.\n";
    let queue = "resource \"aws_sqs_queue\" \"q\" {}\n";
    let good = page.replace("CONDITION", "key");
    let bad = page.replace("CONDITION", "keey");
    let files = folder(&[("main.tf", queue), ("rules/aws-own.md", &good), ("bad/aws-own.md", &bad)]);
    let known = terravet(files.path(), &["rules", "--rules", "rules", "aws-own"]);
    assert_eq!(known.status, 0, "{}", known.stderr);
    assert!(known.stdout.contains("aws-own"), "{}", known.stdout);
    let refused = terravet(files.path(), &["--rules", "bad", "--select", "aws-own"]);
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("bad/aws-own.md:6:"), "{}", refused.stderr);
}

#[test]
fn secrets_are_not_repeated_in_any_snippet_or_format() {
    let files = [
        (
            "main.tf",
            r#"variable "password" { default = "horsebattery7 x" }

resource "aws_db_instance" "db" {
  engine              = "postgres"
  publicly_accessible = true
  password            = "staplecorrect9" # until the move
  storage_encrypted   = false
}

resource "aws_db_instance" "other" {
  engine            = "postgres"
  storage_encrypted = true
  password          = var.password
}
"#,
        ),
        (
            "web.tf",
            "resource \"aws_instance\" \"web\" {\n  user_data = <<-EOT\n    export AWS_ACCESS_KEY_ID=AKIAQ3QHQ7QHQ2QHQ6QH\n  EOT\n}\n",
        ),
    ];
    let tree = folder(&files);
    for format in ["text", "json", "sarif"] {
        let run = terravet(tree.path(), &["--profile", "strict", "--format", format]);
        for secret in ["horsebattery7", "staplecorrect9", "Q3QH"] {
            assert!(!run.stdout.contains(secret), "{format}: {}", run.stdout);
        }
    }
    let run = terravet(tree.path(), &["--select", "aws-rds-database-with-hardcoded-password"]);
    insta::assert_snapshot!(run.stdout);
}
