//! Bodies of JSON syntax: which properties are blocks, and with which labels.

use std::sync::Arc;

use jsonc_parser::ast::{Object, ObjectProp, ObjectPropName, Value};
use jsonc_parser::common::Ranged as _;
use terravet_diagnostics::Diagnostic;
use terravet_source::{SourceFile, Span};

use super::{COMMENT, name, span, too_deep};
use crate::redefined::report_redefined;
use crate::schema::{BlockSchema, BodySchema, NESTED};
use crate::tree::{Attribute, Block, Body, Ident, Label};
use crate::{MAX_NESTING, MAX_SYNTAX_ERRORS, SYNTAX};

/// Reads values as bodies and expressions.
pub(super) struct Reader<'file> {
    pub(super) file: &'file SourceFile,
    /// How many values are open around the place.
    pub(super) depth: u32,
    /// Whether the file has a `dynamic` property at all.
    has_dynamic: bool,
    errors: usize,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The block that is being read: what is known before its content.
struct Opened<'schema> {
    kind: Ident,
    schema: &'schema BlockSchema,
    labels: Vec<Label>,
}

impl<'file> Reader<'file> {
    pub(super) fn new(file: &'file SourceFile) -> Self {
        let has_dynamic = file.text().contains("\"dynamic\"");
        Self { file, depth: 0, has_dynamic, errors: 0, diagnostics: Vec::new() }
    }

    /// The whole file.
    pub(super) fn document(&mut self, value: &Value<'_>, schema: &'static BodySchema) -> Body {
        let body = self.body(value, schema);
        Body { span: Span::new(self.file.id(), 0..self.file.text().len()), ..body }
    }

    /// Reports an error, unless there have been too many.
    pub(super) fn error(&mut self, diagnostic: Diagnostic) {
        self.errors += 1;
        if self.errors <= MAX_SYNTAX_ERRORS {
            self.diagnostics.push(diagnostic);
        }
        if self.errors == MAX_SYNTAX_ERRORS {
            let message = format!("no more than {MAX_SYNTAX_ERRORS} syntax errors of a file are reported");
            let diagnostic = Diagnostic::error(SYNTAX, Span::start_of(self.file.id()), message);
            self.diagnostics.push(diagnostic.with_help("mend the errors above first"));
        }
    }

    fn wrong_type(&mut self, value: &Value<'_>, wanted: &str) {
        let found = match value {
            Value::StringLit(_) => "a string",
            Value::NumberLit(_) => "a number",
            Value::BooleanLit(_) => "a boolean",
            Value::Object(_) => "an object",
            Value::Array(_) => "an array",
            Value::NullKeyword(_) => "null",
        };
        let span = span(self.file, value);
        self.error(Diagnostic::error(SYNTAX, span, format!("expected {wanted}, found {found}")));
    }

    /// Runs a rule one level deeper; none where that is too deep.
    pub(super) fn nested<T>(&mut self, at: Span, rule: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_NESTING {
            self.error(too_deep(at));
            return None;
        }
        self.depth += 1;
        let result = rule(self);
        self.depth -= 1;
        Some(result)
    }

    /// The content of a body: an object, or an array of objects that together are the body.
    fn body(&mut self, value: &Value<'_>, schema: &'static BodySchema) -> Body {
        let span = span(self.file, value);
        let mut body = Body::empty(inner(span));
        let properties = self.properties(value, "an object with arguments and blocks");
        self.nested(span, |reader| {
            for property in properties {
                reader.property(property, schema, &mut body);
            }
        });
        report_redefined(&mut body.attributes, &mut self.diagnostics);
        body
    }

    /// The properties of an object, or of all objects of an array, in order.
    fn properties<'value, 'text>(
        &mut self,
        value: &'value Value<'text>,
        wanted: &str,
    ) -> Vec<&'value ObjectProp<'text>> {
        match value {
            Value::Object(object) => object.properties.iter().collect(),
            Value::NullKeyword(_) => Vec::new(),
            Value::Array(array) => {
                let mut properties = Vec::new();
                for element in &array.elements {
                    match element {
                        Value::Object(object) => properties.extend(&object.properties),
                        _ => self.wrong_type(element, wanted),
                    }
                }
                properties
            }
            _ => {
                self.wrong_type(value, wanted);
                Vec::new()
            }
        }
    }

    /// One property of a body.
    fn property(&mut self, property: &ObjectProp<'_>, schema: &'static BodySchema, body: &mut Body) {
        let kind = name(&property.name);
        if kind == COMMENT {
            return;
        }
        if let Some(block) = schema.block(kind) {
            self.blocks(property, block, &mut body.blocks);
        } else if schema.is_open && self.has_dynamic && has_dynamic(&property.value) {
            let block = BlockSchema { kind: "", labels: &[], body: &NESTED };
            self.blocks(property, &block, &mut body.blocks);
        } else if let Some(expr) = self.expression(&property.value, schema.strings(kind)) {
            let span = self.span(property.range.start, property.range.end);
            body.attributes.push(Attribute { name: self.ident(&property.name), expr, span });
        }
    }

    /// The blocks that a property makes. A block with an error in it is left out.
    fn blocks(&mut self, property: &ObjectProp<'_>, schema: &BlockSchema, blocks: &mut Vec<Block>) {
        let kind = self.ident(&property.name);
        let opened = Opened { kind, schema, labels: Vec::with_capacity(schema.labels.len()) };
        self.labelled(&property.value, &opened, blocks);
    }

    /// The blocks below the labels that have been read.
    fn labelled(&mut self, value: &Value<'_>, opened: &Opened<'_>, blocks: &mut Vec<Block>) {
        let Some(label) = opened.schema.labels.get(opened.labels.len()) else {
            self.contents(value, opened, blocks);
            return;
        };
        let wanted = format!("an object whose properties are the {label}s of `{}` blocks", opened.schema.kind);
        for property in self.properties(value, &wanted) {
            let text = Arc::from(name(&property.name));
            let mut labels = opened.labels.clone();
            labels.push(Label { text, span: self.ident(&property.name).span });
            let below = Opened { kind: opened.kind.clone(), schema: opened.schema, labels };
            self.labelled(&property.value, &below, blocks);
        }
    }

    /// A block for an object, one for each element of an array, none for null.
    fn contents(&mut self, value: &Value<'_>, opened: &Opened<'_>, blocks: &mut Vec<Block>) {
        match value {
            Value::NullKeyword(_) => {}
            Value::Array(array) => {
                for element in &array.elements {
                    let start = element.range().start;
                    self.content(element, opened, start, blocks);
                }
            }
            _ => {
                let start = header(opened).range().start;
                self.content(value, opened, start, blocks);
            }
        }
    }

    /// The block with this content, which begins at `start`.
    fn content(&mut self, value: &Value<'_>, opened: &Opened<'_>, start: usize, blocks: &mut Vec<Block>) {
        let before = self.errors;
        let body = self.body(value, opened.schema.body);
        if self.errors > before {
            return;
        }
        let range = value.range();
        blocks.push(Block {
            kind: opened.kind.clone(),
            labels: opened.labels.clone(),
            body,
            header: header(opened),
            span: self.span(start, range.end),
            insertion: self.span(range.start + 1, range.start + 1),
        });
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file.id(), start..end)
    }

    pub(super) fn ident(&self, property: &ObjectPropName<'_>) -> Ident {
        let range = property.range();
        Ident { name: Arc::from(name(property)), span: self.span(range.start, range.end) }
    }
}

/// What a diagnostic about the block points to.
fn header(opened: &Opened<'_>) -> Span {
    opened.labels.last().map_or(opened.kind.span, |label| label.span)
}

/// A span without the brackets at its ends.
fn inner(span: Span) -> Span {
    let length = span.range().len();
    span.slice(1, length.saturating_sub(1))
}

/// Whether a `dynamic` block stands somewhere in the value, which then is a block, or several.
fn has_dynamic(value: &Value<'_>) -> bool {
    match value {
        Value::Array(array) => array.elements.iter().any(has_dynamic),
        Value::Object(object) => object.properties.iter().any(|property| {
            name(&property.name) == "dynamic" && makes_blocks(&property.value) || has_dynamic(&property.value)
        }),
        _ => false,
    }
}

/// Whether the value of a property named `dynamic` is one of blocks: under each label objects with a `content`.
fn makes_blocks(value: &Value<'_>) -> bool {
    let each = |value: &Value<'_>, test: &dyn Fn(&Object<'_>) -> bool| match value {
        Value::Object(object) => test(object),
        Value::Array(array) => {
            !array.elements.is_empty() && array.elements.iter().all(|element| element.as_object().is_some_and(test))
        }
        _ => false,
    };
    let is_content = |object: &Object<'_>| object.get_object("content").is_some() && object.get("for_each").is_some();
    each(value, &|labels| {
        !labels.properties.is_empty() && labels.properties.iter().all(|label| each(&label.value, &is_content))
    })
}
