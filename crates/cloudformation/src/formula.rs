//! Conditions that the input leaves open, as formulas over choices.
//!
//! A *choice* is one open thing with finitely many ways to turn out: a parameter with `AllowedValues`, a parameter without
//! value as far as conditions compare it with constants, or a comparison that cannot be looked into. Two
//! conditions on one choice thereby stay correlated, and `A or not A` is known to hold.
//!
//! Formulas are decided by trying choice after choice. Each choice that does not settle a formula makes it smaller, so
//! thirty independent conditions take thirty steps; formulas that would take more than [`MAX_STEPS`] stay undecided.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Guard, Truth};

/// How many partial assignments are looked at for one decision.
const MAX_STEPS: usize = 4096;
/// The most ways in which a condition is told apart by its choices; one with more is told apart by its name.
pub(crate) const MAX_PATHS: usize = 16;

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Formula {
    /// Decided.
    Known(bool),
    /// A choice is taken this way.
    Taken(Arc<str>, Arc<str>),
    /// Does not hold.
    Not(Arc<Formula>),
    /// All hold.
    And(Arc<[Formula]>),
    /// At least one holds.
    Or(Arc<[Formula]>),
}

impl Formula {
    /// The negation.
    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Known(value) => Self::Known(!value),
            Self::Not(inner) => (*inner).clone(),
            other => Self::Not(Arc::new(other)),
        }
    }

    /// All of these.
    pub(crate) fn all(parts: impl IntoIterator<Item = Formula>) -> Self {
        let mut open: Vec<Formula> = Vec::new();
        for part in parts {
            match part {
                Self::Known(true) => {}
                Self::Known(false) => return Self::Known(false),
                other if open.contains(&other) => {}
                other => open.push(other),
            }
        }
        match open.len() {
            0 => Self::Known(true),
            1 => open.remove(0),
            _ => Self::And(open.into()),
        }
    }

    /// At least one of these.
    pub(crate) fn any(parts: impl IntoIterator<Item = Formula>) -> Self {
        let mut open: Vec<Formula> = Vec::new();
        for part in parts {
            match part {
                Self::Known(false) => {}
                Self::Known(true) => return Self::Known(true),
                other if open.contains(&other) => {}
                other => open.push(other),
            }
        }
        match open.len() {
            0 => Self::Known(false),
            1 => open.remove(0),
            _ => Self::Or(open.into()),
        }
    }

    /// What the guards of a candidate say.
    pub(crate) fn of_guards(guards: &[Guard]) -> Self {
        Self::all(guards.iter().map(|guard| Self::Taken(Arc::clone(&guard.choice), Arc::clone(&guard.taken))))
    }

    /// Whether it depends on a choice.
    pub(crate) fn mentions(&self, choice: &str) -> bool {
        match self {
            Self::Known(_) => false,
            Self::Taken(other, _) => **other == *choice,
            Self::Not(inner) => inner.mentions(choice),
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.mentions(choice)),
        }
    }

    /// A choice that it depends on, the first that is written.
    fn first_choice(&self) -> Option<&Arc<str>> {
        match self {
            Self::Known(_) => None,
            Self::Taken(choice, _) => Some(choice),
            Self::Not(inner) => inner.first_choice(),
            Self::And(parts) | Self::Or(parts) => parts.iter().find_map(Self::first_choice),
        }
    }

    /// What is left of it when a choice is taken one way.
    fn given(&self, choice: &str, taken: &str) -> Self {
        match self {
            Self::Known(value) => Self::Known(*value),
            Self::Taken(other, way) if **other == *choice => Self::Known(**way == *taken),
            Self::Taken(..) => self.clone(),
            Self::Not(inner) => inner.given(choice, taken).negated(),
            Self::And(parts) => Self::all(parts.iter().map(|part| part.given(choice, taken))),
            Self::Or(parts) => Self::any(parts.iter().map(|part| part.given(choice, taken))),
        }
    }
}

/// One way in which a choice may turn out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Way {
    /// What tells it from the others.
    pub(crate) taken: Arc<str>,
    /// In words: `Environment is "dev"`.
    pub(crate) words: Arc<str>,
}

/// What is open, with all its ways.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choices {
    ways: BTreeMap<Arc<str>, Vec<Way>>,
}

impl Choices {
    /// Declares a choice; the first declaration stays.
    pub(crate) fn declare(&mut self, choice: &Arc<str>, ways: Vec<Way>) {
        self.ways.entry(Arc::clone(choice)).or_insert(ways);
    }

    /// Adds a way to a choice, unless it is there.
    pub(crate) fn add(&mut self, choice: &Arc<str>, way: Way) {
        let ways = self.ways.entry(Arc::clone(choice)).or_default();
        if !ways.iter().any(|known| known.taken == way.taken) {
            ways.push(way);
        }
    }

    /// These together with those of others, which are different things.
    pub(crate) fn with(&self, others: &Self) -> Self {
        let mut all = self.clone();
        for (choice, ways) in &others.ways {
            all.declare(choice, ways.clone());
        }
        all
    }

    /// Sets a way of a choice, in place of the one that it is called like.
    pub(crate) fn set(&mut self, choice: &Arc<str>, way: Way) {
        let ways = self.ways.entry(Arc::clone(choice)).or_default();
        match ways.iter_mut().find(|known| known.taken == way.taken) {
            Some(known) => *known = way,
            None => ways.push(way),
        }
    }

    /// All choices.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.ways.keys()
    }

    /// The ways of a choice.
    pub(crate) fn ways(&self, choice: &str) -> &[Way] {
        self.ways.get(choice).map_or(&[], Vec::as_slice)
    }

    /// The guard that says that a choice is taken one way.
    pub(crate) fn guard(&self, choice: &Arc<str>, way: &Way) -> Guard {
        Guard { choice: Arc::clone(choice), taken: Arc::clone(&way.taken), words: Arc::clone(&way.words) }
    }

    /// Whether a formula holds whatever is chosen, never, or only sometimes (or cannot be told in time).
    pub(crate) fn decide(&self, formula: &Formula) -> Truth {
        let mut search = Search { choices: self, steps: 0, seen: [false, false] };
        search.look(formula);
        match (search.seen, search.steps > MAX_STEPS) {
            (_, true) | ([true, true], _) => Truth::Unknown,
            ([_, can_hold], _) => can_hold.into(),
        }
    }

    /// All combinations of choices that settle a formula, with what it then is; none where there are too many.
    pub(crate) fn paths(&self, formula: &Formula) -> Option<Vec<(Vec<Guard>, bool)>> {
        let mut found = Vec::new();
        self.collect(formula, &mut Vec::new(), &mut found).then_some(found)
    }

    fn collect(&self, formula: &Formula, way_here: &mut Vec<Guard>, found: &mut Vec<(Vec<Guard>, bool)>) -> bool {
        if found.len() >= MAX_PATHS {
            return false;
        }
        let Some(choice) = formula.first_choice() else {
            let mut guards = way_here.clone();
            guards.sort();
            found.push((guards, *formula == Formula::Known(true)));
            return true;
        };
        self.ways(choice).iter().all(|way| {
            way_here.push(self.guard(choice, way));
            let complete = self.collect(&formula.given(choice, &way.taken), way_here, found);
            way_here.pop();
            complete
        })
    }
}

struct Search<'c> {
    choices: &'c Choices,
    steps: usize,
    /// Whether it has been seen not to hold, and to hold.
    seen: [bool; 2],
}

impl Search<'_> {
    fn look(&mut self, formula: &Formula) {
        self.steps += 1;
        if self.steps > MAX_STEPS || self.seen == [true, true] {
            return;
        }
        let Some(choice) = formula.first_choice() else {
            self.seen[usize::from(*formula == Formula::Known(true))] = true;
            return;
        };
        for way in self.choices.ways(choice) {
            self.look(&formula.given(choice, &way.taken));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(count: usize) -> Choices {
        let mut choices = Choices::default();
        for number in 0..count {
            let ways =
                ["a", "b"].map(|taken| Way { taken: taken.into(), words: format!("{number} is {taken}").into() });
            choices.declare(&name(number), ways.to_vec());
        }
        choices
    }

    fn name(number: usize) -> Arc<str> {
        format!("c{number:02}").into()
    }

    fn is_a(number: usize) -> Formula {
        Formula::Taken(name(number), "a".into())
    }

    #[test]
    fn tautologies_and_contradictions_are_decided() {
        let choices = choices(2);
        let either = Formula::any([is_a(0), is_a(0).negated()]);
        assert_eq!(choices.decide(&either), Truth::True);
        let both = Formula::all([is_a(0), Formula::any([is_a(0).negated(), Formula::Known(false)])]);
        assert_eq!(choices.decide(&both), Truth::False);
        assert_eq!(choices.decide(&Formula::all([is_a(0), is_a(1)])), Truth::Unknown);
        let ways = Formula::any([is_a(0), Formula::Taken(name(0), "b".into())]);
        assert_eq!(choices.decide(&ways), Truth::True, "a choice is taken one of its ways");
    }

    #[test]
    fn thirty_independent_choices_take_few_steps() {
        let choices = choices(30);
        let all = Formula::all((0..30).map(is_a));
        let mut search = Search { choices: &choices, steps: 0, seen: [false, false] };
        search.look(&all);
        assert_eq!((search.seen, search.steps < 100), ([true, true], true));
        assert_eq!(choices.paths(&all), None, "too many ways to list");
    }

    #[test]
    fn paths_say_when_it_holds() {
        let choices = choices(2);
        let words: Vec<(String, bool)> = choices
            .paths(&Formula::all([is_a(0), is_a(1)]))
            .unwrap()
            .into_iter()
            .map(|(guards, holds)| (guards.iter().map(|guard| &*guard.words).collect::<Vec<_>>().join(", "), holds))
            .collect();
        let expected = [("0 is a, 1 is a", true), ("0 is a, 1 is b", false), ("0 is b", false)];
        assert_eq!(words, expected.map(|(words, holds)| (words.to_owned(), holds)));
    }
}
