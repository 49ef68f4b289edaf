//! The files that functions may read: those of the tree, by paths relative to the root module.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use terravet_source::{EntryKind, FileId, SourceFile, Sources, normalize};

use terravet_terraform_functions::{FileEntry, FileProblem, Files};

/// Access to the files of one unit.
pub(crate) struct TreeFiles<'l> {
    sources: &'l Sources,
    root: PathBuf,
    /// What has been read, to keep its text alive as long as values point into it.
    read: RefCell<BTreeMap<FileId, Arc<SourceFile>>>,
}

impl<'l> TreeFiles<'l> {
    /// Access for the root module in a folder.
    pub(crate) fn new(sources: &'l Sources, root: &Path) -> Self {
        Self { sources, root: root.to_path_buf(), read: RefCell::default() }
    }

    /// The files that have been read.
    pub(crate) fn into_read(self) -> BTreeMap<FileId, Arc<SourceFile>> {
        self.read.into_inner()
    }

    fn path(&self, path: &str) -> Result<PathBuf, FileProblem> {
        if path.contains('\0') {
            return Err(FileProblem::Refused("a path cannot hold a zero byte".into()));
        }
        let joined = normalize(&self.root.join(path));
        if !self.sources.permits(&joined) {
            return Err(FileProblem::OutOfReach(format!("{path:?} lies outside of the scanned tree and is not read")));
        }
        Ok(joined)
    }
}

fn refused(what: &str, path: &str, error: &dyn std::fmt::Display) -> FileProblem {
    FileProblem::Refused(format!("cannot {what} {path:?}: {error}"))
}

impl Files for TreeFiles<'_> {
    fn read_text(&self, path: &str) -> Result<Arc<SourceFile>, FileProblem> {
        let file = self.sources.load(&self.path(path)?).map_err(|error| refused("read", path, &error))?;
        self.read.borrow_mut().insert(file.id(), Arc::clone(&file));
        Ok(file)
    }

    fn read_bytes(&self, path: &str) -> Result<Vec<u8>, FileProblem> {
        let bytes = self.sources.bytes(&self.path(path)?);
        bytes.map_err(|error| refused("read", path, &error))
    }

    fn exists(&self, path: &str) -> Result<bool, FileProblem> {
        match self.sources.file_system().kind(&self.path(path)?) {
            Some(EntryKind::File) => Ok(true),
            Some(EntryKind::Directory) => Err(FileProblem::Refused(format!("{path:?} is a folder, not a file"))),
            None => Ok(false),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<FileEntry>, FileProblem> {
        let path = self.path(folder)?;
        let file_system = self.sources.file_system();
        let names = file_system.list(&path).map_err(|error| refused("list", folder, &error))?;
        let entry = |name: String| {
            let is_folder = file_system.kind(&path.join(&name)) == Some(EntryKind::Directory);
            FileEntry { name, is_folder }
        };
        Ok(names.into_iter().map(entry).collect())
    }

    fn absolute(&self, path: &str) -> Result<String, FileProblem> {
        let root = self.sources.file_system().canonical(&self.root).map_err(|error| refused("find", path, &error))?;
        Ok(normalize(&root.join(path)).to_string_lossy().into_owned())
    }

    fn home(&self) -> Option<String> {
        None
    }
}
