//! The report for programs: `--format json`, version 1 of the contract in docs/json.md.
//!
//! Within a version, keys are added and never changed or removed. Paths are relative to the working directory with forward
//! slashes; lines and columns count from 1, columns in Unicode scalar values; `end` is the position after the last character.

use std::io::{self, Write};
use std::sync::Arc;

use serde::Serialize;
use terravet_diagnostics::{Certainty, Diagnostic, Edit, Finding, Fix, Label, Outcome, Subject};
use terravet_source::Span;

use crate::{Places, TOOL, VERSION, json_text};

/// The version of the contract.
const CONTRACT: u32 = 1;

/// Writes the report.
///
/// # Errors
/// What the writer answers.
pub fn write(out: &mut dyn Write, outcome: &Outcome, places: &Places<'_>) -> io::Result<()> {
    json_text::write(out, &report(outcome, places))
}

fn report(outcome: &Outcome, places: &Places<'_>) -> Report {
    let findings = |list: &[Diagnostic]| {
        list.iter().filter_map(|diagnostic| Some(finding(diagnostic, diagnostic.finding()?, places))).collect()
    };
    let problems = |wanted: Subject| {
        outcome
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.subject == wanted)
            .map(|it| problem(it, places))
            .collect()
    };
    let summary = &outcome.summary;
    Report {
        version: CONTRACT,
        tool: Tool { name: TOOL, version: VERSION },
        findings: findings(&outcome.diagnostics),
        suppressed: findings(&outcome.suppressed),
        undecided: outcome.undecided.iter().map(|diagnostic| problem(diagnostic, places)).collect(),
        errors: problems(Subject::Error),
        notes: problems(Subject::Note),
        summary: Summary {
            files: summary.files,
            resources: summary.resources,
            rules: summary.rules,
            undecided: summary.undecided,
            by_severity: summary
                .by_severity
                .iter()
                .rev()
                .map(|(severity, count)| (severity.as_str(), *count))
                .collect(),
        },
    }
}

#[derive(Serialize)]
struct Report {
    version: u32,
    tool: Tool,
    findings: Vec<FindingEntry>,
    suppressed: Vec<FindingEntry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    undecided: Vec<Problem>,
    errors: Vec<Problem>,
    notes: Vec<Problem>,
    summary: Summary,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct FindingEntry {
    rule: Arc<str>,
    severity: &'static str,
    message: String,
    certainty: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<Arc<str>>,
    resource: Resource,
    location: Location,
    trace: Vec<NotedLocation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<NotedLocation>,
    instances: Vec<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<FixEntry>,
    fingerprint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<NotedLocation>,
}

#[derive(Serialize)]
struct Resource {
    address: Arc<str>,
    r#type: Arc<str>,
    name: Arc<str>,
    kind: Arc<str>,
    file: Arc<str>,
    start_line: u32,
    end_line: u32,
}

#[derive(Serialize)]
struct Location {
    file: Arc<str>,
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct NotedLocation {
    #[serde(flatten)]
    location: Location,
    note: Arc<str>,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct FixEntry {
    description: Arc<str>,
    applicability: &'static str,
    edits: Vec<EditEntry>,
}

#[derive(Serialize)]
struct EditEntry {
    #[serde(flatten)]
    location: Location,
    text: String,
}

/// What could not be judged, or is worth knowing.
#[derive(Serialize)]
pub(crate) struct Problem {
    id: Arc<str>,
    message: String,
    location: Location,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<NotedLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    resources: usize,
    rules: usize,
    undecided: usize,
    by_severity: SeverityCounts,
}

/// Counts in the order in which they are given, which is from critical to info.
struct SeverityCounts(Vec<(&'static str, usize)>);

impl FromIterator<(&'static str, usize)> for SeverityCounts {
    fn from_iter<I: IntoIterator<Item = (&'static str, usize)>>(counts: I) -> Self {
        Self(counts.into_iter().collect())
    }
}

impl Serialize for SeverityCounts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

fn finding(diagnostic: &Diagnostic, finding: &Finding, places: &Places<'_>) -> FindingEntry {
    let (certainty, when) = match &finding.certainty {
        Certainty::Certain => ("certain", None),
        Certainty::Possible(when) => ("possible", Some(Arc::clone(when))),
    };
    let block = places.place(finding.resource.block);
    FindingEntry {
        rule: Arc::clone(&diagnostic.id),
        severity: finding.severity.as_str(),
        message: diagnostic.message.clone(),
        certainty,
        when,
        resource: Resource {
            address: Arc::clone(&finding.resource.address),
            r#type: Arc::clone(&finding.resource.native_type),
            name: Arc::clone(&finding.resource.name),
            kind: Arc::clone(&finding.resource.kind),
            file: block.path,
            start_line: block.start.line,
            end_line: block.end.line,
        },
        location: location(diagnostic.primary.span, places),
        trace: noted(diagnostic.trace.iter(), places),
        related: noted(diagnostic.beside(), places),
        instances: finding.instances.clone(),
        help: diagnostic.help.clone(),
        fix: finding.fix.as_ref().map(|found| fix(found, places)),
        fingerprint: finding.fingerprint.clone(),
        accepted: finding.accepted.as_ref().map(|label| noted_location(label, places)),
    }
}

fn problem(diagnostic: &Diagnostic, places: &Places<'_>) -> Problem {
    Problem {
        id: Arc::clone(&diagnostic.id),
        message: diagnostic.message.clone(),
        location: location(diagnostic.primary.span, places),
        related: noted(diagnostic.beside(), places),
        help: diagnostic.help.clone(),
    }
}

fn fix(fix: &Fix, places: &Places<'_>) -> FixEntry {
    let edit = |edit: &Edit| EditEntry { location: location(edit.span, places), text: edit.text.clone() };
    FixEntry {
        description: Arc::clone(&fix.description),
        applicability: fix.applicability.as_str(),
        edits: fix.edits.iter().map(edit).collect(),
    }
}

fn noted<'d>(labels: impl Iterator<Item = &'d Label>, places: &Places<'_>) -> Vec<NotedLocation> {
    labels.map(|label| noted_location(label, places)).collect()
}

fn noted_location(label: &Label, places: &Places<'_>) -> NotedLocation {
    NotedLocation { location: location(label.span, places), note: Arc::clone(&label.text) }
}

fn location(span: Span, places: &Places<'_>) -> Location {
    let place = places.place(span);
    let position = |at: terravet_source::Position| Position { line: at.line, column: at.column };
    Location { start: position(place.start), end: position(place.end), file: place.path }
}

/// The errors among diagnostics, as `graph` writes them for a unit.
pub(crate) fn errors<'d>(diagnostics: impl Iterator<Item = &'d Diagnostic>, places: &Places<'_>) -> Vec<Problem> {
    diagnostics.filter(|diagnostic| diagnostic.is_error()).map(|diagnostic| problem(diagnostic, places)).collect()
}
