//! JSON syntax: which properties are blocks, what strings are, and where everything stands.

use crate::support::{body, file, outline, parse_at, problems, show_body};

fn lines(text: &str) -> Vec<String> {
    show_body(&body("main.tf.json", text).1)
}

fn json_problems(text: &str) -> Vec<String> {
    let (file, parsed) = parse_at("main.tf.json", text);
    problems(&file, &parsed.diagnostics)
}

#[test]
fn labels_are_the_properties_above_a_block() {
    assert_eq!(
        lines(r#"{"resource": {"aws_s3_bucket": {"a": {"bucket": "x"}, "b": {}}, "aws_eip": {"c": {}}}}"#),
        [
            r#"resource "aws_s3_bucket" "a" { bucket = "x" }"#,
            r#"resource "aws_s3_bucket" "b" {  }"#,
            r#"resource "aws_eip" "c" {  }"#
        ]
    );
    assert_eq!(
        lines(r#"{"terraform": {"backend": {"s3": {"bucket": "x"}}}, "provider": {"aws": [{}, {"alias": "west"}]}}"#),
        [
            r#"terraform { backend "s3" { bucket = "x" } }"#,
            r#"provider "aws" {  }"#,
            r#"provider "aws" { alias = "west" }"#
        ]
    );
}

#[test]
fn arrays_stand_for_several_blocks_or_for_labels_apart() {
    assert_eq!(lines(r#"{"locals": [{"a": 1}, {"b": 2}]}"#), ["locals { a = 1 }", "locals { b = 2 }"]);
    assert_eq!(
        lines(r#"{"resource": [{"t": {"a": {}}}, {"t": [{"b": {}}, {"c": {}}]}]}"#),
        [r#"resource "t" "a" {  }"#, r#"resource "t" "b" {  }"#, r#"resource "t" "c" {  }"#]
    );
    assert_eq!(lines(r#"[{"locals": {"a": 1}}, {"locals": {"b": 2}}]"#), ["locals { a = 1 }", "locals { b = 2 }"]);
    assert_eq!(lines(r#"{"locals": {"a": 1}, "locals": {"b": 2}}"#), ["locals { a = 1 }", "locals { b = 2 }"]);
}

#[test]
fn null_stands_for_no_block() {
    assert_eq!(lines(r#"{"locals": null, "resource": null}"#), Vec::<String>::new());
    assert_eq!(lines(r#"{"resource": {"t": {"a": null}}}"#), Vec::<String>::new());
}

#[test]
fn the_blocks_of_the_language_are_blocks_and_all_else_is_an_argument() {
    assert_eq!(
        lines(
            r#"{"resource": {"t": {"a": {
                "tags": {"x": "y"},
                "ingress": [{"from_port": 1}],
                "lifecycle": {"ignore_changes": ["tags", "a.b[0]"], "precondition": [{"condition": "${x}"}]},
                "provisioner": {"local-exec": {"command": "c", "when": "destroy"}},
                "depends_on": ["aws_eip.x", "module.m"],
                "provider": "aws.west"
            }}}}"#
        ),
        [
            r#"resource "t" "a" { tags = {x = "y"}; ingress = [{from_port = 1}]; lifecycle { ignore_changes = [tags, a.b[0]]; precondition { condition = t(${x}) } }; provisioner "local-exec" { command = "c"; when = destroy }; depends_on = [aws_eip.x, module.m]; provider = aws.west }"#
        ]
    );
    assert_eq!(lines(r#"{"nonsense": {"a": 1}}"#), ["nonsense = {a = 1}"]);
}

#[test]
fn strings_are_templates() {
    assert_eq!(
        lines(r#"{"locals": {"a": "plain", "b": "${x.y}", "c": "p-${x}", "d": "$${x}", "e": "%{ if x }y%{ endif }"}}"#),
        [r#"locals { a = "plain"; b = t(${x.y}); c = t("p-" ${x}); d = "${x}"; e = t(if x ("y") else ()) }"#]
    );
    assert_eq!(
        lines(r#"{"locals": {"a": {"${x}": 1, "y z": [null, true, -1.5e3]}}}"#),
        ["locals { a = {<t(${x})> = 1, y z = [null, true, -1.5e3]} }"]
    );
    assert_eq!(lines(r#"{"locals": {"a": "x\n${y}\n"}}"#), [r#"locals { a = t("x\n" ${y} "\n") }"#]);
    assert_eq!(lines(r#"{"locals": {"a": "x\n$${y}\n"}}"#), [r#"locals { a = "x\n${y}\n" }"#]);
}

#[test]
fn variables_hold_types_and_literal_values() {
    assert_eq!(
        lines(
            r#"{"variable": {"v": {"type": "map(object({a = optional(string, \"x\")}))", "default": {"${k}": "${x}"}}}}"#
        ),
        [r#"variable "v" { type = map(object({a = optional(string, "x")})); default = {${k} = "${x}"} }"#]
    );
    assert_eq!(
        lines(r#"{"variable": {"v": {"validation": {"condition": "${var.v > 0}", "error_message": "no"}}}}"#),
        [r#"variable "v" { validation { condition = t(${(var.v > 0)}); error_message = "no" } }"#]
    );
}

#[test]
fn references_are_expressions() {
    assert_eq!(
        lines(
            r#"{"moved": {"from": "a.b", "to": "a.c[\"k\"]"}, "import": {"to": "a.b", "id": "${x}"},
                "removed": {"from": "a.b", "lifecycle": {"destroy": false}},
                "module": {"m": {"source": "./m", "providers": {"aws": "aws.west"}}}}"#
        ),
        [
            r#"moved { from = a.b; to = a.c["k"] }"#,
            "import { to = a.b; id = t(${x}) }",
            "removed { from = a.b; lifecycle { destroy = false } }",
            r#"module "m" { source = "./m"; providers = {aws = aws.west} }"#
        ]
    );
}

#[test]
fn dynamic_blocks_show_what_is_a_block() {
    assert_eq!(
        lines(
            r#"{"resource": {"t": {"a": {
                "dynamic": {"x": {"for_each": "${y}", "iterator": "z", "content": {"p": "${z.value}"}}},
                "outer": {"dynamic": {"inner": [{"for_each": [1], "content": {}}]}, "q": 1}
            }}}}"#
        ),
        [
            r#"resource "t" "a" { dynamic "x" { for_each = t(${y}); iterator = z; content { p = t(${z.value}) } }; outer { dynamic "inner" { for_each = [1]; content {  } }; q = 1 } }"#
        ]
    );
    assert_eq!(
        lines(r#"{"resource": {"t": {"a": {"tags": {"dynamic": "yes"}}}}}"#),
        [r#"resource "t" "a" { tags = {dynamic = "yes"} }"#]
    );
}

#[test]
fn properties_named_slashes_are_comments_in_bodies() {
    let text = r#"{"//": "top", "locals": {"//": ["not", "read"], "a": {"//": "a key"}}}"#;
    assert_eq!(lines(text), [r#"locals { a = {// = "a key"} }"#]);
    let file = file("main.tf.json", text);
    let comments: Vec<&str> = terravet_hcl::comments(&file).into_iter().map(|span| file.slice(span)).collect();
    assert_eq!(comments, ["top", "a key"]);
}

#[test]
fn values_of_variables_are_literal() {
    let (_, body) = body("terraform.tfvars.json", r#"{"a": "${x}", "resource": {"b": ["%{c}"]}}"#);
    assert_eq!(show_body(&body), [r#"a = "${x}""#, r#"resource = {b = ["%{c}"]}"#]);
}

#[test]
fn every_node_knows_its_source() {
    let text = r#"{"data": {"t": {"n": {"a": "x\t${y.z}\u00e9", "b": [{"k": 1}]}}}}"#;
    let expected = [
        r#"block \"n\": {\"a\": \"x\\t${y.z}\\u00e9\", \"b\": [{\"k\": 1}]}"#,
        r#"  kind \"data\""#,
        r#"  label \"t\""#,
        r#"  label \"n\""#,
        r#"  header \"n\""#,
        "  insertion ",
        r#"  body \"a\": \"x\\t${y.z}\\u00e9\", \"b\": [{\"k\": 1}]"#,
        r#"    attribute \"a\": \"x\\t${y.z}\\u00e9\""#,
        r#"      name \"a\""#,
        r#"      template \"x\\t${y.z}\\u00e9\""#,
        r"        text x\\t",
        "        interpolation ${y.z}",
        "          traversal y.z",
        "            variable y",
        "            step .z",
        r"        text \\u00e9",
        r#"    attribute \"b\": [{\"k\": 1}]"#,
        r#"      name \"b\""#,
        r#"      tuple [{\"k\": 1}]"#,
        r#"        object {\"k\": 1}"#,
        r#"          key \"k\""#,
        "          number 1",
    ];
    assert_eq!(outline("main.tf.json", text), expected);
}

#[test]
fn a_block_in_an_array_is_its_object() {
    let (file, body) = body("main.tf.json", r#"{"module": {"m": [{"source": "./a"}, {"source": "./b"}]}}"#);
    let spans: Vec<&str> = body.blocks.iter().map(|block| file.slice(block.span)).collect();
    assert_eq!(spans, [r#"{"source": "./a"}"#, r#"{"source": "./b"}"#]);
    assert_eq!(file.slice(body.blocks[1].header), r#""m""#);
}

#[test]
fn a_block_with_an_error_is_left_out_and_hides_no_other() {
    let text = r#"{"resource": {"t": {"a": {"x": "\"${y"}, "b": {"x": "${z +}", "w": "${"}, "c": {"x": 1}}}}"#;
    let (file, parsed) = parse_at("main.tf.json", text);
    assert_eq!(show_body(&parsed.body), [r#"resource "t" "c" { x = 1 }"#]);
    assert_eq!(
        problems(&file, &parsed.diagnostics),
        [
            "1:38 `` expected `}`, found the end of the text; `${` the sequence begins here; help: write `$${` for a literal `${`",
            "1:59 `}` expected a value, found `}`; `${` the sequence begins here; help: write `$${` for a literal `${`",
            "1:71 `` expected a value, found the end of the text; `${` the sequence begins here; help: write `$${` for a literal `${`",
        ]
    );
}

#[test]
fn values_in_the_place_of_blocks_are_told() {
    assert_eq!(
        json_problems(r#"{"locals": 1}"#),
        ["1:12 `1` expected an object with arguments and blocks, found a number"]
    );
    assert_eq!(
        json_problems(r#"{"resource": {"t": ["x"]}}"#),
        ["1:21 `\"x\"` expected an object whose properties are the names of `resource` blocks, found a string"]
    );
    assert_eq!(json_problems("[1]"), ["1:2 `1` expected an object with arguments and blocks, found a number"]);
    assert_eq!(
        json_problems(r#"{"locals": {"a": 1, "a": 2}}"#),
        ["1:21 `\"a\"` the argument `a` is set twice; `\"a\"` first set here; help: remove one of them"]
    );
}

#[test]
fn only_strict_json_is_read() {
    assert_eq!(json_problems(""), ["1:1 `` the file holds no JSON value; help: write at least `{}`"]);
    assert_eq!(
        json_problems("{\n  \"a\": 1,\n}"),
        ["2:9 `,` invalid JSON: trailing commas are not allowed; help: remove the comma after the last element"]
    );
    assert_eq!(
        json_problems("{} // x"),
        [
            "1:4 `// x` invalid JSON: comments are not allowed; help: JSON has no comments; a property named \"//\" can hold one"
        ]
    );
    let messages = [
        ("{\"a\": ", "1:7 `` invalid JSON: expected value after colon in object property"),
        ("{\"é\": 'x'}", "1:7 `'` invalid JSON: single-quoted strings are not allowed"),
        (
            "{\"a\": \"\\ud800\"}",
            "1:8 `\\ud800\"` invalid JSON: invalid unicode escape sequence. 'd800 (unpaired high surrogate)' is not a valid UTF8 character",
        ),
        ("{} {}", "1:4 `{` invalid JSON: text cannot contain more than one JSON value"),
        ("{a: 1}", "1:2 `a` invalid JSON: expected string for object property"),
        ("{\"a\" 1}", "1:6 `1` invalid JSON: expected colon after the string or word in object property"),
        ("{\"a\": 1 \"b\": 2}", "1:8 `` invalid JSON: expected comma; help: separate elements by commas"),
        ("[1, 2", "1:1 `[1, 2` invalid JSON: unterminated array"),
    ];
    let told: Vec<_> = messages.iter().map(|(text, _)| (*text, json_problems(text).join(", "))).collect();
    assert_eq!(told, messages.map(|(text, message)| (text, message.to_owned())));
}

#[test]
fn nesting_is_limited() {
    let deep = |count: usize| format!(r#"{{"locals": {{"a": {}1{}}}}}"#, "[".repeat(count), "]".repeat(count));
    let messages = |text: &str| -> Vec<String> {
        parse_at("main.tf.json", text).1.diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect()
    };
    assert_eq!(messages(&deep(90)), Vec::<String>::new());
    for count in [100, 400, 600, 100_000] {
        assert_eq!(messages(&deep(count)), ["nested deeper than 100 levels, the limit of terravet"], "{count}");
    }
    let in_string = deep(50).replace('1', &format!("\"${{{}1{}}}\"", "[".repeat(60), "]".repeat(60)));
    assert_eq!(messages(&in_string), ["nested deeper than 100 levels, the limit of terravet"]);
    let errors = format!(r#"{{"locals": [{}{{}}]}}"#, r#"{"a": "${"},"#.repeat(10_000));
    assert_eq!(messages(&errors).len(), terravet_hcl::MAX_SYNTAX_ERRORS + 1);
}
