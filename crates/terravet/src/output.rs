//! Where reports go, and what the place can show.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::Path;

use terravet_report::Style;

use crate::arguments::Color;
use crate::exit::Failure;

/// Columns that are assumed where there is no terminal to ask.
const DEFAULT_WIDTH: usize = 100;
/// Columns that are used at most: longer lines of prose are hard to read.
const MAX_WIDTH: usize = 120;

/// Runs `write` on standard output or on a file.
pub(crate) fn to(
    file: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    match file {
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            write(&mut out)?;
            Ok(out.flush()?)
        }
        Some(path) => {
            let refused = |error: io::Error| Failure::Words(format!("cannot write {}: {error}", path.display()));
            let mut out = BufWriter::new(File::create(path).map_err(refused)?);
            write(&mut out)?;
            out.flush().map_err(refused)
        }
    }
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
