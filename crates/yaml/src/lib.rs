//! YAML and JSON, with a span on every key and value.
//!
//! In: text. Out: a tree of [`Node`]s and diagnostics with exact places. One tree serves both languages, so that what
//! reads CloudFormation, plans, kinds or rule pages need not know which it was.
//!
//! Invariants: a span lies in its text, on the boundaries of characters; the text of every scalar is kept, and what it
//! means is decided only when asked ([`Node::resolve`], by the rules of YAML 1.1 as CloudFormation reads it); nesting,
//! the number of values and the expansion of aliases are limited, and hitting a limit is a diagnostic that names it.
//! So whoever walks a tree may recurse.
//!
//! Merge keys (`<<`) stay entries like any other. It knows nothing of what the documents mean.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types))]

mod comments;
mod duplicates;
mod events;
mod json;
mod node;
mod resolve;
mod yaml;

pub use comments::{Comment, comments};
pub use json::{JsonError, JsonErrorKind, MAX_JSON_NODES, parse_json, parse_json_text};
pub use node::{Entry, Node, NodeKind, Style, Tag};
pub use resolve::Resolved;
pub use yaml::{MAX_YAML_NODES, parse_yaml, parse_yaml_text};

use terravet_diagnostics::Diagnostic;

/// The deepest nesting that is read, in YAML and JSON. The deepest templates and plans seen in the wild stay below 40.
pub const MAX_DEPTH: usize = 200;

/// What parsing a text gave: the trees, and what is wrong.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The documents, in order; JSON has one. Those before a syntax error are there, the broken one is not; one
    /// with too many values is there up to the limit.
    pub documents: Vec<Node>,
    /// Whether the last document ends at the limit on values: what of its outer two levels is complete is there, the rest is not.
    pub truncated: bool,
    /// Errors of syntax, limits, duplicate keys, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
}
