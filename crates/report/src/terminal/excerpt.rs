//! The lines of a file that a snippet shows: made harmless, long ones cut, with the labels moved to match.
//!
//! In: a file and labelled spans in it. Out: an [`Excerpt`], which hands miette only those lines, with their real numbers, and
//! the labels as miette takes them. Its cost depends on the lines shown, not on the size of the file.

use std::collections::BTreeSet;
use std::ops::Range;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use terravet_diagnostics::Label;
use terravet_source::{Position, SourceFile, Span};

use super::concealed::{self, Concealed};
use crate::safe_text::{self, Moves};

/// Characters of a line that are shown at most.
const MAX_LINE: usize = 160;
/// Characters shown before a label where the start of its line has to be cut off.
const LEAD: usize = 40;
/// Characters of a label's text that are shown at most.
const MAX_LABEL: usize = 200;

/// A labelled span on its way into an excerpt.
pub(crate) struct Mark {
    span: Span,
    text: String,
    primary: bool,
}

impl Mark {
    /// A label, with the words to show at it.
    pub(crate) fn new(label: &Label, text: String, primary: bool) -> Self {
        Self { span: label.span, text, primary }
    }
}

/// The lines to show.
#[derive(Debug)]
pub(crate) struct Excerpt {
    path: String,
    /// The shown lines one after another, each with a line feed.
    text: String,
    lines: Vec<Line>,
    /// Where each label starts in the file, by its offset in `text`: what the snippet's header says.
    positions: Vec<(usize, Position)>,
}

#[derive(Debug)]
struct Line {
    /// From 1.
    number: u32,
    /// In the excerpt's text, with the line feed.
    range: Range<usize>,
}

/// A line while it is laid out.
struct Window {
    number: u32,
    /// The bytes of the file that are shown.
    shown: Range<usize>,
    /// Where they begin in the excerpt's text.
    start: usize,
    /// Where each of them went.
    moves: Moves,
}

impl Window {
    /// Where an offset of the file, on a boundary within the window, stands in the excerpt.
    fn moved(&self, offset: usize) -> usize {
        self.start + self.moves.of(offset - self.shown.start)
    }
}

impl Excerpt {
    /// The lines around the marks, without secrets, and the marks as labels on them.
    pub(crate) fn new(
        path: String,
        file: &SourceFile,
        marks: &[Mark],
        concealed: &Concealed,
    ) -> (Self, Vec<LabeledSpan>) {
        let starts: Vec<Position> = marks.iter().map(|mark| file.position(mark.span.start)).collect();
        let last = u32::try_from(file.lines().line_count()).unwrap_or(u32::MAX);
        let numbers: BTreeSet<u32> = starts
            .iter()
            .flat_map(|position| position.line.saturating_sub(1).max(1)..=(position.line + 1).min(last))
            .filter(|number| {
                *number < last || !line_range(file, *number).is_empty() || starts.iter().any(|at| at.line == last)
            })
            .collect();
        let mut excerpt = Self { path, text: String::new(), lines: Vec::new(), positions: Vec::new() };
        let windows: Vec<Window> =
            numbers.into_iter().map(|number| excerpt.lay(file, number, marks, &starts)).collect();
        for window in &windows {
            for secret in concealed.within(file.id(), &window.shown) {
                let moved = |offset: usize| window.moved(floor(file.text(), offset));
                let hidden = moved(secret.start)..moved(secret.end);
                concealed::hide(&mut excerpt.text, hidden);
            }
        }
        let mut labels = Vec::with_capacity(marks.len());
        for (mark, position) in marks.iter().zip(&starts) {
            let Some(window) = windows.iter().find(|window| window.number == position.line) else { continue };
            let range = excerpt.range_of(file, window, mark.span);
            excerpt.positions.push((range.start, *position));
            let text = (!mark.text.is_empty()).then(|| safe_text::clipped(&mark.text, MAX_LABEL));
            let span = SourceSpan::new(range.start.into(), range.len());
            let label = if mark.primary {
                LabeledSpan::new_primary_with_span(text, span)
            } else {
                LabeledSpan::new_with_span(text, span)
            };
            labels.push(label);
        }
        (excerpt, labels)
    }

    /// Adds a line of the file, cut to what its labels need.
    fn lay(&mut self, file: &SourceFile, number: u32, marks: &[Mark], starts: &[Position]) -> Window {
        let line = line_range(file, number);
        let first = marks
            .iter()
            .zip(starts)
            .filter(|(_, at)| at.line == number)
            .map(|(mark, _)| mark.span.start as usize)
            .min();
        let shown = shown_part(file.text(), &line, first.unwrap_or(line.start));
        let begin = self.text.len();
        if shown.start > line.start {
            self.text.push('…');
        }
        let start = self.text.len();
        let moves = safe_text::source_line(&file.text()[shown.clone()], &mut self.text);
        if shown.end < line.end {
            self.text.push('…');
        }
        self.text.push('\n');
        self.lines.push(Line { number, range: begin..self.text.len() });
        Window { number, shown, start, moves }
    }

    /// A span of the file within its line of the excerpt: what lies outside of the shown part is cut off, and what is empty
    /// covers one character, so that there is something to point at.
    fn range_of(&self, file: &SourceFile, window: &Window, span: Span) -> Range<usize> {
        let clip = |offset: u32| floor(file.text(), (offset as usize).clamp(window.shown.start, window.shown.end));
        let (start, end) = (clip(span.start), clip(span.end));
        let (start, end) = (window.moved(start), window.moved(end));
        if end > start {
            return start..end;
        }
        let next = self.text[start..].chars().next().filter(|character| *character != '\n');
        start..start + next.map_or(0, char::len_utf8)
    }

    /// The index of the line that holds an offset of the excerpt.
    fn line_at(&self, offset: usize) -> Option<usize> {
        let at = self.lines.partition_point(|line| line.range.end <= offset);
        (at < self.lines.len()).then_some(at)
    }
}

impl SourceCode for Excerpt {
    /// Lines of the excerpt, as long as they follow one another in the file.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let last_byte = span.offset() + span.len().saturating_sub(1);
        let (Some(first), Some(last)) = (self.line_at(span.offset()), self.line_at(last_byte)) else {
            return Err(MietteError::OutOfBounds);
        };
        let follows = |a: usize, b: usize| self.lines[a].number + 1 == self.lines[b].number;
        if !(first..last).all(|at| follows(at, at + 1)) {
            return Err(MietteError::OutOfBounds);
        }
        let begin = (0..before).fold(first, |at, _| if at > 0 && follows(at - 1, at) { at - 1 } else { at });
        let end =
            (0..after).fold(last, |at, _| if at + 1 < self.lines.len() && follows(at, at + 1) { at + 1 } else { at });
        let range = self.lines[begin].range.start..self.lines[end].range.end;
        // Asked for a label without context, miette wants to know where the label is, not where its line begins.
        let column = match self.positions.iter().find(|(offset, _)| *offset == span.offset()) {
            Some((_, position)) if before == 0 && after == 0 => position.column - 1,
            _ => 0,
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.path.clone(),
            &self.text.as_bytes()[range.clone()],
            SourceSpan::new(range.start.into(), range.len()),
            self.lines[begin].number as usize - 1,
            column as usize,
            end - begin + 1,
        )))
    }
}

/// The bytes of a line without its end.
fn line_range(file: &SourceFile, number: u32) -> Range<usize> {
    let start = file.lines().line_start(number).map_or(file.text().len(), |start| start as usize);
    let end = file.lines().line_start(number + 1).map_or(file.text().len(), |next| next as usize - 1);
    let text = &file.text()[start..end];
    start..start + text.strip_suffix('\r').unwrap_or(text).len()
}

/// The part of a line that is shown: all of it, or as much as is useful around the first label.
fn shown_part(text: &str, line: &Range<usize>, label: usize) -> Range<usize> {
    // Bytes bound the characters, so a huge line is not counted through.
    if line.len() <= MAX_LINE {
        return line.clone();
    }
    let label = floor(text, label.clamp(line.start, line.end));
    let forward = |from: usize, characters: usize| {
        let rest = &text[from..line.end];
        from + rest.char_indices().nth(characters).map_or(rest.len(), |(at, _)| at)
    };
    let end_from_start = forward(line.start, MAX_LINE);
    if label + LEAD <= end_from_start {
        return line.start..end_from_start;
    }
    let before = &text[line.start..label];
    let start = before.char_indices().rev().nth(LEAD).map_or(line.start, |(at, _)| line.start + at);
    start..forward(start, MAX_LINE)
}

/// The nearest character boundary at or before an offset.
fn floor(text: &str, mut offset: usize) -> usize {
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::Path;
    use std::sync::Arc;
    use terravet_source::{Memory, Sources};

    fn excerpt(text: &str, spans: &[(usize, usize)]) -> (Excerpt, Vec<String>) {
        let sources = Sources::new(Arc::new(Memory::default()));
        let file = sources.add(Path::new("main.tf"), text);
        let marks: Vec<Mark> = spans
            .iter()
            .map(|(start, end)| Mark { span: Span::new(file.id(), *start..*end), text: String::new(), primary: false })
            .collect();
        let (excerpt, labels) = Excerpt::new("main.tf".to_owned(), &file, &marks, &Concealed::default());
        let labelled =
            labels.iter().map(|label| excerpt.text[label.offset()..label.offset() + label.len()].to_owned()).collect();
        (excerpt, labelled)
    }

    #[test]
    fn only_lines_around_labels_are_kept() {
        let (excerpt, labelled) = excerpt("one\ntwo\r\nthree\nfour\nfive\nsix\n", &[(4, 7), (20, 24)]);
        assert_eq!(excerpt.text, "one\ntwo\nthree\nfour\nfive\nsix\n");
        assert_eq!(labelled, ["two", "five"]);
    }

    #[test]
    fn a_long_line_is_cut_around_its_label() {
        let text = format!("{}TARGET{}", "a".repeat(5000), "b".repeat(5000));
        let (excerpt, labelled) = excerpt(&text, &[(5000, 5006)]);
        assert_eq!(labelled, ["TARGET"]);
        assert_eq!(excerpt.text.chars().count(), MAX_LINE + 3);
    }

    #[test]
    fn an_empty_span_points_at_the_next_character() {
        assert_eq!(excerpt("ab\n", &[(1, 1)]).1, ["b"]);
        assert_eq!(excerpt("", &[(0, 0)]).1, [""]);
    }

    proptest! {
        #[test]
        fn any_span_of_any_text_can_be_shown(text in "[a\u{1b}ü\n\r\t]{0,400}", start in 0usize..420, length in 0usize..50) {
            let (excerpt, labelled) = excerpt(&text, &[(start, start + length)]);
            prop_assert_eq!(labelled.len(), 1);
            let harmless = !excerpt.text.chars().any(|shown| shown.is_control() && !"\n\t".contains(shown));
            prop_assert!(harmless);
            let all = SourceSpan::new(excerpt.positions[0].0.into(), 0);
            prop_assert!(excerpt.read_span(&all, 1, 1).is_ok());
        }
    }
}
