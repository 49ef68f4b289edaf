//! Lists of rules: `terravet rules`.

use std::io::{self, Write};
use std::sync::Arc;

use owo_colors::OwoColorize as _;
use serde::Serialize;
use terravet_diagnostics::RuleInfo;

use crate::plural::count;
use crate::{Style, json_text, safe_text};

/// Writes a table for people: one line for each rule.
///
/// # Errors
/// What the writer answers.
pub fn write_text(out: &mut dyn Write, rules: &[RuleInfo], style: Style) -> io::Result<()> {
    let width = rules.iter().map(|rule| safe_text::inline(&rule.id).chars().count()).max().unwrap_or(0);
    for rule in rules {
        let severity = format!("{:<8}", rule.severity);
        let id = format!("{:<width$}", safe_text::inline(&rule.id));
        let profile = format!("{:<11}", rule.profile);
        writeln!(
            out,
            "{}  {}  {}  {}",
            severity.style(style.severity(rule.severity)),
            style.link(&id, &rule.url),
            profile.style(style.faint()),
            safe_text::inline(&rule.title)
        )?;
    }
    writeln!(out, "{}", count(rules.len(), "rule").style(style.strong()))
}

/// Writes an array for programs.
///
/// # Errors
/// What the writer answers.
pub fn write_json(out: &mut dyn Write, rules: &[RuleInfo]) -> io::Result<()> {
    let entries: Vec<Entry<'_>> = rules.iter().map(entry).collect();
    json_text::write(out, &entries)
}

#[derive(Serialize)]
struct Entry<'r> {
    id: &'r str,
    title: &'r str,
    severity: &'static str,
    profile: &'static str,
    service: &'r str,
    summary: &'r str,
    equivalents: &'r [Arc<str>],
    standards: &'r [Arc<str>],
    url: &'r str,
}

fn entry(rule: &RuleInfo) -> Entry<'_> {
    Entry {
        id: &rule.id,
        title: &rule.title,
        severity: rule.severity.as_str(),
        profile: rule.profile.as_str(),
        service: &rule.service,
        summary: &rule.summary,
        equivalents: &rule.equivalents,
        standards: &rule.standards,
        url: &rule.url,
    }
}
