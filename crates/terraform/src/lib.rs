//! Terraform modules, evaluated and lowered to the resource graph.
//!
//! In: folders with Terraform or OpenTofu configuration, native or JSON syntax, with the values of their variables; or plan
//! files. Out: a [`terravet_graph::Graph`] for each root module, in which every value is what Terraform would make of
//! it, or unknown with what is certain about it.
//!
//! The way of the data: `loader` reads folders, `module` makes declarations of them, `inputs` finds the values of root
//! variables, `unit` evaluates a root module with all that it calls, by means of `evaluate` (expressions; types and
//! functions are a crate of their own) and `data` (data sources that need no provider). What is known of modules that are not on this
//! machine stands in outlines, `outline`. All of it is reached through [`frontend`].
//!
//! Invariants: whatever the input, there is a graph; what is wrong is in its diagnostics. Nothing outside the scanned tree
//! is read, and nothing is run.

mod annotations;
mod builtin;
mod console;
mod data;
mod evaluate;
mod frontend;
mod inputs;
mod loader;
mod module;
mod notation;
mod origins;
mod outline;
mod plan;
mod unit;

pub use console::Console;
pub use frontend::frontend;
pub use loader::{Loader, Options};
pub use plan::recognise_plan;
pub use terravet_frontend::{Answer, Loaded};
