//! What functions see of files: the scanned tree and no more.

use std::sync::Arc;

use terravet_source::SourceFile;

/// A file or folder in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// The name without its folder.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// Why a file cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileProblem {
    /// Terraform cannot have it either: it is not there, or it is no file. In words.
    Refused(String),
    /// Terraform may have it when it runs, and it must not be looked at here: it lies outside of the scanned tree. In
    /// words.
    OutOfReach(String),
}

/// Access of functions to files: inside the scanned tree only. Paths are as the configuration has them, relative to the root
/// module's folder.
pub trait Files {
    /// The text of a file.
    fn read_text(&self, path: &str) -> Result<Arc<SourceFile>, FileProblem>;
    /// The bytes of a file.
    fn read_bytes(&self, path: &str) -> Result<Vec<u8>, FileProblem>;
    /// Whether there is a regular file. A folder of this name is refused.
    fn exists(&self, path: &str) -> Result<bool, FileProblem>;
    /// What is in a folder, sorted by name.
    fn list(&self, folder: &str) -> Result<Vec<FileEntry>, FileProblem>;
    /// The absolute form of a path, without links resolved.
    fn absolute(&self, path: &str) -> Result<String, FileProblem>;
    /// The home folder of the user, if it is to be known.
    fn home(&self) -> Option<String>;
}
