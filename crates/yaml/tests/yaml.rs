//! What the YAML reader makes of text: trees with exact places, and one diagnostic for what is broken or hostile.

use std::path::Path;
use std::sync::Arc;

use terravet_source::{Memory, SourceFile, Sources};
use terravet_yaml::{Node, Parsed, parse_yaml};

fn parse(text: &str) -> (Arc<SourceFile>, Parsed) {
    let sources = Sources::new(Arc::new(Memory::default()));
    let file = sources.add(Path::new("template.yaml"), text);
    let parsed = parse_yaml(&file);
    (file, parsed)
}

fn at<'n>(node: &'n Node, path: &[&str]) -> &'n Node {
    path.iter().fold(node, |node, key| node.get(key).expect("the key is there"))
}

#[test]
fn places_are_exact_with_any_characters_around() {
    let (file, parsed) = parse("ä: 'ö'\nb:\n  c: [x, \"ü y\"]\n  d: plain text  # comment\n");
    let root = &parsed.documents[0];
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(file.slice(at(root, &["ä"]).span), "'ö'");
    assert_eq!(file.slice(at(root, &["b", "c"]).span), "[x, \"ü y\"]");
    assert_eq!(file.slice(at(root, &["b", "d"]).span), "plain text");
    assert_eq!(file.slice(at(root, &["b"]).span), "c: [x, \"ü y\"]\n  d: plain text");
}

#[test]
fn a_tag_belongs_to_its_value() {
    let (file, parsed) = parse("a: !Sub '${x}'\nb: !If\n  - c\n  - d\ne: !GetAtt f.g\n");
    let root = &parsed.documents[0];
    assert_eq!(file.slice(at(root, &["a"]).span), "!Sub '${x}'");
    assert_eq!(at(root, &["a"]).tag.as_ref().unwrap().text.as_ref(), "!Sub");
    assert_eq!(file.slice(at(root, &["b"]).span), "!If\n  - c\n  - d");
    assert_eq!(file.slice(at(root, &["e"]).tag.as_ref().unwrap().span), "!GetAtt");
}

#[test]
fn aliases_are_expanded_within_a_budget() {
    let (_, parsed) = parse("a: &x { k: 1 }\nb: *x\n");
    assert_eq!(at(&parsed.documents[0], &["b", "k"]).as_str(), Some("1"));

    let mut bomb = String::from("l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let before = format!("*l{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("l{level}: &l{level} [{}]\n", before.trim_end_matches(", ")));
    }
    let (_, parsed) = parse(&bomb);
    assert_eq!(parsed.documents, []);
    assert_eq!(
        parsed.diagnostics[0].message,
        "this file exceeds a limit: more than 1000000 values after aliases are expanded"
    );
}

#[test]
fn deep_nesting_ends_in_a_diagnostic() {
    let (_, parsed) = parse(&"[".repeat(100_000));
    assert_eq!(parsed.diagnostics[0].message, "this file exceeds a limit: nesting of more than 200 levels");
    assert_eq!(parsed.diagnostics.len(), 1);
}

#[test]
fn what_is_broken_gives_one_diagnostic_at_its_place() {
    for (text, line) in [("a: {b: c\n", 2), ("a:\n\tb: c\n", 2), ("a: 'b\n", 2), ("a: b: c\n", 1)] {
        let (file, parsed) = parse(text);
        assert_eq!(parsed.diagnostics.len(), 1, "{text:?}");
        let position = file.position(parsed.diagnostics[0].primary.span.start);
        assert!(position.line.abs_diff(line) <= 1, "{text:?} is reported on line {}", position.line);
    }
}

#[test]
fn a_key_that_stands_twice_is_reported() {
    let (_, parsed) = parse("a: 1\nb: 2\na: 3\n");
    assert_eq!(parsed.diagnostics[0].message, "the key `a` stands twice in one mapping");
    assert_eq!(parsed.documents[0].get("a").and_then(Node::as_str), Some("3"));
}

#[test]
fn carriage_returns_and_empty_files_are_no_trouble() {
    let (file, parsed) = parse("a: b\r\nc: d\r\n");
    assert_eq!(file.slice(at(&parsed.documents[0], &["c"]).span), "d");
    assert_eq!(parse("").1.documents, []);
    assert_eq!(parse("# nothing\n").1.documents, []);
}
