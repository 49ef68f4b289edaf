//! Functions over sequences. Source: <https://developer.hashicorp.com/terraform/language/functions/element> and its
//! neighbours.

use std::sync::Arc;

use terravet_graph::{Data, Number, Truth, Type, Value};

use crate::convert::{Members, convert, equal, friendly_name, unify};
use crate::dispatch::unknown;
use crate::go_numbers::integer;
use crate::signature::{Function, Kind, Parameter};
use crate::type_conversion::unknown_of_length;
use crate::{Context, FunctionError, MAX_ELEMENTS};

/// The most numbers that `range` makes; Terraform has this limit.
const MAX_RANGE: usize = 1024;

const LIST: Parameter = Parameter::new("list", Kind::Any);
const ANY_LIST: Parameter = Parameter::new("list", Kind::ListOfAny);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::typed(
        "chunklist",
        &[ANY_LIST.marked(), Parameter::new("size", Kind::Number).marked()],
        |arguments| Ok(Type::list(arguments[0].ty())),
        chunklist,
    ),
    Function::typed("coalescelist", &[], coalesce_list_type, coalesce_list)
        .variadic(Parameter::new("vals", Kind::Any).null().unknown().any_type()),
    Function::new("compact", &[Parameter::new("list", Kind::ListOfString)], Kind::ListOfString, compact),
    Function::typed("concat", &[], concat_type, concat).variadic(Parameter::new("seqs", Kind::Any).marked()),
    Function::typed("distinct", &[ANY_LIST], |arguments| Ok(arguments[0].ty()), distinct),
    Function::typed("element", &[LIST.marked(), Parameter::new("index", Kind::Number)], element_type, element)
        .nullable(),
    Function::typed("flatten", &[LIST.marked()], flatten_type, flatten),
    Function::new("index", &[LIST, Parameter::new("value", Kind::Any)], Kind::Number, index_of),
    Function::typed(
        "matchkeys",
        &[
            Parameter::new("values", Kind::ListOfAny),
            Parameter::new("keys", Kind::ListOfAny),
            Parameter::new("searchset", Kind::ListOfAny),
        ],
        matchkeys_type,
        matchkeys,
    ),
    Function::new("range", &[], Kind::ListOfNumber, range).variadic(Parameter::new("params", Kind::Number)),
    Function::typed("reverse", &[LIST.marked()], reverse_type, reverse),
    Function::typed(
        "slice",
        &[LIST.marked(), Parameter::new("start_index", Kind::Number), Parameter::new("end_index", Kind::Number)],
        slice_type,
        slice,
    ),
    Function::new("sort", &[Parameter::new("list", Kind::ListOfString)], Kind::ListOfString, sort),
];

/// An element of a list, with the way of the list and the mark of the element alone.
pub(crate) fn passed_on(whole: &Value, part: &Value) -> Value {
    Value { sensitive: part.sensitive, ..whole.part(part) }
}

/// A list or, where the type is one of a tuple, a tuple.
fn sequence(ty: &Type, items: Vec<Value>) -> Value {
    match ty {
        Type::List(element) => Value::list(Type::clone(element), items),
        _ => Data::Tuple(Arc::new(items)).into(),
    }
}

/// Refuses results with more elements than the limit.
pub(crate) fn within_elements(count: usize) -> Result<(), FunctionError> {
    if count <= MAX_ELEMENTS {
        return Ok(());
    }
    Err(FunctionError::limit(format!(
        "the result would have more than {MAX_ELEMENTS} elements, the limit of a collection"
    )))
}

fn chunklist(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let list = &arguments[0];
    let size = integer(&arguments[1])
        .map_err(|error| FunctionError::argument(1, format!("invalid size: {}", error.message)))?;
    let size = usize::try_from(size).map_err(|_| FunctionError::argument(1, "the size argument must be positive"))?;
    let items: Vec<Value> = list.as_items().unwrap_or_default().iter().map(|item| passed_on(list, item)).collect();
    let Type::List(inner) = ty else { return Ok(unknown(arguments, ty.clone(), true)) };
    let chunks: Vec<Value> = match size {
        _ if items.is_empty() => Vec::new(),
        0 => vec![Value { sensitive: false, ..list.clone() }],
        _ => items.chunks(size).map(|chunk| sequence(inner, chunk.to_vec())).collect(),
    };
    Ok(sequence(ty, chunks).marked(list.sensitive || arguments[1].sensitive))
}

fn coalesce_list_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let Some(first) = arguments.first() else {
        return Err(FunctionError::new("at least one argument is required"));
    };
    for (index, argument) in arguments.iter().enumerate() {
        if argument.is_unknown() {
            return Ok(Type::Any);
        }
        if !matches!(argument.ty(), Type::List(_) | Type::Tuple(_)) {
            return Err(FunctionError::argument(index, "coalescelist arguments must be lists or tuples"));
        }
    }
    let ty = first.ty();
    Ok(if arguments.iter().all(|argument| argument.ty() == ty) { ty } else { Type::Any })
}

fn coalesce_list(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    for (index, argument) in arguments.iter().enumerate() {
        if let Some(open) = argument.as_unknown() {
            if open.not_null && open.min_length > 0 {
                return Ok(argument.clone());
            }
            return Ok(unknown(&arguments[index..], ty.clone(), *ty != Type::Any));
        }
        if argument.as_items().is_some_and(|items| !items.is_empty()) {
            return Ok(argument.clone());
        }
    }
    Err(FunctionError::new("no non-null arguments"))
}

fn compact(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let list = &arguments[0];
    let items = list.as_items().unwrap_or_default();
    if !list.is_wholly_known() {
        let kept = items.iter().filter(|item| item.as_str().is_some_and(|text| !text.is_empty())).count();
        return Ok(unknown_of_length(arguments, ty.clone(), kept, Some(items.len())));
    }
    let kept = items.iter().filter(|item| item.as_str().is_some_and(|text| !text.is_empty()));
    Ok(sequence(ty, kept.map(|item| list.part(item)).collect()))
}

fn concat_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    if arguments.is_empty() {
        return Err(FunctionError::new("at least one argument is required"));
    }
    let types: Vec<Type> = arguments.iter().map(Value::ty).collect();
    if types.iter().all(|ty| matches!(ty, Type::List(_)))
        && let Some(common) = unify(&types)
    {
        return Ok(common);
    }
    let mut elements = Vec::new();
    for (index, (argument, ty)) in arguments.iter().zip(&types).enumerate() {
        match ty {
            Type::Tuple(own) => elements.extend(own.iter().cloned()),
            Type::List(_) if argument.is_unknown() => return Ok(Type::Any),
            Type::List(element) => {
                let count = argument.as_items().unwrap_or_default().len();
                within_elements(elements.len() + count)?;
                elements.extend(std::iter::repeat_n(Type::clone(element), count));
            }
            other => {
                let message = format!("all arguments must be lists or tuples; got {}", friendly_name(other));
                return Err(FunctionError::argument(index, message));
            }
        }
    }
    within_elements(elements.len())?;
    Ok(Type::Tuple(elements.into()))
}

fn concat(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let total = arguments.iter().map(|argument| argument.as_items().unwrap_or_default().len()).sum();
    within_elements(total)?;
    let mut items = Vec::with_capacity(total);
    for (index, argument) in arguments.iter().enumerate() {
        let converted;
        let list = if matches!(ty, Type::List(_)) {
            converted = convert(argument, ty).map_err(|error| FunctionError::argument(index, error.to_string()))?;
            &converted
        } else {
            argument
        };
        items.extend(list.as_items().unwrap_or_default().iter().map(|item| passed_on(list, item)));
    }
    Ok(sequence(ty, items).marked(arguments.iter().any(|argument| argument.sensitive)))
}

fn distinct(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let list = &arguments[0];
    let items = list.as_items().unwrap_or_default();
    if !list.is_wholly_known() {
        return Ok(unknown_of_length(arguments, ty.clone(), items.len().min(1), Some(items.len())));
    }
    let mut seen = Members::default();
    let kept = items.iter().filter(|item| seen.insert(item)).map(|item| list.part(item)).collect();
    Ok(sequence(ty, kept))
}

fn element_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments[0].ty() {
        Type::List(element) => Ok(Type::clone(&element)),
        Type::Tuple(elements) => {
            if arguments[1].is_unknown() {
                return Ok(Type::Any);
            }
            let at = wrapped(&arguments[1], elements.len())?;
            // Of tuples, Terraform counts negative numbers from the end only where they are whole rounds.
            if arguments[1].as_number().is_some_and(Number::is_negative) && at > 0 {
                return Err(FunctionError::argument(1, "the index of a tuple must not be negative"));
            }
            Ok(elements.get(at).cloned().unwrap_or_default())
        }
        other => Err(FunctionError::argument(0, format!("cannot read elements from {}", friendly_name(&other)))),
    }
}

/// The place that an index stands for, counted round and round.
fn wrapped(index: &Value, length: usize) -> Result<usize, FunctionError> {
    let at = integer(index).map_err(|error| FunctionError::argument(1, format!("invalid index: {}", error.message)))?;
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let empty = || FunctionError::argument(0, "cannot use element function with an empty list");
    Ok(usize::try_from(at.checked_rem_euclid(length).ok_or_else(empty)?).unwrap_or(0))
}

fn element(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let list = &arguments[0];
    let items = list.as_items().unwrap_or_default();
    Ok(list.part(&items[wrapped(&arguments[1], items.len())?]))
}

fn flatten_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments[0].ty() {
        Type::List(_) | Type::Set(_) | Type::Tuple(_) => Ok(Type::Any),
        _ => Err(FunctionError::argument(0, "can only flatten lists, sets and tuples")),
    }
}

fn flatten(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let (mut items, mut sensitive) = (Vec::new(), false);
    let complete = flatten_into(&arguments[0], &mut items, &mut sensitive)?;
    let flat = if complete { Data::Tuple(Arc::new(items)).into() } else { unknown(arguments, ty.clone(), false) };
    Ok(flat.marked(sensitive))
}

/// Collects the elements that are no sequences; tells whether there may be others that are not known yet.
fn flatten_into(list: &Value, items: &mut Vec<Value>, sensitive: &mut bool) -> Result<bool, FunctionError> {
    *sensitive |= list.sensitive;
    if matches!(list.data, Data::Set(_)) && !list.is_wholly_known() {
        return Ok(false);
    }
    let mut complete = true;
    for item in list.as_items().unwrap_or_default() {
        match &item.data {
            Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
                let part = passed_on(list, item);
                complete &= flatten_into(&part, items, sensitive)?;
            }
            Data::Unknown(unknown)
                if matches!(unknown.ty, Type::Any | Type::List(_) | Type::Set(_) | Type::Tuple(_)) =>
            {
                *sensitive |= item.sensitive;
                complete = false;
            }
            _ => items.push(passed_on(list, item)),
        }
        within_elements(items.len())?;
    }
    Ok(complete)
}

fn index_of(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let (list, wanted) = (&arguments[0], &arguments[1]);
    let items = match &list.data {
        Data::List(list) => &list.items,
        Data::Tuple(items) => &**items,
        _ => return Err(FunctionError::argument(0, "argument must be a list or tuple")),
    };
    if items.is_empty() {
        return Err(FunctionError::argument(0, "cannot search an empty list"));
    }
    for (at, item) in items.iter().enumerate() {
        match equal(item, wanted) {
            Truth::True => return Ok(Value::number(at)),
            Truth::False => {}
            Truth::Unknown => return Ok(unknown(arguments, Type::Number, true)),
        }
    }
    Err(FunctionError::new("item not found"))
}

fn matchkeys_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match unify(&[arguments[1].ty(), arguments[2].ty()]) {
        Some(_) => Ok(arguments[0].ty()),
        None => Err(FunctionError::new("keys and searchset must be of the same type")),
    }
}

fn matchkeys(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let values = arguments[0].as_items().unwrap_or_default();
    if values.len() != arguments[1].as_items().unwrap_or_default().len() {
        return Err(FunctionError::new("length of keys and values should be equal"));
    }
    let common = unify(&[arguments[1].ty(), arguments[2].ty()]).unwrap_or_default();
    let as_common = |index: usize| {
        convert(&arguments[index], &common).map_err(|error| FunctionError::argument(index, error.to_string()))
    };
    let (keys, wanted) = (as_common(1)?, as_common(2)?);
    if wanted.as_items().unwrap_or_default().is_empty() {
        return Ok(sequence(ty, Vec::new()));
    }
    if arguments.iter().any(|argument| !argument.is_wholly_known()) {
        return Ok(unknown_of_length(arguments, ty.clone(), 0, Some(values.len())));
    }
    let mut members = Members::default();
    for item in wanted.as_items().unwrap_or_default() {
        members.insert(item);
    }
    let pairs = keys.as_items().unwrap_or_default().iter().zip(values);
    let kept = pairs.filter(|(key, _)| members.contains(key)).map(|(_, value)| arguments[0].part(value));
    Ok(sequence(ty, kept.collect()))
}

fn range(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let number =
        |index: usize| arguments.get(index).and_then(Value::as_number).cloned().unwrap_or_else(|| Number::from(0));
    let zero = Number::from(0);
    let towards = |start: &Number, end: &Number| Number::from(if end < start { -1 } else { 1 });
    let (start, end, step) = match arguments.len() {
        1 => (zero.clone(), number(0), towards(&zero, &number(0))),
        2 => (number(0), number(1), towards(&number(0), &number(1))),
        3 => (number(0), number(1), number(2)),
        _ => return Err(FunctionError::new("must have one, two, or three arguments")),
    };
    let down = step.is_negative();
    if down && end > start {
        return Err(FunctionError::argument(1, "end must be less than start when step is negative"));
    }
    if !down && end < start {
        return Err(FunctionError::argument(1, "end must be greater than start when step is positive"));
    }
    let mut numbers = Vec::new();
    let mut next = start;
    while if down { next > end } else { next < end } {
        if numbers.len() >= MAX_RANGE {
            return Err(FunctionError::new(format!(
                "more than {MAX_RANGE} values were generated; either decrease the difference between start and end or use a smaller step"
            )));
        }
        let Some(following) = next.add(&step) else { break };
        numbers.push(Value::number(std::mem::replace(&mut next, following)));
    }
    Ok(Value::list(Type::Number, numbers))
}

fn reverse_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments[0].ty() {
        Type::Tuple(elements) => Ok(Type::Tuple(elements.iter().rev().cloned().collect())),
        Type::List(element) | Type::Set(element) => Ok(Type::List(element)),
        other => {
            let message = format!("can only reverse list or tuple values, not {}", friendly_name(&other));
            Err(FunctionError::argument(0, message))
        }
    }
}

fn reverse(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let list = &arguments[0];
    let items = list.as_items().unwrap_or_default().iter().rev().map(|item| passed_on(list, item)).collect();
    Ok(sequence(ty, items).marked(list.sensitive))
}

/// The bounds of a slice, each where it is known.
fn bounds(arguments: &[Value]) -> Result<(Option<usize>, Option<usize>), FunctionError> {
    let length = match (&arguments[0].data, arguments[0].ty()) {
        (_, Type::Tuple(elements)) => Some(elements.len()),
        (Data::List(list), _) => Some(list.items.len()),
        _ => None,
    };
    let bound = |index: usize, name: &str| -> Result<Option<usize>, FunctionError> {
        if arguments[index].is_unknown() {
            return Ok(None);
        }
        let at = integer(&arguments[index])
            .map_err(|error| FunctionError::argument(index, format!("invalid {name} index: {}", error.message)))?;
        let at = usize::try_from(at)
            .map_err(|_| FunctionError::argument(index, format!("{name} index must not be less than zero")))?;
        if length.is_some_and(|length| at > length) {
            let message = format!("{name} index must not be greater than the length of the list");
            return Err(FunctionError::argument(index, message));
        }
        Ok(Some(at))
    };
    let (start, end) = (bound(1, "start")?, bound(2, "end")?);
    if start.zip(end).is_some_and(|(start, end)| start > end) {
        return Err(FunctionError::argument(1, "start index must not be greater than end index"));
    }
    Ok((start, end))
}

fn slice_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let ty = arguments[0].ty();
    match &ty {
        Type::List(_) => bounds(arguments).map(|_| ty.clone()),
        Type::Tuple(elements) => Ok(match bounds(arguments)? {
            (Some(start), Some(end)) => Type::Tuple(elements[start..end].into()),
            _ => Type::Any,
        }),
        Type::Set(_) => Err(FunctionError::argument(
            0,
            "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the ordering of the result is not important",
        )),
        _ => Err(FunctionError::argument(0, "must be a list or tuple value")),
    }
}

fn slice(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let list = &arguments[0];
    let (Some(start), Some(end)) = bounds(arguments)? else { return Ok(unknown(arguments, ty.clone(), true)) };
    let items = list.as_items().unwrap_or_default()[start..end].iter().map(|item| passed_on(list, item)).collect();
    Ok(sequence(ty, items).marked(list.sensitive))
}

fn sort(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let list = &arguments[0];
    let items = list.as_items().unwrap_or_default();
    if !list.is_wholly_known() {
        return Ok(unknown_of_length(arguments, ty.clone(), items.len(), Some(items.len())));
    }
    if let Some(at) = items.iter().position(Value::is_null) {
        let message = format!("given list element {at} is null; a null string cannot be sorted");
        return Err(FunctionError::argument(0, message));
    }
    let mut sorted: Vec<Value> = items.iter().map(|item| list.part(item)).collect();
    sorted.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    Ok(sequence(ty, sorted))
}
