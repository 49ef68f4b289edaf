//! Tools for those who develop terravet. Nothing here is shipped.
//!
//! `cargo run --release -p terravet-dev -- shapes --bin target/release/terravet` measures how time and memory of a scan grow
//! with the input, for many shapes of input; docs/performance.md holds the table and says what it means.

mod measure;
mod shapes;
mod table;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tools for those who develop terravet.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure how CPU time and memory of a scan grow with inputs of many shapes
    Shapes {
        /// The binary to measure
        #[arg(long)]
        bin: PathBuf,
        /// Only shapes whose name contains this
        #[arg(long, default_value = "")]
        only: String,
        /// Write the inputs of the largest size below this folder, and measure nothing
        #[arg(long)]
        write: Option<PathBuf>,
        /// Runs of each size; the fastest counts
        #[arg(long, default_value_t = 1)]
        runs: usize,
    },
}

fn main() -> ExitCode {
    let Arguments { command: Command::Shapes { bin, only, write, runs } } = Arguments::parse();
    let shapes: Vec<_> = shapes::all().into_iter().filter(|shape| shape.name.contains(&only)).collect();
    let done = match write {
        Some(folder) => shapes::write(&shapes, &folder).map(|()| true),
        None => table::print(&bin, &shapes, runs, &mut io::stdout().lock()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}
