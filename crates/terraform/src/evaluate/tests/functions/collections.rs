//! Lists, sets, maps and what is common to them.

use super::{assert_refused, assert_values, refusal, type_of};

#[test]
fn lists_are_taken_apart_and_put_together() {
    assert_values(&[
        ("concat([1], [\"a\"])", "[1,\"a\"]"),
        ("flatten([[1, [2]], toset([\"a\"]), 3])", "[1,2,\"a\",3]"),
        ("chunklist([1, 2, 3], 2)", "[[1,2],[3]]"),
        ("slice([1, 2, 3], 1, 3)", "[2,3]"),
        ("reverse([1, 2])", "[2,1]"),
        ("distinct([1, 2, 1])", "[1,2]"),
        ("compact([\"a\", \"\", null])", "[\"a\"]"),
        ("element([\"a\", \"b\"], 3)", "\"b\""),
        ("index([\"a\", \"b\"], \"b\")", "1"),
        ("sort([\"b\", \"B\", \"a\"])", "[\"B\",\"a\",\"b\"]"),
        ("coalescelist([], [1])", "[1]"),
        ("matchkeys([\"x\", \"y\"], [1, 2], [2])", "[\"y\"]"),
        ("range(3)", "[0,1,2]"),
        ("range(1, 0, -0.5)", "[1,0.5]"),
    ]);
    assert_refused(&[
        "element([], 0)",
        "index([1], 2)",
        "slice([1], 1, 0)",
        "slice(toset([1]), 0, 1)",
        "sort([null])",
        "chunklist([1], -1)",
        "concat([1], {})",
        "coalescelist([], [])",
    ]);
    assert!(refusal("range(1000000000)").contains("more than 1024 values"));
}

#[test]
fn sequences_have_the_types_that_terraform_gives_them() {
    for (expression, expected) in [
        ("concat([1], [\"a\"])", "tuple([number, string])"),
        ("concat(tolist([1]), tolist([\"a\"]))", "list(string)"),
        ("reverse(toset([1]))", "list(number)"),
        ("slice([1, \"a\"], 0, 1)", "tuple([number])"),
        ("setproduct([1], toset([\"a\"]))", "set(tuple([number, string]))"),
        ("values({ a = 1, b = \"x\" })", "tuple([number, string])"),
        ("zipmap([\"a\"], [1])", "object({a: number})"),
        ("one([])", "dynamic"),
        ("merge({ a = 1 }, tomap({ b = \"x\" }))", "object({a: number, b: string})"),
        ("merge(tomap({ a = \"y\" }), tomap({ b = \"x\" }))", "map(string)"),
        ("tolist([1, \"a\"])", "list(string)"),
        ("toset([])", "set(dynamic)"),
    ] {
        assert_eq!(type_of(expression), expected, "{expression}");
    }
}

#[test]
fn sets_are_distinct_and_ordered() {
    assert_values(&[
        ("toset([3, 20, 3])", "[3,20]"),
        ("setunion([\"b\"], [\"a\"])", "[\"a\",\"b\"]"),
        ("setintersection([1, 2, 3], [3, 2], [2])", "[2]"),
        ("setsubtract([\"a\", \"b\"], [\"b\"])", "[\"a\"]"),
        ("setproduct([1, 2], [\"a\", \"b\"])", "[[1,\"a\"],[1,\"b\"],[2,\"a\"],[2,\"b\"]]"),
    ]);
    assert_refused(&["setunion([1], [[]])", "setproduct([1])", "toset([1])[0]"]);
}

#[test]
fn maps_are_looked_into_and_merged() {
    assert_values(&[
        ("keys({ b = 1, a = 2 })", "[\"a\",\"b\"]"),
        ("values({ b = 1, a = 2 })", "[2,1]"),
        ("lookup({ a = 1 }, \"a\", 0)", "1"),
        ("lookup({ a = 1 }, \"b\", 0)", "0"),
        ("merge({ a = 1, b = 1 }, null, { b = 2 })", "{\"a\":1,\"b\":2}"),
        ("zipmap([\"a\", \"b\"], [1, true])", "{\"a\":1,\"b\":true}"),
        ("transpose({ a = [\"x\", \"y\"], b = [\"x\"] })", "{\"x\":[\"a\",\"b\"],\"y\":[\"a\"]}"),
    ]);
    assert_refused(&[
        "lookup({ a = 1 }, \"b\")",
        "lookup([], \"b\", 1)",
        "merge([1])",
        "zipmap([\"a\"], [])",
        "keys([])",
        "list(1)",
        "map(\"a\", 1)",
    ]);
}

#[test]
fn collections_are_counted_and_judged() {
    assert_values(&[
        ("length({ a = 1 })", "1"),
        ("alltrue([true, \"true\"])", "true"),
        ("alltrue([null])", "false"),
        ("anytrue([])", "false"),
        ("contains([1, 2], 2)", "true"),
        ("contains([\"1\"], 1)", "false"),
        ("one([5])", "5"),
        ("one(toset([]))", "null"),
        ("sum([1, \"2\", 0.5])", "3.5"),
        ("coalesce(null, \"\", \"a\")", "\"a\""),
        ("coalesce(1, \"a\")", "\"1\""),
    ]);
    assert_refused(&[
        "length(1)",
        "one([1, 2])",
        "sum([])",
        "sum({ a = 1 })",
        "coalesce(null, \"\")",
        "contains({}, 1)",
    ]);
}

#[test]
fn what_would_grow_without_bounds_is_refused_by_the_name_of_the_limit() {
    let thousand = "range(1000)";
    let message = refusal(&format!("setproduct({thousand}, {thousand}, {thousand})"));
    assert!(message.contains("the limit of a collection"), "{message}");
    let squares = format!("[for a in [for b in {thousand} : {thousand}] : [for c in {thousand} : a]]");
    let message = refusal(&format!("[for x in {squares} : {squares}]"));
    assert!(message.contains("the limit of"), "{message}");
}
