//! JSON syntax: `{"resource": {"aws_s3_bucket": {"b": {"bucket": "x"}}}}`.
//!
//! In: a file. Out: the same tree as for native syntax, and diagnostics.
//! <https://github.com/hashicorp/hcl/blob/main/json/spec.md>,
//! <https://developer.hashicorp.com/terraform/language/syntax/json>
//!
//! JSON itself is read by `jsonc-parser`, held to strict JSON; a syntax error there takes the whole file. What
//! the properties mean is decided here: [`crate::schema`] knows Terraform's own blocks, [`body`] tells blocks from arguments,
//! [`expression`] reads values, whose strings are templates.

mod body;
mod expression;

use jsonc_parser::ast::{ObjectPropName, Value};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use terravet_diagnostics::Diagnostic;
use terravet_source::{SourceFile, Span};

use crate::schema::{BodySchema, FILE, VALUES};
use crate::tree::Body;
use crate::{MAX_NESTING, Parsed, SYNTAX};
use body::Reader;

/// The name of properties that are comments.
const COMMENT: &str = "//";

/// The configuration that a file holds.
pub(crate) fn configuration(file: &SourceFile) -> Parsed {
    document(file, &FILE)
}

/// The values of input variables that a file holds.
pub(crate) fn values(file: &SourceFile) -> Parsed {
    document(file, &VALUES)
}

fn document(file: &SourceFile, schema: &'static BodySchema) -> Parsed {
    match syntax(file) {
        Ok(value) => {
            let mut reader = Reader::new(file);
            let body = reader.document(&value, schema);
            Parsed { body, diagnostics: reader.diagnostics }
        }
        Err(diagnostic) => {
            let body = Body::empty(Span::new(file.id(), 0..file.text().len()));
            Parsed { body, diagnostics: vec![*diagnostic] }
        }
    }
}

/// Where the texts of comment properties stand, between their quotes.
pub(crate) fn comments(file: &SourceFile) -> Vec<Span> {
    let mut comments = Vec::new();
    if let Ok(value) = syntax(file) {
        collect_comments(&value, file, &mut comments);
    }
    comments
}

fn collect_comments(value: &Value<'_>, file: &SourceFile, comments: &mut Vec<Span>) {
    match value {
        Value::Array(array) => array.elements.iter().for_each(|element| collect_comments(element, file, comments)),
        Value::Object(object) => {
            for property in &object.properties {
                match &property.value {
                    Value::StringLit(text) if name(&property.name) == COMMENT => {
                        comments.push(Span::new(file.id(), text.range.start + 1..text.range.end - 1));
                    }
                    value => collect_comments(value, file, comments),
                }
            }
        }
        _ => {}
    }
}

/// The file as JSON.
fn syntax(file: &SourceFile) -> Result<Value<'_>, Box<Diagnostic>> {
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
    match parse_to_ast(file.text(), &CollectOptions::default(), &strict) {
        Ok(result) => result.value.ok_or_else(|| {
            let span = Span::start_of(file.id());
            Box::new(Diagnostic::error(SYNTAX, span, "the file holds no JSON value").with_help("write at least `{}`"))
        }),
        Err(error) => Err(Box::new(diagnostic(file, &error))),
    }
}

fn diagnostic(file: &SourceFile, error: &ParseError) -> Diagnostic {
    let range = error.range();
    let span = Span::new(file.id(), range.start..range.end);
    if matches!(error.kind(), ParseErrorKind::NestingDepthExceeded) {
        return too_deep(span);
    }
    let words = error.kind().to_string();
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    let message = format!("invalid JSON: {}", first.into_iter().chain(letters).collect::<String>());
    let diagnostic = Diagnostic::error(SYNTAX, span, message);
    match error.kind() {
        ParseErrorKind::TrailingCommasNotAllowed => diagnostic.with_help("remove the comma after the last element"),
        ParseErrorKind::CommentsNotAllowed => {
            diagnostic.with_help("JSON has no comments; a property named \"//\" can hold one")
        }
        ParseErrorKind::ExpectedComma => diagnostic.with_help("separate elements by commas"),
        _ => diagnostic,
    }
}

/// The error that brackets nest too deep.
fn too_deep(span: Span) -> Diagnostic {
    let message = format!("nested deeper than {MAX_NESTING} levels, the limit of terravet");
    Diagnostic::error(SYNTAX, span, message).with_help("take inner parts out into locals")
}

/// The decoded name of a property.
fn name<'name>(name: &'name ObjectPropName<'_>) -> &'name str {
    name.as_str()
}

/// Where a value stands.
fn span(file: &SourceFile, value: &Value<'_>) -> Span {
    let range = value.range();
    Span::new(file.id(), range.start..range.end)
}
