//! Paths to where a kind's attribute stands in a native resource.
//!
//! `root_block_device.encrypted` looks into the subject itself, `encryption_configuration/rule.x` into a companion
//! resource, `^/name` into the resource that a part belongs to, `meta/lifecycle` into what is said about the
//! resource. Lists on the way are looked into element by element.
//!
//! Five steps are no names: `Tags[Key=Name].Value` goes on with the elements whose key is this text,
//! `container_definitions.json()` with what a JSON text says, `variables.entries()` with the entries of a map, each as an
//! object of `name` and `value`, `name.after(/aws/lambda/)` with what follows in a text that begins so, and `domain_name.until(.s3)` with what stands before that in a
//! text.

use std::fmt;
use std::sync::Arc;

use terravet_graph::{Content, Type, Value, Why};

/// What a path starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathRoot {
    /// The subject: the resource's attributes, or the part.
    Own,
    /// The attributes of the resource that a part belongs to.
    Owner,
    /// The meta-arguments of the resource.
    Meta,
    /// The attributes of the companion resources of this name.
    Companion(Arc<str>),
}

/// A path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Where it starts.
    pub root: PathRoot,
    /// The names to follow. Empty means the start itself.
    pub segments: Vec<Arc<str>>,
}

impl Path {
    /// Reads the notation.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        // A slash in the text of a step is no root.
        let (root, rest) = match text.split_once('/').filter(|(root, _)| !root.contains(['[', '('])) {
            None => (PathRoot::Own, text),
            Some(("^", rest)) => (PathRoot::Owner, rest),
            Some(("meta", rest)) => (PathRoot::Meta, rest),
            Some((companion, rest)) => (PathRoot::Companion(companion.into()), rest),
        };
        Self { root, segments: segments(rest) }
    }

    /// The names to follow, as they are written in a page or a message.
    #[must_use]
    pub fn names(&self) -> String {
        self.segments.join(".").replace(".[", "[")
    }
}

/// The names of a path and its steps; a dot between brackets belongs to their text.
fn segments(text: &str) -> Vec<Arc<str>> {
    let mut found = vec![String::new()];
    let mut in_brackets = false;
    for c in text.chars() {
        let starts_next = !in_brackets && matches!(c, '.' | '[');
        in_brackets = if in_brackets { !matches!(c, ']' | ')') } else { matches!(c, '[' | '(') };
        if starts_next {
            found.push(String::new());
        }
        if let Some(last) = found.last_mut().filter(|_| !starts_next || c == '[') {
            last.push(c);
        }
    }
    found.iter().filter(|segment| !segment.is_empty()).map(|segment| Arc::from(segment.as_str())).collect()
}

/// What one segment leads to from a value that is no list.
pub(crate) fn step(value: &Value, segment: &str) -> Value {
    if let Some((key, wanted)) = selection(segment) {
        let found = value.get(key);
        return match found.as_str() {
            Some(text) if text == wanted => value.clone(),
            None if found.is_unknown() => unknown(&found, "which of the entries is meant is not known"),
            _ => Value { origin: value.origin.clone(), ..Value::absent(None) },
        };
    }
    if let Some(prefix) = segment.strip_prefix("after(").and_then(|rest| rest.strip_suffix(')')) {
        return rest_of_text(value, prefix);
    }
    if let Some(mark) = segment.strip_prefix("until(").and_then(|rest| rest.strip_suffix(')')) {
        return beginning_of_text(value, mark);
    }
    match segment {
        "json()" => decoded(value),
        "entries()" => entries(value),
        name => value.get(name),
    }
}

/// The key and the text of `[key=text]`.
fn selection(segment: &str) -> Option<(&str, &str)> {
    segment.strip_prefix('[')?.strip_suffix(']')?.split_once('=')
}

/// What follows in a text that begins so. A text of which too little is known stands for what follows.
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

/// A text that is made of some pieces of another one.
fn of_pieces(value: &Value, pieces: &[Value]) -> Value {
    match pieces {
        [one] => value.part(one),
        _ => unknown(value, "some of the text is not known").with_content(Content::Pieces(pieces.to_vec())),
    }
}

/// What a JSON text says; a text that is none is told where the provider reads it, and nothing is known of it here.
fn decoded(value: &Value) -> Value {
    match value.content.as_deref() {
        _ if value.is_unset() => value.clone(),
        Some(Content::Json(encoded)) => value.part(encoded),
        content if value.as_str().is_some() || matches!(content, Some(Content::Pieces(_))) => {
            terravet_policy::json_of(value).unwrap_or_else(|| unknown(value, "the JSON in it cannot be read"))
        }
        _ => unknown(value, "what it holds is not known"),
    }
}

/// The entries of a map as objects of `name` and `value`.
fn entries(value: &Value) -> Value {
    let Some(entries) = value.as_entries() else {
        return if value.is_unknown() { value.clone() } else { Value::absent(value.span()) };
    };
    let pair = |(name, entry): (&Arc<str>, &Value)| {
        let parts = [(Arc::from("name"), Value::string(Arc::clone(name))), (Arc::from("value"), entry.clone())];
        Value { origin: entry.origin.clone(), ..Value::object(parts) }
    };
    Value { origin: value.origin.clone(), ..Value::tuple(entries.iter().map(pair)) }
}

/// An unknown for the reason of a value, or for one in words where that has none.
fn unknown(value: &Value, words: &str) -> Value {
    let why = value.as_unknown().map_or_else(|| Why::Other(words.into()), |unknown| unknown.why.clone());
    Value { origin: value.origin.clone(), ..Value::unknown(why, Type::Any) }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            PathRoot::Own => {}
            PathRoot::Owner => f.write_str("^/")?,
            PathRoot::Meta => f.write_str("meta/")?,
            PathRoot::Companion(name) => write!(f, "{name}/")?,
        }
        f.write_str(&self.names())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_round_trips() {
        for text in ["encrypted", "a.b.c", "^/name", "meta/lifecycle.prevent_destroy", "versioning/status", "a[k=b.c/d].e", "name.after(/a.b/)"] {
            assert_eq!(Path::parse(text).to_string(), text);
        }
        assert_eq!(Path::parse("versioning/status").root, PathRoot::Companion("versioning".into()));
    }
    #[test]
    fn a_selection_goes_on_with_the_entries_of_its_key() {
        let entry = |key: Value, value: &str| {
            Value::object([(Arc::from("Key"), key), (Arc::from("Value"), Value::string(value))])
        };
        let follow = |value: &Value| step(&step(value, "[Key=a.b]"), "Value");
        assert_eq!(follow(&entry(Value::string("a.b"), "true")), Value::string("true"));
        assert!(follow(&entry(Value::string("other"), "true")).is_unset());
        assert!(follow(&entry(Value::unknown(Why::Computed, Type::String), "true")).is_unknown());
    }

    #[test]
    fn what_stands_around_a_name_is_taken_away() {
        let rest = |value: &Value| step(value, "after(/aws/lambda/)");
        assert_eq!(rest(&Value::string("/aws/lambda/report")), Value::string("report"));
        assert!(rest(&Value::string("/other/report")).is_unset());
        assert!(rest(&Value::unknown(Why::Computed, Type::String)).is_unknown());
        assert_eq!(step(&Value::string("logs.s3.amazonaws.com"), "until(.s3)"), Value::string("logs"));
        let name = Value::unknown(Why::Data("name".into()), Type::String);
        let pieces = Content::Pieces(vec![Value::string("/aws/lambda/"), name.clone()]);
        assert_eq!(rest(&Value::unknown(Why::Computed, Type::String).with_content(pieces)), name);
    }

    #[test]
    fn json_is_looked_into() {
        let first = |value: &Value| step(value, "json()").elements()[0].get("name");
        assert_eq!(first(&Value::string(r#"[{"name": "app"}]"#)), Value::string("app"));
        assert!(step(&Value::string("no JSON"), "json()").is_unknown());
        assert!(step(&Value::absent(None), "json()").is_unset());
    }

    #[test]
    fn entries_of_a_map_have_names() {
        let map = Value::object([(Arc::from("TOKEN"), Value::string("abc"))]);
        let entry = &step(&map, "entries()").elements()[0];
        assert_eq!((entry.get("name"), entry.get("value")), (Value::string("TOKEN"), Value::string("abc")));
    }
}
