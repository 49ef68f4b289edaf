//! `--format junit`: test results, which every CI system shows.
//!
//! A suite for each file; a failed case for each finding, and a case in error for input that could not be checked. A report without
//! either has one case that passed, since some readers take an empty report for a broken one.

use std::collections::BTreeMap;
use std::io::{self, Write};

use terravet_diagnostics::Outcome;

use super::xml::Document;
use super::{Options, Row, rows};
use crate::{Places, TOOL};

/// Writes the report.
///
/// # Errors
/// What the writer answers.
pub fn write(out: &mut dyn Write, outcome: &Outcome, places: &Places<'_>, options: Options<'_>) -> io::Result<()> {
    let mut files: BTreeMap<String, Vec<Row<'_>>> = BTreeMap::new();
    for row in rows(outcome, places, options) {
        files.entry(row.path.clone()).or_default().push(row);
    }
    let (failures, errors) = tally(files.values().flatten());
    let tests = (failures + errors).max(1);
    let mut document = Document::new(out)?;
    document.element("testsuites", &counts(TOOL, tests, failures, errors).borrowed(), |document| {
        if files.is_empty() {
            let suite = counts(TOOL, 1, 0, 0);
            return document.element("testsuite", &suite.borrowed(), |document| {
                document.empty("testcase", &[("classname", TOOL), ("name", "no findings"), ("time", "0")])
            });
        }
        for (path, rows) in &files {
            let (failures, errors) = tally(rows.iter());
            let suite = counts(path, rows.len(), failures, errors);
            document.element("testsuite", &suite.borrowed(), |document| {
                rows.iter().try_for_each(|row| case(document, row))
            })?;
        }
        Ok(())
    })?;
    document.finish()
}

fn tally<'r, 'o: 'r>(rows: impl Iterator<Item = &'r Row<'o>>) -> (usize, usize) {
    rows.fold((0, 0), |(failures, errors), row| match row.severity {
        Some(_) => (failures + 1, errors),
        None => (failures, errors + 1),
    })
}

/// The attributes of a suite.
struct Counts([(&'static str, String); 5]);

impl Counts {
    fn borrowed(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, value)| (*name, &**value)).collect()
    }
}

fn counts(name: &str, tests: usize, failures: usize, errors: usize) -> Counts {
    Counts([
        ("name", name.to_owned()),
        ("tests", tests.to_string()),
        ("failures", failures.to_string()),
        ("errors", errors.to_string()),
        ("time", "0".to_owned()),
    ])
}

fn case(document: &mut Document<'_>, row: &Row<'_>) -> io::Result<()> {
    let about = if row.address.is_empty() { format!("line {}", row.start.line) } else { row.address.clone() };
    let name = format!("{}: {about}", row.id);
    let line = row.start.line.to_string();
    let attributes =
        [("classname", &*row.path), ("name", &*name), ("file", &*row.path), ("line", &*line), ("time", "0")];
    let mut text = format!("{}:{}:{}: {}", row.path, row.start.line, row.start.column, row.message);
    for more in [&*row.help, row.url].into_iter().filter(|more| !more.is_empty()) {
        text.push('\n');
        text.push_str(more);
    }
    document.element("testcase", &attributes, |document| match row.severity {
        Some(severity) => document.text("failure", &[("message", &row.message), ("type", severity.as_str())], &text),
        None => document.text("error", &[("message", &row.message), ("type", row.id)], &text),
    })
}
