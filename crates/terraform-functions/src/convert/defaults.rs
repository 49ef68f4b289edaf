//! Defaults of optional attributes: what `optional(string, "x")` in an input variable's type says.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Data, Entries, Mapping, Sequence, Type, Value};

use super::{convert, set_of, unify};

/// The defaults within a type constraint, as a tree of the same shape. They are applied to a value before it is
/// converted to the type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defaults {
    /// The type that they belong to.
    pub ty: Type,
    /// Defaults of the attributes of an object type, by name; each of the type of its attribute.
    pub values: BTreeMap<Arc<str>, Value>,
    /// Defaults further in: by attribute name of an object type, by position ("0", "1" ...) of a tuple type, and under the empty
    /// name of the elements of a collection type.
    pub children: BTreeMap<Arc<str>, Defaults>,
}

impl Defaults {
    /// Whether there is nothing to apply.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.children.values().all(Defaults::is_empty)
    }

    /// The value with every attribute that is missing or null, and has a default, set to it. Null and unknown values
    /// stay as they are.
    pub fn apply(&self, value: &Value) -> Value {
        if self.is_empty() {
            return value.clone();
        }
        let data = match &value.data {
            Data::Tuple(items) => Data::Tuple(Arc::new(self.apply_to_items(items))),
            Data::List(sequence) => sequence_of(self.apply_to_items(&sequence.items), &sequence.element),
            Data::Set(sequence) => {
                let applied = sequence_of(self.apply_to_items(&sequence.items), &sequence.element);
                match applied {
                    Data::List(list) => set_of(list.element.clone(), list.items.iter().cloned()).data,
                    other => other,
                }
            }
            Data::Map(mapping) => mapping_of(self.apply_to_entries(value, &mapping.entries), &mapping.element),
            Data::Object(entries) => Data::Object(Arc::new(self.apply_to_entries(value, entries))),
            _ => return value.clone(),
        };
        Value { data, ..value.clone() }
    }

    fn child(&self, name: &str) -> Option<&Defaults> {
        match self.ty {
            Type::List(_) | Type::Set(_) | Type::Map(_) => self.children.get(""),
            _ => self.children.get(name),
        }
    }

    fn apply_to_items(&self, items: &[Value]) -> Vec<Value> {
        let apply = |(at, item): (usize, &Value)| match self.child(&at.to_string()) {
            Some(child) => child.apply(item),
            None => item.clone(),
        };
        items.iter().enumerate().map(apply).collect()
    }

    fn apply_to_entries(&self, whole: &Value, entries: &Entries) -> Entries {
        let mut applied: Entries = entries
            .iter()
            .map(|(name, value)| {
                let value = self.child(name).map_or_else(|| value.clone(), |child| child.apply(value));
                (Arc::clone(name), value)
            })
            .collect();
        for (name, default) in &self.values {
            if applied.get(name).is_none_or(Value::is_unset) {
                let default = self.children.get(name).map_or_else(|| default.clone(), |child| child.apply(default));
                let origin = default.origin.clone().or_else(|| whole.origin.clone());
                applied.insert(Arc::clone(name), Value { origin, ..default });
            }
        }
        applied
    }
}

/// A list where the items still have one type, a tuple where the defaults made them differ beyond that.
fn sequence_of(items: Vec<Value>, element: &Type) -> Data {
    if items.is_empty() {
        return Data::List(Arc::new(Sequence { element: element.clone(), items }));
    }
    let types: Vec<Type> = items.iter().map(Value::ty).collect();
    let unified = unify(&types).and_then(|element| {
        let items = items.iter().map(|item| convert(item, &element)).collect::<Result<_, _>>().ok()?;
        Some(Data::List(Arc::new(Sequence { element, items })))
    });
    unified.unwrap_or_else(|| Data::Tuple(Arc::new(items)))
}

/// A map where the values still have one type, an object where the defaults made them differ beyond that.
fn mapping_of(entries: Entries, element: &Type) -> Data {
    if entries.is_empty() {
        return Data::Map(Arc::new(Mapping { element: element.clone(), entries }));
    }
    let types: Vec<Type> = entries.values().map(Value::ty).collect();
    let unified = unify(&types).and_then(|element| {
        let convert = |(name, value): (&Arc<str>, &Value)| Some((Arc::clone(name), convert(value, &element).ok()?));
        let entries = entries.iter().map(convert).collect::<Option<_>>()?;
        Some(Data::Map(Arc::new(Mapping { element, entries })))
    });
    unified.unwrap_or_else(|| Data::Object(Arc::new(entries)))
}
