//! Values that stand in a schema: defaults, arguments of facts, literals of conditions.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Number, Releases, Value};

/// A value without a place, as it is written in a schema.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`: not set.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    Text(Arc<str>),
}

impl Literal {
    /// The text that it is, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of the graph that it stands for.
    #[must_use]
    pub fn value(&self) -> Value {
        match self {
            Self::Null => Value::null(),
            Self::Bool(flag) => Value::bool(*flag),
            Self::Number(number) => Value::number(number.clone()),
            Self::Text(text) => Value::string(Arc::clone(text)),
        }
    }
}

/// What an attribute is where nothing is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Default {
    /// This.
    Always(Literal),
    /// What the provider took it for in each range of its releases; in order, without gaps.
    ByRelease(Vec<(Releases, Literal)>),
    /// What it is for each native type; nothing for others.
    ByType(BTreeMap<Arc<str>, Default>),
}
