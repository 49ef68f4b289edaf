//! Expressions that nothing can be referred to in: defaults, values of variables, flags.

use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::Value;
use terravet_hcl::{Expr, Step};
use terravet_source::{SourceFile, Span};

use crate::evaluate::{Budget, EvaluationError, FileEntry, Files, Resolved, Scope, evaluate};

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

const NO_FILES: &str = "no file can be read here";

impl Files for NoFiles {
    fn read_text(&self, _: &str) -> Result<Arc<SourceFile>, String> {
        Err(NO_FILES.into())
    }

    fn read_bytes(&self, _: &str) -> Result<Vec<u8>, String> {
        Err(NO_FILES.into())
    }

    fn exists(&self, _: &str) -> Result<bool, String> {
        Err(NO_FILES.into())
    }

    fn list(&self, _: &str) -> Result<Vec<FileEntry>, String> {
        Err(NO_FILES.into())
    }

    fn absolute(&self, _: &str) -> Result<String, String> {
        Err(NO_FILES.into())
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
