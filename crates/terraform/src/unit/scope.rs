//! What names mean in an instance of a module.

use std::sync::Arc;

use terravet_graph::{Content, Entries, Index, Reference, Step, Type, Unknown, Value, Why};
use terravet_hcl::{Expr, ExprKind, Step as TraversalStep, StepKind};
use terravet_source::Span;

use super::Unit;
use super::instance::{Child, ChildKind, Expansion};
use super::repetition::{Repetition, Shape};
use super::schedule::failed;
use terravet_terraform_functions::{FileProblem, Files};

use crate::evaluate::{Budget, EvaluationError, Resolved, Scope};
use crate::module::{Reference as Named, ResourceMode};

/// The names that the expressions of a block can use.
pub(crate) struct ModuleScope<'u> {
    unit: &'u Unit<'u>,
    /// The instance of the module, by its place.
    instance: u32,
    /// What `each` and `count` mean.
    repetition: &'u Repetition,
    /// What `self` means, where it means something.
    own: Option<&'u Value>,
}

impl<'u> ModuleScope<'u> {
    /// The names at the top of a module.
    pub(crate) fn top(unit: &'u Unit<'u>, instance: u32) -> Self {
        Self { unit, instance, repetition: &Repetition::None, own: None }
    }

    /// The names in an instance of a block.
    pub(super) fn within(unit: &'u Unit<'u>, instance: u32, repetition: &'u Repetition) -> Self {
        Self { unit, instance, repetition, own: None }
    }

    /// The names where `self` means something as well.
    pub(super) fn with_self(self, own: &'u Value) -> Self {
        Self { own: Some(own), ..self }
    }

    fn named(value: &Value, name: &Arc<str>, span: Span) -> Value {
        value.clone().through(span, Step::Named(Arc::clone(name)))
    }

    /// The value of a declaration that is done; an unknown where it is part of a cycle, or is not declared, which has been told.
    fn done(value: Option<(&Value, &Arc<str>)>, span: Span, consumed: usize) -> Resolved {
        let value = value.map_or_else(|| failed(span), |(value, name)| Self::named(value, name, span));
        Resolved { value, consumed }
    }

    fn variable(&self, name: Option<&str>, span: Span) -> Resolved {
        let instance = self.unit.instance(self.instance);
        let value = name
            .and_then(|name| instance.module.variables.find(name))
            .and_then(|at| Some((instance.variables[at as usize].get()?, &instance.module.variables[at].address)));
        Self::done(value, span, 1)
    }

    fn local(&self, name: Option<&str>, span: Span) -> Resolved {
        let instance = self.unit.instance(self.instance);
        let value = name
            .and_then(|name| instance.module.locals.find(name))
            .and_then(|at| Some((instance.locals[at as usize].get()?, &instance.module.locals[at].address)));
        Self::done(value, span, 1)
    }

    fn each(&self, part: Option<&str>, span: Span) -> Result<Resolved, EvaluationError> {
        let (value, name) = match (self.repetition, part) {
            (Repetition::Each { key, .. }, Some("key")) => (key, "each.key"),
            (Repetition::Each { value, .. }, Some("value")) => (value, "each.value"),
            (Repetition::Count(index), Some("index")) => (index, "count.index"),
            _ => return Ok(Self::done(None, span, 1)),
        };
        Ok(Resolved { value: Self::named(value, &name.into(), span), consumed: 1 })
    }

    fn path(&self, part: Option<&str>, span: Span) -> Result<Resolved, EvaluationError> {
        let text = match part {
            Some("module") => self.unit.relative_folder(self.instance),
            Some("root") => ".".to_owned(),
            Some("cwd") => match self.unit.files.absolute(".") {
                Ok(folder) => folder,
                Err(FileProblem::Refused(error) | FileProblem::OutOfReach(error)) => {
                    return Err(EvaluationError::new(span, error));
                }
            },
            _ => return Ok(Self::done(None, span, 1)),
        };
        Ok(Resolved { value: Value::string(text).written_at(span), consumed: 1 })
    }

    fn resource(&self, root: &str, steps: &[TraversalStep], span: Span) -> Resolved {
        let instance = self.unit.instance(self.instance);
        let reference = Named { root, steps, span };
        let found = reference.resource().and_then(|(mode, native_type, name, consumed)| {
            let at = instance.module.resources.find(&crate::module::resource_address(mode, native_type, name))?;
            Some((at, mode, consumed))
        });
        let Some((at, mode, consumed)) = found else { return Resolved { value: failed(span), consumed: steps.len() } };
        let address = &instance.module.resources[at].address;
        if mode == ResourceMode::Ephemeral {
            let behind = Reference { resource: instance.within(address), attribute: "".into() };
            let value: Value = Unknown { reference: Some(behind), ..Unknown::new(Why::Computed, Type::Any) }.into();
            return Resolved { value: value.written_at(span), consumed };
        }
        let value = instance.resources[at as usize].get().map(|set| (&set.whole, address));
        Self::done(value, span, consumed)
    }

    fn module_call(&self, steps: &[TraversalStep], span: Span) -> Result<Resolved, EvaluationError> {
        let instance = self.unit.instance(self.instance);
        let name = attribute(steps, 0);
        let Some(at) = name.and_then(|name| instance.module.calls.find(name)) else {
            return Ok(Self::done(None, span, 1));
        };
        let Some(expansion) = instance.calls[at as usize].get() else { return Ok(Self::done(None, span, 1)) };
        let call = &instance.module.calls[at];
        // The usual way: one output of one instance, which is there though others may not be.
        let (child, consumed) = match (&expansion.shape, steps.get(1).map(|step| &step.kind)) {
            (Shape::Single, _) => (expansion.children.first(), 1),
            (Shape::List | Shape::Map, Some(step)) => match literal_index(step) {
                Some(index) => (expansion.children.iter().find(|child| same(child.index.as_ref(), &index)), 2),
                None => (None, 1),
            },
            _ => (None, 1),
        };
        if let (Some(Child { what: ChildKind::Module(child), .. }), Some(output)) = (child, attribute(steps, consumed))
        {
            let child = self.unit.instance(*child);
            let named: Arc<str> = format!("module.{}.{output}", call.name).into();
            return match child.module.outputs.find(output) {
                Some(place) => {
                    Ok(Self::done(child.outputs[place as usize].get().map(|value| (value, &named)), span, consumed + 1))
                }
                // A file of the module could not be read, which has been told.
                None if child.module.unread => Ok(Self::done(None, span, consumed + 1)),
                None => Err(no_output(&call.name, output, child.module.outputs.names(), span)),
            };
        }
        let whole = self.unit.whole_module(self.instance, &call.name, expansion);
        Ok(Resolved { value: Self::named(&whole, &format!("module.{}", call.name).into(), span), consumed: 1 })
    }
}

fn no_output<'n>(call: &str, output: &str, known: impl Iterator<Item = &'n str>, span: Span) -> EvaluationError {
    let error = EvaluationError::new(span, format!("module.{call} has no output `{output}`"));
    error.with_suggestion(output, known)
}

fn attribute(steps: &[TraversalStep], at: usize) -> Option<&str> {
    match steps.get(at).map(|step| &step.kind) {
        Some(StepKind::Attribute(name)) => Some(name),
        _ => None,
    }
}

/// The key that a step names without evaluation.
fn literal_index(step: &StepKind) -> Option<String> {
    match step {
        StepKind::LegacyIndex(number) => Some(number.to_string()),
        StepKind::Index(expr) => match &**expr {
            Expr { kind: ExprKind::String { text, .. }, .. } => Some(text.to_string()),
            Expr { kind: ExprKind::Number(text), .. } => Some(text.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a key is the one that was written. A number names the key of that text and the other way round.
fn same(index: Option<&Index>, written: &str) -> bool {
    match index {
        Some(Index::Number(number)) => number.to_string() == written,
        Some(Index::Key(key)) => **key == *written,
        None => false,
    }
}

impl Scope for ModuleScope<'_> {
    fn resolve(&self, root: &str, steps: &[TraversalStep], span: Span) -> Result<Resolved, EvaluationError> {
        match root {
            "var" => Ok(self.variable(attribute(steps, 0), span)),
            "local" => Ok(self.local(attribute(steps, 0), span)),
            "module" => self.module_call(steps, span),
            "each" | "count" => self.each(attribute(steps, 0), span),
            "path" => self.path(attribute(steps, 0), span),
            "terraform" | "tofu" => match attribute(steps, 0) {
                Some("workspace") => Ok(Resolved { value: Value::string("default").written_at(span), consumed: 1 }),
                Some("applying") => Ok(Resolved { value: Value::bool(false).written_at(span), consumed: 1 }),
                _ => Ok(Self::done(None, span, 1)),
            },
            "self" => Ok(Resolved {
                value: self.own.map_or_else(|| failed(span), |own| Self::named(own, &"self".into(), span)),
                consumed: 0,
            }),
            _ => Ok(self.resource(root, steps, span)),
        }
    }

    fn files(&self) -> &dyn Files {
        &self.unit.files
    }

    fn budget(&self) -> &Budget {
        &self.unit.budget
    }

    fn text(&self, span: Span) -> Option<String> {
        Some(self.unit.texts.get(&span.file)?.slice(span).to_owned())
    }

    fn module(&self) -> &str {
        &self.unit.instance(self.instance).address
    }

    fn is_ephemeral(&self, root: &str, steps: &[TraversalStep]) -> bool {
        self.unit.instance(self.instance).module.names_ephemeral(root, steps)
    }
}

impl Unit<'_> {
    /// What a reference to a module call as a whole means: its outputs, of all its instances.
    fn whole_module(&self, caller: u32, name: &str, expansion: &Expansion) -> Value {
        if let Some(whole) = expansion.whole.get() {
            return whole.clone();
        }
        let values: Vec<Value> = expansion.children.iter().map(|child| self.outputs_of(child)).collect();
        let parts: Vec<_> = expansion.children.iter().map(|child| child.index.as_ref()).zip(&values).collect();
        let address = self.instance(caller).within(&format!("module.{name}"));
        let whole = expansion.shape.whole(&parts, &address);
        if expansion.complete.get() { expansion.whole.get_or_init(|| whole).clone() } else { whole }
    }

    /// The outputs of an instance of a module call, as far as they are there.
    fn outputs_of(&self, child: &Child) -> Value {
        match &child.what {
            ChildKind::Opaque(opaque) => opaque.seen.clone(),
            ChildKind::Module(at) => {
                let instance = self.instance(*at);
                let outputs = instance.module.outputs.iter().zip(&instance.outputs);
                let entry = |(output, slot): (&crate::module::Output, &super::instance::Slot<Value>)| {
                    Some((Arc::clone(&output.name), slot.get()?.clone()))
                };
                Value::object(outputs.filter_map(entry).collect::<Entries>())
            }
        }
    }

    /// The folder of an instance's module, as `path.module` has it: relative to the root module.
    fn relative_folder(&self, instance: u32) -> String {
        let folder = &self.instance(instance).module.folder;
        relative(folder, &self.root)
    }
}

/// The path from one folder to another by name, as far as both have a common beginning.
fn relative(folder: &std::path::Path, from: &std::path::Path) -> String {
    use std::path::{Component, PathBuf};
    let parts = |path: &std::path::Path| -> Vec<std::ffi::OsString> {
        path.components()
            .filter(|part| !matches!(part, Component::CurDir))
            .map(|part| part.as_os_str().to_owned())
            .collect()
    };
    let (folder, from) = (parts(folder), parts(from));
    let shared = folder.iter().zip(&from).take_while(|(a, b)| a == b).count();
    // A way up out of a folder whose own name is not known cannot be written.
    let ups = from[shared..].iter().map(|_| std::ffi::OsString::from(".."));
    let path: PathBuf = ups.chain(folder[shared..].iter().cloned()).collect();
    if path.as_os_str().is_empty() { ".".to_owned() } else { path.to_string_lossy().replace('\\', "/") }
}

/// An object of which nothing is written, and everything that is asked of it is a part of what is behind it.
pub(super) fn open_object(behind: Unknown) -> Value {
    Value::object([]).with_content(Content::Open(behind))
}
