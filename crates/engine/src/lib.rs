//! From paths to sorted findings: the one interface for the command line, editors and tests.
//!
//! In: [`Options`] and a file system. Out: a [`Scan`]: the [`Outcome`] with the sources that its spans point into.
//!
//! Invariants: the same input gives the same outcome whatever the number of threads; one bad file, unit or panicking
//! rule becomes a diagnostic and never stops the rest; the text of a unit is dropped when its findings are done.
//!
//! It renders nothing and decides no exit status.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types))]

mod fault;
mod files;
mod findings;
mod fix;
mod judge;
mod left_out;
mod order;
mod suppression;
mod units;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;
use terravet_diagnostics::{Diagnostic, Outcome, Profile, RuleInfo, Severity, Summary};
use terravet_rules::{Registry, Selection, SelectionError};
use terravet_source::{Anchors, Boundary, FileSystem, Sources};

pub use terravet_graph::Graph;
pub use units::{Unit, UnitKind};

/// What to scan and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// Rules to run, whatever their profile: ids, globs, other tools' ids. Empty for those of the profile.
    pub select: Vec<String>,
    /// Rules not to run.
    pub ignore: Vec<String>,
    /// The profile; each includes those before it.
    pub profile: Profile,
    /// Findings below it are left out.
    pub min_severity: Option<Severity>,
    /// Values of Terraform variables, as `name=value`.
    pub variables: Vec<String>,
    /// Files with values of Terraform variables.
    pub variable_files: Vec<PathBuf>,
    /// Files with values of CloudFormation parameters.
    pub parameters: Vec<PathBuf>,
    /// Folders with more rule pages.
    pub rules: Vec<PathBuf>,
    /// Whether to list what could not be decided.
    pub show_undecided: bool,
    /// The environment, for `TF_VAR_` variables.
    pub environment: Vec<(String, String)>,
    /// The day, as `2026-01-31`: suppressions that name an earlier one have expired, versions that ended by then are over. Empty for
    /// one on which no suppression expires, and the day on which the tables were last checked.
    pub today: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            paths: vec![PathBuf::from(".")],
            select: Vec::new(),
            ignore: Vec::new(),
            profile: Profile::Recommended,
            min_severity: None,
            variables: Vec::new(),
            variable_files: Vec::new(),
            parameters: Vec::new(),
            rules: Vec::new(),
            show_undecided: false,
            environment: Vec::new(),
            today: String::new(),
        }
    }
}

/// Why a scan cannot start. Each is the user's to mend.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A rule was named that does not exist.
    #[error(transparent)]
    UnknownRule(#[from] SelectionError),
    /// Rule pages do not hold together.
    #[error("{} of the rule pages cannot be used", if .0.len() == 1 { "one".to_owned() } else { .0.len().to_string() })]
    BadRulePages(Vec<Diagnostic>),
    /// A path does not exist.
    #[error("there is nothing at `{}`; give the path of a file or folder", .0.display())]
    NoSuchPath(PathBuf),
    /// A file of values does not exist.
    #[error("there is no file `{}`, which `{option}` names", .path.display())]
    NoSuchFile {
        /// The option.
        option: &'static str,
        /// What it names.
        path: PathBuf,
    },
    /// A variable was given in another form than `name=value`.
    #[error("`{0}` is no variable; write --var name=value")]
    BadVariable(String),
}

/// Is told how far a scan is.
pub trait Progress: Sync {
    /// So many units are to be judged.
    fn units(&self, total: usize);
    /// One more is done.
    fn unit_done(&self);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn units(&self, _: usize) {}
    fn unit_done(&self) {}
}

/// What a scan found, with the text that it points into.
#[derive(Debug)]
pub struct Scan {
    /// The findings and all else.
    pub outcome: Outcome,
    /// The files.
    pub sources: Arc<Sources>,
    /// The trees that its files lie in.
    pub anchors: Anchors,
}

/// The files that a scan under these options may read: those of the trees around the paths, of the rules, and those that are named.
#[must_use]
pub fn sources(options: &Options, file_system: Arc<dyn FileSystem>) -> Arc<Sources> {
    let named = [&options.rules, &options.variable_files, &options.parameters];
    let boundary = named
        .into_iter()
        .fold(Boundary::around(&*file_system, &options.paths), |boundary, paths| boundary.with(&*file_system, paths));
    Arc::new(Sources::within(file_system, boundary))
}

/// A scan that is ready to run.
pub struct Engine {
    options: Options,
    registry: Arc<Registry>,
    selection: Selection,
    sources: Arc<Sources>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Engine {
    /// Loads the rules and checks the options.
    ///
    /// # Errors
    /// [`EngineError`] for what the user has to mend first.
    pub fn new(options: Options, file_system: Arc<dyn FileSystem>) -> Result<Self, EngineError> {
        let sources = sources(&options, file_system);
        let registry = Registry::load(&sources, &options.rules).map_err(EngineError::BadRulePages)?;
        Self::with_registry(options, sources, registry)
    }

    /// As [`Engine::new`], with rules that are loaded already: for tests of pages as they are on disk.
    ///
    /// # Errors
    /// As [`Engine::new`].
    pub fn with_registry(
        options: Options,
        sources: Arc<Sources>,
        registry: impl Into<Arc<Registry>>,
    ) -> Result<Self, EngineError> {
        let registry = registry.into();
        let selection = registry.select(&options.select, &options.ignore, options.profile)?;
        Ok(Self { options, registry, selection, sources })
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

    /// Scans.
    ///
    /// # Errors
    /// [`EngineError::NoSuchPath`], [`EngineError::NoSuchFile`] and [`EngineError::BadVariable`].
    pub fn scan(&self, progress: &dyn Progress) -> Result<Scan, EngineError> {
        let units = units::find(&self.options, &self.sources, &self.registry)?;
        progress.units(units.list.len());
        let judged: Vec<judge::Judged> = units
            .list
            .par_iter()
            .map(|unit| {
                let judged = judge::judge(unit, &self.sources, &units, &self.registry, &self.selection, &self.options);
                progress.unit_done();
                judged
            })
            .collect();
        let mut problems = units.problems;
        problems.extend(units.loaders.parameter_problems());
        let mut outcome = self.gather(problems, judged, &units.anchors);
        (outcome.left_out, outcome.summary.left_out) = left_out::tell(&units.left_out, &self.sources);
        Ok(Scan { outcome, sources: Arc::clone(&self.sources), anchors: units.anchors })
    }

    /// What reads Terraform modules under the options, for questions about a single one.
    ///
    /// # Errors
    /// [`EngineError::BadVariable`].
    pub fn terraform(&self) -> Result<terravet_terraform::Loader, EngineError> {
        units::terraform(&self.options, &self.sources, &self.registry)
    }

    /// What reads CloudFormation templates under the options, for questions about a single one.
    #[must_use]
    pub fn cloudformation(&self) -> terravet_cloudformation::Loader {
        units::cloudformation(&self.options, &self.sources)
    }

    /// Loads every unit and gives its graph to `each`, in order; for commands that show what was evaluated.
    ///
    /// # Errors
    /// As [`Engine::scan`].
    pub fn graphs(&self, mut each: impl FnMut(&Unit, &Graph)) -> Result<Vec<Diagnostic>, EngineError> {
        let units = units::find(&self.options, &self.sources, &self.registry)?;
        for unit in &units.list {
            let loaded = units.loaders.load(unit);
            each(unit, &loaded.graph);
        }
        Ok(units.problems)
    }

    /// Puts together what the units gave, in an order that does not depend on threads.
    fn gather(&self, problems: Vec<Diagnostic>, judged: Vec<judge::Judged>, anchors: &Anchors) -> Outcome {
        let mut outcome = Outcome { diagnostics: problems, ..Outcome::default() };
        let mut summary = Summary::default();
        let (mut files, mut rules, mut uses) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for unit in judged {
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
        suppression::gather(&mut outcome.suppressed, &self.sources, anchors);
        findings::sort(&mut outcome.diagnostics, &self.sources, anchors);
        findings::merge(&mut outcome.diagnostics, &self.sources, anchors);
        findings::gather_notes(&mut outcome.diagnostics);
        findings::sort(&mut outcome.undecided, &self.sources, anchors);
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
