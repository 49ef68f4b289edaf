//! The graph for people: every resource with its attributes, in the order of the source.

use std::io::{self, Write};

use owo_colors::OwoColorize as _;
use terravet_graph::{Data, Entries, Graph, Mode, Resource};

use crate::plural::count;
use crate::{Places, Style, safe_text, terminal, value_text};

/// Writes one unit.
pub(super) fn write(out: &mut dyn Write, graph: &Graph, places: &Places<'_>, style: Style) -> io::Result<()> {
    let title = format!("{} ({})", safe_text::inline(&graph.root), count(graph.resources.len(), "resource"));
    writeln!(out, "{}\n", title.style(style.strong()))?;
    for resource in &graph.resources {
        write_resource(out, resource, places, style)?;
    }
    write_values(out, "outputs", &graph.outputs, style)?;
    write_values(out, "conditions", &graph.conditions, style)?;
    let errors: Vec<_> = graph.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).cloned().collect();
    terminal::write_problems(out, &errors, places, style)
}

fn write_resource(out: &mut dyn Write, resource: &Resource, places: &Places<'_>, style: Style) -> io::Result<()> {
    let place = places.place(resource.header);
    let at = format!("{}:{}", safe_text::inline(&place.path), place.start.line);
    let what = match resource.mode {
        Mode::OpaqueModule => " (a module that is not on this machine)",
        Mode::Outlined => " (as the outline of the module has it)",
        Mode::Managed | Mode::Data => "",
    };
    let address = safe_text::inline(&resource.address);
    writeln!(out, "{}{what}  {}", address.style(style.code()), at.style(style.faint()))?;
    if let Some(why) = &resource.representative {
        writeln!(out, "  # stands for all instances: {}", safe_text::inline(&why.to_string()))?;
    }
    if let Some(when) = &resource.exists_when {
        writeln!(out, "  # exists only when {}", safe_text::inline(when))?;
    }
    if let Some(entries) = resource.attributes.as_entries() {
        write_entries(out, entries)?;
    }
    writeln!(out)
}

fn write_values(out: &mut dyn Write, title: &str, values: &Entries, style: Style) -> io::Result<()> {
    if values.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", title.style(style.strong()))?;
    write_entries(out, values)?;
    writeln!(out)
}

fn write_entries(out: &mut dyn Write, values: &Entries) -> io::Result<()> {
    for (name, value) in values.iter().filter(|(_, value)| !matches!(value.data, Data::Absent)) {
        let mut text = String::new();
        value_text::write_value(value, 1, &mut text);
        writeln!(out, "  {} = {text}", safe_text::inline(name))?;
    }
    Ok(())
}
