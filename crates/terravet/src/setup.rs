//! What commands need before they start: threads, rules, the environment.

use std::path::PathBuf;
use std::sync::Arc;

use terravet_engine::{Engine, Options};
use terravet_report::{Places, terminal};
use terravet_rules::Registry;
use terravet_source::{Disk, Sources};

use crate::arguments::Color;
use crate::exit::Failure;
use crate::output;

/// Stack of a worker: evaluation goes as deep as its limits on nesting allow.
const STACK_BYTES: usize = 16 << 20;

/// Sets up the pool of workers; none given means one for each processor.
pub(crate) fn threads(threads: Option<usize>) -> Result<(), Failure> {
    let mut pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES);
    if let Some(threads) = threads {
        pool = pool.num_threads(threads);
    }
    pool.build_global().map_err(|error| Failure::Words(format!("cannot start threads: {error}")))
}

/// The engine with the embedded rules and those of the options. What is wrong with rule pages is shown here.
pub(crate) fn engine(options: Options, color: Color) -> Result<Engine, Failure> {
    let sources = Arc::new(Sources::new(Arc::new(Disk)));
    let registry = match Registry::load(&sources, &options.rules) {
        Ok(registry) => registry,
        Err(problems) => {
            let mut stderr = std::io::stderr().lock();
            terminal::write_problems(&mut stderr, &problems, &places(&sources), output::style_of_stderr(color))?;
            return Err(Failure::Shown);
        }
    };
    Ok(Engine::with_registry(options, sources, registry)?)
}

/// Places as seen from the working directory.
pub(crate) fn places(sources: &Sources) -> Places<'_> {
    Places::new(sources, std::env::current_dir().ok())
}

/// The environment variables that concern Terraform. Those that are no text cannot be values of variables.
pub(crate) fn environment() -> Vec<(String, String)> {
    let mut variables: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("TF_"))
        .collect();
    variables.sort();
    variables
}

/// The paths that were given, or the working directory.
pub(crate) fn paths(given: Vec<PathBuf>) -> Vec<PathBuf> {
    if given.is_empty() { vec![PathBuf::from(".")] } else { given }
}
