//! Objects that may have more attributes than are known: resources, whose providers set the rest
//! ([`terravet_graph::Content::Open`]). What is not there is not missing.

use std::sync::Arc;

use terravet_graph::{Data, Entries, ObjectType, Reference, Sequence, Type, Unknown, Value};

use super::unseen::behind;
use super::{ConvertError, PathStep, convert, mismatch, without_optional};

/// Whether it or anything in it is an open object.
pub fn contains_open(value: &Value) -> bool {
    behind(value).is_some()
        || value.as_items().is_some_and(|items| items.iter().any(contains_open))
        || value.as_entries().is_some_and(|entries| entries.values().any(contains_open))
}

/// The attribute of an open object that is not known.
fn attribute(behind: &Unknown, name: &str, ty: Type) -> Value {
    let reference = behind.reference.as_ref().map(|reference| Reference {
        resource: Arc::clone(&reference.resource),
        attribute: format!("{}.{name}", reference.attribute).trim_start_matches('.').into(),
    });
    Unknown { reference, ..Unknown::new(behind.why.clone(), ty) }.into()
}

/// An open object as another type. What is asked of it and not there is unknown.
pub(super) fn convert_open(value: &Value, behind: &Unknown, to: &Type) -> Result<Value, ConvertError> {
    let data = match to {
        Type::Any => return Ok(value.clone()),
        Type::Object(wanted) => Data::Object(Arc::new(attributes(value, behind, wanted)?)),
        Type::Map(_) => {
            let ty = without_optional(to);
            let reference = behind.reference.clone();
            Data::Unknown(Arc::new(Unknown { not_null: true, reference, ..Unknown::new(behind.why.clone(), ty) }))
        }
        _ => return Err(ConvertError::new(mismatch(&value.ty(), to))),
    };
    Ok(Value { data, content: None, ..value.clone() })
}

fn attributes(value: &Value, behind: &Unknown, wanted: &ObjectType) -> Result<Entries, ConvertError> {
    let given = value.as_entries();
    let convert = |(name, ty): (&Arc<str>, &Type)| {
        let converted = match given.and_then(|entries| entries.get(name)) {
            Some(item) => convert(item, ty).map_err(|error| error.within(PathStep::Key(Arc::clone(name))))?,
            None => Value { origin: value.origin.clone(), ..attribute(behind, name, without_optional(ty)) },
        };
        Ok((Arc::clone(name), converted))
    };
    wanted.attributes.iter().map(convert).collect()
}

/// A value with open objects in it, of which the types alone do not tell whether it can be converted: part by part.
pub(super) fn convert_parts(value: &Value, to: &Type) -> Result<Value, ConvertError> {
    let refused = || ConvertError::new(mismatch(&value.ty(), to));
    let data = match to {
        Type::List(element) | Type::Set(element) => {
            let items = items(value, |_| Some(&**element)).ok_or_else(refused)??;
            let element = match (without_optional(element), items.first()) {
                (ty, Some(first)) if !ty.is_complete() => first.ty(),
                (ty, _) => ty,
            };
            if matches!(to, Type::Set(_)) {
                let set = super::set_of(element, items).marked(value.sensitive);
                return Ok(Value { origin: value.origin.clone(), ..set });
            }
            Data::List(Arc::new(Sequence { element, items }))
        }
        Type::Tuple(elements) if value.as_items().is_some_and(|items| items.len() == elements.len()) => {
            Data::Tuple(Arc::new(items(value, |at| elements.get(at)).ok_or_else(refused)??))
        }
        Type::Object(wanted) => {
            let given = value.as_entries().ok_or_else(refused)?;
            let mut entries = Entries::new();
            for (name, ty) in &wanted.attributes {
                let item = match given.get(name) {
                    Some(item) => convert(item, ty).map_err(|error| error.within(PathStep::Key(Arc::clone(name))))?,
                    None if wanted.optional.contains(name) => Data::Null(without_optional(ty)).into(),
                    None => return Err(refused()),
                };
                entries.insert(Arc::clone(name), item);
            }
            Data::Object(Arc::new(entries))
        }
        Type::Map(element) => {
            let given = value.as_entries().ok_or_else(refused)?;
            let mut entries = Entries::new();
            for (name, item) in given {
                let item = convert(item, element).map_err(|error| error.within(PathStep::Key(Arc::clone(name))))?;
                entries.insert(Arc::clone(name), item);
            }
            let element = entries.values().next().map_or_else(|| without_optional(element), Value::ty);
            Data::Map(Arc::new(terravet_graph::Mapping { element, entries }))
        }
        _ => return Err(refused()),
    };
    Ok(Value { data, content: None, ..value.clone() })
}

type Items = Result<Vec<Value>, ConvertError>;

/// The elements, each as the type for its place.
fn items<'t>(value: &Value, ty: impl Fn(usize) -> Option<&'t Type>) -> Option<Items> {
    let convert = |(at, item)| {
        let ty = ty(at).unwrap_or(&Type::Any);
        convert(item, ty).map_err(|error| error.within(PathStep::Index(at)))
    };
    Some(value.as_items()?.iter().enumerate().map(convert).collect())
}
