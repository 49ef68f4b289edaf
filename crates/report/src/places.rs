//! From spans to what people name: path, line, column.
//!
//! In: the [`Sources`] of a scan. Out: paths relative to the working directory with forward slashes, positions from 1 in
//! characters, and the text itself for snippets, which is the text that was loaded for the scan and never another one. Each file is
//! opened once and kept until the report is done.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use terravet_source::{Anchors, FileId, Position, SourceFile, Sources, Span};

/// A span as people name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Path with forward slashes, relative to the working directory where the file lies below it.
    pub path: Arc<str>,
    /// The first character.
    pub start: Position,
    /// The position after the last character.
    pub end: Position,
}

/// Looks up places for a report.
#[derive(Debug)]
pub struct Places<'s> {
    sources: &'s Sources,
    working_directory: Option<PathBuf>,
    files: RefCell<BTreeMap<FileId, Entry>>,
}

#[derive(Clone, Debug)]
struct Entry {
    path: Arc<str>,
    file: Option<Arc<SourceFile>>,
}

impl<'s> Places<'s> {
    /// Places in `sources`. Absolute paths below `working_directory` are shown relative to it.
    #[must_use]
    pub fn new(sources: &'s Sources, working_directory: Option<PathBuf>) -> Self {
        Self { sources, working_directory, files: RefCell::default() }
    }

    /// The path of a file, as reports show it.
    #[must_use]
    pub fn path(&self, file: FileId) -> Arc<str> {
        self.entry(file).path
    }

    /// The path of a file from what the scanned trees share, with forward slashes: the same wherever the scan is started.
    pub(crate) fn shared_path(&self, file: FileId, anchors: &Anchors) -> Option<String> {
        let path = anchors.shared(self.sources.file_system(), &self.sources.path(file))?;
        Some(path.to_string_lossy().replace('\\', "/"))
    }

    /// The file itself; none where it was never loaded, or cannot be read any more.
    #[must_use]
    pub fn file(&self, file: FileId) -> Option<Arc<SourceFile>> {
        self.entry(file).file
    }

    /// The place of a span. In a file that cannot be read every place is its first character.
    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        let entry = self.entry(span.file);
        let at = |offset| entry.file.as_ref().map_or(Position { line: 1, column: 1 }, |file| file.position(offset));
        Place { start: at(span.start), end: at(span.end), path: entry.path }
    }

    fn entry(&self, id: FileId) -> Entry {
        let make = || Entry { path: self.display_path(&self.sources.path(id)), file: self.sources.loaded(id) };
        self.files.borrow_mut().entry(id).or_insert_with(make).clone()
    }

    fn display_path(&self, path: &Path) -> Arc<str> {
        let below = self.working_directory.as_deref().and_then(|folder| path.strip_prefix(folder).ok());
        let mut text = String::new();
        for component in below.unwrap_or(path).components() {
            match component {
                Component::RootDir => text.push('/'),
                Component::Prefix(prefix) => text.push_str(&prefix.as_os_str().to_string_lossy().replace('\\', "/")),
                Component::CurDir => {}
                Component::ParentDir | Component::Normal(_) => {
                    if !text.is_empty() && !text.ends_with('/') {
                        text.push('/');
                    }
                    text.push_str(&component.as_os_str().to_string_lossy());
                }
            }
        }
        if text.is_empty() { ".".into() } else { text.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use terravet_source::Memory;

    #[test]
    fn paths_are_relative_to_the_working_directory() {
        let sources = Sources::new(Arc::new(Memory::new([("/work/a/main.tf", "x"), ("b.tf", "")])));
        let places = Places::new(&sources, Some(PathBuf::from("/work")));
        let shown = |path: &str| places.path(sources.id(Path::new(path))).to_string();
        assert_eq!(shown("/work/a/main.tf"), "a/main.tf");
        assert_eq!(shown("/elsewhere/main.tf"), "/elsewhere/main.tf");
        assert_eq!(shown("./b.tf"), "b.tf");
        assert_eq!(shown("../c.tf"), "../c.tf");
    }

    #[test]
    fn a_file_that_cannot_be_read_has_one_place() {
        let sources = Sources::new(Arc::new(Memory::default()));
        let place = Places::new(&sources, None).place(Span::new(sources.id(Path::new("gone.tf")), 7..9));
        assert_eq!((place.start, place.end), (Position { line: 1, column: 1 }, Position { line: 1, column: 1 }));
    }
}
