//! What an outline does not know by itself, beside what the user leaves open.
//!
//! In: the declarations of an outline, and its variables for which nothing is given and which have no default. Out: all that
//! depends on them.
//!
//! What a module does where nothing is said may differ from version to version. Whether a resource exists that hangs on such
//! a thing is nothing to speak of, whereas it is where it hangs on an input of the user's.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::module::{Module, RepetitionArguments, Target, each_reference, resolve_targets};

/// What is not known of a module.
#[derive(Debug)]
pub(crate) struct Ignorance {
    /// The variables, the local values, and the resources of which it is not known how many there are.
    targets: BTreeSet<Target>,
    /// The names of the variables and local values, as expressions have them.
    names: Vec<Arc<str>>,
}

impl Ignorance {
    /// What depends on these variables.
    pub(crate) fn of(module: &Module, variables: impl Iterator<Item = u32>) -> Self {
        let mut targets: BTreeSet<Target> = variables.map(Target::Variable).collect();
        let locals: Vec<_> = (0..).zip(module.locals.iter().map(|local| local.value.targets.clone())).collect();
        let counts = (0..).zip(module.resources.iter().map(|block| repetition_targets(module, &block.repetition)));
        let counts: Vec<_> = counts.collect();
        // Each round takes in what depends on what was taken in before.
        let mut before = usize::MAX;
        while before != targets.len() {
            before = targets.len();
            for (place, needs) in &locals {
                if needs.iter().any(|need| targets.contains(need)) {
                    targets.insert(Target::Local(*place));
                }
            }
            for (place, needs) in &counts {
                if needs.iter().any(|need| targets.contains(need)) {
                    targets.insert(Target::Resource(*place));
                }
            }
        }
        let name = |target: &Target| match target {
            Target::Variable(place) => Some(Arc::clone(&module.variables[*place].address)),
            Target::Local(place) => Some(Arc::clone(&module.locals[*place].address)),
            Target::Resource(_) | Target::Call(..) => None,
        };
        let names = targets.iter().filter_map(name).collect();
        Self { targets, names }
    }

    /// Whether it is not known how many instances of a resource there are.
    pub(crate) fn counts(&self, resource: u32) -> bool {
        self.targets.contains(&Target::Resource(resource))
    }

    /// Whether a choice, by its text, is one that only the module knows of.
    pub(crate) fn decides(&self, choice: &str) -> bool {
        self.names.iter().any(|name| mentions(choice, name))
    }
}

/// Whether a name stands in a text as a whole.
fn mentions(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(|c: char| is_part(c) || c == '.') && !text[at + name.len()..].starts_with(is_part)
    })
}

fn repetition_targets(module: &Module, repetition: &RepetitionArguments) -> Vec<Target> {
    let expr = repetition.count.as_ref().or(repetition.for_each.as_ref());
    expr.map(|expr| resolve_targets(module, |see| each_reference(expr, see))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_mentioned_as_a_whole() {
        assert!(mentions("module.db: var.create", "var.create"));
        assert!(mentions("var.create == null", "var.create"));
        assert!(!mentions("var.create_subnet", "var.create"));
        assert!(!mentions("each.var.create", "var.create"));
    }
}
