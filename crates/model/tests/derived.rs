//! Derived attributes and tables: conditions over other attributes, and look-ups of what moves with time.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;
use std::sync::Arc;

use support::world_with_tables;
use terravet_model::{Condition, Verdict};
use terravet_schema::Schema;
use terravet_source::{Memory, Sources};

const KINDS: &str = "
x.function:
  doc: A function.
  terraform: aws_function
  attributes:
    runtime: { doc: The runtime., type: string, terraform: runtime }
    engine: { doc: The engine., type: string, terraform: engine }
    version: { doc: Its version., type: string, terraform: version }
    layers: { doc: Its layers., type: list of x.layer, terraform: layers }
    deprecated: { doc: Whether it has ended., condition: 'tables.runtimes[runtime].ended <= today' }
    stale: { doc: Whether it or a layer is., condition: 'deprecated || layers.exists(layer, layer.deprecated)' }
x.layer:
  doc: A layer.
  terraform: aws_layer
  attributes:
    runtime: { doc: The runtime., type: string, terraform: runtime }
    deprecated: { doc: Whether it has ended., condition: 'tables.runtimes[runtime].ended <= today' }
";

const RUNTIMES: &str = "
doc: Runtimes.
source: https://example.com/runtimes
checked: 2026-12-01
keys: [runtime]
columns:
  ended: { type: date, doc: When it ended. }
  language: { type: string, doc: Its language. }
entries:
  python3.9: { ended: 2025-12-15, language: python }
  python3.13: { ended: 2029-06-30, language: python }
  node: {}
";

const VERSIONS: &str = "
doc: Versions of engines.
source: https://example.com/versions
checked: 2026-12-01
keys: [engine, version]
matching: version
columns:
  extended: { type: bool, doc: Whether support costs extra. }
entries:
  mysql: { '5.7': { extended: true }, '8.0': { extended: false } }
  postgres: { '11': { extended: true } }
";

const FAMILIES: &str = "
doc: Families.
source: https://example.com/families
checked: 2026-12-01
keys: [family]
matching: prefix
entries: [t2, t3]
";

const TABLES: &[(&str, &str)] = &[("runtimes", RUNTIMES), ("versions", VERSIONS), ("families", FAMILIES)];

/// The verdict on the function with these attributes, and the text of the evidence.
fn check(condition: &str, body: &str) -> (Verdict, Vec<String>) {
    let world = world_with_tables(KINDS, TABLES, &format!("aws_function.f: {body}"));
    let model = world.model();
    let kind = world.schema.kind("x.function").unwrap();
    let condition = Condition::parse(condition, kind, &world.schema).unwrap();
    let checked = condition.check(&model, &model.subjects(kind)[0], &[]);
    let evidence = checked.evidence.iter().filter_map(|value| value.as_str().map(str::to_owned));
    (checked.verdict, evidence.collect())
}

fn refused(condition: &str) -> String {
    let world = world_with_tables(KINDS, TABLES, "{}");
    let kind = world.schema.kind("x.function").unwrap();
    Condition::parse(condition, kind, &world.schema).unwrap_err().message
}

#[test]
fn a_day_in_a_table_is_compared_with_the_day_of_the_scan() {
    let ended = "tables.runtimes[runtime].ended <= today";
    assert_eq!(check(ended, "{ runtime: python3.9 }"), (Verdict::True, vec!["python3.9".to_owned()]));
    assert_eq!(check(ended, "{ runtime: python3.13 }").0, Verdict::False);
    // A row without the cell, a key that is not in the table, and no key at all: nothing is said.
    for body in ["{ runtime: node }", "{ runtime: cobol }", "{}"] {
        assert_eq!(check(ended, body).0, Verdict::False, "{body}");
    }
    assert_eq!(check(ended, "{ runtime: !unknown var.runtime }").0, Verdict::Unknown);
    assert_eq!(check("tables.runtimes[runtime].ended < \"2025-12-15\"", "{ runtime: python3.9 }").0, Verdict::False);
    assert_eq!(check("tables.runtimes[runtime].language == \"python\"", "{ runtime: python3.9 }").0, Verdict::True);
}

#[test]
fn one_of_several_keys_is_looked_up_in_each_world() {
    let either = "{ runtime: !one_of { choice: var.env, dev: python3.9, prod: python3.13 } }";
    assert!(matches!(check("deprecated", either).0, Verdict::Possible(worlds) if worlds.len() == 1));
}

#[test]
fn a_table_is_asked_whether_it_has_a_key() {
    assert_eq!(check("runtime in tables.runtimes", "{ runtime: node }").0, Verdict::True);
    assert_eq!(check("!(runtime in tables.runtimes)", "{ runtime: cobol }").0, Verdict::True);
    assert_eq!(check("runtime in tables.families", "{ runtime: t3a.large }").0, Verdict::True);
    assert_eq!(check("runtime in tables.families", "{ runtime: m5.large }").0, Verdict::False);
    assert_eq!(check("version in tables.versions[engine]", "{ engine: mysql, version: 5.7.44 }").0, Verdict::True);
}

#[test]
fn keys_nest_and_versions_match_whole_parts() {
    let extended = |body: &str| check("tables.versions[engine][version].extended", body).0;
    assert_eq!(extended("{ engine: mysql, version: 5.7.mysql_aurora.2.11 }"), Verdict::True);
    assert_eq!(extended("{ engine: mysql, version: 8.0.36 }"), Verdict::False);
    assert_eq!(extended("{ engine: postgres, version: 11 }"), Verdict::True);
    assert_eq!(extended("{ engine: postgres, version: '115' }"), Verdict::False);
    assert_eq!(extended("{ engine: mysql, version: 11 }"), Verdict::False);
}

#[test]
fn derived_attributes_build_on_each_other_and_keep_their_evidence() {
    assert_eq!(check("stale", "{ runtime: python3.9 }"), (Verdict::True, vec!["python3.9".to_owned()]));
    assert_eq!(check("!stale", "{ runtime: python3.13, layers: [] }").0, Verdict::True);
    let world = world_with_tables(
        KINDS,
        TABLES,
        "
aws_function.f: { runtime: python3.13, layers: [!ref aws_layer.old.arn] }
aws_layer.old: { runtime: python3.9 }
",
    );
    assert_eq!(world.read("x.function", "deprecated"), "false");
    assert_eq!(world.read("x.function", "stale"), "true");
}

#[test]
fn what_is_wrong_with_a_look_up_is_said_when_it_is_compiled() {
    assert_eq!(
        refused("tables.runtime[runtime].ended <= today"),
        "there is no table `runtime`; did you mean `runtimes`?"
    );
    assert_eq!(
        refused("tables.runtimes[runtime].endet <= today"),
        "the table runtimes has no column `endet`; did you mean `ended`?"
    );
    assert_eq!(
        refused("tables.runtimes[\"python3.8\"].ended <= today"),
        "the table runtimes has no key `python3.8`; did you mean `python3.9`?"
    );
    assert_eq!(refused("tables.runtimes[runtime]"), "this is a row of the table runtimes, where a bool is needed");
    assert_eq!(refused("version in tables.versions"), "the table versions has further keys");
    assert_eq!(refused("tables.runtimes[runtime].ended < 20261201"), "this is a number, where a day is needed");
    assert_eq!(refused("runtime[\"x\"] == \"y\""), "only tables are looked into by a key, as `tables.name[key]`");
    assert_eq!(
        refused("tables.runtimes[runtime].ended < \"next year\""),
        "`next year` is no day; write it as \"2026-12-01\""
    );
}

/// What is wrong with kinds and tables, as `line:column: message`.
fn problems(kinds: &str, tables: &[(&str, &str)]) -> Vec<String> {
    let sources = Sources::new(Arc::new(Memory::default()));
    let kinds = sources.add(Path::new("kinds.yaml"), kinds);
    let tables: Vec<_> = tables
        .iter()
        .map(|(name, text)| (Arc::from(*name), sources.add(Path::new(&format!("tables/{name}.yaml")), *text)))
        .collect();
    let schema = Schema::new(&[kinds], terravet_aws::catalog().signatures()).with_tables(tables);
    let said = schema.problems().into_iter().map(|problem| {
        let at = sources.open(problem.primary.span.file).unwrap().position(problem.primary.span.start);
        format!("{}:{}: {}", at.line, at.column, problem.message)
    });
    said.collect()
}

#[test]
fn derived_attributes_that_go_in_a_circle_are_refused() {
    let kinds = "x.a:
  doc: A.
  terraform: aws_a
  attributes:
    one: { doc: One., condition: two }
    two: { doc: Two., condition: 'others.exists(other, other.three)' }
    others: { doc: Others., type: list of x.b, all: true }
    itself: { doc: Itself., condition: '!itself' }
x.b:
  doc: B.
  terraform: aws_b
  attributes:
    three: { doc: Three., condition: 'all.exists(one, one.one)' }
    all: { doc: All., type: list of x.a, all: true }
";
    assert_eq!(
        problems(kinds, &[]),
        [
            "8:40: x.a.itself is derived from itself: x.a.itself -> x.a.itself",
            "5:34: x.a.one is derived from itself: x.a.one -> x.a.two -> x.b.three -> x.a.one",
        ]
    );
}

#[test]
fn a_wrong_derived_attribute_is_told_at_its_place() {
    let kinds = "x.a:
  doc: A.
  terraform: aws_a
  attributes:
    name: { doc: Its name., type: string, terraform: name }
    bad: { doc: Bad., condition: 'name == \"a\" && nam == \"b\"' }
    text: { doc: Bad., type: string, condition: 'name' }
";
    assert_eq!(
        problems(kinds, &[]),
        [
            "7:5: an attribute with a `condition` is a bool",
            "6:50: x.a has no attribute `nam`; did you mean `name`?",
            "7:50: this is text, where a bool is needed",
        ]
    );
}

#[test]
fn a_wrong_table_is_told_at_its_place() {
    let table = "doc: Wrong.
source: somewhere
checked: yesterday
keys: [name]
columns:
  ended: { type: date, doc: When. }
  size: { type: int, doc: How big. }
entries:
  one: { ended: soon }
  two: { endet: 2026-01-01 }
  one: {}
";
    assert_eq!(
        problems(
            "",
            &[
                ("wrong", table),
                ("list", "doc: A list.\nsource: https://a.b\nchecked: 2026-12-01\nkeys: [x]\nentries: [a, b, a]\n")
            ]
        ),
        [
            "5:17: the key `a` stands twice in this table",
            "11:3: the key `one` stands twice in one mapping",
            "2:9: `source` is the address of the page that says so (https://…)",
            "3:10: `yesterday` is no day; write it as 2026-12-01",
            "7:9: `int` is no type of a column; use bool, number, string, list of string or date",
            "9:17: the column ended is date",
            "10:10: the table has no column `endet`",
        ]
    );
}
