//! Which known name was probably meant: "did you mean".
//!
//! In: a name that means nothing, and the names that do. Out: the nearest of them, where it is near enough to be a slip of
//! the hand: one edit for every four letters and one more, whatever the case of letters.
//!
//! Invariant: the answer does not depend on the order of the known names: of names as near the one that begins most like what
//! was given is meant, and of those the first of the alphabet. It does not decide what is said where no name is near.

use std::cmp::Reverse;

/// The known name that is nearest to `given`, where one is near enough to be meant.
#[must_use]
pub fn nearest<'n>(given: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let lower = given.to_lowercase();
    let letters = given.chars().count();
    let rank = |name: &'n str| {
        let other = name.to_lowercase();
        let alike = lower.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
        (strsim::osa_distance(&lower, &other), Reverse(alike), name)
    };
    known
        .into_iter()
        .map(rank)
        .filter(|(edits, _, name)| *edits <= 1 + name.chars().count().min(letters) / 4)
        .min()
        .map(|(.., name)| name)
}

/// The question whether the nearest name was meant, where one is near enough.
#[must_use]
pub fn did_you_mean<'n>(given: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    nearest(given, known).map(|name| format!("did you mean `{name}`?"))
}

/// The question whether the nearest name was meant, or else what there is to do.
#[must_use]
pub fn did_you_mean_or<'n>(given: &str, known: impl IntoIterator<Item = &'n str>, otherwise: &str) -> String {
    did_you_mean(given, known).unwrap_or_else(|| otherwise.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised() {
        assert_eq!(nearest("Buket", ["Bucket", "Queue"]), Some("Bucket"));
        assert_eq!(nearest("environment", ["Environment"]), Some("Environment"));
        assert_eq!(nearest("Topic", ["Bucket", "Queue"]), None);
        assert_eq!(nearest("größe", ["grösse", "weite"]), Some("grösse"));
    }

    #[test]
    fn of_names_as_near_the_one_that_begins_alike_is_meant() {
        assert_eq!(nearest("CKV_AWS_2444", ["CKV_AWS_144", "CKV_AWS_24"]), Some("CKV_AWS_24"));
        assert_eq!(nearest("ab", ["ad", "ac"]), Some("ac"));
        assert_eq!(nearest("ab", ["ac", "ad"]), Some("ac"));
    }

    #[test]
    fn it_is_asked_as_a_question() {
        assert_eq!(did_you_mean("sevrity", ["severity"]).as_deref(), Some("did you mean `severity`?"));
        assert_eq!(did_you_mean("colour", ["severity"]), None);
    }
}
