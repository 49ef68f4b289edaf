//! The tree: bodies, expressions and templates, each node with the span that it was written at.
//!
//! In: nothing; the parsers for native and JSON syntax build it. Out: plain data that any thread may read.
//!
//! Invariants: every span lies in the file that was parsed, and a node's span contains those of its parts
//! (JSON blocks aside, whose labels and body are separate properties). Names and texts are decoded: no escape,
//! quote or comment is left in them. The tree's height is bounded by [`crate::MAX_HEIGHT`].
//!
//! It does not evaluate and knows no schema.

mod body;
mod expression;
mod template;

pub use body::{Attribute, Block, Body, Ident, Item, Label};
pub use expression::{
    BinaryOperator, Expr, ExprKind, ForIntroduction, FunctionCall, ObjectItem, ObjectKey, Step, StepKind, Traversal,
    UnaryOperator,
};
pub use template::{ForPiece, Heredoc, IfPiece, Piece, Template};
