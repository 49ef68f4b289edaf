//! The verbs of `format`: their syntax, and what each makes of a value.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/functions/format>; the fine print of numbers is that of
//! Go's `fmt` (<https://pkg.go.dev/fmt>) for its large integers and floats.

use num_bigint::{BigInt, Sign};
use terravet_graph::{Data, Number, Type, Value};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::FunctionError;
use crate::convert::{Decimal, convert};
use crate::json::{encode, write_text};
use crate::string::{grapheme_count, within_limit};

/// The flags of a verb.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "these are independent flags of the format's syntax")]
pub(crate) struct Flags {
    zero: bool,
    sharp: bool,
    minus: bool,
    plus: bool,
    space: bool,
}

/// One `%` sequence of a format.
pub(crate) struct Verb<'f> {
    /// As it is written.
    pub(crate) raw: &'f str,
    /// Where it begins in the format.
    pub(crate) offset: usize,
    /// The argument that it takes, counted from zero.
    pub(crate) argument: usize,
    pub(crate) letter: char,
    pub(crate) flags: Flags,
    pub(crate) width: Option<usize>,
    pub(crate) precision: Option<usize>,
}

impl<'f> Verb<'f> {
    /// Reads the sequence at `offset`, which takes the argument `next` if it names no other.
    pub(crate) fn parse(format: &'f str, offset: usize, next: usize) -> Result<Self, FunctionError> {
        let mut flags = Flags::default();
        let mut at = offset + 1;
        let byte = |at: usize| format.as_bytes().get(at).copied();
        while let Some(flag) = byte(at) {
            match flag {
                b'0' => flags.zero = true,
                b'#' => flags.sharp = true,
                b'-' => flags.minus = true,
                b'+' => flags.plus = true,
                b' ' => flags.space = true,
                _ => break,
            }
            at += 1;
        }
        let number = |from: usize| {
            let digits = format[from..].bytes().take_while(u8::is_ascii_digit).count();
            (
                format[from..from + digits].parse::<usize>().unwrap_or(if digits == 0 { 0 } else { usize::MAX }),
                from + digits,
            )
        };
        let mut width = None;
        if byte(at).is_some_and(|digit| digit.is_ascii_digit()) {
            let (value, after) = number(at);
            (width, at) = (Some(value), after);
        }
        let mut precision = None;
        if byte(at) == Some(b'.') {
            let (value, after) = number(at + 1);
            (precision, at) = (Some(value), after);
        }
        let mut argument = next;
        if byte(at) == Some(b'[') {
            let (value, after) = number(at + 1);
            let valid = byte(at + 1).is_some_and(|digit| matches!(digit, b'1'..=b'9')) && byte(after) == Some(b']');
            if !valid {
                return Err(unrecognized(format, if byte(at + 1) == Some(b'0') { at + 1 } else { after.max(at + 1) }));
            }
            (argument, at) = (value - 1, after + 1);
        }
        match byte(at) {
            Some(letter) if letter.is_ascii_alphabetic() => Ok(Self {
                raw: &format[offset..=at],
                offset,
                argument,
                letter: char::from(letter),
                flags,
                width,
                precision,
            }),
            _ => Err(unrecognized(format, at)),
        }
    }
}

fn unrecognized(format: &str, at: usize) -> FunctionError {
    let message = match format.get(at..).and_then(|rest| rest.chars().next()) {
        Some(character) => format!("unrecognized format character {character:?} at offset {at}"),
        None => format!("invalid format string starting at offset {at}"),
    };
    FunctionError::argument(0, message)
}

/// The text that a verb makes of a known value.
pub(crate) fn render(verb: &Verb<'_>, value: &Value) -> Result<String, FunctionError> {
    within_limit(verb.width.unwrap_or(0).max(verb.precision.unwrap_or(0)))?;
    if value.is_unset() && verb.letter != 'v' {
        return Err(unsupported(verb, "null value cannot be formatted"));
    }
    match verb.letter {
        'v' => as_it_is(verb, value),
        't' => {
            let flag = convert(value, &Type::Bool).map_err(|error| unsupported(verb, &error.to_string()))?;
            Ok(flag.as_bool().unwrap_or_default().to_string())
        }
        'b' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G' => {
            let number = convert(value, &Type::Number).map_err(|error| unsupported(verb, &error.to_string()))?;
            let number = number.as_number().ok_or_else(|| unsupported(verb, "a number is required"))?;
            if matches!(verb.letter, 'b' | 'd' | 'o' | 'x' | 'X') {
                integer(verb, number)
            } else {
                Ok(float(verb, number))
            }
        }
        's' | 'q' => characters(verb, value),
        other => Err(FunctionError::argument(
            0,
            format!("unsupported format verb {other:?} in {:?} at offset {}", verb.raw, verb.offset),
        )),
    }
}

fn unsupported(verb: &Verb<'_>, why: &str) -> FunctionError {
    let message = format!("unsupported value for {:?} at {}: {why}", verb.raw, verb.offset);
    FunctionError::argument(verb.argument + 1, message)
}

fn as_it_is(verb: &Verb<'_>, value: &Value) -> Result<String, FunctionError> {
    let text = match &value.data {
        Data::String(text) if !verb.flags.sharp => text.to_string(),
        Data::Number(number) if !verb.flags.sharp => {
            Decimal::shortest(number).map_or_else(|| number.to_string(), |decimal| decimal.general_shortest(false))
        }
        _ => encode(value).map_err(|error| unsupported(verb, &error.message))?,
    };
    Ok(padded(verb, text))
}

fn characters(verb: &Verb<'_>, value: &Value) -> Result<String, FunctionError> {
    let converted = convert(value, &Type::String).map_err(|error| unsupported(verb, &error.to_string()))?;
    let text = converted.as_str().unwrap_or_default();
    let text = match verb.precision {
        Some(most) if most > 0 => text.graphemes(true).take(most).collect(),
        _ => text.to_owned(),
    };
    if verb.letter == 's' {
        return Ok(padded(verb, text));
    }
    let mut quoted = String::new();
    write_text(&text, &mut quoted);
    Ok(padded(verb, quoted))
}

/// Filled up to the width, which counts what a reader takes for one character.
fn padded(verb: &Verb<'_>, text: String) -> String {
    let missing = verb.width.unwrap_or(0).saturating_sub(grapheme_count(&text));
    if missing == 0 {
        return text;
    }
    let fill = if verb.flags.zero { "0" } else { " " }.repeat(missing);
    if verb.flags.minus { text + &fill } else { fill + &text }
}

fn sign(verb: &Verb<'_>, negative: bool) -> &'static str {
    match verb.flags {
        _ if negative => "-",
        Flags { plus: true, .. } => "+",
        Flags { space: true, .. } => " ",
        _ => "",
    }
}

fn integer(verb: &Verb<'_>, number: &Number) -> Result<String, FunctionError> {
    let whole: BigInt = number.to_integer().ok_or_else(|| unsupported(verb, "an integer is required"))?;
    let (radix, prefix) = match verb.letter {
        'b' => (2, "0b"),
        'o' => (8, "0"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        _ => (10, ""),
    };
    let mut digits = whole.magnitude().to_str_radix(radix);
    if verb.letter == 'X' {
        digits.make_ascii_uppercase();
    }
    if verb.precision == Some(0) && digits == "0" {
        return Ok(String::new());
    }
    let prefix = if verb.flags.sharp { prefix } else { "" };
    let sign = sign(verb, whole.sign() == Sign::Minus);
    let mut zeros = verb.precision.unwrap_or(0).saturating_sub(digits.len());
    let missing = verb.width.unwrap_or(0).saturating_sub(sign.len() + prefix.len() + zeros + digits.len());
    let (mut before, mut after) = (0, 0);
    match verb.flags {
        Flags { minus: true, .. } => after = missing,
        Flags { zero: true, .. } if verb.precision.is_none() => zeros += missing,
        _ => before = missing,
    }
    Ok(format!("{:before$}{sign}{prefix}{}{digits}{:after$}", "", "0".repeat(zeros), ""))
}

fn float(verb: &Verb<'_>, number: &Number) -> String {
    let upper = verb.letter.is_ascii_uppercase();
    let digits = match Decimal::exact(number) {
        None => "Inf".to_owned(),
        Some(exact) => match (verb.letter, verb.precision) {
            ('e' | 'E', precision) => exact.scientific(precision.unwrap_or(6), upper),
            ('f', precision) => exact.fixed(precision.unwrap_or(6)),
            (_, Some(precision)) => exact.general(precision, upper),
            (_, None) => Decimal::shortest(number).unwrap_or(exact).general_shortest(upper),
        },
    };
    let digits = digits.strip_prefix('-').unwrap_or(&digits);
    let infinite_sign = if number.is_infinite() && !verb.flags.space { "+" } else { "" };
    let sign = match sign(verb, number.is_negative()) {
        "" => infinite_sign,
        sign => sign,
    };
    let missing = verb.width.unwrap_or(0).saturating_sub(sign.len() + digits.len());
    match verb.flags {
        Flags { zero: true, .. } if !number.is_infinite() => format!("{sign}{}{digits}", "0".repeat(missing)),
        Flags { minus: true, .. } => format!("{sign}{digits}{:missing$}", ""),
        _ => format!("{:missing$}{sign}{digits}", ""),
    }
}
