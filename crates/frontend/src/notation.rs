//! How a fix is written.
//!
//! In: a literal, or an attribute that is to be added to a resource. Out: text, or an [`Edit`] where the place is certain.
//!
//! Each language has notations of its own; what they share in JSON stands here.

use std::sync::Arc;

use terravet_diagnostics::Edit;
use terravet_graph::Resource;
use terravet_source::{SourceFile, Span};

/// A value that a fix writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// True or false.
    Bool(bool),
    /// A number, as text.
    Number(Arc<str>),
    /// Text.
    String(Arc<str>),
}

/// An attribute that is to be added.
#[derive(Clone, Copy, Debug)]
pub struct Insertion<'i> {
    /// The file of the resource.
    pub file: &'i SourceFile,
    /// The resource.
    pub resource: &'i Resource,
    /// Whether the attribute is one of the resource itself, and not of a block in it.
    pub is_top_level: bool,
    /// Where that to which it is added stands in the resource, if it stands there.
    pub container: Option<Span>,
    /// What it is called.
    pub name: &'i str,
    /// What it is to be.
    pub value: &'i Literal,
}

/// How values and attributes are written.
pub trait Notation: Sync {
    /// A value as it is written.
    fn literal(&self, value: &Literal) -> String;

    /// An attribute with its value, on one line.
    fn assignment(&self, name: &str, value: &Literal) -> String;

    /// The edit that adds an attribute; none where no place for it is certain.
    fn insert(&self, insertion: &Insertion<'_>) -> Option<Edit>;
}

/// A value in double quotes or as it is, which HCL, YAML and JSON have in common.
#[must_use]
pub fn quoted(value: &Literal) -> String {
    match value {
        Literal::Bool(flag) => flag.to_string(),
        Literal::Number(number) => number.to_string(),
        Literal::String(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// The attribute as an entry of JSON.
#[must_use]
pub fn json_assignment(name: &str, value: &Literal) -> String {
    format!("\"{name}\": {}", quoted(value))
}

/// An entry before the first of an object of JSON, as far in as that one.
#[must_use]
pub fn insert_in_object(file: &SourceFile, object: Span, name: &str, value: &Literal) -> Option<Edit> {
    if is_written(file, object, name) {
        return None;
    }
    let inner = file.slice(object).strip_prefix('{')?;
    let gap: String = inner.chars().take_while(|c| c.is_whitespace()).collect();
    let comma = if inner.trim_start().starts_with('}') { "" } else { "," };
    let start = object.range().start + 1;
    let text = format!("{gap}{}{comma}", json_assignment(name, value));
    Some(Edit { span: Span::new(file.id(), start..start), text })
}

/// Whether a key of this name stands in a mapping, whatever its value (`!Ref AWS::NoValue`).
#[must_use]
pub fn is_written(file: &SourceFile, mapping: Span, name: &str) -> bool {
    let begins_with_name = |line: &str| line.trim_start_matches([' ', '\t', '"', '\'', '-']).starts_with(name);
    file.slice(mapping).split(['\n', '{', ',']).any(begins_with_name)
}
