//! The tree.

use std::sync::Arc;

use terravet_source::Span;

use crate::resolve::{Resolved, resolve};

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands, from its tag or first character to past its last; quotes belong to it.
    pub span: Span,
    /// The tag before it, such as `!Sub`.
    pub tag: Option<Tag>,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// As written, `!Sub`.
    pub text: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// Text, or what text stands for.
    Scalar {
        /// The text, with quotes and escapes taken away.
        text: Arc<str>,
        /// How it was written.
        style: Style,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values in the order of the source.
    Mapping(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Node,
    /// The value.
    pub value: Node,
}

impl Entry {
    /// Key and value together.
    #[must_use]
    pub fn span(&self) -> Span {
        self.key.span.to(self.value.span)
    }
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single quotes.
    SingleQuoted,
    /// In double quotes, in YAML or JSON.
    DoubleQuoted,
    /// As a block that keeps its lines.
    Literal,
    /// As a block whose lines are joined.
    Folded,
    /// A number, `true`, `false` or `null` of JSON.
    JsonLiteral,
}

impl Node {
    /// A null that stands at a place.
    #[must_use]
    pub fn null(span: Span) -> Self {
        Self { kind: NodeKind::Scalar { text: "".into(), style: Style::Plain }, span, tag: None }
    }

    /// The text of a scalar, whatever it stands for.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The elements of a sequence.
    #[must_use]
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.kind {
            NodeKind::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a mapping.
    #[must_use]
    pub fn as_mapping(&self) -> Option<&[Entry]> {
        match &self.kind {
            NodeKind::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entry of a mapping with a key; the last where the key stands twice, as readers of YAML have it.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.as_mapping()?.iter().rfind(|entry| entry.key.as_str() == Some(key))
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// What a scalar stands for; none for sequences and mappings.
    #[must_use]
    pub fn resolve(&self) -> Option<Resolved<'_>> {
        match &self.kind {
            NodeKind::Scalar { text, style } => Some(resolve(text, *style)),
            _ => None,
        }
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.tag.is_none() && self.resolve() == Some(Resolved::Null)
    }
}
