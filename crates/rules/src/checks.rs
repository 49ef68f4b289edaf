//! The few checks that need Rust, by the name that a page's `check:` gives.
//!
//! In: a model and a subject. Out: a [`Judgement`]. A fact that several rules can use belongs to the kinds instead.

use terravet_condition::Judgement;
use terravet_kinds::{Model, Subject};

/// A check.
pub type Check = fn(&Model<'_>, &Subject) -> Judgement;

/// All checks by name.
const CHECKS: &[(&str, Check)] = &[];

/// The check of a name.
#[must_use]
pub fn check(name: &str) -> Option<Check> {
    CHECKS.iter().find(|(known, _)| *known == name).map(|(_, check)| *check)
}

/// The check whose name is most like `name`, for "did you mean".
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    let likeness = |known: &str| strsim::jaro_winkler(known, name);
    let names = CHECKS.iter().map(|(known, _)| *known).filter(|known| likeness(known) > 0.8);
    names.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}
