//! From a diagnostic to what miette draws: one snippet for each file that it concerns.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, ThemeCharacters, ThemeStyles};
use terravet_diagnostics::{Certainty, Diagnostic, Label, RuleInfo, Severity, Subject};
use terravet_source::FileId;

use super::concealed::Concealed;
use super::excerpt::{Excerpt, Mark};
use crate::{Places, Style, safe_text};

/// Characters of a message that are shown at most.
const MAX_MESSAGE: usize = 500;
/// Lines from one label within which another one shares its snippet.
const NEAR: u32 = 3;
/// Lines from the primary place that its snippet reaches at most.
const REACH: u32 = 12;
/// Instances that are named at most.
const MAX_INSTANCES: usize = 5;

/// What draws.
pub(crate) fn handler(style: Style) -> GraphicalReportHandler {
    let theme = GraphicalTheme {
        characters: if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
        styles: if style.colour { ThemeStyles::ansi() } else { ThemeStyles::none() },
    };
    GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_context_lines(1)
        .with_break_words(false)
        .with_word_separator(textwrap::WordSeparator::AsciiSpace)
        .with_word_splitter(textwrap::WordSplitter::NoHyphenation)
        .with_urls(style.links)
        .with_link_display_text("")
        .without_syntax_highlighting()
}

/// A message, a piece of one file, a word of help: any of them may be missing but the message.
#[derive(Debug)]
pub(crate) struct Snippet {
    message: String,
    severity: miette::Severity,
    code: Option<String>,
    url: Option<Arc<str>>,
    help: Option<String>,
    source: Option<Excerpt>,
    labels: Vec<LabeledSpan>,
}

impl fmt::Display for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Snippet {}

impl miette::Diagnostic for Snippet {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code.as_deref()?))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.help.as_deref()?))
    }

    fn url<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.url.as_deref()?))
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|source| source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

/// The lines that share a snippet with the primary place: those of labels near to it, or near to one that is.
fn around_primary(diagnostic: &Diagnostic, line: impl Fn(&Label) -> u32) -> RangeInclusive<u32> {
    let primary = line(&diagnostic.primary);
    let labels = diagnostic.trace.iter().chain(diagnostic.beside());
    let in_file = labels.filter(|label| label.span.file == diagnostic.primary.span.file);
    let mut lines: Vec<u32> = in_file.map(line).filter(|line| line.abs_diff(primary) <= REACH).collect();
    lines.sort_unstable_by_key(|line| line.abs_diff(primary));
    let (mut first, mut last) = (primary, primary);
    for line in lines {
        if line + NEAR >= first && line <= last + NEAR {
            (first, last) = (first.min(line), last.max(line));
        }
    }
    first..=last
}

/// The snippets of a diagnostic: the primary place first, with what lies near it, then the other places of the trace and then
/// the related ones, each file once. The steps of a trace are numbered, nearest first. The last snippet carries the help.
pub(crate) fn snippets(
    diagnostic: &Diagnostic,
    places: &Places<'_>,
    rule: Option<&RuleInfo>,
    concealed: &Concealed,
    style: Style,
) -> Vec<Snippet> {
    let primary = diagnostic.primary.span.file;
    let line = |label: &Label| places.place(label.span).start.line;
    let around = around_primary(diagnostic, line);
    let near = |label: &Label| label.span.file == primary && around.contains(&line(label));
    let mut marks = vec![Mark::new(&diagnostic.primary, diagnostic.primary.text.to_string(), true)];
    let mut elsewhere: Vec<(FileId, &str, Vec<Mark>)> = Vec::new();
    let steps = diagnostic.trace.len();
    let trace = diagnostic.trace.iter().enumerate().map(|(at, label)| {
        let text = if steps > 1 { format!("{}. {}", at + 1, label.text) } else { label.text.to_string() };
        (label, text, "the value comes from here")
    });
    let related = diagnostic.beside().map(|label| (label, label.text.to_string(), "this belongs to it"));
    for (label, text, words) in trace.chain(related) {
        let mark = Mark::new(label, text, false);
        if near(label) {
            marks.push(mark);
        } else if let Some((_, _, marks)) =
            elsewhere.iter_mut().find(|(file, it, _)| *file == label.span.file && *it == words)
        {
            marks.push(mark);
        } else {
            elsewhere.push((label.span.file, words, vec![mark]));
        }
    }
    let mut snippets = vec![main_snippet(diagnostic, places, &marks, rule, concealed)];
    snippets.extend(elsewhere.iter().map(|(file, words, marks)| {
        let mut snippet = Snippet::new((*words).to_owned(), miette::Severity::Advice);
        snippet.show(*file, places, marks, concealed);
        snippet
    }));
    if let Some(last) = snippets.last_mut() {
        last.help = help(diagnostic, rule, style);
    }
    snippets
}

impl Snippet {
    fn new(message: String, severity: miette::Severity) -> Self {
        Self { message, severity, code: None, url: None, help: None, source: None, labels: Vec::new() }
    }

    /// Shows marks of a file, or says its name where it cannot be shown.
    fn show(&mut self, file: FileId, places: &Places<'_>, marks: &[Mark], concealed: &Concealed) {
        let path = safe_text::inline(&places.path(file)).into_owned();
        match places.file(file) {
            Some(file) if !file.text().is_empty() => {
                let (excerpt, labels) = Excerpt::new(path, &file, marks, concealed);
                (self.source, self.labels) = (Some(excerpt), labels);
            }
            _ => self.message.push_str(&format!("\nin {path}")),
        }
    }
}

fn main_snippet(
    diagnostic: &Diagnostic,
    places: &Places<'_>,
    marks: &[Mark],
    rule: Option<&RuleInfo>,
    concealed: &Concealed,
) -> Snippet {
    let (word, severity) = match &diagnostic.subject {
        Subject::Finding(finding) => (finding.severity.as_str(), miette_severity(finding.severity)),
        Subject::Error => ("error", miette::Severity::Error),
        Subject::Note => ("note", miette::Severity::Advice),
    };
    let mut message = safe_text::clipped(&diagnostic.message, MAX_MESSAGE);
    if let Some(finding) = diagnostic.finding() {
        if let Certainty::Possible(when) = &finding.certainty {
            message.push_str(&format!("\npossible: {}", safe_text::clipped(when, MAX_MESSAGE)));
        }
        if let Some(words) = instances(&finding.instances) {
            message.push_str(&format!("\n{words}"));
        }
    }
    let mut snippet = Snippet::new(message, severity);
    snippet.code = Some(format!("{word}[{}]", safe_text::inline(&diagnostic.id)));
    snippet.url = rule.map(|rule| Arc::clone(&rule.url));
    snippet.show(diagnostic.primary.span.file, places, marks, concealed);
    snippet
}

fn miette_severity(severity: Severity) -> miette::Severity {
    match severity {
        Severity::Critical | Severity::High => miette::Severity::Error,
        Severity::Medium => miette::Severity::Warning,
        Severity::Low | Severity::Info => miette::Severity::Advice,
    }
}

/// "in 3 instances: ..." where there is more than one.
fn instances(addresses: &[Arc<str>]) -> Option<String> {
    if addresses.len() < 2 {
        return None;
    }
    let named: Vec<String> =
        addresses.iter().take(MAX_INSTANCES).map(|address| safe_text::clipped(address, 120)).collect();
    let more = addresses.len().saturating_sub(MAX_INSTANCES);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!("in {} instances: {}{rest}", addresses.len(), named.join(", ")))
}

/// What to do: the fix, further help, and where links are not drawn, where to read more.
fn help(diagnostic: &Diagnostic, rule: Option<&RuleInfo>, style: Style) -> Option<String> {
    let mut lines: Vec<String> = Vec::new();
    if let Some(fix) = diagnostic.finding().and_then(|finding| finding.fix.as_ref()) {
        lines.push(safe_text::clipped(&fix.description, MAX_MESSAGE));
    }
    if let Some(help) = &diagnostic.help
        && lines.first().is_none_or(|first| **first != **help)
    {
        lines.push(safe_text::clipped(help, MAX_MESSAGE));
    }
    if let Some(rule) = rule
        && !style.links
    {
        lines.push(rule.url.to_string());
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}
