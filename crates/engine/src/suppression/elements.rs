//! The parts of a file that a comment can be about: blocks and arguments of Terraform, entries of templates.
//!
//! In: a file with its comments. Out: for a place and a [`Reach`], the parts that are meant.
//!
//! Invariants: elements are in the order of where they begin, those around others before these; what a comment reaches is found
//! in a time that does not grow with the file.

use std::sync::Arc;

use terravet_hcl::{Block, Body, Item};
use terravet_source::{SourceFile, Span};
use terravet_yaml::{Node, NodeKind};

use super::{Reach, Region};

/// The section of a template whose entries are resources.
const RESOURCES: &str = "Resources";

/// A block, an argument or an entry.
#[derive(Debug)]
struct Element {
    span: Span,
    /// Where the next one on its level begins, or the one around it ends: a comment before that belongs to it.
    end: u32,
    line: u32,
    /// Whether it is a resource, a data source, a module call or the like: nothing but the file is around it.
    is_whole: bool,
    call: Option<Arc<str>>,
    /// The element around it.
    parent: Option<usize>,
}

/// The elements of a file.
#[derive(Debug)]
pub(super) struct Elements {
    all: Vec<Element>,
    /// Those that nothing but the file is around.
    wholes: Vec<usize>,
    comments: Vec<Span>,
    /// For each comment the element that it stands before, with nothing but comments between.
    next: Vec<Option<usize>>,
}

impl Elements {
    /// Those of a file of Terraform.
    pub(super) fn of_terraform(file: &SourceFile, comments: Vec<Span>) -> Self {
        let mut elements = Self::new(comments);
        elements.body(file, &terravet_hcl::parse(file).body, true);
        elements.all.sort_by_key(|element| (element.span.start, std::cmp::Reverse(element.span.end)));
        elements.finish(file);
        elements
    }

    /// Those of a template.
    pub(super) fn of_template(file: &SourceFile, document: Option<&Node>, comments: Vec<Span>) -> Self {
        let mut elements = Self::new(comments);
        if let Some(document) = document {
            let end = u32::try_from(file.text().len()).unwrap_or(u32::MAX);
            elements.node(file, document, end, &[]);
        }
        elements.finish(file);
        elements
    }

    fn new(mut comments: Vec<Span>) -> Self {
        comments.sort_unstable();
        Self { all: Vec::new(), wholes: Vec::new(), next: vec![None; comments.len()], comments }
    }

    /// Once all elements are there: what is around each, and before which each comment stands.
    fn finish(&mut self, file: &SourceFile) {
        let mut around: Vec<usize> = Vec::new();
        for at in 0..self.all.len() {
            let span = self.all[at].span;
            while around.last().is_some_and(|last| !self.all[*last].span.contains(span)) {
                around.pop();
            }
            self.all[at].parent = around.last().copied();
            around.push(at);
        }
        self.wholes = (0..self.all.len()).filter(|at| self.all[*at].is_whole).collect();
        for (at, comment) in self.comments.iter().enumerate().rev() {
            let after = self.all.partition_point(|element| element.span.start < comment.end);
            let Some(element) = self.all.get(after) else { continue };
            let other = self.comments.get(at + 1).filter(|other| other.end <= element.span.start);
            let until = other.map_or(element.span.start, |other| other.start);
            let gap = file.slice(Span { start: comment.end, end: until.max(comment.end), ..*comment });
            // The dash of a list stands before its element.
            let is_empty = gap.chars().all(|character| character.is_whitespace() || character == '-');
            self.next[at] = if other.is_some() { self.next[at + 1] } else { Some(after) }.filter(|_| is_empty);
        }
    }

    fn body(&mut self, file: &SourceFile, body: &Body, is_whole: bool) {
        for item in body.items() {
            let (span, call) = match item {
                Item::Attribute(attribute) => (attribute.span, None),
                Item::Block(block) => (block.span, called(block).filter(|_| is_whole)),
            };
            let line = file.lines().line(span.start);
            self.all.push(Element { span, end: span.end, line, is_whole, call, parent: None });
            if let Item::Block(block) = item {
                self.body(file, &block.body, false);
            }
        }
    }

    /// The recursion ends where the parser's limit of nesting does.
    fn node(&mut self, file: &SourceFile, node: &Node, end: u32, path: &[&str]) {
        match &node.kind {
            NodeKind::Mapping(entries) => {
                for (at, entry) in entries.iter().enumerate() {
                    let key = entry.key.as_str().unwrap_or_default();
                    let next = entries.get(at + 1).map_or(end, |next| next.key.span.start);
                    let line = file.lines().line(entry.key.span.start);
                    let is_whole = *path == [RESOURCES] || (path.is_empty() && key != RESOURCES);
                    self.all.push(Element { span: entry.span(), end: next, line, is_whole, call: None, parent: None });
                    // An alias stands for what is written elsewhere.
                    if entry.value.span.start >= entry.key.span.end {
                        let inner: &[&str] = if path.is_empty() { &[key] } else { &["", ""] };
                        self.node(file, &entry.value, next, inner);
                    }
                }
            }
            NodeKind::Sequence(items) => {
                for (at, item) in items.iter().enumerate() {
                    let next = items.get(at + 1).map_or(end, |next| next.span.start);
                    let line = file.lines().line(item.span.start);
                    self.all.push(Element {
                        span: item.span,
                        end: next,
                        line,
                        is_whole: false,
                        call: None,
                        parent: None,
                    });
                    self.node(file, item, next, &["", ""]);
                }
            }
            NodeKind::Scalar { .. } => {}
        }
    }

    /// What a comment reaches.
    pub(super) fn regions(&self, file: &SourceFile, comment: Span, reach: Reach) -> Vec<Region> {
        let line = file.lines().line(comment.start);
        match reach {
            Reach::File => {
                vec![Region { span: Span::new(file.id(), 0..file.text().len()), line_only: false, call: None }]
            }
            Reach::Around => self.around(comment).into_iter().collect(),
            Reach::NextLine => vec![line_of(file, line + 1)],
            Reach::Next => self.next(comment).into_iter().collect(),
            Reach::Here if stands_alone(file, comment) => {
                // In JSON a comment is a property, and so about what it stands in.
                let inside = || self.innermost(comment).filter(|_| is_json(file));
                self.next(comment).or_else(inside).into_iter().collect()
            }
            Reach::Here => {
                let at = self.all.partition_point(|element| element.line < line);
                let first = self.all.get(at).filter(|it| it.line == line && it.span.start < comment.start);
                first.map(Element::region).into_iter().chain([line_of(file, line)]).collect()
            }
        }
    }

    /// The resource or call that a comment stands in. They do not overlap.
    fn around(&self, comment: Span) -> Option<Region> {
        let after = self.wholes.partition_point(|at| self.all[*at].span.start <= comment.start);
        let element = &self.all[*self.wholes.get(after.checked_sub(1)?)?];
        (comment.start < element.end.max(element.span.end)).then(|| element.region())
    }

    /// The smallest element around a comment.
    fn innermost(&self, comment: Span) -> Option<Region> {
        let mut at = self.all.partition_point(|element| element.span.start <= comment.start).checked_sub(1)?;
        while !self.all[at].span.contains(comment) {
            at = self.all[at].parent?;
        }
        Some(self.all[at].region())
    }

    /// The element that a comment stands before, with nothing but comments between.
    fn next(&self, comment: Span) -> Option<Region> {
        let at = self.comments.binary_search(&comment).ok()?;
        Some(self.all[self.next[at]?].region())
    }
}

impl Element {
    fn region(&self) -> Region {
        Region { span: self.span, line_only: false, call: self.call.clone() }
    }
}

/// The name of the module that a block calls.
fn called(block: &Block) -> Option<Arc<str>> {
    if &*block.kind.name != "module" {
        return None;
    }
    block.labels.first().map(|label| Arc::clone(&label.text))
}

fn is_json(file: &SourceFile) -> bool {
    file.path().extension().is_some_and(|extension| extension == "json")
}

/// Whether nothing stands before a comment on its line; in JSON always, since it is a property there.
fn stands_alone(file: &SourceFile, comment: Span) -> bool {
    let before = file.text()[..comment.range().start].trim_end_matches(|c: char| c.is_whitespace() && c != '\n');
    is_json(file) || before.is_empty() || before.ends_with('\n')
}

/// A line as a region in which findings begin.
fn line_of(file: &SourceFile, line: u32) -> Region {
    let end = u32::try_from(file.text().len()).unwrap_or(u32::MAX);
    let start = |line| file.lines().line_start(line).unwrap_or(end);
    let range = start(line) as usize..start(line + 1) as usize;
    Region { span: Span::new(file.id(), range), line_only: true, call: None }
}
