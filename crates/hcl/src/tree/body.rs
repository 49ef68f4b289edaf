//! Bodies: attributes and blocks.

use std::sync::Arc;

use terravet_source::Span;

use super::Expr;

/// A name with its place. In native syntax an identifier; in JSON syntax any property name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ident {
    /// The name.
    pub name: Arc<str>,
    /// Where it is written, quotes included where it has any.
    pub span: Span,
}

/// A block label, written as a quoted string or as a bare identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The label without quotes and escapes.
    pub text: Arc<str>,
    /// Where it is written, quotes included.
    pub span: Span,
}

/// The content of a file or a block. Attributes and blocks are each in source order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The attributes. No name occurs twice: of attributes defined again, the first is kept and the rest
    /// are reported.
    pub attributes: Vec<Attribute>,
    /// The blocks.
    pub blocks: Vec<Block>,
    /// The file, or what stands between the braces of a block.
    pub span: Span,
}

impl Body {
    /// A body with nothing in it.
    #[must_use]
    pub fn empty(span: Span) -> Self {
        Self { attributes: Vec::new(), blocks: Vec::new(), span }
    }

    /// The attribute of this name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name.name == name)
    }

    /// The blocks of this kind, in source order.
    pub fn blocks_of<'body>(&'body self, kind: &'body str) -> impl Iterator<Item = &'body Block> + 'body {
        self.blocks.iter().filter(move |block| &*block.kind.name == kind)
    }

    /// Attributes and blocks together, in source order.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        let mut attributes = self.attributes.iter().peekable();
        let mut blocks = self.blocks.iter().peekable();
        std::iter::from_fn(move || match (attributes.peek(), blocks.peek()) {
            (Some(attribute), Some(block)) if attribute.span.start > block.span.start => blocks.next().map(Item::Block),
            (Some(_), _) => attributes.next().map(Item::Attribute),
            (None, _) => blocks.next().map(Item::Block),
        })
    }
}

/// One part of a body, for reading both sorts in source order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'body> {
    /// `name = value`.
    Attribute(&'body Attribute),
    /// `kind "label" { ... }`.
    Block(&'body Block),
}

/// `name = value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The name.
    pub name: Ident,
    /// The value.
    pub expr: Expr,
    /// From the name to the end of the value.
    pub span: Span,
}

/// `kind "label" { ... }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What kind of block it is: `resource`, `variable`, `ingress`.
    pub kind: Ident,
    /// The labels, in order.
    pub labels: Vec<Label>,
    /// What stands between the braces.
    pub body: Body,
    /// From the kind to the last label: what a diagnostic points to. In JSON syntax, where other blocks can
    /// stand between kind and label, the last label, or the kind where there is none.
    pub header: Span,
    /// The whole block, closing brace included.
    pub span: Span,
    /// The empty span just after the opening brace, where a new attribute can be inserted.
    pub insertion: Span,
}
