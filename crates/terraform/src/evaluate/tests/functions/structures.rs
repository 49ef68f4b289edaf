//! Conversions, marks, and the functions that look at expressions.

use super::{assert_refused, assert_values, module, type_of};

#[test]
fn values_are_converted_as_types_allow() {
    assert_values(&[
        ("tostring(1.50)", "\"1.5\""),
        ("tobool(\"true\")", "true"),
        ("tolist([1, \"a\", true])", "[\"1\",\"a\",\"true\"]"),
        ("tomap({ a = 1, b = \"x\" })", "{\"a\":\"1\",\"b\":\"x\"}"),
        ("toset([\"b\", \"a\", \"b\"])", "[\"a\",\"b\"]"),
        ("tolist([[1], [\"a\"]])", "[[\"1\"],[\"a\"]]"),
    ]);
    assert_eq!(type_of("tostring(null)"), "string");
    assert_eq!(type_of("tomap({})"), "map(dynamic)");
    assert_refused(&["tonumber(\"a\")", "tobool(\"yes\")", "tolist({ a = 1 })", "tomap([1])", "tostring([])"]);
}

#[test]
fn marks_spread_to_what_is_made_of_them() {
    let module = module();
    let is_marked = |expression: &str| module.value(expression).unwrap().sensitive;
    for marked in [
        "sensitive(1)",
        "upper(var.secret)",
        "\"${var.secret}!\"",
        "sensitive([1, 2])[0]",
        "jsonencode({ a = var.secret })",
        "length(var.secret)",
        "var.secret == \"x\"",
        "lookup({ a = 1 }, var.secret, 2)",
        "var.secret == \"x\" ? 1 : 2",
    ] {
        assert!(is_marked(marked), "{marked}");
    }
    for plain in ["nonsensitive(var.secret)", "length([var.secret])", "keys({ a = var.secret })", "[var.secret]"] {
        assert!(!is_marked(plain), "{plain}");
    }
    assert_values(&[("issensitive(var.secret)", "true"), ("issensitive([var.secret])", "false")]);
}

#[test]
fn try_takes_the_first_that_can_be_evaluated() {
    assert_values(&[
        ("try({ a = 1 }.b, [][0], \"none\")", "\"none\""),
        ("can(tonumber(\"x\"))", "false"),
        ("can(tonumber(\"1\"))", "true"),
        ("try(1 / 0 > 0, false)", "true"),
    ]);
    assert_refused(&["try({}.a)", "try()", "can()", "can(1, 2)"]);
}

#[test]
fn calls_with_the_wrong_number_of_arguments_are_refused() {
    assert_refused(&["upper()", "upper(\"a\", \"b\")", "substr(\"a\")", "timestamp(1)", "nosuchfunction()"]);
    assert_values(&[("max([1, 2, 3]...)", "3"), ("concat([[1], [2]]...)", "[1,2]")]);
    assert_refused(&["max(1...)", "max({ a = 1 }...)"]);
}
