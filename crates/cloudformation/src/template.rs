//! A template, read into its sections.
//!
//! In: the text of a file. Out: a [`Template`]: declarations of parameters, mappings, conditions, rules, resources and outputs
//! in the order of the source, each with its places. What is malformed is a diagnostic, and the rest is kept.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_source::{SourceFile, Span};
use terravet_yaml::{Node, Parsed, parse_json, parse_yaml};

use crate::include::INCLUDE;
use crate::normalise::normalise;

/// The transform that allows `Fn::ForEach`, `Fn::Length`, `Fn::ToJsonString` and default values of `Fn::FindInMap`.
pub(crate) const LANGUAGE_EXTENSIONS: &str = "AWS::LanguageExtensions";

/// A name that stands for something in the template, with where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) text: Arc<str>,
    pub(crate) span: Span,
}

/// A parameter.
#[derive(Clone, Debug)]
pub(crate) struct ParameterDeclaration {
    pub(crate) name: Name,
    /// Its type, as written.
    pub(crate) ty: Arc<str>,
    /// All that is said about it: a mapping.
    pub(crate) body: Node,
}

/// A condition.
#[derive(Clone, Debug)]
pub(crate) struct ConditionDeclaration {
    pub(crate) name: Name,
    pub(crate) body: Node,
}

/// A rule over parameters.
#[derive(Clone, Debug)]
pub(crate) struct RuleDeclaration {
    pub(crate) condition: Option<Node>,
    /// Each assertion, with what it says about itself.
    pub(crate) assertions: Vec<(Node, Option<Arc<str>>)>,
}

/// A resource.
#[derive(Clone, Debug)]
pub(crate) struct ResourceDeclaration {
    pub(crate) name: Name,
    pub(crate) ty: Name,
    /// The condition under which it exists.
    pub(crate) condition: Option<Name>,
    pub(crate) properties: Option<Node>,
    /// `DependsOn`, as logical ids.
    pub(crate) depends_on: Vec<Name>,
    /// All that is said about it: a mapping.
    pub(crate) body: Node,
}

/// An output.
#[derive(Clone, Debug)]
pub(crate) struct OutputDeclaration {
    pub(crate) name: Name,
    pub(crate) condition: Option<Name>,
    pub(crate) value: Node,
    /// The name under which other stacks may import it.
    pub(crate) export: Option<Node>,
}

/// A template.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) file: Arc<SourceFile>,
    /// The files whose snippets it includes.
    pub(crate) included: Vec<Arc<SourceFile>>,
    /// Whether a transform that was not run may add to its sections.
    pub(crate) open: bool,
    /// The whole.
    pub(crate) span: Span,
    pub(crate) transforms: Vec<Name>,
    pub(crate) parameters: Vec<ParameterDeclaration>,
    /// The mappings: each a mapping of mappings.
    pub(crate) mappings: BTreeMap<Arc<str>, Node>,
    pub(crate) conditions: Vec<ConditionDeclaration>,
    pub(crate) rules: Vec<RuleDeclaration>,
    pub(crate) resources: Vec<ResourceDeclaration>,
    pub(crate) outputs: Vec<OutputDeclaration>,
    /// The place of each resource in `resources`.
    pub(crate) by_id: BTreeMap<Arc<str>, usize>,
    /// The types of SAM that resources were written with, by logical id.
    pub(crate) serverless_types: BTreeMap<Arc<str>, Arc<str>>,
}

impl Template {
    /// Whether it uses a transform.
    pub(crate) fn has_transform(&self, name: &str) -> bool {
        self.transforms.iter().any(|transform| &*transform.text == name)
    }

    /// The transforms that are not understood: macros of the account's own.
    pub(crate) fn macros(&self) -> impl Iterator<Item = &Name> {
        let known = |name: &str| {
            matches!(name, LANGUAGE_EXTENSIONS | terravet_sam::TRANSFORM | INCLUDE | "AWS::SecretsManager-2020-07-23")
                || name.starts_with("AWS::CodeDeployBlueGreen")
                || name.starts_with("AWS::SecretsManager-")
                || name.starts_with("AWS::ServiceCatalog")
        };
        self.transforms.iter().filter(move |transform| !known(&transform.text))
    }

    /// Whether transforms that were not run may make something else of it.
    pub(crate) fn is_open(&self) -> bool {
        self.open || self.macros().next().is_some()
    }

    /// The texts that it is made of.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.file).chain(&self.included).map(|file| file.text())
    }

    /// The text at a place in it; empty for a place elsewhere.
    pub(crate) fn slice(&self, span: Span) -> &str {
        let mut files = std::iter::once(&self.file).chain(&self.included);
        files.find(|file| file.id() == span.file).map_or("", |file| file.slice(span))
    }

    /// A parameter's declaration.
    pub(crate) fn parameter(&self, name: &str) -> Option<&ParameterDeclaration> {
        self.parameters.iter().find(|parameter| &*parameter.name.text == name)
    }

    /// A resource's declaration.
    pub(crate) fn resource(&self, id: &str) -> Option<&ResourceDeclaration> {
        self.by_id.get(id).map(|at| &self.resources[*at])
    }

    /// Whether a condition is declared.
    pub(crate) fn has_condition(&self, name: &str) -> bool {
        self.conditions.iter().any(|condition| &*condition.name.text == name)
    }
}

/// Parses a file into the one form of a template; none where it is no YAML and no JSON.
///
/// A text that begins with a brace is JSON, as CloudFormation takes it; in a file that is not called so, YAML's flow style
/// is read as well.
pub(crate) fn parse(file: &SourceFile, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
    let parsed = parse_text(file);
    let failed = parsed.documents.is_empty() && !parsed.diagnostics.is_empty();
    diagnostics.extend(parsed.diagnostics);
    if failed {
        return None;
    }
    let mut documents = parsed.documents.into_iter();
    let first = documents.next();
    if let Some(second) = documents.next() {
        let message = "a template is one document, and a second begins here";
        diagnostics.push(
            Diagnostic::error("cloudformation-shape", second.span, message)
                .with_help("split the file; the second document was not judged"),
        );
    }
    let Some(first) = first else {
        let place = Span::start_of(file.id());
        diagnostics.push(
            Diagnostic::error("cloudformation-shape", place, "the template is empty")
                .with_help("a template needs at least `Resources`"),
        );
        return None;
    };
    Some(normalise(file, &first, diagnostics))
}

/// The text of a template as a tree, as it is written: JSON, or YAML, also where YAML begins with a brace.
#[must_use]
pub(crate) fn parse_text(file: &SourceFile) -> Parsed {
    if !file.text().trim_start().starts_with('{') {
        return parse_yaml(file);
    }
    let json = parse_json(file);
    if !json.documents.is_empty() || has_extension(file.path(), "json") {
        return json;
    }
    let yaml = parse_yaml(file);
    if yaml.documents.is_empty() && has_extension(file.path(), "template") { json } else { yaml }
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}
