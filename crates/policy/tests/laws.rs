//! Laws of matching, and that nothing panics.

mod support;

use std::sync::Arc;

use proptest::prelude::*;
use support::*;
use terravet_graph::{Content, Truth, Type, Value, Why};
use terravet_policy::facts::{DOCUMENT_FACTS, DOCUMENT_FACTS_ABOUT, STATEMENT_FACTS, STATEMENT_FACTS_ABOUT};
use terravet_policy::{Letters, Pattern, STATEMENT_ATTRIBUTES, complexity, read};

/// The plain definition of wildcard matching.
fn matches_plainly(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=text.len()).any(|at| matches_plainly(rest, &text[at..])),
        ([b'?', rest @ ..], [_, text @ ..]) => matches_plainly(rest, text),
        ([a, rest @ ..], [b, text @ ..]) => a == b && matches_plainly(rest, text),
        _ => false,
    }
}

fn exact(text: &str) -> Pattern {
    Pattern::new(text, Letters::Exact)
}

proptest! {
    #[test]
    fn matching_is_as_defined(pattern in "[ab:*?]{0,8}", text in "[ab:]{0,8}") {
        prop_assert_eq!(exact(&pattern).matches(&text), Truth::from(matches_plainly(pattern.as_bytes(), text.as_bytes())));
    }

    #[test]
    fn what_covers_matches_all_that_is_covered(wide in "[ab*?]{0,6}", narrow in "[ab*?]{0,6}", text in "[ab]{0,6}") {
        if exact(&wide).covers(&exact(&narrow)).is_true() && exact(&narrow).matches(&text).is_true() {
            prop_assert_eq!(exact(&wide).matches(&text), Truth::True);
        }
    }

    #[test]
    fn what_matches_both_overlaps(a in "[ab*?]{0,6}", b in "[ab*?]{0,6}", text in "[ab]{0,6}") {
        if exact(&a).matches(&text).and(exact(&b).matches(&text)).is_true() {
            prop_assert_eq!(exact(&a).overlaps(&exact(&b)), Truth::True);
        }
        prop_assert_eq!(exact(&a).overlaps(&exact(&b)), exact(&b).overlaps(&exact(&a)));
    }

    #[test]
    fn covering_is_reflexive_and_everything_covers(pattern in "[ab:*?]{0,8}") {
        prop_assert_eq!(exact(&pattern).covers(&exact(&pattern)), Truth::True);
        prop_assert_eq!(exact("*").covers(&exact(&pattern)), Truth::True);
    }

    /// Whatever is certain of text with an unknown part holds for every text in its place.
    #[test]
    fn what_is_certain_holds_whatever_the_hole_is(
        head in "[ab*]{0,3}", tail in "[ab*]{0,3}", filling in "[ab*?]{0,4}", text in "[ab]{0,6}", other in "[ab*?]{0,5}",
    ) {
        let open = Pattern::of(&text_of(vec![Value::string(head.as_str()), input("x"), Value::string(tail.as_str())]),
            Letters::Exact).unwrap();
        let filled = exact(&format!("{head}{filling}{tail}"));
        for (certain, real) in [
            (open.matches(&text), filled.matches(&text)),
            (open.covers(&exact(&other)), filled.covers(&exact(&other))),
            (exact(&other).covers(&open), exact(&other).covers(&filled)),
            (open.overlaps(&exact(&other)), filled.overlaps(&exact(&other))),
            (open.is_everything(), filled.is_everything()),
        ] {
            prop_assert!(certain == Truth::Unknown || certain == real, "{certain:?} but {real:?}");
        }
    }

    #[test]
    fn nothing_panics_on_any_text(text in "\\PC{0,64}") {
        judge_everything(&Value::string(text));
    }

    #[test]
    fn nothing_panics_on_any_value(value in any_value()) {
        judge_everything(&value);
    }
}

/// Values that resemble policies enough to get far.
fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "(\\*|s3:\\*|arn:aws:iam::[0-9*]{0,12}:role/\\*|Allow|Deny|true|repo:[a-z*]{0,3}/x|o-a|\\$\\{aws:username\\}|0\\.0\\.0\\.0/[0-9])",
        "\\PC{0,12}",
    ];
    let leaf = prop_oneof![
        4 => text.prop_map(Value::string),
        1 => any::<bool>().prop_map(Value::bool),
        1 => any::<i64>().prop_map(Value::number),
        1 => Just(Value::null()),
        1 => Just(input("var.x")),
        1 => Just(own_account()),
        1 => Just(computed("aws_iam_role.r", "arn")),
        1 => Just(Value::unknown(Why::Computed, Type::Any)),
    ];
    let key = prop_oneof![
        8 => proptest::sample::select(vec![
            "Statement", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition",
            "AWS", "Service", "Federated", "StringLike", "Bool", "IpAddress", "ArnLike", "Null", "aws:SourceIp",
            "aws:SourceArn", "sts:ExternalId", "token.actions.githubusercontent.com:sub", "aws:SecureTransport",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,6}",
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            4 => proptest::collection::btree_map(key.clone(), inner.clone(), 0..6)
                .prop_map(|map| Value::object(map.into_iter().map(|(name, value)| (Arc::from(name), value)))),
            2 => proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::tuple),
            1 => proptest::collection::vec(inner.clone(), 2..4).prop_map(one_of),
            1 => proptest::collection::vec(inner.clone(), 0..4).prop_map(text_of),
            1 => inner.prop_map(|value| input("json").with_content(Content::Json(value))),
        ]
    })
}

fn judge_everything(value: &Value) {
    for document in read(value).documents {
        for fact in DOCUMENT_FACTS {
            let judgement = (fact.judge)(&document);
            assert!(!judgement.truth.is_false() || judgement.witness.is_empty(), "{}", fact.name);
        }
        for fact in DOCUMENT_FACTS_ABOUT {
            (fact.judge)(&document, "s3:Get*");
        }
        let _ = complexity(&document);
        for statement in document.statements.iter() {
            for fact in STATEMENT_FACTS {
                let judgement = (fact.judge)(statement);
                assert!(!judgement.truth.is_true() || !judgement.witness.is_empty(), "{} names nothing", fact.name);
            }
            for fact in STATEMENT_FACTS_ABOUT {
                (fact.judge)(statement, "iam:*");
            }
            for attribute in STATEMENT_ATTRIBUTES {
                (attribute.read)(statement);
            }
        }
    }
}

#[test]
fn no_pattern_takes_exponential_time() {
    let pattern = exact(&"*a".repeat(1000));
    assert_eq!(pattern.matches(&"a".repeat(999)), Truth::False);
    assert_eq!(pattern.matches(&"a".repeat(1000)), Truth::True);
    // Past the limit nothing is said.
    assert_eq!(exact(&"*a".repeat(10_000)).matches(&"b".repeat(10_000)), Truth::False);
    assert_eq!(exact(&"*a".repeat(10_000)).matches(&"a".repeat(9_999)), Truth::Unknown);
}

#[test]
fn names_of_facts_are_unique() {
    let mut names: Vec<&str> = STATEMENT_FACTS.iter().map(|fact| fact.name).collect();
    names.extend(STATEMENT_FACTS_ABOUT.iter().map(|fact| fact.name));
    names.extend(STATEMENT_ATTRIBUTES.iter().map(|attribute| attribute.name));
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
