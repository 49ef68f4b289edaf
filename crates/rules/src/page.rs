//! A rule page: front matter, explanation, examples.
//!
//! In: the text of a Markdown file. Out: a [`Page`], or diagnostics that name the line in the page. The file name is the rule
//! id. Unknown keys of the front matter are refused.

use std::path::Path;
use std::sync::Arc;

use terravet_diagnostics::{Applicability, Diagnostic, Profile, Severity};
use terravet_source::{SourceFile, Span};

use crate::class::Class;
use crate::front_matter::Fields;

/// What the reader has to do, in each language that the page speaks. A text of the page that is not divided by languages
/// holds for both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remedy {
    /// What to do in Terraform, in Markdown.
    pub terraform: Option<Arc<str>>,
    /// What to do in CloudFormation, in Markdown.
    pub cloudformation: Option<Arc<str>>,
}

/// The edit that fixes a finding, in terms of the kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixTemplate {
    /// The attribute to set; none where the page only describes the fix.
    pub attribute: Option<Arc<str>>,
    /// What to set it to, as it would be written: `true`, `"aws:kms"`, `2`.
    pub value: Option<FixValue>,
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
    /// What an attacker gains; none in pages that are not of terravet itself.
    pub class: Option<Class>,
    /// Why severity or profile differ from those of the class.
    pub class_reason: Option<Arc<str>>,
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
    /// What the reader has to do.
    pub remedy: Remedy,
    /// The edit that does it.
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

/// The heading above the examples.
const EXAMPLES: &str = "## Examples\n";

/// The keys of the front matter.
const KEYS: &[&str] = &[
    "title",
    "class",
    "class_reason",
    "severity",
    "profile",
    "kind",
    "condition",
    "message",
    "label",
    "secret",
    "remedy",
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
        let (fix, words) = fix(&mut fields);
        let page = Self {
            id: id_of(file.path()),
            title: fields.text("title").0,
            severity: fields.parsed("severity", Severity::Info),
            profile: fields.parsed("profile", Profile::Strict),
            class: fields.optional_parsed("class"),
            class_reason: fields.optional_text("class_reason").map(|(text, _)| text),
            kind: kind.0,
            kind_span: kind.1,
            condition: condition.0,
            condition_span: condition.1,
            message: message.0,
            message_span: message.1,
            label: fields.optional_text("label").map(|(text, _)| text).unwrap_or_default(),
            secret: fields.flag("secret"),
            remedy: remedy(&mut fields, words),
            fix,
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

    /// The body with the remedies before the examples, as a reader of the page in the terminal or in a report gets it.
    #[must_use]
    pub fn body_with_remedy(&self) -> String {
        let Remedy { terraform, cloudformation } = &self.remedy;
        let text = match (terraform, cloudformation) {
            (Some(one), Some(other)) if one == other => one.to_string(),
            _ => [("Terraform", terraform), ("CloudFormation", cloudformation)]
                .into_iter()
                .filter_map(|(language, text)| Some(format!("{language}: {}", text.as_ref()?)))
                .collect::<Vec<_>>()
                .join("\n\n"),
        };
        match self.body.find(EXAMPLES) {
            _ if text.is_empty() => self.body.to_string(),
            Some(at) => format!("{}## Fix\n\n{text}\n\n{}", &self.body[..at], &self.body[at..]),
            None => format!("{}\n\n## Fix\n\n{text}\n", self.body.trim_end()),
        }
    }

    /// The first paragraph of the body, as plain text.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut lines = self.body.lines().map(str::trim).skip_while(|line| line.is_empty() || line.starts_with('#'));
        let mut words: Vec<&str> = Vec::new();
        for line in lines.by_ref().take_while(|line| !line.is_empty() && !line.starts_with("```")) {
            words.push(line);
        }
        without_links(&words.join(" ")).replace(['`', '*'], "")
    }
}

/// A text of Markdown with the words of links in place of the links.
fn without_links(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some((before, words, after)) = first_link(rest) {
        plain.push_str(before);
        plain.push_str(words);
        rest = after;
    }
    plain + rest
}

/// What stands before the first link of a text, the words of the link, and what stands after it.
fn first_link(text: &str) -> Option<(&str, &str, &str)> {
    let middle = text.find("](http")?;
    let start = text[..middle].rfind('[')?;
    let end = middle + text[middle..].find(')')?;
    Some((&text[..start], &text[start + 1..middle], &text[end + 1..]))
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

/// The remedy: one text for both languages, or one for each.
fn remedy(fields: &mut Fields, words: Option<Arc<str>>) -> Remedy {
    let of_both = |text: Option<Arc<str>>| Remedy { terraform: text.clone(), cloudformation: text };
    if fields.is_mapping("remedy") {
        let Some(mut inner) = fields.nested("remedy", &LANGUAGES) else { return Remedy::default() };
        let mut of = |language| inner.optional_text(language).map(|(text, _)| text);
        let remedy = Remedy { terraform: of("terraform"), cloudformation: of("cloudformation") };
        fields.absorb(inner);
        return remedy;
    }
    of_both(fields.optional_text("remedy").map(|(text, _)| text).or(words))
}

/// The fix, and the words of pages that do not have a remedy yet.
fn fix(fields: &mut Fields) -> (Option<FixTemplate>, Option<Arc<str>>) {
    let Some(mut inner) = fields.nested("fix", &["set", "to", "words", "applicability"]) else { return (None, None) };
    let attribute = inner.optional_text("set").map(|(text, _)| text);
    let value = inner.value("to");
    let words = inner.optional_text("words").map(|(text, _)| text);
    let applicability = match inner.text("applicability").0.as_ref() {
        "safe" => Applicability::Safe,
        "unsafe" => Applicability::Unsafe,
        "display" => Applicability::Display,
        other => {
            inner.refuse("applicability", format!("`{other}` is not an applicability; use safe, unsafe or display"));
            Applicability::Display
        }
    };
    if attribute.is_some() != value.is_some() {
        inner.refuse("set", "a fix needs both the attribute (`set`) and its value (`to`)");
    }
    if attribute.is_none() && words.is_none() {
        inner.refuse("set", "a fix sets an attribute; what to do in words is the `remedy`");
    }
    let span = inner.span();
    fields.absorb(inner);
    (Some(FixTemplate { attribute, value, applicability, span }), words)
}
