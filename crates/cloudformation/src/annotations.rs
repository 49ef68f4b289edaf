//! The comments of a template and the metadata of its resources, and what comments can be about: its entries.

use terravet_frontend::annotations::{Annotations, Comment, Element, Metadata};
use terravet_source::SourceFile;
use terravet_yaml::{Node, NodeKind};

use crate::template::parse_text;

/// The section whose entries are resources.
const RESOURCES: &str = "Resources";

/// What is written beside the configuration in a template.
pub(crate) fn read(file: &SourceFile) -> Annotations {
    let is_json = file.text().trim_start().starts_with('{');
    let comments = if is_json { Vec::new() } else { terravet_yaml::comments(file) };
    let comment = |comment: terravet_yaml::Comment| Comment { span: comment.span, text: comment.text, is_entry: false };
    let mut annotations =
        Annotations { comments: comments.into_iter().map(comment).collect(), ..Annotations::default() };
    let parsed = parse_text(file);
    if let Some(document) = parsed.documents.first() {
        let end = u32::try_from(file.text().len()).unwrap_or(u32::MAX);
        collect(document, end, &[], &mut annotations.elements);
        annotations.metadata = metadata(document);
    }
    annotations
}

/// The elements of a node. The recursion ends where the parser's limit of nesting does.
fn collect(node: &Node, end: u32, path: &[&str], elements: &mut Vec<Element>) {
    match &node.kind {
        NodeKind::Mapping(entries) => {
            for (at, entry) in entries.iter().enumerate() {
                let key = entry.key.as_str().unwrap_or_default();
                let next = entries.get(at + 1).map_or(end, |next| next.key.span.start);
                let is_whole = *path == [RESOURCES] || (path.is_empty() && key != RESOURCES);
                elements.push(Element { span: entry.span(), end: next, is_whole, creates: None });
                // An alias stands for what is written elsewhere.
                if entry.value.span.start >= entry.key.span.end {
                    let inner: &[&str] = if path.is_empty() { &[key] } else { &["", ""] };
                    collect(&entry.value, next, inner, elements);
                }
            }
        }
        NodeKind::Sequence(items) => {
            for (at, item) in items.iter().enumerate() {
                let next = items.get(at + 1).map_or(end, |next| next.span.start);
                elements.push(Element { span: item.span, end: next, is_whole: false, creates: None });
                collect(item, next, &["", ""], elements);
            }
        }
        NodeKind::Scalar { .. } => {}
    }
}

/// What is said of each resource: templates in JSON have no comments.
fn metadata(template: &Node) -> Vec<Metadata> {
    let resources = template.get(RESOURCES).and_then(Node::as_mapping).unwrap_or_default().iter();
    let said = resources.filter_map(|resource| {
        let tree = resource.value.get("Metadata")?.clone();
        Some(Metadata { resource: resource.span(), tree })
    });
    said.collect()
}
