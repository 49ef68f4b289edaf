//! Certainty: what has to hold for something in a network to be there.
//!
//! In: guards of values and resources. Out: [`When`], a conjunction of [`Guard`]s; [`Either`], a choice between such
//! conjunctions for a yes-or-no question; [`World`], which says what of it is taken to hold.
//!
//! A guard whose choice the input leaves open in a way that cannot be enumerated has one way only, [`SO`].

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use terravet_graph::{Candidate, Guard};

/// The way of a guard that is not one of several known ways.
const SO: &str = "so";

/// A guard for something that is not known, in words that say when it holds.
#[must_use]
pub(crate) fn open(words: impl Into<Arc<str>>) -> Guard {
    let words = words.into();
    Guard { choice: Arc::clone(&words), taken: SO.into(), words }
}

/// A conjunction of guards; without any, always.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct When(Vec<Guard>);

impl When {
    /// Without condition.
    #[must_use]
    pub fn always() -> Self {
        Self::default()
    }

    /// When these hold.
    #[must_use]
    pub fn all(mut guards: Vec<Guard>) -> Self {
        guards.sort();
        guards.dedup();
        Self(guards)
    }

    /// When this holds.
    #[must_use]
    pub fn guard(guard: Guard) -> Self {
        Self(vec![guard])
    }

    /// When both hold; none where they contradict each other.
    #[must_use]
    pub fn and(&self, other: &Self) -> Option<Self> {
        match (self.0.is_empty(), other.0.is_empty()) {
            (true, _) => Some(other.clone()),
            (_, true) => Some(self.clone()),
            _ => Candidate::join(&self.0, &other.0).map(Self),
        }
    }

    /// Whether it holds without condition.
    #[must_use]
    pub fn is_always(&self) -> bool {
        self.0.is_empty()
    }

    /// The guards.
    #[must_use]
    pub fn guards(&self) -> &[Guard] {
        &self.0
    }
}

/// A value that something has under a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice<T> {
    /// The value.
    pub value: T,
    /// When it is this one.
    pub when: When,
}

impl<T> Choice<T> {
    /// A value that it has without condition.
    pub fn always(value: T) -> Self {
        Self { value, when: When::always() }
    }

    /// The value under one more condition; none where they contradict each other.
    #[must_use]
    pub fn and(self, when: &When) -> Option<Self> {
        let joined = self.when.and(when)?;
        Some(Self { value: self.value, when: joined })
    }

    /// Another value under the same condition.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Choice<U> {
        Choice { value: change(self.value), when: self.when }
    }
}

/// The answer to a yes-or-no question: yes when any of these holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Either(Vec<When>);

impl Either {
    /// Never.
    #[must_use]
    pub fn never() -> Self {
        Self::default()
    }

    /// Always.
    #[must_use]
    pub fn always() -> Self {
        Self(vec![When::always()])
    }

    /// Under one condition.
    #[must_use]
    pub fn when(when: When) -> Self {
        Self(vec![when])
    }

    /// Always or never.
    #[must_use]
    pub fn of(holds: bool) -> Self {
        if holds { Self::always() } else { Self::never() }
    }

    /// One more condition under which it holds.
    pub fn add(&mut self, when: When) {
        if when.is_always() {
            self.0.clear();
        }
        if !self.0.iter().any(When::is_always) && !self.0.contains(&when) {
            self.0.push(when);
        }
    }

    /// Either of both.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        for when in other.0 {
            self.add(when);
        }
        self
    }

    /// Both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut both = Self::never();
        for when in &self.0 {
            for also in &other.0 {
                if let Some(joined) = when.and(also) {
                    both.add(joined);
                }
            }
        }
        both
    }

    /// Whether it holds never, whatever is open.
    #[must_use]
    pub fn is_never(&self) -> bool {
        self.0.is_empty()
    }

    /// The conditions.
    #[must_use]
    pub fn alternatives(&self) -> &[When] {
        &self.0
    }
}

/// What is taken to hold of that which the input leaves open, and a record of what was asked.
#[derive(Debug, Default)]
pub(crate) struct World {
    /// Decided choices.
    assumed: Vec<Guard>,
    /// Whether what is not decided is taken to be such that traffic passes.
    permissive: bool,
    asked: RefCell<BTreeSet<Guard>>,
}

impl World {
    /// The world in which everything that is open lets traffic pass.
    #[must_use]
    pub(crate) fn possible() -> Self {
        Self { permissive: true, ..Self::default() }
    }

    /// The world in which only that which is certain, or assumed, lets traffic pass.
    #[must_use]
    pub(crate) fn certain(assumed: Vec<Guard>) -> Self {
        Self { assumed, ..Self::default() }
    }

    /// Whether something that lets traffic pass is there.
    pub(crate) fn has(&self, when: &When) -> bool {
        when.0.iter().all(|guard| self.holds(guard, self.permissive))
    }

    /// Whether something that stops traffic is there.
    pub(crate) fn threatens(&self, when: &When) -> bool {
        when.0.iter().all(|guard| self.holds(guard, !self.permissive))
    }

    /// Whether the answer is yes, where yes lets traffic pass.
    pub(crate) fn allows(&self, either: &Either) -> bool {
        // All are asked, so that the record is complete.
        let held = either.0.iter().filter(|when| self.has(when));
        held.count() > 0
    }

    fn holds(&self, guard: &Guard, otherwise: bool) -> bool {
        self.asked.borrow_mut().insert(guard.clone());
        match self.assumed.iter().find(|known| known.choice == guard.choice) {
            Some(known) => known.taken == guard.taken,
            None => otherwise,
        }
    }

    /// Whether what is open is taken to let traffic pass.
    #[must_use]
    pub(crate) fn is_permissive(&self) -> bool {
        self.permissive
    }

    /// The guards that were asked for.
    #[must_use]
    pub(crate) fn asked(&self) -> BTreeSet<Guard> {
        self.asked.borrow().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(choice: &str, taken: &str) -> Guard {
        Guard { choice: choice.into(), taken: taken.into(), words: format!("{choice} is {taken}").into() }
    }

    #[test]
    fn contradictions_are_nothing() {
        let prod = When::guard(guard("stage", "prod"));
        let dev = When::guard(guard("stage", "dev"));
        assert_eq!(prod.and(&dev), None);
        assert_eq!(prod.and(&prod), Some(prod.clone()));
        assert!(Either::when(prod).and(&Either::when(dev)).is_never());
    }

    #[test]
    fn worlds_decide_what_is_open() {
        let public = When::guard(guard("public", "true"));
        assert!(World::possible().has(&public) && !World::possible().threatens(&public));
        assert!(!World::certain(Vec::new()).has(&public) && World::certain(Vec::new()).threatens(&public));
        let decided = World::certain(vec![guard("public", "false")]);
        assert!(!decided.has(&public) && !decided.threatens(&public));
        assert_eq!(decided.asked().len(), 1);
    }

    #[test]
    fn what_holds_always_needs_no_other_reason() {
        let mut either = Either::when(When::guard(open("x")));
        either.add(When::always());
        assert_eq!(either, Either::always());
    }
}
