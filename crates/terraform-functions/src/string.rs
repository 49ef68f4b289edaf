//! String functions. Source: <https://developer.hashicorp.com/terraform/language/functions/chomp> and its neighbours.
//!
//! Lengths and positions count grapheme clusters. Case is changed character by character, so that `ß` stays.

use std::borrow::Cow;
use std::sync::Arc;

use terravet_graph::{Content, ELEMENT, Type, Value};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::dispatch::unknown;
use crate::go_numbers::integer;
use crate::list::within_elements;
use crate::pieces::concatenate;
use crate::signature::{Function, Kind, Parameter};
use crate::{Context, FunctionError, MAX_TEXT};

const STR: Parameter = Parameter::new("str", Kind::String);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("chomp", &[STR.unknown()], Kind::String, chomp),
    Function::new("endswith", &[STR, Parameter::new("suffix", Kind::String)], Kind::Bool, ends_with),
    Function::new("indent", &[Parameter::new("spaces", Kind::Number), STR], Kind::String, indent),
    Function::new("join", &[Parameter::new("separator", Kind::String)], Kind::String, join)
        .variadic(Parameter::new("lists", Kind::ListOfString)),
    Function::new("lower", &[STR], Kind::String, lower),
    Function::new("split", &[Parameter::new("separator", Kind::String), STR], Kind::ListOfString, split),
    Function::new("startswith", &[STR.unknown(), Parameter::new("prefix", Kind::String)], Kind::Bool, starts_with),
    Function::new("strcontains", &[STR, Parameter::new("substr", Kind::String)], Kind::Bool, contains),
    Function::new("strrev", &[STR], Kind::String, reverse),
    Function::new(
        "substr",
        &[STR, Parameter::new("offset", Kind::Number), Parameter::new("length", Kind::Number)],
        Kind::String,
        substr,
    ),
    Function::new("title", &[STR], Kind::String, title),
    Function::new("trim", &[STR, Parameter::new("cutset", Kind::String)], Kind::String, trim),
    Function::new("trimprefix", &[STR, Parameter::new("prefix", Kind::String)], Kind::String, trim_prefix),
    Function::new("trimspace", &[STR.unknown()], Kind::String, trim_space),
    Function::new("trimsuffix", &[STR, Parameter::new("suffix", Kind::String)], Kind::String, trim_suffix),
    Function::new("upper", &[STR], Kind::String, upper),
];

/// The text of an argument that is a known string.
pub(crate) fn text(arguments: &[Value], index: usize) -> &str {
    arguments.get(index).and_then(Value::as_str).unwrap_or_default()
}

/// A string value. All strings of the language are in Unicode's normal form C.
pub(crate) fn string<'a>(text: impl Into<Cow<'a, str>>) -> Value {
    let text = text.into();
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Value::string(&*text);
    }
    Value::string(text.nfc().collect::<String>())
}

/// The argument itself where the function changed nothing, so that it keeps what is known of it; a new string otherwise.
fn changed(arguments: &[Value], index: usize, result: &str) -> Value {
    match arguments.get(index) {
        Some(argument) if argument.as_str() == Some(result) => argument.clone(),
        _ => string(result),
    }
}

/// A string value of a literal's text.
pub fn normalized(text: &Arc<str>) -> Value {
    if text.is_ascii() { Value::string(Arc::clone(text)) } else { string(&**text) }
}

/// Refuses texts beyond the limit.
pub(crate) fn within_limit(length: usize) -> Result<(), FunctionError> {
    if length <= MAX_TEXT {
        return Ok(());
    }
    Err(FunctionError::limit(format!("the result would have more than {MAX_TEXT} bytes, the limit of a string")))
}

/// What the values that a text may encode take, in bytes: of two characters there may be one.
pub(crate) fn decoded(arguments: &[Value]) -> u64 {
    ELEMENT / 2 * text(arguments, 0).len() as u64
}

fn graphemes(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.graphemes(true)
}

/// How many grapheme clusters a text has.
pub(crate) fn grapheme_count(text: &str) -> usize {
    if text.is_ascii() && !text.contains('\r') { text.len() } else { graphemes(text).count() }
}

/// Trimming of white space leaves JSON as it is, even where parts of it are unknown.
fn unknown_trimmed(argument: &Value) -> Value {
    if matches!(argument.content.as_deref(), Some(Content::Json(_))) {
        return argument.clone();
    }
    unknown(std::slice::from_ref(argument), Type::String, true)
}

fn chomp(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    if arguments[0].is_unknown() {
        return Ok(unknown_trimmed(&arguments[0]));
    }
    Ok(changed(arguments, 0, text(arguments, 0).trim_end_matches(['\r', '\n'])))
}

fn trim_space(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    if arguments[0].is_unknown() {
        return Ok(unknown_trimmed(&arguments[0]));
    }
    Ok(changed(arguments, 0, text(arguments, 0).trim()))
}

fn trim(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let cutset = text(arguments, 1);
    let trimmed = text(arguments, 0).trim_matches(|character| cutset.contains(character));
    Ok(changed(arguments, 0, trimmed))
}

fn trim_prefix(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let whole = text(arguments, 0);
    Ok(changed(arguments, 0, whole.strip_prefix(text(arguments, 1)).unwrap_or(whole)))
}

fn trim_suffix(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let whole = text(arguments, 0);
    Ok(changed(arguments, 0, whole.strip_suffix(text(arguments, 1)).unwrap_or(whole)))
}

fn starts_with(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let prefix = text(arguments, 1);
    let Some(unknown_text) = arguments[0].as_unknown() else {
        return Ok(Value::bool(text(arguments, 0).starts_with(prefix)));
    };
    let known = unknown_text.prefix.as_deref().unwrap_or_default();
    Ok(if known.starts_with(prefix) {
        Value::bool(true)
    } else if prefix.starts_with(known) {
        unknown(arguments, Type::Bool, true)
    } else {
        Value::bool(false)
    })
}

fn ends_with(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    Ok(Value::bool(text(arguments, 0).ends_with(text(arguments, 1))))
}

fn contains(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    Ok(Value::bool(text(arguments, 0).contains(text(arguments, 1))))
}

fn upper(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    Ok(changed(arguments, 0, &text(arguments, 0).chars().map(upper_character).collect::<String>()))
}

fn lower(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    Ok(changed(arguments, 0, &text(arguments, 0).chars().map(lower_character).collect::<String>()))
}

/// The one character that is the upper case of another; itself where there is none or where it is several.
fn upper_character(character: char) -> char {
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => character,
    }
}

fn lower_character(character: char) -> char {
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        // The only lower case of two characters, a dotted i, begins with the simple one.
        (Some(first), Some(_)) => first,
        (None, _) => character,
    }
}

fn title(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let mut before = ' ';
    let titled = text(arguments, 0).chars().map(|character| {
        let new = if separates_words(before) { title_character(character) } else { character };
        before = character;
        new
    });
    let titled: String = titled.collect();
    Ok(changed(arguments, 0, &titled))
}

/// The title case, which differs from the upper case for the digraphs alone.
fn title_character(character: char) -> char {
    match character {
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        _ => upper_character(character),
    }
}

fn separates_words(character: char) -> bool {
    if character.is_ascii() {
        !character.is_ascii_alphanumeric() && character != '_'
    } else {
        !character.is_alphanumeric() && character.is_whitespace()
    }
}

fn reverse(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    Ok(string(graphemes(text(arguments, 0)).rev().collect::<String>()))
}

fn substr(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let whole = text(arguments, 0);
    let (offset, length) = (integer(&arguments[1])?, integer(&arguments[2])?);
    let start = if offset < 0 {
        let count = i64::try_from(grapheme_count(whole)).unwrap_or(i64::MAX);
        offset.saturating_add(count).max(0)
    } else if length == 0 {
        return Ok(Value::string(""));
    } else {
        offset
    };
    let skip = usize::try_from(start).unwrap_or(usize::MAX);
    // A length of zero after a negative offset takes all, as a negative length does.
    let take = if length <= 0 { usize::MAX } else { usize::try_from(length).unwrap_or(usize::MAX) };
    Ok(changed(arguments, 0, &graphemes(whole).skip(skip).take(take).collect::<String>()))
}

fn indent(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let spaces = usize::try_from(integer(&arguments[0])?)
        .map_err(|_| FunctionError::argument(0, "the number of spaces must not be negative"))?;
    let text = text(arguments, 1);
    let lines = text.matches('\n').count();
    within_limit(spaces.saturating_mul(lines).saturating_add(text.len()))?;
    if lines == 0 {
        return Ok(arguments[1].clone());
    }
    Ok(string(text.replace('\n', &format!("\n{:spaces$}", ""))))
}

fn split(context: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let (separator, text) = (text(arguments, 0), text(arguments, 1));
    let count = if separator.is_empty() { text.len() } else { text.matches(separator).count() + 1 };
    within_elements(count)?;
    context.work.room_for(ELEMENT * count as u64 + text.len() as u64)?;
    let parts: Vec<Value> = if separator.is_empty() {
        text.chars().map(|character| string(character.to_string())).collect()
    } else {
        text.split(separator).map(|part| changed(arguments, 1, part)).collect()
    };
    Ok(Value::list(Type::String, parts))
}

fn join(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let (separator, lists) = (&arguments[0], &arguments[1..]);
    if lists.is_empty() {
        return Err(FunctionError::new("at least one list is required"));
    }
    let mut pieces: Vec<Value> = Vec::new();
    for (list_at, list) in lists.iter().enumerate() {
        for (at, item) in list.as_items().unwrap_or_default().iter().enumerate() {
            if item.is_null() {
                let message = format!("element {at} is null; cannot concatenate null values");
                return Err(FunctionError::argument(list_at + 1, message));
            }
            if !pieces.is_empty() && separator.as_str() != Some("") {
                pieces.push(separator.clone());
            }
            pieces.push(list.part(item));
        }
    }
    let length: usize = pieces.iter().filter_map(Value::as_str).map(str::len).sum();
    within_limit(length)?;
    Ok(concatenate(pieces))
}
