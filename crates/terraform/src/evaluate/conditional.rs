//! `condition ? then : otherwise`.

use std::sync::Arc;

use terravet_graph::{Candidate, Data, Guard, Type, Value, Why};
use terravet_hcl::{BinaryOperator, Expr, ExprKind, ObjectItem};
use terravet_source::Span;

use super::candidates::{agreed, joined};
use super::{Evaluated, EvaluationError, Scope, loops};
use terravet_terraform_functions::convert::{contains_open, convert, friendly_name, unify};

/// The longest text of a condition that is shown.
const MAX_WORDS: usize = 60;

/// The type that both arms are converted to.
fn type_of_arms(then: &Value, otherwise: &Value, span: Span) -> Result<Type, EvaluationError> {
    let (a, b) = (then.ty(), otherwise.ty());
    let untyped_null = |value: &Value| matches!(value.data, Data::Null(Type::Any));
    if untyped_null(then) {
        return Ok(b);
    }
    if untyped_null(otherwise) || a == b {
        return Ok(a);
    }
    if contains_open(then) || contains_open(otherwise) {
        // The attributes that are not known may make the types the same.
        return Ok(Type::Any);
    }
    unify(&[a.clone(), b.clone()]).ok_or_else(|| {
        let message = format!(
            "the two results of a condition must have one type, and these are {} and {}",
            friendly_name(&a),
            friendly_name(&b)
        );
        EvaluationError::new(span, message).with_help("convert one of them, as with tolist(), tomap() or tostring()")
    })
}

/// Evaluates a conditional. Both arms are evaluated, since their types decide on the type of the whole; an error in an arm does
/// no harm unless that arm is certainly taken.
pub(super) fn evaluate(condition: &Expr, then: &Expr, otherwise: &Expr, span: Span, scope: &dyn Scope) -> Evaluated {
    let test = super::evaluate(condition, scope)?;
    let (yes, no) = (super::evaluate(then, scope), super::evaluate(otherwise, scope));
    let test = as_bool(&test, condition.span)?;
    let taken = |arm: &Evaluated, expr| {
        arm.clone().unwrap_or_else(|_| Value::unknown(Why::Error, type_of_refused(expr, scope)))
    };
    let ty = type_of_arms(&taken(&yes, then), &taken(&no, otherwise), span)?;
    let typed = |arm: &Evaluated| -> Evaluated {
        let value = arm.clone()?;
        let converted = convert(&value, &ty)
            .map_err(|error| EvaluationError::new(span, format!("the results of a condition do not fit: {error}")))?;
        Ok(converted)
    };
    let maybe_taken = |arm: &Evaluated, why: &Why| match arm {
        Err(error) if !error.limit => Ok(Value::unknown(why.clone(), ty.clone())),
        _ => typed(arm),
    };
    let sensitive = test.sensitive;
    match &test.data {
        Data::Bool(true) => Ok(typed(&yes)?.marked(sensitive)),
        Data::Bool(false) => Ok(typed(&no)?.marked(sensitive)),
        Data::Unknown(unknown) if !unknown.candidates.is_empty() => {
            let mut candidates = Vec::new();
            for candidate in &unknown.candidates {
                let arms: &[(&Evaluated, Option<bool>)] = match candidate.value.as_bool() {
                    Some(true) => &[(&yes, None)],
                    Some(false) => &[(&no, None)],
                    None => &[(&yes, Some(true)), (&no, Some(false))],
                };
                for (arm, open) in arms {
                    let own = open.map(|taken| guard(condition, taken, scope)).into_iter().collect::<Vec<_>>();
                    if let Some(when) = Candidate::join(&candidate.when, &own) {
                        candidates.push(Candidate { when, value: maybe_taken(arm, &unknown.why)? });
                    }
                }
            }
            Ok(agreed(joined(unknown.why.clone(), candidates)).marked(sensitive))
        }
        Data::Unknown(unknown) => {
            let candidates = [(true, &yes), (false, &no)].into_iter().map(|(holds, arm)| {
                let value = maybe_taken(arm, &unknown.why)?;
                Ok(Candidate { when: vec![guard(condition, holds, scope)], value })
            });
            let candidates = candidates.collect::<Result<Vec<_>, EvaluationError>>()?;
            Ok(agreed(joined(unknown.why.clone(), candidates)).marked(sensitive))
        }
        _ => Err(EvaluationError::new(condition.span, "a condition must be true or false")),
    }
}

/// What is certain of the type of an expression that is refused: what it builds from parts has their types.
fn type_of_refused(expr: &Expr, scope: &dyn Scope) -> Type {
    let of = |part: &Expr, scope: &dyn Scope| {
        super::evaluate(part, scope).map_or_else(|_| type_of_refused(part, scope), |value| value.ty())
    };
    let built = match &expr.kind {
        ExprKind::Parenthesis(inner) => Some(type_of_refused(inner, scope)),
        ExprKind::Tuple(items) => Some(Type::Tuple(items.iter().map(|item| of(item, scope)).collect())),
        ExprKind::Object(items) => {
            let attribute = |item: &ObjectItem| Some((Arc::clone(item.key.literal()?), of(&item.value, scope)));
            items.iter().map(attribute).collect::<Option<Vec<_>>>().map(Type::object)
        }
        ExprKind::ForTuple { introduction, element, condition } => {
            loops::type_of_tuple(introduction, condition.as_deref(), scope, |inside| of(element, inside))
        }
        ExprKind::ForObject { introduction, key, value, grouping, condition } => {
            let body = loops::ObjectBody { key, value, grouping: *grouping, condition: condition.as_deref() };
            loops::type_of_object(introduction, &body, scope, |inside| of(value, inside))
        }
        _ => None,
    };
    built.unwrap_or(Type::Any)
}

/// A condition as a bool.
pub(super) fn as_bool(value: &Value, span: Span) -> Evaluated {
    if value.is_null() {
        return Err(EvaluationError::new(span, "a condition must be true or false, and this is null"));
    }
    convert(value, &Type::Bool)
        .map_err(|error| EvaluationError::new(span, format!("a condition must be true or false: {error}")))
}

/// The guard for a condition that is open, taken one way. Equal conditions of one module agree; `!=` is `==` the other way.
fn guard(condition: &Expr, holds: bool, scope: &dyn Scope) -> Guard {
    let mut inner = condition;
    while let ExprKind::Parenthesis(next) = &inner.kind {
        inner = next;
    }
    let text = |expr: &Expr| shortened(&scope.text(expr.span).unwrap_or_else(|| "a condition".into()));
    let (choice, holds, words) = match &inner.kind {
        ExprKind::Binary { operator: operator @ (BinaryOperator::Equal | BinaryOperator::NotEqual), left, right } => {
            let equal = holds == (*operator == BinaryOperator::Equal);
            let (left, right) = (text(left), text(right));
            let words = format!("{left} is {}{right}", if equal { "" } else { "not " });
            (format!("{left} == {right}"), equal, words)
        }
        ExprKind::Unary { operator: terravet_hcl::UnaryOperator::Not, operand } => {
            return guard(operand, !holds, scope);
        }
        _ => {
            let text = text(inner);
            (text.clone(), holds, format!("{text} is {holds}"))
        }
    };
    let module = scope.module();
    let choice = if module.is_empty() { choice } else { format!("{module}: {choice}") };
    Guard { choice: choice.into(), taken: Arc::from(if holds { "true" } else { "false" }), words: words.into() }
}

fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MAX_WORDS {
        return line;
    }
    line.chars().take(MAX_WORDS - 3).chain("...".chars()).collect()
}
