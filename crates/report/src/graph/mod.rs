//! The evaluated graph: `terravet graph`.
//!
//! In: the [`Graph`] of each unit, one after another, so that none has to stay in memory. Out: text for people, JSON for
//! programs (the contract is in docs/json.md), or a drawing for Graphviz or Mermaid.

mod drawing;
mod json;
mod references;
mod text;

use std::io::{self, Write};
use std::str::FromStr;

use terravet_diagnostics::Diagnostic;
use terravet_graph::Graph;

use crate::{Places, Style};

/// How the graph is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Resources with their attributes, for people.
    Text,
    /// The contract of docs/json.md.
    Json,
    /// Graphviz.
    Dot,
    /// Mermaid, as Markdown pages on GitHub show it.
    Mermaid,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            "dot" => Ok(Self::Dot),
            "mermaid" => Ok(Self::Mermaid),
            _ => Err(format!("`{text}` is no format of a graph; use text, json, dot or mermaid")),
        }
    }
}

/// Writes graphs one after another.
pub struct Writer<'w> {
    out: &'w mut dyn Write,
    format: Format,
    style: Style,
    units: usize,
}

impl std::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("format", &self.format).field("units", &self.units).finish_non_exhaustive()
    }
}

impl<'w> Writer<'w> {
    /// A writer; nothing is written before the first unit or the end.
    #[must_use]
    pub fn new(out: &'w mut dyn Write, format: Format, style: Style) -> Self {
        Self { out, format, style, units: 0 }
    }

    fn begin(&mut self) -> io::Result<()> {
        match self.format {
            Format::Text => Ok(()),
            Format::Json => self.out.write_all(b"{\"units\": ["),
            Format::Dot => drawing::begin_dot(self.out),
            Format::Mermaid => drawing::begin_mermaid(self.out),
        }
    }

    /// Writes the graph of one unit.
    ///
    /// # Errors
    /// What the writer answers.
    pub fn unit(&mut self, graph: &Graph, places: &Places<'_>) -> io::Result<()> {
        let first = self.units == 0;
        if first {
            self.begin()?;
        }
        match self.format {
            Format::Text => text::write(self.out, graph, places, self.style)?,
            Format::Json => {
                self.out.write_all(if first { b"\n" } else { b",\n" })?;
                json::write(self.out, graph, places)?;
            }
            Format::Dot => drawing::write_dot(self.out, graph, self.units)?,
            Format::Mermaid => drawing::write_mermaid(self.out, graph, self.units)?,
        }
        self.units += 1;
        Ok(())
    }

    /// Ends, with what went wrong outside of all units.
    ///
    /// # Errors
    /// What the writer answers.
    pub fn finish(mut self, problems: &[Diagnostic], places: &Places<'_>) -> io::Result<()> {
        if self.units == 0 {
            self.begin()?;
        }
        match self.format {
            Format::Text => crate::terminal::write_problems(self.out, problems, places, self.style),
            Format::Json => json::finish(self.out, problems, places),
            Format::Dot => self.out.write_all(b"}\n"),
            Format::Mermaid => Ok(()),
        }
    }
}
