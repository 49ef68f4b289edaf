//! From files to graphs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use terravet_diagnostics::Diagnostic;
use terravet_graph::Graph;
use terravet_source::{SourceFile, Sources, Span};

use crate::evaluate::{Evaluator, NoNestedStacks};
use crate::formula::Choices;
use crate::given::Given;
use crate::lower::{Lowered, lower};
use crate::parameters::refuse_undeclared;
use crate::stack::Stack;

/// What a loader is told.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files with values for parameters; later ones win.
    pub parameter_files: Vec<PathBuf>,
    /// The folder that files may be read from, apart from those that the user names.
    pub boundary: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        Self { parameter_files: Vec::new(), boundary: PathBuf::from(".") }
    }
}

/// A loaded template.
#[derive(Debug)]
pub struct Loaded {
    /// Its resources, outputs, conditions and diagnostics.
    pub graph: Graph,
    /// The files that were read for it: the template first, then the parameter files.
    pub files: Vec<Arc<SourceFile>>,
}

/// Loads templates. May be used from several threads.
#[derive(Debug)]
pub struct Loader {
    pub(crate) sources: Arc<Sources>,
    pub(crate) given: Given,
    /// The parameters that templates have declared so far.
    declared: Mutex<BTreeSet<Arc<str>>>,
}

impl Loader {
    /// A loader; reads the parameter files.
    #[must_use]
    pub fn new(sources: Arc<Sources>, options: Options) -> Self {
        let given = Given::load(&sources, &options.parameter_files);
        Self { sources, given, declared: Mutex::default() }
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
                self.evaluate(&file, &mut diagnostics)
            }
            Err(error) => {
                let message = format!("cannot read this file: {error}");
                let diagnostic = Diagnostic::error("read-error", Span::start_of(id), message)
                    .with_help("what it holds was not judged; mend it or leave it out with .gitignore");
                diagnostics.push(diagnostic);
                Lowered::default()
            }
        };
        diagnostics.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        let mut graph = Graph::new(root, id, lowered.resources);
        graph.outputs = lowered.outputs;
        graph.conditions = lowered.conditions;
        graph.diagnostics = diagnostics;
        Loaded { graph, files }
    }

    fn evaluate(&self, file: &Arc<SourceFile>, diagnostics: &mut Vec<Diagnostic>) -> Lowered {
        let Some(stack) = self.prepare(file, diagnostics) else { return Lowered::default() };
        let evaluator =
            Evaluator::new(&stack.template, &stack.parameters, &stack.conditions, &NoNestedStacks, &stack.scope);
        let lowered = lower(&evaluator, diagnostics);
        diagnostics.extend(evaluator.take_diagnostics());
        lowered
    }

    pub(crate) fn prepare(&self, file: &Arc<SourceFile>, diagnostics: &mut Vec<Diagnostic>) -> Option<Stack> {
        let stack = Stack::prepare(file, &self.given.values, String::new(), &Choices::default(), diagnostics)?;
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        declared.extend(stack.template.parameters.iter().map(|parameter| Arc::clone(&parameter.name.text)));
        Some(stack)
    }
}
