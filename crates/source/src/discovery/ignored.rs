//! What ignore files say.
//!
//! In: the text of `.gitignore` and `.ignore` files, from the top of the repository down. Out: whether a path is ignored, and by which of
//! them. The nearest file decides; `.ignore` before `.gitignore`, whatever their folders, as in ripgrep. A link is not followed, as git
//! follows none. What cannot be read, or is beyond the limits, ignores nothing.
//!
//! Source: <https://git-scm.com/docs/gitignore>.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::door::Door;
use crate::{Entry, FileSystem as _, Listed};

/// The largest ignore file, in bytes.
const MAX_BYTES: u64 = 1 << 20;
/// The most patterns of one.
const MAX_PATTERNS: u64 = 10_000;

/// The ignore files that hold for a folder: its own, and those of the folders above it.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// Of `.ignore` and of `.gitignore`.
    own: [Option<Gitignore>; 2],
    above: Option<Arc<Rules>>,
}

/// What the rules say of a path.
pub(super) enum Verdict {
    /// Nothing.
    Nothing,
    /// That it is taken, whatever else would leave it out.
    Taken,
    /// That it is ignored, by a pattern in this file.
    Ignored(PathBuf),
}

const NAMES: [&str; 2] = [".ignore", ".gitignore"];

impl Rules {
    /// The rules in a folder with these entries, which lies below one with the rules `above`.
    pub(super) fn below(
        above: &Arc<Rules>,
        door: &Door,
        folder: &Path,
        entries: &[Entry],
        notes: &mut Vec<(PathBuf, String)>,
    ) -> Arc<Rules> {
        let own = NAMES.map(|name| {
            let is_there = entries.iter().any(|entry| entry.name == name && entry.kind == Listed::File);
            if !is_there {
                return None;
            }
            let path = folder.join(name);
            match read(door, folder, &path) {
                Ok(rules) => Some(rules),
                Err(why) => {
                    notes.push((path, format!("nothing is ignored by this file: {why}")));
                    None
                }
            }
        });
        if own.iter().all(Option::is_none) {
            Arc::clone(above)
        } else {
            Arc::new(Self { own, above: Some(Arc::clone(above)) })
        }
    }

    /// What they say of a path.
    pub(super) fn verdict(&self, path: &Path, is_folder: bool) -> Verdict {
        for (which, name) in NAMES.iter().enumerate() {
            let mut next = Some(self);
            while let Some(rules) = next {
                match rules.own[which].as_ref().map_or(Match::None, |own| own.matched(path, is_folder)) {
                    Match::None => next = rules.above.as_deref(),
                    Match::Whitelist(_) => return Verdict::Taken,
                    Match::Ignore(_) => {
                        let folder = rules.own[which].as_ref().map_or(Path::new(""), Gitignore::path);
                        return Verdict::Ignored(folder.join(name));
                    }
                }
            }
        }
        Verdict::Nothing
    }
}

fn read(door: &Door, folder: &Path, path: &Path) -> Result<Gitignore, String> {
    let bytes = door.read(path, MAX_BYTES).map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&bytes);
    let mut builder = GitignoreBuilder::new(folder);
    for line in text.trim_start_matches('\u{feff}').lines() {
        // A pattern that is none matches nothing, as in git.
        let _ = builder.add_line(None, line);
    }
    let rules = builder.build().map_err(|error| error.to_string())?;
    if rules.num_ignores() + rules.num_whitelists() > MAX_PATTERNS {
        return Err(format!("it has more than {MAX_PATTERNS} patterns"));
    }
    Ok(rules)
}
