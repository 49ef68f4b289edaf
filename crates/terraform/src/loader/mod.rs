//! Reading modules from the tree: the way in for everyone outside.
//!
//! In: [`Options`] and the folders that hold Terraform files. Out: which of them are root modules, and each root module
//! as a [`Graph`] ([`Loader::load`]) or as a place to evaluate expressions in ([`Loader::console`]).
//!
//! Invariants: a module that several others call is parsed once and shared; one that a single unit needs is
//! dropped with the unit, so that memory grows with the largest unit and not with the tree. Nothing outside
//! [`Options::boundary`] is read, also not through links. What is wrong with the input is in the graph's
//! diagnostics, never an error of the loader.

mod cache;
mod folder;
mod location;
mod roots;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use terravet_diagnostics::Diagnostic;
use terravet_graph::Graph;
use terravet_source::{Boundary, SourceFile, Sources, Span, normalize};

pub(crate) use location::{Located, Vendored, is_local};

use crate::console::Console;
use crate::inputs::Assignment;
use crate::module::{Call, Module};
use crate::outline::{Outlined, Outlines};
use crate::unit::Unit;
use cache::Cache;

/// What to know before modules are read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Values of root variables, as given with `-var name=value`.
    pub variables: Vec<(String, String)>,
    /// Files with values of root variables, in order; later ones win.
    pub variable_files: Vec<PathBuf>,
    /// The environment, for `TF_VAR_name`.
    pub environment: Vec<(String, String)>,
    /// The trees that may be read; the working directory where there are none.
    pub boundary: Vec<PathBuf>,
    /// What stands for modules that are not on this machine.
    pub outlines: Vec<ModuleStub>,
}

/// Reads root modules.
pub struct Loader {
    sources: Arc<Sources>,
    variable_files: Vec<PathBuf>,
    /// From the environment.
    environment: Vec<Assignment>,
    /// From the command line.
    variables: Vec<Assignment>,
    boundary: Boundary,
    outlines: Outlines,
    cache: Cache,
    /// How many root modules there are, as far as is known.
    root_count: AtomicUsize,
}

impl std::fmt::Debug for Loader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loader").field("variable_files", &self.variable_files).finish_non_exhaustive()
    }
}

impl Loader {
    /// A loader that reads through `sources`.
    #[must_use]
    pub fn new(sources: Arc<Sources>, options: Options) -> Self {
        let boundary = Boundary::new(&sources, &options.boundary);
        let environment = options
            .environment
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix("TF_VAR_")?, value)))
            .map(|(name, value)| Assignment::text(&sources, name, &format!("TF_VAR_{name}"), value))
            .collect();
        let variables = options
            .variables
            .iter()
            .map(|(name, value)| Assignment::text(&sources, name, &format!("-var {name}"), value))
            .collect();
        Self {
            sources,
            variable_files: options.variable_files,
            environment,
            variables,
            boundary,
            outlines: Outlines::new(options.outlines),
            cache: Cache::default(),
            root_count: AtomicUsize::new(1),
        }
    }

    /// Which of these folders are root modules: those that no other of them calls. A folder that is called is judged through
    /// its callers. Of folders that call each other in a circle, one is taken.
    pub fn roots(&self, folders: &[PathBuf]) -> Vec<PathBuf> {
        let calls = roots::calls(&self.sources, folders);
        self.cache.share(roots::called_more_than_once(&calls));
        let roots = roots::choose(&calls);
        self.root_count.store(roots.len(), Ordering::Relaxed);
        roots
    }

    /// The graph of the root module in a folder.
    pub fn load(&self, folder: &Path) -> Loaded {
        let mut unit = Unit::new(self, &normalize(folder));
        unit.evaluate_all();
        unit.into_loaded()
    }

    /// A place to evaluate expressions in: the root module in a folder.
    pub fn console(&self, folder: &Path) -> Console<'_> {
        Console::new(Unit::new(self, &normalize(folder)))
    }

    /// The declarations of the module in a folder.
    pub(crate) fn module(&self, folder: &Path) -> Arc<Module> {
        self.cache.get(folder, || {
            crate::module::build(folder.to_path_buf(), folder::parse(&self.sources, &self.boundary, folder))
        })
    }

    /// The outline of the module that is called, if there is one.
    pub(crate) fn outline(&self, call: &Call) -> Option<Outlined> {
        self.outlines.find(&self.sources, call)
    }

    /// What is wrong with the outlines, each at its place: with what they declare, and with what comes of it where nothing is
    /// given for their variables.
    pub fn outline_problems(&self) -> Vec<Diagnostic> {
        self.outlines.all(&self.sources).into_iter().flat_map(|module| Unit::check_outline(self, module)).collect()
    }

    /// Forgets the module that a file belongs to, since the file has changed.
    pub(crate) fn forget(&self, path: &Path) {
        self.cache.forget(&normalize(path.parent().unwrap_or(Path::new(""))));
    }

    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    pub(crate) fn boundary(&self) -> &Boundary {
        &self.boundary
    }

    pub(crate) fn variable_files(&self) -> &[PathBuf] {
        &self.variable_files
    }

    pub(crate) fn environment(&self) -> &[Assignment] {
        &self.environment
    }

    pub(crate) fn variables(&self) -> &[Assignment] {
        &self.variables
    }

    /// Whether only one root module is loaded, so that what is given for no variable of it is given in vain.
    pub(crate) fn has_one_root(&self) -> bool {
        self.root_count.load(Ordering::Relaxed) <= 1
    }
}

/// Why a link is not followed.
pub(crate) const OUTSIDE: &str = "it is a link that leads outside of the scanned tree";

/// The diagnostic for a file or folder that could not be read.
pub(crate) fn read_error(sources: &Sources, path: &Path, why: &dyn std::fmt::Display) -> Diagnostic {
    let span = Span::start_of(sources.id(path));
    Diagnostic::error("read-error", span, format!("cannot read this: {why}"))
        .with_help("what it holds was not judged; mend it or leave it out with .gitignore")
}
