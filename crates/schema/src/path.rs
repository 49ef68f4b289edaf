//! Paths to where a kind's attribute stands in a native resource.
//!
//! `root_block_device.encrypted` looks into the subject itself, `encryption_configuration/rule.x` into a satellite
//! resource, `^/name` into the resource that a part belongs to, `meta/lifecycle` into what is said about the
//! resource. Lists on the way are looked into element by element.
//!
//! Which segments are no names, `[Key=Name]` for example, and how text is looked into is said in the model.

use std::fmt;
use std::sync::Arc;

use terravet_diagnostics::did_you_mean_or;

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
    ///
    /// # Errors
    /// [`PathError`] at the place where it is none.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        // A slash in the text of a step is no root.
        let (root, rest) = match text.split_once('/').filter(|(root, _)| !root.contains(['[', '('])) {
            None => (PathRoot::Own, text),
            Some(("^", rest)) => (PathRoot::Owner, rest),
            Some(("meta", rest)) => (PathRoot::Meta, rest),
            Some((satellite, rest)) => (PathRoot::Satellite(satellite.into()), rest),
        };
        let start = text.len() - rest.len();
        let segments = segments(rest).map_err(|error| PathError { offset: start + error.offset, ..error })?;
        Ok(Self { root, segments })
    }

    /// The names to follow, as they are written in a page or a message.
    #[must_use]
    pub fn names(&self) -> String {
        self.segments.join(".").replace(".[", "[")
    }
}

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    /// The byte offset in the text.
    pub offset: usize,
    /// What is wrong and what to do.
    pub message: String,
}

/// The steps that are written as functions, and whether they take a text.
const STEPS: [(&str, bool); 4] = [("entries", false), ("parsed", false), ("after", true), ("until", true)];

/// The names of a path and its steps; a dot between brackets belongs to their text.
fn segments(text: &str) -> Result<Vec<Arc<str>>, PathError> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with('[') {
            let segment = closed(rest, ']', at)?;
            if !segment.contains('=') {
                let message = "a selection among entries is written as `[Key=Value]`".to_owned();
                return Err(PathError { offset: at, message });
            }
            found.push(Arc::from(segment));
            at += segment.len();
        } else {
            let end = rest.find(['.', '[', '(']).unwrap_or(rest.len());
            let name = &rest[..end];
            let segment = if rest[end..].starts_with('(') { step(rest, name, at)? } else { plain(name, at)? };
            found.push(Arc::from(segment));
            at += segment.len();
        }
        match text[at..].chars().next() {
            Some('.') if at + 1 < text.len() => at += 1,
            None | Some('[') => {}
            Some(_) => {
                let message = "a path ends in a name; names are parted by single dots".to_owned();
                return Err(PathError { offset: at, message });
            }
        }
    }
    Ok(found)
}

/// The text up to the bracket that closes what it begins with.
fn closed(text: &str, bracket: char, at: usize) -> Result<&str, PathError> {
    match text.find(bracket) {
        Some(end) => Ok(&text[..=end]),
        None => Err(PathError { offset: at, message: format!("`{text}` is never closed; `{bracket}` is missing") }),
    }
}

/// A step that is written as a function.
fn step<'t>(rest: &'t str, name: &str, at: usize) -> Result<&'t str, PathError> {
    let error = |message: String| Err(PathError { offset: at, message });
    let Some((_, takes_text)) = STEPS.into_iter().find(|(known, _)| *known == name) else {
        let known = STEPS.map(|(known, _)| known);
        let hint = did_you_mean_or(name, known, "there are entries(), parsed(), after(text) and until(text)");
        return error(format!("there is no step `{name}`; {hint}"));
    };
    let segment = closed(rest, ')', at)?;
    match (segment.len() > name.len() + "()".len(), takes_text) {
        (true, true) | (false, false) => Ok(segment),
        (false, true) => error(format!("`{name}` takes a text, as `{name}(/aws/lambda/)`")),
        (true, false) => error(format!("`{name}` takes nothing: `{name}()`")),
    }
}

/// A name, or `*` for every entry.
fn plain(name: &str, at: usize) -> Result<&str, PathError> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '$');
    if name == "*" || !name.is_empty() && name.chars().all(is_name) {
        return Ok(name);
    }
    let message = if name.is_empty() { "a name is missing here".to_owned() } else { format!("`{name}` is no name") };
    Err(PathError { offset: at, message })
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
            assert_eq!(Path::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Path::parse("versioning/status").unwrap().root, PathRoot::Satellite("versioning".into()));
    }

    #[test]
    fn what_is_no_path_is_told_at_its_place() {
        let error = |text: &str| {
            let error = Path::parse(text).unwrap_err();
            (error.offset, error.message)
        };
        let said = |offset: usize, message: &str| (offset, message.to_owned());
        assert_eq!(error("kms_key_id.aftr(x"), said(11, "there is no step `aftr`; did you mean `after`?"));
        assert_eq!(error("kms_key_id.after(x"), said(11, "`after(x` is never closed; `)` is missing"));
        assert_eq!(error("a[k]"), said(1, "a selection among entries is written as `[Key=Value]`"));
        assert_eq!(error("a[k=v"), said(1, "`[k=v` is never closed; `]` is missing"));
        assert_eq!(error("a..b"), said(2, "a name is missing here"));
        assert_eq!(error("a.b."), said(3, "a path ends in a name; names are parted by single dots"));
        assert_eq!(error("logging/a b"), said(8, "`a b` is no name"));
        assert_eq!(error("a.after()"), said(2, "`after` takes a text, as `after(/aws/lambda/)`"));
        assert_eq!(error("a.parsed(x)"), said(2, "`parsed` takes nothing: `parsed()`"));
    }
}
