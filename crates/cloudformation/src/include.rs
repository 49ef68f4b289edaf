//! `AWS::Include`: snippets of templates that stand in files of their own.
//!
//! In: the one form of a template, and what is known of its parameters. Out: the same with the keys of each snippet among those beside
//! which it is included, as the transform puts them, each with its place in the snippet. A snippet that is not on this
//! machine stays as it is written, with a note.
//!
//! Invariants: a snippet includes no other, so that there are no circles; what all snippets add is limited; only files of
//! the scanned tree are read.
//!
//! The transform does not promise short forms of functions in snippets, yet takes those of its own example; they are read.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html>.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_source::{FileId, SourceFile, Span};
use terravet_yaml::{Entry, Node, NodeKind};

use crate::evaluate::Evaluator;
use crate::local::{LocalFiles, known_end};
use crate::sections::kind_of;
use crate::template;

/// The transform that includes a snippet.
pub(crate) const INCLUDE: &str = "AWS::Include";
/// The function that a transform of a part of a template stands in.
pub(crate) const TRANSFORM: &str = "Fn::Transform";

/// The most values that the snippets of one template add.
const MAX_NODES: usize = 1_000_000;
/// What to do about a snippet that is not read.
const UNKNOWN: &str =
    "what it adds was not judged; put the snippet where `Location` says, or scan the processed template";

/// A note about a transform that is not run. `what` it may change, in words.
pub(crate) fn not_run(transform: &Node, what: &str) -> Option<Diagnostic> {
    let first = transform.as_sequence().and_then(<[Node]>::first).unwrap_or(transform);
    let name = first.as_str().or_else(|| first.get("Name").and_then(Node::as_str)).unwrap_or("of this map");
    // Why a snippet is not there has been told.
    (name != INCLUDE).then(|| {
        let message = format!("the macro {name} is not run; what it makes of {what} is not known");
        Diagnostic::note("cloudformation-macro", transform.span, message)
            .with_help("scan the processed template, as `get-template --template-stage Processed` gives it")
    })
}

/// Whether a text may include others.
pub(crate) fn may_include(text: &str) -> bool {
    text.contains(INCLUDE)
}

/// Puts snippets where a template includes them, and adds the files that they stand in to `files`.
pub(crate) fn expand(
    root: &Node,
    evaluator: &Evaluator<'_>,
    local: &LocalFiles,
    files: &mut Vec<Arc<SourceFile>>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Node {
    let mut expander = Expander { evaluator, local, files, diagnostics, known: BTreeMap::new(), nodes: 0 };
    expander.template(root)
}

/// The keys of a snippet, and how many values it has in all.
#[derive(Clone)]
struct Snippet {
    entries: Arc<[Entry]>,
    size: usize,
}

struct Expander<'e, 't> {
    evaluator: &'e Evaluator<'t>,
    local: &'e LocalFiles,
    files: &'e mut Vec<Arc<SourceFile>>,
    diagnostics: &'e mut Vec<Diagnostic>,
    /// The snippets that were read, with their sizes; none where a file is no snippet.
    known: BTreeMap<FileId, Option<Snippet>>,
    /// How many values were added.
    nodes: usize,
}

impl Expander<'_, '_> {
    /// A whole template: first what its parts include, then what it includes itself.
    fn template(&mut self, root: &Node) -> Node {
        let Some(sections) = root.as_mapping() else { return root.clone() };
        let mut merged: Vec<Entry> = Vec::with_capacity(sections.len());
        let mut included = Vec::new();
        for section in sections {
            let value = match section.key.as_str() {
                Some("Transform") => {
                    let (rest, snippets) = self.transforms(&section.value);
                    included.extend(snippets);
                    rest
                }
                Some("Parameters") => {
                    self.refuse_in_parameters(&section.value);
                    section.value.clone()
                }
                _ => self.node(&section.value),
            };
            merged.push(Entry { key: section.key.clone(), value });
        }
        self.add_sections(&mut merged, &included);
        Node { kind: NodeKind::Mapping(merged.into()), span: root.span, tag: None }
    }

    /// The transforms that remain, and the snippets of the others.
    fn transforms(&mut self, node: &Node) -> (Node, Vec<Arc<[Entry]>>) {
        let mut snippets = Vec::new();
        let mut rest = Vec::new();
        for item in node.as_sequence().unwrap_or(std::slice::from_ref(node)) {
            match location(item).and_then(|location| self.snippet(location)) {
                Some(snippet) => snippets.push(snippet),
                None => rest.push(item.clone()),
            }
        }
        if snippets.is_empty() {
            return (node.clone(), snippets);
        }
        (Node { kind: NodeKind::Sequence(rest.into()), span: node.span, tag: None }, snippets)
    }

    /// Adds the sections of snippets to those of the template.
    fn add_sections(&mut self, sections: &mut Vec<Entry>, snippets: &[Arc<[Entry]>]) {
        let mut added: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for section in snippets.iter().flat_map(|snippet| snippet.iter()) {
            added.entry(section.key.as_str().unwrap_or_default()).or_default().push(section);
        }
        for (name, added) in added {
            match sections.iter_mut().find(|section| section.key.as_str() == Some(name)) {
                Some(section) => self.add_to_section(section, &added),
                None => {
                    let mut section = added[0].clone();
                    self.add_to_section(&mut section, &added[1..]);
                    sections.push(section);
                }
            }
        }
    }

    /// Adds the members of equal sections to those of one; what is no map cannot be added to.
    fn add_to_section(&mut self, section: &mut Entry, added: &[&Entry]) {
        let place = section.key.span;
        let own = section.value.as_mapping();
        let (maps, others): (Vec<&Entry>, Vec<&Entry>) =
            added.iter().partition(|entry| own.is_some() && entry.value.as_mapping().is_some());
        self.note_twice(&others.into_iter().map(|other| (other, place)).collect::<Vec<_>>());
        let mut all = own.unwrap_or_default().to_vec();
        if !maps.is_empty() {
            self.add(&mut all, maps.iter().flat_map(|map| map.value.as_mapping().unwrap_or_default()));
            let span = section.value.span;
            section.value = Node { kind: NodeKind::Mapping(all.into()), span, tag: None };
        }
    }

    fn node(&mut self, node: &Node) -> Node {
        let kind = match &node.kind {
            NodeKind::Scalar { .. } => return node.clone(),
            NodeKind::Sequence(items) => NodeKind::Sequence(items.iter().map(|item| self.node(item)).collect()),
            NodeKind::Mapping(entries) => NodeKind::Mapping(self.entries(entries).into()),
        };
        Node { kind, span: node.span, tag: None }
    }

    fn entries(&mut self, entries: &[Entry]) -> Vec<Entry> {
        let mut out: Vec<Entry> = Vec::with_capacity(entries.len());
        let mut snippets = Vec::new();
        for entry in entries {
            let is_transform = entry.key.as_str() == Some(TRANSFORM);
            match location(&entry.value).filter(|_| is_transform).and_then(|location| self.snippet(location)) {
                Some(snippet) => snippets.push(snippet),
                None => out.push(Entry { key: entry.key.clone(), value: self.node(&entry.value) }),
            }
        }
        self.add(&mut out, snippets.iter().flat_map(|snippet| snippet.iter()));
        out
    }

    /// Adds the keys of snippets to those beside which they are included.
    fn add<'e>(&mut self, out: &mut Vec<Entry>, added: impl Iterator<Item = &'e Entry>) {
        let mut own: BTreeMap<Arc<str>, Span> = BTreeMap::new();
        let mut twice = Vec::new();
        let mut added = added.peekable();
        if added.peek().is_none() {
            return;
        }
        for entry in out.iter() {
            own.entry(entry.key.as_str().unwrap_or_default().into()).or_insert(entry.key.span);
        }
        for entry in added {
            match own.get(entry.key.as_str().unwrap_or_default()) {
                Some(there) => twice.push((entry, *there)),
                None => {
                    own.insert(entry.key.as_str().unwrap_or_default().into(), entry.key.span);
                    out.push(entry.clone());
                }
            }
        }
        self.note_twice(&twice);
    }

    /// The documentation leaves open which of two it takes.
    fn note_twice(&mut self, twice: &[(&Entry, Span)]) {
        let Some((entry, there)) = twice.first() else { return };
        let more = match twice.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        let key = entry.key.as_str().unwrap_or_default();
        let message = format!("the snippet has the key `{key}`, and so has what includes it{more}");
        let note = Diagnostic::note("cloudformation-include", entry.key.span, message)
            .with_related(*there, "here")
            .with_help("the key of the template was judged, and not that of the snippet; leave one of the two out");
        self.diagnostics.push(note);
    }

    fn refuse_in_parameters(&mut self, parameters: &Node) {
        if let Some(entry) = parameters.entry(TRANSFORM).filter(|entry| location(&entry.value).is_some()) {
            let message = "AWS::Include cannot stand in `Parameters`";
            let diagnostic = Diagnostic::error("cloudformation-include", entry.key.span, message)
                .with_help("declare the parameters in the template itself");
            self.diagnostics.push(diagnostic);
        }
    }

    /// The keys of the snippet at a location; none where it is not on this machine, which is told.
    fn snippet(&mut self, location: &Node) -> Option<Arc<[Entry]>> {
        let file = match self.find(location) {
            Ok(file) => file,
            Err(message) => {
                let note = Diagnostic::note("cloudformation-include", location.span, message).with_help(UNKNOWN);
                self.diagnostics.push(note);
                return None;
            }
        };
        if !self.known.contains_key(&file.id()) {
            self.files.push(Arc::clone(&file));
            let read = self.read(&file);
            self.known.insert(file.id(), read);
        }
        let Snippet { entries, size } = self.known.get(&file.id())?.clone()?;
        let before = self.nodes;
        self.nodes = before.saturating_add(size);
        if self.nodes <= MAX_NODES {
            return Some(entries);
        }
        if before <= MAX_NODES {
            let message = format!("the snippets of the template add more than {MAX_NODES} values");
            let diagnostic = Diagnostic::error("cloudformation-limit", location.span, message)
                .with_help("what this snippet and those after it add was not judged; include less");
            self.diagnostics.push(diagnostic);
        }
        None
    }

    fn find(&self, location: &Node) -> Result<Arc<SourceFile>, String> {
        let value = self.evaluator.value(location);
        let file = &self.evaluator.template.file;
        let text = value.as_str();
        match text {
            Some(text) if !is_remote(text) => self.local.at(file, text),
            _ => {
                // Other files may be called so elsewhere in the tree; what belongs to a template lies beside it or below.
                let folder = file.path().parent().unwrap_or(Path::new(""));
                let beside = |found: &SourceFile| found.path().starts_with(folder) && found.id() != file.id();
                let found = self.local.named_by(file, &known_end(&value), beside);
                found.unwrap_or_else(|| Err("the snippet that is included here is not on this machine".to_owned()))
            }
        }
    }

    fn read(&mut self, file: &Arc<SourceFile>) -> Option<Snippet> {
        let root = template::parse(file, self.diagnostics)?.node;
        let Some(entries) = root.as_mapping() else {
            let message = format!("a snippet is a map of keys, and this is {}", kind_of(&root));
            let diagnostic = Diagnostic::error("cloudformation-include", root.span, message)
                .with_help("write each key with a colon and its value");
            self.diagnostics.push(diagnostic);
            return None;
        };
        if let Some(span) = inner_include(&root) {
            let diagnostic =
                Diagnostic::error("cloudformation-include", span, "a snippet that is included cannot include another")
                    .with_help("include both in the template");
            self.diagnostics.push(diagnostic);
        }
        Some(Snippet { entries: entries.into(), size: size(&root) })
    }
}

/// Whether a location is in S3.
fn is_remote(text: &str) -> bool {
    text.contains("://")
}

/// Where the snippet is that a transform includes.
fn location(transform: &Node) -> Option<&Node> {
    let is_include = transform.get("Name").and_then(Node::as_str) == Some(INCLUDE);
    transform.get("Parameters").filter(|_| is_include)?.get("Location")
}

/// Where a snippet includes another.
fn inner_include(root: &Node) -> Option<Span> {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &node.kind {
            NodeKind::Scalar { .. } => {}
            NodeKind::Sequence(items) => open.extend(items.iter()),
            NodeKind::Mapping(entries) => {
                let found = entries.iter().find(|entry| {
                    matches!(entry.key.as_str(), Some(TRANSFORM | "Transform")) && location(&entry.value).is_some()
                });
                if let Some(entry) = found {
                    return Some(entry.key.span);
                }
                open.extend(entries.iter().map(|entry| &entry.value));
            }
        }
    }
    None
}

/// How many values a node and all below it are.
fn size(root: &Node) -> usize {
    let mut count = 0;
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        count += 1;
        match &node.kind {
            NodeKind::Scalar { .. } => {}
            NodeKind::Sequence(items) => open.extend(items.iter()),
            NodeKind::Mapping(entries) => open.extend(entries.iter().map(|entry| &entry.value)),
        }
    }
    count
}
