//! What a schema knows of facts and derived parts: their names, what they need and what they give. The functions behind them belong to
//! whoever runs the schema over a graph.
//!
//! Signatures are code and not data: a schema refers to facts by name, and is checked against these.

use std::collections::BTreeMap;
use std::fmt;

use crate::kind::AttributeType;

/// What is known of a fact without running it.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// The name by which kinds and conditions ask for it.
    pub name: &'static str,
    /// The attributes of the kind that it reads.
    pub needs: &'static [Need],
    /// What it takes from the condition that asks.
    pub arguments: &'static [Argument],
    /// The type of what it gives.
    pub result: &'static AttributeType,
    /// What it tells, in one line.
    pub doc: &'static str,
}

/// An attribute that a fact reads from the kind that offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The attribute's name.
    pub attribute: &'static str,
    /// What it must be.
    pub ty: NeedType,
    /// Whether the fact can do without it.
    pub optional: bool,
}

/// What an attribute that a fact reads must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeedType {
    /// A value of any type.
    Value,
    /// A bool.
    Bool,
    /// A number.
    Number,
    /// Text.
    String,
    /// A list of texts.
    Strings,
    /// Subjects of this kind.
    Subjects(&'static str),
}

impl NeedType {
    /// Whether an attribute of a type will do. A value of any type is read as what it is.
    #[must_use]
    pub fn accepts(self, ty: &AttributeType) -> bool {
        match (self, ty) {
            (Self::Value, ty) => !matches!(ty, AttributeType::Subject(_) | AttributeType::Subjects(_)),
            (Self::Subjects(kind), AttributeType::Subject(other) | AttributeType::Subjects(other)) => kind == &**other,
            (Self::Bool, AttributeType::Bool)
            | (Self::Number, AttributeType::Number)
            | (Self::String, AttributeType::String)
            | (Self::Strings, AttributeType::Strings)
            | (Self::Bool | Self::Number | Self::String | Self::Strings, AttributeType::Any) => true,
            _ => false,
        }
    }
}

impl fmt::Display for NeedType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value => f.write_str("any"),
            Self::Bool => f.write_str("bool"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::Strings => f.write_str("list of string"),
            Self::Subjects(kind) => write!(f, "list of {kind}"),
        }
    }
}

impl Need {
    /// An attribute without which the fact tells nothing.
    #[must_use]
    pub const fn of(attribute: &'static str, ty: NeedType) -> Self {
        Self { attribute, ty, optional: false }
    }

    /// An attribute that the fact takes into account where the kind has it.
    #[must_use]
    pub const fn or_not(attribute: &'static str, ty: NeedType) -> Self {
        Self { attribute, ty, optional: true }
    }
}

/// What a fact takes: one of its arguments, a literal in the condition.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// What the documentation calls it.
    pub name: &'static str,
    /// What it may be.
    pub ty: ArgumentType,
}

/// What an argument may be.
#[derive(Clone, Copy, Debug)]
pub enum ArgumentType {
    /// The name of an attribute of the kind.
    Attribute,
    /// One of these words.
    Word(fn() -> Vec<&'static str>),
    /// A whole number between these two.
    Number(i64, i64),
    /// Native types, separated by spaces.
    NativeTypes,
    /// Text that passes this check, which says what is wrong otherwise.
    Text(fn(&str) -> Result<(), String>),
}

impl Argument {
    /// An argument.
    #[must_use]
    pub const fn new(name: &'static str, ty: ArgumentType) -> Self {
        Self { name, ty }
    }
}

/// What is known of a way to derive parts from a value, as statements from a policy.
#[derive(Clone, Debug)]
pub struct DerivationSignature {
    /// The name by which a kind asks for it (`derived:`).
    pub name: &'static str,
    /// What its subjects are, in one line.
    pub doc: &'static str,
    /// What a value may be to the resource in which it is written (`as:` of a source).
    pub roles: &'static [&'static str],
    /// The facts that every kind of such parts has as attributes.
    pub facts: Vec<Signature>,
}

/// All that schemas may name.
#[derive(Clone, Debug, Default)]
pub struct Signatures {
    /// Facts by name.
    pub facts: BTreeMap<&'static str, Signature>,
    /// Derivations by name.
    pub derivations: BTreeMap<&'static str, DerivationSignature>,
}
