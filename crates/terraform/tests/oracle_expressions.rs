//! What the real Terraform 1.11.4 answered to some thousand expressions, where its answers are on this machine.

#![allow(clippy::unwrap_used, reason = "tests may fail")]

mod answers;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use answers::{difference, parse};
use terravet_source::{Boundary, Disk, Sources};
use terravet_terraform::{Loader, Options};
use terravet_yaml::Node;

/// How many expressions agree at least; to be raised with every step forward, never lowered.
const FLOOR: usize = 4282;

/// The folder with the answers: beside the project, or where the environment says.
fn oracle() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TERRAVET_SHARED").map_or_else(beside, PathBuf::from);
    let oracle = shared.join("oracle");
    oracle.join("expressions.jsonl").is_file().then_some(oracle)
}

#[test]
fn expressions_have_the_values_that_terraform_gives_them() {
    let Some(oracle) = oracle() else {
        // The harness hides what passing tests print, and not this.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: Terraform's answers are not on this machine (../shared/oracle, or TERRAVET_SHARED)"
        );
        return;
    };
    let folder = oracle.join("exprdir");
    let sources = Arc::new(Sources::within(Arc::new(Disk), Boundary::around(&Disk, std::slice::from_ref(&folder))));
    let options = Options::default();
    let loader = Loader::new(sources, options);
    let mut console = loader.console(&folder);
    let rows = std::fs::read_to_string(oracle.join("expressions.jsonl")).unwrap();
    let (mut agree, mut total) = (0, 0);
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows.lines().map(parse) {
        total += 1;
        match difference(&row, &mut console) {
            None => agree += 1,
            Some(difference) => {
                let text = |name: &str| row.get(name).and_then(Node::as_str).unwrap_or_default().to_owned();
                groups.entry(text("group")).or_default().push(format!("{:?}: {difference}", text("expr")));
            }
        }
    }
    for (group, differences) in &groups {
        eprintln!("{group}: {} differ", differences.len());
        for difference in differences {
            eprintln!("    {difference}");
        }
    }
    eprintln!("{agree} of {total} expressions agree with Terraform");
    assert!(agree >= FLOOR, "{agree} of {total} expressions agree, which were at least {FLOOR}");
}
