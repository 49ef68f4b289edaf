//! Which resources belong together: satellites that configure a subject, and subjects that refer to each other.
//!
//! A link holds by reference (the linking value came from an attribute of the resource) or by name (it is text equal to what
//! identifies the resource). A link that cannot be followed makes the answer incomplete, so that nothing is
//! called absent which may be there.
//!
//! Links are followed once for all resources and then looked up, so that the time grows with the number of links.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use terravet_graph::{Graph, Mode, Resource, ResourceId, Value, Why};
use terravet_schema::{Kind, Path, PathRoot};

use crate::model::{Model, spread};
use crate::passes::Pass;
use crate::subject::{Body, Subject};

/// Where a value leads.
struct Targets {
    /// To these for certain.
    found: Vec<ResourceId>,
    /// Whether it may lead to any other.
    open: bool,
}

/// What links to resources, by the resource that it links to.
#[derive(Debug, Default)]
pub(crate) struct Links {
    by_target: BTreeMap<ResourceId, Vec<usize>>,
    /// Whether a link cannot be followed: it may lead to any resource.
    open: bool,
}

/// The resources that may be satellites under one name, and what they configure.
#[derive(Debug)]
struct Satellites {
    candidates: Vec<ResourceId>,
    links: Links,
}

/// A key of [`Relations`]: a kind, the name of another kind, and the attribute that leads back.
type LinkKey = (Arc<str>, Arc<str>, Arc<str>);

/// Values that are computed once for each key.
type Cells<K, V> = Mutex<BTreeMap<K, Arc<OnceLock<V>>>>;

/// The resources that go by each name.
type Names = BTreeMap<Arc<str>, Vec<ResourceId>>;

/// What has been found out about relations in a graph.
#[derive(Debug, Default)]
pub(crate) struct Relations {
    /// By kind.
    names: Cells<Arc<str>, Names>,
    links: Cells<LinkKey, Links>,
    /// By kind and name.
    satellites: Cells<(Arc<str>, Arc<str>), Satellites>,
}

/// The resources that modules were given which cannot be looked into.
struct InOpaqueModules(BTreeSet<ResourceId>);

impl Pass for InOpaqueModules {
    fn compute(model: &Model<'_>) -> Self {
        let graph = model.graph;
        let mut reached = BTreeSet::new();
        // A module stub tells what a module does with what it is given.
        let is_opaque = |resource: &&Resource| {
            resource.mode == Mode::OpaqueModule && !graph.outlined.contains_key(&resource.address)
        };
        for module in graph.resources.iter().filter(is_opaque) {
            collect_resources(graph, &module.attributes, &mut reached);
        }
        Self(reached)
    }
}

/// What module stubs tell of, by the address of the call.
struct ByModule(BTreeMap<Arc<str>, Vec<ResourceId>>);

impl Pass for ByModule {
    fn compute(model: &Model<'_>) -> Self {
        let mut by_module: BTreeMap<Arc<str>, Vec<ResourceId>> = BTreeMap::new();
        for (id, resource) in model.graph.iter().filter(|(_, resource)| resource.mode == Mode::Outlined) {
            by_module.entry(Arc::clone(&resource.module)).or_default().push(id);
        }
        Self(by_module)
    }
}

/// The cell of a key, made where there is none.
fn cell<K: Ord, V>(table: &Cells<K, V>, key: K) -> Arc<OnceLock<V>> {
    Arc::clone(table.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default())
}

impl Model<'_> {
    /// The satellites of a resource, and whether these are all that there can be.
    pub(crate) fn satellites(&self, kind: &Kind, subject: ResourceId, name: &Arc<str>) -> (Vec<ResourceId>, bool) {
        let cell = cell(&self.relations.satellites, (Arc::clone(&kind.name), Arc::clone(name)));
        let Satellites { candidates, links } = cell.get_or_init(|| self.find_satellites(kind, name));
        let found = links.by_target.get(&subject).into_iter().flatten().filter_map(|at| candidates.get(*at)).copied();
        let types = kind.satellites.get(name).map_or(&[][..], |satellite| &satellite.types);
        let complete = !links.open && !self.reaches_opaque_module(subject) && self.tells_of(subject, types);
        (found.collect(), complete)
    }

    /// Whether all resources of one of these types that the maker of a resource creates are in the graph: so it is unless a
    /// module stub does not speak of them.
    fn tells_of(&self, resource: ResourceId, types: &[Arc<str>]) -> bool {
        let resource = self.graph.resource(resource);
        let outlined = self.graph.outlined.get(&resource.module);
        resource.mode != Mode::Outlined
            || outlined.is_some_and(|outlined| types.iter().any(|native| outlined.contains(native)))
    }

    /// Whether it is known what a path leads to: so it is unless a module stub does not speak of it.
    pub(crate) fn is_told(&self, subject: &Subject, kind: &Kind, path: &Path) -> bool {
        let resource = self.resource(subject);
        if resource.mode != Mode::Outlined || matches!(subject.body, Body::Satellite) {
            return true;
        }
        let has = |value: &Value| {
            let first = path.segments.first();
            first.is_none_or(|first| value.as_entries().is_some_and(|entries| entries.contains_key(first)))
        };
        match (&path.root, &subject.body) {
            (PathRoot::Own, Body::Part(_)) => true,
            (PathRoot::Own | PathRoot::Owner, _) => has(&resource.attributes),
            (PathRoot::Meta, _) => has(&resource.meta),
            (PathRoot::Satellite(name), _) => {
                let types = kind.satellites.get(name).map_or(&[][..], |satellite| &satellite.types);
                self.tells_of(subject.resource, types) || !self.satellites(kind, subject.resource, name).0.is_empty()
            }
        }
    }

    /// All satellites of a subject's resource, for certain.
    #[must_use]
    pub fn satellites_of(&self, kind: &Kind, subject: &Subject) -> Vec<ResourceId> {
        kind.satellites.keys().flat_map(|name| self.satellites(kind, subject.resource, name).0).collect()
    }

    /// The satellites of a name that configure none of these resources for certain.
    pub(crate) fn unlinked_satellites(
        &self,
        kind: &Kind,
        name: &Arc<str>,
        of: &BTreeSet<ResourceId>,
    ) -> Vec<ResourceId> {
        let cell = cell(&self.relations.satellites, (Arc::clone(&kind.name), Arc::clone(name)));
        let Satellites { candidates, links } = cell.get_or_init(|| self.find_satellites(kind, name));
        let linked: BTreeSet<usize> =
            links.by_target.iter().filter(|(target, _)| of.contains(target)).flat_map(|(_, at)| at).copied().collect();
        candidates.iter().enumerate().filter(|(at, _)| !linked.contains(at)).map(|(_, id)| *id).collect()
    }

    fn find_satellites(&self, kind: &Kind, name: &str) -> Satellites {
        let (mut candidates, mut links) = (Vec::new(), Links::default());
        let Some(satellite) = kind.satellites.get(name) else { return Satellites { candidates, links } };
        candidates.extend(self.of_types(satellite.language, Mode::Managed, &satellite.types));
        for (at, id) in candidates.iter().enumerate() {
            let attributes = &self.graph.resource(*id).attributes;
            let values = satellite.links.iter().flat_map(|path| spread(attributes, &path.segments, &[]));
            self.add_links(&mut links, at, values.map(|(_, value)| value), kind);
        }
        Satellites { candidates, links }
    }

    /// The subjects of `kind` that `value` refers to, and whether these are all that it can mean.
    pub(crate) fn referred(&self, value: &Value, kind: &Kind) -> (Vec<Subject>, bool) {
        let mut found: Vec<Subject> = Vec::new();
        let mut complete = true;
        for element in value.elements() {
            let before = found.len();
            let targets: BTreeSet<ResourceId> = self.targets(&element, kind).found.into_iter().collect();
            for target in targets {
                let of_target = self.subjects_of(kind, target).iter();
                found.extend(of_target.filter(|subject| matches!(subject.body, Body::Resource)).cloned());
            }
            complete &= found.len() > before || !element.is_unknown() || self.is_of_another_kind(&element);
        }
        (found, complete)
    }

    /// Whether a value is certainly the name of a resource of this unit. Asked of one that leads to no resource of a kind: it
    /// means something else then, and nothing outside of the unit.
    fn is_of_another_kind(&self, value: &Value) -> bool {
        let Some(reference) = value.as_unknown().and_then(|unknown| unknown.reference.as_ref()) else { return false };
        let targets = self.graph.resolve(reference);
        let is_declared = |id: &ResourceId| self.graph.resource(*id).mode == Mode::Managed;
        self.catalog.own_names.contains(&&*reference.attribute)
            && !targets.is_empty()
            && targets.iter().all(is_declared)
    }

    /// The subjects of `other` whose attribute `back` refers to `subject`, and whether these are all.
    pub(crate) fn referring(&self, subject: &Subject, kind: &Kind, other: &Kind, back: &str) -> (Vec<Subject>, bool) {
        let candidates = self.subjects(other);
        let cell = cell(&self.relations.links, (Arc::clone(&kind.name), Arc::clone(&other.name), back.into()));
        let links = cell.get_or_init(|| self.back_links(kind, other, back, candidates));
        let found = links.by_target.get(&subject.resource).into_iter().flatten();
        let found = found.filter_map(|at| candidates.get(*at)).cloned().collect();
        let mut sources = other.sources.iter();
        let complete = !links.open
            && !self.reaches_opaque_module(subject.resource)
            && sources.any(|source| self.tells_of(subject.resource, &source.types));
        (found, complete)
    }

    fn back_links(&self, kind: &Kind, other: &Kind, back: &str, candidates: &[Subject]) -> Links {
        let mut links = Links::default();
        let Some(attribute) = other.attributes.get(back) else { return links };
        for (at, candidate) in candidates.iter().enumerate() {
            let owner = self.resource(candidate);
            let values = attribute.paths(owner.language).iter().flat_map(|path| {
                let whole = match (&path.root, &candidate.body) {
                    (PathRoot::Own, Body::Part(value)) => value,
                    (PathRoot::Meta, _) => &owner.meta,
                    _ => &owner.attributes,
                };
                spread(whole, &path.segments, &[])
            });
            self.add_links(&mut links, at, values.map(|(_, value)| value), kind);
            if matches!(candidate.body, Body::Part(_)) {
                // A part belongs to what it is a part of.
                links.add(candidate.resource, at);
            }
        }
        links
    }

    fn add_links(&self, links: &mut Links, at: usize, values: impl Iterator<Item = Value>, kind: &Kind) {
        for value in values {
            let targets = self.targets(&value, kind);
            links.open |= targets.open;
            for target in targets.found {
                links.add(target, at);
            }
        }
    }

    /// Where a value leads that names or refers to a resource of a kind.
    fn targets(&self, value: &Value, kind: &Kind) -> Targets {
        let mut found: Vec<ResourceId> =
            value.references().flat_map(|reference| self.graph.resolve(reference)).copied().collect();
        let Ok(created) = self.created_by(&found, kind) else { return Targets { found, open: true } };
        found.extend(created);
        if let Some(text) = value.as_str() {
            // A name that came from a resource of the kind means that one, whatever else goes by it elsewhere.
            let is_of_kind = |id: &ResourceId| {
                let native = &self.graph.resource(*id).native_type;
                kind.sources.iter().any(|source| source.types.contains(native))
            };
            if !found.iter().any(is_of_kind) {
                found.extend(self.named(kind, text));
            }
            return Targets { found, open: false };
        }
        // A reference to another resource, or to one that is declared nowhere (an error), is a link to that one; anything else
        // that is unknown may be a link to any.
        let is_open = value.as_unknown().is_some_and(|it| it.reference.is_none() && it.why != Why::Error);
        let open = is_open && found.is_empty();
        Targets { found, open }
    }

    /// The resource of a kind that modules create which a value refers to, by their stubs. An error where it is one of
    /// several.
    fn created_by(&self, referred: &[ResourceId], kind: &Kind) -> Result<Vec<ResourceId>, ()> {
        if self.graph.outlined.is_empty() {
            return Ok(Vec::new());
        }
        let by_module = &self.pass::<ByModule>().0;
        let mut found = Vec::new();
        for call in referred.iter().map(|id| self.graph.resource(*id)).filter(|it| it.mode == Mode::OpaqueModule) {
            let created = by_module.get(&call.address).into_iter().flatten().copied();
            let of_kind = created.filter(|id| {
                let native = &self.graph.resource(*id).native_type;
                kind.sources.iter().any(|source| source.at.is_none() && source.types.contains(native))
            });
            let mut of_kind = of_kind.fuse();
            found.extend(of_kind.next());
            if of_kind.next().is_some() {
                return Err(());
            }
        }
        Ok(found)
    }

    /// The resources of a kind that go by a name.
    fn named(&self, kind: &Kind, name: &str) -> Vec<ResourceId> {
        if kind.identity.is_empty() {
            return Vec::new();
        }
        let cell = cell(&self.relations.names, Arc::clone(&kind.name));
        let names = cell.get_or_init(|| {
            let mut names = Names::new();
            for source in &kind.sources {
                let paths = kind.identity.iter().filter(|(language, _)| *language == source.language);
                for id in self.of_types(source.language, source.mode, &source.types) {
                    let attributes = &self.graph.resource(id).attributes;
                    let values = paths.clone().flat_map(|(_, path)| spread(attributes, &path.segments, &[]));
                    for text in values.filter_map(|(_, value)| value.as_str().map(Arc::from)) {
                        names.entry(text).or_default().push(id);
                    }
                }
            }
            names
        });
        names.get(name).cloned().unwrap_or_default()
    }

    /// Whether a module that cannot be looked into was given this resource: it may configure it.
    fn reaches_opaque_module(&self, target: ResourceId) -> bool {
        let reached = &self.pass::<InOpaqueModules>().0;
        // Outputs of a module refer to it as a whole.
        let resource = self.graph.resource(target);
        let maker = if resource.mode == Mode::Outlined { self.graph.at(&resource.module) } else { &[] };
        reached.contains(&target) || maker.iter().any(|id| reached.contains(id))
    }
}

impl Links {
    fn add(&mut self, target: ResourceId, at: usize) {
        let of_target = self.by_target.entry(target).or_default();
        if of_target.last() != Some(&at) && !of_target.contains(&at) {
            of_target.push(at);
        }
    }
}

/// The resources that a value or a part of it came from.
fn collect_resources(graph: &Graph, value: &Value, into: &mut BTreeSet<ResourceId>) {
    for reference in value.references() {
        into.extend(graph.resolve(reference));
    }
    for item in value.as_items().unwrap_or_default() {
        collect_resources(graph, item, into);
    }
    for entry in value.as_entries().into_iter().flat_map(|entries| entries.values()) {
        collect_resources(graph, entry, into);
    }
}
