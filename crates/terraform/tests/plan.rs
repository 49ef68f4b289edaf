//! Plan files, alone and beside the configuration that they were made from.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests may fail, and say that they are skipped"
)]

mod support;

use support::{Tree, load_plan};
use terravet_terraform::recognise_plan;

const CONFIGURATION: &str = r#"variable "acl" {}
resource "aws_kms_key" "k" {}
module "m" {
  source   = "./m"
  for_each = toset(["a.b"])
  acl      = var.acl
  key      = aws_kms_key.k.arn
}
"#;

const MODULE: &str = r#"variable "acl" {}
variable "key" {}
resource "aws_s3_bucket" "b" {
  acl = var.acl
  rule {
    key = var.key
  }
}
"#;

const PLAN: &str = r#"{"format_version": "1.2", "terraform_version": "1.11.4",
 "variables": {"acl": {"value": "public-read"}},
 "planned_values": {
  "outputs": {"secret": {"sensitive": true, "value": "s"}},
  "root_module": {
   "resources": [
    {"address": "aws_kms_key.k", "mode": "managed", "type": "aws_kms_key", "name": "k", "values": {"tags": null, "policies": []}}
   ],
   "child_modules": [{"address": "module.m[\"a.b\"]", "resources": [
    {"address": "module.m[\"a.b\"].aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b",
     "values": {"acl": "public-read", "force_destroy": false, "rule": [{}], "tags": null}}]}]}},
 "resource_changes": [
  {"address": "aws_kms_key.k", "change": {"actions": ["create"], "after_unknown": {"arn": true}, "after_sensitive": {}}},
  {"address": "module.m[\"a.b\"].aws_s3_bucket.b", "module_address": "module.m[\"a.b\"]",
   "change": {"actions": ["create"], "after_unknown": {"id": true, "rule": [{"key": true}]}, "after_sensitive": {"force_destroy": true}}},
  {"address": "aws_x.deleted", "change": {"actions": ["delete"], "after_unknown": {}}}],
 "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": [
   {"address": "data.aws_region.here", "mode": "data", "type": "aws_region", "name": "here", "values": {"name": "eu-west-1"}}]}}},
 "configuration": {"root_module": {
  "resources": [{"address": "aws_kms_key.k", "mode": "managed", "type": "aws_kms_key", "name": "k", "expressions": {}}],
  "module_calls": {"m": {"source": "./m", "module": {"resources": [
   {"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b",
    "expressions": {"acl": {"references": ["var.acl"]}, "rule": [{"key": {"references": ["aws_kms_key.other.arn", "aws_kms_key.other"]}}]}}]}}}}}}
"#;

const BUCKET: &str = "module.m[\"a.b\"].aws_s3_bucket.b";

fn alone() -> Tree {
    load_plan(&[("plan.json", PLAN)], "plan.json")
}

#[test]
fn a_plan_is_told_by_its_properties() {
    assert!(recognise_plan(PLAN));
    assert!(!recognise_plan("{\"format_version\": \"1.0\", \"Resources\": {}}"));
    assert!(!recognise_plan("format_version planned_values terraform_version"));
}

#[test]
fn a_plan_alone_has_everything_that_will_be() {
    let tree = alone();
    assert_eq!(tree.addresses(), ["aws_kms_key.k", BUCKET, "data.aws_region.here"]);
    assert_eq!(
        tree.json(BUCKET),
        concat!(
            r#"{"acl":"public-read","force_destroy":false,"id":{"$unknown":"known after apply","ref":"module.m[\"a.b\"].aws_s3_bucket.b.id"},"#,
            r#""rule":[{"key":{"$unknown":"known after apply","ref":"module.m[\"a.b\"].aws_kms_key.other.arn"}}],"tags":null}"#
        )
    );
    let attributes = &tree.resource(BUCKET).attributes;
    assert!(attributes.get("force_destroy").sensitive && !attributes.get("acl").sensitive);
    assert_eq!(tree.way(&attributes.get("acl")), ["plan.json:11 `\"public-read\"` (written here)"]);
    assert!(tree.graph.outputs.get("secret").unwrap().sensitive);
}

#[test]
fn beside_its_configuration_a_plan_is_found_in_it() {
    let tree =
        load_plan(&[("p/plan.json", PLAN), ("p/main.tf", CONFIGURATION), ("p/m/main.tf", MODULE)], "p/plan.json");
    let bucket = tree.resource(BUCKET);
    assert_eq!(tree.place(bucket.header), "p/m/main.tf:3 `resource \"aws_s3_bucket\" \"b\"`");
    assert_eq!(
        tree.way(&bucket.attributes.get("acl")),
        [
            "p/m/main.tf:4 `var.acl` (through var.acl)",
            "p/main.tf:6 `var.acl` (module argument acl)",
            "p/main.tf:6 `var.acl` (through var.acl)",
            "p/plan.json:2 `\"public-read\"` (var.acl is set here)",
        ]
    );
    // What nobody wrote and the provider leaves alone is not there.
    assert_eq!(
        tree.json(BUCKET),
        concat!(
            r#"{"acl":"public-read","force_destroy":false,"id":{"$unknown":"known after apply","ref":"module.m[\"a.b\"].aws_s3_bucket.b.id"},"#,
            r#""rule":[{"key":{"$unknown":"known after apply","ref":"aws_kms_key.k.arn"}}]}"#
        )
    );
}

#[test]
fn plans_from_before_the_first_stable_format_are_read_as_well() {
    let old = PLAN.replacen("\"1.2\"", "\"0.1\"", 1);
    let tree = load_plan(&[("plan.json", old.as_str())], "plan.json");
    assert_eq!(tree.errors(), Vec::<String>::new());
    assert_eq!(tree.json(BUCKET), alone().json(BUCKET));
}

#[test]
fn a_plan_that_cannot_be_read_is_told() {
    let version = load_plan(&[("plan.json", "{\"format_version\": \"2.0\"}")], "plan.json");
    assert_eq!(
        version.errors(),
        ["plan.json:1 `\"2.0\"`: plans of format version \"2.0\" are not known; this can read 0.x and 1.x"]
    );
    assert_eq!(load_plan(&[("plan.json", "{")], "plan.json").errors().len(), 1);
    assert_eq!(load_plan(&[], "plan.json").errors().len(), 1);
}

#[test]
fn what_of_a_plan_has_the_wrong_shape_is_told_and_the_rest_is_read() {
    let plan = |values: &str, rest: &str| {
        let text = format!(
            "{{\"format_version\": \"1.2\", \"terraform_version\": \"1.9.0\",\n\"planned_values\": {values}{rest}}}"
        );
        load_plan(&[("plan.json", &text)], "plan.json").errors()
    };
    assert_eq!(plan("{}", ""), Vec::<String>::new());
    assert_eq!(plan("[]", ""), ["plan.json:2 `[]`: `planned_values` in a plan is an object, and this is a list"]);
    assert_eq!(
        plan(r#"{"root_module": {"resources": {}, "child_modules": [7]}}"#, ", \"resource_changes\": 3"),
        [
            "plan.json:2 `3`: `resource_changes` in a plan is a list, and this is a number",
            "plan.json:2 `{}`: `resources` in a plan is a list, and this is an object",
            "plan.json:2 `7`: a module is an object, and this is a number",
        ]
    );
    assert_eq!(
        plan(r#"{"root_module": {"resources": [{"address": true, "name": "n"}]}}"#, ""),
        [
            "plan.json:2 `{\"address\": true, \"name\": \"n\"}`: this resource lacks `mode`, `type`",
            "plan.json:2 `true`: `address` in a plan is text, and this is a boolean",
        ]
    );
    let many = format!("{{\"root_module\": {{\"resources\": [{}1]}}}}", "1, ".repeat(100));
    assert_eq!(plan(&many, "").len(), 16);
}
