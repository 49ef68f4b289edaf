//! Random expressions have the value and the type that the real Terraform gives them, and are refused where it refuses them.
//!
//! What Terraform answered lies in `testdata/terraform/differential/answers.jsonl`, one expression a line. To have more, or others:
//!
//! ```sh
//! crates/terraform/tests/differential/generate.py --count 1600 --seed 1 > testdata/terraform/differential/answers.jsonl
//! ```
//!
//! `TERRAVET_ANSWERS` names another file of answers, to try many without keeping them.

#![allow(clippy::unwrap_used, reason = "tests may fail")]

mod answers;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use answers::{difference, parse};
use terravet_source::{Boundary, Disk, Sources};
use terravet_terraform::{Loader, Options};
use terravet_yaml::Node;

#[test]
fn random_expressions_are_worth_what_terraform_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/terraform/differential");
    let answers = std::env::var_os("TERRAVET_ANSWERS").map_or_else(|| folder.join("answers.jsonl"), PathBuf::from);
    let loader = Loader::new(
        Arc::new(Sources::within(Arc::new(Disk), Boundary::around(&Disk, std::slice::from_ref(&folder)))),
        Options::default(),
    );
    let mut console = loader.console(&folder);
    assert_eq!(console.problems(), []);
    let rows = std::fs::read_to_string(answers).unwrap();
    let mut differences = Vec::new();
    for row in rows.lines().map(parse) {
        if let Some(difference) = difference(&row, &mut console) {
            let expression = row.get("expr").and_then(Node::as_str).unwrap_or_default();
            differences.push(format!("{expression}\n    {difference}"));
        }
    }
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}
