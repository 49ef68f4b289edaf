//! Data sources that need no provider.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests may fail, and say that they are skipped"
)]

mod support;

use support::{load, load_text};
use terravet_graph::Content;
use terravet_report::evaluation::value_json;

#[test]
fn a_policy_document_is_the_text_that_the_provider_writes() {
    let tree = load_text(
        r#"
data "aws_iam_policy_document" "p" {
  policy_id = "id"
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:ListBucket", "s3:GetObject"]
    resources = ["arn:aws:s3:::b/&{aws:username}/*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"]
    }
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = ["1", "2"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = [true]
    }
  }
  statement {
    effect      = "Deny"
    not_actions = ["iam:*"]
    resources   = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
output "json" { value = data.aws_iam_policy_document.p.json }
output "minified" { value = data.aws_iam_policy_document.p.minified_json }
"#,
    );
    assert_eq!(tree.errors(), [""; 0]);
    let expected = r#"{
  "Version": "2012-10-17",
  "Id": "id",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": [
        "s3:ListBucket",
        "s3:GetObject"
      ],
      "Resource": "arn:aws:s3:::b/${aws:username}/*",
      "Principal": {
        "AWS": [
          "arn:aws:iam::222222222222:root",
          "arn:aws:iam::111111111111:root"
        ],
        "Service": "ec2.amazonaws.com"
      },
      "Condition": {
        "Bool": {
          "aws:SecureTransport": "true"
        },
        "StringEquals": {
          "aws:SourceAccount": [
            "1",
            "2"
          ]
        }
      }
    },
    {
      "Effect": "Deny",
      "NotAction": "iam:*",
      "Resource": "*",
      "Principal": "*"
    }
  ]
}"#;
    assert_eq!(tree.graph.outputs.get("json").unwrap().as_str(), Some(expected));
    let minified = tree.graph.outputs.get("minified").unwrap().as_str().unwrap();
    assert!(minified.starts_with(r#"{"Version":"2012-10-17","Id":"id","Statement":[{"Sid":"Read","Effect":"Allow""#));
}

#[test]
fn the_parts_of_a_policy_document_are_found_in_its_blocks() {
    let tree = load_text(
        r#"
variable "actions" { default = ["s3:*"] }
data "aws_iam_policy_document" "p" {
  statement {
    actions   = var.actions
    resources = ["*", aws_s3_bucket.b.arn]
  }
}
resource "aws_s3_bucket" "b" {}
resource "aws_iam_policy" "p" { policy = data.aws_iam_policy_document.p.json }
"#,
    );
    let policy = tree.resource("aws_iam_policy.p").attributes.get("policy");
    assert!(policy.is_unknown(), "one of its resources is");
    let Some(Content::Json(document)) = policy.content.as_deref() else { panic!("no structure") };
    assert_eq!(
        value_json(document),
        r#"{"Statement":[{"Action":"s3:*","Effect":"Allow","Resource":["*",{"$unknown":"known after apply","ref":"aws_s3_bucket.b.arn"}]}],"Version":"2012-10-17"}"#
    );
    let action = policy.part(document).get("Statement").elements()[0].get("Action");
    let way = tree.way(&action);
    assert_eq!(
        way.first().map(String::as_str),
        Some("main.tf:10 `data.aws_iam_policy_document.p.json` (through data.aws_iam_policy_document.p)")
    );
    assert_eq!(
        way[way.len() - 2..],
        ["main.tf:5 `var.actions` (through var.actions)", "main.tf:2 `\"s3:*\"` (default of var.actions)"]
    );
}

#[test]
fn documents_are_merged_by_sid() {
    let tree = load_text(
        r#"
data "aws_iam_policy_document" "base" {
  statement {
    sid       = "A"
    actions   = ["a:A"]
    resources = ["*"]
  }
  statement {
    sid       = "B"
    actions   = ["b:B"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "p" {
  source_policy_documents   = [data.aws_iam_policy_document.base.json]
  override_policy_documents = ["{\"Statement\": {\"Sid\": \"A\", \"Effect\": \"Deny\", \"Action\": \"a:*\", \"Resource\": \"*\"}}"]
  statement {
    sid       = "C"
    actions   = ["c:C"]
    resources = ["*"]
  }
}
output "json" { value = jsondecode(data.aws_iam_policy_document.p.json) }
"#,
    );
    assert_eq!(tree.errors(), [""; 0]);
    assert_eq!(
        tree.output("json"),
        concat!(
            r#"{"Statement":[{"Action":"a:*","Effect":"Deny","Resource":"*","Sid":"A"},"#,
            r#"{"Action":"b:B","Effect":"Allow","Resource":"*","Sid":"B"},"#,
            r#"{"Action":"c:C","Effect":"Allow","Resource":"*","Sid":"C"}],"Version":"2012-10-17"}"#
        )
    );
}

#[test]
fn an_open_statement_leaves_the_others_certain() {
    let tree = load_text(
        r#"
variable "admin" { type = bool }
data "aws_iam_policy_document" "p" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
  dynamic "statement" {
    for_each = var.admin ? [1] : []
    content {
      actions   = ["*"]
      resources = ["*"]
    }
  }
}
"#,
    );
    let json = tree.resource("data.aws_iam_policy_document.p").attributes.get("minified_json");
    let alternatives: Vec<String> = json
        .as_unknown()
        .unwrap()
        .candidates
        .iter()
        .map(|one| {
            format!("{}: {} statements", one.when[0].words, one.value.as_str().unwrap().matches("Effect").count())
        })
        .collect();
    assert_eq!(alternatives, ["var.admin is true: 2 statements", "var.admin is false: 1 statements"]);
}

#[test]
fn accounts_and_partitions_are_unknown_but_well_shaped() {
    let tree = load_text(
        r#"
data "aws_caller_identity" "me" {}
data "aws_partition" "here" {}
data "aws_arn" "bucket" { arn = "arn:aws:s3:::logs:x" }
output "o" {
  value = {
    known  = data.aws_arn.bucket.resource
    starts = startswith(data.aws_caller_identity.me.arn, "arn:")
    open   = data.aws_partition.here.partition
    null   = data.aws_caller_identity.me.account_id == null
  }
}
"#,
    );
    assert_eq!(tree.errors(), [""; 0]);
    assert_eq!(
        tree.output("o"),
        r#"{"known":"logs:x","null":false,"open":{"$unknown":"data.aws_partition.here is read at apply","ref":"data.aws_partition.here.partition"},"starts":true}"#
    );
}

#[test]
fn templates_files_and_states_are_read() {
    let state =
        r#"{"version": 4, "outputs": {"ids": {"value": ["a", "b"], "type": ["set", "string"]}}, "resources": []}"#;
    let tree = load(&[
        (
            "main.tf",
            r#"
data "template_file" "t" {
  template = "hello $${name}"
  vars     = { name = "you" }
}
data "local_file" "f" { filename = "${path.module}/a.txt" }
data "terraform_remote_state" "s" {
  backend = "local"
  config  = { path = "other/terraform.tfstate" }
}
data "terraform_remote_state" "gone" {
  backend = "s3"
  config  = { bucket = "b" }
}
output "o" {
  value = [data.template_file.t.rendered, data.local_file.f.content, data.terraform_remote_state.s.outputs.ids, data.terraform_remote_state.gone.outputs.x]
}
"#,
        ),
        ("a.txt", "text"),
        ("other/terraform.tfstate", state),
    ]);
    assert_eq!(tree.errors(), [""; 0]);
    assert_eq!(
        tree.output("o"),
        r#"["hello you","text",["a","b"],{"$unknown":"data.terraform_remote_state.gone is read at apply","ref":"data.terraform_remote_state.gone.outputs.x"}]"#
    );
}

#[test]
fn cloud_init_parts_become_one_document() {
    let tree = load_text(
        r#"
data "cloudinit_config" "c" {
  gzip          = false
  base64_encode = false
  part {
    content_type = "text/x-shellscript"
    filename     = "run.sh"
    content      = "echo"
  }
  part { content = "two" }
}
output "o" { value = data.cloudinit_config.c.rendered }
"#,
    );
    let expected = "Content-Type: multipart/mixed; boundary=\"MIMEBOUNDARY\"\nMIME-Version: 1.0\r\n\r\n\
        --MIMEBOUNDARY\r\nContent-Disposition: attachment; filename=\"run.sh\"\r\nContent-Transfer-Encoding: 7bit\r\n\
        Content-Type: text/x-shellscript\r\nMime-Version: 1.0\r\n\r\necho\r\n\
        --MIMEBOUNDARY\r\nContent-Transfer-Encoding: 7bit\r\nContent-Type: text/plain\r\nMime-Version: 1.0\r\n\r\ntwo\r\n\
        --MIMEBOUNDARY--\r\n";
    assert_eq!(tree.graph.outputs.get("o").unwrap().as_str(), Some(expected));
}

#[test]
fn a_null_data_source_hands_on_its_inputs_once_all_are_known() {
    let tree = load_text(
        r#"
resource "null_resource" "download" {}
data "null_data_source" "known" { inputs = { number = 1, name = "a" } }
data "null_data_source" "waits" { inputs = { after = null_resource.download.id, file = "later.json" } }
output "known" { value = data.null_data_source.known.outputs }
output "waits" { value = jsondecode(file(data.null_data_source.waits.outputs["file"])) }
"#,
    );
    assert_eq!(tree.errors(), [""; 0]);
    assert_eq!(tree.output("known"), r#"{"name":"a","number":"1"}"#);
    assert!(tree.output("waits").starts_with(r#"{"$unknown""#));
}
