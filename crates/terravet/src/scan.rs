//! `terravet scan`: the main job.

use std::io::Write;
use std::path::Path;

use terravet_diagnostics::{Outcome, Severity};
use terravet_engine::Options;
use terravet_report::{Places, concise, json, sarif, terminal};

use crate::arguments::{Color, ReportFormat, Scan, Show};
use crate::exit::{Failure, Status};
use crate::{exit, output, progress, setup};

/// Scans and reports.
pub(crate) fn run(arguments: Scan, color: Color) -> Result<Status, Failure> {
    let style = output::style(color, arguments.output.as_deref());
    let shows = |what| arguments.show.contains(&what);
    let report = Report {
        format: arguments.format,
        text: terminal::Options {
            style,
            suppressed: shows(Show::Suppressed),
            undecided: shows(Show::Undecided),
            notes: shows(Show::Notes),
        },
    };
    let (file, fail_on, allow_empty) = (arguments.output.clone(), arguments.fail_on, arguments.allow_empty);
    let session = setup::session(options(arguments), color)?;
    let progress = progress::Line::new();
    let scan = session.scan(&progress);
    progress.finish();
    let scan = scan?;
    let status = status(&scan.outcome, fail_on, allow_empty);
    let places = setup::places(&scan.sources);
    let written = output::to(file.as_deref(), |out| report.write(out, &scan.outcome, &places));
    match written {
        // A reader that has seen enough does not change what was found.
        Ok(()) | Err(Failure::ReaderGone) => {}
        Err(failure) => return Err(failure),
    }
    if let Some(file) = file {
        say_where(&file, &scan.outcome, color)?;
    }
    if scan.outcome.summary.files == 0 && status == Status::Incomplete && scan.outcome.errors().next().is_none() {
        exit::complain(
            "nothing to scan: there is no Terraform and no CloudFormation here (--allow-empty makes that a success)",
        );
    }
    Ok(status)
}

fn options(arguments: Scan) -> Options {
    Options {
        paths: setup::paths(arguments.paths),
        select: arguments.select,
        ignore: arguments.ignore,
        profile: arguments.profile,
        min_severity: arguments.min_severity,
        variables: arguments.inputs.var,
        variable_files: arguments.inputs.var_file,
        parameters: arguments.inputs.parameters,
        rules: arguments.rules,
        show_undecided: arguments.show.contains(&Show::Undecided),
        environment: setup::environment(),
        today: setup::today(),
    }
}

/// The status that an outcome means.
fn status(outcome: &Outcome, fail_on: Severity, allow_empty: bool) -> Status {
    let severe =
        outcome.findings().filter_map(|diagnostic| diagnostic.finding()).any(|finding| finding.severity >= fail_on);
    if severe {
        Status::Findings
    } else if outcome.errors().next().is_some() || (outcome.summary.files == 0 && !allow_empty) {
        Status::Incomplete
    } else {
        Status::Clean
    }
}

/// A report that is to be written.
struct Report {
    format: ReportFormat,
    text: terminal::Options,
}

impl Report {
    fn write(&self, out: &mut dyn Write, outcome: &Outcome, places: &Places<'_>) -> Result<(), Failure> {
        match self.format {
            ReportFormat::Text => terminal::write(out, outcome, places, &self.text)?,
            ReportFormat::Concise => concise::write(out, outcome, places, &self.text)?,
            ReportFormat::Json => json::write(out, outcome, places)?,
            ReportFormat::Sarif => {
                let options =
                    sarif::Options { directory: output::directory_in_repository(), suppressed: self.text.suppressed };
                sarif::write(out, outcome, places, &options)?;
            }
        }
        Ok(())
    }
}

/// The summary on standard error, where the report itself is in a file.
fn say_where(file: &Path, outcome: &Outcome, color: Color) -> Result<(), Failure> {
    let mut stderr = std::io::stderr().lock();
    terminal::summarize(&mut stderr, outcome, output::style_of_stderr(color))?;
    writeln!(stderr, "the report is in {}", file.display())?;
    Ok(())
}
