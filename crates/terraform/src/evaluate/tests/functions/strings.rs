//! Strings, formats and patterns.

use super::{assert_refused, assert_values, json, refusal, type_of};

#[test]
fn lengths_and_positions_count_what_a_reader_takes_for_one_character() {
    assert_values(&[
        (r#"length("👩‍👩‍👧é")"#, "2"),
        (r#"strrev("aé")"#, r#""éa""#),
        (r#"substr("hello", 1, 3)"#, r#""ell""#),
        (r#"substr("hello", -2, -1)"#, r#""lo""#),
        (r#"format("%-4s|", "é")"#, r#""é   |""#),
    ]);
}

#[test]
fn all_text_is_in_normal_form_c() {
    assert_values(&[
        (r#""e\u0301" == "é""#, "true"),
        (r#"toset(["é", "e\u0301"])"#, r#"["é"]"#),
        (r#"{ "e\u0301" = 1 }"#, r#"{"é":1}"#),
    ]);
}

#[test]
fn case_is_changed_character_by_character() {
    assert_values(&[
        (r#"upper("straße")"#, r#""STRAßE""#),
        (r#"title("hello wORLD-x")"#, r#""Hello WORLD-X""#),
        (r#"lower("ÀÉ")"#, r#""àé""#),
    ]);
}

#[test]
fn formats_follow_those_of_go() {
    assert_values(&[
        (r#"format("%05.1f|%+d|%x|%#o|%e", -2.25, 3, 255, 8, 12345.678)"#, r#""-02.2|+3|ff|010|1.234568e+04""#),
        (r#"format("%v %v %v", 1000000, true, ["a", 1])"#, r#""1e+06 true [\"a\",1]""#),
        (r#"format("%[2]s %[1]s%%", "a", "b")"#, r#""b a%""#),
        (r#"format("%q %.2s", "\"", "abc")"#, r#""\"\\\"\" ab""#),
        (r#"formatlist("%s-%d", ["a", "b"], 7)"#, r#"["a-7","b-7"]"#),
    ]);
    assert_refused(&[
        r#"format("%d", 1.5)"#,
        r#"format("%s")"#,
        r#"format("%s", "a", "b")"#,
        r#"format("%z", 1)"#,
        r#"format("%")"#,
        r#"formatlist("%s%s", ["a"], ["b", "c"])"#,
    ]);
    assert!(refusal(r#"format("%1000000000d", 1)"#).contains("the limit of a string"));
}

#[test]
fn patterns_are_those_of_re2() {
    assert_values(&[
        (r#"regex("([a-z])(\\d)?", "x")"#, r#"["x",null]"#),
        (r#"regex("(?P<key>\\w+)=(?P<value>.*)", "a=b c")"#, r#"{"key":"a","value":"b c"}"#),
        (r#"regexall("a{", "a{a{")"#, r#"["a{","a{"]"#),
        (r#"regexall("\\d", "1٣")"#, r#"["1"]"#),
        (r#"replace("a1b22", "/(\\d)+/", "<$1>")"#, r#""a<1>b<2>""#),
        (r#"replace("a.b", ".", "-")"#, r#""a-b""#),
        (r#"replace("ab", "", "-")"#, r#""-a-b-""#),
    ]);
    assert_eq!(type_of(r#"regexall("(a)(b)", "")"#), "list(tuple([string, string]))");
    assert_refused(&[
        r#"regex("x", "a")"#,
        r#"regex("a**", "a")"#,
        r#"regex("(?x)a", "a")"#,
        r#"regex("(?P<a>a)(b)", "ab")"#,
        r#"regex("(?=a)", "a")"#,
    ]);
}

#[test]
fn text_is_joined_split_and_trimmed() {
    assert_values(&[
        (r#"join("-", ["a", 1], ["b"])"#, r#""a-1-b""#),
        (r#"split(",", "a,,b")"#, r#"["a","","b"]"#),
        (r#"split("", "ab")"#, r#"["a","b"]"#),
        (r#"trim("?!hi?!", "!?")"#, r#""hi""#),
        (r#"chomp("a\r\n\n")"#, r#""a""#),
        (r#"indent(2, "a\nb")"#, r#""a\n  b""#),
        (r#"startswith("arn:aws", "arn:")"#, "true"),
        (r#"trimprefix("aab", "a")"#, r#""ab""#),
    ]);
    assert_refused(&[r#"join(",")"#, r#"join(",", [null])"#, "upper(null)", "upper([])"]);
}

#[test]
fn a_text_that_would_be_too_long_is_refused_by_the_name_of_the_limit() {
    let text = "0123456789".repeat(70);
    let doubled = format!("[for i in range(100) : [for j in range(1024) : \"{text}\"]]");
    assert!(refusal(&format!("join(\"\", flatten({doubled}))")).contains("the limit of a string"));
}

#[test]
fn core_functions_have_a_namespace() {
    assert_eq!(json(r#"core::upper("x")"#), r#""X""#);
    assert_eq!(refusal(r#"Upper("x")"#), r#"there is no function named "Upper"; did you mean "upper"?"#);
}
