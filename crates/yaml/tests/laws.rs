//! What holds for every text.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use terravet_source::{Memory, SourceFile, Sources, Span};
use terravet_yaml::{Node, NodeKind, Parsed, comments, parse_json, parse_yaml};

fn file(text: &str) -> Arc<SourceFile> {
    Sources::new(Arc::new(Memory::default())).add(Path::new("a.yaml"), text)
}

/// Every span lies in the text, on the boundaries of characters.
fn check(file: &SourceFile, parsed: &Parsed) {
    let fits = |span: Span| file.text().get(span.range()).is_some();
    parsed
        .diagnostics
        .iter()
        .flat_map(|diagnostic| diagnostic.spans())
        .for_each(|span| assert!(fits(span), "{span:?}"));
    let mut open: Vec<&Node> = parsed.documents.iter().collect();
    while let Some(node) = open.pop() {
        assert!(fits(node.span), "{node:?}");
        assert!(node.tag.as_ref().is_none_or(|tag| fits(tag.span)), "{node:?}");
        match &node.kind {
            NodeKind::Scalar { .. } => {}
            NodeKind::Sequence(items) => open.extend(items.iter()),
            NodeKind::Mapping(entries) => open.extend(entries.iter().flat_map(|entry| [&entry.key, &entry.value])),
        }
    }
}

fn look(text: &str) {
    let file = file(text);
    check(&file, &parse_yaml(&file));
    check(&file, &parse_json(&file));
    for comment in comments(&file) {
        assert!(file.slice(comment.span).starts_with('#'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_gives_a_tree_or_a_diagnostic(text in "\\PC{0,80}") {
        look(&text);
    }

    #[test]
    fn text_of_the_characters_of_yaml_too(text in "[ab1é:\\-?&*!|>'\"%@`{}\\[\\],#\\\\ \\t\\r\\n~<=.]{0,60}") {
        look(&text);
    }

    #[test]
    fn what_is_json_is_yaml_with_the_same_keys(keys in prop::collection::btree_set("[a-zA-Z0-9 :#]{1,8}", 1..6)) {
        let text = format!("{{{}}}", keys.iter().map(|key| format!("\"{key}\": [\"{key}\"]")).collect::<Vec<_>>().join(", "));
        let file = file(&text);
        let (json, yaml) = (parse_json(&file), parse_yaml(&file));
        for key in &keys {
            let of = |parsed: &Parsed| parsed.documents[0].get(key).map(|node| (node.span, node.kind.clone()));
            prop_assert_eq!(of(&json), of(&yaml));
        }
    }
}
