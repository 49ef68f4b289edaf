//! Files of the scanned tree that a template names.
//!
//! `aws cloudformation package` uploads what a template names by a path, and writes the place in S3 in its stead; other
//! templates name the place in S3 from the start, and its last part is the path in the repository.
//!
//! In: the template, and a path or the end of a URL in it. Out: the file. Invariants: nothing is read outside of the boundary, also
//! not through links; a URL names a file only where its end is that of one file and of no other.
//!
//! Source: <https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html>.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use terravet_graph::{Content, Value};
use terravet_source::{EntryKind, SourceFile, Sources, discovery, normalize};

/// The most files that are opened to tell which of them a URL means.
const MAX_ALIKE: usize = 64;
/// How deep the pieces of a text are looked into.
const MAX_DEPTH: usize = 32;

/// The files that templates may name.
#[derive(Debug)]
pub(crate) struct LocalFiles {
    sources: Arc<Sources>,
    trees: Vec<PathBuf>,
    /// The documents of the trees, with all links resolved; found when a URL is first looked for.
    documents: OnceLock<Vec<PathBuf>>,
}

impl LocalFiles {
    /// The files of the trees that may be read; those below the working directory where everything may be.
    pub(crate) fn new(sources: Arc<Sources>) -> Self {
        let mut trees: Vec<PathBuf> = sources.boundary().trees().map(Path::to_path_buf).collect();
        if trees.is_empty() {
            trees.push(PathBuf::from("."));
        }
        Self { sources, trees, documents: OnceLock::new() }
    }

    /// The file at a path that is written in `from`.
    ///
    /// # Errors
    /// In words, why there is none.
    pub(crate) fn at(&self, from: &SourceFile, text: &str) -> Result<Arc<SourceFile>, String> {
        let path = normalize(&folder(from).join(text));
        if self.sources.permits(&path) && self.sources.file_system().kind(&path) != Some(EntryKind::File) {
            return Err(format!("there is no file {}", path.display()));
        }
        self.read(&path)
    }

    /// The one file of the trees whose path ends as that of a URL that is written in `from`; of several the one that
    /// agrees with the URL on the most folders. None where no file has the name.
    ///
    /// # Errors
    /// In words, why it cannot be told or read.
    pub(crate) fn named_by(
        &self,
        from: &SourceFile,
        end: &str,
        is_wanted: impl Fn(&SourceFile) -> bool,
    ) -> Option<Result<Arc<SourceFile>, String>> {
        let end = end.split(['?', '#']).next().unwrap_or_default();
        // What stands before the first slash may be the end of a longer name, and no more than settles which file is meant.
        let wanted: Vec<&str> = end.split('/').rev().filter(|name| !name.is_empty()).collect();
        let name = *wanted.first().filter(|_| end.contains('/'))?;
        let agrees = |document: &Path| {
            let names = document.components().rev().map(|part| part.as_os_str().to_string_lossy());
            names.zip(&wanted).take_while(|(own, wanted)| own == *wanted).count()
        };
        let mut by_count: BTreeMap<usize, Vec<&PathBuf>> = BTreeMap::new();
        for document in self.documents().iter().filter(|path| path.file_name().is_some_and(|own| own == name)) {
            by_count.entry(agrees(document)).or_default().push(document);
        }
        let mut failure = None;
        for documents in by_count.values().rev() {
            let several = |count: usize| format!("{count} files of this tree could be {name}");
            if documents.len() > MAX_ALIKE {
                return Some(Err(several(documents.len())));
            }
            let mut found = Vec::new();
            for document in documents {
                match self.read(&self.as_seen_from(from, document)) {
                    Ok(file) => found.extend(Some(file).filter(|file| is_wanted(file))),
                    Err(error) => failure = Some(error),
                }
            }
            match found.as_slice() {
                [] => {}
                [only] => return Some(Ok(Arc::clone(only))),
                more => return Some(Err(several(more.len()))),
            }
        }
        failure.map(Err)
    }

    fn read(&self, path: &Path) -> Result<Arc<SourceFile>, String> {
        if !self.sources.permits(path) {
            return Err(format!("{} lies outside of what is scanned, and was not read", path.display()));
        }
        self.sources.load(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
    }

    fn documents(&self) -> &[PathBuf] {
        self.documents.get_or_init(|| {
            let file_system = self.sources.file_system();
            // A tree that is gone holds nothing.
            let found = discovery::discover(&self.sources, &self.trees).unwrap_or_default();
            let canonical = |path: &PathBuf| file_system.canonical(path).ok();
            let mut documents: Vec<PathBuf> = found.documents.iter().filter_map(canonical).collect();
            documents.sort();
            documents.dedup();
            documents
        })
    }

    /// A path as it would be written by who scans `from`, so that a file has one name in all reports.
    fn as_seen_from(&self, from: &SourceFile, document: &Path) -> PathBuf {
        let file_system = self.sources.file_system();
        let own = folder(from);
        let Ok(base) = file_system.canonical(&normalize(&own)) else { return document.to_path_buf() };
        let base = if base == Path::new(".") { PathBuf::new() } else { base };
        let shared = base.components().zip(document.components()).take_while(|(own, other)| own == other).count();
        let mut relative: PathBuf = base.components().skip(shared).map(|_| "..").collect();
        relative.extend(document.components().skip(shared));
        let seen = normalize(&own.join(relative));
        let is_same = file_system.canonical(&seen).is_ok_and(|canonical| canonical == document);
        if is_same { seen } else { document.to_path_buf() }
    }
}

fn folder(file: &SourceFile) -> PathBuf {
    file.path().parent().map(Path::to_path_buf).unwrap_or_default()
}

/// What a text certainly ends with, as far as it is known: the whole of a known text, the part after the last unknown piece,
/// what all candidates end with.
pub(crate) fn known_end(value: &Value) -> String {
    end_of(value, 0)
}

fn end_of(value: &Value, depth: usize) -> String {
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    if depth > MAX_DEPTH {
        return String::new();
    }
    if let Some(Content::Pieces(pieces)) = value.content.as_deref() {
        let mut end = String::new();
        for piece in pieces.iter().rev() {
            end.insert_str(0, &end_of(piece, depth + 1));
            if piece.is_unknown() {
                break;
            }
        }
        return end;
    }
    let candidates = value.as_unknown().map(|unknown| &unknown.candidates[..]).unwrap_or_default();
    let mut ends = candidates.iter().map(|candidate| end_of(&candidate.value, depth + 1));
    let first = ends.next().unwrap_or_default();
    ends.fold(first, |all, end| shared_end(&all, &end).to_owned())
}

fn shared_end<'t>(a: &'t str, b: &str) -> &'t str {
    let count: usize = a
        .chars()
        .rev()
        .zip(b.chars().rev())
        .take_while(|(a, b)| a == b)
        .map(|(character, _)| character.len_utf8())
        .sum();
    &a[a.len() - count..]
}

#[cfg(test)]
mod tests {
    use terravet_graph::{Type, Why};
    use terravet_source::Memory;

    use super::*;

    #[test]
    fn a_url_names_the_one_file_that_ends_as_it_does() {
        let files =
            ["a/templates/main.yaml", "a/templates/vpc.yaml", "b/templates/vpc.yaml", "b/web.yaml", "c/db.yaml"];
        let sources = Arc::new(Sources::new(Arc::new(Memory::new(files.map(|path| (path, ""))))));
        let local = LocalFiles::new(Arc::clone(&sources));
        let from = sources.load(Path::new("a/templates/main.yaml")).unwrap();
        let named = |end: &str| match local.named_by(&from, end, |file| !file.path().starts_with("c")) {
            Some(Ok(file)) => file.path().display().to_string(),
            Some(Err(why)) => why,
            None => "nothing".to_owned(),
        };
        assert_eq!(named("https://s3.amazonaws.com/bucket/a/templates/vpc.yaml"), "a/templates/vpc.yaml");
        assert_eq!(named("/templates/vpc.yaml"), "2 files of this tree could be vpc.yaml");
        assert_eq!(named("x/b/web.yaml?versionId=3"), "b/web.yaml");
        assert_eq!(named("web.yaml"), "nothing");
        assert_eq!(named("/c/db.yaml"), "nothing");
        assert_eq!(named("/none.yaml"), "nothing");
    }

    #[test]
    fn the_end_of_a_text_is_known_after_its_last_unknown_piece() {
        let unknown = || Value::unknown(Why::Input("Bucket".into()), Type::String);
        let text = |text: &str| Value::string(text);
        let made = |pieces: Vec<Value>| unknown().with_content(Content::Pieces(pieces));
        assert_eq!(known_end(&Value::string("a/b")), "a/b");
        assert_eq!(known_end(&made(vec![text("https://"), unknown(), text("/x/"), text("y.yaml")])), "/x/y.yaml");
        assert_eq!(known_end(&made(vec![text("a"), made(vec![unknown(), text("b")]), text("c")])), "bc");
        assert_eq!(known_end(&unknown()), "");
        assert_eq!(shared_end("aé/x.yaml", "bé/x.yaml"), "é/x.yaml");
    }
}
