//! The repository that a folder lies in, and which files git tracks there.
//!
//! In: a folder with a `.git` in it. Out: whether git tracks a file, or anything below a folder, asked of git's index without git. Where
//! `.git` is a file, as in a worktree or a submodule, the folder that it names counts only if that folder names the
//! tree in turn; so a file in the tree cannot make anything else of the machine decide.
//!
//! Sources: <https://git-scm.com/docs/gitrepository-layout>, <https://git-scm.com/docs/git-worktree#_details>,
//! <https://git-scm.com/docs/git-config#Documentation/git-config.txt-coreworktree>.

use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use crate::door::Door;
use crate::{EntryKind, FileSystem as _, MAX_FILE_BYTES, normalize};

use super::git_index::{Index, Tracked};

/// The largest of git's small files that is read, in bytes.
const MAX_SMALL: u64 = 64 << 10;

/// A repository.
#[derive(Debug)]
pub(super) struct Repository {
    root: PathBuf,
    tracked: OnceLock<Result<Tracked, (PathBuf, String)>>,
}

impl Repository {
    /// The repository whose top is this folder, all links resolved.
    pub(super) fn at(root: &Path) -> Self {
        Self { root: root.to_path_buf(), tracked: OnceLock::new() }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether git tracks a file.
    pub(super) fn tracks(&self, door: &Door, file: &Path) -> bool {
        self.ask(door, file, Tracked::holds)
    }

    /// Whether git tracks a folder, as that of a submodule, or anything in it.
    pub(super) fn tracks_below(&self, door: &Door, folder: &Path) -> bool {
        self.ask(door, folder, Tracked::holds_below)
    }

    /// Why it is not known what git tracks, if it was asked and is not.
    pub(super) fn problem(&self) -> Option<(PathBuf, String)> {
        self.tracked.get()?.as_ref().err().cloned()
    }

    fn ask(&self, door: &Door, path: &Path, question: fn(&Tracked, &[u8]) -> bool) -> bool {
        let tracked = self.tracked.get_or_init(|| {
            let index = self.root.join(".git/index");
            read(door, &self.root).map_err(|why| {
                (
                    index,
                    format!(
                        "git's index is not read: {why}; so tracked files that an ignore file matches are left out"
                    ),
                )
            })
        });
        let below = if self.root == Path::new(".") { Ok(path) } else { path.strip_prefix(&self.root) };
        match (tracked, below) {
            (Ok(tracked), Ok(below)) => question(tracked, &slashed(below)),
            _ => false,
        }
    }
}

/// A path as git writes it.
fn slashed(path: &Path) -> Vec<u8> {
    let names: Vec<&[u8]> = path.components().map(|part| part.as_os_str().as_encoded_bytes()).collect();
    names.join(&b'/')
}

/// What git tracks in the tree below `root`. A repository without an index tracks nothing yet.
fn read(door: &Door, root: &Path) -> Result<Tracked, String> {
    let folder = git_folder(door, root)?;
    let read = |name: &str| door.read_of_git(&folder.join(name), MAX_FILE_BYTES);
    let bytes = match read("index") {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Tracked::default()),
        Err(error) => return Err(error.to_string()),
    };
    let index = Index::parse(&bytes)?;
    let Some(shared) = &index.shared else { return Ok(index.into_tracked(None)) };
    let bytes = read(&format!("sharedindex.{shared}")).map_err(|error| format!("the index that it shares: {error}"))?;
    let shared = Index::parse(&bytes)?;
    Ok(index.into_tracked(Some(shared)))
}

/// The folder in which git keeps the index of the tree.
fn git_folder(door: &Door, root: &Path) -> Result<PathBuf, String> {
    let dot_git = root.join(".git");
    if door.is_link(&dot_git) {
        return Err("`.git` is a link".to_owned());
    }
    if door.kind(&dot_git) == Some(EntryKind::Directory) {
        return Ok(dot_git);
    }
    let text = small(door, &dot_git)?;
    let named = text.strip_prefix("gitdir:").ok_or("`.git` is a file that names no folder")?;
    let folder = normalize(&root.join(named.trim()));
    let is_named = |name: &str| folder.components().any(|part| part == Component::Normal(name.as_ref()));
    let names_back = if folder.parent().is_some_and(|parent| parent.ends_with("worktrees")) {
        small(door, &folder.join("gitdir")).is_ok_and(|text| is_path(door, &folder.join(text.trim()), &dot_git))
    } else if is_named("modules") {
        let config = small(door, &folder.join("config")).unwrap_or_default();
        work_tree(&config).is_some_and(|path| is_path(door, &folder.join(path), root))
    } else {
        false
    };
    if names_back { Ok(folder) } else { Err("`.git` names a folder that does not name this tree".to_owned()) }
}

fn small(door: &Door, path: &Path) -> Result<String, String> {
    let bytes = door.read_of_git(path, MAX_SMALL).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether two paths lead to one place.
fn is_path(door: &Door, path: &Path, other: &Path) -> bool {
    let canonical = |path: &Path| door.canonical(&normalize(path)).ok();
    canonical(path).is_some_and(|path| Some(path) == canonical(other))
}

/// The value of `core.worktree` in a configuration of git.
fn work_tree(config: &str) -> Option<&str> {
    let assignment = |line: &'_ str| line.trim().split_once('=').map(|(name, _)| name.trim() == "worktree");
    let line = config.lines().find(|line| assignment(line) == Some(true))?;
    Some(line.split_once('=')?.1.trim().trim_matches('"'))
}
