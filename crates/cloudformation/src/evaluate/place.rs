//! Where the characters of a scalar stand in its file.
//!
//! In: a scalar and the text of its file. Out: spans for byte ranges of the scalar's value: exact where the source has the
//! value byte by byte, or line by line as a literal block (`|`) has; the whole scalar where escapes or folding come between.

use std::ops::Range;

use terravet_graph::{Content, Value};
use terravet_source::Span;
use terravet_yaml::{Node, NodeKind, Style};

use super::Evaluator;

/// Where the characters of one scalar stand.
pub(super) struct Place {
    whole: Span,
    /// The stretches that stand in the source byte by byte, each with where it begins in the value, in order. Together
    /// they are the value but for line breaks between them; none where the places are not known.
    stretches: Vec<(usize, Span)>,
}

impl Place {
    pub(super) fn of(evaluator: &Evaluator<'_>, node: &Node) -> Self {
        let source = evaluator.template.slice(node.span);
        let stretches = match &node.kind {
            NodeKind::Scalar { text, style: Style::Literal } => lines(source, text, node.span).unwrap_or_default(),
            NodeKind::Scalar { text, .. } => {
                let quotes = usize::from(source.starts_with(['"', '\'']));
                let inside = source.get(quotes..source.len().saturating_sub(quotes));
                let is_plain = inside == Some(text);
                is_plain.then(|| (0, node.span.slice(quotes, quotes + text.len()))).into_iter().collect()
            }
            _ => Vec::new(),
        };
        Self { whole: node.span, stretches }
    }

    /// Where a range of the value stands.
    pub(super) fn at(&self, range: &Range<usize>) -> Span {
        let last = range.end.saturating_sub(1).max(range.start);
        match (self.stretch_of(range.start), self.stretch_of(last)) {
            (Some((begin, first)), Some((end_begin, end))) => {
                let start = first.slice(range.start - begin, range.end.saturating_sub(begin).min(length(first)));
                if begin == end_begin { start } else { start.to(end.slice(0, range.end - end_begin)) }
            }
            _ => self.whole,
        }
    }

    /// A range of the value as text: in pieces of one line each, where the places of the lines are known.
    pub(super) fn pieces(&self, text: &str, range: &Range<usize>) -> Vec<Value> {
        let part = text.get(range.clone()).unwrap_or_default();
        if self.stretches.len() < 2 {
            return vec![Value::string(part).written_at(self.at(range))];
        }
        let mut start = range.start;
        part.split_inclusive('\n')
            .map(|line| {
                let own = start..start + line.len();
                start = own.end;
                Value::string(line).written_at(self.at(&own))
            })
            .collect()
    }

    fn stretch_of(&self, offset: usize) -> Option<(usize, Span)> {
        let after = self.stretches.partition_point(|(begin, _)| *begin <= offset);
        self.stretches.get(after.checked_sub(1)?).copied()
    }
}

/// The text of a scalar, which knows the places of its lines where it is a block of several.
pub(super) fn text(evaluator: &Evaluator<'_>, node: &Node, text: &str) -> Value {
    let value = Value::string(text);
    if !matches!(&node.kind, NodeKind::Scalar { style: Style::Literal, .. }) {
        return value;
    }
    match Place::of(evaluator, node).pieces(text, &(0..text.len())) {
        pieces if pieces.len() > 1 => value.with_content(Content::Pieces(pieces)),
        _ => value,
    }
}

/// The lines of a literal block, with their line breaks. None where the source is not what makes the value.
fn lines(source: &str, text: &str, span: Span) -> Option<Vec<(usize, Span)>> {
    let mut written = source.split_inclusive('\n');
    let mut offset = written.next()?.len();
    let mut begin = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        // The value may end in line breaks that the span of the scalar leaves out.
        let source_line = written.next().unwrap_or_default();
        let content = source_line.trim_end_matches(['\n', '\r']);
        let bare = line.trim_end_matches('\n');
        let indentation = content.strip_suffix(bare);
        let indentation = indentation.or_else(|| bare.trim().is_empty().then_some(content))?;
        if !indentation.trim().is_empty() {
            return None;
        }
        let start = offset + indentation.len();
        found.push((begin, span.slice(start, start + line.len().min(source_line.len() - indentation.len()))));
        begin += line.len();
        offset += source_line.len();
    }
    Some(found)
}

fn length(span: Span) -> usize {
    span.range().len()
}
