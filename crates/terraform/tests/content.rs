//! Arguments and nested blocks: what a resource's object is.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests may fail, and say that they are skipped"
)]

mod support;

use support::{load, load_text};
use terravet_graph::Value;
use terravet_report::evaluation::value_json;

#[test]
fn nested_blocks_are_lists_of_objects() {
    let tree = load_text(
        r#"
resource "aws_instance" "i" {
  ami = "a"
  root_block_device { encrypted = true }
  ebs_block_device { device_name = "x" }
  ebs_block_device { device_name = "y" }
}
"#,
    );
    assert_eq!(
        tree.json("aws_instance.i"),
        r#"{"ami":"a","ebs_block_device":[{"device_name":"x"},{"device_name":"y"}],"root_block_device":[{"encrypted":true}]}"#
    );
}

#[test]
fn dynamic_blocks_are_the_blocks_that_they_stand_for() {
    let tree = load_text(
        r#"
locals { groups = { web = [80, 443], ssh = [22] } }
resource "aws_x" "x" {
  group { name = "first" }
  dynamic "group" {
    for_each = local.groups
    iterator = g
    content {
      name = g.key
      dynamic "port" {
        for_each = toset([for p in g.value : tostring(p)])
        content {
          group  = g.key
          number = port.value
        }
      }
    }
  }
}
"#,
    );
    assert_eq!(tree.errors(), [""; 0]);
    assert_eq!(
        tree.json("aws_x.x"),
        r#"{"group":[{"name":"first"},{"name":"ssh","port":[{"group":"ssh","number":"22"}]},{"name":"web","port":[{"group":"web","number":"443"},{"group":"web","number":"80"}]}]}"#
    );
}

/// Each alternative of a value, with the words for when it is this one.
fn alternatives(value: &Value) -> Vec<String> {
    let candidates = &value.as_unknown().unwrap().candidates;
    let words = candidates.iter().map(|one| {
        let when: Vec<&str> = one.when.iter().map(|guard| &*guard.words).collect();
        format!("{} when {}", value_json(&one.value), when.join(" and "))
    });
    words.collect()
}

#[test]
fn a_dynamic_block_over_something_open_is_there_or_not() {
    let tree = load_text(
        r#"
variable "rules" { type = list(object({ port = number })) }
variable "open" { type = bool }
resource "aws_security_group" "g" {
  dynamic "ingress" {
    for_each = var.rules
    content {
      from_port   = ingress.value.port
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
  dynamic "egress" {
    for_each = var.open ? [1] : []
    content { from_port = 0 }
  }
}
"#,
    );
    let attributes = &tree.resource("aws_security_group.g").attributes;
    assert_eq!(
        alternatives(&attributes.get("ingress")),
        [
            "[] when var.rules is empty",
            r#"[{"cidr_blocks":["0.0.0.0/0"],"from_port":{"$unknown":"var.rules has no value"}}] when var.rules is not empty"#,
        ]
    );
    assert_eq!(
        alternatives(&attributes.get("egress")),
        [r#"[{"from_port":0}] when var.open is true"#, "[] when var.open is false"]
    );
}

#[test]
fn json_syntax_is_the_same_as_native_syntax() {
    let tree = load(&[(
        "main.tf.json",
        r#"{
  "locals": {"ports": [80, 443]},
  "resource": {"aws_x": {"x": {
    "count": 2,
    "name": "n-${count.index}",
    "dynamic": {"rule": {"for_each": "${local.ports}", "content": {"port": "${rule.value}"}}}
  }}}
}"#,
    )]);
    assert_eq!(tree.errors(), [""; 0]);
    assert_eq!(tree.json("aws_x.x[1]"), r#"{"name":"n-1","rule":[{"port":80},{"port":443}]}"#);
}

#[test]
fn what_is_said_to_terraform_is_apart_from_what_is_said_to_the_provider() {
    let tree = load_text(
        r#"
resource "aws_x" "a" {}
resource "aws_x" "x" {
  name       = "n"
  provider   = aws.other
  depends_on = [aws_x.a]
  lifecycle {
    prevent_destroy = true
    ignore_changes  = [tags, name]
  }
  provisioner "local-exec" { command = "echo ${self.name} ${self.id}" }
}
"#,
    );
    assert_eq!(tree.errors(), [""; 0]);
    assert_eq!(tree.json("aws_x.x"), r#"{"name":"n"}"#);
    assert_eq!(
        value_json(&tree.resource("aws_x.x").meta),
        r#"{"depends_on":["aws_x.a"],"lifecycle":{"ignore_changes":["tags","name"],"prevent_destroy":true},"provider":"aws.other","provisioner":[{"command":{"$unknown":"known after apply"},"type":"local-exec"}]}"#
    );
}

#[test]
fn what_providers_compute_is_a_reference_and_never_an_error() {
    let tree = load_text(
        r#"
resource "aws_eks_cluster" "c" {
  count = 1
  name  = "c"
  role  = null
  vpc_config { subnet_ids = ["s"] }
}
output "o" {
  value = [
    aws_eks_cluster.c[0].certificate_authority[0].data,
    aws_eks_cluster.c[0].vpc_config[0].vpc_id,
    one(aws_eks_cluster.c[*].role),
    { for k, c in aws_eks_cluster.c : c.name => c.arn },
    try(aws_eks_cluster.c[1].name, "none"),
  ]
}
"#,
    );
    assert_eq!(tree.errors(), [""; 0]);
    assert_eq!(
        tree.output("o"),
        concat!(
            r#"[{"$unknown":"known after apply","ref":"aws_eks_cluster.c[0].certificate_authority[0].data"},"#,
            r#"{"$unknown":"known after apply","ref":"aws_eks_cluster.c[0].vpc_config[0].vpc_id"},"#,
            r#"{"$unknown":"known after apply","ref":"aws_eks_cluster.c[0].role"},"#,
            r#"{"c":{"$unknown":"known after apply","ref":"aws_eks_cluster.c[0].arn"}},"none"]"#
        )
    );
}
