//! What else in the unit speaks of a resource.
//!
//! In: a resource. Out: whether another resource, or an output of the unit, refers to it, in an argument or within a text.
//! References are gathered once for all resources.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terravet_graph::{Content, Graph, ResourceId, Value};

use super::{Fact, FactContext, FactFunction};

/// The facts of this module.
pub(super) const FACTS: &[(&str, usize, &str, FactFunction)] = &[(
    "used",
    1,
    "something refers to the resource that is of none of these types (separated by spaces), or an output does",
    used,
)];

/// How deep parts within parts are followed.
const MAX_DEPTH: usize = 32;

/// The types of what refers to each resource; the empty type stands for an output.
pub(crate) type Uses = BTreeMap<ResourceId, BTreeSet<Arc<str>>>;

fn used(context: FactContext<'_>) -> Fact {
    let Some(without) = context.arguments.first().and_then(Value::as_str) else {
        return Fact::unknown("used takes types as text");
    };
    let model = context.view.model;
    let uses = model.relations.uses.get_or_init(|| gather(model.graph));
    let by = uses.get(&context.subject.resource).into_iter().flatten();
    let counts = |native: &&Arc<str>| !without.split_whitespace().any(|other| other == &***native);
    Fact::truth((by.filter(counts).count() > 0).into(), Vec::new())
}

fn gather(graph: &Graph) -> Uses {
    let mut uses = Uses::new();
    for (id, resource) in graph.iter() {
        let mut found = BTreeSet::new();
        collect(graph, &resource.attributes, 0, &mut found);
        for target in found.into_iter().filter(|target| *target != id) {
            uses.entry(target).or_default().insert(Arc::clone(&resource.native_type));
        }
    }
    let mut found = BTreeSet::new();
    for value in graph.outputs.values() {
        collect(graph, value, 0, &mut found);
    }
    for target in found {
        uses.entry(target).or_default().insert("".into());
    }
    uses
}

/// The resources that a value or a part of it came from.
fn collect(graph: &Graph, value: &Value, depth: usize, into: &mut BTreeSet<ResourceId>) {
    if depth > MAX_DEPTH {
        return;
    }
    for reference in value.references() {
        into.extend(graph.resolve(reference));
    }
    let of_text: &[Value] = match value.content.as_deref() {
        Some(Content::Pieces(pieces)) => pieces,
        Some(Content::Json(inner) | Content::Encoded(inner)) => std::slice::from_ref(inner),
        Some(Content::Open(_)) | None => &[],
    };
    let candidates = value.as_unknown().into_iter().flat_map(|unknown| &unknown.candidates);
    let items = value.as_items().unwrap_or_default().iter();
    let entries = value.as_entries().into_iter().flat_map(|entries| entries.values());
    let parts = of_text.iter().chain(candidates.map(|candidate| &candidate.value)).chain(items).chain(entries);
    for part in parts {
        collect(graph, part, depth + 1, into);
    }
}
