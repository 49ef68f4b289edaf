//! The report for code scanning: SARIF 2.1.0 as GitHub reads it.
//!
//! In: an [`Outcome`]. Out: one run with every rule that ran, its help in Markdown, and one result for each finding. What could
//! not be judged is a notification of the invocation. Nothing in it depends on the time or the machine.
//!
//! Sources: the standard, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>, and what GitHub reads of it,
//! <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.

mod locations;
mod results;
mod rules;

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::json;
use serde_sarif::sarif::{
    ArtifactLocation, Invocation, Message, Notification, ReportingDescriptor, ReportingDescriptorReference, Run,
    RunAutomationDetails, Sarif, ToolComponent,
};
use terravet_diagnostics::{Diagnostic, Outcome, Subject};
use terravet_source::Anchors;

use crate::plural::count;
use crate::{Places, TOOL, TOOL_URL, VERSION, json_text};
use locations::Locations;

/// Results in one run: GitHub refuses files with more.
const MAX_RESULTS: usize = 25_000;
/// Notes among the notifications: they took nothing away, and a monorepo has thousands that say the same.
const MAX_NOTES: usize = 100;

/// What the report holds beside findings, and what its paths are relative to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// The trees that were scanned: consumers want paths from the root of the repository. None for files in no tree.
    pub anchors: Option<&'a Anchors>,
    /// Whether suppressed findings are written, marked as such. GitHub shows them as open alerts.
    pub suppressed: bool,
}

/// Writes the report.
///
/// # Errors
/// What the writer answers.
pub fn write(out: &mut dyn Write, outcome: &Outcome, places: &Places<'_>, options: &Options<'_>) -> io::Result<()> {
    let locations = Locations { places, anchors: options.anchors };
    let log = Sarif::builder()
        .schema("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
        .version(json!("2.1.0"))
        .runs(vec![run(outcome, &locations, options)])
        .build();
    json_text::write(out, &log)
}

fn run(outcome: &Outcome, locations: &Locations<'_>, options: &Options<'_>) -> Run {
    let all: Vec<&Diagnostic> = outcome.findings().collect();
    let shown = most_severe(&all);
    let mut results: Vec<_> =
        shown.iter().filter_map(|finding| results::result(finding, outcome, locations, false)).collect();
    if options.suppressed {
        results
            .extend(outcome.suppressed.iter().filter_map(|finding| results::result(finding, outcome, locations, true)));
    }
    let base = ArtifactLocation::builder().description("the root of the repository").build();
    Run::builder()
        .tool(driver(outcome))
        .automation_details(RunAutomationDetails::builder().id(format!("{TOOL}/")).build())
        .column_kind(json!("unicodeCodePoints"))
        .original_uri_base_ids([(locations::BASE.to_owned(), base)])
        .invocations(vec![invocation(outcome, locations, all.len() - shown.len())])
        .results(results)
        .build()
}

/// The findings that a run has room for, in their order: the most severe ones.
fn most_severe<'d>(findings: &[&'d Diagnostic]) -> Vec<&'d Diagnostic> {
    if findings.len() <= MAX_RESULTS {
        return findings.to_vec();
    }
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(findings[*at].finding().map(|finding| finding.severity)));
    let mut kept: Vec<usize> = order.into_iter().take(MAX_RESULTS).collect();
    kept.sort_unstable();
    kept.into_iter().map(|at| findings[at]).collect()
}

fn driver(outcome: &Outcome) -> ToolComponent {
    let noted: BTreeSet<&str> = notified(outcome).map(|diagnostic| &*diagnostic.id).collect();
    let notifications = noted.into_iter().map(|id| {
        let about = format!("Input problem: {}.", id.replace('-', " "));
        let help = format!("What this concerns was not judged, or not wholly. The exit codes are described at {TOOL_URL}/blob/main/docs/exit-codes.md.");
        ReportingDescriptor::builder()
            .id(id)
            .name(rules::identifier(id))
            .short_description(&about)
            .full_description(&about)
            .help(&help)
            .build()
    });
    ToolComponent::builder()
        .name(TOOL)
        .semantic_version(VERSION)
        .information_uri(TOOL_URL)
        .rules(outcome.rules.iter().map(rules::descriptor).collect::<Vec<_>>())
        .notifications(notifications.collect::<Vec<_>>())
        .build()
}

/// What is reported as a notification: errors, then the first notes.
fn notified(outcome: &Outcome) -> impl Iterator<Item = &Diagnostic> {
    outcome.errors().chain(notes(outcome).take(MAX_NOTES))
}

fn notes(outcome: &Outcome) -> impl Iterator<Item = &Diagnostic> {
    outcome.diagnostics.iter().filter(|diagnostic| diagnostic.subject == Subject::Note)
}

fn invocation(outcome: &Outcome, locations: &Locations<'_>, left_out: usize) -> Invocation {
    let mut notifications: Vec<Notification> = notified(outcome)
        .map(|diagnostic| {
            let level = if diagnostic.is_error() { "error" } else { "note" };
            let mut text = results::sentence(&diagnostic.message);
            if let Some(help) = &diagnostic.help {
                text = format!("{text} {}", results::sentence(help));
            }
            Notification::builder()
                .descriptor(ReportingDescriptorReference::builder().id(&*diagnostic.id).build())
                .level(json!(level))
                .message(&text)
                .locations(vec![locations.location(diagnostic.primary.span)])
                .build()
        })
        .collect();
    let notes_left_out = notes(outcome).count().saturating_sub(MAX_NOTES);
    if notes_left_out > 0 {
        let text = format!("{} left out.", count(notes_left_out, "more note"));
        notifications.push(Notification::builder().level(json!("note")).message(&text).build());
    }
    if left_out > 0 {
        let text = format!(
            "{} less severe than the {MAX_RESULTS} in this file left out, the most that code scanning takes.",
            count(left_out, "finding")
        );
        notifications.push(Notification::builder().level(json!("warning")).message(Message::from(&text)).build());
    }
    Invocation::builder()
        .execution_successful(outcome.errors().next().is_none())
        .tool_execution_notifications(notifications)
        .build()
}
