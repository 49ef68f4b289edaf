//! What may be read.
//!
//! In: the paths that the user named. Out: whether a path lies in one of their trees, links resolved, or was named itself. It looks at
//! paths and opens nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::{EntryKind, FileSystem, normalize};

/// The folders and files that nothing is read outside of.
#[derive(Clone, Debug)]
pub struct Boundary {
    /// None where everything may be read.
    trees: Option<BTreeSet<PathBuf>>,
    files: BTreeSet<PathBuf>,
}

impl Boundary {
    /// No boundary: for text in memory, and for tools that read what they are told.
    #[must_use]
    pub fn everything() -> Self {
        Self { trees: None, files: BTreeSet::new() }
    }

    /// Of each path the repository that it lies in, or else the path itself; the working directory where there are none. A file
    /// is in it wherever a link leads, since it was named.
    #[must_use]
    pub fn around(file_system: &dyn FileSystem, paths: &[PathBuf]) -> Self {
        let here = [PathBuf::from(".")];
        let mut boundary = Self { trees: Some(BTreeSet::new()), files: BTreeSet::new() };
        for path in if paths.is_empty() { &here } else { paths } {
            let is_file = file_system.kind(path) == Some(EntryKind::File);
            let folder = if is_file { path.parent().unwrap_or(Path::new("")) } else { path };
            if let Ok(folder) = file_system.canonical(&normalize(folder)) {
                let tree = repository(file_system, &folder).map(Path::to_path_buf).unwrap_or(folder);
                boundary.trees.get_or_insert_default().insert(tree);
            }
            if is_file {
                boundary = boundary.with(file_system, std::slice::from_ref(path));
            }
        }
        boundary
    }

    /// The boundary with these files and folders in it as well, and not the repositories around them.
    #[must_use]
    pub fn with(mut self, file_system: &dyn FileSystem, paths: &[PathBuf]) -> Self {
        for path in paths {
            let Ok(canonical) = file_system.canonical(&normalize(path)) else { continue };
            match (file_system.kind(&canonical), &mut self.trees) {
                (Some(EntryKind::Directory), Some(trees)) => {
                    trees.insert(canonical);
                }
                _ => {
                    self.files.insert(canonical);
                }
            }
        }
        self
    }

    /// The trees, with all links resolved.
    pub fn trees(&self) -> impl Iterator<Item = &Path> {
        self.trees.iter().flatten().map(PathBuf::as_path)
    }

    /// The files that are in it wherever they lie, with all links resolved.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(PathBuf::as_path)
    }

    /// Whether a path with all links resolved may be read.
    #[must_use]
    pub fn permits(&self, canonical: &Path) -> bool {
        let Some(trees) = &self.trees else { return true };
        let in_tree = |tree: &PathBuf| {
            // A tree in memory has no absolute paths.
            if tree == Path::new(".") {
                canonical.is_relative() && !canonical.starts_with("..")
            } else {
                canonical.starts_with(tree)
            }
        };
        trees.iter().any(in_tree) || self.files.contains(canonical)
    }
}

/// The top of the repository that a folder lies in: the nearest folder with a `.git` in it.
#[must_use]
pub fn repository<'p>(file_system: &dyn FileSystem, folder: &'p Path) -> Option<&'p Path> {
    folder.ancestors().find(|folder| file_system.kind(&folder.join(".git")).is_some())
}
