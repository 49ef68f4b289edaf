//! From files to graphs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use terravet_diagnostics::Diagnostic;
use terravet_frontend::Loaded;
use terravet_graph::Graph;
use terravet_source::{FileId, ReadError, SourceFile, Sources, Span, normalize};

use crate::formula::Choices;
use crate::given::Given;
use crate::local::LocalFiles;
use crate::lower::Lowered;
use crate::nested::{self, Opener};
use crate::parameters::refuse_undeclared;
use crate::stack::Stack;
use crate::{include, template};

/// What a loader is told.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Files with values for parameters; later ones win.
    pub parameter_files: Vec<PathBuf>,
    /// The trees that files may be read from, apart from those that the user names; the working directory where there are none.
    pub boundary: Vec<PathBuf>,
}

/// Loads templates. May be used from several threads.
#[derive(Debug)]
pub struct Loader {
    pub(crate) sources: Arc<Sources>,
    pub(crate) given: Given,
    pub(crate) local: LocalFiles,
    parameter_files: Vec<PathBuf>,
    /// The parameters that templates have declared so far.
    declared: Mutex<BTreeSet<Arc<str>>>,
}

impl Loader {
    /// A loader; reads the parameter files.
    #[must_use]
    pub fn new(sources: Arc<Sources>, options: Options) -> Self {
        let given = Given::load(&sources, &options.parameter_files);
        let local = LocalFiles::new(Arc::clone(&sources), &options.boundary);
        Self { sources, given, local, parameter_files: options.parameter_files, declared: Mutex::default() }
    }

    /// Reads the parameter files anew if it is one of them that has changed.
    pub(crate) fn forget(&mut self, path: &Path) {
        let path = normalize(path);
        if self.parameter_files.iter().any(|file| normalize(file) == path) {
            self.given = Given::load(&self.sources, &self.parameter_files);
        }
        self.declared = Mutex::default();
    }

    /// What is wrong with the parameter files: what could not be read, and values for parameters which no template that has
    /// been loaded so far declares. To be asked for once, when all templates are loaded.
    #[must_use]
    pub fn parameter_problems(&self) -> Vec<Diagnostic> {
        let declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let names: Vec<&str> = declared.iter().map(|name| &**name).collect();
        let mut problems = self.given.diagnostics.clone();
        problems.extend(refuse_undeclared(&self.given.values, |name| declared.contains(name), &names));
        problems
    }

    /// The files that hold values for parameters.
    #[must_use]
    pub fn parameter_files(&self) -> &[Arc<SourceFile>] {
        &self.given.files
    }

    /// Those of some templates that are deployed by themselves: not those that another one nests or includes. Of templates that nest
    /// each other, the first counts as deployed.
    #[must_use]
    pub fn roots(&self, templates: &[PathBuf]) -> Vec<PathBuf> {
        let nested: BTreeMap<FileId, BTreeSet<FileId>> = templates
            .iter()
            .map(|path| (self.sources.id(path), self.nested_in(path)))
            .filter(|(_, nested)| !nested.is_empty())
            .collect();
        let inner: BTreeSet<FileId> = nested.values().flatten().copied().collect();
        let mut roots: BTreeSet<FileId> = BTreeSet::new();
        let mut reached: BTreeSet<FileId> = BTreeSet::new();
        let ids = || templates.iter().map(|path| self.sources.id(path));
        for id in ids().filter(|id| !inner.contains(id)).chain(ids()) {
            if reached.insert(id) {
                roots.insert(id);
                reached.extend(nested.get(&id).into_iter().flatten());
            }
        }
        templates.iter().filter(|path| roots.contains(&self.sources.id(path))).cloned().collect()
    }

    /// The templates that one nests, those that they nest, and the snippets that all of them include.
    fn nested_in(&self, path: &Path) -> BTreeSet<FileId> {
        let Ok(file) = self.sources.load(path) else { return BTreeSet::new() };
        if !nested::may_nest(file.text()) && !include::may_include(file.text()) {
            return BTreeSet::new();
        }
        let Some(root) = template::parse(&file, &mut Vec::new()) else { return BTreeSet::new() };
        let (given, none) = (&self.given.values, Choices::default());
        let stack = Stack::of(&self.local, &file, &root, given, String::new(), &none, &mut Vec::new());
        let mut opener = Opener::new(self);
        opener.open(&stack);
        opener.files.iter().map(|file| file.id()).collect()
    }

    /// Loads a template. A file that cannot be read, or is no template, gives an empty graph with a diagnostic.
    #[must_use]
    pub fn load(&self, path: &Path) -> Loaded {
        let id = self.sources.id(path);
        let root: Arc<str> = path.to_string_lossy().into();
        let mut files = Vec::new();
        let mut diagnostics = Vec::new();
        let lowered = match self.sources.load(path) {
            Ok(file) => {
                files.push(Arc::clone(&file));
                files.extend(self.given.files.iter().cloned());
                self.evaluate(&file, &mut files, &mut diagnostics)
            }
            Err(error) => {
                diagnostics.push(read_error(Span::start_of(id), &error));
                Lowered::default()
            }
        };
        keep_null_alone(&mut diagnostics);
        diagnostics.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        // A template that is nested twice says the same twice.
        diagnostics.dedup();
        let mut graph = Graph::new(root, id, lowered.resources);
        graph.outputs = lowered.outputs;
        graph.conditions = lowered.conditions;
        graph.diagnostics = diagnostics;
        Loaded { graph, files }
    }

    fn evaluate(
        &self,
        file: &Arc<SourceFile>,
        files: &mut Vec<Arc<SourceFile>>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Lowered {
        let Some(stack) = self.prepare(file, diagnostics) else { return Lowered::default() };
        let mut opener = Opener::new(self);
        let lowered = opener.lower(&stack);
        diagnostics.append(&mut opener.diagnostics);
        for nested in opener.files {
            if !files.iter().any(|known| known.id() == nested.id()) {
                files.push(nested);
            }
        }
        lowered
    }

    pub(crate) fn prepare(&self, file: &Arc<SourceFile>, diagnostics: &mut Vec<Diagnostic>) -> Option<Stack> {
        let root = template::parse(file, diagnostics)?;
        let (given, none) = (&self.given.values, Choices::default());
        let stack = Stack::of(&self.local, file, &root, given, String::new(), &none, diagnostics);
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        declared.extend(stack.template.parameters.iter().map(|parameter| Arc::clone(&parameter.name.text)));
        Some(stack)
    }
}

/// The diagnostic for a file that could not be read.
pub(crate) fn read_error(place: Span, error: &ReadError) -> Diagnostic {
    Diagnostic::error("read-error", place, format!("cannot read this file: {error}"))
        .with_help("what it holds was not judged; mend it or leave it out with .gitignore")
}

/// Drops what follows from a null that is not allowed, and would be told at its place as well.
fn keep_null_alone(diagnostics: &mut Vec<Diagnostic>) {
    let is_null = |found: &Diagnostic| &*found.id == "cloudformation-null";
    let nulls: BTreeSet<Span> = diagnostics.iter().filter(|it| is_null(it)).map(|it| it.primary.span).collect();
    diagnostics.retain(|found| is_null(found) || !nulls.contains(&found.primary.span));
}
