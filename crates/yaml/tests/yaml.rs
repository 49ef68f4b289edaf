//! What the YAML reader makes of text: trees with exact places, and one diagnostic for what is broken or hostile.

use std::path::Path;
use std::sync::Arc;

use terravet_source::{Memory, SourceFile, Sources};
use terravet_yaml::{Node, Parsed, Resolved, parse_yaml};

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
    // What was read before the limit stays, the last entry in part, and nothing after it.
    let entries = parsed.documents[0].as_mapping().unwrap();
    let keys: Vec<_> = entries.iter().filter_map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ["l0", "l1", "l2", "l3", "l4", "l5"]);
    assert_eq!(
        parsed.diagnostics[0].message,
        "this file exceeds a limit: more than 1000000 values, with aliases expanded"
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
fn tabs_are_named() {
    let (file, parsed) = parse("a:\n\tb: c\n");
    let diagnostic = &parsed.diagnostics[0];
    assert_eq!(diagnostic.message, "this is not YAML: a tab stands in the indentation");
    assert_eq!(file.slice(diagnostic.primary.span), "\t");
}

#[test]
fn an_alias_keeps_the_place_of_what_it_stands_for() {
    let (file, parsed) = parse("a: &x !Sub '${y}'\nb: *x\nc: &m\n  k: 1\nd:\n  <<: *m\n");
    let root = &parsed.documents[0];
    assert_eq!(at(root, &["a"]).span, at(root, &["b"]).span);
    assert_eq!(file.slice(at(root, &["b"]).span), "!Sub '${y}'");
    assert_eq!(at(root, &["d", "<<", "k"]).as_str(), Some("1"), "a merge key is an entry like any other");
}

#[test]
fn an_alias_to_nothing_or_to_itself_is_refused() {
    for text in ["a: *x\n", "a: &x [*x]\n"] {
        assert_eq!(parse(text).1.diagnostics.len(), 1, "{text}");
    }
}

#[test]
fn scalars_mean_what_yaml_1_1_says() {
    let (_, parsed) = parse("a: yes\nb: 'yes'\nc: 2012-10-17\nd: 012345678901\ne: ~\nf: !Sub 5\ng: 1.50\n");
    let root = &parsed.documents[0];
    let meaning = |key| at(root, &[key]).resolve().unwrap();
    assert_eq!(meaning("a"), Resolved::Bool(true));
    assert_eq!([meaning("b"), meaning("c"), meaning("d"), meaning("f")], [Resolved::String; 4]);
    assert_eq!((meaning("e"), meaning("g")), (Resolved::Null, Resolved::Float("1.50")));
}

#[test]
fn block_scalars_begin_at_their_header() {
    let (file, parsed) = parse("a: |-\n  x\n  y\nb: >\n  p\n  q\n");
    let root = &parsed.documents[0];
    assert_eq!(at(root, &["a"]).as_str(), Some("x\ny"));
    assert_eq!(file.slice(at(root, &["a"]).span), "|-\n  x\n  y");
    assert_eq!(at(root, &["b"]).as_str(), Some("p q\n"));
}

#[test]
fn a_byte_order_mark_moves_nothing() {
    let sources = Sources::new(Arc::new(Memory::new([("a.yaml", "\u{feff}a: b\n")])));
    let file = sources.load(Path::new("a.yaml")).unwrap();
    let parsed = parse_yaml(&file);
    assert_eq!(file.slice(at(&parsed.documents[0], &["a"]).span), "b");
}

#[test]
fn carriage_returns_and_empty_files_are_no_trouble() {
    let (file, parsed) = parse("a: b\r\nc: d\r\n");
    assert_eq!(file.slice(at(&parsed.documents[0], &["c"]).span), "d");
    assert_eq!(parse("").1.documents, []);
    assert_eq!(parse("# nothing\n").1.documents, []);
}
