//! The graph as a drawing: one node for each block (its instances together), one arrow for each pair that refers.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::Arc;

use terravet_graph::{Graph, Resource};

use super::references::edges;
use crate::safe_text;

/// Blocks and the arrows between them, of one unit.
struct Drawing {
    /// Block address and number of instances, in the order of the source.
    nodes: Vec<(String, usize)>,
    /// From node, to node, the attributes that refer.
    arrows: BTreeMap<(usize, usize), BTreeSet<String>>,
}

impl Drawing {
    fn of(graph: &Graph) -> Self {
        let mut drawing = Self { nodes: Vec::new(), arrows: BTreeMap::new() };
        let mut numbers: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        let mut by_block: BTreeMap<String, usize> = BTreeMap::new();
        for resource in &graph.resources {
            let block = block_of(resource);
            let next = drawing.nodes.len();
            let number = *by_block.entry(block.clone()).or_insert(next);
            if number == next {
                drawing.nodes.push((block.clone(), 0));
            }
            drawing.nodes[number].1 += 1;
            numbers.insert(Arc::clone(&resource.address), number);
            numbers.entry(block.into()).or_insert(number);
        }
        for resource in &graph.resources {
            let Some(from) = numbers.get(&resource.address) else { continue };
            for edge in edges(graph, resource) {
                if let Some(to) = numbers.get(&edge.to).filter(|to| *to != from) {
                    drawing.arrows.entry((*from, *to)).or_default().insert(edge.attribute);
                }
            }
        }
        drawing
    }

    fn label(&self, number: usize) -> String {
        let (block, instances) = &self.nodes[number];
        let block = safe_text::clipped(block, 120);
        if *instances > 1 { format!("{block} ×{instances}") } else { block }
    }
}

/// The address without the index of the instance.
fn block_of(resource: &Resource) -> String {
    let index = resource.index.as_ref().map(ToString::to_string).unwrap_or_default();
    resource.address.strip_suffix(index.as_str()).unwrap_or(&resource.address).to_owned()
}

/// Begins a Graphviz file.
pub(super) fn begin_dot(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"digraph terravet {\n  rankdir = LR;\n  node [shape = box, fontname = \"sans-serif\"];\n")
}

/// Writes one unit as a cluster.
pub(super) fn write_dot(out: &mut dyn Write, graph: &Graph, unit: usize) -> io::Result<()> {
    let drawing = Drawing::of(graph);
    writeln!(out, "  subgraph cluster_{unit} {{\n    label = {};", dot_string(&graph.root))?;
    for number in 0..drawing.nodes.len() {
        writeln!(out, "    u{unit}n{number} [label = {}];", dot_string(&drawing.label(number)))?;
    }
    for ((from, to), attributes) in &drawing.arrows {
        let label: Vec<&str> = attributes.iter().map(String::as_str).collect();
        writeln!(out, "    u{unit}n{from} -> u{unit}n{to} [label = {}];", dot_string(&label.join("\n")))?;
    }
    writeln!(out, "  }}")
}

fn dot_string(text: &str) -> String {
    let lines: Vec<String> =
        text.lines().map(|line| safe_text::inline(line).replace('\\', "\\\\").replace('"', "\\\"")).collect();
    format!("\"{}\"", lines.join("\\n"))
}

/// Begins a Mermaid diagram.
pub(super) fn begin_mermaid(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"flowchart LR\n")
}

/// Writes one unit as a subgraph.
pub(super) fn write_mermaid(out: &mut dyn Write, graph: &Graph, unit: usize) -> io::Result<()> {
    let drawing = Drawing::of(graph);
    writeln!(out, "  subgraph u{unit}[{}]", mermaid_string(&graph.root))?;
    for number in 0..drawing.nodes.len() {
        writeln!(out, "    u{unit}n{number}[{}]", mermaid_string(&drawing.label(number)))?;
    }
    for ((from, to), attributes) in &drawing.arrows {
        let label: Vec<&str> = attributes.iter().map(String::as_str).collect();
        writeln!(out, "    u{unit}n{from} -->|{}| u{unit}n{to}", mermaid_string(&label.join(", ")))?;
    }
    writeln!(out, "  end")
}

/// A quoted label; Mermaid renders HTML in labels, so what is special there is written as entity codes.
fn mermaid_string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in safe_text::inline(text).chars() {
        match character {
            '"' | '<' | '>' | '&' | '#' | '`' | ';' => quoted.push_str(&format!("#{};", u32::from(character))),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
