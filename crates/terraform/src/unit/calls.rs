//! Calls of modules: from a call to instances of the called module.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Content, Index, Reference, Type, Unknown, Value, Why};
use terravet_hcl::Expr;
use terravet_source::Span;

use super::instance::{Child, ChildKind, Expansion, ModuleInstance, OpaqueModule};
use super::repetition::{Instances, One, Repetition, Shape};
use super::scope::{ModuleScope, open_object};
use super::{MAX_INSTANCES, Unit};
use crate::evaluate::{EvaluationError, evaluate};
use crate::loader::Located;
use crate::module::{Argument, Call, Module, RepetitionArguments, each_reference, resolve_targets};

/// How many module calls may be within each other.
const MAX_CALL_DEPTH: usize = 2_000;

impl Unit<'_> {
    /// Where the module of a call lies. Asked of the disk once for each call.
    pub(super) fn locate(&self, instance: u32, call: u32) -> Located {
        let caller = self.instance(instance);
        let Some((source, _)) = &caller.module.calls[call].source else {
            return Located::Unreachable(String::new());
        };
        let path = call_path(caller, &caller.module.calls[call].name);
        if let Some(known) = self.locations.borrow().get(&*path) {
            return known.clone();
        }
        let located = self.loader.locate(&self.vendored, &caller.module.folder, source, &path);
        self.locations.borrow_mut().insert(path, located.clone());
        located
    }

    /// The instances of a module call.
    pub(super) fn expand(&mut self, instance: u32, place: u32) -> Expansion {
        let module = Arc::clone(&self.instance(instance).module);
        let call = &module.calls[place];
        if self.instance_count >= MAX_INSTANCES {
            // Modules that call modules can be without end, each with one instance. What stands in those that are there is judged.
            self.tell_full(call.header);
            return expansion(Shape::Open(Why::Limit("instances in one unit".into())), Vec::new());
        }
        let called = match self.locate(instance, place) {
            Located::Folder(folder) => {
                if let Err(why) = self.check_way(instance, &folder) {
                    self.error("terraform-module-recursion", call.header, why);
                    return nothing();
                }
                let called = self.loader.module(&folder);
                self.take_in(&called);
                self.check_arguments(&module, call, &called);
                Some(called)
            }
            Located::Elsewhere => {
                self.note_elsewhere(call);
                None
            }
            Located::Unreachable(why) => {
                // A call without a source has been told with its module.
                if let Some((_, span)) = &call.source {
                    self.tell(
                        Diagnostic::error(
                            "terraform-module-source",
                            *span,
                            format!("this module cannot be read: {why}"),
                        )
                        .with_help("what it creates was not judged; its outputs are not known"),
                    );
                }
                None
            }
        };
        let instances = self.instances_of(instance, &call.repetition);
        let Instances { shape, list } = instances;
        let unreached = list.iter().all(One::is_doubtful) && !self.instance(instance).is_doubtful();
        if let (true, Some(called)) = (unreached, &called) {
            let path = call_path(self.instance(instance), &call.name);
            self.check_unreached_module(Arc::clone(called), &path);
        }
        let children = list
            .into_iter()
            .map(|one| match &called {
                Some(called) => self.add_instance(instance, place, called, one),
                None => self.opaque(instance, call, one),
            })
            .collect();
        expansion(shape, children)
    }

    /// Whether a module may be called from here: not from within itself, and not too deep.
    fn check_way(&self, from: u32, folder: &std::path::Path) -> Result<(), String> {
        if self.instance(from).depth >= MAX_CALL_DEPTH {
            return Err(format!("the limit of {MAX_CALL_DEPTH} module calls within each other is reached"));
        }
        // What calls itself has been taken in before. Long chains of others would pay for every way back to the root.
        if !self.told.contains(folder) {
            return Ok(());
        }
        let callers = || {
            let first = Some(self.instance(from));
            std::iter::successors(first, |instance| instance.caller.map(|(caller, _)| self.instance(caller)))
        };
        let Some(own) = callers().position(|instance| instance.module.folder == folder) else { return Ok(()) };
        let mut way: Vec<String> =
            callers().take(own + 1).map(|instance| instance.module.folder.display().to_string()).collect();
        way.reverse();
        way.push(folder.display().to_string());
        Err(format!("this module calls itself: {}", way.join(" calls ")))
    }

    /// Arguments that the called module does not have, and those that it needs and does not get.
    fn check_arguments(&self, caller: &Module, call: &Call, called: &Module) {
        for (name, argument) in &call.arguments {
            let lasts = called.variables.get(name).is_some_and(|variable| !variable.ephemeral);
            if lasts && caller.is_ephemeral(&argument.value.expr) {
                let message =
                    format!("this value exists only while Terraform runs, and variable `{name}` is not ephemeral");
                self.error("terraform-ephemeral", argument.value.expr.span, message);
            }
            if called.variables.find(name).is_none() && !called.unread {
                let message = format!("the module has no variable `{name}`");
                let diagnostic = Diagnostic::error("terraform-unsupported-argument", argument.name_span, message);
                self.tell(diagnostic.with_suggestion(name, called.variables.names()));
            }
        }
        for variable in called.variables.iter() {
            if variable.default.is_none() && !call.arguments.contains_key(&variable.name) {
                let message = format!("the module needs a value for its variable `{}`", variable.name);
                self.tell(
                    Diagnostic::error("terraform-missing-argument", call.header, message)
                        .with_related(variable.header, "the variable is declared here"),
                );
            }
        }
    }

    fn note_elsewhere(&self, call: &Call) {
        let Some((source, span)) = &call.source else { return };
        let judged = match self.loader.outline(call) {
            Some(_) => "it was judged by its arguments, as far as an outline tells of it",
            None => "what it creates was not judged",
        };
        let message = format!("module `{}` is not on this machine; {judged}", call.name);
        let how = match &call.version {
            Some(version) => format!("run `terraform init` to fetch {source} ({version}) into .terraform/modules"),
            None => format!("run `terraform init` to fetch {source} into .terraform/modules"),
        };
        self.tell(Diagnostic::note("module-not-vendored", *span, message).with_help(how));
    }

    /// The instances that the repetition arguments of a block give. Where these are refused, one stands for all.
    pub(super) fn instances_of(&mut self, instance: u32, repetition: &RepetitionArguments) -> Instances {
        let limit = MAX_INSTANCES.saturating_sub(self.instance_count);
        let scope = ModuleScope::top(self, instance);
        let result = match (&repetition.count, &repetition.for_each) {
            (Some(count), _) => {
                evaluate(count, &scope).and_then(|value| super::repetition::by_count(&value, count.span, limit))
            }
            (None, Some(for_each)) => evaluate(for_each, &scope).and_then(|value| {
                if value.sensitive {
                    let message = "for_each cannot be made from sensitive values, since the keys are shown";
                    self.error("terraform-sensitive-for-each", for_each.span, message);
                }
                super::repetition::by_for_each(&value, for_each.span, limit)
            }),
            (None, None) => Ok(Instances::single()),
        };
        let instances = result.unwrap_or_else(|error| {
            self.report(error);
            let unknown = || Value::unknown(Why::Error, Type::Any);
            let repetition = match repetition.count {
                Some(_) => Repetition::Count(unknown()),
                None => Repetition::Each { key: unknown(), value: unknown() },
            };
            Instances::representative(Why::Error, repetition)
        });
        self.instance_count = self.instance_count.saturating_add(instances.list.len());
        if let (Shape::Open(why), Some(expr)) = (&instances.shape, repetition.decisive()) {
            self.refuse_open(instance, why, expr);
        }
        instances
    }

    /// Tells, once, that there are as many instances as one unit may have.
    fn tell_full(&mut self, place: Span) {
        if !std::mem::replace(&mut self.full, true) {
            let message =
                format!("the limit of {MAX_INSTANCES} instances for one unit is reached; no more modules are called");
            self.error("limit", place, message);
        }
    }

    /// Terraform refuses a number of instances that it cannot know when it plans. Whether it can is certain only where nothing
    /// but Terraform itself is involved: what a provider leaves open here it may well tell then.
    fn refuse_open(&self, instance: u32, why: &Why, expr: &Expr) {
        if !matches!(why, Why::Computed | Why::Function(_) | Why::Other(_)) {
            return;
        }
        let targets = resolve_targets(&self.instance(instance).module, |see| each_reference(expr, see));
        if self.depends_on_others(instance, &targets) {
            return;
        }
        let message = "how many instances there are cannot be known before apply, so that Terraform cannot plan them";
        let help = "make the keys from what is known, and keep what is computed for the values";
        self.report(EvaluationError::new(expr.span, message).with_help(help));
    }

    fn add_instance(&mut self, caller: u32, place: u32, called: &Arc<Module>, one: One) -> Child {
        let from = self.instance(caller);
        let call = &from.module.calls[place];
        let at = u32::try_from(self.instances.len()).unwrap_or(u32::MAX);
        let child = ModuleInstance {
            caller: Some((caller, place)),
            depth: from.depth + 1,
            repetition: one.repetition,
            representative: one.representative.or_else(|| from.representative.clone()),
            exists_when: both(from.exists_when.as_ref(), one.exists_when),
            ..ModuleInstance::new(
                Arc::clone(called),
                address(from, call, one.index.as_ref()),
                call_path(from, &call.name),
            )
        };
        self.instances.push(child);
        Child { index: one.index, what: ChildKind::Module(at) }
    }

    fn opaque(&self, caller: u32, call: &Call, one: One) -> Child {
        let from = self.instance(caller);
        let behind = behind(&address(from, call, one.index.as_ref()));
        let text = |text: &Option<(Arc<str>, Span)>| match text {
            Some((text, span)) => Value::string(Arc::clone(text)).written_at(*span),
            None => Value::null(),
        };
        let version = call.version.as_ref().map_or_else(Value::null, |version| Value::string(Arc::clone(version)));
        let meta = [("source".into(), text(&call.source)), ("version".into(), version)];
        let opaque = OpaqueModule {
            arguments: OnceCell::new(),
            repetition: one.repetition,
            meta: Value::object(meta).written_at(call.span),
            seen: open_object(behind).written_at(call.header),
            representative: one.representative.or_else(|| from.representative.clone()),
            exists_when: both(from.exists_when.as_ref(), one.exists_when),
        };
        Child { index: one.index, what: ChildKind::Opaque(Box::new(opaque)) }
    }

    /// Evaluates the arguments of the modules that are not on this machine.
    pub(super) fn evaluate_opaque(&mut self) {
        for at in 0..u32::try_from(self.instances.len()).unwrap_or(u32::MAX) {
            let module = Arc::clone(&self.instance(at).module);
            for (place, call) in (0u32..).zip(module.calls.iter()) {
                let slot = self.instance(at).calls[place as usize].get();
                let is_opaque = |child: &Child| matches!(child.what, ChildKind::Opaque(_));
                if !slot.is_some_and(|expansion| expansion.children.iter().any(is_opaque)) {
                    continue;
                }
                for argument in call.arguments.values() {
                    self.force_targets(at, &argument.value.targets);
                }
                let children = self.instance(at).calls[place as usize].get().map(|expansion| &expansion.children);
                for child in children.into_iter().flatten() {
                    if let ChildKind::Opaque(opaque) = &child.what {
                        let arguments = || self.opaque_arguments(at, call, child.index.as_ref(), &opaque.repetition);
                        let value = self.with_doubt(opaque.is_doubtful(), arguments);
                        opaque.arguments.get_or_init(|| value);
                    }
                }
            }
        }
    }

    fn opaque_arguments(&self, caller: u32, call: &Call, index: Option<&Index>, repetition: &Repetition) -> Value {
        let scope = ModuleScope::within(self, caller, repetition);
        let value =
            |(name, argument): (&Arc<str>, &Argument)| (Arc::clone(name), self.value_of(&argument.value.expr, &scope));
        Value::object(call.arguments.iter().map(value).collect::<Vec<_>>())
            .written_at(call.span)
            .with_content(Content::Open(behind(&address(self.instance(caller), call, index))))
    }
}

/// What stands behind a module that is not on this machine.
fn behind(address: &Arc<str>) -> Unknown {
    let reference = Reference { resource: Arc::clone(address), attribute: "".into() };
    Unknown { reference: Some(reference), ..Unknown::new(Why::Module(Arc::clone(address)), Type::Any) }
}

/// The address of an instance of a call.
pub(super) fn address(caller: &ModuleInstance, call: &Call, index: Option<&Index>) -> Arc<str> {
    let index = index.map(Index::to_string).unwrap_or_default();
    caller.within(&format!("module.{}{index}", call.name))
}

fn call_path(caller: &ModuleInstance, name: &str) -> Arc<str> {
    if caller.path.is_empty() { name.into() } else { format!("{}.{name}", caller.path).into() }
}

/// Both conditions in words.
pub(super) fn both(outer: Option<&Arc<str>>, inner: Option<Arc<str>>) -> Option<Arc<str>> {
    match (outer, inner) {
        (Some(outer), Some(inner)) if **outer != *inner => Some(format!("{outer} and {inner}").into()),
        (Some(outer), _) => Some(Arc::clone(outer)),
        (None, inner) => inner,
    }
}

fn nothing() -> Expansion {
    expansion(Shape::Open(Why::Error), Vec::new())
}

fn expansion(shape: Shape, children: Vec<Child>) -> Expansion {
    Expansion {
        shape,
        children,
        whole: OnceCell::new(),
        complete: Cell::new(false),
        complete_outputs: RefCell::new(BTreeSet::new()),
    }
}
