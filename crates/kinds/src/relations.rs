//! Which resources belong together: companions that configure a subject, and subjects that refer to each other.
//!
//! A link holds by reference (the linking value came from an attribute of the resource) or by name (it is text equal to what
//! identifies the resource). A link that cannot be followed makes the answer incomplete, so that nothing is
//! called absent which may be there.

use std::collections::BTreeSet;

use terravet_graph::{Graph, Mode, Resource, ResourceId, Value};

use crate::model::{Body, Model, Subject, spread};
use crate::path::PathRoot;
use crate::vocabulary::{Companion, Kind};

/// Whether a value leads to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Yes,
    No,
    Maybe,
}

impl Model<'_> {
    /// The companions of a resource, and whether these are all that there can be.
    pub(crate) fn companions(
        &self,
        kind: &Kind,
        subject: ResourceId,
        companion: &Companion,
    ) -> (Vec<ResourceId>, bool) {
        let resource = self.graph.resource(subject);
        let mut found = Vec::new();
        let mut complete = !self.reaches_opaque_module(subject);
        for id in self.of_types(companion.language, Mode::Managed, &companion.types) {
            let candidate = self.graph.resource(id);
            let links = companion.links.iter().flat_map(|path| spread(&candidate.attributes, &path.segments, &[]));
            for (_, value) in links {
                match self.link(&value, subject, resource, kind) {
                    Link::Yes if !found.contains(&id) => found.push(id),
                    Link::Maybe => complete = false,
                    Link::Yes | Link::No => {}
                }
            }
        }
        (found, complete)
    }

    /// Whether `id` is a companion of `subject`, for certain.
    pub(crate) fn configures(&self, kind: &Kind, subject: ResourceId, companion: &Companion, id: ResourceId) -> bool {
        let (resource, candidate) = (self.graph.resource(subject), self.graph.resource(id));
        let links = companion.links.iter().flat_map(|path| spread(&candidate.attributes, &path.segments, &[]));
        links.into_iter().any(|(_, value)| self.link(&value, subject, resource, kind) == Link::Yes)
    }

    /// The subjects of `kind` that `value` refers to, and whether these are all that it can mean.
    pub(crate) fn referred(&self, value: &Value, kind: &Kind) -> (Vec<Subject>, bool) {
        let mut found: Vec<Subject> = Vec::new();
        let mut complete = true;
        for element in value.elements() {
            let before = found.len();
            for subject in self.subjects(kind) {
                let resource = self.resource(subject);
                if matches!(subject.body, Body::Resource)
                    && self.link(&element, subject.resource, resource, kind) == Link::Yes
                {
                    found.push(subject.clone());
                }
            }
            complete &= found.len() > before || !element.is_unknown();
        }
        (found, complete)
    }

    /// The subjects of `other` whose attribute `back` refers to `subject`, and whether these are all.
    pub(crate) fn referring(&self, subject: &Subject, kind: &Kind, other: &Kind, back: &str) -> (Vec<Subject>, bool) {
        let Some(attribute) = other.attributes.get(back) else { return (Vec::new(), true) };
        let resource = self.resource(subject);
        let mut found = Vec::new();
        let mut complete = !self.reaches_opaque_module(subject.resource);
        for candidate in self.subjects(other) {
            let owner = self.resource(candidate);
            if matches!(candidate.body, Body::Part(_)) && candidate.resource == subject.resource {
                found.push(candidate.clone());
                continue;
            }
            let links = attribute.paths(owner.language).iter().flat_map(|path| {
                let whole = match (&path.root, &candidate.body) {
                    (PathRoot::Own, Body::Part(value)) => value,
                    (PathRoot::Meta, _) => &owner.meta,
                    _ => &owner.attributes,
                };
                spread(whole, &path.segments, &[])
            });
            for (_, value) in links {
                match self.link(&value, subject.resource, resource, kind) {
                    Link::Yes => {
                        found.push(candidate.clone());
                        break;
                    }
                    Link::Maybe => complete = false,
                    Link::No => {}
                }
            }
        }
        (found, complete)
    }

    fn link(&self, value: &Value, target: ResourceId, resource: &Resource, kind: &Kind) -> Link {
        let mut referenced = false;
        for reference in value.references() {
            let resolved = self.graph.resolve(reference);
            if resolved.contains(&target) {
                return Link::Yes;
            }
            referenced |= !resolved.is_empty();
        }
        if let Some(text) = value.as_str() {
            let named = kind.identity.iter().filter(|(language, _)| *language == resource.language).any(|(_, path)| {
                let names = spread(&resource.attributes, &path.segments, &[]);
                names.iter().any(|(_, name)| name.as_str() == Some(text))
            });
            return if named { Link::Yes } else { Link::No };
        }
        // A reference to another resource, or to one that is declared nowhere, is a link to that one; anything else that is
        // unknown may be a link to any.
        referenced |= value.as_unknown().is_some_and(|unknown| unknown.reference.is_some());
        if value.is_unknown() && !referenced { Link::Maybe } else { Link::No }
    }

    /// Whether a module that cannot be looked into was given this resource: it may configure it.
    fn reaches_opaque_module(&self, target: ResourceId) -> bool {
        self.in_opaque_modules
            .get_or_init(|| {
                let mut reached = BTreeSet::new();
                for module in self.graph.resources.iter().filter(|resource| resource.mode == Mode::OpaqueModule) {
                    collect_resources(self.graph, &module.attributes, &mut reached);
                }
                reached
            })
            .contains(&target)
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
