//! The values that a stack gives to the parameters of a stack in it.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html>.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terravet_diagnostics::{Diagnostic, did_you_mean_or};
use terravet_graph::{Candidate, Data, Step, Type, Unknown, Value, Why};
use terravet_source::Span;
use terravet_yaml::{Node, NodeKind};

use super::STACK_SET;
use crate::dynamic;
use crate::evaluate::{Evaluator, as_text, function};
use crate::given::Argument;
use crate::include::TRANSFORM;
use crate::names::is_pseudo;
use crate::stack::Stack;
use crate::template::ResourceDeclaration;

type Arguments = BTreeMap<Arc<str>, Argument>;

/// The pseudo parameters that are the same in a stack of this type.
pub(super) fn pseudo_parameters(evaluator: &Evaluator<'_>, ty: &str) -> Arguments {
    let same = |name: &str| match name {
        "AWS::Partition" | "AWS::URLSuffix" => true,
        "AWS::AccountId" | "AWS::NotificationARNs" | "AWS::Region" => ty != STACK_SET,
        _ => false,
    };
    let given = evaluator.parameters.iter().filter(|(name, _)| is_pseudo(name) && same(name));
    given
        .map(|(name, value)| {
            let place = value.span().unwrap_or(evaluator.template.span);
            (Arc::clone(name), Argument { value: value.clone(), name: place })
        })
        .collect()
}

/// The values that the properties of a stack give to the parameters of its template, whose root is `root`.
pub(super) fn arguments(
    evaluator: &Evaluator<'_>,
    properties: &Node,
    root: &Node,
    diagnostics: &mut Vec<Diagnostic>,
) -> Arguments {
    let mut arguments = Arguments::new();
    let Some(node) = properties.get("Parameters") else { return arguments };
    let mut give = |name: &str, place: Span, node: &Node| {
        if let Some(value) = argument(evaluator, node, name, diagnostics) {
            arguments.insert(name.into(), Argument { value, name: place });
        }
    };
    if let Some(items) = node.as_sequence() {
        for item in items {
            if let (Some(key), Some(value)) = (item.get("ParameterKey"), item.get("ParameterValue"))
                && let Some(name) = key.as_str()
            {
                give(name, key.span, value);
            }
        }
        return arguments;
    }
    let entries = node.as_mapping().unwrap_or_default();
    if function(node).is_none() && !entries.iter().any(|entry| entry.key.as_str() == Some(TRANSFORM)) {
        for entry in entries {
            if let Some(name) = entry.key.as_str() {
                give(name, entry.key.span, &entry.value);
            }
        }
        return arguments;
    }
    // A function makes all of them at once, and each may be anything.
    let why = Why::Other("a function makes the parameters of the stack".into());
    let unknown = Value::unknown(why, Type::String).written_at(node.span);
    let declared = root.get("Parameters").and_then(Node::as_mapping).unwrap_or_default();
    for name in declared.iter().filter_map(|entry| entry.key.as_str()) {
        arguments.insert(name.into(), Argument { value: unknown.clone(), name: node.span });
    }
    arguments
}

/// The value of one argument; none where `AWS::NoValue` takes it away.
fn argument(evaluator: &Evaluator<'_>, node: &Node, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Value> {
    let value = dynamic::resolve(evaluator.value(node));
    if value.data == Data::Absent {
        return None;
    }
    let choice = evaluator.choice(node, &value);
    let Some(text) = texts(&value) else {
        let message = format!("the parameter {name} takes text, and this is none");
        let diagnostic = Diagnostic::error("cloudformation-parameter", node.span, message)
            .with_help("use Fn::Join to make text of a list");
        diagnostics.push(diagnostic);
        let unknown = Unknown { not_null: true, ..Unknown::new(Why::Error, Type::String) };
        return Some(Value::from(unknown).written_at(node.span));
    };
    let text = match text.as_unknown() {
        // What is made of an open parameter is not that parameter.
        Some(unknown) if choice.is_none() && matches!(unknown.why, Why::Input(_)) => {
            let why = Why::Other(unknown.why.to_string().into());
            Value { data: Value::from(Unknown { why, ..unknown.clone() }).data, ..text }
        }
        _ => text,
    };
    Some(text.through(node.span, Step::ParameterValue(name.into())))
}

/// A value as text, whichever it is; none where it is certainly none.
fn texts(value: &Value) -> Option<Value> {
    let Some(unknown) = value.as_unknown().filter(|unknown| !unknown.candidates.is_empty()) else {
        return if value.is_null() { Some(value.clone()) } else { as_text(value) };
    };
    let candidates = unknown.candidates.iter().map(|candidate| {
        let value = texts(&candidate.value)?;
        Some(Candidate { when: candidate.when.clone(), value })
    });
    let candidates: Option<Vec<Candidate>> = candidates.collect();
    let unknown = Unknown { candidates: candidates?, ..unknown.clone() };
    Some(Value { data: Value::from(unknown).data, ..value.clone() })
}

/// Whether the properties of a stack give values to parameters that a template has, and to all that need one.
pub(super) fn fit(properties: &Node, root: &Node) -> bool {
    let declared = root.get("Parameters").and_then(Node::as_mapping).unwrap_or_default();
    let given: Vec<&str> = match properties.get("Parameters") {
        None => Vec::new(),
        Some(node) => match &node.kind {
            NodeKind::Sequence(items) => items.iter().filter_map(|item| item.get("ParameterKey")?.as_str()).collect(),
            // A function may make any.
            _ if function(node).is_some() || node.get(TRANSFORM).is_some() => return true,
            _ => node.as_mapping().unwrap_or_default().iter().filter_map(|entry| entry.key.as_str()).collect(),
        },
    };
    let names: BTreeSet<&str> = declared.iter().filter_map(|entry| entry.key.as_str()).collect();
    let mut needed = declared.iter().filter(|entry| entry.value.get("Default").is_none());
    given.iter().all(|name| names.contains(name))
        && needed.all(|entry| entry.key.as_str().is_some_and(|name| given.contains(&name)))
}

/// Reports arguments without parameters, and parameters without arguments.
pub(super) fn compare(
    stack: &Stack,
    given: &Arguments,
    declaration: &ResourceDeclaration,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let (template, id) = (&stack.template, &declaration.name.text);
    let file = template.file.path().display();
    for (name, argument) in given.iter().filter(|(name, _)| !is_pseudo(name) && template.parameter(name).is_none()) {
        let known = template.parameters.iter().map(|parameter| &*parameter.name.text);
        let help = did_you_mean_or(name, known, "declare it in the nested template, or leave it out here");
        let message = format!("the template of {id}, {file}, has no parameter {name}");
        diagnostics.push(Diagnostic::error("cloudformation-parameter", argument.name, message).with_help(help));
    }
    for parameter in &template.parameters {
        let name = &parameter.name.text;
        if parameter.body.get("Default").is_none() && !given.contains_key(name) {
            let message = format!("{id} gives no value for the parameter {name} of its template");
            let diagnostic = Diagnostic::error("cloudformation-parameter", declaration.name.span, message)
                .with_help("add it to `Parameters`, or give it a default")
                .with_related(parameter.name.span, "the parameter is declared here");
            diagnostics.push(diagnostic);
        }
    }
}
