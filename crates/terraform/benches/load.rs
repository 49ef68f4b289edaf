//! How fast modules are loaded, with sizes that tell whether it stays linear: `cargo bench -p terravet-terraform`.

#![allow(missing_docs, reason = "the macros of criterion make a public function")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use terravet_source::{Disk, Sources};
use terravet_terraform::{Loader, Options};

type Files = Vec<(String, String)>;

/// Modules that each call the next, with a value that goes all the way down and back.
fn chain(length: usize) -> Files {
    let call = |next: usize, value: &str| format!("module \"m\" {{\n  source = \"../m{next}\"\n  n = {value}\n}}\n");
    let mut files = vec![("root/main.tf".to_owned(), call(0, "0"))];
    for level in 0..length {
        let (inner, out) = if level + 1 == length {
            (String::new(), "var.n".to_owned())
        } else {
            (call(level + 1, "var.n + 1"), "module.m.n".to_owned())
        };
        files.push((
            format!("m{level}/main.tf"),
            format!("variable \"n\" {{}}\n{inner}output \"n\" {{ value = {out} }}\n"),
        ));
    }
    files
}

/// One resource with many instances, and another that refers to each of them.
fn instances(count: usize) -> Files {
    let text = format!(
        r#"
locals {{ keys = toset(flatten([for a in range({}) : [for b in range(100) : "k${{a}}-${{b}}"]])) }}
resource "aws_s3_bucket" "b" {{
  for_each = local.keys
  bucket   = "bucket-${{each.key}}"
  tags     = {{ name = each.value }}
}}
resource "aws_s3_bucket_versioning" "v" {{
  for_each = aws_s3_bucket.b
  bucket   = aws_s3_bucket.b[each.key].id
  versioning_configuration {{ status = "Enabled" }}
}}
"#,
        count / 100
    );
    vec![("root/main.tf".to_owned(), text)]
}

/// One resource with blocks within blocks, each made from the elements of a list.
fn nests(count: usize) -> Files {
    let text = format!(
        r#"
locals {{
  rules = [for a in range({}) : {{ name = "rule-${{a}}", conditions = [for b in range(10) : {{ field = "f${{b}}", values = ["x", "y"] }}] }}]
}}
resource "aws_lb_listener_rule" "r" {{
  dynamic "action" {{
    for_each = local.rules
    iterator = rule
    content {{
      type = rule.value.name
      dynamic "condition" {{
        for_each = rule.value.conditions
        content {{
          field  = "${{rule.key}}-${{condition.value.field}}"
          values = condition.value.values
        }}
      }}
    }}
  }}
}}
"#,
        count / 10
    );
    vec![("root/main.tf".to_owned(), text)]
}

/// A service as people write one, called several times: typed variables with defaults, locals that merge and choose, conditional
/// resources, a policy document, outputs.
fn services(count: usize) -> Files {
    let module = r#"
variable "name" {
  type = string
  validation {
    condition     = length(var.name) > 2
    error_message = "The name is too short."
  }
}
variable "settings" {
  type = object({
    public  = optional(bool, false)
    ports   = optional(map(number), { http = 80, https = 443 })
    ranges  = optional(list(string), ["10.0.0.0/8"])
    logging = optional(object({ enabled = optional(bool, true), days = optional(number, 30) }), {})
  })
  default = {}
}
variable "tags" {
  type    = map(string)
  default = {}
}
data "aws_caller_identity" "current" {}
locals {
  tags  = merge({ service = var.name, team = "platform" }, var.tags)
  rules = { for pair in setproduct(keys(var.settings.ports), var.settings.ranges) : join("-", pair) => { port = var.settings.ports[pair[0]], range = pair[1] } }
}
data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [aws_s3_bucket.data.arn, "${aws_s3_bucket.data.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}
resource "aws_s3_bucket" "data" {
  bucket = "${var.name}-data"
  tags   = local.tags
}
resource "aws_s3_bucket_policy" "data" {
  bucket = aws_s3_bucket.data.id
  policy = data.aws_iam_policy_document.read.json
}
resource "aws_security_group" "service" {
  name = var.name
  tags = local.tags
  dynamic "ingress" {
    for_each = local.rules
    content {
      description = ingress.key
      from_port   = ingress.value.port
      to_port     = ingress.value.port
      protocol    = "tcp"
      cidr_blocks = var.settings.public ? ["0.0.0.0/0"] : [ingress.value.range]
    }
  }
}
resource "aws_cloudwatch_log_group" "service" {
  count             = var.settings.logging.enabled ? 1 : 0
  name              = "/service/${lower(var.name)}"
  retention_in_days = var.settings.logging.days
}
output "bucket" { value = aws_s3_bucket.data.id }
output "log_group" { value = one(aws_cloudwatch_log_group.service[*].name) }
"#;
    let root = format!(
        r#"
module "service" {{
  source   = "../service"
  for_each = toset([for at in range({count}) : "service-${{at}}"])
  name     = each.key
  settings = {{ public = endswith(each.key, "7"), logging = {{ days = 7 }} }}
  tags     = {{ key = each.value }}
}}
output "buckets" {{ value = {{ for name, service in module.service : name => service.bucket }} }}
"#
    );
    vec![("root/main.tf".to_owned(), root), ("service/main.tf".to_owned(), module.to_owned())]
}

fn on_disk(files: &Files) -> std::io::Result<tempfile::TempDir> {
    let tree = tempfile::tempdir()?;
    for (path, text) in files {
        let path = tree.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
        std::fs::write(path, text)?;
    }
    Ok(tree)
}

fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    group.sample_size(10);
    for (name, make, sizes) in [
        ("chain", chain as fn(usize) -> Files, [100, 1_000]),
        ("instances", instances, [1_000, 10_000]),
        ("nests", nests, [1_000, 10_000]),
        ("services", services, [1, 100]),
    ] {
        for size in sizes {
            let files = make(size);
            group.throughput(Throughput::Elements(size as u64));
            group.bench_with_input(BenchmarkId::new(name, size), &files, |bencher, files| {
                // On disk, since a tree in memory looks at all its files to answer for one folder.
                let Ok(tree) = on_disk(files) else { return };
                bencher.iter(|| {
                    let loader = Loader::new(Arc::new(Sources::new(Arc::new(Disk))), Options::default());
                    black_box(loader.load(&tree.path().join("root")))
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, load);
criterion_main!(benches);
