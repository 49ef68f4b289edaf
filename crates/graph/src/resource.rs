//! Resources and the graph of one unit.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_source::{FileId, Span};

use crate::unknown::{Reference, Why};
use crate::value::{Entries, Value};

/// The language that a resource was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Terraform or OpenTofu.
    Terraform,
    /// CloudFormation or SAM.
    CloudFormation,
}

impl Language {
    /// The word for it, as rule pages write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Terraform => "terraform",
            Self::CloudFormation => "cloudformation",
        }
    }
}

/// Whether a resource is managed, only read, or a module that could not be looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Created and changed by the unit.
    Managed,
    /// A data source.
    Data,
    /// A call of a module that is not on this machine: its arguments are the attributes; what it creates is unknown.
    OpaqueModule,
    /// A resource that such a module creates, as far as an outline of the module tells: attributes that are not there are
    /// not known.
    Outlined,
}

/// What tells the instances of one block apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Index {
    /// By `count`.
    Number(usize),
    /// By a key of `for_each`.
    Key(Arc<str>),
}

impl fmt::Display for Index {
    /// As in an address: `[0]`, `["a"]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "[{number}]"),
            Self::Key(key) => {
                f.write_str("[\"")?;
                write_quoted(f, key)?;
                f.write_str("\"]")
            }
        }
    }
}

/// Text as a quoted string of HCL, in which `${` and `%{` would begin templates.
fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '$' | '%' if rest.peek() == Some(&'{') => write!(f, "{character}{character}")?,
            control if control.is_control() => write!(f, "\\u{:04x}", u32::from(control))?,
            other => f.write_char(other)?,
        }
    }
    Ok(())
}

/// One instance of a resource.
#[derive(Clone, Debug)]
pub struct Resource {
    /// `module.m["a"].aws_s3_bucket.b[0]`, `data.aws_region.here`, or a logical id.
    pub address: Arc<str>,
    /// The address of the module instance that it stands in, empty for the root; for a nested stack the path of logical ids.
    pub module: Arc<str>,
    /// The language.
    pub language: Language,
    /// Managed or read.
    pub mode: Mode,
    /// `aws_s3_bucket`, `AWS::S3::Bucket`.
    pub native_type: Arc<str>,
    /// What it was written as, where a transform made the type that it has: `AWS::Serverless::Function`.
    pub written_type: Option<Arc<str>>,
    /// `b`, or the logical id.
    pub name: Arc<str>,
    /// Which instance of its block, if the block has several.
    pub index: Option<Index>,
    /// Attributes (Terraform, nested blocks as tuples of objects) or properties (CloudFormation): an object.
    pub attributes: Value,
    /// What is said about the resource and not to the provider: `lifecycle`, `provider`, `depends_on`; or `Metadata`,
    /// `DeletionPolicy` and their like: an object.
    pub meta: Value,
    /// The whole block.
    pub block: Span,
    /// What a diagnostic about something absent points to: the block's header, the logical id.
    pub header: Span,
    /// Set when the number of instances is not known: this one stands for all, and why.
    pub representative: Option<Why>,
    /// Set when it is not known whether the resource exists at all, in words.
    pub exists_when: Option<Arc<str>>,
}

impl Resource {
    /// The type that people know it by: the one that is written.
    #[must_use]
    pub fn shown_type(&self) -> &Arc<str> {
        self.written_type.as_ref().unwrap_or(&self.native_type)
    }

    /// The address that people know it by. What a module that is not on this machine creates goes by the address of the
    /// call, which is where it is written and can be changed.
    #[must_use]
    pub fn shown_address(&self) -> &Arc<str> {
        match self.mode {
            Mode::Outlined => &self.module,
            Mode::Managed | Mode::Data | Mode::OpaqueModule => &self.address,
        }
    }
}

/// The place of a resource in its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(pub u32);

/// The native types that outlines tell of, by the address of the module call.
pub type Outlined = BTreeMap<Arc<str>, BTreeSet<Arc<str>>>;

/// The evaluated resources of one unit.
#[derive(Debug)]
pub struct Graph {
    /// The file or folder that the unit is known by.
    pub root: Arc<str>,
    /// A file of the unit, for diagnostics about the unit as a whole.
    pub file: FileId,
    /// The resources in the order of modules and, within one, of the source.
    pub resources: Vec<Resource>,
    /// The outputs of the root module or template.
    pub outputs: Entries,
    /// The conditions of a template.
    pub conditions: Entries,
    /// The types of the resources that outlines tell of, by the address of the call of a module that is not on this machine.
    /// Of these types the module creates what is in the graph and no more.
    pub outlined: Outlined,
    /// What could not be read or evaluated, and notes.
    pub diagnostics: Vec<Diagnostic>,
    by_address: BTreeMap<Arc<str>, Vec<ResourceId>>,
}

impl Graph {
    /// A graph of these resources.
    #[must_use]
    pub fn new(root: Arc<str>, file: FileId, resources: Vec<Resource>) -> Self {
        let mut by_address: BTreeMap<Arc<str>, Vec<ResourceId>> = BTreeMap::new();
        for (at, resource) in resources.iter().enumerate() {
            let id = ResourceId(u32::try_from(at).unwrap_or(u32::MAX));
            by_address.entry(Arc::clone(&resource.address)).or_default().push(id);
            if let Some(index) = &resource.index {
                // A reference without an index may mean any instance of the block.
                let suffix = index.to_string();
                let block = resource.address.strip_suffix(suffix.as_str()).unwrap_or(&resource.address);
                by_address.entry(block.into()).or_default().push(id);
            }
        }
        Self {
            root,
            file,
            resources,
            outputs: Entries::new(),
            conditions: Entries::new(),
            outlined: Outlined::new(),
            diagnostics: Vec::new(),
            by_address,
        }
    }

    /// A resource by its id.
    #[must_use]
    pub fn resource(&self, id: ResourceId) -> &Resource {
        &self.resources[id.0 as usize]
    }

    /// All resources with their ids, in order.
    pub fn iter(&self) -> impl Iterator<Item = (ResourceId, &Resource)> {
        self.resources
            .iter()
            .enumerate()
            .map(|(at, resource)| (ResourceId(u32::try_from(at).unwrap_or(u32::MAX)), resource))
    }

    /// The resources that an address means: one, all instances of a block, or none.
    #[must_use]
    pub fn at(&self, address: &str) -> &[ResourceId] {
        self.by_address.get(address).map_or(&[], Vec::as_slice)
    }

    /// The resources that a reference leads to.
    #[must_use]
    pub fn resolve(&self, reference: &Reference) -> &[ResourceId] {
        self.at(&reference.resource)
    }
}
