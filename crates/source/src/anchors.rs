//! Paths that are the same wherever a scan is started and however its paths are spelled.
//!
//! In: the trees that a scan reads (of each given path the repository, or else the folder itself), links resolved. Out: the path
//! of a file from its tree, for fingerprints, and from what all trees share, for reports that other machines read. It reads no
//! file; each folder is resolved once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::{FileSystem, normalize};

/// The trees that paths are told from.
#[derive(Debug, Default)]
pub struct Anchors {
    /// Resolved; sorted, so that an outer tree comes before those within it.
    trees: Vec<PathBuf>,
    /// The nearest folder that all trees share.
    base: PathBuf,
    /// Folders as files name them, and resolved; none for those that do not exist.
    folders: Mutex<BTreeMap<PathBuf, Option<PathBuf>>>,
}

impl Anchors {
    /// Paths from these trees, which are resolved already.
    #[must_use]
    pub fn new(mut trees: Vec<PathBuf>) -> Self {
        trees.sort();
        trees.dedup();
        let mut rest = trees.iter();
        let first = rest.next().cloned().unwrap_or_default();
        let base = rest.fold(first, |base, tree| {
            let shared = base.components().zip(tree.components()).take_while(|(one, other)| one == other);
            shared.map(|(component, _)| component).collect()
        });
        Self { trees, base, folders: Mutex::default() }
    }

    /// The path of a file from its tree, whatever else is scanned; none for what lies in no tree.
    #[must_use]
    pub fn in_tree(&self, file_system: &dyn FileSystem, path: &Path) -> Option<PathBuf> {
        let resolved = self.resolved(file_system, path)?;
        self.trees.iter().find_map(|tree| below(tree, &resolved))
    }

    /// The path of a file from what all trees share; none for what lies outside.
    #[must_use]
    pub fn shared(&self, file_system: &dyn FileSystem, path: &Path) -> Option<PathBuf> {
        let resolved = self.resolved(file_system, path)?;
        below(&self.base, &resolved)
    }

    fn resolved(&self, file_system: &dyn FileSystem, path: &Path) -> Option<PathBuf> {
        let path = normalize(path);
        let Some(name) = path.file_name() else { return file_system.canonical(&path).ok() };
        let folder = normalize(path.parent().unwrap_or(Path::new(".")));
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let resolve = || file_system.canonical(&folder).ok();
        let resolved = folders.entry(folder.clone()).or_insert_with(resolve).as_ref()?;
        Some(normalize(&resolved.join(name)))
    }
}

/// A path as seen from a folder that it lies in; the name of a file that is a tree of its own.
fn below(folder: &Path, path: &Path) -> Option<PathBuf> {
    // A tree in memory has no absolute paths.
    if folder == Path::new(".") {
        return (path.is_relative() && !path.starts_with("..")).then(|| path.to_path_buf());
    }
    let rest = path.strip_prefix(folder).ok()?;
    match path.file_name() {
        Some(name) if rest.as_os_str().is_empty() => Some(PathBuf::from(name)),
        _ => Some(rest.to_path_buf()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    #[test]
    fn paths_are_told_from_their_tree_or_from_what_all_share() {
        let files = Memory::new([("/w/a/main.tf", ""), ("/w/a/m/x.tf", ""), ("/w/b/main.tf", ""), ("/v/y.tf", "")]);
        let anchors = Anchors::new(vec!["/w/b".into(), "/w/a".into()]);
        let in_tree = |path: &str| anchors.in_tree(&files, Path::new(path)).map(|path| path.display().to_string());
        let shared = |path: &str| anchors.shared(&files, Path::new(path)).map(|path| path.display().to_string());
        assert_eq!(in_tree("/w/a/m/../m/x.tf").as_deref(), Some("m/x.tf"));
        assert_eq!(in_tree("/w/b/./main.tf").as_deref(), Some("main.tf"));
        assert_eq!(shared("/w/b/main.tf").as_deref(), Some("b/main.tf"));
        assert_eq!((in_tree("/v/y.tf"), shared("/v/y.tf"), in_tree("/w/none/x.tf")), (None, None, None));
    }

    #[test]
    fn a_tree_in_memory_has_relative_paths() {
        let files = Memory::new([("a/main.tf", "")]);
        let anchors = Anchors::new(vec![".".into()]);
        assert_eq!(anchors.in_tree(&files, Path::new("./a/main.tf")), Some("a/main.tf".into()));
    }
}
