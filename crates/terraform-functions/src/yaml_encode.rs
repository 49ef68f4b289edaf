//! `yamlencode`. Source: <https://developer.hashicorp.com/terraform/language/functions/yamlencode>.
//!
//! The layout is that of libyaml (<https://github.com/yaml/libyaml>), which Terraform's library descends from, down to where it breaks
//! long lines: block style, lists in mappings not indented, text in double quotes or, where it has line breaks and
//! allows it, as literal blocks.

use std::fmt::Write as _;

use terravet_graph::{Data, Type, Value};

use crate::convert::contains_open;
use crate::dispatch::unknown;
use crate::signature::{Function, Kind, Parameter};
use crate::string::{string, within_limit};
use crate::{Context, FunctionError};

/// After this column, lines are broken at the next space.
const WIDTH: usize = 80;
/// How far each level is indented.
const INDENT: usize = 2;
/// Keys longer than this, in bytes, stand after a question mark.
const MAX_SIMPLE_KEY: usize = 128;

pub(crate) const FUNCTIONS: &[Function] =
    &[Function::new("yamlencode", &[Parameter::new("value", Kind::Any).null().any_type()], Kind::String, encode)];

fn encode(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let value = &arguments[0];
    if !value.is_wholly_known() || contains_open(value) {
        return Ok(unknown(arguments, Type::String, true));
    }
    let mut emitter = Emitter::default();
    emitter.node(value, Place::Root)?;
    emitter.indent = None;
    emitter.line_of_indent();
    if emitter.open_ended {
        emitter.indicator("...", true, false, false);
        emitter.line_of_indent();
    }
    Ok(string(emitter.out))
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Item,
    /// A key or value of a mapping.
    Mapping,
    /// A key that is followed by its colon.
    SimpleKey,
}

/// What was written so far, and what matters of it for what comes next.
#[derive(Default)]
struct Emitter {
    out: String,
    column: usize,
    /// The column at which the lines of the current collection begin; none outside of all.
    indent: Option<usize>,
    /// Whether the last character was white space.
    whitespace: bool,
    /// Whether there is nothing but indentation and its indicators in the line.
    indention: bool,
    /// Whether the text's end must be marked.
    open_ended: bool,
}

impl Emitter {
    fn put(&mut self, character: char) {
        self.out.push(character);
        self.column += 1;
    }

    fn line_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn indicator(&mut self, text: &str, after_space: bool, is_whitespace: bool, is_indention: bool) {
        if after_space && !self.whitespace && !self.out.is_empty() {
            self.put(' ');
        }
        for character in text.chars() {
            self.put(character);
        }
        self.whitespace = is_whitespace;
        self.indention &= is_indention;
        self.open_ended = false;
    }

    /// Goes to the column of the indentation, in a new line unless there is only indentation in this one.
    fn line_of_indent(&mut self) {
        let indent = self.indent.unwrap_or(0);
        let at_start = self.out.is_empty();
        if !at_start && (!self.indention || self.column > indent || (self.column == indent && !self.whitespace)) {
            self.line_break();
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn node(&mut self, value: &Value, place: Place) -> Result<(), FunctionError> {
        within_limit(self.out.len())?;
        match &value.data {
            Data::String(text) => self.text(text, place),
            Data::Bool(flag) => self.plain(if *flag { "true" } else { "false" }, place),
            Data::Number(number) => self.plain(&number.to_string(), place),
            Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
                return self.sequence(value.as_items().unwrap_or_default(), place);
            }
            Data::Map(_) | Data::Object(_) => return self.mapping(value),
            Data::Absent | Data::Null(_) | Data::Unknown(_) => self.plain("null", place),
        }
        Ok(())
    }

    fn sequence(&mut self, items: &[Value], place: Place) -> Result<(), FunctionError> {
        if items.is_empty() {
            self.indicator("[", true, true, false);
            self.indicator("]", false, false, false);
            return Ok(());
        }
        let outer = self.indent;
        // Within a mapping the dashes stand below the key.
        let same = place == Place::Mapping && !self.indention;
        self.indent = Some(outer.map_or(0, |indent| if same { indent } else { indent + INDENT }));
        for item in items {
            self.line_of_indent();
            self.indicator("-", true, false, true);
            self.node(item, Place::Item)?;
        }
        self.indent = outer;
        Ok(())
    }

    fn mapping(&mut self, value: &Value) -> Result<(), FunctionError> {
        let entries = value.as_entries().into_iter().flatten();
        let outer = self.indent;
        let mut is_empty = true;
        self.indent = Some(outer.map_or(0, |indent| indent + INDENT));
        for (key, value) in entries {
            is_empty = false;
            self.line_of_indent();
            if key.len() <= MAX_SIMPLE_KEY && !key.contains(is_break) {
                self.text(key, Place::SimpleKey);
                self.indicator(":", false, false, false);
            } else {
                self.indicator("?", true, false, true);
                self.text(key, Place::Mapping);
                self.line_of_indent();
                self.indicator(":", true, false, true);
            }
            self.node(value, Place::Mapping)?;
        }
        self.indent = outer;
        if is_empty {
            self.indicator("{", true, true, false);
            self.indicator("}", false, false, false);
        }
        Ok(())
    }

    fn plain(&mut self, text: &str, place: Place) {
        if !self.whitespace && !self.out.is_empty() {
            self.put(' ');
        }
        for character in text.chars() {
            self.put(character);
        }
        self.whitespace = false;
        self.indention = false;
        self.open_ended |= place == Place::Root;
    }

    fn text(&mut self, text: &str, place: Place) {
        let outer = self.indent;
        self.indent = Some(outer.map_or(INDENT, |indent| indent + INDENT));
        if text.contains('\n') && place != Place::SimpleKey && fits_block(text) {
            self.literal(text);
        } else {
            self.quoted(text, place != Place::SimpleKey);
        }
        self.indent = outer;
    }

    /// A block after `|`, with hints on leading space and trailing line breaks.
    fn literal(&mut self, text: &str) {
        self.indicator("|", true, false, false);
        if text.starts_with(|first| first == ' ' || is_break(first)) {
            self.indicator("2", false, false, false);
        }
        let mut last = text.chars().rev();
        match (last.next().is_some_and(is_break), last.next()) {
            (false, _) => self.indicator("-", false, false, false),
            (true, before) if before.is_none_or(is_break) => self.indicator("+", false, false, false),
            _ => {}
        }
        self.line_break();
        self.indention = true;
        self.whitespace = true;
        let mut after_break = true;
        for character in text.chars() {
            if is_break(character) {
                if character == '\n' {
                    self.line_break();
                } else {
                    self.out.push(character);
                    self.column = 0;
                }
                self.indention = true;
                after_break = true;
            } else {
                if after_break {
                    self.line_of_indent();
                }
                self.put(character);
                self.indention = false;
                after_break = false;
            }
        }
    }

    /// Text in double quotes, long lines broken at spaces where that is allowed.
    fn quoted(&mut self, text: &str, may_break: bool) {
        self.indicator("\"", true, false, false);
        let mut after_space = false;
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            let is_inside = at > 0 && at + 1 < text.len();
            match character {
                ' ' if may_break && !after_space && self.column > WIDTH && is_inside => {
                    self.line_of_indent();
                    if characters.peek().is_some_and(|(_, next)| *next == ' ') {
                        self.put('\\');
                    }
                }
                '"' | '\\' => self.escape(character),
                other if !is_printable(other) || is_break(other) => self.escape(other),
                other => self.put(other),
            }
            after_space = character == ' ';
        }
        self.indicator("\"", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn escape(&mut self, character: char) {
        let short = match character {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' | '\\' => character,
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => return self.escape_by_number(u32::from(character)),
        };
        self.put('\\');
        self.put(short);
    }

    fn escape_by_number(&mut self, code: u32) {
        let mut text = String::new();
        let _ = match code {
            0..=0xff => write!(text, "\\x{code:02X}"),
            0x100..=0xffff => write!(text, "\\u{code:04X}"),
            _ => write!(text, "\\U{code:08X}"),
        };
        for character in text.chars() {
            self.put(character);
        }
    }
}

/// Whether a text can stand as a block: nothing that must be escaped, no space before a line break or at the end.
fn fits_block(text: &str) -> bool {
    let mut after_space = false;
    for character in text.chars() {
        if (after_space && is_break(character)) || !is_printable(character) {
            return false;
        }
        after_space = character == ' ';
    }
    !after_space
}

fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What libyaml takes for printable: nothing beyond the basic plane, and neither tabs nor carriage returns.
fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}
