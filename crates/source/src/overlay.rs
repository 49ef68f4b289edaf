//! Edits over a file system: what an editor holds and has not saved.
//!
//! In: a file system and texts that stand in the place of files. Out: the same tree with these texts. Nothing is written.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::file_system::too_large;
use crate::{Entry, EntryKind, FileSystem, Listed, normalize};

/// A file system with edits over it.
pub struct Overlay {
    below: Arc<dyn FileSystem>,
    edits: RwLock<BTreeMap<PathBuf, Arc<str>>>,
}

impl std::fmt::Debug for Overlay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Overlay").field("edits", &self.edits().keys()).finish_non_exhaustive()
    }
}

impl Overlay {
    /// A file system without edits yet.
    #[must_use]
    pub fn new(below: Arc<dyn FileSystem>) -> Self {
        Self { below, edits: RwLock::default() }
    }

    /// Puts text in the place of a file, which need not exist.
    pub fn put(&self, path: &Path, text: impl Into<Arc<str>>) {
        self.edits.write().unwrap_or_else(PoisonError::into_inner).insert(self.place(path), text.into());
    }

    /// Takes back what was put in the place of a file.
    pub fn restore(&self, path: &Path) {
        self.edits.write().unwrap_or_else(PoisonError::into_inner).remove(&self.place(path));
    }

    fn edits(&self) -> RwLockReadGuard<'_, BTreeMap<PathBuf, Arc<str>>> {
        self.edits.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a path leads, links resolved. What is not saved yet lies where the nearest folder does that is.
    fn place(&self, path: &Path) -> PathBuf {
        let path = normalize(path);
        let saved = path.ancestors().find_map(|above| {
            let folder = if above.as_os_str().is_empty() { Path::new(".") } else { above };
            Some((self.below.canonical(folder).ok()?, path.strip_prefix(above).ok()?))
        });
        saved.map_or_else(|| path.clone(), |(folder, rest)| normalize(&folder.join(rest)))
    }

    fn edit(&self, path: &Path) -> Option<Arc<str>> {
        let edits = self.edits();
        if edits.is_empty() { None } else { edits.get(&self.place(path)).cloned() }
    }

    /// The edited files below a folder.
    fn edited_below(&self, folder: &Path) -> Vec<PathBuf> {
        let edits = self.edits();
        if edits.is_empty() {
            return Vec::new();
        }
        let folder = self.place(folder);
        let here = folder == Path::new(".");
        let below = |path: &&PathBuf| if here { path.is_relative() } else { path.starts_with(&folder) };
        edits.keys().filter(below).cloned().collect()
    }
}

impl FileSystem for Overlay {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        match self.edit(path) {
            Some(text) if text.len() as u64 > limit => Err(too_large(text.len() as u64, limit)),
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.below.read(path, limit),
        }
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        if self.edit(path).is_some() {
            return Some(EntryKind::File);
        }
        let made = || (!self.edited_below(path).is_empty()).then_some(EntryKind::Directory);
        self.below.kind(path).or_else(made)
    }

    fn is_link(&self, path: &Path) -> bool {
        self.below.is_link(path)
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let edited = self.edited_below(folder);
        let listed = self.below.entries(folder);
        if edited.is_empty() {
            return listed;
        }
        let folder = self.place(folder);
        let mut entries: BTreeMap<OsString, Listed> =
            listed.unwrap_or_default().into_iter().map(|entry| (entry.name, entry.kind)).collect();
        for path in edited {
            let rest = if folder == Path::new(".") { Ok(path.as_path()) } else { path.strip_prefix(&folder) };
            let mut names = rest.unwrap_or(Path::new("")).components();
            if let Some(name) = names.next() {
                let kind = if names.next().is_some() { Listed::Directory } else { Listed::File };
                entries.entry(name.as_os_str().to_owned()).or_insert(kind);
            }
        }
        Ok(entries.into_iter().map(|(name, kind)| Entry { name, kind }).collect())
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        let found = self.below.canonical(path);
        if found.is_ok() || self.kind(path).is_none() {
            return found;
        }
        Ok(self.place(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    fn overlay() -> Overlay {
        Overlay::new(Arc::new(Memory::new([("a/main.tf", "old"), ("b/main.tf", "b")])))
    }

    fn text(tree: &Overlay, path: &str) -> Option<String> {
        tree.read(Path::new(path), 100).ok().map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn an_edit_stands_in_the_place_of_a_file_until_it_is_taken_back() {
        let tree = overlay();
        tree.put(Path::new("./a/main.tf"), "new");
        assert_eq!(text(&tree, "a/main.tf").as_deref(), Some("new"));
        assert_eq!(tree.read(Path::new("a/main.tf"), 2).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        tree.restore(Path::new("a/main.tf"));
        assert_eq!(text(&tree, "a/main.tf").as_deref(), Some("old"));
    }

    #[test]
    fn a_file_that_is_not_saved_is_there_with_its_folder() {
        let tree = overlay();
        tree.put(Path::new("c/d/new.tf"), "x");
        assert_eq!(tree.kind(Path::new("c/d")), Some(EntryKind::Directory));
        assert_eq!(tree.list(Path::new(".")).unwrap(), ["a", "b", "c"]);
        assert_eq!(tree.canonical(Path::new("c/d/new.tf")).unwrap(), PathBuf::from("c/d/new.tf"));
        assert_eq!(tree.list(Path::new("c/d")).unwrap(), ["new.tf"]);
        tree.restore(Path::new("c/d/new.tf"));
        assert_eq!(tree.kind(Path::new("c")), None);
    }
}
