//! What rules check.

use std::sync::Arc;

use terravet_graph::{Guard, ResourceId, Value};

use crate::facts::DerivedPart;

/// What a rule checks: a resource or a part of one, as one kind.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The resource that it is or belongs to.
    pub resource: ResourceId,
    /// What of it.
    pub body: Body,
    /// The choices under which it is there at all; empty when it is for certain.
    pub when: Vec<Guard>,
}

/// What of a resource a subject is.
#[derive(Clone, Debug)]
pub enum Body {
    /// All of it.
    Resource,
    /// A satellite resource whose resource is outside the unit: nothing but the satellite is known of it.
    Satellite,
    /// A part: a nested block, a property's element.
    Part(Value),
    /// A part that is derived from a value.
    Derived(Arc<dyn DerivedPart>),
}

impl Subject {
    /// The derived part that it is, if it is one of this type.
    #[must_use]
    pub fn derived<P: 'static>(&self) -> Option<&P> {
        match &self.body {
            Body::Derived(part) => part.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// Whether both are the same thing.
    #[must_use]
    pub fn is(&self, other: &Subject) -> bool {
        self.resource == other.resource
            && match (&self.body, &other.body) {
                (Body::Resource, Body::Resource) | (Body::Satellite, Body::Satellite) => true,
                (Body::Part(a), Body::Part(b)) => a == b,
                _ => false,
            }
    }
}
