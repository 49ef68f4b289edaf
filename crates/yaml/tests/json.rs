//! What the JSON reader makes of text: trees with exact places, or the place where it stops being JSON.

use std::path::Path;
use std::sync::Arc;

use terravet_source::{Memory, SourceFile, Sources};
use terravet_yaml::{JsonErrorKind, Node, Parsed, Resolved, parse_json, parse_json_text};

fn parse(text: &str) -> (Arc<SourceFile>, Parsed) {
    let sources = Sources::new(Arc::new(Memory::default()));
    let file = sources.add(Path::new("a.json"), text);
    let parsed = parse_json(&file);
    (file, parsed)
}

/// Line, column and words of the one diagnostic.
fn refusal(text: &str) -> (u32, u32, String) {
    let (file, parsed) = parse(text);
    assert_eq!((parsed.documents.len(), parsed.diagnostics.len()), (0, 1), "{text}");
    let position = file.position(parsed.diagnostics[0].primary.span.start);
    (position.line, position.column, parsed.diagnostics[0].message.clone())
}

#[test]
fn keys_and_values_have_places() {
    let (file, parsed) = parse(" {\"a\" : [\"é\", 2.5, true, {\"b\":null}]} \r\n");
    let entry = parsed.documents[0].entry("a").unwrap();
    assert_eq!(file.slice(entry.key.span), "\"a\"");
    assert_eq!(file.slice(entry.span()), "\"a\" : [\"é\", 2.5, true, {\"b\":null}]");
    let texts: Vec<&str> = entry.value.as_sequence().unwrap().iter().map(|item| file.slice(item.span)).collect();
    assert_eq!(texts, ["\"é\"", "2.5", "true", "{\"b\":null}"]);
}

#[test]
fn literals_keep_their_text_and_meaning() {
    let (_, parsed) = parse(r#"[1, -0.50, 1E3, "1", false, null]"#);
    let meanings: Vec<Resolved<'_>> =
        parsed.documents[0].as_sequence().unwrap().iter().map(|item| item.resolve().unwrap()).collect();
    let expected = [
        Resolved::Integer("1"),
        Resolved::Float("-0.50"),
        Resolved::Float("1E3"),
        Resolved::String,
        Resolved::Bool(false),
        Resolved::Null,
    ];
    assert_eq!(meanings, expected);
}

#[test]
fn escapes_are_taken_away() {
    let (_, parsed) = parse(r#""a\n\t\"\\\/\u00e9\ud83d\ude00\ud83dx""#);
    assert_eq!(parsed.documents[0].as_str(), Some("a\n\t\"\\/é😀\u{fffd}x"));
}

#[test]
fn what_is_no_json_is_refused_at_its_place() {
    for (text, expected) in [
        ("{\"a\": 1,\n}", (1, 8, "a comma stands after the last part")),
        ("{\"a\": 1} // x", (1, 10, "it has no comments")),
        ("{\n  # x\n}", (2, 3, "it has no comments")),
        ("[1 2]", (1, 4, "`,` or `]` is needed, and `2` stands here")),
        ("{a: 1}", (1, 2, "a key in double quotes is needed, and `a` stands here")),
        ("{'a': 1}", (1, 2, "text stands in double quotes")),
        ("", (1, 1, "the text is empty")),
        ("{\"a\": ", (1, 7, "a value is needed, and the text ends")),
        ("{\"a\": \"b", (1, 7, "the text that begins here is never closed")),
        ("[01]", (1, 2, "a number begins with 0")),
        ("[1.]", (1, 4, "a digit is needed, and `]` stands here")),
        ("[yes]", (1, 2, "`yes` is no value; text stands in double quotes")),
        ("[\"\\x\"]", (1, 3, "after `\\` there must be one of `\"\\/bfnrtu`")),
        ("{} {}", (1, 4, "the end of the text is needed, and `{` stands here")),
    ] {
        let (line, column, message) = refusal(text);
        assert_eq!((line, column, message), (expected.0, expected.1, format!("this is not JSON: {}", expected.2)));
    }
}

#[test]
fn a_key_that_stands_twice_is_reported_with_both_places() {
    let (file, parsed) = parse(r#"{"a": 1, "a": 2}"#);
    let diagnostic = &parsed.diagnostics[0];
    assert_eq!(diagnostic.message, "the key `a` stands twice in one mapping");
    assert_eq!((diagnostic.primary.span.start, diagnostic.related[0].span.start), (9, 1));
    assert_eq!(parsed.documents[0].get("a").and_then(Node::as_str), Some("2"));
    drop(file);
}

#[test]
fn nesting_ends_in_a_limit() {
    let (_, _, message) = refusal(&"[".repeat(100_000));
    assert_eq!(message, "this file exceeds a limit: nesting of more than 200 levels");
    let sources = Sources::new(Arc::new(Memory::default()));
    let id = sources.id(Path::new("x"));
    let error = parse_json_text(&"{\"a\":".repeat(300), |range| terravet_source::Span::new(id, range)).unwrap_err();
    assert_eq!(error.kind, JsonErrorKind::Limit);
}
