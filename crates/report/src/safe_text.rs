//! Text of scanned files, paths, arguments and rule pages made harmless for whoever shows it: the one door through which text
//! for people goes.
//!
//! A file may hold escape sequences that move the cursor, rename the window or hide text, and characters that reorder or hide what
//! is read (CVE-2021-42574). Each such character becomes a picture (`␛`), or its code as both languages escape it (`\u00ad`), so
//! that two names which differ never look alike.
//!
//! A log of continuous integration also acts on plain text, and a page into which a report is pasted on HTML. There one
//! character becomes another that looks alike:
//!
//! - `##word[` and `##[` anywhere: Azure Pipelines
//!   (<https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>), TeamCity
//!   (<https://www.jetbrains.com/help/teamcity/service-messages.html>) and older GitHub runners;
//! - `::word` at the beginning of a line: GitHub Actions
//!   (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>);
//! - `<script`, `</script` and `<!--`: what ends or opens a script in HTML.
//!
//! Everything else stays. Programs get exact text, in JSON escapes that no agent acts on (`json_escapes`).

use std::borrow::Cow;

/// What stands for the bracket of a command.
const BRACKET: char = '\u{27e6}';
/// What stands for the second colon of a command.
const COLON: char = '\u{a789}';
/// What stands for the bracket of a tag.
const ANGLE: char = '\u{2039}';

/// The characters that a terminal acts on or that show nothing, in order: Unicode's `Cc`, `Cf`, `Zl`, `Zp`,
/// `Default_Ignorable_Code_Point`, `Bidi_Control`, and the Braille pattern without dots. A test compares this table with the
/// Unicode tables of `regex`.
const UNSEEN: &[(char, char)] = &[
    ('\0', '\u{1f}'),
    ('\u{7f}', '\u{9f}'),
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Whether a terminal would act on a character, or it would hide or reorder text.
fn is_unseen(character: char) -> bool {
    match character {
        ' '..='~' => false,
        _ => {
            let at = UNSEEN.partition_point(|(_, last)| *last < character);
            UNSEEN.get(at).is_some_and(|(first, _)| *first <= character)
        }
    }
}

/// Writes what stands for an unseen character.
fn push_visible(character: char, into: &mut String) {
    let picture = match character {
        // The Unicode block of control pictures has the symbols in the order of the codes.
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)),
        '\u{7f}' => Some('\u{2421}'),
        _ => None,
    };
    match (picture, u32::from(character)) {
        (Some(picture), _) => into.push(picture),
        (None, code @ ..=0xffff) => into.push_str(&format!("\\u{code:04x}")),
        (None, code) => into.push_str(&format!("\\U{code:08x}")),
    }
}

/// Where text for people begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beginning {
    /// Anywhere on a line, also at its beginning; words may come to stand at the beginning of a line by wrapping.
    Anywhere,
    /// After something else on its line: `::` opens no command.
    WithinLine,
}

/// The characters of a text that may not be shown as they are, each with what looks alike; none for those that are unseen.
fn harmful(text: &str, beginning: Beginning) -> impl Iterator<Item = (usize, char, Option<char>)> {
    let bytes = text.as_bytes();
    text.char_indices().filter_map(move |(at, character)| {
        let alike = match character {
            '[' if opens_command(&bytes[..at]) => Some(BRACKET),
            ':' if beginning == Beginning::Anywhere && opens_line_command(text, at) => Some(COLON),
            '<' if opens_script(&bytes[at + 1..]) => Some(ANGLE),
            _ if is_unseen(character) => None,
            _ => return None,
        };
        Some((at, character, alike))
    })
}

/// Whether a bracket after this text belongs to a command such as `##vso[` or `##[`.
fn opens_command(before: &[u8]) -> bool {
    let word =
        before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    before[..before.len() - word.count()].ends_with(b"##")
}

/// Whether the colon at an offset is the second one of `::word`, with nothing but white space before it or a word's beginning.
fn opens_line_command(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let Some(before) = text[..at].strip_suffix(':') else { return false };
    bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
        && (before.is_empty() || before.ends_with(char::is_whitespace))
}

/// Whether what follows a `<` makes it open or end a script, or a comment.
fn opens_script(after: &[u8]) -> bool {
    let name = after.strip_prefix(b"/").unwrap_or(after);
    after.starts_with(b"!--") || name.get(..6).is_some_and(|name| name.eq_ignore_ascii_case(b"script"))
}

/// Whether nothing in a text can be harmful, told from its bytes.
fn is_plain(text: &str) -> bool {
    let mut last = 0;
    text.bytes().all(|byte| {
        let pair = (last, byte);
        last = byte;
        matches!(byte, b' '..=b'~') && !matches!(pair, (b'#', b'#') | (b':', b':') | (_, b'<'))
    })
}

/// The text on one line: line breaks and tabs become pictures too.
#[must_use]
pub fn inline(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut places = harmful(text, Beginning::Anywhere).peekable();
    if places.peek().is_none() {
        return Cow::Borrowed(text);
    }
    let mut harmless = String::with_capacity(text.len() + 16);
    let mut from = 0;
    for (at, character, alike) in places {
        harmless.push_str(&text[from..at]);
        push_harmless(character, alike, &mut harmless);
        from = at + character.len_utf8();
    }
    harmless.push_str(&text[from..]);
    Cow::Owned(harmless)
}

fn push_harmless(character: char, alike: Option<char>, into: &mut String) {
    match alike {
        Some(alike) => into.push(alike),
        None => push_visible(character, into),
    }
}

/// Text of several lines: each as [`inline`].
#[must_use]
pub fn lines(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(inline).collect();
    lines.join("\n")
}

/// The text on one line, cut to `most` characters.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    let inline = inline(text);
    match inline.char_indices().nth(most) {
        None => inline.into_owned(),
        Some(_) => inline.chars().take(most.saturating_sub(1)).chain(std::iter::once('…')).collect(),
    }
}

/// Where the bytes of a text stand once it was made harmless.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moves {
    /// After each replaced character: its offset in the text as it was, and in the text as it is shown.
    after: Vec<(usize, usize)>,
}

impl Moves {
    /// Where the character at an offset of the original text stands now.
    pub(crate) fn of(&self, offset: usize) -> usize {
        let at = self.after.partition_point(|(original, _)| *original <= offset);
        let (original, shown) = at.checked_sub(1).map_or((0, 0), |at| self.after[at]);
        shown + (offset - original)
    }
}

/// Writes a line of source: as [`inline`], but tabs stay, since they are what indents, and so do colons, since something
/// stands before the line.
pub(crate) fn source_line(text: &str, into: &mut String) -> Moves {
    let start = into.len();
    let mut moves = Moves::default();
    let mut from = 0;
    for (at, character, alike) in harmful(text, Beginning::WithinLine).filter(|(_, character, _)| *character != '\t') {
        into.push_str(&text[from..at]);
        push_harmless(character, alike, into);
        from = at + character.len_utf8();
        moves.after.push((from, into.len() - start));
    }
    into.push_str(&text[from..]);
    moves
}

/// A line that was put together from harmless pieces: what two of them make together, or what wrapping put at the beginning, is
/// no command either. Escape sequences for colour stay.
pub(crate) fn drawn_line(line: &str) -> Cow<'_, str> {
    let start = line.len() - line.trim_start().len();
    let at_start =
        (line[start..].starts_with("::") && opens_line_command(line, start + 1)).then_some((start + 1, COLON));
    let within = harmful(line, Beginning::WithinLine).filter_map(|(at, _, alike)| Some((at, alike?)));
    let mut places = at_start.into_iter().chain(within).peekable();
    if places.peek().is_none() {
        return Cow::Borrowed(line);
    }
    let mut harmless = String::with_capacity(line.len() + 16);
    let mut from = 0;
    for (at, alike) in places {
        harmless.push_str(&line[from..at]);
        harmless.push(alike);
        // Each is one byte.
        from = at + 1;
    }
    harmless.push_str(&line[from..]);
    Cow::Owned(harmless)
}

/// The characters of a JSON string that are written as escapes beyond what JSON demands: what a terminal or a log acts on, and
/// the bracket of an HTML tag, so that a report may stand in a page.
pub(crate) fn json_escapes(text: &str) -> impl Iterator<Item = (usize, char)> {
    let bytes = text.as_bytes();
    text.char_indices().filter(move |(at, character)| match character {
        '[' => opens_command(&bytes[..*at]),
        '<' => bytes.get(at + 1).is_some_and(|next| matches!(next, b'/' | b'!' | b'?') || next.is_ascii_alphabetic()),
        _ => is_unseen(*character),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_would_act_on_becomes_visible() {
        assert_eq!(inline("a\u{1b}[31mb\r\nc\u{9b}d\u{202e}e\u{7f}"), "a␛[31mb␍␊c\\u009bd\\u202ee␡");
        assert_eq!(inline("grün 日本"), "grün 日本");
        assert_eq!(clipped("abcdef", 4), "abc…");
        assert_eq!(clipped("abcd", 4), "abcd");
    }

    #[test]
    fn names_that_differ_never_look_alike() {
        assert_eq!(inline("ad\u{ad}min"), "ad\\u00admin");
        assert_eq!(inline("ad\u{200b}min"), "ad\\u200bmin");
        assert_eq!(inline("admin\u{e0041}"), "admin\\U000e0041");
        for hidden in
            ['\u{34f}', '\u{115f}', '\u{17b4}', '\u{180e}', '\u{2800}', '\u{3164}', '\u{fe0f}', '\u{ffa0}', '\u{fff9}']
        {
            assert_eq!(inline(&hidden.to_string()), format!("\\u{:04x}", u32::from(hidden)));
        }
    }

    #[test]
    fn the_table_is_what_unicode_says() {
        let unseen = r"^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\x{2800}]$";
        let unseen = regex::Regex::new(unseen).unwrap();
        let wrong: Vec<u32> = ('\0'..=char::MAX)
            .filter(|character| is_unseen(*character) != unseen.is_match(character.encode_utf8(&mut [0; 4])))
            .map(u32::from)
            .collect();
        assert_eq!(wrong, [0u32; 0]);
    }

    #[test]
    fn what_a_log_would_act_on_stays_text() {
        assert_eq!(inline("::error file=x::boo"), ":\u{a789}error file=x::boo");
        assert_eq!(inline("a  ::stop-commands::x"), "a  :\u{a789}stop-commands::x");
        assert_eq!(inline("\r::error::x"), "\u{240d}:\u{a789}error::x");
        assert_eq!(inline("a ##[error]b"), "a ##\u{27e6}error]b");
        assert_eq!(inline("a ##vso[task.setvariable]b"), "a ##vso\u{27e6}task.setvariable]b");
        assert_eq!(inline("##TeamCity[x] ###VSO[y]"), "##TeamCity\u{27e6}x] ###VSO\u{27e6}y]");
        for harmless in ["::/0", "::1", "AWS::S3::Bucket", "## [x]", "#vso[x]", "provider::aws::arn_parse"] {
            assert_eq!(inline(harmless), harmless);
        }
    }

    #[test]
    fn what_a_page_would_act_on_stays_text() {
        assert_eq!(inline("</script><SCRIPT src=x><!-- y"), "‹/script>‹SCRIPT src=x>‹!-- y");
        for harmless in ["<<-EOF", "a < b", "<subscription>", "<s"] {
            assert_eq!(inline(harmless), harmless);
        }
    }

    #[test]
    fn a_drawn_line_begins_with_no_command() {
        assert_eq!(drawn_line("  ::error::x"), "  :\u{a789}error::x");
        assert_eq!(drawn_line("  x ::error::x"), "  x ::error::x");
        assert_eq!(drawn_line("\u{1b}[1m##\u{1b}[0m##vso[x]"), "\u{1b}[1m##\u{1b}[0m##vso\u{27e6}x]");
    }

    #[test]
    fn bytes_are_found_again_in_a_shown_line() {
        let text = "a\u{ad}b</script>c";
        let mut shown = String::from("> ");
        let moves = source_line(text, &mut shown);
        assert_eq!(shown, "> a\\u00adb‹/script>c");
        let found: String = text
            .char_indices()
            .filter(|(_, c)| c.is_ascii())
            .map(|(at, _)| shown[2 + moves.of(at)..].chars().next().unwrap())
            .collect();
        assert_eq!(found, "ab‹/script>c");
    }

    proptest! {
        #[test]
        fn no_command_survives(text in "[:#\\[ avV</script\u{ad}\r\n]{0,14}") {
            let shown = inline(&text);
            prop_assert!(!shown.contains("##[") && !shown.contains("##v[") && !shown.contains("##V["));
            prop_assert!(!shown.trim_start().strip_prefix("::").is_some_and(|rest| rest.starts_with('a')));
            prop_assert!(!shown.contains("<script") && !shown.contains("</script"));
            prop_assert_eq!(inline(&shown), shown.as_ref());
        }

        #[test]
        fn no_unseen_character_survives(text in any::<String>()) {
            prop_assert!(!inline(&text).chars().any(is_unseen));
            let mut line = String::new();
            let moves = source_line(&text, &mut line);
            prop_assert!(!line.chars().any(|shown| is_unseen(shown) && shown != '\t'));
            prop_assert_eq!(moves.of(text.len()), line.len());
        }
    }
}
