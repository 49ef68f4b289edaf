//! The command `terravet`.
//!
//! In: arguments, environment, files. Out: a report, and an exit status as docs/exit-codes.md describes. What is found and how
//! it is written is decided by the engine and the reports; here arguments are turned into their options.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types))]

mod access;
mod arguments;
mod evaluate;
mod exit;
mod graph;
mod manual;
mod output;
mod progress;
mod reach;
mod rules;
mod scan;
mod setup;

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use arguments::{Command, CommandLine};
use exit::Status;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| exit::complain(&exit::panic_words(panic))));
    std::panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or(Status::Failed).into()
}

fn run() -> Status {
    let command_line = match CommandLine::read() {
        Ok(command_line) => command_line,
        // Help and version come this way too.
        Err(refusal) => return exit::refuse(&refusal),
    };
    let color = command_line.color;
    let done = setup::threads(command_line.threads).and_then(|()| match command_line.command {
        None => scan::run(command_line.scan, color),
        Some(Command::Scan(arguments)) => scan::run(arguments, color),
        Some(Command::Explain(arguments)) => rules::explain(&arguments, color),
        Some(Command::Rules(arguments)) => rules::list(&arguments, color),
        Some(Command::Graph(arguments)) => graph::run(arguments, color),
        Some(Command::Eval(arguments)) => evaluate::run(arguments, color),
        Some(Command::WhoCan(arguments)) => access::who_can(arguments, color),
        Some(Command::Can(arguments)) => access::can(arguments, color),
        Some(Command::Reach(arguments)) => reach::run(arguments, color),
        Some(Command::Completions(arguments)) => manual::completions(&arguments),
        Some(Command::Man(arguments)) => manual::manual(&arguments),
    });
    done.unwrap_or_else(|failure| failure.report())
}
