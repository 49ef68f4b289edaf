//! What people write beside a configuration: comments, and the metadata of resources.
//!
//! In: a file. Out: its comments, the elements that they may be about, and metadata. What a comment asks for, and how far
//! that reaches, is decided above.

use std::sync::Arc;

use terravet_source::Span;
use terravet_yaml::Node;

/// What is written beside the configuration in one file.
#[derive(Clone, Debug, Default)]
pub struct Annotations {
    /// The comments, in order.
    pub comments: Vec<Comment>,
    /// What comments can be about, in the order of where it begins, those around others before these.
    pub elements: Vec<Element>,
    /// The metadata of resources.
    pub metadata: Vec<Metadata>,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Where.
    pub span: Span,
    /// Its text.
    pub text: String,
    /// Whether it is an entry of what it is about: the way to write comments in JSON.
    pub is_entry: bool,
}

/// A block, an argument or an entry.
#[derive(Clone, Debug)]
pub struct Element {
    /// The whole of it.
    pub span: Span,
    /// Where the next one on its level begins, or the one around it ends: a comment before that belongs to it.
    pub end: u32,
    /// Whether it is a resource, a call or the like: nothing but the file is around it.
    pub is_whole: bool,
    /// The resources that it creates elsewhere: those of a module that it calls.
    pub creates: Option<Addresses>,
}

/// The addresses of what is created by a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The address of the call, as it stands in the addresses of what it creates.
    pub call: Arc<str>,
    /// Whether these begin with it: the call is one of the unit's root. Otherwise it stands anywhere in them.
    pub from_root: bool,
}

impl Addresses {
    /// Whether an address lies in an instance of the call.
    #[must_use]
    pub fn contain(&self, address: &str) -> bool {
        let ends = |rest: &str| rest.is_empty() || rest.starts_with(['.', '[']);
        if self.from_root {
            return address.strip_prefix(&*self.call).is_some_and(ends);
        }
        let begins = |before: &str| before.ends_with('.');
        let mut places = address.match_indices(&*self.call);
        places.any(|(at, found)| begins(&address[..at]) && ends(&address[at + found.len()..]))
    }
}

/// What is said of a resource beside its configuration.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// The resource.
    pub resource: Span,
    /// What is said.
    pub tree: Node,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_meant_by_its_address_and_where_it_stands() {
        let contain = |address: &str, call: &str, from_root| Addresses { call: call.into(), from_root }.contain(address);
        assert!(contain("module.db.aws_db_instance.i", "module.db", true));
        assert!(contain("module.db[\"a\"].aws_db_instance.i", "module.db", true));
        assert!(contain("module.db", "module.db", true));
        assert!(!contain("module.dba.aws_db_instance.i", "module.db", true));
        assert!(!contain("module.app.module.db.aws_db_instance.i", "module.db", true));
        assert!(contain("module.app.module.db[0].aws_db_instance.i", "module.db", false));
        assert!(!contain("module.db.aws_db_instance.i", "module.db", false));
    }
}
