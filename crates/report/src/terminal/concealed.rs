//! Secrets that findings point at, which no snippet may repeat: a log of continuous integration is read by more people than
//! the code.
//!
//! In: an [`Outcome`]. Out: the places of its secrets, and text with them made unreadable. A secret stands where its value was
//! written: at the end of the finding's trace, or where there is none, at the primary place. It is hidden in every snippet
//! that shows its lines, whatever the snippet is about.

use std::collections::BTreeMap;
use std::ops::Range;

use terravet_diagnostics::{Diagnostic, Outcome};
use terravet_source::FileId;

/// What stands for a byte of a secret.
const HIDDEN: char = '*';

/// The places of secrets, by file.
#[derive(Debug, Default)]
pub(crate) struct Concealed(BTreeMap<FileId, Vec<Range<usize>>>);

impl Concealed {
    /// The secrets that the findings of a scan point at.
    pub(crate) fn of(outcome: &Outcome) -> Self {
        let mut places: BTreeMap<FileId, Vec<Range<usize>>> = BTreeMap::new();
        let told = outcome.diagnostics.iter().chain(&outcome.suppressed).chain(&outcome.undecided);
        for diagnostic in told.filter(|diagnostic| outcome.rule(&diagnostic.id).is_some_and(|rule| rule.secret)) {
            let span = written_at(diagnostic);
            places.entry(span.file).or_default().push(span.start as usize..span.end as usize);
        }
        Self(places)
    }

    /// The secrets within a part of a file.
    pub(crate) fn within(&self, file: FileId, part: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let of_file = self.0.get(&file).map_or(&[][..], Vec::as_slice).iter();
        of_file
            .map(|secret| secret.start.max(part.start)..secret.end.min(part.end))
            .filter(|secret| secret.start < secret.end)
    }
}

/// Where the value was written that a finding is about.
fn written_at(diagnostic: &Diagnostic) -> terravet_source::Span {
    diagnostic.trace.last().unwrap_or(&diagnostic.primary).span
}

/// Makes a part of a text unreadable. Quotes and spaces stay, and so does the number of bytes.
pub(crate) fn hide(text: &mut String, part: Range<usize>) {
    let hidden: String = text[part.clone()]
        .chars()
        .flat_map(|character| {
            let stays = matches!(character, '"' | '\'') || character.is_whitespace();
            let (shown, times) = if stays { (character, 1) } else { (HIDDEN, character.len_utf8()) };
            std::iter::repeat_n(shown, times)
        })
        .collect();
    text.replace_range(part, &hidden);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_spaces_and_the_number_of_bytes_stay() {
        let mut text = "password = \"geheim und lüge\" # old".to_owned();
        let before = text.len();
        hide(&mut text, 11..29);
        assert_eq!(text, "password = \"****** *** *****\" # old");
        assert_eq!(text.len(), before);
    }
}
