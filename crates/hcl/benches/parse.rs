//! How fast files are parsed, in bytes per second: `cargo bench -p terravet-hcl`.

#![allow(missing_docs, reason = "the macros of criterion make a public function")]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use terravet_source::{Memory, SourceFile, Sources};

const NATIVE: &str = r#"
resource "aws_security_group" "web" {
  name        = "${var.name}-web"
  description = "Traffic of the web servers" # the default is not helpful
  vpc_id      = module.vpc.vpc_id

  dynamic "ingress" {
    for_each = { for rule in var.rules : rule.name => rule if rule.direction == "in" }
    content {
      from_port   = ingress.value.port
      to_port     = ingress.value.port + 1
      protocol    = lookup(ingress.value, "protocol", "tcp")
      cidr_blocks = concat(["10.0.0.0/8"], try(ingress.value.cidr_blocks[*], []))
    }
  }

  tags = merge(local.tags, {
    Name        = var.environment == "prod" ? "web" : "web-${var.environment}"
    Description = <<-EOT
      All traffic of ${var.name}
      that is not %{ if var.public }public%{ else }private%{ endif }
    EOT
  })
}
"#;

const JSON: &str = r#"{"aws_security_group": {"web": {
  "name": "${var.name}-web",
  "description": "Traffic of the \"web\" servers",
  "dynamic": {"ingress": {"for_each": "${var.rules}", "content": {"from_port": "${ingress.value.port + 1}", "protocol": "tcp"}}},
  "tags": {"Name": "web", "Environment": "${var.environment == \"prod\" ? \"web\" : \"other\"}", "list": [1, 2, true, null]},
  "lifecycle": {"ignore_changes": ["tags", "description"]}
}}}"#;

fn file(path: &str, text: String) -> Arc<SourceFile> {
    Sources::new(Arc::new(Memory::default())).add(Path::new(path), text)
}

fn parse(criterion: &mut Criterion) {
    let native = file("main.tf", NATIVE.repeat(1_000));
    let json = file("main.tf.json", format!(r#"{{"resource": [{}{{}}]}}"#, format!("{JSON},").repeat(1_000)));
    for (name, file) in [("native", native), ("json", json)] {
        assert_eq!(terravet_hcl::parse(&file).diagnostics, [], "{name}");
        let mut group = criterion.benchmark_group("parse");
        group.throughput(Throughput::Bytes(file.text().len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| terravet_hcl::parse(black_box(&file))));
        group.finish();
    }
}

criterion_group!(benches, parse);
criterion_main!(benches);
