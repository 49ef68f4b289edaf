//! JSON as reports write it: indented, and safe to print on a terminal.
//!
//! JSON escapes the control characters below U+0020 only. The others that a terminal acts on, or that reorder text, are
//! escaped here as well, and so are the commands that a log of continuous integration acts on wherever they stand, and HTML
//! tags; readers of the JSON get the same strings either way.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use crate::safe_text;

/// Writes a value as indented JSON with a line feed at the end.
///
/// # Errors
/// What the writer answers.
pub(crate) fn write(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Escaping { layout: PrettyFormatter::new() }))?;
    out.write_all(b"\n")
}

/// Writes a value as JSON on one line.
///
/// # Errors
/// What the writer answers.
pub(crate) fn write_line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(
        &mut *out,
        Escaping { layout: serde_json::ser::CompactFormatter },
    ))?;
    out.write_all(b"\n")
}

/// A layout, with more characters escaped in strings.
struct Escaping<L> {
    layout: L,
}

impl<L: Formatter> Formatter for Escaping<L> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut plain_from = 0;
        for (at, character) in safe_text::json_escapes(fragment) {
            writer.write_all(&fragment.as_bytes()[plain_from..at])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            plain_from = at + character.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[plain_from..])
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.layout.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.layout.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_the_same_but_harmless() {
        let text = "##[error] ##vso[x] </script> a < b esc \u{1b} csi \u{9b} bidi \u{202e} tag \u{e0041} ü\n";
        let mut out = Vec::new();
        write(&mut out, &[text]).unwrap();
        let json = String::from_utf8(out).unwrap();
        let escaped = "##\\u005berror] ##vso\\u005bx] \\u003c/script> a < b";
        assert_eq!(
            json,
            format!("[\n  \"{escaped} esc \\u001b csi \\u009b bidi \\u202e tag \\udb40\\udc41 ü\\n\"\n]\n")
        );
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [text]);
    }
}
