//! The graph for programs.

use std::io::{self, Write};

use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use terravet_diagnostics::Diagnostic;
use terravet_graph::{Entries, Graph, Index, Mode, Resource};

use super::references::{Edge, edges};
use crate::value_json::Shown;
use crate::{Places, json as report_json, json_text};

/// Writes one unit on a line.
pub(super) fn write(out: &mut dyn Write, graph: &Graph, places: &Places<'_>) -> io::Result<()> {
    let unit = UnitEntry {
        root: &graph.root,
        resources: Resources(graph),
        modules: Modules(graph),
        outputs: Values(&graph.outputs),
        conditions: (!graph.conditions.is_empty()).then_some(Values(&graph.conditions)),
        errors: report_json::errors(graph.diagnostics.iter(), places),
    };
    let mut line = Vec::new();
    json_text::write_line(&mut line, &unit)?;
    line.pop();
    out.write_all(&line)
}

/// Ends the list of units.
pub(super) fn finish(out: &mut dyn Write, problems: &[Diagnostic], places: &Places<'_>) -> io::Result<()> {
    out.write_all(b"\n], \"errors\": ")?;
    let mut line = Vec::new();
    json_text::write_line(&mut line, &report_json::errors(problems.iter(), places))?;
    line.pop();
    out.write_all(&line)?;
    out.write_all(b"}\n")
}

#[derive(Serialize)]
struct UnitEntry<'g, E: Serialize> {
    root: &'g str,
    resources: Resources<'g>,
    modules: Modules<'g>,
    outputs: Values<'g>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conditions: Option<Values<'g>>,
    errors: E,
}

/// Managed resources and data sources.
struct Resources<'g>(&'g Graph);

impl Serialize for Resources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        let declared = |resource: &&Resource| matches!(resource.mode, Mode::Managed | Mode::Data);
        for resource in self.0.resources.iter().filter(declared) {
            sequence.serialize_element(&entry(self.0, resource))?;
        }
        sequence.end()
    }
}

/// Calls of modules that could not be looked into.
struct Modules<'g>(&'g Graph);

impl Serialize for Modules<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        for resource in self.0.resources.iter().filter(|resource| resource.mode == Mode::OpaqueModule) {
            sequence.serialize_element(&ModuleEntry {
                address: &resource.address,
                arguments: Shown(&resource.attributes),
            })?;
        }
        sequence.end()
    }
}

#[derive(Serialize)]
struct ModuleEntry<'g> {
    address: &'g str,
    arguments: Shown<'g>,
}

#[derive(Serialize)]
struct ResourceEntry<'g> {
    address: &'g str,
    r#type: &'g str,
    name: &'g str,
    module: &'g str,
    index: IndexEntry<'g>,
    attributes: Shown<'g>,
    references: Vec<EdgeEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stands_for_all: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exists_when: Option<&'g str>,
}

#[derive(Serialize)]
struct EdgeEntry {
    attribute: String,
    to: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum IndexEntry<'g> {
    None(()),
    Number(usize),
    Key(&'g str),
}

fn entry<'g>(graph: &'g Graph, resource: &'g Resource) -> ResourceEntry<'g> {
    let edge = |edge: Edge| EdgeEntry { attribute: edge.attribute, to: edge.to.to_string() };
    ResourceEntry {
        address: &resource.address,
        r#type: &resource.native_type,
        name: &resource.name,
        module: &resource.module,
        index: match &resource.index {
            None => IndexEntry::None(()),
            Some(Index::Number(number)) => IndexEntry::Number(*number),
            Some(Index::Key(key)) => IndexEntry::Key(key),
        },
        attributes: Shown(&resource.attributes),
        references: edges(graph, resource).into_iter().map(edge).collect(),
        stands_for_all: resource.representative.as_ref().map(ToString::to_string),
        exists_when: resource.exists_when.as_deref(),
    }
}

/// Named values.
struct Values<'g>(&'g Entries);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(&**name, &Shown(value))?;
        }
        map.end()
    }
}
