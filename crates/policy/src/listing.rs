//! Lists as far as they are known.
//!
//! IAM takes one value where a list of one is meant, and a list may be unknown in part: elements that depend on an open
//! condition, or a tail that nobody can see. [`Listing`] keeps apart what is certainly in it, what may be, and
//! whether there may be more.

use terravet_graph::{Content, Data, Guard, Truth, Type, Unknown, Value};

use crate::judgement::{Judgement, MAX_WITNESSES};

/// How deep lists within candidates within lists are followed.
const MAX_DEPTH: usize = 8;

/// The most elements that are looked into where a list is one of several.
const MAX_ALTERNATIVES: usize = 100_000;

/// A list as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing<T> {
    /// The whole, as written.
    pub value: Value,
    /// Whether it is written at all.
    pub present: Truth,
    /// What is certainly in it.
    pub items: Vec<T>,
    /// What is in it under a condition that is open.
    pub possible: Vec<T>,
    /// Whether there is nothing else in it.
    pub complete: bool,
}

/// Values, such as the actions of a statement.
pub type Values = Listing<Value>;

impl<T> Listing<T> {
    /// A list that is not there; it would be written where `value` says.
    #[must_use]
    pub fn absent(value: Value) -> Self {
        Self { value, present: Truth::False, items: Vec::new(), possible: Vec::new(), complete: true }
    }

    /// A list of these items.
    #[must_use]
    pub fn known(value: Value, items: Vec<T>) -> Self {
        Self { value, present: Truth::True, items, possible: Vec::new(), complete: true }
    }

    /// A list of which nothing is known.
    #[must_use]
    pub fn unknown(value: Value) -> Self {
        let present = if value.is_not_null() { Truth::True } else { Truth::Unknown };
        Self { value, present, items: Vec::new(), possible: Vec::new(), complete: false }
    }

    /// What is certainly or possibly in it.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter().chain(&self.possible)
    }

    /// Whether nothing is in it, though it is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.complete && self.items.is_empty() && self.possible.is_empty() && self.present.is_true()
    }

    /// Whether `look` holds of an item.
    #[must_use]
    pub fn exists(&self, look: impl Fn(&T) -> Judgement) -> Judgement {
        let (mut holds, mut open) = (Vec::new(), Vec::new());
        let (mut truth, mut possible) = (Truth::False, false);
        for item in &self.items {
            let judgement = look(item);
            truth = truth.or(judgement.truth);
            let into = if judgement.truth.is_true() { &mut holds } else { &mut open };
            keep(into, judgement);
            if holds.len() >= MAX_WITNESSES {
                break;
            }
        }
        if truth.is_true() {
            return Judgement { truth, witness: holds };
        }
        for item in &self.possible {
            let judgement = look(item);
            possible |= !judgement.truth.is_false();
            keep(&mut open, judgement);
        }
        if !self.complete {
            possible = true;
            open.push(self.value.clone());
            open.truncate(MAX_WITNESSES);
        }
        if possible || truth == Truth::Unknown {
            Judgement { truth: Truth::Unknown, witness: open }
        } else {
            Judgement::no()
        }
    }

    /// Whether it is written.
    #[must_use]
    pub fn is_present(&self) -> Judgement {
        Judgement::of(self.present, &self.value)
    }
}

fn keep(witness: &mut Vec<Value>, judgement: Judgement) {
    let room = MAX_WITNESSES.saturating_sub(witness.len());
    witness.extend(judgement.witness.into_iter().take(room));
}

impl<T: Clone + PartialEq> Listing<T> {
    /// The list that a value is. `read` reads one that is written and of which there is only one way to be; `under` tells an
    /// item when it is there.
    pub(crate) fn of(value: &Value, read: impl Fn(&Value) -> Self, under: impl Fn(T, &[Guard]) -> T) -> Self {
        let read = |value: &Value| if value.is_unset() { Self::absent(value.clone()) } else { read(value) };
        match &value.data {
            Data::Unknown(unknown) if unknown.candidates.is_empty() => Self::unknown(value.clone()),
            Data::Unknown(unknown) => Self::one_of(value, unknown, |candidate| read(&value.part(candidate)), under),
            _ => read(value),
        }
    }

    /// A list that is one of several: what they all begin with is certain, what else they hold is possible. `under` tells
    /// an item when it is there.
    pub(crate) fn one_of(
        value: &Value,
        unknown: &Unknown,
        read: impl Fn(&Value) -> Self,
        under: impl Fn(T, &[Guard]) -> T,
    ) -> Self {
        let size = |candidate: &terravet_graph::Candidate| candidate.value.as_items().map_or(1, <[Value]>::len);
        if unknown.candidates.iter().map(size).sum::<usize>() > MAX_ALTERNATIVES {
            return Self::unknown(value.clone());
        }
        let lists: Vec<Self> = unknown.candidates.iter().map(|candidate| read(&candidate.value)).collect();
        let present = crate::pattern::agreed(lists.iter().map(|list| list.present));
        let Some((first, others)) = lists.split_first() else { return Self::unknown(value.clone()) };
        let shared = first
            .items
            .iter()
            .enumerate()
            .take_while(|(at, item)| others.iter().all(|other| other.items.get(*at) == Some(item)))
            .count();
        let items = first.items[..shared].to_vec();
        let complete = lists.iter().all(|list| list.complete);
        let mut possible = Vec::new();
        for (list, candidate) in lists.iter().zip(&unknown.candidates) {
            let others = list.items[shared..].iter().chain(&list.possible);
            possible.extend(others.map(|item| under(item.clone(), &candidate.when)));
        }
        Self { value: value.clone(), present, items, possible, complete }
    }

    fn append(&mut self, other: Self) {
        self.items.extend(other.items);
        self.possible.extend(other.possible);
        self.complete &= other.complete;
    }
}

impl Values {
    /// The values of an element that may be one value or a list.
    #[must_use]
    pub fn read(value: &Value) -> Self {
        Self::read_at(value, 0)
    }

    fn read_at(value: &Value, depth: usize) -> Self {
        match &value.data {
            Data::Absent | Data::Null(_) => Self::absent(value.clone()),
            _ if depth > MAX_DEPTH => Self::unknown(value.clone()),
            Data::Unknown(unknown) => Self::read_unknown(value, unknown, depth),
            Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
                let mut list = Self::known(value.clone(), Vec::new());
                for item in value.elements() {
                    if item.is_unknown() {
                        list.append(Self::read_at(&item, depth + 1));
                    } else if !item.is_unset() {
                        list.items.push(item);
                    }
                }
                list
            }
            _ => Self::known(value.clone(), vec![value.clone()]),
        }
    }

    fn read_unknown(value: &Value, unknown: &Unknown, depth: usize) -> Self {
        if unknown.candidates.is_empty() {
            return if is_text(value, unknown) {
                Self {
                    present: Self::unknown(value.clone()).present,
                    ..Self::known(value.clone(), vec![value.clone()])
                }
            } else {
                Self::unknown(value.clone())
            };
        }
        let scalar = |value: &Value| value.as_items().is_none() && !value.is_unset() && !value.is_unknown();
        if unknown.candidates.iter().all(|candidate| scalar(&candidate.value)) {
            return Self::known(value.clone(), vec![value.clone()]);
        }
        Self::one_of(value, unknown, |candidate| Self::read_at(&value.part(candidate), depth + 1), |item, _| item)
    }
}

/// Whether an unknown is one text and not a list: by its type or make, or since it is an identifier that a provider
/// computes.
fn is_text(value: &Value, unknown: &Unknown) -> bool {
    match &unknown.ty {
        Type::String | Type::Number | Type::Bool => true,
        Type::Any => {
            unknown.prefix.is_some()
                || unknown.reference.is_some()
                || matches!(value.content.as_deref(), Some(Content::Pieces(_)))
        }
        _ => false,
    }
}
