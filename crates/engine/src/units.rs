//! Finding the units below the given paths, and loading each.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use terravet_diagnostics::Diagnostic;
use terravet_graph::Graph;
use terravet_rules::{ModuleStub, Registry};
use terravet_source::discovery::{self, LeftOut};
use terravet_source::{Anchors, Boundary, EntryKind, MAX_FILE_BYTES, OUTSIDE, ReadError, SourceFile, Sources, Span};

use crate::fault::internal_error;
use crate::{EngineError, Options};

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnitKind {
    /// A Terraform root module, by its folder.
    RootModule,
    /// A CloudFormation template, by its file.
    Template,
    /// A Terraform plan as JSON, by its file.
    Plan,
}

/// What is deployed together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit {
    /// The folder or file.
    pub path: PathBuf,
    /// What it is.
    pub kind: UnitKind,
}

/// A loaded unit.
pub(crate) struct Loaded {
    pub(crate) graph: Graph,
    /// The files that were read for it; they stay in memory as long as this.
    pub(crate) files: Vec<Arc<SourceFile>>,
}

/// The frontends, ready to load units.
pub(crate) struct Loaders {
    terraform: terravet_terraform::Loader,
    cloudformation: terravet_cloudformation::Loader,
}

impl Loaders {
    /// What is wrong with the files of parameter values, once everything has been loaded.
    pub(crate) fn parameter_problems(&self) -> Vec<Diagnostic> {
        self.cloudformation.parameter_problems()
    }

    pub(crate) fn load(&self, unit: &Unit) -> Loaded {
        match unit.kind {
            UnitKind::RootModule => {
                let loaded = self.terraform.load(&unit.path);
                Loaded { graph: loaded.graph, files: loaded.files }
            }
            UnitKind::Plan => {
                let loaded = self.terraform.load_plan(&unit.path);
                Loaded { graph: loaded.graph, files: loaded.files }
            }
            UnitKind::Template => {
                let loaded = self.cloudformation.load(&unit.path);
                Loaded { graph: loaded.graph, files: loaded.files }
            }
        }
    }
}

/// The units, how to load them, and what went wrong while looking for them.
pub(crate) struct Units {
    pub(crate) list: Vec<Unit>,
    pub(crate) loaders: Loaders,
    pub(crate) problems: Vec<Diagnostic>,
    /// The trees that they lie in.
    pub(crate) anchors: Anchors,
    pub(crate) left_out: Vec<LeftOut>,
}

/// What reads Terraform modules under these options.
pub(crate) fn terraform(
    options: &Options,
    sources: &Arc<Sources>,
    registry: &Registry,
) -> Result<terravet_terraform::Loader, EngineError> {
    Ok(terravet_terraform::Loader::new(Arc::clone(sources), terraform_options(options, registry)?))
}

/// What reads CloudFormation templates under these options.
pub(crate) fn cloudformation(options: &Options, sources: &Arc<Sources>) -> terravet_cloudformation::Loader {
    let options = terravet_cloudformation::Options { parameter_files: options.parameters.clone() };
    terravet_cloudformation::Loader::new(Arc::clone(sources), options)
}

/// Finds the units.
pub(crate) fn find(options: &Options, sources: &Arc<Sources>, registry: &Registry) -> Result<Units, EngineError> {
    require_files(options, sources)?;
    let found = discovery::discover(sources, &options.paths).map_err(EngineError::NoSuchPath)?;
    let terraform = terraform(options, sources, registry)?;
    let loaders = Loaders { terraform, cloudformation: cloudformation(options, sources) };
    let mut problems: Vec<Diagnostic> = found
        .problems
        .iter()
        .map(|(path, error)| read_error(Span::start_of(sources.id(path)), &error.to_string()))
        .collect();
    let note = |(path, why): &(PathBuf, String)| {
        Diagnostic::note("ignore-file", Span::start_of(sources.id(path)), why.clone())
    };
    problems.extend(found.notes.iter().map(note));
    let roots = match catch_unwind(AssertUnwindSafe(|| loaders.terraform.roots(&found.terraform_folders))) {
        Ok(roots) => roots,
        Err(panic) => {
            // Which folder it was, loading them one by one will tell.
            let place = found.terraform_folders.first().map(|folder| Span::start_of(sources.id(folder)));
            problems.extend(place.map(|place| internal_error(place, "finding root modules", &*panic)));
            found.terraform_folders.clone()
        }
    };
    let mut list: Vec<Unit> = roots.into_iter().map(|path| Unit { path, kind: UnitKind::RootModule }).collect();
    let documents: Vec<Result<Option<Unit>, Box<Diagnostic>>> =
        found.documents.par_iter().map(|path| recognise(sources, path, found.named.contains(path))).collect();
    for document in documents {
        match document {
            Ok(unit) => list.extend(unit),
            Err(problem) => problems.push(*problem),
        }
    }
    leave_nested(&mut list, &found.named, &loaders.cloudformation);
    let around = Boundary::around(sources.file_system(), &options.paths);
    let anchors = Anchors::new(around.trees().chain(around.files()).map(Path::to_path_buf).collect());
    Ok(Units { list, loaders, problems, anchors, left_out: found.left_out })
}

/// Leaves out the templates that another one nests, which are judged where they are nested, with the parameters that they are
/// given there. What the user named is judged by itself as well.
fn leave_nested(list: &mut Vec<Unit>, named: &BTreeSet<PathBuf>, cloudformation: &terravet_cloudformation::Loader) {
    let templates: Vec<PathBuf> =
        list.iter().filter(|unit| unit.kind == UnitKind::Template).map(|unit| unit.path.clone()).collect();
    // Where that fails, loading them one by one will tell which it was.
    let Ok(roots) = catch_unwind(AssertUnwindSafe(|| cloudformation.roots(&templates))) else { return };
    let roots: BTreeSet<PathBuf> = roots.into_iter().collect();
    list.retain(|unit| unit.kind != UnitKind::Template || roots.contains(&unit.path) || named.contains(&unit.path));
}

/// Refuses files of values that do not exist, before anything is read.
fn require_files(options: &Options, sources: &Sources) -> Result<(), EngineError> {
    let given = [("--var-file", &options.variable_files), ("--parameters", &options.parameters)];
    for (option, files) in given {
        let is_file = |path: &&PathBuf| sources.file_system().kind(path) == Some(EntryKind::File);
        if let Some(path) = files.iter().find(|path| !is_file(path)) {
            return Err(EngineError::NoSuchFile { option, path: path.clone() });
        }
    }
    Ok(())
}

/// Tells by its content whether a file is a template or a plan. A file that cannot be read is a problem where the user named it,
/// where the operating system refuses, and where what can be made out of it looks like either.
fn recognise(sources: &Sources, path: &Path, named: bool) -> Result<Option<Unit>, Box<Diagnostic>> {
    let place = || Span::start_of(sources.id(path));
    if sources.outside(path).is_some() {
        let message = "this is a link that leads outside of the scanned tree; it was not followed";
        let help = format!("what it leads to was not checked, since {OUTSIDE}; name it to have it checked");
        return Err(Box::new(Diagnostic::error("link-outside", place(), message).with_help(help)));
    }
    match sources.look(path) {
        Ok(file) => {
            let kind = kind_of(file.text(), path, named);
            if named && kind.is_none() && !file.text().trim().is_empty() {
                return Err(Box::new(unrecognised(file.text(), place())));
            }
            Ok(kind.map(|kind| Unit { path: path.to_path_buf(), kind }))
        }
        Err(ReadError::Utf16) if terravet_terraform::recognise_plan(&ascii(sources, path)) => {
            Ok(Some(Unit { path: path.to_path_buf(), kind: UnitKind::Plan }))
        }
        Err(error @ (ReadError::Utf16 | ReadError::NotUtf8(_) | ReadError::Binary(_))) if !named => {
            if kind_of(&ascii(sources, path), path, false).is_some() {
                return Err(Box::new(read_error(place(), &error.to_string())));
            }
            Ok(None)
        }
        Err(error) => Err(Box::new(read_error(place(), &error.to_string()))),
    }
}

/// What the text of a document is.
pub(crate) fn kind_of(text: &str, path: &Path, named: bool) -> Option<UnitKind> {
    let is_template =
        terravet_cloudformation::recognise(text, path) || named && terravet_cloudformation::recognise_list(text);
    let template = is_template.then_some(UnitKind::Template);
    template.or_else(|| terravet_terraform::recognise_plan(text).then_some(UnitKind::Plan))
}

/// What is told of a file that was named and is nothing that can be judged.
fn unrecognised(text: &str, place: Span) -> Diagnostic {
    if let Some((message, help)) = terravet_terraform::recognise_no_plan(text) {
        return Diagnostic::error("not-configuration", place, message).with_help(help);
    }
    let message = "this is neither Terraform nor CloudFormation nor a plan; nothing in it was judged";
    Diagnostic::note("not-configuration", place, message)
        .with_help("a template is a map with `Resources`, a plan what `terraform show -json` prints")
}

/// The ASCII in a file that is text in another encoding: all that templates and plans are recognised by. UTF-16 writes it with
/// zero bytes between.
fn ascii(sources: &Sources, path: &Path) -> String {
    let bytes = sources.file_system().read(path, MAX_FILE_BYTES).unwrap_or_default();
    bytes.into_iter().filter(|byte| *byte != 0 && byte.is_ascii()).map(char::from).collect()
}

/// The diagnostic for something that could not be read.
pub(crate) fn read_error(span: Span, why: &str) -> Diagnostic {
    Diagnostic::error("read-error", span, format!("cannot read this file: {why}"))
        .with_help("what it holds was not judged; mend it or leave it out with .gitignore")
}

fn terraform_options(options: &Options, registry: &Registry) -> Result<terravet_terraform::Options, EngineError> {
    let mut variables = Vec::with_capacity(options.variables.len());
    for given in &options.variables {
        let (name, value) = given.split_once('=').ok_or_else(|| EngineError::BadVariable(given.clone()))?;
        variables.push((name.trim().to_owned(), value.to_owned()));
    }
    Ok(terravet_terraform::Options {
        variables,
        variable_files: options.variable_files.clone(),
        environment: options.environment.clone(),
        outlines: registry.module_stubs().iter().map(outline_file).collect(),
    })
}

fn outline_file(outline: &ModuleStub) -> terravet_terraform::OutlineFile {
    let ModuleStub { module, path, text } = outline.clone();
    terravet_terraform::OutlineFile { module, path, text }
}
