//! Working on values of which several are possible, world by world.

use std::sync::Arc;

use terravet_graph::{Candidate, Guard, MAX_CANDIDATES, Type, Unknown, Value, Why};

use super::Fault;

/// What `work` makes of values, for each combination of their candidates that can be. A combination that is refused is one that
/// a deployment would refuse when it came about; only where all are is the whole refused.
///
/// Where there would be more than [`MAX_CANDIDATES`] combinations, the values that would make them so many count as
/// unknown.
pub(super) fn over(values: &[Value], work: impl Fn(&[Value]) -> Result<Value, Fault>) -> Result<Value, Fault> {
    if !values.iter().any(is_open) {
        return work(values);
    }
    let mut worlds: Vec<(Vec<Guard>, Vec<Value>)> = vec![(Vec::new(), Vec::with_capacity(values.len()))];
    for value in values {
        worlds = split(worlds, value);
    }
    let (mut candidates, mut refused) = (Vec::with_capacity(worlds.len()), None);
    for (when, values) in worlds {
        match work(&values) {
            Ok(value) => candidates.push(Candidate { when, value }),
            Err(fault) => refused = refused.or(Some(fault)),
        }
    }
    match refused {
        Some(fault) if candidates.is_empty() => Err(fault),
        _ => {
            let why = values.iter().filter(|value| is_open(value)).find_map(Value::as_unknown);
            Ok(joined(why.map_or(Why::Error, |unknown| unknown.why.clone()), candidates))
        }
    }
}

/// Each world with each way in which a value may turn out in it.
fn split(worlds: Vec<(Vec<Guard>, Vec<Value>)>, value: &Value) -> Vec<(Vec<Guard>, Vec<Value>)> {
    let candidates = value.as_unknown().map_or(&[][..], |unknown| &unknown.candidates);
    let mut next = Vec::new();
    if !candidates.is_empty() {
        for (when, before) in &worlds {
            for candidate in candidates {
                let Some(when) = Candidate::join(when, &candidate.when) else { continue };
                let mut values = before.clone();
                values.push(value.part(&candidate.value));
                next.push((when, values));
            }
        }
    }
    if next.is_empty() || next.len() > MAX_CANDIDATES {
        let plain = closed(value);
        next = worlds;
        for (_, values) in &mut next {
            values.push(plain.clone());
        }
    }
    next
}

/// Whether a value is one of several.
pub(super) fn is_open(value: &Value) -> bool {
    value.as_unknown().is_some_and(|unknown| !unknown.candidates.is_empty())
}

/// The value without its candidates.
fn closed(value: &Value) -> Value {
    match value.as_unknown() {
        Some(unknown) if !unknown.candidates.is_empty() => {
            let plain = Unknown { candidates: Vec::new(), ..unknown.clone() };
            Value { data: Value::from(plain).data, ..value.clone() }
        }
        _ => value.clone(),
    }
}

/// One of these values; where all are the same, that one.
pub(super) fn joined(why: Why, mut candidates: Vec<Candidate>) -> Value {
    let sensitive = candidates.iter().any(|candidate| candidate.value.sensitive);
    let same = candidates.windows(2).all(|pair| pair[0].value == pair[1].value && !is_open(&pair[0].value));
    if same && !candidates.is_empty() {
        return candidates.swap_remove(0).value.marked(sensitive);
    }
    let mut types =
        candidates.iter().filter(|candidate| !candidate.value.is_unset()).map(|candidate| candidate.value.ty());
    let first = types.next().unwrap_or(Type::Any);
    let ty = if types.all(|ty| ty == first) { first } else { Type::Any };
    let origin = candidates.first().and_then(|candidate| candidate.value.origin.clone());
    let value = Value::one_of(why, ty, candidates).marked(sensitive);
    let origin = value.origin.as_ref().map(Arc::clone).or(origin);
    Value { origin, ..value }
}
