//! The parts of a file that a comment can be about: blocks and arguments of Terraform, entries of templates.
//!
//! In: a file with its comments. Out: for a place and a [`Reach`], the parts that are meant.
//!
//! Invariant: elements are in the order of where they begin, those around others before these.

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
}

/// The elements of a file.
#[derive(Debug)]
pub(super) struct Elements {
    all: Vec<Element>,
    comments: Vec<Span>,
}

impl Elements {
    /// Those of a file of Terraform.
    pub(super) fn of_terraform(file: &SourceFile, comments: Vec<Span>) -> Self {
        let mut elements = Self { all: Vec::new(), comments };
        elements.body(file, &terravet_hcl::parse(file).body, true);
        elements.all.sort_by_key(|element| (element.span.start, std::cmp::Reverse(element.span.end)));
        elements
    }

    /// Those of a template.
    pub(super) fn of_template(file: &SourceFile, document: Option<&Node>, comments: Vec<Span>) -> Self {
        let mut elements = Self { all: Vec::new(), comments };
        if let Some(document) = document {
            let end = u32::try_from(file.text().len()).unwrap_or(u32::MAX);
            elements.node(file, document, end, &[]);
        }
        elements
    }

    fn body(&mut self, file: &SourceFile, body: &Body, is_whole: bool) {
        for item in body.items() {
            let (span, call) = match item {
                Item::Attribute(attribute) => (attribute.span, None),
                Item::Block(block) => (block.span, called(block).filter(|_| is_whole)),
            };
            let line = file.position(span.start).line;
            self.all.push(Element { span, end: span.end, line, is_whole, call });
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
                    let line = file.position(entry.key.span.start).line;
                    let is_whole = *path == [RESOURCES] || (path.is_empty() && key != RESOURCES);
                    self.all.push(Element { span: entry.span(), end: next, line, is_whole, call: None });
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
                    let line = file.position(item.span.start).line;
                    self.all.push(Element { span: item.span, end: next, line, is_whole: false, call: None });
                    self.node(file, item, next, &["", ""]);
                }
            }
            NodeKind::Scalar { .. } => {}
        }
    }

    /// What a comment reaches.
    pub(super) fn regions(&self, file: &SourceFile, comment: Span, reach: Reach) -> Vec<Region> {
        let line = file.position(comment.start).line;
        match reach {
            Reach::File => {
                vec![Region { span: Span::new(file.id(), 0..file.text().len()), line_only: false, call: None }]
            }
            Reach::Around => self.around(comment).into_iter().collect(),
            Reach::NextLine => vec![line_of(file, line + 1)],
            Reach::Next => self.next(file, comment).into_iter().collect(),
            Reach::Here if stands_alone(file, comment) => {
                // In JSON a comment is a property, and so about what it stands in.
                let inside =
                    || self.all.iter().rev().find(|element| element.span.contains(comment)).map(Element::region);
                self.next(file, comment).or_else(|| inside().filter(|_| is_json(file))).into_iter().collect()
            }
            Reach::Here => {
                let first = self.all.iter().find(|element| element.line == line && element.span.start < comment.start);
                first.map(Element::region).into_iter().chain([line_of(file, line)]).collect()
            }
        }
    }

    /// The resource or call that a comment stands in.
    fn around(&self, comment: Span) -> Option<Region> {
        let holds = |element: &&Element| {
            element.is_whole && element.span.start <= comment.start && comment.start < element.end.max(element.span.end)
        };
        self.all.iter().rev().find(holds).map(Element::region)
    }

    /// The element that a comment stands before, with nothing but comments between.
    fn next(&self, file: &SourceFile, comment: Span) -> Option<Region> {
        let at = self.all.partition_point(|element| element.span.start < comment.end);
        let element = self.all.get(at)?;
        let mut from = comment.end;
        let between =
            self.comments.iter().filter(|other| comment.end <= other.start && other.end <= element.span.start);
        for other in between.map(Some).chain([None]) {
            let until = other.map_or(element.span.start, |other| other.start);
            let gap = file.slice(Span { start: from, end: until, ..comment });
            // The dash of a list stands before its element.
            if !gap.chars().all(|character| character.is_whitespace() || character == '-') {
                return None;
            }
            from = other.map_or(until, |other| other.end);
        }
        Some(element.region())
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
    let before = &file.text()[..comment.range().start];
    let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    is_json(file) || line.trim().is_empty()
}

/// A line as a region in which findings begin.
fn line_of(file: &SourceFile, line: u32) -> Region {
    let end = u32::try_from(file.text().len()).unwrap_or(u32::MAX);
    let start = |line| file.lines().line_start(line).unwrap_or(end);
    let range = start(line) as usize..start(line + 1) as usize;
    Region { span: Span::new(file.id(), range), line_only: true, call: None }
}
