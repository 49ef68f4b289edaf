//! Which modules there are, what they are called with, and which instances their blocks have.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests may fail, and say that they are skipped"
)]

mod support;

use std::sync::Arc;

use support::{load, load_folder, load_from, load_text, load_with, roots};
use terravet_graph::{Mode, Why};
use terravet_report::evaluation::value_json;
use terravet_source::{Boundary, Disk, Memory, Sources};
use terravet_terraform::{Loader, Options};

#[test]
fn a_folder_that_another_calls_is_no_root_module() {
    let files = [
        ("app/main.tf", "module \"a\" { source = \"../modules/a\" }"),
        ("modules/a/main.tf", "module \"b\" { source = \"./b\" }"),
        ("modules/a/b/main.tf", ""),
        ("alone/main.tf.json", "{\"module\": {\"gone\": {\"source\": \"../nowhere\"}}}"),
        ("circle/a/main.tf", "module \"b\" { source = \"../b\" }"),
        ("circle/b/main.tf", "module \"a\" { source = \"../a\" }"),
    ];
    assert_eq!(roots(&files), ["alone", "app", "circle/a"]);
}

#[test]
fn a_call_that_cannot_be_read_hides_nothing() {
    let files = [("app/main.tf", "module \"a\" { source = \"../a\" \n oops"), ("a/main.tf", "")];
    assert_eq!(roots(&files), ["a", "app"]);
}

#[test]
fn modules_are_instances_by_their_arguments() {
    let tree = load(&[
        (
            "main.tf",
            r#"
module "m" {
  source   = "./m"
  for_each = { a = 1, "b.c" = 2 }
  count_of = each.value
}
output "names" { value = [for key, m in module.m : "${key} ${m.names[0]}"] }
output "one" { value = module.m["a"].names }
"#,
        ),
        (
            "m/main.tf",
            r#"
variable "count_of" { type = number }
resource "aws_s3_bucket" "b" {
  count  = var.count_of
  bucket = "bucket-${count.index}"
}
output "names" { value = aws_s3_bucket.b[*].bucket }
"#,
        ),
    ]);
    assert_eq!(tree.errors(), [""; 0]);
    assert_eq!(
        tree.addresses(),
        [
            "module.m[\"a\"].aws_s3_bucket.b[0]",
            "module.m[\"b.c\"].aws_s3_bucket.b[0]",
            "module.m[\"b.c\"].aws_s3_bucket.b[1]",
        ]
    );
    assert_eq!(tree.output("names"), r#"["a bucket-0","b.c bucket-0"]"#);
    assert_eq!(tree.output("one"), r#"["bucket-0"]"#);
}

#[test]
fn a_module_that_is_not_on_this_machine_is_a_note_and_its_arguments_stay() {
    let tree = load_text(
        r#"
module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.0.0"
  cidr    = "10.0.0.0/16"
}
resource "aws_subnet" "s" { vpc_id = module.vpc.vpc_id }
"#,
    );
    assert_eq!(tree.errors(), [""; 0]);
    assert_eq!(
        tree.notes(),
        [
            "main.tf:3 `\"terraform-aws-modules/vpc/aws\"`: module `vpc` is not on this machine; what it creates was not judged"
        ]
    );
    let call = tree.resource("module.vpc");
    assert_eq!((call.mode, &*call.native_type), (Mode::OpaqueModule, "terraform-aws-modules/vpc/aws"));
    assert_eq!(tree.json("module.vpc"), r#"{"cidr":"10.0.0.0/16"}"#);
    assert_eq!(
        tree.json("aws_subnet.s"),
        r#"{"vpc_id":{"$unknown":"module.vpc is not on this machine","ref":"module.vpc.vpc_id"}}"#
    );
}

#[test]
fn a_vendored_module_is_found_through_the_manifest() {
    let manifest = r#"{"Modules": [
        {"Key": "", "Source": "", "Dir": "."},
        {"Key": "v", "Source": "registry.terraform.io/x/y/z", "Version": "1.0.0", "Dir": ".terraform/modules/v"},
        {"Key": "v.deep", "Source": "git::https://example.com/d.git", "Dir": ".terraform/modules/v.deep"}]}"#;
    let tree = load(&[
        ("main.tf", "module \"v\" { source = \"x/y/z\" }"),
        (".terraform/modules/modules.json", manifest),
        (".terraform/modules/v/main.tf", "module \"deep\" { source = \"git::https://example.com/d.git\" }"),
        (".terraform/modules/v.deep/main.tf", "resource \"aws_x\" \"x\" {}"),
    ]);
    assert_eq!((tree.addresses(), tree.notes()), (vec!["module.v.module.deep.aws_x.x"], vec![]));
}

#[test]
fn an_open_count_is_one_instance_that_stands_for_all() {
    let tree = load_text(
        r#"
variable "n" { type = number }
variable "on" { type = bool }
resource "aws_x" "many" {
  count = var.n
  name  = "x${count.index}"
}
resource "aws_x" "maybe" {
  count = var.on ? 1 : 0
  name  = "y"
}
resource "aws_x" "user" { first = aws_x.maybe[0].name }
"#,
    );
    assert_eq!(tree.errors(), [""; 0]);
    let many = tree.resource("aws_x.many");
    assert_eq!(many.representative, Some(Why::Input("var.n".into())));
    let maybe = tree.resource("aws_x.maybe[0]");
    assert_eq!((maybe.representative.clone(), maybe.exists_when.as_deref()), (None, Some("var.on is true")));
    assert_eq!(tree.json("aws_x.user"), r#"{"first":"y"}"#);
}

#[test]
fn an_open_for_each_gives_unknown_keys_and_values() {
    let tree = load_text(
        r#"
variable "names" { type = set(string) }
resource "aws_x" "x" {
  for_each = var.names
  name     = each.key
}
"#,
    );
    assert_eq!(tree.json("aws_x.x"), r#"{"name":{"$unknown":"var.names has no value"}}"#);
}

#[test]
fn a_variable_without_value_keeps_what_its_validation_says() {
    let tree = load_text(
        r#"
variable "env" {
  type = string
  validation {
    condition     = contains(["dev", "prod"], var.env)
    error_message = "dev or prod"
  }
}
output "is_test" { value = var.env == "test" }
output "size" { value = { dev = 1, prod = 3 }[var.env] }
"#,
    );
    assert_eq!(tree.errors(), [""; 0]);
    let candidates = |output: &str| -> Vec<String> {
        let candidates = &tree.graph.outputs.get(output).unwrap().as_unknown().unwrap().candidates;
        let words = candidates.iter().map(|one| format!("{} when {}", value_json(&one.value), one.when[0].words));
        words.collect()
    };
    assert_eq!(candidates("is_test"), ["false when var.env is \"dev\"", "false when var.env is \"prod\""]);
    assert_eq!(candidates("size"), ["1 when var.env is \"dev\"", "3 when var.env is \"prod\""]);
}

#[test]
fn paths_are_relative_to_the_root_module() {
    let tree = load_folder(
        &[
            (
                "stacks/prod/main.tf",
                "module \"m\" { source = \"../../modules/m\" }\noutput \"o\" { value = module.m.o }",
            ),
            ("modules/m/main.tf", "output \"o\" { value = [path.module, path.root, file(\"${path.module}/a.txt\")] }"),
            ("modules/m/a.txt", "text"),
        ],
        "stacks/prod",
        Options::default(),
    );
    assert_eq!(tree.output("o"), r#"["../../modules/m",".","text"]"#);
}

#[test]
fn nothing_outside_of_the_boundary_is_read() {
    let files = [
        (
            "inside/main.tf",
            "module \"m\" { source = \"../outside\" }\noutput \"o\" { value = file(\"../outside/secret\") }",
        ),
        ("outside/main.tf", ""),
        ("outside/secret", "s3cret"),
    ];
    let memory = Memory::new(files);
    let boundary = Boundary::around(&memory, &["inside".into()]);
    let tree = load_from(Arc::new(Sources::within(Arc::new(memory), boundary)), "inside", Options::default());
    assert_eq!(
        tree.errors(),
        ["inside/main.tf:1 `\"../outside\"`: this module cannot be read: `outside` lies outside of the scanned tree"]
    );
    assert!(tree.graph.outputs.get("o").unwrap().is_unknown());
}

#[test]
fn values_are_taken_in_the_order_of_precedence() {
    let files = [
        (
            "main.tf",
            "variable \"a\" {}\nvariable \"b\" {}\nvariable \"c\" {}\nvariable \"d\" {}\noutput \"o\" { value = [var.a, var.b, var.c, var.d] }",
        ),
        ("terraform.tfvars", "b = \"file\"\nc = \"file\"\nd = \"file\""),
        ("x.auto.tfvars.json", "{\"c\": \"auto\", \"d\": \"auto\"}"),
    ];
    let environment = ["a", "b"].map(|name| (format!("TF_VAR_{name}"), "environment".to_owned())).to_vec();
    let options = Options { environment, variables: vec![("d".into(), "given".into())], ..Options::default() };
    let tree = load_with(&files, options);
    assert_eq!(tree.output("o"), r#"["environment","file","auto","given"]"#);
}

#[test]
fn a_tofu_file_stands_for_the_tf_file_beside_it() {
    let tree = load(&[
        ("main.tf", "resource \"aws_x\" \"tf\" {}"),
        ("main.tofu", "resource \"aws_x\" \"tofu\" {}"),
        ("other_override.tf", "resource \"aws_x\" \"tofu\" { name = \"overridden\" }"),
    ]);
    assert_eq!(tree.addresses(), ["aws_x.tofu"]);
    assert_eq!(tree.json("aws_x.tofu"), r#"{"name":"overridden"}"#);
}

#[test]
fn companions_of_open_instances_refer_to_the_block() {
    let tree = load_text(
        r#"
variable "names" { type = set(string) }
resource "aws_s3_bucket" "b" {
  for_each = var.names
  bucket   = each.key
}
resource "aws_s3_bucket_acl" "a" {
  for_each = var.names
  bucket   = aws_s3_bucket.b[each.key].id
}
"#,
    );
    let bucket = tree.resource("aws_s3_bucket_acl.a").attributes.get("bucket");
    assert_eq!(bucket.references().map(ToString::to_string).next().as_deref(), Some("aws_s3_bucket.b.id"));
    assert_eq!(tree.graph.at("aws_s3_bucket.b").len(), 1);
}

#[cfg(unix)]
#[test]
fn links_out_of_the_boundary_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (tree, outside) = (folder.path().join("tree"), folder.path().join("outside"));
    std::fs::create_dir_all(&tree).unwrap();
    std::fs::create_dir_all(&outside).unwrap();
    std::fs::write(outside.join("secret.txt"), "s3cret").unwrap();
    std::fs::write(outside.join("main.tf"), "resource \"aws_x\" \"x\" {}").unwrap();
    std::os::unix::fs::symlink(outside.join("secret.txt"), tree.join("link.txt")).unwrap();
    std::os::unix::fs::symlink(&outside, tree.join("module")).unwrap();
    std::os::unix::fs::symlink(outside.join("main.tf"), tree.join("linked.tf")).unwrap();
    std::fs::write(
        tree.join("main.tf"),
        "module \"m\" { source = \"./module\" }\noutput \"o\" { value = file(\"link.txt\") }\n",
    )
    .unwrap();
    let sources = Arc::new(Sources::within(Arc::new(Disk), Boundary::around(&Disk, std::slice::from_ref(&tree))));
    let loader = Loader::new(sources, Options::default());
    let graph = loader.load(&tree).graph;
    assert!(graph.outputs.get("o").unwrap().is_unknown());
    assert!(graph.resources.iter().all(|resource| resource.mode == Mode::OpaqueModule));
    let messages: Vec<&str> = graph.diagnostics.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        messages.iter().filter(|message| message.contains("outside of the scanned tree")).count(),
        2,
        "{messages:?}"
    );
}
