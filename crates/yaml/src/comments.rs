//! The comments of a YAML text, for suppressions that people write in them.

use std::ops::Range;

use saphyr_parser::Event;
use terravet_source::{SourceFile, Span};

use crate::events::Events;

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The text after `#`.
    pub text: String,
    /// From `#` to the end of the line.
    pub span: Span,
}

/// All comments of a file, in order. A `#` in quotes or in a block scalar begins none. Past a syntax error, every `#`
/// after white space is taken for one.
#[must_use]
pub fn comments(file: &SourceFile) -> Vec<Comment> {
    let text = file.text();
    let mut found = Vec::new();
    let mut start = 0;
    for scalar in scalars(text) {
        between(text, start..scalar.start, &mut found);
        start = start.max(scalar.end);
    }
    between(text, start..text.len(), &mut found);
    let comment = |range: Range<usize>| Comment {
        text: text[range.start + 1..range.end].to_owned(),
        span: Span::new(file.id(), range),
    };
    found.into_iter().map(comment).collect()
}

/// Where the scalars stand. That of a block scalar begins after its header, which may have a comment.
fn scalars(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !text.contains('#') {
        return found;
    }
    let mut events = Events::new(text);
    while let Some(Ok(located)) = events.next() {
        let Event::Scalar(..) = located.event else { continue };
        let range = located.range;
        let block = matches!(text.as_bytes().get(range.start), Some(b'|' | b'>'));
        let header = if block { text[range.clone()].find('\n').unwrap_or(range.len()) } else { 0 };
        found.push(range.start + header..range.end);
    }
    found
}

/// Adds the comments in a stretch without scalars.
fn between(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let mut at = range.start;
    while at < range.end
        && let Some(hash) = text[at..range.end].find('#')
    {
        let hash = at + hash;
        let begins = text[..hash].chars().next_back().is_none_or(char::is_whitespace);
        if !begins {
            at = hash + 1;
            continue;
        }
        let end = text[hash..].find(['\n', '\r']).map_or(text.len(), |length| hash + length);
        found.push(hash..end);
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use terravet_source::{Memory, Sources};

    fn texts(text: &str) -> Vec<String> {
        let file = Sources::new(Arc::new(Memory::default())).add(Path::new("a.yaml"), text);
        let found = comments(&file);
        assert!(found.iter().all(|comment| file.slice(comment.span) == format!("#{}", comment.text)));
        found.into_iter().map(|comment| comment.text).collect()
    }

    #[test]
    fn a_comment_begins_after_white_space() {
        assert_eq!(texts("# one\na: b # two\nc: d#e\r\n- f\n"), [" one", " two"]);
        assert_eq!(texts("a: [b, # one\r\n  c]\r\n"), [" one"]);
    }

    #[test]
    fn quotes_and_block_scalars_hold_none() {
        assert_eq!(texts("a: 'x # y\n  z # y' # one\nb: it's # two\n"), [" one", " two"]);
        assert_eq!(texts("a: | # one\n  x # y\n  # z\n# two\nb: !Sub >- # three\n  # x\n"), [" one", " two", " three"]);
    }

    #[test]
    fn comments_are_found_past_a_syntax_error() {
        assert_eq!(texts("a: b # one\nc: [ # two\n\nd: }\n# three\n"), [" one", " two", " three"]);
    }
}
