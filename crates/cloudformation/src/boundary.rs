//! The tree that may be read.

use std::path::{Path, PathBuf};

use terravet_source::{Sources, normalize};

/// The folder that nothing is read outside of, apart from files that the user names.
#[derive(Debug)]
pub(crate) struct Boundary {
    canonical: PathBuf,
}

impl Boundary {
    /// The tree below a folder; the working directory where the path is empty.
    pub(crate) fn new(sources: &Sources, folder: &Path) -> Self {
        let folder = normalize(folder);
        Self { canonical: sources.file_system().canonical(&folder).unwrap_or(folder) }
    }

    /// Whether a file that exists lies in the tree, all links resolved.
    pub(crate) fn contains(&self, sources: &Sources, file: &Path) -> bool {
        let Ok(canonical) = sources.file_system().canonical(&normalize(file)) else { return false };
        if self.canonical == Path::new(".") {
            // A tree in memory, which has no absolute paths.
            return canonical.is_relative() && !canonical.starts_with("..");
        }
        canonical.starts_with(&self.canonical)
    }
}
