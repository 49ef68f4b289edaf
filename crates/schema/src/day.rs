//! Days, as conditions compare them.

use std::fmt;

/// A day of the calendar. As a value it is a number, year, month and day in a row (20301231), so that days compare as numbers do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(u32);

impl Day {
    /// Reads `2026-12-01`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let part = |range: std::ops::Range<usize>| {
            let digits = text.get(range).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
            digits.parse::<u32>().ok()
        };
        if text.len() != 10 || text.get(4..5) != Some("-") || text.get(7..8) != Some("-") {
            return None;
        }
        let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
        let is_day = (1..=12).contains(&month) && (1..=31).contains(&day);
        is_day.then_some(Self(year * 10_000 + month * 100 + day))
    }

    /// The number that it is as a value.
    #[must_use]
    pub fn number(self) -> i64 {
        i64::from(self.0)
    }

    /// The day that a number is.
    #[must_use]
    pub fn of_number(number: i64) -> Option<Self> {
        let day = u32::try_from(number).ok().filter(|day| (10_000..100_000_000).contains(day))?;
        Some(Self(day))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0 / 10_000, self.0 / 100 % 100, self.0 % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_numbers_that_compare() {
        let day = Day::parse("2030-12-31").unwrap();
        assert_eq!((day.number(), day.to_string()), (20_301_231, "2030-12-31".to_owned()));
        assert!(Day::parse("2026-12-01") < Day::parse("2027-01-01"));
        for text in ["2026-13-01", "2026-00-01", "2026-12-32", "2026-1-1", "26-12-01", "2026/12/01", "+026-12-01", ""] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}
