//! `Fn::FindInMap`.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-findinmap.html>.
//!
//! Where a key is a parameter without value, each key that is there is a candidate: any other value would be refused at
//! deployment.

use std::sync::Arc;

use terravet_diagnostics::did_you_mean_or;
use terravet_graph::{Candidate, MAX_CANDIDATES, Step, Type, Value};
use terravet_yaml::{Entry, Node};

use super::candidates::{joined, over};
use super::text::as_text;
use super::{Evaluator, Fault, error, function, reason};
use crate::parameters::guard;
use crate::template::Template;

/// How many entries of a mapping are gone through to find a key.
const MAX_WALKED: usize = 16;

impl<'t> Evaluator<'t> {
    /// `Fn::FindInMap`.
    pub(super) fn find_in_map(&self, argument: &Node) -> Result<Value, Fault> {
        let Some(arguments) = argument.as_sequence() else { return Ok(error()) };
        let [map, first, second, rest @ ..] = arguments else { return Ok(error()) };
        let default = rest.first().and_then(|options| options.get("DefaultValue"));
        let map_value = self.value(map);
        over(&[map_value], |values| {
            if values[0].is_unset() {
                return Err(Fault::new(map.span, "this gives no name of a mapping", "give one in every case"));
            }
            let Some(name) = as_text(&values[0]).and_then(|text| text.as_str().map(str::to_owned)) else {
                return Ok(open_lookup(&values[0]));
            };
            let template: &'t Template = self.template;
            let Some(table) = template.mappings.get(name.as_str()) else {
                return default.map(|default| self.value(default)).ok_or_else(|| {
                    let known = self.template.mappings.keys().map(|key| &**key);
                    let help = did_you_mean_or(&name, known, "declare it in `Mappings`");
                    Fault::new(map.span, format!("there is no mapping {name}"), help)
                });
            };
            let keys = table.as_mapping().unwrap_or_default();
            let row = self.key(first, keys);
            over(&[row], |values| {
                let found = match self.entry(&values[0], keys, first, &name, default) {
                    Found::Entry(entry) => entry,
                    Found::Value(value) => return Ok(value),
                    Found::Nothing(fault) => return Err(fault),
                };
                let cells = found.value.as_mapping().unwrap_or_default();
                let path = format!("{name}.{}", found.key.as_str().unwrap_or_default());
                over(&[self.key(second, cells)], |values| match self.entry(&values[0], cells, second, &path, default) {
                    Found::Entry(cell) => {
                        let path = format!("{path}.{}", cell.key.as_str().unwrap_or_default());
                        Ok(self.value(&cell.value).through(cell.value.span, Step::Mapping(path.into())))
                    }
                    Found::Value(value) => Ok(value),
                    Found::Nothing(fault) => Err(fault),
                })
            })
        })
    }

    /// The value of a key; one of the keys that are there, where it is a parameter without value.
    fn key(&self, node: &Node, keys: &[Entry]) -> Value {
        let value = self.value(node);
        let Some(choice) = self.choice(node, &value) else { return value };
        if keys.is_empty() || keys.len() > MAX_CANDIDATES {
            return value;
        }
        let candidates = keys.iter().filter_map(|entry| {
            let text: Arc<str> = entry.key.as_str()?.into();
            let when = vec![guard(&choice, &text)];
            Some(Candidate { when, value: Value::string(text).written_at(node.span) })
        });
        let known = joined(reason(&value), candidates.collect());
        self.possible(Value { sensitive: value.sensitive, ..known })
    }

    /// The choice that a node stands for, where it is a reference to a parameter of which nothing is known.
    pub(crate) fn choice(&self, node: &Node, value: &Value) -> Option<Arc<str>> {
        let unknown =
            value.as_unknown().filter(|unknown| unknown.candidates.is_empty() && unknown.ty == Type::String)?;
        let (name, argument) = function(node)?;
        let whole = match name {
            "Ref" => true,
            "Fn::Sub" => {
                let inner = argument.as_str()?.strip_prefix("${")?.strip_suffix('}')?;
                crate::substitution::is_name(inner) && !inner.contains('.')
            }
            _ => false,
        };
        match &unknown.why {
            terravet_graph::Why::Input(choice) if whole && value.content.is_none() => Some(Arc::clone(choice)),
            _ => None,
        }
    }

    /// The last of some entries of a mapping that has this key. Where they are many, they are found by an index.
    fn keyed(&self, entries: &'t [Entry], key: &str) -> Option<&'t Entry> {
        if entries.len() <= MAX_WALKED {
            return entries.iter().rfind(|entry| entry.key.as_str() == Some(key));
        }
        let mut tables = self.tables.borrow_mut();
        // The template does not change while it is evaluated, so that its entries stay where they are.
        let table = tables
            .entry(entries.as_ptr().addr())
            .or_insert_with(|| entries.iter().filter_map(|entry| Some((entry.key.as_str()?, entry))).collect());
        table.get(key).copied()
    }

    fn entry(&self, key: &Value, entries: &'t [Entry], node: &Node, path: &str, default: Option<&Node>) -> Found<'t> {
        let Some(text) = as_text(key).and_then(|text| text.as_str().map(str::to_owned)) else {
            if key.is_unknown() {
                return Found::Value(open_lookup(key));
            }
            return Found::Nothing(Fault::new(node.span, "a key of a mapping is text", "write the key as text"));
        };
        match (self.keyed(entries, &text), default) {
            (Some(entry), _) => Found::Entry(entry),
            (None, Some(default)) => Found::Value(self.value(default)),
            (None, None) => {
                let known = entries.iter().filter_map(|entry| entry.key.as_str());
                let help =
                    did_you_mean_or(&text, known, "add it to the mapping, or use one of the keys that are there");
                Found::Nothing(Fault::new(node.span, format!("{path} has no key `{text}`"), help))
            }
        }
    }
}

/// What is found by something that is not known.
fn open_lookup(by: &Value) -> Value {
    Value::unknown(reason(by), Type::Any).marked(by.sensitive)
}

enum Found<'n> {
    Entry(&'n Entry),
    Value(Value),
    Nothing(Fault),
}
