//! Looking for functions that CloudFormation would refuse, whatever the parameters are.
//!
//! In: a template with its sections. Out: diagnostics, for functions that do not exist, stand in the wrong place, have the wrong
//! arguments or name what is not there; and for conditions, dependencies and exports that do.
//!
//! What depends on values (a key that a mapping lacks, a member that a list lacks) is found by evaluation.

mod arguments;

use std::sync::Arc;

use terravet_diagnostics::{Diagnostic, did_you_mean_or};
use terravet_source::Span;
use terravet_yaml::{Entry, Node, NodeKind, Resolved};

use crate::cycles::{Edges, cycles};
use crate::evaluate::function;
use crate::for_each::FOR_EACH;
use crate::names::{FUNCTIONS, is_pseudo};
use crate::sections::{is_referable, kind_of, text_of};
use crate::template::{LANGUAGE_EXTENSIONS, Name, Template};

/// The functions that need the transform of language extensions.
const EXTENSIONS: [&str; 2] = ["Fn::Length", "Fn::ToJsonString"];
/// The keys of a resource that hold no functions.
const PLAIN_KEYS: [&str; 4] = ["Condition", "DependsOn", "Description", "Type"];
/// The functions that a condition may not use for the values that it compares.
const NOT_IN_CONDITIONS: [&str; 6] =
    ["Fn::Base64", "Fn::Cidr", "Fn::GetAtt", "Fn::GetAZs", "Fn::If", "Fn::ImportValue"];
/// The functions that depend on resources, or on other stacks.
const NOT_BEFORE_RESOURCES: [&str; 2] = ["Fn::GetAtt", "Fn::ImportValue"];
/// The functions that stand for a value in rules, and only there.
const RULE_VALUES: [&str; 3] = ["Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll"];

/// Where a function stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a resource or an output.
    Value,
    /// In the name of an export or an import, or in another place that may not depend on resources.
    BeforeResources,
    /// In a value that a condition compares.
    Condition,
    /// In a value that a rule compares.
    Rule,
}

/// Checks a template.
pub(crate) fn check(template: &Template, serverless: bool, diagnostics: &mut Vec<Diagnostic>) {
    let lenient = template.is_open();
    let mut checker = Checker { template, diagnostics, lenient, serverless };
    for condition in &template.conditions {
        checker.condition(&condition.body, Place::Condition);
    }
    for rule in &template.rules {
        let conditions = rule.condition.iter().chain(rule.assertions.iter().map(|(node, _)| node));
        conditions.for_each(|node| checker.condition(node, Place::Rule));
    }
    checker.circular_conditions();
    for resource in &template.resources {
        for entry in resource.body.as_mapping().unwrap_or_default() {
            match entry.key.as_str() {
                Some(key) if PLAIN_KEYS.contains(&key) => {}
                Some("DeletionPolicy" | "UpdateReplacePolicy") => checker.node(&entry.value, Place::BeforeResources),
                _ => checker.node(&entry.value, Place::Value),
            }
        }
        checker.condition_exists(resource.condition.as_ref());
        checker.dependencies(&resource.depends_on);
    }
    for output in &template.outputs {
        checker.output(&output.value);
        checker.condition_exists(output.condition.as_ref());
        if let Some(export) = &output.export {
            checker.export(export);
        }
    }
}

/// Checks a value that stands in a template.
pub(crate) fn check_value(template: &Template, node: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let lenient = template.is_open();
    Checker { template, diagnostics, lenient, serverless: false }.node(node, Place::Value);
}

struct Checker<'t, 'd> {
    template: &'t Template,
    diagnostics: &'d mut Vec<Diagnostic>,
    /// Whether a macro may make something else of the template.
    lenient: bool,
    /// Whether it is one of SAM.
    serverless: bool,
}

impl Checker<'_, '_> {
    fn refuse(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error("cloudformation-function", span, message).with_help(help));
    }

    /// A name that stands for nothing. SAM makes resources of its own, some under names that only it knows, so that in its
    /// templates this is no more than a note.
    fn refuse_name(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        if self.serverless {
            self.diagnostics.push(Diagnostic::note("cloudformation-function", span, message).with_help(help));
        } else {
            self.refuse_unless_macro(span, message, help);
        }
    }

    /// What is wrong unless a macro mends it.
    fn refuse_unless_macro(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        if !self.lenient {
            self.refuse(span, message, help);
        }
    }

    /// Checks a node and all below it.
    fn node(&mut self, node: &Node, place: Place) {
        match &node.kind {
            NodeKind::Scalar { .. } => {}
            NodeKind::Sequence(items) => items.iter().for_each(|item| self.node(item, place)),
            NodeKind::Mapping(entries) => match function(node) {
                Some((name, argument)) => self.function(name, argument, node, place),
                None => self.object(entries, place),
            },
        }
    }

    fn object(&mut self, entries: &[Entry], place: Place) {
        for entry in entries {
            let key = entry.key.as_str().unwrap_or_default();
            if key.starts_with("Fn::") && key != "Fn::Transform" && !key.starts_with(FOR_EACH) {
                let message = format!("{key} stands beside other keys, and a function must be the only key of its map");
                self.refuse_unless_macro(entry.key.span, message, "take the other keys out of this map");
            }
            self.node(&entry.value, place);
        }
    }

    fn function(&mut self, name: &str, argument: &Node, node: &Node, place: Place) {
        let span = key_span(node);
        match FUNCTIONS.iter().find(|(known, _)| *known == name) {
            None if name.starts_with(FOR_EACH) => {
                let message = format!("{name} stands here in the place of a value");
                return self.refuse(
                    span,
                    message,
                    "write it as a key, `Fn::ForEach::Name`, beside what it makes more of",
                );
            }
            None => {
                let known = FUNCTIONS.iter().map(|(known, _)| *known);
                let help = did_you_mean_or(name, known, "use a function that CloudFormation has");
                self.refuse_unless_macro(span, format!("there is no function {name}"), help);
                return;
            }
            Some((_, false)) if place == Place::Rule && RULE_VALUES.contains(&name) => {}
            Some((_, false)) => {
                let message = format!("{name} stands only in conditions and rules");
                let help = "declare a condition, and use Fn::If with its name here";
                return self.refuse_unless_macro(span, message, help);
            }
            Some((_, true)) => {}
        }
        if EXTENSIONS.contains(&name) && !self.template.has_transform(LANGUAGE_EXTENSIONS) {
            let help = format!("add `Transform: {LANGUAGE_EXTENSIONS}`");
            self.refuse_unless_macro(span, format!("{name} needs a transform"), help);
        }
        let refused: &[&str] = match place {
            Place::Value => &[],
            Place::BeforeResources => &NOT_BEFORE_RESOURCES,
            Place::Condition | Place::Rule => &NOT_IN_CONDITIONS,
        };
        if refused.contains(&name) {
            let message = format!("{name} cannot be used here: what stands here is settled before any resource");
            return self.refuse_unless_macro(span, message, "use parameters, mappings and constants");
        }
        self.arguments(name, argument, place);
    }

    /// The name of an export: text that no resource gives.
    fn export(&mut self, name: &Node) {
        if function(name).is_none() && !matches!(name.kind, NodeKind::Scalar { .. }) {
            let message = format!("the name of an export is text, and this is {}", kind_of(name));
            self.refuse_unless_macro(name.span, message, "write text, or a function that gives text");
        }
        self.node(name, Place::BeforeResources);
    }

    /// A condition, or what a rule asserts: a function of conditions.
    fn condition(&mut self, node: &Node, place: Place) {
        let entry = node.as_mapping().filter(|entries| entries.len() == 1).and_then(<[Entry]>::first);
        let Some((name, argument)) = entry.and_then(|entry| Some((entry.key.as_str()?, &entry.value))) else {
            if matches!(node.resolve(), Some(Resolved::Bool(_))) {
                return;
            }
            let message = format!("a condition is a function such as Fn::Equals, and this is {}", kind_of(node));
            return self.refuse_unless_macro(node.span, message, "compare two values with Fn::Equals");
        };
        let count = argument.as_sequence().map(<[Node]>::len);
        match (name, count) {
            ("Condition", _) => match text_of(argument) {
                Some(text) => self.condition_exists(Some(&Name { text: text.into(), span: argument.span })),
                None => {
                    let message = format!("this must be the name of a condition, and it is {}", kind_of(argument));
                    self.refuse(argument.span, message, "write the name as text");
                }
            },
            ("Fn::And" | "Fn::Or", Some(2..=10)) | ("Fn::Not", Some(1)) => {
                argument.as_sequence().into_iter().flatten().for_each(|part| self.condition(part, place));
            }
            ("Fn::And" | "Fn::Or", _) => {
                self.refuse(argument.span, format!("{name} takes a list of 2 to 10 conditions"), "nest it for more");
            }
            ("Fn::Not", _) => self.refuse(argument.span, "Fn::Not takes a list of one condition", "write [condition]"),
            ("Fn::Equals", Some(2)) => {
                let values = argument.as_sequence().unwrap_or_default();
                values.iter().for_each(|value| self.node(value, place));
            }
            ("Fn::Equals", _) => {
                self.refuse(argument.span, "Fn::Equals takes a list of two values", "write [value, value]");
            }
            ("Fn::Contains" | "Fn::EachMemberEquals" | "Fn::EachMemberIn", _) if place == Place::Rule => {
                if count != Some(2) {
                    self.refuse(argument.span, format!("{name} takes a list of two values"), "write [list, value]");
                }
                self.node(argument, place);
            }
            _ => {
                let known = ["Condition", "Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"];
                let in_rules = ["Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn"];
                let known = known.into_iter().chain(in_rules.into_iter().filter(|_| place == Place::Rule));
                let help = did_you_mean_or(
                    name,
                    known,
                    "a condition is made of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition",
                );
                self.refuse_unless_macro(key_span(node), format!("{name} is no condition"), help);
            }
        }
    }

    /// Conditions that refer to each other.
    fn circular_conditions(&mut self) {
        let mut edges = Edges::new();
        for condition in &self.template.conditions {
            edges.insert(Arc::clone(&condition.name.text), conditions_in(&condition.body));
        }
        for group in cycles(&edges) {
            let declared = |name: &&Arc<str>| self.template.conditions.iter().find(|other| other.name.text == **name);
            let mut places = group.iter().filter_map(|name| declared(&name)).map(|condition| condition.name.span);
            let Some(first) = places.next() else { continue };
            let (message, help) = match group.as_slice() {
                [only] => (format!("the condition {only} refers to itself"), "write it without itself"),
                more => {
                    let message = format!("the conditions {} refer to each other", more.join(", "));
                    (message, "write one of them without the others")
                }
            };
            let mut diagnostic = Diagnostic::error("cloudformation-cycle", first, message).with_help(help);
            for place in places.take(8) {
                diagnostic = diagnostic.with_related(place, "another of them");
            }
            self.diagnostics.push(diagnostic);
        }
    }

    fn condition_exists(&mut self, name: Option<&Name>) {
        let Some(name) = name else { return };
        if !self.template.has_condition(&name.text) {
            let known = self.template.conditions.iter().map(|condition| &*condition.name.text);
            let help = did_you_mean_or(&name.text, known, "declare it in `Conditions`");
            self.refuse_name(name.span, format!("there is no condition {}", name.text), help);
        }
    }

    fn dependencies(&mut self, names: &[Name]) {
        for name in names {
            if self.template.resource(&name.text).is_none() {
                let help = self.nearest_resource(&name.text);
                self.refuse_name(name.span, format!("there is no resource {}", name.text), help);
            }
        }
    }

    fn nearest_resource(&self, name: &str) -> String {
        let known = self.template.resources.iter().map(|resource| &*resource.name.text);
        did_you_mean_or(name, known, "use the logical id of a resource of this template")
    }

    fn output(&mut self, value: &Node) {
        if function(value).is_none() && !matches!(value.kind, NodeKind::Scalar { .. }) {
            let message = format!("the value of an output is text, and this is {}", kind_of(value));
            self.refuse_unless_macro(value.span, message, "use Fn::Join to make text of a list");
        }
        self.node(value, Place::Value);
    }

    /// A name that `Ref` or `Fn::Sub` refers to.
    fn referred(&mut self, name: &str, span: Span, place: Place) {
        if !is_referable(self.template, name) {
            let (known, help) = (self.referable(), "refer to a parameter or a resource of this template");
            let help = did_you_mean_or(name, known.iter().map(|name| &**name), help);
            self.refuse_name(span, format!("there is no parameter and no resource {name}"), help);
        } else if place != Place::Value && self.template.resource(name).is_some() {
            let message = format!("{name} is a resource, and what stands here is settled before any resource");
            self.refuse_unless_macro(span, message, "refer to a parameter");
        }
    }

    fn referable(&self) -> Vec<Arc<str>> {
        let parameters = self.template.parameters.iter().map(|parameter| Arc::clone(&parameter.name.text));
        let resources = self.template.resources.iter().map(|resource| Arc::clone(&resource.name.text));
        parameters.chain(resources).chain(crate::names::PSEUDO_PARAMETERS.map(Arc::from)).collect()
    }

    /// A resource whose attribute is read.
    fn read(&mut self, id: &str, span: Span, place: Place) {
        if place != Place::Value {
            let message =
                format!("an attribute of {id} is not known here: what stands here is settled before any resource");
            return self.refuse_unless_macro(span, message, "use parameters, mappings and constants");
        }
        if self.template.resource(id).is_some() {
            return;
        }
        let message = if self.template.parameter(id).is_some() || is_pseudo(id) {
            format!("{id} is a parameter, and only resources have attributes")
        } else {
            format!("there is no resource {id}")
        };
        let help = self.nearest_resource(id);
        self.refuse_name(span, message, help);
    }
}

/// The names of the conditions that a condition refers to.
fn conditions_in(node: &Node) -> Vec<Arc<str>> {
    let mut open = vec![node];
    let mut names = Vec::new();
    while let Some(node) = open.pop() {
        match &node.kind {
            NodeKind::Scalar { .. } => {}
            NodeKind::Sequence(items) => open.extend(items.iter()),
            NodeKind::Mapping(entries) => {
                for entry in entries.iter() {
                    match (entry.key.as_str(), text_of(&entry.value)) {
                        (Some("Condition"), Some(name)) => names.push(name.into()),
                        _ => open.push(&entry.value),
                    }
                }
            }
        }
    }
    names
}

/// Where the name of the function stands that a node is.
fn key_span(node: &Node) -> Span {
    node.as_mapping().and_then(<[Entry]>::first).map_or(node.span, |entry| entry.key.span)
}
