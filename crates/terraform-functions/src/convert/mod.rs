//! Conversion of values between types, unification of types, and equality, as Terraform has them.
//!
//! In: a [`Value`] and the [`Type`] wanted of it. Out: the value as that type, or a [`ConvertError`] that says which part
//! does not fit and why. [`unify`] finds the one type that values of several types can have together, [`Defaults`] fills
//! what the attributes of an input variable's type say about their absence, [`equal`] compares, [`set_of`] makes sets.
//!
//! Invariants: conversion keeps origins, marks and what is known about unknown values; candidates are converted one by
//! one; a set is distinct and in the order in which Terraform lists it. What is not done here: parsing of type
//! constraints.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/expressions/type-constraints> and the rules at
//! <https://github.com/zclconf/go-cty/blob/main/docs/convert.md>.

mod decimal;
mod defaults;
mod equality;
mod open;
mod set;
#[cfg(test)]
mod tests;
mod types;
mod unseen;

use std::fmt;
use std::sync::Arc;

use terravet_graph::{Candidate, Data, Entries, Mapping, Number, ObjectType, Sequence, Type, Unknown, Value};

/// The largest exponent of two that text may have.
const MAX_BINARY_EXPONENT: u64 = 16_000;

pub use decimal::{Decimal, shortest_at};
pub use defaults::Defaults;
pub use equality::equal;
pub use open::contains_open;
pub use set::{Members, contains_sensitive, set_of};
pub use types::{convertible, friendly_name, unify, without_optional};
pub use unseen::behind;

use open::{convert_open, convert_parts};
use types::{mismatch, replace_any};

/// One step into a value, of the path to the part that could not be converted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStep {
    /// The attribute of an object, or the entry of a map.
    Key(Arc<str>),
    /// The element of a list, set or tuple.
    Index(usize),
}

/// A value cannot be had as the type that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertError {
    /// The way from the whole value to the part that does not fit; empty for the whole.
    pub path: Vec<PathStep>,
    /// What is wrong with that part, in Terraform's words: "a number is required".
    pub message: String,
}

impl ConvertError {
    fn new(message: impl Into<String>) -> Self {
        Self { path: Vec::new(), message: message.into() }
    }

    fn within(mut self, step: PathStep) -> Self {
        self.path.insert(0, step);
        self
    }
}

impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.path {
            match step {
                PathStep::Key(name) => write!(f, ".{name}")?,
                PathStep::Index(index) => write!(f, "[{index}]")?,
            }
        }
        if !self.path.is_empty() {
            f.write_str(": ")?;
        }
        f.write_str(&self.message)
    }
}

/// The value as a value of the type `to`. In `to`, [`Type::Any`] stands for whatever fits.
///
/// # Errors
/// Where the type of the value, or a part of it, has no conversion to the type that is wanted.
pub fn convert(value: &Value, to: &Type) -> Result<Value, ConvertError> {
    match (&value.data, to) {
        // By far the most frequent cases.
        (_, Type::Any)
        | (Data::String(_), Type::String)
        | (Data::Number(_), Type::Number)
        | (Data::Bool(_), Type::Bool) => return Ok(value.clone()),
        _ => {}
    }
    let from = value.ty();
    if from == without_optional(to) {
        return Ok(value.clone());
    }
    if let Some(behind) = behind(value) {
        return convert_open(value, behind, to);
    }
    if !convertible(&from, to) {
        if contains_open(value) {
            return convert_parts(value, to);
        }
        return Err(ConvertError::new(mismatch(&from, to)));
    }
    convert_possible(value, &from, to)
}

/// [`convert`], after the types have been found to allow it.
fn convert_possible(value: &Value, from: &Type, to: &Type) -> Result<Value, ConvertError> {
    if *to == Type::Any {
        return Ok(value.clone());
    }
    let data = match &value.data {
        Data::Null(_) | Data::Absent => Data::Null(replace_any(from, &without_optional(to))),
        Data::Unknown(unknown) => return convert_unknown(value, unknown, to),
        _ => match to {
            Type::String | Type::Number | Type::Bool => primitive(value, from, to)?,
            Type::List(element) => list(value, from, element)?,
            Type::Set(element) => return set(value, from, element),
            Type::Map(element) => map(value, from, element)?,
            Type::Tuple(elements) => tuple(value, elements)?,
            Type::Object(object) => self::object(value, object)?,
            Type::Any => value.data.clone(),
        },
    };
    let content = if matches!(data, Data::String(_)) { value.content.clone() } else { None };
    Ok(Value { data, content, origin: value.origin.clone(), sensitive: value.sensitive })
}

fn primitive(value: &Value, from: &Type, to: &Type) -> Result<Data, ConvertError> {
    Ok(match (&value.data, to) {
        (Data::Number(number), Type::String) => Data::String(number.to_string().into()),
        (Data::Bool(value), Type::String) => Data::String(if *value { "true" } else { "false" }.into()),
        (Data::String(text), Type::Number) => {
            Data::Number(parse_number(text).ok_or_else(|| ConvertError::new("a number is required"))?)
        }
        (Data::String(text), Type::Bool) => Data::Bool(parse_bool(text)?),
        (data, to) if value.ty() == *to => data.clone(),
        _ => return Err(ConvertError::new(mismatch(from, to))),
    })
}

/// The number that text spells: decimal digits with an optional sign, point and exponent (of ten after `e`, of two after
/// `p`), nothing around them; or an infinity.
pub fn parse_number(text: &str) -> Option<Number> {
    match text {
        "inf" | "Inf" | "+inf" | "+Inf" => return Some(Number::infinity(false)),
        "-inf" | "-Inf" => return Some(Number::infinity(true)),
        _ => {}
    }
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    if let Some((mantissa, exponent)) = text.split_once(['p', 'P']) {
        let exponent: i64 =
            exponent.parse().ok().filter(|exponent: &i64| exponent.unsigned_abs() <= MAX_BINARY_EXPONENT)?;
        let power = Number::from(num_bigint::BigInt::from(1) << exponent.unsigned_abs());
        let mantissa: Number = mantissa.parse().ok().filter(|_| !mantissa.contains(['e', 'E']))?;
        return if exponent < 0 { mantissa.divide(&power) } else { mantissa.multiply(&power) };
    }
    if !text.bytes().all(plain) { None } else { text.parse().ok() }
}

fn parse_bool(text: &str) -> Result<bool, ConvertError> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(ConvertError::new(match text.to_lowercase().as_str() {
            "true" => "a bool is required; to convert from string, use lowercase \"true\"",
            "false" => "a bool is required; to convert from string, use lowercase \"false\"",
            _ => "a bool is required",
        })),
    }
}

/// The elements, each converted to `element`.
fn elements(value: &Value, element: &Type) -> Result<Vec<Value>, ConvertError> {
    let items = value.as_items().unwrap_or_default();
    let convert = |(at, item)| convert(item, element).map_err(|error| error.within(PathStep::Index(at)));
    items.iter().enumerate().map(convert).collect()
}

/// The element type that a collection made from `from` gets where `element` is wanted.
fn element_type(from: &Type, element: &Type) -> Type {
    match from {
        Type::Tuple(types) if *element == Type::Any && !types.is_empty() => unify(types).unwrap_or_default(),
        Type::Object(object) if *element == Type::Any && !object.attributes.is_empty() => {
            unify(&object.attributes.values().cloned().collect::<Vec<_>>()).unwrap_or_default()
        }
        Type::List(own) | Type::Set(own) | Type::Map(own) if *element == Type::Any => Type::clone(own),
        _ => element.clone(),
    }
}

fn list(value: &Value, from: &Type, wanted: &Type) -> Result<Data, ConvertError> {
    let wanted = element_type(from, wanted);
    if matches!(from, Type::Set(_)) && value.as_items().unwrap_or_default().iter().any(|item| !item.is_wholly_known()) {
        // Unknown elements of a set may turn out equal, so that not even the length is known.
        let items = value.as_items().unwrap_or_default();
        let why = items.iter().find_map(first_reason).unwrap_or(terravet_graph::Why::Computed);
        let unknown = Unknown {
            not_null: true,
            min_length: 1,
            max_length: Some(items.len()),
            ..Unknown::new(why, Type::list(without_optional(&wanted)))
        };
        return Ok(Data::Unknown(Arc::new(unknown)));
    }
    let items = elements(value, &wanted)?;
    let (element, items) = of_one_type(items, &wanted)?;
    Ok(Data::List(Arc::new(Sequence { element, items })))
}

/// Why the first unknown in a value is unknown.
pub fn first_reason(value: &Value) -> Option<terravet_graph::Why> {
    match &value.data {
        Data::Unknown(unknown) => Some(unknown.why.clone()),
        _ => match (value.as_items(), value.as_entries()) {
            (Some(items), _) => items.iter().find_map(first_reason),
            (_, Some(entries)) => {
                entries.values().find_map(first_reason).or_else(|| behind(value).map(|behind| behind.why.clone()))
            }
            _ => None,
        },
    }
}

/// Brings elements, which were all converted to a type with [`Type::Any`] in it, to one type.
fn of_one_type(items: Vec<Value>, wanted: &Type) -> Result<(Type, Vec<Value>), ConvertError> {
    if wanted.is_complete() || items.is_empty() {
        return Ok((without_optional(wanted), items));
    }
    let types: Vec<Type> = items.iter().map(Value::ty).collect();
    let element = unify(&types).ok_or_else(|| ConvertError::new("cannot find a common base type for all elements"))?;
    let items: Vec<Value> = items.iter().map(|item| convert(item, &element)).collect::<Result<_, _>>()?;
    if items.iter().any(|item| item.ty() != element) {
        return Err(ConvertError::new("element types must all match"));
    }
    Ok((element, items))
}

fn set(value: &Value, from: &Type, wanted: &Type) -> Result<Value, ConvertError> {
    let wanted = element_type(from, wanted);
    let items = elements(value, &wanted)?;
    let element = match items.first() {
        Some(first) if !wanted.is_complete() => first.ty(),
        _ => without_optional(&wanted),
    };
    if items.iter().any(|item| item.ty() != element) {
        return Err(ConvertError::new("element types must all match for conversion to set"));
    }
    let made = set_of(element, items).marked(value.sensitive);
    Ok(Value { origin: value.origin.clone(), ..made })
}

fn map(value: &Value, from: &Type, wanted: &Type) -> Result<Data, ConvertError> {
    let wanted = element_type(from, wanted);
    let mut names = Vec::new();
    let mut items = Vec::new();
    for (name, item) in value.as_entries().into_iter().flatten() {
        names.push(Arc::clone(name));
        items.push(convert(item, &wanted).map_err(|error| error.within(PathStep::Key(Arc::clone(name))))?);
    }
    let (element, items) = of_one_type(items, &wanted)?;
    Ok(Data::Map(Arc::new(Mapping { element, entries: names.into_iter().zip(items).collect() })))
}

fn tuple(value: &Value, wanted: &[Type]) -> Result<Data, ConvertError> {
    let items = value.as_items().unwrap_or_default();
    let convert = |(at, (item, ty))| convert(item, ty).map_err(|error| error.within(PathStep::Index(at)));
    let items = items.iter().zip(wanted).enumerate().map(convert).collect::<Result<_, _>>()?;
    Ok(Data::Tuple(Arc::new(items)))
}

/// Attributes that are not wanted are dropped; optional ones that are missing become null.
fn object(value: &Value, wanted: &ObjectType) -> Result<Data, ConvertError> {
    let given = value.as_entries();
    let mut entries = Entries::new();
    for (name, ty) in &wanted.attributes {
        let converted = match given.and_then(|entries| entries.get(name)) {
            Some(item) => convert(item, ty).map_err(|error| error.within(PathStep::Key(Arc::clone(name))))?,
            None if wanted.optional.contains(name) => Value {
                data: Data::Null(without_optional(ty)),
                origin: value.origin.clone(),
                content: None,
                sensitive: false,
            },
            None => return Err(ConvertError::new(format!("map has no element for required attribute \"{name}\""))),
        };
        entries.insert(Arc::clone(name), converted);
    }
    Ok(Data::Object(Arc::new(entries)))
}

/// An unknown of the type that is wanted, with all that stays certain about it.
fn convert_unknown(value: &Value, unknown: &Unknown, to: &Type) -> Result<Value, ConvertError> {
    let ty = replace_any(&unknown.ty, &without_optional(to));
    let mut result = Unknown {
        ty: ty.clone(),
        prefix: unknown.prefix.clone().filter(|_| ty == Type::String),
        reference: unknown.reference.clone(),
        not_null: unknown.not_null,
        candidates: convert_candidates(&unknown.candidates, to)?,
        ..Unknown::new(unknown.why.clone(), ty.clone())
    };
    (result.min_length, result.max_length) = match (&unknown.ty, &ty) {
        (Type::Object(object), Type::Map(_)) => (object.attributes.len(), Some(object.attributes.len())),
        (Type::Tuple(items), Type::List(_)) => (items.len(), Some(items.len())),
        (Type::Tuple(items), Type::Set(_)) => (items.len().min(1), Some(items.len())),
        (_, Type::Set(_)) => (unknown.min_length.min(1), unknown.max_length),
        (_, Type::List(_) | Type::Map(_)) => (unknown.min_length, unknown.max_length),
        _ => (0, None),
    };
    if let [_] = result.candidates.as_slice() {
        // The others would be refused, so that this one is certain.
        let only = result.candidates.remove(0).value;
        return Ok(
            Value { origin: only.origin.clone().or_else(|| value.origin.clone()), ..only }.marked(value.sensitive)
        );
    }
    let content = if ty == Type::String { value.content.clone() } else { None };
    Ok(Value { content, origin: value.origin.clone(), sensitive: value.sensitive, ..Value::from(result) })
}

/// The candidates that can be converted.
///
/// # Errors
/// Where there are candidates and none can be converted.
fn convert_candidates(candidates: &[Candidate], to: &Type) -> Result<Vec<Candidate>, ConvertError> {
    let mut refused = None;
    let mut kept = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        match convert(&candidate.value, to) {
            Ok(value) => kept.push(Candidate { when: candidate.when.clone(), value }),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    match refused {
        Some(error) if kept.is_empty() => Err(error),
        _ => Ok(kept),
    }
}
