//! The edges of a graph: which attribute of which resource refers to which other.

use std::collections::BTreeSet;
use std::sync::Arc;

use terravet_graph::{Graph, Resource, Value};

/// An edge as seen from the resource that refers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    /// The attribute, as a path without indices: `ingress.security_groups`.
    pub(super) attribute: String,
    /// The address that is referred to; without an index where the instance cannot be told.
    pub(super) to: Arc<str>,
}

/// The references of a resource to others of its graph, sorted, each once.
pub(super) fn edges(graph: &Graph, resource: &Resource) -> BTreeSet<Edge> {
    let mut found = BTreeSet::new();
    collect(graph, &resource.attributes, "", &mut found);
    found.retain(|edge| edge.to != resource.address);
    found
}

fn collect(graph: &Graph, value: &Value, path: &str, found: &mut BTreeSet<Edge>) {
    if !path.is_empty() {
        let known = value.references().filter(|reference| !graph.resolve(reference).is_empty());
        found.extend(known.map(|reference| Edge { attribute: path.to_owned(), to: Arc::clone(&reference.resource) }));
    }
    if let Some(entries) = value.as_entries() {
        for (name, part) in entries {
            let inner = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
            collect(graph, part, &inner, found);
        }
    } else if let Some(items) = value.as_items() {
        for item in items {
            collect(graph, item, path, found);
        }
    }
    if let Some(terravet_graph::Content::Pieces(pieces)) = value.content.as_deref() {
        for piece in pieces {
            collect(graph, piece, path, found);
        }
    } else if let Some(terravet_graph::Content::Json(inner) | terravet_graph::Content::Encoded(inner)) =
        value.content.as_deref()
    {
        collect(graph, inner, path, found);
    }
}
