//! `graph` and `eval`.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use support::{folder, terravet, terravet_asked, testdata};

const MODULE: &str = r#"variable "secret" {
  default   = "hunter2"
  sensitive = true
}

resource "aws_kms_key" "k" {}

resource "aws_s3_bucket" "b" {
  count  = 2
  bucket = "b-${count.index}"
}

resource "aws_sqs_queue" "q" {
  kms_master_key_id = aws_kms_key.k.arn
  policy            = var.secret
}

output "third" {
  value = 1 / 3
}
"#;

#[test]
fn the_graph_in_every_form() {
    let files = folder(&[("main.tf", MODULE)]);
    let graph = |format: &str| {
        let run = terravet(files.path(), &["graph", "--format", format]);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        run.stdout
    };
    insta::assert_snapshot!("text", graph("text"));
    insta::assert_snapshot!("json", graph("json"));
    insta::assert_snapshot!("dot", graph("dot"));
    insta::assert_snapshot!("mermaid", graph("mermaid"));
}

#[test]
fn a_template_has_conditions() {
    let run = terravet(&testdata("example/cloudformation"), &["graph", "--format", "json"]);
    let unit = &run.json()["units"][0];
    assert_eq!(unit["root"], "database.yaml");
    assert!(unit["conditions"]["IsProd"]["$unknown"].is_string(), "{unit}");
}

#[test]
fn what_cannot_be_evaluated_is_said() {
    let files = folder(&[("main.tf", "locals {\n  a = local.b\n  b = local.a\n}\n")]);
    let run = terravet(files.path(), &["graph", "--format", "json"]);
    assert_eq!(run.status, 3);
    assert_eq!(run.json()["units"][0]["errors"][0]["location"]["file"], "main.tf");
    assert_eq!(terravet(files.path(), &["graph", "nowhere", "--format", "json"]).stdout, "");
}

#[test]
fn expressions_are_worth_what_terraform_says() {
    let files = folder(&[("main.tf", MODULE)]);
    let run = terravet(
        files.path(),
        &["eval", "aws_s3_bucket.b[1].bucket", "aws_kms_key.k.arn", "[for n in range(2) : n + 1]", "var.secret"],
    );
    let expected = "\"b-1\"\n(aws_kms_key.k.arn: known after apply)\n[\n  1,\n  2,\n]\n(sensitive value)\n";
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, expected, ""));
    let wrong = terravet(files.path(), &["eval", "local.nowhere", "1"]);
    assert_eq!((wrong.status, wrong.stdout.as_str()), (3, "1\n"));
    assert!(wrong.stderr.contains("<expression>:1:"), "{}", wrong.stderr);
}

#[test]
fn questions_are_answered_line_by_line() {
    let files = folder(&[("main.tf", MODULE)]);
    let questions = "{\"id\": 1, \"expr\": \"tolist([1, 2])\"}\n\n{\"id\": \"k\", \"expr\": \"aws_kms_key.k.arn\"}\n{\"id\": 3}\nno\n{\"id\": 4, \"expr\": \"1 +\"}";
    let run = terravet_asked(files.path(), &["eval", "--stdin"], questions);
    let lines: Vec<serde_json::Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(run.status, 3);
    assert_eq!(lines[0], serde_json::json!({"id": 1, "value": [1, 2], "type": "list(number)"}));
    assert_eq!((&lines[1]["id"], &lines[1]["ref"]), (&"k".into(), &"aws_kms_key.k.arn".into()));
    assert!(lines[2..].iter().all(|line| line["error"].is_string()), "{lines:?}");
    assert_eq!(lines.len(), 5);
}

#[test]
fn values_with_intrinsic_functions_are_evaluated_in_a_template() {
    let folder = testdata("example/cloudformation");
    let run = terravet(
        &folder,
        &[
            "eval",
            "--template",
            "database.yaml",
            "--format",
            "json",
            "!Join ['-', [a, b]]",
            "{\"Ref\": \"Environment\"}",
        ],
    );
    let lines: Vec<serde_json::Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["id"], &lines[0]["value"]), (&1.into(), &"a-b".into()), "{}", run.stderr);
    assert!(lines[1]["unknown"].is_string());
}
