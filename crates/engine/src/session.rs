//! A session: files, rules and frontends that stay open from one question to the next.
//!
//! In: [`Options`] and a file system. Out: the units, the graph of each, and what the rules find in it.
//!
//! An edit goes into an overlay over the file system ([`Session::edit`]); what was read from the file is forgotten, and
//! nothing else, so that checking the units that read it ([`Session::units_reading`]) costs what these units cost.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;
use terravet_diagnostics::{Diagnostic, Outcome, RuleInfo, Severity, Summary};
use terravet_frontend::{Claim, Console, Frontend, Inputs, Loaded, Root};
use terravet_graph::Graph;
use terravet_rules::{Registry, Selection};
use terravet_source::{FileId, FileSystem, Overlay, ReadError, Sources, Span, normalize};

use crate::check::{self, Checked, internal_error};
use crate::discover::{self, Unit, Units};
use crate::options::{EngineError, Options};
use crate::progress::Progress;
use crate::{findings, frontends, suppression};

/// What a scan found, with the text that it points into.
#[derive(Debug)]
pub struct Scan {
    /// The findings and all else.
    pub outcome: Outcome,
    /// The files.
    pub sources: Arc<Sources>,
}

/// Files, rules and frontends.
pub struct Session {
    options: Options,
    registry: Arc<Registry>,
    selection: Selection,
    overlay: Arc<Overlay>,
    sources: Arc<Sources>,
    frontends: Vec<Box<dyn Frontend>>,
    units: OnceLock<Arc<Units>>,
    /// The files that each unit was last loaded from.
    read: Mutex<BTreeMap<Unit, BTreeSet<FileId>>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Session {
    /// Loads the rules and checks the options.
    ///
    /// # Errors
    /// [`EngineError`] for what the user has to mend first.
    pub fn new(options: Options, file_system: Arc<dyn FileSystem>) -> Result<Self, EngineError> {
        Self::open(options, file_system, |sources, options| {
            Registry::load(sources, &options.rules)
                .map(Arc::new)
                .map_err(|problems| EngineError::BadRulePages { problems, sources: Arc::clone(sources) })
        })
    }

    /// As [`Session::new`], with rules that are loaded already: for tests of pages as they are on disk.
    ///
    /// # Errors
    /// As [`Session::new`].
    pub fn with_registry(
        options: Options,
        file_system: Arc<dyn FileSystem>,
        registry: Arc<Registry>,
    ) -> Result<Self, EngineError> {
        Self::open(options, file_system, |_, _| Ok(registry))
    }

    fn open(
        options: Options,
        file_system: Arc<dyn FileSystem>,
        rules: impl FnOnce(&Arc<Sources>, &Options) -> Result<Arc<Registry>, EngineError>,
    ) -> Result<Self, EngineError> {
        let overlay = Arc::new(Overlay::new(file_system));
        let sources = Arc::new(Sources::new(Arc::clone(&overlay) as Arc<dyn FileSystem>));
        let registry = rules(&sources, &options)?;
        let selection = registry.select(&options.select, &options.ignore, options.profile)?;
        let inputs = Inputs {
            sources: Arc::clone(&sources),
            boundary: discover::trees(sources.file_system(), &options.paths),
            variables: options.variables()?,
            variable_files: options.variable_files.clone(),
            parameter_files: options.parameters.clone(),
            environment: options.environment.clone(),
            module_stubs: registry.outlines().iter().map(discover::module_stub).collect(),
        };
        let frontends = frontends::open(&inputs);
        let (units, read) = (OnceLock::new(), Mutex::default());
        Ok(Self { options, registry, selection, overlay, sources, frontends, units, read })
    }

    /// All rules that there are.
    #[must_use]
    pub fn rules(&self) -> Vec<RuleInfo> {
        self.registry.rules().filter_map(|rule| self.registry.info(rule)).collect()
    }

    /// The rules that a name means: an id, a glob, or another tool's id.
    ///
    /// # Errors
    /// [`EngineError::UnknownRule`] where it means none.
    pub fn find_rules(&self, name: &str) -> Result<Vec<RuleInfo>, EngineError> {
        let found = self.registry.find(name)?;
        Ok(self.infos(&found))
    }

    /// The files that diagnostics point into.
    #[must_use]
    pub fn sources(&self) -> Arc<Sources> {
        Arc::clone(&self.sources)
    }

    /// The units below the paths of the options, as they were found at the first call or since [`Session::rediscover`].
    ///
    /// # Errors
    /// [`EngineError::NoSuchPath`].
    pub fn units(&self) -> Result<Arc<Units>, EngineError> {
        if let Some(units) = self.units.get() {
            return Ok(Arc::clone(units));
        }
        let found = Arc::new(discover::discover(&self.options, &self.sources, &self.frontends)?);
        Ok(Arc::clone(self.units.get_or_init(|| found)))
    }

    /// The graph of a unit. A panic on the way is a diagnostic of an empty one.
    #[must_use]
    pub fn load(&self, unit: &Unit) -> Loaded {
        let frontend = self.frontend(unit);
        let loaded = catch_unwind(AssertUnwindSafe(|| frontend.load(&unit.root))).unwrap_or_else(|panic| {
            let id = self.sources.id(unit.path());
            let mut graph = Graph::new(unit.path().to_string_lossy().into(), id, Vec::new());
            graph.diagnostics = vec![internal_error(Span::start_of(id), "reading this unit", &*panic)];
            Loaded { graph, files: Vec::new() }
        });
        let files = loaded.files.iter().map(|file| file.id()).collect();
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(unit.clone(), files);
        loaded
    }

    /// What the rules find in one unit.
    #[must_use]
    pub fn check(&self, unit: &Unit) -> Outcome {
        self.gather(Vec::new(), vec![self.checked(unit)])
    }

    /// What the rules find in all units.
    ///
    /// # Errors
    /// As [`Session::units`].
    pub fn scan(&self, progress: &dyn Progress) -> Result<Scan, EngineError> {
        let units = self.units()?;
        progress.units(units.list.len());
        let each = units.list.par_iter().map(|unit| {
            let checked = self.checked(unit);
            progress.unit_done();
            checked
        });
        let checked: Vec<Checked> = each.collect();
        let mut problems = units.problems.clone();
        problems.extend(self.frontends.iter().flat_map(|frontend| frontend.problems()));
        Ok(Scan { outcome: self.gather(problems, checked), sources: Arc::clone(&self.sources) })
    }

    /// Puts text in the place of a file, or takes back what was put there, with none. The file need not exist.
    pub fn edit(&mut self, path: &Path, text: Option<&str>) {
        let was_there = self.overlay.kind(path).is_some();
        match text {
            Some(text) => self.overlay.put(path, text),
            None => self.overlay.restore(path),
        }
        self.changed(path);
        if was_there != self.overlay.kind(path).is_some() {
            self.rediscover();
        }
    }

    /// Forgets what was read from a file that has changed.
    pub fn changed(&mut self, path: &Path) {
        self.sources.forget(path);
        for frontend in &mut self.frontends {
            frontend.forget(path);
        }
    }

    /// Has the units looked for again: after files have come or gone, or when it matters whether an edit has made a unit part of
    /// another.
    pub fn rediscover(&mut self) {
        self.units = OnceLock::new();
        self.read.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The units that read a file, as their own or because they call what it belongs to. Loads those that have not been loaded.
    ///
    /// # Errors
    /// As [`Session::units`].
    pub fn units_reading(&self, path: &Path) -> Result<Vec<Unit>, EngineError> {
        let units = self.units()?;
        let is_unread = |unit: &&Unit| !self.read_files().contains_key(*unit);
        let unread: Vec<&Unit> = units.list.iter().filter(is_unread).collect();
        unread.par_iter().for_each(|unit| drop(self.load(unit)));
        // A file that is new to a folder belongs to those who read the folder.
        let folder = normalize(path.parent().unwrap_or(Path::new("")));
        let of_folder = self.frontends.iter().any(|frontend| frontend.claim(path) >= Claim::Beside);
        let id = self.sources.id(path);
        let reads = |file: &FileId| {
            *file == id
                || of_folder && normalize(self.sources.path(*file).parent().unwrap_or(Path::new(""))) == folder
        };
        let read = self.read_files();
        let reading = units.list.iter().filter(|unit| read.get(*unit).is_some_and(|files| files.iter().any(reads)));
        Ok(reading.cloned().collect())
    }

    /// A place to evaluate expressions in: a unit by its folder or file. None where no language has such units.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn console(&self, root: &Root) -> Option<Result<Box<dyn Console + '_>, ReadError>> {
        self.frontends.iter().find_map(|frontend| frontend.console(root))
    }

    /// What is wrong with the stubs of modules, embedded and the user's own. For tests.
    #[must_use]
    pub fn stub_problems(&self) -> Vec<Diagnostic> {
        self.frontends.iter().flat_map(|frontend| frontend.stub_problems()).collect()
    }

    fn frontend(&self, unit: &Unit) -> &dyn Frontend {
        &*self.frontends[unit.frontend]
    }

    fn read_files(&self) -> std::sync::MutexGuard<'_, BTreeMap<Unit, BTreeSet<FileId>>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn checked(&self, unit: &Unit) -> Checked {
        let loaded = self.load(unit);
        check::check(unit, self.frontend(unit), &loaded, &self.registry, &self.selection, &self.options)
    }

    /// Puts together what the units gave, in an order that does not depend on threads.
    fn gather(&self, problems: Vec<Diagnostic>, checked: Vec<Checked>) -> Outcome {
        let mut outcome = Outcome { diagnostics: problems, ..Outcome::default() };
        let mut summary = Summary::default();
        let (mut files, mut rules, mut uses) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for unit in checked {
            outcome.diagnostics.extend(unit.diagnostics);
            outcome.undecided.extend(unit.undecided);
            outcome.suppressed.extend(unit.suppressed);
            uses.push(unit.uses);
            files.extend(unit.files);
            rules.extend(unit.rules);
            summary.resources += unit.resources;
            summary.undecided += unit.undecided_count;
        }
        outcome.diagnostics.extend(suppression::notes(uses));
        suppression::gather(&mut outcome.suppressed, &self.sources);
        findings::sort(&mut outcome.diagnostics, &self.sources);
        findings::merge(&mut outcome.diagnostics, &self.sources);
        findings::gather_notes(&mut outcome.diagnostics);
        findings::sort(&mut outcome.undecided, &self.sources);
        summary.files = files.len();
        summary.rules = self.selection.rules.len();
        summary.by_severity = Severity::ALL.into_iter().map(|severity| (severity, 0)).collect();
        for finding in outcome.diagnostics.iter().filter_map(Diagnostic::finding) {
            *summary.by_severity.entry(finding.severity).or_default() += 1;
        }
        outcome.summary = summary;
        outcome.rules = self.infos(&rules);
        outcome
    }

    fn infos<'a>(&self, ids: impl IntoIterator<Item = &'a Arc<str>>) -> Vec<RuleInfo> {
        let rules = ids.into_iter().filter_map(|id| self.registry.rule(id));
        rules.filter_map(|rule| self.registry.info(rule)).collect()
    }
}
