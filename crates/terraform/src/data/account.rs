//! What an account, a region and a partition are called: known only to AWS, but well-shaped.
//!
//! Source: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/caller_identity>, `partition` and
//! `region` beside it.

use std::sync::Arc;

use terravet_graph::{Entries, Type};

use super::Request;

fn texts(request: &Request<'_>, names: &[(&str, Option<&str>)]) -> Entries {
    names.iter().map(|(name, prefix)| (Arc::from(*name), request.open(name, Type::String, *prefix))).collect()
}

/// `aws_caller_identity`.
pub(super) fn caller_identity(request: &Request<'_>) -> Entries {
    texts(request, &[("account_id", None), ("arn", Some("arn:aws")), ("id", None), ("user_id", None)])
}

/// `aws_partition`. All partitions begin with `aws`.
pub(super) fn partition(request: &Request<'_>) -> Entries {
    let names = [("dns_suffix", None), ("id", Some("aws")), ("partition", Some("aws")), ("reverse_dns_prefix", None)];
    texts(request, &names)
}

/// `aws_region`. A region that is asked for by name is known.
pub(super) fn region(request: &Request<'_>) -> Entries {
    let mut entries =
        texts(request, &[("description", None), ("endpoint", None), ("id", None), ("name", None), ("region", None)]);
    let given = [request.argument("name"), request.argument("region")].into_iter().find(|value| !value.is_unset());
    if let Some(given) = given {
        let same = |name: &str| (Arc::from(name), given.clone());
        entries.extend(["id", "name", "region"].map(same));
    }
    entries
}
