//! One template with its parameters: what a stack is made of.
//!
//! In: a file, and the values that are given for its parameters. Out: a [`Stack`], whose template is read, whose loops are
//! expanded and whose conditions are settled, ready to be evaluated.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_source::SourceFile;

use crate::conditions::{self, Conditions};
use crate::evaluate::{Evaluator, NoNestedStacks};
use crate::for_each;
use crate::formula::Choices;
use crate::given::Argument;
use crate::parameters::{self, Parameters};
use crate::template::{self, Template};
use crate::{check, rules, sam, sections};

/// A template with its parameters and conditions.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) template: Template,
    pub(crate) parameters: Parameters,
    pub(crate) conditions: Conditions,
    /// What stands before its logical ids: empty, or the path of the nested stack with a point after it.
    pub(crate) scope: String,
}

impl Stack {
    /// Prepares a stack; none where the file is no template at all.
    pub(crate) fn prepare(
        file: &Arc<SourceFile>,
        given: &BTreeMap<Arc<str>, Argument>,
        scope: String,
        inherited: &Choices,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let root = template::parse(file, diagnostics)?;
        let mut template = sections::read_inputs(file, &root, diagnostics);
        let parameters = parameters::settle(&template, given, &scope, diagnostics);
        let undecided = Conditions::default();
        let (expanded, serverless) = {
            let evaluator = Evaluator::new(&template, &parameters, &undecided, &NoNestedStacks, &scope);
            let expanded = for_each::expand(&root, &evaluator, diagnostics);
            let serverless = sam::is_serverless(&template, &expanded);
            let transformed = if serverless { sam::transform(&expanded, &evaluator, diagnostics) } else { expanded };
            diagnostics.extend(evaluator.take_diagnostics());
            (transformed, serverless)
        };
        sections::read_rest(&mut template, &expanded, diagnostics);
        check::check(&template, serverless, diagnostics);
        let conditions = {
            let evaluator = Evaluator::new(&template, &parameters, &undecided, &NoNestedStacks, &scope);
            let conditions = conditions::settle(&evaluator, inherited);
            rules::check(&evaluator, &conditions, diagnostics);
            diagnostics.extend(evaluator.take_diagnostics());
            conditions
        };
        Some(Self { template, parameters, conditions, scope })
    }
}
