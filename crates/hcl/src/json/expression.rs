//! Values of JSON syntax as expressions.

use std::sync::Arc;

use jsonc_parser::ast::{ObjectProp, ObjectPropName, StringLit, Value};
use terravet_diagnostics::Diagnostic;

use super::body::Reader;
use super::span;
use crate::native::Parser;
use crate::placed_text::PlacedText;
use crate::schema::Strings;
use crate::tree::{Expr, ExprKind, ObjectItem, ObjectKey, Piece, Template};

impl Reader<'_> {
    /// A value; none where something in it is wrong, which is then reported.
    pub(super) fn expression(&mut self, value: &Value<'_>, strings: Strings) -> Option<Expr> {
        let span = span(self.file, value);
        let kind = match value {
            Value::NullKeyword(_) => ExprKind::Null,
            Value::BooleanLit(literal) => ExprKind::Bool(literal.value),
            Value::NumberLit(literal) => ExprKind::Number(Arc::from(literal.value)),
            Value::StringLit(literal) => return self.string(literal, strings),
            Value::Array(array) => {
                let elements = self.nested(span, |reader| {
                    array.elements.iter().map(|element| reader.expression(element, strings)).collect::<Option<Vec<_>>>()
                })?;
                ExprKind::Tuple(elements?)
            }
            Value::Object(object) => {
                let items = self.nested(span, |reader| {
                    object.properties.iter().map(|property| reader.item(property, strings)).collect::<Option<Vec<_>>>()
                })?;
                ExprKind::Object(items?)
            }
        };
        Some(Expr { kind, span })
    }

    /// A property of an object. Its name is a template where its strings are.
    fn item(&mut self, property: &ObjectProp<'_>, strings: Strings) -> Option<ObjectItem> {
        let key = match &property.name {
            ObjectPropName::String(name) if strings == Strings::Template && may_be_template(&name.value) => {
                ObjectKey::Expr(self.string(name, strings)?)
            }
            name => ObjectKey::Name(self.ident(name)),
        };
        Some(ObjectItem { key, value: self.expression(&property.value, strings)? })
    }

    fn string(&mut self, literal: &StringLit<'_>, strings: Strings) -> Option<Expr> {
        let text = &*literal.value;
        let (start, end) = (literal.range.start, literal.range.end);
        let (span, content) = (self.span(start, end), self.span(start + 1, end - 1));
        let plain = |text: &str| Expr { kind: ExprKind::String { text: Arc::from(text), content }, span };
        if strings == Strings::Literal || (strings == Strings::Template && !may_be_template(text)) {
            return Some(plain(text));
        }
        let placed = PlacedText::of_json(self.file.id(), text, self.file.slice(content), start + 1);
        let mut parser = Parser::at_depth(placed.clone(), self.depth);
        let parsed = match strings {
            Strings::Expression => parser.whole_expression(),
            Strings::Template | Strings::Literal => parser.whole_template().map(|template| match joined(&template) {
                Some(text) => plain(&text),
                None => Expr { kind: ExprKind::Template(template), span },
            }),
        };
        match parsed {
            Ok(expr) => Some(expr),
            Err(error) => {
                let diagnostic: Diagnostic = error.diagnostic(&placed);
                self.error(diagnostic);
                None
            }
        }
    }
}

/// Whether the text can have an interpolation, a directive, or the escape of one.
fn may_be_template(text: &str) -> bool {
    text.contains("${") || text.contains("%{")
}

/// The text of a template that has nothing but text.
fn joined(template: &Template) -> Option<String> {
    let texts = template.pieces.iter().map(|piece| match piece {
        Piece::Literal { text, .. } => Some(&**text),
        _ => None,
    });
    texts.collect()
}
