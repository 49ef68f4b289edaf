//! From an evaluated template to the graph.
//!
//! In: a template, its parameters and its conditions. Out: the resources that may exist, with everything that is said about
//! them evaluated; outputs; and the value of every condition.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Data, Entries, Language, Mode, Resource, Truth, Type, Value};
use terravet_source::Span;
use terravet_yaml::Entry;

use crate::cycles::{Edges, cycles};
use crate::dynamic;
use crate::evaluate::{Evaluator, Met};
use crate::include::TRANSFORM;
use crate::template::{OutputDeclaration, ResourceDeclaration, Template};

/// What is said about a resource and not to its service.
const META_KEYS: [&str; 7] =
    ["Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "UpdatePolicy", "UpdateReplacePolicy"];

/// The end of the type of a module.
const MODULE_SUFFIX: &str = "::MODULE";

/// What a template comes to.
#[derive(Debug, Default)]
pub(crate) struct Lowered {
    pub(crate) resources: Vec<Resource>,
    pub(crate) outputs: Entries,
    pub(crate) conditions: Entries,
}

/// Evaluates the resources, outputs and conditions of a template.
pub(crate) fn lower(evaluator: &Evaluator<'_>, diagnostics: &mut Vec<Diagnostic>) -> Lowered {
    let template = evaluator.template;
    let mut lowered = Lowered::default();
    let dynamic = may_have_dynamic_references(evaluator);
    let mut edges = Edges::new();
    let mut places: BTreeMap<(Arc<str>, Arc<str>), Span> = BTreeMap::new();
    for declaration in &template.resources {
        let condition = declaration.condition.as_ref().map(|name| &name.text);
        let truth = condition.map_or(Truth::True, |name| evaluator.conditions.truth(name, &[]));
        if truth.is_false() {
            continue;
        }
        let mut resource = evaluator.given(condition, |evaluator| resource(evaluator, declaration, dynamic));
        if let (Truth::Unknown, Some(name)) = (truth, condition) {
            resource.exists_when = Some(evaluator.conditions.words(name));
        }
        if resource.mode == Mode::OpaqueModule {
            diagnostics.push(module_note(declaration));
        }
        lowered.resources.push(resource);
        let met = evaluator.take_met();
        let waits = declaration.depends_on.iter().map(|name| Met { id: Arc::clone(&name.text), span: name.span });
        for Met { id, span } in met.into_iter().chain(waits) {
            places.entry((Arc::clone(&declaration.name.text), Arc::clone(&id))).or_insert(span);
            edges.entry(Arc::clone(&declaration.name.text)).or_default().push(id);
        }
        // What is said about a resource beside its properties makes it wait for nothing.
        add_meta(evaluator, declaration, &mut lowered);
        evaluator.take_met();
    }
    refuse_cycles(template, &edges, &places, diagnostics);
    for declaration in &template.outputs {
        if let Some(value) = output(evaluator, declaration, diagnostics) {
            lowered.outputs.insert(Arc::clone(&declaration.name.text), value);
        }
    }
    refuse_equal_exports(evaluator, diagnostics);
    for condition in &template.conditions {
        let name = Arc::clone(&condition.name.text);
        let value = evaluator.conditions.value(&name).written_at(condition.body.span);
        lowered.conditions.insert(name, value);
    }
    lowered
}

/// Whether any text may be a dynamic reference, as the template or a parameter has it.
fn may_have_dynamic_references(evaluator: &Evaluator<'_>) -> bool {
    let given = |value: &Value| value.as_str().is_some_and(|text| text.contains(dynamic::START));
    evaluator.template.texts().any(|text| text.contains("resolve:")) || evaluator.parameters.values().any(given)
}

fn resource(evaluator: &Evaluator<'_>, declaration: &ResourceDeclaration, dynamic: bool) -> Resource {
    let properties = match (declaration.body.get(TRANSFORM), &declaration.properties) {
        // It may make any properties.
        (Some(transform), _) => evaluator.transformed(transform, declaration.name.span),
        (None, Some(node)) => evaluator.value(node),
        (None, None) => Value::object([]).written_at(declaration.name.span),
    };
    let properties =
        if properties.data == Data::Absent { Value::object([]).written_at(declaration.name.span) } else { properties };
    let attributes = if dynamic { dynamic::resolve(properties) } else { properties };
    let module = declaration.ty.text.ends_with(MODULE_SUFFIX);
    Resource {
        address: format!("{}{}", evaluator.scope, declaration.name.text).into(),
        module: evaluator.scope.trim_end_matches('.').into(),
        language: Language::CloudFormation,
        mode: if module { Mode::OpaqueModule } else { Mode::Managed },
        native_type: Arc::clone(&declaration.ty.text),
        name: Arc::clone(&declaration.name.text),
        index: None,
        attributes,
        meta: Value::object([]),
        block: declaration.name.span.to(declaration.body.span),
        header: declaration.name.span,
        representative: None,
        exists_when: None,
    }
}

fn add_meta(evaluator: &Evaluator<'_>, declaration: &ResourceDeclaration, lowered: &mut Lowered) {
    let entries = declaration.body.as_mapping().unwrap_or_default();
    let is_meta = |entry: &&Entry| entry.key.as_str().is_some_and(|key| META_KEYS.contains(&key));
    let condition = declaration.condition.as_ref().map(|name| &name.text);
    let meta = evaluator.given(condition, |evaluator| {
        let values = entries.iter().filter(is_meta).filter_map(|entry| {
            let value = evaluator.value(&entry.value);
            (value.data != Data::Absent).then(|| (entry.key.as_str().unwrap_or_default().into(), value))
        });
        Value::object(values.collect::<Vec<_>>()).written_at(declaration.body.span)
    });
    if let Some(resource) = lowered.resources.last_mut() {
        resource.meta = meta;
    }
}

fn module_note(declaration: &ResourceDeclaration) -> Diagnostic {
    let message = format!("the module {} is not on this machine", declaration.ty.text);
    Diagnostic::note("cloudformation-module", declaration.ty.span, message)
        .with_help("the resources that it makes were not judged; scan the processed template")
}

/// The value of an output; none where it is not there.
fn output(
    evaluator: &Evaluator<'_>,
    declaration: &OutputDeclaration,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Value> {
    let condition = declaration.condition.as_ref().map(|name| &name.text);
    if condition.is_some_and(|name| evaluator.conditions.truth(name, &[]).is_false()) {
        return None;
    }
    let value = evaluator.given(condition, |evaluator| {
        if let Some(export) = &declaration.export {
            evaluator.value(export);
        }
        evaluator.value(&declaration.value)
    });
    let is_literal = crate::evaluate::function(&declaration.value).is_none();
    let unknown_list = value.as_unknown().is_some_and(|unknown| matches!(unknown.ty, Type::List(_)));
    if !is_literal && (value.as_items().is_some() || value.as_entries().is_some() || unknown_list) {
        let message = format!("the value of the output {} is no text", declaration.name.text);
        let diagnostic = Diagnostic::error("cloudformation-value", declaration.value.span, message)
            .with_help("use Fn::Join to make text of a list, or Fn::Select for a member of it");
        diagnostics.push(diagnostic);
    }
    Some(if value.data == Data::Absent { Value::null() } else { value })
}

/// Reports names under which two outputs, both of which are there, are exported.
fn refuse_equal_exports(evaluator: &Evaluator<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<Arc<str>, Span> = BTreeMap::new();
    for declaration in &evaluator.template.outputs {
        let condition = declaration.condition.as_ref().map(|name| &name.text);
        if !condition.is_none_or(|name| evaluator.conditions.truth(name, &[]).is_true()) {
            continue;
        }
        let Some(export) = &declaration.export else { continue };
        let Some(name) = evaluator.known_text(export) else { continue };
        match first.get(&name) {
            Some(before) => {
                let message = format!("two outputs are exported as {name}");
                let diagnostic = Diagnostic::error("cloudformation-value", export.span, message)
                    .with_related(*before, "the other")
                    .with_help("export each under a name of its own");
                diagnostics.push(diagnostic);
            }
            None => {
                first.insert(name, export.span);
            }
        }
    }
}

fn refuse_cycles(
    template: &Template,
    edges: &Edges,
    places: &BTreeMap<(Arc<str>, Arc<str>), Span>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for group in cycles(edges) {
        let Some(first) = group.first() else { continue };
        let message = match group.as_slice() {
            [only] => format!("the resource {only} refers to itself"),
            more => format!("the resources {} wait for each other", more.join(", ")),
        };
        let inside = |id: &Arc<str>| -> Vec<_> {
            places.iter().filter(|((from, to), _)| from == id && group.contains(to)).collect()
        };
        let place = inside(first).first().map(|(_, span)| **span);
        let place = place.or_else(|| template.resource(first).map(|declaration| declaration.name.span));
        let mut diagnostic = Diagnostic::error("cloudformation-cycle", place.unwrap_or(template.span), message)
            .with_help("take one of the references out, or make a resource of its own of what both need");
        for ((from, to), span) in group.iter().skip(1).flat_map(inside).take(8) {
            diagnostic = diagnostic.with_related(*span, format!("{from} refers to {to}"));
        }
        diagnostics.push(diagnostic);
    }
}
