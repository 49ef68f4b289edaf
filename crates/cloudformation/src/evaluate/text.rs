//! The functions that make text.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use terravet_graph::{Content, Data, ELEMENT, Type, Unknown, Value};
use terravet_source::Span;
use terravet_yaml::Node;

use super::candidates::{is_open, over};
use super::place::Place;
use super::{Evaluator, Fault, error, function, reason};
use crate::sections::kind_of;
use crate::substitution::{Part, parts};

impl Evaluator<'_> {
    /// `Fn::Sub`.
    pub(super) fn substitute(&self, argument: &Node, span: Span) -> Result<Value, Fault> {
        let (text_node, variables) = match argument.as_sequence() {
            Some([text, variables]) => (text, Some(variables)),
            Some(_) => return Ok(error()),
            None => (argument, None),
        };
        let Some(text) = text_node.as_str() else { return Ok(error()) };
        let place = Place::of(self, text_node);
        let mut pieces = Vec::new();
        for part in parts(text) {
            match part {
                Part::Literal(_, range) => pieces.extend(place.pieces(text, &range)),
                Part::Escaped(inner, range) => {
                    pieces.push(Value::string(format!("${{{inner}}}")).written_at(place.at(&range)));
                }
                Part::Name(name, range) => pieces.push(self.variable(name, variables, place.at(&range))),
            }
        }
        over(&pieces, |pieces| {
            let texts: Result<Vec<Value>, Fault> = pieces
                .iter()
                .map(|piece| {
                    as_text(piece).ok_or_else(|| {
                        let place = piece.span().unwrap_or(span);
                        let message = "what stands here is no text, and Fn::Sub puts text together";
                        Fault::new(place, message, "use Fn::Join for a list, or Fn::Select for a member of it")
                    })
                })
                .collect();
            Ok(self.concatenate(texts?, span))
        })
    }

    /// What a variable in the text of `Fn::Sub` stands for.
    fn variable(&self, name: &str, variables: Option<&Node>, span: Span) -> Value {
        if let Some(own) = variables.and_then(|variables| variables.get(name)) {
            return self.text_value(own);
        }
        match name.split_once('.') {
            Some((id, attribute)) => self.attribute_named(id, attribute, span),
            None => self.named(name, span),
        }
    }

    /// `Fn::Join`.
    pub(super) fn join(&self, argument: &Node, span: Span) -> Result<Value, Fault> {
        let Some([delimiter, list]) = argument.as_sequence() else { return Ok(error()) };
        let Some(text) = delimiter.as_str() else { return Ok(error()) };
        let delimiter = Value::string(text).written_at(delimiter.span);
        let list_value = match list.as_sequence() {
            Some(items) => {
                let items = items.iter().map(|item| self.text_value(item)).filter(|item| item.data != Data::Absent);
                Value::tuple(items).written_at(list.span)
            }
            None => self.value(list),
        };
        over(&[list_value], |values| {
            let Some(items) = values[0].as_items() else { return self.joined_unknown(&values[0], list) };
            let items: Vec<Value> = items.iter().map(|item| values[0].part(item)).collect();
            over(&items, |items| {
                let mut pieces = Vec::with_capacity(items.len() * 2);
                for item in items.iter().filter(|item| !item.is_unset()) {
                    if !pieces.is_empty() && !text.is_empty() {
                        pieces.push(delimiter.clone());
                    }
                    pieces.push(as_text(item).ok_or_else(|| {
                        let place = item.span().unwrap_or(list.span);
                        Fault::new(place, "Fn::Join takes a list of texts, and this is none", "write text here")
                    })?);
                }
                Ok(self.concatenate(pieces, span))
            })
        })
    }

    /// The text that an unknown list makes.
    fn joined_unknown(&self, list: &Value, node: &Node) -> Result<Value, Fault> {
        if !list.is_unknown() {
            let message = format!("Fn::Join takes a list, and this is {}", kind_of(node));
            return Err(Fault::new(node.span, message, "write a list as the second argument"));
        }
        let unknown = Unknown { not_null: true, ..Unknown::new(reason(list), Type::String) };
        Ok(Value { sensitive: list.sensitive, ..unknown.into() })
    }

    /// `Fn::Split`.
    pub(super) fn split(&self, argument: &Node) -> Result<Value, Fault> {
        let Some([delimiter, source]) = argument.as_sequence() else { return Ok(error()) };
        let Some(delimiter) = delimiter.as_str().filter(|text| !text.is_empty()) else { return Ok(error()) };
        over(&[self.text_value(source)], |values| match as_text(&values[0]) {
            Some(text) => Ok(match text.as_str() {
                Some(known) => {
                    let piece = |part: &str| Value {
                        origin: text.origin.clone(),
                        sensitive: text.sensitive,
                        ..Value::string(part)
                    };
                    let count = known.matches(delimiter).count() + 1;
                    if !self.made(known.len() + ELEMENT as usize * count, argument.span) {
                        return Ok(error());
                    }
                    Value::tuple(known.split(delimiter).map(piece))
                }
                None => split_unknown(&text, delimiter),
            }),
            None => {
                let message = "Fn::Split takes text, and this is none";
                Err(Fault::new(source.span, message, "write text as the second argument"))
            }
        })
    }

    /// A member of what `Fn::Split` makes of a text of which only the beginning is known; none where it is not certain.
    pub(super) fn certain_part(&self, list: &Node, at: usize) -> Option<Value> {
        let ("Fn::Split", argument) = function(list)? else { return None };
        let [delimiter, source] = argument.as_sequence()? else { return None };
        let delimiter = delimiter.as_str().filter(|text| !text.is_empty())?;
        let text = self.text_value(source);
        if is_open(&text) {
            return None;
        }
        let part = Value::string(*certain_parts(&text, delimiter).get(at)?);
        Some(part.marked(text.sensitive).written_at(source.span))
    }

    /// `Fn::Base64`.
    pub(super) fn base64(&self, argument: &Node) -> Result<Value, Fault> {
        over(&[self.text_value(argument)], |values| match as_text(&values[0]) {
            Some(text) => {
                let encoded = match text.as_str() {
                    Some(known) if !self.made(known.len(), argument.span) => return Ok(error()),
                    Some(known) => Value::string(STANDARD.encode(known)),
                    None => Unknown { not_null: true, ..Unknown::new(reason(&text), Type::String) }.into(),
                };
                Ok(encoded.marked(text.sensitive).with_content(Content::Encoded(text)))
            }
            None => Err(Fault::new(argument.span, "Fn::Base64 takes text, and this is none", "write text here")),
        })
    }

    /// The text that pieces make one after another. Where some are unknown it is unknown, with the prefix that is certain.
    pub(crate) fn concatenate(&self, mut pieces: Vec<Value>, span: Span) -> Value {
        let sensitive = pieces.iter().any(|piece| piece.sensitive);
        if pieces.len() == 1 {
            return pieces.swap_remove(0);
        }
        let length = |piece: &Value| match &piece.data {
            Data::Unknown(unknown) => unknown.prefix.as_deref().map_or(0, str::len),
            _ => piece.as_str().map_or(0, str::len),
        };
        if !self.made(pieces.iter().map(length).sum(), span) {
            return error();
        }
        let mut prefix = String::new();
        let mut open = None;
        for piece in &pieces {
            match &piece.data {
                Data::String(text) => prefix.push_str(text),
                Data::Unknown(unknown) => {
                    prefix.push_str(unknown.prefix.as_deref().unwrap_or_default());
                    open = Some(unknown.why.clone());
                    break;
                }
                _ => {}
            }
        }
        let value = match open {
            None => Value::string(prefix),
            Some(why) => {
                let prefix = Some(Arc::from(prefix)).filter(|prefix: &Arc<str>| !prefix.is_empty());
                Unknown { not_null: true, prefix, ..Unknown::new(why, Type::String) }.into()
            }
        };
        let value = value.marked(sensitive).written_at(span);
        if pieces.is_empty() { value } else { value.with_content(Content::Pieces(pieces)) }
    }
}

/// The parts of a text that is not known: at least one more than the delimiters that it certainly has.
fn split_unknown(text: &Value, delimiter: &str) -> Value {
    let min_length = certain_parts(text, delimiter).len() + 1;
    let unknown = Unknown { not_null: true, min_length, ..Unknown::new(reason(text), Type::list(Type::String)) };
    Value { sensitive: text.sensitive, ..unknown.into() }
}

/// The first parts of a text of which only a prefix is known: those that a delimiter ends.
fn certain_parts<'v>(text: &'v Value, delimiter: &str) -> Vec<&'v str> {
    let prefix = text.as_unknown().and_then(|unknown| unknown.prefix.as_deref()).unwrap_or_default();
    let mut parts: Vec<&str> = prefix.split(delimiter).collect();
    parts.pop();
    parts
}

/// A scalar as text; none for null, lists and maps. What is unknown stays so.
pub(crate) fn as_text(value: &Value) -> Option<Value> {
    let text: Arc<str> = match &value.data {
        Data::String(_) => return Some(value.clone()),
        Data::Bool(flag) => flag.to_string().into(),
        Data::Number(number) => number.to_string().into(),
        Data::Unknown(unknown) if matches!(unknown.ty, Type::List(_) | Type::Tuple(_) | Type::Object(_)) => {
            return None;
        }
        Data::Unknown(_) => return Some(value.clone()),
        _ => return None,
    };
    Some(Value { data: Data::String(text), ..value.clone() })
}
