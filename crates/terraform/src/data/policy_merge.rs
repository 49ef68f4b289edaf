//! Policy documents that are merged: a statement replaces an earlier one of the same Sid.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use terravet_graph::{Data, Entries, Type, Value, Why};

use super::Request;
use crate::evaluate::EvaluationError;
use terravet_terraform_functions::convert::first_reason;

/// The elements of a statement, in the order in which they are written.
pub(super) const ELEMENTS: [&str; 9] =
    ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"];

/// A policy document. Nothing is known of a statement that is unknown, and it may stand for any number of them.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// `Version`; null where there is none.
    pub(super) version: Value,
    /// `Id`; null where there is none.
    pub(super) id: Value,
    /// `Statement`.
    pub(super) statements: Vec<Value>,
}

impl Default for Document {
    fn default() -> Self {
        Self { version: Value::null(), id: Value::null(), statements: Vec::new() }
    }
}

impl Document {
    /// The Sids that are known.
    pub(super) fn sids(&self) -> impl Iterator<Item = Arc<str>> {
        self.statements.iter().filter_map(sid)
    }

    /// The document as an object.
    pub(super) fn to_value(&self) -> Value {
        let mut entries = Entries::new();
        for (name, value) in [("Version", &self.version), ("Id", &self.id)] {
            if !value.is_unset() && value.as_str() != Some("") {
                entries.insert(name.into(), value.clone());
            }
        }
        if !self.statements.is_empty() {
            entries.insert("Statement".into(), Value::tuple(self.statements.iter().cloned()));
        }
        Value::object(entries)
    }
}

/// The Sid of a statement, if it has one that is known.
fn sid(statement: &Value) -> Option<Arc<str>> {
    match &statement.get("Sid").data {
        Data::String(text) if !text.is_empty() => Some(Arc::clone(text)),
        _ => None,
    }
}

/// Merges a document into another.
pub(super) fn merge(into: &mut Document, new: Document) {
    if !new.id.is_unset() && new.id.as_str() != Some("") {
        into.id = new.id;
    }
    let newer = match (into.version.as_str(), new.version.as_str()) {
        (Some(old), Some(new)) => new > old,
        _ => !new.version.is_unset(),
    };
    if newer {
        into.version = new.version;
    }
    // Where the first statement with each Sid stands.
    let mut places: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for (at, old) in into.statements.iter().enumerate() {
        if let Some(sid) = sid(old) {
            places.entry(sid).or_insert(at);
        }
    }
    for statement in new.statements {
        if statement.is_unknown() && !places.is_empty() {
            // It may replace any that has a Sid.
            for known in into.statements.iter_mut().filter(|known| sid(known).is_some()) {
                *known = unknown(&statement);
            }
            places.clear();
        }
        match sid(&statement).map(|sid| places.entry(sid)) {
            Some(Entry::Occupied(at)) => into.statements[*at.get()] = statement,
            Some(Entry::Vacant(place)) => {
                place.insert(into.statements.len());
                into.statements.push(statement);
            }
            None => into.statements.push(statement),
        }
    }
}

fn unknown(because: &Value) -> Value {
    let why = first_reason(because).unwrap_or(Why::Error);
    Value { origin: because.origin.clone(), sensitive: because.sensitive, ..Value::unknown(why, Type::Any) }
}

/// The document that a text is.
///
/// # Errors
/// Where the text is known and no JSON object.
pub(super) fn source(request: &Request<'_>, text: &Value) -> Result<Document, EvaluationError> {
    // Documents that are a list as long as it is not known which there are.
    let is_text = text.as_unknown().is_none_or(|unknown| matches!(unknown.ty, Type::String | Type::Any));
    if !is_text {
        return Ok(Document { statements: vec![unknown(text)], ..Document::default() });
    }
    let decoded = request.call("jsondecode", vec![text.clone()])?;
    match &decoded.data {
        Data::Object(_) | Data::Map(_) => {}
        Data::Unknown(_) => return Ok(Document { statements: vec![unknown(&decoded)], ..Document::default() }),
        _ => return Err(request.refused(text, "a policy must be a JSON object")),
    }
    let statements = element(&decoded, "Statement");
    let statements = match &statements.data {
        Data::Unknown(_) => vec![unknown(&statements)],
        _ => statements.elements().iter().map(normal).collect(),
    };
    let text = |name: &str| {
        let value = element(&decoded, name);
        if value.is_unset() { Value::null() } else { value }
    };
    Ok(Document { version: text("Version"), id: text("Id"), statements })
}

/// An element by its name, in whatever letters it is written.
fn element(object: &Value, name: &str) -> Value {
    let exact = object.get(name);
    if !exact.is_unset() {
        return exact;
    }
    let alike = object.as_entries().and_then(|entries| entries.keys().find(|key| key.eq_ignore_ascii_case(name)));
    alike.map_or(exact, |key| object.get(key))
}

/// A statement of another document as the provider reads it: known elements only, principals and values of conditions
/// as lists.
fn normal(statement: &Value) -> Value {
    if statement.is_unknown() {
        return statement.clone();
    }
    let mut entries = Entries::new();
    for name in ELEMENTS {
        let value = element(statement, name);
        if value.is_unset() || value.as_str() == Some("") {
            continue;
        }
        let value = match name {
            "Principal" | "NotPrincipal" => lists(&value, true),
            "Condition" => {
                let tests = value.as_entries().into_iter().flatten();
                let tests = tests.map(|(test, variables)| (Arc::clone(test), lists(&value.part(variables), false)));
                match &value.data {
                    Data::Object(_) | Data::Map(_) => {
                        Value { origin: value.origin.clone(), ..Value::object(tests.collect::<Vec<_>>()) }
                    }
                    _ => value.clone(),
                }
            }
            _ => value,
        };
        entries.insert(name.into(), value);
    }
    Value { origin: statement.origin.clone(), sensitive: statement.sensitive, ..Value::object(entries) }
}

/// The entries of an object, each text as a list of itself.
fn lists(object: &Value, sorted: bool) -> Value {
    let Some(entries) = object.as_entries() else { return object.clone() };
    let entry = |(name, value): (&Arc<str>, &Value)| {
        let value = match &value.data {
            Data::String(_) => Value { origin: value.origin.clone(), ..Value::tuple([value.clone()]) },
            Data::Tuple(items) if sorted && items.iter().all(|item| item.as_str().is_some()) => {
                let mut items = Vec::clone(items);
                items.sort_by(|a, b| b.as_str().cmp(&a.as_str()));
                Value { data: Data::Tuple(Arc::new(items)), ..value.clone() }
            }
            _ => value.clone(),
        };
        (Arc::clone(name), value)
    };
    let lists = Value::object(entries.iter().map(entry).collect::<Vec<_>>());
    Value { origin: object.origin.clone(), sensitive: object.sensitive, ..lists }
}
