//! A text to parse and where each of its offsets lies in the file.
//!
//! In native syntax both are the same. A template in a JSON string is parsed after its escapes are decoded, and its
//! offsets then have to be brought back.

use std::ops::Range;

use terravet_source::{FileId, SourceFile, Span};

/// A text, and the way from its offsets to those of its file.
#[derive(Clone, Debug)]
pub(crate) struct PlacedText<'text> {
    file: FileId,
    text: &'text str,
    placement: Placement,
}

#[derive(Clone, Debug)]
enum Placement {
    /// The text begins at this offset of the file, and goes on byte by byte.
    From(usize),
    /// From each offset of the text (first) the file goes on byte by byte at another (second). Ascending in
    /// both, and the first one is for offset 0.
    Stretches(Vec<(usize, usize)>),
    /// Nothing is known but the span of the whole.
    Within(Span),
}

impl<'text> PlacedText<'text> {
    /// The text of a whole file.
    pub(crate) fn of_file(file: &'text SourceFile) -> Self {
        Self { file: file.id(), text: file.text(), placement: Placement::From(0) }
    }

    /// A text that stands at `span`, without escapes where both have the same length; else only the span as
    /// a whole is known.
    pub(crate) fn at(text: &'text str, span: Span) -> Self {
        let same_length = span.range().len() == text.len();
        let placement = if same_length { Placement::From(span.range().start) } else { Placement::Within(span) };
        Self { file: span.file, text, placement }
    }

    /// The `decoded` text of the JSON string whose source between the quotes is `raw`, at offset `start` of the file.
    pub(crate) fn of_json(file: FileId, decoded: &'text str, raw: &str, start: usize) -> Self {
        let placement = if decoded.len() == raw.len() {
            Placement::From(start)
        } else {
            Placement::Stretches(stretches(decoded, raw, start))
        };
        Self { file, text: decoded, placement }
    }

    pub(crate) fn text(&self) -> &'text str {
        self.text
    }

    /// The span in the file of a range of the text.
    pub(crate) fn span(&self, range: Range<usize>) -> Span {
        match &self.placement {
            Placement::From(start) => Span::new(self.file, start + range.start..start + range.end),
            Placement::Within(span) => *span,
            Placement::Stretches(stretches) => {
                let place = |offset: usize| {
                    let stretch = stretches.partition_point(|(from, _)| *from <= offset).saturating_sub(1);
                    let (from, to) = stretches[stretch];
                    to + (offset - from)
                };
                Span::new(self.file, place(range.start)..place(range.end))
            }
        }
    }
}

/// Where the file goes on after each escape. An escape is two bytes, `\u` and its digits six, two of which can make one
/// character.
fn stretches(decoded: &str, raw: &str, start: usize) -> Vec<(usize, usize)> {
    let raw_bytes = raw.as_bytes();
    let mut stretches = vec![(0, start)];
    let (mut at, mut decoded_at) = (0, 0);
    while let Some(length) = raw_bytes[at..].iter().position(|byte| *byte == b'\\') {
        at += length;
        decoded_at += length;
        let Some(character) = decoded.get(decoded_at..).and_then(|rest| rest.chars().next()) else { break };
        at += match (raw_bytes.get(at + 1), character) {
            (Some(b'u'), '\u{10000}'..) => 12,
            (Some(b'u'), _) => 6,
            _ => 2,
        };
        decoded_at += character.len_utf8();
        if at > raw.len() {
            break;
        }
        stretches.push((decoded_at, start + at));
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_after_escapes_are_brought_back_to_the_file() {
        let raw = r#"a\"b\u00e9c\ud83d\ude00d"#;
        let decoded = "a\"b\u{e9}c\u{1f600}d";
        assert_eq!(stretches(decoded, raw, 10), [(0, 10), (2, 13), (5, 20), (10, 33)]);
    }
}
