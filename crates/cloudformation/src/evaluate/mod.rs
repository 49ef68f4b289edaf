//! From syntax to values.
//!
//! In: a node of a template, its parameters and its conditions. Out: a [`Value`] with its state and its way. What is refused is
//! a diagnostic, and the value is then unknown.
//!
//! Invariants: evaluation never follows a reference into another resource, so its cost is that of the template's size; each
//! branch of `Fn::If` is evaluated under the assumption that its condition holds or does not; a property that
//! `AWS::NoValue` removes is not there, and one that it may remove is null in the candidates where it does.
//!
//! The shape of functions is checked elsewhere; what is malformed here is unknown without a word.

mod candidates;
mod json;
mod lists;
mod lookup;
mod place;
mod text;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use terravet_diagnostics::{Diagnostic, Label};
use terravet_graph::{Candidate, Data, Guard, Reference, Step, Truth, Type, Unknown, Value, Why};
use terravet_source::Span;
use terravet_yaml::{Entry, Node, NodeKind, Resolved};

pub(crate) use text::as_text;

use crate::conditions::Conditions;
use crate::include::{TRANSFORM, not_run};
use crate::names::{NO_VALUE, is_pseudo, pseudo_prefix, pseudo_type};
use crate::nested::Nested;
use crate::parameters::Parameters;
use crate::sections::{is_referable, text_of};
use crate::template::{LANGUAGE_EXTENSIONS, Template};

/// The most nodes that are evaluated for one template.
const MAX_STEPS: usize = 20_000_000;

/// Why something could not be evaluated.
#[derive(Debug)]
pub(crate) struct Fault {
    span: Span,
    message: String,
    help: String,
}

impl Fault {
    fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: help.into() }
    }
}

/// A reference to a resource that was met, for the search for cycles.
#[derive(Clone, Debug)]
pub(crate) struct Met {
    /// The logical id.
    pub(crate) id: Arc<str>,
    /// Where it stands.
    pub(crate) span: Span,
}

/// Evaluates the nodes of one template.
pub(crate) struct Evaluator<'t> {
    pub(crate) template: &'t Template,
    pub(crate) parameters: &'t Parameters,
    pub(crate) conditions: &'t Conditions,
    pub(crate) nested: &'t Nested,
    /// What stands before logical ids in addresses: empty, or the path of the nested stack.
    pub(crate) scope: &'t str,
    diagnostics: RefCell<Vec<Diagnostic>>,
    /// The diagnostics once more, to tell each once.
    told: RefCell<BTreeSet<Diagnostic>>,
    assumed: RefCell<Vec<(Arc<str>, bool)>>,
    /// How many assumptions hold for all of what is being evaluated.
    own: Cell<usize>,
    met: RefCell<Vec<Met>>,
    steps: Cell<usize>,
    /// The entries of large mappings by their keys, by where these stand in memory.
    tables: RefCell<BTreeMap<usize, BTreeMap<&'t str, &'t Entry>>>,
}

impl<'t> Evaluator<'t> {
    pub(crate) fn new(
        template: &'t Template,
        parameters: &'t Parameters,
        conditions: &'t Conditions,
        nested: &'t Nested,
        scope: &'t str,
    ) -> Self {
        Self {
            template,
            parameters,
            conditions,
            nested,
            scope,
            diagnostics: RefCell::default(),
            told: RefCell::default(),
            assumed: RefCell::default(),
            own: Cell::new(0),
            met: RefCell::default(),
            steps: Cell::new(0),
            tables: RefCell::default(),
        }
    }

    /// What went wrong so far.
    pub(crate) fn take_diagnostics(&self) -> Vec<Diagnostic> {
        self.told.take();
        self.diagnostics.take()
    }

    /// The references to resources that were met since the last call, apart from those that an undecided condition leaves
    /// open.
    pub(crate) fn take_met(&self) -> Vec<Met> {
        self.met.take()
    }

    /// Evaluates where a condition is taken to hold.
    pub(crate) fn given<T>(&self, condition: Option<&Arc<str>>, work: impl FnOnce(&Self) -> T) -> T {
        if let Some(name) = condition {
            self.assumed.borrow_mut().push((Arc::clone(name), true));
            self.own.set(1);
        }
        let result = work(self);
        self.assumed.borrow_mut().clear();
        self.own.set(0);
        result
    }

    fn assuming(&self, condition: &Arc<str>, holds: bool, node: &Node) -> Value {
        self.assumed.borrow_mut().push((Arc::clone(condition), holds));
        let value = self.value(node);
        self.assumed.borrow_mut().pop();
        value
    }

    fn report(&self, fault: Fault) {
        self.tell(Diagnostic::error("cloudformation-value", fault.span, fault.message).with_help(fault.help));
    }

    fn tell(&self, diagnostic: Diagnostic) {
        if self.told.borrow_mut().insert(diagnostic.clone()) {
            self.diagnostics.borrow_mut().push(diagnostic);
        }
    }

    /// Counts a step; false past the limit, which is reported once.
    fn step(&self, span: Span) -> bool {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps == MAX_STEPS {
            let message = format!("the template takes more than {MAX_STEPS} steps to evaluate");
            let help = "split the template; what comes after this was not judged";
            self.diagnostics
                .borrow_mut()
                .push(Diagnostic::error("cloudformation-limit", span, message).with_help(help));
        }
        steps < MAX_STEPS
    }

    /// Counts bytes that are going to be made; false past the limit of the unit, which is told once.
    fn made(&self, bytes: usize, span: Span) -> bool {
        let Err(spent) = self.nested.work.make(bytes as u64) else { return true };
        if self.nested.work.is_told_first() {
            let help = "what is made after this was not judged; shorten what is substituted many times";
            self.diagnostics.borrow_mut().push(
                Diagnostic::error("cloudformation-limit", span, format!("evaluation stops here: {spent}"))
                    .with_help(help),
            );
        }
        false
    }

    /// The value of a node; absent where `AWS::NoValue` removes it.
    pub(crate) fn value(&self, node: &Node) -> Value {
        if !self.step(node.span) {
            return Value::unknown(Why::Limit("evaluation steps".into()), Type::Any).written_at(node.span);
        }
        match &node.kind {
            NodeKind::Scalar { .. } => self.scalar(node),
            NodeKind::Sequence(items) => {
                let items = items.iter().map(|item| self.value(item)).filter(|item| item.data != Data::Absent);
                Value::tuple(items).written_at(node.span)
            }
            NodeKind::Mapping(entries) => match function(node) {
                Some((name, argument)) => self.call(name, argument, node),
                None => self.object(entries, node.span),
            },
        }
    }

    fn scalar(&self, node: &Node) -> Value {
        let text = node.as_str().unwrap_or_default();
        let value = match node.resolve() {
            Some(Resolved::Bool(flag)) => Value::bool(flag),
            Some(Resolved::Integer(number) | Resolved::Float(number)) => {
                number.parse::<terravet_graph::Number>().map_or_else(|_| Value::string(text), Value::number)
            }
            Some(Resolved::Null) => Value::null(),
            Some(Resolved::String) | None => place::text(self, node, text),
        };
        value.written_at(node.span)
    }

    fn object(&self, entries: &[Entry], span: Span) -> Value {
        if let Some(entry) = entries.iter().find(|entry| entry.key.as_str() == Some(TRANSFORM)) {
            return self.transformed(&entry.value, span);
        }
        let values = entries.iter().filter_map(|entry| {
            let value = self.value(&entry.value);
            (value.data != Data::Absent).then(|| (entry.key.as_str().unwrap_or_default().into(), value))
        });
        Value::object(values).written_at(span)
    }

    fn call(&self, name: &str, argument: &Node, node: &Node) -> Value {
        let called = match name {
            "Ref" => Ok(self.reference(argument, node.span)),
            "Fn::If" => Ok(self.conditional(argument, node.span)),
            "Fn::GetAtt" => Ok(self.attribute(argument, node.span)),
            "Fn::Sub" => self.substitute(argument, node.span),
            "Fn::Join" => self.join(argument, node.span),
            "Fn::Split" => self.split(argument),
            "Fn::Base64" => self.base64(argument),
            "Fn::Select" => self.select(argument),
            "Fn::Cidr" => self.cidr(argument),
            "Fn::Length" => self.length(argument),
            "Fn::GetAZs" => {
                // The region is looked at for the resources that it waits for.
                self.value(argument);
                Ok(availability_zones())
            }
            "Fn::FindInMap" => self.find_in_map(argument),
            "Fn::ImportValue" | "Fn::GetStackOutput" => Ok(self.import(argument)),
            "Fn::ToJsonString" => self.to_json_string(argument),
            TRANSFORM => return self.transformed(argument, node.span),
            _ => Ok(error()),
        };
        let value = called.unwrap_or_else(|fault| {
            self.report(fault);
            error()
        });
        match name {
            // These give a value that has a way of its own.
            "Ref" | "Fn::If" => value,
            "Fn::Sub" | "Fn::GetAtt" if value.origin.is_some() => value,
            "Fn::Select" | "Fn::FindInMap" if value.origin.is_some() => {
                value.through(node.span, Step::Function(name.into()))
            }
            _ => value.written_at(node.span),
        }
    }

    fn reference(&self, argument: &Node, span: Span) -> Value {
        if let Some(name) = text_of(argument) {
            return self.named(name, span);
        }
        // With language extensions a function may give the name.
        let Some(name) = function(argument).and_then(|_| self.known_text(argument)) else {
            return error().written_at(span);
        };
        if self.makes_names() && !is_referable(self.template, &name) {
            let message = format!("this gives {name}, and there is no parameter and no resource of that name");
            self.report(Fault::new(argument.span, message, "refer to a parameter or a resource of this template"));
        }
        self.named(&name, span)
    }

    /// Whether functions may give the names of resources; else they are refused whatever they give.
    fn makes_names(&self) -> bool {
        self.template.has_transform(LANGUAGE_EXTENSIONS)
    }

    /// What a name stands for: a parameter, a pseudo parameter or a resource.
    fn named(&self, name: &str, span: Span) -> Value {
        if name == NO_VALUE {
            return Value::absent(Some(span));
        }
        if let Some(value) = self.parameters.get(name) {
            return self.possible(value.clone()).through(span, Step::Named(name.into()));
        }
        if is_pseudo(name) {
            let why = Why::Input(name.into());
            let prefix = pseudo_prefix(name).map(Arc::from);
            let unknown = Unknown { not_null: true, prefix, ..Unknown::new(why, pseudo_type(name)) };
            return Value::from(unknown).written_at(span);
        }
        if self.template.resource(name).is_none() {
            return nowhere().written_at(span);
        }
        self.computed(name, "", span)
    }

    fn meet(&self, id: &str, span: Span) {
        if self.assumed.borrow().len() <= self.own.get() {
            self.met.borrow_mut().push(Met { id: id.into(), span });
        }
    }

    /// An attribute of a resource, or its reference where the attribute is empty.
    fn computed(&self, id: &str, attribute: &str, span: Span) -> Value {
        self.meet(id, span);
        if let Some(fault) = self.missing(id, span) {
            self.report(fault);
            return error().written_at(span);
        }
        let resource = format!("{}{id}", self.scope).into();
        let text =
            attribute.is_empty() || ["Arn", "Id", "Name", "Url", "URL"].iter().any(|end| attribute.ends_with(end));
        let ty = if text { Type::String } else { Type::Any };
        Value::computed(Reference { resource, attribute: attribute.into() }, ty).written_at(span)
    }

    /// What is wrong with a reference to a resource that is not made, since its condition does not hold. Where it is open whether
    /// the reference itself is met, nothing is.
    fn missing(&self, id: &str, span: Span) -> Option<Fault> {
        let condition = self.template.resource(id)?.condition.as_ref()?;
        let is_open = |(name, _): &(Arc<str>, bool)| self.conditions.truth(name, &[]) == Truth::Unknown;
        if !self.conditions.truth(&condition.text, &[]).is_false() || self.assumed.borrow().iter().any(is_open) {
            return None;
        }
        let message = format!("{id} is not there: its condition {} does not hold", condition.text);
        let help = format!("refer to it with `Fn::If` and {} only", condition.text);
        Some(Fault::new(span, message, help))
    }

    fn attribute(&self, argument: &Node, span: Span) -> Value {
        let (id, attribute) = match (argument.as_str(), argument.as_sequence()) {
            (Some(text), _) => match text.split_once('.') {
                Some((id, attribute)) => (Some(Arc::from(id)), Some(Arc::from(attribute))),
                None => (None, None),
            },
            (_, Some([id, attribute])) => (self.known_text(id), self.known_text(attribute)),
            _ => (None, None),
        };
        match (id, attribute) {
            (Some(id), Some(attribute)) => {
                if let Some([node, _]) = argument.as_sequence().filter(|_| self.makes_names())
                    && function(node).is_some()
                    && self.template.resource(&id).is_none()
                {
                    let message = format!("this gives {id}, and there is no resource of that name");
                    self.report(Fault::new(node.span, message, "use the logical id of a resource of this template"));
                }
                self.attribute_named(&id, &attribute, span)
            }
            _ => error().written_at(span),
        }
    }

    fn attribute_named(&self, id: &str, attribute: &str, span: Span) -> Value {
        if self.template.resource(id).is_none() {
            return nowhere().written_at(span);
        }
        if let Some(output) = attribute.strip_prefix("Outputs.")
            && let Some(found) = self.nested.output(id, output)
        {
            self.meet(id, span);
            return match found {
                Ok(value) => self.possible(value.clone()).through(span, Step::Output(format!("{id}.{output}").into())),
                Err(help) => {
                    self.report(Fault::new(span, format!("the nested stack {id} has no output {output}"), help));
                    error().written_at(span)
                }
            };
        }
        self.computed(id, attribute, span)
    }

    /// The value of a node where text is needed: a number that is written with a point keeps it, `1.0`.
    fn text_value(&self, node: &Node) -> Value {
        match node.resolve() {
            Some(Resolved::Float(text)) => Value::string(text).written_at(node.span),
            _ => self.value(node),
        }
    }

    /// Where the bytes of the text of a node stand.
    pub(crate) fn places(&self, node: &Node) -> impl Fn(Range<usize>) -> Span + use<> {
        let place = place::Place::of(self, node);
        move |range| place.at(&range)
    }

    /// The text that a node certainly is.
    pub(crate) fn known_text(&self, node: &Node) -> Option<Arc<str>> {
        let value = self.value(node);
        text::as_text(&value)?.as_str().map(Arc::from)
    }

    fn conditional(&self, argument: &Node, span: Span) -> Value {
        let Some([condition, yes, no]) = argument.as_sequence() else { return error().written_at(span) };
        let Some(name) = text_of(condition).map(Arc::<str>::from) else { return error().written_at(span) };
        let truth = self.conditions.truth(&name, &self.assumed.borrow());
        match truth {
            Truth::True => return self.value(yes),
            Truth::False => return self.value(no),
            Truth::Unknown => {}
        }
        // Where the condition takes a property away, there is null.
        let branch = |holds, node| {
            let value = self.assuming(&name, holds, node);
            if value.data == Data::Absent { Value { data: Value::null().data, ..value } } else { value }
        };
        let (yes, no) = (branch(true, yes), branch(false, no));
        let paths = self.conditions.paths(&name, &self.assumed.borrow());
        let candidates = paths.into_iter().map(|(when, holds)| {
            let value = if holds { yes.clone() } else { no.clone() };
            Candidate { when, value }
        });
        let why = Why::Other(format!("the condition {name} is open").into());
        let value = candidates::joined(why, candidates.collect());
        if value.is_unknown() && value.as_unknown().is_some_and(|unknown| unknown.reference.is_none()) {
            return value.written_at(span);
        }
        value
    }

    /// A value without the candidates that what is assumed excludes.
    fn possible(&self, value: Value) -> Value {
        let assumed = self.assumed.borrow();
        let Some(unknown) = value.as_unknown().filter(|unknown| !unknown.candidates.is_empty() && !assumed.is_empty())
        else {
            return value;
        };
        let can_be = |when: &[Guard]| self.conditions.can_be(when, &assumed);
        let candidates: Vec<Candidate> =
            unknown.candidates.iter().filter(|candidate| can_be(&candidate.when)).cloned().collect();
        if candidates.is_empty() || candidates.len() == unknown.candidates.len() {
            return value.clone();
        }
        let fewer = Value::one_of(unknown.why.clone(), unknown.ty.clone(), candidates);
        value.part(&fewer)
    }

    fn import(&self, argument: &Node) -> Value {
        let name =
            argument.as_mapping().is_none_or(|_| function(argument).is_some()).then(|| self.known_text(argument));
        let name = name.flatten().unwrap_or_else(|| "another stack".into());
        Unknown { not_null: true, ..Unknown::new(Why::Import(name), Type::String) }.into()
    }

    /// What a macro makes of an object is not known.
    pub(crate) fn transformed(&self, argument: &Node, span: Span) -> Value {
        let first = argument.as_sequence().and_then(<[Node]>::first).unwrap_or(argument);
        let name = first.get("Name").and_then(Node::as_str).unwrap_or("of this map");
        if let Some(note) = not_run(argument, "this") {
            self.tell(Diagnostic { primary: Label { span, ..note.primary }, ..note });
        }
        let why = Why::Other(format!("the macro {name} makes it at deployment").into());
        Unknown { not_null: true, ..Unknown::new(why, Type::Any) }.into()
    }
}

/// A function and its argument, if a node is one.
pub(crate) fn function(node: &Node) -> Option<(&str, &Node)> {
    let [entry] = node.as_mapping()? else { return None };
    let name = entry.key.as_str()?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name, &entry.value))
}

fn availability_zones() -> Value {
    let why = Why::Other("the availability zones of the region are read at deployment".into());
    Unknown { not_null: true, ..Unknown::new(why, Type::list(Type::String)) }.into()
}

/// What could not be evaluated; a diagnostic tells why.
fn error() -> Value {
    Value::unknown(Why::Error, Type::Any)
}

/// What refers to something that is not there. It is not known, but whatever is meant, it is not nothing.
fn nowhere() -> Value {
    Unknown { not_null: true, ..Unknown::new(Why::Error, Type::Any) }.into()
}

/// Why a value is unknown.
fn reason(value: &Value) -> Why {
    value.as_unknown().map_or(Why::Error, |unknown| unknown.why.clone())
}
