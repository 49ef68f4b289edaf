//! Text of scanned files made harmless for whoever shows it.
//!
//! A file may hold escape sequences that move the cursor, rename the window or hide text, and characters that reorder what is
//! read (CVE-2021-42574). Here each such character becomes a visible symbol; everything else stays.

use std::borrow::Cow;

/// What stands for a character that has no picture of its own.
const REPLACEMENT: char = '\u{fffd}';

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
pub(crate) fn inline(text: &str) -> Cow<'_, str> {
    if text.chars().any(|character| symbol(character).is_some()) {
        Cow::Owned(text.chars().map(|character| symbol(character).unwrap_or(character)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// A line of source: as [`inline`], but tabs stay, since they are what indents.
pub(crate) fn source_line(text: &str, into: &mut String) {
    into.extend(text.chars().map(|character| match character {
        '\t' => '\t',
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

    proptest! {
        #[test]
        fn no_control_character_survives(text in any::<String>()) {
            prop_assert!(!inline(&text).chars().any(char::is_control));
            prop_assert_eq!(inline(&text).chars().count(), text.chars().count());
        }
    }
}
