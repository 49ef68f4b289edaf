//! Numbers, as YAML 1.1 and JSON let them be written.
//!
//! In: a scalar. Out: the same number as CloudFormation passes it on: an integer in decimal, a fraction in its shortest form.
//! `0777` is 511, `1_000` is 1000, `1:30` is 90 and `1.10` is 1.1; only quotes keep the text.
//!
//! It leaves alone what stands in decimal already, and what no template can mean: infinities, and fractions beyond what a
//! 64-bit number holds.
//!
//! Sources: <https://yaml.org/type/int.html>, <https://yaml.org/type/float.html>.

use terravet_yaml::Style;

/// The fractions that are written without an exponent.
const PLAIN_FRACTIONS: std::ops::Range<f64> = 1e-5..1e16;

/// The number that a scalar is; none where its text stays as it is.
pub(crate) fn decimal(text: &str, style: Style) -> Option<String> {
    let number = match style {
        Style::Plain => integer(text).or_else(|| fraction(text).filter(|_| has_yaml_form(text))),
        Style::JsonLiteral => fraction(text),
        _ => None,
    };
    number.filter(|number| number != text)
}

/// An integer in another base than ten, or with `_` between its digits.
fn integer(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let plain = digits.replace('_', "");
    let value = if digits.contains(':') {
        sexagesimal(&plain)?
    } else if let Some(binary) = plain.strip_prefix("0b") {
        i128::from_str_radix(binary, 2).ok()?
    } else if let Some(hexadecimal) = plain.strip_prefix("0x") {
        i128::from_str_radix(hexadecimal, 16).ok()?
    } else if plain.starts_with('0') {
        i128::from_str_radix(&plain, 8).ok()?
    } else if digits.contains('_') && plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(format!("{sign}{plain}"));
    } else {
        return None;
    };
    // A sign within, as in `0x-1`, is none of a number.
    (value >= 0 && !plain.contains(['-', '+'])).then(|| format!("{}{value}", if value == 0 { "" } else { sign }))
}

/// Parts of sixty, `190:20:30`: the first has any digits but no leading zero, the others are below 60.
fn sexagesimal(text: &str) -> Option<i128> {
    let mut parts = text.split(':');
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let first = parts.next().filter(|first| is_digits(first) && !first.starts_with('0'))?;
    parts.try_fold(first.parse::<i128>().ok()?, |value, part| {
        let part = Some(part).filter(|part| part.len() <= 2 && is_digits(part))?.parse::<i128>().ok()?;
        (part < 60).then_some(())?;
        value.checked_mul(60)?.checked_add(part)
    })
}

/// Whether a fraction is one in YAML 1.1: it has a point, and its exponent has a sign.
fn has_yaml_form(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "+"));
    mantissa.contains('.') && exponent.starts_with(['+', '-'])
}

/// A number with a point or an exponent, in its shortest form with a digit on both sides of the point.
fn fraction(text: &str) -> Option<String> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let starts = digits.trim_start_matches('.').starts_with(|first: char| first.is_ascii_digit());
    if !starts || !digits.contains(['.', 'e', 'E']) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    (value == 0.0 || PLAIN_FRACTIONS.contains(&value.abs())).then(|| format!("{value:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_become_decimal() {
        for (text, number) in [
            ("0777", "511"),
            ("-0777", "-511"),
            ("00", "0"),
            ("0x1F", "31"),
            ("0b101", "5"),
            ("1_000", "1000"),
            ("+1_0", "10"),
            ("1:30", "90"),
            ("190:20:30", "685230"),
        ] {
            assert_eq!(decimal(text, Style::Plain).as_deref(), Some(number), "{text}");
        }
        for text in
            ["0", "5", "-5", "012345678901", "08", "1:60", "01:30", "0x", "0xg", "0b2", "0x-1", "1__a", "_1", "a", "1:"]
        {
            assert_eq!(decimal(text, Style::Plain), None, "{text}");
        }
        assert_eq!(decimal("0777", Style::SingleQuoted), None);
    }

    #[test]
    fn fractions_become_short() {
        for (text, number) in [("1.50", "1.5"), ("5.", "5.0"), (".5", "0.5"), ("1.00", "1.0"), ("-0.10", "-0.1")] {
            assert_eq!(decimal(text, Style::Plain).as_deref(), Some(number), "{text}");
        }
        assert_eq!(decimal("1e3", Style::JsonLiteral).as_deref(), Some("1000.0"));
        for text in ["1.5", "1.0", "1.2.3", ".", ".inf", "1e400", "2012-10-17", "1.5-x", "e3", "1e3", "1.0e3"] {
            assert_eq!(decimal(text, Style::Plain), None, "{text}");
        }
    }
}
