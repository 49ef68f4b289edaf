//! Values that stand in a schema: defaults, arguments of facts, literals of conditions.

use std::sync::Arc;

use terravet_graph::{Number, Value};

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
