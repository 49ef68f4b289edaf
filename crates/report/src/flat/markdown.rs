//! `--format markdown`: a summary for a job or a comment on a pull request, in GitHub's Markdown.
//!
//! Findings stand under the rule that found them, the most severe rules first. What is too long for a comment is counted. Text of
//! scanned files is escaped: it makes no link, no mention, no table cell and no HTML.

use std::io::{self, Write};

use terravet_diagnostics::{Outcome, Severity};

use super::{Options, Row, rows};
use crate::Places;
use crate::plural::count;

/// Findings that are listed below a rule.
const MAX_OF_RULE: usize = 20;
/// Findings that are listed in all: a comment holds 65,536 characters, a summary of a job 1 MiB.
const MAX_LISTED: usize = 200;
/// Characters of a message that are shown.
const MAX_MESSAGE: usize = 300;

/// Writes the summary.
///
/// # Errors
/// What the writer answers.
pub fn write(out: &mut dyn Write, outcome: &Outcome, places: &Places<'_>, options: Options<'_>) -> io::Result<()> {
    let all: Vec<Row<'_>> = rows(outcome, places, options).collect();
    let (findings, errors): (Vec<&Row<'_>>, Vec<&Row<'_>>) = all.iter().partition(|row| row.severity.is_some());
    writeln!(out, "## terravet: {}\n", headline(&findings, outcome))?;
    counts(out, &findings)?;
    let mut listed = 0;
    for group in by_rule(&findings) {
        rule(out, &group, &mut listed)?;
    }
    if findings.len() > listed {
        writeln!(out, "{} not listed here.\n", count(findings.len() - listed, "more finding"))?;
    }
    if !errors.is_empty() {
        writeln!(out, "### Not checked\n")?;
        for row in errors.iter().take(MAX_OF_RULE) {
            writeln!(out, "- `{}` line {}: {}", code(&row.path), row.start.line, words(&row.message))?;
        }
        if errors.len() > MAX_OF_RULE {
            writeln!(out, "- {}", count(errors.len() - MAX_OF_RULE, "more error"))?;
        }
        writeln!(out)?;
    }
    let summary = &outcome.summary;
    writeln!(
        out,
        "{} in {} checked by {}; {} not decided because a value is not known before apply.",
        count(summary.resources, "resource"),
        count(summary.files, "file"),
        count(summary.rules, "rule"),
        count(summary.undecided, "check")
    )
}

fn headline(findings: &[&Row<'_>], outcome: &Outcome) -> String {
    match (findings.len(), outcome.errors().next().is_some()) {
        (0, false) => "no findings".to_owned(),
        (0, true) => "no findings, but not everything could be checked".to_owned(),
        (number, _) => count(number, "finding"),
    }
}

fn counts(out: &mut dyn Write, findings: &[&Row<'_>]) -> io::Result<()> {
    let of = |severity| findings.iter().filter(|row| row.severity == Some(severity)).count();
    let all: Vec<(Severity, usize)> = Severity::ALL.into_iter().map(|severity| (severity, of(severity))).collect();
    let present: Vec<&(Severity, usize)> = all.iter().filter(|(_, number)| *number > 0).collect();
    if present.is_empty() {
        return Ok(());
    }
    let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    writeln!(out, "{}", row(present.iter().map(|(severity, _)| severity.to_string()).collect()))?;
    writeln!(out, "{}", row(present.iter().map(|_| "---:".to_owned()).collect()))?;
    writeln!(out, "{}\n", row(present.iter().map(|(_, number)| number.to_string()).collect()))
}

/// The findings of each rule: the most severe rules first, then the id.
fn by_rule<'r, 'o>(findings: &[&'r Row<'o>]) -> Vec<Vec<&'r Row<'o>>> {
    let mut sorted = findings.to_vec();
    sorted.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.id.cmp(b.id)));
    sorted.chunk_by(|a, b| a.id == b.id).map(<[_]>::to_vec).collect()
}

fn rule(out: &mut dyn Write, group: &[&Row<'_>], listed: &mut usize) -> io::Result<()> {
    let (Some(first), Some(severity)) = (group.first(), group.first().and_then(|row| row.severity)) else {
        return Ok(());
    };
    let shown = group.len().min(MAX_OF_RULE).min(MAX_LISTED.saturating_sub(*listed));
    if shown == 0 {
        return Ok(());
    }
    *listed += shown;
    let open = if severity >= Severity::High { " open" } else { "" };
    writeln!(out, "<details{open}><summary><b>{severity}</b> {} ({})</summary>\n", words(first.title), group.len())?;
    for row in &group[..shown] {
        writeln!(out, "- `{}` line {}: {}", code(&row.path), row.start.line, words(&row.message))?;
    }
    if group.len() > shown {
        writeln!(out, "- {}", count(group.len() - shown, "more finding"))?;
    }
    writeln!(out)?;
    if !first.help.is_empty() {
        writeln!(out, "{}\n", words(&first.help))?;
    }
    writeln!(out, "[{}]({})\n\n</details>\n", first.id, first.url)
}

/// Words of a file or a page as plain words of Markdown.
fn words(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars().take(MAX_MESSAGE) {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // A mention or a reference to an issue would tell people who have nothing to do with it.
            '@' => escaped.push_str("&#64;"),
            '#' => escaped.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '|' | '~' | '!' => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
    if text.chars().nth(MAX_MESSAGE).is_some() {
        escaped.push('…');
    }
    // A bare address would become a link.
    escaped.replace("://", ":&#47;&#47;").replace("www.", "www&#46;")
}

/// Text between backticks.
fn code(text: &str) -> String {
    text.replace('`', "'").replace('|', "\\|")
}
