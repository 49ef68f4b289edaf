//! The trees that may be read.
//!
//! In: folders, and paths that scanned files name. Out: whether what they name lies below one of the folders, links resolved. It reads
//! nothing and refuses nothing: whoever opens a file asks first.

use std::path::{Path, PathBuf};

use crate::{Sources, normalize};

/// The folders that nothing is read outside of, apart from files that the user names.
#[derive(Debug)]
pub struct Boundary {
    trees: Vec<PathBuf>,
}

impl Boundary {
    /// The trees below some folders; the working directory where there are none.
    #[must_use]
    pub fn new(sources: &Sources, folders: &[PathBuf]) -> Self {
        let here = [PathBuf::from(".")];
        let folders = if folders.is_empty() { &here } else { folders };
        let canonical = |folder: &PathBuf| {
            let folder = normalize(folder);
            sources.file_system().canonical(&folder).unwrap_or(folder)
        };
        Self { trees: folders.iter().map(canonical).collect() }
    }

    /// Whether a path lies in one of the trees, all links resolved. What does not exist is judged by its name.
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
        self.trees.iter().any(|tree| {
            if tree == Path::new(".") {
                // A tree in memory, which has no absolute paths.
                return canonical.is_relative() && !canonical.starts_with("..");
            }
            canonical.starts_with(tree)
        })
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
        let boundary = Boundary::new(&sources, &["infra".into()]);
        let inside = |path: &str| boundary.contains(&sources, Path::new(path));
        assert!(inside("infra/main.tf") && inside("infra/./more/../main.tf") && inside("infra/none.tf"));
        let both = Boundary::new(&sources, &["infra".into(), "other".into()]);
        assert!(both.contains(&sources, Path::new("other/main.tf")) && !both.contains(&sources, Path::new("main.tf")));
        assert!(!inside("other/main.tf") && !inside("infra/../other/main.tf") && !inside("infra/../../etc/passwd"));
    }
}
