//! The text of `Fn::Sub`: literal text and the names between.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html>.

use std::ops::Range;

/// A part of the text, with its byte range in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part<'t> {
    /// Text that stands for itself.
    Literal(&'t str, Range<usize>),
    /// `${!Text}`, which stands for `${Text}`; the text without the mark.
    Escaped(&'t str, Range<usize>),
    /// `${Name}` or `${Resource.Attribute}`; the name, without blanks around it.
    Name(&'t str, Range<usize>),
}

/// The parts of a text in their order. A `${` that is never closed is literal.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    let mut literal_from = 0;
    let mut at = 0;
    while let Some(open) = text[at..].find("${").map(|offset| at + offset) {
        let Some(close) = text[open..].find('}').map(|offset| open + offset) else { break };
        if literal_from < open {
            found.push(Part::Literal(&text[literal_from..open], literal_from..open));
        }
        let inner = &text[open + 2..close];
        let range = open..close + 1;
        found.push(match inner.strip_prefix('!') {
            Some(escaped) => Part::Escaped(escaped, range),
            None => Part::Name(inner.trim_matches(' '), range),
        });
        at = close + 1;
        literal_from = at;
    }
    if literal_from < text.len() {
        found.push(Part::Literal(&text[literal_from..], literal_from..text.len()));
    }
    found
}

/// Whether a name is made of what CloudFormation allows in one: letters, digits, `_`, `.` and `:`.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_escapes_and_literals_are_told_apart() {
        assert_eq!(
            parts("$${A}-${!B} ${C.Arn}$"),
            [
                Part::Literal("$", 0..1),
                Part::Name("A", 1..5),
                Part::Literal("-", 5..6),
                Part::Escaped("B", 6..11),
                Part::Literal(" ", 11..12),
                Part::Name("C.Arn", 12..20),
                Part::Literal("$", 20..21),
            ]
        );
        assert_eq!(parts("a ${b"), [Part::Literal("a ${b", 0..5)]);
        assert_eq!(parts(""), []);
    }

    #[test]
    fn a_name_has_no_shell_syntax() {
        assert!(is_name("AWS::Region") && is_name("Queue.Arn"));
        assert!(!is_name("HOME:-/root") && !is_name("") && !is_name("a b"));
    }
}
