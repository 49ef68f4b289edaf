//! `Fn::ToJsonString`.
//!
//! The text has the keys in the order in which they are written, and no white space. It keeps the value that it encodes.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-ToJsonString.html>.

use terravet_graph::{Content, Data, Truth, Type, Unknown, Value, Why};
use terravet_yaml::{Node, NodeKind, Resolved};

use super::{Evaluator, Fault, error, function, reason};
use crate::sections::text_of;

impl Evaluator<'_> {
    /// `Fn::ToJsonString`.
    pub(super) fn to_json_string(&self, argument: &Node) -> Result<Value, Fault> {
        let value = self.value(argument);
        if matches!(value.data, Data::String(_) | Data::Bool(_) | Data::Number(_)) {
            let message = "Fn::ToJsonString takes a map or a list, and this is none";
            return Err(Fault::new(argument.span, message, "write what the JSON holds"));
        }
        let mut writer = Writer { evaluator: self, text: String::new(), open: None };
        writer.node(argument, &value);
        if !self.made(writer.text.len(), argument.span) {
            return Ok(error());
        }
        let sensitive = is_sensitive(&value);
        let text = match writer.open {
            None => Value::string(writer.text),
            Some((why, length)) => {
                writer.text.truncate(length);
                let prefix = Some(writer.text.into()).filter(|_| length > 0);
                Unknown { not_null: true, prefix, ..Unknown::new(why, Type::String) }.into()
            }
        };
        Ok(text.marked(sensitive).with_content(Content::Json(value)))
    }
}

struct Writer<'e, 't> {
    evaluator: &'e Evaluator<'t>,
    text: String,
    /// Why the text is not known, and how much of it is certain.
    open: Option<(Why, usize)>,
}

impl Writer<'_, '_> {
    /// Writes a value, in the order of the node that it was evaluated from.
    fn node(&mut self, node: &Node, value: &Value) {
        match (&node.kind, function(node)) {
            (NodeKind::Mapping(_), Some(("Fn::If", argument))) => {
                if let Some([condition, yes, no]) = argument.as_sequence() {
                    let name = text_of(condition).unwrap_or_default();
                    match self.evaluator.conditions.truth(name, &self.evaluator.assumed.borrow()) {
                        Truth::True => return self.node(yes, value),
                        Truth::False => return self.node(no, value),
                        Truth::Unknown => {}
                    }
                }
                self.value(value);
            }
            (NodeKind::Mapping(entries), None) if value.as_entries().is_some() => {
                let found = value.as_entries();
                self.text.push('{');
                let mut first = true;
                for (at, entry) in entries.iter().enumerate() {
                    let key = entry.key.as_str().unwrap_or_default();
                    let again = entries[at + 1..].iter().any(|later| later.key.as_str() == Some(key));
                    if let Some(value) = found.and_then(|found| found.get(key)).filter(|_| !again) {
                        self.comma(&mut first);
                        self.string(key);
                        self.text.push(':');
                        self.node(&entry.value, value);
                    }
                }
                self.text.push('}');
            }
            (NodeKind::Sequence(nodes), _) if value.as_items().is_some_and(|items| items.len() == nodes.len()) => {
                self.text.push('[');
                let mut first = true;
                for (node, value) in nodes.iter().zip(value.as_items().unwrap_or_default()) {
                    self.comma(&mut first);
                    self.node(node, value);
                }
                self.text.push(']');
            }
            _ => match node.resolve() {
                // A number that is written with a point keeps it.
                Some(Resolved::Float(text)) => self.text.push_str(text),
                _ => self.value(value),
            },
        }
    }

    fn comma(&mut self, first: &mut bool) {
        if !std::mem::take(first) {
            self.text.push(',');
        }
    }

    fn value(&mut self, value: &Value) {
        match &value.data {
            Data::String(text) => self.string(text),
            Data::Bool(flag) => self.text.push_str(if *flag { "true" } else { "false" }),
            Data::Number(number) => self.text.push_str(&number.to_string()),
            Data::Absent | Data::Null(_) => self.text.push_str("null"),
            Data::Unknown(_) => {
                if self.open.is_none() {
                    self.open = Some((reason(value), self.text.len()));
                }
            }
            Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
                self.text.push('[');
                let mut first = true;
                for item in value.as_items().unwrap_or_default() {
                    self.comma(&mut first);
                    self.value(item);
                }
                self.text.push(']');
            }
            Data::Map(_) | Data::Object(_) => {
                self.text.push('{');
                let mut first = true;
                for (key, value) in value.as_entries().into_iter().flatten() {
                    self.comma(&mut first);
                    self.string(key);
                    self.text.push(':');
                    self.value(value);
                }
                self.text.push('}');
            }
        }
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for character in text.chars() {
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\u{8}' => self.text.push_str("\\b"),
                '\u{c}' => self.text.push_str("\\f"),
                control if control < ' ' => self.text.push_str(&format!("\\u{:04x}", u32::from(control))),
                other => self.text.push(other),
            }
        }
        self.text.push('"');
    }
}

fn is_sensitive(value: &Value) -> bool {
    value.sensitive
        || value.as_items().is_some_and(|items| items.iter().any(is_sensitive))
        || value.as_entries().is_some_and(|entries| entries.values().any(is_sensitive))
}
