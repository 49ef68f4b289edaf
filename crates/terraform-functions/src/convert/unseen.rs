//! What an object has that was not written: the attributes that a provider sets.

use terravet_graph::{Content, Data, Unknown, Value};

/// What stands for the attributes that are not known of an object, if it is an open one.
pub fn behind(value: &Value) -> Option<&Unknown> {
    match (&value.data, value.content.as_deref()) {
        (Data::Object(_), Some(Content::Open(behind))) => Some(behind),
        _ => None,
    }
}
