//! The tree that may be read.
//!
//! In: a folder, and paths that scanned files name. Out: whether what they name lies below the folder, links resolved. It reads
//! nothing and refuses nothing: whoever opens a file asks first.

use std::path::{Path, PathBuf};

use crate::{Sources, normalize};

/// The folder that nothing is read outside of, apart from files that the user names.
#[derive(Debug)]
pub struct Boundary {
    canonical: PathBuf,
}

impl Boundary {
    /// The tree below a folder; the working directory where the path is empty.
    #[must_use]
    pub fn new(sources: &Sources, folder: &Path) -> Self {
        let folder = normalize(folder);
        Self { canonical: sources.file_system().canonical(&folder).unwrap_or(folder) }
    }

    /// Whether a path lies in the tree, all links resolved. What does not exist is judged by its name.
    #[must_use]
    pub fn contains(&self, sources: &Sources, path: &Path) -> bool {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Memory;

    #[test]
    fn what_does_not_exist_lies_where_its_folder_does() {
        let sources = Sources::new(Arc::new(Memory::new([("infra/main.tf", ""), ("other/main.tf", "")])));
        let boundary = Boundary::new(&sources, Path::new("infra"));
        let inside = |path: &str| boundary.contains(&sources, Path::new(path));
        assert!(inside("infra/main.tf") && inside("infra/./more/../main.tf") && inside("infra/none.tf"));
        assert!(!inside("other/main.tf") && !inside("infra/../other/main.tf") && !inside("infra/../../etc/passwd"));
    }
}
