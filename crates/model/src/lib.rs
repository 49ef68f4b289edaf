//! A resource graph seen through a schema: subjects, relations, attributes, and conditions decided over them.
//!
//! In: the [`Graph`](terravet_graph::Graph) of a unit, a [`Schema`](terravet_schema::Schema) and a [`Catalog`] of facts. Out: a
//! [`Model`]: the [`Subject`]s of each kind, through a [`View`] the value of each of their attributes, and for a [`Condition`]
//! what it is worth for a subject, in three values, with the values that made it so (the evidence).
//!
//! Invariants: what is not written reads as absent with the place where it would be written; what may be configured by something
//! that cannot be seen reads as unknown and never as absent; true means true in every world that the input leaves open, a world being
//! one choice of a candidate for every open value, with equal choices agreeing.
//!
//! It knows no cloud: what is special to one comes in the catalogue.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types))]

mod condition;
mod evaluate;
mod facts;
mod model;
mod passes;
mod relations;
mod structure;
mod subject;
mod text;
mod texts;
mod view;
mod worlds;

pub use condition::{Checked, Condition, Verdict};
pub use facts::{Catalog, Derivable, Derivation, DerivedPart, Fact, FactContext, FactDef, FactFunction};
pub use model::{Model, spread};
pub use passes::Pass;
pub use structure::within_text;
pub use subject::{Body, Subject};
pub use text::{TextError, parse_text, read_text};
pub use view::{Choices, NoChoices, Reading, View};
pub use worlds::MAX_WORLDS;
