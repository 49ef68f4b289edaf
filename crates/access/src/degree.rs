//! How certainly something is allowed: the four verdicts and how they combine.

use std::sync::Arc;

/// How many reasons are kept.
const MAX_REASONS: usize = 12;

/// Whether somebody may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Certainly not.
    No,
    /// A value that is not known before apply decides.
    Maybe,
    /// Only where the request meets a condition that the code does not decide.
    Conditional,
    /// Certainly.
    Yes,
}

impl Verdict {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Maybe => "maybe",
            Self::Conditional => "conditional",
            Self::Yes => "yes",
        }
    }
}

/// A verdict with what it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Degree {
    pub(crate) verdict: Verdict,
    /// The conditions and unknown values that it depends on, all of which must hold.
    pub(crate) when: Vec<Arc<str>>,
}

impl Degree {
    pub(crate) fn yes() -> Self {
        Self { verdict: Verdict::Yes, when: Vec::new() }
    }

    pub(crate) fn no() -> Self {
        Self { verdict: Verdict::No, when: Vec::new() }
    }

    pub(crate) fn maybe(why: impl Into<Arc<str>>) -> Self {
        Self { verdict: Verdict::Maybe, when: vec![why.into()] }
    }

    pub(crate) fn conditional(what: impl Into<Arc<str>>) -> Self {
        Self { verdict: Verdict::Conditional, when: vec![what.into()] }
    }

    pub(crate) fn known(known: bool) -> Self {
        if known { Self::yes() } else { Self::no() }
    }

    pub(crate) fn is_no(&self) -> bool {
        self.verdict == Verdict::No
    }

    pub(crate) fn is_yes(&self) -> bool {
        self.verdict == Verdict::Yes
    }

    /// Both hold.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.verdict = self.verdict.min(other.verdict);
        if self.is_no() {
            return Self::no();
        }
        for reason in other.when {
            if self.when.len() < MAX_REASONS && !self.when.contains(&reason) {
                self.when.push(reason);
            }
        }
        self
    }

    /// Both hold, where the other is only asked if this may.
    pub(crate) fn and_then(self, other: impl FnOnce() -> Self) -> Self {
        if self.is_no() { self } else { self.and(other()) }
    }

    /// At least one holds: the one that is more certain, and of equals the one that depends on less.
    pub(crate) fn or(self, other: Self) -> Self {
        let rank = |degree: &Self| (degree.verdict, usize::MAX - degree.when.len());
        if rank(&other) > rank(&self) { other } else { self }
    }

    /// It does not hold.
    pub(crate) fn negated(self) -> Self {
        match self.verdict {
            Verdict::Yes => Self::no(),
            Verdict::No => Self::yes(),
            Verdict::Maybe => self,
            Verdict::Conditional => {
                let words = self.when.join(" and ");
                Self::conditional(format!("unless {words}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_denial_depends_on_is_kept() {
        let denied = Degree::conditional("aws:SourceIp is in 10.0.0.0/8");
        let allowed = Degree::yes().and(denied.negated());
        assert_eq!(allowed, Degree::conditional("unless aws:SourceIp is in 10.0.0.0/8"));
        assert_eq!(allowed.and(Degree::maybe("var.x has no value")).verdict, Verdict::Maybe);
    }

    #[test]
    fn the_more_certain_way_is_taken() {
        assert_eq!(Degree::maybe("a").or(Degree::conditional("b")), Degree::conditional("b"));
        assert_eq!(Degree::no().or(Degree::yes()), Degree::yes());
    }
}
