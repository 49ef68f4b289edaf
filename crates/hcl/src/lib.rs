//! HCL and Terraform JSON syntax with spans on everything.
//!
//! In: the text of a file in native syntax (`.tf`, `.tfvars`) or JSON syntax (`.tf.json`, `.tfvars.json`).
//! Out: one tree for both ([`Body`], [`Expr`], [`Template`]), and diagnostics for what could not be parsed.
//!
//! Invariants: parsing never fails and never panics, whatever the text; every span lies in the file; a top-level block
//! with a syntax error is left out as a whole and reported, and does not hide the others; what the tree says is
//! what Terraform understands (escapes, `~` trimming, heredoc indentation, precedence), since the grammar follows
//! the specification of HCL native syntax
//! (<https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>) and, where that is silent, Terraform's behaviour.
//!
//! It does not evaluate, knows no provider schema, and reads no files.

pub mod tree;

pub use tree::{
    Attribute, BinaryOperator, Block, Body, Expr, ExprKind, ForIntroduction, ForPiece, FunctionCall, Heredoc, Ident,
    IfPiece, Item, Label, ObjectItem, ObjectKey, Piece, Step, StepKind, Template, Traversal, UnaryOperator,
};

/// The highest tree that is built, in nodes from the root of an attribute's expression to its deepest part.
pub const MAX_HEIGHT: u32 = 250;
