//! Numeric functions. Source: <https://developer.hashicorp.com/terraform/language/functions/abs> and its neighbours.

use num_bigint::BigInt;
use terravet_graph::{Number, Type, Value};

use crate::convert::friendly_name;
use crate::go_numbers::{double, from_double, integer, logarithm, power};
use crate::signature::{Function, Kind, Parameter};
use crate::{Context, FunctionError};

/// The most digits that a text may have which is read as a number.
const MAX_DIGITS: usize = 5_000;

const NUM: Parameter = Parameter::new("num", Kind::Number);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("abs", &[NUM], Kind::Number, abs),
    Function::new("ceil", &[NUM], Kind::Number, ceil),
    Function::new("floor", &[NUM], Kind::Number, floor),
    Function::new("log", &[NUM, Parameter::new("base", Kind::Number)], Kind::Number, log),
    Function::new("max", &[], Kind::Number, max).variadic(Parameter::new("numbers", Kind::Number).any_type()),
    Function::new("min", &[], Kind::Number, min).variadic(Parameter::new("numbers", Kind::Number).any_type()),
    Function::typed(
        "parseint",
        &[Parameter::new("number", Kind::Any), Parameter::new("base", Kind::Number)],
        parse_int_type,
        parse_int,
    ),
    Function::new("pow", &[NUM, Parameter::new("power", Kind::Number)], Kind::Number, pow),
    Function::new("signum", &[NUM], Kind::Number, signum),
];

fn number(value: &Value) -> Result<&Number, FunctionError> {
    value.as_number().ok_or_else(|| FunctionError::new("a number is required"))
}

fn abs(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let number = number(&arguments[0])?;
    Ok(match number {
        number if number.is_zero() => Value::number(0),
        number if number.is_negative() => Value::number(number.negate()),
        _ => arguments[0].clone(),
    })
}

fn ceil(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    Ok(Value::number(number(&arguments[0])?.ceiling().floor()))
}

fn floor(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    Ok(Value::number(number(&arguments[0])?.floor()))
}

fn max(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let greatest = arguments.iter().rev().max_by(|a, b| a.as_number().cmp(&b.as_number()));
    greatest.cloned().ok_or_else(|| FunctionError::new("must pass at least one number"))
}

fn min(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let least = arguments.iter().min_by(|a, b| a.as_number().cmp(&b.as_number()));
    least.cloned().ok_or_else(|| FunctionError::new("must pass at least one number"))
}

fn log(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    from_double(logarithm(double(&arguments[0])?) / logarithm(double(&arguments[1])?))
}

fn pow(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    from_double(power(double(&arguments[0])?, double(&arguments[1])?))
}

fn signum(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    Ok(Value::number(integer(&arguments[0])?.signum()))
}

fn parse_int_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let ty = arguments[0].ty();
    if ty == Type::String {
        return Ok(Type::Number);
    }
    Err(FunctionError::argument(0, format!("first argument must be a string, not {}", friendly_name(&ty))))
}

fn parse_int(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let text = arguments[0].as_str().unwrap_or_default();
    let base = integer(&arguments[1]).map_err(|error| FunctionError::argument(1, error.message))?;
    let base = match u32::try_from(base) {
        Ok(base @ 2..=62) => base,
        _ => return Err(FunctionError::argument(1, "base must be a whole number between 2 and 62 inclusive")),
    };
    let refused = || FunctionError::argument(0, format!("cannot parse \"{text}\" as a base {base} integer"));
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.len() > MAX_DIGITS {
        let message = format!("the text has more than {MAX_DIGITS} digits, the limit of a number");
        return Err(FunctionError { limit: true, ..FunctionError::argument(0, message) });
    }
    let digits: Vec<u8> = digits.bytes().map(|byte| digit(byte, base)).collect::<Option<_>>().ok_or_else(refused)?;
    if digits.is_empty() {
        return Err(refused());
    }
    let sign = if negative { num_bigint::Sign::Minus } else { num_bigint::Sign::Plus };
    let number = BigInt::from_radix_be(sign, &digits, base).ok_or_else(refused)?;
    Ok(Value::number(number))
}

/// The value of a digit. Bases above 36 tell upper from lower case, lower case first.
fn digit(byte: u8, base: u32) -> Option<u8> {
    let value = match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'z' => byte - b'a' + 10,
        b'A'..=b'Z' if base <= 36 => byte - b'A' + 10,
        b'A'..=b'Z' => byte - b'A' + 36,
        _ => return None,
    };
    (u32::from(value) < base).then_some(value)
}
