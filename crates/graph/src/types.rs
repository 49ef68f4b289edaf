//! The types that values have: Terraform's type system, of which CloudFormation uses a part.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/expressions/type-constraints>.

mod layout;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Type {
    /// Not known yet: of an untyped null or unknown, or `any` in a constraint.
    #[default]
    Any,
    /// Text.
    String,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// A sequence of one element type.
    List(Arc<Type>),
    /// Distinct elements of one type, in a canonical order.
    Set(Arc<Type>),
    /// Keys with values of one type.
    Map(Arc<Type>),
    /// A sequence with a type for each place.
    Tuple(Arc<[Type]>),
    /// Named attributes with a type each.
    Object(Arc<ObjectType>),
}

/// The attributes of an object type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ObjectType {
    /// Types by name.
    pub attributes: BTreeMap<Arc<str>, Type>,
    /// The names that may be missing; only in constraints of input variables.
    pub optional: BTreeSet<Arc<str>>,
}

impl Type {
    /// A list of this element type.
    #[must_use]
    pub fn list(element: Type) -> Self {
        Self::List(Arc::new(element))
    }

    /// A set of this element type.
    #[must_use]
    pub fn set(element: Type) -> Self {
        Self::Set(Arc::new(element))
    }

    /// A map of this element type.
    #[must_use]
    pub fn map(element: Type) -> Self {
        Self::Map(Arc::new(element))
    }

    /// An object of these attributes, none optional.
    pub fn object(attributes: impl IntoIterator<Item = (Arc<str>, Type)>) -> Self {
        Self::Object(Arc::new(ObjectType { attributes: attributes.into_iter().collect(), optional: BTreeSet::new() }))
    }

    /// Whether nothing in it is still to be known.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        match self {
            Self::Any => false,
            Self::String | Self::Number | Self::Bool => true,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.is_complete(),
            Self::Tuple(elements) => elements.iter().all(Type::is_complete),
            Self::Object(object) => object.attributes.values().all(Type::is_complete),
        }
    }

    /// The type as `terraform console` prints `type(...)`: objects and tuples over several lines.
    #[must_use]
    pub fn laid_out(&self) -> String {
        let mut text = String::new();
        layout::write_type(self, 0, &mut text);
        text
    }

    /// Whether it is string, number or bool.
    #[must_use]
    pub fn is_primitive(&self) -> bool {
        matches!(self, Self::String | Self::Number | Self::Bool)
    }
}

impl fmt::Display for Type {
    /// On one line; [`Type::laid_out`] has the line breaks of `terraform console`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("dynamic"),
            Self::String => f.write_str("string"),
            Self::Number => f.write_str("number"),
            Self::Bool => f.write_str("bool"),
            Self::List(element) => write!(f, "list({element})"),
            Self::Set(element) => write!(f, "set({element})"),
            Self::Map(element) => write!(f, "map({element})"),
            Self::Tuple(elements) => {
                f.write_str("tuple([")?;
                comma_separated(f, elements.iter())?;
                f.write_str("])")
            }
            Self::Object(object) => {
                f.write_str("object({")?;
                for (at, (name, attribute)) in object.attributes.iter().enumerate() {
                    write!(f, "{}{name}: {attribute}", if at > 0 { ", " } else { "" })?;
                }
                f.write_str("})")
            }
        }
    }
}

fn comma_separated<'a>(f: &mut fmt::Formatter<'_>, types: impl Iterator<Item = &'a Type>) -> fmt::Result {
    for (at, item) in types.enumerate() {
        write!(f, "{}{item}", if at > 0 { ", " } else { "" })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_print_as_terraform_prints_them() {
        let object = Type::object([("a".into(), Type::Number), ("b".into(), Type::list(Type::String))]);
        assert_eq!(Type::map(object).to_string(), "map(object({a: number, b: list(string)}))");
        assert_eq!(Type::Tuple([Type::Bool, Type::Any].into()).to_string(), "tuple([bool, dynamic])");
    }
}
