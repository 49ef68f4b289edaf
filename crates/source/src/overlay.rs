//! Edits over a file system: what an editor holds and has not saved.
//!
//! In: a file system and texts that stand in the place of files. Out: the same tree with these texts. Nothing is written.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::file_system::too_large;
use crate::{EntryKind, FileSystem, normalize};

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
        self.edits.write().unwrap_or_else(PoisonError::into_inner).insert(normalize(path), text.into());
    }

    /// Takes back what was put in the place of a file.
    pub fn restore(&self, path: &Path) {
        self.edits.write().unwrap_or_else(PoisonError::into_inner).remove(&normalize(path));
    }

    fn edits(&self) -> RwLockReadGuard<'_, BTreeMap<PathBuf, Arc<str>>> {
        self.edits.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn edit(&self, path: &Path) -> Option<Arc<str>> {
        let edits = self.edits();
        if edits.is_empty() { None } else { edits.get(&normalize(path)).cloned() }
    }

    /// The edited files below a folder.
    fn edited_below(&self, folder: &Path) -> Vec<PathBuf> {
        let edits = self.edits();
        if edits.is_empty() {
            return Vec::new();
        }
        let folder = normalize(folder);
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

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let edited = self.edited_below(folder);
        let listed = self.below.list(folder);
        if edited.is_empty() {
            return listed;
        }
        let folder = normalize(folder);
        let mut names: BTreeSet<String> = listed.unwrap_or_default().into_iter().collect();
        names.extend(edited.iter().filter_map(|path| {
            let rest = if folder == Path::new(".") { path } else { path.strip_prefix(&folder).ok()? };
            Some(rest.components().next()?.as_os_str().to_str()?.to_owned())
        }));
        Ok(names.into_iter().collect())
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        let found = self.below.canonical(path);
        if found.is_ok() || self.kind(path).is_none() {
            return found;
        }
        // A file that is not saved yet lies where its folder does.
        let path = normalize(path);
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return found };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        Ok(normalize(&self.canonical(folder)?.join(name)))
    }

    fn walk(&self, folder: &Path) -> (Vec<PathBuf>, Vec<(PathBuf, io::Error)>) {
        let (mut files, problems) = self.below.walk(folder);
        let edited = self.edited_below(folder);
        if !edited.is_empty() {
            files.extend(edited);
            files.sort_unstable();
            files.dedup();
        }
        (files, problems)
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
        let (files, _) = tree.walk(Path::new("."));
        assert_eq!(files, ["a/main.tf", "b/main.tf", "c/d/new.tf"].map(PathBuf::from));
        tree.restore(Path::new("c/d/new.tf"));
        assert_eq!(tree.kind(Path::new("c")), None);
    }
}
