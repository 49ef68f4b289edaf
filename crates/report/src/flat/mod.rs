//! Reports of one entry for each finding, in the forms that other programs take: annotations, tables, test results.
//!
//! In: an [`Outcome`]. Out: for each form a module with a `write`. All of them show the same `Row`s: what is lost between the
//! forms is what a form has no place for.
//!
//! Invariants: text of scanned files is harmless in each form (line breaks, control characters, commands, formulas); paths are
//! relative to the root of the repository, since that is what forges match them against.

pub mod checkstyle;
pub mod csv;
pub mod github;
pub mod gitlab;
pub mod gitlab_sast;
pub mod jsonl;
pub mod junit;
pub mod markdown;
mod xml;

use std::sync::Arc;

use terravet_diagnostics::{Certainty, Diagnostic, Finding, Outcome, RuleInfo, Severity};
use terravet_source::{Anchors, FileId, Position};

use crate::{Places, safe_text};

/// Instances that a message names at most.
const MAX_INSTANCES: usize = 10;

/// What the forms need to know beside the outcome.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// What paths are told from, which is the root of the repository; without it they are told as in other reports.
    pub anchors: Option<&'a Anchors>,
    /// The day of the scan, as `2026-01-31`: one form must tell when it ran, and a report must not ask the clock.
    pub today: &'a str,
}

/// A finding or an error as every form shows it. The texts are harmless on one line.
pub(crate) struct Row<'o> {
    /// The rule; for an error what produced it.
    pub(crate) id: &'o Arc<str>,
    /// What the rule says in general; the id for an error.
    pub(crate) title: &'o str,
    /// None for input that could not be checked.
    pub(crate) severity: Option<Severity>,
    /// From the root of the repository.
    pub(crate) path: String,
    pub(crate) start: Position,
    pub(crate) end: Position,
    /// The address of the resource; empty for an error.
    pub(crate) address: String,
    /// What is so, with the condition of a possible finding and the instances.
    pub(crate) message: String,
    /// What to do; empty where nothing is known.
    pub(crate) help: String,
    /// Where the rule's page is; empty for an error.
    pub(crate) url: &'o str,
    /// Survives moved lines; empty for an error.
    pub(crate) fingerprint: &'o str,
    /// The rule that found it.
    pub(crate) rule: Option<&'o RuleInfo>,
    /// The finding.
    pub(crate) finding: Option<&'o Finding>,
}

/// The rows of an outcome: findings and errors in the order of the report.
pub(crate) fn rows<'o>(
    outcome: &'o Outcome,
    places: &'o Places<'_>,
    options: Options<'o>,
) -> impl Iterator<Item = Row<'o>> {
    let told = outcome.diagnostics.iter().filter(|diagnostic| diagnostic.is_error() || diagnostic.finding().is_some());
    told.map(move |diagnostic| row(diagnostic, outcome, places, options))
}

fn row<'o>(diagnostic: &'o Diagnostic, outcome: &'o Outcome, places: &Places<'_>, options: Options<'_>) -> Row<'o> {
    let place = places.place(diagnostic.primary.span);
    let finding = diagnostic.finding();
    let rule = outcome.rule(&diagnostic.id).filter(|_| finding.is_some());
    let fix = finding.and_then(|finding| finding.fix.as_ref()).map(|fix| &*fix.description);
    let help = diagnostic.help.as_deref().or(fix).unwrap_or_default();
    Row {
        id: &diagnostic.id,
        title: rule.map_or(&*diagnostic.id, |rule| &*rule.title),
        severity: finding.map(|finding| finding.severity),
        path: path_from_root(diagnostic.primary.span.file, places, options),
        start: place.start,
        end: place.end,
        address: finding.map(|finding| safe_text::inline(&finding.resource.address).into_owned()).unwrap_or_default(),
        message: message(diagnostic, finding),
        help: safe_text::inline(help).into_owned(),
        url: rule.map_or("", |rule| &*rule.url),
        fingerprint: finding.map_or("", |finding| &finding.fingerprint),
        rule,
        finding,
    }
}

fn message(diagnostic: &Diagnostic, finding: Option<&Finding>) -> String {
    let mut text = safe_text::inline(&diagnostic.message).into_owned();
    let Some(finding) = finding else { return text };
    if let Certainty::Possible(when) = &finding.certainty {
        text.push_str(&format!(" (possible: {})", safe_text::inline(when)));
    }
    if finding.instances.len() > 1 {
        let named: Vec<_> =
            finding.instances.iter().take(MAX_INSTANCES).map(|address| safe_text::inline(address)).collect();
        let more = finding.instances.len().saturating_sub(MAX_INSTANCES);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        text.push_str(&format!(" (in {} instances: {}{rest})", finding.instances.len(), named.join(", ")));
    }
    text
}

/// The path of a file from the root of the repository, where there is one.
fn path_from_root(file: FileId, places: &Places<'_>, options: Options<'_>) -> String {
    let shared = options.anchors.and_then(|anchors| places.shared_path(file, anchors));
    safe_text::inline(&shared.unwrap_or_else(|| places.path(file).to_string())).into_owned()
}
