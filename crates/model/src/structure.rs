//! What a step of a path leads to: a name, a selection among entries, the structure within text.
//!
//! In: a value on the way of a path, and the next segment. Out: the values that the path goes on with, none where it leads
//! nowhere. Text that holds JSON, or YAML where all of it is known, is looked into like the object or list that it says; text
//! that is no structure stays text, in which a path finds nothing.
//!
//! Six segments are no names: `*` stands for every entry of an object, `[Key=Name]` for the value where its key is this
//! text, `entries()` for the entries of a map as objects of `name` and `value`, `parsed()` for what a text holds as a whole,
//! `after(/aws/lambda/)` for what follows in a text that begins so, `until(.s3)` for what stands before that in a text.

use std::sync::Arc;

use terravet_graph::{Content, Data, Type, Value, Why};

use crate::text::read_text;

/// The segment that stands for every entry of an object.
const EVERY: &str = "*";

/// The segment that makes objects of the entries of a map.
const ENTRIES: &str = "entries()";

/// The segment that means what a text holds as a whole.
const PARSED: &str = "parsed()";

/// The object or list that a text holds; none where the value is no text or holds none.
#[must_use]
pub fn within_text(value: &Value) -> Option<Value> {
    if !matches!(value.data, Data::String(_) | Data::Unknown(_)) {
        return None;
    }
    match value.content.as_deref() {
        Some(Content::Json(encoded)) => Some(value.part(encoded)),
        Some(Content::Pieces(_)) => read_text(value),
        _ if value.is_unknown() => None,
        _ => read_text(value),
    }
}

/// What a segment leads to from a value that is no list and no text with a structure; what is absent among it.
pub(crate) fn step(value: &Value, segment: &str) -> Vec<Value> {
    if let Some((key, wanted)) = selection(segment) {
        return vec![selected(value, key, wanted)];
    }
    if let Some(prefix) = segment.strip_prefix("after(").and_then(|rest| rest.strip_suffix(')')) {
        return vec![rest_of_text(value, prefix)];
    }
    if let Some(mark) = segment.strip_prefix("until(").and_then(|rest| rest.strip_suffix(')')) {
        return vec![beginning_of_text(value, mark)];
    }
    match (segment, value.as_entries()) {
        (EVERY, Some(entries)) => entries.values().map(|entry| value.part(entry)).collect(),
        (ENTRIES, _) => entries(value),
        // Text has been looked into before; what is left is not known, or holds no structure.
        (PARSED, _) => {
            if value.as_str().is_some() {
                Vec::new()
            } else {
                vec![value.clone()]
            }
        }
        _ => vec![value.get(segment)],
    }
}

/// Whether a segment needs the text as it is, and not what it holds.
pub(crate) fn is_about_text(segment: &str) -> bool {
    segment.starts_with("after(") || segment.starts_with("until(")
}

/// The key and the text of `[key=text]`.
fn selection(segment: &str) -> Option<(&str, &str)> {
    segment.strip_prefix('[')?.strip_suffix(']')?.split_once('=')
}

/// The value itself where its key is the text that is wanted.
fn selected(value: &Value, key: &str, wanted: &str) -> Value {
    let found = value.get(key);
    match (found.as_str(), found.as_unknown()) {
        (Some(text), _) if text == wanted => value.clone(),
        (None, Some(unknown)) => {
            Value { origin: found.origin.clone(), ..Value::unknown(unknown.why.clone(), Type::Any) }
        }
        _ => Value::absent(value.span()),
    }
}

/// What follows in a text that begins so. A text that is not known, or not all of it, stands for what follows.
fn rest_of_text(value: &Value, prefix: &str) -> Value {
    let known = value.as_unknown().and_then(|unknown| unknown.prefix.as_deref());
    let begins_otherwise = known.is_some_and(|known| !known.starts_with(prefix) && !prefix.starts_with(known));
    match value.as_str() {
        Some(text) => match text.strip_prefix(prefix) {
            Some(rest) => Value { origin: value.origin.clone(), ..Value::string(rest) },
            None => Value::absent(value.span()),
        },
        None if begins_otherwise => Value::absent(value.span()),
        None => match value.content.as_deref() {
            Some(Content::Pieces(pieces)) if pieces.first().and_then(Value::as_str) == Some(prefix) => {
                of_pieces(value, &pieces[1..])
            }
            _ => value.clone(),
        },
    }
}

/// What stands before a mark in a text that has it. A text of which too little is known stands for that.
fn beginning_of_text(value: &Value, mark: &str) -> Value {
    match value.as_str().map(|text| text.split_once(mark)) {
        Some(Some((before, _))) => Value { origin: value.origin.clone(), ..Value::string(before) },
        Some(None) => Value::absent(value.span()),
        None => match value.content.as_deref() {
            Some(Content::Pieces(pieces)) => {
                let has_mark = |piece: &Value| piece.as_str().is_some_and(|text| text.starts_with(mark));
                pieces.iter().position(has_mark).map_or_else(|| value.clone(), |at| of_pieces(value, &pieces[..at]))
            }
            _ => value.clone(),
        },
    }
}

/// The text that is made of some pieces of another one.
fn of_pieces(value: &Value, pieces: &[Value]) -> Value {
    let [one] = pieces else {
        let why = value.as_unknown().map_or(Why::Other("not all known".into()), |unknown| unknown.why.clone());
        let text = Value::unknown(why, Type::String).with_content(Content::Pieces(pieces.to_vec()));
        return Value { origin: value.origin.clone(), ..text };
    };
    value.part(one)
}

/// The entries of a map as objects of `name` and `value`.
fn entries(value: &Value) -> Vec<Value> {
    let Some(entries) = value.as_entries() else {
        return if value.is_unknown() { vec![value.clone()] } else { Vec::new() };
    };
    let pair = |(name, entry): (&Arc<str>, &Value)| {
        let parts = [(Arc::from("name"), Value::string(Arc::clone(name))), (Arc::from("value"), entry.clone())];
        value.part(&Value { origin: entry.origin.clone(), ..Value::object(parts) })
    };
    entries.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use terravet_graph::Why;

    fn only(value: &Value, segment: &str) -> Value {
        let found = step(value, segment);
        assert_eq!(found.len(), 1, "{segment}: {found:?}");
        found[0].clone()
    }

    fn object(entries: &[(&str, Value)]) -> Value {
        Value::object(entries.iter().map(|(name, value)| (Arc::from(*name), value.clone())))
    }

    #[test]
    fn a_selection_goes_on_with_the_entries_of_its_key() {
        let entry = |key: Value| object(&[("Key", key), ("Value", Value::string("true"))]);
        let follow = |value: &Value| only(&only(value, "[Key=a.b]"), "Value");
        assert_eq!(follow(&entry(Value::string("a.b"))), Value::string("true"));
        assert!(follow(&entry(Value::string("other"))).is_unset());
        assert!(follow(&entry(Value::unknown(Why::Computed, Type::String))).is_unknown());
    }

    #[test]
    fn a_prefix_is_taken_away() {
        let rest = |value: &Value| only(value, "after(/aws/lambda/)");
        assert_eq!(rest(&Value::string("/aws/lambda/report")), Value::string("report"));
        assert!(rest(&Value::string("/other/report")).is_unset());
        assert!(rest(&Value::unknown(Why::Computed, Type::String)).is_unknown());
        let name = Value::unknown(Why::Data("name".into()), Type::String);
        let pieces = Content::Pieces(vec![Value::string("/aws/lambda/"), name.clone()]);
        assert_eq!(rest(&Value::unknown(Why::Computed, Type::String).with_content(pieces)), name);
    }

    #[test]
    fn what_stands_before_a_mark_is_a_part_of_a_text() {
        let begin = |value: &Value| only(value, "until(/)");
        assert_eq!(begin(&Value::string("api/stage")), Value::string("api"));
        assert!(begin(&Value::string("api")).is_unset());
        let api = Value::unknown(Why::Data("api".into()), Type::String);
        let pieces = vec![Value::string("logs_"), api.clone(), Value::string("/stage")];
        let text = Value::unknown(Why::Computed, Type::String).with_content(Content::Pieces(pieces));
        assert_eq!(begin(&only(&text, "after(logs_)")), api);
    }

    #[test]
    fn a_whole_text_is_looked_into() {
        let list = within_text(&Value::string("[1]")).unwrap();
        assert_eq!(only(&list.elements()[0], "parsed()"), Value::number(1));
        assert!(step(&Value::string("no structure"), "parsed()").is_empty());
        assert!(only(&Value::unknown(Why::Computed, Type::String), "parsed()").is_unknown());
    }

    #[test]
    fn text_is_looked_into_where_it_holds_a_structure() {
        let first = |text: &str| Some(within_text(&Value::string(text))?.elements()[0].get("name"));
        assert_eq!(first(r#"[{"name": "app"}]"#), Some(Value::string("app")));
        assert_eq!(first("- name: app\n"), Some(Value::string("app")));
        assert_eq!(first("no structure"), None);
        assert_eq!(first("name: app"), None);
        assert_eq!(within_text(&Value::number(1)), None);
    }

    #[test]
    fn entries_of_a_map_have_names() {
        let map = object(&[("TOKEN", Value::string("abc"))]);
        let entry = only(&map, "entries()");
        assert_eq!((entry.get("name"), entry.get("value")), (Value::string("TOKEN"), Value::string("abc")));
        assert_eq!(only(&map, "*"), Value::string("abc"));
    }
}
