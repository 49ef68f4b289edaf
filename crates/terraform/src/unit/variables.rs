//! The values that a module passes in, through and out: input variables, local values, outputs.

use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Step, Value, Why};
use terravet_hcl::Expr;
use terravet_source::Span;

use super::Unit;
use super::scope::ModuleScope;
use crate::evaluate::{Scope, evaluate_or_report};
use crate::inputs::{narrowed, typed};
use crate::module::Variable;
use crate::origins::at_declaration;
use terravet_terraform_functions::convert::{contains_sensitive, without_optional};

impl Unit<'_> {
    /// Evaluates an expression; an error is told and the value unknown.
    pub(super) fn value_of(&self, expr: &Expr, scope: &dyn Scope) -> Value {
        evaluate_or_report(expr, scope, &mut |error| self.report(error))
    }

    /// The value of an input variable.
    pub(super) fn variable(&self, instance: u32, place: u32) -> Value {
        let at = self.instance(instance);
        let variable = &at.module.variables[place];
        let value = match at.caller {
            None => self.root_variable(variable),
            Some((caller, call)) => self.argument(variable, instance, caller, call),
        };
        value.marked(variable.sensitive)
    }

    fn root_variable(&self, variable: &Variable) -> Value {
        let given = self.given.get(&variable.name);
        match typed(variable, given) {
            Ok(Some(value)) => value,
            Ok(None) if given.is_none() => narrowed(variable),
            Ok(None) => self.required(variable, given.and_then(Value::span).unwrap_or(variable.header)),
            Err(error) => {
                let span = given.and_then(Value::span).unwrap_or(variable.header);
                self.does_not_fit(variable, span, &error.to_string())
            }
        }
    }

    fn argument(&self, variable: &Variable, instance: u32, caller: u32, call: u32) -> Value {
        let call = &self.instance(caller).module.calls[call];
        let Some(argument) = call.arguments.get(&variable.name) else {
            return match typed(variable, None) {
                Ok(Some(value)) => value,
                // Told once, when the call was expanded.
                _ => Value::unknown(Why::Error, without_optional(&variable.ty)).written_at(call.header),
            };
        };
        let span = argument.value.expr.span;
        let scope = ModuleScope::within(self, caller, &self.instance(instance).repetition);
        let given = self.value_of(&argument.value.expr, &scope);
        let given = at_declaration(given, span, Step::ModuleArgument(Arc::clone(&variable.name)));
        match typed(variable, Some(&given)) {
            Ok(Some(value)) => value,
            Ok(None) => self.required(variable, span),
            Err(error) => self.does_not_fit(variable, span, &error.to_string()),
        }
    }

    fn required(&self, variable: &Variable, span: Span) -> Value {
        let message = format!("null is given for {}, which is not nullable and has no default", variable.address);
        self.refuse(variable, span, message)
    }

    fn does_not_fit(&self, variable: &Variable, span: Span, error: &str) -> Value {
        let message = format!("this does not fit the type of {}: {error}", variable.address);
        self.refuse(variable, span, message)
    }

    fn refuse(&self, variable: &Variable, span: Span, message: String) -> Value {
        if !self.doubt.get() {
            self.tell(
                Diagnostic::error("terraform-invalid-value", span, message)
                    .with_related(variable.header, "the variable is declared here"),
            );
        }
        Value::unknown(Why::Error, without_optional(&variable.ty)).written_at(span)
    }

    /// The value of a local value.
    pub(super) fn local(&self, instance: u32, place: u32) -> Value {
        let local = &self.instance(instance).module.locals[place];
        let value = self.value_of(&local.value.expr, &ModuleScope::top(self, instance));
        at_declaration(value, local.value.expr.span, Step::Local(Arc::clone(&local.name)))
    }

    /// The value of an output.
    pub(super) fn output(&self, instance: u32, place: u32) -> Value {
        let at = self.instance(instance);
        let output = &at.module.outputs[place];
        let value = self.value_of(&output.value.expr, &ModuleScope::top(self, instance));
        if at.caller.is_none() && output.ephemeral {
            let message =
                format!("output `{}` of a root module cannot be ephemeral, since nothing would see it", output.name);
            self.error("terraform-ephemeral", output.header, message);
        }
        if at.caller.is_none() && !output.sensitive && contains_sensitive(&value) {
            let message =
                format!("output `{}` is made from sensitive values and must be declared sensitive", output.name);
            self.tell(
                Diagnostic::error("terraform-sensitive-output", output.header, message)
                    .with_help("add `sensitive = true`, or take the mark off with nonsensitive()"),
            );
        }
        // Within Terraform, only what is sensitive itself stays so; what the root module puts out is for people.
        let hidden = output.sensitive && at.caller.is_none();
        at_declaration(value, output.value.expr.span, Step::Output(Arc::clone(&output.name))).marked(hidden)
    }
}
