//! What else in the unit speaks of a resource.
//!
//! In: a resource. Out: whether another resource, or an output of the unit, refers to it, in an argument or within a text.
//! References are gathered once for all resources.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Content, Graph, Mode, ResourceId, Truth, Value};

use terravet_model::{Fact, FactContext, FactDef, Model, Pass};
use terravet_schema::{Argument, ArgumentType, AttributeType};

/// The facts of this module.
pub(crate) const FACTS: &[FactDef] = &[FactDef {
    name: "used",
    needs: &[],
    arguments: &[Argument::new("types", ArgumentType::NativeTypes)],
    result: AttributeType::Bool,
    doc: "something refers to the resource that is of none of these types (separated by spaces), or an output does",
    run: used,
}];

/// How deep parts within parts are followed.
const MAX_DEPTH: usize = 32;

/// The types of what refers to each resource, and whether it does for certain or only in one of several cases; the empty type
/// stands for an output.
struct Uses(BTreeMap<ResourceId, BTreeMap<Arc<str>, bool>>);

impl Pass for Uses {
    fn compute(model: &Model<'_>) -> Self {
        gather(model.graph)
    }
}

fn used(context: FactContext<'_>) -> Fact {
    let without = context.text(0);
    let model = context.view.model;
    let uses = model.pass::<Uses>();
    let by = uses.0.get(&context.subject.resource).into_iter().flatten();
    let counting = by.filter(|(native, _)| !without.split_whitespace().any(|other| other == &***native));
    let truth = counting
        .fold(Truth::False, |truth, (_, certain)| truth.or(if *certain { Truth::True } else { Truth::Unknown }));
    Fact::truth(truth.or(through_its_module(&context, &uses)), Vec::new())
}

/// Whether something may use the resource through an output of the module that creates it: outputs of a module that is not on
/// this machine refer to the call as a whole.
fn through_its_module(context: &FactContext<'_>, uses: &Uses) -> Truth {
    let model = context.view.model;
    let resource = model.resource(context.subject);
    let is_used = || model.graph.at(&resource.module).iter().any(|call| uses.0.contains_key(call));
    if resource.mode == Mode::Outlined && is_used() { Truth::Unknown } else { Truth::False }
}

fn gather(graph: &Graph) -> Uses {
    let mut uses = Uses(BTreeMap::new());
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
        *uses.0.entry(target).or_default().entry(Arc::clone(user)).or_default() |= certain;
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
