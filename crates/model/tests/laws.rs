//! Laws: judging never fails, and the connectives are Kleene's.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use proptest::prelude::*;
use support::world;
use terravet_model::{Condition, Verdict};

const KINDS: &str = "
x.thing:
  doc: A thing.
  terraform: aws_thing
  attributes:
    a: { doc: A switch., type: bool, terraform: a, default: false }
    b: { doc: A switch., type: bool, terraform: b, default: true }
    text: { doc: A text., type: string, terraform: text }
    number: { doc: A number., type: number, terraform: number }
    list: { doc: A list., type: list of string, terraform: [list, more] }
    any: { doc: Anything., type: any, terraform: any }
    others: { doc: All., type: list of x.thing, all: true }
    sources: { doc: Sources., type: list of string, terraform: [list, more] }
    user_data: { doc: A script., type: string, terraform: text }
    open_to_world: { type: bool, computed: open_to_world }
    user_data_text: { type: string, computed: user_data_text }
";

/// A value as YAML.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("true".to_owned()),
        Just("~".to_owned()),
        Just("!unknown var.x".to_owned()),
        Just("!ref aws_thing.t.id".to_owned()),
        (-3i64..70_000).prop_map(|number| number.to_string()),
        "[a-z]{1,5}".prop_map(|text| format!("'{text}'")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|items| format!("[{}]", items.join(", "))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{{ x: {a}, y: {b} }}")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("!one_of {{ choice: var.c, one: {a}, two: {b} }}")),
        ]
    })
}

/// A condition, mostly well typed.
fn condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("a"),
        Just("b"),
        Just("has(any.x)"),
        Just("any.x.y == 'q'"),
        Just("text == 'abc'"),
        Just("text.startsWith('a')"),
        Just("number > 1"),
        Just("'a' in list"),
        Just("size(list) == 1"),
        Just("list.exists(item, item.contains('b'))"),
        Just("others.all(other, other.a || has(other.text))"),
        Just("open_to_world"),
        Just("user_data_text != null"),
        Just("any"),
    ]
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 16, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| format!("!({inner})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
        ]
    })
}

/// The verdict on the only thing of a text.
fn verdict(condition: &str, resources: &str) -> Verdict {
    let world = world(KINDS, resources);
    let model = world.model();
    let kind = world.schema.kind("x.thing").unwrap();
    let condition = Condition::parse(condition, kind, &world.schema).unwrap();
    condition.check(&model, &model.subjects(kind)[0], &["text", "list", "any", "others"]).verdict
}

fn thing(a: &str, text: &str, list: &str, any: &str) -> String {
    format!("aws_thing.t: {{ a: {a}, b: {text}, text: {text}, number: {a}, list: {list}, more: {any}, any: {any} }}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn judging_never_fails(condition in condition(), a in value(), text in value(), list in value(), any in value()) {
        let _ = verdict(&condition, &thing(&a, &text, &list, &any));
    }

    #[test]
    fn the_same_input_gives_the_same_verdict(condition in condition(), a in value(), text in value()) {
        let resources = thing(&a, &text, &a, &text);
        prop_assert_eq!(verdict(&condition, &resources), verdict(&condition, &resources));
    }

    #[test]
    fn negation_swaps_true_and_false(condition in condition(), a in value(), text in value()) {
        let resources = thing(&a, &text, &a, &text);
        let negated = match verdict(&condition, &resources) {
            Verdict::True => Verdict::False,
            Verdict::False => Verdict::True,
            // Which worlds are bad turns round as well.
            _ => return Ok(()),
        };
        prop_assert_eq!(verdict(&format!("!({condition})"), &resources), negated);
    }

    #[test]
    fn connectives_are_dual(x in condition(), y in condition(), a in value(), text in value()) {
        let resources = thing(&a, &text, &a, &text);
        let and = verdict(&format!("({x}) && ({y})"), &resources);
        let by_or = verdict(&format!("!(!({x}) || !({y}))"), &resources);
        prop_assert_eq!(and, by_or);
    }
}

#[test]
fn the_tables_are_kleenes() {
    let values = [("true", "a"), ("false", "a"), ("!unknown var.a", "a")];
    let name = |value: &str| match value {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    };
    let verdict_of = |truth: Option<bool>| match truth {
        Some(true) => Verdict::True,
        Some(false) => Verdict::False,
        None => Verdict::Unknown,
    };
    for (a, _) in values {
        for (b, _) in values {
            let resources = format!("aws_thing.t: {{ a: {a}, b: {b} }}");
            let (x, y) = (name(a), name(b));
            let and = if x == Some(false) || y == Some(false) { Some(false) } else { x.zip(y).map(|(x, y)| x && y) };
            let or = if x == Some(true) || y == Some(true) { Some(true) } else { x.zip(y).map(|(x, y)| x || y) };
            assert_eq!(verdict("a && b", &resources), verdict_of(and), "{a} && {b}");
            assert_eq!(verdict("a || b", &resources), verdict_of(or), "{a} || {b}");
            assert_eq!(verdict("!a", &resources), verdict_of(x.map(|x| !x)), "!{a}");
        }
    }
}
