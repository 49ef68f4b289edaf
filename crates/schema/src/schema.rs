//! All kinds, found by name.
//!
//! In: files of kinds and the signatures of facts. Out: kinds by name, and all that is wrong with the files. A file is read when
//! one of its kinds is first asked for: a scan of a small folder concerns a few services out of many.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::Graph;
use terravet_source::SourceFile;

use crate::chapter::Chapter;
use crate::check;
use crate::kind::Kind;
use crate::signature::Signatures;

/// All kinds by name.
#[derive(Debug)]
pub struct Schema {
    chapters: Vec<Chapter>,
    /// The chapter of each kind.
    by_name: BTreeMap<Arc<str>, usize>,
    /// The chapters that mention each native type.
    by_type: BTreeMap<Arc<str>, Vec<usize>>,
    signatures: &'static Signatures,
}

impl Schema {
    /// The schema of these files, whose facts are among these.
    #[must_use]
    pub fn new(files: &[Arc<SourceFile>], signatures: &'static Signatures) -> Self {
        let mut schema = Self { chapters: Vec::new(), by_name: BTreeMap::new(), by_type: BTreeMap::new(), signatures };
        for (at, file) in files.iter().enumerate() {
            let chapter = Chapter::new(Arc::clone(file), signatures);
            let words = chapter.words();
            for kind in words.kinds {
                schema.by_name.entry(kind.into()).or_insert(at);
            }
            for native in words.types {
                schema.by_type.entry(native.into()).or_default().push(at);
            }
            schema.chapters.push(chapter);
        }
        schema
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
                problems.extend(check::references(kind, self));
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

    /// What facts and derivations there are.
    #[must_use]
    pub fn signatures(&self) -> &'static Signatures {
        self.signatures
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
