//! The arrows between the crates: each may depend only on what stands before it in the table of docs/architecture.md. And those
//! between the files of a crate: few may import each other in a circle.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::process::Command;

/// The crates in the order in which data passes through them.
const ORDER: [&str; 20] = [
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
    "access",
    "aws",
    "rules",
    "engine",
    "report",
    "terravet",
    "dev",
];

/// Arrows that the order would allow and the design forbids: what checks and shows never sees a frontend, and frontends do
/// not see each other.
const FORBIDDEN: [(&str, &[&str]); 12] = [
    ("terraform-functions", &["hcl"]),
    ("terraform", &["sam", "cloudformation"]),
    ("sam", &["hcl", "terraform-functions", "terraform"]),
    ("cloudformation", &["hcl", "terraform-functions", "terraform"]),
    ("schema", &["terraform", "cloudformation", "hcl"]),
    ("model", &["terraform", "cloudformation", "hcl"]),
    ("policy", &["terraform", "cloudformation", "hcl"]),
    ("network", &["terraform", "cloudformation", "hcl"]),
    ("access", &["terraform", "cloudformation", "hcl"]),
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

/// How many files of a crate may import each other in a circle.
const LARGEST_CIRCLE: usize = 3;

/// Circles that are larger and still to be broken, by crate and size. They may only get smaller.
const LARGE_CIRCLES: [(&str, usize); 4] = [("cloudformation", 23), ("model", 7), ("schema", 6), ("terraform", 14)];

/// The name of a module within its crate; of the crate's root, none.
type Module = Vec<String>;

/// The modules of a crate with their text, without comments and tests.
fn modules(source: &Path) -> BTreeMap<Module, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![source.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
            if stem == "tests" {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let within = path.strip_prefix(source).unwrap().with_extension("");
                let mut module: Module =
                    within.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
                if matches!(&*stem, "lib" | "main" | "mod") {
                    module.pop();
                }
                let text = std::fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                let code = text.lines().map(|line| line.split("//").next().unwrap());
                found.insert(module, code.collect::<Vec<_>>().join("\n"));
            }
        }
    }
    found
}

/// The paths that a use tree names: `a::{b, c::d}` names `a::b` and `a::c::d`.
fn named(tree: &str) -> Vec<String> {
    let Some((before, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let inner = &rest[..rest.rfind('}').unwrap()];
    let mut depth = 0;
    let parts = inner.split(|character| {
        depth += i32::from(character == '{') - i32::from(character == '}');
        character == ',' && depth == 0
    });
    parts
        .filter(|part| !part.trim().is_empty())
        .flat_map(|part| named(part).into_iter().map(|path| format!("{}{path}", before.trim())))
        .collect()
}

/// What a module imports and what it offers of other modules under its own name, and the paths that it writes out.
#[derive(Default)]
struct Uses {
    imported: Vec<String>,
    offered: Vec<String>,
}

fn uses(code: &str) -> Uses {
    let mut uses = Uses::default();
    let mut rest = String::new();
    for (at, statement) in code.split(';').enumerate() {
        let start = statement.rfind("\nuse ").or_else(|| statement.rfind("\n    use "));
        let public = statement.rfind("\npub use ").or_else(|| statement.rfind("\npub(crate) use "));
        let tree = |from: usize| statement[from..].split_once("use ").unwrap().1;
        match (public, start) {
            (Some(from), _) => {
                rest.push_str(&statement[..from]);
                uses.offered.extend(named(tree(from)));
            }
            (None, Some(from)) => {
                rest.push_str(&statement[..from]);
                uses.imported.extend(named(tree(from)));
            }
            (None, None) if at == 0 && statement.starts_with("use ") => uses.imported.extend(named(&statement[4..])),
            (None, None) => rest.push_str(statement),
        }
    }
    for root in ["crate::", "super::"] {
        for (at, _) in rest.match_indices(root) {
            let is_path = |character: char| character.is_alphanumeric() || matches!(character, '_' | ':');
            if !rest[..at].ends_with(is_path) {
                let length = rest[at..].find(|character| !is_path(character)).unwrap_or(rest.len() - at);
                uses.imported.push(rest[at..at + length].to_owned());
            }
        }
    }
    uses
}

/// The module that a path written in `from` leads to, and the first name after it.
fn target(modules: &BTreeMap<Module, String>, from: &Module, path: &str) -> Option<(Module, Option<String>)> {
    let mut names: VecDeque<&str> = path.split("::").map(|name| name.split(" as ").next().unwrap().trim()).collect();
    let mut module = from.clone();
    match *names.front()? {
        "crate" => module.clear(),
        "self" => {}
        "super" => {
            while names.front() == Some(&"super") {
                module.pop();
                names.pop_front();
            }
            names.push_front("super");
        }
        child => {
            module.push(child.to_owned());
            if !modules.contains_key(&module) {
                return None;
            }
        }
    }
    names.pop_front();
    while let Some(name) = names.front() {
        module.push((*name).to_owned());
        if !modules.contains_key(&module) {
            module.pop();
            break;
        }
        names.pop_front();
    }
    Some((module, names.front().map(|name| (*name).to_owned())))
}

/// For each module of a crate those that it imports from. What a module offers under its own name counts as what it is; handing
/// work to a module's own children is no import.
fn imports(source: &Path) -> BTreeMap<Module, BTreeSet<Module>> {
    let modules = modules(source);
    let uses: BTreeMap<&Module, Uses> = modules.iter().map(|(module, code)| (module, uses(code))).collect();
    let follow = |mut at: (Module, Option<String>)| {
        for _ in 0..4 {
            let Some(name) = &at.1 else { break };
            let offered = uses.get(&at.0).into_iter().flat_map(|uses| &uses.offered);
            let mut offered = offered.filter(|path| path.rsplit([':', ' ']).next() == Some(name));
            match offered.next().and_then(|path| target(&modules, &at.0, path)) {
                Some(next) => at = next,
                None => break,
            }
        }
        at.0
    };
    let of = |module: &Module| {
        let targets = uses[module].imported.iter().filter_map(|path| target(&modules, module, path)).map(follow);
        targets.filter(|target| target != module).collect()
    };
    modules.keys().map(|module| (module.clone(), of(module))).collect()
}

/// All modules that one leads to.
fn reached(imports: &BTreeMap<Module, BTreeSet<Module>>, from: &Module) -> BTreeSet<Module> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        open.extend(imports[module].iter().filter(|target| reached.insert((*target).clone())));
    }
    reached
}

#[test]
fn files_that_import_each_other_are_few() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut large = BTreeMap::new();
    for (name, _) in arrows() {
        let imports = imports(&crates.join(&name).join("src"));
        let reached: BTreeMap<&Module, BTreeSet<Module>> =
            imports.keys().map(|module| (module, reached(&imports, module))).collect();
        let circle = |module: &Module| {
            let back = reached[module].iter().filter(|other| reached[*other].contains(module));
            back.map(|module| module.join("::")).collect::<Vec<_>>()
        };
        let largest = imports.keys().map(circle).max_by_key(Vec::len).unwrap_or_default();
        if largest.len() > LARGEST_CIRCLE {
            large.insert(name, largest);
        }
    }
    let sizes: Vec<(&str, usize)> = large.iter().map(|(name, circle)| (name.as_str(), circle.len())).collect();
    assert_eq!(sizes, LARGE_CIRCLES, "these files import each other: {large:#?}");
}

#[test]
fn imports_are_read_from_code() {
    assert_eq!(named("crate::{a::{B, c}, d}"), ["crate::a::B", "crate::a::c", "crate::d"]);
    let uses = uses("use std::fmt;\npub(crate) use a::B;\nuse crate::{c, d::E};\nfn f() {\n    crate::g::h();\n}\n");
    assert_eq!(uses.offered, ["a::B"]);
    assert_eq!(uses.imported, ["std::fmt", "crate::c", "crate::d::E", "crate::g::h"]);
}
