//! Rules as SARIF describes them: the same in every scan.

use serde_json::json;
use serde_sarif::sarif::{MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor};
use terravet_diagnostics::{Profile, RuleInfo, Severity};

use super::results::sentence;

/// Characters in a description, at most (GitHub's limit).
const MAX_DESCRIPTION: usize = 1024;
/// Tags of a rule that GitHub keeps.
const MAX_TAGS: usize = 10;

/// The descriptor of a rule.
pub(super) fn descriptor(rule: &RuleInfo) -> ReportingDescriptor {
    let described = if rule.summary.is_empty() { &rule.title } else { &rule.summary };
    let help = MultiformatMessageString::builder().text(plain_help(rule)).markdown(&*rule.body).build();
    ReportingDescriptor::builder()
        .id(&*rule.id)
        .name(identifier(&rule.id))
        .short_description(&limited(&sentence(&rule.title)))
        .full_description(&limited(&sentence(described)))
        .help(help)
        .help_uri(&*rule.url)
        .default_configuration(ReportingConfiguration::builder().level(json!(level(rule.severity))).build())
        .properties(properties(rule))
        .build()
}

fn properties(rule: &RuleInfo) -> PropertyBag {
    let mut tags: Vec<String> = vec!["security".to_owned(), rule.service.to_string()];
    tags.extend(rule.standards.iter().map(ToString::to_string));
    tags.truncate(MAX_TAGS);
    let precision = match rule.profile {
        Profile::Recommended => "very-high",
        Profile::Strict => "high",
        Profile::Account => "medium",
    };
    let more = [
        ("equivalents".to_owned(), json!(rule.equivalents)),
        ("precision".to_owned(), json!(precision)),
        ("profile".to_owned(), json!(rule.profile.as_str())),
        ("security-severity".to_owned(), json!(score(rule.severity))),
    ];
    PropertyBag::builder().tags(tags).additional_properties(more).build()
}

/// SARIF's level for a severity.
pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// A score that GitHub shows as the same word: above 9.0 critical, from 7.0 high, from 4.0 medium, else low.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.5",
        Severity::Info => "0.5",
    }
}

/// The page as plain text: Markdown reads well enough as such, links and all.
fn plain_help(rule: &RuleInfo) -> String {
    if rule.body.trim().is_empty() { rule.title.to_string() } else { rule.body.to_string() }
}

/// `aws-s3-bucket` as `AwsS3Bucket`: SARIF wants a name that is an identifier and not the id.
pub(super) fn identifier(id: &str) -> String {
    let capital = |word: &str| {
        let mut characters = word.chars();
        let first = characters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(characters).collect::<String>()
    };
    id.split(|character: char| !character.is_alphanumeric()).map(capital).collect()
}

fn limited(text: &str) -> String {
    if text.chars().count() <= MAX_DESCRIPTION {
        return text.to_owned();
    }
    text.chars().take(MAX_DESCRIPTION - 1).chain(std::iter::once('…')).collect()
}
