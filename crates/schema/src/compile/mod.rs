//! From text to a checked expression.
//!
//! The text is parsed by the faster of the `cel` crate's two parsers, which keeps no places; where something is wrong, the
//! other one is asked for the place of the node, since both number the nodes alike.

mod arguments;
mod tables;
mod types;

use std::fmt;
use std::sync::Arc;

use cel::common::ast::operators as op;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue};
use cel::parser::{ParseErrors, Parser, PrattParser};
use terravet_diagnostics::did_you_mean;
use terravet_graph::Number;

use self::tables::as_day;
use self::types::Ty;
use crate::expression::{Comparison, Expression, TextTest};
use crate::kind::Kind;
use crate::literal::Literal;
use crate::schema::Schema;

/// The longest condition that is read, in bytes.
pub(crate) const MAX_LENGTH: usize = 10_000;

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

/// The name that stands for `has` while parsing: CEL's own macro of that name takes nothing but selections, while ours
/// takes plain names as well. It is as long, so that places stay.
const HAS: &str = "HAS";

/// Compiles a condition of a kind: checks every name and type in it.
///
/// # Errors
/// [`ConditionError`] with the place in the text, what is wrong and what was probably meant.
pub fn compile(text: &str, kind: &Kind, schema: &Schema) -> Result<Expression, ConditionError> {
    compile_with(text, kind, schema, false)
}

/// Compiles a condition, and checks the native types that it names against the lists as well.
///
/// # Errors
/// As [`compile`].
pub fn check_condition(text: &str, kind: &Kind, schema: &Schema) -> Result<(), ConditionError> {
    compile_with(text, kind, schema, true).map(drop)
}

fn compile_with(text: &str, kind: &Kind, schema: &Schema, names: bool) -> Result<Expression, ConditionError> {
    if text.len() > MAX_LENGTH {
        let message = format!("the condition has {} bytes, more than the limit of {MAX_LENGTH}", text.len());
        return Err(ConditionError { offset: 0, message });
    }
    let text = with_has_as_function(text);
    let parsed = PrattParser::default().parse(&text).map_err(|errors| syntax_error(&text, &errors))?;
    let mut compiler = Compiler { schema, names, scope: vec![(String::new(), Ty::Subject(Arc::clone(&kind.name)))] };
    let compiled = compiler.expression(&parsed).and_then(|(expression, ty)| {
        expect(&ty, &Ty::Bool, place(&parsed))?;
        Ok(expression)
    });
    compiled.map_err(|wrong| ConditionError { offset: offset_of(&text, wrong.node), message: wrong.message })
}

/// The text with [`HAS`] for every `has` that is called.
fn with_has_as_function(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quote, mut escaped): (Option<char>, bool) = (None, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let in_word = out.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.'));
        if quote.is_none()
            && !in_word
            && rest.strip_prefix("has").is_some_and(|after| after.trim_start().starts_with('('))
        {
            out.push_str(HAS);
            rest = &rest["has".len()..];
            continue;
        }
        match quote {
            Some(open) if c == open && !escaped => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

fn syntax_error(text: &str, errors: &ParseErrors) -> ConditionError {
    let first = errors.errors.first();
    let message = first.map_or("it cannot be parsed", |error| error.msg.trim_start_matches("Syntax error: "));
    let at = first.map_or((1, 1), |error| error.pos);
    let number = |n: isize| usize::try_from(n - 1).unwrap_or(0);
    let line_start: usize = text.split_inclusive('\n').take(number(at.0)).map(str::len).sum();
    let offset = (line_start + number(at.1)).min(text.len());
    ConditionError { offset, message: format!("the condition is not CEL: {message}") }
}

/// The byte offset of a node.
fn offset_of(text: &str, node: u64) -> usize {
    let Ok((_, places)) = Parser::default().parse_with_source_info(text) else { return 0 };
    let characters = places.offset_for(node).map_or(0, |(start, _)| start as usize);
    text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at)
}

/// What is wrong, and with which node.
struct Wrong {
    node: u64,
    message: String,
}

fn wrong<T>(node: u64, message: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { node, message: message.into() })
}

fn expect(ty: &Ty, wanted: &Ty, node: u64) -> Result<(), Wrong> {
    if wanted.accepts(ty) { Ok(()) } else { wrong(node, format!("this is {ty}, where {wanted} is needed")) }
}

struct Compiler<'a> {
    schema: &'a Schema,
    /// Whether native types are checked against the lists, which takes reading them.
    names: bool,
    /// The subject, then the variables of the loops around, outermost first.
    scope: Vec<(String, Ty)>,
}

type Compiled = Result<(Expression, Ty), Wrong>;

impl Compiler<'_> {
    fn expression(&mut self, node: &IdedExpr) -> Compiled {
        match &node.expr {
            Expr::Literal(literal) => self::literal(literal, node.id),
            Expr::Ident(_) | Expr::Select(_) => self.name(node),
            Expr::Call(call) => self.call(call, node.id),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension, node.id),
            Expr::List(list) => self.list(&list.elements),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                wrong(node.id, "maps and structs have no use in a condition")
            }
        }
    }

    fn list(&mut self, elements: &[IdedExpr]) -> Compiled {
        let mut items = Vec::with_capacity(elements.len());
        let mut ty = Ty::Any;
        for element in elements {
            let (item, own) = self.expression(element)?;
            expect(&own, &ty, element.id)?;
            ty = own;
            items.push(item);
        }
        Ok((Expression::List(items), Ty::List(Box::new(ty))))
    }

    /// A dotted name: a loop variable or the subject, then the longest attribute name that fits, and so on.
    fn name(&mut self, node: &IdedExpr) -> Compiled {
        let Some((root, segments)) = segments(node) else {
            let Expr::Select(select) = &node.expr else { return wrong(node.id, "a name is needed here") };
            let (of, ty) = self.expression(&select.operand)?;
            return self.members(of, ty, &[select.field.as_str()], node.id);
        };
        if let Some(found) = self.reserved(&segments, root) {
            return found;
        }
        let variable = self.scope.iter().rposition(|(name, _)| !name.is_empty() && name == segments[0]);
        let (at, segments) = variable.map_or((0, &segments[..]), |at| (at, &segments[1..]));
        let ty = self.scope[at].1.clone();
        self.members(Expression::Variable(at), ty, segments, root)
    }

    fn members(&self, of: Expression, ty: Ty, segments: &[&str], node: u64) -> Compiled {
        let Some(first) = segments.first() else { return Ok((of, ty)) };
        match &ty {
            Ty::Any => {
                let entry = Expression::Entry(Box::new(of), Arc::from(*first));
                self.members(entry, Ty::Any, &segments[1..], node)
            }
            Ty::Row(table) => {
                let (cell, ty) = self.column(of, table, first, node)?;
                self.members(cell, ty, &segments[1..], node)
            }
            Ty::Subject(kind_name) => {
                let Some(kind) = self.schema.kind(kind_name) else {
                    return wrong(node, format!("there is no kind {kind_name}"));
                };
                let found = (1..=segments.len())
                    .rev()
                    .find_map(|length| Some((length, kind.attributes.get(segments[..length].join(".").as_str())?)));
                let Some((length, attribute)) = found else {
                    return wrong(node, no_attribute(kind, &segments.join(".")));
                };
                if let Some(fact) = self.fact_of(attribute)
                    && !fact.arguments.is_empty()
                {
                    let arguments = if fact.arguments.len() == 1 { "an argument" } else { "arguments" };
                    let fact = fact.name;
                    return wrong(node, format!("the fact {fact} takes {arguments}"));
                }
                let expression = Expression::Attribute {
                    of: Box::new(of),
                    kind: Arc::clone(kind_name),
                    name: Arc::clone(&attribute.name),
                    arguments: Vec::new(),
                };
                self.members(expression, Ty::of(&attribute.ty), &segments[length..], node)
            }
            _ => wrong(node, format!("`{first}` is asked of something that is {ty} and has no parts")),
        }
    }

    fn call(&mut self, call: &CallExpr, node: u64) -> Compiled {
        if let Some(target) = &call.target {
            return self.method(target, &call.func_name, &call.args, node);
        }
        match (call.func_name.as_str(), call.args.as_slice()) {
            (op::LOGICAL_NOT, [inner]) => Ok((Expression::Not(Box::new(self.bool(inner)?)), Ty::Bool)),
            (op::LOGICAL_AND, [a, b]) => {
                Ok((Expression::And(Box::new(self.bool(a)?), Box::new(self.bool(b)?)), Ty::Bool))
            }
            (op::LOGICAL_OR, [a, b]) => {
                Ok((Expression::Or(Box::new(self.bool(a)?), Box::new(self.bool(b)?)), Ty::Bool))
            }
            (op::CONDITIONAL, [condition, then, otherwise]) => {
                let condition = self.bool(condition)?;
                let ((then, ty), (other, other_ty)) = (self.expression(then)?, self.expression(otherwise)?);
                expect(&other_ty, &ty, otherwise.id)?;
                Ok((Expression::Choose(Box::new(condition), Box::new(then), Box::new(other)), ty))
            }
            (op::INDEX, [of, key]) => self.index(of, key, node),
            (op::IN, [item, list]) => {
                if let (Expression::HasRow { table, mut keys }, Ty::Table(name, level)) = self.expression(list)? {
                    if self.schema.table(&name).is_none_or(|table| level + 1 != table.keys.len()) {
                        return wrong(place(list), format!("the table {name} has further keys"));
                    }
                    keys.push(self.key(&name, &keys, item)?);
                    return Ok((Expression::HasRow { table, keys }, Ty::Bool));
                }
                let ((item, ty), (members, list_ty)) = (self.expression(item)?, self.expression(list)?);
                expect(&list_ty, &Ty::List(Box::new(ty)), list.id)?;
                Ok((Expression::In(Box::new(item), Box::new(members)), Ty::Bool))
            }
            (op::NEGATE, [inner]) => match &inner.expr {
                Expr::Literal(LiteralValue::Int(number)) => {
                    Ok((Expression::Literal(Literal::Number((-*number.inner()).into())), Ty::Number))
                }
                _ => wrong(node, "only a literal number can be negated"),
            },
            (HAS, [inner]) => match &inner.expr {
                Expr::Ident(_) | Expr::Select(_) => Ok((Expression::Has(Box::new(self.name(inner)?.0)), Ty::Bool)),
                _ => wrong(inner.id, "has() takes the name of an attribute"),
            },
            ("size", [list]) => self.size(list),
            (name, [a, b]) if comparison(name).is_some() => self.compare(name, a, b),
            (name, _) if name.starts_with('_') => {
                wrong(node, format!("a condition has no operator {}", name.trim_matches('_')))
            }
            (name, arguments) => {
                let subject = self.scope[0].1.clone();
                self.fact(Expression::Variable(0), &subject, name, arguments, node)
            }
        }
    }

    fn bool(&mut self, node: &IdedExpr) -> Result<Expression, Wrong> {
        let (expression, ty) = self.expression(node)?;
        expect(&ty, &Ty::Bool, place(node))?;
        Ok(expression)
    }

    fn compare(&mut self, name: &str, a: &IdedExpr, b: &IdedExpr) -> Compiled {
        let (mut left, mut right) = (self.expression(a)?, self.expression(b)?);
        as_day(&mut left, &right.1, a)?;
        as_day(&mut right, &left.1, b)?;
        let ((left, left_ty), (right, right_ty)) = (left, right);
        let Some(comparison) = comparison(name) else { return wrong(place(a), "this is no comparison") };
        expect(&right_ty, &left_ty, place(b))?;
        if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
            let wanted = if left_ty == Ty::Date { Ty::Date } else { Ty::Number };
            expect(&left_ty, &wanted, place(a))?;
        }
        if matches!(left_ty, Ty::Subject(_)) && right_ty != Ty::Any {
            return wrong(place(a), "two resources cannot be compared");
        }
        Ok((Expression::Compare(comparison, Box::new(left), Box::new(right)), Ty::Bool))
    }

    fn size(&mut self, list: &IdedExpr) -> Compiled {
        let (expression, ty) = self.expression(list)?;
        if !matches!(ty, Ty::List(_) | Ty::Any | Ty::String) {
            return wrong(place(list), format!("size() takes a list or text; this is {ty}"));
        }
        Ok((Expression::Size(Box::new(expression)), Ty::Number))
    }

    /// A fact of a subject, with literal arguments.
    fn fact(&mut self, of: Expression, ty: &Ty, name: &str, arguments: &[IdedExpr], node: u64) -> Compiled {
        let Ty::Subject(kind_name) = ty else {
            return wrong(node, format!("there is no function `{name}` for what is {ty}"));
        };
        let Some(kind) = self.schema.kind(kind_name) else {
            return wrong(node, format!("there is no kind {kind_name}"));
        };
        let found = kind.attributes.get(name).and_then(|attribute| Some((attribute, self.fact_of(attribute)?)));
        let Some((attribute, fact)) = found else {
            let hint = self.fact_hint(kind, name);
            return wrong(node, format!("there is no function or fact `{name}` of {kind_name}{hint}"));
        };
        let wanted = fact.arguments.len();
        if arguments.len() != wanted {
            let plural = if wanted == 1 { "" } else { "s" };
            return wrong(node, format!("the fact {name} takes {wanted} argument{plural}, not {}", arguments.len()));
        }
        let mut values = Vec::with_capacity(arguments.len());
        for (argument, wanted) in arguments.iter().zip(fact.arguments) {
            values.push(self.argument(kind, fact, wanted, argument)?);
        }
        let name = Arc::clone(&attribute.name);
        let expression =
            Expression::Attribute { of: Box::new(of), kind: Arc::clone(kind_name), name, arguments: values };
        Ok((expression, Ty::of(&attribute.ty)))
    }

    fn method(&mut self, target: &IdedExpr, name: &str, arguments: &[IdedExpr], node: u64) -> Compiled {
        if name == "size" && arguments.is_empty() {
            return self.size(target);
        }
        let (of, ty) = self.expression(target)?;
        if let Ty::Subject(_) = &ty {
            return self.fact(of, &ty, name, arguments, node);
        }
        expect(&ty, &Ty::String, place(target))?;
        if name == "lowerAscii" && arguments.is_empty() {
            return Ok((Expression::Lower(Box::new(of)), Ty::String));
        }
        let (text, at) = match arguments {
            [argument @ IdedExpr { expr: Expr::Literal(LiteralValue::String(text)), .. }] => {
                (Arc::<str>::from(text.inner()), argument.id)
            }
            _ => return wrong(node, format!("{name}() takes one literal text")),
        };
        let test = match name {
            "startsWith" => TextTest::StartsWith(text),
            "endsWith" => TextTest::EndsWith(text),
            "contains" => TextTest::Contains(text),
            "matches" => match regex::Regex::new(&text) {
                Ok(_) => TextTest::Matches(text),
                Err(error) => return wrong(at, format!("this is no regular expression: {error}")),
            },
            _ => {
                let methods = ["startsWith", "endsWith", "contains", "matches", "lowerAscii", "size"];
                let hint = did_you_mean(name, methods).unwrap_or_else(|| format!("there are {}", methods.join(", ")));
                return wrong(node, format!("there is no method `{name}` of text; {hint}"));
            }
        };
        Ok((Expression::Test(test, Box::new(of)), Ty::Bool))
    }

    /// The macros `exists`, `all` and `filter`, told by the shape that the parser expands them to.
    fn comprehension(&mut self, loops: &ComprehensionExpr, node: u64) -> Compiled {
        let (over, over_ty) = self.expression(&loops.iter_range)?;
        let element = match over_ty {
            Ty::List(element) => *element,
            Ty::Any => Ty::Any,
            other => return wrong(place(&loops.iter_range), format!("a list is needed to loop over; this is {other}")),
        };
        let Some((body, shape)) = shape(loops) else { return wrong(node, "only exists, all and filter can loop") };
        self.scope.push((loops.iter_var.clone(), element.clone()));
        let body = self.bool(body);
        self.scope.pop();
        let (over, body) = (Box::new(over), Box::new(body?));
        Ok(match shape {
            Loop::Exists => (Expression::Quantifier { all: false, over, body }, Ty::Bool),
            Loop::All => (Expression::Quantifier { all: true, over, body }, Ty::Bool),
            Loop::Filter => (Expression::Filter(over, body), Ty::List(Box::new(element))),
        })
    }
}

fn literal(literal: &LiteralValue, node: u64) -> Compiled {
    let (value, ty) = match literal {
        LiteralValue::Boolean(flag) => (Literal::Bool(*flag.inner()), Ty::Bool),
        LiteralValue::Int(number) => (Literal::Number((*number.inner()).into()), Ty::Number),
        LiteralValue::UInt(number) => match i64::try_from(*number.inner()) {
            Ok(number) => (Literal::Number(number.into()), Ty::Number),
            Err(_) => return wrong(node, "this number is too large"),
        },
        LiteralValue::Double(number) => match Number::from_f64(*number.inner()) {
            Some(number) => (Literal::Number(number), Ty::Number),
            None => return wrong(node, "this is no number"),
        },
        LiteralValue::String(text) => (Literal::Text(text.inner().into()), Ty::String),
        LiteralValue::Null => (Literal::Null, Ty::Any),
        LiteralValue::Bytes(_) => return wrong(node, "bytes have no use in a condition"),
    };
    Ok((Expression::Literal(value), ty))
}

fn no_attribute(kind: &Kind, name: &str) -> String {
    let all = || format!("it has {}", kind.attribute_names().collect::<Vec<_>>().join(", "));
    let hint = did_you_mean(name, kind.attribute_names()).unwrap_or_else(all);
    format!("{} has no attribute `{name}`; {hint}", kind.name)
}

/// The ways to loop.
enum Loop {
    Exists,
    All,
    Filter,
}

/// The body of a loop and which way it is.
fn shape(loops: &ComprehensionExpr) -> Option<(&IdedExpr, Loop)> {
    let Expr::Call(step) = &loops.loop_step.expr else { return None };
    match (step.func_name.as_str(), step.args.as_slice()) {
        (op::LOGICAL_OR, [_, body]) => Some((body, Loop::Exists)),
        (op::LOGICAL_AND, [_, body]) => Some((body, Loop::All)),
        (op::CONDITIONAL, [body, IdedExpr { expr: Expr::Call(kept), .. }, _]) => match kept.args.as_slice() {
            [_, IdedExpr { expr: Expr::List(list), .. }] => {
                let is_element = |item: &IdedExpr| matches!(&item.expr, Expr::Ident(name) if *name == loops.iter_var);
                list.elements.first().is_some_and(is_element).then_some((body, Loop::Filter))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The root of a dotted name and its segments; none where it is not one.
fn segments(node: &IdedExpr) -> Option<(u64, Vec<&str>)> {
    match &node.expr {
        Expr::Ident(name) => Some((node.id, vec![name.as_str()])),
        Expr::Select(select) => {
            let (root, mut path) = segments(&select.operand)?;
            path.push(&select.field);
            Some((root, path))
        }
        _ => None,
    }
}

/// The node to point at for an expression: the root of a name, whose own node is the last dot.
fn place(node: &IdedExpr) -> u64 {
    segments(node).map_or(node.id, |(root, _)| root)
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
