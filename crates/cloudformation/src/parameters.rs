//! What is known of a template's parameters.
//!
//! In: the declarations and the values that are given. Out: the value of each parameter: what is given, else its default,
//! else unknown, with its allowed values as candidates. A known value is checked against what the declaration asks for.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terravet_diagnostics::{Diagnostic, did_you_mean_or};
use terravet_graph::{Candidate, Guard, Number, Step, Type, Unknown, Value, Why};
use terravet_source::Span;
use terravet_yaml::Node;

use crate::declarations::{self, bound};
use crate::given::{Argument, scalar_text};
use crate::names::{ParameterType, is_pseudo, partition_of, pseudo_type};
use crate::pattern::Patterns;
use crate::sections::kind_of;
use crate::template::{ParameterDeclaration, Template};

/// The values of parameters and of pseudo parameters that are given.
pub(crate) type Parameters = BTreeMap<Arc<str>, Value>;

/// The guard that says that a parameter has a value.
pub(crate) fn guard(choice: &Arc<str>, text: &str) -> Guard {
    Guard { choice: Arc::clone(choice), taken: taken(text), words: format!("{choice} is {text:?}").into() }
}

/// The way of a choice in which it is a text.
pub(crate) fn taken(text: &str) -> Arc<str> {
    format!("is {text}").into()
}

/// Settles the parameters of a template. `scope` is put before the names of choices: empty for the root, else the path of a
/// nested stack.
pub(crate) fn settle(
    template: &Template,
    given: &BTreeMap<Arc<str>, Argument>,
    scope: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Parameters {
    let mut values = Parameters::new();
    for (name, argument) in given.iter().filter(|(name, _)| is_pseudo(name)) {
        values.insert(Arc::clone(name), pseudo_value(name, &argument.value));
    }
    add_partition(&mut values);
    let mut patterns = Patterns::default();
    for declaration in &template.parameters {
        let hidden = declaration.body.get("NoEcho").and_then(scalar_text).as_deref() == Some("true");
        declarations::check(declaration, diagnostics);
        let (allowed, patterns) = (Allowed::of(declaration), &mut patterns);
        let mut settling = Settling { declaration, allowed, patterns, hidden, scope, diagnostics };
        let value = settling.value(given.get(&declaration.name.text));
        values.insert(Arc::clone(&declaration.name.text), value.marked(hidden));
    }
    values
}

/// The value that is given for a pseudo parameter: one of them is a list.
fn pseudo_value(name: &str, given: &Value) -> Value {
    match given.as_str().filter(|_| pseudo_type(name) != Type::String) {
        Some(text) => {
            let members = text.split(',').map(|member| member.trim()).filter(|member| !member.is_empty());
            let members = members.map(|member| Value { origin: given.origin.clone(), ..Value::string(member) });
            Value { origin: given.origin.clone(), ..Value::tuple(members) }
        }
        None => given.clone(),
    }
}

/// Adds what the region decides, where it is given alone.
fn add_partition(values: &mut Parameters) {
    let Some(region) = values.get("AWS::Region").cloned() else { return };
    let Some((partition, suffix)) = region.as_str().and_then(partition_of) else { return };
    for (name, text) in [("AWS::Partition", partition), ("AWS::URLSuffix", suffix)] {
        let value = Value { origin: region.origin.clone(), ..Value::string(text) };
        values.entry(name.into()).or_insert(value);
    }
}

/// Reports values that are given for parameters which are declared nowhere.
pub(crate) fn refuse_undeclared(
    given: &BTreeMap<Arc<str>, Argument>,
    is_declared: impl Fn(&str) -> bool,
    declared: &[&str],
) -> Vec<Diagnostic> {
    let undeclared = given.iter().filter(|(name, _)| !is_pseudo(name) && !is_declared(name));
    undeclared
        .map(|(name, argument)| {
            let help =
                did_you_mean_or(name, declared.iter().copied(), "declare it in the template, or leave it out here");
            let message = format!("no template has a parameter {name}");
            Diagnostic::error("cloudformation-parameter", argument.name, message).with_help(help)
        })
        .collect()
}

/// The values that a parameter allows, each once.
#[derive(Default)]
struct Allowed {
    /// In the order in which they are written.
    list: Vec<(Arc<str>, Span)>,
    known: BTreeSet<Arc<str>>,
}

impl Allowed {
    fn of(declaration: &ParameterDeclaration) -> Self {
        let mut allowed = Self::default();
        for item in declaration.body.get("AllowedValues").and_then(Node::as_sequence).unwrap_or_default() {
            let Some(text) = scalar_text(item).map(Arc::<str>::from) else { continue };
            if allowed.known.insert(Arc::clone(&text)) {
                allowed.list.push((text, item.span));
            }
        }
        allowed
    }
}

struct Settling<'a, 't> {
    declaration: &'t ParameterDeclaration,
    allowed: Allowed,
    patterns: &'a mut Patterns<'t>,
    /// Whether its value is a secret.
    hidden: bool,
    scope: &'a str,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Settling<'_, '_> {
    fn refuse(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error("cloudformation-parameter", span, message).with_help(help));
    }

    fn value(&mut self, argument: Option<&Argument>) -> Value {
        let ty = Arc::clone(&self.declaration.ty);
        let ty = ParameterType::of(&ty).unwrap_or(ParameterType { from_store: false, list: false, member: "String" });
        let value_type = if ty.list { Type::list(Type::String) } else { Type::String };
        let written = match argument {
            Some(argument) => Some(argument.value.clone()),
            None => self.default(),
        };
        if ty.from_store {
            // What is written is the name of an entry of the parameter store; what that holds is read at deployment.
            let why = Why::Import("the parameter store".into());
            let unknown = Unknown { not_null: true, ..Unknown::new(why, value_type) };
            return Value::from(unknown).written_at(self.declaration.name.span);
        }
        let Some(written) = written else { return self.open(ty, value_type) };
        self.of_declared_type(&written, ty, value_type)
    }

    /// A value that is written or passed down, in the type that the parameter has.
    fn of_declared_type(&mut self, written: &Value, ty: ParameterType<'_>, value_type: Type) -> Value {
        if let Some(text) = written.as_str().map(str::to_owned) {
            return if ty.list { self.list(&text, written, ty) } else { self.checked(&text, written, ty, false) };
        }
        if let Some(unknown) = written.as_unknown().filter(|unknown| !unknown.candidates.is_empty()) {
            let candidates = unknown.candidates.iter().map(|candidate| {
                let value = self.of_declared_type(&written.part(&candidate.value), ty, value_type.clone());
                Candidate { when: candidate.when.clone(), value }
            });
            let candidates = candidates.collect();
            let value = Value::one_of(unknown.why.clone(), value_type, candidates);
            return Value { origin: written.origin.clone(), sensitive: written.sensitive, ..value };
        }
        if written.is_null() {
            // A parent stack that gives nothing leaves the default.
            return match self.default() {
                Some(default) => self.of_declared_type(&default, ty, value_type),
                None => self.open(ty, value_type),
            };
        }
        if let Some(unknown) = written.as_unknown().filter(|unknown| !ty.list && unknown.reference.is_none()) {
            // Whatever it turns out to be is one of the allowed values, or it is refused at deployment.
            let choice = match &unknown.why {
                Why::Input(choice) => Arc::clone(choice),
                _ => self.own_choice(),
            };
            let allowed = self.allowed_candidates(&choice);
            if !allowed.is_empty() {
                let value = Value::one_of(unknown.why.clone(), Type::String, allowed);
                return Value { origin: written.origin.clone(), sensitive: written.sensitive, ..value };
            }
        }
        if let Some(unknown) = written.as_unknown().filter(|_| ty.list) {
            // Text that is not known, of members that are not known either.
            let list = Unknown { not_null: true, ..Unknown::new(unknown.why.clone(), value_type) };
            return Value { origin: written.origin.clone(), sensitive: written.sensitive, ..list.into() };
        }
        written.clone()
    }

    fn default(&mut self) -> Option<Value> {
        let node = self.declaration.body.get("Default")?;
        let Some(text) = scalar_text(node) else {
            if !node.is_null() {
                let message = format!("the default of a parameter is text, and this is {}", kind_of(node));
                self.refuse(node.span, message, "write the value itself; functions are not allowed here");
            }
            return None;
        };
        let step = Step::ParameterDefault(Arc::clone(&self.declaration.name.text));
        Some(Value::string(text).written_at(node.span).through(node.span, step))
    }

    /// The value of a parameter that nothing is given for.
    fn open(&mut self, ty: ParameterType<'_>, value_type: Type) -> Value {
        let name = &self.declaration.name;
        let choice = self.own_choice();
        let why = Why::Input(Arc::clone(&choice));
        let allowed = self.allowed_candidates(&choice);
        if ty.list || allowed.is_empty() {
            let unknown = Unknown { not_null: true, ..Unknown::new(why, value_type) };
            return Value::from(unknown).written_at(name.span);
        }
        Value::one_of(why, Type::String, allowed).written_at(name.span)
    }

    /// The choice that the parameter is where nothing is known of it.
    fn own_choice(&self) -> Arc<str> {
        format!("{}{}", self.scope, self.declaration.name.text).into()
    }

    /// The allowed values, each where a choice turns out to be it.
    fn allowed_candidates(&self, choice: &Arc<str>) -> Vec<Candidate> {
        let candidates = self.allowed.list.iter().map(|(text, span)| {
            let when = vec![guard(choice, text)];
            Candidate { when, value: Value::string(Arc::clone(text)).written_at(*span) }
        });
        candidates.collect()
    }

    fn allows(&self, text: &str) -> bool {
        self.allowed.known.contains(text)
    }

    fn list(&mut self, text: &str, written: &Value, ty: ParameterType<'_>) -> Value {
        // Members are trimmed, as the documentation of CommaDelimitedList says.
        let whole = self.allows(text);
        let members: Vec<Value> =
            text.split(',').map(|member| self.checked(member.trim(), written, ty, whole)).collect();
        Value { origin: written.origin.clone(), ..Value::tuple(members) }
    }

    /// The text as a value, once it is what the declaration asks for; `allowed` says that it is one of the allowed values
    /// together with others.
    fn checked(&mut self, text: &str, written: &Value, ty: ParameterType<'_>, allowed: bool) -> Value {
        let span = written.origin.as_ref().map_or(self.declaration.name.span, |origin| origin.source().span);
        let name = Arc::clone(&self.declaration.name.text);
        let shown = shown(text, self.hidden || written.sensitive);
        if ty.member == "Number" && text.parse::<Number>().is_err() {
            self.refuse(span, format!("the parameter {name} is a number, and {shown} is none"), "give a number");
        }
        if !allowed && !self.allowed.list.is_empty() && !self.allows(text) {
            let list: Vec<&str> = self.allowed.list.iter().take(20).map(|(known, _)| &**known).collect();
            let help = did_you_mean_or(text, list.iter().copied(), &format!("allowed are {}", list.join(", ")));
            self.refuse(span, format!("{shown} is none of the values that {name} allows"), help);
        }
        self.check_length(text, &shown, span);
        self.check_range(text, &shown, span);
        self.check_pattern(text, &shown, span);
        Value { origin: written.origin.clone(), sensitive: written.sensitive, ..Value::string(text) }
    }

    fn bound(&self, key: &str) -> Option<Number> {
        bound(self.declaration.body.get(key)?)
    }

    fn check_length(&mut self, text: &str, shown: &str, span: Span) {
        let length = Number::from(i64::try_from(text.chars().count()).unwrap_or(i64::MAX));
        if let Some(least) = self.bound("MinLength").filter(|least| length < *least) {
            self.refuse(span, format!("{shown} has fewer than {least} characters"), "give a longer text");
        }
        if let Some(most) = self.bound("MaxLength").filter(|most| length > *most) {
            self.refuse(span, format!("{shown} has more than {most} characters"), "give a shorter text");
        }
    }

    fn check_range(&mut self, text: &str, shown: &str, span: Span) {
        let Ok(number) = text.parse::<Number>() else { return };
        if let Some(least) = self.bound("MinValue").filter(|least| number < *least) {
            self.refuse(span, format!("{shown} is below {least}"), "give a larger number");
        }
        if let Some(most) = self.bound("MaxValue").filter(|most| number > *most) {
            self.refuse(span, format!("{shown} is above {most}"), "give a smaller number");
        }
    }

    /// A pattern must match the whole. One that only Java can read is not looked at.
    fn check_pattern(&mut self, text: &str, shown: &str, span: Span) {
        let Some(pattern) = self.declaration.body.get("AllowedPattern").and_then(Node::as_str) else { return };
        if self.patterns.matches(pattern, text) == Some(false) {
            let name = &self.declaration.name.text;
            self.refuse(
                span,
                format!("{shown} does not match the pattern of {name}"),
                format!("it must match {pattern}"),
            );
        }
    }
}

/// A value in a message.
fn shown(text: &str, sensitive: bool) -> String {
    if sensitive {
        return "the given value".to_owned();
    }
    let short: String = text.chars().take(60).collect();
    format!("`{short}`")
}
