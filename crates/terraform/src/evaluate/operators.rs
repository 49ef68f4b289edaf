//! Arithmetic, comparison and logic.

use terravet_graph::{Data, Number, Truth, Type, Unknown, Value, Why};
use terravet_hcl::{BinaryOperator, Expr, UnaryOperator};
use terravet_source::Span;

use super::candidates::{agreed_flag, map, map_pair};
use super::{Evaluated, EvaluationError, Scope, evaluate};
use terravet_terraform_functions::convert::{convert, equal};

/// `-operand` or `!operand`.
pub(super) fn unary(operator: UnaryOperator, operand: &Expr, span: Span, scope: &dyn Scope) -> Evaluated {
    let value = evaluate(operand, scope)?;
    let result = map(&value, |value| {
        let (ty, name) = match operator {
            UnaryOperator::Negate => (Type::Number, "-"),
            UnaryOperator::Not => (Type::Bool, "!"),
        };
        let value = as_operand(value, &ty, name, operand.span)?;
        Ok(match &value.data {
            Data::Number(number) => Value::number(number.negate()),
            Data::Bool(flag) => Value::bool(!flag),
            _ => unknown_result(&[&value], ty),
        })
    })?;
    Ok(result.marked(value.sensitive).written_at(span))
}

/// `left operator right`.
pub(super) fn binary(operator: BinaryOperator, left: &Expr, right: &Expr, span: Span, scope: &dyn Scope) -> Evaluated {
    let (a, b) = (evaluate(left, scope)?, evaluate(right, scope)?);
    if matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual) {
        scope.budget().read(&a, span)?;
        scope.budget().read(&b, span)?;
    }
    let result = map_pair(&a, &b, |a, b| match operator {
        BinaryOperator::Equal => Ok(truth(equal(a, b), &[a, b])),
        BinaryOperator::NotEqual => Ok(truth(!equal(a, b), &[a, b])),
        BinaryOperator::And | BinaryOperator::Or => {
            let a = as_operand(a, &Type::Bool, operator.as_str(), left.span)?;
            let b = as_operand(b, &Type::Bool, operator.as_str(), right.span)?;
            let holds = |value: &Value| value.as_bool().map_or(Truth::Unknown, Truth::from);
            let joined = match operator {
                _ if [&a, &b].into_iter().any(is_open_when_planned) => Truth::Unknown,
                BinaryOperator::And => holds(&a).and(holds(&b)),
                _ => holds(&a).or(holds(&b)),
            };
            Ok(truth(joined, &[&a, &b]))
        }
        _ => {
            let a = as_operand(a, &Type::Number, operator.as_str(), left.span)?;
            let b = as_operand(b, &Type::Number, operator.as_str(), right.span)?;
            numeric(operator, &a, &b, span)
        }
    })?;
    let compares = !matches!(operator, BinaryOperator::And | BinaryOperator::Or);
    let result = if compares && (has_bounds(&a) || has_bounds(&b)) { agreed_flag(result) } else { result };
    Ok(result.marked(a.sensitive || b.sensitive).written_at(span))
}

/// Whether Terraform keeps of an open value what comparisons with it can decide: the bounds of a number, or that it is null.
fn has_bounds(value: &Value) -> bool {
    let bounds = |value: &Value| matches!(value.data, Data::Number(_) | Data::Null(_));
    match value.as_unknown() {
        Some(unknown) => unknown.candidates.iter().all(|candidate| bounds(&candidate.value)),
        None => matches!(value.data, Data::Null(_)),
    }
}

/// An operand in the type that the operator works on.
fn as_operand(value: &Value, ty: &Type, operator: &str, span: Span) -> Evaluated {
    if value.is_null() {
        return Err(EvaluationError::new(span, format!("`{operator}` needs a value here, and this is null")));
    }
    convert(value, ty)
        .map_err(|error| EvaluationError::new(span, format!("`{operator}` cannot be applied to this: {error}")))
}

fn numeric(operator: BinaryOperator, a: &Value, b: &Value, span: Span) -> Evaluated {
    let compares = matches!(
        operator,
        BinaryOperator::Less | BinaryOperator::LessOrEqual | BinaryOperator::Greater | BinaryOperator::GreaterOrEqual
    );
    let (Some(x), Some(y)) = (a.as_number(), b.as_number()) else {
        return Ok(unknown_result(&[a, b], if compares { Type::Bool } else { Type::Number }));
    };
    Ok(match operator {
        BinaryOperator::Less => Value::bool(x < y),
        BinaryOperator::LessOrEqual => Value::bool(x <= y),
        BinaryOperator::Greater => Value::bool(x > y),
        BinaryOperator::GreaterOrEqual => Value::bool(x >= y),
        _ => Value::number(arithmetic(operator, x, y).ok_or_else(|| refusal(operator, y, span))?),
    })
}

fn arithmetic(operator: BinaryOperator, x: &Number, y: &Number) -> Option<Number> {
    match operator {
        BinaryOperator::Add => x.add(y),
        BinaryOperator::Subtract => x.subtract(y),
        BinaryOperator::Multiply => x.multiply(y),
        BinaryOperator::Divide => x.divide(y),
        BinaryOperator::Modulo => remainder(x, y),
        _ => None,
    }
}

/// The remainder with the sign of the dividend, computed by way of the whole part of the quotient as Terraform does, whose
/// rounding shows in the last digits.
fn remainder(x: &Number, y: &Number) -> Option<Number> {
    if let (Some(x), Some(y)) = (x.to_i64(), y.to_i64())
        && let Some(remainder) = x.checked_rem(y)
    {
        return Some(Number::from(remainder));
    }
    if x.is_infinite() || y.is_infinite() {
        return None;
    }
    if y.is_zero() {
        return Some(x.clone());
    }
    let quotient = x.divide(y)?;
    let whole = if quotient.is_negative() { quotient.ceiling() } else { quotient.floor() };
    x.subtract(&y.multiply(&whole)?)
}

fn refusal(operator: BinaryOperator, y: &Number, span: Span) -> EvaluationError {
    let message = match operator {
        BinaryOperator::Divide if y.is_zero() => "zero cannot be divided by zero".to_owned(),
        _ => format!("`{}` has no result for these numbers that can be computed with", operator.as_str()),
    };
    EvaluationError::new(span, message)
}

fn truth(truth: Truth, operands: &[&Value]) -> Value {
    match truth {
        Truth::True => Value::bool(true),
        Truth::False => Value::bool(false),
        Truth::Unknown => unknown_result(operands, Type::Bool),
    }
}

/// Whether Terraform itself does not know a value when it plans. Up to version 1.11 it then leaves open what follows from
/// the other operand alone. What is only not known here, such as an input, it would know.
fn is_open_when_planned(value: &Value) -> bool {
    matches!(value.as_unknown().map(|unknown| &unknown.why), Some(Why::Computed | Why::Function(_)))
}

/// What an operator makes of unknown operands.
fn unknown_result(operands: &[&Value], ty: Type) -> Value {
    let why = operands.iter().find_map(|value| terravet_terraform_functions::convert::first_reason(value));
    let why = why.unwrap_or_else(|| Why::Other("not known before apply".into()));
    Unknown { not_null: true, ..Unknown::new(why, ty) }.into()
}
