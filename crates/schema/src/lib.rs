//! The schema: what a kind such as `aws.s3.bucket` is in either language, as data, and conditions checked against it.
//!
//! In: `kinds.yaml` files, and the [`Signatures`] of the facts that they may name. Out: a [`Schema`] of [`Kind`]s, and
//! [`Expression`]s compiled from the conditions of rules, in which every name and type has been checked.
//!
//! Invariants: every attribute has one meaning, type and default per language; an expression that compiles evaluates without
//! error; kinds and expressions are plain data.
//!
//! It sees no resource and evaluates nothing: that is the part of `terravet-model`.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types))]

mod chapter;
mod check;
mod compile;
mod day;
mod decode;
mod expression;
mod kind;
mod literal;
pub mod names;
mod path;
mod schema;
mod signature;
mod table;

pub use check::at_condition;
pub use compile::{ConditionError, check_condition, compile};
pub use day::Day;
pub use expression::{Comparison, Expression, TextTest};
pub use kind::{Attribute, AttributeType, Computed, DerivedCondition, Filter, Kind, KindSource, Satellite};
pub use literal::{Default, Literal};
pub use path::{Path, PathError, PathRoot};
pub use schema::Schema;
pub use signature::{Argument, ArgumentType, DerivationSignature, Need, NeedType, Signature, Signatures};
pub use table::{Cell, Column, Matching, Row, Table};
