//! What a scalar stands for.
//!
//! CloudFormation reads YAML 1.1 (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html>).
//! Its booleans are the words of the 1.1 schema; numbers keep their text, since an account id such as
//! `012345678901` is text to everyone but a YAML reader.

use crate::node::Style;

/// What a scalar stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolved<'t> {
    /// Null.
    Null,
    /// True or false.
    Bool(bool),
    /// An integer in decimal, as written.
    Integer(&'t str),
    /// A decimal number with a point or an exponent, as written.
    Float(&'t str),
    /// Text. Octal, hexadecimal and sexagesimal numbers, those with `_`, dates and the like are left as their text.
    String,
}

/// Decides by text and style.
pub(crate) fn resolve(text: &str, style: Style) -> Resolved<'_> {
    match style {
        Style::Plain => plain(text),
        Style::JsonLiteral => match text {
            "true" => Resolved::Bool(true),
            "false" => Resolved::Bool(false),
            "null" => Resolved::Null,
            _ if text.contains(['.', 'e', 'E']) => Resolved::Float(text),
            _ => Resolved::Integer(text),
        },
        Style::SingleQuoted | Style::DoubleQuoted | Style::Literal | Style::Folded => Resolved::String,
    }
}

fn plain(text: &str) -> Resolved<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Resolved::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Resolved::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Resolved::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits == "0" || (!digits.is_empty() && !digits.starts_with('0') && is_digits(digits)) {
        return Resolved::Integer(text);
    }
    if is_float(digits) { Resolved::Float(text) } else { Resolved::String }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Digits, a point, digits, perhaps an exponent with a sign, as YAML 1.1 wants it.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let Some((whole, fraction)) = mantissa.split_once('.') else { return false };
    let signed = exponent.is_none_or(|exponent| exponent.strip_prefix(['+', '-']).is_some_and(is_digits));
    let number = match (whole, fraction) {
        ("", fraction) => is_digits(fraction),
        (whole, "") => is_digits(whole),
        (whole, fraction) => is_digits(whole) && is_digits(fraction),
    };
    number && signed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_of_yaml_1_1() {
        let meaning = |text| resolve(text, Style::Plain);
        assert_eq!([meaning("yes"), meaning("Off")], [Resolved::Bool(true), Resolved::Bool(false)]);
        assert_eq!([meaning(""), meaning("~")], [Resolved::Null, Resolved::Null]);
        assert_eq!([meaning("5"), meaning("-1")], [Resolved::Integer("5"), Resolved::Integer("-1")]);
        for text in ["1.5", "-1.", ".5", "1.0e+3"] {
            assert_eq!(meaning(text), Resolved::Float(text));
        }
        for text in ["012345678901", "0777", "2012-10-17", "1:30", "0x1f", "1_000", "y", "a b", "1.2.3", "1e3", "."] {
            assert_eq!(meaning(text), Resolved::String, "{text}");
        }
        assert_eq!(resolve("yes", Style::DoubleQuoted), Resolved::String);
    }
}
