//! Where reports go, and what the place can show.

use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use terravet_report::Style;
use terravet_source::{Destination, Sources};

use crate::arguments::Color;
use crate::exit::Failure;

/// Columns that are assumed where there is no terminal to ask.
const DEFAULT_WIDTH: usize = 100;
/// Columns that are used at most: longer lines of prose are hard to read.
const MAX_WIDTH: usize = 120;

/// The temporary file of a report that is being written.
static TEMPORARY: Mutex<Option<PathBuf>> = Mutex::new(None);

/// The status of a process that was interrupted, as shells report it.
const INTERRUPTED: i32 = 130;

/// The place of a report that goes to a file.
pub(crate) fn destination(sources: &Sources, file: Option<&Path>) -> Result<Option<Destination>, Failure> {
    let refused = |path: &Path, error: io::Error| cannot_write(path, &error);
    file.map(|path| Destination::new(sources, path).map_err(|error| refused(path, error))).transpose()
}

/// Says that nothing can be written to a file.
pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::Words(format!("cannot write {}: {error}", path.display()))
}

/// Runs `write` on standard output.
pub(crate) fn to_stdout(write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut out = BufWriter::new(stdout()?);
    write(&mut out)?;
    Ok(out.flush()?)
}

/// Standard output as a file: the standard library takes one that cannot be written for one that swallows all.
#[cfg(unix)]
fn stdout() -> io::Result<impl Write> {
    use std::os::fd::AsFd as _;
    #[allow(clippy::disallowed_types, reason = "standard output is open already")]
    Ok(std::fs::File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

#[cfg(not(unix))]
fn stdout() -> io::Result<impl Write> {
    Ok(io::stdout().lock())
}

/// Runs `write` on standard output or on a file, which takes its place only when all of it is written.
pub(crate) fn to(
    file: Option<(&Path, Destination)>,
    sources: &Sources,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Some((path, destination)) = file else { return to_stdout(write) };
    let refused = |error: io::Error| cannot_write(path, &error);
    destination.refuse_input(sources).map_err(refused)?;
    clean_up_when_interrupted();
    let check = destination.clone();
    let file = destination.create().map_err(refused)?;
    remember(file.temporary());
    let mut out = BufWriter::new(file);
    let written = write(&mut out).and_then(|()| {
        // A graph is read while it is written.
        check.refuse_input(sources).map_err(refused)?;
        let file = out.into_inner().map_err(|error| refused(error.into_error()))?;
        file.finish().map_err(refused)
    });
    remember(None);
    written
}

fn remember(temporary: Option<&Path>) {
    *TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner) = temporary.map(Path::to_path_buf);
}

/// Sees to it that an interrupted process leaves no temporary file behind.
fn clean_up_when_interrupted() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        // Where it cannot be had, a temporary file may stay; the report itself is never half written.
        let _ = ctrlc::set_handler(|| {
            if let Some(temporary) = TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner).take() {
                terravet_source::discard(&temporary);
            }
            #[allow(clippy::exit, reason = "an interrupt ends the process, wherever it is")]
            std::process::exit(INTERRUPTED);
        });
    });
}

/// How text looks on standard output, or in a file.
pub(crate) fn style(color: Color, file: Option<&Path>) -> Style {
    match file {
        None => style_of(color, io::stdout().is_terminal(), supports_unicode::Stream::Stdout, true),
        Some(_) => Style { colour: color == Color::Always, ..Style::plain() },
    }
}

/// How text looks on standard error.
pub(crate) fn style_of_stderr(color: Color) -> Style {
    style_of(color, io::stderr().is_terminal(), supports_unicode::Stream::Stderr, false)
}

fn style_of(color: Color, terminal: bool, stream: supports_unicode::Stream, links: bool) -> Style {
    let colour = colour_wanted(color, terminal, |name| std::env::var(name).ok());
    let width = terminal_size::terminal_size().filter(|_| terminal).map_or(DEFAULT_WIDTH, |(width, _)| width.0.into());
    Style {
        colour,
        unicode: supports_unicode::on(stream),
        links: links && colour && terminal && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout),
        width: width.clamp(40, MAX_WIDTH),
    }
}

/// Whether to colour: what the option says, or else the environment (<https://no-color.org>, <https://bixense.com/clicolors>),
/// or else whether it is a terminal.
fn colour_wanted(color: Color, terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let not_zero = |name: &str| variable(name).is_some_and(|value| !value.is_empty() && value != "0");
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR") => false,
        Color::Auto if not_zero("CLICOLOR_FORCE") => true,
        Color::Auto if variable("CLICOLOR").is_some_and(|value| value == "0") => false,
        Color::Auto => terminal && variable("TERM").is_none_or(|terminal| terminal != "dumb"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(color: Color, terminal: bool, variables: &[(&str, &str)]) -> bool {
        let find =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        colour_wanted(color, terminal, find)
    }

    #[test]
    fn colour_is_for_terminals_unless_told_otherwise() {
        assert!(wanted(Color::Auto, true, &[("TERM", "xterm")]));
        assert!(!wanted(Color::Auto, false, &[]));
        assert!(!wanted(Color::Auto, true, &[("TERM", "dumb")]));
        assert!(!wanted(Color::Auto, true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
        assert!(wanted(Color::Auto, true, &[("NO_COLOR", "")]));
        assert!(wanted(Color::Auto, false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!wanted(Color::Auto, false, &[("CLICOLOR_FORCE", "0")]));
        assert!(wanted(Color::Always, false, &[("NO_COLOR", "1")]));
        assert!(!wanted(Color::Never, true, &[("CLICOLOR_FORCE", "1")]));
    }
}
