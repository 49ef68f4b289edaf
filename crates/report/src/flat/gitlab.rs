//! `--format gitlab`: GitLab's Code Quality report (`artifacts:reports:codequality`).
//!
//! Source: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;
use terravet_diagnostics::{Outcome, Severity};

use super::{Options, Row, rows};
use crate::{Places, json_text};

#[derive(Serialize)]
struct Issue<'o> {
    description: String,
    check_name: &'o str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Writes the report.
///
/// # Errors
/// What the writer answers.
pub fn write(out: &mut dyn Write, outcome: &Outcome, places: &Places<'_>, options: Options<'_>) -> io::Result<()> {
    let mut seen = BTreeSet::new();
    let issues: Vec<Issue<'_>> = rows(outcome, places, options).map(|row| issue(row, &mut seen)).collect();
    json_text::write(out, &issues)
}

fn issue<'o>(row: Row<'o>, seen: &mut BTreeSet<String>) -> Issue<'o> {
    let remedy = if row.help.is_empty() { String::new() } else { format!(" ({})", row.help) };
    // GitLab wants a fingerprint for each entry and none twice; an error has none of its own.
    let mut fingerprint = match row.fingerprint {
        "" => format!("{}:{}:{}:{}", row.id, row.path, row.start.line, row.start.column),
        own => own.to_owned(),
    };
    while !seen.insert(fingerprint.clone()) {
        fingerprint.push('+');
    }
    Issue {
        description: format!("{}{remedy}", row.message),
        check_name: row.id,
        fingerprint,
        severity: match row.severity {
            Some(Severity::Critical) => "blocker",
            None | Some(Severity::High) => "critical",
            Some(Severity::Medium) => "major",
            Some(Severity::Low) => "minor",
            Some(Severity::Info) => "info",
        },
        location: Location {
            path: row.path,
            lines: Lines { begin: row.start.line, end: row.end.line.max(row.start.line) },
        },
    }
}
