//! What is open in one stack, seen from another.
//!
//! A parent may only ask whether `Environment` is `prod`, and its child whether it is `test`: for the parent there are two
//! ways, for the child three. A guard of the one is put in terms of the other before it crosses over.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Candidate, Data, Guard, MAX_CANDIDATES, Unknown, Value};

use crate::conditions::OTHER;
use crate::formula::Choices;

/// A value of a child in the terms of its parent: a way that the parent does not tell apart from others is one of those.
pub(super) fn outside(value: &Value, parent: &Choices) -> Value {
    let seen = |guard: Guard| {
        let ways = parent.ways(&guard.choice);
        if ways.is_empty() || ways.iter().any(|way| way.taken == guard.taken) {
            return Some(guard);
        }
        let other = ways.iter().find(|way| &*way.taken == OTHER)?;
        Some(parent.guard(&guard.choice, other))
    };
    rewrite(value, &|mut candidates| {
        for candidate in &mut candidates {
            candidate.when = candidate.when.drain(..).filter_map(seen).collect();
        }
        candidates
    })
}

/// A value of a parent in the terms of its child, which tells further apart what is something else for the parent: `wider` says
/// what that may be.
pub(crate) fn inside(value: &Value, wider: &BTreeMap<Arc<str>, Vec<Guard>>) -> Value {
    let is_wider = |guard: &Guard| &*guard.taken == OTHER && wider.contains_key(&guard.choice);
    rewrite(value, &|candidates| {
        let mut all = Vec::new();
        for candidate in &candidates {
            let mut ways: Vec<Vec<Guard>> = vec![Vec::new()];
            for guard in &candidate.when {
                let own = std::slice::from_ref(guard);
                let guards = wider.get(&guard.choice).filter(|_| is_wider(guard)).map_or(own, Vec::as_slice);
                ways = ways
                    .iter()
                    .flat_map(|way| guards.iter().map(|guard| [way, std::slice::from_ref(guard)].concat()))
                    .collect();
                if ways.len() > MAX_CANDIDATES {
                    break;
                }
            }
            all.extend(ways.into_iter().map(|when| Candidate { when, value: candidate.value.clone() }));
        }
        if all.len() <= MAX_CANDIDATES {
            return all;
        }
        // Too many to tell apart: each may be there whatever the wider choices are.
        let mut candidates = candidates;
        for candidate in &mut candidates {
            candidate.when.retain(|guard| !is_wider(guard));
        }
        candidates
    })
}

fn rewrite(value: &Value, change: &dyn Fn(Vec<Candidate>) -> Vec<Candidate>) -> Value {
    let data = match &value.data {
        Data::Tuple(items) => Data::Tuple(Arc::new(items.iter().map(|item| rewrite(item, change)).collect())),
        Data::Object(entries) => Data::Object(Arc::new(
            entries.iter().map(|(key, value)| (Arc::clone(key), rewrite(value, change))).collect(),
        )),
        Data::Unknown(unknown) if !unknown.candidates.is_empty() => {
            let within = |candidate: &Candidate| Candidate {
                when: candidate.when.clone(),
                value: rewrite(&candidate.value, change),
            };
            let mut candidates = change(unknown.candidates.iter().map(within).collect());
            for candidate in &mut candidates {
                candidate.when.sort();
                candidate.when.dedup();
            }
            Data::Unknown(Arc::new(Unknown { candidates, ..(**unknown).clone() }))
        }
        _ => return value.clone(),
    };
    Value { data, ..value.clone() }
}
