//! `yamldecode`. Source: <https://developer.hashicorp.com/terraform/language/functions/yamldecode>.
//!
//! What scalars stand for is decided by the rules of Terraform's own YAML library, which are those of YAML 1.2 with the
//! words of 1.1. What is decoded keeps the exact place of every part, where the text's own place is known.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use terravet_graph::{Entries, Number, Origin, Type, Value};
use terravet_yaml::{Entry, Node, NodeKind, Style, parse_yaml_text};

use super::json_decode::place_of_text;
use super::signature::{Function, Kind, Parameter};
use super::string::{string, text};
use super::{Context, FunctionError};
use crate::convert::parse_number;

/// The diagnostics of the parser that YAML itself has no objection to.
const DUPLICATE_KEY: &str = "yaml-duplicate-key";

pub(super) const FUNCTIONS: &[Function] =
    &[Function::typed("yamldecode", &[Parameter::new("src", Kind::String)], |_| Ok(Type::Any), decode).nullable()];

fn refused(message: impl Into<String>) -> FunctionError {
    FunctionError::argument(0, message)
}

fn decode(context: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let argument = &arguments[0];
    if let Some(terravet_graph::Content::Json(encoded)) = argument.content.as_deref()
        && argument.is_unknown()
    {
        return Ok(encoded.clone());
    }
    let place = place_of_text(argument);
    let at = |range: Range<usize>| place.map_or(context.span, |place| place.slice(range.start, range.end));
    if let Some(version) = other_version(text(arguments, 0)) {
        return Err(refused(format!("this is YAML {version}, and only YAML 1.1 is read")));
    }
    if text(arguments, 0).trim_start_matches([' ', '\n', '\r']).starts_with('\t') {
        return Err(refused("a tab cannot stand in the indentation"));
    }
    let parsed = parse_yaml_text(text(arguments, 0), at);
    if let Some(error) = parsed.diagnostics.iter().find(|diagnostic| &*diagnostic.id != DUPLICATE_KEY) {
        return Err(refused(error.message.clone()));
    }
    match parsed.documents.as_slice() {
        [] => Err(refused("missing start of document")),
        [only] => Ok(Value { origin: None, ..value_of(only, place.is_some())? }),
        _ => Err(refused("only a single document is allowed")),
    }
}

/// The version that a directive asks for, if it is another than the one that Terraform's library reads.
fn other_version(text: &str) -> Option<&str> {
    let directives = text.lines().take_while(|line| line.is_empty() || line.starts_with(['%', '#']));
    let version = directives.filter_map(|line| line.strip_prefix("%YAML ")).map(str::trim).next()?;
    (version != "1.1").then_some(version)
}

/// A tag of YAML's own by its short name; empty where there is none to heed.
fn tag(node: &Node) -> Result<&str, FunctionError> {
    let Some(text) = node.tag_text() else { return Ok("") };
    let own = text.strip_prefix("!<tag:yaml.org,2002:").and_then(|rest| rest.strip_suffix('>'));
    match own.or_else(|| text.strip_prefix("!!")) {
        Some(own) => Ok(own),
        None if text == "!" => Ok(""),
        None => Err(refused(format!("unsupported tag {text:?}"))),
    }
}

fn value_of(node: &Node, placed: bool) -> Result<Value, FunctionError> {
    let tag = tag(node)?;
    let value = match &node.kind {
        NodeKind::Scalar { text, style } => scalar(text, *style, tag)?,
        NodeKind::Sequence(items) => {
            if !matches!(tag, "" | "seq") {
                return Err(refused(format!("can't interpret sequence as {tag}")));
            }
            Value::tuple(items.iter().map(|item| value_of(item, placed)).collect::<Result<Vec<_>, _>>()?)
        }
        NodeKind::Mapping(entries) => {
            if !matches!(tag, "" | "map") {
                return Err(refused(format!("can't interpret mapping as {tag}")));
            }
            let mut object = BTreeMap::new();
            for entry in entries.iter() {
                add_entry(entry, placed, &mut object)?;
            }
            Value::object(object)
        }
    };
    Ok(Value { origin: placed.then(|| Origin::written(node.span)), ..value })
}

fn add_entry(entry: &Entry, placed: bool, object: &mut Entries) -> Result<(), FunctionError> {
    let NodeKind::Scalar { text, style } = &entry.key.kind else {
        return Err(refused("only strings are allowed as mapping keys"));
    };
    let tag = tag(&entry.key)?;
    if tag == "merge" || (tag.is_empty() && &**text == "<<") {
        let merged = value_of(&entry.value, placed)?;
        return merge(&merged, object);
    }
    let key = scalar(text, *style, tag)?;
    if key.is_null() {
        return Err(refused("mapping key cannot be null"));
    }
    let key = crate::convert::convert(&key, &Type::String)
        .map_err(|_| refused("only strings are allowed as mapping keys"))?;
    object.insert(Arc::from(key.as_str().unwrap_or_default()), value_of(&entry.value, placed)?);
    Ok(())
}

/// Takes over the entries of a mapping, or of several one after another.
fn merge(merged: &Value, object: &mut Entries) -> Result<(), FunctionError> {
    let single = std::slice::from_ref(merged);
    for mapping in merged.as_items().unwrap_or(single) {
        let Some(entries) = mapping.as_entries() else {
            return Err(refused("only mappings can be merged into a mapping"));
        };
        object.extend(entries.iter().map(|(name, value)| (Arc::clone(name), value.clone())));
    }
    Ok(())
}

/// What a scalar stands for.
fn scalar(text: &str, style: Style, tag: &str) -> Result<Value, FunctionError> {
    let cannot = || refused(format!("cannot parse {text:?} as {tag}"));
    let is_plain = style == Style::Plain;
    match tag {
        "" if !is_plain => return Ok(string(text)),
        "str" => return Ok(string(text)),
        "binary" => {
            return super::encoding::decode(text).map(|_| string(text)).map_err(|_| cannot());
        }
        "" | "bool" | "int" | "float" | "null" | "timestamp" => {}
        _ => return Err(refused(format!("unsupported tag \"!!{tag}\""))),
    }
    if matches!(style, Style::SingleQuoted | Style::DoubleQuoted) && has_hint(text) {
        return Ok(string(text));
    }
    if let Some(word) = word(text) {
        return Ok(word);
    }
    if tag.is_empty() && matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err(refused("floating point NaN is not supported"));
    }
    if text.starts_with('.')
        && let Some(number) = parse_number(text)
    {
        return Ok(Value::number(number));
    }
    if matches!(tag, "" | "timestamp")
        && let Some(timestamp) = super::timestamp::from_yaml(text)
    {
        return Ok(Value::string(timestamp.to_string()));
    }
    match tag {
        "int" | "float" => number(text).map(Value::number).ok_or_else(cannot),
        "bool" | "timestamp" => Err(cannot()),
        "null" => Ok(Value::null()),
        _ if is_integer(text) || is_float(text) => number(text).map(Value::number).ok_or_else(cannot),
        _ => Ok(string(text)),
    }
}

/// Whether the first character may begin something other than text.
fn has_hint(text: &str) -> bool {
    text.chars().next().is_none_or(|first| first.is_ascii_digit() || "+-.yYnNtTfFoO~".contains(first))
}

fn word(text: &str) -> Option<Value> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::bool(false),
        "" | "~" | "null" | "Null" | "NULL" => Value::null(),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::number(Number::infinity(false)),
        "-.inf" | "-.Inf" | "-.INF" => Value::number(Number::infinity(true)),
        _ => return None,
    })
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn is_integer(text: &str) -> bool {
    let of_radix = |prefix: &str, radix: u32| {
        text.strip_prefix(prefix)
            .is_some_and(|digits| !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix)))
    };
    all_digits(unsigned(text)) || of_radix("0o", 8) || of_radix("0x", 16)
}

/// Digits with a point before, between or after them, and perhaps an exponent.
fn is_float(text: &str) -> bool {
    let text = unsigned(text);
    let (mantissa, exponent) = text.find(['e', 'E']).map_or((text, None), |at| (&text[..at], Some(&text[at + 1..])));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(whole, rest)| (whole, Some(rest)));
    let digits = match (whole, fraction) {
        ("", fraction) => fraction.is_some_and(all_digits),
        (whole, None | Some("")) => all_digits(whole),
        (whole, Some(fraction)) => all_digits(whole) && all_digits(fraction),
    };
    digits && exponent.is_none_or(|exponent| all_digits(unsigned(exponent)))
}

/// The number of a scalar that is one, `_` between its digits left out.
fn number(text: &str) -> Option<Number> {
    let plain = text.replace('_', "");
    if let Some(number) = parse_number(&plain) {
        return Some(number);
    }
    let (negative, digits) = plain.strip_prefix('-').map_or((false, unsigned(&plain)), |digits| (true, digits));
    let lower = digits.to_ascii_lowercase();
    let value = match lower.get(..2)? {
        "0x" => u64::from_str_radix(&lower[2..], 16),
        "0o" => u64::from_str_radix(&lower[2..], 8),
        "0b" => u64::from_str_radix(&lower[2..], 2),
        _ => return None,
    };
    let number = Number::from(num_bigint::BigInt::from(value.ok()?));
    Some(if negative { number.negate() } else { number })
}
