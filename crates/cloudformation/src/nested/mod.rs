//! Nested stacks: `AWS::CloudFormation::Stack` and `AWS::CloudFormation::StackSet` whose templates are on this machine.
//!
//! In: a stack that is ready to be evaluated. Out: [`Nested`], what each stack in it comes to, evaluated with the parameters
//! that it is given; and from it the resources of the whole tree of stacks, and its outputs for those who ask for them.
//!
//! Invariants: a stack is opened after those whose outputs it is given, so that opening never waits; what is open in
//! the parent stays correlated in the child, and the other way round; nothing is read outside of the boundary; how deep and
//! how many stacks are opened is limited, and a template that nests itself is refused.
//!
//! A template that is not on this machine is a note: its resources stay unknown.

mod arguments;
mod choices;
mod location;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use terravet_diagnostics::{Diagnostic, did_you_mean_or};
use terravet_graph::{Truth, Value, Why, Work};
use terravet_source::{FileId, SourceFile, Span};
use terravet_yaml::{Node, NodeKind};

use crate::definitions;
use crate::evaluate::{Evaluator, function};
use crate::formula::Choices;
use crate::loader::Loader;
use crate::lower::{Lowered, lower};
use crate::stack::Stack;
use crate::substitution::{Part, parts};
use crate::template::ResourceDeclaration;

use location::{Found, Location};

pub(crate) use choices::inside;

/// The type of a nested stack.
pub(crate) const STACK: &str = "AWS::CloudFormation::Stack";
/// The type of stacks in many accounts and regions.
pub(crate) const STACK_SET: &str = "AWS::CloudFormation::StackSet";

/// How deep stacks may be nested.
const MAX_DEPTH: usize = 16;
/// How many nested stacks are opened for one template.
const MAX_STACKS: usize = 500;

/// What the nested stacks of a template come to, by logical id.
#[derive(Debug, Default)]
pub(crate) struct Nested {
    stacks: BTreeMap<Arc<str>, Lowered>,
    /// What is open in them.
    choices: Choices,
    /// The work that the unit may still cause, shared by all its stacks.
    pub(crate) work: Rc<Work>,
}

impl Nested {
    /// An output of a nested stack; none where the stack is not one that could be looked into.
    ///
    /// # Errors
    /// Help for the author where the stack has no such output.
    pub(crate) fn output(&self, id: &str, output: &str) -> Option<Result<&Value, String>> {
        let outputs = &self.stacks.get(id)?.outputs;
        Some(outputs.get(output).ok_or_else(|| {
            did_you_mean_or(
                output,
                outputs.keys().map(|name| &**name),
                "declare it in `Outputs` of the nested template",
            )
        }))
    }
}

/// Opens the nested stacks of one template, and theirs.
pub(crate) struct Opener<'l> {
    loader: &'l Loader,
    /// The files that were read.
    pub(crate) files: Vec<Arc<SourceFile>>,
    /// The templates that are being opened, outermost first.
    ancestors: Vec<FileId>,
    opened: usize,
    work: Rc<Work>,
    /// The stacks that were not opened for a limit, in words: the first, and how many there are.
    limited: BTreeMap<String, (Span, usize)>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// The template of a stack that is to be opened.
struct Opened {
    file: Arc<SourceFile>,
    root: Node,
    /// What is told instead where its parameters are not those that the stack is given.
    unless_it_fits: Option<Diagnostic>,
}

impl<'l> Opener<'l> {
    pub(crate) fn new(loader: &'l Loader) -> Self {
        Self {
            loader,
            files: Vec::new(),
            ancestors: Vec::new(),
            opened: 0,
            work: Rc::default(),
            limited: BTreeMap::new(),
            diagnostics: Vec::new(),
        }
    }

    /// Evaluates a stack with all that is nested in it.
    pub(crate) fn lower(&mut self, stack: &Stack) -> Lowered {
        let mut nested = self.open(stack);
        let evaluator = stack.evaluator(&nested);
        let mut lowered = lower(&evaluator, &mut self.diagnostics);
        self.diagnostics.extend(evaluator.take_diagnostics());
        let (local, files) = (&self.loader.local, &mut self.files);
        definitions::read_all(&mut lowered.resources, &evaluator, local, files, &mut self.diagnostics);
        for declaration in &stack.template.resources {
            if let Some(child) = nested.stacks.remove(&declaration.name.text) {
                lowered.resources.extend(child.resources);
            }
        }
        lowered
    }

    /// Opens the stacks that are nested in one.
    pub(crate) fn open(&mut self, stack: &Stack) -> Nested {
        self.files.extend(stack.included().iter().cloned());
        let mut nested = Nested { work: Rc::clone(&self.work), ..Nested::default() };
        let is_stack = |declaration: &&ResourceDeclaration| matches!(&*declaration.ty.text, STACK | STACK_SET);
        let mut waiting: Vec<&ResourceDeclaration> = stack.template.resources.iter().filter(is_stack).collect();
        if waiting.is_empty() {
            return nested;
        }
        self.ancestors.push(stack.template.file.id());
        loop {
            let ids: BTreeSet<&str> = waiting.iter().map(|declaration| &*declaration.name.text).collect();
            let waits = |declaration: &&ResourceDeclaration| {
                declaration.properties.as_ref().is_some_and(|properties| mentions(properties, &ids))
            };
            let (later, now): (Vec<_>, Vec<_>) = waiting.iter().partition(|declaration| waits(declaration));
            // Those that wait for each other are reported as a cycle, and nobody can look into them.
            if now.is_empty() {
                break;
            }
            for declaration in now {
                if let Some(child) = self.child(stack, &mut nested, declaration) {
                    nested.stacks.insert(Arc::clone(&declaration.name.text), child);
                }
            }
            waiting = later;
        }
        self.ancestors.pop();
        if self.ancestors.is_empty() {
            self.tell_limits();
        }
        nested
    }

    fn child(&mut self, parent: &Stack, nested: &mut Nested, declaration: &ResourceDeclaration) -> Option<Lowered> {
        let condition = declaration.condition.as_ref().map(|name| &name.text);
        let truth = condition.map_or(Truth::True, |name| parent.conditions.truth(name, &[]));
        let properties = declaration.properties.as_ref()?;
        if truth.is_false() {
            return None;
        }
        // What is wrong with the properties is reported when the resource is evaluated.
        let evaluator = parent.evaluator(nested);
        let location = evaluator.given(condition, |evaluator| location::of(evaluator, declaration));
        let is_body = matches!(location, Location::Body(_));
        let Opened { file, root, unless_it_fits } = self.template(&evaluator, location)?;
        let fits = !self.ancestors.contains(&file.id()) && arguments::fit(properties, &root);
        if let Some(note) = unless_it_fits.filter(|_| !fits) {
            self.diagnostics.push(note);
            return None;
        }
        if !is_body {
            self.files.push(Arc::clone(&file));
        }
        if !self.may_open(&file, is_body, declaration) {
            return None;
        }
        let scope = format!("{}{}.", parent.scope, declaration.name.text);
        let given = evaluator.given(condition, |evaluator| {
            let mut given = arguments::pseudo_parameters(evaluator, &declaration.ty.text);
            given.extend(arguments::arguments(evaluator, properties, &root, &mut self.diagnostics));
            given
        });
        let inherited = parent.conditions.choices.with(&nested.choices);
        let local = &self.loader.local;
        let stack = Stack::of(local, &file, &root, &given, scope, &inherited, &mut self.diagnostics);
        arguments::compare(&stack, &given, declaration, &mut self.diagnostics);
        let mut lowered = self.lower(&stack);
        let choices = &parent.conditions.choices;
        for (_, value) in &mut lowered.outputs {
            *value = choices::outside(value, choices);
        }
        nested.choices = nested.choices.with(&stack.conditions.choices);
        if let (Truth::Unknown, Some(name)) = (truth, condition) {
            let words = parent.conditions.words(name);
            for resource in &mut lowered.resources {
                let both = resource.exists_when.as_ref().map(|own| format!("{words} and {own}").into());
                resource.exists_when = Some(both.unwrap_or_else(|| Arc::clone(&words)));
            }
        }
        if &*declaration.ty.text == STACK_SET {
            let why = Why::Other("there is one for each account and region of the stack set".into());
            for resource in &mut lowered.resources {
                resource.representative.get_or_insert_with(|| why.clone());
            }
        }
        Some(lowered)
    }

    /// The template at a location; what cannot be had is a note.
    fn template(&mut self, evaluator: &Evaluator<'_>, location: Location) -> Option<Opened> {
        match location.find(evaluator, self.loader) {
            Found::File(file) => {
                let root = crate::template::parse(&file, &mut self.diagnostics);
                if root.is_none() {
                    self.files.push(Arc::clone(&file));
                }
                Some(Opened { file, root: root?, unless_it_fits: None })
            }
            Found::Likely(file, note) => {
                // Perhaps it is another template: what is wrong with it is told where it is judged by itself.
                let root = crate::template::parse(&file, &mut Vec::new())?;
                Some(Opened { file, root, unless_it_fits: Some(note) })
            }
            Found::Body(root, diagnostics) => {
                self.diagnostics.extend(diagnostics);
                Some(Opened { file: Arc::clone(&evaluator.template.file), root: root?, unless_it_fits: None })
            }
            Found::Nothing(note) => {
                self.diagnostics.push(note);
                None
            }
            Found::Missing => None,
        }
    }

    /// Whether one more stack may be opened, of this file or of a text in it.
    fn may_open(&mut self, file: &SourceFile, is_body: bool, declaration: &ResourceDeclaration) -> bool {
        let place = declaration.name.span;
        if !is_body && self.ancestors.contains(&file.id()) {
            let diagnostic = Diagnostic::error("cloudformation-nested-stack", place, "this template nests itself")
                .with_help("the stack was not looked into; nest less");
            self.diagnostics.push(diagnostic);
            return false;
        }
        let limit = if self.ancestors.len() > MAX_DEPTH {
            format!("stacks are nested more than {MAX_DEPTH} deep")
        } else if self.opened >= MAX_STACKS {
            format!("the template nests more than {MAX_STACKS} stacks")
        } else {
            self.opened += 1;
            return true;
        };
        self.limited.entry(limit).or_insert((place, 0)).1 += 1;
        false
    }

    /// Tells each limit once, whatever the number of stacks beyond it.
    fn tell_limits(&mut self) {
        for (limit, (place, count)) in std::mem::take(&mut self.limited) {
            let stacks = if count == 1 { "one stack was".to_owned() } else { format!("{count} stacks were") };
            let diagnostic =
                Diagnostic::error("cloudformation-limit", place, format!("{limit}; {stacks} not looked into"))
                    .with_help("what they make was not judged; nest less, or scan their templates by themselves");
            self.diagnostics.push(diagnostic);
        }
    }
}

/// Whether an attribute of one of some resources is asked for in a node.
fn mentions(node: &Node, ids: &BTreeSet<&str>) -> bool {
    if let Some((name, argument)) = function(node) {
        let text = argument.as_sequence().and_then(<[Node]>::first).unwrap_or(argument).as_str();
        let found = match name {
            "Fn::GetAtt" => text.is_some_and(|text| ids.contains(text.split('.').next().unwrap_or_default())),
            "Fn::Sub" => text.is_some_and(|text| {
                parts(text).into_iter().any(|part| {
                    matches!(part, Part::Name(name, _) if ids.contains(name.split('.').next().unwrap_or_default()))
                })
            }),
            _ => false,
        };
        if found {
            return true;
        }
    }
    match &node.kind {
        NodeKind::Scalar { .. } => false,
        NodeKind::Sequence(items) => items.iter().any(|item| mentions(item, ids)),
        NodeKind::Mapping(entries) => entries.iter().any(|entry| mentions(&entry.value, ids)),
    }
}

/// Whether a template may nest others: it names a type of resource that does.
pub(crate) fn may_nest(text: &str) -> bool {
    [STACK, STACK_SET, "AWS::Serverless::Application"].iter().any(|ty| text.contains(ty))
}

/// A note about a stack that is not looked into.
fn note(span: Span, message: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic::note("cloudformation-nested-stack", span, message).with_help(help)
}
