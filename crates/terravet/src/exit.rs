//! Exit statuses, and what is said when there is nothing else to say.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use terravet_engine::EngineError;
use terravet_report::safe_text;

/// How the command ends: the contract of docs/exit-codes.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Nothing at or above the threshold.
    Clean,
    /// Findings.
    Findings,
    /// Wrong usage or an internal error.
    Failed,
    /// No findings, but not everything could be looked at, or there was nothing.
    Incomplete,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Clean => 0,
            Status::Findings => 1,
            Status::Failed => 2,
            Status::Incomplete => 3,
        })
    }
}

/// Why the command could not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// In words, which are still to be shown.
    Words(String),
    /// Shown already.
    Shown,
}

impl Failure {
    /// Says it, and gives the status to end with.
    pub(crate) fn report(self) -> Status {
        match self {
            Self::Words(words) => complain(&words),
            Self::Shown => {}
        }
        Status::Failed
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Words(match error.kind() {
            io::ErrorKind::BrokenPipe => "the report is not complete: its reader closed the pipe".to_owned(),
            _ => format!("cannot write the report: {error}"),
        })
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            // Only a near name is asked about; whoever is further off is told where the names are.
            EngineError::UnknownRule(ref unknown) if unknown.suggestion.is_none() => Self::Words(format!(
                "{error}; `terravet rules` lists them, `terravet rules TEXT` those that hold a word"
            )),
            // A path that is not there may be a misspelt command.
            EngineError::NoSuchPath(ref path) => {
                let command = path.to_str().and_then(crate::arguments::near_command);
                Self::Words(command.map_or_else(|| error.to_string(), |question| format!("{error}; {question}")))
            }
            _ => Self::Words(error.to_string()),
        }
    }
}

/// Writes words to standard error, harmless whatever was quoted in them. Nothing is done where that fails.
pub(crate) fn complain(words: &str) {
    let _ = writeln!(io::stderr().lock(), "terravet: {}", safe_text::lines(words));
}

/// Says what is wrong with the arguments, or the help that was asked for. Where an argument holds what a terminal would act on,
/// it is said without colour, so that nothing else is left to act on. Help that cannot be written is a failure, as a report is.
pub(crate) fn refuse(refusal: &clap::Error) -> Status {
    let acts = |argument: OsString| matches!(safe_text::inline(&argument.to_string_lossy()), Cow::Owned(_));
    let written = if refusal.use_stderr() && std::env::args_os().any(acts) {
        let plain = refusal.render().to_string();
        writeln!(io::stderr().lock(), "{}", safe_text::lines(plain.trim_end()))
    } else {
        refusal.print()
    };
    if refusal.use_stderr() || written.and_then(|()| io::stdout().flush()).is_err() {
        Status::Failed
    } else {
        Status::Clean
    }
}

/// What is said of a panic: enough for a report of the error.
pub(crate) fn panic_words(panic: &std::panic::PanicHookInfo<'_>) -> String {
    let place = panic.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let what = text.unwrap_or("panic");
    format!("internal error{place}: {what}\nPlease report this: {}/issues", terravet_report::TOOL_URL)
}
