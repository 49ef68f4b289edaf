//! The one door to the file system.
//!
//! In: paths, wherever they come from. Out: what lies there, if the [`Boundary`] permits it once every link is resolved; what is opened is
//! the resolved path, without following a link again. Everything that terravet reads comes through here.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{Boundary, Entry, EntryKind, FileSystem, normalize};

/// Why a path is not opened.
pub const OUTSIDE: &str = "it lies outside of the scanned tree";
const LINK_OUTSIDE: &str = "it is a link that leads outside of the scanned tree";
const DANGLING: &str = "it is a link to a file that does not exist";

/// A file system behind a boundary.
pub(crate) struct Door {
    beyond: Arc<dyn FileSystem>,
    boundary: Boundary,
}

impl Door {
    pub(crate) fn new(beyond: Arc<dyn FileSystem>, boundary: Boundary) -> Self {
        Self { beyond, boundary }
    }

    pub(crate) fn boundary(&self) -> &Boundary {
        &self.boundary
    }

    /// Whether a path may be read. What does not exist lies where its nearest folder that exists does.
    pub(crate) fn permits(&self, path: &Path) -> bool {
        let path = normalize(path);
        let canonical = self.beyond.canonical(&path).unwrap_or_else(|_| {
            let existing = path.ancestors().skip(1).find_map(|folder| {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                self.beyond.canonical(folder).ok()
            });
            existing.unwrap_or_else(|| path.clone())
        });
        self.boundary.permits(&canonical)
    }

    /// What lies at a path that leads out of the boundary; none where it does not.
    pub(crate) fn outside(&self, path: &Path) -> Option<EntryKind> {
        let canonical = self.beyond.canonical(path).ok()?;
        if self.boundary.permits(&canonical) { None } else { self.beyond.kind(&canonical) }
    }

    /// A file of git's own that belongs to the tree and may lie elsewhere, as that of a worktree does. Links are not followed.
    pub(crate) fn read_of_git(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let folder = self.beyond.canonical(path.parent().unwrap_or(Path::new(".")))?;
        self.beyond.read(&folder.join(path.file_name().unwrap_or_default()), limit)
    }

    /// The path with every link resolved, where it may be read.
    fn resolved(&self, path: &Path) -> io::Result<PathBuf> {
        let path = normalize(path);
        let canonical = self.beyond.canonical(&path).map_err(|error| {
            let dangling = error.kind() == io::ErrorKind::NotFound && self.beyond.is_link(&path);
            if dangling { io::Error::new(io::ErrorKind::NotFound, DANGLING) } else { error }
        })?;
        if self.boundary.permits(&canonical) {
            return Ok(canonical);
        }
        let why = if self.beyond.is_link(&path) { LINK_OUTSIDE } else { OUTSIDE };
        Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
    }
}

impl FileSystem for Door {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        self.beyond.read(&self.resolved(path)?, limit)
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        self.beyond.kind(&self.resolved(path).ok()?)
    }

    fn is_link(&self, path: &Path) -> bool {
        self.beyond.is_link(path)
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        self.beyond.entries(&self.resolved(folder)?)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.beyond.canonical(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    #[test]
    fn what_does_not_exist_lies_where_its_folder_does() {
        let tree: Arc<dyn FileSystem> = Arc::new(Memory::new([("infra/main.tf", ""), ("other/main.tf", "")]));
        let door = |paths: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            Door::new(Arc::clone(&tree), Boundary::around(&*tree, &paths))
        };
        let infra = door(&["infra"]);
        let inside = |path: &str| infra.permits(Path::new(path));
        assert!(inside("infra/main.tf") && inside("infra/./more/../main.tf") && inside("infra/none.tf"));
        assert!(!inside("other/main.tf") && !inside("infra/../other/main.tf") && !inside("infra/../../etc/passwd"));
        let both = door(&["infra", "other"]);
        assert!(both.permits(Path::new("other/main.tf")) && !both.permits(Path::new("main.tf")));
        let file = door(&["infra/main.tf"]);
        assert!(file.permits(Path::new("infra/main.tf")) && !file.permits(Path::new("other/main.tf")));
    }

    #[test]
    fn what_lies_outside_is_neither_read_nor_there() {
        let tree: Arc<dyn FileSystem> = Arc::new(Memory::new([("infra/main.tf", "x"), ("other/main.tf", "y")]));
        let door = Door::new(Arc::clone(&tree), Boundary::around(&*tree, &["infra".into()]));
        assert_eq!(door.read(Path::new("infra/main.tf"), 9).unwrap(), b"x");
        assert_eq!(door.read(Path::new("other/main.tf"), 9).unwrap_err().to_string(), OUTSIDE);
        assert_eq!(door.entries(Path::new("other")).unwrap_err().to_string(), OUTSIDE);
        assert_eq!(door.kind(Path::new("other")), None);
        assert_eq!(door.outside(Path::new("other")), Some(EntryKind::Directory));
    }
}
