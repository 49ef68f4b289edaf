//! Reports: what a scan found, or what was evaluated, in the forms that people and programs read.
//!
//! In: an [`Outcome`](terravet_diagnostics::Outcome), a [`Graph`](terravet_graph::Graph) or rules, with [`Places`] to turn
//! spans into paths, lines and columns. Out: text, written to an [`std::io::Write`]. One module per form.
//!
//! Invariants: the same input gives the same bytes (no time, no machine, no order of hashing); no control character of a
//! scanned file reaches a terminal as such; the work is linear in what is shown, and every file is indexed once.
//!
//! It decides nothing: not what is a finding, not the exit status, not whether the output is a terminal.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types))]

pub mod access;
pub mod concise;
pub mod evaluation;
pub mod flat;
pub mod graph;
pub mod json;
mod json_text;
mod places;
mod plural;
pub mod reach;
pub mod rule_list;
pub mod rule_page;
pub mod safe_text;
pub mod sarif;
mod style;
pub mod terminal;
mod value_json;
mod value_text;

pub use places::{Place, Places};
pub use style::Style;

/// The name that reports give for the tool.
pub const TOOL: &str = "terravet";
/// The version that reports give for the tool.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Where people read about the tool.
pub const TOOL_URL: &str = "https://github.com/terravet/terravet";
