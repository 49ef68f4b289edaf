//! Which known name was probably meant: "did you mean".
//!
//! In: a name that means nothing, and the names that do. Out: the nearest of them, where it is near enough to be a slip of
//! the hand: one edit for every four letters and one more, whatever the case of letters.
//!
//! Invariants: the answer does not depend on the order of the known names: of names as near the one that begins most like what
//! was given is meant, and of those the first of the alphabet. The work of one question is bounded, whatever is given and
//! however many names are known: past a limit no name is suggested. It does not decide what is said where no name is near.

use std::cmp::Reverse;

/// The longest name that is compared, in bytes. Slips of the hand happen in names that people write.
const MAX_LENGTH: usize = 256;

/// Of more known names than this, none is suggested.
const MAX_KNOWN: usize = 1_000;

/// How much is compared for one question: the sum of the products of the lengths of what differs.
const MAX_WORK: usize = 200_000;

/// The known name that is nearest to `given`, where one is near enough to be meant. None where more than a thousand names are
/// known, or too many of them are alike.
#[must_use]
pub fn nearest<'n>(given: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if given.len() > MAX_LENGTH {
        return None;
    }
    let mut known: Vec<&str> = known.into_iter().take(MAX_KNOWN + 1).collect();
    if known.len() > MAX_KNOWN {
        return None;
    }
    nearest_of(given, &mut known)
}

/// As [`nearest`], among names of which there are as many as there are: those of a list of ours, which no input makes longer.
#[must_use]
pub fn nearest_of_fixed<'n>(given: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if given.len() > MAX_LENGTH {
        return None;
    }
    nearest_of(given, &mut known.into_iter().collect())
}

fn nearest_of<'n>(given: &str, known: &mut Vec<&'n str>) -> Option<&'n str> {
    let given: Vec<char> = given.to_lowercase().chars().collect();
    let shape = Shape::of(&given);
    known.retain(|name| name.len() <= MAX_LENGTH);
    let mut near = Vec::new();
    let mut work = 0;
    for name in known {
        let other: Vec<char> = name.to_lowercase().chars().collect();
        let most = 1 + other.len().min(given.len()) / 4;
        if shape.least_edits(&Shape::of(&other)) > most {
            continue;
        }
        let differing = Differing::of(&given, &other);
        work += differing.work();
        near.push((differing, most, *name));
        if work > MAX_WORK {
            return None;
        }
    }
    let rank = |(differing, most, name): &(Differing, usize, &'n str)| {
        let edits = strsim::osa_distance(&differing.given, &differing.other);
        (edits <= *most).then_some((edits, Reverse(differing.alike), *name))
    };
    near.iter().filter_map(rank).min().map(|(.., name)| name)
}

/// How many of each letter a name has, letters sorted into a few drawers.
struct Shape([u16; 32]);

impl Shape {
    fn of(letters: &[char]) -> Self {
        let mut drawers = [0u16; 32];
        for letter in letters {
            let drawer = &mut drawers[(u32::from(*letter) % 32) as usize];
            *drawer = drawer.saturating_add(1);
        }
        Self(drawers)
    }

    /// A number of edits that is needed at least to make one name of the other: each adds one letter and removes one at most.
    fn least_edits(&self, other: &Self) -> usize {
        let pairs = || self.0.iter().zip(&other.0);
        let missing: usize = pairs().map(|(own, other)| usize::from(other.saturating_sub(*own))).sum();
        let extra: usize = pairs().map(|(own, other)| usize::from(own.saturating_sub(*other))).sum();
        missing.max(extra)
    }
}

/// What is left of two names without what they begin and end with alike.
struct Differing {
    given: String,
    other: String,
    /// How many letters they begin with alike.
    alike: usize,
}

impl Differing {
    fn of(given: &[char], other: &[char]) -> Self {
        let alike = given.iter().zip(other).take_while(|(a, b)| a == b).count();
        let (given, other) = (&given[alike..], &other[alike..]);
        let end = given.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
        let middle = |letters: &[char]| letters[..letters.len() - end].iter().collect();
        Self { given: middle(given), other: middle(other), alike }
    }

    fn work(&self) -> usize {
        1 + self.given.len() * self.other.len()
    }
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
    fn what_differs_in_the_middle_is_found() {
        assert_eq!(
            nearest("aws_s3_bukcet_policy", ["aws_s3_bucket_policy", "aws_s3_bucket"]),
            Some("aws_s3_bucket_policy")
        );
        assert_eq!(nearest("abab", ["ababab", "abababab"]), Some("ababab"));
        assert_eq!(nearest("", ["a", "ab"]), Some("a"));
    }

    #[test]
    fn of_very_many_names_and_of_very_long_ones_none_is_suggested() {
        let many: Vec<String> = (0..=MAX_KNOWN).map(|number| format!("input_{number}")).collect();
        let names = || many.iter().map(String::as_str);
        assert_eq!(nearest("imput_7", names().take(MAX_KNOWN)), Some("input_7"));
        assert_eq!(nearest("imput_7", names()), None);
        assert_eq!(nearest_of_fixed("imput_7", names()), Some("input_7"));
        let long = "x".repeat(MAX_LENGTH);
        assert_eq!(nearest(&format!("{long}y"), [&*long]), None);
        // Letters in another order look alike until they are compared.
        let turned: Vec<String> =
            (0..100).map(|at| format!("{}ab{}", "ba".repeat(at), "ba".repeat(100 - at))).collect();
        assert_eq!(nearest(&"ab".repeat(101), turned.iter().map(String::as_str)), None);
    }

    #[test]
    fn it_is_asked_as_a_question() {
        assert_eq!(did_you_mean("sevrity", ["severity"]).as_deref(), Some("did you mean `severity`?"));
        assert_eq!(did_you_mean("colour", ["severity"]), None);
    }
}
