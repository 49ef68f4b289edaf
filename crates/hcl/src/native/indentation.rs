//! The common indentation that `<<-` takes from the lines of a heredoc.

use super::template::Part;

/// Takes from each line as many leading spaces as the least indented line has.
///
/// Lines count as they are written, before interpolation. A blank line does not count. Neither does a line whose
/// beginning a `~}` has trimmed away with the line break before it, since it no longer begins a line.
/// <https://developer.hashicorp.com/terraform/language/expressions/strings#indented-heredocs>
pub(super) fn flush(parts: &mut [Part<'_>]) {
    let mut beginnings = Vec::new();
    let mut least = usize::MAX;
    let mut begins_line = true;
    for (index, part) in parts.iter().enumerate() {
        let text = match part {
            Part::Literal(literal) => &*literal.text,
            _ => "",
        };
        if begins_line {
            let content = text.trim_start();
            if !(content.is_empty() && text.ends_with('\n')) {
                let spaces = text[..text.len() - content.len()].chars().count();
                least = least.min(spaces);
                beginnings.push(index);
            }
        }
        begins_line = text.ends_with('\n');
    }
    for index in beginnings {
        if let Part::Literal(literal) = &mut parts[index] {
            let length = literal.text.chars().take(least).map(char::len_utf8).sum();
            literal.drop_front(length);
        }
    }
}
