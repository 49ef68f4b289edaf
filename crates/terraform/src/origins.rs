//! Steps on the way of a value that are taken where it is declared.

use terravet_graph::{Origin, Step, Value};
use terravet_source::Span;

/// The value after one more step at the place where it is written. For a literal that is the same place, so the step takes
/// the place of "written here".
pub(crate) fn at_declaration(value: Value, span: Span, step: Step) -> Value {
    let is_literal =
        |origin: &Origin| origin.from.is_none() && origin.step == Step::Written && span.contains(origin.span);
    let from = value.origin.filter(|origin| !is_literal(origin));
    Value { origin: Some(Origin::then(span, step, from)), ..value }
}
