//! `--format gitlab-sast`: GitLab's SAST report (`artifacts:reports:sast`), for the vulnerability report and merge request widgets.
//!
//! Source: <https://gitlab.com/gitlab-org/security-products/security-report-schemas>, version 15.1.0. The schema wants to know when the
//! scan began and ended: both are the beginning of the day that the scan was given, so that a report does not depend on the clock.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::{Value, json};
use terravet_diagnostics::{Outcome, RuleInfo, Severity};

use super::{Options, Row, rows};
use crate::{Places, TOOL, TOOL_URL, VERSION, json_text};

/// Characters of a name that the schema takes.
const MAX_NAME: usize = 255;

/// Writes the report.
///
/// # Errors
/// What the writer answers.
pub fn write(out: &mut dyn Write, outcome: &Outcome, places: &Places<'_>, options: Options<'_>) -> io::Result<()> {
    let complete = outcome.errors().next().is_none();
    let day = if options.today.is_empty() { "1970-01-01" } else { options.today };
    let time = format!("{day}T00:00:00");
    let tool = json!({
        "id": TOOL, "name": TOOL, "url": TOOL_URL, "version": VERSION, "vendor": { "name": TOOL }
    });
    let mut seen = BTreeSet::new();
    let findings = rows(outcome, places, options).filter(|row| row.finding.is_some());
    let vulnerabilities: Vec<Value> = findings.map(|row| vulnerability(&row, &mut seen)).collect();
    let messages: Vec<Value> = rows(outcome, places, options)
        .filter(|row| row.finding.is_none())
        .map(|row| json!({ "level": "warn", "value": format!("{}:{}: {}", row.path, row.start.line, row.message) }))
        .collect();
    let report = json!({
        "version": "15.1.0",
        "scan": {
            "analyzer": tool, "scanner": tool, "type": "sast", "start_time": time, "end_time": time,
            "status": if complete { "success" } else { "failure" }, "messages": messages
        },
        "vulnerabilities": vulnerabilities
    });
    json_text::write(out, &report)
}

fn vulnerability(row: &Row<'_>, seen: &mut BTreeSet<String>) -> Value {
    let mut id = row.fingerprint.to_owned();
    while !seen.insert(id.clone()) {
        id.push('+');
    }
    let mut entry = json!({
        "id": id,
        "name": row.title.chars().take(MAX_NAME).collect::<String>(),
        "description": row.message,
        "severity": match row.severity {
            Some(Severity::Critical) => "Critical",
            Some(Severity::High) => "High",
            Some(Severity::Medium) => "Medium",
            Some(Severity::Low) => "Low",
            Some(Severity::Info) => "Info",
            None => "Unknown",
        },
        "location": {
            "file": row.path, "start_line": row.start.line, "end_line": row.end.line.max(row.start.line),
            "class": row.address
        },
        "identifiers": identifiers(row)
    });
    if !row.help.is_empty() {
        entry["solution"] = json!(row.help);
    }
    if !row.url.is_empty() {
        entry["links"] = json!([{ "name": "Rule", "url": row.url }]);
    }
    entry
}

/// The rule first, which is what GitLab tells findings apart by, then the other tools' names of it.
fn identifiers(row: &Row<'_>) -> Vec<Value> {
    let own = json!({ "type": "terravet_rule", "name": row.id, "value": row.id, "url": row.url });
    let others = row.rule.into_iter().flat_map(equivalents);
    std::iter::once(own).chain(others).take(20).collect()
}

fn equivalents(rule: &RuleInfo) -> impl Iterator<Item = Value> {
    rule.equivalents.iter().filter_map(|equivalent| {
        let (tool, id) = equivalent.split_once(':')?;
        Some(json!({ "type": format!("{tool}_rule"), "name": id, "value": id }))
    })
}
