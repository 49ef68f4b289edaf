//! Strict JSON, through `jsonc-parser` with everything loose turned off.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use jsonc_parser::ast::{ObjectPropName, Value};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};
use terravet_diagnostics::Diagnostic;
use terravet_source::{SourceFile, Span};

use crate::Parsed;
use crate::node::{Entry, Node, NodeKind, Style};

/// Why a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// The byte offset at which it stops being JSON.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for JsonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for JsonError {}

/// Parses a file as JSON.
#[must_use]
pub fn parse_json(file: &SourceFile) -> Parsed {
    let id = file.id();
    match parse_json_text(file.text(), &|range| Span::new(id, range)) {
        Ok(node) => {
            let mut diagnostics = Vec::new();
            duplicate_keys(&node, "json-duplicate-key", &mut diagnostics);
            Parsed { documents: vec![node], diagnostics }
        }
        Err(error) => {
            let place = Span::new(id, error.offset..error.offset);
            let diagnostic = Diagnostic::error("json-syntax", place, format!("this is not JSON: {}", error.message))
                .with_help("mend the syntax here; nothing in this file was judged");
            Parsed { documents: Vec::new(), diagnostics: vec![diagnostic] }
        }
    }
}

/// Parses a text as JSON; `at` makes spans of byte ranges of the text.
///
/// # Errors
/// [`JsonError`] at the first place where it is none, or nested too deeply (512 levels).
pub fn parse_json_text(text: &str, at: &dyn Fn(Range<usize>) -> Span) -> Result<Node, JsonError> {
    let collect = CollectOptions { comments: CommentCollectionStrategy::Off, tokens: false };
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = parse_to_ast(text, &collect, &strict).map_err(|error| JsonError {
        offset: error.range().start.min(text.len()),
        message: lower_first(&error.kind().to_string()),
    })?;
    let Some(value) = parsed.value else {
        return Err(JsonError { offset: 0, message: "the text is empty".into() });
    };
    Ok(node(&value, at))
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

/// Lowers a value. The parser's limit on nesting bounds the recursion.
fn node(value: &Value<'_>, at: &dyn Fn(Range<usize>) -> Span) -> Node {
    let range = value.range();
    let literal = |text: Arc<str>| NodeKind::Scalar { text, style: Style::JsonLiteral };
    let kind = match value {
        Value::StringLit(text) => NodeKind::Scalar { text: text.value.as_ref().into(), style: Style::DoubleQuoted },
        Value::NumberLit(number) => literal(number.value.into()),
        Value::BooleanLit(flag) => literal(if flag.value { "true" } else { "false" }.into()),
        Value::NullKeyword(_) => literal("null".into()),
        Value::Array(array) => NodeKind::Sequence(array.elements.iter().map(|element| node(element, at)).collect()),
        Value::Object(object) => {
            let entries = object.properties.iter().map(|property| {
                let (text, range): (Arc<str>, _) = match &property.name {
                    ObjectPropName::String(name) => (name.value.as_ref().into(), name.range()),
                    ObjectPropName::Word(name) => (name.value.into(), name.range()),
                };
                let kind = NodeKind::Scalar { text, style: Style::DoubleQuoted };
                let key = Node { kind, span: at(range.start..range.end), tag: None };
                Entry { key, value: node(&property.value, at) }
            });
            NodeKind::Mapping(entries.collect())
        }
    };
    Node { kind, span: at(range.start..range.end), tag: None }
}

/// Reports keys that stand twice in one mapping, anywhere below `node`, at the later place.
pub(crate) fn duplicate_keys(node: &Node, id: &str, diagnostics: &mut Vec<Diagnostic>) {
    match &node.kind {
        NodeKind::Scalar { .. } => {}
        NodeKind::Sequence(items) => items.iter().for_each(|item| duplicate_keys(item, id, diagnostics)),
        NodeKind::Mapping(entries) => {
            let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
            for entry in entries {
                if let Some(key) = entry.key.as_str().filter(|key| *key != "<<") {
                    if let Some(first) = seen.get(key) {
                        diagnostics.push(
                            Diagnostic::error(
                                id,
                                entry.key.span,
                                format!("the key `{key}` stands twice in one mapping"),
                            )
                            .with_related(*first, "it stands here before")
                            .with_help("remove one of the two; readers take the last"),
                        );
                    }
                    seen.insert(key, entry.key.span);
                }
                duplicate_keys(&entry.value, id, diagnostics);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use terravet_source::{Memory, Sources};

    fn parse(text: &str) -> (Arc<SourceFile>, Parsed) {
        let sources = Sources::new(Arc::new(Memory::default()));
        let file = sources.add(Path::new("a.json"), text);
        let parsed = parse_json(&file);
        (file, parsed)
    }

    #[test]
    fn keys_and_values_have_places() {
        let (file, parsed) = parse(r#"{"a": ["é", 012.5e1, true]}"#);
        assert_eq!(parsed.documents.len(), 0, "a leading zero is no JSON");
        assert!(parsed.diagnostics[0].message.starts_with("this is not JSON: "), "{}", parsed.diagnostics[0].message);
        drop(file);
        let (file, parsed) = parse(r#"{"a": ["é", 2.5, true]}"#);
        let list = parsed.documents[0].get("a").unwrap().as_sequence().unwrap();
        let texts: Vec<&str> = list.iter().map(|item| file.slice(item.span)).collect();
        assert_eq!(texts, ["\"é\"", "2.5", "true"]);
    }

    #[test]
    fn a_key_that_stands_twice_is_reported_with_both_places() {
        let (file, parsed) = parse(r#"{"a": 1, "a": 2}"#);
        let diagnostic = &parsed.diagnostics[0];
        assert_eq!(diagnostic.message, "the key `a` stands twice in one mapping");
        assert_eq!((diagnostic.primary.span.start, diagnostic.related[0].span.start), (9, 1));
        assert_eq!(parsed.documents[0].get("a").and_then(Node::as_str), Some("2"));
        drop(file);
    }

    #[test]
    fn nesting_ends_in_a_diagnostic() {
        let (_, parsed) = parse(&"[".repeat(100_000));
        assert_eq!(parsed.diagnostics.len(), 1);
        assert_eq!(parsed.diagnostics[0].id.as_ref(), "json-syntax");
    }

    #[test]
    fn comments_and_trailing_commas_are_refused() {
        for text in ["{\"a\": 1,}", "{\"a\": 1} // x", "[1 2]", "{a: 1}", "", "{\"a\": "] {
            assert_eq!(parse(text).1.diagnostics.len(), 1, "{text}");
        }
    }
}
