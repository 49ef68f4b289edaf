//! What a function takes and gives: the rows of the functions' tables.

use terravet_graph::{Type, Value};

use crate::{Context, FunctionError};

/// The types that parameters have and fixed results are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Any,
    Bool,
    Number,
    String,
    ListOfAny,
    ListOfBool,
    ListOfNumber,
    ListOfString,
    MapOfLists,
    SetOfAny,
    SetOfString,
}

impl Kind {
    /// The type.
    pub(crate) fn ty(self) -> Type {
        match self {
            Self::Any => Type::Any,
            Self::Bool => Type::Bool,
            Self::Number => Type::Number,
            Self::String => Type::String,
            Self::ListOfAny => Type::list(Type::Any),
            Self::ListOfBool => Type::list(Type::Bool),
            Self::ListOfNumber => Type::list(Type::Number),
            Self::ListOfString => Type::list(Type::String),
            Self::MapOfLists => Type::map(Type::list(Type::String)),
            Self::SetOfAny => Type::set(Type::Any),
            Self::SetOfString => Type::set(Type::String),
        }
    }
}

/// A parameter. What it does not accept is dealt with before the function's body runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    /// The name, as messages have it.
    pub(crate) name: &'static str,
    /// What arguments are converted to.
    pub(crate) kind: Kind,
    /// Whether null may be given.
    pub(crate) null: bool,
    /// Whether the body deals with an argument that is unknown.
    pub(crate) unknown: bool,
    /// Whether the body deals with an argument of which not even the type is known.
    pub(crate) any_type: bool,
    /// Whether the body deals with marks itself.
    pub(crate) marked: bool,
}

impl Parameter {
    /// One that accepts known values only.
    pub(crate) const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, null: false, unknown: false, any_type: false, marked: false }
    }

    pub(crate) const fn null(mut self) -> Self {
        self.null = true;
        self
    }

    pub(crate) const fn unknown(mut self) -> Self {
        self.unknown = true;
        self
    }

    pub(crate) const fn any_type(mut self) -> Self {
        self.any_type = true;
        self
    }

    pub(crate) const fn marked(mut self) -> Self {
        self.marked = true;
        self
    }

    /// One that accepts everything.
    pub(crate) const fn everything(name: &'static str) -> Self {
        Self { name, kind: Kind::Any, null: true, unknown: true, any_type: true, marked: true }
    }
}

/// The type of a function's result.
#[derive(Clone, Copy)]
pub(crate) enum ResultType {
    /// The same at every call.
    Fixed(Kind),
    /// It depends on the arguments, which may be unknown even where the body never sees them so. Refuses arguments
    /// whose types do not fit.
    Of(fn(&[Value]) -> Result<Type, FunctionError>),
}

/// A function's body: from the context, the converted arguments and the result type to the result.
pub(crate) type Body = fn(&Context<'_>, &[Value], &Type) -> Result<Value, FunctionError>;

/// A function.
pub(crate) struct Function {
    /// The name.
    pub(crate) name: &'static str,
    pub(crate) parameters: &'static [Parameter],
    /// The parameter of all further arguments, if it takes any.
    pub(crate) variadic: Option<Parameter>,
    pub(crate) result: ResultType,
    /// Whether the result may be null.
    pub(crate) nullable: bool,
    /// Whether it goes through all attributes of an object, so that the result is not known where some of them are not.
    pub(crate) inside: bool,
    /// What it costs beside reading its arguments, in bytes that are read.
    pub(crate) price: fn(&[Value]) -> u64,
    /// What the body holds beside a copy of its arguments, in bytes.
    pub(crate) holds: fn(&[Value]) -> u64,
    pub(crate) body: Body,
}

impl Function {
    /// A function of a fixed result type.
    pub(crate) const fn new(name: &'static str, parameters: &'static [Parameter], result: Kind, body: Body) -> Self {
        let result = ResultType::Fixed(result);
        Self {
            name,
            parameters,
            variadic: None,
            result,
            nullable: false,
            inside: false,
            price: |_| 0,
            holds: |_| 0,
            body,
        }
    }

    /// A function whose result type depends on its arguments.
    pub(crate) const fn typed(
        name: &'static str,
        parameters: &'static [Parameter],
        result: fn(&[Value]) -> Result<Type, FunctionError>,
        body: Body,
    ) -> Self {
        let result = ResultType::Of(result);
        Self {
            name,
            parameters,
            variadic: None,
            result,
            nullable: false,
            inside: false,
            price: |_| 0,
            holds: |_| 0,
            body,
        }
    }

    /// The function with any number of further arguments.
    pub(crate) const fn variadic(mut self, parameter: Parameter) -> Self {
        self.variadic = Some(parameter);
        self
    }

    /// The function, whose result may be null.
    pub(crate) const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// The function, which goes through all attributes of objects.
    pub(crate) const fn inside(mut self) -> Self {
        self.inside = true;
        self
    }

    /// The function, which costs more than reading its arguments.
    pub(crate) const fn priced(mut self, price: fn(&[Value]) -> u64) -> Self {
        self.price = price;
        self
    }

    /// The function, which makes more than a copy of its arguments.
    pub(crate) const fn holding(mut self, holds: fn(&[Value]) -> u64) -> Self {
        self.holds = holds;
        self
    }

    /// The parameter that an argument belongs to.
    pub(crate) fn parameter(&self, index: usize) -> Option<&Parameter> {
        self.parameters.get(index).or(self.variadic.as_ref())
    }

    /// The name of the parameter that an argument belongs to.
    pub(crate) fn parameter_name(&self, index: usize) -> Option<&'static str> {
        self.parameter(index).map(|parameter| parameter.name)
    }
}
