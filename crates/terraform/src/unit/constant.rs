//! Expressions that nothing can be referred to in: defaults, values of variables, flags.

use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::Value;
use terravet_hcl::{Expr, Step};
use terravet_source::{SourceFile, Span};

use terravet_terraform_functions::{FileEntry, FileProblem, Files};

use crate::evaluate::{Budget, EvaluationError, Resolved, Scope, evaluate};

/// A scope without names and files.
#[derive(Default)]
struct ConstantScope {
    budget: Budget,
}

impl Scope for ConstantScope {
    fn resolve(&self, root: &str, _: &[Step], span: Span) -> Result<Resolved, EvaluationError> {
        Err(EvaluationError::new(span, format!("`{root}` has no meaning here; the value must be constant")))
    }

    fn files(&self) -> &dyn Files {
        &NoFiles
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }

    fn text(&self, _: Span) -> Option<String> {
        None
    }

    fn module(&self) -> &str {
        ""
    }
}

/// Access to no file at all.
struct NoFiles;

fn no_files<T>() -> Result<T, FileProblem> {
    Err(FileProblem::Refused("no file can be read here".into()))
}

impl Files for NoFiles {
    fn read_text(&self, _: &str) -> Result<Arc<SourceFile>, FileProblem> {
        no_files()
    }

    fn read_bytes(&self, _: &str) -> Result<Vec<u8>, FileProblem> {
        no_files()
    }

    fn exists(&self, _: &str) -> Result<bool, FileProblem> {
        no_files()
    }

    fn list(&self, _: &str) -> Result<Vec<FileEntry>, FileProblem> {
        no_files()
    }

    fn absolute(&self, _: &str) -> Result<String, FileProblem> {
        no_files()
    }

    fn home(&self) -> Option<String> {
        None
    }
}

/// The value of a constant expression.
///
/// # Errors
/// A diagnostic where it cannot be evaluated.
pub(crate) fn evaluate_constant(expr: &Expr) -> Result<Value, Box<Diagnostic>> {
    evaluate(expr, &ConstantScope::default()).map_err(|error| Box::new(error.into_diagnostic()))
}
