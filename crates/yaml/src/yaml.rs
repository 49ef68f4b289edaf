//! YAML, through the events of `saphyr-parser`.

use std::collections::BTreeMap;
use std::ops::Range;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span as EventSpan, Tag as EventTag};
use terravet_diagnostics::Diagnostic;
use terravet_source::{SourceFile, Span};

use crate::Parsed;
use crate::json::duplicate_keys;
use crate::node::{Entry, Node, NodeKind, Style, Tag};

/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 200;
/// The most nodes that a file may have, aliases counted as often as they are used.
pub const MAX_NODES: usize = 1_000_000;
/// How many characters lie between two remembered byte offsets.
const STRIDE: usize = 64;

/// Parses a file as YAML.
#[must_use]
pub fn parse_yaml(file: &SourceFile) -> Parsed {
    let id = file.id();
    parse_yaml_text(file.text(), &|range| Span::new(id, range))
}

/// Parses a text as YAML; `at` makes spans of byte ranges of the text.
#[must_use]
pub fn parse_yaml_text(text: &str, at: &dyn Fn(Range<usize>) -> Span) -> Parsed {
    let mut builder = Builder {
        text,
        at,
        offsets: Offsets::new(text),
        stack: Vec::new(),
        anchors: BTreeMap::new(),
        nodes: 0,
        parsed: Parsed::default(),
    };
    for event in Parser::new_from_str(text) {
        let proceed = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                builder.refuse_syntax(*error.marker(), error.info());
                false
            }
        };
        if !proceed {
            break;
        }
    }
    let Builder { mut parsed, .. } = builder;
    if parsed.diagnostics.is_empty() {
        let mut duplicates = Vec::new();
        parsed.documents.iter().for_each(|document| duplicate_keys(document, "yaml-duplicate-key", &mut duplicates));
        parsed.diagnostics = duplicates;
    }
    parsed
}

/// From counts of characters, which the parser gives, to byte offsets.
enum Offsets {
    /// One byte a character.
    Ascii(usize),
    /// The byte offset of every [`STRIDE`]th character.
    Sparse(Vec<usize>),
}

impl Offsets {
    fn new(text: &str) -> Self {
        if text.is_ascii() {
            return Self::Ascii(text.len());
        }
        Self::Sparse(text.char_indices().step_by(STRIDE).map(|(offset, _)| offset).collect())
    }

    fn byte(&self, text: &str, character: usize) -> usize {
        match self {
            Self::Ascii(length) => character.min(*length),
            Self::Sparse(offsets) => {
                let Some(start) = offsets.get(character / STRIDE) else { return text.len() };
                let rest = &text[*start..];
                rest.char_indices().nth(character % STRIDE).map_or(text.len(), |(offset, _)| start + offset)
            }
        }
    }
}

/// A collection that is still open.
struct Open {
    node: Node,
    anchor: usize,
    /// The key whose value is still to come.
    key: Option<Node>,
}

struct Builder<'t> {
    text: &'t str,
    at: &'t dyn Fn(Range<usize>) -> Span,
    offsets: Offsets,
    stack: Vec<Open>,
    anchors: BTreeMap<usize, (Node, usize)>,
    nodes: usize,
    parsed: Parsed,
}

impl Builder<'_> {
    /// Takes one event; false ends the parse.
    fn event(&mut self, event: Event<'_>, span: EventSpan) -> bool {
        let range = self.offsets.byte(self.text, span.start.index())..self.offsets.byte(self.text, span.end.index());
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::SingleQuoted,
                    ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                };
                let range = self.trimmed(range);
                let node = self.node(NodeKind::Scalar { text: text.as_ref().into(), style }, range, tag.as_deref());
                self.finished(node, anchor, 1)
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(NodeKind::Sequence(Vec::new()), range, anchor, tag.as_deref())
            }
            Event::MappingStart(anchor, tag) => self.open(NodeKind::Mapping(Vec::new()), range, anchor, tag.as_deref()),
            Event::SequenceEnd | Event::MappingEnd => self.close(range),
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some((node, size)) => self.finished(node, 0, size),
                None => {
                    let place = (self.at)(range);
                    let message = "this alias refers to an anchor that it is part of";
                    self.parsed.diagnostics.push(Diagnostic::error("yaml-syntax", place, message));
                    false
                }
            },
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                true
            }
        }
    }

    /// The range without white space and line ends at its end, which block scalars and plain ones may carry.
    fn trimmed(&self, range: Range<usize>) -> Range<usize> {
        let text = self.text.get(range.clone()).unwrap_or_default();
        range.start..range.start + text.trim_end().len()
    }

    fn node(&self, kind: NodeKind, range: Range<usize>, tag: Option<&EventTag>) -> Node {
        let Some(tag) = tag else { return Node { kind, span: (self.at)(range), tag: None } };
        let text = if tag.handle == "!" || tag.handle.is_empty() {
            format!("!{}", tag.suffix)
        } else {
            format!("{}{}", tag.handle, tag.suffix)
        };
        // The tag stands before the value, perhaps on the line above; the parser counts it in where they share a line.
        let included = self.text.get(range.start..).is_some_and(|rest| rest.starts_with(&text));
        let before = || self.text.get(..range.start).and_then(|before| before.rfind(&text));
        let start = if included { Some(range.start) } else { before() };
        let tag_range = start.map_or(range.start..range.start, |start| start..start + text.len());
        let span = (self.at)(tag_range.start..range.end.max(tag_range.end));
        Node { kind, span, tag: Some(Tag { text: text.into(), span: (self.at)(tag_range) }) }
    }

    fn open(&mut self, kind: NodeKind, range: Range<usize>, anchor: usize, tag: Option<&EventTag>) -> bool {
        let node = self.node(kind, range, tag);
        if self.stack.len() >= MAX_DEPTH {
            return self.limit(node.span, &format!("nesting of more than {MAX_DEPTH} levels"));
        }
        self.stack.push(Open { node, anchor, key: None });
        true
    }

    fn close(&mut self, range: Range<usize>) -> bool {
        let Some(mut open) = self.stack.pop() else { return true };
        // A flow collection ends at its bracket, a block where its last part ends.
        let bracket = matches!(self.text.as_bytes().get(range.start), Some(b']' | b'}'));
        let last = match &open.node.kind {
            NodeKind::Sequence(items) => items.last().map(|item| item.span),
            NodeKind::Mapping(entries) => entries.last().map(Entry::span),
            NodeKind::Scalar { .. } => None,
        };
        let end = if bracket && range.end > range.start { Some((self.at)(range)) } else { last };
        if let Some(end) = end {
            // An aliased last part lies elsewhere, even before.
            open.node.span.end = open.node.span.end.max(end.end);
        }
        let size = size_of(&open.node);
        self.finished(open.node, open.anchor, size)
    }

    /// A node is complete: it becomes part of what is open.
    fn finished(&mut self, node: Node, anchor: usize, size: usize) -> bool {
        // What was counted when its parts were finished is not counted again, except for aliases.
        self.nodes += if matches!(node.kind, NodeKind::Scalar { .. }) || anchor == 0 { size.max(1) } else { 1 };
        if self.nodes > MAX_NODES {
            return self.limit(node.span, &format!("more than {MAX_NODES} values after aliases are expanded"));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.stack.last_mut() {
            None => self.parsed.documents.push(node),
            Some(open) => match &mut open.node.kind {
                NodeKind::Sequence(items) => items.push(node),
                NodeKind::Mapping(entries) => match open.key.take() {
                    None => open.key = Some(node),
                    Some(key) => entries.push(Entry { key, value: node }),
                },
                NodeKind::Scalar { .. } => {}
            },
        }
        true
    }

    fn limit(&mut self, span: Span, what: &str) -> bool {
        let diagnostic = Diagnostic::error("yaml-limit", span, format!("this file exceeds a limit: {what}"))
            .with_help("nothing in this file was judged; split it or take the nesting away");
        self.parsed.diagnostics.push(diagnostic);
        self.parsed.documents.clear();
        false
    }

    fn refuse_syntax(&mut self, marker: Marker, info: &str) {
        let offset = self.offsets.byte(self.text, marker.index());
        if info.contains("recursion limit") {
            self.limit((self.at)(offset..offset), &format!("nesting of more than {MAX_DEPTH} levels"));
            return;
        }
        let tab = self.text.get(offset..).is_some_and(|rest| rest.starts_with('\t'));
        let help = if tab {
            "YAML is indented with spaces, never with tabs"
        } else {
            "mend the syntax here; nothing from here on was judged"
        };
        let place = (self.at)(offset..offset);
        let diagnostic = Diagnostic::error("yaml-syntax", place, format!("this is not YAML: {info}")).with_help(help);
        self.parsed.diagnostics.push(diagnostic);
    }
}

/// How many nodes there are in a tree, itself included.
fn size_of(node: &Node) -> usize {
    match &node.kind {
        NodeKind::Scalar { .. } => 1,
        NodeKind::Sequence(items) => 1 + items.iter().map(size_of).sum::<usize>(),
        NodeKind::Mapping(entries) => {
            1 + entries.iter().map(|entry| size_of(&entry.key) + size_of(&entry.value)).sum::<usize>()
        }
    }
}
