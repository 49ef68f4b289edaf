//! What to scan and how, and why a session cannot open.

use std::path::PathBuf;
use std::sync::Arc;

use terravet_diagnostics::{Diagnostic, Profile, Severity};
use terravet_rules::SelectionError;
use terravet_source::Sources;

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
    /// The day, as `2026-01-31`, on which suppressions that name an earlier one have expired; empty for a day before all others.
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

impl Options {
    /// The values of variables, by name.
    pub(crate) fn variables(&self) -> Result<Vec<(String, String)>, EngineError> {
        let pair = |given: &String| {
            let (name, value) = given.split_once('=').ok_or_else(|| EngineError::BadVariable(given.clone()))?;
            Ok((name.trim().to_owned(), value.to_owned()))
        };
        self.variables.iter().map(pair).collect()
    }
}

/// Why a session cannot open or a scan cannot start. Each is the user's to mend.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A rule was named that does not exist.
    #[error(transparent)]
    UnknownRule(#[from] SelectionError),
    /// Rule pages do not hold together.
    #[error("{} of the rule pages cannot be used", if problems.len() == 1 { "one".to_owned() } else { problems.len().to_string() })]
    BadRulePages {
        /// What is wrong with them.
        problems: Vec<Diagnostic>,
        /// The files that the problems point into.
        sources: Arc<Sources>,
    },
    /// A path does not exist.
    #[error("there is nothing at `{}`; give the path of a file or folder", .0.display())]
    NoSuchPath(PathBuf),
    /// A variable was given in another form than `name=value`.
    #[error("`{0}` is no variable; write --var name=value")]
    BadVariable(String),
}
