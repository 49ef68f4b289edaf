//! Every value remembers the way that it came.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests may fail, and say that they are skipped"
)]

mod support;

use support::{load, load_text};

#[test]
fn a_value_from_a_values_file_shows_every_hop_to_where_it_is_used() {
    let tree = load(&[
        ("terraform.tfvars", "tags = { env = \"prod\" }\n"),
        (
            "main.tf",
            r#"
variable "tags" { type = map(string) }
locals { all = merge(var.tags, { team = "a" }) }
module "m" {
  source = "./m"
  tags   = local.all
}
"#,
        ),
        (
            "m/main.tf",
            r#"
variable "tags" {}
resource "aws_s3_bucket" "b" {
  bucket = var.tags["env"]
}
"#,
        ),
    ]);
    assert_eq!(tree.errors(), [""; 0]);
    let bucket = tree.resource("module.m.aws_s3_bucket.b").attributes.get("bucket");
    assert_eq!(bucket.as_str(), Some("prod"));
    assert_eq!(
        tree.way(&bucket),
        [
            "m/main.tf:4 `var.tags[\"env\"]` (through var.tags)",
            "main.tf:6 `local.all` (module argument tags)",
            "main.tf:6 `local.all` (through local.all)",
            "main.tf:3 `merge(var.tags, { team = \"a\" })` (value of local.all)",
            "main.tf:3 `merge(var.tags, { team = \"a\" })` (made by merge())",
            "main.tf:3 `var.tags` (through var.tags)",
            "terraform.tfvars:1 `\"prod\"` (var.tags is set here)",
        ]
    );
}

#[test]
fn a_default_is_found_at_the_literal_within_it() {
    let tree = load_text(
        r#"
variable "rules" {
  default = [{ port = 22 }, { port = 80 }]
}
resource "aws_security_group" "g" {
  dynamic "ingress" {
    for_each = var.rules
    content { from_port = ingress.value.port }
  }
}
"#,
    );
    let ports: Vec<_> = tree.resource("aws_security_group.g").attributes.get("ingress").elements();
    assert_eq!(
        tree.way(&ports[0].get("from_port")),
        [
            "main.tf:8 `ingress.value.port` (through ingress.value)",
            "main.tf:7 `var.rules` (through var.rules)",
            "main.tf:3 `22` (default of var.rules)",
        ]
    );
}

#[test]
fn a_written_attribute_of_another_resource_can_be_followed() {
    let tree = load_text(
        r#"
resource "aws_s3_bucket" "b" { bucket = "logs" }
resource "aws_s3_bucket_versioning" "v" { bucket = aws_s3_bucket.b.bucket }
resource "aws_s3_bucket_acl" "a" { bucket = aws_s3_bucket.b.id }
"#,
    );
    let references = |address: &str| -> Vec<String> {
        tree.resource(address).attributes.get("bucket").references().map(ToString::to_string).collect()
    };
    assert_eq!(references("aws_s3_bucket_versioning.v"), ["aws_s3_bucket.b.bucket"]);
    assert_eq!(references("aws_s3_bucket_acl.a"), ["aws_s3_bucket.b.id"]);
    let bucket = tree.resource("aws_s3_bucket_versioning.v").attributes.get("bucket");
    assert_eq!(
        tree.way(&bucket),
        [
            "main.tf:3 `aws_s3_bucket.b.bucket` (through aws_s3_bucket.b)",
            "main.tf:2 `\"logs\"` (through aws_s3_bucket.b.bucket)"
        ]
    );
}

#[test]
fn outputs_of_modules_lead_back_into_them() {
    let tree = load(&[
        ("main.tf", "module \"m\" { source = \"./m\" }\nresource \"aws_x\" \"x\" { v = module.m.acl }\n"),
        ("m/main.tf", "output \"acl\" { value = \"public-read\" }\n"),
    ]);
    assert_eq!(
        tree.way(&tree.resource("aws_x.x").attributes.get("v")),
        ["main.tf:2 `module.m.acl` (through module.m.acl)", "m/main.tf:1 `\"public-read\"` (value of output acl)"]
    );
}
