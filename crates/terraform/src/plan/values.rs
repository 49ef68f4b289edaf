//! Values of a plan, with the way that the configuration beside it knows for them.

use std::sync::Arc;

use terravet_graph::{Data, Entries, Number, Origin, Reference, Step, Type, Unknown, Value, Why};
use terravet_source::Span;
use terravet_yaml::{Node, NodeKind, Style};

use super::property;
use super::references::referred;

/// What the plan says of a value beside the value.
#[derive(Clone, Copy)]
pub(super) struct Masks<'p> {
    /// Which parts are known only after apply.
    pub(super) unknown: Option<&'p Node>,
    /// Which parts must not be shown.
    pub(super) sensitive: Option<&'p Node>,
    /// What its expressions refer to.
    pub(super) expressions: Option<&'p Node>,
}

impl<'p> Masks<'p> {
    fn property(self, name: &str) -> Self {
        let of = |node: Option<&'p Node>| node.and_then(|node| property(node, name));
        Self { unknown: of(self.unknown), sensitive: of(self.sensitive), expressions: of(self.expressions) }
    }

    fn item(self, at: usize) -> Self {
        let of = |node: Option<&'p Node>| node.and_then(|node| node.as_sequence()?.get(at));
        // The expressions of a block that is written once stand alone.
        let expressions = of(self.expressions).or_else(|| self.expressions.filter(|node| node.as_mapping().is_some()));
        Self { unknown: of(self.unknown), sensitive: of(self.sensitive), expressions }
    }
}

fn is_true(node: Option<&Node>) -> bool {
    matches!(node.map(|node| &node.kind), Some(NodeKind::Scalar { text, style: Style::JsonLiteral }) if &**text == "true")
}

/// A value of JSON.
pub(super) fn value_of(node: &Node) -> Value {
    let value = match &node.kind {
        NodeKind::Scalar { text, style: Style::JsonLiteral } => match &**text {
            "null" => Value::null(),
            "true" => Value::bool(true),
            "false" => Value::bool(false),
            number => number.parse::<Number>().map_or_else(|_| Value::string(number), Value::number),
        },
        NodeKind::Scalar { text, .. } => Value::string(Arc::clone(text)),
        NodeKind::Sequence(items) => Value::tuple(items.iter().map(value_of)),
        NodeKind::Mapping(entries) => {
            let entry = |entry: &terravet_yaml::Entry| Some((entry.key.as_str()?.into(), value_of(&entry.value)));
            Value::object(entries.iter().filter_map(entry).collect::<Vec<_>>())
        }
    };
    value.written_at(node.span)
}

/// Reads the values of one resource.
pub(super) struct Reader<'p> {
    /// The address of the resource.
    pub(super) address: &'p Arc<str>,
    /// The address of its module.
    pub(super) module: &'p str,
    /// Where the resource stands in the plan.
    pub(super) place: Span,
    /// Whether the configuration is at hand.
    pub(super) is_located: bool,
}

impl Reader<'_> {
    /// The object of a resource or nested block: what the plan has, and what it has only as unknown.
    pub(super) fn object(&self, node: Option<&Node>, masks: Masks<'_>, written: Option<&Value>, path: &str) -> Value {
        let mut entries = Entries::new();
        for entry in node.and_then(Node::as_mapping).unwrap_or_default() {
            let Some(name) = entry.key.as_str() else { continue };
            let own = written.map(|written| written.get(name)).filter(|own| !matches!(own.data, Data::Absent));
            // A plan has all attributes of the schema; those that nobody wrote and the provider leaves alone are not there.
            let is_empty = is_null(&entry.value) || entry.value.as_sequence().is_some_and(<[Node]>::is_empty);
            let inner = masks.property(name);
            if self.is_located && own.is_none() && is_empty && !any_true(inner.unknown) {
                continue;
            }
            let value = self.value(Some(&entry.value), inner, own.as_ref(), &joined(path, name));
            entries.insert(name.into(), value);
        }
        for entry in masks.unknown.and_then(Node::as_mapping).unwrap_or_default() {
            let Some(name) = entry.key.as_str() else { continue };
            if entries.contains_key(name) || !any_true(Some(&entry.value)) {
                continue;
            }
            let own = written.map(|written| written.get(name)).filter(|own| !matches!(own.data, Data::Absent));
            entries.insert(name.into(), self.value(None, masks.property(name), own.as_ref(), &joined(path, name)));
        }
        Value::object(entries)
    }

    fn value(&self, node: Option<&Node>, masks: Masks<'_>, written: Option<&Value>, path: &str) -> Value {
        let value = if is_true(masks.unknown) {
            self.unknown(masks, written, path)
        } else {
            match node.map(|node| &node.kind) {
                Some(NodeKind::Mapping(_)) => self.object(node, masks, written, path),
                None if masks.unknown.is_some_and(|mask| mask.as_mapping().is_some()) => {
                    self.object(node, masks, written, path)
                }
                Some(NodeKind::Sequence(items)) => {
                    let parts = written.map(Value::elements).filter(|parts| parts.len() == items.len());
                    let item = |(at, item): (usize, &Node)| {
                        let own =
                            parts.as_ref().and_then(|parts| parts.get(at)).or(written.filter(|_| items.len() == 1));
                        self.value(Some(item), masks.item(at), own, &format!("{path}[{at}]"))
                    };
                    Value::tuple(items.iter().enumerate().map(item).collect::<Vec<_>>())
                }
                Some(_) => node.map_or_else(Value::null, value_of),
                None => Value::null(),
            }
        };
        let origin = self.origin(node, masks, written, &value);
        let sensitive = value.sensitive || is_true(masks.sensitive);
        // What the text is made of is known from the configuration where it makes the same text.
        let content = written.filter(|written| written.data == value.data).and_then(|written| written.content.clone());
        Value { origin, sensitive, content: content.or_else(|| value.content.clone()), ..value }
    }

    fn origin(
        &self,
        node: Option<&Node>,
        masks: Masks<'_>,
        written: Option<&Value>,
        value: &Value,
    ) -> Option<Arc<Origin>> {
        if let Some(origin) = written.and_then(|written| written.origin.clone()) {
            return Some(origin);
        }
        let span = node.map_or(self.place, |node| node.span);
        let reference = masks.expressions.and_then(|expression| referred(expression, self.module));
        match reference {
            Some(reference) if !matches!(value.data, Data::Unknown(_)) => {
                Some(Origin::then(span, Step::Resource(reference), None))
            }
            _ => Some(Origin::written(span)),
        }
    }

    /// A value that is known only after apply: what the configuration knows of it, or what it refers to.
    fn unknown(&self, masks: Masks<'_>, written: Option<&Value>, path: &str) -> Value {
        if let Some(written) = written.filter(|written| written.is_unknown()) {
            return written.clone();
        }
        let own = || Reference { resource: Arc::clone(self.address), attribute: path.into() };
        let reference = masks.expressions.and_then(|expression| referred(expression, self.module)).unwrap_or_else(own);
        Unknown { reference: Some(reference), ..Unknown::new(Why::Computed, Type::Any) }.into()
    }
}

fn is_null(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Scalar { text, style: Style::JsonLiteral } if &**text == "null")
}

/// Whether a mask says anything.
fn any_true(mask: Option<&Node>) -> bool {
    match mask.map(|node| &node.kind) {
        Some(NodeKind::Sequence(items)) => items.iter().any(|item| any_true(Some(item))),
        Some(NodeKind::Mapping(entries)) => entries.iter().any(|entry| any_true(Some(&entry.value))),
        _ => is_true(mask),
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
