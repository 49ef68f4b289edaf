//! What the tests against independent implementations share: the cases, and values as JSON.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "each test program uses a part of it"
)]

pub mod ratchet;
pub mod written;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use terravet_cloudformation::{Loaded, Loader, Options};
use terravet_graph::{Data, Value};
use terravet_source::{Memory, Sources};

/// The folder of the oracle, if it is on this machine.
pub fn oracle(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/oracle/cloudformation").join(file);
    if !path.exists() {
        // The harness hides what passing tests print, and not this.
        let _ = writeln!(std::io::stderr(), "SKIPPED: {} is not there", path.display());
        return None;
    }
    Some(path)
}

/// The cases of a file, one JSON object a line.
pub fn cases(path: &Path) -> Vec<Json> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Loads the template of a case, with its parameters in CloudFormation's list.
pub fn load(case: &Json, name: &str) -> (Loaded, bool) {
    let text = case["text"].as_str().unwrap();
    let mut files = vec![(name.to_owned(), text.to_owned())];
    let mut parameter_files = Vec::new();
    if let Some(given) = case["parameters"].as_object().filter(|given| !given.is_empty()) {
        let list: Vec<Json> = given
            .iter()
            .map(|(key, value)| json!({"ParameterKey": key, "ParameterValue": python_text(value)}))
            .collect();
        files.push(("parameters.json".into(), Json::Array(list).to_string()));
        parameter_files.push(PathBuf::from("parameters.json"));
    }
    let sources = Arc::new(Sources::new(Arc::new(Memory::new(files))));
    let loader = Loader::new(sources, Options { parameter_files });
    let loaded = loader.load(Path::new(name));
    let problems = loader.parameter_problems();
    let refused = loaded.graph.diagnostics.iter().chain(&problems).any(terravet_diagnostics::Diagnostic::is_error);
    (loaded, refused)
}

fn python_text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Bool(flag) => (if *flag { "True" } else { "False" }).into(),
        other => other.to_string(),
    }
}

/// A value as `graph --format json` shows it.
pub fn shown(value: &Value) -> Json {
    match &value.data {
        Data::Absent | Data::Null(_) => Json::Null,
        Data::Bool(flag) => json!(flag),
        Data::Number(number) => number.to_i64().map_or_else(|| json!(number.to_f64()), |number| json!(number)),
        Data::String(text) => json!(text.as_ref()),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => value.as_items().unwrap().iter().map(shown).collect(),
        Data::Map(_) | Data::Object(_) => {
            let entries = value.as_entries().unwrap().iter().map(|(key, value)| (key.to_string(), shown(value)));
            Json::Object(entries.collect::<Map<_, _>>())
        }
        Data::Unknown(unknown) => json!({"$unknown": unknown.why.to_string()}),
    }
}

/// Whether a shown value is unknown.
pub fn is_unknown(value: &Json) -> bool {
    value.as_object().is_some_and(|entries| entries.contains_key("$unknown"))
}

/// Whether two scalars agree: CloudFormation has no numbers and booleans but as text.
pub fn scalar(a: &Json, b: &Json) -> bool {
    if a == b {
        return true;
    }
    let text = |value: &Json| match value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Number(number) => number.as_f64().map(|number| number.to_string()),
        _ => None,
    };
    matches!((text(a), text(b)), (Some(a), Some(b)) if a == b)
}
