//! Making sets: distinct elements in the order in which Terraform lists them.
//!
//! Strings, numbers and bools have their natural order. Elements of other types stand in the order of a text that
//! Terraform makes of them, which its documentation leaves open but `for` expressions and `tolist` show.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use terravet_graph::{Data, Truth, Type, Value};

use super::{Decimal, equal};

/// The set of these values, which are of the type `element` already. Unknown elements are kept, each for itself. A mark on
/// an element becomes a mark on the set, since the order would tell about it.
pub fn set_of(element: Type, values: impl IntoIterator<Item = Value>) -> Value {
    let mut sensitive = false;
    let mut keyed: Vec<(String, Value)> = Vec::new();
    for mut value in values {
        sensitive |= contains_sensitive(&value);
        value.sensitive = false;
        keyed.push((key(&value), value));
    }
    // Equal keys stand in the order of the buckets that Terraform sorts them into first: one bucket for each key, in
    // which they stay in the order of insertion.
    keyed.sort_by(|(left_key, left), (right_key, right)| order(left, left_key, right, right_key));
    let mut items: Vec<(String, Value)> = Vec::with_capacity(keyed.len());
    for (key, value) in keyed {
        let mut same_key = items.iter().rev().take_while(|(other, _)| *other == key);
        if !same_key.any(|(_, other)| equal(other, &value) == Truth::True) {
            items.push((key, value));
        }
    }
    let items = items.into_iter().map(|(_, value)| value).collect();
    Value::from(Data::Set(std::sync::Arc::new(terravet_graph::Sequence { element, items }))).marked(sensitive)
}

/// Values that have been met, to tell quickly whether another one is among them. For wholly known values of one type.
#[derive(Default)]
pub struct Members {
    by_key: BTreeMap<String, Vec<Value>>,
}

impl Members {
    /// Adds a value; false where an equal one is there already.
    pub fn insert(&mut self, value: &Value) -> bool {
        let same_key = self.by_key.entry(key(value)).or_default();
        let is_new = !same_key.iter().any(|other| equal(other, value) == Truth::True);
        if is_new {
            same_key.push(value.clone());
        }
        is_new
    }

    /// Whether an equal value is there.
    pub fn contains(&self, value: &Value) -> bool {
        let same_key = self.by_key.get(&key(value));
        same_key.is_some_and(|values| values.iter().any(|other| equal(other, value) == Truth::True))
    }
}

impl<'v> FromIterator<&'v Value> for Members {
    fn from_iter<I: IntoIterator<Item = &'v Value>>(values: I) -> Self {
        let mut members = Self::default();
        for value in values {
            members.insert(value);
        }
        members
    }
}

/// Whether it or anything in it is marked as sensitive.
pub fn contains_sensitive(value: &Value) -> bool {
    value.sensitive
        || value.as_items().unwrap_or_default().iter().any(contains_sensitive)
        || value.as_entries().into_iter().flatten().any(|(_, value)| contains_sensitive(value))
}

fn order(left: &Value, left_key: &str, right: &Value, right_key: &str) -> Ordering {
    let late = |value: &Value| (value.is_unset(), value.is_unknown());
    late(left).cmp(&late(right)).then_with(|| match (&left.data, &right.data) {
        (Data::String(left), Data::String(right)) => left.cmp(right),
        (Data::Number(left), Data::Number(right)) => left.cmp(right),
        (Data::Bool(left), Data::Bool(right)) => left.cmp(right),
        _ => left_key.as_bytes().cmp(right_key.as_bytes()),
    })
}

/// The text by which elements are told apart and ordered. Numbers have ten digits in it.
fn key(value: &Value) -> String {
    let mut text = String::new();
    write_key(value, &mut text);
    text
}

fn write_key(value: &Value, out: &mut String) {
    match &value.data {
        Data::Unknown(_) => out.push('?'),
        Data::Absent | Data::Null(_) => out.push('~'),
        Data::Bool(value) => out.push(if *value { 'T' } else { 'F' }),
        Data::Number(number) => {
            let text = Decimal::exact(number).map(|decimal| decimal.general(10, false));
            out.push_str(&text.unwrap_or_else(|| if number.is_negative() { "-Inf".into() } else { "+Inf".into() }));
        }
        Data::String(text) => out.push_str(&quote(text)),
        Data::Map(mapping) => {
            out.push('{');
            for (name, value) in &mapping.entries {
                let _ = write!(out, "{}:", quote(name));
                write_key(value, out);
                out.push(';');
            }
            out.push('}');
        }
        Data::List(sequence) | Data::Set(sequence) => write_keys(sequence.items.iter(), '[', ']', out),
        Data::Tuple(items) => write_keys(items.iter(), '<', '>', out),
        Data::Object(entries) => write_keys(entries.values(), '<', '>', out),
    }
}

fn write_keys<'a>(values: impl Iterator<Item = &'a Value>, open: char, close: char, out: &mut String) {
    out.push(open);
    for value in values {
        write_key(value, out);
        out.push(';');
    }
    out.push(close);
}

/// Text in double quotes with the escapes of Go's `%q`: control characters and what does not print are escaped.
fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            ' ' => out.push(' '),
            _ if is_printable(character) => out.push(character),
            _ => {
                let code = u32::from(character);
                let _ = match code {
                    0..=0x7f => write!(out, "\\x{code:02x}"),
                    0x80..=0xffff => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push('"');
    out
}

/// Whether a character is a letter, mark, number, punctuation or symbol, as far as the standard library can tell:
/// its debug text escapes exactly the others, and marks that would join the quote.
fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_graphic();
    }
    let mut shown = character.escape_debug();
    shown.len() == 1 && shown.next() == Some(character) || is_mark(character)
}

/// Combining marks, which the debug text escapes when they stand alone.
fn is_mark(character: char) -> bool {
    unicode_normalization::char::is_combining_mark(character)
}
