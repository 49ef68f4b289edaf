//! Expressions that a person asks about, evaluated in a module.
//!
//! In: the text of an expression. Out: its value in the root module, with everything evaluated that it refers to, and
//! nothing else. Variables without a value are unknown, as in `terraform console`.

use std::path::Path;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_frontend::Answer;
use terravet_graph::Value;
use terravet_source::{SourceFile, Span};

use crate::evaluate::{Scope, console};
use crate::module::{Surroundings, check_expression, each_reference, resolve_targets};
use crate::unit::{ModuleScope, Unit};

/// A root module to evaluate expressions in.
pub struct Console<'l> {
    unit: Unit<'l>,
    /// The texts that have been asked, since diagnostics and values point into them.
    asked: Vec<Arc<SourceFile>>,
}

impl std::fmt::Debug for Console<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}

impl<'l> Console<'l> {
    pub(crate) fn new(unit: Unit<'l>) -> Self {
        Self { unit, asked: Vec::new() }
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// Diagnostics where it cannot be parsed, refers to what is not declared, or Terraform refuses it.
    pub fn evaluate(&mut self, text: &str) -> Result<Value, Vec<Diagnostic>> {
        self.ask(text).map(|answer| answer.value)
    }

    /// The value of an expression with its type. Here alone may `type(...)` be called.
    ///
    /// # Errors
    /// As [`Console::evaluate`].
    pub fn ask(&mut self, text: &str) -> Result<Answer, Vec<Diagnostic>> {
        let file = self.unit.sources().add(Path::new("<expression>"), text);
        self.asked = vec![Arc::clone(&file)];
        let span = Span::new(file.id(), 0..file.text().len());
        let expr = terravet_hcl::parse_value_text(file.text(), span).map_err(|diagnostic| vec![*diagnostic])?;
        let module = self.unit.root_module();
        let mut problems = Vec::new();
        check_expression(&module, &expr, Surroundings::default(), &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let targets = resolve_targets(&module, |see| each_reference(&expr, see));
        self.unit.force_targets(0, &targets);
        self.unit.keep(file);
        self.unit.renew_budget();
        let scope = ModuleScope::top(&self.unit, 0);
        scope.budget().step(span).map_err(|error| vec![error.into_diagnostic()])?;
        let (value, ty) = console(&expr, &scope).map_err(|error| vec![error.into_diagnostic()])?;
        Ok(Answer { value, ty })
    }

    /// What is wrong with the module itself.
    pub fn problems(&self) -> Vec<Diagnostic> {
        self.unit.problems()
    }
}
