//! All files below a folder that are of concern by their names.
//!
//! In: a folder. Out: the files, and what was left out, both in an order that does not depend on threads. Folders are visited in parallel,
//! one level after the other, so that no depth is too deep.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::git::Repository;
use super::ignored::{Rules, Verdict};
use super::{FileRole, LeftOut, Why, role};
use crate::boundary::repository;
use crate::door::Door;
use crate::{Entry, EntryKind, FileSystem as _, Listed, normalize};

/// How many entries of a folder that is left out are looked at, to tell what it holds.
const MAX_LOOKED_AT: usize = 10_000;

/// What a walk found.
#[derive(Default)]
pub(super) struct Walked {
    pub(super) files: Vec<PathBuf>,
    pub(super) problems: Vec<(PathBuf, io::Error)>,
    pub(super) notes: Vec<(PathBuf, String)>,
    pub(super) left_out: Vec<LeftOut>,
}

/// A folder that is to be visited.
struct Folder {
    /// Its path as the user sees it.
    shown: PathBuf,
    /// Its path with all links resolved.
    real: PathBuf,
    rules: Arc<Rules>,
    repository: Option<Arc<Repository>>,
    /// Why only what git tracks is taken from it, where it is left out and git tracks something in it.
    only_tracked: Option<Why>,
}

/// Everything below a folder.
pub(super) fn walk(door: &Door, folder: &Path) -> Walked {
    let mut walked = Walked::default();
    let real = match door.canonical(folder) {
        Ok(real) => real,
        Err(error) => {
            walked.problems.push((folder.to_path_buf(), error));
            return walked;
        }
    };
    let top = repository(door, &real).map(|root| Arc::new(Repository::at(root)));
    let rules = match &top {
        Some(repository) => rules_above(door, repository.root(), &real, &mut walked.notes),
        None => Arc::default(),
    };
    let mut repositories: Vec<Arc<Repository>> = top.iter().cloned().collect();
    let mut level = vec![Folder { shown: normalize(folder), real, rules, repository: top, only_tracked: None }];
    while !level.is_empty() {
        let visits: Vec<Visit> = level.par_iter().map(|folder| Visit::of(door, folder)).collect();
        level = Vec::new();
        for visit in visits {
            walked.files.extend(visit.walked.files);
            walked.problems.extend(visit.walked.problems);
            walked.notes.extend(visit.walked.notes);
            walked.left_out.extend(visit.walked.left_out);
            repositories.extend(visit.repository);
            level.extend(visit.below);
        }
    }
    walked.files.sort_unstable();
    walked.notes.extend(repositories.iter().filter_map(|repository| repository.problem()));
    walked
}

/// The rules of the folders from the top of a repository down to the one that holds `folder`.
fn rules_above(door: &Door, root: &Path, folder: &Path, notes: &mut Vec<(PathBuf, String)>) -> Arc<Rules> {
    let mut above: Vec<&Path> = folder.ancestors().skip(1).take_while(|above| above.starts_with(root)).collect();
    above.reverse();
    above.into_iter().fold(Arc::default(), |rules, above| {
        let entries = door.entries(above).unwrap_or_default();
        Rules::below(&rules, door, above, &entries, notes)
    })
}

/// What one folder holds.
struct Visit {
    walked: Walked,
    below: Vec<Folder>,
    /// The repository whose top the folder is, where that is another one than before.
    repository: Option<Arc<Repository>>,
}

impl Visit {
    fn of(door: &Door, folder: &Folder) -> Self {
        let mut visit = Self { walked: Walked::default(), below: Vec::new(), repository: None };
        let entries = match door.entries(&folder.real) {
            Ok(entries) => entries,
            Err(error) => {
                visit.walked.problems.push((folder.shown.clone(), error));
                return visit;
            }
        };
        let mut here = Here {
            door,
            folder,
            rules: Arc::clone(&folder.rules),
            repository: folder.repository.clone(),
            is_assembly: false,
        };
        let is_top = folder.repository.as_ref().is_some_and(|repository| repository.root() == folder.real);
        if !is_top && entries.iter().any(|entry| entry.name == ".git") {
            // Another repository: what is said above does not hold in it.
            visit.repository = Some(Arc::new(Repository::at(&folder.real)));
            (here.repository, here.rules) = (visit.repository.clone(), Arc::default());
        }
        here.rules = Rules::below(&here.rules, door, &folder.real, &entries, &mut visit.walked.notes);
        here.is_assembly = entries.iter().any(|entry| entry.name == "cdk.out" && entry.kind == Listed::File);
        for entry in entries.iter().filter(|entry| entry.name != ".git") {
            match entry.kind {
                Listed::Directory => visit.folder(&here, entry),
                Listed::File | Listed::Link => visit.file(&here, entry),
                Listed::Special => {}
            }
        }
        visit
    }

    fn folder(&mut self, here: &Here<'_>, entry: &Entry) {
        let (shown, real) = here.paths(entry);
        let why = here.excluded(entry, &real, true);
        let is_tracked = || here.repository.as_ref().is_some_and(|it| it.tracks_below(here.door, &real));
        match why {
            Some(why) if !is_tracked() => self.walked.left_out.push(look_through(here.door, shown, &real, why)),
            only_tracked => self.below.push(Folder {
                shown,
                real,
                rules: Arc::clone(&here.rules),
                repository: here.repository.clone(),
                only_tracked,
            }),
        }
    }

    fn file(&mut self, here: &Here<'_>, entry: &Entry) {
        let (shown, real) = here.paths(entry);
        let role = role(&shown);
        if entry.kind == Listed::Link {
            let is_folder = here.door.kind(&real) == Some(EntryKind::Directory);
            let is_outside = || role == FileRole::Other && here.door.outside(&real) == Some(EntryKind::Directory);
            if is_outside() {
                self.walked.left_out.push(LeftOut { path: shown, why: Why::Outside, files: Vec::new(), more: true });
                return;
            }
            if is_folder {
                return;
            }
        }
        if role == FileRole::Other {
            return;
        }
        match here.excluded(entry, &real, false) {
            Some(why) if !here.repository.as_ref().is_some_and(|it| it.tracks(here.door, &real)) => {
                self.walked.left_out.push(LeftOut { path: shown.clone(), why, files: vec![shown], more: false });
            }
            _ => self.walked.files.push(shown),
        }
    }
}

/// Where entries are looked at.
struct Here<'v> {
    door: &'v Door,
    folder: &'v Folder,
    rules: Arc<Rules>,
    repository: Option<Arc<Repository>>,
    /// Whether it is a cloud assembly of the AWS CDK, which has a file `cdk.out`
    /// (<https://github.com/aws/aws-cdk/tree/main/packages/@aws-cdk/cloud-assembly-schema>).
    is_assembly: bool,
}

impl Here<'_> {
    fn paths(&self, entry: &Entry) -> (PathBuf, PathBuf) {
        let below =
            |folder: &Path| if folder == Path::new(".") { entry.name.clone().into() } else { folder.join(&entry.name) };
        (below(&self.folder.shown), below(&self.folder.real))
    }

    /// Why something is left out, unless git tracks it.
    fn excluded(&self, entry: &Entry, real: &Path, is_folder: bool) -> Option<Why> {
        if let Some(why) = &self.folder.only_tracked {
            return Some(why.clone());
        }
        let name = entry.name.as_encoded_bytes();
        if is_folder && self.is_assembly && name.starts_with(b"asset.") {
            return Some(Why::Packed);
        }
        match self.rules.verdict(real, is_folder) {
            Verdict::Ignored(by) => Some(Why::Ignored(self.seen(&by))),
            Verdict::Nothing if name.starts_with(b".") => Some(Why::Hidden),
            Verdict::Taken | Verdict::Nothing => None,
        }
    }

    /// A path with all links resolved, as the user would see it.
    fn seen(&self, real: &Path) -> PathBuf {
        let up = self.folder.real.ancestors().zip(self.folder.shown.ancestors());
        let seen = up.filter_map(|(own, shown)| Some(shown.join(real.strip_prefix(own).ok()?))).next();
        normalize(&seen.unwrap_or_else(|| real.to_path_buf()))
    }
}

/// What a folder that is left out holds, as far as names tell.
fn look_through(door: &Door, shown: PathBuf, real: &Path, why: Why) -> LeftOut {
    let mut left_out = LeftOut { path: shown.clone(), why, files: Vec::new(), more: false };
    let mut open = vec![(shown, real.to_path_buf())];
    let mut looked_at = 0;
    while let Some((shown, real)) = open.pop() {
        let entries = door.entries(&real).unwrap_or_default();
        for entry in entries.iter().rev().filter(|entry| entry.name != ".git") {
            looked_at += 1;
            if looked_at > MAX_LOOKED_AT {
                left_out.more = true;
                open.clear();
                break;
            }
            let path = shown.join(&entry.name);
            match entry.kind {
                Listed::Directory => open.push((path, real.join(&entry.name))),
                Listed::File if matches!(role(&path), FileRole::Terraform | FileRole::Document) => {
                    left_out.files.push(path)
                }
                _ => {}
            }
        }
    }
    left_out.files.sort_unstable();
    left_out
}
