//! Where the module that a call names lies.
//!
//! In: the source as written, the folder of the caller and, for modules that were installed, the manifest that
//! `terraform init` leaves in `.terraform/modules/modules.json`. Out: a folder, or why there is none.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/modules/sources>.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_source::{EntryKind, Sources, Span, normalize};
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
    /// Reads the manifest of a root module, if there is one, and says what is wrong with it.
    pub(crate) fn read(sources: &Sources, root: &Path) -> (Self, Vec<Diagnostic>) {
        let path = root.join(".terraform/modules/modules.json");
        let file = match sources.load(&path) {
            Ok(file) => file,
            Err(error) => {
                let file_system = sources.file_system();
                let is_there =
                    file_system.kind(&path).is_some() || file_system.is_link(&path) || sources.outside(&path).is_some();
                let problem = is_there.then(|| refused(Span::start_of(sources.id(&path)), &error.to_string()));
                return (Self::default(), problem.into_iter().collect());
            }
        };
        let parsed = terravet_yaml::parse_json(&file);
        let mut problems: Vec<Diagnostic> =
            parsed.diagnostics.iter().map(|problem| refused(problem.primary.span, &problem.message)).collect();
        let document = parsed.documents.first();
        let modules = document.and_then(|document| property(document, "Modules"));
        if let Some(document) = document.filter(|_| modules.and_then(Node::as_sequence).is_none()) {
            problems.push(refused(document.span, "it has no list `Modules`"));
        }
        let folder = |entry: &Node| {
            let key = property(entry, "Key")?.as_str()?;
            let folder = property(entry, "Dir")?.as_str()?;
            (!key.is_empty()).then(|| (key.into(), normalize(&root.join(folder))))
        };
        let entries = modules.and_then(Node::as_sequence).unwrap_or_default();
        (Self { folders: entries.iter().filter_map(folder).collect() }, problems)
    }
}

/// What is told of a manifest that says nothing.
fn refused(place: Span, why: &str) -> Diagnostic {
    Diagnostic::error("terraform-module-manifest", place, format!("cannot read the list of installed modules: {why}"))
        .with_help("run `terraform init` again; calls of modules that are not in this tree were not checked")
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
        reachable(&self.sources, folder)
    }
}

fn reachable(sources: &Sources, folder: PathBuf) -> Located {
    if !sources.permits(&folder) {
        return Located::Unreachable(format!("`{}` lies outside of the scanned tree", folder.display()));
    }
    if sources.file_system().kind(&folder) != Some(EntryKind::Directory) {
        return Located::Unreachable(format!("there is no folder `{}`", folder.display()));
    }
    Located::Folder(folder)
}
