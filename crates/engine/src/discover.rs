//! From the given paths to units.
//!
//! In: the paths of the options, and the frontends. Out: [`Units`]: what is deployed together, each with the frontend that
//! loads it, and what went wrong while looking for them.
//!
//! A file is a unit's by its name, or by its content where its name leaves that open. What a unit calls or nests is no unit,
//! unless the user named it.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use terravet_diagnostics::Diagnostic;
use terravet_frontend::{Document, Frontend, ModuleStub, Recognition, Root};
use terravet_rules::Outline;
use terravet_source::{
    Boundary, EntryKind, FileSystem, MAX_FILE_BYTES, ReadError, Sources, Span, discovery, normalize,
};

use crate::check::internal_error;
use crate::options::{EngineError, Options};

/// What is deployed together: a root module, a template with what it nests, a plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit {
    /// The folder or file.
    pub(crate) root: Root,
    /// The place of its frontend.
    pub(crate) frontend: usize,
}

impl Unit {
    /// The folder or file that it begins with.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.root.path()
    }

    /// What it begins with.
    #[must_use]
    pub fn root(&self) -> &Root {
        &self.root
    }
}

/// The units, and what went wrong while looking for them.
#[derive(Debug)]
pub struct Units {
    /// The units: folders before files, each by path.
    pub list: Vec<Unit>,
    /// What could not be looked at.
    pub problems: Vec<Diagnostic>,
}

/// Finds the units.
pub(crate) fn discover(
    options: &Options,
    sources: &Sources,
    frontends: &[Box<dyn Frontend>],
) -> Result<Units, EngineError> {
    let file_system = sources.file_system();
    let found = discovery::discover(file_system, &options.paths).map_err(EngineError::NoSuchPath)?;
    let told = |(path, error): &(PathBuf, std::io::Error)| read_error(Span::start_of(sources.id(path)), error);
    let mut problems: Vec<Diagnostic> = found.problems.iter().map(told).collect();
    let boundary = Boundary::new(sources, &trees(file_system, &options.paths));
    let recognised: Vec<Result<Option<usize>, Box<Diagnostic>>> = found
        .documents
        .par_iter()
        .map(|path| recognise(sources, &boundary, frontends, path, found.named.contains(path)))
        .collect();
    let mut files: Vec<Vec<PathBuf>> = vec![Vec::new(); frontends.len()];
    for (path, frontend) in found.documents.iter().zip(recognised) {
        match frontend {
            Ok(Some(frontend)) => files[frontend].push(path.clone()),
            Ok(None) => {}
            Err(problem) => problems.push(*problem),
        }
    }
    let mut list = Vec::new();
    for (at, frontend) in frontends.iter().enumerate() {
        let (folders, files) = (&found.terraform_folders, &files[at]);
        let roots = catch_unwind(AssertUnwindSafe(|| frontend.roots(folders, files)));
        let named = files.iter().filter(|file| found.named.contains(*file)).cloned().map(Root::File);
        let roots: BTreeSet<Root> = match roots {
            Ok(roots) => roots.into_iter().chain(named).collect(),
            Err(panic) => {
                // Which it was, loading them one by one will tell.
                let place = folders.first().or(files.first()).map(|path| Span::start_of(sources.id(path)));
                problems.extend(place.map(|place| internal_error(place, "finding units", &*panic)));
                folders.iter().cloned().map(Root::Folder).chain(files.iter().cloned().map(Root::File)).collect()
            }
        };
        list.extend(roots.into_iter().map(|root| Unit { root, frontend: at }));
    }
    list.sort();
    Ok(Units { list, problems })
}

/// The place of the frontend that a document is of, if any. A file that cannot be read is a problem where the user named it, or
/// where the operating system refuses.
fn recognise(
    sources: &Sources,
    boundary: &Boundary,
    frontends: &[Box<dyn Frontend>],
    path: &Path,
    named: bool,
) -> Result<Option<usize>, Box<Diagnostic>> {
    let place = Span::start_of(sources.id(path));
    let file_system = sources.file_system();
    if !named && file_system.is_link(path) && file_system.canonical(path).is_ok() && !boundary.contains(sources, path) {
        let message = "this is a link that leads outside of the scanned tree; it was not followed";
        return Err(Box::new(Diagnostic::note("link-outside", place, message)));
    }
    let ask = |text: &str, encoding: Option<&ReadError>| {
        let document = Document { path, place, text, named, encoding };
        let mut refusal = None;
        for (at, frontend) in frontends.iter().enumerate() {
            match frontend.recognise(&document) {
                Recognition::Own => return Ok(Some(at)),
                Recognition::Refused(problem) => refusal = refusal.or(Some(problem)),
                Recognition::Foreign => {}
            }
        }
        refusal.map_or(Ok(None), Err)
    };
    match sources.load(path) {
        Ok(file) => match ask(file.text(), None)? {
            None if named && !file.text().trim().is_empty() => Err(Box::new(unrecognised(frontends, place))),
            frontend => Ok(frontend),
        },
        Err(error @ (ReadError::Utf16 | ReadError::NotUtf8(_))) => {
            match ask(&ascii(sources, path), Some(&error))? {
                None if named => Err(Box::new(read_error(place, &error))),
                frontend => Ok(frontend),
            }
        }
        Err(ReadError::Binary(_)) if !named => Ok(None),
        Err(error) => Err(Box::new(read_error(place, &error))),
    }
}

/// What is told of a file that was named and is nothing that can be judged.
fn unrecognised(frontends: &[Box<dyn Frontend>], place: Span) -> Diagnostic {
    let forms = || frontends.iter().flat_map(|frontend| frontend.forms());
    let names: Vec<&str> = forms().map(|form| form.name).collect();
    let known_by: Vec<&str> = forms().map(|form| form.known_by).filter(|words| !words.is_empty()).collect();
    let message = format!("this is neither {}; nothing in it was judged", names.join(" nor "));
    Diagnostic::note("not-configuration", place, message).with_help(known_by.join(", "))
}

/// The ASCII in a file that is text in another encoding: all that documents are recognised by. UTF-16 writes it with
/// zero bytes between.
fn ascii(sources: &Sources, path: &Path) -> String {
    let bytes = sources.file_system().read(path, MAX_FILE_BYTES).unwrap_or_default();
    bytes.into_iter().filter(|byte| *byte != 0 && byte.is_ascii()).map(char::from).collect()
}

/// The diagnostic for something that could not be read.
fn read_error(span: Span, why: &dyn std::fmt::Display) -> Diagnostic {
    Diagnostic::error("read-error", span, format!("cannot read this file: {why}"))
        .with_help("what it holds was not judged; mend it or leave it out with .gitignore")
}

pub(crate) fn module_stub(outline: &Outline) -> ModuleStub {
    let Outline { module, path, text } = outline.clone();
    ModuleStub { module, path, text }
}

/// The trees that files may be read from: of each path the repository that it lies in, or else the path itself.
pub(crate) fn trees(file_system: &dyn FileSystem, paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut trees = BTreeSet::new();
    for path in paths {
        // A file is read wherever it lies, since it was named; what goes with it lies in the folder that it was named in.
        let is_file = file_system.kind(path) == Some(EntryKind::File);
        let folder = if is_file { path.parent().unwrap_or(Path::new("")) } else { path };
        trees.extend(file_system.canonical(&normalize(folder)).map(|folder| tree(file_system, folder)));
        if is_file {
            trees.extend(file_system.canonical(path));
        }
    }
    trees.into_iter().collect()
}

/// The repository that a folder lies in, or else the folder itself.
fn tree(file_system: &dyn FileSystem, folder: PathBuf) -> PathBuf {
    let repository = folder.ancestors().find(|folder| file_system.kind(&folder.join(".git")).is_some());
    repository.map(Path::to_path_buf).unwrap_or(folder)
}
