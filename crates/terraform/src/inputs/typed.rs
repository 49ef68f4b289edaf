//! From what is given to what a variable is worth, and what is known of a variable that is given nothing.

use std::sync::Arc;

use terravet_graph::{Candidate, Guard, Step, Type, Unknown, Value, Why};
use terravet_hcl::{BinaryOperator, Expr, ExprKind};

use crate::module::{Variable, constant, each_reference};
use crate::origins::at_declaration;
use terravet_terraform_functions::convert::{ConvertError, convert, without_optional};

/// The value of a variable for what is given; the default where nothing is. None where a value is required.
///
/// # Errors
/// Where what is given does not fit the variable's type.
pub(crate) fn typed(variable: &Variable, given: Option<&Value>) -> Result<Option<Value>, ConvertError> {
    let Some(given) = given else { return Ok(default(variable)) };
    let filled = if given.is_null() { given.clone() } else { variable.defaults.apply(given) };
    let value = convert(&filled, &variable.ty)?;
    if value.is_null() && !variable.nullable {
        return Ok(default(variable));
    }
    Ok(Some(value))
}

fn default(variable: &Variable) -> Option<Value> {
    let (value, span) = variable.default.as_ref()?;
    let step = Step::VariableDefault(Arc::clone(&variable.name));
    Some(at_declaration(value.clone(), *span, step))
}

/// What is known of a root variable that nothing is given for: its type, and the values that its validation leaves, if it
/// lists them.
pub(crate) fn narrowed(variable: &Variable) -> Value {
    let why = Why::Input(Arc::clone(&variable.address));
    let ty = without_optional(&variable.ty);
    let allowed = variable.validations.iter().find_map(|validation| listed(&validation.condition, &variable.name));
    let candidates: Option<Vec<Candidate>> = allowed.and_then(|allowed| {
        let candidate = |value: &Value| {
            let value = convert(value, &ty).ok()?.through(variable.header, Step::Written);
            let text = convert(&value, &Type::String).ok()?;
            let words = format!("{} is {:?}", variable.address, text.as_str()?);
            let taken = text.as_str()?.into();
            Some(Candidate {
                when: vec![Guard { choice: Arc::clone(&variable.address), taken, words: words.into() }],
                value,
            })
        };
        allowed.iter().map(candidate).collect()
    });
    match candidates {
        Some(candidates) if candidates.len() > 1 => Value::one_of(why, ty, candidates),
        _ => Unknown { not_null: !variable.nullable, ..Unknown::new(why, ty) }.into(),
    }
    .written_at(variable.header)
}

/// The values that a condition allows a variable, where it lists them: `contains(["a", "b"], var.x)` or
/// `var.x == "a" || var.x == "b"`.
fn listed(condition: &Expr, variable: &str) -> Option<Vec<Value>> {
    match &condition.kind {
        ExprKind::Parenthesis(inner) => listed(inner, variable),
        ExprKind::FunctionCall(call) if &*call.name == "contains" => match call.arguments.as_slice() {
            [list, needle] if is_variable(needle, variable) => {
                let list = match &list.kind {
                    ExprKind::FunctionCall(inner) if matches!(&*inner.name, "tolist" | "toset") => {
                        inner.arguments.first()?
                    }
                    _ => list,
                };
                Some(constant(list).ok()?.as_items()?.to_vec())
            }
            _ => None,
        },
        ExprKind::Binary { operator: BinaryOperator::Or, left, right } => {
            let mut allowed = listed(left, variable)?;
            allowed.extend(listed(right, variable)?);
            Some(allowed)
        }
        ExprKind::Binary { operator: BinaryOperator::Equal, left, right } => {
            let other = match (is_variable(left, variable), is_variable(right, variable)) {
                (true, false) => right,
                (false, true) => left,
                _ => return None,
            };
            Some(vec![constant(other).ok()?])
        }
        // Another condition that must hold as well leaves the list as it is, or makes it shorter.
        ExprKind::Binary { operator: BinaryOperator::And, left, right } => {
            listed(left, variable).or_else(|| listed(right, variable))
        }
        _ => None,
    }
}

/// Whether an expression is just `var.name`.
fn is_variable(expr: &Expr, name: &str) -> bool {
    let mut only = false;
    if let ExprKind::Traversal(traversal) = &expr.kind {
        each_reference(expr, &mut |reference| {
            only = reference.root == "var" && reference.attribute(0) == Some(name) && traversal.steps.len() == 1;
        });
    }
    only
}
