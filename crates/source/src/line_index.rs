//! Lines and columns, computed from the text when they are first asked for.
//!
//! Invariant: a position takes the same time wherever it is, also in the middle of a line of many megabytes.

/// A place as people count: line and column, both from 1. The column counts Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// Where each line of a text begins.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// How many characters begin before each multiple of [`STRIDE`].
    characters: Vec<u32>,
}

/// How many bytes are counted through at most to know the column of a place, on each side.
const STRIDE: usize = 1 << 10;

impl LineIndex {
    /// Index `text`. Lines end at `\n`; a `\r` before it belongs to the line.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let after = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
        let starts = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| after(at)))
            .collect();
        let mut before = 0u32;
        let characters = text.as_bytes().chunks(STRIDE).map(|chunk| {
            let own = u32::try_from(characters_in(chunk)).unwrap_or(u32::MAX);
            let counted = before;
            before = before.saturating_add(own);
            counted
        });
        Self { characters: characters.collect(), starts }
    }

    /// How many characters begin before the byte `offset`.
    fn characters_before(&self, text: &str, offset: usize) -> usize {
        let chunk = (offset / STRIDE).min(self.characters.len().saturating_sub(1));
        let counted = self.characters.get(chunk).map_or(0, |count| *count as usize);
        counted + text.as_bytes().get(chunk * STRIDE..offset).map_or(0, characters_in)
    }

    /// Where the line of the byte `offset` begins, and where it ends: before its `\n`.
    #[must_use]
    pub fn bounds(&self, text: &str, offset: u32) -> std::ops::Range<usize> {
        let line = self.line(offset);
        let start = self.line_start(line).unwrap_or_default() as usize;
        start..self.line_start(line + 1).map_or(text.len(), |next| next as usize - 1)
    }

    /// The line of the byte `offset`, from 1. An offset past the end lies in the last one.
    #[must_use]
    pub fn line(&self, offset: u32) -> u32 {
        u32::try_from(self.starts.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    /// The position of the byte `offset` of `text` (the text that was indexed). An offset past the
    /// end is the end; one inside a character is that character's start.
    #[must_use]
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts[line] as usize;
        let mut end = (offset as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let column = self.characters_before(text, end).saturating_sub(self.characters_before(text, start));
        let number = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
        Position { line: number(line), column: number(column) }
    }

    /// The offset at which `line` (from 1) begins, or none past the last line.
    #[must_use]
    pub fn line_start(&self, line: u32) -> Option<u32> {
        self.starts.get(line.checked_sub(1)? as usize).copied()
    }

    /// How many lines there are; a text that ends in a newline has an empty last one.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }
}

/// How many characters begin in a piece of UTF-8.
fn characters_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_not_bytes() {
        let text = "a\nüb\r\n";
        let index = LineIndex::new(text);
        assert_eq!(index.position(text, 0), Position { line: 1, column: 1 });
        assert_eq!(index.position(text, 4), Position { line: 2, column: 2 });
        assert_eq!(index.position(text, 99), Position { line: 3, column: 1 });
        assert_eq!(index.line_start(2), Some(2));
        assert_eq!(index.bounds(text, 0), 0..1);
        assert_eq!(index.bounds(text, 1), 0..1);
        assert_eq!(index.bounds(text, 4), 2..6);
        assert_eq!(index.bounds(text, 99), 7..7);
    }

    #[test]
    fn columns_of_a_long_line_are_counted_in_characters() {
        let text = format!("first\n{}", "aü€🦀".repeat(5 * STRIDE));
        let index = LineIndex::new(&text);
        for (at, (offset, _)) in text["first\n".len()..].char_indices().enumerate() {
            let offset = u32::try_from(offset + "first\n".len()).unwrap();
            assert_eq!(index.position(&text, offset).column as usize, at + 1);
            assert_eq!(index.line(offset), 2);
        }
        assert_eq!(LineIndex::new("").position("", 7), Position { line: 1, column: 1 });
    }
}
