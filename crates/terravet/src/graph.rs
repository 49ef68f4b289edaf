//! `terravet graph`: what was evaluated.

use terravet_engine::Options;
use terravet_report::graph::Writer;

use crate::arguments::{Color, Graph, Inputs};
use crate::exit::{Failure, Status};
use crate::{output, setup};

/// Writes the graph of every unit.
pub(crate) fn run(arguments: Graph, color: Color) -> Result<Status, Failure> {
    let Graph { paths, format, output: file, inputs } = arguments;
    let style = output::style(color, file.as_deref());
    let session = setup::session(options(setup::paths(paths), inputs), color)?;
    let sources = session.sources();
    let mut complete = true;
    output::to(file.as_deref(), |out| {
        let places = setup::places(&sources);
        let mut writer = Writer::new(out, format, style);
        let units = session.units()?;
        for unit in &units.list {
            let loaded = session.load(unit);
            complete &= !loaded.graph.diagnostics.iter().any(terravet_diagnostics::Diagnostic::is_error);
            writer.unit(&loaded.graph, &places)?;
        }
        complete &= units.problems.is_empty();
        Ok(writer.finish(&units.problems, &places)?)
    })?;
    Ok(if complete { Status::Clean } else { Status::Incomplete })
}

/// The options of a session where no rule is run.
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
