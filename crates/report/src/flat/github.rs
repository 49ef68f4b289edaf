//! `--format github`: workflow commands, which GitHub shows as annotations beside the lines of a pull request.
//!
//! Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>. GitHub keeps ten annotations of each
//! level for a step, so the most severe come first and the rest are summed up in a notice.

use std::io::{self, Write};

use terravet_diagnostics::{Outcome, Severity};

use super::{Options, Row, rows};
use crate::Places;
use crate::plural::count;

/// Annotations of one level that GitHub keeps for a step.
const MAX_OF_LEVEL: usize = 10;

/// Writes the annotations.
///
/// # Errors
/// What the writer answers.
pub fn write(out: &mut dyn Write, outcome: &Outcome, places: &Places<'_>, options: Options<'_>) -> io::Result<()> {
    let mut all: Vec<Row<'_>> = rows(outcome, places, options).collect();
    // An error stands above all: what it concerns was not checked. The sort keeps the order of the report.
    all.sort_by_key(|row| std::cmp::Reverse(row.severity.map_or(u8::MAX, |severity| severity as u8)));
    let mut left_out = 0;
    for level in ["error", "warning", "notice"] {
        let of_level: Vec<&Row<'_>> = all.iter().filter(|row| level_of(row) == level).collect();
        // The last notice is kept for the sum.
        let most = if level == "notice" { MAX_OF_LEVEL - 1 } else { MAX_OF_LEVEL };
        left_out += of_level.len().saturating_sub(most);
        for row in of_level.into_iter().take(most) {
            annotation(out, level, row)?;
        }
    }
    if left_out > 0 {
        let text = format!("{} not shown as annotations; the report has all of them", count(left_out, "more finding"));
        writeln!(out, "::notice title=terravet::{}", data(&text))?;
    }
    Ok(())
}

fn level_of(row: &Row<'_>) -> &'static str {
    match row.severity {
        None | Some(Severity::Critical | Severity::High) => "error",
        Some(Severity::Medium) => "warning",
        Some(Severity::Low | Severity::Info) => "notice",
    }
}

fn annotation(out: &mut dyn Write, level: &str, row: &Row<'_>) -> io::Result<()> {
    let title = match row.severity {
        Some(severity) => format!("{severity}: {}", row.title),
        None => row.title.to_owned(),
    };
    let mut text = row.message.clone();
    for more in [&*row.help, row.url].into_iter().filter(|more| !more.is_empty()) {
        text.push('\n');
        text.push_str(more);
    }
    // Columns count only where the place is on one line.
    let columns = if row.start.line == row.end.line {
        format!(",col={},endColumn={}", row.start.column, row.end.column)
    } else {
        String::new()
    };
    writeln!(
        out,
        "::{level} file={},line={},endLine={}{columns},title={}::{}",
        property(&row.path),
        row.start.line,
        row.end.line.max(row.start.line),
        property(&title),
        data(&text)
    )
}

/// Text as the data of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text as a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
