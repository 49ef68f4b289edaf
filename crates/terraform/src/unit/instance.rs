//! One instance of a module, with what has been evaluated of it.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;

use terravet_graph::{Index, Value, Why};

use super::repetition::{Repetition, Shape};
use crate::module::Module;

/// A place for what is evaluated once.
#[derive(Debug)]
pub(super) enum Slot<T> {
    /// Nobody has asked.
    Open,
    /// Its dependencies are being evaluated.
    Running,
    /// It is there.
    Done(T),
}

impl<T> Slot<T> {
    /// What is there, if it is.
    pub(super) fn get(&self) -> Option<&T> {
        match self {
            Self::Done(value) => Some(value),
            Self::Open | Self::Running => None,
        }
    }

    fn row(count: u32) -> Vec<Self> {
        (0..count).map(|_| Self::Open).collect()
    }
}

/// An instance of a module.
#[derive(Debug)]
pub(super) struct ModuleInstance {
    /// The declarations.
    pub(super) module: Arc<Module>,
    /// `module.a["x"].module.b`; empty for the root.
    pub(super) address: Arc<str>,
    /// The names of the calls that lead here, as in `a.b`; empty for the root.
    pub(super) path: Arc<str>,
    /// Who calls it: the instance, and the place of the call in its module. None for the root.
    pub(super) caller: Option<(u32, u32)>,
    /// How many calls lead here.
    pub(super) depth: usize,
    /// What `each` and `count` mean in the arguments of the call.
    pub(super) repetition: Repetition,
    /// Set where this instance stands for an unknown number of them.
    pub(super) representative: Option<Why>,
    /// Set where it is not known whether it exists, in words.
    pub(super) exists_when: Option<Arc<str>>,
    /// The input variables.
    pub(super) variables: Vec<Slot<Value>>,
    /// The local values.
    pub(super) locals: Vec<Slot<Value>>,
    /// The outputs.
    pub(super) outputs: Vec<Slot<Value>>,
    /// The resources and data sources.
    pub(super) resources: Vec<Slot<ResourceSet>>,
    /// The module calls.
    pub(super) calls: Vec<Slot<Expansion>>,
}

impl ModuleInstance {
    /// The root of a unit.
    pub(super) fn root(module: Arc<Module>) -> Self {
        Self::new(module, "".into(), "".into())
    }

    /// An instance with nothing evaluated.
    pub(super) fn new(module: Arc<Module>, address: Arc<str>, path: Arc<str>) -> Self {
        Self {
            variables: Slot::row(module.variables.len()),
            locals: Slot::row(module.locals.len()),
            outputs: Slot::row(module.outputs.len()),
            resources: Slot::row(module.resources.len()),
            calls: Slot::row(module.calls.len()),
            module,
            address,
            path,
            caller: None,
            depth: 0,
            repetition: Repetition::None,
            representative: None,
            exists_when: None,
        }
    }

    /// Whether it is not known that it exists.
    pub(super) fn is_doubtful(&self) -> bool {
        self.representative.is_some() || self.exists_when.is_some()
    }

    /// The address of something in this instance.
    pub(super) fn within(&self, address: &str) -> Arc<str> {
        if self.address.is_empty() { address.into() } else { format!("{}.{address}", self.address).into() }
    }
}

/// All instances of one resource block.
#[derive(Debug)]
pub(super) struct ResourceSet {
    /// The instances.
    pub(super) instances: Vec<ResourceInstance>,
    /// What a reference to the block as a whole means.
    pub(super) whole: Value,
}

/// One instance of a resource.
#[derive(Debug)]
pub(super) struct ResourceInstance {
    /// Its key.
    pub(super) index: Option<Index>,
    /// What `each` and `count` mean in it.
    pub(super) repetition: Repetition,
    /// Set where it stands for an unknown number of them.
    pub(super) representative: Option<Why>,
    /// Set where it is not known whether it exists, in words.
    pub(super) exists_when: Option<Arc<str>>,
    /// The attributes and nested blocks that are written.
    pub(super) attributes: Value,
    /// What is said about it to Terraform.
    pub(super) meta: Value,
    /// What a reference to it means: also what the provider computes.
    pub(super) seen: Value,
}

/// All instances of one module call.
#[derive(Debug)]
pub(super) struct Expansion {
    /// How the instances make up the whole.
    pub(super) shape: Shape,
    /// The instances.
    pub(super) children: Vec<Child>,
    /// The whole, once all outputs of all instances are there.
    pub(super) whole: OnceCell<Value>,
    /// Whether all outputs of all instances are there.
    pub(super) complete: Cell<bool>,
    /// The outputs, by their place in the called module, that all instances have.
    pub(super) complete_outputs: RefCell<BTreeSet<u32>>,
}

/// One instance of a module call.
#[derive(Debug)]
pub(super) struct Child {
    /// Its key.
    pub(super) index: Option<Index>,
    /// What is behind it.
    pub(super) what: ChildKind,
}

/// What an instance of a module call is.
#[derive(Debug)]
pub(super) enum ChildKind {
    /// A module, by its place in the list.
    Module(u32),
    /// A module that is not on this machine.
    Opaque(Box<OpaqueModule>),
}

/// An instance of a module that is not on this machine.
#[derive(Debug)]
pub(super) struct OpaqueModule {
    /// The arguments, once all else is evaluated: no output waits for them.
    pub(super) arguments: OnceCell<Value>,
    /// What `each` and `count` mean in them.
    pub(super) repetition: Repetition,
    /// What the call says to Terraform.
    pub(super) meta: Value,
    /// What a reference to it means.
    pub(super) seen: Value,
    /// Set where it stands for an unknown number of them.
    pub(super) representative: Option<Why>,
    /// Set where it is not known whether it exists, in words.
    pub(super) exists_when: Option<Arc<str>>,
}

impl OpaqueModule {
    /// Whether it is not known that it exists.
    pub(super) fn is_doubtful(&self) -> bool {
        self.representative.is_some() || self.exists_when.is_some()
    }
}
