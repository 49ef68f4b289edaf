//! Tokens of native syntax outside templates.
//!
//! In: a text and an offset. Out: the next [`Token`], with comments and spaces before it passed over. Invariant: every
//! offset that goes out is a character boundary, and each call looks at nothing past the token that it returns,
//! apart from an unclosed comment.
//!
//! It does not look into strings and heredocs: the parser of templates goes on where [`TokenKind::Quote`] or
//! [`TokenKind::Heredoc`] ends.

use std::ops::Range;

use unicode_ident::{is_xid_continue, is_xid_start};

use crate::tree::BinaryOperator;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Identifier,
    Number,
    Newline,
    /// `"`: a quoted string begins.
    Quote,
    /// `<<EOT` or `<<-EOT` with the end of its line: a heredoc begins.
    Heredoc,
    Operator(BinaryOperator),
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    OpenParenthesis,
    CloseParenthesis,
    Assign,
    FatArrow,
    Bang,
    Question,
    Colon,
    DoubleColon,
    Dot,
    Ellipsis,
    Comma,
    /// `~}`: the end of a template sequence that trims.
    TrimClose,
    EndOfFile,
    UnclosedComment,
    /// A character that has no meaning in the language.
    Invalid,
}

/// A token and where it is in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Token {
    pub(crate) fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// The token at or after `offset`; newlines are tokens only where `newlines` says so.
pub(crate) fn next_token(text: &str, offset: usize, newlines: bool) -> Token {
    let start = match skip_trivia(text, offset, newlines) {
        Ok(start) => start,
        Err(comment) => return Token { kind: TokenKind::UnclosedComment, start: comment, end: comment + 2 },
    };
    let (kind, length) = token_at(&text[start..]);
    Token { kind, start, end: start + length }
}

/// The offset after spaces and comments (and newlines, unless they count), or the offset of a comment that
/// is never closed.
fn skip_trivia(text: &str, mut offset: usize, newlines: bool) -> Result<usize, usize> {
    let bytes = text.as_bytes();
    loop {
        match bytes.get(offset) {
            Some(b' ' | b'\t') => offset += 1,
            Some(b'\n') if !newlines => offset += 1,
            Some(b'\r') if !newlines && bytes.get(offset + 1) == Some(&b'\n') => offset += 2,
            Some(b'#') => offset = end_of_line(text, offset),
            Some(b'/') if bytes.get(offset + 1) == Some(&b'/') => offset = end_of_line(text, offset),
            Some(b'/') if bytes.get(offset + 1) == Some(&b'*') => {
                offset = end_of_comment(text, offset).ok_or(offset)?
            }
            _ => return Ok(offset),
        }
    }
}

/// The offset of the line break that ends the line of `offset`, or the end of the text.
pub(crate) fn end_of_line(text: &str, offset: usize) -> usize {
    let line = &text.as_bytes()[offset..];
    let length = line.iter().position(|byte| *byte == b'\n').unwrap_or(line.len());
    let carriage_return = length < line.len() && length > 0 && line[length - 1] == b'\r';
    offset + length - usize::from(carriage_return)
}

/// The offset after the `*/` that closes the comment at `offset`.
pub(crate) fn end_of_comment(text: &str, offset: usize) -> Option<usize> {
    let inner = offset + 2;
    text[inner..].find("*/").map(|length| inner + length + 2)
}

/// The kind and length of the token at the beginning of `rest`.
fn token_at(rest: &str) -> (TokenKind, usize) {
    use BinaryOperator as Op;
    use TokenKind as Kind;
    let bytes = rest.as_bytes();
    let Some(first) = bytes.first() else { return (Kind::EndOfFile, 0) };
    let second = bytes.get(1).copied().unwrap_or(0);
    match (first, second) {
        (b'\n', _) => (Kind::Newline, 1),
        (b'\r', b'\n') => (Kind::Newline, 2),
        (b'"', _) => (Kind::Quote, 1),
        (b'{', _) => (Kind::OpenBrace, 1),
        (b'}', _) => (Kind::CloseBrace, 1),
        (b'~', b'}') => (Kind::TrimClose, 2),
        (b'[', _) => (Kind::OpenBracket, 1),
        (b']', _) => (Kind::CloseBracket, 1),
        (b'(', _) => (Kind::OpenParenthesis, 1),
        (b')', _) => (Kind::CloseParenthesis, 1),
        (b'=', b'=') => (Kind::Operator(Op::Equal), 2),
        (b'=', b'>') => (Kind::FatArrow, 2),
        (b'=', _) => (Kind::Assign, 1),
        (b'!', b'=') => (Kind::Operator(Op::NotEqual), 2),
        (b'!', _) => (Kind::Bang, 1),
        (b'<', b'<') => heredoc_introducer(rest).map_or((Kind::Operator(Op::Less), 1), |end| (Kind::Heredoc, end)),
        (b'<', b'=') => (Kind::Operator(Op::LessOrEqual), 2),
        (b'<', _) => (Kind::Operator(Op::Less), 1),
        (b'>', b'=') => (Kind::Operator(Op::GreaterOrEqual), 2),
        (b'>', _) => (Kind::Operator(Op::Greater), 1),
        (b'&', b'&') => (Kind::Operator(Op::And), 2),
        (b'|', b'|') => (Kind::Operator(Op::Or), 2),
        (b'+', _) => (Kind::Operator(Op::Add), 1),
        (b'-', _) => (Kind::Operator(Op::Subtract), 1),
        (b'*', _) => (Kind::Operator(Op::Multiply), 1),
        (b'/', _) => (Kind::Operator(Op::Divide), 1),
        (b'%', _) => (Kind::Operator(Op::Modulo), 1),
        (b'?', _) => (Kind::Question, 1),
        (b':', b':') => (Kind::DoubleColon, 2),
        (b':', _) => (Kind::Colon, 1),
        (b',', _) => (Kind::Comma, 1),
        (b'.', b'.') if bytes.get(2) == Some(&b'.') => (Kind::Ellipsis, 3),
        (b'.', _) => (Kind::Dot, 1),
        (b'0'..=b'9', _) => (Kind::Number, number_length(bytes)),
        _ => match identifier_length(rest) {
            0 => (Kind::Invalid, rest.chars().next().map_or(1, char::len_utf8)),
            length => (Kind::Identifier, length),
        },
    }
}

/// The length of the identifier at the beginning of `text`; 0 where there is none.
/// <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#identifiers>
pub(crate) fn identifier_length(text: &str) -> usize {
    let ascii = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let Some(first) = text.chars().next() else { return 0 };
    if !(first == '_' || is_xid_start(first)) {
        return 0;
    }
    let fast = text.bytes().position(|byte| !ascii(&byte)).unwrap_or(text.len());
    if text.as_bytes().get(fast).is_none_or(u8::is_ascii) {
        return fast;
    }
    let part = |character: char| character == '-' || character == '_' || is_xid_continue(character);
    text.find(|character: char| !part(character)).unwrap_or(text.len())
}

/// The length of the number at the beginning of `bytes`, as far as digits, dots and exponents go, but never ending in a
/// dot: `1.5`, `1e5`, and also the impossible `1.2.3`, which the parser refuses.
fn number_length(bytes: &[u8]) -> usize {
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let (mut at, mut end) = (1, 1);
    loop {
        match bytes.get(at) {
            Some(byte) if byte.is_ascii_digit() => at += 1,
            Some(b'e' | b'E') if digit(at + 1) => at += 2,
            Some(b'e' | b'E') if matches!(bytes.get(at + 1), Some(b'+' | b'-')) && digit(at + 2) => at += 3,
            Some(b'.') => {
                at += 1;
                continue;
            }
            _ => return end,
        }
        end = at;
    }
}

/// The length of `<<EOT` or `<<-EOT` with its line break, at the beginning of `rest`.
fn heredoc_introducer(rest: &str) -> Option<usize> {
    let start = if rest.as_bytes().get(2) == Some(&b'-') { 3 } else { 2 };
    let length = identifier_length(&rest[start..]);
    let end = start + length;
    match (length, rest.as_bytes().get(end), rest.as_bytes().get(end + 1)) {
        (1.., Some(b'\n'), _) => Some(end + 1),
        (1.., Some(b'\r'), Some(b'\n')) => Some(end + 2),
        _ => None,
    }
}

/// The marker of a heredoc introducer and whether it is `<<-`.
pub(crate) fn heredoc_marker(introducer: &str) -> (&str, bool) {
    let marker = introducer.trim_end().trim_start_matches('<');
    marker.strip_prefix('-').map_or((marker, false), |marker| (marker, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str, newlines: bool) -> Vec<(TokenKind, &str)> {
        let mut offset = 0;
        let mut tokens = Vec::new();
        loop {
            let token = next_token(text, offset, newlines);
            if token.kind == TokenKind::EndOfFile {
                return tokens;
            }
            tokens.push((token.kind, &text[token.range()]));
            offset = token.end;
        }
    }

    #[test]
    fn numbers_end_before_a_dot_that_ends_them() {
        use TokenKind::{Dot, Ellipsis, Identifier, Number};
        assert_eq!(kinds("1.5e-3", true), [(Number, "1.5e-3")]);
        assert_eq!(kinds("1...", true), [(Number, "1"), (Ellipsis, "...")]);
        assert_eq!(kinds("1.a", true), [(Number, "1"), (Dot, "."), (Identifier, "a")]);
        assert_eq!(kinds("0.1.b", true), [(Number, "0.1"), (Dot, "."), (Identifier, "b")]);
        assert_eq!(kinds("1e", true), [(Number, "1"), (Identifier, "e")]);
    }

    #[test]
    fn identifiers_take_dashes_and_letters_of_any_language() {
        use TokenKind::{Identifier, Invalid, Number};
        assert_eq!(kinds("foo-bar _x", true), [(Identifier, "foo-bar"), (Identifier, "_x")]);
        assert_eq!(kinds("straße-1 x", true), [(Identifier, "straße-1"), (Identifier, "x")]);
        assert_eq!(kinds("2a", true), [(Number, "2"), (Identifier, "a")]);
        assert_eq!(kinds("“", true), [(Invalid, "“")]);
    }

    #[test]
    fn comments_are_passed_over_but_not_the_newline_after_them() {
        use TokenKind::{Identifier, Newline};
        assert_eq!(
            kinds("a # b\nc // d\r\n/* e\n */ f", true),
            [(Identifier, "a"), (Newline, "\n"), (Identifier, "c"), (Newline, "\r\n"), (Identifier, "f")]
        );
        assert_eq!(kinds("a # b\n\r\nc", false), [(Identifier, "a"), (Identifier, "c")]);
    }

    #[test]
    fn two_angle_brackets_are_a_heredoc_only_with_a_marker_and_a_line_end() {
        use TokenKind::{Heredoc, Identifier, Operator};
        assert_eq!(kinds("<<-EOT\r\n", true), [(Heredoc, "<<-EOT\r\n")]);
        let less = (Operator(BinaryOperator::Less), "<");
        assert_eq!(kinds("<<EOT x", true), [less, less, (Identifier, "EOT"), (Identifier, "x")]);
        assert_eq!(heredoc_marker("<<-EOT\r\n"), ("EOT", true));
        assert_eq!(heredoc_marker("<<E-T\n"), ("E-T", false));
    }

    #[test]
    fn an_unclosed_comment_is_a_token_of_its_own() {
        assert_eq!(next_token("a /* b", 1, true).kind, TokenKind::UnclosedComment);
    }
}
