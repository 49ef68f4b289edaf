//! YAML and JSON, with a span on every key and value.
//!
//! In: text. Out: a tree of [`Node`]s and diagnostics with exact places. One tree serves both languages, so that what
//! reads CloudFormation, plans, kinds or rule pages need not know which it was.
//!
//! Invariants: a span lies in its text; the text of every scalar is kept as written, and what it means is decided only when
//! asked ([`Node::resolve`], by the rules of YAML 1.1 as CloudFormation reads it); nesting and the
//! expansion of aliases are limited, and hitting a limit is a diagnostic that names it.
//!
//! It knows nothing of what the documents mean.

mod comments;
mod json;
mod node;
mod resolve;
mod yaml;

pub use comments::{Comment, comments};
pub use json::{JsonError, parse_json, parse_json_text};
pub use node::{Entry, Node, NodeKind, Style, Tag};
pub use resolve::Resolved;
pub use yaml::{MAX_DEPTH, MAX_NODES, parse_yaml, parse_yaml_text};

use terravet_diagnostics::Diagnostic;

/// What parsing a text gave: as much of the tree as there is, and what is wrong.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The documents, in order; JSON has one.
    pub documents: Vec<Node>,
    /// Errors of syntax, limits, duplicate keys.
    pub diagnostics: Vec<Diagnostic>,
}
