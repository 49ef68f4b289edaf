//! Facts about AWS that need computing: ports, keys, certificates, events, policies and the permissions of principals.
//!
//! In: subjects of a model whose kinds are those of AWS. Out: a [`Catalog`] of facts, each with its signature, and of the ways to
//! derive statements and documents from policies; [`catalog`] is all that other crates need.
//!
//! A new fact is a function and an entry in the table of its module. Every fact about AWS names the page that it comes from.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types))]

mod arguments;
mod buckets;
mod certificates;
mod events;
mod filter;
mod identity;
mod images;
mod keys;
mod literals;
mod network;
mod open;
mod part;
mod permissions;
mod routing;
mod secrets;
mod statements;
mod user_data;
mod uses;

use std::sync::LazyLock;

use terravet_model::{Catalog, FactDef};

pub use part::{PolicyPart, PolicyUse};

/// The facts that are functions of their own, by module.
const FACTS: &[&[FactDef]] = &[
    buckets::FACTS,
    certificates::FACTS,
    events::FACTS,
    identity::FACTS,
    images::FACTS,
    keys::FACTS,
    literals::FACTS,
    network::FACTS,
    routing::FACTS,
    secrets::FACTS,
    statements::FACTS,
    user_data::FACTS,
    uses::FACTS,
];

/// The attributes by which a resource is named; `Ref` has none.
const OWN_NAMES: &[&str] = &["", "id", "arn", "Arn"];

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let facts = FACTS.iter().copied().flatten().chain(statements::of_policies());
    Catalog::new(facts, part::derivations(), OWN_NAMES)
});

/// All facts and derivations about AWS.
#[must_use]
pub fn catalog() -> &'static Catalog {
    &CATALOG
}
