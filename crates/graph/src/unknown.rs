//! Values that cannot be known before apply, with everything that is certain about them all the same.

use std::fmt;
use std::sync::Arc;

use crate::types::Type;
use crate::value::Value;

/// How many candidates an unknown keeps at most; more than that is simply unknown.
pub const MAX_CANDIDATES: usize = 64;

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The provider computes it at apply, as the attribute of a resource.
    Computed,
    /// An input variable or parameter without a default, by its name (`var.env`, `Environment`).
    Input(Arc<str>),
    /// A data source, by its address, that only the provider can read.
    Data(Arc<str>),
    /// The output of a module that is not on this machine, by its address.
    Module(Arc<str>),
    /// An import from another stack or state, in words.
    Import(Arc<str>),
    /// A function whose result differs from run to run, by name.
    Function(Arc<str>),
    /// It could not be evaluated; a diagnostic tells why.
    Error,
    /// A limit was hit, by its name.
    Limit(Arc<str>),
    /// Something else, in words.
    Other(Arc<str>),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Computed => f.write_str("known after apply"),
            Self::Input(name) => write!(f, "{name} has no value"),
            Self::Data(address) => write!(f, "{address} is read at apply"),
            Self::Module(address) => write!(f, "{address} is not on this machine"),
            Self::Import(what) => write!(f, "imported from {what}"),
            Self::Function(name) => write!(f, "{name}() differs from run to run"),
            Self::Error => f.write_str("could not be evaluated"),
            Self::Limit(name) => write!(f, "limit reached: {name}"),
            Self::Other(words) => f.write_str(words),
        }
    }
}

/// An attribute of a resource of the same unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The resource's address, `module.m.aws_kms_key.k[0]` or a logical id. Without an index where the
    /// instance cannot be told.
    pub resource: Arc<str>,
    /// The attribute, `arn` or `Endpoint.Address`; empty for the resource as a whole (`Ref`).
    pub attribute: Arc<str>,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.attribute.is_empty() {
            f.write_str(&self.resource)
        } else {
            write!(f, "{}.{}", self.resource, self.attribute)
        }
    }
}

/// A choice that the input leaves open, taken one way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Guard {
    /// What is open: the condition's text or the parameter's name. Equal choices correlate.
    pub choice: Arc<str>,
    /// Which way it is taken, so that two guards on one choice contradict each other when it differs.
    pub taken: Arc<str>,
    /// The way in words: `var.env is "dev"`, `condition IsProd does not hold`.
    pub words: Arc<str>,
}

/// One of the finitely many values that an unknown may turn out to have.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// When it is this one: all of these hold. Sorted, at most one per choice.
    pub when: Vec<Guard>,
    /// The value.
    pub value: Value,
}

impl Candidate {
    /// The guards of two candidates together, or none where they contradict each other.
    #[must_use]
    pub fn join(a: &[Guard], b: &[Guard]) -> Option<Vec<Guard>> {
        let mut joined = a.to_vec();
        for guard in b {
            match joined.iter().find(|other| other.choice == guard.choice) {
                Some(other) if other.taken != guard.taken => return None,
                Some(_) => {}
                None => joined.push(guard.clone()),
            }
        }
        joined.sort();
        Some(joined)
    }
}

/// What is known about an unknown value.
#[derive(Clone, Debug, PartialEq)]
pub struct Unknown {
    /// Why it is unknown.
    pub why: Why,
    /// Its type; [`Type::Any`] where even that is open.
    pub ty: Type,
    /// Whether it is certainly not null.
    pub not_null: bool,
    /// A prefix that a string certainly has.
    pub prefix: Option<Arc<str>>,
    /// The least number of elements of a collection.
    pub min_length: usize,
    /// The greatest number of elements of a collection, where one is known.
    pub max_length: Option<usize>,
    /// The resource attribute that it is, where it is exactly one.
    pub reference: Option<Reference>,
    /// All the values that it may have; empty where they are not finitely many. Never of length one.
    pub candidates: Vec<Candidate>,
}

impl Unknown {
    /// Nothing known but the reason and the type.
    #[must_use]
    pub fn new(why: Why, ty: Type) -> Self {
        Self {
            why,
            ty,
            not_null: false,
            prefix: None,
            min_length: 0,
            max_length: None,
            reference: None,
            candidates: Vec::new(),
        }
    }
}
