//! Text of scanned files made harmless for whoever shows it.
//!
//! A file may hold escape sequences that move the cursor, rename the window or hide text, and characters that reorder what is
//! read (CVE-2021-42574). Here each such character becomes a visible symbol. A log of continuous integration also acts on
//! plain text: `::name` at the beginning of a line and `##[name]` anywhere are commands
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>,
//! <https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>). There one character becomes another that looks
//! alike. Everything else stays, and so does the number of characters.

use std::borrow::Cow;

/// What stands for a character that has no picture of its own.
const REPLACEMENT: char = '\u{fffd}';
/// What stands for the bracket of a command.
pub(crate) const BRACKET: char = '\u{27e6}';

/// The visible stand-in for a character that a terminal would act on, or that hides or reorders text.
pub(crate) fn symbol(character: char) -> Option<char> {
    match character {
        // The Unicode block of control pictures has the symbols in the order of the codes.
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)),
        '\u{7f}' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}' => Some(REPLACEMENT),
        // Joiners, directional marks, embeddings, isolates, invisible operators, tags.
        '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e007f}' => Some(REPLACEMENT),
        _ => None,
    }
}

/// The text on one line: line breaks and tabs become symbols too.
#[must_use]
pub fn inline(text: &str) -> Cow<'_, str> {
    if text.chars().any(|character| symbol(character).is_some()) {
        let visible: String = text.chars().map(|character| symbol(character).unwrap_or(character)).collect();
        Cow::Owned(without_commands(&visible).into_owned())
    } else {
        without_commands(text)
    }
}

/// The text without what a log would take for a command. Words may come to stand at the beginning of a line, so what begins a
/// word counts.
fn without_commands(text: &str) -> Cow<'_, str> {
    let places: Vec<(usize, char)> = commands(text).collect();
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut harmless = String::with_capacity(text.len() + 2 * places.len());
    let mut from = 0;
    for (at, alike) in places {
        harmless.push_str(&text[from..at]);
        harmless.push(alike);
        from = at + 1;
    }
    harmless.push_str(&text[from..]);
    Cow::Owned(harmless)
}

/// Where text holds the last character of what begins a command, and what looks alike. Each is one byte.
fn commands(text: &str) -> impl Iterator<Item = (usize, char)> {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().filter_map(move |(at, byte)| match byte {
        b'[' if text[..at].ends_with("##") => Some((at, BRACKET)),
        b':' if text[..at].ends_with(':') && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic) => {
            let before = &text[..at - 1];
            (before.is_empty() || before.ends_with(char::is_whitespace)).then_some((at, '\u{a789}'))
        }
        _ => None,
    })
}

/// Where text holds the bracket of a command that counts anywhere on a line.
pub(crate) fn bracket_commands(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices("##[").map(|(at, found)| at + found.len() - 1)
}

/// A line of source: as [`inline`], but tabs stay, since they are what indents, and so do colons, since something stands before
/// the line. What becomes of a character depends on those before it alone, so that a line may be written in parts.
pub(crate) fn source_line(text: &str, into: &mut String) {
    let mut brackets = bracket_commands(text).peekable();
    into.extend(text.char_indices().map(|(at, character)| match character {
        '\t' => '\t',
        _ if brackets.next_if_eq(&at).is_some() => BRACKET,
        _ => symbol(character).unwrap_or(character),
    }));
}

/// The text on one line, cut to `most` characters.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    let inline = inline(text);
    match inline.char_indices().nth(most) {
        None => inline.into_owned(),
        Some(_) => inline.chars().take(most.saturating_sub(1)).chain(std::iter::once('…')).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_would_act_on_becomes_visible() {
        assert_eq!(inline("a\u{1b}[31mb\r\nc\u{9b}d\u{202e}e\u{7f}"), "a␛[31mb␍␊c\u{fffd}d\u{fffd}e␡");
        assert_eq!(inline("grün 日本"), "grün 日本");
        assert_eq!(clipped("abcdef", 4), "abc…");
        assert_eq!(clipped("abcd", 4), "abcd");
    }

    #[test]
    fn what_a_log_would_act_on_stays_text() {
        assert_eq!(inline("::error file=x::boo"), ":\u{a789}error file=x::boo");
        assert_eq!(inline("a  ::stop-commands::x"), "a  :\u{a789}stop-commands::x");
        assert_eq!(inline("\r::error::x"), "\u{240d}::error::x");
        assert_eq!(inline("a ##[error]b"), "a ##\u{27e6}error]b");
        for harmless in ["::/0", "::1", "AWS::S3::Bucket", "## [x]", "provider::aws::arn_parse"] {
            assert_eq!(inline(harmless), harmless);
        }
    }

    proptest! {
        #[test]
        fn no_command_survives(text in "[:#\\[ a\r\n]{0,12}") {
            let shown = inline(&text);
            prop_assert!(!shown.contains("##["));
            prop_assert!(!shown.trim_start().strip_prefix("::").is_some_and(|rest| rest.starts_with('a')));
        }

        #[test]
        fn no_control_character_survives(text in any::<String>()) {
            prop_assert!(!inline(&text).chars().any(char::is_control));
            prop_assert_eq!(inline(&text).chars().count(), text.chars().count());
        }
    }
}
