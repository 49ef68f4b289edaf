//! The resource graph: what both frontends lower to, and all that rules see.
//!
//! In: resources with evaluated attributes, from a frontend. Out: [`Graph`], the [`Resource`]s of one unit with
//! [`Value`]s that know their state (known, unknown, absent), their type and where they came from.
//!
//! Invariants: nothing is ordered by hash or address; no accessor gives a plain bool without saying what
//! unknown means; an unknown value keeps all that is certain about it; a value's origin leads from where
//! it is used to where it was written.
//!
//! It knows neither Terraform nor CloudFormation beyond the [`Language`] tag, and evaluates no expression.

mod number;
mod origin;
mod resource;
mod truth;
mod types;
mod unknown;
mod value;
mod work;

pub use number::{Number, ParseNumberError};
pub use origin::{Origin, Step};
pub use resource::{Graph, Index, Language, Mode, Outlined, Provider, Resource, ResourceId};
pub use truth::Truth;
pub use types::{ObjectType, Type};
pub use unknown::{Candidate, Guard, MAX_CANDIDATES, Reference, Unknown, Why};
pub use value::{Content, Data, Entries, Mapping, Sequence, Value};
pub use work::{ELEMENT, MAX_MADE, MAX_READ, Spent, Work};
