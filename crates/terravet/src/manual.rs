//! `terravet completions` and `terravet man`: what the binary says about its own arguments, for shells and for `man`.
//!
//! In: the definition of the arguments. Out: a completion script on standard output, or one page of the manual for each command
//! in a folder. Both are made from the same definition as `--help`, so that they cannot disagree with it.

use clap::CommandFactory as _;
use terravet_report::safe_text;

use crate::arguments::{CommandLine, Completions, Manual};
use crate::exit::{Failure, Status};
use crate::output;

/// Writes the completion script of a shell.
pub(crate) fn completions(arguments: &Completions) -> Result<Status, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut CommandLine::command(), "terravet", &mut script);
    output::to_stdout(|out| Ok(out.write_all(&script)?))?;
    Ok(Status::Clean)
}

/// Writes `terravet.1` and a page for each command into a folder, which is made where it is not there.
pub(crate) fn manual(arguments: &Manual) -> Result<Status, Failure> {
    let refused = |error: std::io::Error| {
        let folder = arguments.folder.display().to_string();
        Failure::Words(format!("cannot write the manual to `{}`: {error}", safe_text::inline(&folder)))
    };
    #[allow(
        clippy::disallowed_methods,
        reason = "the manual is written where the packager says, with no scan and no boundary"
    )]
    std::fs::create_dir_all(&arguments.folder).map_err(refused)?;
    clap_mangen::generate_to(CommandLine::command(), &arguments.folder).map_err(refused)?;
    Ok(Status::Clean)
}
