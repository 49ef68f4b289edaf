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
