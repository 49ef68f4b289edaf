//! Functions over sets. Source: <https://developer.hashicorp.com/terraform/language/functions/setunion> and its
//! neighbours.

use terravet_graph::{Type, Value};

use crate::convert::{Members, convert, set_of, unify};
use crate::dispatch::unknown;
use crate::list::within_elements;
use crate::signature::{Function, Kind, Parameter};
use crate::type_conversion::unknown_of_length;
use crate::{Context, FunctionError};

/// Above these lengths Terraform does not compute how long a product of unknown sets can get.
const MAX_FACTOR: usize = 1024;
const MAX_PRODUCT: usize = 2048;

const FIRST_SET: Parameter = Parameter::new("first_set", Kind::SetOfAny).any_type();
const OTHER_SETS: Parameter = Parameter::new("other_sets", Kind::SetOfAny).any_type();

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::typed("setintersection", &[FIRST_SET], set_type, intersection).variadic(OTHER_SETS),
    Function::typed("setproduct", &[], product_type, product)
        .variadic(Parameter::new("sets", Kind::Any).unknown().marked()),
    Function::typed(
        "setsubtract",
        &[Parameter::new("a", Kind::SetOfAny).any_type(), Parameter::new("b", Kind::SetOfAny).any_type()],
        set_type,
        subtraction,
    ),
    Function::typed("setunion", &[FIRST_SET], set_type, union).variadic(OTHER_SETS),
];

fn is_empty(set: &Value) -> bool {
    set.as_items().is_some_and(<[Value]>::is_empty)
}

fn set_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let mut elements = Vec::with_capacity(arguments.len());
    for argument in arguments {
        match argument.ty() {
            // The element type of an empty literal is open and fits every other.
            Type::Set(element) if *element == Type::Any && is_empty(argument) => {}
            Type::Set(element) => elements.push(Type::clone(&element)),
            _ => elements.push(Type::Any),
        }
    }
    if elements.is_empty() {
        return Ok(Type::set(Type::Any));
    }
    match unify(&elements) {
        Some(element) => Ok(Type::set(element)),
        None => Err(FunctionError::new("given sets must all have compatible element types")),
    }
}

/// The sets, converted to their common type.
fn converted(arguments: &[Value], ty: &Type) -> Result<Vec<Value>, FunctionError> {
    let convert = |(index, argument): (usize, &Value)| {
        convert(argument, ty).map_err(|error| FunctionError::argument(index, error.to_string()))
    };
    arguments.iter().enumerate().map(convert).collect()
}

fn element_of(ty: &Type) -> Type {
    match ty {
        Type::Set(element) | Type::List(element) => Type::clone(element),
        _ => Type::Any,
    }
}

fn union(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let sets = converted(arguments, ty)?;
    let items = sets.iter().flat_map(|set| set.as_items().unwrap_or_default().iter().map(|item| set.part(item)));
    Ok(set_of(element_of(ty), items))
}

fn intersection(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    selection(arguments, ty, |members, item| members.contains(item))
}

fn subtraction(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    selection(arguments, ty, |members, item| !members.contains(item))
}

/// The elements of the first set that pass the test with every other set.
fn selection(arguments: &[Value], ty: &Type, keep: impl Fn(&Members, &Value) -> bool) -> Result<Value, FunctionError> {
    let sets = converted(arguments, ty)?;
    let Some((first, others)) = sets.split_first() else { return Ok(set_of(element_of(ty), [])) };
    let items = first.as_items().unwrap_or_default();
    if sets.iter().any(|set| !set.is_wholly_known()) {
        // Elements that are not known yet may turn out to be any of the others.
        return Ok(unknown_of_length(arguments, ty.clone(), 0, Some(items.len())));
    }
    let others: Vec<Members> = others.iter().map(|set| set.as_items().unwrap_or_default().iter().collect()).collect();
    let kept = items.iter().filter(|item| others.iter().all(|members| keep(members, item)));
    Ok(set_of(element_of(ty), kept.map(|item| first.part(item))))
}

fn product_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    if arguments.len() < 2 {
        return Err(FunctionError::new("at least two arguments are required"));
    }
    let mut elements = Vec::with_capacity(arguments.len());
    let mut ordered = true;
    for (index, argument) in arguments.iter().enumerate() {
        elements.push(match argument.ty() {
            Type::Set(element) => {
                ordered = false;
                Type::clone(&element)
            }
            Type::List(element) => Type::clone(&element),
            Type::Tuple(own) if own.is_empty() => Type::Any,
            Type::Tuple(own) => {
                unify(&own).ok_or_else(|| FunctionError::argument(index, "all elements must be of the same type"))?
            }
            _ => return Err(FunctionError::argument(index, "a set or a list is required")),
        });
    }
    let tuple = Type::Tuple(elements.into());
    Ok(if ordered { Type::list(tuple) } else { Type::set(tuple) })
}

/// The number of elements of a sequence, if it is certain.
fn known_length(value: &Value) -> Option<usize> {
    let items = value.as_items()?;
    let uncertain = matches!(value.ty(), Type::Set(_)) && items.len() > 1 && !value.is_wholly_known();
    (!uncertain).then_some(items.len())
}

/// The most elements that a sequence can have.
fn greatest_length(value: &Value) -> Option<usize> {
    match (value.as_items(), value.as_unknown()) {
        (Some(items), _) => Some(items.len()),
        (None, Some(unknown)) => match &unknown.ty {
            Type::Tuple(elements) => Some(elements.len()),
            _ => unknown.max_length,
        },
        _ => None,
    }
}

fn product(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let sensitive = arguments.iter().any(|argument| argument.sensitive);
    let lengths: Option<Vec<usize>> = arguments.iter().map(known_length).collect();
    let Some(lengths) = lengths else { return Ok(unknown_product(arguments, ty).marked(sensitive)) };
    let total = lengths.iter().try_fold(1usize, |total, length| total.checked_mul(*length)).unwrap_or(usize::MAX);
    within_elements(total.saturating_mul(arguments.len()))?;
    let element = element_of(ty);
    let Type::Tuple(element_types) = &element else { return Ok(unknown(arguments, ty.clone(), true)) };
    let mut factors: Vec<Vec<Value>> = Vec::with_capacity(arguments.len());
    for (index, (argument, wanted)) in arguments.iter().zip(element_types.iter()).enumerate() {
        let convert = |item: &Value| {
            convert(&crate::list::passed_on(argument, item), wanted)
                .map_err(|error| FunctionError::argument(index, error.to_string()))
        };
        factors.push(argument.as_items().unwrap_or_default().iter().map(convert).collect::<Result<_, _>>()?);
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for factor in &factors {
        let longer = |row: &Vec<Value>, value: &Value| row.iter().cloned().chain([value.clone()]).collect();
        rows = rows.iter().flat_map(|row| factor.iter().map(move |value| longer(row, value))).collect();
    }
    let tuples = rows.into_iter().map(Value::tuple);
    let result = match ty {
        Type::List(_) => Value::list(element.clone(), tuples),
        _ => set_of(element.clone(), tuples),
    };
    Ok(result.marked(sensitive))
}

fn unknown_product(arguments: &[Value], ty: &Type) -> Value {
    let mut most = Some(1usize);
    for argument in arguments {
        let factor = greatest_length(argument).filter(|length| *length <= MAX_FACTOR);
        most = most.zip(factor).map(|(most, factor)| most * factor).filter(|product| *product <= MAX_PRODUCT);
    }
    match most {
        Some(0) if matches!(ty, Type::List(_)) => Value::list(element_of(ty), []),
        Some(0) => set_of(element_of(ty), []),
        Some(most) => unknown_of_length(arguments, ty.clone(), 1, Some(most)),
        None => unknown_of_length(arguments, ty.clone(), 0, None),
    }
}
