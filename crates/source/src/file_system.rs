//! Files as bytes: the disk, or a map in memory for tests and editors.
//!
//! In: paths. Out: bytes, names, what lies where. Nothing but [`crate::Sources`] asks a file system, and it asks whether a path may be
//! read first (`door`). What is opened is a regular file or a folder, never a device, a pipe, a socket or a file of the kernel.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

/// What a path is, after following links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A file. Pipes and devices count as files too, and are refused when they are read.
    File,
    /// A folder.
    Directory,
}

/// What stands in a folder, before following links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// A regular file.
    File,
    /// A folder.
    Directory,
    /// A link to whatever.
    Link,
    /// A pipe, a socket or a device.
    Special,
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, which need not be text.
    pub name: OsString,
    /// What it is.
    pub kind: Listed,
}

/// Read access to files. All of terravet reads through this.
pub trait FileSystem: Send + Sync {
    /// The bytes of a regular file. The path is a canonical one, and no link in it is followed: where there is one now, the file
    /// system has changed since the path was resolved.
    ///
    /// # Errors
    /// What the operating system answers; `InvalidInput` for what is no regular file, and for a file above `limit` bytes, which is
    /// refused before it is read.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// What `path` is, or none where nothing (readable) is there.
    fn kind(&self, path: &Path) -> Option<EntryKind>;

    /// Whether `path` is a link.
    fn is_link(&self, path: &Path) -> bool;

    /// What stands in a folder, sorted by name. The path is a canonical one, as for [`FileSystem::read`].
    ///
    /// # Errors
    /// What the operating system answers.
    fn entries(&self, folder: &Path) -> io::Result<Vec<Entry>>;

    /// The names in a folder that are text, sorted.
    ///
    /// # Errors
    /// What the operating system answers.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        Ok(self.entries(folder)?.into_iter().filter_map(|entry| entry.name.into_string().ok()).collect())
    }

    /// The path with every link resolved, to tell whether it leads out of a tree.
    ///
    /// # Errors
    /// What the operating system answers, as for a loop of links.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;
}

/// A tree of files in memory. Paths are normalized; folders exist where a file lies below them.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Memory {
    /// A tree of these files.
    pub fn new<P: Into<PathBuf>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        let files = files.into_iter().map(|(path, bytes)| (normalize(&path.into()), bytes.into())).collect();
        Self { files }
    }
}

impl FileSystem for Memory {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let bytes = self.files.get(&normalize(path)).ok_or(io::ErrorKind::NotFound)?;
        if bytes.len() as u64 > limit {
            return Err(too_large(bytes.len() as u64, limit));
        }
        Ok(bytes.clone())
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        let path = normalize(path);
        if self.files.contains_key(&path) {
            return Some(EntryKind::File);
        }
        let below = |file: &PathBuf| path == Path::new(".") || file.starts_with(&path);
        self.files.keys().any(below).then_some(EntryKind::Directory)
    }

    fn is_link(&self, _: &Path) -> bool {
        false
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let folder = normalize(folder);
        let mut entries: BTreeMap<OsString, Listed> = BTreeMap::new();
        for file in self.files.keys() {
            let rest = if folder == Path::new(".") { Ok(file.as_path()) } else { file.strip_prefix(&folder) };
            let Ok(rest) = rest else { continue };
            let mut names = rest.components();
            if let Some(name) = names.next() {
                let kind = if names.next().is_some() { Listed::Directory } else { Listed::File };
                entries.insert(name.as_os_str().to_owned(), kind);
            }
        }
        if entries.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(entries.into_iter().map(|(name, kind)| Entry { name, kind }).collect())
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        let path = normalize(path);
        self.kind(&path).map(|_| path).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

pub(crate) fn too_large(bytes: u64, limit: u64) -> io::Error {
    let text = format!("the file has {bytes} bytes, more than the limit of {limit} bytes");
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

/// The path without `.` and with `..` resolved by name alone (no look at the disk). The empty path is
/// `.`; a `..` that leads above a relative path's start stays.
#[must_use]
pub fn normalize(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => out.push(".."),
            },
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalizing_resolves_dots_by_name() {
        let normal = |path: &str| normalize(Path::new(path)).to_string_lossy().into_owned();
        assert_eq!(normal("./a/../b/./c"), "b/c");
        assert_eq!(normal("../a"), "../a");
        assert_eq!(normal("a/.."), ".");
        assert_eq!(normal("/../a"), "/a");
    }

    #[test]
    fn memory_lists_folders_and_files() {
        let tree = Memory::new([("main.tf", ""), ("modules/a/main.tf", "x")]);
        assert_eq!(tree.list(Path::new(".")).unwrap(), ["main.tf", "modules"]);
        assert_eq!(tree.kind(Path::new("modules/a")), Some(EntryKind::Directory));
        assert_eq!(tree.read(Path::new("./modules/a/main.tf"), 10).unwrap(), b"x");
        assert_eq!(tree.kind(Path::new("nowhere")), None);
    }
}
