//! The shapes of properties that are checked to their leaves: those of the types of SAM that came after functions and APIs.
//!
//! In: a property and the shape that the specification gives it. Out: nothing, or what is refused and where. What CloudFormation
//! takes as it is ([`Shape::Passed`]) is not looked into.

use crate::tree::Tree;
use crate::{Outcome, Refusal};
use terravet_diagnostics::did_you_mean_or;

/// What a property may be.
#[derive(Debug)]
pub(crate) enum Shape {
    /// Whatever CloudFormation takes.
    Passed,
    /// Text; numbers and booleans are written as text.
    Text,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A whole number, also written as text.
    Number,
    /// True or false, also written as text or number.
    Flag,
    /// A list of one shape.
    ListOf(&'static Shape),
    /// A list of exactly one element.
    Single(&'static Shape),
    /// A map with whatever keys, of one shape.
    MapOf(&'static Shape),
    /// A map with known keys.
    Fields(&'static [Entry]),
    /// One of two shapes.
    Either(&'static Shape, &'static Shape),
    /// A function may stand for it.
    OrFunction(&'static Shape),
}

/// A key, whether it must be there, and the shape of its value.
pub(crate) type Entry = (&'static str, Presence, Shape);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Needed,
    Optional,
}

pub(crate) use Presence::{Needed, Optional};

/// Text for which a function may stand.
pub(crate) const TEXT: Shape = Shape::OrFunction(&Shape::Text);
/// A number for which a function may stand.
pub(crate) const NUMBER: Shape = Shape::OrFunction(&Shape::Number);

/// Checks the properties of a resource as far as the table knows them.
pub(crate) fn check(table: &'static [Entry], properties: &Tree) -> Outcome<()> {
    for (name, presence, shape) in table {
        match properties.get(name) {
            Some(value) => shape.check(name, value)?,
            None if *presence == Presence::Optional => {}
            None => return Err(Refusal::new(properties.span, format!("the property {name} is needed"))),
        }
    }
    Ok(())
}

impl Shape {
    /// Checks what stands at a place; `name` says which.
    pub(crate) fn check(&self, name: &str, value: &Tree) -> Outcome<()> {
        let wrong = |wanted: &str| Err(Refusal::new(value.span, format!("{name} must be {wanted}")));
        let text = value.text().filter(|_| !value.is_null());
        match self {
            Self::Passed => Ok(()),
            Self::Text if text.is_some() => Ok(()),
            Self::Text => wrong("text"),
            Self::OneOf(known) if text.is_some_and(|text| known.contains(&text)) => Ok(()),
            Self::OneOf(known) => wrong(&known.join(" or ")),
            Self::Number if value.as_bool().is_some() || text.is_some_and(is_number) => Ok(()),
            Self::Number => wrong("a number"),
            Self::Flag if text.is_some_and(is_flag) => Ok(()),
            Self::Flag => wrong("true or false"),
            Self::ListOf(shape) => match value.items() {
                Some(items) => items.iter().try_for_each(|item| shape.check(name, item)),
                None => wrong("a list"),
            },
            Self::Single(shape) => match value.items() {
                Some([only]) => shape.check(name, only),
                _ => wrong("a list of one element"),
            },
            Self::MapOf(_) | Self::Fields(_) if !value.is_map() => wrong("a map"),
            Self::MapOf(shape) => value.fields().iter().try_for_each(|field| shape.check(&field.key, &field.value)),
            Self::Fields(table) => check_fields(name, table, value),
            Self::Either(first, second) => first.check(name, value).or_else(|_| second.check(name, value)),
            Self::OrFunction(_) if value.is_map() => Ok(()),
            Self::OrFunction(shape) => shape.check(name, value),
        }
    }
}

fn check_fields(name: &str, table: &'static [Entry], value: &Tree) -> Outcome<()> {
    if let Some(field) = value.fields().iter().find(|field| !table.iter().any(|(known, ..)| *known == &*field.key)) {
        let help = did_you_mean_or(&field.key, table.iter().map(|(known, ..)| *known), "leave it out");
        return Err(Refusal::new(field.key_span, format!("{name} has no property {}", field.key)).with_help(help));
    }
    match table.iter().find(|(key, presence, _)| *presence == Presence::Needed && value.get(key).is_none()) {
        Some((key, ..)) => Err(Refusal::new(value.span, format!("{name} needs {key}"))),
        None => check(table, value),
    }
}

fn is_number(text: &str) -> bool {
    text.trim().parse::<f64>().is_ok_and(f64::is_finite)
}

fn is_flag(text: &str) -> bool {
    const FLAGS: [&str; 12] = ["true", "false", "t", "f", "yes", "no", "y", "n", "on", "off", "1", "0"];
    FLAGS.contains(&text.to_lowercase().as_str())
}
