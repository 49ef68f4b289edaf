//! What is done at every call: count and convert the arguments, refuse null, settle unknowns and candidates, carry marks
//! and origins to the result.

use std::sync::Arc;

use terravet_graph::{
    Candidate, Content, Data, ELEMENT, Entries, Guard, MAX_CANDIDATES, Mapping, Origin, Sequence, Step, Type, Unknown,
    Value, Why,
};
use terravet_source::Span;

use crate::convert::{behind, contains_sensitive, convert, first_reason, set_of};

use crate::signature::{Function, ResultType};
use crate::{Call, Context, FunctionError};

/// Calls a function.
pub(crate) fn call(function: &'static Function, call: Call<'_>) -> Result<Value, FunctionError> {
    let Call { arguments, span, files, work, render_template } = call;
    for argument in &arguments {
        work.read_through(argument)?;
    }
    let arguments = prepare(function, arguments)?;
    let context = Context { name: function.name, span, files, work, render_template };
    let way = arguments.iter().find(|argument| has_way(argument)).or_else(|| arguments.first());
    let way = way.and_then(|argument| argument.origin.clone());
    let result = call_each(function, &context, &arguments, 0)?;
    work.make(made(&result, &arguments))?;
    Ok(with_origin(result, function.name, span, way))
}

/// How many bytes a result is that were not there before. What stands further in is shared, or was paid for by the bytes that
/// it was made from.
fn made(result: &Value, arguments: &[Value]) -> u64 {
    match &result.data {
        Data::String(text) => {
            let is_given = |argument: &Value| matches!(&argument.data, Data::String(given) if Arc::ptr_eq(given, text));
            if arguments.iter().any(is_given) { 0 } else { text.len() as u64 }
        }
        _ => {
            let items = result.as_items().map_or(0, <[Value]>::len);
            let entries = result.as_entries().map_or(0, |entries| entries.len());
            ELEMENT * (items + entries) as u64
        }
    }
}

/// Whether a value came from somewhere else than where it stands.
fn has_way(value: &Value) -> bool {
    value.origin.as_ref().is_some_and(|origin| origin.from.is_some() || origin.step != Step::Written)
}

/// What the function made itself comes from the call; what it passes on keeps its origin.
fn with_origin(mut value: Value, name: &'static str, span: Span, way: Option<Arc<Origin>>) -> Value {
    if value.origin.is_none() {
        value.origin = Some(Origin::then(span, Step::Function(name.into()), way));
    }
    value
}

/// Checks the number of arguments and converts each to its parameter's type.
fn prepare(function: &Function, arguments: Vec<Value>) -> Result<Vec<Value>, FunctionError> {
    let (given, least) = (arguments.len(), function.parameters.len());
    if given < least {
        let missing = function.parameter_name(given).unwrap_or_default();
        let bound = if function.variadic.is_some() { "at least " } else { "" };
        return Err(FunctionError::new(format!(
            "not enough arguments: {}() takes {bound}{least}, the value for \"{missing}\" is missing",
            function.name
        )));
    }
    if given > least && function.variadic.is_none() {
        return Err(FunctionError::argument(
            least,
            format!("too many arguments: {}() takes {least}, {given} are given", function.name),
        ));
    }
    let mut converted = Vec::with_capacity(given);
    for (index, argument) in arguments.into_iter().enumerate() {
        let Some(parameter) = function.parameter(index) else { break };
        let argument =
            if argument.data == Data::Absent { Value { data: Data::Null(Type::Any), ..argument } } else { argument };
        let value = convert(&argument, &parameter.kind.ty())
            .map_err(|error| FunctionError::argument(index, invalid(parameter.name, &error.to_string())))?;
        converted.push(value);
    }
    Ok(converted)
}

fn invalid(name: &str, message: &str) -> String {
    format!("invalid value for \"{name}\" parameter: {message}")
}

/// How deeply candidates within candidates are followed.
const MAX_DEPTH: usize = 8;

/// Calls the function for every combination of the candidates that the arguments have.
fn call_each(
    function: &'static Function,
    context: &Context<'_>,
    arguments: &[Value],
    depth: usize,
) -> Result<Value, FunctionError> {
    let has_candidates = |value: &Value| value.as_unknown().is_some_and(|unknown| !unknown.candidates.is_empty());
    if depth < MAX_DEPTH && arguments.iter().any(has_candidates) {
        let choices =
            arguments.iter().map(|argument| if has_candidates(argument) { alternatives(argument) } else { None });
        if let Some(combinations) = combine(choices.zip(arguments).map(|(choice, argument)| (choice, argument.clone())))
        {
            return call_combinations(function, context, combinations, depth);
        }
    }
    let result = call_once(function, context, arguments)?;
    // An unknown because of candidates further in: try them, too.
    let open = result.as_unknown().is_some_and(|unknown| unknown.candidates.is_empty());
    let is_encoded = matches!(result.content.as_deref(), Some(Content::Json(_) | Content::Encoded(_)));
    if depth < MAX_DEPTH && open && !is_encoded {
        let choices: Vec<_> = arguments.iter().map(alternatives).collect();
        if choices.iter().any(Option::is_some)
            && let Some(combinations) = combine(choices.into_iter().zip(arguments.iter().cloned()))
        {
            return call_combinations(function, context, combinations, depth);
        }
    }
    Ok(result)
}

type Combination = (Vec<Guard>, Vec<Value>);

fn call_combinations(
    function: &'static Function,
    context: &Context<'_>,
    combinations: Vec<Combination>,
    depth: usize,
) -> Result<Value, FunctionError> {
    let why = combinations.iter().flat_map(|(_, values)| values).find_map(first_reason).unwrap_or(Why::Computed);
    let mut refused = None;
    let mut candidates: Vec<Candidate> = Vec::with_capacity(combinations.len());
    for (when, arguments) in combinations {
        match call_each(function, context, &arguments, depth + 1) {
            Ok(value) => candidates.push(Candidate { when, value }),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    let Some(first) = candidates.first() else {
        return Err(refused.unwrap_or_else(|| FunctionError::new("no combination of the arguments is possible")));
    };
    if first.value.is_wholly_known() && candidates.iter().all(|candidate| candidate.value == first.value) {
        return Ok(first.value.clone());
    }
    let first_type = first.value.ty();
    let ty = if candidates.iter().all(|candidate| candidate.value.ty() == first_type) { first_type } else { Type::Any };
    let sensitive = candidates.iter().any(|candidate| candidate.value.sensitive);
    Ok(Value::one_of(why, ty, candidates).marked(sensitive))
}

/// All combinations of the arguments' alternatives that do not contradict each other; none where they are too many.
fn combine(choices: impl Iterator<Item = (Option<Vec<Candidate>>, Value)>) -> Option<Vec<Combination>> {
    let mut combinations: Vec<Combination> = vec![(Vec::new(), Vec::new())];
    for (choice, value) in choices {
        let choice = choice.unwrap_or_else(|| vec![Candidate { when: Vec::new(), value }]);
        let mut next = Vec::with_capacity(combinations.len() * choice.len());
        for (when, values) in &combinations {
            for candidate in &choice {
                if let Some(when) = Candidate::join(when, &candidate.when) {
                    let values = values.iter().cloned().chain([candidate.value.clone()]).collect();
                    next.push((when, values));
                }
            }
        }
        if next.len() > MAX_CANDIDATES {
            return None;
        }
        combinations = next;
    }
    Some(combinations)
}

/// The values that a value may turn out to have, where candidates in it leave finitely many open.
fn alternatives(value: &Value) -> Option<Vec<Candidate>> {
    match &value.data {
        Data::Unknown(unknown) if !unknown.candidates.is_empty() => {
            let candidates = unknown.candidates.iter().map(|candidate| {
                let value = value.part(&candidate.value);
                Candidate { when: candidate.when.clone(), value }
            });
            Some(candidates.collect())
        }
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
            let items = value.as_items()?;
            rebuilt(value, items, |items| match &value.data {
                Data::List(list) => Data::List(Arc::new(Sequence { element: list.element.clone(), items })),
                Data::Set(set) => set_of(set.element.clone(), items).data,
                _ => Data::Tuple(Arc::new(items)),
            })
        }
        Data::Map(_) | Data::Object(_) => {
            let entries = value.as_entries()?;
            let names: Vec<&Arc<str>> = entries.keys().collect();
            rebuilt(value, entries.values(), |values| {
                let entries: Entries = names.iter().map(|name| Arc::clone(name)).zip(values).collect();
                match &value.data {
                    Data::Map(map) => Data::Map(Arc::new(Mapping { element: map.element.clone(), entries })),
                    _ => Data::Object(Arc::new(entries)),
                }
            })
        }
        _ => None,
    }
}

/// The alternatives of a collection from those of its parts.
fn rebuilt<'a>(
    whole: &Value,
    parts: impl IntoIterator<Item = &'a Value>,
    build: impl Fn(Vec<Value>) -> Data,
) -> Option<Vec<Candidate>> {
    let choices: Vec<(Option<Vec<Candidate>>, Value)> =
        parts.into_iter().map(|part| (alternatives(part), part.clone())).collect();
    if choices.iter().all(|(choice, _)| choice.is_none()) {
        return None;
    }
    let combinations = combine(choices.into_iter())?;
    let candidate = |(when, parts)| Candidate { when, value: Value { data: build(parts), ..whole.clone() } };
    Some(combinations.into_iter().map(candidate).collect())
}

/// Calls the function for arguments without candidates.
fn call_once(function: &'static Function, context: &Context<'_>, arguments: &[Value]) -> Result<Value, FunctionError> {
    let mut sensitive = false;
    let mut plain = Vec::with_capacity(arguments.len());
    for (index, argument) in arguments.iter().enumerate() {
        let marks_matter = function.parameter(index).is_some_and(|parameter| !parameter.marked);
        if marks_matter && contains_sensitive(argument) {
            sensitive = true;
            plain.push(unmarked(argument));
        } else {
            plain.push(argument.clone());
        }
    }
    if function.inside && plain.iter().any(|argument| behind(argument).is_some()) {
        let ty = match function.result {
            ResultType::Fixed(kind) => kind.ty(),
            ResultType::Of(_) => Type::Any,
        };
        return Ok(unknown(&plain, ty, !function.nullable).marked(sensitive));
    }
    context.work.read((function.price)(&plain))?;
    context.work.room_for((function.holds)(&plain))?;
    let ty = match result_type(function, &plain)? {
        Some(ty) => ty,
        None => return Ok(unknown(&plain, Type::Any, false).marked(sensitive)),
    };
    let accepts_unknown = |index| function.parameter(index).is_some_and(|parameter| parameter.unknown);
    if plain.iter().enumerate().any(|(index, argument)| argument.is_unknown() && !accepts_unknown(index)) {
        let not_null = !function.nullable && ty != Type::Any;
        return Ok(unknown(&plain, ty, not_null).marked(sensitive));
    }
    let mut result = (function.body)(context, &plain, &ty)?;
    if let Data::Unknown(unknown) = &mut result.data
        && !function.nullable
        && unknown.ty != Type::Any
        && !unknown.not_null
    {
        Arc::make_mut(unknown).not_null = true;
    }
    Ok(result.marked(sensitive))
}

/// The type of the result. None where an argument's type is so unknown that not even this can be told.
fn result_type(function: &Function, arguments: &[Value]) -> Result<Option<Type>, FunctionError> {
    for (index, argument) in arguments.iter().enumerate() {
        let Some(parameter) = function.parameter(index) else { break };
        if argument.is_null() && !parameter.null {
            return Err(FunctionError::argument(index, invalid(parameter.name, "argument must not be null")));
        }
        if has_open_type(argument) && !parameter.any_type {
            return Ok(None);
        }
    }
    match function.result {
        ResultType::Fixed(kind) => Ok(Some(kind.ty())),
        ResultType::Of(result) => result(arguments).map(Some),
    }
}

/// Whether not even the type of a value is known.
fn has_open_type(value: &Value) -> bool {
    match &value.data {
        Data::Absent => true,
        Data::Null(ty) => *ty == Type::Any,
        Data::Unknown(unknown) => unknown.ty == Type::Any,
        _ => false,
    }
}

/// A result that is unknown because arguments are.
pub(crate) fn unknown(arguments: &[Value], ty: Type, not_null: bool) -> Value {
    let why = arguments.iter().find_map(first_reason).unwrap_or(Why::Computed);
    Unknown { not_null, ..Unknown::new(why, ty) }.into()
}

/// The value without marks, at any depth.
pub(crate) fn unmarked(value: &Value) -> Value {
    let data = match &value.data {
        Data::List(list) => {
            let items = list.items.iter().map(unmarked).collect();
            Data::List(Arc::new(Sequence { element: list.element.clone(), items }))
        }
        Data::Set(set) => {
            let items = set.items.iter().map(unmarked).collect();
            Data::Set(Arc::new(Sequence { element: set.element.clone(), items }))
        }
        Data::Tuple(items) => Data::Tuple(Arc::new(items.iter().map(unmarked).collect())),
        Data::Map(map) => {
            Data::Map(Arc::new(Mapping { element: map.element.clone(), entries: unmarked_entries(&map.entries) }))
        }
        Data::Object(entries) => Data::Object(Arc::new(unmarked_entries(entries))),
        other => other.clone(),
    };
    Value { data, origin: value.origin.clone(), content: value.content.clone(), sensitive: false }
}

fn unmarked_entries(entries: &Entries) -> Entries {
    entries.iter().map(|(name, value)| (Arc::clone(name), unmarked(value))).collect()
}
