//! `regex`, `regexall` and `replace`. Source:
//! <https://developer.hashicorp.com/terraform/language/functions/regex> and
//! <https://developer.hashicorp.com/terraform/language/functions/replace>.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use regex::{Captures, Regex, RegexBuilder};
use terravet_graph::{Data, ELEMENT, Type, Value};

use crate::dispatch::unknown;
use crate::list::within_elements;
use crate::re2::translate;
use crate::signature::{Function, Kind, Parameter};
use crate::string::{string, text, within_limit};
use crate::{Context, FunctionError};

/// How many compiled patterns a thread keeps.
const CACHE: usize = 256;
/// The largest program, in bytes, that a pattern is compiled to.
const MAX_PROGRAM: usize = 10 << 20;

const PATTERN: Parameter = Parameter::new("pattern", Kind::String);
const STRING: Parameter = Parameter::new("string", Kind::String);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::typed("regex", &[PATTERN, STRING], match_type, regex).priced(price),
    Function::typed("regexall", &[PATTERN, STRING], |arguments| match_type(arguments).map(Type::list), regex_all)
        .priced(price),
    Function::new(
        "replace",
        &[
            Parameter::new("str", Kind::String),
            Parameter::new("substr", Kind::String),
            Parameter::new("replace", Kind::String),
        ],
        Kind::String,
        replace,
    )
    .priced(|arguments| if is_pattern(text(arguments, 1)) { price(&arguments[1..]) } else { 0 }),
];

/// What it takes to compile a pattern, at most, in bytes that are read: repetitions are written out.
fn price(arguments: &[Value]) -> u64 {
    let pattern = text(arguments, 0);
    let repetitions = pattern.split('{').skip(1).flat_map(|after| after.split(['}', ',']).take(2));
    let written_out = repetitions
        .fold(pattern.len() as u64, |length, count| length.saturating_mul(count.parse::<u64>().unwrap_or(1).max(1)));
    written_out.saturating_mul(64).min(8 * MAX_PROGRAM as u64)
}

/// Whether what `replace` looks for is a pattern.
fn is_pattern(searched: &str) -> bool {
    searched.len() > 1 && searched.starts_with('/') && searched.ends_with('/')
}

/// A match may look at the whole rest of the text before it ends, and so does the next one.
fn read_on(context: &Context<'_>, rest: usize) -> Result<(), FunctionError> {
    Ok(context.work.read(1 + rest as u64 / 16)?)
}

type Compiled = Result<Rc<Regex>, String>;

thread_local! {
    /// Patterns stand in loops and are the same each time.
    static COMPILED: RefCell<BTreeMap<Box<str>, Compiled>> = const { RefCell::new(BTreeMap::new()) };
}

/// A pattern in the syntax of RE2, compiled.
fn compiled(pattern: &str) -> Compiled {
    COMPILED.with_borrow_mut(|cache| {
        if let Some(known) = cache.get(pattern) {
            return known.clone();
        }
        if cache.len() >= CACHE {
            cache.clear();
        }
        let compiled = compile(pattern);
        cache.insert(pattern.into(), compiled.clone());
        compiled
    })
}

fn compile(pattern: &str) -> Compiled {
    let translated = translate(pattern)?;
    let regex = RegexBuilder::new(&translated).size_limit(MAX_PROGRAM).build();
    regex.map(Rc::new).map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => format!("the pattern needs more than the limit of {limit} bytes"),
        error => error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    })
}

/// The pattern that an argument is.
fn pattern(index: usize, source: &str) -> Result<Rc<Regex>, FunctionError> {
    compiled(source).map_err(|error| FunctionError::argument(index, format!("invalid regexp pattern: {error}")))
}

/// The type of a match: a string without groups, a tuple with groups, an object with named ones.
fn match_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let Some(source) = arguments[0].as_str() else { return Ok(Type::Any) };
    let regex = pattern(0, source)?;
    let groups = regex.captures_len() - 1;
    let names: Vec<Arc<str>> = regex.capture_names().flatten().map(Arc::from).collect();
    match names.len() {
        _ if groups == 0 => Ok(Type::String),
        0 => Ok(Type::Tuple(std::iter::repeat_n(Type::String, groups).collect())),
        named if named == groups => Ok(Type::object(names.into_iter().map(|name| (name, Type::String)))),
        _ => {
            let message = "invalid regexp pattern: cannot mix both named and unnamed capture groups";
            Err(FunctionError::argument(0, message))
        }
    }
}

/// What a match is worth. Groups that took no part in it are null.
fn result(regex: &Regex, captures: &Captures<'_>) -> Value {
    let group = |index: usize| match captures.get(index) {
        Some(found) => string(found.as_str()),
        None => Data::Null(Type::String).into(),
    };
    if regex.captures_len() == 1 {
        return group(0);
    }
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    if names.iter().all(Option::is_none) {
        return Value::tuple((1..=names.len()).map(group));
    }
    Value::object((1..).zip(names).filter_map(|(index, name)| Some((Arc::from(name?), group(index)))))
}

fn regex(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    if *ty == Type::Any {
        return Ok(unknown(arguments, Type::Any, false));
    }
    let regex = pattern(0, text(arguments, 0))?;
    match regex.captures(text(arguments, 1)) {
        Some(captures) => Ok(result(&regex, &captures)),
        None => Err(FunctionError::argument(1, "pattern did not match any part of the given string")),
    }
}

fn regex_all(context: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let Type::List(element) = ty else { return Ok(unknown(arguments, Type::Any, false)) };
    let regex = pattern(0, text(arguments, 0))?;
    let mut found = Vec::new();
    let whole = text(arguments, 1);
    for captures in regex.captures_iter(whole) {
        let groups = regex.captures_len();
        within_elements(found.len().saturating_mul(groups))?;
        read_on(context, whole.len() - captures.get(0).map_or(0, |found| found.start()))?;
        context.work.make(ELEMENT * groups as u64)?;
        found.push(result(&regex, &captures));
    }
    Ok(Value::list(Type::clone(element), found))
}

fn replace(context: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let (whole, searched, replacement) = (text(arguments, 0), text(arguments, 1), text(arguments, 2));
    let inner = searched.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let replaced = match inner {
        Some(inner) => replace_all(context, &*pattern(1, inner)?, whole, replacement)?,
        None => {
            let matches = if searched.is_empty() { whole.len() + 1 } else { whole.matches(searched).count() };
            within_limit(whole.len().saturating_add(matches.saturating_mul(replacement.len())))?;
            whole.replace(searched, replacement)
        }
    };
    if replaced == whole {
        return Ok(arguments[0].clone());
    }
    Ok(string(replaced))
}

/// Replaces match by match, and stops where the text gets longer than the limit.
fn replace_all(context: &Context<'_>, regex: &Regex, whole: &str, replacement: &str) -> Result<String, FunctionError> {
    let (mut out, mut from) = (String::new(), 0);
    for captures in regex.captures_iter(whole) {
        let Some(found) = captures.get(0) else { continue };
        read_on(context, whole.len() - found.start())?;
        out.push_str(&whole[from..found.start()]);
        captures.expand(replacement, &mut out);
        within_limit(out.len())?;
        from = found.end();
    }
    out.push_str(&whole[from..]);
    Ok(out)
}
