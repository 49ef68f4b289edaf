//! The subjects of each kind in one graph.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use terravet_graph::{Candidate, Data, Graph, Guard, Language, Mode, Resource, ResourceId, Value};
use terravet_policy::{Document, PolicyError, Statement};

use crate::permissions::Permissions;
use crate::relations::Relations;
use crate::structure::{is_about_text, step, within_text};
use crate::vocabulary::{Kind, KindSource, PolicyParts, PolicyUse, Vocabulary};

/// What a rule judges: a resource or a part of one, as one kind.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The resource that it is or belongs to.
    pub resource: ResourceId,
    /// What of it.
    pub body: Body,
    /// The choices under which it is there at all; empty when it is for certain.
    pub when: Vec<Guard>,
}

/// What of a resource a subject is.
#[derive(Clone, Debug)]
pub enum Body {
    /// All of it.
    Resource,
    /// A companion whose resource is outside the unit: nothing but the companion is known of it.
    Companion,
    /// A part: a nested block, a property's element.
    Part(Value),
    /// A policy that it holds.
    Document(Arc<Document>, PolicyUse),
    /// One statement of a policy that it holds.
    Statement(Arc<Document>, Arc<Statement>, PolicyUse),
}

impl Subject {
    /// The statement that it is.
    #[must_use]
    pub fn statement(&self) -> Option<&Statement> {
        match &self.body {
            Body::Statement(_, statement, _) => Some(statement),
            _ => None,
        }
    }

    /// The policy that it is or is a statement of.
    #[must_use]
    pub fn document(&self) -> Option<&Document> {
        match &self.body {
            Body::Document(document, _) | Body::Statement(document, _, _) => Some(document),
            _ => None,
        }
    }

    /// What the policy that it is or belongs to does where it stands.
    #[must_use]
    pub fn policy_use(&self) -> Option<PolicyUse> {
        match &self.body {
            Body::Document(_, policy_use) | Body::Statement(_, _, policy_use) => Some(*policy_use),
            _ => None,
        }
    }

    /// Whether both are the same thing.
    #[must_use]
    pub fn is(&self, other: &Subject) -> bool {
        self.resource == other.resource
            && match (&self.body, &other.body) {
                (Body::Resource, Body::Resource) | (Body::Companion, Body::Companion) => true,
                (Body::Part(a), Body::Part(b)) => a == b,
                _ => false,
            }
    }
}

/// A graph, seen through the vocabulary. Subjects of a kind are found when first asked for.
pub struct Model<'g> {
    /// The graph.
    pub graph: &'g Graph,
    /// The vocabulary.
    pub vocabulary: &'g Vocabulary,
    pub(crate) by_type: BTreeMap<(Language, Mode, &'g str), Vec<ResourceId>>,
    pub(crate) relations: Relations,
    pub(crate) used_documents: OnceLock<BTreeSet<ResourceId>>,
    pub(crate) permissions: OnceLock<Permissions>,
    subjects: BTreeMap<&'g str, OnceLock<Vec<Subject>>>,
    policy_errors: Mutex<Vec<PolicyError>>,
}

impl<'g> Model<'g> {
    /// The model of a graph.
    #[must_use]
    pub fn new(vocabulary: &'g Vocabulary, graph: &'g Graph) -> Self {
        let mut by_type: BTreeMap<_, Vec<ResourceId>> = BTreeMap::new();
        for (id, resource) in graph.iter() {
            // Who creates a resource makes no difference to what it is.
            let mode = if resource.mode == Mode::Outlined { Mode::Managed } else { resource.mode };
            by_type.entry((resource.language, mode, &*resource.native_type)).or_default().push(id);
        }
        let subjects = vocabulary.names().map(|name| (name, OnceLock::new())).collect();
        Self {
            graph,
            vocabulary,
            by_type,
            relations: Relations::default(),
            used_documents: OnceLock::new(),
            permissions: OnceLock::new(),
            subjects,
            policy_errors: Mutex::default(),
        }
    }

    /// The resource that a subject is or belongs to.
    #[must_use]
    pub fn resource(&self, subject: &Subject) -> &'g Resource {
        self.graph.resource(subject.resource)
    }

    /// The subjects of a kind, in the order of the graph.
    #[must_use]
    pub fn subjects(&self, kind: &Kind) -> &[Subject] {
        let Some(cell) = self.subjects.get(&*kind.name) else { return &[] };
        cell.get_or_init(|| {
            let mut subjects: Vec<Subject> =
                kind.sources.iter().flat_map(|source| self.in_source(kind, source)).collect();
            subjects.extend(self.companions_alone(kind, &subjects));
            subjects.sort_by_key(|subject| subject.resource);
            if kind.once {
                subjects.truncate(1);
            }
            subjects
        })
    }

    /// The subjects of a kind that are a resource or parts of it.
    #[must_use]
    pub fn subjects_of(&self, kind: &Kind, resource: ResourceId) -> &[Subject] {
        // Subjects stand in the order of their resources.
        let subjects = self.subjects(kind);
        let from = subjects.partition_point(|subject| subject.resource < resource);
        let until = subjects.partition_point(|subject| subject.resource <= resource);
        &subjects[from..until]
    }

    /// The resources of native types.
    pub(crate) fn of_types<'s>(
        &'s self,
        language: Language,
        mode: Mode,
        types: &'s [Arc<str>],
    ) -> impl Iterator<Item = ResourceId> + 's {
        types.iter().flat_map(move |native| {
            self.by_type.get(&(language, mode, &**native)).map_or(&[][..], Vec::as_slice).iter().copied()
        })
    }

    fn in_source(&self, kind: &Kind, source: &KindSource) -> Vec<Subject> {
        let mut found = Vec::new();
        for id in self.of_types(source.language, source.mode, &source.types) {
            let resource = self.graph.resource(id);
            if source.policy == Some(PolicyUse::Document) && self.is_used_document(id) {
                continue;
            }
            let Some(at) = &source.at else {
                let subject = Subject { resource: id, body: Body::Resource, when: Vec::new() };
                if matches(&resource.attributes, source) {
                    found.push(subject);
                }
                continue;
            };
            let mut parts = spread(&resource.attributes, &at.segments, &[]);
            if source.policy.is_none() {
                parts = parts.into_iter().flat_map(|(when, value)| parts_of(value, when)).collect();
            }
            for (when, value) in parts {
                match source.policy {
                    Some(policy_use) if matches(&value, source) => {
                        self.add_policies(kind, id, policy_use, &value, &when, &mut found);
                    }
                    None if matches(&value, source) && !value.is_unset() => {
                        found.push(Subject { resource: id, body: Body::Part(value), when });
                    }
                    _ => {}
                }
            }
        }
        found
    }

    /// The companions that stand alone: their link leads to none of the subjects.
    fn companions_alone(&self, kind: &Kind, subjects: &[Subject]) -> Vec<Subject> {
        let resources: BTreeSet<ResourceId> = subjects.iter().map(|subject| subject.resource).collect();
        let names = kind.companions.iter().filter(|(_, companion)| companion.stands_alone).map(|(name, _)| name);
        names
            .flat_map(|name| self.unlinked_companions(kind, name, &resources))
            .map(|id| Subject { resource: id, body: Body::Companion, when: Vec::new() })
            .collect()
    }

    fn add_policies(
        &self,
        kind: &Kind,
        resource: ResourceId,
        policy_use: PolicyUse,
        value: &Value,
        when: &[Guard],
        found: &mut Vec<Subject>,
    ) {
        if value.is_unset() {
            return;
        }
        let reading = terravet_policy::read(value);
        self.policy_errors.lock().unwrap_or_else(PoisonError::into_inner).extend(reading.errors);
        for document in reading.documents {
            let Some(when) = Candidate::join(when, &document.when) else { continue };
            let document = Arc::new(document);
            if kind.policies == Some(PolicyParts::Documents) {
                found.push(Subject { resource, body: Body::Document(document, policy_use), when });
                continue;
            }
            for statement in document.statements.iter() {
                let Some(when) = Candidate::join(&when, &statement.when) else { continue };
                let body = Body::Statement(Arc::clone(&document), Arc::new(statement.clone()), policy_use);
                found.push(Subject { resource, body, when });
            }
            if !document.statements.complete {
                // There may be more, of which nothing can be told.
                let more = Statement::unknown(&document.statements.value);
                found.push(Subject { resource, body: Body::Statement(document, Arc::new(more), policy_use), when });
            }
        }
    }

    /// What was wrong with the policies that have been read so far, in no particular order.
    #[must_use]
    pub fn policy_errors(&self) -> Vec<PolicyError> {
        self.policy_errors.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Whether a subject's value passes the filters of its source. What is not known does not pass.
fn matches(value: &Value, source: &KindSource) -> bool {
    source.filters.iter().all(|filter| {
        let found = spread(value, &filter.path.segments, &[]);
        let mut set = found.iter().map(|(_, value)| value).filter(|value| !value.is_unset()).peekable();
        if set.peek().is_none() {
            return filter.unset;
        }
        if found.iter().any(|(_, value)| filter.refused.iter().any(|refused| is_text(value, refused))) {
            return false;
        }
        filter.set || set.any(|value| filter.texts.iter().any(|wanted| is_text(value, wanted)))
    })
}

/// Whether a known value, as text, is this.
fn is_text(value: &Value, wanted: &str) -> bool {
    match &value.data {
        Data::String(text) => &**text == wanted,
        Data::Bool(flag) => wanted == if *flag { "true" } else { "false" },
        _ => false,
    }
}

/// The parts that the text of a part holds, or the part itself.
fn parts_of(value: Value, when: Vec<Guard>) -> Vec<(Vec<Guard>, Value)> {
    match within_text(&value) {
        Some(within) => spread(&within, &[], &when),
        None => vec![(when, value)],
    }
}

/// The values that a path of names leads to, element by element through lists, with the guards under which each is
/// there. Candidates are followed one by one.
pub(crate) fn spread(value: &Value, segments: &[Arc<str>], when: &[Guard]) -> Vec<(Vec<Guard>, Value)> {
    if let Some(unknown) = value.as_unknown().filter(|unknown| !unknown.candidates.is_empty()) {
        let mut found = Vec::new();
        for candidate in &unknown.candidates {
            if let Some(joined) = Candidate::join(when, &candidate.when) {
                found.extend(spread(&value.part(&candidate.value), segments, &joined));
            }
        }
        return found;
    }
    if value.as_items().is_some() {
        return value.elements().iter().flat_map(|element| spread(element, segments, when)).collect();
    }
    match segments.split_first() {
        None => vec![(when.to_vec(), value.clone())],
        Some((first, rest)) => {
            if !is_about_text(first)
                && let Some(within) = within_text(value)
            {
                return spread(&within, segments, when);
            }
            let set = step(value, first).into_iter().filter(|entry| !entry.is_unset());
            set.flat_map(|entry| spread(&entry, rest, when)).collect()
        }
    }
}
