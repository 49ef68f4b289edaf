//! Counts in words.

/// `1 file`, `3 files`; `noun` is a word whose plural takes an s.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}
