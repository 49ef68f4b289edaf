//! Who may do what: AWS's evaluation of permissions, over one graph and in either language.
//!
//! In: a graph. Out: for an action and a resource every principal of the code, and everyone outside whom policies name, with a
//! [`Verdict`]: yes, no, conditional on what the request has, or maybe, where a value decides that is not known before apply; and
//! with the statements that decide, each with its place.
//!
//! How: [`names`] says what resources will be called, [`principals`] and [`resources`] gather the policies of both sides,
//! [`evaluate`] weighs them in AWS's order, [`conditions`] holds conditions against what is known of a request.
//!
//! Invariants: an answer holds whatever the unknown values turn out to be; the cost of one question is that of all statements, once
//! for each principal; chains of roles end, also where they are circles. Facts about AWS stand in `data/`, with source and day.
//!
//! It knows no frontend, asks no account, and takes what other accounts allow their own principals for granted.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types))]

mod answer;
mod can;
mod conditions;
mod degree;
mod evaluate;
mod managed;
mod names;
mod organization;
mod principals;
mod request;
mod resources;
mod statement;
mod table;
mod who_can;

use std::sync::Arc;

use terravet_graph::Graph;
use terravet_policy::{Letters, Pattern};
use terravet_source::Span;

pub use answer::{Ability, Answer, Basis, Class, Layer, Move, Verdict};

/// A user, group, role or permission set of the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Its address.
    pub address: Arc<str>,
    /// Its ARN, with what is not known by name.
    pub arn: Arc<str>,
    /// Where it is declared.
    pub span: Span,
    /// What runs as it.
    pub used_by: Vec<Arc<str>>,
}

/// The permissions of one graph.
pub struct Access<'g> {
    world: evaluate::World<'g>,
}

impl<'g> Access<'g> {
    /// The permissions of a graph, on a day (`2026-01-31`; empty where it is not known).
    #[must_use]
    pub fn new(graph: &'g Graph, today: &str) -> Self {
        Self { world: evaluate::World::new(graph, today) }
    }

    /// Who may do `action` (`s3:GetObject`, `s3:*`) on `resource`, an address or ARN; with `transitive` also those who may take a
    /// role that may. None where the graph has no such address. An address with an action on things inside of it asks for all of
    /// them.
    #[must_use]
    pub fn who_can(&self, action: &str, resource: &str, transitive: bool) -> Option<Vec<Answer>> {
        let action = Pattern::new(action, Letters::AnyCase);
        let targets = self.world.policies.targets(&self.world.names, &action, resource);
        (!targets.is_empty()).then(|| self.world.who_can(&action, &targets, transitive))
    }

    /// What a principal may do, worst first: a user or role by address or ARN, or what runs as a role. Empty where the graph has
    /// no such principal; one of several instances by its own address.
    #[must_use]
    pub fn can(&self, principal: &str) -> Vec<(Principal, Vec<Ability>)> {
        let called = self.world.principals_called(principal);
        called.into_iter().map(|at| (self.principal(at), self.world.can(at))).collect()
    }

    /// The users, roles and permission sets of the graph.
    pub fn principals(&self) -> impl Iterator<Item = Principal> {
        (0..self.world.principals.list.len()).map(|at| self.principal(at))
    }

    fn principal(&self, at: usize) -> Principal {
        let principal = &self.world.principals.list[at];
        Principal {
            address: Arc::clone(&principal.address),
            arn: principal.arn.to_string().into(),
            span: principal.header,
            used_by: principal.used_by.clone(),
        }
    }
}
