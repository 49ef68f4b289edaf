//! A rule page: front matter, explanation, examples.
//!
//! In: the text of a Markdown file. Out: a [`Page`], or diagnostics that name the line in the page. The file name is the rule
//! id. Unknown keys of the front matter are refused.

use std::path::Path;
use std::sync::Arc;

use terravet_diagnostics::{Applicability, Diagnostic, Profile, Severity};
use terravet_source::{SourceFile, Span};

use crate::front_matter::Fields;

/// How a finding is mended, in terms of the kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixTemplate {
    /// The attribute to set; none where the fix is words only.
    pub attribute: Option<Arc<str>>,
    /// What to set it to, as it would be written: `true`, `"aws:kms"`, `2`.
    pub value: Option<FixValue>,
    /// What to do, in words; made from the attribute and the value where the page gives none.
    pub words: Option<Arc<str>>,
    /// What applying it means.
    pub applicability: Applicability,
    /// Where it is written.
    pub span: Span,
}

/// A value that a fix writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixValue {
    /// True or false.
    Bool(bool),
    /// A number, as text.
    Number(Arc<str>),
    /// Text.
    String(Arc<str>),
}

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The rule id: the file name without `.md`.
    pub id: Arc<str>,
    /// One line.
    pub title: Arc<str>,
    /// The severity of its findings.
    pub severity: Severity,
    /// Whom it is for.
    pub profile: Profile,
    /// The kind that it judges.
    pub kind: Arc<str>,
    /// Where the kind is named.
    pub kind_span: Span,
    /// What decides whether the bad state is there.
    pub condition: Arc<str>,
    /// Where it is written.
    pub condition_span: Span,
    /// The finding's message, with `{attribute}` for what an attribute is worth.
    pub message: Arc<str>,
    /// Where the message is written.
    pub message_span: Span,
    /// The words at the arrow of a finding; empty for none.
    pub label: Arc<str>,
    /// Whether what a finding points at is a secret, which reports must not repeat.
    pub secret: bool,
    /// How to mend it.
    pub fix: Option<FixTemplate>,
    /// Other tools' ids for the same fact.
    pub equivalents: Vec<Arc<str>>,
    /// Rules that say it better: where one of them reports the same place, this one keeps quiet.
    pub yields_to: Vec<Arc<str>>,
    /// Where these are listed.
    pub yields_to_span: Span,
    /// The language that cannot say what the rule is about, with the reason.
    pub unsupported: Vec<(Arc<str>, Arc<str>)>,
    /// The version that brought it.
    pub since: Arc<str>,
    /// The Markdown after the front matter.
    pub body: Arc<str>,
    /// The line on which the body starts, from 1.
    pub body_line: u32,
    /// The whole page, for diagnostics about it.
    pub span: Span,
}

/// The languages that a page may be unable to speak.
const LANGUAGES: [&str; 2] = ["terraform", "cloudformation"];

/// The keys of the front matter.
const KEYS: &[&str] = &[
    "title",
    "severity",
    "profile",
    "kind",
    "condition",
    "message",
    "label",
    "secret",
    "fix",
    "equivalents",
    "yields_to",
    "unsupported",
    "since",
];

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// Everything that is wrong with it, each at its place.
    pub fn parse(file: &SourceFile) -> Result<Self, Vec<Diagnostic>> {
        let text = file.text();
        let whole = Span::start_of(file.id());
        let Some((front, body_start)) = front_matter_range(text) else {
            let error =
                Diagnostic::error("rule-page", whole, "a rule page begins with front matter between two lines of ---");
            return Err(vec![error.with_help("see CONTRIBUTING.md for the form of a page")]);
        };
        let mut fields = Fields::parse(file, front, KEYS)?;
        let (kind, condition, message) = (fields.text("kind"), fields.text("condition"), fields.text("message"));
        let page = Self {
            id: id_of(file.path()),
            title: fields.text("title").0,
            severity: fields.parsed("severity", Severity::Info),
            profile: fields.parsed("profile", Profile::Strict),
            kind: kind.0,
            kind_span: kind.1,
            condition: condition.0,
            condition_span: condition.1,
            message: message.0,
            message_span: message.1,
            label: fields.optional_text("label").map(|(text, _)| text).unwrap_or_default(),
            secret: fields.flag("secret"),
            fix: fix(&mut fields),
            equivalents: fields.texts("equivalents"),
            yields_to: fields.texts("yields_to"),
            yields_to_span: fields.place("yields_to"),
            unsupported: fields.table("unsupported"),
            since: fields.text("since").0,
            body: text[body_start..].into(),
            body_line: u32::try_from(text[..body_start].matches('\n').count() + 1).unwrap_or(u32::MAX),
            span: whole,
        };
        for equivalent in page.equivalents.iter().filter(|equivalent| !equivalent.contains(':')) {
            fields.refuse("equivalents", format!("`{equivalent}` names no tool; write tool:id"));
        }
        for (language, _) in page.unsupported.iter().filter(|(language, _)| !LANGUAGES.contains(&&**language)) {
            fields.refuse("unsupported", format!("`{language}` is no language; use terraform or cloudformation"));
        }
        fields.finish().map(|()| page)
    }

    /// What can be told of a page by looking at its lines: the kind and the profile. None where these are written in
    /// another way than plainly, one to a line; then the page must be parsed to tell.
    pub(crate) fn outline(text: &str) -> Option<(&str, Profile)> {
        let (front, _) = front_matter_range(text)?;
        let plain = |key: &str| {
            let value = text[front.clone()].lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))?.trim();
            value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_')).then_some(value)
        };
        Some((plain("kind")?, plain("profile")?.parse().ok()?))
    }

    /// The front matter of a page's text.
    pub(crate) fn front_matter(text: &str) -> &str {
        front_matter_range(text).map_or("", |(range, _)| &text[range])
    }

    /// The names in braces in the message, in order: the attributes that it tells of.
    #[must_use]
    pub fn message_attributes(&self) -> Vec<&str> {
        let mut found = Vec::new();
        let mut rest = &*self.message;
        while let Some((_, after)) = rest.split_once('{') {
            let Some((name, next)) = after.split_once('}') else { break };
            found.push(name);
            rest = next;
        }
        found
    }

    /// The first paragraph of the body, as plain text.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut lines = self.body.lines().map(str::trim).skip_while(|line| line.is_empty() || line.starts_with('#'));
        let mut words: Vec<&str> = Vec::new();
        for line in lines.by_ref().take_while(|line| !line.is_empty() && !line.starts_with("```")) {
            words.push(line);
        }
        words.join(" ").replace(['`', '*'], "")
    }
}

fn id_of(path: &Path) -> Arc<str> {
    path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default().as_ref().into()
}

/// The byte range of the front matter between its fences, and where the body starts.
fn front_matter_range(text: &str) -> Option<(std::ops::Range<usize>, usize)> {
    let start = text.strip_prefix("---\n").map(|_| 4).or_else(|| text.strip_prefix("---\r\n").map(|_| 5))?;
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((start..at, at + line.len()));
        }
        at += line.len();
    }
    None
}

fn fix(fields: &mut Fields) -> Option<FixTemplate> {
    let mut inner = fields.nested("fix", &["set", "to", "words", "applicability"])?;
    let attribute = inner.optional_text("set").map(|(text, _)| text);
    let value = inner.value("to");
    let words = inner.optional_text("words").map(|(text, _)| text);
    let applicability = match inner.text("applicability").0.as_ref() {
        "safe" => Applicability::Safe,
        "unsafe" => Applicability::Unsafe,
        "display" => Applicability::Display,
        other => {
            inner.refuse("applicability", format!("`{other}` is no applicability; use safe, unsafe or display"));
            Applicability::Display
        }
    };
    if attribute.is_some() != value.is_some() {
        inner.refuse("set", "a fix that sets an attribute says which (`set`) and to what (`to`)");
    }
    if attribute.is_none() && words.is_none() {
        inner.refuse("words", "a fix sets an attribute or says in words what to do");
    }
    let span = inner.span();
    fields.absorb(inner);
    Some(FixTemplate { attribute, value, words, applicability, span })
}
