//! Values that are one of several: true in every world is true, in some is possible.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use support::world;
use terravet_model::{Condition, MAX_WORLDS, Verdict};

const KINDS: &str = "
x.bucket:
  doc: A bucket.
  terraform: aws_bucket
  attributes:
    on: { doc: A switch., type: bool, terraform: on, default: false }
    acl: { doc: The canned list., type: string, terraform: acl, default: private }
    key: { doc: The key., type: string, terraform: key }
x.rule:
  doc: A rule.
  terraform: { type: aws_bucket, at: rule }
  attributes:
    port: { doc: The port., type: number, terraform: port }
";

/// The verdict in words: for possible ones, what each bad world assumes.
fn verdict_on(kind: &str, condition: &str, body: &str) -> String {
    let world = world(KINDS, &format!("aws_bucket.b: {body}"));
    let model = world.model();
    let kind = world.schema.kind(kind).unwrap();
    let condition = Condition::parse(condition, kind, &world.schema).unwrap();
    let words = |verdict: Verdict| match verdict {
        Verdict::Possible(worlds) => {
            let of_world = |world: &Vec<terravet_graph::Guard>| {
                world.iter().map(|guard| guard.words.to_string()).collect::<Vec<_>>().join(" and ")
            };
            format!("when {}", worlds.iter().map(of_world).collect::<Vec<_>>().join(", or "))
        }
        other => format!("{other:?}"),
    };
    let judged = model.subjects(kind).iter().map(|subject| words(condition.check(&model, subject, &[]).verdict));
    judged.collect::<Vec<_>>().join("; ")
}

fn verdict(condition: &str, body: &str) -> String {
    verdict_on("x.bucket", condition, body)
}

#[test]
fn bad_in_every_world_is_certain() {
    let body = "{ acl: !one_of { choice: var.env, dev: public-read, prod: public-read-write } }";
    assert_eq!(verdict("acl.startsWith('public')", body), "True");
    assert_eq!(verdict("acl == 'private'", body), "False");
}

#[test]
fn bad_in_some_worlds_is_possible_and_names_them() {
    let body = "{ acl: !one_of { choice: var.env, dev: public-read, test: private, prod: website } }";
    assert_eq!(verdict("acl.startsWith('public')", body), "when var.env is dev");
    assert_eq!(verdict("acl != 'private'", body), "when var.env is dev, or var.env is prod");
}

#[test]
fn equal_choices_agree() {
    let body = "{ acl: !one_of { choice: var.env, dev: public, prod: private }, on: !one_of { choice: var.env, dev: false, prod: true } }";
    assert_eq!(verdict("acl == 'public' && on", body), "False");
    assert_eq!(verdict("acl == 'public' && !on", body), "when var.env is dev");
    assert_eq!(verdict("acl == 'public' || on", body), "True");
}

#[test]
fn different_choices_combine() {
    let body =
        "{ acl: !one_of { choice: var.a, x: public, y: private }, on: !one_of { choice: var.b, x: true, y: false } }";
    assert_eq!(verdict("acl == 'public' && on", body), "when var.a is x and var.b is x");
    assert_eq!(verdict("acl == 'public' || on", body), "when var.a is x, or var.a is y and var.b is x");
}

#[test]
fn an_unknown_in_some_world_is_not_certain() {
    let body = "{ acl: !one_of { choice: var.env, dev: public, prod: !unknown var.acl } }";
    assert_eq!(verdict("acl == 'public'", body), "when var.env is dev");
    assert_eq!(verdict("acl == 'other'", body), "Unknown");
}

#[test]
fn a_choice_between_something_and_nothing() {
    let body = "{ key: !one_of { choice: var.encrypt, yes: mine, no: ~ } }";
    assert_eq!(verdict("!has(key)", body), "when var.encrypt is no");
}

#[test]
fn a_part_that_is_there_in_some_worlds_is_possible() {
    let body = "{ rule: !one_of { choice: var.open, yes: [{ port: 22 }], no: [] } }";
    assert_eq!(verdict_on("x.rule", "port == 22", body), "when var.open is yes");
}

#[test]
fn too_many_worlds_are_not_all_looked_at() {
    let ways = |choice: &str| {
        let ways: Vec<String> = (0..20).map(|way| format!("w{way}: v{way}")).collect();
        format!("!one_of {{ choice: {choice}, {} }}", ways.join(", "))
    };
    let body = format!("{{ acl: {}, key: {} }}", ways("var.a"), ways("var.b"));
    const { assert!(20 * 20 > MAX_WORLDS) };
    assert_eq!(verdict("acl == 'none' && key == 'none'", &body), "False");
    assert_eq!(verdict("acl != 'none' && key == 'none'", &body), "Unknown");
    assert!(verdict("acl != 'none' && key != 'none'", &body).starts_with("when "));
}
