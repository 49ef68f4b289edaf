//! The forms of one entry for each finding, whole.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use insta::assert_snapshot;
use support::World;
use terravet_diagnostics::{Diagnostic, Outcome};
use terravet_report::flat::{Options, checkstyle, csv, github, gitlab, gitlab_sast, jsonl, junit, markdown};
use terravet_report::{Places, flat};
use terravet_source::{Memory, Sources, Span};

fn options() -> Options<'static> {
    Options { anchors: None, today: "2026-12-01" }
}

type Form = fn(&mut dyn Write, &Outcome, &Places<'_>, flat::Options<'_>) -> std::io::Result<()>;

/// What a form writes of the scan that all tests of reports show.
fn written(form: Form) -> String {
    let world = World::new();
    text_of(form, &world.outcome, &world.sources)
}

fn text_of(form: Form, outcome: &Outcome, sources: &Sources) -> String {
    let mut out = Vec::new();
    form(&mut out, outcome, &Places::new(sources, None), options()).unwrap();
    String::from_utf8(out).unwrap()
}

/// What a form writes of one error in a file that is called and says what it likes.
fn hostile(form: Form, path: &str, message: &str) -> String {
    let sources = Sources::new(Arc::new(Memory::new([(path, "x")])));
    let span = Span::start_of(sources.load(Path::new(path)).unwrap().id());
    let outcome = Outcome { diagnostics: vec![Diagnostic::error("hcl-syntax", span, message)], ..Outcome::default() };
    text_of(form, &outcome, &sources)
}

#[test]
fn annotations_of_github() {
    assert_snapshot!(written(github::write));
}

#[test]
fn code_quality_of_gitlab() {
    assert_snapshot!(written(gitlab::write));
}

#[test]
fn sast_of_gitlab() {
    assert_snapshot!(written(gitlab_sast::write));
}

#[test]
fn test_results_of_junit() {
    assert_snapshot!(written(junit::write));
}

#[test]
fn checkstyle_by_file() {
    assert_snapshot!(written(checkstyle::write));
}

#[test]
fn a_table_for_spreadsheets() {
    assert_snapshot!(written(csv::write));
}

#[test]
fn a_summary_in_markdown() {
    assert_snapshot!(written(markdown::write));
}

#[test]
fn each_line_is_an_object_that_says_what_it_is() {
    let world = World::new();
    let mut out = Vec::new();
    jsonl::write(&mut out, &world.outcome, &Places::new(&world.sources, None)).unwrap();
    let text = String::from_utf8(out).unwrap();
    let kinds: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["finding", "finding", "suppressed", "undecided", "error", "note", "summary"]);
}

#[test]
fn nothing_found_is_a_report_too() {
    let sources = Sources::new(Arc::new(Memory::default()));
    let outcome = Outcome::default();
    assert_eq!(text_of(github::write, &outcome, &sources), "");
    assert_eq!(text_of(gitlab::write, &outcome, &sources), "[]\n");
    assert!(
        text_of(junit::write, &outcome, &sources)
            .contains(r#"<testsuites name="terravet" tests="1" failures="0" errors="0""#)
    );
    assert!(text_of(markdown::write, &outcome, &sources).starts_with("## terravet: no findings\n"));
}

#[test]
fn text_of_files_acts_on_no_reader() {
    let command = hostile(github::write, "a,b:c%0A.tf", "line\n::error::injected 100%");
    assert_eq!(command.lines().count(), 1, "{command}");
    assert!(command.contains("file=a%2Cb%3Ac%250A.tf,"), "{command}");
    assert!(command.contains("100%25"), "{command}");

    let formula = hostile(csv::write, "=cmd.tf", "=HYPERLINK(\"http://x\")");
    assert!(formula.contains(",\"'=HYPERLINK("), "{formula}");

    let comment =
        hostile(markdown::write, "a`b|c.tf", "<img src=x> @someone [x](https://x.example) #1 | www.x.example");
    let line = comment.lines().find(|line| line.starts_with("- ")).unwrap();
    assert_eq!(
        line,
        r"- `a'b\|c.tf` line 1: &lt;img src=x&gt; &#64;someone \[x\]\(https:&#47;&#47;x.example\) &#35;1 \| www&#46;x.example"
    );

    let xml = hostile(junit::write, "a\"<&.tf", "]]> \u{1} <x/>");
    assert!(xml.contains("a&quot;&lt;&amp;.tf"), "{xml}");
    assert!(!xml.contains('\u{1}') && !xml.contains("<x/>"), "{xml}");
}

#[test]
fn annotations_beyond_what_github_keeps_are_counted() {
    let sources = Sources::new(Arc::new(Memory::new([("a.tf", "x")])));
    let span = Span::start_of(sources.load(Path::new("a.tf")).unwrap().id());
    let error = |number| Diagnostic::error("hcl-syntax", span, format!("error {number}"));
    let outcome = Outcome { diagnostics: (0..13).map(error).collect(), ..Outcome::default() };
    let text = text_of(github::write, &outcome, &sources);
    assert_eq!(text.lines().filter(|line| line.starts_with("::error ")).count(), 10);
    assert_eq!(
        text.lines().last(),
        Some("::notice title=terravet::3 more findings not shown as annotations; the report has all of them")
    );
}
