//! The type constraint of an input variable: `type = map(object({ a = optional(number, 5) }))`.
//!
//! In: the expression. Out: the [`Type`], optional attributes marked, and the [`Defaults`] in it.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/expressions/type-constraints>.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{ObjectType, Type, Value};
use terravet_hcl::{Expr, ExprKind, FunctionCall, ObjectKey};

use super::build::constant;
use terravet_terraform_functions::convert::{Defaults, convert, without_optional};

/// A type with the defaults in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Constraint {
    /// The type.
    pub(super) ty: Type,
    /// The defaults.
    pub(super) defaults: Defaults,
}

type Parsed = Result<Constraint, Box<Diagnostic>>;

impl Constraint {
    fn plain(ty: Type) -> Self {
        let defaults = Defaults { ty: ty.clone(), values: BTreeMap::new(), children: BTreeMap::new() };
        Self { ty, defaults }
    }

    fn collection(element: Constraint, make: fn(Type) -> Type) -> Self {
        let mut whole = Self::plain(make(element.ty));
        if !element.defaults.is_empty() {
            whole.defaults.children.insert("".into(), element.defaults);
        }
        whole
    }
}

fn refuse(expr: &Expr, message: impl Into<String>) -> Box<Diagnostic> {
    Box::new(Diagnostic::error("terraform-invalid-type", expr.span, message).with_help(
        "write one of string, number, bool, any, list(...), set(...), map(...), object({...}), tuple([...])",
    ))
}

/// The constraint that an expression spells.
///
/// # Errors
/// A diagnostic where it spells none.
pub(super) fn parse(expr: &Expr) -> Parsed {
    match &expr.kind {
        ExprKind::Variable(keyword) => match &**keyword {
            "string" => Ok(Constraint::plain(Type::String)),
            "number" => Ok(Constraint::plain(Type::Number)),
            "bool" => Ok(Constraint::plain(Type::Bool)),
            "any" => Ok(Constraint::plain(Type::Any)),
            // Without an element type, as Terraform 0.11 had them.
            "list" => Ok(Constraint::plain(Type::list(Type::Any))),
            "map" => Ok(Constraint::plain(Type::map(Type::Any))),
            "set" | "object" | "tuple" => Err(refuse(
                expr,
                format!("the {keyword} type constructor requires one argument that says what is in it"),
            )),
            other => Err(refuse(expr, format!("the keyword `{other}` is not a valid type"))),
        },
        ExprKind::FunctionCall(call) => constructed(expr, call),
        ExprKind::String { text, .. } => Err(Box::new(
            Diagnostic::error("terraform-invalid-type", expr.span, format!("the type `{text}` is written in quotes"))
                .with_help(format!("remove the quotes around `{text}`")),
        )),
        ExprKind::Parenthesis(inner) => parse(inner),
        _ => Err(refuse(expr, "this is not a type")),
    }
}

fn constructed(expr: &Expr, call: &FunctionCall) -> Parsed {
    let [argument] = call.arguments.as_slice() else {
        return Err(refuse(expr, format!("the {} type constructor takes exactly one argument", call.name)));
    };
    match &*call.name {
        "list" => Ok(Constraint::collection(parse(argument)?, Type::list)),
        "set" => Ok(Constraint::collection(parse(argument)?, Type::set)),
        "map" => Ok(Constraint::collection(parse(argument)?, Type::map)),
        "object" => object(argument),
        "tuple" => tuple(argument),
        "optional" => Err(refuse(expr, "optional(...) is only valid for the attributes of an object type")),
        other => Err(refuse(expr, format!("`{other}` is not a type constructor"))),
    }
}

fn tuple(argument: &Expr) -> Parsed {
    let ExprKind::Tuple(elements) = &argument.kind else {
        return Err(refuse(argument, "a tuple type needs a list of element types, as tuple([string, number])"));
    };
    let parts = elements.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let mut whole = Constraint::plain(Type::Tuple(parts.iter().map(|part| part.ty.clone()).collect()));
    let nested = parts.into_iter().enumerate().filter(|(_, part)| !part.defaults.is_empty());
    whole.defaults.children = nested.map(|(at, part)| (at.to_string().into(), part.defaults)).collect();
    Ok(whole)
}

fn object(argument: &Expr) -> Parsed {
    let ExprKind::Object(items) = &argument.kind else {
        return Err(refuse(argument, "an object type needs a map of attribute types, as object({ name = string })"));
    };
    let mut attributes = BTreeMap::new();
    let mut optional = BTreeSet::new();
    let mut defaults = Defaults::default();
    for item in items {
        let ObjectKey::Name(name) = &item.key else {
            return Err(refuse(argument, "the attributes of an object type have plain names"));
        };
        let name = Arc::clone(&name.name);
        let (part, default) = match optional_of(&item.value)? {
            Some((part, default)) => {
                optional.insert(Arc::clone(&name));
                (part, default)
            }
            None => (parse(&item.value)?, None),
        };
        if let Some(default) = default {
            defaults.values.insert(Arc::clone(&name), default);
        }
        if !part.defaults.is_empty() {
            defaults.children.insert(Arc::clone(&name), part.defaults);
        }
        attributes.insert(name, part.ty);
    }
    let ty = Type::Object(Arc::new(ObjectType { attributes, optional }));
    defaults.ty = ty.clone();
    Ok(Constraint { ty, defaults })
}

/// The type and the default in `optional(type, default)`; none where it is no such call.
fn optional_of(expr: &Expr) -> Result<Option<(Constraint, Option<Value>)>, Box<Diagnostic>> {
    let ExprKind::FunctionCall(call) = &expr.kind else { return Ok(None) };
    if &*call.name != "optional" {
        return Ok(None);
    }
    let (ty, default) = match call.arguments.as_slice() {
        [ty] => (ty, None),
        [ty, default] => (ty, Some(default)),
        _ => return Err(refuse(expr, "optional(...) takes a type and, if wanted, a default")),
    };
    let part = parse(ty)?;
    let Some(default) = default else { return Ok(Some((part, None))) };
    let value = constant(default)?;
    let converted = convert(&part.defaults.apply(&value), &part.ty)
        .map_err(|error| refuse(default, format!("the default does not fit the attribute's type: {error}")))?;
    // The default is of the type, with the optional attributes that it leaves out.
    debug_assert!(without_optional(&part.ty) != Type::Any || part.ty == Type::Any);
    Ok(Some((part, Some(converted))))
}
