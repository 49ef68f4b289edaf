//! Conditions of a statement, held against a request.
//!
//! In: a [`Test`] and a [`Request`]. Out: whether it holds: yes, no, where the request has something that the code does not decide,
//! or where a value turns out to be something. Sources:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html> and, for `ForAllValues`
//! and `ForAnyValue`, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>.
//!
//! A condition that every request meets is vacuous and holds: `StringLike` with `*` on a key that all requests have, all addresses,
//! a day in the past, `IfExists` on a key that the request lacks.

use terravet_graph::Truth;
use terravet_policy::condition::{Comparison, Operator, Quantifier};
use terravet_policy::{Bound, Pattern};

use crate::degree::Degree;
use crate::names::Text;
use crate::request::{Content, Request};
use crate::statement::Test;

/// How many values are named in the words of a condition.
const MAX_SHOWN: usize = 3;

/// Whether the conditions of a statement hold, all of them.
pub(crate) fn hold(tests: &[Test], request: &Request<'_>) -> Degree {
    tests.iter().fold(Degree::yes(), |held, test| held.and_then(|| holds(test, request)))
}

fn holds(test: &Test, request: &Request<'_>) -> Degree {
    let operator = Operator::new(&test.operator);
    let content = request.content(&test.key);
    if operator.comparison == Comparison::Null {
        return is_absent(test, &content);
    }
    match &content {
        Content::Absent => Degree::known(holds_without(operator)),
        Content::Unknown(why) => Degree::maybe(std::sync::Arc::clone(why)),
        Content::Known(text) => compare(test, operator, text, request),
        Content::Open { present } => open(test, operator, *present, request),
    }
}

/// Whether a condition holds for a request that lacks the key.
fn holds_without(operator: Operator) -> bool {
    match operator.quantifier {
        Quantifier::All => true,
        Quantifier::Any => operator.if_exists,
        Quantifier::None => operator.negated || operator.if_exists,
    }
}

/// `Null`: that the key is missing, or that it is there.
fn is_absent(test: &Test, content: &Content) -> Degree {
    let wanted = |text: &'static str| {
        test.values.any(&|_| Bound::Open, &move |pattern| pattern.clone().lower_case().matches(text))
    };
    let absent = match content {
        Content::Absent => Degree::yes(),
        Content::Known(_) | Content::Open { present: true } => Degree::no(),
        Content::Unknown(why) => Degree::maybe(std::sync::Arc::clone(why)),
        Content::Open { present: false } => {
            let wants_absent = wanted("true").is_yes();
            let words = if wants_absent { "is not in the request" } else { "is in the request" };
            return Degree::conditional(format!("{} {words}", test.key));
        }
    };
    let there = absent.clone().negated();
    absent.and(wanted("true")).or(there.and(wanted("false")))
}

/// The condition against what the request has.
fn compare(test: &Test, operator: Operator, text: &Text, request: &Request<'_>) -> Degree {
    let variable = |key: &str| request.variable(key);
    let ignores_case =
        test.operator.to_ascii_lowercase().contains("ignorecase") || operator.comparison == Comparison::Bool;
    let matched = |own: &Pattern| {
        let look = |pattern: &Pattern| matches(operator, pattern, own, ignores_case);
        test.values.any(&variable, &look)
    };
    let mut ways = text.ways.iter().map(matched);
    let Some(first) = ways.next() else { return Degree::known(holds_without(operator)) };
    let why = text.why.clone().unwrap_or_else(|| "a value is not known before apply".into());
    let matched =
        ways.fold(
            first,
            |all, one| {
                if all.verdict == one.verdict { all } else { Degree::maybe(std::sync::Arc::clone(&why)) }
            },
        );
    if operator.negated { matched.negated() } else { matched }
}

fn matches(operator: Operator, pattern: &Pattern, own: &Pattern, ignores_case: bool) -> Truth {
    let (pattern, own) = if ignores_case {
        (pattern.clone().lower_case(), own.clone().lower_case())
    } else {
        (pattern.clone(), own.clone())
    };
    match operator.comparison {
        Comparison::StringEquals | Comparison::Bool => pattern.exact().covers(&own),
        Comparison::StringLike => pattern.covers(&own),
        Comparison::Arn => arn_matches(&pattern, &own),
        Comparison::Address | Comparison::Other | Comparison::Null => match (pattern.literal(), own.literal()) {
            (Some(a), Some(b)) if a == b => Truth::True,
            _ => Truth::Unknown,
        },
    }
}

/// ARNs are compared part by part: a wildcard does not reach across a colon.
fn arn_matches(pattern: &Pattern, own: &Pattern) -> Truth {
    let (wanted, had) = (pattern.split(':', 6), own.split(':', 6));
    if wanted.len() != 6 || had.len() != 6 {
        // What is not spelled out may be a whole ARN.
        return pattern.covers(own);
    }
    wanted.iter().zip(&had).fold(Truth::True, |truth, (wanted, had)| truth.and(wanted.covers(had)))
}

/// The condition where the code does not decide what the request has.
fn open(test: &Test, operator: Operator, present: bool, request: &Request<'_>) -> Degree {
    if matches!(&*test.key.to_ascii_lowercase(), "aws:currenttime" | "aws:epochtime")
        && let Some(degree) = by_day(test, request.today)
    {
        return degree;
    }
    if let Some(why) = &test.values.open {
        return Degree::maybe(std::sync::Arc::clone(why));
    }
    let everything = |pattern: &Pattern| match operator.comparison {
        Comparison::StringLike | Comparison::Arn => every_text(pattern),
        Comparison::Address => Truth::from(pattern.literal().is_some_and(|text| text.ends_with("/0"))),
        _ => Truth::False,
    };
    let vacuous = test.values.any(&|key| request.variable(key), &everything);
    if vacuous.is_yes() {
        let lacking = holds_without(operator);
        return match (operator.negated, present) {
            // Whatever the request has is refused.
            (true, true) => Degree::no(),
            (true, false) if !lacking => Degree::no(),
            (true, false) => Degree::conditional(format!("{} is not in the request", test.key)),
            (false, true) => Degree::yes(),
            (false, false) if lacking => Degree::yes(),
            (false, false) => Degree::conditional(format!("{} is in the request", test.key)),
        };
    }
    Degree::conditional(words(test, operator))
}

fn every_text(pattern: &Pattern) -> Truth {
    let parts = pattern.split(':', 6);
    let every_arn = parts.len() == 6 && parts.iter().skip(2).all(|part| part.is_everything().is_true());
    pattern.is_everything().or(Truth::from(every_arn))
}

/// A condition on the time of the request, by the day. None where it is no comparison of days.
fn by_day(test: &Test, today: &str) -> Option<Degree> {
    let name = test.operator.to_ascii_lowercase();
    let [only] = test.values.certain.as_slice() else { return None };
    let day = day_of(only.shown.as_deref()?)?;
    let (later, past) = (day.as_str() > today, day.as_str() < today);
    if today.is_empty() || !(later || past) {
        return None;
    }
    let greater = name.contains("greaterthan");
    if !greater && !name.contains("lessthan") {
        return None;
    }
    Some(match (greater, later) {
        (true, false) => Degree::yes(),
        (false, false) => Degree::no(),
        (true, true) => Degree::conditional(format!("from {day} on")),
        (false, true) => Degree::conditional(format!("until {day}")),
    })
}

/// The day of a date, or of seconds since 1970.
fn day_of(text: &str) -> Option<String> {
    let date = text.get(..10)?;
    let shaped = date
        .bytes()
        .enumerate()
        .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
    shaped.then(|| date.to_owned())
}

fn words(test: &Test, operator: Operator) -> String {
    let shown = |text: &Text| {
        text.shown.as_deref().map_or_else(|| "a value that is not known before apply".to_owned(), str::to_owned)
    };
    let mut values: Vec<String> = test.values.certain.iter().take(MAX_SHOWN).map(shown).collect();
    if test.values.certain.len() > MAX_SHOWN {
        values.push(format!("{} more", test.values.certain.len() - MAX_SHOWN));
    }
    let values = values.join(" or ");
    let is = match (operator.comparison, operator.negated) {
        (Comparison::StringLike | Comparison::Arn, false) => "matches",
        (Comparison::StringLike | Comparison::Arn, true) => "does not match",
        (Comparison::Address, false) => "is in",
        (Comparison::Address, true) => "is not in",
        (Comparison::Other, _) => return format!("{} {} {values}", test.key, test.operator),
        (_, false) => "is",
        (_, true) => "is not",
    };
    let missing = if operator.if_exists { ", or it is not in the request" } else { "" };
    format!("{} {is} {values}{missing}", test.key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use terravet_policy::Letters;

    #[test]
    fn only_a_negated_condition_or_one_with_if_exists_holds_without_its_key() {
        let holds = |name: &str| holds_without(Operator::new(name));
        assert_eq!(["StringEquals", "StringNotEquals", "StringEqualsIfExists"].map(holds), [false, true, true]);
        assert_eq!(["ForAllValues:StringEquals", "ForAnyValue:StringNotEquals"].map(holds), [true, false]);
    }

    #[test]
    fn a_wildcard_of_an_arn_condition_stays_within_its_part() {
        let arn = |text: &str| Pattern::new(text, Letters::Exact);
        let own = arn("arn:aws:iam::111122223333:role/app");
        assert_eq!(arn_matches(&arn("arn:aws:iam::*:role/a*"), &own), Truth::True);
        let other = arn("arn:aws:iam::111122223333:user/x:role/app");
        assert_eq!(arn_matches(&arn("arn:aws:*::*:role/app"), &other), Truth::False);
    }
}
