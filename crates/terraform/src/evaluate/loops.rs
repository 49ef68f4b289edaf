//! `for` expressions.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Data, Type, Unknown, Value, Why};
use terravet_hcl::{Expr, ForIntroduction};
use terravet_source::Span;

use super::candidates::map;
use super::collections::{self, key_text};
use super::conditional::as_bool;
use super::scope::LoopScope;
use super::{Evaluated, EvaluationError, Scope, evaluate, kind_of};
use terravet_terraform_functions::convert::{behind, first_reason};

/// The steps that a round takes beside its expressions: it leaves a value behind, and the budget bounds memory as well.
const ROUND_STEPS: u64 = 5;

/// The parts of `{for ... : key => value if condition}`.
pub(super) struct ObjectBody<'e> {
    pub(super) key: &'e Expr,
    pub(super) value: &'e Expr,
    pub(super) grouping: bool,
    pub(super) condition: Option<&'e Expr>,
}

/// `[for v in collection : element if condition]`.
pub(super) fn tuple(
    introduction: &ForIntroduction,
    element: &Expr,
    condition: Option<&Expr>,
    span: Span,
    scope: &dyn Scope,
) -> Evaluated {
    let collection = evaluate(&introduction.collection, scope)?;
    let result = map(&collection, |collection| {
        let Some(rounds) = rounds(collection, introduction.collection.span)? else {
            return Ok(unknown(collection, Type::Any));
        };
        if rounds.is_empty() {
            check_condition(condition, introduction, scope)?;
        }
        scope.budget().steps(ROUND_STEPS * rounds.len() as u64, span)?;
        let mut items = Vec::with_capacity(rounds.len());
        let mut sensitive = collection.sensitive;
        for (key, value) in rounds {
            let inside = inside(introduction, key, value, scope);
            match holds(condition, &inside)? {
                Some((true, marked)) => {
                    sensitive |= marked;
                    items.push(collections::element(element, &inside)?);
                }
                Some((false, marked)) => sensitive |= marked,
                None => return Ok(unknown(collection, Type::Any)),
            }
        }
        Ok(Value::tuple(items).marked(sensitive))
    })?;
    Ok(result.written_at(span))
}

/// `{for k, v in collection : key => value if condition}`.
pub(super) fn object(
    introduction: &ForIntroduction,
    body: &ObjectBody<'_>,
    span: Span,
    scope: &dyn Scope,
) -> Evaluated {
    let collection = evaluate(&introduction.collection, scope)?;
    let result = map(&collection, |collection| one_object(collection, introduction, body, span, scope))?;
    Ok(result.written_at(span))
}

fn one_object(
    collection: &Value,
    introduction: &ForIntroduction,
    body: &ObjectBody<'_>,
    span: Span,
    scope: &dyn Scope,
) -> Evaluated {
    let Some(rounds) = rounds(collection, introduction.collection.span)? else {
        return Ok(unknown(collection, Type::Any));
    };
    if rounds.is_empty() {
        check_condition(body.condition, introduction, scope)?;
    }
    scope.budget().steps(ROUND_STEPS * rounds.len() as u64, span)?;
    let mut entries: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    let (mut sensitive, mut open) = (collection.sensitive, false);
    for (key, value) in rounds {
        let inside = inside(introduction, key, value, scope);
        match holds(body.condition, &inside)? {
            Some((true, marked)) => sensitive |= marked,
            Some((false, marked)) => {
                sensitive |= marked;
                continue;
            }
            None => {
                open = true;
                continue;
            }
        }
        let key = evaluate(body.key, &inside)?;
        sensitive |= key.sensitive;
        let Some(key) = key_text(&key, body.key.span)? else {
            open = true;
            continue;
        };
        let value = collections::element(body.value, &inside)?;
        let same = entries.entry(Arc::clone(&key)).or_default();
        if !same.is_empty() && !body.grouping {
            let message = format!("two rounds of this `for` make the key \"{key}\"");
            return Err(EvaluationError::new(body.key.span, message)
                .with_help("make the keys distinct, or group the values with `...` after the value"));
        }
        same.push(value);
    }
    if open {
        return Ok(unknown(collection, Type::Any).marked(sensitive));
    }
    let entries = entries.into_iter().map(|(key, mut values)| {
        let value = if body.grouping { Value::tuple(values).written_at(span) } else { values.remove(0) };
        (key, value)
    });
    Ok(Value::object(entries).marked(sensitive))
}

/// The type of a tuple that is refused for one of its elements, where the rounds are known. `of` tells the type of each.
pub(super) fn type_of_tuple(
    introduction: &ForIntroduction,
    condition: Option<&Expr>,
    scope: &dyn Scope,
    of: impl Fn(&dyn Scope) -> Type,
) -> Option<Type> {
    let mut types = Vec::new();
    each_round(introduction, condition, scope, &mut |inside| {
        types.push(of(inside));
        Some(())
    })?;
    Some(Type::Tuple(types.into()))
}

/// The type of an object that is refused for one of its values or for a key that two rounds make, where the keys are known.
pub(super) fn type_of_object(
    introduction: &ForIntroduction,
    body: &ObjectBody<'_>,
    scope: &dyn Scope,
    of: impl Fn(&dyn Scope) -> Type,
) -> Option<Type> {
    let mut types: BTreeMap<Arc<str>, Vec<Type>> = BTreeMap::new();
    each_round(introduction, body.condition, scope, &mut |inside| {
        let key = key_text(&evaluate(body.key, inside).ok()?, body.key.span).ok()??;
        types.entry(key).or_default().push(of(inside));
        Some(())
    })?;
    let attribute = |(key, mut types): (Arc<str>, Vec<Type>)| {
        (key, if body.grouping { Type::Tuple(types.into()) } else { types.swap_remove(0) })
    };
    Some(Type::object(types.into_iter().map(attribute)))
}

/// Calls `see` within each round that counts. None where it is not known which there are, or `see` answers none.
fn each_round(
    introduction: &ForIntroduction,
    condition: Option<&Expr>,
    scope: &dyn Scope,
    see: &mut dyn FnMut(&dyn Scope) -> Option<()>,
) -> Option<()> {
    let collection = evaluate(&introduction.collection, scope).ok()?;
    for (key, value) in rounds(&collection, introduction.collection.span).ok()?? {
        let inside = inside(introduction, key, value, scope);
        if holds(condition, &inside).ok()??.0 {
            see(&inside)?;
        }
    }
    Some(())
}

/// The key and value of each round over the collection at `span`; none where it is not known.
pub(super) fn rounds(collection: &Value, span: Span) -> Result<Option<Vec<(Value, Value)>>, EvaluationError> {
    let refused = |what: &str| {
        let message = format!("a `for` needs a list, set, map or object to run over, and this is {what}");
        Err(EvaluationError::new(span, message))
    };
    let keyed = |key: Value, value: &Value| (key, collection.part(value));
    let rounds: Vec<(Value, Value)> = match &collection.data {
        Data::Null(_) | Data::Absent => return refused("null"),
        Data::Object(_) if behind(collection).is_some() => return Ok(None),
        Data::Unknown(unknown) => match &unknown.ty {
            Type::String | Type::Number | Type::Bool => return refused(&kind_of(collection)),
            _ => return Ok(None),
        },
        Data::List(sequence) => {
            (0usize..).zip(&sequence.items).map(|(at, value)| keyed(Value::number(at), value)).collect()
        }
        Data::Tuple(items) => (0usize..).zip(&**items).map(|(at, value)| keyed(Value::number(at), value)).collect(),
        Data::Set(sequence) => sequence.items.iter().map(|value| keyed(collection.part(value), value)).collect(),
        Data::Map(_) | Data::Object(_) => collection
            .as_entries()
            .into_iter()
            .flatten()
            .map(|(key, value)| keyed(Value::string(Arc::clone(key)), value))
            .collect(),
        Data::Bool(_) | Data::Number(_) | Data::String(_) => return refused(&kind_of(collection)),
    };
    Ok(Some(rounds))
}

fn inside<'s>(introduction: &'s ForIntroduction, key: Value, value: Value, scope: &'s dyn Scope) -> LoopScope<'s> {
    let key = introduction.key.as_ref().map(|name| (name, key));
    LoopScope { outer: scope, key, value: (&introduction.value, value) }
}

/// Whether the round counts, and whether that is sensitive; none where it is not known.
fn holds(condition: Option<&Expr>, scope: &dyn Scope) -> Result<Option<(bool, bool)>, EvaluationError> {
    let Some(condition) = condition else { return Ok(Some((true, false))) };
    let value = as_bool(&evaluate(condition, scope)?, condition.span)?;
    Ok(value.as_bool().map(|holds| (holds, value.sensitive)))
}

/// Whether the condition can be one at all, where no round asks it.
fn check_condition(
    condition: Option<&Expr>,
    introduction: &ForIntroduction,
    scope: &dyn Scope,
) -> Result<(), EvaluationError> {
    let any = || Value::unknown(Why::Other("there is no element".into()), Type::Any);
    holds(condition, &inside(introduction, any(), any(), scope)).map(|_| ())
}

/// What a `for` makes of what is not known.
fn unknown(collection: &Value, ty: Type) -> Value {
    let why = first_reason(collection).unwrap_or_else(|| Why::Other("not known before apply".into()));
    let value: Value = Unknown { not_null: true, ..Unknown::new(why, ty) }.into();
    value.marked(collection.sensitive)
}
