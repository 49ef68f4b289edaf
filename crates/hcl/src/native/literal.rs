//! The escapes of quoted strings.

use super::parser::{Parse, SyntaxError};

/// The character that the backslash at `offset` stands for, and the length of the escape in bytes.
/// <https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences>
pub(super) fn escape(text: &str, offset: usize) -> Parse<(char, usize)> {
    let character = match text.as_bytes().get(offset + 1) {
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'u') => return unicode(text, offset, 4),
        Some(b'U') => return unicode(text, offset, 8),
        _ => {
            let length = text[offset + 1..].chars().next().filter(|next| *next != '\n').map_or(0, char::len_utf8);
            let range = offset..offset + 1 + length;
            let message = format!("`{}` is no escape sequence", text[range.clone()].escape_debug());
            return Err(SyntaxError::new(range, message).help(r"write `\\` for a backslash"));
        }
    };
    Ok((character, 2))
}

/// `\u` or `\U` with this many hexadecimal digits.
fn unicode(text: &str, offset: usize, digits: usize) -> Parse<(char, usize)> {
    let start = offset + 2;
    let count = text.as_bytes()[start..].iter().take(digits).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let range = offset..start + count;
    let fail = |what: String| SyntaxError::new(range.clone(), format!("`{}` {what}", &text[range.clone()]));
    if count != digits {
        return Err(fail(format!("is no escape sequence: {digits} hexadecimal digits belong here")));
    }
    let code = u32::from_str_radix(&text[start..start + count], 16).ok().and_then(char::from_u32);
    code.map(|character| (character, 2 + digits)).ok_or_else(|| fail("is no Unicode character".to_owned()))
}
