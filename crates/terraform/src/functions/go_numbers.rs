//! Numbers as the functions that work on machine words take them.

use num_bigint::BigInt;
use terravet_graph::{Number, Value};

use super::FunctionError;

/// The 64-bit integer that an argument is.
pub(super) fn integer(value: &Value) -> Result<i64, FunctionError> {
    value.as_number().and_then(Number::to_i64).ok_or_else(|| {
        FunctionError::new(format!("value must be a whole number, between {} and {} inclusive", i64::MIN, i64::MAX))
    })
}

/// The integer of any size that an argument is.
pub(super) fn big_integer(value: &Value) -> Result<BigInt, FunctionError> {
    value
        .as_number()
        .and_then(Number::to_integer)
        .ok_or_else(|| FunctionError::new("value must be a whole number"))
}

/// The double nearest to an argument. Only an infinite argument may become infinite.
pub(super) fn double(value: &Value) -> Result<f64, FunctionError> {
    let Some(number) = value.as_number() else { return Err(FunctionError::new("a number is required")) };
    let double = number.to_f64();
    if double.is_infinite() && !number.is_infinite() {
        return Err(FunctionError::new("value must be within the range of double precision numbers"));
    }
    Ok(double)
}

/// The number that a computation with doubles resulted in.
///
/// Terraform remembers that such a number has 53 bits and shows as many digits as they need. Here the number is made
/// from those digits.
pub(super) fn from_double(double: f64) -> Result<Value, FunctionError> {
    if double.is_nan() {
        return Err(FunctionError::new("result is not a number"));
    }
    if double.is_infinite() {
        return Ok(Value::number(Number::infinity(double < 0.0)));
    }
    let digits = double.to_string();
    digits.parse::<Number>().map(Value::number).map_err(|_| FunctionError::new("result is not a number"))
}
