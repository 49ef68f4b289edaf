//! The vocabulary: what a kind such as `aws.s3.bucket` is in either language, as data.
//!
//! In: `kinds.yaml` files and the resource graph of a unit. Out: a [`Model`] of the graph in our own words:
//! the [`Subject`]s of each kind, and through a [`View`] the value of each of their attributes.
//!
//! Invariants: every attribute has one meaning, type and default per language; what is not written reads as
//! absent with the place where it would be written; what may be configured by something that cannot be seen
//! reads as unknown and never as absent.
//!
//! It judges nothing. Facts that need computing (ports, policy semantics) are functions in [`facts`].

mod chapter;
mod decode;
pub mod facts;
mod model;
mod path;
mod permissions;
mod relations;
mod structure;
mod view;
mod vocabulary;

pub use model::{Body, Model, Subject};
pub use path::{Path, PathRoot};
pub use view::{Choices, NoChoices, Reading, View};
pub use vocabulary::{
    Attribute, AttributeType, Companion, Computed, Filter, Kind, KindSource, PolicyParts, PolicyUse, Vocabulary,
};
