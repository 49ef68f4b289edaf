//! What a kind says about others, checked once all files are there.

use terravet_diagnostics::Diagnostic;

use crate::kind::{AttributeType, Computed, Kind};
use crate::schema::Schema;

/// What is wrong with the kinds and attributes that a kind speaks of.
pub(crate) fn references(kind: &Kind, schema: &Schema) -> Vec<Diagnostic> {
    let error = |message: String| Diagnostic::error("kinds", kind.span, message);
    let mut problems = Vec::new();
    for attribute in kind.attributes.values() {
        let (AttributeType::Subject(other) | AttributeType::Subjects(other)) = &attribute.ty else { continue };
        match (schema.kind(other), &attribute.computed) {
            (None, _) => {
                let message = format!("{} speaks of a kind {other} that there is not", attribute.name);
                problems.push(error(message).with_suggestion(other, schema.names()));
            }
            (Some(other), Some(Computed::Reverse(back))) if !other.attributes.contains_key(back) => {
                problems.push(error(format!("{} has no attribute `{back}` to come back by", other.name)));
            }
            _ => {}
        }
    }
    problems
}
