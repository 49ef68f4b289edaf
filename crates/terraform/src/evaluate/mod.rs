//! Expressions and templates, evaluated as Terraform evaluates them.
//!
//! In: an expression of the syntax tree and a [`Scope`] that knows what names mean. Out: a [`Value`], or an
//! [`EvaluationError`] where Terraform refuses the expression.
//!
//! Invariants: what depends on something unknown is unknown with all that stays certain about it; an unknown of which the
//! candidates are known is worked on candidate by candidate; origins tell the way of every value; work and depth are
//! bounded ([`Budget`]), and hitting a bound is an error that names it.
//!
//! What names mean, what files there are and what functions compute is said elsewhere.
//!
//! Source: <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md> and
//! <https://developer.hashicorp.com/terraform/language/expressions>.

mod call;
mod candidates;
mod collections;
mod conditional;
mod ephemeral;
mod loops;
mod operators;
mod scope;
mod template;
#[cfg(test)]
pub(crate) mod tests;
mod traversal;

use std::sync::Arc;

use terravet_graph::{Content, Data, Type, Value, Why};
use terravet_hcl::{Expr, ExprKind};
use terravet_source::Span;

use terravet_terraform_functions::normalized;

pub(crate) use scope::{Budget, EvaluationError, InnerScope, Resolved, Scope};
pub(crate) use template::render;

/// What evaluating gives.
pub(crate) type Evaluated = Result<Value, EvaluationError>;

/// The value of an expression.
///
/// # Errors
/// Where Terraform refuses it, or a limit is hit.
pub(crate) fn evaluate(expr: &Expr, scope: &dyn Scope) -> Evaluated {
    scope.budget().step(expr.span)?;
    match &expr.kind {
        ExprKind::Null => Ok(Value::null().written_at(expr.span)),
        ExprKind::Bool(flag) => Ok(Value::bool(*flag).written_at(expr.span)),
        ExprKind::Number(text) => number(text, expr.span),
        ExprKind::String { text, content } => Ok(string(text, *content, expr.span)),
        ExprKind::Template(parts) => template::evaluate(parts, expr.span, scope),
        ExprKind::Variable(name) => traversal::named(name, &[], expr.span, scope),
        ExprKind::Traversal(steps) => traversal::evaluate(steps, expr.span, scope),
        ExprKind::FunctionCall(function) => call::evaluate(function, expr.span, scope),
        ExprKind::Unary { operator, operand } => operators::unary(*operator, operand, expr.span, scope),
        ExprKind::Binary { operator, left, right } => operators::binary(*operator, left, right, expr.span, scope),
        ExprKind::Conditional { condition, then, otherwise } => {
            conditional::evaluate(condition, then, otherwise, expr.span, scope)
        }
        ExprKind::ForTuple { introduction, element, condition } => {
            loops::tuple(introduction, element, condition.as_deref(), expr.span, scope)
        }
        ExprKind::ForObject { introduction, key, value, grouping, condition } => {
            let body = loops::ObjectBody { key, value, grouping: *grouping, condition: condition.as_deref() };
            loops::object(introduction, &body, expr.span, scope)
        }
        ExprKind::Tuple(items) => collections::tuple(items, expr.span, scope),
        ExprKind::Object(items) => collections::object(items, expr.span, scope),
        ExprKind::Parenthesis(inner) => evaluate(inner, scope),
    }
}

/// The value and the text of the type of an expression, as a console shows them. There alone, and only on its own, may
/// `type(...)` be called: it answers the type of its argument.
///
/// # Errors
/// As [`evaluate`].
pub(crate) fn console(expr: &Expr, scope: &dyn Scope) -> Result<(Value, String), EvaluationError> {
    if let ExprKind::FunctionCall(call) = &expr.kind
        && matches!(&*call.name, "type" | "core::type")
        && let [argument] = call.arguments.as_slice()
        && !call.expand_final
    {
        let ty = evaluate(argument, scope)?.ty().laid_out();
        return Ok((Value::string(ty).written_at(expr.span), "type".into()));
    }
    let value = evaluate(expr, scope)?;
    let ty = value.ty().laid_out();
    Ok((value, ty))
}

/// The value of an expression that takes an error for an unknown, which is given to `report`.
pub(crate) fn evaluate_or_report(expr: &Expr, scope: &dyn Scope, report: &mut dyn FnMut(EvaluationError)) -> Value {
    evaluate(expr, scope).unwrap_or_else(|error| {
        report(error);
        Value::unknown(Why::Error, Type::Any).written_at(expr.span)
    })
}

fn number(text: &str, span: Span) -> Evaluated {
    match text.parse::<terravet_graph::Number>() {
        Ok(number) => Ok(Value::number(number).written_at(span)),
        Err(_) => Err(EvaluationError::new(span, "this number is larger than can be computed with")),
    }
}

/// A string literal. What may be a document keeps the exact place of its text.
fn string(text: &Arc<str>, content: Span, span: Span) -> Value {
    let value = normalized(text).written_at(span);
    if text.len() > 2 && text.trim_start().starts_with(['{', '[']) {
        let piece = normalized(text).written_at(content);
        return value.with_content(Content::Pieces(vec![piece]));
    }
    value
}

/// What to call a value's type in a message.
pub(crate) fn kind_of(value: &Value) -> String {
    match &value.data {
        Data::Null(_) | Data::Absent => "null".into(),
        _ => terravet_terraform_functions::convert::friendly_name(&value.ty()),
    }
}
