//! Numbers as the functions that work on machine words take them.

use num_bigint::BigInt;
use terravet_graph::{Number, Value};

use crate::FunctionError;
use crate::convert::shortest_at;

/// The 64-bit integer that an argument is.
pub(crate) fn integer(value: &Value) -> Result<i64, FunctionError> {
    value.as_number().and_then(Number::to_i64).ok_or_else(|| {
        FunctionError::new(format!("value must be a whole number, between {} and {} inclusive", i64::MIN, i64::MAX))
    })
}

/// The integer of any size that an argument is.
pub(crate) fn big_integer(value: &Value) -> Result<BigInt, FunctionError> {
    value.as_number().and_then(Number::to_integer).ok_or_else(|| FunctionError::new("value must be a whole number"))
}

/// The double nearest to an argument. Only an infinite argument may become infinite.
pub(crate) fn double(value: &Value) -> Result<f64, FunctionError> {
    let Some(number) = value.as_number() else { return Err(FunctionError::new("a number is required")) };
    let double = number.to_f64();
    if double.is_infinite() && !number.is_infinite() {
        return Err(FunctionError::new("value must be within the range of double precision numbers"));
    }
    Ok(double)
}

/// A natural logarithm as Go computes it (<https://pkg.go.dev/math#Log>): the series of (1 + s) / (1 - s) around 1, after the
/// power of two is taken off. Its last digits differ from those of other ways.
pub(crate) fn logarithm(number: f64) -> f64 {
    /// The logarithm of 2 in two parts, the first of few enough bits that multiples of it are exact.
    const LN_2: (f64, f64) = (6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10);
    /// The coefficients of the even powers of s, the lowest first.
    const SERIES: [f64; 7] = [
        6.666_666_666_666_735e-1,
        3.999_999_999_940_942e-1,
        2.857_142_874_366_239e-1,
        2.222_219_843_214_978_4e-1,
        1.818_357_216_161_805e-1,
        1.531_383_769_920_937_3e-1,
        1.479_819_860_511_658_6e-1,
    ];
    if !number.is_finite() || number <= 0.0 {
        return number.ln();
    }
    let (mut fraction, mut exponent) = split(number);
    if fraction < std::f64::consts::FRAC_1_SQRT_2 {
        fraction *= 2.0;
        exponent -= 1;
    }
    #[allow(clippy::cast_precision_loss, reason = "it is below 1100")]
    let (above, twos) = (fraction - 1.0, exponent as f64);
    let s = above / (2.0 + above);
    let (square, fourth) = (s * s, (s * s) * (s * s));
    let odd = square * (SERIES[0] + fourth * (SERIES[2] + fourth * (SERIES[4] + fourth * SERIES[6])));
    let even = fourth * (SERIES[1] + fourth * (SERIES[3] + fourth * SERIES[5]));
    let half = 0.5 * above * above;
    twos * LN_2.0 - ((half - (s * (half + (odd + even)) + twos * LN_2.1)) - above)
}

/// A power as Go computes it (<https://pkg.go.dev/math#Pow>): by squaring, with the exponent held apart. Its last digits
/// differ from those of other ways.
pub(crate) fn power(base: f64, exponent: f64) -> f64 {
    if !base.is_finite() || !exponent.is_finite() || base == 0.0 || exponent == 0.0 || exponent.abs() >= 2f64.powi(63) {
        return base.powf(exponent);
    }
    if base < 0.0 && exponent.fract() != 0.0 {
        return f64::NAN;
    }
    if exponent.abs() == 0.5 {
        return if exponent < 0.0 { 1.0 / base.sqrt() } else { base.sqrt() };
    }
    let (mut whole, mut fraction) = (exponent.abs().trunc(), exponent.abs().fract());
    let (mut result, mut result_exponent) = (1.0, 0i64);
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        result = (fraction * logarithm(base)).exp();
    }
    let (mut factor, mut factor_exponent) = split(base);
    #[allow(clippy::cast_possible_truncation, reason = "it is whole and below 2^63")]
    let mut rest = whole as i64;
    while rest != 0 {
        if factor_exponent.unsigned_abs() > 1 << 12 {
            // It is out of range, whichever way.
            result_exponent += factor_exponent;
            break;
        }
        if rest & 1 == 1 {
            result *= factor;
            result_exponent += factor_exponent;
        }
        factor *= factor;
        factor_exponent <<= 1;
        if factor < 0.5 {
            factor += factor;
            factor_exponent -= 1;
        }
        rest >>= 1;
    }
    if exponent < 0.0 {
        (result, result_exponent) = (1.0 / result, -result_exponent);
    }
    scale(result, result_exponent)
}

/// A number as one of at least a half and below one, times a power of two.
fn split(number: f64) -> (f64, i64) {
    let (mut fraction, mut exponent) = (number, 0);
    while fraction.abs() >= 1.0 {
        fraction /= 2.0;
        exponent += 1;
    }
    while fraction.abs() < 0.5 {
        fraction *= 2.0;
        exponent -= 1;
    }
    (fraction, exponent)
}

/// A number times a power of two.
fn scale(number: f64, exponent: i64) -> f64 {
    let (mut scaled, mut rest) = (number, exponent.clamp(-2200, 2200));
    while rest != 0 {
        let step = rest.clamp(-1000, 1000);
        scaled *= 2f64.powi(i32::try_from(step).unwrap_or(0));
        rest -= step;
    }
    scaled
}

/// The number that a computation with doubles resulted in.
///
/// Terraform remembers that such a number has 53 bits and shows as many digits as they need. Here the number is made
/// from those digits.
pub(crate) fn from_double(double: f64) -> Result<Value, FunctionError> {
    if double.is_nan() {
        return Err(FunctionError::new("result is not a number"));
    }
    if double.is_infinite() {
        return Ok(Value::number(Number::infinity(double < 0.0)));
    }
    let exact = Number::from_f64(double).ok_or_else(|| FunctionError::new("result is not a number"))?;
    Ok(Value::number(shortest_at(&exact, u64::from(f64::MANTISSA_DIGITS))))
}
