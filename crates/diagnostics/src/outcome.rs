//! The outcome of a scan as a whole: what a report shows.
//!
//! In: sorted diagnostics from the engine. Out: [`Outcome`], which every report format renders without knowing
//! rules, graph or frontends.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::{Diagnostic, Severity};

/// Whom a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// Certain, and worth a developer's time.
    Recommended,
    /// For those who want every control that guidance names.
    Strict,
    /// What the baseline of an account should hold; judged only where the input is one.
    Account,
}

impl Profile {
    /// All profiles.
    pub const ALL: [Profile; 3] = [Self::Recommended, Self::Strict, Self::Account];

    /// The word for it, as written in rule pages and options.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recommended => "recommended",
            Self::Strict => "strict",
            Self::Account => "account",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no profile; use recommended, strict or account"))
    }
}

/// What a report says about a rule; the same in every scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// The rule id, `aws-s3-bucket-without-encryption`.
    pub id: Arc<str>,
    /// One line.
    pub title: Arc<str>,
    /// The severity of all its findings.
    pub severity: Severity,
    /// Whom it is for.
    pub profile: Profile,
    /// The AWS service, `s3`.
    pub service: Arc<str>,
    /// The page's body as Markdown: risk, remedy, examples.
    pub body: Arc<str>,
    /// The first paragraph of the body as plain text.
    pub summary: Arc<str>,
    /// Other tools' ids for the same fact, as `tool:id`.
    pub equivalents: Vec<Arc<str>>,
    /// Controls of standards that it covers, as `standard:control`.
    pub standards: Vec<Arc<str>>,
    /// Where the page can be read online.
    pub url: Arc<str>,
    /// Whether what it points at is a secret, which a report must not repeat.
    pub secret: bool,
}

/// Counts for the summary line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files that were read as configuration.
    pub files: usize,
    /// Resource instances that were judged.
    pub resources: usize,
    /// Rules that ran.
    pub rules: usize,
    /// Judgements that could not be made because a value is not known.
    pub undecided: usize,
    /// Files with configuration that ignore files or their place leave out.
    pub left_out: usize,
    /// Findings by severity; a severity without findings is there with zero.
    pub by_severity: BTreeMap<Severity, usize>,
}

/// All that a scan found, in the order in which it is to be shown.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Findings, errors and notes, sorted by path, place, id and text.
    pub diagnostics: Vec<Diagnostic>,
    /// Findings that a person has accepted.
    pub suppressed: Vec<Diagnostic>,
    /// Judgements that could not be made, where they were asked for.
    pub undecided: Vec<Diagnostic>,
    /// What ignore files leave out, or its place, with the reason; sorted by path.
    pub left_out: Vec<Diagnostic>,
    /// The rules that ran, sorted by id.
    pub rules: Vec<RuleInfo>,
    /// The counts.
    pub summary: Summary,
}

impl Outcome {
    /// The findings among the diagnostics.
    pub fn findings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.finding().is_some())
    }

    /// The errors among the diagnostics.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.is_error())
    }

    /// The rule with this id, among those that ran.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&RuleInfo> {
        self.rules.binary_search_by(|rule| (*rule.id).cmp(id)).ok().map(|at| &self.rules[at])
    }
}
