//! Whatever the text, loading ends, with spans that lie in their files, and with the same result each time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests may fail, and say that they are skipped"
)]

mod support;

use proptest::prelude::*;
use support::{load, load_plan};

const MAIN: &str = r#"variable "names" {
  type    = map(object({ size = optional(number, 1), open = optional(bool) }))
  default = { a = {}, b = { size = 2, open = true } }
  validation {
    condition     = length(var.names) > 0
    error_message = "none: ${length(var.names)}"
  }
}
variable "env" { type = string }
locals {
  big  = { for name, one in var.names : name => one if one.size > 1 }
  tags = merge({ env = var.env }, { "${var.env}-x" = "y" })
}
resource "aws_s3_bucket" "b" {
  for_each = local.big
  bucket   = "${each.key}-${var.env == "prod" ? "p" : "d"}"
  tags     = local.tags
  dynamic "rule" {
    for_each = [for n in range(each.value.size) : n]
    content { id = rule.value }
  }
  lifecycle { ignore_changes = [tags] }
}
data "aws_iam_policy_document" "p" {
  statement {
    actions   = ["s3:*"]
    resources = [for b in aws_s3_bucket.b : b.arn]
  }
}
module "m" {
  source = "./m"
  count  = 2
  policy = data.aws_iam_policy_document.p.json
}
output "all" { value = [module.m[*].id, aws_s3_bucket.b, try(module.m[5].id, "none")] }
"#;

const MODULE: &str = "variable \"policy\" {}\nresource \"terraform_data\" \"t\" { input = jsondecode(var.policy) }\noutput \"id\" { value = terraform_data.t.output }\n";

/// A text with a stretch of it replaced by another.
fn spliced(text: &str, at: usize, length: usize, from: usize, taken: usize) -> String {
    let boundary =
        |offset: usize| (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (at, end) = (boundary(at), boundary(at + length));
    let (from, until) = (boundary(from), boundary(from + taken));
    format!("{}{}{}", &text[..at], &text[from..until], &text[end.max(at)..])
}

/// Everything that is said about a tree of these files.
fn told(main: &str, module: &str) -> Vec<String> {
    let tree = load(&[("main.tf", main), ("m/main.tf", module), ("terraform.tfvars", "env = \"prod\"\n")]);
    for problem in &tree.graph.diagnostics {
        for span in problem.spans() {
            if let Ok(file) = tree.sources.open(span.file) {
                assert!(file.text().get(span.range()).is_some(), "{span:?} is outside of {}", file.path().display());
            }
        }
    }
    let resources =
        tree.graph.resources.iter().map(|resource| format!("{} {}", resource.address, tree.json(&resource.address)));
    resources.chain(tree.errors()).chain(tree.notes()).collect()
}

#[test]
fn the_text_itself_is_fine() {
    assert_eq!(
        told(MAIN, MODULE).iter().filter(|line| line.contains(".tf:")).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn broken_configuration_is_survived(at in 0usize..1400, length in 0usize..40, from in 0usize..1400, taken in 0usize..60) {
        let broken = spliced(MAIN, at, length, from, taken);
        prop_assert_eq!(told(&broken, MODULE), told(&broken, MODULE));
    }

    #[test]
    fn broken_modules_are_survived(at in 0usize..150, length in 0usize..20, from in 0usize..150, taken in 0usize..30) {
        let broken = spliced(MODULE, at, length, from, taken);
        prop_assert_eq!(told(MAIN, &broken), told(MAIN, &broken));
    }

    #[test]
    fn broken_plans_are_survived(at in 0usize..400, length in 0usize..20, from in 0usize..400, taken in 0usize..30) {
        let plan = r#"{"format_version":"1.2","terraform_version":"1","variables":{"env":{"value":"prod"}},"planned_values":{"outputs":{},"root_module":{"resources":[{"address":"aws_s3_bucket.b[\"b\"]","mode":"managed","type":"aws_s3_bucket","name":"b","index":"b","values":{"bucket":"b-p","rule":[{"id":"0"},{"id":"1"}]}}]}},"resource_changes":[{"address":"aws_s3_bucket.b[\"b\"]","change":{"after_unknown":{"arn":true}}}]}"#;
        let broken = spliced(plan, at, length, from, taken);
        load_plan(&[("plan.json", broken.as_str()), ("main.tf", MAIN), ("m/main.tf", MODULE)], "plan.json");
    }
}
