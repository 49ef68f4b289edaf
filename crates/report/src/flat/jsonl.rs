//! `--format jsonl`: one JSON object on each line, for programs that read as they go.
//!
//! The objects are those of `--format json`, each with `kind`: `finding`, `suppressed`, `undecided`, `error`, `note`, and last `summary`.

use std::io::{self, Write};

use terravet_diagnostics::Outcome;

use crate::{Places, json, json_text};

/// Writes the report.
///
/// # Errors
/// What the writer answers.
pub fn write(out: &mut dyn Write, outcome: &Outcome, places: &Places<'_>) -> io::Result<()> {
    json::entries(outcome, places, |entry| json_text::write_line(out, &entry))
}
