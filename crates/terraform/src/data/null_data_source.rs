//! `null_data_source`: its inputs as texts.
//!
//! Source: <https://registry.terraform.io/providers/hashicorp/null/latest/docs/data-sources/data_source>.

use terravet_graph::{Entries, Type, Value};

use super::{Computed, Request};
use terravet_terraform_functions::convert::convert;

/// Hands the inputs on. While one of them is not known, Terraform does not read it before apply, and none is to be had: people
/// use it to wait for what makes the others valid, such as a file.
pub(super) fn read(request: &Request<'_>) -> Computed {
    let inputs = request.argument("inputs");
    let texts = Type::map(Type::String);
    let outputs = if inputs.is_unset() {
        Value::map(Type::String, [])
    } else if request.waits || !inputs.is_wholly_known() {
        request.open_because(&inputs, texts)
    } else {
        convert(&inputs, &texts).map_err(|error| request.refused(&inputs, format!("`inputs`: {error}")))?
    };
    Ok(Entries::from_iter([("outputs".into(), outputs)]))
}
