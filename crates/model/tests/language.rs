//! What each operator means, in three values; what is refused, and where.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use support::{World, text_at, world};
use terravet_model::{Condition, Verdict};

const KINDS: &str = "
x.bucket:
  doc: A bucket.
  terraform: aws_bucket
  identity: { terraform: name }
  attributes:
    on: { doc: A switch., type: bool, terraform: on, default: false }
    acl: { doc: The canned list., type: string, terraform: acl, default: private }
    name: { doc: Its name., type: string, terraform: name }
    size: { doc: Its size., type: number, terraform: size }
    tags: { doc: Its tags., type: list of string, terraform: tags }
    logging: { doc: Where logs go., type: any, terraform: logging }
    encryption.algorithm: { doc: The algorithm., type: string, terraform: encryption.algorithm }
    encryption.key: { doc: The key., type: string, terraform: encryption.key }
    target: { doc: The bucket for logs., type: x.bucket, terraform: logging.target }
    rules: { doc: The rules in it., type: list of x.rule, same_resource: true }
    others: { doc: All buckets., type: list of x.bucket, all: true }
    protocol: { doc: A protocol., type: string, terraform: protocol }
    from_port: { doc: A port., type: number, terraform: from_port }
    to_port: { doc: A port., type: number, terraform: to_port }
    allows_port: { type: bool, computed: allows_port }
    address: { type: string, computed: address }
x.rule:
  doc: A rule.
  terraform: { type: aws_bucket, at: rule }
  attributes:
    port: { doc: The port., type: number, terraform: port }
    sources: { doc: The sources., type: list of string, terraform: sources }
";

/// The verdict on each bucket of a text.
fn verdicts(condition: &str, resources: &str) -> Vec<Verdict> {
    let world = world(KINDS, resources);
    let model = world.model();
    let kind = world.schema.kind("x.bucket").unwrap();
    let condition = Condition::parse(condition, kind, &world.schema).unwrap();
    model.subjects(kind).iter().map(|subject| condition.check(&model, subject, &[]).verdict).collect()
}

/// The verdict on the bucket with these attributes.
fn verdict(condition: &str, body: &str) -> Verdict {
    verdicts(condition, &format!("aws_bucket.b: {body}")).remove(0)
}

fn assert_all(verdict_of: Verdict, body: &str, conditions: &[&str]) {
    for condition in conditions {
        assert_eq!(verdict(condition, body), verdict_of, "{condition} on {body}");
    }
}

#[test]
fn known_values_decide() {
    let body = "{ on: true, acl: Public-Read, size: 7, tags: [a, b], encryption: { algorithm: AES256 } }";
    assert_all(
        Verdict::True,
        body,
        &[
            "on",
            "acl != \"private\"",
            "acl.lowerAscii() == 'public-read'",
            "acl.startsWith('Public') && acl.endsWith('Read') && acl.contains('-')",
            "acl.matches('^[A-Z]')",
            "size > 6 && size >= 7 && size < 8 && size <= 7 && size == 7 && size != 8",
            "size > 6.5",
            "size == -1 || size in [1, 7]",
            "'a' in tags",
            "size(tags) == 2 && tags.size() == 2",
            "tags.exists(tag, tag == 'b') && tags.all(tag, tag != 'c')",
            "size(tags.filter(tag, tag.startsWith('a'))) == 1",
            "on ? acl == 'Public-Read' : false",
            "has(encryption.algorithm) && !has(encryption.key) && has(acl)",
            "name == null && encryption.algorithm != null",
        ],
    );
    assert_all(
        Verdict::False,
        body,
        &["!on", "'c' in tags", "tags.exists(tag, tag == 'c')", "tags.all(tag, tag == 'a')", "name.contains('a')"],
    );
}

#[test]
fn what_is_not_written_is_its_default_and_not_there() {
    assert_all(
        Verdict::True,
        "{}",
        &[
            "!on",
            "acl == 'private'",
            "!has(acl)",
            "!has(on)",
            "size == null",
            "size(tags) == 0",
            "tags.all(tag, false)",
        ],
    );
    assert_all(Verdict::False, "{}", &["size > 0", "size <= 0", "tags.exists(tag, true)", "'a' in tags"]);
    assert_all(Verdict::True, "{ acl: ~ }", &["!has(acl)", "acl == 'private'"]);
}

#[test]
fn what_is_unknown_is_unknown_unless_the_rest_decides() {
    let body = "{ on: !unknown var.on, acl: !unknown var.acl, tags: [a, !unknown var.tag], size: !unknown var.size }";
    assert_all(
        Verdict::Unknown,
        body,
        &[
            "on",
            "!on",
            "acl == 'x'",
            "has(acl)",
            "size > 1",
            "'b' in tags",
            "size(tags) == 2",
            "size(tags) > 1",
            "tags.all(tag, tag == 'a')",
            "on ? true : false",
            "on && true",
            "on || false",
        ],
    );
    assert_all(
        Verdict::True,
        body,
        &[
            "on || true",
            "'a' in tags",
            "tags.exists(tag, tag == 'a')",
            "on ? true : true",
            "has(tags)",
            "size(tags) > 0",
            "size(tags) != 0",
        ],
    );
    assert_all(Verdict::False, body, &["on && false", "tags.all(tag, tag == 'b')", "on ? false : false"]);
}

#[test]
fn a_reference_is_there_even_if_its_value_is_not_known() {
    assert_eq!(verdict("has(encryption.key)", "{ encryption: { key: !ref aws_kms_key.k.arn } }"), Verdict::True);
    assert_eq!(verdict("encryption.key == null", "{ encryption: { key: !ref aws_kms_key.k.arn } }"), Verdict::False);
}

#[test]
fn parts_of_a_value_of_any_type_are_looked_into() {
    assert_all(
        Verdict::True,
        "{ logging: [{ target: logs, prefix: a/ }] }",
        &["has(logging)", "has(logging.target)", "logging.prefix == 'a/'", "!has(logging.format)"],
    );
    assert_all(Verdict::False, "{}", &["has(logging)", "has(logging.target)"]);
    assert_all(Verdict::Unknown, "{ logging: !unknown var.logging }", &["has(logging)", "logging.target == 'a'"]);
}

#[test]
fn other_subjects_are_followed() {
    let resources = "
aws_bucket.a: { logging: { target: !ref aws_bucket.logs.id } }
aws_bucket.logs: { name: logs, acl: log-delivery-write }
aws_bucket.c: { logging: { target: !unknown var.target } }
";
    assert_eq!(
        verdicts("target.acl == 'log-delivery-write'", resources),
        [Verdict::True, Verdict::False, Verdict::Unknown]
    );
    assert_eq!(verdicts("has(target)", resources), [Verdict::True, Verdict::False, Verdict::Unknown]);
    assert_eq!(verdicts("target == null", resources), [Verdict::False, Verdict::True, Verdict::Unknown]);
    assert_eq!(verdicts("others.exists(other, other.name == 'logs')", resources)[0], Verdict::True);
}

#[test]
fn loops_nest_and_see_what_is_around_them() {
    let body = "{ tags: ['10.0.0.0/8'], rule: [{ port: 1, sources: ['10.0.0.0/8'] }, { port: 2, sources: [x, y] }] }";
    assert_all(
        Verdict::True,
        body,
        &[
            "rules.exists(rule, rule.port == 2 && rule.sources.exists(source, source == 'y'))",
            "rules.exists(rule, rule.sources.all(source, source in tags))",
            "size(rules.filter(rule, rule.port > 1)) == 1",
            "rules.filter(rule, rule.port > 1).exists(rule, 'x' in rule.sources)",
        ],
    );
}

/// The message and the text from the place on.
fn refusal(condition: &str) -> (String, String) {
    let world = world(KINDS, "{}");
    let kind = world.schema.kind("x.bucket").unwrap();
    let error = Condition::parse(condition, kind, &world.schema).unwrap_err();
    (error.message, condition[error.offset..].to_owned())
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    let cases = [
        ("on && acll == 'x'", "x.bucket has no attribute `acll`; did you mean `acl`?", "acll == 'x'"),
        (
            "on && encryption.algoritm == 'x'",
            "x.bucket has no attribute `encryption.algoritm`; did you mean `encryption.algorithm`?",
            "encryption.algoritm == 'x'",
        ),
        ("rules.exists(rule, rule.prt == 1)", "x.rule has no attribute `prt`; did you mean `port`?", "rule.prt == 1)"),
        ("on || acl", "this is text, where a bool is needed", "acl"),
        ("acl", "this is text, where a bool is needed", "acl"),
        ("acl == 5", "this is a number, where text is needed", "5"),
        ("acl < 'b'", "this is text, where a number is needed", "acl < 'b'"),
        ("'a' in acl", "this is text, where a list is needed", "acl"),
        ("acl in ['a', 1]", "this is a number, where text is needed", "1]"),
        ("acl.exists(x, true)", "a list is needed to loop over; this is text", "acl.exists(x, true)"),
        ("size.foo == 1", "`foo` is asked of something that is a number and has no parts", "size.foo == 1"),
        ("acl.startWith('a')", "there is no method `startWith` of text; did you mean `startsWith`?", "('a')"),
        (
            "acl.matches('(')",
            "this is no regular expression: regex parse error:\n    (\n    ^\nerror: unclosed group",
            "'(')",
        ),
        ("tags.map(tag, tag) == tags", "only exists, all and filter can loop", "(tag, tag) == tags"),
        ("allows_port('tcp')", "the fact allows_port takes 2 arguments, not 1", "('tcp')"),
        ("allows_port('tcp', size)", "the arguments of allows_port must be literals", "size)"),
        ("allows_port", "the fact allows_port takes arguments", "allows_port"),
        (
            "alows_port('tcp', 22)",
            "there is no function or fact `alows_port` of x.bucket; did you mean `allows_port`?",
            "('tcp', 22)",
        ),
        (
            "hardcoded('acl')",
            "there is no function or fact `hardcoded` of x.bucket; to offer it, the kind needs `hardcoded: { computed: hardcoded }`",
            "('acl')",
        ),
        ("size + 1 == 2", "a condition has no operator +", "+ 1 == 2"),
        ("on == {}", "maps and structs have no use in a condition", "{}"),
        ("has('x')", "has() takes the name of an attribute", "'x')"),
        ("on &&", "the condition is not CEL: mismatched input '<EOF>' expecting expression", ""),
        ("on = true", "the condition is not CEL: mismatched input '=' expecting <EOF>", "= true"),
    ];
    for (condition, message, place) in cases {
        assert_eq!(refusal(condition), (message.to_owned(), place.to_owned()), "{condition}");
    }
}

#[test]
fn a_condition_has_a_greatest_length() {
    let long = format!("on || {}", "on || ".repeat(2000)) + "on";
    assert_eq!(refusal(&long).0, "the condition has 12008 bytes, more than the limit of 10000");
    // Deep nesting is the parser's to refuse.
    assert!(refusal(&format!("{}on{}", "!(".repeat(2000), ")".repeat(2000))).0.starts_with("the condition is not CEL"));
}

/// The texts of the places that the evidence of a verdict shows.
fn evidence(condition: &str, body: &str) -> Vec<String> {
    let world = world(KINDS, &format!("aws_bucket.b: {body}"));
    let model = world.model();
    let kind = world.schema.kind("x.bucket").unwrap();
    let condition = Condition::parse(condition, kind, &world.schema).unwrap();
    let judgement = condition.check(&model, &model.subjects(kind)[0], &[]);
    judgement.evidence.iter().filter_map(|value| Some(text_at(&world, value.span()?).to_owned())).collect()
}

#[test]
fn the_evidence_is_what_made_it_so_in_the_order_of_the_condition() {
    assert_eq!(evidence("acl == 'public' && on", "{ on: true, acl: public }"), ["public", "true"]);
    assert_eq!(evidence("acl == 'public' || on", "{ on: true, acl: private }"), ["true"]);
    assert_eq!(evidence("'b' in tags", "{ tags: [a, b] }"), ["b"]);
    assert_eq!(evidence("tags.exists(tag, tag == 'b')", "{ tags: [a, b] }"), ["b"]);
    assert_eq!(evidence("rules.exists(rule, rule.port == 2)", "{ rule: [{ port: 1 }, { port: 2 }] }"), ["2"]);
    // What is absent shows where it would be written.
    assert_eq!(evidence("!has(encryption.key)", "{ encryption: {algorithm: x}}"), ["{algorithm: x}"]);
    assert_eq!(evidence("!has(encryption.key)", "{}"), ["aws_bucket.b"]);
}

#[test]
fn a_message_shows_what_attributes_are_worth() {
    let texts = |body: &str| -> Vec<String> {
        let World { schema, graph, .. } = &world(KINDS, &format!("aws_bucket.b: {body}"));
        let model = terravet_model::Model::new(schema, terravet_aws::catalog(), graph, terravet_schema::Day::default());
        let kind = schema.kind("x.bucket").unwrap();
        let condition = Condition::parse("true", kind, schema).unwrap();
        let judgement = condition.check(&model, &model.subjects(kind)[0], &["acl", "size", "tags", "name", "address"]);
        judgement.texts.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        texts("{ size: 7, tags: [a, b], name: !unknown var.name }"),
        ["private", "7", "a, b", "(known after apply)", "aws_bucket.b"]
    );
    assert_eq!(texts("{}"), ["private", "(not set)", "(not set)", "(not set)", "aws_bucket.b"]);
}
