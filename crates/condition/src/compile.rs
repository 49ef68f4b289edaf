//! From text to a checked expression.

use std::fmt;
use std::sync::Arc;

use cel::common::ast::operators as op;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue};
use terravet_graph::{Number, Value};
use terravet_kinds::{Attribute, AttributeType, Computed, Kind, Vocabulary};

use crate::expression::{Comparison, Expression, TextTest};

/// Why a condition is refused. The fault of whoever wrote the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionError {
    /// The byte offset in the condition's text.
    pub offset: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for ConditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConditionError {}

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ty {
    Bool,
    Number,
    String,
    List(Box<Ty>),
    Any,
    Subject(Arc<str>),
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("a bool"),
            Self::Number => f.write_str("a number"),
            Self::String => f.write_str("text"),
            Self::List(_) => f.write_str("a list"),
            Self::Any => f.write_str("of any type"),
            Self::Subject(kind) => write!(f, "a {kind}"),
        }
    }
}

impl Ty {
    fn of(attribute: &Attribute) -> Self {
        match &attribute.ty {
            AttributeType::Bool => Self::Bool,
            AttributeType::Number => Self::Number,
            AttributeType::String => Self::String,
            AttributeType::Strings => Self::List(Box::new(Self::String)),
            AttributeType::Any => Self::Any,
            AttributeType::Subject(kind) => Self::Subject(Arc::clone(kind)),
            AttributeType::Subjects(kind) => Self::List(Box::new(Self::Subject(Arc::clone(kind)))),
        }
    }

    fn accepts(&self, other: &Ty) -> bool {
        self == other || *self == Self::Any || *other == Self::Any
    }
}

/// Compiles a condition of a kind.
pub(crate) fn compile(text: &str, kind: &Kind, vocabulary: &Vocabulary) -> Result<Expression, ConditionError> {
    let parsed = cel::parser::Parser::default().parse(text).map_err(|errors| {
        let first = errors.errors.first();
        let message = first.map_or_else(|| "the condition is not CEL".to_owned(), |error| error.msg.clone());
        let offset = first.map_or(0, |error| usize::try_from(error.pos.1).unwrap_or(0).saturating_sub(1));
        ConditionError { offset, message: format!("the condition is not CEL: {message}") }
    })?;
    let mut compiler = Compiler { text, vocabulary, scope: vec![(String::new(), Ty::Subject(Arc::clone(&kind.name)))] };
    let (expression, ty) = compiler.expression(&parsed)?;
    compiler.expect(&ty, &Ty::Bool, text)?;
    Ok(expression)
}

struct Compiler<'a> {
    text: &'a str,
    vocabulary: &'a Vocabulary,
    /// The subject, then the variables of the loops around, outermost first.
    scope: Vec<(String, Ty)>,
}

type Compiled = Result<(Expression, Ty), ConditionError>;

impl Compiler<'_> {
    /// An error at the first place of a word of the text.
    fn error<T>(&self, word: &str, message: impl Into<String>) -> Result<T, ConditionError> {
        let offset = self.text.find(word).unwrap_or(0);
        Err(ConditionError { offset, message: message.into() })
    }

    fn expect(&self, ty: &Ty, wanted: &Ty, word: &str) -> Result<(), ConditionError> {
        if wanted.accepts(ty) { Ok(()) } else { self.error(word, format!("this is {ty}, where {wanted} is needed")) }
    }

    fn expression(&mut self, node: &IdedExpr) -> Compiled {
        match &node.expr {
            Expr::Literal(literal) => self.literal(literal),
            Expr::Ident(_) => self.name(node),
            Expr::Select(select) if select.test => {
                let select = cel::common::ast::SelectExpr { test: false, ..select.clone() };
                let (inner, _) = self.name(&IdedExpr { id: node.id, expr: Expr::Select(select) })?;
                Ok((Expression::Has(Box::new(inner)), Ty::Bool))
            }
            Expr::Select(_) => self.name(node),
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::List(list) => {
                let mut items = Vec::with_capacity(list.elements.len());
                let mut element = Ty::Any;
                for item in &list.elements {
                    let (item, ty) = self.expression(item)?;
                    element = ty;
                    items.push(item);
                }
                Ok((Expression::List(items), Ty::List(Box::new(element))))
            }
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                self.error("{", "maps and structs have no use in a condition")
            }
        }
    }

    fn literal(&self, literal: &LiteralValue) -> Compiled {
        let (value, ty) = match literal {
            LiteralValue::Boolean(flag) => (Value::bool(*flag.inner()), Ty::Bool),
            LiteralValue::Int(number) => (Value::number(*number.inner()), Ty::Number),
            LiteralValue::UInt(number) => match i64::try_from(*number.inner()) {
                Ok(number) => (Value::number(number), Ty::Number),
                Err(_) => return self.error(&number.inner().to_string(), "this number is too large"),
            },
            LiteralValue::Double(number) => match Number::from_f64(*number.inner()) {
                Some(number) => (Value::number(number), Ty::Number),
                None => return self.error("", "this is no number"),
            },
            LiteralValue::String(text) => (Value::string(text.inner()), Ty::String),
            LiteralValue::Null => (Value::null(), Ty::Any),
            LiteralValue::Bytes(_) => return self.error("b", "bytes have no use in a condition"),
        };
        Ok((Expression::Literal(value), ty))
    }

    /// A dotted name: a loop variable or the subject, then the longest attribute name that fits, and so on.
    fn name(&mut self, node: &IdedExpr) -> Compiled {
        let Some(segments) = segments(node) else {
            let Expr::Select(select) = &node.expr else { return self.error("", "a name is needed here") };
            let (of, ty) = self.expression(&select.operand)?;
            return self.members(of, ty, &[select.field.as_str()]);
        };
        let variable = self.scope.iter().rposition(|(name, _)| !name.is_empty() && name == segments[0]);
        match variable {
            Some(at) => {
                let ty = self.scope[at].1.clone();
                self.members(Expression::Variable(at), ty, &segments[1..])
            }
            None => {
                let ty = self.scope[0].1.clone();
                self.members(Expression::Variable(0), ty, &segments)
            }
        }
    }

    fn members(&self, of: Expression, ty: Ty, segments: &[&str]) -> Compiled {
        let Some(first) = segments.first() else { return Ok((of, ty)) };
        match &ty {
            Ty::Any => {
                let entry = Expression::Entry(Box::new(of), Arc::from(*first));
                self.members(entry, Ty::Any, &segments[1..])
            }
            Ty::Subject(kind_name) => {
                let Some(kind) = self.vocabulary.kind(kind_name) else {
                    return self.error(first, format!("there is no kind {kind_name}"));
                };
                let found = (1..=segments.len())
                    .rev()
                    .find_map(|length| Some((length, kind.attributes.get(segments[..length].join(".").as_str())?)));
                let Some((length, attribute)) = found else {
                    let name = segments.join(".");
                    let hint = kind.nearest_attribute(&name).map_or_else(
                        || {
                            format!(
                                "; it has {}",
                                kind.attributes.keys().map(|key| &**key).collect::<Vec<_>>().join(", ")
                            )
                        },
                        |nearest| format!("; did you mean `{nearest}`?"),
                    );
                    return self.error(first, format!("{kind_name} has no attribute `{name}`{hint}"));
                };
                if let Some(Computed::Fact(fact, wanted)) = &attribute.computed
                    && *wanted > 0
                {
                    return self.error(first, format!("the fact {fact} takes {wanted} arguments"));
                }
                let attribute_expression = Expression::Attribute {
                    of: Box::new(of),
                    kind: Arc::clone(kind_name),
                    name: Arc::clone(&attribute.name),
                    arguments: Vec::new(),
                };
                self.members(attribute_expression, Ty::of(attribute), &segments[length..])
            }
            _ => self.error(first, format!("`{first}` is asked of something that is {ty} and has no parts")),
        }
    }

    fn call(&mut self, call: &CallExpr) -> Compiled {
        if let Some(target) = &call.target {
            return self.method(target, &call.func_name, &call.args);
        }
        let name = call.func_name.as_str();
        match (name, call.args.as_slice()) {
            (op::LOGICAL_NOT, [inner]) => Ok((Expression::Not(Box::new(self.bool(inner)?)), Ty::Bool)),
            (op::LOGICAL_AND, [a, b]) => {
                Ok((Expression::And(Box::new(self.bool(a)?), Box::new(self.bool(b)?)), Ty::Bool))
            }
            (op::LOGICAL_OR, [a, b]) => {
                Ok((Expression::Or(Box::new(self.bool(a)?), Box::new(self.bool(b)?)), Ty::Bool))
            }
            (op::CONDITIONAL, [condition, then, otherwise]) => {
                let condition = self.bool(condition)?;
                let ((then, ty), (otherwise, other)) = (self.expression(then)?, self.expression(otherwise)?);
                self.expect(&other, &ty, "?")?;
                Ok((Expression::Choose(Box::new(condition), Box::new(then), Box::new(otherwise)), ty))
            }
            (op::IN, [item, list]) => {
                let ((item, ty), (list, list_ty)) = (self.expression(item)?, self.expression(list)?);
                self.expect(&list_ty, &Ty::List(Box::new(ty)), " in ")?;
                Ok((Expression::In(Box::new(item), Box::new(list)), Ty::Bool))
            }
            (op::NEGATE, [inner]) => match &inner.expr {
                Expr::Literal(LiteralValue::Int(number)) => {
                    Ok((Expression::Literal(Value::number(-*number.inner())), Ty::Number))
                }
                _ => self.error("-", "only a literal number can be negated"),
            },
            ("size", [list]) => self.size(list),
            (name, [a, b]) if comparison(name).is_some() => self.compare(name, a, b),
            _ => self.fact(name, &call.args),
        }
    }

    fn bool(&mut self, node: &IdedExpr) -> Result<Expression, ConditionError> {
        let (expression, ty) = self.expression(node)?;
        let word = segments(node).map_or_else(String::new, |segments| segments.join("."));
        self.expect(&ty, &Ty::Bool, &word)?;
        Ok(expression)
    }

    fn compare(&mut self, name: &str, a: &IdedExpr, b: &IdedExpr) -> Compiled {
        let ((left, left_ty), (right, right_ty)) = (self.expression(a)?, self.expression(b)?);
        let Some(comparison) = comparison(name) else { return self.error(name, "this is no comparison") };
        let word = segments(a).map_or_else(String::new, |segments| segments.join("."));
        self.expect(&right_ty, &left_ty, &word)?;
        if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
            self.expect(&left_ty, &Ty::Number, &word)?;
        }
        Ok((Expression::Compare(comparison, Box::new(left), Box::new(right)), Ty::Bool))
    }

    fn size(&mut self, list: &IdedExpr) -> Compiled {
        let (list, ty) = self.expression(list)?;
        if !matches!(ty, Ty::List(_) | Ty::Any | Ty::String) {
            return self.error("size", format!("size() takes a list or text; this is {ty}"));
        }
        Ok((Expression::Size(Box::new(list)), Ty::Number))
    }

    /// A fact of the subject, with literal arguments.
    fn fact(&mut self, name: &str, arguments: &[IdedExpr]) -> Compiled {
        let subject = self.scope[0].1.clone();
        self.fact_of(Expression::Variable(0), &subject, name, arguments)
    }

    fn fact_of(&mut self, of: Expression, ty: &Ty, name: &str, arguments: &[IdedExpr]) -> Compiled {
        let Ty::Subject(kind_name) = ty else {
            return self.error(name, format!("there is no function `{name}` for what is {ty}"));
        };
        let attribute = self.vocabulary.kind(kind_name).and_then(|kind| kind.attributes.get(name));
        let Some((attribute, Computed::Fact(_, wanted))) =
            attribute.and_then(|attribute| Some((attribute, attribute.computed.as_ref()?)))
        else {
            return self.error(name, format!("there is no function or fact `{name}` of {kind_name}"));
        };
        if arguments.len() != *wanted {
            return self.error(name, format!("the fact {name} takes {wanted} arguments, not {}", arguments.len()));
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            match self.expression(argument)? {
                (Expression::Literal(value), _) => values.push(value),
                _ => return self.error(name, format!("the arguments of {name} must be literals")),
            }
        }
        let ty = Ty::of(attribute);
        let name = Arc::clone(&attribute.name);
        Ok((Expression::Attribute { of: Box::new(of), kind: Arc::clone(kind_name), name, arguments: values }, ty))
    }

    fn method(&mut self, target: &IdedExpr, name: &str, arguments: &[IdedExpr]) -> Compiled {
        if name == "size" && arguments.is_empty() {
            return self.size(target);
        }
        let (of, ty) = self.expression(target)?;
        if let Ty::Subject(_) = &ty {
            return self.fact_of(of, &ty, name, arguments);
        }
        self.expect(&ty, &Ty::String, name)?;
        if name == "lowerAscii" && arguments.is_empty() {
            return Ok((Expression::Lower(Box::new(of)), Ty::String));
        }
        let text = match arguments {
            [IdedExpr { expr: Expr::Literal(LiteralValue::String(text)), .. }] => text.inner().to_owned(),
            _ => return self.error(name, format!("{name}() takes one literal text")),
        };
        let test = match name {
            "startsWith" => TextTest::StartsWith(text),
            "endsWith" => TextTest::EndsWith(text),
            "contains" => TextTest::Contains(text),
            "matches" => match regex::Regex::new(&text) {
                Ok(regex) => TextTest::Matches(regex),
                Err(error) => return self.error(&text, format!("this is no regular expression: {error}")),
            },
            _ => return self.error(name, format!("there is no method `{name}` of text")),
        };
        Ok((Expression::Test(test, Box::new(of)), Ty::Bool))
    }

    /// The macros `exists`, `all` and `filter`, told by the shape that the parser expands them to.
    fn comprehension(&mut self, node: &ComprehensionExpr) -> Compiled {
        let (over, over_ty) = self.expression(&node.iter_range)?;
        let element = match over_ty {
            Ty::List(element) => *element,
            Ty::Any => Ty::Any,
            other => return self.error(&node.iter_var, format!("a list is needed to loop over; this is {other}")),
        };
        let Expr::Call(step) = &node.loop_step.expr else {
            return self.error(&node.iter_var, "only exists, all and filter can loop");
        };
        let (body, shape) = match (step.func_name.as_str(), step.args.as_slice()) {
            (op::LOGICAL_OR, [_, body]) => (body, Some(false)),
            (op::LOGICAL_AND, [_, body]) => (body, Some(true)),
            (op::CONDITIONAL, [body, ..]) => (body, None),
            _ => return self.error(&node.iter_var, "only exists, all and filter can loop"),
        };
        self.scope.push((node.iter_var.clone(), element.clone()));
        let body = self.bool(body);
        self.scope.pop();
        let (over, body) = (Box::new(over), Box::new(body?));
        Ok(match shape {
            Some(all) => (Expression::Quantifier { all, over, body }, Ty::Bool),
            None => (Expression::Filter(over, body), Ty::List(Box::new(element))),
        })
    }
}

/// The segments of a dotted name; none where it is not one.
fn segments(node: &IdedExpr) -> Option<Vec<&str>> {
    match &node.expr {
        Expr::Ident(name) => Some(vec![name.as_str()]),
        Expr::Select(select) if !select.test => {
            let mut path = segments(&select.operand)?;
            path.push(&select.field);
            Some(path)
        }
        _ => None,
    }
}

fn comparison(name: &str) -> Option<Comparison> {
    Some(match name {
        op::EQUALS => Comparison::Equal,
        op::NOT_EQUALS => Comparison::NotEqual,
        op::LESS => Comparison::Less,
        op::LESS_EQUALS => Comparison::LessOrEqual,
        op::GREATER => Comparison::Greater,
        op::GREATER_EQUALS => Comparison::GreaterOrEqual,
        _ => return None,
    })
}
