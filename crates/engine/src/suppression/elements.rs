//! What a comment reaches: of the elements of a file, those that it is about.
//!
//! In: the annotations of a file. Out: for a comment and a [`Reach`], the parts of the file that are meant.

use terravet_frontend::annotations::{Annotations, Comment, Element};
use terravet_source::{SourceFile, Span};

use super::{Reach, Region};

/// The elements and comments of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Elements<'a> {
    file: &'a SourceFile,
    annotations: &'a Annotations,
}

impl<'a> Elements<'a> {
    pub(super) fn new(file: &'a SourceFile, annotations: &'a Annotations) -> Self {
        Self { file, annotations }
    }

    /// What a comment reaches.
    pub(super) fn regions(&self, comment: &Comment, reach: Reach) -> Vec<Region> {
        let file = self.file;
        let line = file.position(comment.span.start).line;
        match reach {
            Reach::File => {
                let span = Span::new(file.id(), 0..file.text().len());
                vec![Region { span, line_only: false, creates: None }]
            }
            Reach::Around => self.around(comment.span).into_iter().collect(),
            Reach::NextLine => vec![line_of(file, line + 1)],
            Reach::Next => self.next(comment.span).into_iter().collect(),
            Reach::Here if comment.is_entry || stands_alone(file, comment.span) => {
                // A comment that is an entry is about what it stands in.
                let mut around = self.annotations.elements.iter().rev();
                let inside = || around.find(|element| element.span.contains(comment.span)).map(region);
                self.next(comment.span).or_else(|| inside().filter(|_| comment.is_entry)).into_iter().collect()
            }
            Reach::Here => {
                let begins_here =
                    |element: &&Element| element.span.start < comment.span.start && self.line(element) == line;
                let first = self.annotations.elements.iter().find(begins_here);
                first.map(region).into_iter().chain([line_of(file, line)]).collect()
            }
        }
    }

    fn line(&self, element: &Element) -> u32 {
        self.file.position(element.span.start).line
    }

    /// The resource or call that a comment stands in.
    fn around(&self, comment: Span) -> Option<Region> {
        let holds = |element: &&Element| {
            element.is_whole && element.span.start <= comment.start && comment.start < element.end.max(element.span.end)
        };
        self.annotations.elements.iter().rev().find(holds).map(region)
    }

    /// The element that a comment stands before, with nothing but comments between.
    fn next(&self, comment: Span) -> Option<Region> {
        let Annotations { elements, comments, .. } = self.annotations;
        let at = elements.partition_point(|element| element.span.start < comment.end);
        let element = elements.get(at)?;
        let mut from = comment.end;
        let spans = comments.iter().map(|other| other.span);
        let between = spans.filter(|other| comment.end <= other.start && other.end <= element.span.start);
        for other in between.map(Some).chain([None]) {
            let until = other.map_or(element.span.start, |other| other.start);
            let gap = self.file.slice(Span { start: from, end: until, ..comment });
            // The dash of a list stands before its element.
            if !gap.chars().all(|character| character.is_whitespace() || character == '-') {
                return None;
            }
            from = other.map_or(until, |other| other.end);
        }
        Some(region(element))
    }
}

fn region(element: &Element) -> Region {
    Region { span: element.span, line_only: false, creates: element.creates.clone() }
}

/// Whether nothing stands before a comment on its line.
fn stands_alone(file: &SourceFile, comment: Span) -> bool {
    let before = &file.text()[..comment.range().start];
    let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    line.trim().is_empty()
}

/// A line as a region in which findings begin.
fn line_of(file: &SourceFile, line: u32) -> Region {
    let end = u32::try_from(file.text().len()).unwrap_or(u32::MAX);
    let start = |line| file.lines().line_start(line).unwrap_or(end);
    let range = start(line) as usize..start(line + 1) as usize;
    Region { span: Span::new(file.id(), range), line_only: true, creates: None }
}
