//! What a fact answers: how certainly it holds, and which values make it so.

use terravet_graph::{Truth, Value};

/// How many values are named as the reason at most; a finding shows a handful.
pub const MAX_WITNESSES: usize = 16;

/// The answer to a question about a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Whether it holds.
    pub truth: Truth,
    /// Where it holds, the values that make it hold, the most telling first; where it is unknown, the values that leave
    /// it open. Never more than [`MAX_WITNESSES`].
    pub witness: Vec<Value>,
}

impl Judgement {
    /// Something that does not hold.
    #[must_use]
    pub fn no() -> Self {
        Self { truth: Truth::False, witness: Vec::new() }
    }

    /// This truth, because of `value`.
    #[must_use]
    pub fn of(truth: Truth, value: &Value) -> Self {
        let witness = if truth.is_false() { Vec::new() } else { vec![value.clone()] };
        Self { truth, witness }
    }

    /// Both hold: because of the values of both.
    #[must_use]
    pub fn and(self, other: Judgement) -> Judgement {
        self.joined(other, Truth::and)
    }

    /// As [`Judgement::and`], where the other is only asked if this may hold.
    #[must_use]
    pub fn and_then(self, other: impl FnOnce() -> Judgement) -> Judgement {
        if self.truth.is_false() { Self::no() } else { self.and(other()) }
    }

    /// At least one holds: because of the values of those that do.
    #[must_use]
    pub fn or(self, other: Judgement) -> Judgement {
        self.joined(other, Truth::or)
    }

    /// It does not hold; what could be named for it can not be named against it.
    #[must_use]
    pub fn negated(self) -> Judgement {
        let witness = if self.truth == Truth::Unknown { self.witness } else { Vec::new() };
        Self { truth: !self.truth, witness }
    }

    /// As before, but because of `value` where nothing else can be named.
    #[must_use]
    pub fn blaming(mut self, value: &Value) -> Judgement {
        if self.witness.is_empty() && !self.truth.is_false() {
            self.witness.push(value.clone());
        }
        self
    }

    fn joined(self, other: Judgement, join: impl Fn(Truth, Truth) -> Truth) -> Judgement {
        let truth = join(self.truth, other.truth);
        let mut witness = Vec::new();
        if !truth.is_false() {
            for side in [self, other] {
                // Of a conjunction that is open, only what leaves it open is of interest.
                if side.truth == truth {
                    witness.extend(side.witness);
                }
            }
            witness.truncate(MAX_WITNESSES);
        }
        Judgement { truth, witness }
    }
}

impl From<Truth> for Judgement {
    fn from(truth: Truth) -> Self {
        Self { truth, witness: Vec::new() }
    }
}

impl From<bool> for Judgement {
    fn from(known: bool) -> Self {
        Truth::from(known).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conjunction_names_the_values_of_both_sides() {
        let (a, b) = (Value::string("a"), Value::string("b"));
        let both = Judgement::of(Truth::True, &a).and(Judgement::of(Truth::True, &b));
        assert_eq!(both, Judgement { truth: Truth::True, witness: vec![a, b] });
    }

    #[test]
    fn what_is_open_names_only_what_leaves_it_open() {
        let (a, b) = (Value::string("a"), Value::string("b"));
        let open = Judgement::of(Truth::True, &a).and(Judgement::of(Truth::Unknown, &b));
        assert_eq!(open, Judgement { truth: Truth::Unknown, witness: vec![b] });
    }

    #[test]
    fn what_does_not_hold_names_nothing() {
        let a = Value::string("a");
        assert_eq!(Judgement::of(Truth::True, &a).and(Judgement::no()), Judgement::no());
    }
}
