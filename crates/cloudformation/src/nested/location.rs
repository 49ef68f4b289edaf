//! Where the template of a nested stack is.
//!
//! In: the declaration of the stack. Out: a file on this machine, or the template that stands in the declaration itself.
//!
//! `TemplateURL` is a path until `aws cloudformation package` (or `sam package`) has put the template into a bucket
//! (<https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html>): relative to the folder of the
//! template. Where the AWS CDK has made the template, `Metadata` names the file
//! (<https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/cx-api/lib/assets.ts>).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_source::{EntryKind, SourceFile, Span, normalize};
use terravet_yaml::{Node, parse_json_text, parse_yaml_text};

use super::{STACK_SET, note};
use crate::evaluate::Evaluator;
use crate::loader::Loader;
use crate::normalise::normalise;
use crate::template::ResourceDeclaration;

const UNKNOWN: &str = "what it creates was not judged; scan its template by itself";

/// Where a template is, as far as it is known.
pub(super) enum Location {
    /// A path, and where it is written.
    Path(Arc<str>, Span),
    /// The template itself, as text, or what it is if it is not known.
    Body(Node),
    /// Nowhere on this machine, or nobody knows.
    Elsewhere(Span),
    /// Nothing is said; CloudFormation refuses that, or takes what was there before.
    Missing,
}

/// What is at a location.
pub(super) enum Found {
    File(Arc<SourceFile>),
    Body(Option<Node>, Vec<Diagnostic>),
    Nothing(Diagnostic),
    Missing,
}

/// Where the template of a stack is.
pub(super) fn of(evaluator: &Evaluator<'_>, declaration: &ResourceDeclaration) -> Location {
    let properties = declaration.properties.as_ref();
    let metadata = declaration.body.get("Metadata");
    let asset = metadata.filter(|asset| asset.get("aws:asset:property").and_then(Node::as_str) == Some("TemplateURL"));
    if let Some((path, text)) =
        asset.and_then(|asset| asset.get("aws:asset:path")).and_then(|path| Some((path, path.as_str()?)))
    {
        return Location::Path(text.into(), path.span);
    }
    if let Some(url) = properties.and_then(|properties| properties.get("TemplateURL")) {
        let text = evaluator.known_text(url).filter(|text| !text.contains("://") && !text.contains("{{resolve:"));
        return text.map_or(Location::Elsewhere(url.span), |text| Location::Path(text, url.span));
    }
    let body = properties.and_then(|properties| properties.get("TemplateBody"));
    match body.filter(|_| &*declaration.ty.text == STACK_SET) {
        Some(body) => Location::Body(body.clone()),
        None => Location::Missing,
    }
}

impl Location {
    /// What is there.
    pub(super) fn find(self, evaluator: &Evaluator<'_>, loader: &Loader) -> Found {
        match self {
            Self::Path(text, span) => match file_at(evaluator, loader, &text) {
                Ok(file) => Found::File(file),
                Err(message) => Found::Nothing(note(span, message, UNKNOWN)),
            },
            Self::Body(node) => body(evaluator, &node),
            Self::Elsewhere(span) => {
                Found::Nothing(note(span, "the template of this stack is not on this machine", UNKNOWN))
            }
            Self::Missing => Found::Missing,
        }
    }
}

fn file_at(evaluator: &Evaluator<'_>, loader: &Loader, text: &str) -> Result<Arc<SourceFile>, String> {
    let folder = evaluator.template.file.path().parent().map(Path::to_path_buf).unwrap_or_default();
    let path: PathBuf = normalize(&folder.join(text));
    if loader.sources.file_system().kind(&path) != Some(EntryKind::File) {
        return Err(format!("there is no file {}, where the template of this stack should be", path.display()));
    }
    if !loader.boundary.contains(&loader.sources, &path) {
        return Err(format!("{} lies outside of what is scanned, and was not read", path.display()));
    }
    loader.sources.load(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// The template that is written as text.
fn body(evaluator: &Evaluator<'_>, node: &Node) -> Found {
    let Some(text) = node.as_str() else {
        return Found::Nothing(note(node.span, "the template of this stack is made by a function", UNKNOWN));
    };
    let at = evaluator.places(node);
    let mut diagnostics = Vec::new();
    let json = text.trim_start().starts_with('{').then(|| parse_json_text(text, &at).ok()).flatten();
    let root = json.or_else(|| {
        let parsed = parse_yaml_text(text, &at);
        diagnostics.extend(parsed.diagnostics);
        parsed.documents.into_iter().next()
    });
    let root = root.map(|root| normalise(&evaluator.template.file, &root, &mut diagnostics));
    Found::Body(root, diagnostics)
}
