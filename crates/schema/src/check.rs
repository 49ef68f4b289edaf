//! What a kind says about others, checked once all files are there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_source::{SourceFile, Span};

use crate::compile::{ConditionError, check_condition};
use crate::expression::Expression;
use crate::kind::{Attribute, AttributeType, Computed, Kind};
use crate::schema::Schema;
use crate::signature::ArgumentType;

/// What is wrong with the kinds and attributes that a kind speaks of.
pub(crate) fn references(kind: &Kind, schema: &Schema) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for attribute in kind.attributes.values() {
        let error = |message: String| Diagnostic::error("kinds", attribute.span, message);
        problems.extend(needs(kind, attribute, schema));
        let (AttributeType::Subject(other) | AttributeType::Subjects(other)) = &attribute.ty else { continue };
        match (schema.kind(other), &attribute.computed) {
            (None, _) => {
                let message = format!("{} names a kind {other} that does not exist", attribute.name);
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

/// What a kind lacks that the fact which it offers needs.
fn needs(kind: &Kind, attribute: &Attribute, schema: &Schema) -> Vec<Diagnostic> {
    let Some(Computed::Fact(fact)) = &attribute.computed else { return Vec::new() };
    let needs = schema.signatures().facts.get(&**fact).map_or(&[][..], |fact| fact.needs);
    let others = || kind.attribute_names().filter(|name| *name != &*attribute.name);
    let missing = needs.iter().filter_map(|need| {
        let error = |message: String| Diagnostic::error("kinds", attribute.span, message);
        let (name, ty) = (need.attribute, need.ty);
        match kind.attributes.get(name) {
            None if need.optional => None,
            None => {
                let problem = error(format!("the fact {fact} needs an attribute `{name}` ({ty}) of {}", kind.name));
                Some(problem.with_suggestion(name, others()))
            }
            Some(found) if ty.accepts(&found.ty) => None,
            Some(found) => Some(error(format!("the fact {fact} needs `{name}` to be {ty}; here it is {}", found.ty))),
        }
    });
    missing.collect()
}

/// What is wrong with the conditions of a kind's derived attributes, each by itself.
pub(crate) fn derived(kind: &Kind, schema: &Schema, file: &SourceFile) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for attribute in kind.attributes.values() {
        let Some(Computed::Condition(condition)) = &attribute.computed else { continue };
        if let Err(error) = check_condition(&condition.text, kind, schema) {
            problems.push(at_condition("kinds", &error, file, condition.span));
        }
    }
    problems
}

/// The diagnostic for an error in a condition that is written as a YAML scalar.
#[must_use]
pub fn at_condition(id: &str, error: &ConditionError, file: &SourceFile, scalar: Span) -> Diagnostic {
    at_offset(id, error.message.clone(), file, scalar, error.offset)
}

/// The diagnostic for what is wrong at a byte offset of a text that is written as a YAML scalar.
pub(crate) fn at_offset(id: &str, message: String, file: &SourceFile, scalar: Span, offset: usize) -> Diagnostic {
    let written = file.slice(scalar);
    let start = written_offset(written, offset);
    let rest = written.get(start..).unwrap_or_default();
    let word: usize =
        rest.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.')).map(char::len_utf8).sum();
    Diagnostic::error(id, scalar.slice(start, start + word.max(1)), message)
}

/// Where in a YAML scalar, as written, the byte `offset` of its text stands: quotes and escapes take more room in the
/// source. The beginning for a scalar of several lines.
fn written_offset(written: &str, offset: usize) -> usize {
    let quote = written.chars().next().filter(|c| matches!(c, '"' | '\''));
    if written.contains('\n') {
        return 0;
    }
    let Some(quote) = quote else { return floor_boundary(written, offset) };
    let (mut at, mut text) = (quote.len_utf8(), 0);
    while text < offset {
        let Some(c) = written[at..].chars().next() else { break };
        let mut next = at + c.len_utf8();
        if (quote == '"' && c == '\\') || (quote == '\'' && c == '\'') {
            next += written[next..].chars().next().map_or(0, char::len_utf8);
            text += 1;
        } else {
            text += c.len_utf8();
        }
        at = next;
    }
    at
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A derived attribute: its kind and its name.
type Key = (Arc<str>, Arc<str>);

/// The derived attributes that are derived from themselves, each circle once.
pub(crate) fn circles(schema: &Schema) -> Vec<Diagnostic> {
    let mut uses: BTreeMap<Key, BTreeSet<Key>> = BTreeMap::new();
    let mut places: BTreeMap<Key, Span> = BTreeMap::new();
    for kind in schema.kinds() {
        for attribute in kind.attributes.values() {
            let key = (Arc::clone(&kind.name), Arc::clone(&attribute.name));
            let mut read = BTreeSet::new();
            match &attribute.computed {
                Some(Computed::Condition(condition)) => {
                    places.insert(key.clone(), condition.span);
                    if let Some(compiled) = schema.derived(kind, attribute)
                        && let Ok(expression) = &*compiled
                    {
                        read_by(expression, schema, &mut read);
                    }
                }
                Some(Computed::Fact(fact)) => {
                    let needs = schema.signatures().facts.get(&**fact).map_or(&[][..], |fact| fact.needs);
                    let own = needs.iter().map(|need| (Arc::clone(&kind.name), Arc::from(need.attribute)));
                    read.extend(own);
                }
                _ => continue,
            }
            uses.insert(key, read);
        }
    }
    let mut problems = Vec::new();
    let mut told: BTreeSet<Key> = BTreeSet::new();
    for (start, span) in &places {
        let Some(circle) = way_back(start, &uses).filter(|_| !told.contains(start)) else { continue };
        let names: Vec<String> = circle.iter().map(|(kind, name)| format!("{kind}.{name}")).collect();
        let message = format!("{}.{} is derived from itself: {}", start.0, start.1, names.join(" -> "));
        problems.push(Diagnostic::error("kinds", *span, message));
        told.extend(circle);
    }
    problems
}

/// The attributes that an expression reads.
fn read_by(expression: &Expression, schema: &Schema, into: &mut BTreeSet<Key>) {
    if let Expression::Attribute { kind, name, arguments, .. } = expression {
        into.insert((Arc::clone(kind), Arc::clone(name)));
        let attribute = schema.kind(kind).and_then(|kind| kind.attributes.get(name));
        if let Some(Computed::Fact(fact)) = attribute.and_then(|attribute| attribute.computed.as_ref())
            && let Some(fact) = schema.signatures().facts.get(&**fact)
        {
            let named = fact.arguments.iter().zip(arguments).filter(|(it, _)| matches!(it.ty, ArgumentType::Attribute));
            into.extend(named.filter_map(|(_, value)| Some((Arc::clone(kind), Arc::from(value.as_str()?)))));
        }
    }
    for part in expression.parts() {
        read_by(part, schema, into);
    }
}

/// The way from an attribute back to itself, where there is one.
fn way_back(start: &Key, uses: &BTreeMap<Key, BTreeSet<Key>>) -> Option<Vec<Key>> {
    let mut from: BTreeMap<&Key, &Key> = BTreeMap::new();
    let mut open: Vec<&Key> = vec![start];
    while let Some(at) = open.pop() {
        for next in uses.get(at).into_iter().flatten() {
            if next == start {
                let mut way = vec![start.clone()];
                let mut step = at;
                while step != start {
                    way.push(step.clone());
                    step = from.get(step)?;
                }
                way.push(start.clone());
                way.reverse();
                return Some(way);
            }
            if uses.contains_key(next) && !from.contains_key(next) {
                from.insert(next, at);
                open.push(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_in_quotes_counts_escapes() {
        assert_eq!(written_offset("abc", 1), 1);
        assert_eq!(written_offset(r#""a == \"b\" && c""#, 12), 15);
        assert_eq!(written_offset("'it''s x'", 5), 7);
        assert_eq!(written_offset("\"a\"", 99), 3);
    }
}
