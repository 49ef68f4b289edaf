//! Names and the steps into what they stand for: attributes, indexes and splats.

use std::sync::Arc;

use terravet_graph::{Data, Number, Reference, Type, Unknown, Value, Why};
use terravet_hcl::{Expr, ExprKind, Step, StepKind, Traversal};
use terravet_source::Span;

use super::candidates::{map, map_pair};
use super::{Evaluated, EvaluationError, Scope, kind_of};
use terravet_terraform_functions::convert::{behind, convert, first_reason};

/// `root.step[step]`.
pub(super) fn evaluate(traversal: &Traversal, span: Span, scope: &dyn Scope) -> Evaluated {
    match &traversal.root.kind {
        ExprKind::Variable(name) => named(name, &traversal.steps, span, scope),
        _ => {
            let root = super::evaluate(&traversal.root, scope)?;
            follow(root, &traversal.steps, scope)
        }
    }
}

/// A traversal whose beginning is a name.
pub(super) fn named(name: &str, steps: &[Step], span: Span, scope: &dyn Scope) -> Evaluated {
    let resolved = scope.resolve(name, steps, span)?;
    follow(resolved.value, steps.get(resolved.consumed..).unwrap_or_default(), scope)
}

/// The value after the steps.
fn follow(mut value: Value, steps: &[Step], scope: &dyn Scope) -> Evaluated {
    let mut rest = steps;
    while let Some((step, after)) = rest.split_first() {
        match &step.kind {
            StepKind::AttributeSplat => {
                let own = |step: &&Step| matches!(step.kind, StepKind::Attribute(_) | StepKind::LegacyIndex(_));
                let count = after.iter().take_while(own).count();
                value = splat(&value, step.span, &after[..count], scope)?;
                rest = &after[count..];
            }
            StepKind::FullSplat => return splat(&value, step.span, after, scope),
            StepKind::Attribute(name) => {
                value = map(&value, |value| attribute(value, name, step.span))?;
                rest = after;
            }
            StepKind::LegacyIndex(number) => {
                let key = Value::number(i64::try_from(*number).unwrap_or(i64::MAX));
                value = map(&value, |value| index(value, &key, step.span))?;
                rest = after;
            }
            StepKind::Index(expr) => {
                let key = index_key(expr, scope)?;
                value = map_pair(&value, &key, |value, key| index(value, key, step.span))?;
                rest = after;
            }
        }
    }
    Ok(value)
}

fn index_key(expr: &Expr, scope: &dyn Scope) -> Evaluated {
    super::evaluate(expr, scope)
}

/// `.name`.
fn attribute(value: &Value, name: &Arc<str>, span: Span) -> Evaluated {
    match &value.data {
        Data::Object(entries) => match entries.get(name) {
            Some(part) => Ok(value.part(part)),
            None => match behind(value) {
                Some(behind) => Ok(part_of_unknown(value, behind, Type::Any, &format!(".{name}"))),
                None => Err(no_such("attribute", name, entries.keys(), span)),
            },
        },
        Data::Map(mapping) => match mapping.entries.get(name) {
            Some(part) => Ok(value.part(part)),
            None => Err(no_such("element", name, mapping.entries.keys(), span)),
        },
        Data::Unknown(unknown) => match &unknown.ty {
            Type::Any => Ok(part_of_unknown(value, unknown, Type::Any, &format!(".{name}"))),
            Type::Map(element) => Ok(part_of_unknown(value, unknown, (**element).clone(), &format!(".{name}"))),
            Type::Object(object) => match object.attributes.get(name) {
                Some(ty) => Ok(part_of_unknown(value, unknown, ty.clone(), &format!(".{name}"))),
                None => Err(no_such("attribute", name, object.attributes.keys(), span)),
            },
            _ => Err(no_attributes(value, name, span)),
        },
        _ => Err(no_attributes(value, name, span)),
    }
}

fn no_attributes(value: &Value, name: &str, span: Span) -> EvaluationError {
    let what = kind_of(value);
    let error = EvaluationError::new(span, format!("there is no attribute `{name}` here: this is {what}"));
    match value.data {
        Data::List(_) | Data::Tuple(_) | Data::Set(_) => error
            .with_help(format!("for the attribute of every element write `[*].{name}`, for that of one `[0].{name}`")),
        _ => error,
    }
}

fn no_such<'k>(what: &str, name: &str, known: impl Iterator<Item = &'k Arc<str>>, span: Span) -> EvaluationError {
    EvaluationError::new(span, format!("there is no {what} `{name}` here"))
        .with_suggestion(name, known.map(|name| &**name))
}

/// `[key]`.
fn index(value: &Value, key: &Value, span: Span) -> Evaluated {
    if value.is_null() {
        return Err(EvaluationError::new(span, "this is null, and null has no elements"));
    }
    if key.is_null() {
        return Err(EvaluationError::new(span, "an index cannot be null"));
    }
    let sensitive = key.sensitive;
    let part = match &value.data {
        Data::List(sequence) => by_number(value, &sequence.items, key, Some(&sequence.element), span)?,
        Data::Tuple(items) => by_number(value, items, key, None, span)?,
        Data::Map(_) | Data::Object(_) => by_name(value, key, span)?,
        Data::Unknown(unknown) => match &unknown.ty {
            Type::List(element) | Type::Map(element) => {
                let most = unknown.max_length.filter(|_| matches!(unknown.ty, Type::List(_)));
                if let (Some(number), Some(most)) = (key.as_number(), most)
                    && *number >= Number::from(most)
                {
                    return Err(no_element(number, most, span));
                }
                part_of_unknown(value, unknown, (**element).clone(), &key_words(key))
            }
            Type::Tuple(elements) => {
                let at = key.as_number().and_then(|number| usize::try_from(number.to_i64()?).ok());
                let ty = at.and_then(|at| elements.get(at)).cloned().unwrap_or(Type::Any);
                part_of_unknown(value, unknown, ty, &key_words(key))
            }
            Type::Object(object) => {
                let ty = key.as_str().and_then(|name| object.attributes.get(name)).cloned().unwrap_or(Type::Any);
                part_of_unknown(value, unknown, ty, &key_words(key))
            }
            Type::Any => part_of_unknown(value, unknown, Type::Any, &key_words(key)),
            Type::Set(_) => return Err(set_has_no_index(span)),
            Type::String | Type::Number | Type::Bool => return Err(has_no_elements(value, span)),
        },
        Data::Set(_) => return Err(set_has_no_index(span)),
        _ => return Err(has_no_elements(value, span)),
    };
    Ok(part.marked(sensitive))
}

fn set_has_no_index(span: Span) -> EvaluationError {
    EvaluationError::new(span, "the elements of a set have no index")
        .with_help("make a list of it with tolist(), or take its only element with one()")
}

fn has_no_elements(value: &Value, span: Span) -> EvaluationError {
    EvaluationError::new(span, format!("this is {} and has no elements", kind_of(value)))
}

fn key_words(key: &Value) -> String {
    match &key.data {
        Data::String(text) => format!("[{text:?}]"),
        Data::Number(number) => format!("[{number}]"),
        _ => "[...]".into(),
    }
}

fn by_number(
    value: &Value,
    items: &[Value],
    key: &Value,
    element: Option<&Type>,
    span: Span,
) -> Result<Value, EvaluationError> {
    let key = convert(key, &Type::Number)
        .map_err(|error| EvaluationError::new(span, format!("an index into a list is a number: {error}")))?;
    let Some(number) = key.as_number() else {
        let why = first_reason(&key).unwrap_or_else(|| Why::Other("the index is not known".into()));
        let ty = element.cloned().unwrap_or(Type::Any);
        return Ok(Value { origin: value.origin.clone(), ..Value::unknown(why, ty) }.marked(value.sensitive));
    };
    let at = number.to_i64().and_then(|at| usize::try_from(at).ok());
    match at.and_then(|at| items.get(at)) {
        Some(part) => Ok(value.part(part)),
        None => Err(no_element(number, items.len(), span)),
    }
}

fn no_element(number: &Number, count: usize, span: Span) -> EvaluationError {
    let message = format!("there is no element {number} here: there are {count} elements");
    EvaluationError::new(span, message).with_help("elements are counted from 0")
}

fn by_name(value: &Value, key: &Value, span: Span) -> Result<Value, EvaluationError> {
    let key = convert(key, &Type::String)
        .map_err(|error| EvaluationError::new(span, format!("an index into a map is text: {error}")))?;
    let Some(name) = key.as_str() else {
        let ty = match &value.data {
            Data::Map(mapping) => mapping.element.clone(),
            _ => Type::Any,
        };
        let why = first_reason(&key).unwrap_or_else(|| Why::Other("the key is not known".into()));
        return Ok(Value { origin: value.origin.clone(), ..Value::unknown(why, ty) }.marked(value.sensitive));
    };
    match value.as_entries().and_then(|entries| entries.get(name)) {
        Some(part) => Ok(value.part(part)),
        None => match behind(value) {
            Some(behind) => Ok(part_of_unknown(value, behind, Type::Any, &format!(".{name}"))),
            None => Err(no_such("element", name, value.as_entries().into_iter().flatten().map(|(key, _)| key), span)),
        },
    }
}

/// A part of something that is not known: not known either, for the same reason, and a part of the same attribute.
fn part_of_unknown(value: &Value, unknown: &Unknown, ty: Type, path: &str) -> Value {
    let reference = unknown.reference.as_ref().map(|reference| match &*reference.attribute {
        // Which instance is meant cannot be told where it is not known which there are.
        "" if path.starts_with('[') => reference.clone(),
        within => Reference {
            resource: Arc::clone(&reference.resource),
            attribute: format!("{within}{path}").trim_start_matches('.').into(),
        },
    });
    let part: Value = Unknown { reference, ..Unknown::new(unknown.why.clone(), ty) }.into();
    Value { origin: value.origin.clone(), ..part }.marked(value.sensitive)
}

/// `.*` or `[*]` with the steps that belong to it. Each splat among these goes one level deeper.
fn splat(value: &Value, span: Span, steps: &[Step], scope: &dyn Scope) -> Evaluated {
    scope.budget().deeper(span, || map(value, |value| splat_one(value, span, steps, scope)))
}

fn splat_one(value: &Value, span: Span, steps: &[Step], scope: &dyn Scope) -> Evaluated {
    let items = match &value.data {
        Data::Null(Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
            return Err(EvaluationError::new(span, "`[*]` cannot be applied to a list, set or tuple that is null"));
        }
        Data::Null(_) | Data::Absent => return Ok(Value { origin: value.origin.clone(), ..Value::tuple([]) }),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => value.elements(),
        Data::Unknown(unknown) => match &unknown.ty {
            Type::List(element) | Type::Set(element) => {
                let ty = follow(element_of(value, unknown, element), steps, scope)?.ty();
                let part = part_of_unknown(value, unknown, Type::list(ty), "[*]");
                return Ok(part);
            }
            Type::Any => return Ok(part_of_unknown(value, unknown, Type::Any, "[*]")),
            Type::Tuple(elements) => {
                let types = elements.iter().map(|ty| Ok(follow(element_of(value, unknown, ty), steps, scope)?.ty()));
                let types = types.collect::<Result<Vec<_>, EvaluationError>>()?;
                return Ok(part_of_unknown(value, unknown, Type::Tuple(types.into()), "[*]"));
            }
            _ => {
                if unknown.not_null {
                    vec![value.clone()]
                } else {
                    return Ok(part_of_unknown(value, unknown, Type::Any, "[*]"));
                }
            }
        },
        _ => vec![value.clone()],
    };
    if let (true, Data::List(list) | Data::Set(list)) = (items.is_empty(), &value.data) {
        // What an element would give tells the type, and whether there can be such elements.
        let element = Value::unknown(Why::Other("there is no element".into()), list.element.clone());
        let ty = follow(element, steps, scope)?.ty();
        return Ok(Value { origin: value.origin.clone(), ..Value::list(ty, []) }.marked(value.sensitive));
    }
    scope.budget().steps(items.len() as u64, span)?;
    let parts = items.into_iter().map(|item| follow(item, steps, scope)).collect::<Result<Vec<_>, _>>()?;
    let same_type = matches!(value.data, Data::List(_) | Data::Set(_));
    for part in &parts {
        scope.budget().weigh(part, span)?;
    }
    let joined = match parts.first().map(Value::ty) {
        // The splat of a list is a list.
        Some(ty) if same_type && parts.iter().all(|part| part.ty() == ty) => Value::list(ty, parts),
        _ => Value::tuple(parts),
    };
    Ok(Value { origin: value.origin.clone(), ..joined }.marked(value.sensitive))
}

fn element_of(value: &Value, unknown: &Unknown, ty: &Type) -> Value {
    part_of_unknown(value, unknown, ty.clone(), "[*]")
}
