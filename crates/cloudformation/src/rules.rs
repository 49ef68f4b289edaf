//! The `Rules` of a template: assertions over parameters.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html>.
//!
//! Only what certainly fails is reported.

use terravet_diagnostics::Diagnostic;
use terravet_graph::Truth;

use crate::conditions::{Conditions, assertion};
use crate::evaluate::Evaluator;

/// Reports assertions that do not hold.
pub(crate) fn check(evaluator: &Evaluator<'_>, conditions: &Conditions, diagnostics: &mut Vec<Diagnostic>) {
    for rule in &evaluator.template.rules {
        let applies = rule.condition.as_ref().map_or(Truth::True, |node| assertion(evaluator, conditions, node));
        if !applies.is_true() {
            continue;
        }
        for (node, words) in &rule.assertions {
            if assertion(evaluator, conditions, node).is_false() {
                let message = match words {
                    Some(words) => format!("the parameters break a rule of the template: {words}"),
                    None => "the parameters break a rule of the template".to_owned(),
                };
                let diagnostic = Diagnostic::error("cloudformation-rule", node.span, message)
                    .with_help("give parameters for which the assertion holds");
                diagnostics.push(diagnostic);
            }
        }
    }
}
