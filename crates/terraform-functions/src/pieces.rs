//! Text put together from values, known or not.

use std::sync::Arc;

use terravet_graph::{Content, Data, Type, Unknown, Value};

use crate::convert::first_reason;
use crate::string::string;

/// The text that these strings are one after another, and that it was made of them. Where some are unknown it is
/// unknown, with the prefix that is certain.
pub fn concatenate(pieces: Vec<Value>) -> Value {
    let sensitive = pieces.iter().any(|piece| piece.sensitive);
    let mut prefix = String::new();
    for piece in &pieces {
        match &piece.data {
            Data::String(text) => prefix.push_str(text),
            Data::Unknown(unknown) => {
                prefix.push_str(unknown.prefix.as_deref().unwrap_or_default());
                break;
            }
            _ => {}
        }
    }
    let value = match pieces.iter().find_map(first_reason) {
        None => string(prefix),
        Some(why) => {
            let prefix = Some(Arc::from(prefix)).filter(|prefix: &Arc<str>| !prefix.is_empty());
            Unknown { not_null: true, prefix, ..Unknown::new(why, Type::String) }.into()
        }
    };
    let value = value.marked(sensitive);
    match pieces.len() {
        0 => value,
        _ => value.with_content(Content::Pieces(pieces)),
    }
}
