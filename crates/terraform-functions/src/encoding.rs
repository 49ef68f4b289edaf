//! Base64, character encodings and URLs. Source:
//! <https://developer.hashicorp.com/terraform/language/functions/base64encode> and its neighbours.
//!
//! What is encoded remembers the text ([`Content::Encoded`]), so that what reads it, such as a script that a machine starts
//! with, finds its parts even where some are unknown.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use terravet_graph::{Content, Type, Unknown, Value, Why};

use crate::character_set::{CharacterSet, Supported};
use crate::dispatch::unknown;
use crate::signature::{Function, Kind, Parameter};
use crate::string::{string, text, within_limit};
use crate::{Context, FunctionError};

/// Standard Base64 with its padding; bits that are left over in the last character may be anything.
pub(crate) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

const STR: Parameter = Parameter::new("str", Kind::String);
const ENCODING: Parameter = Parameter::new("encoding", Kind::String);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("base64decode", &[STR.unknown().marked()], Kind::String, base64_decode),
    Function::new("base64encode", &[STR.unknown()], Kind::String, base64_encode),
    Function::new("base64gzip", &[STR.unknown()], Kind::String, base64_gzip)
        .priced(|arguments| 16 * text(arguments, 0).len() as u64),
    Function::new("textdecodebase64", &[Parameter::new("source", Kind::String), ENCODING], Kind::String, text_decode),
    Function::new("textencodebase64", &[Parameter::new("string", Kind::String), ENCODING], Kind::String, text_encode),
    Function::new("urlencode", &[STR], Kind::String, url_encode),
];

/// The bytes that Base64 stands for; line breaks in it do not matter. The error is the place of the first wrong character.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, usize> {
    let one_line: String = text.chars().filter(|character| !matches!(character, '\r' | '\n')).collect();
    BASE64.decode(&one_line).map_err(|error| match error {
        base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol(at, _) => at,
        _ => one_line.len() / 4 * 4,
    })
}

fn base64_encode(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let encoded = match arguments[0].as_str() {
        Some(known) => {
            within_limit(known.len().saturating_mul(4) / 3)?;
            Value::string(BASE64.encode(known))
        }
        None => unknown(arguments, Type::String, true),
    };
    Ok(encoded.with_content(Content::Encoded(arguments[0].clone())))
}

fn base64_decode(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let sensitive = arguments[0].sensitive;
    let Some(given) = arguments[0].as_str() else {
        return Ok(unknown(arguments, Type::String, true).marked(sensitive));
    };
    let shown = if sensitive { "(sensitive value)".to_owned() } else { format!("{given:?}") };
    let bytes =
        decode(given).map_err(|_| FunctionError::argument(0, format!("failed to decode base64 data {shown}")))?;
    let decoded = String::from_utf8(bytes)
        .map_err(|_| FunctionError::argument(0, "the result of decoding the provided string is not valid UTF-8"))?;
    Ok(string(decoded).marked(sensitive))
}

fn base64_gzip(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let packed = match arguments[0].as_str() {
        Some(known) => Value::string(BASE64.encode(crate::gzip::gzip(known.as_bytes()))),
        None => unknown(arguments, Type::String, true),
    };
    Ok(packed.with_content(Content::Encoded(arguments[0].clone())))
}

/// What is done where Terraform knows a character set and this program does not.
fn open(name: &str) -> Value {
    let why = Why::Other(format!("text in {name} is not computed").into());
    Unknown { not_null: true, ..Unknown::new(why, Type::String) }.into()
}

fn character_set(arguments: &[Value]) -> Result<Supported, FunctionError> {
    let name = text(arguments, 1);
    CharacterSet::named(name).ok_or_else(|| {
        let message = format!("{name:?} is not a supported IANA encoding name or alias in this Terraform version");
        FunctionError::argument(1, message)
    })
}

fn text_encode(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let set = match character_set(arguments)? {
        Supported::Here(set) => set,
        Supported::Elsewhere => return Ok(open(text(arguments, 1))),
    };
    let bytes = set.encode(text(arguments, 0)).ok_or_else(|| {
        let message =
            format!("the given string contains characters that cannot be represented in {}", text(arguments, 1));
        FunctionError::argument(0, message)
    })?;
    Ok(Value::string(BASE64.encode(bytes)))
}

fn text_decode(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let set = character_set(arguments)?;
    let bytes = decode(text(arguments, 0)).map_err(|at| {
        FunctionError::argument(0, format!("the given value has an invalid base64 symbol at offset {at}"))
    })?;
    let Supported::Here(set) = set else { return Ok(open(text(arguments, 1))) };
    let decoded = set.decode(&bytes).filter(|decoded| !decoded.contains('\u{fffd}')).ok_or_else(|| {
        let message = format!("the given string contains symbols that are not defined for {}", text(arguments, 1));
        FunctionError::argument(0, message)
    })?;
    Ok(string(decoded))
}

fn url_encode(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    within_limit(text(arguments, 0).len().saturating_mul(3))?;
    let mut encoded = String::new();
    for byte in text(arguments, 0).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    Ok(Value::string(encoded))
}
