//! Functions over maps and objects. Source: <https://developer.hashicorp.com/terraform/language/functions/keys> and its
//! neighbours.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Data, Entries, ObjectType, Type, Value};

use crate::convert::{behind, convert, friendly_name};
use crate::dispatch::unknown;
use crate::list::passed_on;
use crate::signature::{Function, Kind, Parameter};
use crate::type_conversion::map_of;
use crate::{Context, FunctionError};

const INPUT_MAP: Parameter = Parameter::new("inputMap", Kind::Any).marked();

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::typed("keys", &[INPUT_MAP.unknown()], keys_type, keys).inside(),
    Function::typed("list", &[], |_| removed("list", "tolist([ ... ])"), |_, _, _| Ok(Value::null()))
        .variadic(Parameter::everything("vals")),
    Function::typed(
        "lookup",
        &[INPUT_MAP.unknown(), Parameter::new("key", Kind::String).unknown().marked()],
        lookup_type,
        lookup,
    )
    .variadic(Parameter::everything("default"))
    .nullable(),
    Function::typed("map", &[], |_| removed("map", "tomap({ ... })"), |_, _, _| Ok(Value::null()))
        .variadic(Parameter::everything("vals")),
    Function::typed("merge", &[], merge_type, merge)
        .variadic(Parameter::new("maps", Kind::Any).null().any_type().marked())
        .inside(),
    Function::new("transpose", &[Parameter::new("values", Kind::MapOfLists)], Kind::MapOfLists, transpose),
    Function::typed("values", &[Parameter::new("mapping", Kind::Any).marked()], values_type, values).inside(),
    Function::typed(
        "zipmap",
        &[Parameter::new("keys", Kind::ListOfString).marked(), Parameter::new("values", Kind::Any).marked()],
        zipmap_type,
        zipmap,
    ),
];

fn removed(name: &str, instead: &str) -> Result<Type, FunctionError> {
    Err(FunctionError::new(format!("the function was removed in Terraform 0.12; write {instead} instead of {name}()")))
}

fn keys_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments[0].ty() {
        Type::Map(_) => Ok(Type::list(Type::String)),
        Type::Object(object) => Ok(Type::Tuple(object.attributes.keys().map(|_| Type::String).collect())),
        _ => Err(FunctionError::argument(0, "must have map or object type")),
    }
}

fn keys(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let mapping = &arguments[0];
    let key = |name: &Arc<str>| Value { origin: mapping.origin.clone(), ..Value::string(Arc::clone(name)) };
    let keys = match (&mapping.data, mapping.ty()) {
        (Data::Unknown(_), Type::Object(object)) => Value::tuple(object.attributes.keys().map(key)),
        (Data::Unknown(_), _) => unknown(arguments, ty.clone(), true),
        (Data::Object(entries), _) => Value::tuple(entries.keys().map(key)),
        _ => Value::list(Type::String, mapping.as_entries().into_iter().flatten().map(|(name, _)| key(name))),
    };
    Ok(keys.marked(mapping.sensitive))
}

fn lookup_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    if arguments.len() > 3 {
        let message = format!("lookup() takes two or three arguments, got {}", arguments.len());
        return Err(FunctionError::new(message));
    }
    let default = arguments.get(2);
    match arguments[0].ty() {
        Type::Object(object) => {
            let Some(key) = arguments[1].as_str() else { return Ok(Type::Any) };
            match (object.attributes.get(key), default) {
                (Some(ty), _) => Ok(ty.clone()),
                _ if behind(&arguments[0]).is_some() => Ok(Type::Any),
                (None, Some(default)) => Ok(default.ty()),
                (None, None) => Err(FunctionError::argument(0, format!("the given object has no attribute {key:?}"))),
            }
        }
        Type::Map(element) => {
            if default.is_some_and(|default| convert(default, &element).is_err()) {
                let message = "the default value must have the same type as the map elements";
                return Err(FunctionError::argument(2, message));
            }
            Ok(Type::clone(&element))
        }
        _ => Err(FunctionError::argument(0, "lookup() requires a map as the first argument")),
    }
}

fn lookup(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let (mapping, key) = (&arguments[0], &arguments[1]);
    let sensitive = mapping.sensitive || key.sensitive;
    let (Some(entries), Some(name)) = (mapping.as_entries(), key.as_str()) else {
        return Ok(unknown(arguments, ty.clone(), false).marked(sensitive));
    };
    if let Some(part) = entries.get(name) {
        return Ok(mapping.part(part).marked(sensitive));
    }
    if behind(mapping).is_some() {
        return Ok(unknown(arguments, Type::Any, false).marked(sensitive));
    }
    let Some(default) = arguments.get(2) else {
        let shown = if key.sensitive { "(sensitive value)".to_owned() } else { format!("{name:?}") };
        return Err(FunctionError::argument(1, format!("lookup failed to find key {shown}")));
    };
    let default = convert(default, ty).map_err(|error| FunctionError::argument(2, error.to_string()))?;
    Ok(default.marked(sensitive))
}

fn merge_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let mut attributes: BTreeMap<Arc<str>, Type> = BTreeMap::new();
    let (mut first, mut same, mut keys_known) = (None, true, true);
    for (index, argument) in arguments.iter().enumerate() {
        let mut ty = argument.ty();
        match &ty {
            Type::Any => {
                let all_fit = arguments
                    .iter()
                    .all(|argument| matches!(argument.ty(), Type::Any | Type::Map(_) | Type::Object(_)));
                let refused = || FunctionError::argument(index, "arguments must be maps or objects");
                return if all_fit { Ok(Type::Any) } else { Err(refused()) };
            }
            Type::Object(_) if argument.is_null() => ty = Type::object([]),
            Type::Object(object) => {
                attributes.extend(object.attributes.iter().map(|(name, ty)| (Arc::clone(name), ty.clone())));
            }
            Type::Map(_) if argument.is_unknown() => keys_known = false,
            Type::Map(element) => {
                let names = argument.as_entries().into_iter().flatten().map(|(name, _)| name);
                attributes.extend(names.map(|name| (Arc::clone(name), Type::clone(element))));
            }
            other => {
                let message = format!("arguments must be maps or objects, got {:?}", friendly_name(other));
                return Err(FunctionError::argument(index, message));
            }
        }
        same &= first.get_or_insert_with(|| ty.clone()) == &ty;
    }
    Ok(match first {
        None => Type::object([]),
        Some(first) if same => first,
        _ if keys_known => Type::object(attributes),
        _ => Type::Any,
    })
}

fn merge(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let sensitive = arguments.iter().any(|argument| argument.sensitive);
    // The last of several entries with one name stays.
    let entries: Entries = arguments
        .iter()
        .flat_map(|argument| {
            let own = argument.as_entries().into_iter().flatten();
            own.map(move |(name, value)| (Arc::clone(name), passed_on(argument, value)))
        })
        .collect();
    let merged = match ty {
        Type::Map(element) => map_of(element, entries),
        _ => Data::Object(Arc::new(entries)).into(),
    };
    Ok(merged.marked(sensitive))
}

fn transpose(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let mapping = &arguments[0];
    if !mapping.is_wholly_known() {
        return Ok(unknown(arguments, ty.clone(), true));
    }
    let mut swapped: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    // The keys come in order, so that each list is sorted as Terraform has it.
    for (name, list) in mapping.as_entries().into_iter().flatten() {
        if list.is_null() {
            return Err(FunctionError::argument(0, format!("the list of {name:?} is null")));
        }
        for item in list.as_items().unwrap_or_default() {
            let Data::String(text) = &item.data else {
                return Err(FunctionError::argument(0, format!("the list of {name:?} has a null in it")));
            };
            let key = Value { origin: list.origin.clone(), ..Value::string(Arc::clone(name)) };
            swapped.entry(Arc::clone(text)).or_default().push(key);
        }
    }
    let entries = swapped.into_iter().map(|(name, names)| (name, Value::list(Type::String, names))).collect();
    Ok(map_of(&Type::list(Type::String), entries))
}

fn values_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments[0].ty() {
        Type::Map(element) => Ok(Type::List(element)),
        Type::Object(object) => Ok(Type::Tuple(object.attributes.values().cloned().collect())),
        _ => Err(FunctionError::argument(0, "values() requires a map as the first argument")),
    }
}

fn values(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let mapping = &arguments[0];
    let values = mapping.as_entries().into_iter().flatten().map(|(_, value)| passed_on(mapping, value));
    let values = match ty {
        Type::List(element) => Value::list(Type::clone(element), values),
        _ => Value::tuple(values),
    };
    Ok(values.marked(mapping.sensitive))
}

fn unequal_counts(keys: usize, values: usize) -> FunctionError {
    FunctionError::new(format!("number of keys ({keys}) does not match number of values ({values})"))
}

fn zipmap_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments[1].ty() {
        Type::List(element) => Ok(Type::Map(element)),
        Type::Tuple(elements) => {
            let Some(keys) = arguments[0].as_items().filter(|keys| !keys.iter().any(Value::is_unknown)) else {
                return Ok(Type::Any);
            };
            if keys.len() != elements.len() {
                return Err(unequal_counts(keys.len(), elements.len()));
            }
            let mut object = ObjectType::default();
            for (at, (key, ty)) in keys.iter().zip(elements.iter()).enumerate() {
                object.attributes.insert(key_name(key, at)?, ty.clone());
            }
            Ok(Type::Object(Arc::new(object)))
        }
        _ => Err(FunctionError::argument(1, "values argument must be a list or tuple value")),
    }
}

fn key_name(key: &Value, at: usize) -> Result<Arc<str>, FunctionError> {
    match &key.data {
        Data::String(text) => Ok(Arc::clone(text)),
        _ => Err(FunctionError::argument(0, format!("keys list has null value at index {at}"))),
    }
}

fn zipmap(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let (keys, values) = (&arguments[0], &arguments[1]);
    let names = keys.as_items().unwrap_or_default();
    let items = values.as_items().unwrap_or_default();
    let sensitive = keys.sensitive || values.sensitive || names.iter().any(|name| name.sensitive);
    if names.iter().any(Value::is_unknown) {
        return Ok(unknown(arguments, ty.clone(), *ty != Type::Any).marked(sensitive));
    }
    if names.len() != items.len() {
        return Err(unequal_counts(names.len(), items.len()));
    }
    let entry = |(at, (name, item))| Ok((key_name(name, at)?, passed_on(values, item)));
    let entries = names.iter().zip(items).enumerate().map(entry).collect::<Result<Entries, FunctionError>>()?;
    let zipped = match ty {
        Type::Map(element) => map_of(element, entries),
        _ => Data::Object(Arc::new(entries)).into(),
    };
    Ok(zipped.marked(sensitive))
}
