//! Templates: text with interpolations and directives.

use std::sync::Arc;

use terravet_source::Span;

use super::{Expr, Ident};

/// The parts of a quoted string, a heredoc, a template file or a string of JSON syntax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// The pieces, in order; none for an empty text.
    pub pieces: Vec<Piece>,
    /// Set where it is written as a heredoc.
    pub heredoc: Option<Heredoc>,
}

impl Template {
    /// The interpolation of a template that is nothing else, as `"${var.x}"`: its value is the template's value,
    /// whatever its type. Every other template makes a string. `"${var.x ~} "` is such an other one, since its
    /// piece of text is there, if empty after trimming.
    #[must_use]
    pub fn sole_interpolation(&self) -> Option<&Expr> {
        match self.pieces.as_slice() {
            [Piece::Interpolation { expr, .. }] => Some(expr),
            _ => None,
        }
    }
}

/// How a heredoc is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// The marker that ends it: `EOT`.
    pub marker: Arc<str>,
    /// Whether `<<-` takes the common indentation from its lines (already done in the pieces).
    pub flush: bool,
}

/// One part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text: escapes decoded, `~` trimming and `<<-` indentation already taken off (which can leave it empty).
    ///
    /// In heredocs and template files a piece never goes past the end of a line, and its text is exactly the source at
    /// its span, so that an offset in the text is an offset in the file. In quoted strings and JSON that holds where text
    /// and span have the same length.
    Literal {
        /// The text.
        text: Arc<str>,
        /// Its source.
        span: Span,
    },
    /// `${expr}`.
    Interpolation {
        /// What is evaluated.
        expr: Box<Expr>,
        /// From `${` to `}`.
        span: Span,
    },
    /// `%{ if condition }...%{ else }...%{ endif }`.
    If(IfPiece),
    /// `%{ for key, value in collection }...%{ endfor }`.
    For(ForPiece),
}

impl Piece {
    /// Where the piece is written.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Literal { span, .. } | Self::Interpolation { span, .. } => *span,
            Self::If(piece) => piece.span,
            Self::For(piece) => piece.span,
        }
    }
}

/// `%{ if condition }...%{ else }...%{ endif }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfPiece {
    /// What decides.
    pub condition: Box<Expr>,
    /// The pieces where it is true.
    pub then: Vec<Piece>,
    /// The pieces where it is false; none without `else`.
    pub otherwise: Vec<Piece>,
    /// From the opening of `if` to the close of `endif`.
    pub span: Span,
}

/// `%{ for key, value in collection }...%{ endfor }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForPiece {
    /// The variable for the key or index, where one is named.
    pub key: Option<Ident>,
    /// The variable for the value.
    pub value: Ident,
    /// What it runs over.
    pub collection: Box<Expr>,
    /// The pieces of each round.
    pub body: Vec<Piece>,
    /// From the opening of `for` to the close of `endfor`.
    pub span: Span,
}
