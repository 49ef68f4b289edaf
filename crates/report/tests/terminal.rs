//! The report for people, as it is printed.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use support::World;
use terravet_report::{Places, Style, concise, terminal};

fn text(world: &World, options: &terminal::Options) -> String {
    let mut out = Vec::new();
    terminal::write(&mut out, &world.outcome, &Places::new(&world.sources, None), options).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn findings_show_their_source_their_way_and_their_remedy() {
    insta::assert_snapshot!(text(&World::new(), &terminal::Options::new(Style::plain())));
}

#[test]
fn drawing_needs_nothing_beyond_ascii_where_it_must() {
    let style = Style { unicode: false, ..Style::plain() };
    let text = text(&World::new(), &terminal::Options::new(style));
    let drawn = text.lines().filter(|line| !line.contains("hostile") && !line.contains('␛'));
    assert!(drawn.into_iter().all(str::is_ascii), "{text}");
}

#[test]
fn a_terminal_gets_colour_and_links() {
    let style = Style { colour: true, links: true, ..Style::plain() };
    let text = text(&World::new(), &terminal::Options::new(style));
    assert!(text.contains(
        "\u{1b}]8;;https://github.com/terravet/terravet/blob/main/rules/aws/s3/aws-s3-bucket-with-public-acl.md\u{1b}\\"
    ));
    assert!(text.contains("\u{1b}[31m"));
    // The file's own sequences never get through.
    assert!(!text.contains("\u{1b}[2J") && !text.contains('\u{202e}'));
}

#[test]
fn plain_text_holds_no_escape_sequence() {
    let options =
        terminal::Options { suppressed: true, undecided: true, notes: true, ..terminal::Options::new(Style::plain()) };
    let text = text(&World::new(), &options);
    assert!(!text.contains('\u{1b}'));
    let lists = text.split_once("suppressed:").map(|(_, lists)| lists.to_owned()).unwrap();
    insta::assert_snapshot!(lists);
}

#[test]
fn one_line_each_for_logs() {
    let world = World::new();
    let mut out = Vec::new();
    concise::write(
        &mut out,
        &world.outcome,
        &Places::new(&world.sources, None),
        &terminal::Options::new(Style::plain()),
    )
    .unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
}

#[test]
fn a_hundred_thousand_lines_are_shown_in_linear_time() {
    use std::sync::Arc;
    use terravet_diagnostics::{Diagnostic, Outcome};
    use terravet_source::{Memory, Sources, Span};

    let line = "value = \"x\"\n";
    let sources = Sources::new(Arc::new(Memory::new([("big.tf", line.repeat(100_000))])));
    let id = sources.load(std::path::Path::new("big.tf")).unwrap().id();
    let at = |number: usize| Span::new(id, number * line.len() + 8..number * line.len() + 11);
    let errors = (0..20_000).map(|number| Diagnostic::error("x", at(number * 5), "wrong")).collect();
    let outcome = Outcome { diagnostics: errors, ..Outcome::default() };
    let started = std::time::Instant::now();
    let mut out = Vec::new();
    terminal::write(&mut out, &outcome, &Places::new(&sources, None), &terminal::Options::new(Style::plain())).unwrap();
    assert!(out.len() > 20_000 * 50);
    // A report that reads the file anew for each of its findings takes minutes.
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}
