//! Paths to where a kind's attribute stands in a native resource.
//!
//! `root_block_device.encrypted` looks into the subject itself, `encryption_configuration/rule.x` into a companion
//! resource, `^/name` into the resource that a part belongs to, `meta/lifecycle` into what is said about the
//! resource. Lists on the way are looked into element by element, text that is JSON or YAML like what it
//! says, and `*` stands for every entry of an object.

use std::fmt;
use std::sync::Arc;

/// What a path starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathRoot {
    /// The subject: the resource's attributes, or the part.
    Own,
    /// The attributes of the resource that a part belongs to.
    Owner,
    /// The meta-arguments of the resource.
    Meta,
    /// The attributes of the companion resources of this name.
    Companion(Arc<str>),
}

/// A path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Where it starts.
    pub root: PathRoot,
    /// The names to follow. Empty means the start itself.
    pub segments: Vec<Arc<str>>,
}

impl Path {
    /// Reads the notation.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (root, rest) = match text.split_once('/') {
            None => (PathRoot::Own, text),
            Some(("^", rest)) => (PathRoot::Owner, rest),
            Some(("meta", rest)) => (PathRoot::Meta, rest),
            Some((companion, rest)) => (PathRoot::Companion(companion.into()), rest),
        };
        Self { root, segments: rest.split('.').filter(|segment| !segment.is_empty()).map(Arc::from).collect() }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            PathRoot::Own => {}
            PathRoot::Owner => f.write_str("^/")?,
            PathRoot::Meta => f.write_str("meta/")?,
            PathRoot::Companion(name) => write!(f, "{name}/")?,
        }
        f.write_str(&self.segments.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_round_trips() {
        for text in ["encrypted", "a.b.c", "^/name", "meta/lifecycle.prevent_destroy", "versioning/status"] {
            assert_eq!(Path::parse(text).to_string(), text);
        }
        assert_eq!(Path::parse("versioning/status").root, PathRoot::Companion("versioning".into()));
    }
}
