//! The one door to files: the disk, or a map in memory for tests and editors.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

/// What a directory entry is, after following links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A file. Pipes and devices count as files too, and are refused when they are read.
    File,
    /// A folder.
    Directory,
}

/// Read access to files. All of terravet reads through this and nothing writes.
pub trait FileSystem: Send + Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// What the operating system answers; `InvalidInput` for a file above `limit` bytes, which is
    /// refused before it is read.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// What `path` is, or none where nothing (readable) is there.
    fn kind(&self, path: &Path) -> Option<EntryKind>;

    /// Whether `path` is a link.
    fn is_link(&self, path: &Path) -> bool;

    /// The names in a folder, sorted.
    ///
    /// # Errors
    /// What the operating system answers.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// The path with every link resolved, to tell whether it leads out of a tree.
    ///
    /// # Errors
    /// What the operating system answers, as for a loop of links.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;

    /// All files below `folder`, in order of their path; what `.gitignore` excludes is left out,
    /// as are hidden folders and links to folders. Problems met on the way are the second part.
    fn walk(&self, folder: &Path) -> (Vec<PathBuf>, Vec<(PathBuf, io::Error)>);
}

/// The real disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl FileSystem for Disk {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        use std::io::Read as _;
        // Asked before it is opened too: to open a pipe is to wait for whoever writes to it.
        refuse_special(&std::fs::metadata(path)?)?;
        let file = std::fs::File::open(path)?;
        let metadata = file.metadata()?;
        refuse_special(&metadata)?;
        if metadata.len() > limit {
            return Err(too_large(metadata.len(), limit));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        let metadata = std::fs::metadata(path).ok()?;
        if metadata.is_dir() { Some(EntryKind::Directory) } else { Some(EntryKind::File) }
    }

    fn is_link(&self, path: &Path) -> bool {
        std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let mut names: Vec<String> =
            std::fs::read_dir(folder)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort_unstable();
        Ok(names)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        std::fs::canonicalize(path)
    }

    fn walk(&self, folder: &Path) -> (Vec<PathBuf>, Vec<(PathBuf, io::Error)>) {
        crate::discovery::walk_disk(folder)
    }
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

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let folder = normalize(folder);
        let mut names: Vec<String> = self
            .files
            .keys()
            .filter_map(|file| {
                let rest = if folder == Path::new(".") { file.as_path() } else { file.strip_prefix(&folder).ok()? };
                Some(rest.components().next()?.as_os_str().to_str()?.to_owned())
            })
            .collect();
        names.dedup();
        if names.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(names) }
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        let path = normalize(path);
        self.kind(&path).map(|_| path).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn walk(&self, folder: &Path) -> (Vec<PathBuf>, Vec<(PathBuf, io::Error)>) {
        let folder = normalize(folder);
        let below = |file: &&PathBuf| folder == Path::new(".") || file.starts_with(&folder);
        (self.files.keys().filter(below).cloned().collect(), Vec::new())
    }
}

/// Refuses folders, pipes, sockets and devices.
fn refuse_special(metadata: &std::fs::Metadata) -> io::Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
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
