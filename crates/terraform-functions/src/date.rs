//! Date and time functions. Source: <https://developer.hashicorp.com/terraform/language/functions/formatdate> and its
//! neighbours.
//!
//! `timestamp` and `plantimestamp` differ from run to run, so that their results are unknown here.

use std::fmt::Write as _;

use terravet_graph::{Type, Unknown, Value, Why};

use crate::signature::{Function, Kind, Parameter};
use crate::string::{string, text};
use crate::timestamp::{Timestamp, parse_duration};
use crate::{Context, FunctionError};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(
        "formatdate",
        &[Parameter::new("format", Kind::String), Parameter::new("time", Kind::String)],
        Kind::String,
        format_date,
    ),
    Function::new("plantimestamp", &[], Kind::String, differs_from_run_to_run),
    Function::new(
        "timeadd",
        &[Parameter::new("timestamp", Kind::String), Parameter::new("duration", Kind::String)],
        Kind::String,
        time_add,
    ),
    Function::new(
        "timecmp",
        &[Parameter::new("timestamp_a", Kind::String), Parameter::new("timestamp_b", Kind::String)],
        Kind::Number,
        time_compare,
    ),
    Function::new("timestamp", &[], Kind::String, differs_from_run_to_run),
];

/// The unknown that a function of chance or time gives.
pub(crate) fn differs_from_run_to_run(context: &Context<'_>, _: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    Ok(Unknown { not_null: true, ..Unknown::new(Why::Function(context.name.into()), ty.clone()) }.into())
}

fn timestamp(arguments: &[Value], index: usize) -> Result<Timestamp, FunctionError> {
    Timestamp::parse(text(arguments, index))
        .map_err(|message| FunctionError::argument(index, format!("not a valid RFC3339 timestamp: {message}")))
}

fn time_add(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let start = timestamp(arguments, 0)?;
    let duration = parse_duration(text(arguments, 1)).map_err(|message| FunctionError::argument(1, message))?;
    Ok(Value::string(start.add(duration).to_string()))
}

fn time_compare(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let (a, b) = (timestamp(arguments, 0)?, timestamp(arguments, 1)?);
    Ok(Value::number(a.instant().cmp(&b.instant()) as i32))
}

fn format_date(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let time = timestamp(arguments, 1)?;
    let mut rest = text(arguments, 0);
    let mut out = String::new();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => quoted(rest, &mut out)?,
            'a'..='z' | 'A'..='Z' => {
                let length = rest.len() - rest.trim_start_matches(first).len();
                verb(&rest[..length], first, &time, &mut out)?;
                length
            }
            other => {
                out.push(other);
                other.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    Ok(string(out))
}

/// Text in single quotes, a quote doubled in it; two quotes on their own are one. Gives how long it is.
fn quoted(rest: &str, out: &mut String) -> Result<usize, FunctionError> {
    let body = &rest[1..];
    if body.starts_with('\'') {
        out.push('\'');
        return Ok(2);
    }
    let mut from = 0;
    while let Some(at) = body[from..].find('\'') {
        out.push_str(&body[from..from + at]);
        if !body[from + at + 1..].starts_with('\'') {
            return Ok(from + at + 2);
        }
        out.push('\'');
        from += at + 2;
    }
    // Two quotes at the very end are one within the text, and end it all the same.
    if from > 0 && from == body.len() {
        return Ok(rest.len());
    }
    Err(FunctionError::argument(0, "unterminated literal '"))
}

fn verb(token: &str, letter: char, time: &Timestamp, out: &mut String) -> Result<(), FunctionError> {
    let count = token.len();
    let refused =
        |expected: &str| Err(FunctionError::argument(0, format!("invalid date format verb {token:?}{expected}")));
    let mut number = |value: i64, expected: &str| match count {
        1 => write!(out, "{value}").map_err(|_| FunctionError::new("cannot be written")),
        2 => write!(out, "{value:02}").map_err(|_| FunctionError::new("cannot be written")),
        _ => refused(expected),
    };
    match letter {
        'M' if count >= 3 => {
            let name = MONTHS[usize::from(time.month - 1)];
            match count {
                3 => out.push_str(&name[..3]),
                4 => out.push_str(name),
                _ => return refused(": month must be \"M\", \"MM\", \"MMM\", or \"MMMM\""),
            }
        }
        'M' => number(time.month.into(), "")?,
        'D' => number(time.day.into(), ": day of month must either be \"D\" or \"DD\"")?,
        'h' => number(time.hour.into(), ": 24-hour must either be \"h\" or \"hh\"")?,
        'H' => number(i64::from((time.hour + 11) % 12 + 1), ": 12-hour must either be \"H\" or \"HH\"")?,
        'm' => number(time.minute.into(), ": minute must either be \"m\" or \"mm\"")?,
        's' => number(time.second.into(), ": second must either be \"s\" or \"ss\"")?,
        'Y' => match count {
            2 => out.push_str(&format!("{:02}", time.year % 100)),
            4 => out.push_str(&format!("{:04}", time.year)),
            _ => return refused(": year must either be \"YY\" or \"YYYY\""),
        },
        'E' => {
            let name = DAYS[time.weekday()];
            match count {
                3 => out.push_str(&name[..3]),
                4 => out.push_str(name),
                _ => return refused(": day of week must either be \"EEE\" or \"EEEE\""),
            }
        }
        'A' | 'a' if count == 2 => out.push_str(match (letter, time.hour < 12) {
            ('A', true) => "AM",
            ('A', false) => "PM",
            (_, true) => "am",
            (_, false) => "pm",
        }),
        'A' | 'a' => return refused(&format!(": must be \"{letter}{letter}\"")),
        'Z' => match count {
            1 => out.push_str(&time.zone(":", Some("Z"))),
            3 => out.push_str(&time.zone("", Some("UTC"))),
            4 => out.push_str(&time.zone("", None)),
            5 => out.push_str(&time.zone(":", None)),
            _ => return refused(": timezone must be Z, ZZZZ, or ZZZZZ"),
        },
        _ => return refused(""),
    }
    Ok(())
}
