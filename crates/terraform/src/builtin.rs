//! The provider that is part of Terraform itself, whose resources need no schema from elsewhere.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/resources/terraform-data> and
//! <https://developer.hashicorp.com/terraform/language/state/remote-state-data>.

use crate::module::ResourceMode;

/// The attributes of one type of resource.
#[derive(Debug)]
pub(crate) struct Schema {
    /// Those that are written.
    pub(crate) arguments: &'static [&'static str],
    /// Those that only Terraform sets.
    pub(crate) computed: &'static [&'static str],
    /// Those that are text.
    pub(crate) texts: &'static [&'static str],
}

static TERRAFORM_DATA: Schema =
    Schema { arguments: &["input", "triggers_replace"], computed: &["id", "output"], texts: &["id"] };
static REMOTE_STATE: Schema = Schema {
    arguments: &["backend", "config", "defaults", "workspace"],
    computed: &["outputs"],
    texts: &["backend", "workspace"],
};

/// Whether a type belongs to this provider by its name.
pub(crate) fn owns(native_type: &str) -> bool {
    native_type == "terraform" || native_type.starts_with("terraform_")
}

/// The schema of a type, if it is one of Terraform's own.
pub(crate) fn schema(mode: ResourceMode, native_type: &str) -> Option<&'static Schema> {
    match (mode, native_type) {
        (ResourceMode::Managed, "terraform_data") => Some(&TERRAFORM_DATA),
        (ResourceMode::Data, "terraform_remote_state") => Some(&REMOTE_STATE),
        _ => None,
    }
}
