//! Whether two values are equal, where some of them may not be known.

use terravet_graph::{Data, Truth, Type, Unknown, Value};

use super::types::conforms;
use super::unseen::behind;

/// Whether two values are equal as Terraform's `==` has it: of the same type and of the same content. Nulls of every
/// type equal each other. Unknown where that depends on what is not known yet.
pub fn equal(a: &Value, b: &Value) -> Truth {
    match (&a.data, &b.data) {
        (Data::Unknown(left), Data::Unknown(right)) => {
            let apart = left.prefix.as_deref().zip(right.prefix.as_deref());
            match apart {
                Some((one, other)) if !one.starts_with(other) && !other.starts_with(one) => Truth::False,
                _ => Truth::Unknown,
            }
        }
        (Data::Unknown(unknown), _) => equal_to_unknown(unknown, b),
        (_, Data::Unknown(unknown)) => equal_to_unknown(unknown, a),
        _ if a.is_unset() || b.is_unset() => Truth::from(a.is_unset() && b.is_unset()),
        (Data::Object(_), Data::Object(_)) if behind(a).is_some() || behind(b).is_some() => Truth::Unknown,
        _ => equal_known(a, b),
    }
}

/// Whether a value that is known (its elements need not be) may equal one that is not.
fn equal_to_unknown(unknown: &Unknown, known: &Value) -> Truth {
    if known.is_unset() {
        return if unknown.not_null { Truth::False } else { Truth::Unknown };
    }
    if !unknown.candidates.is_empty() {
        let mut answers = unknown.candidates.iter().map(|candidate| equal(&candidate.value, known));
        let first = answers.next().unwrap_or(Truth::Unknown);
        return if answers.all(|answer| answer == first) { first } else { Truth::Unknown };
    }
    let excluded = match &known.data {
        Data::String(text) => unknown.prefix.as_deref().is_some_and(|prefix| !text.starts_with(prefix)),
        Data::List(_) | Data::Set(_) | Data::Map(_) if unknown.ty == known.ty() => {
            let least = if matches!(known.data, Data::Set(_)) && !known.is_wholly_known() { 1 } else { length(known) };
            unknown.max_length.is_some_and(|most| most < least) || unknown.min_length > length(known)
        }
        _ => false,
    };
    if excluded {
        return Truth::False;
    }
    if unknown.ty.is_complete() && unknown.ty != known.ty() { Truth::False } else { Truth::Unknown }
}

fn length(value: &Value) -> usize {
    value.as_items().map_or_else(|| value.as_entries().map_or(0, terravet_graph::Entries::len), <[Value]>::len)
}

fn equal_known(a: &Value, b: &Value) -> Truth {
    let (left, right) = (a.ty(), b.ty());
    if has_open_type(a) || has_open_type(b) {
        // The types may still turn out the same; where they cannot, the values differ.
        if !conforms(&left, &right) && !conforms(&right, &left) {
            return Truth::False;
        }
        return Truth::Unknown;
    }
    if left != right {
        return Truth::False;
    }
    match (&a.data, &b.data) {
        (Data::Set(left), Data::Set(right)) => {
            if a.is_wholly_known() && b.is_wholly_known() {
                return Truth::from(left.items == right.items);
            }
            Truth::Unknown
        }
        (Data::List(_) | Data::Tuple(_), _) => {
            let (left, right) = (a.as_items().unwrap_or_default(), b.as_items().unwrap_or_default());
            if left.len() != right.len() { Truth::False } else { all_equal(left.iter().zip(right)) }
        }
        (Data::Map(_) | Data::Object(_), _) => match (a.as_entries(), b.as_entries()) {
            (Some(left), Some(right)) if left.keys().eq(right.keys()) => all_equal(left.values().zip(right.values())),
            _ => Truth::False,
        },
        (left, right) => Truth::from(left == right),
    }
}

/// Whether the value holds an unknown of which not even the type is known.
fn has_open_type(value: &Value) -> bool {
    match &value.data {
        Data::Unknown(unknown) => unknown.ty == Type::Any,
        _ => {
            value.as_items().unwrap_or_default().iter().any(has_open_type)
                || value.as_entries().into_iter().flatten().any(|(_, value)| has_open_type(value))
        }
    }
}

/// One pair that differs decides, whatever the others are.
fn all_equal<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Truth {
    let mut all = Truth::True;
    for (left, right) in pairs {
        all = all.and(equal(left, right));
        if all.is_false() {
            break;
        }
    }
    all
}
