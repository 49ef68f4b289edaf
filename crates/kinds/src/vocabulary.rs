//! The types of the vocabulary.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Graph, Language, Mode, Value};
use terravet_source::{SourceFile, Span};

use crate::chapter::Chapter;
use crate::path::Path;

/// All kinds by name. A file of kinds is read when one of its kinds is first asked for: a scan of a small folder concerns a
/// few services out of many.
#[derive(Debug, Default)]
pub struct Vocabulary {
    pub(crate) chapters: Vec<Chapter>,
    /// The chapter of each kind.
    pub(crate) by_name: BTreeMap<Arc<str>, usize>,
    /// The chapters that mention each native type.
    by_type: BTreeMap<Arc<str>, Vec<usize>>,
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
    /// What its subjects are of the policies that its sources lead to, for kinds that are about policies.
    pub policies: Option<PolicyParts>,
    /// Whether only the first of the subjects counts, for rules that speak about the configuration as a whole.
    pub once: bool,
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
    /// It is none of these, as text.
    pub refused: Vec<Arc<str>>,
    /// It may be unset.
    pub unset: bool,
    /// Anything will do that is set.
    pub set: bool,
}

/// What of a policy the subjects of a kind are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyParts {
    /// Each statement.
    Statements,
    /// The whole document. A subject that is a resource stands for all policies that it has been given.
    Documents,
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

impl Vocabulary {
    /// The vocabulary of these files.
    #[must_use]
    pub fn new(files: &[Arc<SourceFile>]) -> Self {
        let mut vocabulary = Self::default();
        for (at, file) in files.iter().enumerate() {
            let chapter = Chapter::new(Arc::clone(file));
            let words = chapter.words();
            for kind in words.kinds {
                vocabulary.by_name.entry(kind.into()).or_insert(at);
            }
            for native in words.types {
                vocabulary.by_type.entry(native.into()).or_default().push(at);
            }
            vocabulary.chapters.push(chapter);
        }
        vocabulary
    }

    /// Everything that is wrong with the files, each at its place. Reads all of them.
    #[must_use]
    pub fn problems(&self) -> Vec<Diagnostic> {
        let mut problems: Vec<Diagnostic> =
            self.chapters.iter().flat_map(|chapter| chapter.problems().iter().cloned()).collect();
        for (at, chapter) in self.chapters.iter().enumerate() {
            for kind in chapter.kinds() {
                if self.by_name.get(&kind.name) != Some(&at) {
                    let message = format!("the kind {} is defined twice", kind.name);
                    problems.push(Diagnostic::error("kinds", kind.span, message));
                }
                kind.check_references(self, &mut problems);
            }
        }
        problems
    }

    /// All kinds in the order of their names. Reads all files.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.by_name.keys().filter_map(|name| self.kind(name))
    }

    /// The names of all kinds, in order. Reads no file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(|name| &**name)
    }

    /// A kind by name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.chapters[*self.by_name.get(name)?].kinds().iter().find(|kind| &*kind.name == name)
    }

    /// The kinds that may have subjects in a graph; others certainly have none. Reads no file.
    #[must_use]
    pub fn concerned(&self, graph: &Graph) -> BTreeSet<&str> {
        let types: BTreeSet<&str> = graph.resources.iter().map(|resource| &*resource.native_type).collect();
        let chapters: BTreeSet<usize> =
            types.into_iter().filter_map(|native| self.by_type.get(native)).flatten().copied().collect();
        self.by_name.iter().filter(|(_, at)| chapters.contains(at)).map(|(name, _)| &**name).collect()
    }
}

impl Kind {
    /// Checks that the kinds that attributes speak of exist.
    fn check_references(&self, vocabulary: &Vocabulary, problems: &mut Vec<Diagnostic>) {
        let error = |message: String| Diagnostic::error("kinds", self.span, message);
        for attribute in self.attributes.values() {
            let (AttributeType::Subject(other) | AttributeType::Subjects(other)) = &attribute.ty else { continue };
            match (vocabulary.kind(other), &attribute.computed) {
                (None, _) => {
                    let message = format!("{} speaks of a kind {other} that there is not", attribute.name);
                    problems.push(error(message).with_suggestion(other, vocabulary.names()));
                }
                (Some(other), Some(Computed::Reverse(back))) if !other.attributes.contains_key(back) => {
                    problems.push(error(format!("{} has no attribute `{back}` to come back by", other.name)));
                }
                _ => {}
            }
        }
    }

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
