//! Filter patterns of CloudWatch Logs for events in JSON: `{ ($.eventName = "A*") && ($.x NOT EXISTS) }`.
//!
//! In: the text of a pattern. Out: a [`Filter`], which says of an event whether it is selected. Patterns for plain or
//! space-delimited text are not read.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>.

use crate::events::{Event, field};

/// How deep parentheses may nest.
const MAX_DEPTH: usize = 64;

/// A pattern.
#[derive(Debug, PartialEq)]
pub(crate) enum Filter {
    /// Both, or all.
    All(Vec<Filter>),
    /// At least one.
    Any(Vec<Filter>),
    /// What is asked of one field.
    Field(String, Test),
}

/// What is asked of a field.
#[derive(Debug, PartialEq)]
pub(crate) enum Test {
    Is(String),
    IsNot(String),
    Exists,
    NotExists,
    /// A comparison of numbers, or of null, which no event is asked about has.
    Other,
}

impl Filter {
    /// Reads a pattern; none where it is none for JSON.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let inner = text.trim();
        if inner.is_empty() {
            // The empty pattern selects everything.
            return Some(Self::All(Vec::new()));
        }
        let inner = inner.strip_prefix('{')?.strip_suffix('}')?;
        let mut reader = Reader { rest: inner };
        let filter = reader.any(0)?;
        reader.rest.trim().is_empty().then_some(filter)
    }

    /// Whether an event is selected.
    pub(crate) fn selects(&self, event: &Event<'_>) -> bool {
        match self {
            Self::All(filters) => filters.iter().all(|filter| filter.selects(event)),
            Self::Any(filters) => filters.iter().any(|filter| filter.selects(event)),
            Self::Field(name, test) => {
                let value = field(event, name);
                match test {
                    Test::Is(wanted) => value.is_some_and(|value| fits(wanted, value)),
                    Test::IsNot(other) => !value.is_some_and(|value| fits(other, value)),
                    Test::Exists => value.is_some(),
                    Test::NotExists => value.is_none(),
                    Test::Other => false,
                }
            }
        }
    }
}

/// Whether a text fits one in which `*` stands for any text.
fn fits(wanted: &str, text: &str) -> bool {
    let mut parts = wanted.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn any(&mut self, depth: usize) -> Option<Filter> {
        let mut filters = vec![self.all(depth)?];
        while self.take("||") {
            filters.push(self.all(depth)?);
        }
        Some(one_or(filters, Filter::Any))
    }

    fn all(&mut self, depth: usize) -> Option<Filter> {
        let mut filters = vec![self.part(depth)?];
        while self.take("&&") {
            filters.push(self.part(depth)?);
        }
        Some(one_or(filters, Filter::All))
    }

    fn part(&mut self, depth: usize) -> Option<Filter> {
        if depth > MAX_DEPTH {
            return None;
        }
        if self.take("(") {
            let inner = self.any(depth + 1)?;
            return self.take(")").then_some(inner);
        }
        self.take("$.").then_some(())?;
        let name = self.word(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '[' | ']'));
        let name = name.replace(['"', '\''], "");
        Some(Filter::Field(name, self.test()?))
    }

    fn test(&mut self) -> Option<Test> {
        if self.take("!=") {
            return self.value().map(Test::IsNot);
        }
        if ["<=", ">=", "<", ">"].iter().any(|operator| self.take(operator)) {
            return self.value().map(|_| Test::Other);
        }
        if self.take("=") {
            return self.value().map(Test::Is);
        }
        let word = self.word(char::is_alphabetic).to_ascii_uppercase();
        match word.as_str() {
            "EXISTS" => Some(Test::Exists),
            "NOT" => (self.word(char::is_alphabetic).eq_ignore_ascii_case("exists")).then_some(Test::NotExists),
            "IS" => match self.word(char::is_alphabetic).to_ascii_uppercase().as_str() {
                "TRUE" => Some(Test::Is("true".into())),
                "FALSE" => Some(Test::Is("false".into())),
                "NULL" => Some(Test::Other),
                _ => None,
            },
            _ => None,
        }
    }

    fn value(&mut self) -> Option<String> {
        if self.take("\"") {
            let (inside, after) = self.rest.split_once('"')?;
            let value = inside.to_owned();
            self.rest = after;
            return Some(value);
        }
        let value = self.word(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '&' | '|' | '"'));
        (!value.is_empty()).then_some(value)
    }

    /// The characters that come next, after white space, as long as they are of one sort.
    fn word(&mut self, is_part: impl Fn(char) -> bool) -> String {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn take(&mut self, sign: &str) -> bool {
        let after = self.rest.trim_start().strip_prefix(sign);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }
}

fn one_or(mut filters: Vec<Filter>, several: impl Fn(Vec<Filter>) -> Filter) -> Filter {
    match filters.pop() {
        Some(only) if filters.is_empty() => only,
        Some(last) => {
            filters.push(last);
            several(filters)
        }
        None => several(filters),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selects(pattern: &str, event: &[(&str, &str)]) -> Option<bool> {
        Filter::parse(pattern).map(|filter| filter.selects(&event.to_vec()))
    }

    #[test]
    fn and_binds_tighter_than_or() {
        let pattern = "{ $.a = 1 || $.b = 2 && ($.c = 3) }";
        assert_eq!(selects(pattern, &[("a", "1")]), Some(true));
        assert_eq!(selects(pattern, &[("b", "2")]), Some(false));
        assert_eq!(selects(pattern, &[("b", "2"), ("c", "3")]), Some(true));
    }

    #[test]
    fn stars_stand_for_any_text() {
        let pattern = r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode="AccessDenied*") }"#;
        assert_eq!(selects(pattern, &[("errorCode", "Client.UnauthorizedOperation")]), Some(true));
        assert_eq!(selects(pattern, &[("errorCode", "AccessDeniedException")]), Some(true));
        assert_eq!(selects(pattern, &[("errorCode", "Throttling")]), Some(false));
    }

    #[test]
    fn fields_that_an_event_has_not_differ_from_everything() {
        let root =
            r#"{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}"#;
        assert_eq!(selects(root, &[("userIdentity.type", "Root")]), Some(true));
        assert_eq!(selects(root, &[("userIdentity.type", "Root"), ("userIdentity.invokedBy", "x")]), Some(false));
        assert_eq!(selects("{ $.a IS TRUE }", &[("a", "true")]), Some(true));
    }

    #[test]
    fn what_is_no_pattern_for_json_is_not_read() {
        for text in ["ERROR", "[a, b]", "{ $.a = }", "{ ($.a = 1 }", "{ $.a LIKE 1 }", &"(".repeat(1000)] {
            assert_eq!(Filter::parse(text), None, "{text}");
        }
        assert_eq!(selects("", &[]), Some(true));
    }
}
