//! HCL and Terraform JSON syntax with spans on everything.
//!
//! In: the text of a file in native syntax (`.tf`, `.tfvars`) or JSON syntax (`.tf.json`, `.tfvars.json`).
//! Out: one tree for both ([`Body`], [`Expr`], [`Template`]), and diagnostics for what could not be parsed.
//!
//! Invariants: parsing never fails and never panics, whatever the text; every span lies in the file; a top-level block
//! with a syntax error is left out as a whole and reported, and does not hide the others; what the tree says is
//! what Terraform understands (escapes, `~` trimming, heredoc indentation, precedence), since the grammar follows
//! the specification of HCL native syntax
//! (<https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>) and, where that is silent, Terraform's behaviour.
//!
//! It does not evaluate, knows no provider schema (only Terraform's own blocks), and reads no files.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types))]

mod json;
mod native;
mod placed_text;
mod redefined;
mod schema;
pub mod tree;

pub use tree::{
    Attribute, BinaryOperator, Block, Body, Expr, ExprKind, ForIntroduction, ForPiece, FunctionCall, Heredoc, Ident,
    IfPiece, Item, Label, ObjectItem, ObjectKey, Piece, Step, StepKind, Template, Traversal, UnaryOperator,
};

use native::Parser;
use placed_text::PlacedText;
use terravet_diagnostics::Diagnostic;
use terravet_source::{SourceFile, Span};

/// The id of the diagnostics of this crate.
pub const SYNTAX: &str = "hcl-syntax";

/// How deep brackets, blocks, operators and directives may nest. The deepest configurations seen in the wild stay below 40.
pub const MAX_NESTING: u32 = 100;

/// The highest tree that is built, in nodes from the root of an attribute's expression to its deepest part.
pub const MAX_HEIGHT: u32 = 250;

/// After how many syntax errors the rest of a file is not read.
pub const MAX_SYNTAX_ERRORS: usize = 100;

/// What parsing a file gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// What could be read.
    pub body: Body,
    /// What could not, in source order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a file in the syntax that its name tells: JSON where it ends in `.json`, else native.
#[must_use]
pub fn parse(file: &SourceFile) -> Parsed {
    match file.path().to_str() {
        Some(path) if path.ends_with(".tfvars.json") => parse_json_values(file),
        Some(path) if path.ends_with(".json") => parse_json(file),
        _ => parse_native(file),
    }
}

/// Parses a file of configuration in JSON syntax.
///
/// There arguments and blocks are both properties. Blocks of the language itself become [`Block`]s. In resources and providers,
/// where a schema that is not known here decides, a property becomes an attribute whose expression is an object
/// or a tuple of objects, and a block only where a `dynamic` block within shows that it is one.
#[must_use]
pub fn parse_json(file: &SourceFile) -> Parsed {
    json::configuration(file)
}

/// Parses a file of values for input variables in JSON syntax, where no string is a template.
#[must_use]
pub fn parse_json_values(file: &SourceFile) -> Parsed {
    json::values(file)
}

/// Parses a file in native syntax.
#[must_use]
pub fn parse_native(file: &SourceFile) -> Parsed {
    let mut parser = Parser::new(PlacedText::of_file(file));
    let body = parser.document();
    Parsed { body, diagnostics: parser.diagnostics }
}

/// Parses a text as one expression, in which line breaks do not count, as if it stood in parentheses: so Terraform reads
/// `-var` and `TF_VAR_`. The `span` is where it stands in a file: exact places are told where both have the same length.
///
/// # Errors
/// A diagnostic with the first syntax error.
pub fn parse_expression_text(text: &str, span: Span) -> Result<Expr, Box<Diagnostic>> {
    let placed = PlacedText::at(text, span);
    Parser::new(placed.clone()).whole_expression().map_err(|error| Box::new(error.diagnostic(&placed)))
}

/// As [`parse_expression_text`], but as what can stand after `name =` in a file: a line break outside of brackets ends it.
///
/// # Errors
/// A diagnostic with the first syntax error.
pub fn parse_value_text(text: &str, span: Span) -> Result<Expr, Box<Diagnostic>> {
    let placed = PlacedText::at(text, span);
    Parser::new(placed.clone()).whole_value().map_err(|error| Box::new(error.diagnostic(&placed)))
}

/// Parses a template file, such as `templatefile` reads.
#[must_use]
pub fn parse_template(file: &SourceFile) -> (Template, Vec<Diagnostic>) {
    whole_template(PlacedText::of_file(file))
}

/// Parses a text as a template. The `span` is where it stands in a file: exact places are told where both have the same length.
#[must_use]
pub fn parse_template_text(text: &str, span: Span) -> (Template, Vec<Diagnostic>) {
    whole_template(PlacedText::at(text, span))
}

fn whole_template(placed: PlacedText<'_>) -> (Template, Vec<Diagnostic>) {
    match Parser::new(placed.clone()).whole_template() {
        Ok(template) => (template, Vec::new()),
        Err(error) => (Template { pieces: Vec::new(), heredoc: None }, vec![error.diagnostic(&placed)]),
    }
}

/// Where the comments of a file stand, without the line breaks at their ends. In JSON syntax these are the texts of
/// properties named `//`, without their quotes.
#[must_use]
pub fn comments(file: &SourceFile) -> Vec<Span> {
    if file.path().extension().is_some_and(|extension| extension == "json") {
        return json::comments(file);
    }
    native::comments(file.text()).into_iter().map(|range| Span::new(file.id(), range)).collect()
}
