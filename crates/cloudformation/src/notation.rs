//! How a fix is written in a template.
//!
//! A resource without properties, a key that is there though its value is not (`!Ref AWS::NoValue`), and a mapping in flow
//! style of YAML are told in words only.

use terravet_diagnostics::Edit;
use terravet_frontend::notation::{
    Insertion, Literal, Notation, insert_in_object, is_written, json_assignment, quoted,
};
use terravet_source::Span;

/// The notation of a template, by its text.
pub(crate) fn of(text: &str) -> &'static dyn Notation {
    if text.trim_start().starts_with('{') { &Json } else { &Yaml }
}

/// The mapping that an attribute is added to.
fn mapping(insertion: &Insertion<'_>) -> Option<Span> {
    // Without properties there is no mapping to add to.
    insertion.container.filter(|mapping| *mapping != insertion.resource.header)
}

/// YAML.
pub(crate) struct Yaml;

impl Notation for Yaml {
    fn literal(&self, value: &Literal) -> String {
        match value {
            Literal::String(text) if is_plain(text) => text.to_string(),
            _ => quoted(value),
        }
    }

    fn assignment(&self, name: &str, value: &Literal) -> String {
        format!("{name}: {}", self.literal(value))
    }

    /// An entry before the first of the mapping, as far in as that one.
    fn insert(&self, insertion: &Insertion<'_>) -> Option<Edit> {
        let (file, mapping) = (insertion.file, mapping(insertion)?);
        if is_written(file, mapping, insertion.name) {
            return None;
        }
        let text = file.text();
        let start = mapping.range().start;
        if text.get(start..)?.starts_with('{') {
            return None;
        }
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let indent: String = text[line_start..start].chars().map(|c| if c == '-' { ' ' } else { c }).collect();
        let assignment = self.assignment(insertion.name, insertion.value);
        indent.trim().is_empty().then(|| Edit {
            span: Span::new(file.id(), start..start),
            text: format!("{assignment}\n{indent}"),
        })
    }
}

/// Whether YAML reads a text without quotes as this text.
fn is_plain(text: &str) -> bool {
    let like_another_type = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.'))
        && !like_another_type.contains(&text.to_ascii_lowercase().as_str())
}

/// JSON.
struct Json;

impl Notation for Json {
    fn literal(&self, value: &Literal) -> String {
        quoted(value)
    }

    fn assignment(&self, name: &str, value: &Literal) -> String {
        json_assignment(name, value)
    }

    fn insert(&self, insertion: &Insertion<'_>) -> Option<Edit> {
        insert_in_object(insertion.file, mapping(insertion)?, insertion.name, insertion.value)
    }
}
