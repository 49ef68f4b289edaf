//! Attributes and blocks of native syntax, and comments.

use crate::support::{body, file, native_problems, outline, show_body};

fn lines(text: &str) -> Vec<String> {
    show_body(&body("main.tf", text).1)
}

#[test]
fn attributes_and_blocks_stand_one_to_a_line() {
    assert_eq!(lines(""), Vec::<String>::new());
    assert_eq!(lines("a = 1"), ["a = 1"]);
    assert_eq!(lines("\n\na = 1\n\nb = 2\n"), ["a = 1", "b = 2"]);
    assert_eq!(
        lines("resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"x\"\n\n  versioning {\n    enabled = true\n  }\n}\n"),
        ["resource \"aws_s3_bucket\" \"b\" { bucket = \"x\"; versioning { enabled = true } }"]
    );
}

#[test]
fn labels_are_quoted_or_bare() {
    assert_eq!(lines("a b \"c d\" e {\n}\n"), ["a \"b\" \"c d\" \"e\" {  }"]);
    assert_eq!(lines("a \"x\\ny$${z}\" {}\n"), ["a \"x\\ny${z}\" {  }"]);
    assert_eq!(
        native_problems("a \"${b}\" {}\n"),
        [
            "1:3 `\"${b}\"` a block label cannot be a template; help: write a plain string; `$${` stands for a literal `${`"
        ]
    );
}

#[test]
fn a_block_on_one_line_holds_one_argument() {
    assert_eq!(lines("a {}\nb { c = 1 }\n"), ["a {  }", "b { c = 1 }"]);
    assert_eq!(lines("a { b = {\n c = 1\n} }\n"), ["a { b = {c = 1} }"]);
    let help = "a block on one line holds one argument; give each its own line";
    assert_eq!(
        native_problems("a { b = 1, c = 2 }\n"),
        [format!("1:10 `,` expected `}}`, found `,`; `{{` opened here; help: {help}")]
    );
    assert_eq!(
        native_problems("a { b = 1\n}\n"),
        [format!("1:10 `\n` expected `}}`, found the end of the line; `{{` opened here; help: {help}")]
    );
    assert_eq!(
        native_problems("a { b {} }\n"),
        ["1:5 `b {` a block within a block on one line; help: put nested blocks on lines of their own"]
    );
}

#[test]
fn attributes_are_not_separated_by_commas() {
    assert_eq!(
        native_problems("a = 1, b = 2\n"),
        ["1:6 `,` expected a new line, found `,`; help: separate arguments by newlines, not commas"]
    );
}

#[test]
fn of_an_argument_set_twice_the_first_counts() {
    let text = "a = 1\nb {\n  c = 1\n  d = 2\n  c = 3\n}\na = 2\n";
    assert_eq!(
        native_problems(text),
        [
            "5:3 `c` the argument `c` is set twice; `c` first set here; help: remove one of them",
            "7:1 `a` the argument `a` is set twice; `a` first set here; help: remove one of them",
        ]
    );
    let file = file("main.tf", text);
    assert_eq!(show_body(&terravet_hcl::parse_native(&file).body), ["a = 1", "b { c = 1; d = 2 }"]);
}

#[test]
fn windows_line_ends_are_line_ends() {
    assert_eq!(lines("a = 1\r\nb {\r\n  c = [\r\n    1,\r\n  ]\r\n}\r\n"), ["a = 1", "b { c = [1] }"]);
    assert_eq!(
        native_problems("a = 1\rb = 2\n"),
        ["1:6 `\r` expected a new line, found `\\r`; help: put each argument and block on a line of its own"]
    );
}

#[test]
fn comments_stand_anywhere() {
    let text = "# one\na = 1 // two\n/* three */ b /* four\n */ = [ # five\n  2, // six\n]\n#seven";
    assert_eq!(lines(text), ["a = 1", "b = [2]"]);
    let file = file("main.tf", text);
    let comments: Vec<&str> = terravet_hcl::comments(&file).into_iter().map(|span| file.slice(span)).collect();
    assert_eq!(comments, ["# one", "// two", "/* three */", "/* four\n */", "# five", "// six", "#seven"]);
}

#[test]
fn what_looks_like_a_comment_in_a_string_is_none() {
    let text = "a = \"# x ${b /* in */} // y\"\nc = <<EOT\n# text\nEOT\n# real\r\n";
    let file = file("main.tf", text);
    let comments: Vec<&str> = terravet_hcl::comments(&file).into_iter().map(|span| file.slice(span)).collect();
    assert_eq!(comments, ["/* in */", "# real"]);
}

#[test]
fn the_parts_of_a_block_know_their_source() {
    let text = "a \"b\" c { # d\n  e = \"f\"\n}\n";
    let expected = [
        r#"block a \"b\" c { # d\n  e = \"f\"\n}"#,
        "  kind a",
        r#"  label \"b\""#,
        "  label c",
        r#"  header a \"b\" c"#,
        "  insertion ",
        r#"  body  # d\n  e = \"f\"\n"#,
        r#"    attribute e = \"f\""#,
        "      name e",
        r#"      string \"f\""#,
        "        content f",
    ];
    assert_eq!(outline("main.tf", text), expected);
    let (file, body) = body("main.tf", text);
    assert_eq!(file.position(body.blocks[0].insertion.start).column, 10);
}
