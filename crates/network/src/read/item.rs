//! Reading arguments: from the values of resources to choices of plain data.
//!
//! In: a graph and the table. Out: [`Items`], the resources and nested blocks of each noun, whose fields are read as choices:
//! each possible value with its condition. Candidates of a value are followed; a value that is not known stays one choice.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Data, Graph, Guard, Mode, Reference, Resource, ResourceId, Value};
use terravet_source::Span;

use super::table::{Entry, Field, Noun, Path, Table};
use crate::topology::Place;
use crate::when::{Choice, Either, When, open};

/// The most values that one field is read as; what is beyond is one value that is not known.
const MAX_CHOICES: usize = 20_000;

/// A resource, or a nested block of one, that is a noun of the table.
#[derive(Clone, Debug)]
pub(super) struct Item<'g> {
    pub(super) id: ResourceId,
    pub(super) resource: &'g Resource,
    pub(super) entry: &'static Entry,
    /// The attributes, of the resource or the block.
    body: Value,
    /// When it is there.
    pub(super) when: When,
    /// Whether the block is one of a list that is not known: it may be any number of blocks.
    pub(super) unknown_block: bool,
}

/// What the argument of a reference turns out to mean.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Link {
    /// A resource of the unit.
    To(ResourceId),
    /// Something that the unit does not hold, by what names it.
    Outside(Arc<str>),
}

/// The items of a graph.
#[derive(Debug)]
pub(super) struct Items<'g> {
    pub(super) graph: &'g Graph,
    pub(super) table: &'static Table,
    by_noun: BTreeMap<Noun, Vec<Item<'g>>>,
    /// The resources that have a name, by noun and name.
    by_name: BTreeMap<(Noun, Arc<str>), ResourceId>,
    /// The nouns of a resource.
    nouns: BTreeMap<ResourceId, Vec<Noun>>,
    /// The place of a resource among the items of a noun.
    places: BTreeMap<(Noun, ResourceId), usize>,
    ways: RefCell<BTreeMap<Arc<str>, Vec<Guard>>>,
}

impl<'g> Items<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        let table = Table::embedded();
        let mut items = Self {
            graph,
            table,
            by_noun: BTreeMap::new(),
            by_name: BTreeMap::new(),
            nouns: BTreeMap::new(),
            places: BTreeMap::new(),
            ways: RefCell::default(),
        };
        for (id, resource) in graph.iter() {
            note_ways(&resource.attributes, &mut items.ways.borrow_mut());
            let data = resource.mode == Mode::Data;
            let typed = if data { format!("data.{}", resource.native_type) } else { resource.native_type.to_string() };
            for entry in table.of_type(&typed) {
                items.add(id, resource, entry);
            }
        }
        items
    }

    fn add(&mut self, id: ResourceId, resource: &'g Resource, entry: &'static Entry) {
        let mut guards: Vec<Guard> = resource.exists_when.iter().map(|words| open(Arc::clone(words))).collect();
        if let Some(why) = &resource.representative {
            guards.push(open(format!("{} has an instance ({why})", resource.address)));
        }
        let when = When::all(guards);
        let whole = Item { id, resource, entry, body: resource.attributes.clone(), when, unknown_block: false };
        let Some(path) = &entry.traits.at else {
            self.nouns.entry(id).or_default().push(entry.noun);
            for name in whole.texts(Field::Name) {
                if let Some(name) = name.value {
                    self.by_name.entry((entry.noun, name)).or_insert(id);
                }
            }
            let own = self.by_noun.entry(entry.noun).or_default();
            self.places.insert((entry.noun, id), own.len());
            own.push(whole);
            return;
        };
        for block in whole.follow(path) {
            let unknown_block = block.value.is_unknown();
            if let Some(when) = block.when.and(&whole.when) {
                let item = Item { body: block.value, when, unknown_block, ..whole.clone() };
                self.by_noun.entry(entry.noun).or_default().push(item);
            }
        }
    }

    /// The items of a noun, in the order of the graph.
    pub(super) fn of(&self, noun: Noun) -> &[Item<'g>] {
        self.by_noun.get(&noun).map_or(&[], Vec::as_slice)
    }

    /// A resource as one of the nouns.
    pub(super) fn get(&self, id: ResourceId, nouns: &[Noun]) -> Option<&Item<'g>> {
        nouns.iter().find_map(|noun| self.by_noun.get(noun)?.get(*self.places.get(&(*noun, id))?))
    }

    /// All ways in which a choice of the input can be taken.
    pub(super) fn ways(&self) -> BTreeMap<Arc<str>, Vec<Guard>> {
        self.ways.take()
    }

    /// Whether a resource is of one of the nouns.
    pub(super) fn is(&self, id: ResourceId, nouns: &[Noun]) -> bool {
        self.nouns.get(&id).is_some_and(|own| own.iter().any(|noun| nouns.contains(noun)))
    }

    /// What a field refers to among resources of some nouns, or outside.
    pub(super) fn links(&self, item: &Item<'g>, field: Field, nouns: &[Noun]) -> Vec<Choice<Link>> {
        item.values(field).into_iter().flat_map(|choice| self.link(&choice, nouns)).collect()
    }

    /// What a value refers to.
    pub(super) fn link(&self, choice: &Choice<Value>, nouns: &[Noun]) -> Vec<Choice<Link>> {
        let value = &choice.value;
        for reference in value.references() {
            let found: Vec<ResourceId> =
                self.graph.resolve(reference).iter().copied().filter(|id| self.is(*id, nouns)).collect();
            match found.as_slice() {
                [] => {}
                [one] => return vec![Choice { value: Link::To(*one), when: choice.when.clone() }],
                several => {
                    let which = |id: &ResourceId| {
                        let address = &self.graph.resource(*id).address;
                        let words = format!("{} is {address}", reference.resource);
                        let guard = Guard {
                            choice: format!("which instance {} is at {:?}", reference.resource, value.span()).into(),
                            taken: Arc::clone(address),
                            words: words.into(),
                        };
                        Choice { value: Link::To(*id), when: When::guard(guard) }.and(&choice.when)
                    };
                    return several.iter().filter_map(which).collect();
                }
            }
        }
        if let Some(text) = value.as_str() {
            for noun in nouns {
                if let Some(id) = self.by_name.get(&(*noun, text.into())) {
                    return vec![Choice { value: Link::To(*id), when: choice.when.clone() }];
                }
            }
            return vec![Choice { value: Link::Outside(text.into()), when: choice.when.clone() }];
        }
        vec![Choice { value: Link::Outside(named(value).into()), when: choice.when.clone() }]
    }
}

/// What names a value that is not known: the attribute that it is, the input that it is, or why it is not known.
pub(super) fn named(value: &Value) -> String {
    if let Some(Reference { resource, attribute }) = value.references().next() {
        return match &**attribute {
            "" | "id" | "arn" => resource.to_string(),
            other => format!("{resource}.{other}"),
        };
    }
    match value.as_unknown().map(|unknown| &unknown.why) {
        Some(terravet_graph::Why::Input(name) | terravet_graph::Why::Module(name)) => name.to_string(),
        Some(terravet_graph::Why::Data(address)) => address.to_string(),
        Some(why) => why.to_string(),
        None => "an unnamed value".to_owned(),
    }
}

/// Why a value is not known, as the words of a condition.
pub(super) fn unknown_words(value: &Value) -> String {
    match value.as_unknown().map(|unknown| &unknown.why) {
        Some(terravet_graph::Why::Input(name)) => name.to_string(),
        _ => named(value),
    }
}

/// Records the ways in which the choices in a value can be taken: the candidates of a value are all that it may be.
fn note_ways(value: &Value, ways: &mut BTreeMap<Arc<str>, Vec<Guard>>) {
    for candidate in value.as_unknown().into_iter().flat_map(|unknown| &unknown.candidates) {
        for guard in &candidate.when {
            let known = ways.entry(Arc::clone(&guard.choice)).or_default();
            if !known.contains(guard) {
                known.push(guard.clone());
            }
        }
        note_ways(&candidate.value, ways);
    }
    let entries = value.as_entries().into_iter().flat_map(|entries| entries.values());
    for part in value.as_items().unwrap_or_default().iter().chain(entries) {
        note_ways(part, ways);
    }
}

/// The possible values of a value.
fn choices(value: &Value, when: &When, found: &mut Vec<Choice<Value>>) {
    if found.len() >= MAX_CHOICES {
        return;
    }
    match value.as_unknown().filter(|unknown| !unknown.candidates.is_empty()) {
        None => found.push(Choice { value: value.clone(), when: when.clone() }),
        Some(unknown) => {
            for candidate in &unknown.candidates {
                if let Some(joined) = When::all(candidate.when.clone()).and(when) {
                    choices(&value.part(&candidate.value), &joined, found);
                }
            }
        }
    }
}

impl<'g> Item<'g> {
    /// The resource with the place of this item.
    pub(super) fn place(&self) -> Place {
        let nested = self.entry.traits.at.is_some();
        let span = if nested { self.body.span().or(Some(self.resource.header)) } else { Some(self.resource.header) };
        Place { address: Arc::clone(self.resource.shown_address()), span }
    }

    /// The resource with the place of a value.
    pub(super) fn place_of(&self, value: &Value) -> Place {
        let span = value.origin.as_ref().map(|origin| written_in(origin, self.resource.block));
        Place { address: Arc::clone(self.resource.shown_address()), span: span.or_else(|| self.place().span) }
    }

    /// The values at a path, with lists looked into; unset ones are left out.
    fn follow(&self, path: &Path) -> Vec<Choice<Value>> {
        let (start, path) = match path.split_first() {
            Some((first, rest)) if first.starts_with('^') => {
                let own: Vec<String> = std::iter::once(first[1..].to_owned()).chain(rest.iter().cloned()).collect();
                return Item { body: self.resource.attributes.clone(), ..self.clone() }.follow(&own);
            }
            _ => (&self.body, path),
        };
        let mut found = Vec::new();
        descend(start, path, &When::always(), &mut found);
        found
    }

    /// The possible values of a field, of all its paths; none where nothing is written.
    pub(super) fn values(&self, field: Field) -> Vec<Choice<Value>> {
        self.entry.paths(field).iter().flat_map(|path| self.follow(path)).collect()
    }

    /// Whether resources of this kind have the field at all.
    pub(super) fn has_field(&self, field: Field) -> bool {
        !self.entry.paths(field).is_empty()
    }

    /// The possible texts of a field; a value that is not known is none.
    pub(super) fn texts(&self, field: Field) -> Vec<Choice<Option<Arc<str>>>> {
        self.values(field).into_iter().map(|choice| choice.map(|value| text(&value))).collect()
    }

    /// The possible numbers of a field; a value that is not known is none.
    pub(super) fn numbers(&self, field: Field) -> Vec<Choice<Option<i64>>> {
        self.values(field).into_iter().map(|choice| choice.map(|value| number(&value))).collect()
    }

    /// When the value of a field is one for which `wanted` holds, which `words` say of the value; `otherwise` where nothing is
    /// written.
    pub(super) fn either(&self, field: Field, otherwise: bool, words: &str, wanted: impl Fn(&Value) -> bool) -> Either {
        let values = self.raw(field);
        if values.is_empty() {
            return Either::of(otherwise);
        }
        let mut either = Either::never();
        for choice in values {
            if choice.value.is_unset() {
                if otherwise {
                    either.add(choice.when);
                }
            } else if choice.value.is_unknown() {
                let words = format!("{} {words}", unknown_words(&choice.value));
                if let Some(when) = choice.when.and(&When::guard(open(words))) {
                    either.add(when);
                }
            } else if wanted(&choice.value) {
                either.add(choice.when);
            }
        }
        either
    }

    /// When a yes-or-no field is yes.
    pub(super) fn flag(&self, field: Field, otherwise: bool) -> Either {
        self.either(field, otherwise, "is true", is_true)
    }

    /// When a yes-or-no field is no.
    pub(super) fn not_flag(&self, field: Field, otherwise: bool) -> Either {
        self.either(field, otherwise, "is false", |value| !is_true(value))
    }

    /// The possible values of the first path that leads to something, with unset ones, for fields that stand once.
    fn raw(&self, field: Field) -> Vec<Choice<Value>> {
        for path in self.entry.paths(field) {
            let mut found = Vec::new();
            descend_raw(&self.body, path, &When::always(), &mut found);
            if found.iter().any(|choice| !choice.value.is_unset()) {
                return found;
            }
        }
        Vec::new()
    }
}

/// As [`descend_raw`], without what is unset.
fn descend(value: &Value, path: &[String], when: &When, found: &mut Vec<Choice<Value>>) {
    descend_raw(value, path, when, found);
    found.retain(|choice| !choice.value.is_unset());
}

/// Goes along a path; lists are looked into element by element, candidates one by one.
fn descend_raw(value: &Value, path: &[String], when: &When, found: &mut Vec<Choice<Value>>) {
    let mut possible = Vec::new();
    choices(value, when, &mut possible);
    for choice in possible {
        if found.len() >= MAX_CHOICES {
            return;
        }
        if choice.value.as_items().is_some() {
            for element in choice.value.elements() {
                descend_raw(&element, path, &choice.when, found);
            }
            continue;
        }
        let Some((name, rest)) = path.split_first() else {
            found.push(choice);
            continue;
        };
        if let Some(selector) = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            let (key, wanted) = selector.split_once('=').unwrap_or((selector, ""));
            let selected = choice.value.get(key);
            if selected.is_unknown() || text(&selected).as_deref() == Some(wanted) {
                descend_raw(&choice.value, rest, &choice.when, found);
            }
            continue;
        }
        let next = choice.value.get(name);
        if matches!(next.data, Data::Absent) && choice.value.as_entries().is_none() && !choice.value.is_unknown() {
            continue;
        }
        descend_raw(&next, rest, &choice.when, found);
    }
}

/// The place in the block of a resource where a value was written or came in; its source where it came from elsewhere.
fn written_in(origin: &terravet_graph::Origin, block: Span) -> Span {
    origin.chain().map(|link| link.span).find(|span| block.contains(*span)).unwrap_or(origin.source().span)
}

/// A known text; numbers and truths as text, since both languages take them for one another.
pub(super) fn text(value: &Value) -> Option<Arc<str>> {
    match &value.data {
        Data::String(text) => Some(Arc::clone(text)),
        Data::Bool(truth) => Some(if *truth { "true".into() } else { "false".into() }),
        Data::Number(number) => number.to_i64().map(|number| number.to_string().into()),
        _ => None,
    }
}

/// A known whole number, also where it is written as text.
pub(super) fn number(value: &Value) -> Option<i64> {
    match &value.data {
        Data::Number(number) => number.to_i64(),
        Data::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Whether a value says yes in one of the ways of both languages.
pub(super) fn is_true(value: &Value) -> bool {
    matches!(text(value).as_deref(), Some("true" | "True" | "enable" | "ENABLED"))
}
