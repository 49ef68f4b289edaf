//! What holds for any text.

use proptest::prelude::*;
use terravet_hcl::Body;
use terravet_source::{SourceFile, Span};

use crate::support::{each_node, each_piece, parse_at};

/// Pieces of texts that come near to the grammar.
const NATIVE: [&str; 62] = [
    "a",
    "b-c",
    "é",
    "for",
    "in",
    "if",
    "null",
    "true",
    "1",
    "2.5e3",
    " ",
    "\n",
    "\r\n",
    "\t",
    "=",
    "==",
    "=>",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "\"x\"",
    "${",
    "${~",
    "~}",
    "%{",
    "%{ if a }",
    "%{ else }",
    "%{ endif }",
    "%{ for x in y }",
    "%{ endfor }",
    "$${",
    "%%{",
    "<<EOT\n",
    "<<-EOT\n",
    "EOT\n",
    "  EOT\n",
    "#",
    "//",
    "/*",
    "*/",
    ".",
    "...",
    ".*",
    "[*]",
    ".0",
    ",",
    ":",
    "::",
    "?",
    "!",
    "-",
    "+",
    "&&",
    "resource \"a\" \"b\" {\n",
    "x = ",
    "\\n",
    "\\u00e9",
    "\u{feff}",
];

const JSON: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\"a\":",
    "\"resource\":",
    "{\"t\":",
    "{\"n\":{",
    "\"dynamic\":",
    "\"content\":{",
    "\"for_each\":",
    "\"//\":",
    "\"type\":",
    "\"variable\":",
    "\"depends_on\":",
    "\"locals\":",
    "null",
    "true",
    "1",
    "-2.5e3",
    "\"${a.b}\"",
    "\"${",
    "}\"",
    "\\n",
    "\\u00e9",
    "\\ud83d\\ude00",
    "\\\"",
    "%{ if a }",
    "%{ endif }",
    "é",
    "😀",
    " ",
    "\n",
    "\"x\"",
    "\"a\\tb${c}\\u00e9${d +}\"",
    "\"list(string)\"",
    "\\ud800",
];

fn texts(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    let grammar = prop::collection::vec(prop::sample::select(pieces), 0..60).prop_map(|pieces| pieces.concat());
    prop_oneof![4 => grammar, 1 => any::<String>()]
}

/// Every span of a body lies in the file, on characters; parts lie in their wholes (apart from the labels of JSON).
fn check_spans(file: &SourceFile, body: &Body) {
    let mut open: Vec<(Span, String)> = Vec::new();
    each_node(body, 0, &mut |what, span, depth| {
        check_span(file, span, what);
        open.truncate(depth);
        let apart = file.path().extension().is_some_and(|extension| extension == "json")
            && matches!(what, "kind" | "label" | "header");
        if let Some((whole, name)) = open.last()
            && !apart
            && name != "body"
        {
            assert!(whole.contains(span), "{what} {span:?} is not in its {name} {whole:?}");
        }
        while open.len() <= depth {
            open.push((span, what.to_owned()));
        }
    });
}

fn check_span(file: &SourceFile, span: Span, what: &str) {
    assert_eq!(span.file, file.id());
    assert!(span.start <= span.end, "{what}");
    assert!(file.text().get(span.range()).is_some(), "{what} at {span:?} is no part of {:?}", file.text());
}

fn check(path: &str, text: &str) {
    let (file, parsed) = parse_at(path, text);
    check_spans(&file, &parsed.body);
    for diagnostic in &parsed.diagnostics {
        diagnostic.spans().for_each(|span| check_span(&file, span, &diagnostic.message));
    }
    let comments = terravet_hcl::comments(&file);
    comments.iter().for_each(|span| check_span(&file, *span, "comment"));
    assert!(comments.windows(2).all(|pair| pair[0].end <= pair[1].start));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_native_text_has_a_tree_within_the_file(text in texts(&NATIVE)) {
        check("main.tf", &text);
    }

    #[test]
    fn any_json_text_has_a_tree_within_the_file(text in texts(&JSON)) {
        check("main.tf.json", &text);
        check("x.tfvars.json", &text);
    }

    #[test]
    fn any_template_has_pieces_within_the_file(text in texts(&NATIVE)) {
        let (file, _) = parse_at("x.tftpl", &text);
        let (template, diagnostics) = terravet_hcl::parse_template(&file);
        each_piece(&template.pieces, 0, &mut |what, span, _| check_span(&file, span, what));
        for diagnostic in &diagnostics {
            diagnostic.spans().for_each(|span| check_span(&file, span, &diagnostic.message));
        }
    }

    /// Text pieces of a template file are the file, so that a place in the value is a place in the file.
    #[test]
    fn the_text_of_a_template_file_is_its_source(text in texts(&NATIVE)) {
        let (file, _) = parse_at("x.tftpl", &text);
        let (template, _) = terravet_hcl::parse_template(&file);
        for piece in &template.pieces {
            if let terravet_hcl::Piece::Literal { text, span } = piece {
                assert_eq!(&**text, file.slice(*span));
            }
        }
    }

    /// What stands before an item with an error is read as if the error were not there.
    #[test]
    fn an_error_takes_nothing_from_before_it(text in texts(&NATIVE)) {
        let (_, parsed) = parse_at("main.tf", &format!("first {{\n  x = 1\n}}\n{text}"));
        assert_eq!(parsed.body.blocks.first().map(|block| &*block.kind.name), Some("first"));
    }
}
