//! Whole modules, compared with what the real Terraform planned for them.
//!
//! The cases lie outside of the project, in `../shared/oracle/modules.jsonl`: a folder, the environment and arguments, and the
//! planned resources and outputs, or the error with which Terraform refuses it. Where the file is absent, the test says so and
//! passes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests may fail, and say that they are skipped"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use terravet_graph::{Data, Graph, Mode, Number, Value};
use terravet_report::evaluation::value_json;
use terravet_source::{Boundary, Disk, Sources, Span, discovery};
use terravet_terraform::{Loader, Options};
use terravet_yaml::{Node, NodeKind, Style};

/// The cases; other ones of the same form where `TERRAVET_ORACLE_MODULES` names a file.
fn oracle() -> Option<String> {
    if let Ok(path) = std::env::var("TERRAVET_ORACLE_MODULES") {
        return std::fs::read_to_string(path).ok();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/oracle/modules.jsonl");
    std::fs::read_to_string(path).ok()
}

fn get<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    node.as_mapping()?.iter().find(|entry| entry.key.as_str() == Some(name)).map(|entry| &entry.value)
}

fn entries(node: Option<&Node>) -> BTreeMap<&str, &Node> {
    let entries = node.and_then(Node::as_mapping).unwrap_or_default();
    entries.iter().filter_map(|entry| Some((entry.key.as_str()?, &entry.value))).collect()
}

/// The literal of a node: `true`, `null`, a number.
fn literal(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Scalar { text, style: Style::JsonLiteral } => Some(text),
        _ => None,
    }
}

fn is(node: Option<&Node>, text: &str) -> bool {
    node.and_then(literal) == Some(text)
}

fn text(node: Option<&Node>) -> &str {
    node.and_then(Node::as_str).unwrap_or_default()
}

/// None, or where and how a value differs from what was planned. The mask says which parts of the plan are unknown.
fn difference(want: Option<&Node>, mask: Option<&Node>, got: &Value, path: &str) -> Option<String> {
    if is(mask, "true") {
        return (!got.is_unknown()).then(|| format!("{path} should be unknown, not {}", value_json(got)));
    }
    if got.is_unknown() {
        return Some(format!("{path} is unknown: {}", value_json(got)));
    }
    let wants_object = [want, mask].iter().any(|node| node.is_some_and(|node| node.as_mapping().is_some()));
    if wants_object {
        let (want, mask) = (entries(want), entries(mask));
        let Some(got) = got.as_entries() else { return Some(format!("{path} should be an object")) };
        let open = |node: &Node| {
            literal(node) != Some("false")
                && !matches!(&node.kind, NodeKind::Mapping(e) if e.is_empty())
                && !matches!(&node.kind, NodeKind::Sequence(e) if e.is_empty())
        };
        let wanted: BTreeSet<&str> =
            want.keys().copied().chain(mask.iter().filter(|(_, node)| open(node)).map(|(name, _)| *name)).collect();
        let given: BTreeSet<&str> = got.keys().map(|name| &**name).collect();
        if wanted != given {
            return Some(format!("{path} has keys {given:?} instead of {wanted:?}"));
        }
        return wanted.into_iter().find_map(|name| {
            difference(
                want.get(name).copied(),
                mask.get(name).copied(),
                got.get(name).unwrap(),
                &format!("{path}.{name}"),
            )
        });
    }
    if let Some(want) = want.and_then(Node::as_sequence) {
        let mask = mask.and_then(Node::as_sequence).unwrap_or_default();
        let Some(got) = got.as_items() else {
            return Some(format!("{path} should be a list, not {}", value_json(got)));
        };
        if got.len() != want.len() {
            return Some(format!("{path} should have {} elements, not {}", want.len(), got.len()));
        }
        let mut places = want.iter().zip(got).enumerate();
        return places
            .find_map(|(at, (want, got))| difference(Some(want), mask.get(at), got, &format!("{path}[{at}]")));
    }
    let same = match (&got.data, want) {
        (Data::Null(_) | Data::Absent, want) => want.is_none() || is(want, "null"),
        (Data::Bool(flag), want) => is(want, if *flag { "true" } else { "false" }),
        (Data::Number(number), Some(want)) => {
            literal(want).and_then(|text| text.parse::<Number>().ok()).as_ref() == Some(number)
        }
        (Data::String(got), Some(want)) => literal(want).is_none() && want.as_str() == Some(got),
        _ => false,
    };
    (!same).then(|| format!("{path} is {} instead of {:?}", value_json(got), want.and_then(Node::as_str)))
}

fn load(case: &Node, folder: &Path) -> Graph {
    for (name, content) in entries(get(case, "files")) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content.as_str().unwrap_or_default()).unwrap();
    }
    let mut options = Options::default();
    let environment = entries(get(case, "env"));
    options.environment =
        environment.iter().map(|(name, value)| ((*name).to_owned(), text(Some(value)).to_owned())).collect();
    let arguments = get(case, "args").and_then(Node::as_sequence).unwrap_or_default();
    let mut arguments = arguments.iter().filter_map(Node::as_str);
    while let Some(argument) = arguments.next() {
        if argument == "-var" {
            let (name, value) = arguments.next().unwrap().split_once('=').unwrap();
            options.variables.push((name.to_owned(), value.to_owned()));
        } else if let Some(file) = argument.strip_prefix("-var-file=") {
            options.variable_files.push(folder.join(file));
        } else {
            panic!("no such argument: {argument}");
        }
    }
    let sources = Arc::new(Sources::within(Arc::new(Disk), Boundary::around(&Disk, &[folder.to_path_buf()])));
    let loader = Loader::new(Arc::clone(&sources), options);
    let found = discovery::discover(&sources, &[folder.to_path_buf()]).unwrap();
    let roots: Vec<PathBuf> = loader.roots(&found.terraform_folders);
    let first = roots.first().cloned().unwrap_or_else(|| folder.to_path_buf());
    loader.load(&first).graph
}

/// None, or how the graph differs from the plan.
fn judge(case: &Node, graph: &Graph) -> Option<String> {
    let expect = get(case, "expect").unwrap();
    let errors: Vec<&str> =
        graph.diagnostics.iter().filter(|problem| problem.is_error()).map(|problem| problem.message.as_str()).collect();
    if let Some(error) = get(expect, "error") {
        return errors.is_empty().then(|| format!("should be refused: {}", text(Some(error))));
    }
    if !errors.is_empty() {
        return Some(format!("errors: {errors:?}"));
    }
    let managed = |node: &&Node| text(get(node, "mode")) == "managed";
    let planned = get(expect, "resources").and_then(Node::as_sequence).unwrap_or_default();
    let planned: BTreeMap<&str, &Node> =
        planned.iter().filter(managed).map(|node| (text(get(node, "address")), node)).collect();
    let got: BTreeMap<&str, &Value> = graph
        .resources
        .iter()
        .filter(|resource| resource.mode == Mode::Managed)
        .map(|resource| (&*resource.address, &resource.attributes))
        .collect();
    if planned.keys().ne(got.keys()) {
        return Some(format!("resources {:?} instead of {:?}", got.keys(), planned.keys()));
    }
    for (address, resource) in planned {
        let (values, unknown) = (entries(get(resource, "values")), entries(get(resource, "unknown")));
        let names: BTreeSet<&str> = values.keys().chain(unknown.keys()).copied().collect();
        for name in names {
            let (want, mask) = (values.get(name).copied(), unknown.get(name).copied());
            let value = got[address].get(name);
            // What Terraform computes need not be listed.
            if matches!(value.data, Data::Absent)
                && (is(mask, "true") || want.is_none_or(|want| is(Some(want), "null")))
            {
                continue;
            }
            if let Some(why) = difference(want, mask, &value, &format!("{address}.{name}")) {
                return Some(why);
            }
        }
    }
    for (name, output) in entries(get(expect, "outputs")) {
        let Some(value) = graph.outputs.get(name) else { return Some(format!("output {name} is missing")) };
        let is_known = is(get(output, "known"), "true");
        let mask = if is_known { None } else { get(output, "unknown") };
        if let Some(why) = difference(get(output, "value"), mask, value, &format!("output.{name}")) {
            return Some(why);
        }
    }
    None
}

#[test]
fn modules_are_planned_as_terraform_plans_them() {
    let Some(cases) = oracle() else {
        // The harness hides what passing tests print, and not this.
        let _ = writeln!(std::io::stderr(), "SKIPPED: there is no ../shared/oracle/modules.jsonl");
        return;
    };
    let file = Sources::new(Arc::new(Disk)).id(Path::new("modules.jsonl"));
    let mut failures = Vec::new();
    let mut total = 0;
    for line in cases.lines() {
        let case = terravet_yaml::parse_json_text(line, |range| Span::new(file, range)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let work = folder.path().join("work");
        std::fs::create_dir(&work).unwrap();
        let graph = load(&case, &work);
        total += 1;
        if let Some(why) = judge(&case, &graph) {
            failures.push(format!("{}: {why}", text(get(&case, "id"))));
        }
    }
    assert!(failures.is_empty(), "{} of {total} differ:\n{}", failures.len(), failures.join("\n"));
}
