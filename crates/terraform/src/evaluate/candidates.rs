//! Working on unknowns candidate by candidate.

use terravet_graph::{Candidate, Data, Guard, MAX_CANDIDATES, Type, Unknown, Value, Why};

use super::{Evaluated, EvaluationError};

/// The candidates of a value: those of an unknown that has some, or the value itself.
pub(crate) fn of(value: &Value) -> Vec<(Vec<Guard>, Value)> {
    match value.as_unknown() {
        Some(unknown) if !unknown.candidates.is_empty() => {
            unknown.candidates.iter().map(|candidate| (candidate.when.clone(), value.part(&candidate.value))).collect()
        }
        _ => vec![(Vec::new(), value.clone())],
    }
}

/// Whether any of the values is an unknown with candidates.
pub(crate) fn any(values: &[&Value]) -> bool {
    values.iter().any(|value| value.as_unknown().is_some_and(|unknown| !unknown.candidates.is_empty()))
}

/// What `work` makes of one value, for each of its candidates.
pub(crate) fn map(value: &Value, work: impl Fn(&Value) -> Evaluated) -> Evaluated {
    map_pair(value, &Value::null(), |value, _| work(value))
}

/// What `work` makes of two values, for each combination of their candidates that can be. A combination that is refused
/// is one that Terraform would refuse when it came about; only where all are is the whole refused.
pub(crate) fn map_pair(a: &Value, b: &Value, work: impl Fn(&Value, &Value) -> Evaluated) -> Evaluated {
    if !any(&[a, b]) {
        return work(a, b);
    }
    let (left, right) = (of(a), of(b));
    let mut candidates = Vec::new();
    let mut refused: Option<EvaluationError> = None;
    for (when_left, left) in &left {
        for (when_right, right) in &right {
            let Some(when) = Candidate::join(when_left, when_right) else { continue };
            if candidates.len() > MAX_CANDIDATES {
                break;
            }
            match work(left, right) {
                Ok(value) => candidates.push(Candidate { when, value }),
                Err(error) => refused = Some(error),
            }
        }
    }
    match (candidates.is_empty(), refused) {
        (true, Some(error)) => Err(error),
        _ => {
            let why = [a, b].iter().find_map(|value| value.as_unknown()).map(|unknown| unknown.why.clone());
            Ok(joined(why.unwrap_or_else(|| Why::Other("depends on an open choice".into())), candidates))
        }
    }
}

/// What `work` makes of several values, for each combination of their candidates that can be. Values with which there would
/// be too many count as unknown.
pub(crate) fn map_all(values: Vec<Value>, work: impl Fn(Vec<Value>) -> Evaluated) -> Evaluated {
    let Some(why) =
        values.iter().find_map(|value| Some(&value.as_unknown().filter(|open| !open.candidates.is_empty())?.why))
    else {
        return work(values);
    };
    let why = why.clone();
    let mut worlds: Vec<(Vec<Guard>, Vec<Value>)> = vec![(Vec::new(), Vec::with_capacity(values.len()))];
    for value in values {
        let choices = of(&value);
        if let [(_, only)] = choices.as_slice() {
            worlds.iter_mut().for_each(|(_, world)| world.push(only.clone()));
            continue;
        }
        let longer = |(when, world): &(Vec<Guard>, Vec<Value>), (own, choice): &(Vec<Guard>, Value)| {
            let when = Candidate::join(when, own)?;
            Some((when, world.iter().cloned().chain([choice.clone()]).collect()))
        };
        let next: Vec<_> =
            worlds.iter().flat_map(|world| choices.iter().filter_map(move |choice| longer(world, choice))).collect();
        if next.len() > MAX_CANDIDATES {
            let plain = without(&value);
            worlds.iter_mut().for_each(|(_, world)| world.push(plain.clone()));
        } else {
            worlds = next;
        }
    }
    let mut candidates = Vec::with_capacity(worlds.len());
    let mut refused = None;
    for (when, world) in worlds {
        match work(world) {
            Ok(value) => candidates.push(Candidate { when, value }),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    match refused {
        Some(error) if candidates.is_empty() => Err(error),
        _ => Ok(joined(why, candidates)),
    }
}

/// The unknown without its candidates.
fn without(value: &Value) -> Value {
    match value.as_unknown() {
        Some(open) => {
            let plain: Value = Unknown { candidates: Vec::new(), ..open.clone() }.into();
            Value { origin: value.origin.clone(), sensitive: value.sensitive, ..plain }
        }
        None => value.clone(),
    }
}

/// One of these values, of their common type where they have one.
pub(crate) fn joined(why: Why, candidates: Vec<Candidate>) -> Value {
    let mut types = candidates.iter().map(|candidate| candidate.value.ty());
    let first = types.next().unwrap_or(Type::Any);
    let ty = if types.all(|ty| ty == first) { first } else { Type::Any };
    let sensitive = candidates.iter().any(|candidate| candidate.value.sensitive);
    let origin = candidates.first().and_then(|candidate| candidate.value.origin.clone());
    let value = Value::one_of(why, ty, candidates).marked(sensitive);
    Value { origin: value.origin.clone().or(origin), ..value }
}

/// The one value that all candidates are, where Terraform sees that too: it knows nulls, the bounds of numbers and the lengths of
/// collections, and nothing of the like about texts and flags.
pub(super) fn agreed(value: Value) -> Value {
    let seen = |data: &Data, first: &Data| match (data, first) {
        (Data::Null(a), Data::Null(b)) => a == b,
        (Data::Number(a), Data::Number(b)) => a == b,
        (Data::List(a), Data::List(b)) | (Data::Set(a), Data::Set(b)) => {
            a.items.is_empty() && b.items.is_empty() && a.element == b.element
        }
        (Data::Map(a), Data::Map(b)) => a.entries.is_empty() && b.entries.is_empty() && a.element == b.element,
        _ => false,
    };
    one_value(value, seen)
}

/// The one flag that all candidates are.
pub(super) fn agreed_flag(value: Value) -> Value {
    one_value(value, |data, first| matches!((data, first), (Data::Bool(a), Data::Bool(b)) if a == b))
}

fn one_value(value: Value, same: impl Fn(&Data, &Data) -> bool) -> Value {
    let [first, others @ ..] = value.as_unknown().map(|unknown| unknown.candidates.as_slice()).unwrap_or_default()
    else {
        return value;
    };
    if !same(&first.value.data, &first.value.data) || !others.iter().all(|one| same(&one.value.data, &first.value.data))
    {
        return value;
    }
    let agreed = value.part(&first.value);
    Value { origin: value.origin.clone().or(agreed.origin.clone()), ..agreed }
}
