//! The comments of a YAML text, for suppressions that people write in them.

use terravet_source::{SourceFile, Span};

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The text after `#`.
    pub text: String,
    /// From `#` to the end of the line.
    pub span: Span,
}

/// All comments of a file, in order. What stands in quotes on one line is no comment; a `#` inside a block scalar
/// may be taken for one.
#[must_use]
pub fn comments(file: &SourceFile) -> Vec<Comment> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in file.text().split_inclusive('\n') {
        let content = line.trim_end();
        if let Some(at) = comment_start(content) {
            let span = Span::new(file.id(), start + at..start + content.len());
            found.push(Comment { text: content[at + 1..].to_owned(), span });
        }
        start += line.len();
    }
    found
}

fn comment_start(line: &str) -> Option<usize> {
    let (mut quote, mut before) = (None, ' ');
    for (at, character) in line.char_indices() {
        match (quote, character) {
            (None, '#') if before.is_whitespace() => return Some(at),
            (None, '"' | '\'') if before.is_whitespace() || matches!(before, '[' | '{' | ',' | ':') => {
                quote = Some(character);
            }
            (Some(open), _) if open == character && before != '\\' => quote = None,
            _ => {}
        }
        before = character;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_starts_after_white_space_and_outside_quotes() {
        assert_eq!(comment_start("a: b # c"), Some(5));
        assert_eq!(comment_start("a: 'b # c'"), None);
        assert_eq!(comment_start("a: b#c"), None);
        assert_eq!(comment_start("# c"), Some(0));
    }
}
