//! Templates: text with interpolations and directives.

use std::sync::Arc;

use terravet_graph::{Type, Unknown, Value, Why};
use terravet_hcl::{Expr, ExprKind, ForPiece, Ident, IfPiece, Piece, Template};
use terravet_source::{SourceFile, Span};

use super::candidates::{map, map_all};
use super::conditional::as_bool;
use super::loops::rounds;
use super::scope::{LoopScope, TemplateScope};
use super::{Evaluated, EvaluationError, Scope, evaluate as evaluate_expression, kind_of};
use crate::module::each_reference;
use terravet_terraform_functions::convert::{convert, first_reason};
use terravet_terraform_functions::{FunctionError, MAX_TEXT, TemplateSource, concatenate, normalized};

/// The value of a quoted template or a heredoc.
pub(super) fn evaluate(template: &Template, span: Span, scope: &dyn Scope) -> Evaluated {
    if template.heredoc.is_none()
        && let Some(only) = template.sole_interpolation()
    {
        return evaluate_expression(only, scope);
    }
    Ok(text(&template.pieces, scope)?.through(span, terravet_graph::Step::Written))
}

/// The text that pieces make.
fn text(pieces: &[Piece], scope: &dyn Scope) -> Evaluated {
    let mut values = Vec::with_capacity(pieces.len());
    add(pieces, scope, &mut values)?;
    let length: usize = values.iter().filter_map(Value::as_str).map(str::len).sum();
    if let Some(first) = pieces.first().filter(|_| length > MAX_TEXT) {
        let message = format!("evaluation stops here: this text has more than {MAX_TEXT} bytes, the limit of a string");
        return Err(EvaluationError::limit(first.span(), message));
    }
    if let Some(first) = pieces.first() {
        scope.budget().make(length as u64, first.span())?;
    }
    let whole = map_all(values, |values| Ok(concatenate(values)))?;
    Ok(Value { origin: None, ..whole })
}

fn add(pieces: &[Piece], scope: &dyn Scope, values: &mut Vec<Value>) -> Result<(), EvaluationError> {
    for piece in pieces {
        scope.budget().step(piece.span())?;
        match piece {
            Piece::Literal { text, span } => values.push(normalized(text).written_at(*span)),
            Piece::Interpolation { expr, span } => {
                let value = evaluate_expression(expr, scope)?;
                values.push(map(&value, |value| as_text(value, *span))?);
            }
            Piece::If(directive) => add_if(directive, scope, values)?,
            Piece::For(directive) => add_for(directive, scope, values)?,
        }
    }
    Ok(())
}

fn as_text(value: &Value, span: Span) -> Evaluated {
    if value.is_null() {
        return Err(EvaluationError::new(span, "null cannot be part of a text")
            .with_help("give it a value, as with coalesce(..., \"\")"));
    }
    convert(value, &Type::String).map_err(|_| {
        let message = format!("a {} cannot be part of a text", kind_of(value));
        EvaluationError::new(span, message).with_help("encode it, as with jsonencode() or join()")
    })
}

fn add_if(directive: &IfPiece, scope: &dyn Scope, values: &mut Vec<Value>) -> Result<(), EvaluationError> {
    let condition = as_bool(&evaluate_expression(&directive.condition, scope)?, directive.condition.span)?;
    match condition.as_bool() {
        Some(holds) => {
            let from = values.len();
            add(if holds { &directive.then } else { &directive.otherwise }, scope, values)?;
            for value in &mut values[from..] {
                value.sensitive |= condition.sensitive;
            }
            if condition.sensitive && values.len() == from {
                values.push(Value::string("").marked(true));
            }
        }
        None => values.push(open(&condition, directive.span)),
    }
    Ok(())
}

fn add_for(directive: &ForPiece, scope: &dyn Scope, values: &mut Vec<Value>) -> Result<(), EvaluationError> {
    let collection = evaluate_expression(&directive.collection, scope)?;
    let Some(rounds) = rounds(&collection, directive.collection.span)? else {
        values.push(open(&collection, directive.span));
        return Ok(());
    };
    scope.budget().steps(rounds.len() as u64, directive.span)?;
    for (key, value) in rounds {
        let key = directive.key.as_ref().map(|name: &Ident| (name, key));
        let inside = LoopScope { outer: scope, key, value: (&directive.value, value) };
        add(&directive.body, &inside, values)?;
    }
    if collection.sensitive {
        values.push(Value::string("").marked(true));
    }
    Ok(())
}

/// A part of a text that depends on something unknown.
fn open(because: &Value, span: Span) -> Value {
    let why = first_reason(because).unwrap_or_else(|| Why::Other("not known before apply".into()));
    let value: Value = Unknown { not_null: true, ..Unknown::new(why, Type::String) }.into();
    value.written_at(span).marked(because.sensitive)
}

/// Whether a template is given every variable that it names, even where it would not come to use it.
fn check_variables(template: &Expr, variables: &Value) -> Result<(), FunctionError> {
    let entries = variables.as_entries();
    let mut missing: Option<String> = None;
    each_reference(template, &mut |reference| {
        if missing.is_none() && !entries.is_some_and(|entries| entries.contains_key(reference.root)) {
            missing = Some(reference.root.to_owned());
        }
    });
    match missing {
        Some(name) => {
            Err(FunctionError::argument(1, format!("vars map does not contain key {name:?}, which the template uses")))
        }
        None => Ok(()),
    }
}

/// Renders a template that a function is given, over variables.
pub(crate) fn render(
    source: TemplateSource<'_>,
    variables: &Value,
    span: Span,
    scope: &dyn Scope,
) -> Result<Value, FunctionError> {
    let parsed: (Template, Vec<terravet_diagnostics::Diagnostic>, Option<&Arc<SourceFile>>) = match source {
        TemplateSource::File(file) => {
            let (template, diagnostics) = terravet_hcl::parse_template(file);
            (template, diagnostics, Some(file))
        }
        TemplateSource::Text(value) => {
            let (template, diagnostics) =
                terravet_hcl::parse_template_text(value.as_str().unwrap_or_default(), value.span().unwrap_or(span));
            (template, diagnostics, None)
        }
    };
    let (template, diagnostics, file) = parsed;
    if let Some(first) = diagnostics.first() {
        return Err(FunctionError::argument(0, format!("the template cannot be read: {}", first.message)));
    }
    let place = template.pieces.first().map_or(span, Piece::span);
    let template = Expr { kind: ExprKind::Template(template), span: place };
    check_variables(&template, variables)?;
    let inner = TemplateScope { outer: scope, variables, file, is_text: file.is_none() };
    let result = scope.budget().deeper(span, || evaluate_expression(&template, &inner));
    result.map_err(|error| FunctionError {
        limit: error.limit,
        spent: error.spent,
        ..FunctionError::argument(0, format!("the template cannot be rendered: {}", error.message))
    })
}
