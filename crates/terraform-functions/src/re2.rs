//! Patterns in the syntax of RE2, said in that of the `regex` crate.
//!
//! Both match alike; they differ in what they take for syntax. In: a pattern as Terraform has it
//! (<https://developer.hashicorp.com/terraform/language/functions/regex>, <https://pkg.go.dev/regexp/syntax>). Out: a
//! pattern that matches the same, or what is wrong with it. Whatever has a meaning of its own in the other syntax
//! (classes within classes, `&&`, Unicode's digits) is written out, and what only that has (`(?x)`, `a**`) is refused.

use std::fmt::Write as _;

/// How often something can be repeated at most.
const MAX_REPEAT: u32 = 1000;

/// The same pattern for the `regex` crate.
///
/// # Errors
/// What is wrong with the pattern, as RE2 puts it.
pub(crate) fn translate(pattern: &str) -> Result<String, String> {
    let mut translator = Translator { rest: pattern, out: String::with_capacity(pattern.len() + 16), flags: None };
    let mut after_repeat = false;
    while let Some(character) = translator.peek() {
        let flags = translator.flags.take();
        if matches!(character, '*' | '+' | '?' | '{') {
            translator.flags = flags;
        }
        after_repeat = translator.item(character, after_repeat)?;
    }
    Ok(translator.out)
}

struct Translator<'p> {
    rest: &'p str,
    out: String,
    /// Where the flags begin that were set just now: what is repeated stands before them.
    flags: Option<usize>,
}

/// ASCII classes by their name within `[:` and `:]`.
const POSIX: [(&str, &str); 14] = [
    ("alnum", r"0-9A-Za-z"),
    ("alpha", r"A-Za-z"),
    ("ascii", r"\x00-\x7F"),
    ("blank", r"\t\x20"),
    ("cntrl", r"\x00-\x1F\x7F"),
    ("digit", r"0-9"),
    ("graph", r"\x21-\x7E"),
    ("lower", r"a-z"),
    ("print", r"\x20-\x7E"),
    ("punct", r"\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E"),
    ("space", r"\t\n\x0B\x0C\r\x20"),
    ("upper", r"A-Z"),
    ("word", r"0-9A-Za-z_"),
    ("xdigit", r"0-9A-Fa-f"),
];

/// The content of the class that a letter after a backslash stands for. Of ASCII only, as RE2 has it.
fn perl_class(letter: char) -> Option<&'static str> {
    match letter.to_ascii_lowercase() {
        'd' => Some(r"0-9"),
        's' => Some(r"\t\n\x0C\r\x20"),
        'w' => Some(r"0-9A-Za-z_"),
        _ => None,
    }
}

impl Translator<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    fn take(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A character that stands for itself.
    fn literal(&mut self, character: char) {
        if character.is_ascii_alphanumeric() || !character.is_ascii() {
            self.out.push(character);
        } else {
            let _ = write!(self.out, "\\x{:02X}", u32::from(character));
        }
    }

    /// One item of the pattern; tells whether it is a repetition.
    fn item(&mut self, character: char, after_repeat: bool) -> Result<bool, String> {
        match character {
            '*' | '+' | '?' => {
                self.next();
                self.repeat(&character.to_string(), after_repeat)?;
                return Ok(true);
            }
            '{' => {
                if let Some(repeat) = self.counted_repeat()? {
                    self.repeat(&repeat, after_repeat)?;
                    return Ok(true);
                }
                self.next();
                self.literal('{');
            }
            '\\' => self.escape_outside()?,
            '[' => self.class()?,
            '(' => self.group()?,
            '.' | '|' | ')' | '^' | '$' => {
                self.next();
                self.out.push(character);
            }
            other => {
                self.next();
                self.literal(other);
            }
        }
        Ok(false)
    }

    /// A repetition, greedy or with `?` lazy. Two in a row are an error.
    fn repeat(&mut self, operator: &str, after_repeat: bool) -> Result<(), String> {
        let lazy = if self.take("?") { "?" } else { "" };
        if after_repeat {
            return Err(format!("invalid nested repetition operator: `{operator}{lazy}`"));
        }
        let place = self.flags.unwrap_or(self.out.len());
        self.out.insert_str(place, &format!("{operator}{lazy}"));
        Ok(())
    }

    /// `{2}`, `{2,}` or `{2,3}`; none where the brace is only a brace.
    fn counted_repeat(&mut self) -> Result<Option<String>, String> {
        let Some((inner, after)) = self.rest[1..].split_once('}') else { return Ok(None) };
        let (least, most) = inner.split_once(',').map_or((inner, None), |(least, most)| (least, Some(most)));
        let is_number = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_digit())
                && (text.len() == 1 || !text.starts_with('0'))
        };
        if !is_number(least) || !most.is_none_or(|most| most.is_empty() || is_number(most)) {
            return Ok(None);
        }
        let bound = |text: &str| text.parse::<u32>().ok().filter(|count| *count <= MAX_REPEAT);
        let refused = || format!("invalid repeat count: `{{{inner}}}`");
        let lower = bound(least).ok_or_else(refused)?;
        if let Some(most) = most.filter(|most| !most.is_empty())
            && bound(most).is_none_or(|upper| upper < lower)
        {
            return Err(refused());
        }
        self.rest = after;
        Ok(Some(format!("{{{inner}}}")))
    }

    /// A backslash and what follows, outside of a class.
    fn escape_outside(&mut self) -> Result<(), String> {
        let letter = self.rest[1..].chars().next().ok_or("trailing backslash at end of expression")?;
        match letter {
            'A' | 'z' => {
                self.rest = &self.rest[2..];
                self.out.push('\\');
                self.out.push(letter);
            }
            'b' | 'B' => {
                self.rest = &self.rest[2..];
                let _ = write!(self.out, "(?-u:\\{letter})");
            }
            'Q' => {
                let (literal, after) = self.rest[2..].split_once("\\E").unwrap_or((&self.rest[2..], ""));
                self.rest = after;
                for character in literal.chars() {
                    self.literal(character);
                }
            }
            _ => {
                if !self.escaped_class(false)? {
                    let character = self.escaped_character()?;
                    self.code_point(character);
                }
            }
        }
        Ok(())
    }

    fn code_point(&mut self, character: char) {
        let _ = write!(self.out, "\\x{{{:X}}}", u32::from(character));
    }

    /// `\d`, `\pL` and the like, if one stands here.
    fn escaped_class(&mut self, in_class: bool) -> Result<bool, String> {
        let Some(letter) = self.rest[1..].chars().next() else { return Ok(false) };
        if let Some(content) = perl_class(letter) {
            self.rest = &self.rest[2..];
            let negation = if letter.is_ascii_uppercase() { "^" } else { "" };
            let _ = match (in_class, negation) {
                (true, "") => write!(self.out, "{content}"),
                _ => write!(self.out, "[{negation}{content}]"),
            };
            return Ok(true);
        }
        if !matches!(letter, 'p' | 'P') {
            return Ok(false);
        }
        let start = self.rest;
        self.rest = &self.rest[2..];
        let name = if self.take("{") {
            let (name, after) =
                self.rest.split_once('}').ok_or_else(|| format!("invalid character class range: `{start}`"))?;
            self.rest = after;
            name
        } else {
            let length = self.peek().map_or(0, char::len_utf8);
            let (name, after) = self.rest.split_at(length);
            self.rest = after;
            name
        };
        let (negated, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
        if name.is_empty() || !name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_') {
            return Err(format!("invalid character class range: `{}`", &start[..start.len() - self.rest.len()]));
        }
        let letter = if negated == (letter == 'P') { 'p' } else { 'P' };
        let _ = write!(self.out, "\\{letter}{{{name}}}");
        Ok(true)
    }

    /// The character that an escape stands for.
    fn escaped_character(&mut self) -> Result<char, String> {
        let start = self.rest;
        let refused = |length: usize| format!("invalid escape sequence: `{}`", start.get(..length).unwrap_or(start));
        self.next();
        let letter = self.next().ok_or("trailing backslash at end of expression")?;
        let code = match letter {
            '0'..='7' => {
                let octal = |character: Option<char>| character.and_then(|character| character.to_digit(8));
                // A single digit other than zero would be a reference to a group, which RE2 does not have.
                if letter != '0' && octal(self.peek()).is_none() {
                    return Err(refused(2));
                }
                let mut code = octal(Some(letter)).unwrap_or(0);
                for _ in 0..2 {
                    let Some(digit) = octal(self.peek()) else { break };
                    self.next();
                    code = code * 8 + digit;
                }
                code
            }
            'x' => {
                let digits = if self.take("{") {
                    let (digits, after) = self.rest.split_once('}').ok_or_else(|| refused(3))?;
                    self.rest = after;
                    digits
                } else {
                    let digits = self.rest.get(..2).ok_or_else(|| refused(2))?;
                    self.rest = &self.rest[2..];
                    digits
                };
                let is_hexadecimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                u32::from_str_radix(digits, 16).ok().filter(|_| is_hexadecimal).ok_or_else(|| refused(4))?
            }
            'a' => 0x07,
            'f' => 0x0c,
            'n' => 0x0a,
            'r' => 0x0d,
            't' => 0x09,
            'v' => 0x0b,
            plain if plain.is_ascii() && !plain.is_ascii_alphanumeric() => u32::from(plain),
            other => return Err(refused(1 + other.len_utf8())),
        };
        char::from_u32(code).ok_or_else(|| refused(start.len() - self.rest.len()))
    }

    /// `[...]`.
    fn class(&mut self) -> Result<(), String> {
        let start = self.rest;
        self.next();
        self.out.push('[');
        if self.take("^") {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            if !first && self.take("]") {
                self.out.push(']');
                return Ok(());
            }
            first = false;
            if self.rest.is_empty() {
                return Err(format!("missing closing ]: `{start}`"));
            }
            if self.posix_class()? || (self.rest.starts_with('\\') && self.escaped_class(true)?) {
                continue;
            }
            self.range()?;
        }
    }

    /// `[:alpha:]`, if one stands here.
    fn posix_class(&mut self) -> Result<bool, String> {
        let Some((name, after)) = self.rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) else {
            return Ok(false);
        };
        let (negation, plain) = name.strip_prefix('^').map_or(("", name), |plain| ("^", plain));
        let Some((_, content)) = POSIX.iter().find(|(known, _)| *known == plain) else {
            return Err(format!("invalid character class range: `[:{name}:]`"));
        };
        self.rest = after;
        let _ = write!(self.out, "[{negation}{content}]");
        Ok(true)
    }

    /// One character of a class, or a range of them.
    fn range(&mut self) -> Result<(), String> {
        let start = self.rest;
        let low = self.class_character()?;
        self.code_point(low);
        let ends = self.rest.strip_prefix('-').is_none_or(|after| after.starts_with(']') || after.is_empty());
        if ends {
            return Ok(());
        }
        self.next();
        let high = self.class_character()?;
        if high < low {
            return Err(format!("invalid character class range: `{}`", &start[..start.len() - self.rest.len()]));
        }
        self.out.push('-');
        self.code_point(high);
        Ok(())
    }

    fn class_character(&mut self) -> Result<char, String> {
        match self.peek() {
            Some('\\') => self.escaped_character(),
            Some(_) => Ok(self.next().unwrap_or_default()),
            None => Err("missing closing ]".into()),
        }
    }

    /// The beginning of a group: with a name, with flags, or plain.
    fn group(&mut self) -> Result<(), String> {
        let start = self.rest;
        self.next();
        if !self.take("?") {
            self.out.push('(');
            return Ok(());
        }
        if self.take("P<") || (!self.rest.starts_with("<=") && !self.rest.starts_with("<!") && self.take("<")) {
            let name = self.rest.split_once('>').map(|(name, after)| {
                self.rest = after;
                name
            });
            let valid =
                |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let name = name.filter(valid).ok_or_else(|| format!("invalid named capture: `{start}`"))?;
            let _ = write!(self.out, "(?P<{name}>");
            return Ok(());
        }
        let (mut flags, mut negated, mut any) = (String::new(), false, false);
        loop {
            match self.next() {
                Some(flag @ ('i' | 'm' | 's' | 'U')) => {
                    flags.push(flag);
                    any = true;
                }
                Some('-') if !negated => {
                    flags.push('-');
                    (negated, any) = (true, false);
                }
                Some(end @ (')' | ':')) if any || !negated => {
                    if end == ')' {
                        self.flags = Some(self.out.len());
                    }
                    if !(flags.is_empty() && end == ')') {
                        let _ = write!(self.out, "(?{flags}{end}");
                    }
                    return Ok(());
                }
                _ => {
                    let length = start.len() - self.rest.len();
                    return Err(format!("invalid or unsupported Perl syntax: `{}`", &start[..length]));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn what_the_other_syntax_reads_differently_is_written_out() {
        let translated = |pattern: &str| translate(pattern).unwrap();
        assert_eq!(translated(r"\d\s"), r"[0-9][\t\n\x0C\r\x20]");
        assert_eq!(translated("a{b"), r"a\x7Bb");
        assert_eq!(translated("a{2,3}?"), "a{2,3}?");
        assert_eq!(translated("[[a&&b]"), r"[\x{5B}\x{61}\x{26}\x{26}\x{62}]");
        assert_eq!(translated("[]a-c]"), r"[\x{5D}\x{61}-\x{63}]");
        assert_eq!(translated(r"\Qa.b\E+"), r"a\x2Eb+");
        assert_eq!(translated("(?P<n>x)(?i:y)"), "(?P<n>x)(?i:y)");
        assert_eq!(translated("a(?i)*"), "a*(?i)");
    }

    #[test]
    fn what_only_the_other_syntax_has_is_refused() {
        for pattern in ["a**", "(?x)a", r"\1", r"\e", "a{1001}", "[z-a]", "[a", r"\", "(?=a)", r"\é", "[[:foo:]]"] {
            assert!(translate(pattern).is_err(), "{pattern}");
        }
    }
}
