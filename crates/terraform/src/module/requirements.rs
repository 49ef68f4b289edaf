//! Which releases of providers a module may be used with.
//!
//! In: `terraform` and `provider` blocks. Out: the range of releases by the provider's name; a constraint that cannot be
//! read allows any.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/providers/requirements>; a `version` in a `provider` block is the
//! older way to say it.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::Releases;
use terravet_hcl::{Block, Expr, ExprKind, ObjectKey};

/// Ranges of releases by the name of the provider, as in `aws`.
pub(crate) type Requirements = BTreeMap<Arc<str>, Releases>;

/// Adds what a `terraform` or `provider` block demands.
pub(super) fn read(block: &Block, into: &mut Requirements) {
    if &*block.kind.name == "provider" {
        let version = block.body.attribute("version").and_then(|attribute| text(&attribute.expr));
        if let (Some(name), Some(version)) = (block.labels.first(), version) {
            demand(into, &name.text, Releases::within(version));
        }
        return;
    }
    let required = block.body.blocks.iter().filter(|inner| &*inner.kind.name == "required_providers");
    for attribute in required.flat_map(|inner| &inner.body.attributes) {
        let version = match &attribute.expr.kind {
            ExprKind::Object(items) => {
                let is_version = |key: &ObjectKey| match key {
                    ObjectKey::Name(name) => &*name.name == "version",
                    ObjectKey::Expr(expr) => text(expr) == Some("version"),
                };
                items.iter().find(|item| is_version(&item.key)).and_then(|item| text(&item.value))
            }
            _ => text(&attribute.expr),
        };
        if let Some(version) = version {
            demand(into, &attribute.name.name, Releases::within(version));
        }
    }
}

/// Narrows the range of a provider. Of demands that exclude each other the first holds: Terraform refuses both.
pub(crate) fn demand(into: &mut Requirements, name: &Arc<str>, releases: Releases) {
    let range = into.entry(Arc::clone(name)).or_insert(Releases::ANY);
    *range = range.and(releases).unwrap_or(*range);
}

fn text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::String { text, .. } => Some(text),
        _ => None,
    }
}
