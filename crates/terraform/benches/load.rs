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
    for (name, make, sizes) in
        [("chain", chain as fn(usize) -> Files, [100, 1_000]), ("instances", instances, [1_000, 10_000])]
    {
        for size in sizes {
            let files = make(size);
            group.throughput(Throughput::Elements(size as u64));
            group.bench_with_input(BenchmarkId::new(name, size), &files, |bencher, files| {
                // On disk, since a tree in memory looks at all its files to answer for one folder.
                let Ok(tree) = on_disk(files) else { return };
                bencher.iter(|| {
                    let options = Options { boundary: tree.path().to_path_buf(), ..Options::default() };
                    let loader = Loader::new(Arc::new(Sources::new(Arc::new(Disk))), options);
                    black_box(loader.load(&tree.path().join("root")))
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, load);
criterion_main!(benches);
