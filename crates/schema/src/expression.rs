//! The checked form of a condition.

use std::sync::Arc;

use terravet_graph::Number;

use crate::literal::Literal;

/// An expression whose names and types have been checked.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A literal.
    Literal(Literal),
    /// A list of expressions.
    List(Vec<Expression>),
    /// The subject, or the element that a loop is at, counted from the outside: 0 is the subject.
    Variable(usize),
    /// An attribute of a subject.
    Attribute {
        /// Which subject.
        of: Box<Expression>,
        /// Its kind.
        kind: Arc<str>,
        /// The attribute's dotted name.
        name: Arc<str>,
        /// Literal arguments, for facts that take some.
        arguments: Vec<Literal>,
    },
    /// The day of the scan.
    Today,
    /// Whether a table has a row.
    HasRow {
        /// The table.
        table: Arc<str>,
        /// What finds the row.
        keys: Vec<Expression>,
    },
    /// A cell of a table; not set where there is no such row or the cell is empty.
    Cell {
        /// The table.
        table: Arc<str>,
        /// What finds the row.
        keys: Vec<Expression>,
        /// The column.
        column: Arc<str>,
    },
    /// An entry of a value of any type.
    Entry(Box<Expression>, Arc<str>),
    /// Whether it is written.
    Has(Box<Expression>),
    /// Negation.
    Not(Box<Expression>),
    /// Conjunction.
    And(Box<Expression>, Box<Expression>),
    /// Disjunction.
    Or(Box<Expression>, Box<Expression>),
    /// `condition ? then : otherwise`.
    Choose(Box<Expression>, Box<Expression>, Box<Expression>),
    /// Comparison.
    Compare(Comparison, Box<Expression>, Box<Expression>),
    /// Membership.
    In(Box<Expression>, Box<Expression>),
    /// Whether the body holds for some, or for all.
    Quantifier {
        /// For all, as opposed to for some.
        all: bool,
        /// What is looped over.
        over: Box<Expression>,
        /// The body; its variable is the innermost.
        body: Box<Expression>,
    },
    /// The elements for which the body holds.
    Filter(Box<Expression>, Box<Expression>),
    /// How many.
    Size(Box<Expression>),
    /// Text in lower case.
    Lower(Box<Expression>),
    /// A test of text.
    Test(TextTest, Box<Expression>),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// Whether it holds between two numbers.
    #[must_use]
    pub fn holds(self, a: &Number, b: &Number) -> bool {
        match self {
            Self::Equal => a == b,
            Self::NotEqual => a != b,
            Self::Less => a < b,
            Self::LessOrEqual => a <= b,
            Self::Greater => a > b,
            Self::GreaterOrEqual => a >= b,
        }
    }
}

/// A test of text against a literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextTest {
    /// It begins so.
    StartsWith(Arc<str>),
    /// It ends so.
    EndsWith(Arc<str>),
    /// This is in it.
    Contains(Arc<str>),
    /// This regular expression, which has been checked, matches in it.
    Matches(Arc<str>),
}

impl Expression {
    /// The expressions that it is made of, in the order in which they are written.
    pub fn parts(&self) -> Vec<&Expression> {
        match self {
            Self::Literal(_) | Self::Variable(_) | Self::Today => Vec::new(),
            Self::List(items) => items.iter().collect(),
            Self::Attribute { of, .. } | Self::Entry(of, _) => vec![of],
            Self::HasRow { keys, .. } | Self::Cell { keys, .. } => keys.iter().collect(),
            Self::Has(inner) | Self::Not(inner) | Self::Size(inner) | Self::Lower(inner) | Self::Test(_, inner) => {
                vec![inner]
            }
            Self::And(a, b) | Self::Or(a, b) | Self::Compare(_, a, b) | Self::In(a, b) | Self::Filter(a, b) => {
                vec![a, b]
            }
            Self::Quantifier { over, body, .. } => vec![over, body],
            Self::Choose(condition, then, otherwise) => vec![condition, then, otherwise],
        }
    }
}
