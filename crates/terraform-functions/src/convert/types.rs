//! Questions about types alone: can one become the other, what is common to several, what do they differ in.

use std::sync::Arc;

use terravet_graph::{ObjectType, Type};

/// The type with every optional attribute made an ordinary one, at any depth: the type that values have.
pub fn without_optional(ty: &Type) -> Type {
    match ty {
        Type::Any | Type::String | Type::Number | Type::Bool => ty.clone(),
        Type::List(element) => Type::list(without_optional(element)),
        Type::Set(element) => Type::set(without_optional(element)),
        Type::Map(element) => Type::map(without_optional(element)),
        Type::Tuple(elements) => Type::Tuple(elements.iter().map(without_optional).collect()),
        Type::Object(object) => {
            Type::object(object.attributes.iter().map(|(name, ty)| (Arc::clone(name), without_optional(ty))))
        }
    }
}

/// Whether values of the one type can be converted to the other. That a value of an allowed type can be is not
/// certain: "x" is a string, which numbers can be made from, but no number.
pub fn convertible(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (_, Type::Any) | (Type::Any, _) => true,
        (Type::Number | Type::Bool, Type::String) | (Type::String, Type::Number | Type::Bool) => true,
        (Type::String, Type::String) | (Type::Number, Type::Number) | (Type::Bool, Type::Bool) => true,
        (Type::Object(from), Type::Object(to)) => to.attributes.iter().all(|(name, wanted)| {
            from.attributes.get(name).map_or(to.optional.contains(name), |given| convertible(given, wanted))
        }),
        (Type::Tuple(from), Type::Tuple(to)) => {
            from.len() == to.len() && from.iter().zip(to.iter()).all(|(from, to)| convertible(from, to))
        }
        (Type::List(from) | Type::Set(from), Type::List(to) | Type::Set(to)) | (Type::Map(from), Type::Map(to)) => {
            convertible(from, to)
        }
        (Type::Tuple(elements), Type::List(to) | Type::Set(to)) => elements_convertible(elements, to, true),
        (Type::Object(object), Type::Map(to)) => {
            let types: Vec<Type> = object.attributes.values().cloned().collect();
            elements_convertible(&types, to, false)
        }
        (Type::Map(element), Type::Object(to)) => {
            to.attributes.iter().all(|(name, wanted)| convertible(element, wanted) || to.optional.contains(name))
        }
        _ => false,
    }
}

/// Whether elements of these types can together become elements of one collection.
fn elements_convertible(types: &[Type], to: &Type, sequence: bool) -> bool {
    if types.is_empty() {
        return true;
    }
    if *to != Type::Any {
        return types.iter().all(|from| convertible(from, to));
    }
    match unify(types) {
        None => false,
        // Elements of types that are still open may turn out to differ.
        Some(Type::Any) if sequence => types.iter().all(|ty| *ty == Type::Any),
        Some(unified) => types.iter().all(|from| convertible(from, &unified)),
    }
}

/// The type that values of all these types can be converted to: the most general one among them, or one made from
/// their parts. None of no types, and of types that have nothing in common.
pub fn unify(types: &[Type]) -> Option<Type> {
    let first = types.first()?;
    if types.iter().all(|ty| ty == first) && first.is_complete() {
        return Some(first.clone());
    }
    let kinds = Kinds::of(types);
    let only = |count: usize| count > 0 && count + kinds.any == types.len();
    if only(kinds.maps) || only(kinds.lists) || only(kinds.sets) {
        return unify_collections(types, kinds.any > 0);
    }
    if only(kinds.objects) {
        return if kinds.any > 0 { Some(Type::Any) } else { unify_objects(types) };
    }
    if only(kinds.tuples) {
        return if kinds.any > 0 { Some(Type::Any) } else { unify_tuples(types) };
    }
    if kinds.maps > 0 && only(kinds.maps + kinds.objects) {
        // Objects are often maps that the language had no better type for.
        if let Some(unified @ Type::Map(_)) = unify_as_collections(types, |ty| matches!(ty, Type::Object(_))) {
            return Some(unified);
        }
    } else if kinds.lists > 0 && only(kinds.lists + kinds.tuples) {
        if let Some(unified @ Type::List(_)) = unify_as_collections(types, |ty| matches!(ty, Type::Tuple(_))) {
            return Some(unified);
        }
    } else if kinds.objects > 0 && kinds.tuples > 0 {
        return None;
    }
    let order = by_generality(types);
    order.into_iter().map(|at| &types[at]).find(|wanted| types.iter().all(|ty| convertible(ty, wanted))).cloned()
}

/// How many of some types are of each kind.
#[derive(Default)]
struct Kinds {
    maps: usize,
    lists: usize,
    sets: usize,
    objects: usize,
    tuples: usize,
    any: usize,
}

impl Kinds {
    fn of(types: &[Type]) -> Self {
        let mut kinds = Self::default();
        for ty in types {
            match ty {
                Type::Map(_) => kinds.maps += 1,
                Type::List(_) => kinds.lists += 1,
                Type::Set(_) => kinds.sets += 1,
                Type::Object(_) => kinds.objects += 1,
                Type::Tuple(_) => kinds.tuples += 1,
                Type::Any => kinds.any += 1,
                Type::String | Type::Number | Type::Bool => {}
            }
        }
        kinds
    }
}

/// Collections of one kind, and open types between them.
fn unify_collections(types: &[Type], has_any: bool) -> Option<Type> {
    if has_any {
        return Some(Type::Any);
    }
    let elements: Vec<Type> = types
        .iter()
        .filter_map(|ty| match ty {
            Type::List(element) | Type::Set(element) | Type::Map(element) => Some(Type::clone(element)),
            _ => None,
        })
        .collect();
    let element = unify(&elements)?;
    Some(match types.first()? {
        Type::List(_) => Type::list(element),
        Type::Set(_) => Type::set(element),
        _ => Type::map(element),
    })
}

/// Objects of the same attribute names keep them; others become a map.
fn unify_objects(types: &[Type]) -> Option<Type> {
    let objects: Vec<&ObjectType> = types
        .iter()
        .filter_map(|ty| match ty {
            Type::Object(object) => Some(&**object),
            _ => None,
        })
        .collect();
    let (first, others) = objects.split_first()?;
    if others.iter().any(|other| !other.attributes.keys().eq(first.attributes.keys())) {
        return unify_objects_to_map(&objects, types);
    }
    let mut attributes = Vec::with_capacity(first.attributes.len());
    for name in first.attributes.keys() {
        let across: Vec<Type> = objects.iter().filter_map(|object| object.attributes.get(name).cloned()).collect();
        attributes.push((Arc::clone(name), unify(&across)?));
    }
    let unified = Type::object(attributes);
    if types.iter().all(|ty| convertible(ty, &unified)) { Some(unified) } else { unify_objects_to_map(&objects, types) }
}

fn unify_objects_to_map(objects: &[&ObjectType], types: &[Type]) -> Option<Type> {
    let all: Vec<Type> = objects.iter().flat_map(|object| object.attributes.values().cloned()).collect();
    let unified = Type::map(unify(&all)?);
    types.iter().all(|ty| convertible(ty, &unified)).then_some(unified)
}

/// Tuples of the same length keep it; others become a list.
fn unify_tuples(types: &[Type]) -> Option<Type> {
    let tuples: Vec<&[Type]> = types
        .iter()
        .filter_map(|ty| match ty {
            Type::Tuple(elements) => Some(&**elements),
            _ => None,
        })
        .collect();
    let length = tuples.first()?.len();
    if tuples.iter().any(|tuple| tuple.len() != length) {
        return unify_tuples_to_list(&tuples, types);
    }
    let mut elements = Vec::with_capacity(length);
    for at in 0..length {
        let across: Vec<Type> = tuples.iter().map(|tuple| tuple[at].clone()).collect();
        elements.push(unify(&across)?);
    }
    let unified = Type::Tuple(elements.into());
    if types.iter().all(|ty| convertible(ty, &unified)) { Some(unified) } else { unify_tuples_to_list(&tuples, types) }
}

fn unify_tuples_to_list(tuples: &[&[Type]], types: &[Type]) -> Option<Type> {
    let all: Vec<Type> = tuples.iter().flat_map(|tuple| tuple.iter().cloned()).collect();
    let unified = Type::list(unify(&all)?);
    types.iter().all(|ty| convertible(ty, &unified)).then_some(unified)
}

/// Unifies with the structural types (which `structural` tells) replaced by the collection they make together.
fn unify_as_collections(types: &[Type], structural: impl Fn(&Type) -> bool) -> Option<Type> {
    let (mut objects, mut tuples, mut chosen) = (Vec::new(), Vec::new(), Vec::new());
    for ty in types.iter().filter(|ty| structural(ty)) {
        match ty {
            Type::Object(object) => objects.push(&**object),
            Type::Tuple(elements) => tuples.push(&**elements),
            _ => {}
        }
        chosen.push(ty.clone());
    }
    let collection = if objects.is_empty() {
        unify_tuples_to_list(&tuples, &chosen)
    } else {
        unify_objects_to_map(&objects, &chosen)
    }?;
    let replaced: Vec<Type> =
        types.iter().map(|ty| if structural(ty) { collection.clone() } else { ty.clone() }).collect();
    unify(&replaced)
}

/// The places of the types, the more general ones first, otherwise in order.
fn by_generality(types: &[Type]) -> Vec<usize> {
    let mut more_general = vec![0usize; types.len()];
    let mut edges: Vec<Vec<usize>> = vec![Vec::new(); types.len()];
    for i in 0..types.len() {
        for j in i + 1..types.len() {
            let (from, to) = match compare(&types[i], &types[j]) {
                std::cmp::Ordering::Less => (i, j),
                std::cmp::Ordering::Greater => (j, i),
                std::cmp::Ordering::Equal => continue,
            };
            edges[from].push(to);
            more_general[to] += 1;
        }
    }
    let mut order: Vec<usize> = (0..types.len()).filter(|at| more_general[*at] == 0).collect();
    let mut next = 0;
    while next < order.len() {
        for to in std::mem::take(&mut edges[order[next]]) {
            more_general[to] -= 1;
            if more_general[to] == 0 {
                order.push(to);
            }
        }
        next += 1;
    }
    order
}

/// Less: `a` is to be preferred as the more general one.
fn compare(a: &Type, b: &Type) -> std::cmp::Ordering {
    use std::cmp::Ordering::{Equal, Greater, Less};
    match (a, b) {
        (Type::Any, Type::Any) | (Type::String, Type::String) => Equal,
        (_, Type::Any) => Less,
        (Type::Any, _) => Greater,
        (Type::String, Type::Number | Type::Bool) => Less,
        (Type::Number | Type::Bool, Type::String) => Greater,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => compare(a, b),
        (Type::Tuple(_) | Type::List(_), Type::Set(_)) => Less,
        (Type::Set(_), Type::Tuple(_) | Type::List(_)) => Greater,
        (Type::List(_), Type::Tuple(_)) | (Type::Map(_), Type::Object(_)) => Less,
        (Type::Tuple(_), Type::List(_)) | (Type::Object(_), Type::Map(_)) => Greater,
        (Type::Object(a), Type::Object(b)) => {
            if !a.attributes.keys().eq(b.attributes.keys()) {
                return Equal;
            }
            compare_all(a.attributes.values().zip(b.attributes.values()))
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => compare_all(a.iter().zip(b.iter())),
        _ => Equal,
    }
}

fn compare_all<'a>(pairs: impl Iterator<Item = (&'a Type, &'a Type)>) -> std::cmp::Ordering {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let (mut less, mut greater) = (false, false);
    for (a, b) in pairs {
        match compare(a, b) {
            Less => less = true,
            Greater => greater = true,
            Equal => {}
        }
    }
    match (less, greater) {
        (true, false) => Less,
        (false, true) => Greater,
        _ => Equal,
    }
}

/// The type `out` with its open parts taken from `given`, a type that can be converted to it.
pub(super) fn replace_any(given: &Type, out: &Type) -> Type {
    let elements = |types: &mut dyn Iterator<Item = Type>| unify(&types.collect::<Vec<_>>()).unwrap_or_default();
    match (given, out) {
        (Type::Any, _) => out.clone(),
        (_, Type::Any) => given.clone(),
        (Type::Map(given), Type::Map(out)) => Type::map(replace_any(given, out)),
        (Type::Object(given), Type::Map(out)) => {
            Type::map(replace_any(&elements(&mut given.attributes.values().cloned()), out))
        }
        (Type::List(given) | Type::Set(given), Type::List(out)) => Type::list(replace_any(given, out)),
        (Type::List(given) | Type::Set(given), Type::Set(out)) => Type::set(replace_any(given, out)),
        (Type::Tuple(given), Type::List(out)) => Type::list(replace_any(&elements(&mut given.iter().cloned()), out)),
        (Type::Tuple(given), Type::Set(out)) => Type::set(replace_any(&elements(&mut given.iter().cloned()), out)),
        (Type::Map(given), Type::Object(out)) => {
            Type::object(out.attributes.iter().map(|(name, ty)| (Arc::clone(name), replace_any(given, ty))))
        }
        (Type::Object(given), Type::Object(out)) => Type::object(out.attributes.iter().map(|(name, ty)| {
            let ty = given.attributes.get(name).map_or_else(|| ty.clone(), |given| replace_any(given, ty));
            (Arc::clone(name), ty)
        })),
        (Type::Tuple(given), Type::Tuple(out)) => {
            Type::Tuple(given.iter().zip(out.iter()).map(|(given, out)| replace_any(given, out)).collect())
        }
        _ => out.clone(),
    }
}

/// Whether a value of the type can stand where `wanted` is asked for, [`Type::Any`] standing for every type.
pub(super) fn conforms(given: &Type, wanted: &Type) -> bool {
    match (given, wanted) {
        (_, Type::Any) => true,
        (Type::List(given), Type::List(wanted))
        | (Type::Set(given), Type::Set(wanted))
        | (Type::Map(given), Type::Map(wanted)) => conforms(given, wanted),
        (Type::Tuple(given), Type::Tuple(wanted)) => {
            given.len() == wanted.len()
                && given.iter().zip(wanted.iter()).all(|(given, wanted)| conforms(given, wanted))
        }
        (Type::Object(given), Type::Object(wanted)) => {
            given.attributes.keys().eq(wanted.attributes.keys())
                && given
                    .attributes
                    .values()
                    .zip(wanted.attributes.values())
                    .all(|(given, wanted)| conforms(given, wanted))
        }
        _ => given == wanted,
    }
}

/// The type in words, as Terraform's messages have it: "list of string".
pub fn friendly_name(ty: &Type) -> String {
    match ty {
        Type::Any => "any type".into(),
        Type::String => "string".into(),
        Type::Number => "number".into(),
        Type::Bool => "bool".into(),
        Type::List(element) => collection_name("list", element),
        Type::Set(element) => collection_name("set", element),
        Type::Map(element) => collection_name("map", element),
        Type::Tuple(_) => "tuple".into(),
        Type::Object(_) => "object".into(),
    }
}

fn collection_name(kind: &str, element: &Type) -> String {
    match element {
        Type::Any => format!("{kind} of any single type"),
        element => format!("{kind} of {}", friendly_name(element)),
    }
}

/// Why values of the one type are no values of the other.
pub(super) fn mismatch(given: &Type, wanted: &Type) -> String {
    match (given, wanted) {
        (Type::Object(given), Type::Object(wanted)) => mismatch_of_objects(given, wanted),
        (Type::Tuple(_), Type::List(element)) if **element == Type::Any => {
            "all list elements must have the same type".into()
        }
        (Type::Tuple(_), Type::Set(element)) if **element == Type::Any => {
            "all set elements must have the same type".into()
        }
        (Type::Object(_), Type::Map(element)) if **element == Type::Any => {
            "all map elements must have the same type".into()
        }
        (Type::Tuple(types), Type::List(element) | Type::Set(element)) => {
            let refused = types.iter().enumerate().find(|(_, ty)| !convertible(ty, element));
            match refused {
                Some((at, ty)) => format!("element {at}: {}", mismatch(ty, element)),
                None => format!("all elements must be {}", friendly_name(element)),
            }
        }
        (Type::Object(object), Type::Map(element)) => {
            let refused = object.attributes.iter().find(|(_, ty)| !convertible(ty, element));
            match refused {
                Some((name, ty)) => format!("element \"{name}\": {}", mismatch(ty, element)),
                None => format!("all elements must be {}", friendly_name(element)),
            }
        }
        (Type::List(given) | Type::Set(given), Type::List(wanted)) => {
            format!("incorrect list element type: {}", mismatch(given, wanted))
        }
        (Type::List(given) | Type::Set(given), Type::Set(wanted)) => {
            format!("incorrect set element type: {}", mismatch(given, wanted))
        }
        (Type::Map(given), Type::Map(wanted)) => format!("incorrect map element type: {}", mismatch(given, wanted)),
        (given, wanted) if given.is_primitive() != wanted.is_primitive() || *wanted == Type::String => {
            format!("{} required, but have {}", friendly_name(wanted), friendly_name(given))
        }
        (Type::Number, Type::Bool) | (Type::Bool, Type::Number) => {
            format!("{} required, but have {}", friendly_name(wanted), friendly_name(given))
        }
        _ => format!("{} required", friendly_name(wanted)),
    }
}

fn mismatch_of_objects(given: &ObjectType, wanted: &ObjectType) -> String {
    let missing: Vec<String> = wanted
        .attributes
        .keys()
        .filter(|name| !given.attributes.contains_key(*name) && !wanted.optional.contains(*name))
        .map(|name| format!("\"{name}\""))
        .collect();
    match missing.as_slice() {
        [] => {}
        [one] => return format!("attribute {one} is required"),
        [one, two] => return format!("attributes {one} and {two} are required"),
        [others @ .., last] => return format!("attributes {}, and {last} are required", others.join(", ")),
    }
    for (name, ty) in &wanted.attributes {
        if let Some(own) = given.attributes.get(name)
            && !convertible(own, ty)
        {
            return format!("attribute \"{name}\": {}", mismatch(own, ty));
        }
    }
    "incorrect object attributes".into()
}
