//! What runs when a machine starts.
//!
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html> (at most 16 KB; base64 in the API).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use terravet_graph::{Content, Data, Truth, Value};

use terravet_model::{Fact, FactContext, FactDef};
use terravet_schema::{AttributeType, Need, NeedType};

/// The facts of this module.
pub(crate) const FACTS: &[FactDef] = &[
    FactDef {
        name: "user_data_text",
        needs: &[Need::of("user_data", NeedType::String)],
        arguments: &[],
        result: AttributeType::String,
        doc: "the text of the attribute user_data, decoded where it is written in base64",
        run: user_data_text,
    },
    FactDef {
        name: "user_data_is_opaque",
        needs: &[Need::of("user_data", NeedType::String)],
        arguments: &[],
        result: AttributeType::Bool,
        doc: "the attribute user_data is written in base64 by hand, unreadable to people",
        run: is_opaque,
    },
];

/// What a function encodes is readable in the source.
fn is_opaque(context: FactContext<'_>) -> Fact {
    let written = context.value("user_data");
    let truth = match (written.as_str(), written.content.as_deref()) {
        (Some(text), None) => decode(text).is_some().into(),
        (None, _) if written.is_unknown() => Truth::Unknown,
        _ => Truth::False,
    };
    Fact::truth(truth, vec![written])
}

fn user_data_text(context: FactContext<'_>) -> Fact {
    let written = context.value("user_data");
    let value = plain(&written, 0);
    Fact { value, evidence: vec![written] }
}

/// How often a text may be encoded.
const MAX_DEPTH: usize = 4;

/// A text without its encodings, with the place where it was written.
fn plain(value: &Value, depth: usize) -> Value {
    if let Some(Content::Encoded(text)) = value.content.as_deref().filter(|_| depth < MAX_DEPTH) {
        return plain(&value.part(text), depth + 1);
    }
    match value.as_str().and_then(decode) {
        Some(text) => Value { data: Data::String(text.into()), content: None, ..value.clone() },
        None => value.clone(),
    }
}

/// The text that a text in base64 stands for; none where it is none. A script is never taken for base64: it has white space
/// or signs that base64 has not.
fn decode(text: &str) -> Option<String> {
    let plain: String = text.split_whitespace().collect();
    let is_long_enough = plain.len() >= 8 && !text.trim().contains(' ');
    is_long_enough.then(|| STANDARD.decode(plain).ok()).flatten().and_then(|bytes| String::from_utf8(bytes).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded_and_scripts_are_not() {
        assert_eq!(decode("IyEvYmluL3NoCmVjaG8gaGkK").as_deref(), Some("#!/bin/sh\necho hi\n"));
        assert_eq!(decode("IyEvYmlu\nL3NoCmVjaG8gaGkK").as_deref(), Some("#!/bin/sh\necho hi\n"));
        assert_eq!(decode("#!/bin/sh\necho hi\n"), None);
        assert_eq!(decode("echo hello"), None);
    }
}
