//! `terraform_remote_state`: the outputs of another state, known where its file lies in the tree.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/state/remote-state-data>.

use std::sync::Arc;

use terravet_graph::{Entries, ObjectType, Type, Value};

use super::Request;
use terravet_terraform_functions::convert::convert;

/// Reads the outputs.
pub(super) fn read(request: &Request<'_>) -> Entries {
    let outputs = match local_state(request) {
        Some(outputs) if !request.waits => with_defaults(request, outputs),
        _ => request.open("outputs", Type::Any, None),
    };
    Entries::from_iter([("outputs".into(), outputs)])
}

/// The outputs in the file of a `local` backend.
fn local_state(request: &Request<'_>) -> Option<Entries> {
    if request.argument("backend").as_str() != Some("local") || !request.argument("workspace").is_unset() {
        return None;
    }
    let path = request.argument("config").get("path");
    let path = if path.is_unset() { Value::string("terraform.tfstate") } else { path };
    path.as_str()?;
    let text = request.call("file", vec![path]).ok()?;
    let state = request.call("jsondecode", vec![text]).ok()?;
    let outputs = state.get("outputs");
    let outputs = outputs.as_entries()?.iter().map(|(name, output)| {
        let value = outputs.part(output).get("value");
        let ty = type_of(&outputs.part(output).get("type"), 0)?;
        Some((Arc::clone(name), convert(&value, &ty).ok()?))
    });
    outputs.collect()
}

fn with_defaults(request: &Request<'_>, outputs: Entries) -> Value {
    let defaults = request.argument("defaults");
    let mut entries: Entries = match defaults.as_entries() {
        Some(given) => given.iter().map(|(name, value)| (Arc::clone(name), defaults.part(value))).collect(),
        None => Entries::new(),
    };
    entries.extend(outputs);
    Value::object(entries).written_at(request.header)
}

/// The type that a state notes: `"string"` or `["list", "string"]`.
fn type_of(noted: &Value, depth: usize) -> Option<Type> {
    const MAX_DEPTH: usize = 64;
    if depth > MAX_DEPTH {
        return None;
    }
    if let Some(name) = noted.as_str() {
        return Some(match name {
            "string" => Type::String,
            "number" => Type::Number,
            "bool" => Type::Bool,
            "dynamic" => Type::Any,
            _ => return None,
        });
    }
    let [kind, inner, ..] = noted.as_items()? else { return None };
    let element = || type_of(inner, depth + 1);
    Some(match kind.as_str()? {
        "list" => Type::list(element()?),
        "set" => Type::set(element()?),
        "map" => Type::map(element()?),
        "tuple" => {
            let types = inner.as_items()?.iter().map(|inner| type_of(inner, depth + 1));
            Type::Tuple(types.collect::<Option<Vec<_>>>()?.into())
        }
        "object" => {
            let entries = inner.as_entries()?.iter();
            let attribute = |(name, inner): (&Arc<str>, &Value)| Some((Arc::clone(name), type_of(inner, depth + 1)?));
            let attributes = entries.map(attribute).collect::<Option<_>>()?;
            Type::Object(Arc::new(ObjectType { attributes, ..ObjectType::default() }))
        }
        _ => return None,
    })
}
