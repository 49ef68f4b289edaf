//! `jsondecode`. Source: <https://developer.hashicorp.com/terraform/language/functions/jsondecode>.
//!
//! What is decoded keeps the exact place of every part, where the text's own place is known.

use std::ops::Range;
use std::sync::Arc;

use terravet_graph::{Content, Data, Number, Origin, Type, Value};
use terravet_source::Span;
use terravet_yaml::{Node, NodeKind, Style, parse_json_text};

use crate::dispatch::unknown;
use crate::signature::{Function, Kind, Parameter};
use crate::string::{decoded, string, text};
use crate::{Context, FunctionError};

pub(crate) const FUNCTION: Function =
    Function::typed("jsondecode", &[Parameter::new("str", Kind::String).unknown()], |_| Ok(Type::Any), decode)
        .nullable()
        .holding(decoded);

fn decode(context: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let argument = &arguments[0];
    if let Some(Content::Json(encoded)) = argument.content.as_deref() {
        return Ok(as_decoded(encoded));
    }
    if let Some(open) = argument.as_unknown() {
        return decode_prefix(arguments, open.prefix.as_deref().unwrap_or_default());
    }
    let place = place_of_text(argument);
    let at = |range: Range<usize>| place.map_or(context.span, |place| place.slice(range.start, range.end));
    let text = text(arguments, 0);
    let node = parse_json_text(text, at).or_else(|error| {
        // Terraform does not look at what follows a bracket too many.
        let value = text.get(..error.offset).filter(|_| text[error.offset..].starts_with([']', '}']));
        value.and_then(|value| parse_json_text(value, at).ok()).ok_or(error)
    });
    let node = node.map_err(|error| FunctionError::argument(0, error.message))?;
    Ok(Value { origin: None, ..value_of(&node, place.is_some())? })
}

/// Where a known text is written, if byte for byte: offsets in the text are then offsets in the span.
pub(crate) fn place_of_text(value: &Value) -> Option<Span> {
    let length = value.as_str()?.len();
    let piece = match value.content.as_deref() {
        Some(Content::Pieces(pieces)) => match pieces.as_slice() {
            [only] => only,
            _ => return None,
        },
        _ => value,
    };
    let span = piece.origin.as_ref()?.source().span;
    match span.range().len().checked_sub(length) {
        Some(0) => Some(span),
        Some(2) => Some(span.slice(1, length + 1)),
        _ => None,
    }
}

/// The value that decoding the encoding of a value gives: tuples and objects instead of collections.
fn as_decoded(value: &Value) -> Value {
    let data = match &value.data {
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
            Data::Tuple(Arc::new(value.as_items().unwrap_or_default().iter().map(as_decoded).collect()))
        }
        Data::Map(_) | Data::Object(_) => {
            let entries = value.as_entries().into_iter().flatten();
            Data::Object(Arc::new(entries.map(|(name, value)| (Arc::clone(name), as_decoded(value))).collect()))
        }
        Data::Null(_) | Data::Absent => Data::Null(Type::Any),
        other => other.clone(),
    };
    Value { data, ..value.clone() }
}

/// What a text is decoded to of which only the beginning is known.
fn decode_prefix(arguments: &[Value], prefix: &str) -> Result<Value, FunctionError> {
    let ty = match prefix.trim_start().chars().next() {
        None | Some('{' | '[' | 'n') => Type::Any,
        Some('"') => Type::String,
        Some('t' | 'f') => Type::Bool,
        Some('-' | '.' | '0'..='9') => Type::Number,
        Some(other) => {
            return Err(FunctionError::argument(
                0,
                format!("a JSON document cannot begin with the character {other:?}"),
            ));
        }
    };
    Ok(unknown(arguments, ty, false))
}

fn value_of(node: &Node, placed: bool) -> Result<Value, FunctionError> {
    let value = match &node.kind {
        NodeKind::Scalar { text, style: Style::JsonLiteral } => match &**text {
            "null" => Value::null(),
            "true" => Value::bool(true),
            "false" => Value::bool(false),
            number => number.parse::<Number>().map(Value::number).map_err(|_| {
                FunctionError::argument(0, format!("the number {number} is larger than can be computed with"))
            })?,
        },
        NodeKind::Scalar { text, .. } => string(&**text),
        NodeKind::Sequence(items) => {
            Value::tuple(items.iter().map(|item| value_of(item, placed)).collect::<Result<Vec<_>, _>>()?)
        }
        NodeKind::Mapping(entries) => {
            let entry = |entry: &terravet_yaml::Entry| {
                let key = entry.key.as_str().unwrap_or_default();
                if string(key).as_str() != Some(key) {
                    return Err(FunctionError::argument(
                        0,
                        format!("the name {key:?} is not in Unicode's normal form C"),
                    ));
                }
                Ok((Arc::from(key), value_of(&entry.value, placed)?))
            };
            Value::object(entries.iter().map(entry).collect::<Result<Vec<_>, FunctionError>>()?)
        }
    };
    Ok(Value { origin: placed.then(|| Origin::written(node.span)), ..value })
}
