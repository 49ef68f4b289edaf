//! The subjects of each kind in one graph.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Candidate, Data, Graph, Guard, Language, Mode, Resource, ResourceId, Value};
use terravet_schema::{Day, Kind, KindSource, Schema};

use crate::facts::{Catalog, Derivable};
use crate::passes::Passes;
use crate::relations::Relations;
use crate::structure::{is_about_text, step, within_text};
use crate::subject::{Body, Subject};

/// A graph, seen through the schema. Subjects of a kind are found when first asked for.
pub struct Model<'g> {
    /// The graph.
    pub graph: &'g Graph,
    /// The schema.
    pub schema: &'g Schema,
    /// The facts that kinds may name.
    pub catalog: &'g Catalog,
    /// The day on which it is looked at.
    pub today: Day,
    pub(crate) by_type: BTreeMap<(Language, Mode, &'g str), Vec<ResourceId>>,
    pub(crate) relations: Relations,
    pub(crate) passes: Passes,
    subjects: BTreeMap<&'g str, OnceLock<Vec<Subject>>>,
    diagnostics: Mutex<Vec<Diagnostic>>,
}

impl<'g> Model<'g> {
    /// The model of a graph, looked at on a day.
    #[must_use]
    pub fn new(schema: &'g Schema, catalog: &'g Catalog, graph: &'g Graph, today: Day) -> Self {
        let mut by_type: BTreeMap<_, Vec<ResourceId>> = BTreeMap::new();
        for (id, resource) in graph.iter() {
            // Who creates a resource makes no difference to what it is.
            let mode = if resource.mode == Mode::Outlined { Mode::Managed } else { resource.mode };
            by_type.entry((resource.language, mode, &*resource.native_type)).or_default().push(id);
        }
        let subjects = schema.names().map(|name| (name, OnceLock::new())).collect();
        Self {
            graph,
            schema,
            catalog,
            today,
            by_type,
            relations: Relations::default(),
            passes: Passes::default(),
            subjects,
            diagnostics: Mutex::default(),
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
            subjects.extend(self.satellites_alone(kind, &subjects));
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
    pub fn of_types<'s>(
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
        let derivation = kind.derived.as_deref().and_then(|name| self.catalog.derivation(name));
        let mut found = Vec::new();
        for id in self.of_types(source.language, source.mode, &source.types) {
            let resource = self.graph.resource(id);
            let Some(at) = &source.at else {
                let subject = Subject { resource: id, body: Body::Resource, when: Vec::new() };
                if matches(&resource.attributes, source) {
                    found.push(subject);
                }
                continue;
            };
            let parts = spread(&resource.attributes, &at.segments, &[]);
            if let (Some(derivation), Some(role)) = (derivation, &source.role) {
                let values = parts.into_iter().filter(|(_, value)| matches(value, source)).collect();
                found.extend((derivation.run)(Derivable { model: self, resource: id, role, values }));
                continue;
            }
            for (when, value) in parts.into_iter().flat_map(|(when, value)| parts_of(value, when)) {
                if matches(&value, source) && !value.is_unset() {
                    found.push(Subject { resource: id, body: Body::Part(value), when });
                }
            }
        }
        found
    }

    /// The satellites that stand alone: their link leads to none of the subjects.
    fn satellites_alone(&self, kind: &Kind, subjects: &[Subject]) -> Vec<Subject> {
        let resources: BTreeSet<ResourceId> = subjects.iter().map(|subject| subject.resource).collect();
        let names = kind.satellites.iter().filter(|(_, satellite)| satellite.stands_alone).map(|(name, _)| name);
        names
            .flat_map(|name| self.unlinked_satellites(kind, name, &resources))
            .map(|id| Subject { resource: id, body: Body::Satellite, when: Vec::new() })
            .collect()
    }

    /// Tells of something that is wrong with what the graph holds.
    pub fn report(&self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.diagnostics.lock().unwrap_or_else(PoisonError::into_inner).extend(diagnostics);
    }

    /// What was wrong with what has been read so far, in no particular order.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.diagnostics.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
#[must_use]
pub fn spread(value: &Value, segments: &[Arc<str>], when: &[Guard]) -> Vec<(Vec<Guard>, Value)> {
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
