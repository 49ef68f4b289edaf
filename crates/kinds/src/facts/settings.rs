//! Settings that are not attributes of their own: the entries of a parameter group.

use terravet_graph::{Data, Type, Value, Why};

use super::{Fact, FactContext, FactFunction};

/// The facts of this module.
pub(super) const FACTS: &[(&str, usize, &str, FactFunction)] = &[(
    "parameter",
    1,
    "what the attribute `parameters` sets the parameter of this name to, as text; not there where it sets none",
    parameter,
)];

/// The names that an entry of a list of parameters has for the name and for the value of a parameter.
const NAME_KEYS: &[&str] = &["name", "parameter_key", "ParameterName", "ParameterKey"];
const VALUE_KEYS: &[&str] = &["value", "parameter_value", "ParameterValue"];

/// The value of one parameter, out of blocks with a name and a value, or of a map.
fn parameter(context: FactContext<'_>) -> Fact {
    let (Some(wanted), Some(attribute)) =
        (context.arguments.first().and_then(Value::as_str), context.kind.attributes.get("parameters"))
    else {
        return Fact::unknown("parameter takes a name, and needs an attribute `parameters`");
    };
    let written = context.value("parameters");
    if written.is_unknown() {
        let value = of_unknown(&written);
        return Fact { value, witness: vec![written] };
    }
    let language = context.view.model.resource(context.subject).language;
    let paths = attribute.paths(language);
    let entries: Vec<Value> =
        paths.iter().flat_map(|path| context.view.follow(context.subject, context.kind, path)).collect();
    let mut may_be = None;
    for entry in &entries {
        match named(&context, entry, wanted) {
            Named::Yes(value) => return Fact { witness: vec![value.clone()], value: as_text(value) },
            Named::Perhaps => may_be = Some(of_unknown(entry)),
            Named::No => {}
        }
    }
    let value = may_be.unwrap_or_else(|| Value::absent(Some(context.view.place(context.subject))));
    Fact { witness: vec![value.clone()], value }
}

/// Whether an entry sets a parameter.
enum Named {
    Yes(Value),
    No,
    Perhaps,
}

fn named(context: &FactContext<'_>, entry: &Value, wanted: &str) -> Named {
    if entry.is_unknown() {
        return Named::Perhaps;
    }
    let settle = |value: &Value| context.view.settle(value);
    let first = |keys: &[&str]| keys.iter().map(|key| settle(&entry.get(key))).find(|value| !value.is_unset());
    match (first(NAME_KEYS), first(VALUE_KEYS)) {
        (Some(name), value) if name.as_str() == Some(wanted) => {
            Named::Yes(value.unwrap_or_else(|| Value::absent(entry.span())))
        }
        (Some(name), _) if name.is_unknown() => Named::Perhaps,
        (Some(name), Some(_)) if name.as_str().is_some() => Named::No,
        _ => match settle(&entry.get(wanted)) {
            value if value.is_unset() => Named::No,
            value => Named::Yes(value),
        },
    }
}

/// A value as the text that AWS takes for it.
fn as_text(value: Value) -> Value {
    let text = match &value.data {
        Data::Bool(flag) => flag.to_string(),
        Data::Number(number) => number.to_string(),
        _ => return value,
    };
    Value { data: Data::String(text.into()), ..value }
}

/// An unknown text for the reason that something else is not known.
fn of_unknown(other: &Value) -> Value {
    let why =
        other.as_unknown().map_or_else(|| Why::Other("a name is not known".into()), |unknown| unknown.why.clone());
    Value { origin: other.origin.clone(), ..Value::unknown(why, Type::Any) }
}
