//! The tree.

use std::sync::Arc;

use terravet_source::Span;

use crate::resolve::{Resolved, resolve};

/// A value with its place. Cheap to clone: what lies below is shared.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands, from its tag or first character to past its last. Quotes, brackets and the header of a block
    /// scalar (`|-`) belong to it; anchors, comments and white space after it do not. A value that an alias stands for
    /// has the place where it is written.
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
    Sequence(Arc<[Node]>),
    /// Keys and values in the order of the source.
    Mapping(Arc<[Entry]>),
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
    /// Key and value together; only the key where the value is an alias to what stands before it.
    #[must_use]
    pub fn span(&self) -> Span {
        if self.value.span.start < self.key.span.end { self.key.span } else { self.key.span.to(self.value.span) }
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
    /// As a block that keeps its lines (`|`).
    Literal,
    /// As a block whose lines are joined (`>`).
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

    /// The text of the tag.
    #[must_use]
    pub fn tag_text(&self) -> Option<&str> {
        self.tag.as_ref().map(|tag| &*tag.text)
    }

    /// What a scalar stands for; none for sequences and mappings. A tagged scalar is text (`!Sub 5`, `!!str 5`), except
    /// for the tags of YAML's own that leave it open (`!!int`, `!!bool` and so on).
    #[must_use]
    pub fn resolve(&self) -> Option<Resolved<'_>> {
        let NodeKind::Scalar { text, style } = &self.kind else { return None };
        Some(match self.tag_text() {
            None => resolve(text, *style),
            Some(tag) if tag.starts_with("!!") && tag != "!!str" => resolve(text, *style),
            Some(_) => Resolved::String,
        })
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.resolve() == Some(Resolved::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_stays_small() {
        assert!(std::mem::size_of::<Node>() <= 80, "{}", std::mem::size_of::<Node>());
    }
}
