//! `terravet graph`: what was evaluated.

use std::cell::RefCell;

use terravet_engine::Options;
use terravet_report::graph::Writer;

use crate::arguments::{Color, Graph, Inputs};
use crate::exit::{Failure, Status};
use crate::{output, setup};

/// Writes the graph of every unit.
pub(crate) fn run(arguments: Graph, color: Color) -> Result<Status, Failure> {
    let Graph { paths, format, output: file, inputs } = arguments;
    let style = output::style(color, file.as_deref());
    let engine = setup::engine(options(setup::paths(paths), inputs), color)?;
    let sources = engine.sources();
    let destination = output::destination(&sources, file.as_deref())?;
    let mut complete = true;
    output::to(file.as_deref().zip(destination), &sources, |out| {
        let places = setup::places(&sources);
        let writer = RefCell::new(Writer::new(out, format, style));
        let mut written = Ok(());
        let problems = engine.graphs(|_, graph| {
            complete &= !graph.diagnostics.iter().any(terravet_diagnostics::Diagnostic::is_error);
            if written.is_ok() {
                written = writer.borrow_mut().unit(graph, &places);
            }
        })?;
        written?;
        complete &= problems.is_empty();
        Ok(writer.into_inner().finish(&problems, &places)?)
    })?;
    Ok(if complete { Status::Clean } else { Status::Incomplete })
}

/// The options of the engine where no rule is run.
pub(crate) fn options(paths: Vec<std::path::PathBuf>, inputs: Inputs) -> Options {
    Options {
        paths,
        variables: inputs.var,
        variable_files: inputs.var_file,
        parameters: inputs.parameters,
        environment: setup::environment(),
        ..Options::default()
    }
}
