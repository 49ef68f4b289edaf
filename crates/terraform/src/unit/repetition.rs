//! Which instances a block has: `count` and `for_each`.
//!
//! In: the value of the argument. Out: the instances, each with what `count` or `each` mean in it, and the [`Shape`] in
//! which references see them together.
//!
//! Where the argument is one of several values, an instance that only some of them give says when it exists. Where it is
//! not known at all, one representative instance stands for all.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/meta-arguments/count>,
//! <https://developer.hashicorp.com/terraform/language/meta-arguments/for_each>.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Candidate, Data, Entries, Guard, Index, Reference, Type, Unknown, Value, Why};
use terravet_source::Span;

use crate::evaluate::{EvaluationError, kind_of};
use terravet_terraform_functions::convert::{convert, first_reason};

/// What `count` and `each` mean in an instance.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Repetition {
    /// Nothing.
    None,
    /// `count.index` is this.
    Count(Value),
    /// `each.key` and `each.value` are these.
    Each {
        /// The key.
        key: Value,
        /// The value.
        value: Value,
    },
}

/// How the instances of a block make up what a reference to it means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// It is the only instance.
    Single,
    /// A list by `count`.
    List,
    /// A map by the keys of `for_each`.
    Map,
    /// One of several lists or maps: under these guards, the instances at these places.
    Choice {
        /// Why it is open.
        why: Why,
        /// Whether they are maps.
        keyed: bool,
        /// The alternatives.
        alternatives: Vec<(Vec<Guard>, Vec<usize>)>,
    },
    /// It is not known which instances there are.
    Open(Why),
}

/// One instance of a block.
#[derive(Debug)]
pub(super) struct One {
    pub(super) index: Option<Index>,
    pub(super) repetition: Repetition,
    pub(super) representative: Option<Why>,
    pub(super) exists_when: Option<Arc<str>>,
}

impl One {
    /// Whether it is not known that it exists.
    pub(super) fn is_doubtful(&self) -> bool {
        self.representative.is_some() || self.exists_when.is_some()
    }
}

/// All instances of a block.
#[derive(Debug)]
pub(super) struct Instances {
    pub(super) shape: Shape,
    pub(super) list: Vec<One>,
}

impl Instances {
    /// The only instance of a block that is not repeated.
    pub(super) fn single() -> Self {
        let one = One { index: None, repetition: Repetition::None, representative: None, exists_when: None };
        Self { shape: Shape::Single, list: vec![one] }
    }

    /// One instance that stands for all, with what `count` or `each` mean in it.
    pub(super) fn representative(why: Why, repetition: Repetition) -> Self {
        let one = One { index: None, repetition, representative: Some(why.clone()), exists_when: None };
        Self { shape: Shape::Open(why), list: vec![one] }
    }

    /// The instances for one of several values of the argument.
    fn choice(why: Why, keyed: bool, worlds: Vec<(Vec<Guard>, KnownInstances)>) -> Self {
        let all = worlds.len();
        let mut found: BTreeMap<Index, Vec<(Vec<Guard>, Repetition)>> = BTreeMap::new();
        let mut keys = Vec::with_capacity(all);
        for (when, list) in worlds {
            keys.push((when.clone(), list.iter().map(|(index, _)| index.clone()).collect::<Vec<_>>()));
            for (index, repetition) in list {
                found.entry(index).or_default().push((when.clone(), repetition));
            }
        }
        let places: BTreeMap<Index, usize> = found.keys().cloned().zip(0..).collect();
        let list = found
            .into_iter()
            .map(|(index, given)| One {
                index: Some(index),
                exists_when: (given.len() < all).then(|| in_words(given.iter().map(|(when, _)| &**when)).into()),
                repetition: together(&why, given),
                representative: None,
            })
            .collect();
        let alternative = |(when, indexes): (Vec<Guard>, Vec<Index>)| {
            (when, indexes.iter().filter_map(|index| places.get(index).copied()).collect())
        };
        let alternatives = keys.into_iter().map(alternative).collect();
        Self { shape: Shape::Choice { why, keyed, alternatives }, list }
    }
}

/// Guards in words: all of each group, of any group.
fn in_words<'g>(groups: impl Iterator<Item = &'g [Guard]>) -> String {
    let words = |group: &[Guard]| group.iter().map(|guard| &*guard.words).collect::<Vec<_>>().join(" and ");
    groups.map(words).collect::<Vec<_>>().join(", or ")
}

/// What `count` or `each` mean in an instance that several alternatives give.
fn together(why: &Why, mut given: Vec<(Vec<Guard>, Repetition)>) -> Repetition {
    let first = given[0].1.clone();
    if given.iter().all(|(_, other)| *other == first) {
        return first;
    }
    let values: Vec<Candidate> = given
        .drain(..)
        .filter_map(|(when, repetition)| match repetition {
            Repetition::Each { value, .. } => Some(Candidate { when, value }),
            Repetition::Count(_) | Repetition::None => None,
        })
        .collect();
    match first {
        Repetition::Each { key, .. } => Repetition::Each { key, value: Value::one_of(why.clone(), Type::Any, values) },
        other => other,
    }
}

/// The alternatives of a value: its candidates, or only itself.
pub(super) fn alternatives(value: &Value) -> Vec<(Vec<Guard>, Value)> {
    match value.as_unknown() {
        Some(unknown) if !unknown.candidates.is_empty() => {
            let of = |candidate: &Candidate| (candidate.when.clone(), value.part(&candidate.value));
            unknown.candidates.iter().map(of).collect()
        }
        _ => vec![(Vec::new(), value.clone())],
    }
}

/// Instances by their keys, with what `count` or `each` mean in them.
type KnownInstances = Vec<(Index, Repetition)>;

/// What an argument gives in one alternative.
enum World {
    Known(KnownInstances),
    Open(Why, Repetition),
}

/// The instances that `count` gives.
///
/// # Errors
/// Where it is no number of instances.
pub(super) fn by_count(count: &Value, span: Span, limit: usize) -> Result<Instances, EvaluationError> {
    worlds(count, Shape::List, |count| {
        let wrong = |message: String| Err(EvaluationError::new(span, message));
        if count.is_null() {
            return wrong("count must be a whole number, and this is null".into());
        }
        let number = match convert(count, &Type::Number) {
            Ok(number) => number,
            Err(error) => return wrong(format!("count must be a whole number: {error}")),
        };
        let Some(known) = number.as_number() else {
            let why = first_reason(&number).unwrap_or(Why::Computed);
            let index: Value = Unknown { not_null: true, ..Unknown::new(why.clone(), Type::Number) }.into();
            return Ok(World::Open(why, Repetition::Count(index.written_at(span))));
        };
        let Some(wanted) = known.to_i64() else {
            return wrong(format!("count must be a whole number, and this is {known}"));
        };
        let Ok(wanted) = usize::try_from(wanted) else {
            return wrong(format!("count cannot be less than 0, and this is {known}"));
        };
        if wanted > limit {
            return Err(over_limit(wanted, span));
        }
        let one = |at: usize| (Index::Number(at), Repetition::Count(Value::number(at).written_at(span)));
        Ok(World::Known((0..wanted).map(one).collect()))
    })
}

/// The instances that `for_each` gives.
///
/// # Errors
/// Where it is neither a map nor a set of texts.
pub(super) fn by_for_each(for_each: &Value, span: Span, limit: usize) -> Result<Instances, EvaluationError> {
    worlds(for_each, Shape::Map, |for_each| {
        let wrong = |message: String| Err(EvaluationError::new(span, message));
        let each = |key: &Arc<str>, value: &Value| {
            let key_value = for_each.part(&Value::string(Arc::clone(key)));
            (Index::Key(Arc::clone(key)), Repetition::Each { key: key_value, value: for_each.part(value) })
        };
        let list: Vec<_> = match &for_each.data {
            Data::Null(_) | Data::Absent => {
                return wrong("for_each must be a map or a set of texts, and this is null".into());
            }
            Data::Map(_) | Data::Object(_) => {
                for_each.as_entries().into_iter().flatten().map(|(key, value)| each(key, value)).collect()
            }
            Data::Set(set) => {
                let mut list = Vec::with_capacity(set.items.len());
                for item in &set.items {
                    match &item.data {
                        Data::String(text) => list.push(each(text, item)),
                        Data::Unknown(unknown) if matches!(unknown.ty, Type::String | Type::Any) => {
                            return Ok(open(for_each, &unknown.why, &Type::String, span));
                        }
                        Data::Null(_) => return wrong("a set for for_each cannot hold null".into()),
                        _ => {
                            let message =
                                format!("a set for for_each must hold texts, and this holds {}", kind_of(item));
                            return Err(EvaluationError::new(span, message)
                                .with_help("convert the elements, as with toset([for n in ... : tostring(n)])"));
                        }
                    }
                }
                list
            }
            Data::Unknown(unknown) => match &unknown.ty {
                Type::Map(element) => return Ok(open(for_each, &unknown.why, element, span)),
                Type::Set(element) if matches!(**element, Type::String | Type::Any) => {
                    return Ok(open(for_each, &unknown.why, element, span));
                }
                // Which attributes there are is known, only their values are not.
                Type::Object(object) => {
                    let value = |ty: &Type| Value::unknown(unknown.why.clone(), ty.clone());
                    object.attributes.iter().map(|(key, ty)| each(key, &value(ty))).collect()
                }
                Type::Any => return Ok(open(for_each, &unknown.why, &Type::Any, span)),
                _ => return Err(no_map(for_each, span)),
            },
            _ => return Err(no_map(for_each, span)),
        };
        if list.len() > limit {
            return Err(over_limit(list.len(), span));
        }
        Ok(World::Known(list))
    })
}

fn open(for_each: &Value, why: &Why, element: &Type, span: Span) -> World {
    let key: Value = Unknown { not_null: true, ..Unknown::new(why.clone(), Type::String) }.into();
    let value = Value::unknown(why.clone(), element.clone());
    let key = for_each.part(&key.written_at(span));
    let value = for_each.part(&value.written_at(span));
    World::Open(why.clone(), Repetition::Each { key, value })
}

fn no_map(value: &Value, span: Span) -> EvaluationError {
    let message = format!("for_each must be a map or a set of texts, and this is {}", kind_of(value));
    let error = EvaluationError::new(span, message);
    match value.data {
        Data::List(_) | Data::Tuple(_) => error.with_help("make a set of it with toset()"),
        _ => error,
    }
}

fn over_limit(wanted: usize, span: Span) -> EvaluationError {
    let limit = super::MAX_INSTANCES;
    EvaluationError::new(
        span,
        format!("these would be {wanted} instances, more than the limit of {limit} for one unit"),
    )
}

/// The instances of every alternative of an argument, put together.
fn worlds(
    argument: &Value,
    known: Shape,
    each: impl Fn(&Value) -> Result<World, EvaluationError>,
) -> Result<Instances, EvaluationError> {
    let alternatives = alternatives(argument);
    let mut worlds = Vec::with_capacity(alternatives.len());
    let mut refused = None;
    for (when, value) in alternatives {
        match each(&value) {
            Ok(World::Known(list)) => worlds.push((when, list)),
            Ok(World::Open(why, repetition)) => return Ok(Instances::representative(why, repetition)),
            Err(error) => refused = Some(error),
        }
    }
    if let (true, Some(error)) = (worlds.is_empty(), refused) {
        return Err(error);
    }
    if let [(when, _)] = worlds.as_slice()
        && when.is_empty()
    {
        let list = worlds.remove(0).1;
        let one = |(index, repetition)| One { index: Some(index), repetition, representative: None, exists_when: None };
        return Ok(Instances { shape: known, list: list.into_iter().map(one).collect() });
    }
    let why = argument.as_unknown().map_or(Why::Computed, |unknown| unknown.why.clone());
    Ok(Instances::choice(why, known == Shape::Map, worlds))
}

impl Shape {
    /// What a reference to the block means, from what references to its instances mean.
    pub(super) fn whole(&self, instances: &[(Option<&Index>, &Value)], address: &str) -> Value {
        let map = |places: &mut dyn Iterator<Item = usize>| {
            let entry = |at: usize| match instances.get(at) {
                Some((Some(Index::Key(key)), value)) => Some((Arc::clone(key), (*value).clone())),
                _ => None,
            };
            Data::Object(Arc::new(places.filter_map(entry).collect::<Entries>()))
        };
        let list = |places: &mut dyn Iterator<Item = usize>| {
            let items = places.filter_map(|at| instances.get(at)).map(|(_, value)| (*value).clone());
            Data::Tuple(Arc::new(items.collect()))
        };
        match self {
            Self::Single => instances.first().map_or_else(Value::null, |(_, value)| (*value).clone()),
            Self::List => list(&mut (0..instances.len())).into(),
            Self::Map => map(&mut (0..instances.len())).into(),
            Self::Choice { why, keyed, alternatives } => {
                let candidate = |(when, places): &(Vec<Guard>, Vec<usize>)| {
                    let mut places = places.iter().copied();
                    let data = if *keyed { map(&mut places) } else { list(&mut places) };
                    Candidate { when: when.clone(), value: data.into() }
                };
                Value::one_of(why.clone(), Type::Any, alternatives.iter().map(candidate).collect())
            }
            Self::Open(why) => {
                let reference = Reference { resource: address.into(), attribute: "".into() };
                Unknown { not_null: true, reference: Some(reference), ..Unknown::new(why.clone(), Type::Any) }.into()
            }
        }
    }
}
