//! Structures that are written as JSON text, in the source or in a file, with or without unknown parts.
//!
//! In: a known string, or an unknown one with [`Content::Pieces`]. Out: the value that the JSON is, each part of it with the
//! place in the source text where it stands.
//!
//! How: the pieces are put together with a placeholder for each unknown one, a character of a private-use plane; a placeholder
//! outside of JSON's quotes gets quotes of its own. After parsing, a string that is only a placeholder is that unknown
//! value, and one with a placeholder in it is an unknown string made of pieces. JSON that does not parse may be made whole
//! by an unknown part, so it is then unknown and no error.
//!
//! Offsets lead back to the source where a piece has as many bytes as its source, or two more for quotes around it;
//! elsewhere the whole piece is the place.

use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use terravet_graph::{Content, Data, Entries, Number, Origin, Truth, Type, Unknown, Value, Why};
use terravet_source::{FileId, Memory, Sources, Span};
use terravet_yaml::{Node, NodeKind, Resolved, parse_json_text, parse_yaml_text};

/// The most unknown parts that one text may have.
pub(crate) const MAX_HOLES: usize = 4096;
/// The first placeholder, of the first supplementary private-use plane.
const FIRST_HOLE: u32 = 0xF_0000;
/// How deep pieces within pieces are followed.
const MAX_DEPTH: usize = 16;

/// The file of spans that are only offsets into a text.
static RELATIVE: LazyLock<FileId> = LazyLock::new(|| Sources::new(Arc::new(Memory::default())).id(Path::new("text")));

/// Why text is not the structure that it is meant to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It is not JSON. The user's to mend.
    #[error("this is not valid JSON: {message}")]
    Syntax {
        /// What the JSON parser says.
        message: String,
        /// Where, as exactly as is known.
        span: Option<Span>,
    },
    /// Too many unknown parts in one text.
    #[error("the text has more than {limit} parts that are not known before apply, and is not looked into")]
    TooManyUnknownParts {
        /// The limit.
        limit: usize,
        /// Where.
        span: Option<Span>,
    },
}

/// The value that the JSON text of `value` is.
///
/// # Errors
/// [`TextError::Syntax`] where the text is wholly known and no JSON, [`TextError::TooManyUnknownParts`] past
/// `MAX_HOLES`.
pub fn parse_text(value: &Value) -> Result<Value, TextError> {
    let composed = Composed::new(value)?;
    let relative = |range: Range<usize>| Span::new(*RELATIVE, range);
    if composed.ambiguous && !composed.holes.is_empty() {
        return Ok(open(value, Type::Any));
    }
    match parse_json_text(&composed.text, relative) {
        Ok(node) => {
            let value = composed.value(&node, None);
            Ok(Value { origin: composed.origin(node.span.range()), ..value })
        }
        Err(_) if !composed.holes.is_empty() => Ok(open(value, Type::Any)),
        Err(error) => {
            let at = error.offset;
            let span = composed.origin(at..at).map(|origin| origin.source().span);
            Err(TextError::Syntax { message: error.message, span })
        }
    }
}

/// The object or list that a text is in JSON, or in YAML where all of it is known. None where it is neither.
#[must_use]
pub fn read_text(value: &Value) -> Option<Value> {
    if value.as_str().is_some_and(|text| !may_be_structure(text)) {
        return None;
    }
    if let Ok(parsed) = parse_text(value) {
        return Some(parsed).filter(|parsed| parsed.is_unknown() || is_structure(parsed));
    }
    let composed = Composed::new(value).ok().filter(|composed| composed.holes.is_empty())?;
    let relative = |range: Range<usize>| Span::new(*RELATIVE, range);
    let parsed = parse_yaml_text(&composed.text, relative);
    let node = parsed.documents.first().filter(|_| parsed.diagnostics.is_empty())?;
    let value = composed.value(node, None);
    Some(Value { origin: composed.origin(node.span.range()), ..value }).filter(is_structure)
}

/// Whether a text is worth reading as a structure. One line with a colon in it is a sentence or a name, and no mapping.
fn may_be_structure(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) || text.contains('\n')
}

fn is_structure(value: &Value) -> bool {
    value.as_items().is_some() || value.as_entries().is_some()
}

/// An unknown for the reason that `value` is unknown, and nothing else of it.
fn open(value: &Value, ty: Type) -> Value {
    let why = value.as_unknown().map_or(Why::Error, |unknown| unknown.why.clone());
    Value { origin: value.origin.clone(), sensitive: value.sensitive, ..Value::unknown(why, ty) }
}

/// A text put together from pieces.
struct Composed<'v> {
    whole: &'v Value,
    text: String,
    segments: Vec<Segment>,
    holes: Vec<Value>,
    /// Whether known text holds, or may hold once unescaped, a character that is also a placeholder.
    ambiguous: bool,
}

/// A stretch of the text that comes from one piece.
struct Segment {
    /// Its bytes in the text.
    range: Range<usize>,
    /// Where the piece came from.
    origin: Option<Arc<Origin>>,
    /// Where its first byte stands in the source, if the rest follows byte by byte.
    exact: Option<Span>,
}

/// Whether the text so far ends within a JSON string.
#[derive(Default)]
struct Quotes {
    open: bool,
    escaped: bool,
}

impl Quotes {
    fn pass(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.open => self.escaped = true,
                b'"' => self.open = !self.open,
                _ => {}
            }
        }
    }
}

impl<'v> Composed<'v> {
    fn new(whole: &'v Value) -> Result<Self, TextError> {
        let mut pieces = Vec::new();
        flatten(whole, 0, &mut pieces);
        if let Some(text) = whole.as_str() {
            let length: usize = pieces.iter().filter_map(|piece| piece.as_str()).map(str::len).sum();
            if pieces.iter().any(|piece| piece.as_str().is_none()) || length != text.len() {
                // The pieces are not what the text is made of; the text itself is certain.
                pieces = vec![whole];
            }
        }
        let mut composed =
            Self { whole, text: String::new(), segments: Vec::new(), holes: Vec::new(), ambiguous: false };
        let mut quotes = Quotes::default();
        for piece in pieces {
            match piece_text(piece) {
                Some(text) => {
                    quotes.pass(&text);
                    composed.ambiguous |= may_hold_placeholder(&text);
                    composed.push(piece, &text, exact_start(piece, &text));
                }
                None => composed.push_hole(piece, quotes.open)?,
            }
        }
        Ok(composed)
    }

    fn push(&mut self, piece: &Value, text: &str, exact: Option<Span>) {
        let start = self.text.len();
        self.text.push_str(text);
        self.segments.push(Segment { range: start..self.text.len(), origin: piece.origin.clone(), exact });
    }

    fn push_hole(&mut self, piece: &Value, in_quotes: bool) -> Result<(), TextError> {
        if self.holes.len() >= MAX_HOLES {
            return Err(TextError::TooManyUnknownParts { limit: MAX_HOLES, span: self.whole.span() });
        }
        let number = u32::try_from(self.holes.len()).unwrap_or(0);
        let placeholder = char::from_u32(FIRST_HOLE + number).unwrap_or(char::REPLACEMENT_CHARACTER);
        self.holes.push(piece.clone());
        let text = if in_quotes { placeholder.to_string() } else { format!("\"{placeholder}\"") };
        self.push(piece, &text, None);
        Ok(())
    }

    /// The origin of what stands in a range of the text: the way of the whole, ending at the narrowest known place.
    fn origin(&self, range: Range<usize>) -> Option<Arc<Origin>> {
        let part = self.part_origin(range, None);
        match (&self.whole.origin, part) {
            // The whole is its own only piece.
            (Some(whole), Some(part)) if self.segments.len() > 1 => Some(whole.of_part(&part)),
            (whole, part) => part.or_else(|| whole.clone()),
        }
    }

    /// The origin of what stands in a range, as a part of what stands in the range `around` it: without the way that
    /// both came, since a part takes that from the whole.
    fn part_origin(&self, range: Range<usize>, around: Option<&Range<usize>>) -> Option<Arc<Origin>> {
        let first = self.segment_at(range.start)?;
        let last = self.segment_at(range.end.saturating_sub(1).max(range.start))?;
        let start = first.place(range.start..range.end.min(first.range.end))?;
        if std::ptr::eq(first, last) {
            let same = around.is_some_and(|around| first.range.start <= around.start && around.end <= first.range.end);
            let origin = first.origin.as_ref()?;
            return match (first.exact.is_some(), same) {
                (true, true) => Some(Origin::written(start)),
                (true, false) => Some(origin.of_part(&Origin::written(start))),
                (false, true) => None,
                (false, false) => Some(Arc::clone(origin)),
            };
        }
        let end = last.place(last.range.start..range.end)?;
        Some(Origin::written(if start.file == end.file && start.start <= end.start { start.to(end) } else { start }))
    }

    fn segment_at(&self, offset: usize) -> Option<&Segment> {
        let after = self.segments.partition_point(|segment| segment.range.end <= offset);
        self.segments.get(after).or_else(|| self.segments.last())
    }

    /// The value that a node of the parsed text is, as a part of the node that spans `around`.
    fn value(&self, node: &Node, around: Option<&Range<usize>>) -> Value {
        let range = node.span.range();
        let origin = self.part_origin(range.clone(), around);
        let inner = |node: &Node| self.value(node, Some(&range));
        let value = match &node.kind {
            NodeKind::Scalar { text, .. } => match node.resolve() {
                Some(Resolved::Null) => Value::null(),
                Some(Resolved::Bool(flag)) => Value::bool(flag),
                Some(Resolved::Integer(digits) | Resolved::Float(digits)) => number(digits),
                Some(Resolved::String) | None => return self.string(text, origin),
            },
            NodeKind::Sequence(items) => Value::tuple(items.iter().map(inner)),
            NodeKind::Mapping(entries) => {
                if entries.iter().any(|entry| entry.key.as_str().is_some_and(|key| self.has_hole(key))) {
                    // A key that is not known may be any key.
                    return Value { origin, ..open(self.whole, Type::Any) };
                }
                let mut object = Entries::new();
                for entry in entries.iter() {
                    object.insert(entry.key.as_str().unwrap_or_default().into(), inner(&entry.value));
                }
                Data::Object(Arc::new(object)).into()
            }
        };
        Value { origin, sensitive: self.whole.sensitive, ..value }
    }

    fn hole(&self, char: char) -> Option<&Value> {
        let number = u32::from(char).checked_sub(FIRST_HOLE)?;
        self.holes.get(usize::try_from(number).ok()?)
    }

    fn has_hole(&self, text: &str) -> bool {
        !self.holes.is_empty() && text.chars().any(|char| self.hole(char).is_some())
    }

    fn string(&self, text: &Arc<str>, origin: Option<Arc<Origin>>) -> Value {
        let sensitive = self.whole.sensitive;
        if !self.has_hole(text) {
            return Value { origin, sensitive, ..Value::string(Arc::clone(text)) };
        }
        let mut characters = text.chars();
        if let (Some(only), None) = (characters.next(), characters.next())
            && let Some(hole) = self.hole(only)
        {
            return self.only_hole(hole, origin);
        }
        let (mut pieces, mut literal, mut prefix) = (Vec::new(), String::new(), None);
        let mut why = Why::Computed;
        let known = |literal: &str| Value { origin: origin.clone(), ..Value::string(literal) };
        for char in text.chars() {
            let Some(hole) = self.hole(char) else {
                literal.push(char);
                continue;
            };
            if prefix.is_none() {
                prefix = Some(literal.clone());
                why = hole.as_unknown().map_or(Why::Computed, |unknown| unknown.why.clone());
            }
            if !literal.is_empty() {
                pieces.push(known(&literal));
                literal.clear();
            }
            pieces.push(hole.clone());
        }
        if !literal.is_empty() {
            pieces.push(known(&literal));
        }
        let prefix = prefix.filter(|prefix| !prefix.is_empty()).map(Into::into);
        let unknown = Unknown { not_null: true, prefix, ..Unknown::new(why, Type::String) };
        Value { origin, sensitive, ..Value::from(unknown).with_content(Content::Pieces(pieces)) }
    }

    /// What a value is that is only an unknown part: what that part encodes, where that is known.
    fn only_hole(&self, hole: &Value, origin: Option<Arc<Origin>>) -> Value {
        let value = match hole.content.as_deref() {
            Some(Content::Json(encoded)) => hole.part(encoded),
            _ => hole.clone(),
        };
        let sensitive = self.whole.sensitive || value.sensitive;
        Value { origin: origin.or_else(|| value.origin.clone()), sensitive, ..value }
    }
}

impl Segment {
    /// Where a range of the text stands in the source, as exactly as is known.
    fn place(&self, range: Range<usize>) -> Option<Span> {
        match self.exact {
            Some(exact) => {
                let offset = |at: usize| at.saturating_sub(self.range.start);
                Some(exact.slice(offset(range.start), offset(range.end)))
            }
            None => self.origin.as_ref().map(|origin| origin.source().span),
        }
    }
}

/// The pieces that a text is made of, those of its pieces included.
fn flatten<'v>(value: &'v Value, depth: usize, pieces: &mut Vec<&'v Value>) {
    match value.content.as_deref() {
        Some(Content::Pieces(inner)) if depth < MAX_DEPTH && is_text(value).is_true() => {
            for piece in inner {
                flatten(piece, depth + 1, pieces);
            }
        }
        _ => pieces.push(value),
    }
}

/// Whether the pieces of a value may be taken for it: it is a string, known or not.
fn is_text(value: &Value) -> Truth {
    Truth::from(matches!(value.data, Data::String(_) | Data::Unknown(_)))
}

fn piece_text(piece: &Value) -> Option<Arc<str>> {
    match &piece.data {
        Data::String(text) => Some(Arc::clone(text)),
        Data::Bool(value) => Some(value.to_string().into()),
        Data::Number(number) => Some(number.to_string().into()),
        Data::Absent | Data::Null(_) => Some("".into()),
        _ => None,
    }
}

fn may_hold_placeholder(text: &str) -> bool {
    let escaped = |window: &[u8]| window.eq_ignore_ascii_case(br"\udb");
    text.chars().any(|char| u32::from(char) >= FIRST_HOLE) || text.as_bytes().windows(4).any(escaped)
}

/// Where the first byte of a piece stands, if its source is the same text byte by byte.
fn exact_start(piece: &Value, text: &str) -> Option<Span> {
    let span = piece.origin.as_ref()?.source().span;
    let quoted = text.len() + 2;
    match span.range().len() {
        length if length == text.len() => Some(span),
        length if length == quoted => Some(span.slice(1, quoted - 1)),
        _ => None,
    }
}

fn number(digits: &str) -> Value {
    digits.parse::<Number>().map_or_else(|_| Value::string(digits), Value::number)
}
