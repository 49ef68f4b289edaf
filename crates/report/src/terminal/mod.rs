//! The report for people: each finding with the source it is about, the way its value came, and what to do; then a summary.
//!
//! In: an [`Outcome`]. Out: text for a terminal, a log or a file, as [`Style`] allows. The drawing is miette's; what is drawn
//! is chosen here: labels in the primary file share its snippet, every other file of the trace gets one of its own.

mod concealed;
mod excerpt;
mod snippet;
mod summary;

use std::io::{self, Write};

use terravet_diagnostics::{Diagnostic, Outcome, Subject};

use crate::{Places, Style, concise, safe_text};
use concealed::Concealed;

pub(crate) use summary::{write_lists, write_summary};

/// What the report shows beside findings and errors.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How it looks.
    pub style: Style,
    /// Whether suppressed findings are listed.
    pub suppressed: bool,
    /// Whether judgements that could not be made are listed.
    pub undecided: bool,
    /// Whether all notes are listed, and not only the first few.
    pub notes: bool,
}

impl Options {
    /// Findings and errors only.
    #[must_use]
    pub fn new(style: Style) -> Self {
        Self { style, suppressed: false, undecided: false, notes: false }
    }
}

/// How many notes are shown where not all are asked for.
const MAX_NOTES: usize = 5;

/// Writes the report.
///
/// # Errors
/// What the writer answers.
pub fn write(out: &mut dyn Write, outcome: &Outcome, places: &Places<'_>, options: &Options) -> io::Result<()> {
    write_diagnostics(
        out,
        outcome.diagnostics.iter().filter(|diagnostic| diagnostic.subject != Subject::Note),
        places,
        outcome,
        options.style,
    )?;
    let notes: Vec<&Diagnostic> =
        outcome.diagnostics.iter().filter(|diagnostic| diagnostic.subject == Subject::Note).collect();
    let shown = if options.notes { notes.len() } else { notes.len().min(MAX_NOTES) };
    for note in &notes[..shown] {
        writeln!(out, "{}", safe_text::drawn_line(&concise::line(note, places, options.style)))?;
    }
    if shown < notes.len() {
        writeln!(out, "and {} (--show notes lists them all)", crate::plural::count(notes.len() - shown, "more note"))?;
    }
    if shown > 0 {
        writeln!(out)?;
    }
    write_lists(out, outcome, places, options)?;
    write_summary(out, outcome, options.style)
}

/// Writes the summary only.
///
/// # Errors
/// What the writer answers.
pub fn summarize(out: &mut dyn Write, outcome: &Outcome, style: Style) -> io::Result<()> {
    write_summary(out, outcome, style)
}

/// Writes diagnostics with their source, without a summary: for problems that come before a scan.
///
/// # Errors
/// What the writer answers.
pub fn write_problems(
    out: &mut dyn Write,
    problems: &[Diagnostic],
    places: &Places<'_>,
    style: Style,
) -> io::Result<()> {
    write_diagnostics(out, problems.iter(), places, &Outcome::default(), style)
}

fn write_diagnostics<'d>(
    out: &mut dyn Write,
    diagnostics: impl Iterator<Item = &'d Diagnostic>,
    places: &Places<'_>,
    outcome: &Outcome,
    style: Style,
) -> io::Result<()> {
    let handler = snippet::handler(style);
    let concealed = Concealed::of(outcome);
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.clear();
        for snippet in snippet::snippets(diagnostic, places, outcome.rule(&diagnostic.id), &concealed, style) {
            // Writing into a string cannot fail, and miette has no errors of its own.
            let _ = handler.render_report(&mut text, &snippet);
        }
        // miette sets an empty line below the code, which a long list is better without.
        for (_, line) in text.lines().enumerate().filter(|(number, line)| *number != 1 || !line.is_empty()) {
            writeln!(out, "{}", safe_text::drawn_line(line.trim_end()))?;
        }
        writeln!(out)?;
    }
    Ok(())
}
