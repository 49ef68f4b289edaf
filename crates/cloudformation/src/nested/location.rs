//! Where the template of a nested stack is.
//!
//! In: the declaration of the stack. Out: a file on this machine, or the template that stands in the declaration itself.
//!
//! `TemplateURL` is a path until `aws cloudformation package` (or `sam package`) has put the template into a bucket
//! (<https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html>): relative to the folder of the
//! template. Where the AWS CDK has made the template, `Metadata` names the file
//! (<https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/cx-api/lib/assets.ts>). A URL means the one template of the
//! tree whose path ends as it does, if that takes the parameters that the stack gives: so are the repositories laid out
//! whose templates are uploaded as they are (`https://${Bucket}.s3.amazonaws.com/${Prefix}templates/vpc.yaml`).

use std::ops::Range;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Content, Value};
use terravet_source::{SourceFile, Span};
use terravet_yaml::{Node, parse_json_text, parse_yaml_text};

use super::{STACK_SET, note};
use crate::evaluate::Evaluator;
use crate::loader::Loader;
use crate::local::known_end;
use crate::normalise::normalise;
use crate::recognise::recognise;
use crate::template::ResourceDeclaration;

const UNKNOWN: &str = "what it creates was not judged; scan its template by itself";

/// Where a template is, as far as it is known.
pub(super) enum Location {
    /// A path, and where it is written.
    Path(Arc<str>, Span),
    /// The end of a URL, as far as it is known, and where it is written.
    Url(String, Span),
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
    /// A file that ends as a URL does: it is the template if its parameters are those that are given, and the note tells
    /// otherwise.
    Likely(Arc<SourceFile>, Diagnostic),
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
        let value = evaluator.value(url);
        return match value.as_str() {
            Some(text) if text.contains("{{resolve:") => Location::Elsewhere(url.span),
            Some(text) if !text.contains("://") => Location::Path(text.into(), url.span),
            _ => Location::Url(known_end(&value), url.span),
        };
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
            Self::Path(text, span) => match loader.local.at(&evaluator.template.file, &text) {
                Ok(file) => Found::File(file),
                Err(message) => {
                    Found::Nothing(note(span, format!("the template of this stack is not at hand: {message}"), UNKNOWN))
                }
            },
            Self::Url(end, span) => {
                let is_template = |file: &SourceFile| recognise(file.text());
                match loader.local.named_by(&evaluator.template.file, &end, is_template) {
                    Some(Ok(file)) => {
                        let path = file.path().display();
                        let message =
                            format!("the parameters of this stack are not those of {path}, which its URL may mean");
                        let note = note(span, message, UNKNOWN);
                        Found::Likely(file, note)
                    }
                    Some(Err(message)) => Found::Nothing(note(
                        span,
                        format!("the template of this stack cannot be told: {message}"),
                        UNKNOWN,
                    )),
                    None => Self::Elsewhere(span).find(evaluator, loader),
                }
            }
            Self::Body(node) => body(evaluator, &node),
            Self::Elsewhere(span) => {
                Found::Nothing(note(span, "the template of this stack is not on this machine", UNKNOWN))
            }
            Self::Missing => Found::Missing,
        }
    }
}

/// The template that is written as text, or that functions make as text.
fn body(evaluator: &Evaluator<'_>, node: &Node) -> Found {
    match node.as_str() {
        Some(text) => parsed(evaluator, text, &evaluator.places(node)),
        None => {
            let value = evaluator.value(node);
            let Some(text) = value.as_str() else {
                let message = "the template of this stack depends on what is not known here";
                return Found::Nothing(note(node.span, message, UNKNOWN));
            };
            parsed(evaluator, text, &places(&value, node.span))
        }
    }
}

fn parsed(evaluator: &Evaluator<'_>, text: &str, at: &dyn Fn(Range<usize>) -> Span) -> Found {
    let mut diagnostics = Vec::new();
    let json = text.trim_start().starts_with('{').then(|| parse_json_text(text, at).ok()).flatten();
    let root = json.or_else(|| {
        let parsed = parse_yaml_text(text, at);
        diagnostics.extend(parsed.diagnostics);
        parsed.documents.into_iter().next()
    });
    let root = root.map(|root| normalise(&evaluator.template.file, &root, &mut diagnostics));
    Found::Body(root, diagnostics)
}

/// Where the bytes of a text stand that is made of pieces: where the piece does that they are in.
fn places(value: &Value, whole: Span) -> impl Fn(Range<usize>) -> Span + use<> {
    let mut pieces: Vec<(usize, Span, bool)> = Vec::new();
    if let Some(Content::Pieces(found)) = value.content.as_deref() {
        let mut start = 0;
        for piece in found {
            let text = piece.as_str().unwrap_or_default();
            let length = text.len();
            let span = piece.span().unwrap_or(whole);
            // The break of the last line may stand outside of the scalar.
            let is_exact =
                matches!(span.range().len(), own if own == length || own == text.trim_end_matches('\n').len());
            pieces.push((start, span, is_exact));
            start += length;
        }
    }
    move |range| {
        let at = pieces.partition_point(|(start, ..)| *start <= range.start);
        match at.checked_sub(1).and_then(|at| pieces.get(at)) {
            // Where the source has as many bytes as the text, they are the same.
            Some((start, span, true)) => {
                let end = range.end.saturating_sub(*start).min(span.range().len());
                span.slice(range.start - start, end)
            }
            Some((_, span, false)) => *span,
            None => whole,
        }
    }
}
