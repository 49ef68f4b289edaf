//! `aws_arn`: an ARN taken apart.
//!
//! Source: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/arn>.

use std::sync::Arc;

use terravet_graph::{Entries, Type, Value};

use super::{Computed, Request};

/// The parts of an ARN between its colons; the last one may hold colons itself.
const PARTS: [&str; 6] = ["arn", "partition", "service", "region", "account", "resource"];

/// Takes the ARN apart.
pub(super) fn read(request: &Request<'_>) -> Computed {
    let arn = request.text("arn")?;
    let Some(text) = arn.as_str() else {
        let open = |name: &&str| (Arc::from(*name), request.open_because(&arn, Type::String));
        return Ok(PARTS[1..].iter().chain(&["id"]).map(open).collect());
    };
    let parts: Vec<&str> = text.splitn(PARTS.len(), ':').collect();
    if parts.len() != PARTS.len() || parts[0] != "arn" {
        return Err(request.refused(&arn, format!("{text:?} is no ARN")));
    }
    let part = |(name, text): (&str, &str)| (Arc::from(name), arn.part(&Value::string(text)));
    let mut entries: Entries = PARTS.into_iter().zip(parts).skip(1).map(part).collect();
    entries.insert("id".into(), arn.clone());
    Ok(entries)
}
