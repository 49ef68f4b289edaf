//! `--format csv`: a table for spreadsheets (RFC 4180), one row for each finding and error.
//!
//! A cell that a spreadsheet would take for a formula begins with an apostrophe
//! (<https://owasp.org/www-community/attacks/CSV_Injection>).

use std::borrow::Cow;
use std::io::{self, Write};

use terravet_diagnostics::{Certainty, Outcome};

use super::{Options, Row, rows};
use crate::Places;

const HEADER: [&str; 15] = [
    "severity",
    "certainty",
    "rule",
    "title",
    "file",
    "line",
    "column",
    "end_line",
    "resource",
    "type",
    "message",
    "remedy",
    "standards",
    "url",
    "fingerprint",
];

/// Writes the table.
///
/// # Errors
/// What the writer answers.
pub fn write(out: &mut dyn Write, outcome: &Outcome, places: &Places<'_>, options: Options<'_>) -> io::Result<()> {
    let mut table = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    table.write_record(HEADER)?;
    for row in rows(outcome, places, options) {
        let cells = cells(&row);
        table.write_record(cells.iter().map(|cell| plain(cell).into_owned()))?;
    }
    table.flush()
}

fn cells(row: &Row<'_>) -> [String; 15] {
    let certainty = match row.finding.map(|finding| &finding.certainty) {
        None => "",
        Some(Certainty::Certain) => "certain",
        Some(Certainty::Possible(_)) => "possible",
    };
    let standards: Vec<&str> =
        row.rule.into_iter().flat_map(|rule| &rule.standards).map(|control| &**control).collect();
    [
        row.severity.map_or("error", |severity| severity.as_str()).to_owned(),
        certainty.to_owned(),
        row.id.to_string(),
        row.title.to_owned(),
        row.path.clone(),
        row.start.line.to_string(),
        row.start.column.to_string(),
        row.end.line.to_string(),
        row.address.clone(),
        row.finding.map(|finding| finding.resource.native_type.to_string()).unwrap_or_default(),
        row.message.clone(),
        row.help.clone(),
        standards.join(" "),
        row.url.to_owned(),
        row.fingerprint.to_owned(),
    ]
}

/// A cell that no spreadsheet takes for a formula.
fn plain(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}").into() } else { cell.into() }
}
