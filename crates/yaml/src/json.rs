//! Strict JSON (<https://www.rfc-editor.org/rfc/rfc8259>).
//!
//! In: text. Out: the tree, or the first place where the text stops being JSON, with what was needed there. Comments, trailing
//! commas and the like are refused with words of their own, since people write them.
//!
//! A surrogate without its other half stands for U+FFFD, since text of Rust cannot hold it. Keys that stand twice are
//! kept, and reported by [`parse_json`] only.

use std::ops::Range;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_source::{SourceFile, Span};

use crate::duplicates::DuplicateKeys;
use crate::node::{Entry, Node, NodeKind, Style};
use crate::{MAX_DEPTH, Parsed};

/// The most values that a JSON text may have, keys included. The largest plans seen in the wild stay below a tenth of it.
pub const MAX_JSON_NODES: usize = 20_000_000;

/// Why a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Of which sort it is.
    pub kind: JsonErrorKind,
    /// The byte offset at which it stops being JSON.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
}

/// The sorts of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonErrorKind {
    /// The text is no JSON. The author's to mend.
    Syntax,
    /// The text is too large or too deep to be read; whether it is JSON was not looked at.
    Limit,
}

impl std::fmt::Display for JsonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for JsonError {}

/// Parses a file as JSON.
#[must_use]
pub fn parse_json(file: &SourceFile) -> Parsed {
    let id = file.id();
    let at = |range: Range<usize>| Span::new(id, range);
    let mut parser = Parser::new(file.text(), &at, Some(DuplicateKeys::new("json-duplicate-key")));
    match parser.document() {
        Ok(node) => {
            let diagnostics = parser.duplicates.map(DuplicateKeys::finish).unwrap_or_default();
            Parsed { documents: vec![node], diagnostics, ..Parsed::default() }
        }
        Err(error) => Parsed { diagnostics: vec![diagnostic(&error, at(error.range(file)))], ..Parsed::default() },
    }
}

impl JsonError {
    /// The character at which it stops being JSON.
    fn range(&self, file: &SourceFile) -> Range<usize> {
        let next = file.text().get(self.offset..).and_then(|rest| rest.chars().next());
        self.offset..self.offset + next.filter(|next| !next.is_control()).map_or(0, char::len_utf8)
    }
}

fn diagnostic(error: &JsonError, place: Span) -> Diagnostic {
    match error.kind {
        JsonErrorKind::Syntax => {
            Diagnostic::error("json-syntax", place, format!("this is not JSON: {}", error.message))
                .with_help("mend the syntax here; nothing in this file was judged")
        }
        JsonErrorKind::Limit => {
            Diagnostic::error("json-limit", place, format!("this file exceeds a limit: {}", error.message))
                .with_help("split the file, or nest less; nothing in this file was judged")
        }
    }
}

/// Parses a text as JSON; `at` makes spans of byte ranges of the text.
///
/// # Errors
/// [`JsonError`] at the first place where it is none, or where it is nested deeper than [`MAX_DEPTH`] or larger than
/// [`MAX_JSON_NODES`].
pub fn parse_json_text(text: &str, at: impl Fn(Range<usize>) -> Span) -> Result<Node, JsonError> {
    Parser::new(text, &at, None).document()
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    offset: usize,
    depth: usize,
    nodes: usize,
    at: &'t dyn Fn(Range<usize>) -> Span,
    duplicates: Option<DuplicateKeys>,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, at: &'t dyn Fn(Range<usize>) -> Span, duplicates: Option<DuplicateKeys>) -> Self {
        Self { text, bytes: text.as_bytes(), offset: 0, depth: 0, nodes: 0, at, duplicates }
    }

    fn document(&mut self) -> Result<Node, JsonError> {
        self.blank();
        if self.offset == self.bytes.len() {
            return Err(self.error("the text is empty"));
        }
        let node = self.value()?;
        self.blank();
        if self.offset < self.bytes.len() {
            return Err(self.refuse("the end of the text"));
        }
        Ok(node)
    }

    fn error(&self, message: impl Into<String>) -> JsonError {
        JsonError { kind: JsonErrorKind::Syntax, offset: self.offset, message: message.into() }
    }

    fn limit(&self, message: String) -> JsonError {
        JsonError { kind: JsonErrorKind::Limit, offset: self.offset, message }
    }

    /// What stands here is not what is needed.
    fn refuse(&self, needed: &str) -> JsonError {
        let rest = &self.text[self.offset..];
        let found = match rest.chars().next() {
            None => "the text ends".to_owned(),
            Some('/') if rest.starts_with("//") || rest.starts_with("/*") => return self.error("it has no comments"),
            Some('#') => return self.error("it has no comments"),
            Some('\'') => return self.error("text stands in double quotes"),
            Some(other) => format!("`{}` stands here", other.escape_debug()),
        };
        self.error(format!("{needed} is needed, and {found}"))
    }

    fn blank(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(self.offset) {
            self.offset += 1;
        }
    }

    fn count(&mut self) -> Result<(), JsonError> {
        self.nodes += 1;
        if self.nodes > MAX_JSON_NODES {
            return Err(self.limit(format!("more than {MAX_JSON_NODES} values")));
        }
        Ok(())
    }

    fn value(&mut self) -> Result<Node, JsonError> {
        self.count()?;
        let start = self.offset;
        let kind = match self.bytes.get(start) {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => NodeKind::Scalar { text: self.string()?, style: Style::DoubleQuoted },
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'a'..=b'z') => self.word()?,
            _ => return Err(self.refuse("a value")),
        };
        Ok(Node { kind, span: (self.at)(start..self.offset), tag: None })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<NodeKind, JsonError>) -> Result<NodeKind, JsonError> {
        if self.depth >= MAX_DEPTH {
            return Err(self.limit(format!("nesting of more than {MAX_DEPTH} levels")));
        }
        self.depth += 1;
        self.offset += 1;
        let kind = read(self);
        self.depth -= 1;
        kind
    }

    fn object(&mut self) -> Result<NodeKind, JsonError> {
        let mut entries = Vec::new();
        self.blank();
        if self.bytes.get(self.offset) == Some(&b'}') {
            self.offset += 1;
            return Ok(NodeKind::Mapping(entries.into()));
        }
        loop {
            let start = self.offset;
            if self.bytes.get(start) != Some(&b'"') {
                return Err(self.refuse("a key in double quotes"));
            }
            self.count()?;
            let kind = NodeKind::Scalar { text: self.string()?, style: Style::DoubleQuoted };
            let key = Node { kind, span: (self.at)(start..self.offset), tag: None };
            self.blank();
            if self.bytes.get(self.offset) != Some(&b':') {
                return Err(self.refuse("`:`"));
            }
            self.offset += 1;
            self.blank();
            let value = self.value()?;
            entries.push(Entry { key, value });
            if self.ends(b'}', "`,` or `}`")? {
                break;
            }
        }
        if let Some(duplicates) = &mut self.duplicates {
            duplicates.check(&entries);
        }
        Ok(NodeKind::Mapping(entries.into()))
    }

    fn array(&mut self) -> Result<NodeKind, JsonError> {
        let mut items = Vec::new();
        self.blank();
        if self.bytes.get(self.offset) == Some(&b']') {
            self.offset += 1;
            return Ok(NodeKind::Sequence(items.into()));
        }
        loop {
            items.push(self.value()?);
            if self.ends(b']', "`,` or `]`")? {
                return Ok(NodeKind::Sequence(items.into()));
            }
        }
    }

    /// Whether the collection ends here; else the comma is passed.
    fn ends(&mut self, close: u8, needed: &str) -> Result<bool, JsonError> {
        self.blank();
        match self.bytes.get(self.offset) {
            Some(byte) if *byte == close => {
                self.offset += 1;
                Ok(true)
            }
            Some(b',') => {
                let comma = self.offset;
                self.offset += 1;
                self.blank();
                if self.bytes.get(self.offset) == Some(&close) {
                    self.offset = comma;
                    return Err(self.error("a comma stands after the last part"));
                }
                Ok(false)
            }
            _ => Err(self.refuse(needed)),
        }
    }

    fn word(&mut self) -> Result<NodeKind, JsonError> {
        let rest = &self.text[self.offset..];
        let length = rest.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let word = &rest[..length];
        if !matches!(word, "true" | "false" | "null") {
            return Err(self.error(format!("`{}` is no value; text stands in double quotes", shown(word))));
        }
        self.offset += length;
        Ok(NodeKind::Scalar { text: word.into(), style: Style::JsonLiteral })
    }

    fn number(&mut self) -> Result<NodeKind, JsonError> {
        let start = self.offset;
        self.skip(b"-");
        let whole = self.offset;
        let digits = self.digits()?;
        if digits > 1 && self.bytes[whole] == b'0' {
            self.offset = whole;
            return Err(self.error("a number begins with 0"));
        }
        if self.skip(b".") {
            self.digits()?;
        }
        if self.skip(b"eE") {
            self.skip(b"+-");
            self.digits()?;
        }
        let text = &self.text[start..self.offset];
        Ok(NodeKind::Scalar { text: text.into(), style: Style::JsonLiteral })
    }

    fn skip(&mut self, any: &[u8]) -> bool {
        let there = self.bytes.get(self.offset).is_some_and(|byte| any.contains(byte));
        self.offset += usize::from(there);
        there
    }

    fn digits(&mut self) -> Result<usize, JsonError> {
        let start = self.offset;
        while self.bytes.get(self.offset).is_some_and(u8::is_ascii_digit) {
            self.offset += 1;
        }
        if self.offset == start {
            return Err(self.refuse("a digit"));
        }
        Ok(self.offset - start)
    }

    /// The text in quotes that begins here.
    fn string(&mut self) -> Result<Arc<str>, JsonError> {
        let opening = self.offset;
        self.offset += 1;
        let mut from = self.offset;
        let mut decoded: Option<String> = None;
        loop {
            match self.bytes.get(self.offset) {
                Some(b'"') => {
                    let rest = &self.text[from..self.offset];
                    self.offset += 1;
                    return Ok(match decoded {
                        None => rest.into(),
                        Some(mut text) => {
                            text.push_str(rest);
                            text.into()
                        }
                    });
                }
                Some(b'\\') => {
                    let text = decoded.get_or_insert_default();
                    text.push_str(&self.text[from..self.offset]);
                    let character = self.escape()?;
                    decoded.get_or_insert_default().push(character);
                    from = self.offset;
                }
                Some(0..=0x1F) => return Err(self.error("a line end or control character stands in text")),
                Some(_) => self.offset += 1,
                None => {
                    self.offset = opening;
                    return Err(self.error("the text that begins here is never closed"));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let simple = match self.bytes.get(self.offset + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.error("after `\\` there must be one of `\"\\/bfnrtu`")),
        };
        self.offset += 2;
        Ok(simple)
    }

    fn unicode(&mut self) -> Result<char, JsonError> {
        let first = self.unit().ok_or_else(|| self.error("after `\\u` there must be four hexadecimal digits"))?;
        self.offset += 6;
        if let 0xD800..=0xDBFF = first
            && let Some(second @ 0xDC00..=0xDFFF) = self.unit()
        {
            self.offset += 6;
            let scalar = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            return Ok(char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The UTF-16 unit that is escaped here.
    fn unit(&self) -> Option<u32> {
        let digits = self.text.get(self.offset..self.offset + 6)?.strip_prefix("\\u")?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    }
}

/// The beginning of a word, for a message.
fn shown(word: &str) -> String {
    word.chars().take(20).collect()
}
