//! Conversions between types, and marks. Source:
//! <https://developer.hashicorp.com/terraform/language/functions/tostring> and its neighbours.

use std::sync::Arc;

use terravet_graph::{Data, Mapping, Type, Unknown, Value};

use crate::convert::{convert, convertible, friendly_name, parse_number};
use crate::dispatch::unknown;
use crate::signature::{Function, Kind, Parameter};
use crate::{Context, FunctionError};

const VALUE: Parameter = Parameter::new("value", Kind::Any).null().unknown().any_type().marked();
const CONVERTED: Parameter = Parameter::everything("v");

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("ephemeralasnull", &[Parameter::everything("value")], Kind::Any, ephemeral_as_null).nullable(),
    Function::new("issensitive", &[VALUE], Kind::Bool, is_sensitive),
    Function::new("nonsensitive", &[VALUE], Kind::Any, nonsensitive).nullable(),
    Function::new("sensitive", &[VALUE], Kind::Any, sensitive).nullable(),
    Function::typed("tobool", &[CONVERTED], |arguments| converted_type(arguments, &Type::Bool), conversion).nullable(),
    Function::typed("tolist", &[CONVERTED], |arguments| converted_type(arguments, &Type::list(Type::Any)), conversion)
        .nullable(),
    Function::typed("tomap", &[CONVERTED], |arguments| converted_type(arguments, &Type::map(Type::Any)), conversion)
        .nullable(),
    Function::typed("tonumber", &[CONVERTED], |arguments| converted_type(arguments, &Type::Number), conversion)
        .nullable(),
    Function::typed("toset", &[CONVERTED], |arguments| converted_type(arguments, &Type::set(Type::Any)), conversion)
        .nullable(),
    Function::typed("tostring", &[CONVERTED], |arguments| converted_type(arguments, &Type::String), conversion)
        .nullable(),
];

/// The type that the conversion gives: that of the converted value, since the element type of a collection is only known then.
fn converted_type(arguments: &[Value], wanted: &Type) -> Result<Type, FunctionError> {
    let (value, given) = (&arguments[0], arguments[0].ty());
    match convert(value, wanted) {
        Ok(converted) => Ok(converted.ty()),
        Err(_) if !convertible(&given, wanted) => Err(FunctionError::argument(0, refusal(&given, wanted))),
        Err(error) if wanted.is_primitive() => {
            Err(FunctionError::argument(0, refused_text(value, wanted, &error.to_string())))
        }
        Err(error) => Err(FunctionError::argument(0, format!("{}: {error}", refusal(&given, wanted)))),
    }
}

fn refusal(given: &Type, wanted: &Type) -> String {
    format!("cannot convert {} to {}", friendly_name(given), friendly_name(wanted))
}

/// Why text cannot be converted, without showing text that is sensitive.
fn refused_text(value: &Value, wanted: &Type, why: &str) -> String {
    match (value.as_str(), wanted) {
        (Some(_), _) if value.sensitive => format!("cannot convert this sensitive string to {}", friendly_name(wanted)),
        (Some(text), Type::Number) if parse_number(text).is_none() => {
            format!("cannot convert {text:?} to number; given string must be a decimal representation of a number")
        }
        (Some(text), _) => format!("cannot convert {text:?} to {}: {why}", friendly_name(wanted)),
        _ => why.to_owned(),
    }
}

fn conversion(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    convert(&arguments[0], ty).map_err(|error| FunctionError::argument(0, error.to_string()))
}

fn sensitive(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    Ok(arguments[0].clone().marked(true))
}

fn nonsensitive(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    Ok(Value { sensitive: false, ..arguments[0].clone() })
}

/// Whether the value itself is marked. Of an unknown, Terraform does not say before it is known.
fn is_sensitive(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let value = &arguments[0];
    if !value.sensitive && value.is_unknown() {
        return Ok(unknown(arguments, Type::Bool, true));
    }
    Ok(Value::bool(value.sensitive))
}

/// Values are never ephemeral here: those of ephemeral resources and variables are unknown, and so is what becomes of
/// them, with a type that is certain.
fn ephemeral_as_null(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    Ok(arguments[0].clone())
}

/// An empty or filled map of this element type.
pub(crate) fn map_of(element: &Type, entries: terravet_graph::Entries) -> Value {
    Data::Map(Arc::new(Mapping { element: element.clone(), entries })).into()
}

/// An unknown collection of which the number of elements is bounded.
pub(crate) fn unknown_of_length(arguments: &[Value], ty: Type, least: usize, most: Option<usize>) -> Value {
    let why = arguments.iter().find_map(crate::convert::first_reason).unwrap_or(terravet_graph::Why::Computed);
    Unknown { not_null: true, min_length: least, max_length: most, ..Unknown::new(why, ty) }.into()
}
