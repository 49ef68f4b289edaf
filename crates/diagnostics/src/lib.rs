//! What terravet tells people, as plain data.
//!
//! In: nothing; every crate that finds something wrong builds a [`Diagnostic`]. Out: values that can be
//! sorted, compared, sent across threads and rendered by whoever shows them.
//!
//! Invariants: a diagnostic is complete without the tree that it came from; [`Diagnostic::sort_key`] with
//! the file paths is a total order; there is exactly one primary place.
//!
//! It does not render, print or decide what is shown.

mod outcome;
mod suggestion;

pub use outcome::{Outcome, Profile, RuleInfo, Summary};
pub use suggestion::{did_you_mean, did_you_mean_or, nearest, nearest_of_fixed};

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use terravet_source::Span;

/// How bad it is when the described risk is real, from lowest to highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Taste, hygiene, information.
    Info,
    /// Weakens a defence that others back up.
    Low,
    /// Exploitable together with something else.
    Medium,
    /// Exploitable by whoever finds it.
    High,
    /// Open to everyone now.
    Critical,
}

impl Severity {
    /// All severities, from highest to lowest.
    pub const ALL: [Severity; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The word for it, as written in rule pages, options and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no severity; use critical, high, medium, low or info"))
    }
}

/// Whether the bad state is there for every value that the input leaves open, or only for some.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It is there.
    Certain,
    /// It is there when the condition in words holds, such as "var.env is not prod".
    Possible(Arc<str>),
}

/// What kind of thing a diagnostic reports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A rule found its bad state.
    Finding(Box<Finding>),
    /// Input that could not be read, parsed or evaluated; whatever it concerns was not judged.
    Error,
    /// Something worth knowing that took nothing away, such as a module that is not vendored.
    Note,
}

/// The part of a diagnostic that only a rule's finding has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// For all values or for some.
    pub certainty: Certainty,
    /// The resource that the finding is about.
    pub resource: ResourceRef,
    /// Addresses of all instances of the block that the finding holds for, sorted. More than one when a block with
    /// `count`, `for_each` or a module called several times shares the mistake.
    pub instances: Vec<Arc<str>>,
    /// Survives moved lines and other edits around it. Hexadecimal.
    pub fingerprint: String,
    /// The change that mends it, where one is known.
    pub fix: Option<Fix>,
    /// Where a person has accepted it, and why; empty words where no reason is given.
    pub accepted: Option<Label>,
}

/// A resource, as a report names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceRef {
    /// `module.m.aws_s3_bucket.b[0]`, or the logical id.
    pub address: Arc<str>,
    /// `aws_s3_bucket` or `AWS::S3::Bucket`.
    pub native_type: Arc<str>,
    /// `b`, or the logical id.
    pub name: Arc<str>,
    /// The kind that the rule judged, such as `aws.s3.bucket`.
    pub kind: Arc<str>,
    /// The whole block, in its file.
    pub block: Span,
}

/// A labelled place beside the primary one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be seen there, such as "default of var.acl".
    pub text: Arc<str>,
}

/// A text edit: replace `span` (empty to insert) by `text`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What stands there after.
    pub text: String,
}

/// What applying a fix means for the person who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// Keeps the meaning apart from mending the finding; may be applied unattended.
    Safe,
    /// May replace resources, cost money or break clients; needs a person's consent.
    Unsafe,
    /// Only a suggestion in words.
    Display,
}

impl Applicability {
    /// The word for it, as rule pages write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Display => "display",
        }
    }
}

/// A change that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fix {
    /// What to do, in words: "Set `encrypted = true`".
    pub description: Arc<str>,
    /// What applying it means.
    pub applicability: Applicability,
    /// The edits, not overlapping; empty where the fix is words only.
    pub edits: Vec<Edit>,
}

/// One thing to tell a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The rule id, or for errors and notes what produced them: `hcl-syntax`, `read-error`, ...
    pub id: Arc<str>,
    /// One sentence, no full stop.
    pub message: String,
    /// The primary place and the words at its arrow.
    pub primary: Label,
    /// The way from where the value was written to the primary place, nearest first.
    pub trace: Vec<Label>,
    /// Other places that belong to it.
    pub related: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// What is reported.
    pub subject: Subject,
}

impl Diagnostic {
    /// An error or input problem at a place.
    pub fn error(id: &str, span: Span, message: impl Into<String>) -> Self {
        Self::new(id, span, message.into(), Subject::Error)
    }

    /// A note at a place.
    pub fn note(id: &str, span: Span, message: impl Into<String>) -> Self {
        Self::new(id, span, message.into(), Subject::Note)
    }

    fn new(id: &str, span: Span, message: String, subject: Subject) -> Self {
        let primary = Label { span, text: Arc::from("") };
        Self { id: id.into(), message, primary, trace: Vec::new(), related: Vec::new(), help: None, subject }
    }

    /// With a word on what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With the question whether the nearest of the known names was meant, where one is near enough to `given`.
    #[must_use]
    pub fn with_suggestion<'n>(self, given: &str, known: impl IntoIterator<Item = &'n str>) -> Self {
        match did_you_mean(given, known) {
            Some(question) => self.with_help(question),
            None => self,
        }
    }

    /// With words at the arrow of the primary place.
    #[must_use]
    pub fn with_label(mut self, text: impl Into<Arc<str>>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// With another labelled place.
    #[must_use]
    pub fn with_related(mut self, span: Span, text: impl Into<Arc<str>>) -> Self {
        self.related.push(Label { span, text: text.into() });
        self
    }

    /// The finding in it, if it is one.
    #[must_use]
    pub fn finding(&self) -> Option<&Finding> {
        match &self.subject {
            Subject::Finding(finding) => Some(finding),
            Subject::Error | Subject::Note => None,
        }
    }

    /// Whether it reports input that could not be judged.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.subject == Subject::Error
    }

    /// What orders diagnostics once files are ordered by their path: place, then id, then text. The
    /// caller compares `path` first.
    #[must_use]
    pub fn sort_key(&self) -> (u32, u32, &str, &str) {
        (self.primary.span.start, self.primary.span.end, &self.id, &self.message)
    }

    /// Every span in it, to know which files a report will show.
    pub fn spans(&self) -> impl Iterator<Item = Span> + '_ {
        let block = self.finding().map(|finding| finding.resource.block);
        let labels = std::iter::once(&self.primary).chain(&self.trace).chain(&self.related);
        labels.map(|label| label.span).chain(block)
    }
}

/// The longest message of an evaluation, in bytes: names and values that are repeated in one can be of any length.
const MAX_MESSAGE: usize = 1_000;

/// A message without the end of what is too long. Whoever repeats what stands in the input cuts it where the message is made, so
/// that no report grows with the length of one name.
#[must_use]
pub fn cut(mut message: String) -> String {
    if message.len() > MAX_MESSAGE {
        let end = (0..=MAX_MESSAGE).rev().find(|at| message.is_char_boundary(*at)).unwrap_or_default();
        message.truncate(end);
        message.push_str("...");
        message.shrink_to_fit();
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_messages_are_cut_between_characters() {
        assert_eq!(cut("short".to_owned()), "short");
        assert_eq!(cut("ü".repeat(MAX_MESSAGE)), format!("{}...", "ü".repeat(MAX_MESSAGE / 2)));
        assert_eq!(cut(format!("a{}", "ü".repeat(MAX_MESSAGE))).len(), MAX_MESSAGE - 1 + "...".len());
    }

    #[test]
    fn severities_are_ordered_and_round_trip() {
        assert!(Severity::Critical > Severity::Info);
        for severity in Severity::ALL {
            assert_eq!(severity.as_str().parse(), Ok(severity));
        }
        assert_eq!(
            "grave".parse::<Severity>().unwrap_err(),
            "`grave` is no severity; use critical, high, medium, low or info"
        );
    }
}
