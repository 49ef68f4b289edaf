//! `ephemeralasnull`: what exists only while Terraform runs becomes null.
//!
//! Values do not know whether they are ephemeral; the names in an expression do. So this looks at the expression: of an
//! object or tuple that is written out, only those parts become null whose expressions use something ephemeral.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/functions/ephemeralasnull>.

use std::sync::Arc;

use terravet_graph::{Data, Value};
use terravet_hcl::{Expr, ExprKind, FunctionCall};
use terravet_source::Span;

use super::{Evaluated, Scope, call};
use crate::module::each_reference;

/// `ephemeralasnull(value)`.
pub(super) fn as_null(function: &FunctionCall, span: Span, scope: &dyn Scope) -> Evaluated {
    let value = scope.budget().deeper(span, || call::ordinary(function, span, scope))?;
    match function.arguments.as_slice() {
        [argument] => Ok(lasting(&value, argument, scope)),
        _ => Ok(value),
    }
}

/// The value with null in the place of what is ephemeral.
fn lasting(value: &Value, expr: &Expr, scope: &dyn Scope) -> Value {
    match (&expr.kind, &value.data) {
        (ExprKind::Parenthesis(inner), _) => lasting(value, inner, scope),
        (ExprKind::Tuple(parts), Data::Tuple(items)) if parts.len() == items.len() => {
            let items = items.iter().zip(parts).map(|(item, part)| lasting(item, part, scope)).collect();
            Value { data: Data::Tuple(Arc::new(items)), ..value.clone() }
        }
        (ExprKind::Object(parts), Data::Object(entries)) => {
            let mut entries = entries.as_ref().clone();
            for part in parts {
                let entry = part.key.literal().and_then(|name| entries.get_mut(name));
                if let Some(entry) = entry {
                    *entry = lasting(entry, &part.value, scope);
                }
            }
            Value { data: Data::Object(Arc::new(entries)), ..value.clone() }
        }
        _ if uses_ephemeral(expr, scope) => Value { data: Data::Null(value.ty()), content: None, ..value.clone() },
        _ => value.clone(),
    }
}

fn uses_ephemeral(expr: &Expr, scope: &dyn Scope) -> bool {
    let mut found = false;
    each_reference(expr, &mut |reference| found |= scope.is_ephemeral(reference.root, reference.steps));
    found
}
