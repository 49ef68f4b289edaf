//! Which files a scan concerns.
//!
//! In: the paths that the user named. Out: [`Discovered`]: folders that hold Terraform files, files that may hold CloudFormation or a
//! plan, to be told by their content, and what was left out ([`LeftOut`]). `.gitignore` and `.ignore` of the repository, or of the
//! given folder where there is none, are honoured for what git does not track; hidden folders are not entered, links to folders are
//! not followed. A path that the user named is taken whatever excludes it.
//!
//! Nothing of the machine decides: no global list of ignored files, no `.git/info/exclude`, no ignore file above the repository. It reads
//! ignore files and git's index, and nothing else; what a YAML or JSON file is, the frontends decide.

mod git;
mod git_index;
mod ignored;
mod walk;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::{EntryKind, Sources, normalize};

/// What a file is, as far as its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileRole {
    /// Terraform or OpenTofu configuration: `.tf`, `.tf.json`, `.tofu`, `.tofu.json`.
    Terraform,
    /// Values of input variables: `.tfvars`, `.tfvars.json`.
    TerraformValues,
    /// YAML, JSON or a `.template` file: CloudFormation, a plan, or something of no concern.
    Document,
    /// Of no concern.
    Other,
}

/// The role of a file by its name.
#[must_use]
pub fn role(path: &Path) -> FileRole {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else { return FileRole::Other };
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.len() > suffix.len() && name.ends_with(suffix));
    if ends(&[".tf", ".tf.json", ".tofu", ".tofu.json"]) {
        FileRole::Terraform
    } else if ends(&[".tfvars", ".tfvars.json"]) {
        FileRole::TerraformValues
    } else if ends(&[".yaml", ".yml", ".json", ".template", ".cfn", ".cform"]) {
        FileRole::Document
    } else {
        FileRole::Other
    }
}

/// What discovery found, each list sorted and without duplicates.
#[derive(Debug, Default)]
pub struct Discovered {
    /// Folders that directly hold Terraform files.
    pub terraform_folders: Vec<PathBuf>,
    /// Files whose content decides what they are.
    pub documents: Vec<PathBuf>,
    /// Files that the user named one by one; a frontend that does not recognise one of them says so.
    pub named: BTreeSet<PathBuf>,
    /// Paths that could not be visited, with the reason.
    pub problems: Vec<(PathBuf, io::Error)>,
    /// Ignore files and indexes of git that decide nothing since they cannot be read, with the reason.
    pub notes: Vec<(PathBuf, String)>,
    /// What was not entered or not taken.
    pub left_out: Vec<LeftOut>,
}

/// Why something was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// A pattern in this ignore file matches it.
    Ignored(PathBuf),
    /// Its name begins with a dot.
    Hidden,
    /// It is an asset that the AWS CDK has packed to be uploaded, which is not what it deploys.
    Packed,
    /// It is a link to a folder outside of the scanned tree.
    Outside,
}

/// A file or folder that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub why: Why,
    /// The files in it that may hold configuration, as far as their names tell; the file itself where it is one.
    pub files: Vec<PathBuf>,
    /// Whether the folder holds so much that not all of it was looked through.
    pub more: bool,
}

/// Finds what there is to scan below `paths`. A file argument stands for the unit that it belongs to: a
/// Terraform file for its folder, as pre-commit passes them.
///
/// # Errors
/// The first path that does not exist, which is wrong usage and not a problem met on the way.
pub fn discover(sources: &Sources, paths: &[PathBuf]) -> Result<Discovered, PathBuf> {
    let file_system = sources.file_system();
    let mut found = Discovered::default();
    let (mut folders, mut documents) = (BTreeSet::new(), BTreeSet::new());
    for path in paths {
        let path = normalize(path);
        match file_system.kind(&path).ok_or_else(|| path.clone())? {
            EntryKind::File => {
                found.problems.extend(unreadable_name(&path));
                sort_in(&path, &mut folders, &mut documents, true);
                found.named.insert(path);
            }
            EntryKind::Directory => {
                let walked = walk::walk(sources.door(), &path);
                found.problems.extend(walked.problems);
                found.notes.extend(walked.notes);
                found.left_out.extend(walked.left_out);
                for file in walked.files {
                    found.problems.extend(unreadable_name(&file));
                    sort_in(&file, &mut folders, &mut documents, false);
                }
            }
        }
    }
    // Terraform reads every file of a folder, so those of a module that is scanned are not left out.
    let is_read = |path: &Path| {
        role(path) == FileRole::Terraform && path.parent().is_some_and(|it| folders.contains(&normalize(it)))
    };
    found.left_out.retain(|it| !is_read(&it.path) && !documents.contains(&it.path));
    found.terraform_folders = folders.into_iter().collect();
    found.documents = documents.into_iter().collect();
    found.problems.sort_by(|a, b| a.0.cmp(&b.0));
    found.notes.sort();
    found.notes.dedup();
    found.left_out.sort_by(|a, b| a.path.cmp(&b.path));
    found.left_out.dedup_by(|a, b| a.path == b.path);
    Ok(found)
}

/// What is wrong with the name of a Terraform file: the files of a module are told apart by their names, which are text.
fn unreadable_name(file: &Path) -> Option<(PathBuf, io::Error)> {
    let is_text = file.file_name().is_none_or(|name| name.to_str().is_some());
    (!is_text && matches!(role(file), FileRole::Terraform | FileRole::TerraformValues))
        .then(|| (file.to_path_buf(), io::Error::new(io::ErrorKind::InvalidInput, "its name is not valid UTF-8")))
}

fn sort_in(file: &Path, folders: &mut BTreeSet<PathBuf>, documents: &mut BTreeSet<PathBuf>, named: bool) {
    match role(file) {
        FileRole::Terraform | FileRole::TerraformValues => {
            if named || role(file) == FileRole::Terraform {
                folders.insert(normalize(file.parent().unwrap_or(Path::new("."))));
            }
        }
        FileRole::Document => {
            documents.insert(file.to_path_buf());
        }
        FileRole::Other if named => {
            documents.insert(file.to_path_buf());
        }
        FileRole::Other => {}
    }
}

#[cfg(test)]
mod tests;
