//! What there is to know at a glance: how many findings of which severity, what was looked at, and what was not.

use std::collections::BTreeMap;
use std::io::{self, Write};

use owo_colors::OwoColorize as _;
use terravet_diagnostics::{Diagnostic, Outcome, Severity};

use super::Options;
use crate::plural::count;
use crate::{Places, Style, concise, safe_text};

/// From so many findings on, the rules that found most are listed.
const MANY: usize = 15;
/// Rules in that list.
const MOST_FREQUENT: usize = 10;

/// Writes what was asked for beside findings: suppressed findings and undecided judgements, one line each.
pub(crate) fn write_lists(
    out: &mut dyn Write,
    outcome: &Outcome,
    places: &Places<'_>,
    options: &Options,
) -> io::Result<()> {
    if options.suppressed {
        write_list(out, "suppressed", &outcome.suppressed, places, options.style)?;
    }
    if options.undecided {
        write_list(out, "undecided", &outcome.undecided, places, options.style)?;
    }
    if options.notes {
        write_list(out, "left out", &outcome.left_out, places, options.style)?;
    }
    Ok(())
}

fn write_list(
    out: &mut dyn Write,
    title: &str,
    list: &[Diagnostic],
    places: &Places<'_>,
    style: Style,
) -> io::Result<()> {
    if list.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", format!("{title}:").style(style.strong()))?;
    for diagnostic in list {
        writeln!(out, "  {}", safe_text::drawn_line(&concise::line(diagnostic, places, style)))?;
    }
    writeln!(out)
}

/// Writes the summary.
pub(crate) fn write_summary(out: &mut dyn Write, outcome: &Outcome, style: Style) -> io::Result<()> {
    let summary = &outcome.summary;
    let findings: usize = summary.by_severity.values().sum();
    let errors = outcome.errors().count();
    if findings >= MANY {
        write_most_frequent(out, outcome, style)?;
    }
    let looked_at = format!(
        "{}, {}, {}",
        count(summary.files, "file"),
        count(summary.resources, "resource"),
        count(summary.rules, "rule")
    );
    match (findings, errors) {
        (0, 0) if summary.files == 0 => writeln!(out, "{}", "nothing was scanned".style(style.strong()))?,
        (0, 0) => writeln!(out, "{} in {looked_at}", "no findings".style(style.good()))?,
        (0, _) => writeln!(out, "{} in {looked_at}", "no findings".style(style.strong()))?,
        _ => {
            let title = count(findings, "finding");
            writeln!(
                out,
                "{}: {} in {looked_at}",
                title.style(style.strong()),
                by_severity(&summary.by_severity, style)
            )?;
        }
    }
    if errors > 0 {
        let what = if errors == 1 { "it concerns" } else { "they concern" };
        let words = format!("{} in the input: what {what} was not judged", count(errors, "error"));
        writeln!(out, "{}", words.style(style.severity(Severity::Critical)))?;
    }
    if !outcome.suppressed.is_empty() {
        writeln!(out, "{} suppressed (--show suppressed lists them)", count(outcome.suppressed.len(), "finding"))?;
    }
    if summary.left_out > 0 {
        let words = format!("{} with configuration left out", count(summary.left_out, "file"));
        writeln!(out, "{} (--show notes lists them)", words.style(style.faint()))?;
    }
    if summary.undecided > 0 {
        let words = format!("{} undecided: a value is not known before apply", count(summary.undecided, "judgement"));
        writeln!(out, "{} (--show undecided lists them)", words.style(style.faint()))?;
    }
    Ok(())
}

/// `1 critical, 4 high`.
fn by_severity(counts: &BTreeMap<Severity, usize>, style: Style) -> String {
    let words = counts.iter().rev().filter(|(_, number)| **number > 0);
    let words: Vec<String> = words
        .map(|(severity, number)| format!("{number} {severity}").style(style.severity(*severity)).to_string())
        .collect();
    words.join(", ")
}

fn write_most_frequent(out: &mut dyn Write, outcome: &Outcome, style: Style) -> io::Result<()> {
    let mut counts: BTreeMap<(&str, Severity), usize> = BTreeMap::new();
    for diagnostic in &outcome.diagnostics {
        if let Some(finding) = diagnostic.finding() {
            *counts.entry((&*diagnostic.id, finding.severity)).or_default() += 1;
        }
    }
    let rules = counts.len();
    let mut counts: Vec<((&str, Severity), usize)> = counts.into_iter().collect();
    counts.sort_by(|((a_id, a_severity), a), ((b_id, b_severity), b)| {
        b_severity.cmp(a_severity).then(b.cmp(a)).then(a_id.cmp(b_id))
    });
    writeln!(out, "{}", "findings by rule:".style(style.strong()))?;
    for ((id, severity), number) in counts.iter().take(MOST_FREQUENT) {
        let word = format!("{severity:<8}");
        writeln!(out, "{number:>7}  {}  {}", word.style(style.severity(*severity)), safe_text::inline(id))?;
    }
    if rules > MOST_FREQUENT {
        writeln!(out, "         and {}", count(rules - MOST_FREQUENT, "more rule"))?;
    }
    writeln!(out)
}
