//! `format` and `formatlist`. Source: <https://developer.hashicorp.com/terraform/language/functions/format>.
//!
//! A text remembers the values that it was put together from ([`terravet_graph::Content::Pieces`]), so that a name within
//! it can still be followed where it is not known.

use std::borrow::Cow;

use terravet_graph::{Data, Type, Value};

use crate::dispatch::unknown;
use crate::format_verb::{Flags, Verb, render};
use crate::list::within_elements;
use crate::pieces::concatenate;
use crate::signature::{Function, Kind, Parameter};
use crate::string::{string, text, within_limit};
use crate::{Context, FunctionError};

const FORMAT: Parameter = Parameter::new("format", Kind::String);
const ARGS: Parameter = Parameter::new("args", Kind::Any).null().unknown().any_type();

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("format", &[FORMAT], Kind::String, format_text).variadic(ARGS),
    Function::new("formatlist", &[FORMAT], Kind::ListOfString, format_list).variadic(ARGS),
];

/// Terraform answers that the result is not known where an argument is a null without a type.
fn has_untyped_null(arguments: &[Value]) -> bool {
    arguments.iter().any(|argument| matches!(argument.data, Data::Null(Type::Any)))
}

fn format_text(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    if has_untyped_null(arguments) {
        return Ok(unknown(arguments, Type::Any, false));
    }
    formatted(&arguments[0], &arguments[1..])
}

/// A text made from a format and its arguments.
fn formatted(format: &Value, arguments: &[Value]) -> Result<Value, FunctionError> {
    let pieces = pieces(format, arguments);
    if arguments.iter().all(Value::is_wholly_known) {
        return Ok(concatenate(pieces?));
    }
    // What is wrong with the format is only found out when all arguments are known.
    Ok(pieces.map_or_else(|_| unknown(arguments, Type::String, true), concatenate))
}

fn format_list(context: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let (format, arguments) = (&arguments[0], &arguments[1..]);
    if has_untyped_null(arguments) {
        return Ok(unknown(arguments, Type::Any, false));
    }
    let mut rounds: Option<(usize, usize)> = None;
    let mut open = false;
    for (index, argument) in arguments.iter().enumerate() {
        let length = match (&argument.data, argument.ty()) {
            (Data::Null(_), _) => continue,
            (Data::Unknown(_), Type::Tuple(elements)) => {
                open = true;
                elements.len()
            }
            (Data::Unknown(_), Type::List(_) | Type::Set(_) | Type::Any) => {
                open = true;
                continue;
            }
            (Data::Set(set), _) if set.items.len() > 1 && !argument.is_wholly_known() => {
                open = true;
                continue;
            }
            _ => match argument.as_items() {
                Some(items) => items.len(),
                None => continue,
            },
        };
        match rounds {
            None => rounds = Some((length, index)),
            Some((first, at)) if first != length => {
                let message = format!(
                    "argument {} has length {length}, which is inconsistent with argument {} of length {first}",
                    index + 1,
                    at + 1
                );
                return Err(FunctionError::argument(index + 1, message));
            }
            Some(_) => {}
        }
    }
    if open {
        return Ok(unknown(arguments, ty.clone(), true));
    }
    let rounds = rounds.map_or(1, |(length, _)| length);
    within_elements(rounds)?;
    let one = |round: usize| {
        let of_round = |argument: &Value| match argument.as_items() {
            Some(items) => argument.part(&items[round]),
            None => argument.clone(),
        };
        let arguments: Vec<Value> = arguments.iter().map(of_round).collect();
        let value = formatted(format, &arguments).map_err(|error| FunctionError {
            message: format!("error on format iteration {round}: {}", error.message),
            ..error
        })?;
        context.work.make(value.as_str().map_or(0, str::len) as u64)?;
        Ok(value)
    };
    Ok(Value::list(Type::String, (0..rounds).map(one).collect::<Result<Vec<_>, FunctionError>>()?))
}

/// The literal parts of a format and what its verbs make, one after another.
fn pieces(format: &Value, arguments: &[Value]) -> Result<Vec<Value>, FunctionError> {
    let source = text(std::slice::from_ref(format), 0);
    let literal = |text: Cow<'_, str>| Value { origin: format.origin.clone(), ..string(text) };
    let mut pieces: Vec<Value> = Vec::new();
    let (mut plain, mut length) = (String::new(), 0usize);
    let (mut next_argument, mut highest) = (0usize, 0usize);
    let mut rest = source;
    while let Some(at) = rest.find('%') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("%%") {
            plain.push('%');
            rest = after;
            continue;
        }
        let verb = Verb::parse(source, source.len() - rest.len(), next_argument)?;
        rest = &rest[verb.raw.len()..];
        next_argument = verb.argument + 1;
        highest = highest.max(next_argument);
        let argument = arguments.get(verb.argument).ok_or_else(|| {
            let (raw, offset, needed) = (verb.raw, verb.offset, verb.argument + 1);
            FunctionError::argument(
                0,
                format!(
                    "not enough arguments for {raw:?} at {offset}: need index {needed} but have {} total",
                    arguments.len()
                ),
            )
        })?;
        let made = made_by(&verb, argument)?;
        length += plain.len() + made.as_str().map_or(0, str::len);
        within_limit(length)?;
        if !plain.is_empty() {
            pieces.push(literal(std::mem::take(&mut plain).into()));
        }
        pieces.push(made);
    }
    plain.push_str(rest);
    if !plain.is_empty() || pieces.is_empty() {
        pieces.push(literal(plain.into()));
    }
    if highest < arguments.len() {
        let message = match highest {
            0 => "too many arguments; no verbs in format string".to_owned(),
            _ => format!("too many arguments; only {highest} used by format string"),
        };
        return Err(FunctionError::argument(highest + 1, message));
    }
    Ok(pieces)
}

/// What a verb makes of its argument: the argument itself where it stands for its own text.
fn made_by(verb: &Verb<'_>, argument: &Value) -> Result<Value, FunctionError> {
    let as_it_is = matches!(verb.letter, 's' | 'v')
        && verb.width.is_none()
        && verb.precision.is_none_or(|precision| precision == 0)
        && verb.flags == Flags::default();
    if as_it_is && argument.ty() == Type::String && !argument.is_null() {
        return Ok(argument.clone());
    }
    if !argument.is_wholly_known() {
        return Ok(unknown(std::slice::from_ref(argument), Type::String, true));
    }
    let text = render(verb, argument)?;
    Ok(Value { origin: argument.origin.clone(), ..Value::string(text) })
}
