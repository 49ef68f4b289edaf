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

/// Locals of which each is twice as long as the one before; `local.l20` has 2 MiB.
fn long_texts(two_characters: &str) -> TestModule {
    chain(23, &format!("\"{two_characters}\""), |before| format!("\"${{local.l{before}}}${{local.l{before}}}\""))
}

#[test]
fn what_functions_read_is_counted_before_they_read_it() {
    let module = long_texts("aa");
    for call in [
        "startswith(local.l20, \"b\")",
        "sha512(substr(local.l23, 0, 1)) == local.l20",
        "local.l20 == \"b\"",
        "contains([local.l20], \"b\")",
        "regex(\"^a\", local.l20)",
        "replace(\"a\", \"b\", local.l20)",
    ] {
        let told = refusal(&module, &format!("[for i in range(1024) : {call}]"));
        assert!(told.contains("the limit of 1024 MiB of values that one unit may read is reached"), "{call}: {told}");
        assert!(module.value(call).is_ok(), "{call}");
    }
}

#[test]
fn what_functions_make_is_counted_before_they_make_it() {
    let module = long_texts("a,");
    for (expression, limit) in [
        ("[for i in range(200) : replace(local.l20, \"a\", \"b\")]", "256 MiB of values that one unit may make"),
        ("[for i in range(200) : \"${local.l20}${i}\"]", "256 MiB of values that one unit may make"),
        ("[for i in range(200) : join(\"\", [local.l20, i])]", "256 MiB of values that one unit may make"),
        ("formatlist(local.l20, range(200))", "256 MiB of values that one unit may make"),
        ("formatlist(\"%s${local.l20}\", range(200))", "256 MiB of values that one unit may make"),
        ("split(\"\", local.l23)", "1048576 elements"),
        ("split(\",\", local.l23)", "1048576 elements"),
        ("regexall(\"a\", local.l20)", "1024 MiB of values that one unit may read"),
        ("csvdecode(local.l23)", "256 MiB of values that one unit may make"),
        ("jsondecode(\"[${replace(local.l22, \"a\", \"1\")}1]\")", "256 MiB of values that one unit may make"),
        ("yamldecode(\"[${local.l22}]\")", "256 MiB of values that one unit may make"),
        (
            "[for i in range(1024) : regex(\"((a{900}){9}){${i % 90 + 10}}\", \"a\")]",
            "1024 MiB of values that one unit may read",
        ),
    ] {
        let told = refusal(&module, expression);
        assert!(told.contains(limit), "{expression}: {told}");
    }
}

#[test]
fn splats_in_a_row() {
    let module = TestModule::without_files("locals {\n  zones = [1]\n}\n");
    assert!(module.value(&format!("local.zones{}", "[*]".repeat(200))).is_ok());
    assert!(refusal(&module, &format!("local.zones{}", "[*]".repeat(20_000))).contains("the limit of"));
    let open = TestModule::without_files("variable \"v\" { type = list(any) }\n");
    assert!(refusal(&open, &format!("var.v{}", "[*]".repeat(20_000))).contains("the limit of"));
}

#[test]
fn messages_are_cut() {
    let module = long_texts("aa");
    let told = refusal(&module, "tonumber(local.l20)");
    assert!(told.len() < 2_000, "{} bytes", told.len());
    let told = refusal(&module, "file(local.l20)");
    assert!(told.len() < 2_000, "{} bytes", told.len());
}
