//! The files of a unit, by their ids, and their lines as fingerprints know them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};
use terravet_source::{FileId, SourceFile, Span};

/// The longest line that a fingerprint takes in as it is, in bytes; of a longer one its digest.
const MAX_LINE: usize = 1_000;

/// The files of a unit.
pub(crate) struct Files<'f> {
    all: BTreeMap<FileId, &'f SourceFile>,
    /// Digests of long lines, by where they begin: many findings may stand on one.
    digests: Mutex<BTreeMap<(FileId, usize), Arc<str>>>,
}

impl<'f> Files<'f> {
    pub(crate) fn new(files: &'f [Arc<SourceFile>]) -> Self {
        Self { all: files.iter().map(|file| (file.id(), &**file)).collect(), digests: Mutex::default() }
    }

    /// The file that a span lies in.
    pub(crate) fn of(&self, span: Span) -> Option<&'f SourceFile> {
        self.all.get(&span.file).copied()
    }

    /// What a fingerprint takes in of the line that a span starts on: the text with white space evened out, or where that is
    /// long, its digest.
    pub(crate) fn line(&self, span: Span) -> Arc<str> {
        let Some(file) = self.of(span) else { return "".into() };
        let bounds = file.lines().bounds(file.text(), span.start);
        if bounds.len() <= MAX_LINE {
            return evened_out(&file.text()[bounds]).into();
        }
        let mut digests = self.digests.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = digests.entry((file.id(), bounds.start)).or_insert_with(|| digest(&file.text()[bounds]).into());
        Arc::clone(digest)
    }
}

fn evened_out(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn digest(line: &str) -> String {
    let mut hasher = Sha256::new();
    for word in line.split_whitespace() {
        hasher.update(word);
        hasher.update(" ");
    }
    let mut text = String::from("sha256:");
    for byte in hasher.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::path::Path;

    use terravet_source::{Memory, Sources};

    #[test]
    fn long_lines_are_known_by_their_digest_whatever_their_white_space() {
        let sources = Sources::new(Arc::new(Memory::default()));
        let long = |space: &str| format!("a = [{}]", format!("1,{space}").repeat(MAX_LINE));
        let text = format!("short  line\n{}\n{}\n", long(" "), long("   "));
        let file = sources.add(Path::new("main.tf"), text.as_str());
        let files = [Arc::clone(&file)];
        let files = Files::new(&files);
        let at = |part: &str| {
            let start = text.find(part).unwrap_or_default();
            files.line(Span::new(file.id(), start..start + 1))
        };
        assert_eq!(&*at("line"), "short line");
        assert_eq!(at("1, 1"), at("1,   1"));
        assert_eq!(at("1, 1").len(), "sha256:".len() + 64);
    }
}
