//! Configurations that would grow without bounds end in an error that names the limit.

use super::TestModule;

/// A module of locals in which each is made from the one before.
fn chain(count: usize, first: &str, next: impl Fn(usize) -> String) -> TestModule {
    let mut locals = format!("locals {{\n  l0 = {first}\n");
    for at in 1..=count {
        locals.push_str(&format!("  l{at} = {}\n", next(at - 1)));
    }
    locals.push_str("}\n");
    TestModule::without_files(&locals)
}

/// Why the chain cannot go on, the locals being evaluated one after another.
#[track_caller]
fn end_of(module: &TestModule, count: usize) -> String {
    let refused = (0..=count).find_map(|at| module.value(&format!("local.l{at}")).err());
    refused.expect("the chain has an end").message
}

#[track_caller]
fn refusal(module: &TestModule, expression: &str) -> String {
    module.value(expression).unwrap_err().message
}

#[test]
fn text_that_doubles() {
    let module = chain(40, "\"0123456789\"", |before| format!("\"${{local.l{before}}}${{local.l{before}}}\""));
    assert!(end_of(&module, 40).contains("the limit of a string"));
}

#[test]
fn collections_that_multiply() {
    let module = chain(40, "[1, 2]", |before| format!("[local.l{before}, local.l{before}, local.l{before}]"));
    assert!(end_of(&module, 40).contains("the limit of"));
    let module = chain(10, "range(100)", |before| format!("[for x in local.l{before} : local.l{before}]"));
    assert!(end_of(&module, 10).contains("the limit of"));
    let module = chain(60, "[1, 2]", |before| format!("concat(local.l{before}, local.l{before})"));
    assert!(end_of(&module, 60).contains("the limit of"));
}

#[test]
fn collections_within_collections() {
    let module = chain(400, "[]", |before| format!("[local.l{before}]"));
    assert!(end_of(&module, 400).contains("levels"));
    assert!(module.value("local.l200").is_ok(), "it stands at the 300th level");
}

#[test]
fn numbers_and_patterns() {
    let module = chain(40, "3", |before| format!("local.l{before} * local.l{before}"));
    assert!(module.value("local.l12").is_ok(), "the precision is fixed, so that only the exponent grows");
    assert!(end_of(&module, 40).contains("can be computed with"), "to write out such a number would never end");
    assert!(refusal(&module, &format!("parseint(\"{}\", 36)", "z".repeat(100_000))).contains("the limit of a number"));
    assert!(refusal(&module, "regex(\"((a{1000}){1000}){1000}\", \"a\")").contains("limit"));
    assert!(refusal(&module, "1e1000000000").contains("larger than can be computed with"));
}

#[test]
fn no_choice_hides_a_limit() {
    let module = TestModule::without_files("variable \"open\" { type = bool }");
    let long = "format(\"%999999999s\", \"\")";
    for expression in [format!("try({long}, 1)"), format!("can({long})"), format!("var.open ? {long} : \"\"")] {
        assert!(refusal(&module, &expression).contains("the limit of"), "{expression}");
    }
}
