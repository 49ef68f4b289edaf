//! Numbers with Terraform's precision: binary floating point with a mantissa of 512 bits, rounded half to even.
//!
//! Source: `cty.Number` is a Go `big.Float` of precision 512
//! (<https://pkg.go.dev/github.com/zclconf/go-cty/cty#NumberVal>). Small integers, which nearly all numbers
//! are, take no allocation.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer as _;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};

/// Bits of the mantissa.
const PRECISION: u64 = 512;
/// The largest decimal exponent that a literal may have, and the most digits. Numbers that mean something stay far below,
/// and the time it takes to write one grows with the square of its digits.
const MAX_EXPONENT: u64 = 5_000;
/// The largest binary exponent that a result may have: what two literals multiplied can come to.
const MAX_BINARY_EXPONENT: u64 = 40_000;

/// A number.
#[derive(Clone, Debug)]
pub struct Number(Repr);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Repr {
    /// Every number that fits is held so, which makes equality structural.
    Small(i64),
    /// Zero with a sign, which is shown and otherwise does not matter.
    NegativeZero,
    /// Neither zero nor small.
    Big(Arc<Float>),
    /// Positive or negative infinity.
    Infinite(bool),
}

/// `mantissa * 2^exponent`, the mantissa odd and of at most [`PRECISION`] bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Float {
    mantissa: BigInt,
    exponent: i64,
}

/// The text is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseNumberError;

impl fmt::Display for ParseNumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number is required")
    }
}

impl std::error::Error for ParseNumberError {}

/// Shifts right by `bits`, rounding half to even.
fn shift_rounding(mantissa: &BigInt, bits: u64) -> BigInt {
    let (sign, magnitude) = (mantissa.sign(), mantissa.magnitude());
    let quotient: BigUint = magnitude >> bits;
    let remainder = magnitude - (&quotient << bits);
    let half = BigUint::from(1u8) << (bits - 1);
    let up = match remainder.cmp(&half) {
        Ordering::Greater => true,
        Ordering::Less => false,
        Ordering::Equal => quotient.is_odd(),
    };
    BigInt::from_biguint(sign, if up { quotient + 1u8 } else { quotient })
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.unsigned_zero() == other.unsigned_zero()
    }
}

impl Eq for Number {}

impl std::hash::Hash for Number {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.unsigned_zero().hash(state);
    }
}

impl Number {
    /// What it is held as, zero without a sign.
    fn unsigned_zero(&self) -> &Repr {
        match &self.0 {
            Repr::NegativeZero => &Repr::Small(0),
            other => other,
        }
    }

    /// Positive infinity, or negative.
    #[must_use]
    pub fn infinity(negative: bool) -> Self {
        Self(Repr::Infinite(negative))
    }

    /// `mantissa * 2^exponent`, rounded to the precision.
    fn from_parts(mantissa: BigInt, exponent: i64) -> Self {
        let excess = mantissa.bits().saturating_sub(PRECISION);
        let (mut mantissa, mut exponent) = if excess > 0 {
            (shift_rounding(&mantissa, excess), exponent + i64::try_from(excess).unwrap_or(i64::MAX))
        } else {
            (mantissa, exponent)
        };
        let Some(zeros) = mantissa.trailing_zeros() else { return Self(Repr::Small(0)) };
        mantissa >>= zeros;
        exponent += i64::try_from(zeros).unwrap_or(i64::MAX);
        if (0..64).contains(&exponent)
            && mantissa.bits() + exponent.unsigned_abs() <= 64
            && let Some(small) = (&mantissa << exponent.unsigned_abs()).to_i64()
        {
            return Self(Repr::Small(small));
        }
        Self(Repr::Big(Arc::new(Float { mantissa, exponent })))
    }

    /// The exact quotient of two integers, rounded once.
    fn from_ratio(numerator: &BigInt, denominator: &BigUint, exponent: i64) -> Self {
        // Enough quotient bits that one sticky bit makes the rounding exact.
        let shift = (PRECISION + 2 + denominator.bits()).saturating_sub(numerator.bits());
        let scaled = numerator.magnitude() << shift;
        let (quotient, remainder) = scaled.div_rem(denominator);
        let sticky = (quotient << 1u8) + u8::from(!remainder.is_zero());
        let shift = i64::try_from(shift).unwrap_or(i64::MAX);
        Self::from_parts(BigInt::from_biguint(numerator.sign(), sticky), exponent - shift - 1)
    }

    fn parts(&self) -> Option<(BigInt, i64)> {
        match &self.0 {
            Repr::Small(small) => Some((BigInt::from(*small), 0)),
            Repr::NegativeZero => Some((BigInt::from(0), 0)),
            Repr::Big(float) => Some((float.mantissa.clone(), float.exponent)),
            Repr::Infinite(_) => None,
        }
    }

    /// Both as integers times one power of two.
    fn aligned(&self, other: &Self) -> Option<(BigInt, BigInt, i64)> {
        let ((a, a_exponent), (b, b_exponent)) = (self.parts()?, other.parts()?);
        let exponent = a_exponent.min(b_exponent);
        let up = |mantissa: BigInt, from: i64| mantissa << (from - exponent).unsigned_abs();
        Some((up(a, a_exponent), up(b, b_exponent), exponent))
    }

    /// The sum; none for infinities of different sign.
    #[must_use]
    pub fn add(&self, other: &Self) -> Option<Self> {
        if let (Repr::Small(a), Repr::Small(b)) = (&self.0, &other.0)
            && let Some(sum) = a.checked_add(*b)
        {
            return Some(Self(Repr::Small(sum)));
        }
        match (&self.0, &other.0) {
            (Repr::Infinite(a), Repr::Infinite(b)) => (a == b).then(|| self.clone()),
            (Repr::Infinite(_), _) | (Repr::NegativeZero, Repr::NegativeZero) => Some(self.clone()),
            (_, Repr::Infinite(_)) => Some(other.clone()),
            _ => {
                let (a, b, exponent) = self.aligned(other)?;
                Some(Self::from_parts(a + b, exponent))
            }
        }
    }

    /// The difference; none for infinities of the same sign.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Option<Self> {
        self.add(&other.negate())
    }

    /// The number with its sign turned.
    #[must_use]
    pub fn negate(&self) -> Self {
        match &self.0 {
            Repr::Small(0) => Self(Repr::NegativeZero),
            Repr::NegativeZero => Self(Repr::Small(0)),
            Repr::Small(small) => match small.checked_neg() {
                Some(negated) => Self(Repr::Small(negated)),
                None => Self::from_parts(-BigInt::from(*small), 0),
            },
            Repr::Big(float) => Self::from_parts(-float.mantissa.clone(), float.exponent),
            Repr::Infinite(negative) => Self(Repr::Infinite(!negative)),
        }
    }

    /// The number, where it is not larger or smaller than can be computed with.
    fn within_limits(self) -> Option<Self> {
        let exponent = match &self.0 {
            Repr::Big(float) => float.exponent.unsigned_abs(),
            _ => 0,
        };
        (exponent <= MAX_BINARY_EXPONENT).then_some(self)
    }

    /// The product; none for zero times infinity, and where it is larger or smaller than can be computed with.
    #[must_use]
    pub fn multiply(&self, other: &Self) -> Option<Self> {
        if let (Some((a, a_exponent)), Some((b, b_exponent))) = (self.parts(), other.parts()) {
            if a.is_zero() || b.is_zero() {
                let zero = Self::from(0);
                return Some(if self.has_sign() == other.has_sign() { zero } else { zero.negate() });
            }
            return Self::from_parts(a * b, a_exponent + b_exponent).within_limits();
        }
        (!self.is_zero() && !other.is_zero()).then(|| Self::infinity(self.is_negative() != other.is_negative()))
    }

    /// The quotient. Division of a number by zero is infinite, as Terraform's arithmetic has it; none for zero by zero,
    /// infinity by infinity, and where it is larger or smaller than can be computed with.
    #[must_use]
    pub fn divide(&self, other: &Self) -> Option<Self> {
        let negative = self.is_negative() != other.is_negative();
        match (self.parts(), other.parts()) {
            (Some((a, _)), Some((b, _))) if b.is_zero() => (!a.is_zero()).then(|| Self::infinity(negative)),
            (Some((a, _)), Some(_)) if a.is_zero() && self.has_sign() != other.has_sign() => {
                Some(Self(Repr::NegativeZero))
            }
            (Some((a, a_exponent)), Some((b, b_exponent))) => {
                let numerator = if b.is_negative() { -a } else { a };
                Self::from_ratio(&numerator, b.magnitude(), a_exponent - b_exponent).within_limits()
            }
            (None, Some(_)) => Some(Self::infinity(negative)),
            (Some(_), None) => Some(Self::from(0)),
            (None, None) => None,
        }
    }

    /// The remainder with the sign of the dividend (truncated division); none for a zero divisor or an infinity.
    #[must_use]
    pub fn remainder(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let (a, b, exponent) = self.aligned(other)?;
        Some(Self::from_parts(a % b, exponent))
    }

    /// The greatest integer not above it.
    #[must_use]
    pub fn floor(&self) -> Self {
        match &self.0 {
            Repr::Big(float) if float.exponent < 0 => {
                let divisor = BigInt::from(1) << float.exponent.unsigned_abs();
                Self::from_parts(float.mantissa.div_floor(&divisor), 0)
            }
            Repr::NegativeZero => Self(Repr::Small(0)),
            _ => self.clone(),
        }
    }

    /// The smallest integer not below it.
    #[must_use]
    pub fn ceiling(&self) -> Self {
        self.negate().floor().negate()
    }

    /// Whether it has no fractional part (infinities have one).
    #[must_use]
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Small(_) | Repr::NegativeZero => true,
            Repr::Big(float) => float.exponent >= 0,
            Repr::Infinite(_) => false,
        }
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        matches!(self.0, Repr::Small(0) | Repr::NegativeZero)
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small(small) => *small < 0,
            Repr::NegativeZero => false,
            Repr::Big(float) => float.mantissa.is_negative(),
            Repr::Infinite(negative) => *negative,
        }
    }

    /// Whether it is written with a sign in front, as the negative zero is.
    fn has_sign(&self) -> bool {
        self.is_negative() || self.0 == Repr::NegativeZero
    }

    /// Whether it is infinite.
    #[must_use]
    pub fn is_infinite(&self) -> bool {
        matches!(self.0, Repr::Infinite(_))
    }

    /// The integer that it is; none for fractions and what does not fit.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Small(small) => Some(*small),
            Repr::NegativeZero => Some(0),
            Repr::Big(_) | Repr::Infinite(_) => None,
        }
    }

    /// The integer that it is, however large; none for fractions and infinities.
    #[must_use]
    pub fn to_integer(&self) -> Option<BigInt> {
        let (mantissa, exponent) = self.parts()?;
        (exponent >= 0).then(|| mantissa << exponent.unsigned_abs())
    }

    /// The nearest double.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::Infinite(false) => f64::INFINITY,
            Repr::Infinite(true) => f64::NEG_INFINITY,
            // Decimal text is parsed with correct rounding, and the shortest text of 512 bits tells doubles apart.
            _ => self.to_string().parse().unwrap_or(f64::NAN),
        }
    }

    /// The number that a double is exactly; none for NaN.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        if value.is_infinite() {
            return Some(Self::infinity(value < 0.0));
        }
        if value.is_nan() {
            return None;
        }
        let (mantissa, exponent, sign) = num_traits::float::FloatCore::integer_decode(value);
        Some(Self::from_parts(BigInt::from(mantissa) * sign, i64::from(exponent)))
    }

    /// The digits of the shortest decimal that reads back as this number, and the place of the point counted from their start.
    fn shortest_digits(float: &Float) -> (Vec<u8>, i64) {
        // x, and the middles to its neighbours, as integers over one power of ten.
        let magnitude = float.mantissa.magnitude();
        let pad = PRECISION - magnitude.bits();
        let (mantissa, exponent) = (magnitude << pad, float.exponent - i64::try_from(pad).unwrap_or(0));
        let is_power = magnitude == &BigUint::from(1u8);
        // Scaled by four, so that the half and quarter steps are whole.
        let value = &mantissa << 2u8;
        let upper = &value + 2u8;
        let lower = &value - if is_power { 1u8 } else { 2u8 };
        let exponent = exponent - 2;
        let (scale, shift, point): (BigUint, u64, u64) = if exponent >= 0 {
            (BigUint::from(1u8), exponent.unsigned_abs(), 0)
        } else {
            (
                BigUint::from(5u8).pow(u32::try_from(exponent.unsigned_abs()).unwrap_or(u32::MAX)),
                0,
                exponent.unsigned_abs(),
            )
        };
        let text = |number: BigUint| ((number * &scale) << shift).to_str_radix(10).into_bytes();
        let (value, mut lower, upper) = (text(value), text(lower), text(upper));
        let width = upper.len();
        let pad_front = |digits: &mut Vec<u8>| {
            let missing = width - digits.len();
            digits.splice(0..0, std::iter::repeat_n(b'0', missing));
        };
        let mut digits = value;
        pad_front(&mut digits);
        pad_front(&mut lower);
        let trimmed = |digits: &[u8]| digits.iter().rposition(|digit| *digit != b'0').map_or(0, |at| at + 1);
        let (lower_end, upper_end) = (trimmed(&lower), trimmed(&upper));
        let inclusive = !magnitude.is_odd() || mantissa.trailing_zeros().unwrap_or(0) > 0;
        let mut cut = width;
        let mut round_up = None;
        for at in 0..width {
            let (low, digit, high) = (lower[at], digits[at], upper[at]);
            let down_ok = low != digit || (inclusive && at + 1 == lower_end);
            let up_ok = digit != high && (inclusive || digit + 1 < high || at + 1 < upper_end);
            if down_ok || up_ok {
                cut = at + 1;
                round_up = Some(match (down_ok, up_ok) {
                    (true, true) => digits.get(at + 1).is_some_and(|next| *next >= b'5'),
                    (false, _) => true,
                    (true, false) => false,
                });
                break;
            }
        }
        digits.truncate(cut);
        if round_up == Some(true) {
            increment(&mut digits);
        }
        let point = i64::try_from(width).unwrap_or(0) - i64::try_from(point).unwrap_or(0)
            + i64::try_from(digits.len()).unwrap_or(0)
            - i64::try_from(cut).unwrap_or(0);
        (digits, point)
    }
}

/// Adds one to the last digit, carrying; grows by a leading one if all were nines.
fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
    digits.insert(0, b'1');
}

impl fmt::Display for Number {
    /// Decimal without an exponent: the shortest that reads back as the same number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let float = match &self.0 {
            Repr::Small(small) => return write!(f, "{small}"),
            Repr::NegativeZero => return f.write_str("-0"),
            Repr::Infinite(negative) => return f.write_str(if *negative { "-Inf" } else { "+Inf" }),
            Repr::Big(float) => float,
        };
        let (digits, point) = Self::shortest_digits(float);
        let leading = digits.iter().position(|digit| *digit != b'0').unwrap_or(0);
        let (digits, point) = (&digits[leading..], point - i64::try_from(leading).unwrap_or(0));
        let end = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |at| at + 1);
        let digits = std::str::from_utf8(&digits[..end]).unwrap_or_default();
        if float.mantissa.sign() == Sign::Minus {
            f.write_str("-")?;
        }
        let places = usize::try_from(point.unsigned_abs()).unwrap_or(0);
        if point <= 0 {
            write!(f, "0.{:0<places$}{digits}", "")
        } else if digits.len() <= places {
            write!(f, "{digits:0<places$}")
        } else {
            write!(f, "{}.{}", &digits[..places], &digits[places..])
        }
    }
}

impl FromStr for Number {
    type Err = ParseNumberError;

    /// Decimal digits with an optional sign, point and exponent.
    fn from_str(text: &str) -> Result<Self, ParseNumberError> {
        match text.parse::<i64>() {
            Ok(0) if text.starts_with('-') => return Ok(Self(Repr::NegativeZero)),
            Ok(small) => return Ok(Self(Repr::Small(small))),
            Err(_) => {}
        }
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i64>().map_err(|_| ParseNumberError)?),
            None => (text, 0),
        };
        let unsigned = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = [whole, fraction].concat();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseNumberError);
        }
        let exponent = exponent.saturating_sub(i64::try_from(fraction.len()).map_err(|_| ParseNumberError)?);
        if exponent.unsigned_abs() > MAX_EXPONENT || digits.len() as u64 > MAX_EXPONENT {
            return Err(ParseNumberError);
        }
        let mut number: BigInt = digits.parse().map_err(|_| ParseNumberError)?;
        if mantissa.starts_with('-') {
            if number.is_zero() {
                return Ok(Self(Repr::NegativeZero));
            }
            number = -number;
        }
        let power = BigUint::from(10u8).pow(u32::try_from(exponent.unsigned_abs()).map_err(|_| ParseNumberError)?);
        Ok(if exponent >= 0 {
            Self::from_parts(number * BigInt::from(power), 0)
        } else {
            Self::from_ratio(&number, &power, 0)
        })
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Repr::Small(value))
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        Self(Repr::Small(value.into()))
    }
}

impl From<usize> for Number {
    fn from(value: usize) -> Self {
        Self::from_parts(value.into(), 0)
    }
}

impl From<BigInt> for Number {
    fn from(value: BigInt) -> Self {
        Self::from_parts(value, 0)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = |number: &Self| match number.0 {
            Repr::Infinite(true) => -1,
            Repr::Infinite(false) => 1,
            _ => 0,
        };
        match self.aligned(other) {
            Some((a, b, _)) => a.cmp(&b),
            None => rank(self).cmp(&rank(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn text_round_trips() {
        for text in [
            "0",
            "-1",
            "0.1",
            "3.5",
            "9007199254740993",
            "123456789012345678901234567890",
            "0.000001",
            "-2.75",
            "10",
            "100",
            "0.3",
        ] {
            assert_eq!(number(text).to_string(), text);
        }
        assert_eq!(number("1e3").to_string(), "1000");
        assert_eq!(number("5.0").to_string(), "5");
        assert_eq!("1.x".parse::<Number>(), Err(ParseNumberError));
    }

    #[test]
    fn numbers_that_would_fill_memory_are_refused() {
        for text in ["1e5001", "1e-5001", "1e9223372036854775807", "1.5e-9223372036854775808"] {
            assert_eq!(text.parse::<Number>(), Err(ParseNumberError), "{text}");
        }
        assert_eq!("9".repeat(1_000_000).parse::<Number>(), Err(ParseNumberError));
        let large = number("1e5000");
        let squared = large.multiply(&large).unwrap();
        assert_eq!(squared.multiply(&squared), None);
        assert_eq!(number("1e-5000").divide(&squared).and_then(|small| small.divide(&squared)), None);
        assert_eq!(squared.divide(&squared), Some(Number::from(1)));
    }

    #[test]
    fn a_third_has_the_digits_of_512_bits() {
        let third = number("1").divide(&number("3")).unwrap().to_string();
        assert_eq!(third, format!("0.{}5", "3".repeat(154)));
    }

    #[test]
    fn arithmetic() {
        assert_eq!(number("0.1").add(&number("0.2")), Some(number("0.3")));
        assert_eq!(number("7").remainder(&number("-3")), Some(number("1")));
        assert_eq!(number("-7").remainder(&number("3")), Some(number("-1")));
        assert_eq!(number("1").divide(&number("0")), Some(Number::infinity(false)));
        assert_eq!(number("0").divide(&number("0")), None);
        assert_eq!((number("-2.5").floor(), number("-2.5").ceiling()), (number("-3"), number("-2")));
        assert!(number("9223372036854775807").add(&number("1")) == Some(number("9223372036854775808")));
        assert!(number("0.30000000000000000001") > number("0.3"));
    }

    #[test]
    fn zero_has_a_sign_that_is_only_shown() {
        let zero = number("0").negate();
        assert_eq!((zero.to_string(), zero.is_negative(), zero == number("0")), ("-0".into(), false, true));
        assert_eq!(zero.add(&number("1")), Some(number("1")));
        assert_eq!(number("0").multiply(&number("-3")).unwrap().to_string(), "-0");
        assert_eq!(zero.cmp(&number("0")), Ordering::Equal);
    }
}
