//! Names: which are allowed, and which one was probably meant.

/// Whether `name` can name a resource, variable or local: a letter or underscore, then letters, digits, underscores and
/// dashes.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-') || is_mark(letter))
}

/// Whether a character continues an identifier in Unicode though it is no letter: combining marks, as in decomposed text.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}' | '\u{203f}' | '\u{2040}')
}

/// The candidate that is most like `name`, if one is like it at all.
pub(crate) fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_letters_digits_underscores_and_dashes() {
        let allowed = ["a", "_x", "größe", "名", "a-b_1"].map(is_identifier);
        let refused = ["", "1a", "-a", "a.b", "a b", "a${1}"].map(is_identifier);
        assert_eq!((allowed, refused), ([true; 5], [false; 6]));
    }

    #[test]
    fn a_typing_mistake_is_recognised() {
        assert_eq!(closest("resorce", ["resource", "data", "variable"]), Some("resource"));
        assert_eq!(closest("nothing", ["resource", "data", "variable"]), None);
    }
}
