//! The types of the vocabulary.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Language, Mode, Value};
use terravet_source::Span;

use crate::path::Path;

/// All kinds by name.
#[derive(Debug, Default)]
pub struct Vocabulary {
    pub(crate) kinds: BTreeMap<Arc<str>, Kind>,
}

/// One kind.
#[derive(Debug)]
pub struct Kind {
    /// `aws.s3.bucket`.
    pub name: Arc<str>,
    /// What it is, in one line.
    pub doc: Arc<str>,
    /// Where its subjects come from.
    pub sources: Vec<KindSource>,
    /// What else configures a subject, by the name used in paths.
    pub companions: BTreeMap<Arc<str>, Companion>,
    /// Attributes that name a subject, per language: a link by plain text is matched against them.
    pub identity: Vec<(Language, Path)>,
    /// Attributes by dotted name.
    pub attributes: BTreeMap<Arc<str>, Attribute>,
    /// Where it is defined.
    pub span: Span,
}

/// Native resources, or parts of them, that are subjects of a kind.
#[derive(Debug, Clone)]
pub struct KindSource {
    /// In which language.
    pub language: Language,
    /// Managed or read.
    pub mode: Mode,
    /// The native types.
    pub types: Vec<Arc<str>>,
    /// Where in the resource the subjects stand; none for the resource as a whole.
    pub at: Option<Path>,
    /// What attributes of the subject must be for it to count.
    pub filters: Vec<Filter>,
    /// For kinds that are (parts of) policies: what the policy is attached to says who it speaks to.
    pub policy: Option<PolicyUse>,
}

/// What an attribute must be for a resource or part to be a subject.
#[derive(Debug, Clone)]
pub struct Filter {
    /// The attribute.
    pub path: Path,
    /// It is one of these, as text.
    pub texts: Vec<Arc<str>>,
    /// It may be unset.
    pub unset: bool,
    /// Anything will do that is set.
    pub set: bool,
}

/// What a policy does where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyUse {
    /// Says what a user, group or role may do.
    Identity,
    /// Says who may use a resource.
    Resource,
    /// Says who may assume a role.
    Trust,
    /// Bounds what others allow (boundaries, service and resource control policies, endpoint policies).
    Boundary,
    /// A document that is not attached here.
    Document,
}

impl PolicyUse {
    /// All uses with the word for each.
    pub const ALL: [(PolicyUse, &'static str); 5] = [
        (Self::Identity, "identity"),
        (Self::Resource, "resource"),
        (Self::Trust, "trust"),
        (Self::Boundary, "boundary"),
        (Self::Document, "document"),
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(policy_use, _)| *policy_use == self).map_or("", |(_, word)| word)
    }
}

/// A resource that configures another one.
#[derive(Debug, Clone)]
pub struct Companion {
    /// In which language.
    pub language: Language,
    /// Its native types.
    pub types: Vec<Arc<str>>,
    /// The attributes of it that may name the resource that it configures.
    pub links: Vec<Path>,
    /// Whether one that configures a resource outside the unit is a subject by itself, of which only that part is known.
    pub stands_alone: bool,
}

/// The type of a kind's attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeType {
    /// True or false; text `"true"` reads as true, as both languages have it.
    Bool,
    /// A number; text of digits reads as one.
    Number,
    /// Text; numbers and bools read as text.
    String,
    /// A list of texts, gathered from all paths.
    Strings,
    /// Anything; only whether it is there, and its parts, can be asked for.
    Any,
    /// Another subject of this kind, that the value refers to.
    Subject(Arc<str>),
    /// Subjects of this kind, that refer to this one or are parts of it.
    Subjects(Arc<str>),
}

/// How an attribute is read where no path leads to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Computed {
    /// By a function of [`crate::facts`], by name; with how many arguments.
    Fact(Arc<str>, usize),
    /// The subjects of the attribute's kind whose attribute of this name is this subject.
    Reverse(Arc<str>),
    /// The subjects of the attribute's kind that are the same resource or parts of it.
    SameResource,
    /// All subjects of the attribute's kind in the unit.
    All,
}

/// One attribute of a kind.
#[derive(Debug)]
pub struct Attribute {
    /// Dotted name, `encryption.algorithm`.
    pub name: Arc<str>,
    /// What it means, in one line, with the unit.
    pub doc: Arc<str>,
    /// Its type.
    pub ty: AttributeType,
    /// Where Terraform has it, in the order of preference.
    pub terraform: Vec<Path>,
    /// Where CloudFormation has it.
    pub cloudformation: Vec<Path>,
    /// What it is when not written, in Terraform.
    pub terraform_default: Option<Value>,
    /// What it is when not written, in CloudFormation.
    pub cloudformation_default: Option<Value>,
    /// How it is computed instead.
    pub computed: Option<Computed>,
}

impl Attribute {
    /// The paths in a language.
    #[must_use]
    pub fn paths(&self, language: Language) -> &[Path] {
        match language {
            Language::Terraform => &self.terraform,
            Language::CloudFormation => &self.cloudformation,
        }
    }

    /// The default in a language.
    #[must_use]
    pub fn default(&self, language: Language) -> Option<&Value> {
        match language {
            Language::Terraform => self.terraform_default.as_ref(),
            Language::CloudFormation => self.cloudformation_default.as_ref(),
        }
    }
}

/// What is wrong with a vocabulary beyond its syntax. The fault of whoever wrote the `kinds.yaml`.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct VocabularyError {
    /// Where.
    pub span: Span,
    /// What is wrong and what to do.
    pub message: String,
}

impl Vocabulary {
    /// All kinds in the order of their names.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.values()
    }

    /// A kind by name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.get(name)
    }

    /// The kind whose name is most like `name`, for "did you mean".
    #[must_use]
    pub fn nearest_kind(&self, name: &str) -> Option<&str> {
        nearest(name, self.kinds.keys().map(|kind| &**kind))
    }
}

impl Kind {
    /// Whether a language can write it.
    #[must_use]
    pub fn speaks(&self, language: Language) -> bool {
        self.sources.iter().any(|source| source.language == language)
    }

    /// The attribute whose name is most like `name`, for "did you mean".
    #[must_use]
    pub fn nearest_attribute(&self, name: &str) -> Option<&str> {
        nearest(name, self.attributes.keys().map(|attribute| &**attribute))
    }
}

/// The most similar of `names`, where one is similar enough to be meant.
pub(crate) fn nearest<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| (strsim::jaro_winkler(given, name), name))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
