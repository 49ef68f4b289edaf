//! Whether what a kind says of native types is so: that there are the types, and that they have what its paths lead to.
//!
//! In: a kind, and the mapping that it was read from, for the places. Out: a diagnostic for each name that there is not. A
//! path counts where one of the types that it may be read from has it, since a kind may speak of several; a source's `at` counts
//! where each of its types has it.

use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Language, Mode};
use terravet_source::Span;
use terravet_yaml::Node;

use super::{LANGUAGES, items};
use crate::kind::{Kind, KindSource};
use crate::names::{NameError, check_path, check_type};
use crate::path::{Path, PathRoot};

/// What may be said about resources as a whole, in either language.
const META: [&str; 11] = [
    "count",
    "for_each",
    "depends_on",
    "provider",
    "lifecycle",
    "DependsOn",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "UpdatePolicy",
    "CreationPolicy",
    "Metadata",
];

/// Where a path may begin: a type, and what leads to the subject within it.
struct Base<'k> {
    mode: Mode,
    native: &'k str,
    before: &'k [Arc<str>],
}

/// Checks a kind, as it was read from `node`.
pub(super) fn check(kind: &Kind, node: &Node, problems: &mut Vec<Diagnostic>) {
    for (language, key) in LANGUAGES {
        for source in node.get(key).map(items).unwrap_or_default() {
            check_source(language, source, problems);
        }
        let whole: Vec<Base<'_>> = kind.sources.iter().filter(|it| it.language == language).flat_map(whole).collect();
        let identity = node.get("identity").and_then(|node| node.get(key));
        for path in identity.map(items).unwrap_or_default() {
            check_paths(language, &whole, path, problems);
        }
        for attribute in node.get("attributes").and_then(Node::as_mapping).unwrap_or_default() {
            for path in attribute.value.get(key).map(items).unwrap_or_default() {
                check_attribute(kind, language, path, problems);
            }
        }
    }
    for satellite in node.get("satellites").and_then(Node::as_mapping).unwrap_or_default() {
        for (language, key) in LANGUAGES {
            let types = satellite.value.get(key).map(items).unwrap_or_default();
            check_types(language, types, problems);
            let bases: Vec<Base<'_>> = types.iter().filter_map(Node::as_str).map(managed).collect();
            for link in satellite.value.get("links").map(items).unwrap_or_default().iter().filter(|_| !bases.is_empty())
            {
                check_paths(language, &bases, link, problems);
            }
        }
    }
}

fn managed(native: &str) -> Base<'_> {
    Base { mode: Mode::Managed, native, before: &[] }
}

/// The types of a source as a whole.
fn whole(source: &KindSource) -> impl Iterator<Item = Base<'_>> {
    source.types.iter().map(|native| Base { mode: source.mode, native, before: &[] })
}

/// A native type as it is written, `data.` before those that are read.
fn written_mode(native: &str) -> (Mode, &str) {
    native.strip_prefix("data.").map_or((Mode::Managed, native), |native| (Mode::Data, native))
}

fn refuse(span: Span, error: NameError, problems: &mut Vec<Diagnostic>) {
    let problem = Diagnostic::error("kinds", span, error.message);
    problems.push(match error.suggestion {
        Some(question) => problem.with_help(question),
        None => problem,
    });
}

fn check_types(language: Language, types: &[Node], problems: &mut Vec<Diagnostic>) {
    for node in types {
        let (mode, native) = written_mode(node.as_str().unwrap_or_default());
        if let Err(error) = check_type(language, mode, native) {
            refuse(node.span, error, problems);
        }
    }
}

fn check_source(language: Language, source: &Node, problems: &mut Vec<Diagnostic>) {
    if source.as_str().is_some() {
        return check_types(language, std::slice::from_ref(source), problems);
    }
    let types = source.get("type").map(items).unwrap_or_default();
    check_types(language, types, problems);
    let at = source.get("at").and_then(|node| Some((node, Path::parse(node.as_str()?).ok()?)));
    for node in types {
        let (mode, native) = written_mode(node.as_str().unwrap_or_default());
        if let Some((place, path)) = &at
            && let Err(error) = check_path(language, mode, native, &path.segments)
        {
            refuse(place.span, error, problems);
        }
    }
    let before = at.map(|(_, path)| path.segments).unwrap_or_default();
    let bases: Vec<Base<'_>> = types
        .iter()
        .filter_map(|node| {
            let (mode, native) = written_mode(node.as_str()?);
            Some(Base { mode, native, before: &before })
        })
        .collect();
    for filter in source.get("where").and_then(Node::as_mapping).unwrap_or_default() {
        check_paths(language, &bases, &filter.key, problems);
    }
}

fn check_attribute(kind: &Kind, language: Language, node: &Node, problems: &mut Vec<Diagnostic>) {
    let Some(path) = node.as_str().and_then(|text| Path::parse(text).ok()) else { return };
    let sources = kind.sources.iter().filter(|source| source.language == language);
    let bases: Vec<Base<'_>> = match &path.root {
        PathRoot::Owner => sources.flat_map(whole).collect(),
        PathRoot::Own => sources
            .flat_map(|source| {
                // What is derived reads from the resource as a whole.
                let at = source.at.as_ref().filter(|_| source.role.is_none());
                let before = at.map_or(&[][..], |at| &at.segments);
                source.types.iter().map(move |native| Base { mode: source.mode, native, before })
            })
            .collect(),
        PathRoot::Satellite(name) => {
            kind.satellites.get(name).map_or_else(Vec::new, |it| it.types.iter().map(|it| managed(it)).collect())
        }
        PathRoot::Meta => {
            let first = path.segments.first().map_or("", |first| &**first);
            if !META.contains(&first) {
                let problem =
                    Diagnostic::error("kinds", node.span, format!("resources have no meta-argument `{first}`"));
                problems.push(problem.with_suggestion(first, META));
            }
            return;
        }
    };
    if bases.is_empty() && path.root == PathRoot::Own {
        let message = "the kind has no type in this language that the path could be read from";
        problems.push(Diagnostic::error("kinds", node.span, message));
        return;
    }
    check_path_among(language, &bases, &path, node.span, problems);
}

fn check_paths(language: Language, bases: &[Base<'_>], node: &Node, problems: &mut Vec<Diagnostic>) {
    if let Some(path) = node.as_str().and_then(|text| Path::parse(text).ok()) {
        check_path_among(language, bases, &path, node.span, problems);
    }
}

/// A path that none of the types has.
fn check_path_among(language: Language, bases: &[Base<'_>], path: &Path, span: Span, problems: &mut Vec<Diagnostic>) {
    let errors: Result<Vec<NameError>, ()> = bases
        .iter()
        .map(|base| {
            let segments: Vec<Arc<str>> = base.before.iter().chain(&path.segments).cloned().collect();
            check_path(language, base.mode, base.native, &segments).err().ok_or(())
        })
        .collect();
    let Ok(errors) = errors else { return };
    let with_hint = errors.iter().find(|error| error.suggestion.is_some());
    if let Some(error) = with_hint.or_else(|| errors.first()) {
        refuse(span, error.clone(), problems);
    }
}
