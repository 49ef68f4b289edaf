//! `jsonencode`. Source: <https://developer.hashicorp.com/terraform/language/functions/jsonencode>.
//!
//! The text remembers the value that it encodes ([`Content::Json`]), so that what reads it as a policy or document need
//! not parse it, and finds its parts even where some are unknown.

use std::fmt::Write as _;
use std::sync::Arc;

use terravet_graph::{Content, Data, Type, Unknown, Value};

use crate::convert::contains_open;
use crate::dispatch::unknown;
use crate::signature::{Function, Kind, Parameter};
use crate::string::{string, within_limit};
use crate::{Context, FunctionError};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(
        "jsonencode",
        &[Parameter::new("val", Kind::Any).null().unknown().any_type()],
        Kind::String,
        json_encode,
    ),
    crate::json_decode::FUNCTION,
];

fn json_encode(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let value = &arguments[0];
    let text =
        if value.is_wholly_known() && !contains_open(value) { string(encode(value)?) } else { open_text(arguments) };
    Ok(text.with_content(Content::Json(value.clone())))
}

/// The unknown text of what is not wholly known. Where it cannot be null, its type tells the first character.
fn open_text(arguments: &[Value]) -> Value {
    let value = &arguments[0];
    let first = match value.ty() {
        _ if !value.is_not_null() => None,
        Type::String => Some("\""),
        Type::Object(_) | Type::Map(_) => Some("{"),
        Type::Tuple(_) | Type::List(_) | Type::Set(_) => Some("["),
        Type::Any | Type::Number | Type::Bool => None,
    };
    let mut text = unknown(arguments, Type::String, true);
    if let Data::Unknown(open) = &mut text.data {
        Arc::<Unknown>::make_mut(open).prefix = first.map(Arc::from);
    }
    text
}

/// A wholly known value as JSON without white space: all digits of numbers, attributes and keys in order, characters
/// escaped that would matter within HTML.
///
/// # Errors
/// Where it holds an infinite number, or the text would be longer than the limit.
pub fn encode(value: &Value) -> Result<String, FunctionError> {
    let mut text = String::new();
    write_value(value, &mut text)?;
    Ok(text)
}

fn write_value(value: &Value, out: &mut String) -> Result<(), FunctionError> {
    within_limit(out.len())?;
    match &value.data {
        Data::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Data::Number(number) if number.is_infinite() => {
            return Err(FunctionError::new("cannot serialize infinity as JSON"));
        }
        Data::Number(number) => {
            let _ = write!(out, "{number}");
        }
        Data::String(text) => write_text(text, out),
        Data::List(sequence) | Data::Set(sequence) => write_items(&sequence.items, out)?,
        Data::Tuple(items) => write_items(items, out)?,
        Data::Map(mapping) => write_entries(mapping.entries.iter(), out)?,
        Data::Object(entries) => write_entries(entries.iter(), out)?,
        Data::Absent | Data::Null(_) | Data::Unknown(_) => out.push_str("null"),
    }
    Ok(())
}

fn write_items(items: &[Value], out: &mut String) -> Result<(), FunctionError> {
    out.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_value(item, out)?;
    }
    out.push(']');
    Ok(())
}

fn write_entries<'v>(
    entries: impl Iterator<Item = (&'v Arc<str>, &'v Value)>,
    out: &mut String,
) -> Result<(), FunctionError> {
    out.push('{');
    for (at, (name, value)) in entries.enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_text(name, out);
        out.push(':');
        write_value(value, out)?;
    }
    out.push('}');
    Ok(())
}

/// Text as a JSON string, with the escapes of Go's encoder.
pub(crate) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
