//! The comments of a file of configuration, and what they can be about: blocks and arguments.

use terravet_frontend::annotations::{Addresses, Annotations, Comment, Element};
use terravet_hcl::{Block, Body, Item};
use terravet_source::SourceFile;

/// What is written beside the configuration in a file. `in_root` tells whether the calls in it are those of the root module.
pub(crate) fn read(file: &SourceFile, in_root: bool) -> Annotations {
    let is_entry = file.path().extension().is_some_and(|extension| extension == "json");
    let comment = |span| Comment { span, text: file.slice(span).to_owned(), is_entry };
    let mut elements = Vec::new();
    collect(&terravet_hcl::parse(file).body, true, in_root, &mut elements);
    elements.sort_by_key(|element| (element.span.start, std::cmp::Reverse(element.span.end)));
    let comments = terravet_hcl::comments(file).into_iter().map(comment).collect();
    Annotations { comments, elements, metadata: Vec::new() }
}

/// The elements of a body. The recursion ends where the parser's limit of nesting does.
fn collect(body: &Body, is_whole: bool, in_root: bool, elements: &mut Vec<Element>) {
    for item in body.items() {
        let (span, creates) = match item {
            Item::Attribute(attribute) => (attribute.span, None),
            Item::Block(block) => (block.span, created(block, in_root).filter(|_| is_whole)),
        };
        elements.push(Element { span, end: span.end, is_whole, creates });
        if let Item::Block(block) = item {
            collect(&block.body, false, in_root, elements);
        }
    }
}

/// What a block creates, if it calls a module.
fn created(block: &Block, from_root: bool) -> Option<Addresses> {
    if &*block.kind.name != "module" {
        return None;
    }
    let name = &block.labels.first()?.text;
    Some(Addresses { call: format!("module.{name}").into(), from_root })
}
