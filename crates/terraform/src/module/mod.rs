//! The configuration of one module: what its files declare, before anything is evaluated.
//!
//! In: the parsed files of a folder. Out: [`Module`], the variables, locals, outputs, resources and module calls with
//! override files merged in, each with what it depends on, and diagnostics for what is declared wrongly.
//!
//! Invariants: a module is the same for every call of it, so that several calls and several units can share one;
//! references in it have been checked once, and what does not exist has been reported; declarations are in the order
//! of the files and, within one, of the source. Names within a module are looked up by binary search, never by hash.
//!
//! It evaluates nothing but constants: defaults of variables and sources of modules.

mod arguments;
mod build;
mod constraint;
mod ephemeral;
mod lifecycle;
mod names;
mod overrides;
mod reference;
mod requirements;
mod validate;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Type, Value};
use terravet_hcl::{Attribute, Block, Body, Expr};
use terravet_source::{SourceFile, Span};

pub(crate) use build::{build, constant};
pub(crate) use names::is_identifier;
pub(crate) use reference::{Reference, Target, each_reference, iterator_of, resolve_targets, resource_address};
pub(crate) use requirements::{Requirements, demand};
pub(crate) use validate::{Surroundings, check_expression};

use terravet_terraform_functions::convert::Defaults;

/// The declarations of one module.
#[derive(Debug)]
pub(crate) struct Module {
    /// The folder.
    pub(crate) folder: PathBuf,
    /// The files, to keep their text alive.
    pub(crate) files: Vec<Arc<SourceFile>>,
    /// Whether a file could not be read, so that what is not declared here may be declared there.
    pub(crate) unread: bool,
    /// Input variables.
    pub(crate) variables: Table<Variable>,
    /// Local values.
    pub(crate) locals: Table<Local>,
    /// Outputs.
    pub(crate) outputs: Table<Output>,
    /// Resources, data sources and ephemeral resources; named by their address within the module.
    pub(crate) resources: Table<ResourceBlock>,
    /// Calls of other modules.
    pub(crate) calls: Table<Call>,
    /// Configurations of providers.
    pub(crate) providers: Vec<ProviderBlock>,
    /// Assertions of `check` blocks.
    pub(crate) checks: Vec<Condition>,
    /// `import` blocks.
    pub(crate) imports: Vec<Import>,
    /// The local values that are ephemeral, by their place.
    pub(crate) ephemeral_locals: BTreeSet<u32>,
    /// What `removed` and `moved` blocks say is no longer declared.
    pub(crate) departed: Vec<Departed>,
    /// The releases of providers that it may be used with.
    pub(crate) requirements: Requirements,
    /// What is declared wrongly.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Named things in source order, found by name.
#[derive(Debug)]
pub(crate) struct Table<T> {
    items: Vec<T>,
    by_name: Vec<u32>,
}

/// What has a name within its module.
pub(crate) trait Named {
    /// The name, unique among its kind.
    fn name(&self) -> &str;
}

impl<T: Named> Table<T> {
    /// A table of these items, of whose names none occurs twice.
    pub(crate) fn new(items: Vec<T>) -> Self {
        let mut by_name: Vec<u32> = (0..u32::try_from(items.len()).unwrap_or(u32::MAX)).collect();
        by_name.sort_by(|a, b| items[*a as usize].name().cmp(items[*b as usize].name()));
        Self { items, by_name }
    }

    /// The place of the item of this name.
    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        let found = self.by_name.binary_search_by(|at| self.items[*at as usize].name().cmp(name));
        found.ok().map(|at| self.by_name[at])
    }

    /// The item of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.find(name).map(|at| &self[at])
    }

    /// The number of items.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.items.len()).unwrap_or(u32::MAX)
    }

    /// The items in source order.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }

    /// The items in source order, to be changed without changing their names.
    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.items.iter_mut()
    }

    /// The names in alphabetical order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.iter().map(|at| self.items[*at as usize].name())
    }
}

impl<T> std::ops::Index<u32> for Table<T> {
    type Output = T;

    fn index(&self, at: u32) -> &T {
        &self.items[at as usize]
    }
}

/// An expression with what has to be evaluated before it.
#[derive(Debug)]
pub(crate) struct Dependent {
    /// The expression.
    pub(crate) expr: Expr,
    /// What it refers to in its module, sorted and without duplicates.
    pub(crate) targets: Vec<Target>,
}

/// `variable "name" { ... }`.
#[derive(Debug)]
pub(crate) struct Variable {
    /// The name.
    pub(crate) name: Arc<str>,
    /// `var.name`.
    pub(crate) address: Arc<str>,
    /// The type that every value is converted to, optional attributes marked.
    pub(crate) ty: Type,
    /// The defaults within the type.
    pub(crate) defaults: Defaults,
    /// Whether a type is written. Without one, text given on the command line is taken as it is.
    pub(crate) typed: bool,
    /// The default, already of the type, and where it is written.
    pub(crate) default: Option<(Value, Span)>,
    /// Whether null is a value. If not, null means the default.
    pub(crate) nullable: bool,
    /// Whether its values must not be shown.
    pub(crate) sensitive: bool,
    /// Whether its values exist only while Terraform runs.
    pub(crate) ephemeral: bool,
    /// The validation rules.
    pub(crate) validations: Vec<Condition>,
    /// The block's header.
    pub(crate) header: Span,
}

/// One argument of a `locals` block.
#[derive(Debug)]
pub(crate) struct Local {
    /// The name.
    pub(crate) name: Arc<str>,
    /// `local.name`.
    pub(crate) address: Arc<str>,
    /// Where the name is written.
    pub(crate) span: Span,
    /// The value.
    pub(crate) value: Dependent,
}

/// `output "name" { ... }`.
#[derive(Debug)]
pub(crate) struct Output {
    /// The name.
    pub(crate) name: Arc<str>,
    /// The value.
    pub(crate) value: Dependent,
    /// Whether it is declared sensitive, as the output of a root module must be for a sensitive value.
    pub(crate) sensitive: bool,
    /// Whether it exists only while Terraform runs.
    pub(crate) ephemeral: bool,
    /// The preconditions.
    pub(crate) conditions: Vec<Condition>,
    /// The block's header.
    pub(crate) header: Span,
}

/// What a resource block declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ResourceMode {
    /// `resource`.
    Managed,
    /// `data`.
    Data,
    /// `ephemeral`: exists only while Terraform runs, and never in the graph.
    Ephemeral,
}

/// `resource "type" "name" { ... }` and its like.
#[derive(Debug)]
pub(crate) struct ResourceBlock {
    /// Which block it is.
    pub(crate) mode: ResourceMode,
    /// The type.
    pub(crate) native_type: Arc<str>,
    /// The name.
    pub(crate) name: Arc<str>,
    /// The address within the module: `aws_s3_bucket.b`, `data.aws_region.here`.
    pub(crate) address: Arc<str>,
    /// Whether it stands within a `check` block, and is seen only there.
    pub(crate) is_scoped: bool,
    /// How many instances there are.
    pub(crate) repetition: RepetitionArguments,
    /// The arguments for the provider.
    pub(crate) attributes: Vec<Attribute>,
    /// The nested blocks for the provider.
    pub(crate) blocks: Vec<Block>,
    /// What is said to Terraform about the resource: `provider`, `depends_on`.
    pub(crate) meta_attributes: Vec<Attribute>,
    /// What is said to Terraform about the resource: `lifecycle`, `provisioner`, `connection`.
    pub(crate) meta_blocks: Vec<Block>,
    /// Preconditions and postconditions.
    pub(crate) conditions: Vec<Condition>,
    /// What all of it refers to.
    pub(crate) targets: Vec<Target>,
    /// What `depends_on` names.
    pub(crate) dependencies: Vec<Target>,
    /// The whole block.
    pub(crate) span: Span,
    /// The block's header.
    pub(crate) header: Span,
}

/// `count` or `for_each` of a resource or module call.
#[derive(Debug, Default)]
pub(crate) struct RepetitionArguments {
    /// `count`. It wins where an override file adds the other.
    pub(crate) count: Option<Expr>,
    /// `for_each`.
    pub(crate) for_each: Option<Expr>,
}

/// `provider "name" { ... }`.
#[derive(Debug)]
pub(crate) struct ProviderBlock {
    /// The name of the provider within the module.
    pub(crate) name: Arc<str>,
    /// Its arguments and nested blocks.
    pub(crate) body: Body,
    /// The whole block.
    pub(crate) span: Span,
}

/// `module "name" { ... }`.
#[derive(Debug)]
pub(crate) struct Call {
    /// The name.
    pub(crate) name: Arc<str>,
    /// The source as written, where it is a constant string, and where it is written.
    pub(crate) source: Option<(Arc<str>, Span)>,
    /// The version constraint, where it is a constant string.
    pub(crate) version: Option<Arc<str>>,
    /// How many instances there are.
    pub(crate) repetition: RepetitionArguments,
    /// What `count` or `for_each` refer to.
    pub(crate) targets: Vec<Target>,
    /// The arguments by name.
    pub(crate) arguments: BTreeMap<Arc<str>, Argument>,
    /// Which configurations of providers it passes on, by the names in the called module.
    pub(crate) providers: Option<Expr>,
    /// The elements of `depends_on`.
    pub(crate) depends_on: Vec<Expr>,
    /// The whole block.
    pub(crate) span: Span,
    /// The block's header.
    pub(crate) header: Span,
}

/// One argument of a module call.
#[derive(Debug)]
pub(crate) struct Argument {
    /// Where the name is written.
    pub(crate) name_span: Span,
    /// The value.
    pub(crate) value: Dependent,
}

/// Which kind of block a condition stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConditionKind {
    /// `validation` of a variable.
    Validation,
    /// `precondition` of a resource, data source or output.
    Precondition,
    /// `postcondition` of a resource or data source.
    Postcondition,
    /// `assert` of a `check`, which only warns.
    Check,
}

/// A condition with the words for when it does not hold.
#[derive(Debug)]
pub(crate) struct Condition {
    /// Where it stands.
    pub(crate) kind: ConditionKind,
    /// What must hold.
    pub(crate) condition: Expr,
    /// The words.
    pub(crate) error_message: Option<Expr>,
    /// What both refer to.
    pub(crate) targets: Vec<Target>,
}

/// The `from` of a `removed` or `moved` block.
#[derive(Debug)]
pub(crate) struct Departed {
    /// The address within the module, where it has no key.
    pub(crate) from: Arc<str>,
    /// Where it is written.
    pub(crate) span: Span,
}

/// `import { ... }`.
#[derive(Debug)]
pub(crate) struct Import {
    /// The address of the resource within the root module.
    pub(crate) to: Arc<str>,
    /// Where the address is written.
    pub(crate) span: Span,
    /// The index of the instance, if the resource has several.
    pub(crate) index: Option<Expr>,
    /// The id.
    pub(crate) id: Expr,
    /// For each of what.
    pub(crate) for_each: Option<Expr>,
    /// What all of it refers to.
    pub(crate) targets: Vec<Target>,
}

impl Named for Variable {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for Local {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for Output {
    fn name(&self) -> &str {
        &self.name
    }
}

#[allow(clippy::misnamed_getters, reason = "a resource is found in its module by type and name together")]
impl Named for ResourceBlock {
    fn name(&self) -> &str {
        &self.address
    }
}

impl Named for Call {
    fn name(&self) -> &str {
        &self.name
    }
}

impl RepetitionArguments {
    /// The expression that decides, if there is one.
    pub(crate) fn decisive(&self) -> Option<&Expr> {
        self.count.as_ref().or(self.for_each.as_ref())
    }
}

/// The bodies of the files of a folder, the override files last.
#[derive(Debug, Default)]
pub(crate) struct ParsedFolder {
    /// Files that declare, in order of their names.
    pub(crate) primary: Vec<Body>,
    /// Files that override, in order of their names.
    pub(crate) overrides: Vec<Body>,
    /// All of them.
    pub(crate) files: Vec<Arc<SourceFile>>,
    /// What could not be read or parsed.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether a file could not be read, so that what is not declared here may be declared there.
    pub(crate) unread: bool,
}
