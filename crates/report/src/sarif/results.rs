//! Findings as SARIF results.

use std::collections::BTreeMap;

use serde_json::json;
use serde_sarif::sarif::{
    ArtifactChange, ArtifactContent, CodeFlow, Fix, Location, LogicalLocation, PropertyBag, Replacement, Result,
    ResultLevel, Suppression, ThreadFlow, ThreadFlowLocation,
};
use terravet_diagnostics::{Certainty, Diagnostic, Finding, Outcome, Severity};
use terravet_source::FileId;

use super::locations::Locations;

/// The key of the fingerprint. GitHub's own, `primaryLocationLineHash`, is left to GitHub, which warns about any other value.
const FINGERPRINT: &str = "terravet/v1";
/// Instances that the message names at most.
const MAX_INSTANCES: usize = 10;
/// Locations beside the primary one: GitHub keeps a hundred.
const MAX_RELATED: usize = 100;

/// The result for a finding; none for what is no finding.
pub(super) fn result(
    diagnostic: &Diagnostic,
    outcome: &Outcome,
    locations: &Locations<'_>,
    suppressed: bool,
) -> Option<Result> {
    let finding = diagnostic.finding()?;
    let mut primary = locations.location(diagnostic.primary.span);
    primary.logical_locations = Some(vec![resource(finding)]);
    let mut result = Result::builder()
        .rule_id(&*diagnostic.id)
        .level(level(finding.severity))
        .message(&message(diagnostic, finding))
        .locations(vec![primary])
        .partial_fingerprints([(FINGERPRINT.to_owned(), finding.fingerprint.clone())])
        .properties(properties(finding))
        .build();
    result.rule_index = outcome
        .rules
        .binary_search_by(|rule| rule.id.cmp(&diagnostic.id))
        .ok()
        .and_then(|index| i64::try_from(index).ok());
    if !diagnostic.trace.is_empty() {
        result.code_flows = Some(vec![way(diagnostic, locations)]);
    }
    let related = related(diagnostic, locations);
    if !related.is_empty() {
        result.related_locations = Some(related);
    }
    result.fixes = fix(finding, locations).map(|fix| vec![fix]);
    if suppressed {
        let mut suppression = Suppression::builder().kind(json!("inSource")).build();
        if let Some(accepted) = &finding.accepted {
            suppression.location = Some(locations.location(accepted.span));
            suppression.justification = Some(accepted.text.to_string()).filter(|reason| !reason.is_empty());
        }
        result.suppressions = Some(vec![suppression]);
    }
    Some(result)
}

fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Critical | Severity::High => ResultLevel::Error,
        Severity::Medium => ResultLevel::Warning,
        Severity::Low | Severity::Info => ResultLevel::Note,
    }
}

fn resource(finding: &Finding) -> LogicalLocation {
    let resource = &finding.resource;
    LogicalLocation::builder().name(&*resource.name).fully_qualified_name(&*resource.address).kind("resource").build()
}

/// The message: its first sentence is the title of the alert.
fn message(diagnostic: &Diagnostic, finding: &Finding) -> String {
    let mut text = sentence(&diagnostic.message);
    if let Certainty::Possible(when) = &finding.certainty {
        text.push_str(&format!(" Possible: {}", sentence(when)));
    }
    if finding.instances.len() > 1 {
        let named: Vec<&str> = finding.instances.iter().take(MAX_INSTANCES).map(|address| &**address).collect();
        let more = finding.instances.len().saturating_sub(MAX_INSTANCES);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        text.push_str(&sentence(&format!(" In {} instances: {}{rest}", finding.instances.len(), named.join(", "))));
    }
    text
}

fn properties(finding: &Finding) -> PropertyBag {
    let resource = &finding.resource;
    let mut more = BTreeMap::from([
        ("kind".to_owned(), json!(resource.kind)),
        ("resourceType".to_owned(), json!(resource.native_type)),
        ("certainty".to_owned(), json!("certain")),
    ]);
    if let Certainty::Possible(when) = &finding.certainty {
        more.insert("certainty".to_owned(), json!("possible"));
        more.insert("when".to_owned(), json!(when));
    }
    PropertyBag::builder().additional_properties(more).build()
}

/// The way of the value, from where it was written to where it does harm.
fn way(diagnostic: &Diagnostic, locations: &Locations<'_>) -> CodeFlow {
    let step = |location: Location| ThreadFlowLocation::builder().location(location).build();
    let mut steps: Vec<ThreadFlowLocation> =
        diagnostic.trace.iter().rev().map(|label| step(locations.labelled(label))).collect();
    let mut last = locations.location(diagnostic.primary.span);
    let words = if diagnostic.primary.text.is_empty() { &*diagnostic.message } else { &*diagnostic.primary.text };
    last.message = Some((&sentence(words)).into());
    steps.push(step(last));
    CodeFlow::builder().thread_flows(vec![ThreadFlow::builder().locations(steps).build()]).build()
}

fn related(diagnostic: &Diagnostic, locations: &Locations<'_>) -> Vec<Location> {
    let labels = diagnostic.trace.iter().chain(diagnostic.beside()).take(MAX_RELATED);
    let numbered = labels.zip(1..).map(|(label, id)| {
        let mut location = locations.labelled(label);
        location.id = Some(id);
        location
    });
    numbered.collect()
}

fn fix(finding: &Finding, locations: &Locations<'_>) -> Option<Fix> {
    let fix = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty())?;
    let mut changes: Vec<(FileId, ArtifactChange)> = Vec::new();
    for edit in &fix.edits {
        let content = ArtifactContent::builder().text(edit.text.as_str()).build();
        let replacement =
            Replacement::builder().deleted_region(locations.region(edit.span)).inserted_content(content).build();
        match changes.iter_mut().find(|(file, _)| *file == edit.span.file) {
            Some((_, change)) => change.replacements.push(replacement),
            None => {
                let artifact = locations.artifact(edit.span.file);
                let change =
                    ArtifactChange::builder().artifact_location(artifact).replacements(vec![replacement]).build();
                changes.push((edit.span.file, change));
            }
        }
    }
    let changes: Vec<ArtifactChange> = changes.into_iter().map(|(_, change)| change).collect();
    let description = sentence(&fix.description);
    Some(Fix::builder().description(&description).artifact_changes(changes).build())
}

/// The text with a full stop, and without what SARIF's plain text would take for an embedded link: names in scanned files
/// must not become links in an alert.
pub(super) fn sentence(text: &str) -> String {
    let text = text.replace("](", "] (");
    if text.ends_with(['.', '!', '?', ':']) { text } else { text + "." }
}
