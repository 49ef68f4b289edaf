//! One line for each diagnostic, as compilers write it: for logs, `grep` and editors that jump to `path:line:column`.

use std::io::{self, Write};

use terravet_diagnostics::{Certainty, Diagnostic, Outcome, Subject};

use crate::{Places, Style, safe_text, terminal};

/// Characters of a reason that are shown at most.
const MAX_REASON: usize = 200;

/// Writes findings, errors and notes, one line each, and the summary.
///
/// # Errors
/// What the writer answers.
pub fn write(
    out: &mut dyn Write,
    outcome: &Outcome,
    places: &Places<'_>,
    options: &terminal::Options,
) -> io::Result<()> {
    for diagnostic in &outcome.diagnostics {
        writeln!(out, "{}", safe_text::drawn_line(&line(diagnostic, places, options.style)))?;
    }
    terminal::write_lists(out, outcome, places, options)?;
    terminal::write_summary(out, outcome, options.style)
}

/// A diagnostic on one line.
pub(crate) fn line(diagnostic: &Diagnostic, places: &Places<'_>, style: Style) -> String {
    use owo_colors::OwoColorize as _;
    let place = places.place(diagnostic.primary.span);
    let at = format!("{}:{}:{}", safe_text::inline(&place.path), place.start.line, place.start.column);
    let mut line = format!(
        "{}: {}: {}",
        at.style(style.strong()),
        code(diagnostic, style),
        safe_text::inline(&diagnostic.message)
    );
    if let Some(finding) = diagnostic.finding() {
        if let Certainty::Possible(when) = &finding.certainty {
            line.push_str(&format!(" (possible: {})", safe_text::inline(when)));
        }
        if finding.instances.len() > 1 {
            line.push_str(&format!(" (in {} instances)", finding.instances.len()));
        }
        if let Some(accepted) = &finding.accepted {
            let place = places.place(accepted.span);
            let reason = if accepted.text.is_empty() { "no reason is given" } else { &*accepted.text };
            let (path, reason) = (safe_text::inline(&place.path), safe_text::clipped(reason, MAX_REASON));
            line.push_str(&format!(" (accepted at {path}:{}: {reason})", place.start.line));
        }
    }
    line
}

/// `high[rule-id]`, `error[hcl-syntax]`, `note[...]`.
pub(crate) fn code(diagnostic: &Diagnostic, style: Style) -> String {
    use owo_colors::OwoColorize as _;
    let (word, ink) = match &diagnostic.subject {
        Subject::Finding(finding) => (finding.severity.as_str(), style.severity(finding.severity)),
        Subject::Error => ("error", style.severity(terravet_diagnostics::Severity::Critical)),
        Subject::Note => ("note", style.faint()),
    };
    format!("{}[{}]", word, safe_text::inline(&diagnostic.id)).style(ink).to_string()
}
