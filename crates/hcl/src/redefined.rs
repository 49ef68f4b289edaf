//! Arguments that a body sets more than once.

use terravet_diagnostics::Diagnostic;
use terravet_source::Span;

use crate::SYNTAX;
use crate::tree::Attribute;

/// Reports every attribute whose name an earlier one has, and takes it out.
pub(crate) fn report_redefined(attributes: &mut Vec<Attribute>, diagnostics: &mut Vec<Diagnostic>) {
    for (first, again) in remove_redefined(attributes) {
        let message = format!("the argument `{}` is set twice", again.name.name);
        let diagnostic = Diagnostic::error(SYNTAX, again.name.span, message).with_help("remove one of them");
        diagnostics.push(diagnostic.with_related(first, "first set here"));
    }
}

/// Takes out every attribute whose name an earlier one has; with each, the place of the earlier name.
fn remove_redefined(attributes: &mut Vec<Attribute>) -> Vec<(Span, Attribute)> {
    let mut order: Vec<usize> = (0..attributes.len()).collect();
    order.sort_by(|left, right| attributes[*left].name.name.cmp(&attributes[*right].name.name));
    let mut redefined = Vec::new();
    let mut first = 0;
    for at in 1..order.len() {
        if attributes[order[first]].name.name == attributes[order[at]].name.name {
            redefined.push((order[at], attributes[order[first]].name.span));
        } else {
            first = at;
        }
    }
    if redefined.is_empty() {
        return Vec::new();
    }
    redefined.sort_unstable_by_key(|(index, _)| *index);
    let mut spans = redefined.iter().peekable();
    let mut removed = Vec::with_capacity(redefined.len());
    let mut kept = Vec::with_capacity(attributes.len());
    for (index, attribute) in std::mem::take(attributes).into_iter().enumerate() {
        match spans.next_if(|(redefined, _)| *redefined == index) {
            Some((_, span)) => removed.push((*span, attribute)),
            None => kept.push(attribute),
        }
    }
    *attributes = kept;
    removed
}
