//! What an error takes away, and what it leaves; limits.

use std::time::{Duration, Instant};

use crate::support::{native_problems, parse_at, show_body};

/// What is left of a text, and the messages of its errors with their lines.
fn rest(text: &str) -> (Vec<String>, Vec<String>) {
    let (file, parsed) = parse_at("main.tf", text);
    let error = |diagnostic: &terravet_diagnostics::Diagnostic| {
        format!("{}: {}", file.position(diagnostic.primary.span.start).line, diagnostic.message)
    };
    (show_body(&parsed.body), parsed.diagnostics.iter().map(error).collect())
}

#[test]
fn a_block_with_an_error_is_reported_once_and_hides_no_other() {
    let (left, errors) = rest(
        "resource \"a\" \"one\" {\n  x = 1\n}\n\
         resource \"a\" \"two\" {\n  x = = 1\n  y = ]\n}\n\
         resource \"a\" \"three\" {\n  x = 3\n}\n\
         variable \"v\" {\n  default = [1, 2\n}\n\
         output \"o\" {\n  value = 4\n}\n",
    );
    assert_eq!(
        left,
        ["resource \"a\" \"one\" { x = 1 }", "resource \"a\" \"three\" { x = 3 }", "output \"o\" { value = 4 }"]
    );
    assert_eq!(errors, ["5: expected a value, found `=`", "13: expected `,` or `]`, found `}`"]);
}

#[test]
fn a_missing_brace_takes_one_block() {
    let (left, errors) = rest("resource \"a\" \"b\" {\n  x {\n    y = 1\n}\n\nresource \"c\" \"d\" {\n  z = 1\n}\n");
    assert_eq!(left, ["resource \"c\" \"d\" { z = 1 }"]);
    assert_eq!(errors, ["1: this block is never closed"]);
}

#[test]
fn a_brace_too_many_takes_nothing() {
    let (left, errors) = rest("a {\n  x = 1\n}\n}\nb {\n  y = 2\n}\n");
    assert_eq!(left, ["a { x = 1 }", "b { y = 2 }"]);
    assert_eq!(errors, ["4: expected an argument or a block, found `}`"]);
}

#[test]
fn an_unclosed_string_takes_its_block() {
    let (left, errors) = rest("variable \"a\" {\n  default = \"x\n}\nvariable \"b\" {\n  default = \"y\"\n}\n");
    assert_eq!(left, ["variable \"b\" { default = \"y\" }"]);
    assert_eq!(errors, ["2: a quoted string cannot go on in the next line"]);
}

#[test]
fn a_brace_in_a_heredoc_or_comment_closes_nothing() {
    let text = "a {\n  x = 1 2\n  y = <<EOT\n}\nEOT\n  # }\n  z = \"}\"\n}\nb {}\n";
    assert_eq!(rest(text).0, ["b {  }"]);
}

#[test]
fn an_unclosed_heredoc_is_told_where_it_begins() {
    let (left, errors) = rest("a {\n  x = <<EOT\n  text\n}\nresource \"b\" \"c\" {}\n");
    assert_eq!(left, ["resource \"b\" \"c\" {  }"]);
    assert_eq!(errors, ["6: this heredoc is never closed"]);
}

#[test]
fn an_unclosed_block_or_comment_is_told_where_it_begins() {
    assert_eq!(
        native_problems("a \"b\" {\n  x = 1\n"),
        ["1:7 `{` this block is never closed; `a \"b\"` the block; help: add the missing `}`"]
    );
    assert_eq!(native_problems("a = 1\n/* b\n"), ["2:1 `/*` this comment is never closed; help: close it with `*/`"]);
}

#[test]
fn what_begins_no_item_is_told() {
    assert_eq!(
        native_problems("\"a\" = 1\n"),
        [
            "1:1 `\"` a quoted string where an argument or a block begins; help: argument names are written without quotes"
        ]
    );
    assert_eq!(
        native_problems("a\n{\n}\n")[0],
        "1:2 `\n` expected `=` or a block, found the end of the line; `a` after this name; help: write `name = value` or `name { ... }`"
    );
    assert_eq!(
        native_problems("a \"b\"\n{\n}\n")[0],
        "1:6 `\n` expected `{` or a block label, found the end of the line; `a` the block's name; help: put the `{` on the line of the block's name"
    );
    assert_eq!(
        native_problems("a.b = 1\n")[0],
        "1:2 `.` expected `=` or a block, found `.`; `a` after this name; help: write `name = value` or `name { ... }`"
    );
}

#[test]
fn after_too_many_errors_the_rest_is_not_read() {
    let text = "a = ]\n".repeat(200_000);
    let begun = Instant::now();
    let (_, errors) = rest(&text);
    assert_eq!(errors.len(), terravet_hcl::MAX_SYNTAX_ERRORS + 1);
    assert_eq!(errors[100], "100: the rest of the file is not read after 100 syntax errors");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn nesting_is_limited() {
    for (open, close) in [
        ("[", "]"),
        ("{a=", "}"),
        ("(", ")"),
        ("-", ""),
        ("!", ""),
        ("f(", ")"),
        ("\"${", "}\""),
        ("a[", "]"),
        ("[for x in ", ":x]"),
        ("a ? ", " : b"),
        ("a ? b : ", ""),
    ] {
        let text = format!("x = {}1{}\ny = 2\n", open.repeat(100_000), close.repeat(100_000));
        let begun = Instant::now();
        let (left, errors) = rest(&text);
        assert_eq!(left, ["y = 2"], "{open}");
        assert_eq!(errors, ["1: nested deeper than 100 levels, the limit of terravet"], "{open}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{open}");
    }
    let blocks = format!("{}{}y = 2\n", "a {\n".repeat(100_000), "}\n".repeat(100_000));
    assert_eq!(rest(&blocks).1, ["101: nested deeper than 100 levels, the limit of terravet"]);
    let directives = format!("x = \"{}{}\"\n", "%{if a}".repeat(100_000), "%{endif}".repeat(100_000));
    assert_eq!(rest(&directives).1, ["1: nested deeper than 100 levels, the limit of terravet"]);
}

#[test]
fn chains_of_operators_are_limited_but_long_lists_are_not() {
    let begun = Instant::now();
    let chain = format!("x = 1{}\n", " + 1".repeat(100_000));
    assert_eq!(rest(&chain).1, ["1: a chain of operators higher than 250, the limit of terravet"]);
    assert_eq!(rest(&format!("x = 1{}\n", " + 1".repeat(200))).1, Vec::<String>::new());
    assert_eq!(rest(&format!("x = [{}]\n", "1,".repeat(100_000))).1, Vec::<String>::new());
    assert_eq!(rest(&format!("x = a{}\n", ".b".repeat(100_000))).1, Vec::<String>::new());
    assert_eq!(rest(&format!("x = \"{}\"\n", "${a}".repeat(100_000))).1, Vec::<String>::new());
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn errors_cost_no_more_than_the_text_is_long() {
    let unclosed_heredocs = "x = <<EOT\n".repeat(20_000);
    let open_quotes = "x = \"${\n".repeat(20_000);
    let open_comments = "x = 1 /*\n".repeat(20_000);
    let introducers = "x = 1 <<EOT 2\n".repeat(20_000);
    for text in [unclosed_heredocs, open_quotes, open_comments, introducers] {
        let begun = Instant::now();
        rest(&text);
        assert!(begun.elapsed() < Duration::from_secs(10), "{}", &text[..9]);
    }
}
