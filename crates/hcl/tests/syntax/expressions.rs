//! Expressions of native syntax.

use crate::support::{expression, outline};

#[test]
fn literals_are_kept_to_the_last_digit() {
    assert_eq!(expression("null"), "null");
    assert_eq!(expression("true"), "true");
    assert_eq!(expression("0"), "0");
    assert_eq!(expression("3.14159265358979323846264338327950288"), "3.14159265358979323846264338327950288");
    assert_eq!(expression("1e3"), "1e3");
    assert_eq!(expression("1.5E-3"), "1.5E-3");
    assert_eq!(expression("1e+10"), "1e+10");
}

#[test]
fn a_number_begins_and_ends_with_a_digit_and_has_no_sign() {
    assert_eq!(expression("-1"), "(-1)");
    assert_eq!(expression("+1"), "error: expected a value, found `+`");
    assert_eq!(expression(".5"), "error: expected a value, found `.`");
    assert_eq!(expression("1."), "error: expected an attribute name after the dot, found the end of the line");
    assert_eq!(expression("1.2.3"), "error: `1.2.3` is no number");
    assert_eq!(expression("1e"), "error: expected a new line, found `e`");
    assert_eq!(expression("0x1f"), "error: expected a new line, found `x1f`");
}

#[test]
fn names_may_hold_dashes_and_letters_of_any_language() {
    assert_eq!(expression("a-b"), "a-b");
    assert_eq!(expression("a - b"), "(a - b)");
    assert_eq!(expression("größe_1"), "größe_1");
    assert_eq!(expression("名前.値"), "名前.値");
    assert_eq!(expression("_x"), "_x");
    assert_eq!(expression("-a"), "(-a)");
}

#[test]
fn operators_bind_by_precedence_and_to_the_left() {
    assert_eq!(expression("a || b && c"), "(a || (b && c))");
    assert_eq!(expression("a == b && c != d"), "((a == b) && (c != d))");
    assert_eq!(expression("a < b == c >= d"), "((a < b) == (c >= d))");
    assert_eq!(expression("1 + 2 * 3 - 4"), "((1 + (2 * 3)) - 4)");
    assert_eq!(expression("8 / 4 % 3"), "((8 / 4) % 3)");
    assert_eq!(expression("a <= b + 1 || !c"), "((a <= (b + 1)) || (!c))");
    assert_eq!(expression("(1 + 2) * 3"), "(paren((1 + 2)) * 3)");
}

#[test]
fn a_sign_applies_to_a_term_with_its_steps() {
    assert_eq!(expression("-a.b[0]"), "(-a.b[0])");
    assert_eq!(expression("!a.b && c"), "((!a.b) && c)");
    assert_eq!(expression("--1"), "(-(-1))");
    assert_eq!(expression("!-f(x)"), "(!(-f(x)))");
    assert_eq!(expression("a - -b"), "(a - (-b))");
}

#[test]
fn conditionals_nest_to_the_right() {
    assert_eq!(expression("a ? b : c"), "(a ? b : c)");
    assert_eq!(expression("a ? b : c ? d : e"), "(a ? b : (c ? d : e))");
    assert_eq!(expression("a ? b ? c : d : e"), "(a ? (b ? c : d) : e)");
    assert_eq!(expression("a == 1 ? \"x\" : null"), "((a == 1) ? \"x\" : null)");
    assert_eq!(expression("a ? b"), "error: expected `:` and the value for the other case, found the end of the line");
}

#[test]
fn calls_take_arguments_over_several_lines() {
    assert_eq!(expression("f()"), "f()");
    assert_eq!(expression("f(a, b)"), "f(a, b)");
    assert_eq!(expression("f(\n  a,\n  b,\n)"), "f(a, b)");
    assert_eq!(expression("f(a...)"), "f(a...)");
    assert_eq!(expression("f(\n  a, # first\n  b... // rest\n)"), "f(a, b...)");
    assert_eq!(expression("core::max(1)"), "core::max(1)");
    assert_eq!(expression("provider::aws::arn_parse(x)"), "provider::aws::arn_parse(x)");
    assert_eq!(expression("f(x).y[0]"), "f(x).y[0]");
    assert_eq!(expression("f(,)"), "error: expected a value, found `,`");
    assert_eq!(expression("f(a b)"), "error: expected `,` or `)`, found `b`");
    assert_eq!(expression("f(a..., b)"), "error: expected `)`, found `,`");
    assert_eq!(expression("a::b"), "error: expected `(` and the function's arguments, found the end of the line");
}

#[test]
fn tuples_allow_a_trailing_comma_and_newlines_anywhere() {
    assert_eq!(expression("[]"), "[]");
    assert_eq!(expression("[1, \"a\", [true],]"), "[1, \"a\", [true]]");
    assert_eq!(expression("[\n  1\n  ,\n  2 +\n  3,\n]"), "[1, (2 + 3)]");
    assert_eq!(expression("[1 2]"), "error: expected `,` or `]`, found `2`");
    assert_eq!(expression("[,]"), "error: expected a value, found `,`");
}

#[test]
fn object_items_end_with_a_newline_or_a_comma() {
    assert_eq!(expression("{}"), "{}");
    assert_eq!(expression("{ a = 1, b : 2 }"), "{a = 1, b = 2}");
    assert_eq!(expression("{\n  a = 1\n  b = 2,\n\n  c = 3\n}"), "{a = 1, b = 2, c = 3}");
    assert_eq!(expression("{ a = 1\n}"), "{a = 1}");
    assert_eq!(expression("{ a = 1 b = 2 }"), "error: expected a new line, `,` or `}`, found `b`");
    assert_eq!(expression("{ a = 1,, b = 2 }"), "error: expected a value, found `,`");
    assert_eq!(expression("{ a = {\n b = [\n 1 ] } }"), "{a = {b = [1]}}");
}

#[test]
fn object_keys_are_names_or_evaluated() {
    assert_eq!(expression("{ a-b = 1 }"), "{a-b = 1}");
    assert_eq!(expression("{ null = 1, true = 2 }"), "{null = 1, true = 2}");
    assert_eq!(expression("{ \"a b\" = 1 }"), "{<\"a b\"> = 1}");
    assert_eq!(expression("{ \"${a}-x\" = 1 }"), "{<t(${a} \"-x\")> = 1}");
    assert_eq!(expression("{ (a) = 1 }"), "{<paren(a)> = 1}");
    assert_eq!(expression("{ (a.b) = 1 }"), "{<paren(a.b)> = 1}");
    assert_eq!(expression("{ aws.west = aws.east }"), "{<aws.west> = aws.east}");
    assert_eq!(expression("{ 1 = 2 }"), "{<1> = 2}");
    assert_eq!(expression("{ f(x) = 2 }"), "{<f(x)> = 2}");
    assert_eq!(expression("{ for = 1 }"), "error: expected a variable name after `for`, found `=`");
    assert_eq!(expression("{ \"for\" = 1 }"), "{<\"for\"> = 1}");
}

#[test]
fn for_makes_tuples_and_objects() {
    assert_eq!(expression("[for x in y : x]"), "[for x in y : x]");
    assert_eq!(
        expression("[for k, v in y : \"${k}=${v}\" if v != null]"),
        "[for k, v in y : t(${k} \"=\" ${v}) if (v != null)]"
    );
    assert_eq!(expression("{for k, v in y : k => v}"), "{for k, v in y : k => v}");
    assert_eq!(expression("{for x in y : x.a => x... if x.b}"), "{for x in y : x.a => x... if x.b}");
    assert_eq!(expression("{\n  for x in y :\n  x => 1\n}"), "{for x in y : x => 1}");
    assert_eq!(expression("[\n  for x in [\n    1, 2\n  ] : x\n]"), "[for x in [1, 2] : x]");
    assert_eq!(expression("[for x in y : [for z in x : z]]"), "[for x in y : [for z in x : z]]");
    assert_eq!(expression("[for x in a ? b : c : x]"), "[for x in (a ? b : c) : x]");
}

#[test]
fn a_for_in_the_wrong_brackets_says_so() {
    assert_eq!(expression("[for x in y : x => 1]"), "error: expected `]`, found `=>`");
    assert_eq!(expression("[for x in y : x...]"), "error: expected `]`, found `...`");
    assert_eq!(expression("{for x in y : x}"), "error: expected `=>`, found `}`");
    assert_eq!(expression("[for x y : x]"), "error: expected `in` and a collection, found `y`");
    assert_eq!(expression("[for x, y, z in a : x]"), "error: expected `in` and a collection, found `,`");
}

#[test]
fn steps_follow_any_term() {
    assert_eq!(expression("a.b.c"), "a.b.c");
    assert_eq!(expression("a[\"k\"][0].b"), "a[\"k\"][0].b");
    assert_eq!(expression("[1, 2][0]"), "[1, 2][0]");
    assert_eq!(expression("{ a = 1 }.a"), "{a = 1}.a");
    assert_eq!(expression("(a)[b.c]"), "paren(a)[b.c]");
    assert_eq!(expression("\"x\"[0]"), "\"x\"[0]");
    assert_eq!(expression("a[\n  0\n]"), "a[0]");
    assert_eq!(expression("(a\n  .b)"), "paren(a.b)");
}

#[test]
fn an_index_may_be_written_as_an_attribute() {
    assert_eq!(expression("a.0"), "a.0");
    assert_eq!(expression("a.0.b"), "a.0.b");
    assert_eq!(expression("a.10.b.2"), "a.10.b.2");
    assert_eq!(expression("a.*.0.b"), "a.*.0.b");
    assert_eq!(expression("a.99999999999999999999"), "error: `.99999999999999999999` is no index");
}

#[test]
fn splats_are_told_apart() {
    assert_eq!(expression("a.*.b"), "a.*.b");
    assert_eq!(expression("a[*].b[0]"), "a[*].b[0]");
    assert_eq!(expression("a[ * ]"), "a[*]");
    assert_eq!(expression("a.*.b[0].c"), "a.*.b[0].c");
    assert_eq!(expression("a.*.b.*.c"), "error: `.*` directly within another `.*`");
    assert_eq!(expression("a.*.b[*].c"), "a.*.b[*].c");
    assert_eq!(expression("a[*][*]"), "a[*][*]");
}

#[test]
fn parentheses_hold_newlines() {
    assert_eq!(expression("(\n  a\n  + b\n)"), "paren((a + b))");
    assert_eq!(expression("(\n a /* c\n */ ? b : # d\n c\n)"), "paren((a ? b : c))");
    assert_eq!(expression("a +\n b"), "error: expected a value, found the end of the line");
    assert_eq!(expression("()"), "error: expected a value, found `)`");
    assert_eq!(expression("({\n a = 1\n b = 2\n})"), "paren({a = 1, b = 2})");
}

#[test]
fn characters_from_elsewhere_come_with_advice() {
    assert_eq!(expression("'x'"), "error: expected a value, found `\\'`");
    assert_eq!(expression("a & b"), "error: expected a new line, found `&`");
    assert_eq!(expression("a == = b"), "error: expected a value, found `=`");
    assert_eq!(expression("“x”"), "error: expected a value, found `“`");
}

#[test]
fn every_node_knows_its_source() {
    let text = "x = a.b[\"k\"] + max(-1, [for k, v in { y = \"p${q}\" } : (v) if !k]...) ? null : 2.5\n";
    let expected = [
        r#"attribute x = a.b[\"k\"] + max(-1, [for k, v in { y = \"p${q}\" } : (v) if !k]...) ? null : 2.5"#,
        "  name x",
        r#"  conditional a.b[\"k\"] + max(-1, [for k, v in { y = \"p${q}\" } : (v) if !k]...) ? null : 2.5"#,
        r#"    binary a.b[\"k\"] + max(-1, [for k, v in { y = \"p${q}\" } : (v) if !k]...)"#,
        r#"      traversal a.b[\"k\"]"#,
        "        variable a",
        "        step .b",
        r#"        step [\"k\"]"#,
        r#"          string \"k\""#,
        "            content k",
        r#"      call max(-1, [for k, v in { y = \"p${q}\" } : (v) if !k]...)"#,
        "        name max",
        "        unary -1",
        "          number 1",
        r#"        for [for k, v in { y = \"p${q}\" } : (v) if !k]"#,
        "          variable k",
        "          variable v",
        r#"          object { y = \"p${q}\" }"#,
        "            key y",
        r#"            template \"p${q}\""#,
        "              text p",
        "              interpolation ${q}",
        "                variable q",
        "          parenthesis (v)",
        "            variable v",
        "          unary !k",
        "            variable k",
        "    keyword null",
        "    number 2.5",
    ];
    assert_eq!(outline("main.tf", text), expected);
}
