//! All the ways in which the open values of the input may turn out, looked at one by one.
//!
//! Evaluation itself is straight: whenever it meets an open value it asks which candidate that is in this world. The first
//! run takes the first candidate everywhere; each further run takes the next untried combination, like an
//! odometer whose wheels appear as they are needed. Candidates whose guards contradict what is assumed already are
//! never taken, so correlated choices agree.

use std::cell::{Cell, RefCell};

use terravet_graph::{Candidate, Guard, Truth, Unknown, Value};
use terravet_schema::{Expression, Kind};

use crate::condition::{Checked, Verdict, text_of};
use crate::evaluate::Evaluator;
use crate::model::Model;
use crate::subject::Subject;
use crate::view::{Choices, View};

/// The number of worlds that are looked at; with more, what has not been seen counts as unknown.
pub const MAX_WORLDS: usize = 64;

/// One world, as far as it has been decided.
struct World {
    assumed: RefCell<Vec<Guard>>,
    /// For each open value met: the candidate taken, of how many.
    wheels: RefCell<Vec<(usize, usize)>>,
    met: Cell<usize>,
}

impl World {
    fn restart(&self, given: &[Guard]) {
        *self.assumed.borrow_mut() = given.to_vec();
        self.met.set(0);
    }

    /// Turns to the next untried combination; false when all have been tried.
    fn advance(&self) -> bool {
        let mut wheels = self.wheels.borrow_mut();
        wheels.truncate(self.met.get());
        while let Some((taken, of)) = wheels.pop() {
            if taken + 1 < of {
                wheels.push((taken + 1, of));
                return true;
            }
        }
        false
    }
}

impl Choices for World {
    fn choose(&self, unknown: &Unknown) -> Option<Value> {
        let assumed = self.assumed.borrow().clone();
        let possible: Vec<(&Candidate, Vec<Guard>)> = unknown
            .candidates
            .iter()
            .filter_map(|candidate| Some((candidate, Candidate::join(&assumed, &candidate.when)?)))
            .collect();
        if possible.is_empty() {
            return None;
        }
        let mut wheels = self.wheels.borrow_mut();
        let at = self.met.get();
        self.met.set(at + 1);
        if wheels.len() == at {
            wheels.push((0, possible.len()));
        }
        let (candidate, guards) = possible.get(wheels[at].0)?;
        *self.assumed.borrow_mut() = guards.clone();
        Some(candidate.value.clone())
    }
}

/// Checks a subject in every world.
pub(crate) fn check(
    expression: &Expression,
    model: &Model<'_>,
    kind: &Kind,
    subject: &Subject,
    attributes: &[&str],
) -> Checked {
    let world = World { assumed: RefCell::default(), wheels: RefCell::default(), met: Cell::new(0) };
    let mut bad: Vec<Vec<Guard>> = Vec::new();
    let (mut evidence, mut texts) = (Vec::new(), Vec::new());
    let (mut all_bad, mut any_unknown) = (true, false);
    for run in 0.. {
        if run == MAX_WORLDS {
            (all_bad, any_unknown) = (false, true);
            break;
        }
        world.restart(&subject.when);
        let view = View::new(model, &world);
        let outcome = Evaluator::new(&view, kind, subject).check(expression);
        match outcome.truth() {
            Truth::True => {
                if bad.is_empty() {
                    evidence = outcome.evidence;
                    texts = attributes.iter().map(|name| text_of(&view, subject, kind, name)).collect();
                }
                bad.push(world.assumed.borrow().clone());
            }
            Truth::Unknown => (all_bad, any_unknown) = (false, true),
            Truth::False => all_bad = false,
        }
        if !world.advance() {
            break;
        }
    }
    let verdict = match (bad.is_empty(), all_bad, any_unknown) {
        (false, true, _) if subject.when.is_empty() => Verdict::True,
        (false, ..) => Verdict::Possible(bad),
        (true, _, true) => Verdict::Unknown,
        (true, _, false) => Verdict::False,
    };
    Checked { verdict, evidence, texts }
}
