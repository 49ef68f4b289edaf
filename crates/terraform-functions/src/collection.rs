//! Functions over collections of any kind. Source:
//! <https://developer.hashicorp.com/terraform/language/functions/length> and its neighbours.

use terravet_graph::{Data, Number, Truth, Type, Unknown, Value};

use crate::convert::{behind, convert, equal, friendly_name, unify};
use crate::dispatch::unknown;
use crate::signature::{Function, Kind, Parameter};
use crate::string::grapheme_count;
use crate::{Context, FunctionError};

const BOOLS: Parameter = Parameter::new("list", Kind::ListOfBool);
const LIST: Parameter = Parameter::new("list", Kind::Any);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("alltrue", &[BOOLS], Kind::Bool, all_true),
    Function::new("anytrue", &[BOOLS], Kind::Bool, any_true),
    Function::typed("coalesce", &[], coalesce_type, coalesce)
        .variadic(Parameter::new("vals", Kind::Any).null().unknown().any_type()),
    Function::new("contains", &[LIST, Parameter::new("value", Kind::Any)], Kind::Bool, contains),
    Function::typed("length", &[Parameter::new("value", Kind::Any).unknown().any_type().marked()], length_type, length),
    Function::typed("one", &[LIST], one_type, one).nullable(),
    Function::new("sum", &[LIST], Kind::Number, sum),
];

fn all_true(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    truth_of_all(arguments, |items| {
        let mut all = Truth::True;
        for item in items {
            all = all.and(holds(item));
        }
        all
    })
}

fn any_true(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    truth_of_all(arguments, |items| {
        let mut any = Truth::False;
        for item in items {
            any = any.or(holds(item));
        }
        any
    })
}

/// Null counts as false.
fn holds(item: &Value) -> Truth {
    if item.is_unknown() { Truth::Unknown } else { Truth::from(item.as_bool() == Some(true)) }
}

fn truth_of_all(arguments: &[Value], join: impl Fn(&[Value]) -> Truth) -> Result<Value, FunctionError> {
    Ok(match join(arguments[0].as_items().unwrap_or_default()) {
        Truth::True => Value::bool(true),
        Truth::False => Value::bool(false),
        Truth::Unknown => unknown(arguments, Type::Bool, true),
    })
}

fn coalesce_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let types: Vec<Type> = arguments.iter().map(Value::ty).collect();
    unify(&types).ok_or_else(|| FunctionError::new("all arguments must have the same type"))
}

fn coalesce(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    for (index, argument) in arguments.iter().enumerate() {
        let value = convert(argument, ty).map_err(|error| FunctionError::argument(index, error.to_string()))?;
        if let Some(open) = value.as_unknown() {
            // An unknown that is certainly neither null nor empty is the result.
            let cannot_be_empty = open.prefix.is_some() || !matches!(ty, Type::String | Type::Any);
            let certain = open.not_null && cannot_be_empty;
            return Ok(if certain { value } else { unknown(&arguments[index..], ty.clone(), *ty != Type::Any) });
        }
        let is_empty = *ty == Type::String && value.as_str() == Some("");
        if !value.is_unset() && !is_empty {
            return Ok(value);
        }
    }
    Err(FunctionError::new("no non-null, non-empty-string arguments"))
}

fn contains(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let (list, wanted) = (&arguments[0], &arguments[1]);
    let Some(items) = list.as_items() else {
        return Err(FunctionError::argument(0, "argument must be list, tuple, or set"));
    };
    let mut any = Truth::False;
    for item in items {
        any = any.or(equal(wanted, item));
        if any.is_true() {
            return Ok(Value::bool(true));
        }
    }
    Ok(if any.is_false() { Value::bool(false) } else { unknown(arguments, Type::Bool, true) })
}

fn length_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments[0].ty() {
        Type::Number | Type::Bool => {
            Err(FunctionError::argument(0, "argument must be a string, a collection type, or a structural type"))
        }
        _ => Ok(Type::Number),
    }
}

fn length(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let value = &arguments[0];
    let count = match &value.data {
        Data::String(text) => Some(grapheme_count(text)),
        Data::Set(set) if set.items.len() > 1 && !value.is_wholly_known() => None,
        Data::List(sequence) | Data::Set(sequence) => Some(sequence.items.len()),
        Data::Tuple(items) => Some(items.len()),
        Data::Map(map) => Some(map.entries.len()),
        Data::Object(_) if behind(value).is_some() => None,
        Data::Object(entries) => Some(entries.len()),
        Data::Unknown(unknown) => length_of_unknown(unknown),
        _ => None,
    };
    let length = count.map_or_else(|| unknown(arguments, Type::Number, true), Value::number);
    Ok(length.marked(value.sensitive))
}

fn length_of_unknown(unknown: &Unknown) -> Option<usize> {
    match &unknown.ty {
        Type::Tuple(elements) => Some(elements.len()),
        Type::Object(object) => Some(object.attributes.len()),
        _ => unknown.max_length.filter(|most| *most == unknown.min_length),
    }
}

const ZERO_OR_ONE: &str = "must be a list, set, or tuple value with either zero or one elements";

fn one_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments[0].ty() {
        Type::List(element) | Type::Set(element) => Ok(Type::clone(&element)),
        Type::Tuple(elements) if elements.len() <= 1 => Ok(elements.first().cloned().unwrap_or_default()),
        _ => Err(FunctionError::argument(0, ZERO_OR_ONE)),
    }
}

fn one(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let list = &arguments[0];
    match list.as_items().unwrap_or_default() {
        [] => Ok(Data::Null(ty.clone()).into()),
        [only] => Ok(list.part(only)),
        _ if matches!(list.data, Data::Set(_)) && !list.is_wholly_known() => Ok(unknown(arguments, ty.clone(), false)),
        _ => Err(FunctionError::argument(0, ZERO_OR_ONE)),
    }
}

fn sum(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let list = &arguments[0];
    let Some(items) = list.as_items() else {
        let message = match &list.data {
            Data::Map(_) | Data::Object(_) => {
                format!("argument must be list, set, or tuple. Received {}", friendly_name(&list.ty()))
            }
            _ => "cannot sum noniterable".into(),
        };
        return Err(FunctionError::argument(0, message));
    };
    if items.is_empty() {
        return Err(FunctionError::argument(0, "cannot sum an empty list"));
    }
    if !list.is_wholly_known() {
        return Ok(unknown(arguments, Type::Number, true));
    }
    let mut total: Option<Number> = None;
    for item in items {
        let refused = || FunctionError::argument(0, "argument must be list, set, or tuple of number values");
        let number = convert(item, &Type::Number).map_err(|_| refused())?;
        let number = number.as_number().ok_or_else(refused)?;
        total = Some(match total {
            None => number.clone(),
            Some(total) => {
                total.add(number).ok_or_else(|| FunctionError::new("can't compute sum of opposing infinities"))?
            }
        });
    }
    Ok(Value::number(total.unwrap_or_else(|| Number::from(0))))
}
