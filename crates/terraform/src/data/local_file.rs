//! `local_file`: the content of a file of the tree.
//!
//! Source: <https://registry.terraform.io/providers/hashicorp/local/latest/docs/data-sources/file>.

use std::sync::Arc;

use terravet_graph::{Entries, Type};

use super::{Computed, Request};

/// The attributes, with the function that makes each from the name of the file.
const ATTRIBUTES: [(&str, &str); 7] = [
    ("content", "file"),
    ("content_base64", "filebase64"),
    ("content_base64sha256", "filebase64sha256"),
    ("content_base64sha512", "filebase64sha512"),
    ("content_md5", "filemd5"),
    ("content_sha1", "filesha1"),
    ("content_sha256", "filesha256"),
];

/// Reads the file.
pub(super) fn read(request: &Request<'_>) -> Computed {
    let name = request.text("filename")?;
    if name.as_str().is_none() {
        let open = |(attribute, _): &(&str, &str)| (Arc::from(*attribute), request.open_because(&name, Type::String));
        return Ok(ATTRIBUTES.iter().map(open).collect());
    }
    // A file that is written by the same configuration is not there yet.
    let exists = request.call("fileexists", vec![name.clone()]).ok().and_then(|exists| exists.as_bool());
    if exists != Some(true) {
        let open = |(attribute, _): &(&str, &str)| (Arc::from(*attribute), request.open(attribute, Type::String, None));
        return Ok(ATTRIBUTES.iter().map(open).collect());
    }
    let mut entries = Entries::new();
    for (attribute, function) in ATTRIBUTES {
        // What is no text has no `content`, and all else.
        let value = request.call(function, vec![name.clone()]);
        let value = value.unwrap_or_else(|_| request.open(attribute, Type::String, None));
        entries.insert(attribute.into(), value);
    }
    Ok(entries)
}
