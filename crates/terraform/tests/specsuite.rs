//! HashiCorp's HCL specification suite, as far as it says what expressions are worth.
//!
//! The suite (<https://github.com/hashicorp/hcl/tree/main/specsuite>) is no part of this repository: the test reads it from the
//! folder that `HCL_SPECSUITE` names, else from `../shared/hcl-specsuite` beside the repository, and is skipped where there is
//! none. A case is a file of attributes in blocks (`NAME.hcl`), and what each of them is worth in an object of the same shape
//! (`NAME.t`). What concerns syntax is tested in `crates/hcl/tests/syntax/specsuite.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use terravet_graph::Value;
use terravet_hcl::Body;
use terravet_report::evaluation::value_json;
use terravet_source::{Memory, SourceFile, Sources};
use terravet_terraform::{Console, Loader, Options};

/// The cases that syntax alone does not decide, with the number of values in each.
const CASES: [(&str, usize); 2] = [("operators", 40), ("primitive_literals", 10)];

#[test]
fn expressions_are_worth_what_the_specification_suite_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = std::env::var_os("HCL_SPECSUITE").map_or(root.join("../shared/hcl-specsuite"), PathBuf::from);
    let folder = folder.join("tests/expressions");
    if !folder.is_dir() {
        // The harness hides what passing tests print, and not this.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: no HCL specification suite at {} (set HCL_SPECSUITE)",
            folder.display()
        );
        return;
    }
    let sources = Arc::new(Sources::new(Arc::new(Memory::default())));
    let loader = Loader::new(Arc::clone(&sources), Options::default());
    let mut console = loader.console(Path::new("."));
    for (case, values) in CASES {
        let read = |suffix: &str| {
            let name = format!("{case}.{suffix}");
            sources.add(Path::new(&name), std::fs::read_to_string(folder.join(&name)).unwrap())
        };
        let (expected, given) = (read("t"), read("hcl"));
        let expected = attribute(&expected, "result", &mut console);
        let mut compared = 0;
        compare(&terravet_hcl::parse_native(&given).body, &given, &expected, &mut console, &mut compared);
        assert_eq!(compared, values, "values in {case}");
    }
}

/// The value of a top-level attribute of a file.
fn attribute(file: &Arc<SourceFile>, name: &str, console: &mut Console<'_>) -> Value {
    let body = terravet_hcl::parse_native(file).body;
    let text = file.slice(body.attribute(name).unwrap_or_else(|| panic!("no {name}")).expr.span);
    console.evaluate(text).unwrap()
}

/// Compares every attribute of a body, and of the blocks in it, with the entry of the same name.
fn compare(body: &Body, file: &SourceFile, expected: &Value, console: &mut Console<'_>, compared: &mut usize) {
    for attribute in &body.attributes {
        let text = file.slice(attribute.expr.span);
        let value = console.evaluate(text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
        assert_eq!(value_json(&value), value_json(&expected.get(&attribute.name.name)), "{text}");
        *compared += 1;
    }
    for block in &body.blocks {
        let names = std::iter::once(&block.kind.name).chain(block.labels.iter().map(|label| &label.text));
        let inner = names.fold(expected.clone(), |value, name| value.get(name));
        compare(&block.body, file, &inner, console, compared);
    }
}
