//! Paths to where a kind's attribute stands in a native resource.
//!
//! `root_block_device.encrypted` looks into the subject itself, `encryption_configuration/rule.x` into a satellite
//! resource, `^/name` into the resource that a part belongs to, `meta/lifecycle` into what is said about the
//! resource. Lists on the way are looked into element by element.
//!
//! Which segments are no names, `[Key=Name]` for example, and how text is looked into is said in [`crate::structure`].

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
    /// The attributes of the satellite resources of this name.
    Satellite(Arc<str>),
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
        // A slash in the text of a step is no root.
        let (root, rest) = match text.split_once('/').filter(|(root, _)| !root.contains(['[', '('])) {
            None => (PathRoot::Own, text),
            Some(("^", rest)) => (PathRoot::Owner, rest),
            Some(("meta", rest)) => (PathRoot::Meta, rest),
            Some((satellite, rest)) => (PathRoot::Satellite(satellite.into()), rest),
        };
        Self { root, segments: segments(rest) }
    }

    /// The names to follow, as they are written in a page or a message.
    #[must_use]
    pub fn names(&self) -> String {
        self.segments.join(".").replace(".[", "[")
    }
}

/// The names of a path and its steps; a dot between brackets belongs to their text.
fn segments(text: &str) -> Vec<Arc<str>> {
    let mut found = vec![String::new()];
    let mut in_brackets = false;
    for c in text.chars() {
        let starts_next = !in_brackets && matches!(c, '.' | '[');
        in_brackets = if in_brackets { !matches!(c, ']' | ')') } else { matches!(c, '[' | '(') };
        if starts_next {
            found.push(String::new());
        }
        if let Some(last) = found.last_mut().filter(|_| !starts_next || c == '[') {
            last.push(c);
        }
    }
    found.iter().filter(|segment| !segment.is_empty()).map(|segment| Arc::from(segment.as_str())).collect()
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            PathRoot::Own => {}
            PathRoot::Owner => f.write_str("^/")?,
            PathRoot::Meta => f.write_str("meta/")?,
            PathRoot::Satellite(name) => write!(f, "{name}/")?,
        }
        f.write_str(&self.names())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_round_trips() {
        for text in [
            "encrypted",
            "a.b.c",
            "^/name",
            "meta/lifecycle.prevent_destroy",
            "versioning/status",
            "a[k=b.c/d].e",
            "name.after(/a.b/)",
        ] {
            assert_eq!(Path::parse(text).to_string(), text);
        }
        assert_eq!(Path::parse("versioning/status").root, PathRoot::Satellite("versioning".into()));
    }
}
