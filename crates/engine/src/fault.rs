//! What is told of a bug of ours: a panic in a unit or a rule, which stops nothing else.

use terravet_diagnostics::Diagnostic;
use terravet_source::Span;

/// A diagnostic for a bug of ours.
pub(crate) fn internal_error(place: Span, what: &str, panic: &(dyn std::any::Any + Send)) -> Diagnostic {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Diagnostic::error("internal-error", place, format!("{what} failed: {text}"))
        .with_help("this is a bug of terravet, please report it; everything else was judged")
}
