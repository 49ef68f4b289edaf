//! Places in text: a file id and two byte offsets.

/// The id of one file within one [`crate::Sources`]. Carries no order that means anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub(crate) u32);

/// A range of bytes in one file: `start` inclusive, `end` exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of `start..end` in `file`. Offsets past 4 GiB saturate; no file of that size is read.
    #[must_use]
    pub fn new(file: FileId, range: std::ops::Range<usize>) -> Self {
        let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { file, start: offset(range.start), end: offset(range.end.max(range.start)) }
    }

    /// The empty span at the start of `file`: for what concerns the file as a whole.
    #[must_use]
    pub fn start_of(file: FileId) -> Self {
        Self { file, start: 0, end: 0 }
    }

    /// The offsets as a range for slicing text.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether `other` lies within this span (equal spans contain each other).
    #[must_use]
    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that covers both; `self` where the two lie in different files.
    #[must_use]
    pub fn to(self, other: Span) -> Self {
        if self.file != other.file {
            return self;
        }
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The part of this span from `start` to `end`, counted from its beginning, clipped to it.
    #[must_use]
    pub fn slice(self, start: usize, end: usize) -> Self {
        let at = |n: usize| self.start.saturating_add(u32::try_from(n).unwrap_or(u32::MAX)).min(self.end);
        Self { file: self.file, start: at(start), end: at(end.max(start)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_stays_small() {
        assert_eq!(std::mem::size_of::<Span>(), 12);
    }

    #[test]
    fn joining_covers_both() {
        let at = |range| Span::new(FileId(1), range);
        assert_eq!(at(3..5).to(at(9..12)), at(3..12));
        assert_eq!(at(3..5).slice(1, 9), at(4..5));
        assert!(at(3..12).contains(at(3..12)));
    }
}
