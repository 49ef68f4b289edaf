//! The types of expressions.

use std::fmt;
use std::sync::Arc;

use crate::kind::AttributeType;

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ty {
    Bool,
    Number,
    String,
    List(Box<Ty>),
    Date,
    Any,
    Subject(Arc<str>),
    /// A table, or what is left of it after so many keys.
    Table(Arc<str>, usize),
    /// A row of a table.
    Row(Arc<str>),
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("a bool"),
            Self::Number => f.write_str("a number"),
            Self::String => f.write_str("text"),
            Self::List(_) => f.write_str("a list"),
            Self::Date => f.write_str("a day"),
            Self::Any => f.write_str("of any type"),
            Self::Subject(kind) => write!(f, "a {kind}"),
            Self::Table(name, _) => write!(f, "the table {name}"),
            Self::Row(name) => write!(f, "a row of the table {name}"),
        }
    }
}

impl Ty {
    pub(super) fn of(ty: &AttributeType) -> Self {
        match ty {
            AttributeType::Bool => Self::Bool,
            AttributeType::Number => Self::Number,
            AttributeType::String => Self::String,
            AttributeType::Strings => Self::List(Box::new(Self::String)),
            AttributeType::Date => Self::Date,
            AttributeType::Any => Self::Any,
            AttributeType::Subject(kind) => Self::Subject(Arc::clone(kind)),
            AttributeType::Subjects(kind) => Self::List(Box::new(Self::Subject(Arc::clone(kind)))),
        }
    }

    pub(super) fn accepts(&self, other: &Ty) -> bool {
        match (self, other) {
            // A table by itself is no value.
            (Self::Table(..) | Self::Row(_), _) | (_, Self::Table(..) | Self::Row(_)) => false,
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::List(a), Self::List(b)) => a.accepts(b),
            _ => self == other,
        }
    }
}
