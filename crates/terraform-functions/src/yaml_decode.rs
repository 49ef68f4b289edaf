//! `yamldecode`. Source: <https://developer.hashicorp.com/terraform/language/functions/yamldecode>.
//!
//! What scalars stand for is decided by the rules of Terraform's own YAML library, which are those of YAML 1.2 with the
//! words of 1.1. What is decoded keeps the exact place of every part, where the text's own place is known.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use terravet_graph::{Number, Origin, Type, Value};
use terravet_source::Span;
use terravet_yaml::{Entry, Node, NodeKind, Style, parse_yaml_text};

use crate::convert::parse_number;
use crate::json_decode::place_of_text;
use crate::signature::{Function, Kind, Parameter};
use crate::string::{string, text};
use crate::{Context, FunctionError};

/// The diagnostics of the parser that YAML itself has no objection to.
const DUPLICATE_KEY: &str = "yaml-duplicate-key";

pub(crate) const FUNCTIONS: &[Function] =
    &[Function::typed("yamldecode", &[Parameter::new("src", Kind::String)], |_| Ok(Type::Any), decode)
        .nullable()
        .holding(crate::string::decoded)];

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
    let (text, place) = (text(arguments, 0), place_of_text(argument));
    // Spans are offsets into the text at first.
    let at = |range: Range<usize>| Span::new(context.span.file, range);
    if let Some(directive) = unknown_directive(text) {
        return Err(refused(format!("the directive {directive:?} is not known")));
    }
    if text.trim_start_matches([' ', '\n', '\r']).starts_with('\t') {
        return Err(refused("a tab cannot stand in the indentation"));
    }
    let parsed = parse_yaml_text(text, at);
    if let Some(error) = parsed.diagnostics.iter().find(|diagnostic| &*diagnostic.id != DUPLICATE_KEY) {
        return Err(refused(error.message.clone()));
    }
    match parsed.documents.as_slice() {
        [] => Err(refused("missing start of document")),
        [only] => Ok(Value { origin: None, ..Decoder { text, place }.value(only)? }),
        _ => Err(refused("only a single document is allowed")),
    }
}

/// The first directive that Terraform's library does not know: YAML has two, one of which names the version.
fn unknown_directive(text: &str) -> Option<&str> {
    let head = text.lines().take_while(|line| line.is_empty() || line.starts_with(['%', '#']));
    let mut directives = head.filter(|line| line.starts_with('%'));
    directives.find(|line| {
        let mut words = line.split_whitespace();
        !matches!((words.next(), words.next()), (Some("%YAML"), Some("1.1")) | (Some("%TAG"), _))
    })
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

/// What turns nodes into values.
struct Decoder<'t> {
    text: &'t str,
    /// Where the text stands, byte for byte, if that is known.
    place: Option<Span>,
}

impl Decoder<'_> {
    fn value(&self, node: &Node) -> Result<Value, FunctionError> {
        let tag = tag(node)?;
        let value = match &node.kind {
            NodeKind::Scalar { style, .. } => scalar(self.scalar_text(node), *style, tag)?,
            NodeKind::Sequence(items) => {
                if !matches!(tag, "" | "seq") {
                    return Err(refused(format!("can't interpret sequence as {tag}")));
                }
                Value::tuple(items.iter().map(|item| self.value(item)).collect::<Result<Vec<_>, _>>()?)
            }
            NodeKind::Mapping(entries) => {
                if !matches!(tag, "" | "map") {
                    return Err(refused(format!("can't interpret mapping as {tag}")));
                }
                let mut object = BTreeMap::new();
                for entry in entries.iter() {
                    self.add_entry(entry, &mut object)?;
                }
                Value::object(object)
            }
        };
        let span = self.place.map(|place| place.slice(node.span.range().start, node.span.range().end));
        Ok(Value { origin: span.map(Origin::written), ..value })
    }

    /// The text of a scalar. A block that ends with the text, without a line break, has none at its end.
    fn scalar_text<'n>(&self, node: &'n Node) -> &'n str {
        let text = node.as_str().unwrap_or_default();
        let is_block = matches!(node.kind, NodeKind::Scalar { style: Style::Literal | Style::Folded, .. });
        let is_last = node.span.range().end >= self.text.len() && !self.text.ends_with('\n');
        if is_block && is_last { text.strip_suffix('\n').unwrap_or(text) } else { text }
    }

    fn add_entry(&self, entry: &Entry, object: &mut BTreeMap<Arc<str>, Value>) -> Result<(), FunctionError> {
        let NodeKind::Scalar { text, style } = &entry.key.kind else {
            return Err(refused("only strings are allowed as mapping keys"));
        };
        let tag = tag(&entry.key)?;
        if tag == "merge" || (tag.is_empty() && &**text == "<<") {
            let merged = self.value(&entry.value)?;
            return merge(&merged, object);
        }
        let key = scalar(text, *style, tag)?;
        if key.is_null() {
            return Err(refused("mapping key cannot be null"));
        }
        let key = crate::convert::convert(&key, &Type::String)
            .map_err(|_| refused("only strings are allowed as mapping keys"))?;
        object.insert(Arc::from(key.as_str().unwrap_or_default()), self.value(&entry.value)?);
        Ok(())
    }
}

/// Takes over the entries of a mapping. Terraform's library takes no sequence of them.
fn merge(merged: &Value, object: &mut BTreeMap<Arc<str>, Value>) -> Result<(), FunctionError> {
    let entries = merged.as_entries().ok_or_else(|| refused("only a mapping can be merged into a mapping"))?;
    object.extend(entries.iter().map(|(name, value)| (Arc::clone(name), value.clone())));
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
            return crate::encoding::decode(text).map(|_| string(text)).map_err(|_| cannot());
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
        && let Some(timestamp) = crate::timestamp::from_yaml(text)
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
