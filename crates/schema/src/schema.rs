//! All kinds, found by name.
//!
//! In: files of kinds and the signatures of facts. Out: kinds by name, and all that is wrong with the files. A file is read when
//! one of its kinds is first asked for: a scan of a small folder concerns a few services out of many.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use terravet_diagnostics::Diagnostic;
use terravet_graph::Graph;
use terravet_source::SourceFile;

use crate::chapter::Chapter;
use crate::check;
use crate::compile::{ConditionError, compile};
use crate::day::Day;
use crate::decode::unknown_names;
use crate::expression::Expression;
use crate::kind::{Attribute, Computed, Kind};
use crate::signature::Signatures;
use crate::table::{Table, TableFile};

/// All kinds by name.
#[derive(Debug)]
pub struct Schema {
    chapters: Vec<Chapter>,
    /// The chapter of each kind.
    by_name: BTreeMap<Arc<str>, usize>,
    /// The chapters that mention each native type.
    by_type: BTreeMap<Arc<str>, Vec<usize>>,
    tables: BTreeMap<Arc<str>, TableFile>,
    /// The conditions of derived attributes, by kind and attribute, compiled when they are first asked for.
    derived: Mutex<DerivedByName>,
    /// What is wrong with the files beyond each by itself.
    clashes: Vec<Diagnostic>,
    signatures: &'static Signatures,
}

/// Compiled conditions by kind and attribute.
type DerivedByName = BTreeMap<(Arc<str>, Arc<str>), Derived>;

/// The condition of a derived attribute, compiled.
type Derived = Arc<Result<Expression, ConditionError>>;

impl Schema {
    /// The schema of these files, whose facts are among these.
    #[must_use]
    pub fn new(files: &[Arc<SourceFile>], signatures: &'static Signatures) -> Self {
        let mut schema = Self {
            chapters: Vec::new(),
            by_name: BTreeMap::new(),
            by_type: BTreeMap::new(),
            tables: BTreeMap::new(),
            derived: Mutex::default(),
            clashes: Vec::new(),
            signatures,
        };
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

    /// The same with tables, each by its name.
    #[must_use]
    pub fn with_tables(mut self, tables: impl IntoIterator<Item = (Arc<str>, Arc<SourceFile>)>) -> Self {
        for (name, file) in tables {
            let file = TableFile::new(file);
            match self.tables.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(file);
                }
                Entry::Occupied(entry) => {
                    let message = format!("there is another table called {}", entry.key());
                    self.clashes.push(Diagnostic::error("table", file.place(), message));
                }
            }
        }
        self
    }

    /// Everything that is wrong with the files, each at its place. Reads all of them.
    #[must_use]
    pub fn problems(&self) -> Vec<Diagnostic> {
        let mut problems: Vec<Diagnostic> =
            self.chapters.iter().flat_map(|chapter| chapter.problems().iter().cloned()).collect();
        problems.extend(self.clashes.iter().cloned());
        problems.extend(self.tables.values().flat_map(TableFile::problems).cloned());
        for (at, chapter) in self.chapters.iter().enumerate() {
            for kind in chapter.kinds() {
                if self.by_name.get(&kind.name) != Some(&at) {
                    let message = format!("the kind {} is defined twice", kind.name);
                    problems.push(Diagnostic::error("kinds", kind.span, message));
                }
                problems.extend(check::references(kind, self));
                problems.extend(check::derived(kind, self, chapter.file()));
            }
        }
        problems.extend(check::circles(self));
        problems
    }

    /// The native types and paths that there are not, in the files for which `which` holds.
    #[must_use]
    pub fn unknown_names(&self, which: impl Fn(&SourceFile) -> bool) -> Vec<Diagnostic> {
        let chapters = self.chapters.iter().filter(|chapter| which(chapter.file()));
        chapters.flat_map(|chapter| unknown_names(chapter.file(), self.signatures)).collect()
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

    /// A table by name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(name)?.table()
    }

    /// The names of all tables, in order. Reads no file.
    pub fn table_names(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(|name| &**name)
    }

    /// The last day on which any table was checked: what counts as today where nothing else is said. Reads all tables.
    #[must_use]
    pub fn last_checked(&self) -> Day {
        self.tables.values().filter_map(TableFile::table).map(|table| table.checked).max().unwrap_or_default()
    }

    /// The condition of a derived attribute; none where the attribute is not derived.
    #[must_use]
    pub fn derived(&self, kind: &Kind, attribute: &Attribute) -> Option<Arc<Result<Expression, ConditionError>>> {
        let Some(Computed::Condition(condition)) = &attribute.computed else { return None };
        let key = (Arc::clone(&kind.name), Arc::clone(&attribute.name));
        let known = || self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(compiled) = known().get(&key) {
            return Some(Arc::clone(compiled));
        }
        // Not under the lock: the types of other derived attributes need no compilation, but other threads need theirs.
        let compiled = Arc::new(compile(&condition.text, kind, self));
        Some(Arc::clone(known().entry(key).or_insert(compiled)))
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
