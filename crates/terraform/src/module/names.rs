//! Which names are allowed.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_letters_digits_underscores_and_dashes() {
        let allowed = ["a", "_x", "größe", "名", "a-b_1"].map(is_identifier);
        let refused = ["", "1a", "-a", "a.b", "a b", "a${1}"].map(is_identifier);
        assert_eq!((allowed, refused), ([true; 5], [false; 6]));
    }
}
