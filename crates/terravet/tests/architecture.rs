//! The arrows between the crates: each may depend only on what stands before it in the table of docs/architecture.md.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The crates in the order in which data passes through them.
const ORDER: [&str; 19] = [
    "source",
    "diagnostics",
    "hcl",
    "yaml",
    "graph",
    "terraform-functions",
    "terraform",
    "sam",
    "cloudformation",
    "schema",
    "model",
    "policy",
    "network",
    "aws",
    "rules",
    "engine",
    "report",
    "terravet",
    "dev",
];

/// Arrows that the order would allow and the design forbids: what checks and shows never sees a frontend, and frontends do
/// not see each other.
const FORBIDDEN: [(&str, &[&str]); 11] = [
    ("terraform-functions", &["hcl"]),
    ("terraform", &["sam", "cloudformation"]),
    ("sam", &["hcl", "terraform-functions", "terraform"]),
    ("cloudformation", &["hcl", "terraform-functions", "terraform"]),
    ("schema", &["terraform", "cloudformation", "hcl"]),
    ("model", &["terraform", "cloudformation", "hcl"]),
    ("policy", &["terraform", "cloudformation", "hcl"]),
    ("network", &["terraform", "cloudformation", "hcl"]),
    ("aws", &["terraform", "cloudformation", "hcl"]),
    ("rules", &["terraform", "cloudformation", "hcl"]),
    ("report", &["engine", "rules", "aws", "policy", "model", "schema", "terraform", "cloudformation", "hcl", "yaml"]),
];

#[test]
fn every_crate_goes_through_the_one_door_to_the_file_system() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for name in ORDER.iter().filter(|name| !["source", "dev"].contains(name)) {
        let file = if *name == "terravet" { "main.rs" } else { "lib.rs" };
        let text = std::fs::read_to_string(crates.join(name).join("src").join(file)).unwrap();
        let lint = "#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types))]";
        assert!(text.contains(lint), "crates/{name}/src/{file} lacks {lint}");
    }
}

/// For each crate of the workspace the crates of the workspace that it is built from. Dependencies of tests do not count.
fn arrows() -> Vec<(String, BTreeSet<String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let short = |name: &str| name.strip_prefix("terravet-").unwrap_or(name).to_owned();
    let packages = metadata["packages"].as_array().unwrap().iter().map(|package| {
        let ours = package["dependencies"].as_array().unwrap().iter().filter(|dependency| {
            let name = dependency["name"].as_str().unwrap();
            dependency["kind"].is_null() && (name == "terravet" || name.starts_with("terravet-"))
        });
        let names = ours.map(|dependency| short(dependency["name"].as_str().unwrap())).collect();
        (short(package["name"].as_str().unwrap()), names)
    });
    packages.collect()
}

#[test]
fn arrows_only_go_to_earlier_crates() {
    let place = |name: &str| ORDER.iter().position(|known| *known == name);
    for (name, dependencies) in arrows() {
        let own = place(&name).unwrap_or_else(|| panic!("{name} has no place in the order of the crates"));
        for dependency in dependencies {
            assert!(place(&dependency).unwrap() < own, "{name} must not depend on {dependency}");
        }
    }
}

#[test]
fn what_checks_and_shows_sees_no_frontend() {
    let arrows = arrows();
    for (name, forbidden) in FORBIDDEN {
        let (_, dependencies) = arrows.iter().find(|(known, _)| known == name).unwrap();
        for dependency in forbidden {
            assert!(!dependencies.contains(*dependency), "{name} must not depend on {dependency}");
        }
    }
}
