//! The releases of providers that a root module is locked to.
//!
//! In: the file `.terraform.lock.hcl` beside a root module, which `terraform init` writes and keeps to. Out: the release of each
//! provider by its name. A file that cannot be read is as none.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/files/dependency-lock>.

use std::path::Path;

use terravet_graph::Releases;
use terravet_hcl::ExprKind;
use terravet_source::{EntryKind, Sources};

use crate::module::Requirements;

const LOCK_FILE: &str = ".terraform.lock.hcl";

/// Reads the lock file of a root module, if there is one.
pub(crate) fn read(sources: &Sources, root: &Path) -> Requirements {
    let path = root.join(LOCK_FILE);
    let mut locked = Requirements::new();
    if sources.file_system().kind(&path) != Some(EntryKind::File) {
        return locked;
    }
    let Ok(file) = sources.load(&path) else { return locked };
    let parsed = terravet_hcl::parse_native(&file);
    for block in parsed.body.blocks.iter().filter(|block| &*block.kind.name == "provider") {
        // `registry.terraform.io/hashicorp/aws`
        let name = block.labels.first().and_then(|label| label.text.rsplit('/').next());
        let version = block.body.attribute("version").map(|attribute| &attribute.expr.kind);
        if let (Some(name), Some(ExprKind::String { text, .. })) = (name, version) {
            locked.insert(name.into(), Releases::within(text));
        }
    }
    locked
}
