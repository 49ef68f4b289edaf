//! Validations of variables, preconditions and postconditions, once everything is evaluated.
//!
//! A condition that certainly does not hold is an error, as in Terraform; one that is not known is none. The assertions of
//! `check` blocks only warn, and are notes.

use terravet_diagnostics::Diagnostic;

use super::Unit;
use super::instance::ResourceInstance;
use super::scope::ModuleScope;
use crate::evaluate::{Scope, evaluate};
use crate::module::{Condition, ConditionKind};
use terravet_terraform_functions::convert::convert;

impl Unit<'_> {
    /// Checks the conditions of all modules.
    pub(super) fn check_conditions(&self) {
        for at in 0..u32::try_from(self.instances.len()).unwrap_or(u32::MAX) {
            let instance = self.instance(at);
            // Of a module that may not exist, nothing is certain.
            if instance.is_doubtful() {
                continue;
            }
            let module = &instance.module;
            let top = ModuleScope::top(self, at);
            for variable in module.variables.iter() {
                self.check_each(&variable.validations, &top, &variable.address);
            }
            for (resource, slot) in module.resources.iter().zip(&instance.resources) {
                if resource.conditions.is_empty() {
                    continue;
                }
                for one in slot.get().map(|set| set.instances.as_slice()).unwrap_or_default() {
                    self.check_resource(&resource.conditions, at, one, &resource.address);
                }
            }
            for output in module.outputs.iter() {
                self.check_each(&output.conditions, &top, &output.name);
            }
            self.check_each(&module.checks, &top, "check");
        }
    }

    fn check_resource(&self, conditions: &[Condition], at: u32, one: &ResourceInstance, address: &str) {
        // Of an instance that may not exist, nothing is certain.
        if one.representative.is_some() || one.exists_when.is_some() {
            return;
        }
        let scope = ModuleScope::within(self, at, &one.repetition).with_self(&one.seen);
        self.check_each(conditions, &scope, address);
    }

    fn check_each(&self, conditions: &[Condition], scope: &dyn Scope, what: &str) {
        for condition in conditions {
            self.check_one(condition, scope, what);
        }
    }

    fn check_one(&self, condition: &Condition, scope: &dyn Scope, what: &str) {
        let span = condition.condition.span;
        let only_warns = condition.kind == ConditionKind::Check;
        let holds = evaluate(&condition.condition, scope).and_then(|value| {
            convert(&value, &terravet_graph::Type::Bool).map_err(|error| {
                crate::evaluate::EvaluationError::new(span, format!("a condition must be true or false: {error}"))
            })
        });
        match holds {
            Ok(value) if value.as_bool() == Some(false) => {}
            Ok(value) if value.is_null() => {
                return self.error("terraform-evaluation", span, "a condition must be true or false, and this is null");
            }
            Ok(_) => return,
            Err(_) if only_warns => return,
            Err(error) => return self.report(error),
        }
        let words = condition.error_message.as_ref().and_then(|expr| {
            let value = evaluate(expr, scope).ok()?;
            // What must not be shown is not shown here either.
            if value.sensitive { None } else { value.as_str().map(|text| text.trim().to_owned()) }
        });
        let sort = match condition.kind {
            ConditionKind::Validation => "the validation",
            ConditionKind::Precondition => "a precondition",
            ConditionKind::Postcondition => "a postcondition",
            ConditionKind::Check => "an assertion",
        };
        let message = match words {
            Some(words) if !words.is_empty() => format!("{sort} of {what} fails: {words}"),
            _ => format!("{sort} of {what} fails"),
        };
        self.tell(if only_warns {
            Diagnostic::note("terraform-condition", span, message)
        } else {
            Diagnostic::error("terraform-condition", span, message)
        });
    }
}
