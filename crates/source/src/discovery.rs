//! Which files a scan concerns.
//!
//! In: the paths that the user named. Out: [`Discovered`]: folders that hold Terraform files, and
//! files that may hold CloudFormation or a plan, to be told by their content. `.gitignore` and
//! `.ignore` are honoured, hidden folders (so `.git`, `.terraform`) are not entered, links to folders
//! are not followed. What the AWS CDK has packed to be uploaded (`cdk.out/asset.…/`) is not what it deploys, and is left out. A
//! path that the user named is taken even if an ignore file excludes it.
//!
//! It does not read files; what a YAML or JSON file is, the frontends decide.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::{EntryKind, FileSystem, normalize};

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
}

/// Finds what there is to scan below `paths`. A file argument stands for the unit that it belongs to: a
/// Terraform file for its folder, as pre-commit passes them.
///
/// # Errors
/// The first path that does not exist, which is wrong usage and not a problem met on the way.
pub fn discover(file_system: &dyn FileSystem, paths: &[PathBuf]) -> Result<Discovered, PathBuf> {
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
                let (files, problems) = file_system.walk(&path);
                found.problems.extend(problems);
                for file in files.into_iter().filter(|file| !is_packed(file_system, &path, file)) {
                    found.problems.extend(unreadable_name(&file));
                    sort_in(&file, &mut folders, &mut documents, false);
                }
            }
        }
    }
    found.terraform_folders = folders.into_iter().collect();
    found.documents = documents.into_iter().collect();
    found.problems.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

/// Whether a file below `root` belongs to an asset of an application of the AWS CDK: it lies in a folder `asset.…` beside the file
/// `cdk.out` that every cloud assembly has (<https://github.com/aws/aws-cdk/tree/main/packages/@aws-cdk/cloud-assembly-schema>).
fn is_packed(file_system: &dyn FileSystem, root: &Path, file: &Path) -> bool {
    let folders = file.ancestors().skip(1).take_while(|folder| *folder != root && !folder.as_os_str().is_empty());
    folders.into_iter().any(|folder| {
        let is_asset = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("asset."));
        let beside = || folder.parent().unwrap_or(Path::new("")).join("cdk.out");
        is_asset && file_system.kind(&beside()) == Some(EntryKind::File)
    })
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

/// All files below a folder of the disk, walked in parallel and then sorted.
pub(crate) fn walk_disk(folder: &Path) -> (Vec<PathBuf>, Vec<(PathBuf, io::Error)>) {
    let files = Mutex::new(Vec::new());
    let problems = Mutex::new(Vec::new());
    let walker = ignore::WalkBuilder::new(folder)
        .require_git(false)
        .follow_links(false)
        .threads(rayon::current_num_threads())
        .build_parallel();
    walker.run(|| {
        Box::new(|entry| {
            match entry {
                Ok(entry) => {
                    let is_file = entry
                        .file_type()
                        .is_some_and(|kind| kind.is_file() || (kind.is_symlink() && may_lead_to_a_file(entry.path())));
                    if is_file && role(entry.path()) != FileRole::Other {
                        push(&files, normalize(entry.path()));
                    }
                }
                Err(error) => {
                    let path = path_of(&error).unwrap_or(folder).to_path_buf();
                    let text = error.to_string();
                    let error = error.into_io_error().unwrap_or_else(|| io::Error::other(text));
                    push(&problems, (path, error));
                }
            }
            ignore::WalkState::Continue
        })
    });
    let mut files = files.into_inner().unwrap_or_default();
    files.sort_unstable();
    (files, problems.into_inner().unwrap_or_default())
}

/// Whether a link leads to a file, or nobody can tell, as with links that lead in a circle: reading it then tells why.
fn may_lead_to_a_file(link: &Path) -> bool {
    match std::fs::metadata(link) {
        Ok(metadata) => metadata.is_file(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

fn push<T>(list: &Mutex<Vec<T>>, item: T) {
    list.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(item);
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    #[test]
    fn a_file_argument_stands_for_its_unit() {
        let tree = Memory::new([("a/main.tf", ""), ("a/b/x.tf", ""), ("t.yaml", ""), ("README.md", "")]);
        let found = discover(&tree, &["a/main.tf".into(), "t.yaml".into()]).unwrap();
        assert_eq!(found.terraform_folders, [PathBuf::from("a")]);
        assert_eq!(found.documents, [PathBuf::from("t.yaml")]);
    }

    #[test]
    fn a_folder_argument_finds_everything_below() {
        let tree = Memory::new([("a/main.tf", ""), ("a/b/x.tofu", ""), ("t.yaml", ""), ("only.tfvars", "")]);
        let found = discover(&tree, &[".".into()]).unwrap();
        assert_eq!(found.terraform_folders, [PathBuf::from("a"), PathBuf::from("a/b")]);
        assert_eq!(found.documents, [PathBuf::from("t.yaml")]);
    }

    #[test]
    fn what_the_cdk_has_packed_is_left_out_unless_named() {
        let tree = Memory::new([
            ("app/cdk.out/cdk.out", ""),
            ("app/cdk.out/Stack.template.json", ""),
            ("app/cdk.out/asset.1f/lib/test.template.json", ""),
            ("app/asset.d/t.yaml", ""),
        ]);
        let found = |path: &str| discover(&tree, &[path.into()]).unwrap().documents;
        let (stack, packed) = ("app/cdk.out/Stack.template.json", "app/cdk.out/asset.1f/lib/test.template.json");
        assert_eq!(found("."), [PathBuf::from("app/asset.d/t.yaml"), PathBuf::from(stack)]);
        assert_eq!(found("app/cdk.out/asset.1f"), [PathBuf::from(packed)]);
        assert_eq!(found(packed), [PathBuf::from(packed)]);
    }

    #[test]
    fn a_missing_path_is_named() {
        let tree = Memory::new([("a/main.tf", "")]);
        assert_eq!(discover(&tree, &["nowhere".into()]).unwrap_err(), PathBuf::from("nowhere"));
    }
}
