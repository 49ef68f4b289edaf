//! Ranges of releases, as version constraints allow them.
//!
//! In: a constraint as it is written, as in `>= 4.40, < 6`. Out: the first and the last release that it allows. Patch
//! releases are not told apart.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/expressions/version-constraints>.

/// A range of releases, each a number: that of the major version times thousand, and that of the minor version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Releases {
    /// The first that may be meant.
    pub least: u32,
    /// The last that may be meant.
    pub most: u32,
}

/// The greatest number of a minor version that is told from others.
const LAST_MINOR: u32 = 999;

impl Releases {
    /// All that there are.
    pub const ANY: Self = Self { least: 0, most: u32::MAX };

    /// Those within a constraint. A part that is not understood allows any.
    #[must_use]
    pub fn within(constraint: &str) -> Self {
        constraint.split(',').fold(Self::ANY, |within, part| {
            let allowed = Self::of_condition(part.trim()).unwrap_or(Self::ANY);
            Self { least: within.least.max(allowed.least), most: within.most.min(allowed.most) }
        })
    }

    /// Those within a constraint; none where a part of it is not understood.
    #[must_use]
    pub fn parse(constraint: &str) -> Option<Self> {
        let is_understood = constraint.split(',').all(|part| Self::of_condition(part.trim()).is_some());
        is_understood.then(|| Self::within(constraint))
    }

    /// Those that are in both ranges; none where there are none.
    #[must_use]
    pub fn and(self, other: Self) -> Option<Self> {
        let both = Self { least: self.least.max(other.least), most: self.most.min(other.most) };
        (both.least <= both.most).then_some(both)
    }

    fn of_condition(condition: &str) -> Option<Self> {
        let digits = condition.find(|c: char| c.is_ascii_digit() || c == 'v')?;
        let (operator, version) = (condition[..digits].trim(), condition[digits..].trim_start_matches('v'));
        let release = version.split(['-', '+']).next()?;
        let parts: Vec<u32> = release.split('.').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
        let (major, minor) = (*parts.first()?, parts.get(1).copied().unwrap_or(0).min(LAST_MINOR));
        let number = major.checked_mul(LAST_MINOR + 1)?.checked_add(minor)?;
        let is_start = parts.iter().skip(2).all(|patch| *patch == 0);
        let (least, most) = match operator {
            "" | "=" => (number, number),
            // The last part that is written may be greater.
            "~>" if parts.len() > 2 => (number, number),
            "~>" if parts.len() == 2 => (number, number - minor + LAST_MINOR),
            "~>" | ">=" | ">" => (number, u32::MAX),
            "<=" => (0, number),
            "<" if is_start => (0, number.checked_sub(1)?),
            "<" => (0, number),
            _ => return None,
        };
        Some(Self { least, most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_are_ranges_that_join() {
        let range = |least: u32, most: u32| Releases { least, most };
        assert_eq!(Releases::within("~> 5.0"), range(5000, 5999));
        assert_eq!(Releases::within(">= 4.40, < 6"), range(4040, 5999));
        assert_eq!(Releases::within("= 5.100.0"), range(5100, 5100));
        assert_eq!(Releases::parse("<6"), Some(range(0, 5999)));
        assert_eq!(Releases::parse("six"), None);
        assert_eq!(range(0, 5999).and(range(4000, u32::MAX)), Some(range(4000, 5999)));
        assert_eq!(range(0, 5999).and(range(6000, u32::MAX)), None);
    }
}
