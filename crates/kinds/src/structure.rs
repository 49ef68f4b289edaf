//! Structure within text: properties that hold JSON or YAML are looked into like any other object.
//!
//! In: a value of a native resource on the way of a path. Out: what the path goes on with. Text that is no structure stays
//! text, in which a path finds nothing.

use std::sync::Arc;

use terravet_graph::{Content, Data, Value};

/// The name in a path that stands for every entry of an object.
const EVERY: &str = "*";

/// The object or list that a text holds; none where the value is no text or holds none.
pub(crate) fn within_text(value: &Value) -> Option<Value> {
    if !matches!(value.data, Data::String(_) | Data::Unknown(_)) {
        return None;
    }
    match value.content.as_deref() {
        Some(Content::Json(encoded)) => Some(value.part(encoded)),
        Some(Content::Pieces(_)) => terravet_policy::read_text(value),
        _ if value.is_unknown() => None,
        _ => terravet_policy::read_text(value),
    }
}

/// What a name in a path leads to: the entry of that name, or every entry.
pub(crate) fn entries(value: &Value, name: &Arc<str>) -> Vec<Value> {
    match value.as_entries() {
        Some(entries) if &**name == EVERY => entries.values().map(|entry| value.part(entry)).collect(),
        _ => vec![value.get(name)],
    }
}
