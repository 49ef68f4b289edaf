//! Tuples and objects in brackets and braces.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Type, Value, Why};
use terravet_hcl::{Expr, ExprKind, ObjectItem, ObjectKey, StepKind, Traversal};
use terravet_source::Span;

use super::{Evaluated, EvaluationError, Scope, evaluate};
use terravet_terraform_functions::convert::convert;

/// `[a, b]`.
pub(super) fn tuple(items: &[Expr], span: Span, scope: &dyn Scope) -> Evaluated {
    let values = items.iter().map(|item| element(item, scope)).collect::<Result<Vec<_>, _>>()?;
    Ok(Value::tuple(values).written_at(span))
}

/// `{ a = 1 }`.
pub(super) fn object(items: &[ObjectItem], span: Span, scope: &dyn Scope) -> Evaluated {
    let mut entries = BTreeMap::new();
    let (mut keys_known, mut sensitive) = (true, false);
    for item in items {
        let value = element(&item.value, scope)?;
        let key = match &item.key {
            ObjectKey::Name(name) => Some(Arc::clone(&name.name)),
            ObjectKey::Expr(Expr { kind: ExprKind::Traversal(traversal), span }) if is_plain(traversal) => {
                return Err(EvaluationError::new(*span, "a key cannot be a reference as it stands")
                    .with_help("put it in parentheses to take its value, or in quotes to take its text"));
            }
            ObjectKey::Expr(expr) => {
                let key = evaluate(expr, scope)?;
                sensitive |= key.sensitive;
                key_text(&key, expr.span)?
            }
        };
        match key {
            Some(key) => {
                entries.insert(key, value);
            }
            None => keys_known = false,
        }
    }
    let value = if keys_known {
        Value::object(entries)
    } else {
        Value::unknown(Why::Other("a key is not known before apply".into()), Type::Any)
    };
    Ok(value.written_at(span).marked(sensitive))
}

/// The value of an expression that becomes part of a collection. What is written out there has been counted step by step;
/// what comes from elsewhere may be large.
pub(super) fn element(expr: &Expr, scope: &dyn Scope) -> Evaluated {
    let value = evaluate(expr, scope)?;
    if !matches!(expr.kind, ExprKind::Tuple(_) | ExprKind::Object(_)) {
        scope.budget().weigh(&value, expr.span)?;
    }
    Ok(value)
}

/// Whether a traversal is only names and constant keys, and so may be meant as text with dots in it.
fn is_plain(traversal: &Traversal) -> bool {
    matches!(traversal.root.kind, ExprKind::Variable(_))
        && traversal.steps.iter().all(|step| match &step.kind {
            StepKind::Attribute(_) | StepKind::LegacyIndex(_) => true,
            StepKind::Index(key) => matches!(key.kind, ExprKind::Number(_) | ExprKind::String { .. }),
            StepKind::AttributeSplat | StepKind::FullSplat => false,
        })
}

/// The text of a key; none where it is not known.
pub(super) fn key_text(key: &Value, span: Span) -> Result<Option<Arc<str>>, EvaluationError> {
    if key.is_null() {
        return Err(EvaluationError::new(span, "a key cannot be null"));
    }
    let text = convert(key, &Type::String)
        .map_err(|error| EvaluationError::new(span, format!("a key must be text: {error}")))?;
    Ok(text.as_str().map(Arc::from))
}
