//! `--format checkstyle`: what Checkstyle writes, which Jenkins, SonarQube and reviewdog read.

use std::collections::BTreeMap;
use std::io::{self, Write};

use terravet_diagnostics::{Outcome, Severity};

use super::xml::Document;
use super::{Options, Row, rows};
use crate::Places;

/// Writes the report.
///
/// # Errors
/// What the writer answers.
pub fn write(out: &mut dyn Write, outcome: &Outcome, places: &Places<'_>, options: Options<'_>) -> io::Result<()> {
    let mut files: BTreeMap<String, Vec<Row<'_>>> = BTreeMap::new();
    for row in rows(outcome, places, options) {
        files.entry(row.path.clone()).or_default().push(row);
    }
    let mut document = Document::new(out)?;
    document.element("checkstyle", &[("version", "8.0")], |document| {
        for (path, rows) in &files {
            document.element("file", &[("name", path)], |document| {
                rows.iter().try_for_each(|row| {
                    document.empty(
                        "error",
                        &[
                            ("line", &row.start.line.to_string()),
                            ("column", &row.start.column.to_string()),
                            ("severity", level(row)),
                            ("message", &row.message),
                            ("source", &format!("terravet.{}", row.id)),
                        ],
                    )
                })
            })?;
        }
        Ok(())
    })?;
    document.finish()
}

fn level(row: &Row<'_>) -> &'static str {
    match row.severity {
        None | Some(Severity::Critical | Severity::High) => "error",
        Some(Severity::Medium) => "warning",
        Some(Severity::Low | Severity::Info) => "info",
    }
}
