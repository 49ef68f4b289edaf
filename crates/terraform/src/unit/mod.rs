//! One root module with all modules that it calls, evaluated.
//!
//! In: a [`Loader`] and the folder of a root module. Out: the value of every variable, local value, output and resource of
//! every instance of every module, and from those the graph.
//!
//! How: modules are instances in a list, [`instance`]; each declaration of an instance is a node, and [`schedule`]
//! evaluates nodes after what they depend on, without recursion, so that neither long chains nor cycles do harm.
//! [`repetition`] says which instances a block has, [`content`] evaluates arguments and nested blocks, [`scope`] says what
//! names mean.
//!
//! Invariants: a node is evaluated once; what cannot be evaluated is an unknown with [`terravet_graph::Why::Error`] and a
//! diagnostic, and the rest goes on; the number of instances and the work are bounded.

mod calls;
mod conditions;
mod constant;
mod content;
mod files;
mod imports;
mod instance;
mod lower;
mod outlined;
mod providers;
mod repetition;
mod resources;
mod schedule;
mod scope;
mod unreached;
mod variables;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::Value;
use terravet_source::{FileId, SourceFile, Sources, Span};

pub(crate) use constant::evaluate_constant;
pub(crate) use files::TreeFiles;
pub(crate) use scope::ModuleScope;

use crate::evaluate::{Budget, EvaluationError};
use crate::inputs::Given;
use crate::loader::{Loader, Located, Vendored};
use crate::module::Module;
use instance::ModuleInstance;

/// How many instances of resources and modules one unit may have.
const MAX_INSTANCES: usize = 100_000;
/// How many problems of one unit are told.
const MAX_PROBLEMS: usize = 1_000;

/// A root module and all that it calls.
pub(crate) struct Unit<'l> {
    loader: &'l Loader,
    /// The folder of the root module.
    root: PathBuf,
    vendored: Vendored,
    /// The instances of modules; the first is the root.
    instances: Vec<ModuleInstance>,
    /// What is given for the variables of the root module.
    given: BTreeMap<Arc<str>, Value>,
    files: TreeFiles<'l>,
    /// The files of the modules and of values, by id.
    texts: BTreeMap<FileId, Arc<SourceFile>>,
    budget: Budget,
    problems: RefCell<Problems>,
    /// Set while something is evaluated of which it is not known whether it exists. What is wrong with it is not told then.
    doubt: Cell<bool>,
    /// Whether it has been told that the budget is spent.
    spent: Cell<bool>,
    /// Where the modules of calls lie, by the path of calls.
    locations: RefCell<BTreeMap<Arc<str>, Located>>,
    /// The folders whose modules have had their problems told.
    told: BTreeSet<PathBuf>,
    /// The folders whose modules have been checked without values.
    unreached: BTreeSet<PathBuf>,
    /// How many instances there are.
    instance_count: usize,
    /// Whether it has been told that there are as many as there may be.
    full: bool,
}

#[derive(Debug, Default)]
struct Problems {
    seen: BTreeSet<(Span, String)>,
    list: Vec<Diagnostic>,
    left_out: bool,
}

impl<'l> Unit<'l> {
    /// The unit of the root module in a folder, with nothing evaluated yet.
    pub(crate) fn new(loader: &'l Loader, root: &Path) -> Self {
        let module = loader.module(root);
        let given = Given::gather(loader, &module, root);
        let mut unit = Self::of(loader, root, ModuleInstance::root(Arc::clone(&module)), given.values);
        let (vendored, problems) = Vendored::read(loader.sources(), root);
        unit.vendored = vendored;
        problems.into_iter().for_each(|problem| unit.tell(problem));
        unit.texts = given.files.into_iter().map(|file| (file.id(), file)).collect();
        given.diagnostics.into_iter().for_each(|diagnostic| unit.tell(diagnostic));
        unit.take_in(&module);
        unit
    }

    /// The unit of a module at the root, with these values for its variables and nothing evaluated yet.
    fn of(loader: &'l Loader, root: &Path, instance: ModuleInstance, given: BTreeMap<Arc<str>, Value>) -> Self {
        Self {
            loader,
            root: root.to_path_buf(),
            vendored: Vendored::default(),
            instances: vec![instance],
            given,
            files: TreeFiles::new(loader.sources(), root),
            texts: BTreeMap::new(),
            budget: Budget::default(),
            problems: RefCell::default(),
            doubt: Cell::new(false),
            spent: Cell::new(false),
            locations: RefCell::default(),
            told: BTreeSet::new(),
            unreached: BTreeSet::new(),
            instance_count: 0,
            full: false,
        }
    }

    /// Keeps the files of a module at hand and tells what is wrong with it, once.
    fn take_in(&mut self, module: &Module) {
        if !self.told.insert(module.folder.clone()) {
            return;
        }
        self.texts.extend(module.files.iter().map(|file| (file.id(), Arc::clone(file))));
        module.diagnostics.iter().for_each(|diagnostic| self.tell(diagnostic.clone()));
    }

    /// The declarations of the root module.
    pub(crate) fn root_module(&self) -> Arc<Module> {
        Arc::clone(&self.instances[0].module)
    }

    /// The files of the scan.
    pub(crate) fn sources(&self) -> &'l Sources {
        self.loader.sources()
    }

    /// Gives a value to a root variable, whatever else is given for it.
    pub(crate) fn give(&mut self, variable: &str, value: Value) {
        self.given.insert(variable.into(), value);
    }

    /// Keeps another text at hand, for expressions that are not of a module.
    pub(crate) fn keep(&mut self, file: Arc<SourceFile>) {
        self.texts.insert(file.id(), file);
    }

    /// Lets the next expression have the whole budget.
    pub(crate) fn renew_budget(&mut self) {
        self.budget = Budget::default();
        self.spent.set(false);
    }

    /// What has been found wrong so far.
    pub(crate) fn problems(&self) -> Vec<Diagnostic> {
        self.problems.borrow().list.clone()
    }

    /// The instance of a module at a place in the list.
    fn instance(&self, at: u32) -> &ModuleInstance {
        &self.instances[at as usize]
    }

    /// Adds a diagnostic, unless the same was told at the same place.
    fn tell(&self, diagnostic: Diagnostic) {
        let mut problems = self.problems.borrow_mut();
        if problems.left_out || !problems.seen.insert((diagnostic.primary.span, diagnostic.message.clone())) {
            return;
        }
        if problems.list.len() >= MAX_PROBLEMS {
            problems.left_out = true;
            let message = format!("there are more problems in this unit; only the first {MAX_PROBLEMS} are told");
            problems.list.push(Diagnostic::error("limit", diagnostic.primary.span, message));
            return;
        }
        problems.list.push(diagnostic);
    }

    /// Adds the diagnostic for an error of evaluation, unless it may be that nothing is evaluated there. A limit is always told.
    fn report(&self, error: EvaluationError) {
        // When the budget of the unit is spent, all that follows is refused for the same reason, which is told once.
        if error.spent && self.spent.replace(true) {
            return;
        }
        if error.limit || !self.doubt.get() {
            self.tell(error.into_diagnostic());
        }
    }

    /// Evaluates something of which it may not be known whether it exists.
    fn with_doubt<T>(&self, doubt: bool, inside: impl FnOnce() -> T) -> T {
        let before = self.doubt.replace(doubt || self.doubt.get());
        let result = inside();
        self.doubt.set(before);
        result
    }

    /// Adds an error at a place.
    fn error(&self, id: &str, span: Span, message: impl Into<String>) {
        self.tell(Diagnostic::error(id, span, message));
    }
}
