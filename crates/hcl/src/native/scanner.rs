//! A look over the text that knows strings, heredocs, comments and brackets, but no grammar.
//!
//! In: any text, valid or not. Out: its comments, and where the next item begins after one that does not parse.
//! Linear in the length of the text.

use std::collections::HashMap;
use std::ops::Range;

use super::lexer::{TokenKind, end_of_comment, end_of_line, heredoc_marker, identifier_length, next_token};
use crate::schema::FILE;

/// The place of every comment, `#`, `//` and `/* */`, without the line break at its end.
pub(crate) fn comments(text: &str) -> Vec<Range<usize>> {
    let mut comments = Vec::new();
    for event in Scanner::new(text, 0) {
        if let Event::Comment(range) = event {
            comments.push(range);
        }
    }
    comments
}

/// Where to go on after the item at `start` that does not parse: at the next line that begins an item.
///
/// Where all brackets are closed, that is any line which looks like one. Where some are open, either the item is
/// not yet over or a bracket is missing: then it is a line without indentation that begins a block of the
/// top level.
pub(super) fn next_item(text: &str, start: usize) -> usize {
    let begins_item = |event: &Event| match event {
        Event::Line { offset, open: false } => begins_item(&text[*offset..]),
        Event::Line { offset, open: true } => begins_top_level_block(&text[*offset..]),
        Event::Comment(_) => false,
    };
    match Scanner::new(text, start).find(begins_item) {
        Some(Event::Line { offset, .. }) => offset,
        _ => text.len(),
    }
}

/// Whether a line begins, without indentation, with a name that `=`, `{`, a label or a quote follows.
fn begins_item(line: &str) -> bool {
    let length = identifier_length(line);
    let next = next_token(line, length, true).kind;
    length > 0 && matches!(next, TokenKind::Assign | TokenKind::OpenBrace | TokenKind::Quote | TokenKind::Identifier)
}

/// Whether a line begins, without indentation, a block that Terraform has at the top level.
fn begins_top_level_block(line: &str) -> bool {
    let length = identifier_length(line);
    let next = next_token(line, length, true).kind;
    FILE.block(&line[..length]).is_some() && matches!(next, TokenKind::OpenBrace | TokenKind::Quote)
}

/// What a scanner comes across.
enum Event {
    Comment(Range<usize>),
    /// A line outside strings begins here; whether brackets are open.
    Line {
        offset: usize,
        open: bool,
    },
}

/// What is open around the scanner's place.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    Bracket,
    Quote,
    /// `${` or `%{` in a quoted string.
    Sequence,
}

struct Scanner<'text> {
    text: &'text str,
    offset: usize,
    open: Vec<Open>,
    /// For each line that could end a heredoc, where the last one of that text begins. Made when first needed.
    last_lines: Option<HashMap<&'text str, usize>>,
}

impl<'text> Scanner<'text> {
    fn new(text: &'text str, offset: usize) -> Self {
        Self { text, offset, open: Vec::new(), last_lines: None }
    }

    /// Passes a byte of a quoted string.
    fn quoted(&mut self, byte: u8) {
        let next = self.text.as_bytes().get(self.offset + 1);
        match (byte, next) {
            (b'"' | b'\n', _) => {
                self.open.pop();
                // A line break that a string may not hold ends it, and is seen again as such.
                self.offset += usize::from(byte == b'"');
            }
            (b'$' | b'%', Some(b'{')) => {
                self.open.push(Open::Sequence);
                self.offset += 2;
            }
            (b'$' | b'%', Some(second)) if *second == byte => {
                let escaped = self.text.as_bytes().get(self.offset + 2) == Some(&b'{');
                self.offset += if escaped { 3 } else { 1 };
            }
            (b'\\', Some(b'"' | b'\\')) => self.offset += 2,
            _ => self.offset += 1,
        }
    }

    /// Passes a byte outside strings that is neither comment nor line break.
    fn code(&mut self, byte: u8) {
        match byte {
            b'"' => self.open.push(Open::Quote),
            b'{' | b'[' | b'(' => self.open.push(Open::Bracket),
            b'}' if self.open.last() == Some(&Open::Sequence) => {
                self.open.pop();
            }
            b'}' | b']' | b')' if self.open.last() == Some(&Open::Bracket) => {
                self.open.pop();
            }
            b'<' if self.heredoc() => return,
            _ => {}
        }
        self.offset += 1;
    }

    /// Passes a heredoc up to the end of its marker's line, if one begins here and is closed.
    fn heredoc(&mut self) -> bool {
        if !self.text[self.offset..].starts_with("<<") {
            return false;
        }
        let token = next_token(self.text, self.offset, true);
        if token.kind != TokenKind::Heredoc {
            return false;
        }
        let (marker, _) = heredoc_marker(&self.text[token.range()]);
        let text = self.text;
        let last_lines = self.last_lines.get_or_insert_with(|| last_lines(text));
        if last_lines.get(marker).is_none_or(|line| *line < token.end) {
            return false;
        }
        let mut line = token.end;
        while let Some(length) = text[line..].find('\n') {
            if text[line..line + length].trim() == marker {
                break;
            }
            line += length + 1;
        }
        self.offset = end_of_line(text, line);
        true
    }

    fn in_string(&self) -> bool {
        self.open.last() == Some(&Open::Quote)
    }
}

impl Iterator for Scanner<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.offset).copied() {
            let start = self.offset;
            let comment_end = match (byte, bytes.get(start + 1)) {
                _ if self.in_string() => None,
                (b'#', _) | (b'/', Some(b'/')) => Some(end_of_line(self.text, start)),
                (b'/', Some(b'*')) => end_of_comment(self.text, start),
                _ => None,
            };
            if let Some(end) = comment_end {
                self.offset = end;
                return Some(Event::Comment(start..end));
            }
            if self.in_string() {
                self.quoted(byte);
            } else if byte == b'\n' {
                self.offset += 1;
                return Some(Event::Line { offset: self.offset, open: !self.open.is_empty() });
            } else {
                self.code(byte);
            }
        }
        None
    }
}

/// Where the last line of each text begins, of lines that are one identifier with spaces around it.
fn last_lines(text: &str) -> HashMap<&str, usize> {
    let mut offset = 0;
    let mut lines = HashMap::new();
    for line in text.split_inclusive('\n') {
        let marker = line.trim();
        if line.ends_with('\n') && !marker.is_empty() && identifier_length(marker) == marker.len() {
            lines.insert(marker, offset);
        }
        offset += line.len();
    }
    lines
}
