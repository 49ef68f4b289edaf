//! The real disk.
//!
//! In: canonical paths. Out: bytes and names. A path is opened without following any link in it, where the platform can do that, and
//! what was opened is compared with what was looked at before: whoever swaps a folder for a link meanwhile gets an error and not
//! another file. Devices, pipes, sockets and the files of the kernel (`/proc`, `/sys`) are refused before they are opened.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::file_system::too_large;
use crate::{Entry, EntryKind, FileSystem, Listed};

/// The real disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

/// Where the kernel shows itself as files.
const KERNEL: [&str; 2] = ["/proc", "/sys"];

impl FileSystem for Disk {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        // Looked at before it is opened: to open a pipe is to wait for whoever writes to it, and opening a device may act.
        let before = std::fs::symlink_metadata(path)?;
        if !before.is_file() || KERNEL.iter().any(|kernel| path.starts_with(kernel)) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let file = open(path, false)?;
        let opened = file.metadata()?;
        if !opened.is_file() || !is_same(&before, &opened) {
            return Err(changed());
        }
        if opened.len() > limit {
            return Err(too_large(opened.len(), limit));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(opened.len()).unwrap_or(0));
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

    fn entries(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = list(folder)?;
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        std::fs::canonicalize(path)
    }
}

/// What is told where the tree was changed between the look and the opening.
fn changed() -> io::Error {
    io::Error::other("it was replaced while it was being opened")
}

#[cfg(unix)]
fn open(path: &Path, folder: bool) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let kind = if folder { OFlags::DIRECTORY } else { OFlags::NONBLOCK | OFlags::NOCTTY };
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | kind;
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, ResolveFlags, openat2};
        use rustix::io::Errno;
        match openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS) {
            Ok(file) => return Ok(file.into()),
            Err(Errno::LOOP) => return Err(changed()),
            // An old kernel, or a sandbox that does not know the call.
            Err(Errno::NOSYS | Errno::PERM | Errno::INVAL) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let opened: File = rustix::fs::open(path, flags | OFlags::NOFOLLOW, Mode::empty())?.into();
    // A folder on the way may have become a link.
    if std::fs::canonicalize(path)? == path { Ok(opened) } else { Err(changed()) }
}

#[cfg(not(unix))]
fn open(path: &Path, _: bool) -> io::Result<File> {
    let opened = File::open(path)?;
    if std::fs::canonicalize(path)? == path { Ok(opened) } else { Err(changed()) }
}

#[cfg(unix)]
fn is_same(before: &Metadata, opened: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (before.dev(), before.ino()) == (opened.dev(), opened.ino())
}

#[cfg(not(unix))]
fn is_same(before: &Metadata, opened: &Metadata) -> bool {
    before.file_type() == opened.file_type() && before.created().ok() == opened.created().ok()
}

#[cfg(unix)]
fn list(folder: &Path) -> io::Result<Vec<Entry>> {
    use std::os::unix::ffi::OsStrExt as _;

    use rustix::fs::{Dir, FileType};
    let mut entries = Vec::new();
    for entry in Dir::read_from(open(folder, true)?)? {
        let entry = entry?;
        let name = std::ffi::OsStr::from_bytes(entry.file_name().to_bytes());
        if name == "." || name == ".." {
            continue;
        }
        let kind = match entry.file_type() {
            FileType::RegularFile => Listed::File,
            FileType::Directory => Listed::Directory,
            FileType::Symlink => Listed::Link,
            // Some file systems do not say.
            FileType::Unknown => match std::fs::symlink_metadata(folder.join(name)) {
                Ok(metadata) => listed(metadata.file_type()),
                Err(_) => continue,
            },
            _ => Listed::Special,
        };
        entries.push(Entry { name: name.to_owned(), kind });
    }
    Ok(entries)
}

#[cfg(not(unix))]
fn list(folder: &Path) -> io::Result<Vec<Entry>> {
    let entry = |entry: io::Result<std::fs::DirEntry>| {
        let entry = entry?;
        Ok(Entry { name: entry.file_name(), kind: listed(entry.file_type()?) })
    };
    std::fs::read_dir(folder)?.map(entry).collect()
}

fn listed(kind: std::fs::FileType) -> Listed {
    if kind.is_symlink() {
        Listed::Link
    } else if kind.is_dir() {
        Listed::Directory
    } else if kind.is_file() {
        Listed::File
    } else {
        Listed::Special
    }
}
