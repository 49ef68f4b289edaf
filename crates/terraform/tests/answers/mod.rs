//! Rows that say what the real Terraform answered to an expression, compared with what is answered here.
//!
//! A row is a JSON object: `expr`, and `error`, or `type` with `value` or with `unknown`, where a part of the value may be known.
//! Then `when` may say what it is worth, or that it is refused, once more is known.

#![allow(unreachable_pub, clippy::unwrap_used, reason = "tests may fail")]

use std::path::Path;
use std::sync::Arc;

use terravet_graph::{Data, Number, Value};
use terravet_report::evaluation::value_json;
use terravet_source::{Memory, Sources, Span};
use terravet_terraform::{Answer, Console};
use terravet_yaml::{Entry, Node, NodeKind, Style, parse_json_text};

/// A row of a file of answers.
pub fn parse(text: &str) -> Node {
    let file = Sources::new(Arc::new(Memory::default())).id(Path::new("row.json"));
    parse_json_text(text, |range| Span::new(file, range)).unwrap()
}

/// Whether two JSON values are equal, numbers by their value.
fn same(a: &Node, b: &Node) -> bool {
    match (&a.kind, &b.kind) {
        (NodeKind::Sequence(a), NodeKind::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        (NodeKind::Mapping(entries), NodeKind::Mapping(others)) => {
            entries.len() == others.len()
                && entries.iter().all(|entry| {
                    let other = entry.key.as_str().and_then(|key| b.get(key));
                    other.is_some_and(|other| same(&entry.value, other))
                })
        }
        (
            NodeKind::Scalar { text: a, style: Style::JsonLiteral },
            NodeKind::Scalar { text: b, style: Style::JsonLiteral },
        ) => a == b || a.parse::<Number>().is_ok_and(|a| b.parse() == Ok(a)),
        (NodeKind::Scalar { text: a, style: x }, NodeKind::Scalar { text: b, style: y }) => x == y && a == b,
        _ => false,
    }
}

/// A type's text without white space and trailing commas.
fn squashed(ty: &str) -> String {
    let text: String = ty.split_whitespace().collect();
    text.replace(",}", "}").replace(",)", ")").replace(",]", "]")
}

/// A JSON value in words.
fn shown(node: &Node) -> String {
    match &node.kind {
        NodeKind::Scalar { text, .. } => text.to_string(),
        NodeKind::Sequence(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        NodeKind::Mapping(entries) => {
            let entry = |entry: &Entry| format!("{}: {}", shown(&entry.key), shown(&entry.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

/// What differs from the answer of Terraform, if anything does.
pub fn difference(row: &Node, console: &mut Console<'_>) -> Option<String> {
    let expected = |name: &str| row.get(name);
    let expression = expected("expr")?.as_str()?;
    let Answer { value, ty } = match console.ask(expression) {
        // What is refused whatever the open values are, Terraform may refuse only once it knows them.
        Err(_) if expected("error").is_some() || is_always_refused(row) => return None,
        Err(errors) => return Some(format!("refused: {}", errors.first().map_or("", |error| &error.message))),
        Ok(answer) => answer,
    };
    if let Some(error) = expected("error") {
        return Some(format!("should be refused: {}", shown(error)));
    }
    let is_open = expected("unknown").is_some();
    let worlds = expected("when").and_then(Node::as_sequence).unwrap_or_default();
    let untrue = worlds.iter().filter_map(|world| world.get("value")).find(|wanted| !may_be(&value, wanted));
    if let Some(wanted) = untrue {
        return Some(format!("is {}, and may be {}", value_json(&value), shown(wanted)));
    }
    if is_open && worlds.is_empty() && value.is_wholly_known() {
        return Some(format!("should not be known, and is {}", value_json(&value)));
    }
    if !is_open && value.is_unknown() {
        return Some("is unknown".into());
    }
    if let Some(wanted) = expected("value").filter(|wanted| !same(wanted, &parse(&value_json(&value)))) {
        return Some(format!("is {} instead of {}", value_json(&value), shown(wanted)));
    }
    let wanted = expected("type").and_then(Node::as_str).map(squashed)?;
    let given = squashed(&ty);
    // Of what is open, more may be known than Terraform says, or less.
    let fits = given == wanted || (is_open && (wanted.contains("dynamic") || given == "dynamic"));
    (!fits).then(|| format!("has type {given} instead of {wanted}"))
}

/// Whether Terraform refuses the expression whatever the open values are.
fn is_always_refused(row: &Node) -> bool {
    let worlds = row.get("when").and_then(Node::as_sequence).unwrap_or_default();
    !worlds.is_empty() && worlds.iter().all(|world| world.get("error").is_some())
}

/// Whether all that is known of a value holds for what it turns out to be.
fn may_be(value: &Value, known: &Node) -> bool {
    let text = known.as_str().filter(|_| matches!(known.kind, NodeKind::Scalar { style: Style::DoubleQuoted, .. }));
    let parts = match &known.kind {
        NodeKind::Sequence(items) => Some(items.len()),
        NodeKind::Mapping(entries) => Some(entries.len()),
        NodeKind::Scalar { .. } => None,
    };
    match (&value.data, &known.kind) {
        (Data::Unknown(unknown), _) => {
            let null = known.as_str() == Some("null") && text.is_none();
            let candidates = &unknown.candidates;
            !(unknown.not_null && null)
                && text.zip(unknown.prefix.as_deref()).is_none_or(|(text, prefix)| text.starts_with(prefix))
                && parts.is_none_or(|parts| (unknown.min_length..=unknown.max_length.unwrap_or(parts)).contains(&parts))
                && (candidates.is_empty() || candidates.iter().any(|candidate| may_be(&candidate.value, known)))
        }
        (Data::Set(set), NodeKind::Sequence(items)) => {
            set.items.iter().all(|item| items.iter().any(|known| may_be(item, known)))
        }
        (Data::List(_) | Data::Tuple(_), NodeKind::Sequence(items)) => {
            let own = value.elements();
            own.len() == items.len() && own.iter().zip(items.iter()).all(|(item, known)| may_be(item, known))
        }
        (Data::Map(_) | Data::Object(_), NodeKind::Mapping(entries)) => value.as_entries().is_some_and(|own| {
            own.len() == entries.len()
                && own.iter().all(|(name, part)| known.get(name).is_some_and(|known| may_be(part, known)))
        }),
        _ => same(&parse(&value_json(value)), known),
    }
}
