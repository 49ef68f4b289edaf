//! Outlines: small modules that stand for well-known ones that are not on this machine.
//!
//! In: files of Terraform configuration, each named after the module that it is the outline of, and calls of modules. Out:
//! the declarations of the outline of a called module.
//!
//! An outline tells which resources a module creates and which of its arguments they are made of. Its variables have the
//! defaults of the module's where these have been the same in all recent versions; a variable without a default is not
//! known where nothing is given for it. What an outline leaves out is not known either; it leaves out nothing by which the
//! module configures what it is given.
//!
//! Some variables of an outline are no arguments of the module: `module_least` and `module_most` are the first and the last
//! release that the call allows, as numbers (3.7 is 3007), and `module_path` is the way to a module within the repository
//! (`modules/ssh`), for an outline that tells of all of them.
//!
//! Invariant: nothing that an outline leads to points into it. The place of everything is the call.

mod ignorance;
mod rehome;
mod source;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use terravet_frontend::ModuleStub;
use terravet_source::Sources;

pub(crate) use ignorance::Ignorance;
pub(crate) use rehome::Home;
use source::{Releases, Source};

use crate::module::{Call, Module, ParsedFolder, build};

/// The variable that says which release is the first that may be called.
pub(crate) const LEAST: &str = "module_least";
/// The variable that says which release is the last that may be called.
pub(crate) const MOST: &str = "module_most";
/// The variable that says which module of a repository is called.
pub(crate) const PATH: &str = "module_path";

#[derive(Debug)]
struct Outline {
    file: ModuleStub,
    module: OnceLock<Arc<Module>>,
}

/// The outline of a call.
#[derive(Clone, Debug)]
pub(crate) struct Outlined {
    /// Its declarations.
    pub(crate) module: Arc<Module>,
    /// Where the called module lies in its repository; empty for the root.
    pub(crate) path: String,
    /// The releases that may be called.
    pub(crate) releases: Releases,
}

/// Outlines by the module that they stand for. Each is parsed when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct Outlines {
    by_module: BTreeMap<Arc<str>, Outline>,
}

impl Outlines {
    /// The outlines in these files; of two for the same module the later one.
    pub(crate) fn new(files: Vec<ModuleStub>) -> Self {
        let outline = |file: ModuleStub| (Arc::clone(&file.module), Outline { file, module: OnceLock::new() });
        Self { by_module: files.into_iter().map(outline).collect() }
    }

    /// The outline of the module that is called, if there is one.
    pub(crate) fn find(&self, sources: &Sources, call: &Call) -> Option<Outlined> {
        if self.by_module.is_empty() {
            return None;
        }
        let source = Source::parse(&call.source.as_ref()?.0)?;
        let declarations = |key: &str| Some(self.by_module.get(key)?.declarations(sources));
        let module = if source.path.is_empty() {
            declarations(&source.repository)?
        } else {
            let tells_of_all = |module: &Arc<Module>| module.variables.find(PATH).is_some();
            declarations(&format!("{}/{}", source.repository, source.path))
                .or_else(|| declarations(&source.repository).filter(tells_of_all))?
        };
        let releases = source.releases(call.version.as_deref());
        Some(Outlined { module, path: source.path, releases })
    }

    /// The declarations of every outline, for checking them.
    pub(crate) fn all(&self, sources: &Sources) -> Vec<Arc<Module>> {
        self.by_module.values().map(|outline| outline.declarations(sources)).collect()
    }
}

impl Outline {
    fn declarations(&self, sources: &Sources) -> Arc<Module> {
        let parse = || {
            let file = sources.add(&self.file.path, Arc::clone(&self.file.text));
            let syntax = terravet_hcl::parse(&file);
            let parsed = ParsedFolder {
                primary: vec![syntax.body],
                diagnostics: syntax.diagnostics,
                files: vec![file],
                ..ParsedFolder::default()
            };
            let folder = self.file.path.parent().unwrap_or(Path::new("")).to_path_buf();
            Arc::new(build(folder, parsed))
        };
        Arc::clone(self.module.get_or_init(parse))
    }
}
