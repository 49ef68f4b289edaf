//! Numbers as decimal digits, all of them, and rounded texts of them.

use num_bigint::BigInt;
use num_traits::{Signed as _, Zero as _};
use terravet_graph::Number;

/// How often the exponent is doubled in search of a whole multiple; far more than the smallest number needs.
const MAX_DOUBLINGS: u32 = 40;

/// A finite number as its exact decimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// Whether it is below zero.
    pub negative: bool,
    /// The digits, without zeros at either end; none for zero.
    digits: Vec<u8>,
    /// The place of the point, counted from the start of the digits.
    point: i64,
}

impl Decimal {
    /// All digits of a number; none of an infinity.
    pub fn exact(number: &Number) -> Option<Self> {
        let (mantissa, halvings) = whole_multiple(number)?;
        // m / 2^n is m * 5^n / 10^n.
        let scaled = mantissa.magnitude() * num_bigint::BigUint::from(5u8).pow(halvings);
        let mut digits = if scaled.is_zero() { Vec::new() } else { scaled.to_str_radix(10).into_bytes() };
        let point = i64::try_from(digits.len()).ok()? - i64::from(halvings);
        let end = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |at| at + 1);
        digits.truncate(end);
        let point = if digits.is_empty() { 0 } else { point };
        Some(Self { negative: mantissa.is_negative(), digits, point })
    }

    /// The shortest digits that tell the number apart from its neighbours.
    pub fn shortest(number: &Number) -> Option<Self> {
        if number.is_infinite() {
            return None;
        }
        let text = number.to_string();
        let (negative, text) = text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let all = [whole, fraction].concat().into_bytes();
        let start = all.iter().position(|digit| *digit != b'0').unwrap_or(all.len());
        let end = all.iter().rposition(|digit| *digit != b'0').map_or(start, |at| at + 1);
        let digits = all[start..end].to_vec();
        let point = if digits.is_empty() { 0 } else { i64::try_from(whole.len()).ok()? - i64::try_from(start).ok()? };
        Some(Self { negative, digits, point })
    }

    /// How many digits there are.
    pub fn length(&self) -> usize {
        self.digits.len()
    }

    /// Rounded to `count` digits, half to even.
    fn round(&self, count: i64) -> Self {
        let Ok(count) = usize::try_from(count) else {
            return Self { negative: self.negative, digits: Vec::new(), point: 0 };
        };
        if count >= self.digits.len() {
            return self.clone();
        }
        let up = match self.digits[count] {
            b'5' if count + 1 == self.digits.len() => count > 0 && (self.digits[count - 1] - b'0') % 2 == 1,
            digit => digit >= b'5',
        };
        let mut rounded = Self { digits: self.digits[..count].to_vec(), ..self.clone() };
        if up {
            rounded.increment();
        }
        let end = rounded.digits.iter().rposition(|digit| *digit != b'0').map_or(0, |at| at + 1);
        rounded.digits.truncate(end);
        if rounded.digits.is_empty() {
            rounded.point = 0;
        }
        rounded
    }

    fn increment(&mut self) {
        for digit in self.digits.iter_mut().rev() {
            if *digit < b'9' {
                *digit += 1;
                return;
            }
            *digit = b'0';
        }
        self.digits.insert(0, b'1');
        self.point += 1;
    }

    fn digit(&self, at: i64) -> char {
        usize::try_from(at).ok().and_then(|at| self.digits.get(at)).map_or('0', |digit| char::from(*digit))
    }

    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }

    /// With `places` digits after the point: `-12.50`.
    pub fn fixed(&self, places: usize) -> String {
        let decimals = i64::try_from(places).unwrap_or(i64::MAX);
        self.round(self.point.saturating_add(decimals)).fixed_unrounded(places)
    }

    fn fixed_unrounded(&self, places: usize) -> String {
        let mut text = String::from(self.sign());
        if self.point > 0 {
            text.extend((0..self.point).map(|at| self.digit(at)));
        } else {
            text.push('0');
        }
        if places > 0 {
            text.push('.');
            text.extend(
                (0..places).map(|at| self.digit(self.point.saturating_add(i64::try_from(at).unwrap_or(i64::MAX)))),
            );
        }
        text
    }

    /// With one digit before the point, `places` after it and an exponent: `1.25e+03`.
    pub fn scientific(&self, places: usize, upper: bool) -> String {
        self.round(i64::try_from(places).unwrap_or(i64::MAX).saturating_add(1)).scientific_unrounded(places, upper)
    }

    fn scientific_unrounded(&self, places: usize, upper: bool) -> String {
        let mut text = String::from(self.sign());
        text.push(self.digit(0));
        if places > 0 {
            text.push('.');
            text.extend((1..=places).map(|at| self.digit(i64::try_from(at).unwrap_or(i64::MAX))));
        }
        let exponent = if self.digits.is_empty() { 0 } else { self.point - 1 };
        let sign = if exponent < 0 { '-' } else { '+' };
        text.push(if upper { 'E' } else { 'e' });
        text.push(sign);
        text.push_str(&format!("{:02}", exponent.unsigned_abs()));
        text
    }

    /// With at most `precision` digits, and an exponent where the number is very large or very small: Go's `%g`.
    pub fn general(&self, precision: usize, upper: bool) -> String {
        let precision = precision.max(1);
        self.round(i64::try_from(precision).unwrap_or(i64::MAX)).general_of(precision, false, upper)
    }

    /// As [`Decimal::general`] with all digits that it has; the exponent is used outside of 1e-4 to 1e6.
    pub fn general_shortest(&self, upper: bool) -> String {
        self.general_of(self.digits.len().max(1), true, upper)
    }

    fn general_of(&self, precision: usize, shortest: bool, upper: bool) -> String {
        let length = i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        let mut threshold = i64::try_from(precision).unwrap_or(i64::MAX);
        if threshold > length && length >= self.point {
            threshold = length;
        }
        if shortest {
            threshold = 6;
        }
        let exponent = self.point - 1;
        if !self.digits.is_empty() && (exponent < -4 || exponent >= threshold) {
            let places = self.digits.len().min(precision).saturating_sub(1);
            return self.scientific_unrounded(places, upper);
        }
        let places = usize::try_from((length - self.point).max(0)).unwrap_or(0);
        self.fixed_unrounded(places)
    }
}

/// The number rounded to a mantissa of that many bits, half to even, and the exponent of its last bit's place.
fn rounded(number: &Number, bits: u64) -> Option<(Number, i64)> {
    let (mantissa, halvings) = whole_multiple(number)?;
    let excess = i64::try_from(mantissa.bits()).ok()?.checked_sub_unsigned(bits)?;
    let place = excess - i64::from(halvings);
    if excess <= 0 {
        return Some((number.clone(), place));
    }
    let divisor = BigInt::from(1) << excess;
    let (quotient, rest) = (mantissa.magnitude() / divisor.magnitude(), mantissa.magnitude() % divisor.magnitude());
    let twice: num_bigint::BigUint = rest << 1u8;
    let up = match twice.cmp(divisor.magnitude()) {
        std::cmp::Ordering::Equal => quotient.bit(0),
        order => order.is_gt(),
    };
    let quotient = if up { quotient + 1u8 } else { quotient };
    let whole = Number::from(BigInt::from_biguint(mantissa.sign(), quotient));
    Some((scaled(&whole, place)?, place))
}

/// The number times a power of two.
fn scaled(number: &Number, exponent: i64) -> Option<Number> {
    let power = Number::from(BigInt::from(1) << exponent.unsigned_abs());
    if exponent < 0 { number.divide(&power) } else { number.multiply(&power) }
}

/// The number with the fewest digits that is, rounded to that many bits, the same as this one. Go remembers the precision
/// of a number and shows it so.
pub fn shortest_at(number: &Number, bits: u64) -> Number {
    let Some((number, place)) = rounded(number, bits) else { return number.clone() };
    let Some(exact) = Decimal::exact(&number) else { return number };
    let Some(half) = scaled(&Number::from(1), place - 1) else { return number };
    // Numbers in the middle of two are rounded to the even one.
    let is_even = scaled(&number, -place).and_then(|mantissa| mantissa.to_integer()).is_some_and(|whole| !whole.bit(0));
    for digits in 0..exact.length() {
        let shorter: Option<Number> = exact.scientific(digits, false).parse().ok();
        let Some(shorter) = shorter else { continue };
        let difference = shorter
            .subtract(&number)
            .map(|difference| if difference.is_negative() { difference.negate() } else { difference });
        let same = |difference: Number| difference < half || (is_even && difference == half);
        if difference.is_some_and(same) {
            return shorter;
        }
    }
    number
}

/// The number as `whole / 2^halvings`.
pub(super) fn whole_multiple(number: &Number) -> Option<(BigInt, u32)> {
    if let Some(whole) = number.to_integer() {
        return Some((whole, 0));
    }
    if number.is_infinite() {
        return None;
    }
    let mut halvings = 64u32;
    for _ in 0..MAX_DOUBLINGS {
        let factor = Number::from(BigInt::from(1) << halvings);
        if let Some(whole) = number.multiply(&factor).and_then(|product| product.to_integer()) {
            return Some((whole, halvings));
        }
        halvings = halvings.checked_mul(2)?;
    }
    None
}
