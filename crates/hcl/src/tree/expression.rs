//! Expressions.

use std::sync::Arc;

use terravet_source::Span;

use super::{Ident, Template};

/// An expression and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it is written, its own quotes, brackets and parentheses included.
    pub span: Span,
}

/// The forms of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExprKind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number: the literal's exact source text, so that no digit is lost. Decimal, without sign in native
    /// syntax (`-1` is a unary minus), with `-` in front where JSON has it.
    Number(Arc<str>),
    /// A string without interpolation or directive: its text, escapes decoded, and where the text stands
    /// (between the quotes). Offsets in the text are offsets in the span exactly when both have the same length.
    String {
        /// The text.
        text: Arc<str>,
        /// What stands between the quotes.
        content: Span,
    },
    /// A quoted string with interpolations or directives, or a heredoc.
    Template(Template),
    /// A root name on its own: `var`, `each`, `aws_s3_bucket`.
    Variable(Arc<str>),
    /// An expression with steps into it: `var.tags["a"]`.
    Traversal(Traversal),
    /// `name(arguments)`.
    FunctionCall(FunctionCall),
    /// `-operand` or `!operand`.
    Unary {
        /// The operator.
        operator: UnaryOperator,
        /// What it applies to.
        operand: Box<Expr>,
    },
    /// `left operator right`.
    Binary {
        /// The operator.
        operator: BinaryOperator,
        /// Left of it.
        left: Box<Expr>,
        /// Right of it.
        right: Box<Expr>,
    },
    /// `condition ? then : otherwise`.
    Conditional {
        /// What decides.
        condition: Box<Expr>,
        /// The value where the condition is true.
        then: Box<Expr>,
        /// The value where it is false.
        otherwise: Box<Expr>,
    },
    /// `[for key, value in collection : element if condition]`.
    ForTuple {
        /// The variables and the collection.
        introduction: Box<ForIntroduction>,
        /// The element made in each round.
        element: Box<Expr>,
        /// Which rounds make one; all where there is none.
        condition: Option<Box<Expr>>,
    },
    /// `{for key, value in collection : key => value... if condition}`.
    ForObject {
        /// The variables and the collection.
        introduction: Box<ForIntroduction>,
        /// The key made in each round.
        key: Box<Expr>,
        /// The value made in each round.
        value: Box<Expr>,
        /// Whether `...` groups the values of equal keys into tuples.
        grouping: bool,
        /// Which rounds make an item; all where there is none.
        condition: Option<Box<Expr>>,
    },
    /// `[a, b]`.
    Tuple(Vec<Expr>),
    /// `{ a = 1 }`. A key can occur more than once; the last then wins.
    Object(Vec<ObjectItem>),
    /// `(inner)`.
    Parenthesis(Box<Expr>),
}

/// An expression and the steps into it.
///
/// Steps apply from left to right to the value so far, with two exceptions. An [`StepKind::AttributeSplat`] applies the
/// attribute and legacy index steps that directly follow it to every element, and what comes after those to
/// the resulting tuple. A [`StepKind::FullSplat`] applies all following steps to every element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traversal {
    /// What is stepped into: never a traversal itself.
    pub root: Box<Expr>,
    /// The steps, at least one.
    pub steps: Vec<Step>,
}

/// One step of a traversal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is.
    pub kind: StepKind,
    /// From its dot or opening bracket to its end.
    pub span: Span,
}

/// The forms of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// `.name`.
    Attribute(Arc<str>),
    /// `[key]`.
    Index(Box<Expr>),
    /// `.0`, the form of index inherited from Terraform 0.11.
    LegacyIndex(u64),
    /// `.*`.
    AttributeSplat,
    /// `[*]`.
    FullSplat,
}

/// A function call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionCall {
    /// The full name with its namespaces, without spaces: `max`, `core::max`, `provider::aws::arn_parse`.
    pub name: Arc<str>,
    /// Where the full name is written.
    pub name_span: Span,
    /// The arguments, in order.
    pub arguments: Vec<Expr>,
    /// Whether `...` follows the last argument, whose elements are then arguments of their own.
    pub expand_final: bool,
}

/// The variables of a `for` and what it runs over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForIntroduction {
    /// The variable for the key or index, where one is named.
    pub key: Option<Ident>,
    /// The variable for the value.
    pub value: Ident,
    /// What it runs over.
    pub collection: Expr,
}

/// One `key = value` of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectItem {
    /// The key.
    pub key: ObjectKey,
    /// The value.
    pub value: Expr,
}

/// The key of an object's item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectKey {
    /// A bare name, which stands for itself. A JSON property without template is one too.
    Name(Ident),
    /// Anything else, to be evaluated: `(expr)`, `"text"`, `"${template}"`, `1`.
    Expr(Expr),
}

impl ObjectKey {
    /// Where the key is written.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Name(ident) => ident.span,
            Self::Expr(expr) => expr.span,
        }
    }

    /// The key's text where it is certain without evaluation: a bare name or a string without interpolation.
    #[must_use]
    pub fn literal(&self) -> Option<&Arc<str>> {
        match self {
            Self::Name(ident) => Some(&ident.name),
            Self::Expr(Expr { kind: ExprKind::String { text, .. }, .. }) => Some(text),
            Self::Expr(_) => None,
        }
    }
}

/// An operator with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOperator {
    /// `-`
    Negate,
    /// `!`
    Not,
}

impl UnaryOperator {
    /// The operator as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Negate => "-",
            Self::Not => "!",
        }
    }
}

/// An operator with two operands, from the weakest binding to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOperator {
    /// `||`
    Or,
    /// `&&`
    And,
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
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

impl BinaryOperator {
    /// The operator as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
        }
    }

    /// How strongly it binds, from 1 for `||` to 6 for `*`.
    pub(crate) fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Equal | Self::NotEqual => 3,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 4,
            Self::Add | Self::Subtract => 5,
            Self::Multiply | Self::Divide | Self::Modulo => 6,
        }
    }
}
