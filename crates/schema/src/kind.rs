//! Kinds as data: what a rule may speak about, in either language.
//!
//! Everything here is plain: no places in memory, no lazily computed fields, so that a schema can be written out and read back.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use terravet_graph::{Language, Mode};
use terravet_source::Span;

use crate::literal::Default;
use crate::path::Path;
use crate::signature::Signature;

/// One kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    /// `aws.s3.bucket`.
    pub name: Arc<str>,
    /// What it is, in one line.
    pub doc: Arc<str>,
    /// Where its subjects come from.
    pub sources: Vec<KindSource>,
    /// How its subjects are derived from the values that its sources lead to, by the name of a
    /// [`DerivationSignature`](crate::DerivationSignature); none where these are the subjects.
    pub derived: Option<Arc<str>>,
    /// Whether only the first of the subjects counts, for rules that speak about the configuration as a whole.
    pub once: bool,
    /// What else configures a subject, by the name used in paths.
    pub satellites: BTreeMap<Arc<str>, Satellite>,
    /// Attributes that name a subject, per language: a link by plain text is matched against them.
    pub identity: Vec<(Language, Path)>,
    /// Attributes by dotted name.
    pub attributes: BTreeMap<Arc<str>, Attribute>,
    /// Where it is defined.
    pub span: Span,
}

/// Native resources, or parts of them, that are subjects of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// For derived kinds: what the value is to the resource that it is written in.
    pub role: Option<Arc<str>>,
}

/// What an attribute must be for a resource or part to be a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The attribute.
    pub path: Path,
    /// It is one of these, as text.
    pub texts: Vec<Arc<str>>,
    /// It is none of these, as text.
    pub refused: Vec<Arc<str>>,
    /// It may be unset.
    pub unset: bool,
    /// Anything will do that is set.
    pub set: bool,
}

/// A resource that configures another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Satellite {
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
    /// A day, as a number (20301231), which is how days compare.
    Date,
    /// Anything; only whether it is there, and its parts, can be asked for.
    Any,
    /// Another subject of this kind, that the value refers to.
    Subject(Arc<str>),
    /// Subjects of this kind, that refer to this one or are parts of it.
    Subjects(Arc<str>),
}

impl fmt::Display for AttributeType {
    /// As it is written in a file of kinds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::Strings => f.write_str("list of string"),
            Self::Date => f.write_str("date"),
            Self::Any => f.write_str("any"),
            Self::Subject(kind) => f.write_str(kind),
            Self::Subjects(kind) => write!(f, "list of {kind}"),
        }
    }
}

/// How an attribute is read where no path leads to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Computed {
    /// By the fact of this name.
    Fact(Arc<str>),
    /// The subjects of the attribute's kind whose attribute of this name is this subject.
    Reverse(Arc<str>),
    /// The subjects of the attribute's kind that are the same resource or parts of it.
    SameResource,
    /// All subjects of the attribute's kind in the unit.
    All,
    /// By a condition over other attributes.
    Condition(DerivedCondition),
}

/// The condition of a derived attribute, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerivedCondition {
    /// Its text.
    pub text: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

/// One attribute of a kind.
#[derive(Clone, Debug, PartialEq)]
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
    pub terraform_default: Option<Default>,
    /// What it is when not written, in CloudFormation.
    pub cloudformation_default: Option<Default>,
    /// How it is computed instead.
    pub computed: Option<Computed>,
    /// Where it is defined.
    pub span: Span,
}

impl Attribute {
    /// The attribute that is a fact, by the fact's own name.
    #[must_use]
    pub fn of_fact(fact: &Signature, span: Span) -> Self {
        Self {
            name: fact.name.into(),
            doc: fact.doc.into(),
            ty: fact.result.clone(),
            terraform: Vec::new(),
            cloudformation: Vec::new(),
            terraform_default: None,
            cloudformation_default: None,
            computed: Some(Computed::Fact(fact.name.into())),
            span,
        }
    }

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
    pub fn default(&self, language: Language) -> Option<&Default> {
        match language {
            Language::Terraform => self.terraform_default.as_ref(),
            Language::CloudFormation => self.cloudformation_default.as_ref(),
        }
    }
}

impl Kind {
    /// Whether a language can write it.
    #[must_use]
    pub fn speaks(&self, language: Language) -> bool {
        self.sources.iter().any(|source| source.language == language)
    }

    /// The names of its attributes, sorted.
    pub fn attribute_names(&self) -> impl Iterator<Item = &str> {
        self.attributes.keys().map(|name| &**name)
    }
}
