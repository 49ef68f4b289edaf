//! One template with its parameters: what a stack is made of.
//!
//! In: the root of a template, and the values that are given for its parameters. Out: a [`Stack`], whose template is read, whose loops are
//! expanded and whose conditions are settled, ready to be evaluated.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::Value;
use terravet_source::SourceFile;
use terravet_yaml::Node;

use crate::conditions::{self, Conditions};
use crate::evaluate::{Evaluator, as_text};
use crate::for_each;
use crate::formula::Choices;
use crate::given::Argument;
use crate::local::LocalFiles;
use crate::nested::{Nested, inside};
use crate::parameters::{self, Parameters};
use crate::template::{Root, Template};
use crate::{check, include, rules, sections};

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
    /// Prepares the stack of a template that stands in a file. `inherited` is what is open in the stacks around it.
    pub(crate) fn of(
        local: &LocalFiles,
        file: &Arc<SourceFile>,
        root: &Root,
        given: &BTreeMap<Arc<str>, Argument>,
        scope: String,
        inherited: &Choices,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut included = Vec::new();
        let root = with_snippets(local, file, root, given, &mut included, diagnostics);
        let mut template = sections::read_inputs(file, included, &root, diagnostics);
        let root = &root.node;
        let mut parameters = parameters::settle(&template, given, &scope, diagnostics);
        let (undecided, none) = (Conditions::default(), Nested::default());
        let (expanded, serverless, types) = {
            let evaluator = Evaluator::new(&template, &parameters, &undecided, &none, &scope);
            let expanded = for_each::expand(root, &evaluator, diagnostics);
            let types: BTreeMap<_, _> = terravet_sam::types(&expanded).collect();
            // By its transform, or by a resource of SAM's, which nothing else can make.
            let serverless = template.has_transform(terravet_sam::TRANSFORM) || !types.is_empty();
            let known = Settled(&evaluator);
            let transformed =
                if serverless { terravet_sam::transform(&expanded, &known, diagnostics) } else { expanded };
            diagnostics.extend(evaluator.take_diagnostics());
            (transformed, serverless, types)
        };
        template.serverless_types = types;
        sections::read_rest(&mut template, &expanded, diagnostics);
        check::check(&template, serverless, diagnostics);
        let settle = |parameters: &Parameters| {
            let evaluator = Evaluator::new(&template, parameters, &undecided, &none, &scope);
            conditions::settle(&evaluator, inherited)
        };
        let mut conditions = settle(&parameters);
        if !conditions.wider.is_empty() {
            // What was "something else" for the parent may be one of what the conditions here ask for.
            for value in parameters.values_mut() {
                *value = inside(value, &conditions.wider);
            }
            conditions = settle(&parameters);
        }
        let evaluator = Evaluator::new(&template, &parameters, &undecided, &none, &scope);
        rules::check(&evaluator, &conditions, diagnostics);
        diagnostics.extend(evaluator.take_diagnostics());
        Self { template, parameters, conditions, scope }
    }

    /// The files that its snippets stand in.
    pub(crate) fn included(&self) -> &[Arc<SourceFile>] {
        &self.template.included
    }

    /// What evaluates its nodes, knowing the stacks that are nested in it.
    pub(crate) fn evaluator<'s>(&'s self, nested: &'s Nested) -> Evaluator<'s> {
        Evaluator::new(&self.template, &self.parameters, &self.conditions, nested, &self.scope)
    }
}

/// What the SAM transform may know of a template: its parameters and mappings.
struct Settled<'e, 't>(&'e Evaluator<'t>);

impl terravet_sam::Known for Settled<'_, '_> {
    fn parameter(&self, name: &str) -> Option<&Value> {
        self.0.parameters.get(name)
    }

    fn text(&self, node: &Node) -> Option<String> {
        as_text(&self.0.value(node))?.as_str().map(str::to_owned)
    }
}

/// The template with the snippets that it includes, whose files are added to `included`. Where they are may depend on parameters.
fn with_snippets<'n>(
    local: &LocalFiles,
    file: &Arc<SourceFile>,
    root: &'n Root,
    given: &BTreeMap<Arc<str>, Argument>,
    included: &mut Vec<Arc<SourceFile>>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Cow<'n, Root> {
    if !include::may_include(file.text()) {
        return Cow::Borrowed(root);
    }
    // What is wrong with the inputs is told when they are read for good.
    let mut untold = Vec::new();
    let template = sections::read_inputs(file, Vec::new(), root, &mut untold);
    let parameters = parameters::settle(&template, given, "", &mut untold);
    let (undecided, none) = (Conditions::default(), Nested::default());
    let evaluator = Evaluator::new(&template, &parameters, &undecided, &none, "");
    let node = include::expand(&root.node, &evaluator, local, included, diagnostics);
    Cow::Owned(Root { node, truncated: root.truncated })
}
