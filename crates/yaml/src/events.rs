//! The events of `saphyr-parser`, with exact places in bytes.
//!
//! In: YAML text. Out: events, each with the range of bytes that it is written in.
//!
//! Why a layer of its own: the parser counts characters, not bytes; its places begin at an anchor or tag rather than at the
//! value, leave out the header of a block scalar, take in comments after a quoted one, and give for a value that is
//! not written the place of whatever comes next.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span as Markers, StrInput};

/// An event and where it is written.
pub(crate) struct Located<'t> {
    pub(crate) event: Event<'t>,
    /// The value without its anchor and tag. For the start of a collection its first character on (the bracket, the
    /// first `-`, the first key), for its end up to past its bracket or last part.
    pub(crate) range: Range<usize>,
    /// The tag.
    pub(crate) tag: Option<Range<usize>>,
}

/// Where the text stops being YAML, and why.
pub(crate) struct SyntaxError {
    pub(crate) offset: usize,
    pub(crate) message: String,
}

/// The events of a text, until its end or its first error.
pub(crate) struct Events<'t> {
    text: &'t str,
    parser: Parser<'t, StrInput<'t>>,
    cursor: Cursor<'t>,
    /// Past the last thing that was written.
    end: usize,
    /// Whether each open collection is written in brackets.
    brackets: Vec<bool>,
}

impl<'t> Events<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, parser: Parser::new_from_str(text), cursor: Cursor::new(text), end: 0, brackets: Vec::new() }
    }

    /// The next event; none after the last or after an error.
    pub(crate) fn next(&mut self) -> Option<Result<Located<'t>, SyntaxError>> {
        Some(match self.parser.next_event()? {
            Ok((event, markers)) => Ok(self.locate(event, markers)),
            Err(error) => Err(self.refuse(&error)),
        })
    }

    fn refuse(&mut self, error: &ScanError) -> SyntaxError {
        SyntaxError { offset: self.cursor.byte(error.marker().index()), message: error.info().to_owned() }
    }

    fn locate(&mut self, event: Event<'t>, markers: Markers) -> Located<'t> {
        let raw = self.cursor.byte(markers.start.index())..self.cursor.byte(markers.end.index());
        let raw = raw.start..raw.end.max(raw.start);
        let (range, tag) = match &event {
            Event::Scalar(text, style, anchor, tag) => {
                let properties = Properties::skip(self.text, raw.start, *anchor > 0, tag.is_some());
                (self.scalar(text, *style, &raw, &properties), properties.tag)
            }
            Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => {
                let properties = Properties::skip(self.text, raw.start, *anchor > 0, tag.is_some());
                let sequence = matches!(event, Event::SequenceStart(..));
                (self.start(sequence, &raw, &properties), properties.tag)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.brackets.pop() {
                Some(true) => (raw, None),
                _ => (self.end..self.end, None),
            },
            Event::Alias(_) | Event::DocumentStart(_) | Event::DocumentEnd => (raw, None),
            Event::Nothing | Event::StreamStart | Event::StreamEnd => (self.end..self.end, None),
        };
        self.end = self.end.max(range.end);
        Located { event, range, tag }
    }

    fn start(&mut self, sequence: bool, raw: &Range<usize>, properties: &Properties) -> Range<usize> {
        let start = properties.value;
        let bracket = self.text[start..].starts_with(if sequence { '[' } else { '{' }) && raw.end > start;
        self.brackets.push(bracket);
        if bracket {
            return start..start + 1;
        }
        // The parser names the place past the first `-` of a sequence that is not indented.
        let dash = sequence && !self.text[start..].starts_with('-') && self.text[..start].ends_with('-');
        let start = if dash { start - 1 } else { start };
        start..start
    }

    fn scalar(&self, text: &str, style: ScalarStyle, raw: &Range<usize>, properties: &Properties) -> Range<usize> {
        let written = properties.end.is_some();
        match style {
            ScalarStyle::Plain if text.is_empty() => {
                let at = properties.end.unwrap_or_else(|| self.missing(raw.start));
                at..at
            }
            ScalarStyle::Plain => self.trimmed(properties.value..raw.end),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                properties.value..quoted_end(self.text, properties.value)
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let header = if written { properties.value } else { self.block_header(raw.start) };
                self.trimmed(header..raw.end)
            }
        }
    }

    /// The range without white space at its end.
    fn trimmed(&self, range: Range<usize>) -> Range<usize> {
        let text = self.text.get(range.clone()).unwrap_or_default();
        range.start..range.start + text.trim_end().len()
    }

    /// Where a value that is not written would stand: after the `:` or `-` that calls for it.
    fn missing(&self, limit: usize) -> usize {
        let mut at = skip_blank(self.text, self.end);
        while let Some(byte) = self.text.as_bytes().get(at).filter(|_| at <= limit) {
            match byte {
                b':' | b'-' | b'?' => return at + 1,
                b',' | b'{' | b'[' => at = skip_blank(self.text, at + 1),
                _ => break,
            }
        }
        self.end
    }

    /// Where the `|` or `>` of the block scalar stands whose content begins at `content`.
    fn block_header(&self, content: usize) -> usize {
        let mut at = skip_blank(self.text, self.end);
        while at < content {
            match self.text.as_bytes()[at] {
                b'|' | b'>' => return at,
                _ => at = skip_blank(self.text, at + 1),
            }
        }
        content
    }
}

/// What stands before a value: an anchor, a tag, in any order.
struct Properties {
    tag: Option<Range<usize>>,
    /// Past the last of them.
    end: Option<usize>,
    /// Where the value begins.
    value: usize,
}

impl Properties {
    fn skip(text: &str, start: usize, mut anchor: bool, mut tagged: bool) -> Self {
        let mut properties = Self { tag: None, end: None, value: start };
        while anchor || tagged {
            let at = properties.value;
            let end = match text.as_bytes().get(at) {
                Some(b'&') if anchor => {
                    anchor = false;
                    word_end(text, at)
                }
                Some(b'!') if tagged => {
                    tagged = false;
                    let verbatim = text[at..].starts_with("!<").then(|| text[at..].find('>')).flatten();
                    let end = verbatim.map_or_else(|| word_end(text, at), |close| at + close + 1);
                    properties.tag = Some(at..end);
                    end
                }
                _ => break,
            };
            properties.end = Some(end);
            properties.value = skip_blank(text, end);
        }
        properties
    }
}

fn word_end(text: &str, start: usize) -> usize {
    let ends = |character: char| character.is_ascii_whitespace() || matches!(character, ',' | '[' | ']' | '{' | '}');
    text[start..].find(ends).map_or(text.len(), |length| start + length)
}

/// Past white space, line ends and comments.
fn skip_blank(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\r' | b'\n') => at += 1,
            Some(b'#') if at == 0 || bytes[at - 1].is_ascii_whitespace() => {
                at = text[at..].find(['\n', '\r']).map_or(text.len(), |length| at + length);
            }
            _ => return at,
        }
    }
}

/// Past the quote that closes the one at `start`.
fn quoted_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let Some(quote @ (b'"' | b'\'')) = bytes.get(start).copied() else { return start };
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if quote == b'"' => at += 1,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 1,
            byte if *byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// From counts of characters to offsets of bytes. It moves from one place to the next, which are near each other.
struct Cursor<'t> {
    text: &'t str,
    ascii: bool,
    character: usize,
    byte: usize,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, ascii: text.is_ascii(), character: 0, byte: 0 }
    }

    /// The offset of the character with this number; the end of the text past the last.
    fn byte(&mut self, character: usize) -> usize {
        if self.ascii {
            return character.min(self.text.len());
        }
        if character >= self.character {
            for next in self.text[self.byte..].chars().take(character - self.character) {
                self.character += 1;
                self.byte += next.len_utf8();
            }
        } else {
            for before in self.text[..self.byte].chars().rev().take(self.character - character) {
                self.character -= 1;
                self.byte -= before.len_utf8();
            }
        }
        self.byte
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_become_bytes_in_either_direction() {
        let mut cursor = Cursor::new("aé€x");
        let offsets: Vec<usize> = [3, 1, 2, 0, 99].into_iter().map(|character| cursor.byte(character)).collect();
        assert_eq!(offsets, [6, 1, 3, 0, 7]);
    }

    #[test]
    fn quotes_end_where_they_close() {
        assert_eq!(quoted_end("'it''s' # x", 0), 7);
        assert_eq!(quoted_end(r#""a\"b" # "x""#, 0), 6);
        assert_eq!(quoted_end("\"open", 0), 5);
    }
}
