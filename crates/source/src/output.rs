//! The one file that is written: the report.
//!
//! In: the path that the user named, and the [`Sources`] of the scan. Out: a file that is written beside its place and moved there when it is
//! whole, so that at no time half a report lies there. A path is refused where writing would destroy an input, and where a link in the
//! scanned tree leads it elsewhere. Devices and pipes are written as they are.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use crate::Sources;
use crate::discovery::{FileRole, role};

/// A place where a report may be written.
#[derive(Clone, Debug)]
pub struct Destination {
    /// With all links resolved.
    real: PathBuf,
    /// Whether it is written as it is: a device, a pipe.
    is_special: bool,
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

impl Destination {
    /// The place at a path.
    ///
    /// # Errors
    /// Why nothing may be written there, or cannot be.
    pub fn new(sources: &Sources, path: &Path) -> io::Result<Self> {
        let real = resolve(sources, path)?;
        let is_special = ["/dev", "/proc"].iter().any(|folder| real.starts_with(folder))
            || std::fs::metadata(&real).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir());
        if real.is_dir() {
            return Err(refused("it is a folder"));
        }
        let destination = Self { real, is_special };
        if destination.real.exists() && destination.is_source() {
            return Err(refused("it is a file of the configuration, which the report would replace"));
        }
        Ok(destination)
    }

    /// Refuses a file that was read as an input; to be asked once everything has been read.
    ///
    /// # Errors
    /// That it is one.
    pub fn refuse_input(&self, sources: &Sources) -> io::Result<()> {
        let is_here = |path: &Path| std::fs::canonicalize(path).is_ok_and(|path| path == self.real);
        let name = self.real.file_name();
        // Only a link has another name than what it leads to.
        let may_be = |path: &Path| path.file_name() == name || sources.file_system().is_link(path);
        if !self.is_special && sources.inputs().iter().any(|path| may_be(path) && is_here(path)) {
            return Err(refused("it is an input of this scan, which the report would replace"));
        }
        Ok(())
    }

    /// Whether the name alone tells that it is no report.
    fn is_source(&self) -> bool {
        let is_of_git = self.real.components().any(|part| part == Component::Normal(".git".as_ref()));
        let name = self.real.file_name().unwrap_or_default();
        matches!(role(&self.real), FileRole::Terraform | FileRole::TerraformValues)
            || is_of_git
            || [".gitignore", ".ignore", "modules.json", ".terraform.lock.hcl"].iter().any(|known| name == *known)
    }

    /// Begins to write.
    ///
    /// # Errors
    /// What the operating system answers.
    pub fn create(self) -> io::Result<Replacement> {
        if self.is_special {
            let file = OpenOptions::new().write(true).open(&self.real)?;
            return Ok(Replacement { destination: self, temporary: None, file });
        }
        let folder = self.real.parent().unwrap_or(Path::new("."));
        let mut number = 0;
        loop {
            let temporary = folder.join(format!(".terravet-{}-{number}.tmp", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&temporary) {
                Ok(file) => return Ok(Replacement { destination: self, temporary: Some(temporary), file }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 100 => number += 1,
                Err(error) => return Err(error),
            }
        }
    }
}

/// A path with all links resolved. Its last part need not exist. A link in a scanned tree that leads out of it is refused.
fn resolve(sources: &Sources, path: &Path) -> io::Result<PathBuf> {
    let mut real = PathBuf::new();
    for part in std::path::absolute(path)?.components() {
        match part {
            Component::ParentDir => {
                real.pop();
            }
            Component::CurDir => {}
            part => {
                let next = real.join(part);
                let is_link = std::fs::symlink_metadata(&next).is_ok_and(|metadata| metadata.is_symlink());
                let in_tree = sources.boundary().trees().any(|tree| real.starts_with(tree));
                real = match std::fs::canonicalize(&next) {
                    _ if !is_link => next,
                    Ok(target) if in_tree && !sources.boundary().permits(&target) => {
                        return Err(refused("a link leads out of the scanned tree"));
                    }
                    Ok(target) => target,
                    // Links of the kernel to pipes have no target by name, and can be opened all the same.
                    Err(_) if !in_tree && next.exists() => next,
                    Err(_) => return Err(refused("it is a link to a file that does not exist")),
                };
            }
        }
    }
    Ok(real)
}

/// A file that is being written, and takes its place when it is whole. It is removed where that does not come about.
#[derive(Debug)]
pub struct Replacement {
    destination: Destination,
    temporary: Option<PathBuf>,
    file: File,
}

impl Replacement {
    /// The file beside its place that must not stay, where there is one.
    #[must_use]
    pub fn temporary(&self) -> Option<&Path> {
        self.temporary.as_deref()
    }

    /// Puts what was written in its place.
    ///
    /// # Errors
    /// What the operating system answers.
    pub fn finish(mut self) -> io::Result<()> {
        let Some(temporary) = &self.temporary else { return self.file.flush() };
        if let Ok(before) = std::fs::metadata(&self.destination.real) {
            self.file.set_permissions(before.permissions())?;
        }
        // A disk that is full may say so only here.
        self.file.sync_all()?;
        std::fs::rename(temporary, &self.destination.real)?;
        self.temporary = None;
        Ok(())
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            discard(temporary);
        }
    }
}

/// Removes a temporary file. Nothing is done where that fails, since nothing can be.
pub fn discard(temporary: &Path) {
    let _ = std::fs::remove_file(temporary);
}
