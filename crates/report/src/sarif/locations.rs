//! Places as SARIF writes them.

use serde_sarif::sarif::{ArtifactLocation, Location, PhysicalLocation, Region};
use terravet_diagnostics::Label;
use terravet_source::{Anchors, FileId, Span};

use super::results::sentence;
use crate::Places;

/// What relative paths are relative to: the root of the repository, under the name that GitHub knows.
pub(super) const BASE: &str = "%SRCROOT%";

/// Writes places.
pub(super) struct Locations<'r> {
    pub(super) places: &'r Places<'r>,
    pub(super) anchors: Option<&'r Anchors>,
}

impl Locations<'_> {
    /// A span without words.
    pub(super) fn location(&self, span: Span) -> Location {
        let physical =
            PhysicalLocation::builder().artifact_location(self.artifact(span.file)).region(self.region(span)).build();
        Location::builder().physical_location(physical).build()
    }

    /// A labelled span.
    pub(super) fn labelled(&self, label: &Label) -> Location {
        let mut location = self.location(label.span);
        if !label.text.is_empty() {
            location.message = Some((&sentence(&label.text)).into());
        }
        location
    }

    /// Lines and columns, both from 1; the end column is the one after the last character.
    pub(super) fn region(&self, span: Span) -> Region {
        let place = self.places.place(span);
        Region::builder()
            .start_line(i64::from(place.start.line))
            .start_column(i64::from(place.start.column))
            .end_line(i64::from(place.end.line))
            .end_column(i64::from(place.end.column))
            .build()
    }

    /// A file. What lies outside of the scanned trees and was named by an absolute path has an absolute URI.
    pub(super) fn artifact(&self, file: FileId) -> ArtifactLocation {
        if let Some(path) = self.anchors.and_then(|anchors| self.places.shared_path(file, anchors)) {
            return ArtifactLocation::builder().uri(encoded(&path)).uri_base_id(BASE).build();
        }
        let path = self.places.path(file);
        if path.starts_with('/') {
            return ArtifactLocation::builder().uri(format!("file://{}", encoded(&path))).build();
        }
        ArtifactLocation::builder().uri(encoded(&path)).uri_base_id(BASE).build()
    }
}

/// A path as part of a URI (RFC 3986): everything but letters, digits, `-._~` and the slash is escaped.
fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_escaped_as_uris() {
        assert_eq!(encoded("a b/c:d/ü[0].tf"), "a%20b/c%3Ad/%C3%BC%5B0%5D.tf");
    }
}
