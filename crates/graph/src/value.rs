//! Values: what an attribute is worth, in which state, and where from.

use std::sync::Arc;

use litemap::LiteMap;
use terravet_source::Span;

use crate::number::Number;
use crate::origin::{Origin, Step};
use crate::types::Type;
use crate::unknown::{Candidate, Guard, MAX_CANDIDATES, Reference, Unknown, Why};

/// Named values in the order of their names, which is also the order in which Terraform lists them.
pub type Entries = LiteMap<Arc<str>, Value>;

/// The elements of a list or set, with the element type (which an empty one has as well).
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// The type of every element.
    pub element: Type,
    /// The elements; of a set distinct and in the canonical order.
    pub items: Vec<Value>,
}

/// The entries of a map, with the element type.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    /// The type of every value.
    pub element: Type,
    /// The entries.
    pub entries: Entries,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Not there. Only lookups answer so, never an attribute; the origin is where it would be written.
    Absent,
    /// Null of a type.
    Null(Type),
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    String(Arc<str>),
    /// A list.
    List(Arc<Sequence>),
    /// A set.
    Set(Arc<Sequence>),
    /// A tuple: what a bracketed literal makes.
    Tuple(Arc<Vec<Value>>),
    /// A map.
    Map(Arc<Mapping>),
    /// An object: what a braced literal makes.
    Object(Arc<Entries>),
    /// Not known before apply.
    Unknown(Arc<Unknown>),
}

/// What a value is made of beyond its data. For text, known or not: the structure that concatenation and encoding would
/// lose. For objects: what stands behind them.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// The text is these values one after another, as strings. A piece of literal text has an origin whose span is
    /// its source; where the source has as many bytes as the text, offsets correspond one to one.
    Pieces(Vec<Value>),
    /// The text is the JSON encoding of this value.
    Json(Value),
    /// The text is this text in base64, or packed and then in base64.
    Encoded(Value),
    /// The object is a resource, or a nested block of one, whose provider may set more attributes than are written:
    /// what is asked of it and is not there is a part of this unknown, and not missing.
    Open(Unknown),
}

/// The most parts of all levels that content keeps. Whoever walks through content goes through each part, also where one
/// value stands in many places: `"${local.a}${local.a}"` forty times over would be more parts than anybody can look at.
const MAX_PARTS: usize = 20_000;

/// The most levels that content keeps, for walks that recurse.
const MAX_LEVELS: usize = 200;

impl Content {
    /// Takes its parts off those that are left; none where it has more, or too many levels.
    fn fits(&self, left: usize, levels: usize) -> Option<usize> {
        match self {
            Self::Pieces(pieces) => pieces.iter().try_fold(left, |left, piece| piece.fits(left, levels)),
            Self::Json(inner) | Self::Encoded(inner) => inner.fits(left, levels),
            // What stands behind an object is made by us, for the object alone.
            Self::Open(_) => Some(left),
        }
    }
}

/// A value with its origin and marks. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Value {
    /// What it is.
    pub data: Data,
    /// Where it came from.
    pub origin: Option<Arc<Origin>>,
    /// What its text is made of, for strings and unknowns.
    pub content: Option<Arc<Content>>,
    /// Whether it must not be shown.
    pub sensitive: bool,
}

impl PartialEq for Value {
    /// Equal data; where a value came from and whether it may be shown does not matter.
    fn eq(&self, other: &Self) -> bool {
        self.data == other.data
    }
}

impl From<Data> for Value {
    fn from(data: Data) -> Self {
        Self { data, origin: None, content: None, sensitive: false }
    }
}

/// Constructors.
impl Value {
    /// Null of a type that is still open.
    #[must_use]
    pub fn null() -> Self {
        Data::Null(Type::Any).into()
    }

    /// True or false.
    #[must_use]
    pub fn bool(value: bool) -> Self {
        Data::Bool(value).into()
    }

    /// A number.
    pub fn number(value: impl Into<Number>) -> Self {
        Data::Number(value.into()).into()
    }

    /// Text.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Data::String(text.into()).into()
    }

    /// A tuple.
    pub fn tuple(items: impl IntoIterator<Item = Value>) -> Self {
        Data::Tuple(Arc::new(items.into_iter().collect())).into()
    }

    /// A list; the items must have the element type already.
    pub fn list(element: Type, items: impl IntoIterator<Item = Value>) -> Self {
        Data::List(Arc::new(Sequence { element, items: items.into_iter().collect() })).into()
    }

    /// An object.
    pub fn object(entries: impl IntoIterator<Item = (Arc<str>, Value)>) -> Self {
        Data::Object(Arc::new(entries.into_iter().collect())).into()
    }

    /// A map; the values must have the element type already.
    pub fn map(element: Type, entries: impl IntoIterator<Item = (Arc<str>, Value)>) -> Self {
        Data::Map(Arc::new(Mapping { element, entries: entries.into_iter().collect() })).into()
    }

    /// Unknown of a type, for a reason.
    #[must_use]
    pub fn unknown(why: Why, ty: Type) -> Self {
        Unknown::new(why, ty).into()
    }

    /// The attribute of a resource that the provider computes: unknown, not null, a reference.
    #[must_use]
    pub fn computed(reference: Reference, ty: Type) -> Self {
        let unknown = Unknown { not_null: true, reference: Some(reference), ..Unknown::new(Why::Computed, ty) };
        unknown.into()
    }

    /// One of several values, each under its guards. Equal values are not merged; one candidate is that value itself;
    /// more than [`MAX_CANDIDATES`] are an unknown without candidates.
    #[must_use]
    pub fn one_of(why: Why, ty: Type, candidates: Vec<Candidate>) -> Self {
        let mut flat: Vec<Candidate> = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            match &candidate.value.data {
                Data::Unknown(inner) if !inner.candidates.is_empty() => {
                    flat.extend(inner.candidates.iter().filter_map(|nested| {
                        let when = Candidate::join(&candidate.when, &nested.when)?;
                        Some(Candidate { when, value: nested.value.clone() })
                    }));
                }
                _ => flat.push(candidate),
            }
        }
        if flat.len() == 1 {
            return flat.remove(0).value;
        }
        if flat.len() > MAX_CANDIDATES {
            flat.clear();
        }
        let not_null = !flat.is_empty() && flat.iter().all(|candidate| candidate.value.is_not_null());
        Unknown { not_null, candidates: flat, ..Unknown::new(why, ty) }.into()
    }

    /// Not there; it would be written at `place`.
    #[must_use]
    pub fn absent(place: Option<Span>) -> Self {
        Self { origin: place.map(Origin::written), ..Data::Absent.into() }
    }
}

impl From<Unknown> for Value {
    fn from(unknown: Unknown) -> Self {
        Data::Unknown(Arc::new(unknown)).into()
    }
}

/// Where it came from.
impl Value {
    /// The value as written at `span`: forgets any other way.
    #[must_use]
    pub fn written_at(mut self, span: Span) -> Self {
        self.origin = Some(Origin::written(span));
        self
    }

    /// The value after one more step of its way.
    #[must_use]
    pub fn through(mut self, span: Span, step: Step) -> Self {
        self.origin = Some(Origin::then(span, step, self.origin.take()));
        self
    }

    /// The value marked as one that must not be shown, where `sensitive` is set.
    #[must_use]
    pub fn marked(mut self, sensitive: bool) -> Self {
        self.sensitive |= sensitive;
        self
    }

    /// The value with what its text is made of, as far as that is not too much to walk through.
    #[must_use]
    pub fn with_content(mut self, content: Content) -> Self {
        self.content = content.fits(MAX_PARTS, MAX_LEVELS).map(|_| Arc::new(content));
        self
    }

    /// As [`Content::fits`], for a value and all that is in it.
    fn fits(&self, left: usize, levels: usize) -> Option<usize> {
        let (left, levels) = (left.checked_sub(1)?, levels.checked_sub(1)?);
        let left = match &self.content {
            Some(content) => content.fits(left, levels)?,
            None => left,
        };
        let candidates = self.as_unknown().into_iter().flat_map(|unknown| &unknown.candidates);
        let items = self.as_items().unwrap_or_default().iter();
        let entries = self.as_entries().into_iter().flat_map(|entries| entries.values());
        let mut parts = candidates.map(|candidate| &candidate.value).chain(items).chain(entries);
        parts.try_fold(left, |left, part| part.fits(left, levels))
    }

    /// The latest place of its way: where it is used.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.origin.as_ref().map(|origin| origin.span)
    }

    /// The resource attributes that it is or came through, nearest first.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        let own = match &self.data {
            Data::Unknown(unknown) => unknown.reference.as_ref(),
            _ => None,
        };
        let links = self.origin.iter().flat_map(|origin| origin.chain());
        own.into_iter().chain(links.filter_map(|link| match &link.step {
            Step::Resource(reference) => Some(reference),
            _ => None,
        }))
    }
}

/// What it is.
impl Value {
    /// Whether nothing is there, or null is: what providers treat as not configured. An unknown is not.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        matches!(self.data, Data::Absent | Data::Null(_))
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null(_))
    }

    /// Whether it is not known before apply (its elements may be unknown even if it is not).
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.data, Data::Unknown(_))
    }

    /// Whether it is certainly something other than null.
    #[must_use]
    pub fn is_not_null(&self) -> bool {
        match &self.data {
            Data::Absent | Data::Null(_) => false,
            Data::Unknown(unknown) => unknown.not_null,
            _ => true,
        }
    }

    /// Whether it and everything in it is known.
    #[must_use]
    pub fn is_wholly_known(&self) -> bool {
        match &self.data {
            Data::Unknown(_) => false,
            Data::Absent | Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => true,
            Data::List(sequence) | Data::Set(sequence) => sequence.items.iter().all(Value::is_wholly_known),
            Data::Tuple(items) => items.iter().all(Value::is_wholly_known),
            Data::Map(mapping) => mapping.entries.values().all(Value::is_wholly_known),
            Data::Object(entries) => entries.values().all(Value::is_wholly_known),
        }
    }

    /// What is known about it, if it is unknown.
    #[must_use]
    pub fn as_unknown(&self) -> Option<&Unknown> {
        match &self.data {
            Data::Unknown(unknown) => Some(unknown),
            _ => None,
        }
    }

    /// The text of a known string. `None` says: no string, or not known.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::String(text) => Some(text),
            _ => None,
        }
    }

    /// A known bool. `None` says: no bool, or not known.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match &self.data {
            Data::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A known number. `None` says: no number, or not known.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number> {
        match &self.data {
            Data::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The elements of a known list, set or tuple.
    #[must_use]
    pub fn as_items(&self) -> Option<&[Value]> {
        match &self.data {
            Data::List(sequence) | Data::Set(sequence) => Some(&sequence.items),
            Data::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a known map or object.
    #[must_use]
    pub fn as_entries(&self) -> Option<&Entries> {
        match &self.data {
            Data::Map(mapping) => Some(&mapping.entries),
            Data::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// Its type.
    #[must_use]
    pub fn ty(&self) -> Type {
        match &self.data {
            Data::Absent => Type::Any,
            Data::Null(ty) => ty.clone(),
            Data::Bool(_) => Type::Bool,
            Data::Number(_) => Type::Number,
            Data::String(_) => Type::String,
            Data::List(sequence) => Type::list(sequence.element.clone()),
            Data::Set(sequence) => Type::set(sequence.element.clone()),
            Data::Tuple(items) => Type::Tuple(items.iter().map(Value::ty).collect()),
            Data::Map(mapping) => Type::map(mapping.element.clone()),
            Data::Object(entries) => Type::object(entries.iter().map(|(name, value)| (Arc::clone(name), value.ty()))),
            Data::Unknown(unknown) => unknown.ty.clone(),
        }
    }
}

/// Parts, with the way that the whole came.
impl Value {
    /// A part of this value: what `part` is, after the way that `self` came.
    #[must_use]
    pub fn part(&self, part: &Value) -> Value {
        let mut value = part.clone();
        value.sensitive |= self.sensitive;
        value.origin = match (&self.origin, &part.origin) {
            (Some(whole), Some(own)) => Some(whole.of_part(own)),
            (whole, own) => own.clone().or_else(|| whole.clone()),
        };
        value
    }

    /// The entry of a map or object by name; [`Data::Absent`] (placed at this value) where there is none or it is no map
    /// or object; unknown where this is. Candidates are looked into one by one.
    #[must_use]
    pub fn get(&self, name: &str) -> Value {
        match &self.data {
            Data::Unknown(unknown) => self.part_of_unknown(unknown, |value| value.get(name)),
            _ => match self.as_entries().and_then(|entries| entries.get(name)) {
                Some(value) => self.part(value),
                None => Value { origin: self.origin.clone(), ..Data::Absent.into() },
            },
        }
    }

    /// The elements of a list, set or tuple, each with the way of the whole; any other value that is set as its own
    /// only element (providers take a single block for a list of one); none of what is unset.
    #[must_use]
    pub fn elements(&self) -> Vec<Value> {
        match self.as_items() {
            Some(items) => items.iter().map(|item| self.part(item)).collect(),
            None if self.is_unset() => Vec::new(),
            None => vec![self.clone()],
        }
    }

    fn part_of_unknown(&self, unknown: &Unknown, look: impl Fn(&Value) -> Value) -> Value {
        let value = if unknown.candidates.is_empty() {
            Value::unknown(unknown.why.clone(), Type::Any)
        } else {
            let candidates = unknown.candidates.iter().map(|candidate| {
                let when: Vec<Guard> = candidate.when.clone();
                Candidate { when, value: look(&candidate.value) }
            });
            Value::one_of(unknown.why.clone(), Type::Any, candidates.collect())
        };
        Value { origin: self.origin.clone(), sensitive: self.sensitive, ..value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use terravet_source::{Memory, Sources};

    fn at(range: std::ops::Range<usize>) -> Span {
        let sources = Sources::new(Arc::new(Memory::default()));
        Span::new(sources.id(std::path::Path::new("main.tf")), range)
    }

    fn guard(choice: &str, taken: &str) -> Guard {
        Guard { choice: choice.into(), taken: taken.into(), words: format!("{choice} is {taken}").into() }
    }

    #[test]
    fn a_value_stays_small() {
        assert!(std::mem::size_of::<Value>() <= 48, "{}", std::mem::size_of::<Value>());
    }

    #[test]
    fn a_part_keeps_the_way_of_the_whole() {
        let acl = Value::string("public-read").written_at(at(60..73));
        let whole = Value::object([("acl".into(), acl)])
            .written_at(at(50..80))
            .through(at(50..80), Step::VariableDefault("bucket".into()))
            .through(at(10..20), Step::Named("var.bucket".into()));
        let part = whole.get("acl");
        let way: Vec<String> =
            part.origin.unwrap().chain().map(|link| format!("{:?} {}", link.span.range(), link.step)).collect();
        assert_eq!(way, ["10..20 through var.bucket", "50..80 default of var.bucket", "60..73 written here"]);
    }

    #[test]
    fn content_is_no_more_than_can_be_walked_through() {
        let twice = |text: Value| Value::string("").with_content(Content::Pieces(vec![text.clone(), text]));
        let levels = std::iter::successors(Some(Value::string("x")), |text| Some(twice(text.clone())));
        let kept: Vec<bool> = levels.take(18).map(|text| text.content.is_some()).collect();
        // 2, 6, 14, ... parts: the fourteenth level has more than twenty thousand.
        assert_eq!(kept.iter().position(|kept| !kept), Some(0));
        assert_eq!(kept[1..].iter().position(|kept| !kept), Some(13));
        let longer = |text: Value| Value::string("").with_content(Content::Pieces(vec![text]));
        let chain = std::iter::successors(Some(Value::string("x")), |text| Some(longer(text.clone())));
        assert_eq!(chain.skip(1).position(|text| text.content.is_none()), Some(200));
    }

    #[test]
    fn candidates_nest_and_drop_contradictions() {
        let inner = Value::one_of(
            Why::Computed,
            Type::Bool,
            vec![
                Candidate { when: vec![guard("prod", "yes")], value: Value::bool(true) },
                Candidate { when: vec![guard("prod", "no")], value: Value::bool(false) },
            ],
        );
        let outer = Value::one_of(
            Why::Computed,
            Type::Bool,
            vec![
                Candidate { when: vec![guard("prod", "yes")], value: inner },
                Candidate { when: vec![guard("prod", "no")], value: Value::null() },
            ],
        );
        let values: Vec<Value> = outer.as_unknown().unwrap().candidates.iter().map(|c| c.value.clone()).collect();
        assert_eq!(values, [Value::bool(true), Value::null()]);
    }

    #[test]
    fn a_missing_entry_is_absent_where_the_whole_stands() {
        let empty = Value::object([]).written_at(at(3..9));
        assert_eq!(empty.get("x").data, Data::Absent);
        assert_eq!(empty.get("x").span(), Some(at(3..9)));
    }
}
