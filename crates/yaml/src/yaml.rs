//! YAML: from events to the tree.
//!
//! In: text. Out: [`Parsed`]. Aliases share the tree of their anchor, and count as often as they are used.

use std::collections::BTreeMap;
use std::ops::Range;

use saphyr_parser::{Event, ScalarStyle};
use terravet_diagnostics::Diagnostic;
use terravet_source::{SourceFile, Span};

use crate::duplicates::DuplicateKeys;
use crate::events::{Events, Located, SyntaxError};
use crate::node::{Entry, Node, NodeKind, Style, Tag};
use crate::{MAX_DEPTH, Parsed};

/// The most values that a YAML text may have, keys included, aliases counted as often as they are used.
pub const MAX_YAML_NODES: usize = 1_000_000;

/// Parses a file as YAML.
#[must_use]
pub fn parse_yaml(file: &SourceFile) -> Parsed {
    let id = file.id();
    parse_yaml_text(file.text(), |range| Span::new(id, range))
}

/// Parses a text as YAML; `at` makes spans of byte ranges of the text.
#[must_use]
pub fn parse_yaml_text(text: &str, at: impl Fn(Range<usize>) -> Span) -> Parsed {
    let mut events = Events::new(text);
    let mut builder = Builder {
        text,
        at: &at,
        stack: Vec::new(),
        anchors: BTreeMap::new(),
        nodes: 0,
        documents: Vec::new(),
        duplicates: DuplicateKeys::new("yaml-duplicate-key"),
    };
    while let Some(event) = events.next() {
        let outcome = event.map_err(|error| builder.refuse_syntax(error)).and_then(|event| builder.event(event));
        if let Err(refusal) = outcome {
            let truncated = builder.nodes > MAX_YAML_NODES && builder.keep_what_is_complete();
            return Parsed { documents: builder.documents, truncated, diagnostics: vec![*refusal] };
        }
    }
    Parsed { documents: builder.documents, truncated: false, diagnostics: builder.duplicates.finish() }
}

/// What ends the parse. Boxed, since it is rare and large.
type Refusal = Box<Diagnostic>;

/// A collection whose end is still to come.
struct Open {
    start: usize,
    tag: Option<Tag>,
    anchor: usize,
    /// Whether it is written in brackets.
    bracket: bool,
    /// How many nodes it has so far, itself included.
    size: usize,
    parts: Parts,
}

enum Parts {
    Sequence(Vec<Node>),
    /// With the key whose value is still to come.
    Mapping(Vec<Entry>, Option<Node>),
}

struct Builder<'t> {
    text: &'t str,
    at: &'t dyn Fn(Range<usize>) -> Span,
    stack: Vec<Open>,
    /// The value of each anchor, and how many nodes it has.
    anchors: BTreeMap<usize, (Node, usize)>,
    nodes: usize,
    documents: Vec<Node>,
    duplicates: DuplicateKeys,
}

impl Builder<'_> {
    fn event(&mut self, located: Located<'_>) -> Result<(), Refusal> {
        let Located { event, range, tag } = located;
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::SingleQuoted,
                    ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                };
                let start = tag.as_ref().map_or(range.start, |tag| tag.start);
                let (span, tag) = ((self.at)(start..range.end), self.tag(tag));
                let node = Node { kind: NodeKind::Scalar { text: text.as_ref().into(), style }, span, tag };
                self.count(1, span)?;
                self.finished(node, anchor, 1);
                Ok(())
            }
            Event::SequenceStart(anchor, _) => self.open(Parts::Sequence(Vec::new()), range, tag, anchor),
            Event::MappingStart(anchor, _) => self.open(Parts::Mapping(Vec::new(), None), range, tag, anchor),
            Event::SequenceEnd | Event::MappingEnd => {
                self.close(range.end);
                Ok(())
            }
            Event::Alias(anchor) => self.alias(anchor, range),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn tag(&self, range: Option<Range<usize>>) -> Option<Tag> {
        let range = range?;
        Some(Tag { text: self.text[range.clone()].into(), span: (self.at)(range) })
    }

    fn open(
        &mut self,
        parts: Parts,
        range: Range<usize>,
        tag: Option<Range<usize>>,
        anchor: usize,
    ) -> Result<(), Refusal> {
        let start = tag.as_ref().map_or(range.start, |tag| tag.start);
        let span = (self.at)(start..range.end);
        if self.stack.len() >= MAX_DEPTH {
            return Err(too_deep(span));
        }
        self.count(1, span)?;
        self.stack.push(Open { start, tag: self.tag(tag), anchor, bracket: !range.is_empty(), size: 1, parts });
        Ok(())
    }

    fn close(&mut self, end: usize) {
        let Some(open) = self.stack.pop() else { return };
        let kind = match open.parts {
            Parts::Sequence(items) => NodeKind::Sequence(items.into()),
            Parts::Mapping(entries, _) => {
                self.duplicates.check(&entries);
                NodeKind::Mapping(entries.into())
            }
        };
        let node = Node { kind, span: (self.at)(open.start..end), tag: open.tag };
        self.finished(node, open.anchor, open.size);
    }

    /// Ends the document where it is too large: the outer two levels, as those of a template and its sections, keep the members that are
    /// complete. What is deeper would be half of something that means another thing as a whole. False where there is nothing to keep.
    fn keep_what_is_complete(&mut self) -> bool {
        self.stack.truncate(2);
        let is_any = !self.stack.is_empty();
        while !self.stack.is_empty() {
            self.close(self.text.len());
        }
        is_any
    }

    fn alias(&mut self, anchor: usize, range: Range<usize>) -> Result<(), Refusal> {
        let span = (self.at)(range);
        let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
            let message = "this is not YAML: the alias stands within the value that it refers to";
            return Err(Box::new(Diagnostic::error("yaml-syntax", span, message).with_help("write the value out")));
        };
        self.count(size, span)?;
        self.finished(node, 0, size);
        Ok(())
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Refusal> {
        self.nodes += nodes;
        if self.nodes <= MAX_YAML_NODES {
            return Ok(());
        }
        Err(limit(span, &format!("more than {MAX_YAML_NODES} values, with aliases expanded")))
    }

    /// A node is complete: it becomes part of what is open.
    fn finished(&mut self, node: Node, anchor: usize, size: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(open) = self.stack.last_mut() else {
            self.documents.push(node);
            return;
        };
        open.size += size;
        match &mut open.parts {
            Parts::Sequence(items) => items.push(node),
            Parts::Mapping(entries, key) => match key.take() {
                None => *key = Some(node),
                Some(key) => entries.push(Entry { key, value: node }),
            },
        }
    }

    fn refuse_syntax(&self, error: SyntaxError) -> Refusal {
        let SyntaxError { offset, message } = error;
        let place = |offset: usize| (self.at)(offset..offset);
        if message.contains("recursion limit") {
            return too_deep(place(offset));
        }
        if let Some(tab) = tab_in_indentation(self.text, offset) {
            let span = (self.at)(tab..tab + 1);
            let refusal = Diagnostic::error("yaml-syntax", span, "this is not YAML: a tab stands in the indentation");
            return Box::new(refusal.with_help("indent with spaces; YAML takes no tabs there"));
        }
        let refusal = Diagnostic::error("yaml-syntax", place(offset), format!("this is not YAML: {message}"))
            .with_help(help(&message));
        let bracket = self.stack.iter().rfind(|open| open.bracket);
        Box::new(match bracket {
            Some(open) => refusal.with_related(place(open.start), "within what is opened here"),
            None => refusal,
        })
    }
}

/// What to do about a complaint of the parser.
fn help(message: &str) -> &'static str {
    let helps = [
        ("mapping values are not allowed", "put quotes around text that holds `: `, or check the indentation"),
        ("simple key expect", "write `:` and a space between a key and its value, and check the indentation"),
        ("quoted scalar", "close the quote, and keep the lines of quoted text indented"),
        ("unknown anchor", "define the anchor (`&name`) before the alias (`*name`), or put quotes around the text"),
        ("expected ','", "close the bracket, or put a comma between the parts"),
        ("block mapping", "check the indentation: the keys of a mapping begin in one column"),
        ("block collection", "check the indentation: the `-` of a list begin in one column"),
        ("block scalar", "check the indentation of the text below `|` or `>`"),
        ("cannot start any token", "put quotes around text that begins with a special character"),
    ];
    let known = helps.iter().find(|(part, _)| message.contains(part));
    known.map_or("correct the syntax here; nothing from here on was judged", |(_, help)| help)
}

/// The first tab before the first other character of the line at `offset`, if it lies before the offset or at it.
fn tab_in_indentation(text: &str, offset: usize) -> Option<usize> {
    let start = text.get(..offset)?.rfind('\n').map_or(0, |newline| newline + 1);
    let indentation = text[start..].find(|character| !matches!(character, ' ' | '\t')).unwrap_or(text.len() - start);
    let tab = start + text[start..start + indentation].find('\t')?;
    (tab <= offset).then_some(tab)
}

fn too_deep(span: Span) -> Refusal {
    limit(span, &format!("nesting of more than {MAX_DEPTH} levels"))
}

fn limit(span: Span, what: &str) -> Refusal {
    let diagnostic = Diagnostic::error("yaml-limit", span, format!("this file exceeds a limit: {what}"));
    Box::new(diagnostic.with_help("split the file, or nest less; what stands here was not judged"))
}
