//! The order of evaluation: every declaration after what it depends on.
//!
//! A node is a declaration of an instance of a module. The nodes that it needs are known before it is evaluated, apart from
//! those behind a module call, which appear when the call is expanded; so a node asks again until nothing is missing. The
//! way down is a list, not the call stack, and a node that is met again on it closes a cycle.

use std::collections::BTreeSet;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Type, Value, Why};
use terravet_source::Span;

use super::Unit;
use super::instance::{ChildKind, Slot};
use crate::module::Target;

/// A declaration of an instance of a module, by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Node {
    pub(super) instance: u32,
    pub(super) what: What,
}

/// Which declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Variable(u32),
    Local(u32),
    Output(u32),
    Resource(u32),
    /// Finding out which instances a module call has.
    Expansion(u32),
}

/// How far a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Running,
    Done,
}

fn state_of<T>(slot: &Slot<T>) -> State {
    match slot {
        Slot::Open => State::Open,
        Slot::Running => State::Running,
        Slot::Done(_) => State::Done,
    }
}

impl Unit<'_> {
    /// Evaluates everything in all modules.
    pub(crate) fn evaluate_all(&mut self) {
        let mut next = 0;
        while let Some(instance) = self.instances.get(next) {
            let module = std::sync::Arc::clone(&instance.module);
            let at = u32::try_from(next).unwrap_or(u32::MAX);
            let node = |what| Node { instance: at, what };
            (0..module.variables.len()).for_each(|place| self.force(node(What::Variable(place))));
            (0..module.locals.len()).for_each(|place| self.force(node(What::Local(place))));
            (0..module.resources.len()).for_each(|place| self.force(node(What::Resource(place))));
            (0..module.calls.len()).for_each(|place| self.force(node(What::Expansion(place))));
            (0..module.outputs.len()).for_each(|place| self.force(node(What::Output(place))));
            next += 1;
        }
        self.evaluate_opaque();
        self.check_conditions();
    }

    /// Evaluates what an expression in an instance refers to.
    pub(crate) fn force_targets(&mut self, instance: u32, targets: &[Target]) {
        // What a module call means is only known once it is expanded.
        loop {
            let mut missing = Vec::new();
            targets.iter().for_each(|target| self.add_missing(instance, target, &mut missing));
            let Some(first) = missing.first() else { return };
            self.force(*first);
        }
    }

    /// Evaluates a node and before it all that it depends on.
    pub(super) fn force(&mut self, goal: Node) {
        let mut stack = vec![goal];
        let mut closing: BTreeSet<(Node, Node)> = BTreeSet::new();
        while let Some(&node) = stack.last() {
            if self.state(node) == State::Done {
                stack.pop();
                continue;
            }
            self.mark_running(node);
            let mut waiting = Vec::new();
            for dependency in self.missing(node) {
                match self.state(dependency) {
                    State::Done => {}
                    State::Open => waiting.push(dependency),
                    State::Running => {
                        if closing.insert((node, dependency)) {
                            self.tell_cycle(&stack, dependency);
                        }
                    }
                }
            }
            if waiting.is_empty() {
                self.evaluate(node);
                stack.pop();
            } else {
                stack.extend(waiting.into_iter().rev());
            }
        }
    }

    fn state(&self, node: Node) -> State {
        let instance = self.instance(node.instance);
        match node.what {
            What::Variable(at) => state_of(&instance.variables[at as usize]),
            What::Local(at) => state_of(&instance.locals[at as usize]),
            What::Output(at) => state_of(&instance.outputs[at as usize]),
            What::Resource(at) => state_of(&instance.resources[at as usize]),
            What::Expansion(at) => state_of(&instance.calls[at as usize]),
        }
    }

    fn mark_running(&mut self, node: Node) {
        let instance = &mut self.instances[node.instance as usize];
        match node.what {
            What::Variable(at) => instance.variables[at as usize] = Slot::Running,
            What::Local(at) => instance.locals[at as usize] = Slot::Running,
            What::Output(at) => instance.outputs[at as usize] = Slot::Running,
            What::Resource(at) => instance.resources[at as usize] = Slot::Running,
            What::Expansion(at) => instance.calls[at as usize] = Slot::Running,
        }
    }

    fn evaluate(&mut self, node: Node) {
        self.doubt.set(self.instance(node.instance).is_doubtful());
        self.evaluate_node(node);
        self.doubt.set(false);
    }

    fn evaluate_node(&mut self, node: Node) {
        let at = node.instance as usize;
        match node.what {
            What::Variable(place) => {
                let value = self.variable(node.instance, place);
                self.instances[at].variables[place as usize] = Slot::Done(value);
            }
            What::Local(place) => {
                let value = self.local(node.instance, place);
                self.instances[at].locals[place as usize] = Slot::Done(value);
            }
            What::Output(place) => {
                let value = self.output(node.instance, place);
                self.instances[at].outputs[place as usize] = Slot::Done(value);
            }
            What::Resource(place) => {
                let set = self.resource_set(node.instance, place);
                self.instances[at].resources[place as usize] = Slot::Done(set);
            }
            What::Expansion(place) => {
                let expansion = self.expand(node.instance, place);
                self.instances[at].calls[place as usize] = Slot::Done(expansion);
            }
        }
    }

    /// The nodes that have to be done before a node and are not.
    fn missing(&self, node: Node) -> Vec<Node> {
        let mut missing = Vec::new();
        self.each_target(node, &mut |instance, target| self.add_missing(instance, target, &mut missing));
        missing
    }

    /// Calls `see` with what a node depends on.
    fn each_target(&self, node: Node, see: &mut dyn FnMut(u32, &Target)) {
        let instance = self.instance(node.instance);
        let module = &instance.module;
        let mut all = |instance: u32, targets: &[Target]| targets.iter().for_each(|target| see(instance, target));
        match node.what {
            What::Variable(at) => {
                // Nothing uses a variable before its validation has passed.
                let own = Target::Variable(at);
                for validation in &module.variables[at].validations {
                    validation
                        .targets
                        .iter()
                        .filter(|target| **target != own)
                        .for_each(|target| all(node.instance, std::slice::from_ref(target)));
                }
                if let Some((caller, call)) = instance.caller {
                    let call = &self.instance(caller).module.calls[call];
                    if let Some(argument) = call.arguments.get(&module.variables[at].name) {
                        all(caller, &argument.value.targets);
                    }
                }
            }
            What::Local(at) => all(node.instance, &module.locals[at].value.targets),
            What::Output(at) => all(node.instance, &module.outputs[at].value.targets),
            What::Resource(at) => {
                let resource = &module.resources[at];
                all(node.instance, &resource.targets);
                all(node.instance, &resource.dependencies);
                self.imports_of(instance, resource).for_each(|import| all(0, &import.targets));
            }
            What::Expansion(at) => all(node.instance, &module.calls[at].targets),
        }
    }

    /// Whether these targets depend on anything that is decided outside of Terraform: a provider other than its own, a data
    /// source, an input without a value, a module that is not on this machine.
    pub(super) fn depends_on_others(&self, instance: u32, targets: &[Target]) -> bool {
        let mut seen = BTreeSet::new();
        let mut open: Vec<(u32, Target)> = targets.iter().map(|target| (instance, target.clone())).collect();
        while let Some((instance, target)) = open.pop() {
            if !seen.insert((instance, target.clone())) {
                continue;
            }
            let at = self.instance(instance);
            let node = |what| Node { instance, what };
            let mut follow = |node: Node| self.each_target(node, &mut |at, target| open.push((at, target.clone())));
            match target {
                Target::Variable(place) => {
                    let value = at.variables[place as usize].get();
                    if at.caller.is_none() && !value.is_some_and(Value::is_wholly_known) {
                        return true;
                    }
                    follow(node(What::Variable(place)));
                }
                Target::Local(place) => follow(node(What::Local(place))),
                Target::Resource(place) => {
                    let resource = &at.module.resources[place];
                    let own = crate::builtin::schema(resource.mode, &resource.native_type).is_some();
                    if !own || resource.mode != crate::module::ResourceMode::Managed {
                        return true;
                    }
                    follow(node(What::Resource(place)));
                }
                Target::Call(place, output) => {
                    follow(node(What::Expansion(place)));
                    let Some(expansion) = at.calls[place as usize].get() else { return true };
                    for child in &expansion.children {
                        let ChildKind::Module(child) = child.what else { return true };
                        let outputs = &self.instance(child).module.outputs;
                        let places = match output.as_deref().map(|name| outputs.find(name)) {
                            Some(place) => place.map_or(0..0, |place| place..place + 1),
                            None => 0..outputs.len(),
                        };
                        for place in places {
                            let node = Node { instance: child, what: What::Output(place) };
                            self.each_target(node, &mut |at, target| open.push((at, target.clone())));
                        }
                    }
                }
            }
        }
        false
    }

    /// Adds the nodes that a target stands for and that are not done.
    fn add_missing(&self, instance: u32, target: &Target, missing: &mut Vec<Node>) {
        let mut add = |instance: u32, what: What| {
            let node = Node { instance, what };
            if self.state(node) != State::Done {
                missing.push(node);
            }
        };
        match target {
            Target::Variable(at) => add(instance, What::Variable(*at)),
            Target::Local(at) => add(instance, What::Local(*at)),
            Target::Resource(at) => add(instance, What::Resource(*at)),
            Target::Call(at, output) => {
                let Some(expansion) = self.instance(instance).calls[*at as usize].get() else {
                    return add(instance, What::Expansion(*at));
                };
                self.add_missing_outputs(expansion, output.as_deref(), missing);
            }
        }
    }

    /// Adds the outputs of called modules that are not done: the one of this name, or all.
    fn add_missing_outputs(
        &self,
        expansion: &super::instance::Expansion,
        output: Option<&str>,
        missing: &mut Vec<Node>,
    ) {
        if expansion.complete.get() {
            return;
        }
        let before = missing.len();
        let mut only = None;
        for child in &expansion.children {
            let ChildKind::Module(child) = child.what else { continue };
            let outputs = &self.instance(child).module.outputs;
            let places = match output.map(|name| outputs.find(name)) {
                Some(Some(at)) if expansion.complete_outputs.borrow().contains(&at) => return,
                Some(Some(at)) => {
                    only = Some(at);
                    at..at + 1
                }
                Some(None) => return,
                None => 0..outputs.len(),
            };
            let nodes = places.map(|at| Node { instance: child, what: What::Output(at) });
            missing.extend(nodes.filter(|node| self.state(*node) != State::Done));
        }
        if missing.len() == before {
            match only {
                Some(at) => {
                    expansion.complete_outputs.borrow_mut().insert(at);
                }
                None if output.is_none() => expansion.complete.set(true),
                None => {}
            }
        }
    }

    /// Tells of a cycle: the nodes from `dependency` on that are being evaluated each need the next.
    fn tell_cycle(&self, stack: &[Node], dependency: Node) {
        let from = stack.iter().position(|node| *node == dependency).unwrap_or(0);
        let cycle: Vec<Node> =
            stack[from..].iter().copied().filter(|node| self.state(*node) == State::Running).collect();
        let (name, span) = self.describe(dependency);
        let message = match cycle.as_slice() {
            [_] => format!("{name} depends on itself"),
            _ => {
                let names: Vec<String> = cycle.iter().skip(1).map(|node| self.describe(*node).0).collect();
                format!("{name} depends on itself, by way of {}", names.join(", "))
            }
        };
        let mut diagnostic = Diagnostic::error("terraform-cycle", span, message);
        for node in cycle.iter().skip(1) {
            let (name, span) = self.describe(*node);
            diagnostic = diagnostic.with_related(span, name);
        }
        self.tell(diagnostic);
    }

    /// The name of a node in words, and where it is declared.
    fn describe(&self, node: Node) -> (String, Span) {
        let instance = self.instance(node.instance);
        let module = &instance.module;
        let (name, span) = match node.what {
            What::Variable(at) => (module.variables[at].address.to_string(), module.variables[at].header),
            What::Local(at) => (module.locals[at].address.to_string(), module.locals[at].value.expr.span),
            What::Output(at) => (format!("output.{}", module.outputs[at].name), module.outputs[at].header),
            What::Resource(at) => (module.resources[at].address.to_string(), module.resources[at].header),
            What::Expansion(at) => (format!("module.{}", module.calls[at].name), module.calls[at].header),
        };
        (instance.within(&name).to_string(), span)
    }
}

/// What stands for something that could not be evaluated.
pub(super) fn failed(span: Span) -> Value {
    Value::unknown(Why::Error, Type::Any).written_at(span)
}
