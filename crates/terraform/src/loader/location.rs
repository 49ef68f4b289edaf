//! Where the module that a call names lies.
//!
//! In: the source as written, the folder of the caller and, for modules that were installed, the manifest that
//! `terraform init` leaves in `.terraform/modules/modules.json`. Out: a folder, or why there is none.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/modules/sources>.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use terravet_source::{Boundary, EntryKind, Sources, normalize};
use terravet_yaml::Node;

use super::Loader;

/// Where a called module is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Located {
    /// In this folder.
    Folder(PathBuf),
    /// It would have to be fetched, and was not.
    Elsewhere,
    /// It should be on this machine, and is not to be had; the words say why.
    Unreachable(String),
}

/// Whether a source is a path within the tree.
pub(crate) fn is_local(source: &str) -> bool {
    matches!(source, "." | "..") || ["./", "../", ".\\", "..\\"].iter().any(|start| source.starts_with(start))
}

/// The modules that have been installed for one root module: folders by the path of calls that leads to them.
#[derive(Debug, Default)]
pub(crate) struct Vendored {
    folders: BTreeMap<Arc<str>, PathBuf>,
}

impl Vendored {
    /// Reads the manifest of a root module, if there is one. A manifest that cannot be read is as none.
    pub(crate) fn read(sources: &Sources, boundary: &Boundary, root: &Path) -> Self {
        let path = root.join(".terraform/modules/modules.json");
        let file_system = sources.file_system();
        if file_system.kind(&path) != Some(EntryKind::File) || !boundary.contains(sources, &path) {
            return Self::default();
        }
        let Ok(file) = sources.load(&path) else { return Self::default() };
        let parsed = terravet_yaml::parse_json(&file);
        let modules = parsed.documents.first().and_then(|document| property(document, "Modules"));
        let folder = |entry: &Node| {
            let key = property(entry, "Key")?.as_str()?;
            let folder = property(entry, "Dir")?.as_str()?;
            (!key.is_empty()).then(|| (key.into(), normalize(&root.join(folder))))
        };
        let entries = modules.and_then(Node::as_sequence).unwrap_or_default();
        Self { folders: entries.iter().filter_map(folder).collect() }
    }
}

fn property<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    let entries = node.as_mapping()?;
    entries.iter().find(|entry| entry.key.as_str() == Some(name)).map(|entry| &entry.value)
}

impl Loader {
    /// Where the module lies that is called from `caller` with `source`. The `path` is that of the calls from the root,
    /// as in `network.subnets`.
    pub(crate) fn locate(&self, vendored: &Vendored, caller: &Path, source: &str, path: &str) -> Located {
        let folder = if is_local(source) {
            normalize(&caller.join(source.replace('\\', "/")))
        } else {
            match vendored.folders.get(path) {
                Some(folder) if self.sources.file_system().kind(folder) == Some(EntryKind::Directory) => folder.clone(),
                _ => return Located::Elsewhere,
            }
        };
        reachable(&self.sources, &self.boundary, folder)
    }
}

fn reachable(sources: &Sources, boundary: &Boundary, folder: PathBuf) -> Located {
    if sources.file_system().kind(&folder) != Some(EntryKind::Directory) {
        return Located::Unreachable(format!("there is no folder `{}`", folder.display()));
    }
    if !boundary.contains(sources, &folder) {
        return Located::Unreachable(format!("`{}` lies outside of the scanned tree", folder.display()));
    }
    Located::Folder(folder)
}
