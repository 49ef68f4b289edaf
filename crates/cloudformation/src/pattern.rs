//! The patterns of parameters, which CloudFormation reads as Java does.
//!
//! In: an `AllowedPattern`. Out: whether a text matches it as a whole; nothing where only Java can read the pattern.
//!
//! Invariants: a pattern is compiled once, and no more of them than [`MAX_PATTERNS`] are in one stack; of classes such as `\w`
//! only ASCII is meant, as in Java without `UNICODE_CHARACTER_CLASS`.
//!
//! Sources: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-regexes.html>,
//! <https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/regex/Pattern.html>.

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};

/// The longest pattern that is compiled, in bytes.
const MAX_LENGTH: usize = 4096;

/// The largest program that a pattern may become, in bytes.
const MAX_PROGRAM: usize = 1 << 20;

/// How many different patterns of one stack are compiled.
const MAX_PATTERNS: usize = 1_000;

/// The patterns of a stack, compiled when they are first needed.
#[derive(Default)]
pub(crate) struct Patterns<'t> {
    compiled: BTreeMap<&'t str, Option<Regex>>,
}

impl<'t> Patterns<'t> {
    /// Whether a text matches a pattern as a whole; none where that is not known.
    pub(crate) fn matches(&mut self, pattern: &'t str, text: &str) -> Option<bool> {
        if !self.compiled.contains_key(pattern) && self.compiled.len() >= MAX_PATTERNS {
            return None;
        }
        let compiled = self.compiled.entry(pattern).or_insert_with(|| compile(pattern));
        Some(compiled.as_ref()?.is_match(text))
    }
}

fn compile(pattern: &str) -> Option<Regex> {
    if pattern.len() > MAX_LENGTH {
        return None;
    }
    let whole = format!(r"\A(?:{})\z", ascii(pattern));
    RegexBuilder::new(&whole).size_limit(MAX_PROGRAM).build().ok()
}

/// The pattern with classes that mean ASCII alone.
fn ascii(pattern: &str) -> String {
    let mut written = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find('\\') {
        written.push_str(&rest[..at]);
        let escape = &rest[at..];
        let known = CLASSES.iter().find(|(java, _)| escape.starts_with(java));
        let length = match known {
            Some((java, class)) => {
                written.push_str(class);
                java.len()
            }
            None => {
                let length = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
                written.push_str(&escape[..length]);
                length
            }
        };
        rest = &escape[length..];
    }
    written + rest
}

/// How Java writes a class of ASCII, and how it is written here, within brackets or without.
const CLASSES: [(&str, &str); 20] = [
    (r"\w", "[0-9A-Za-z_]"),
    (r"\W", "[^0-9A-Za-z_]"),
    (r"\d", "[0-9]"),
    (r"\D", "[^0-9]"),
    (r"\s", r"[\t\n\x0B\f\r\x20]"),
    (r"\S", r"[^\t\n\x0B\f\r\x20]"),
    (r"\b", r"(?-u:\b)"),
    (r"\p{Lower}", "[[:lower:]]"),
    (r"\p{Upper}", "[[:upper:]]"),
    (r"\p{ASCII}", "[[:ascii:]]"),
    (r"\p{Alpha}", "[[:alpha:]]"),
    (r"\p{Digit}", "[[:digit:]]"),
    (r"\p{Alnum}", "[[:alnum:]]"),
    (r"\p{Punct}", "[[:punct:]]"),
    (r"\p{Graph}", "[[:graph:]]"),
    (r"\p{Print}", "[[:print:]]"),
    (r"\p{Blank}", "[[:blank:]]"),
    (r"\p{Cntrl}", "[[:cntrl:]]"),
    (r"\p{XDigit}", "[[:xdigit:]]"),
    (r"\p{Space}", "[[:space:]]"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> Option<bool> {
        Patterns::default().matches(pattern, text)
    }

    #[test]
    fn classes_mean_ascii() {
        for (pattern, text, expected) in [
            (r"\w+", "cafe_1", true),
            (r"\w+", "café", false),
            (r"\W", "é", true),
            (r"[\w.-]{1,900}", "edge-gateway.1", true),
            (r"[^\w]", "é", true),
            (r"[\W]", "a", false),
            (r"\d+", "٣", false),
            (r"[\d]+", "12", true),
            (r"\s", "\u{a0}", false),
            (r"[^\s]+", "a\u{a0}b", true),
            (r"\p{Alpha}+", "é", false),
            (r"[\p{Alnum}-]+", "a-1", true),
            (r"\\w", r"\w", true),
            (r"\\\w", r"\a", true),
            (r".", "é", true),
            (r"é\bx|ab\b.c", "ab-c", true),
        ] {
            assert_eq!(matches(pattern, text), Some(expected), "{pattern} on {text}");
        }
    }

    #[test]
    fn a_pattern_matches_the_whole_text() {
        assert_eq!(matches("a|b", "ab"), Some(false));
        assert_eq!(matches("a*", "aa\n"), Some(false));
    }

    #[test]
    fn what_only_java_reads_or_is_too_large_is_not_known() {
        assert_eq!(matches("(?=a)a", "a"), None);
        assert_eq!(matches(r"a\", "a"), None);
        assert_eq!(matches("((a{1000}){1000})", "a"), None);
        let names: Vec<String> = (0..=MAX_PATTERNS).map(|number| format!("n{number}")).collect();
        let mut patterns = Patterns::default();
        let known = names.iter().filter(|name| patterns.matches(name, name) == Some(true)).count();
        assert_eq!(known, MAX_PATTERNS);
    }
}
