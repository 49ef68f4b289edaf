//! What else in the unit speaks of a resource.
//!
//! In: a resource. Out: whether another resource, or an output of the unit, refers to it, in an argument or within a text.
//! References are gathered once for all resources.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Content, Graph, Mode, ResourceId, Truth, Value};

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

/// The types of what refers to each resource, and whether it does for certain or only in one of several cases; the empty type
/// stands for an output.
pub(crate) type Uses = BTreeMap<ResourceId, BTreeMap<Arc<str>, bool>>;

fn used(context: FactContext<'_>) -> Fact {
    let Some(without) = context.arguments.first().and_then(Value::as_str) else {
        return Fact::unknown("used takes types as text");
    };
    let model = context.view.model;
    let uses = model.relations.uses.get_or_init(|| gather(model.graph));
    let by = uses.get(&context.subject.resource).into_iter().flatten();
    let counting = by.filter(|(native, _)| !without.split_whitespace().any(|other| other == &***native));
    let truth = counting
        .fold(Truth::False, |truth, (_, certain)| truth.or(if *certain { Truth::True } else { Truth::Unknown }));
    Fact::truth(truth.or(through_its_module(&context, uses)), Vec::new())
}

/// Whether something may use the resource through an output of the module that creates it: outputs of a module that is not on
/// this machine refer to the call as a whole.
fn through_its_module(context: &FactContext<'_>, uses: &Uses) -> Truth {
    let model = context.view.model;
    let resource = model.resource(context.subject);
    let is_used = || model.graph.at(&resource.module).iter().any(|call| uses.contains_key(call));
    if resource.mode == Mode::Outlined && is_used() { Truth::Unknown } else { Truth::False }
}

fn gather(graph: &Graph) -> Uses {
    let mut uses = Uses::new();
    for (id, resource) in graph.iter() {
        let mut found = BTreeMap::new();
        collect(graph, &resource.attributes, true, 0, &mut found);
        found.remove(&id);
        add(&mut uses, found, &resource.native_type);
    }
    let mut found = BTreeMap::new();
    for value in graph.outputs.values() {
        collect(graph, value, true, 0, &mut found);
    }
    add(&mut uses, found, &"".into());
    uses
}

fn add(uses: &mut Uses, found: BTreeMap<ResourceId, bool>, user: &Arc<str>) {
    for (target, certain) in found {
        *uses.entry(target).or_default().entry(Arc::clone(user)).or_default() |= certain;
    }
}

/// The resources that a value or a part of it came from, and whether it did so in every case.
fn collect(graph: &Graph, value: &Value, certain: bool, depth: usize, into: &mut BTreeMap<ResourceId, bool>) {
    if depth > MAX_DEPTH {
        return;
    }
    for id in value.references().flat_map(|reference| graph.resolve(reference)) {
        *into.entry(*id).or_default() |= certain;
    }
    let of_text: &[Value] = match value.content.as_deref() {
        Some(Content::Pieces(pieces)) => pieces,
        Some(Content::Json(inner) | Content::Encoded(inner)) => std::slice::from_ref(inner),
        Some(Content::Open(_)) | None => &[],
    };
    let items = value.as_items().unwrap_or_default().iter();
    let entries = value.as_entries().into_iter().flat_map(|entries| entries.values());
    for part in of_text.iter().chain(items).chain(entries) {
        collect(graph, part, certain, depth + 1, into);
    }
    for candidate in value.as_unknown().into_iter().flat_map(|unknown| &unknown.candidates) {
        collect(graph, &candidate.value, false, depth + 1, into);
    }
}
