//! Reading a subject's attributes, under choices for what the input leaves open.
//!
//! In: a subject and an attribute of its kind. Out: a [`Reading`]: the value in the attribute's type, with the language's
//! default where nothing is written, or the related subjects.
//!
//! Invariant: an unknown with candidates is never returned; it is resolved through [`Choices`], so that one reading is
//! one possible world.

use std::cell::Cell;
use std::sync::Arc;

use terravet_graph::{Candidate, Data, Graph, Guard, Language, Number, Releases, Resource, Type, Unknown, Value, Why};
use terravet_schema::{Attribute, AttributeType, Computed, Default, Kind, Literal, Path, PathRoot, Satellite};
use terravet_source::Span;

use crate::evaluate::Evaluator;
use crate::facts::{Fact, FactContext};
use crate::model::Model;
use crate::structure::{is_about_text, step, within_text};
use crate::subject::{Body, Subject};

/// Decides which candidate an unknown is in the world that is being looked at.
pub trait Choices {
    /// The value to go on with; none leaves it unknown.
    fn choose(&self, unknown: &Unknown) -> Option<Value>;
}

/// Leaves everything that is open unknown.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoChoices;

impl Choices for NoChoices {
    fn choose(&self, _: &Unknown) -> Option<Value> {
        None
    }
}

/// What reading an attribute gives.
#[derive(Clone, Debug)]
pub enum Reading {
    /// A value and whether it is written, as opposed to absent or a default.
    Value {
        /// The value: of the attribute's type, absent, or unknown.
        value: Value,
        /// Where nothing is written, the absent value, with the place where it would be.
        absent: Option<Value>,
        /// What else shows why it is so: the evidence of a fact.
        evidence: Vec<Value>,
    },
    /// Subjects of a kind.
    Subjects {
        /// Which.
        subjects: Vec<Subject>,
        /// Whether there can be no others.
        complete: bool,
        /// Where their absence would be shown.
        place: Value,
    },
}

/// A model under choices.
pub struct View<'a> {
    /// The model.
    pub model: &'a Model<'a>,
    choices: &'a dyn Choices,
    /// How many derived attributes are being read within each other.
    depth: Cell<usize>,
}

/// How deep derived attributes may be derived from each other. A schema in which they go in circles is refused; this is for
/// the facts between them, which a schema does not look into.
const MAX_DEPTH: usize = 64;

impl<'a> View<'a> {
    /// A view of a model.
    #[must_use]
    pub fn new(model: &'a Model<'a>, choices: &'a dyn Choices) -> Self {
        Self { model, choices, depth: Cell::new(0) }
    }

    /// The value with what is open at its top decided.
    #[must_use]
    pub fn settle(&self, value: &Value) -> Value {
        let mut settled = value.clone();
        while let Some(unknown) = settled.as_unknown().filter(|unknown| !unknown.candidates.is_empty()) {
            let Some(chosen) = self.choices.choose(unknown) else {
                let plain = Unknown { candidates: Vec::new(), ..unknown.clone() };
                return Value { origin: settled.origin.clone(), ..plain.into() };
            };
            settled = settled.part(&chosen);
        }
        settled
    }

    /// Reads an attribute.
    #[must_use]
    pub fn read(&self, subject: &Subject, kind: &Kind, attribute: &Attribute) -> Reading {
        match &attribute.computed {
            Some(Computed::Fact(name)) => return self.fact(subject, kind, name, &[]),
            Some(Computed::Reverse(back)) => return self.reverse(subject, kind, attribute, back),
            Some(Computed::SameResource) => {
                return self.others(subject, attribute, |other| self.model.subjects_of(other, subject.resource));
            }
            Some(Computed::All) => return self.others(subject, attribute, |other| self.model.subjects(other)),
            Some(Computed::Condition(_)) => return self.derived(subject, kind, attribute),
            None => {}
        }
        if let AttributeType::Subject(other) | AttributeType::Subjects(other) = &attribute.ty {
            return self.forward(subject, kind, attribute, other);
        }
        let resource = self.model.resource(subject);
        let value = match attribute.ty {
            AttributeType::Strings => self.gather(subject, kind, attribute, resource.language),
            _ => self.first(subject, kind, attribute, resource.language),
        };
        if !value.is_unset() {
            return Reading::Value { value, absent: None, evidence: Vec::new() };
        }
        let default = attribute.default(resource.language).and_then(|default| self.default(default, resource));
        let value_or_default = match default {
            Some(default) => Value { origin: value.origin.clone(), ..default },
            None => value.clone(),
        };
        Reading::Value { value: value_or_default, absent: Some(value), evidence: Vec::new() }
    }

    /// What an attribute of a resource is where nothing is written. Where the release of the provider is open, and makes a
    /// difference, it is one of several.
    fn default(&self, default: &Default, resource: &Resource) -> Option<Value> {
        match default {
            Default::Always(literal) => Some(literal.value()),
            Default::ByType(types) => self.default(types.get(&resource.native_type)?, resource),
            Default::ByRelease(ranges) => Some(self.settle(&by_release(ranges, resource, self.model.graph))),
        }
    }

    /// Decides the condition of a derived attribute in this view.
    fn derived(&self, subject: &Subject, kind: &Kind, attribute: &Attribute) -> Reading {
        let compiled = self.model.schema.derived(kind, attribute);
        let (Some(Ok(expression)), true) = (compiled.as_deref(), self.depth.get() < MAX_DEPTH) else {
            let why = Why::Other(format!("{} cannot be derived", attribute.name).into());
            return Reading::Value { value: Value::unknown(why, Type::Bool), absent: None, evidence: Vec::new() };
        };
        self.depth.set(self.depth.get() + 1);
        let outcome = Evaluator::new(self, kind, subject).check(expression);
        self.depth.set(self.depth.get() - 1);
        let Fact { value, evidence } = Fact::truth(outcome.truth(), outcome.evidence);
        Reading::Value { value, absent: None, evidence }
    }

    /// Computes a fact with arguments.
    #[must_use]
    pub fn fact(&self, subject: &Subject, kind: &Kind, name: &str, arguments: &[Literal]) -> Reading {
        let Fact { value, evidence } = match self.model.catalog.fact(name) {
            Some(fact) => (fact.run)(FactContext { view: self, subject, kind, fact: fact.name, arguments }),
            None => Fact::unknown("there is no such fact"),
        };
        Reading::Value { value, absent: None, evidence }
    }

    /// The values that a path leads to, each settled; and the place where the last name would be written.
    #[must_use]
    pub fn follow(&self, subject: &Subject, kind: &Kind, path: &Path) -> Vec<Value> {
        let resource = self.model.resource(subject);
        if matches!(subject.body, Body::Satellite) {
            return self.follow_alone(resource, kind, path);
        }
        match &path.root {
            PathRoot::Own => self.descend(&own(subject, &resource.attributes), &path.segments),
            PathRoot::Owner => self.descend(&resource.attributes, &path.segments),
            PathRoot::Meta => self.descend(&resource.meta, &path.segments),
            PathRoot::Satellite(name) => {
                let (satellites, complete) = self.model.satellites(kind, subject.resource, name);
                let mut found: Vec<Value> = satellites
                    .iter()
                    .flat_map(|id| self.descend(&self.model.graph.resource(*id).attributes, &path.segments))
                    .collect();
                if satellites.is_empty() && !complete {
                    let why = Why::Other(
                        "it may be configured by a resource or module that is not known before apply".into(),
                    );
                    found.push(Value::unknown(why, Type::Any).written_at(resource.header));
                }
                found
            }
        }
    }

    /// As [`View::follow`], for a satellite whose resource is outside the unit: what is not in it is not known.
    fn follow_alone(&self, resource: &Resource, kind: &Kind, path: &Path) -> Vec<Value> {
        if let PathRoot::Satellite(name) = &path.root {
            let is_it = |satellite: &Satellite| satellite.types.contains(&resource.native_type);
            if kind.satellites.get(name).is_some_and(is_it) {
                return self.descend(&resource.attributes, &path.segments);
            }
        }
        let why = Why::Other("the resource that it configures is not in this unit".into());
        vec![Value::unknown(why, Type::Any).written_at(resource.header)]
    }

    fn descend(&self, value: &Value, segments: &[Arc<str>]) -> Vec<Value> {
        let value = self.settle(value);
        if value.as_items().is_some() {
            return value.elements().iter().flat_map(|element| self.descend(element, segments)).collect();
        }
        let Some((first, rest)) = segments.split_first() else { return vec![value] };
        if !is_about_text(first)
            && let Some(within) = within_text(&value)
        {
            return self.descend(&within, segments);
        }
        let set = step(&value, first).into_iter().filter(|entry| !matches!(entry.data, Data::Absent));
        set.flat_map(|entry| self.descend(&entry, rest)).collect()
    }

    /// The first value that any of the paths leads to, in the attribute's type.
    fn first(&self, subject: &Subject, kind: &Kind, attribute: &Attribute, language: Language) -> Value {
        let paths = attribute.paths(language);
        if let Some(unknown) = self.untold(subject, kind, paths) {
            return unknown;
        }
        for path in paths.iter().filter(|path| self.model.is_told(subject, kind, path)) {
            let found = self.follow(subject, kind, path);
            if let Some(value) = found.into_iter().find(|value| !value.is_unset()) {
                return in_type(value, &attribute.ty);
            }
        }
        self.absent(subject, kind, paths)
    }

    /// What an attribute is worth where a module stub tells nothing of it.
    fn untold(&self, subject: &Subject, kind: &Kind, paths: &[Path]) -> Option<Value> {
        let resource = self.model.resource(subject);
        if paths.is_empty() || paths.iter().any(|path| self.model.is_told(subject, kind, path)) {
            return None;
        }
        let why = Why::Module(Arc::clone(&resource.module));
        Some(Value::unknown(why, Type::Any).written_at(resource.header))
    }

    /// All texts that the paths lead to. An unknown element stands for any number of them.
    fn gather(&self, subject: &Subject, kind: &Kind, attribute: &Attribute, language: Language) -> Value {
        let paths = attribute.paths(language);
        if let Some(unknown) = self.untold(subject, kind, paths) {
            return unknown;
        }
        let told = paths.iter().filter(|path| self.model.is_told(subject, kind, path));
        let all = told.flat_map(|path| self.follow(subject, kind, path));
        let items: Vec<Value> =
            all.filter(|value| !value.is_unset()).map(|value| in_type(value, &AttributeType::String)).collect();
        if items.is_empty() {
            return self.absent(subject, kind, paths);
        }
        let origin = items[0].origin.clone();
        Value { origin, ..Value::tuple(items) }
    }

    /// Nothing, with the place where it would be written: the deepest block on the first path that is there.
    fn absent(&self, subject: &Subject, kind: &Kind, paths: &[Path]) -> Value {
        let resource = self.model.resource(subject);
        let mut place = own(subject, &resource.attributes).span().filter(|_| matches!(subject.body, Body::Part(_)));
        if let Some(path) = paths.iter().find(|path| path.root == PathRoot::Own) {
            let mut value = own(subject, &resource.attributes);
            for segment in &path.segments {
                value = within_text(&value).unwrap_or(value);
                let elements = value.elements();
                let Some(entry) = elements.iter().map(|element| element.get(segment)).find(|entry| !entry.is_unset())
                else {
                    break;
                };
                let source = entry.origin.as_ref().map(|origin| origin.source().span);
                let inside = |span: &Span| resource.block.contains(*span);
                place = source.filter(inside).or(entry.span().filter(inside)).or(place);
                value = entry;
            }
        }
        Value::absent(Some(place.or(self.satellite_place(subject, kind, paths)).unwrap_or(resource.header)))
    }

    /// The satellite that an attribute would be written in, where there is one.
    fn satellite_place(&self, subject: &Subject, kind: &Kind, paths: &[Path]) -> Option<Span> {
        paths.iter().find_map(|path| {
            let PathRoot::Satellite(name) = &path.root else { return None };
            let (found, _) = self.model.satellites(kind, subject.resource, name);
            found.first().map(|id| self.model.graph.resource(*id).header)
        })
    }

    fn forward(&self, subject: &Subject, kind: &Kind, attribute: &Attribute, other: &str) -> Reading {
        let resource = self.model.resource(subject);
        let place = self.absent(subject, kind, attribute.paths(resource.language));
        let Some(other) = self.model.schema.kind(other) else {
            return Reading::Subjects { subjects: Vec::new(), complete: true, place };
        };
        let paths = attribute.paths(resource.language);
        if let Some(place) = self.untold(subject, kind, paths) {
            return Reading::Subjects { subjects: Vec::new(), complete: false, place };
        }
        let (mut subjects, mut complete, mut place) = (Vec::new(), true, place);
        for path in paths.iter().filter(|path| self.model.is_told(subject, kind, path)) {
            for value in self.follow(subject, kind, path) {
                let (found, all) = self.model.referred(&value, other);
                subjects.extend(found);
                complete &= all;
                place = value;
            }
        }
        Reading::Subjects { subjects, complete, place }
    }

    fn reverse(&self, subject: &Subject, kind: &Kind, attribute: &Attribute, back: &str) -> Reading {
        let place = Value::absent(Some(self.model.resource(subject).header));
        let AttributeType::Subjects(other) = &attribute.ty else {
            return Reading::Subjects { subjects: Vec::new(), complete: true, place };
        };
        let Some(other) = self.model.schema.kind(other) else {
            return Reading::Subjects { subjects: Vec::new(), complete: true, place };
        };
        let (subjects, complete) = self.model.referring(subject, kind, other, back);
        Reading::Subjects { subjects, complete, place }
    }

    fn others(&self, subject: &Subject, attribute: &Attribute, which: impl Fn(&Kind) -> &'a [Subject]) -> Reading {
        let place = Value::absent(Some(self.model.resource(subject).header));
        let other = match &attribute.ty {
            AttributeType::Subject(other) | AttributeType::Subjects(other) => self.model.schema.kind(other),
            _ => None,
        };
        let subjects = other.map_or(&[][..], which).to_vec();
        Reading::Subjects { subjects, complete: true, place }
    }

    /// The resource in which a path of a subject's kind is written, and the value that its names start from. None where there
    /// is no such resource in the unit.
    #[must_use]
    pub fn holder(&self, subject: &Subject, kind: &Kind, path: &Path) -> Option<(&'a Resource, Value)> {
        let resource = self.model.resource(subject);
        let is_satellite = matches!(subject.body, Body::Satellite);
        match &path.root {
            PathRoot::Own if is_satellite => None,
            PathRoot::Own => Some((resource, own(subject, &resource.attributes))),
            PathRoot::Owner => Some((resource, resource.attributes.clone())),
            PathRoot::Meta => None,
            PathRoot::Satellite(name) if is_satellite => {
                let is_it = kind.satellites.get(name).is_some_and(|it| it.types.contains(&resource.native_type));
                is_it.then(|| (resource, resource.attributes.clone()))
            }
            PathRoot::Satellite(name) => {
                let (satellites, _) = self.model.satellites(kind, subject.resource, name);
                let satellite = self.model.graph.resource(*satellites.first()?);
                Some((satellite, satellite.attributes.clone()))
            }
        }
    }

    /// Where the subject as a whole is to be shown.
    #[must_use]
    pub fn place(&self, subject: &Subject) -> Span {
        let resource = self.model.resource(subject);
        match &subject.body {
            Body::Resource | Body::Satellite => resource.header,
            Body::Part(value) => value.span().unwrap_or(resource.header),
            Body::Derived(part) => part.place().unwrap_or(resource.header),
        }
    }
}

/// The default in the releases that the provider of a resource may be of.
fn by_release(ranges: &[(Releases, Literal)], resource: &Resource, graph: &Graph) -> Value {
    let provider = resource.native_type.split('_').next().unwrap_or_default();
    let possible = graph.provider_releases.get(provider).copied().unwrap_or(Releases::ANY);
    let fitting: Vec<&(Releases, Literal)> = ranges.iter().filter(|(range, _)| range.and(possible).is_some()).collect();
    let Some(((_, first), rest)) = fitting.split_first() else { return Value::null() };
    if rest.iter().all(|(_, other)| other == first) {
        return first.value();
    }
    let bounds: Vec<String> = ranges.iter().map(|(range, _)| range.least.to_string()).collect();
    let choice: Arc<str> = format!("release of {provider} among {}", bounds.join(", ")).into();
    let candidates = fitting.iter().map(|(range, literal)| {
        let words = format!("the {provider} provider is {}", in_words(*range));
        let taken = range.least.to_string().into();
        Candidate {
            when: vec![Guard { choice: Arc::clone(&choice), taken, words: words.into() }],
            value: literal.value(),
        }
    });
    let why = Why::Other(format!("the release of the {provider} provider is open").into());
    Value::one_of(why, Type::Any, candidates.collect())
}

/// A range of releases as people say it.
fn in_words(range: Releases) -> String {
    let version = |number: u32| match (number / 1000, number % 1000) {
        (major, 0) => major.to_string(),
        (major, minor) => format!("{major}.{minor}"),
    };
    match (range.least, range.most) {
        (0, most) => format!("older than version {}", version(most.saturating_add(1))),
        (least, u32::MAX) => format!("of version {} or later", version(least)),
        (least, most) => format!("of version {} or later, before {}", version(least), version(most.saturating_add(1))),
    }
}

/// What a path of a subject's own starts from.
fn own(subject: &Subject, attributes: &Value) -> Value {
    match &subject.body {
        Body::Part(value) => value.clone(),
        Body::Resource | Body::Satellite | Body::Derived(_) => attributes.clone(),
    }
}

/// The value in an attribute's type, as the provider or CloudFormation would convert it. What does not convert stays.
fn in_type(value: Value, ty: &AttributeType) -> Value {
    let converted = match (ty, &value.data) {
        (AttributeType::Bool, Data::String(text)) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(Data::Bool(true)),
            "false" | "0" => Some(Data::Bool(false)),
            _ => None,
        },
        (AttributeType::Number, Data::String(text)) => text.parse::<Number>().ok().map(Data::Number),
        (AttributeType::String, Data::Bool(flag)) => Some(Data::String(if *flag { "true" } else { "false" }.into())),
        (AttributeType::String, Data::Number(number)) => Some(Data::String(number.to_string().into())),
        _ => None,
    };
    match converted {
        Some(data) => Value { data, ..value },
        None => value,
    }
}
