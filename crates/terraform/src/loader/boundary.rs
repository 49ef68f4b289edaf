//! The tree that may be read.

use std::path::{Path, PathBuf};

use terravet_source::{Sources, normalize};

/// The folder that nothing is read outside of.
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

    /// Whether a path lies in the tree, all links resolved. What does not exist is judged by its name.
    pub(crate) fn contains(&self, sources: &Sources, path: &Path) -> bool {
        let path = normalize(path);
        let canonical = sources.file_system().canonical(&path).unwrap_or_else(|_| {
            // The nearest folder that exists decides where a new name would lie.
            let existing = path.ancestors().skip(1).find_map(|folder| {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                sources.file_system().canonical(folder).ok()
            });
            existing.unwrap_or_else(|| path.clone())
        });
        if self.canonical == Path::new(".") {
            // A tree in memory, which has no absolute paths.
            return canonical.is_relative() && !canonical.starts_with("..");
        }
        canonical.starts_with(&self.canonical)
    }
}
