//! Terraform as a [`Frontend`]: root modules by their folders, plans by their content.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_frontend::annotations::Annotations;
use terravet_frontend::notation::Notation;
use terravet_frontend::{Answer, Claim, Console, Document, Form, Frontend, Inputs, Loaded, Recognition, Root};
use terravet_source::{ReadError, SourceFile, Sources, normalize};

use crate::loader::{Loader, Options};
use crate::{annotations, notation, plan};

/// What the names of files of configuration end in.
const CONFIGURATION: [&str; 4] = [".tf", ".tf.json", ".tofu", ".tofu.json"];
/// What the names of files with values of variables end in.
const VALUES: [&str; 2] = [".tfvars", ".tfvars.json"];

/// Terraform, ready to load.
#[must_use]
pub fn frontend(inputs: &Inputs) -> Box<dyn Frontend> {
    let options = Options {
        variables: inputs.variables.clone(),
        variable_files: inputs.variable_files.clone(),
        environment: inputs.environment.clone(),
        boundary: inputs.boundary.clone(),
        outlines: inputs.module_stubs.clone(),
    };
    Box::new(Terraform(Loader::new(Arc::clone(&inputs.sources), options)))
}

struct Terraform(Loader);

/// Whether a file holds configuration, in native syntax or in JSON.
pub(crate) fn is_configuration(path: &Path) -> bool {
    has_end(path, &CONFIGURATION)
}

fn has_end(path: &Path, ends: &[&str]) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    ends.iter().any(|end| name.len() > end.len() && name.ends_with(end))
}

impl Frontend for Terraform {
    fn forms(&self) -> &'static [Form] {
        &[
            Form { name: "Terraform", known_by: "" },
            Form { name: "a plan", known_by: "a plan is what `terraform show -json` prints" },
        ]
    }

    fn claim(&self, path: &Path) -> Claim {
        if is_configuration(path) {
            Claim::Folder
        } else if has_end(path, &VALUES) {
            Claim::Beside
        } else if has_end(path, &[".json"]) {
            Claim::Content
        } else {
            Claim::None
        }
    }

    fn recognise(&self, document: &Document<'_>) -> Recognition {
        // Windows PowerShell writes what is redirected to a file as UTF-16.
        let readable = matches!(document.encoding, None | Some(ReadError::Utf16));
        if readable && plan::recognise_plan(document.text) {
            return Recognition::Own;
        }
        match plan::recognise_no_plan(document.text).filter(|_| document.named && readable) {
            Some((message, help)) => {
                let refusal = Diagnostic::error("not-configuration", document.place, message).with_help(help);
                Recognition::Refused(Box::new(refusal))
            }
            None => Recognition::Foreign,
        }
    }

    fn roots(&self, folders: &[PathBuf], files: &[PathBuf]) -> Vec<Root> {
        let modules = self.0.roots(folders).into_iter().map(Root::Folder);
        modules.chain(files.iter().cloned().map(Root::File)).collect()
    }

    fn load(&self, root: &Root) -> Loaded {
        match root {
            Root::Folder(folder) => {
                let mut loaded = self.0.load(folder);
                name_root(&normalize(folder), self.0.sources(), &mut loaded.graph.diagnostics);
                loaded
            }
            Root::File(path) => self.0.load_plan(path),
        }
    }

    fn problems(&self) -> Vec<Diagnostic> {
        Vec::new()
    }

    fn stub_problems(&self) -> Vec<Diagnostic> {
        self.0.outline_problems()
    }

    fn annotations(&self, root: &Root, file: &SourceFile) -> Annotations {
        // Files of values and others that a configuration reads are not what a comment can be about.
        if !is_configuration(file.path()) {
            return Annotations::default();
        }
        let folder = normalize(file.path().parent().unwrap_or(Path::new("")));
        let in_root = match root {
            Root::Folder(root) => normalize(root) == folder,
            Root::File(_) => true,
        };
        annotations::read(file, in_root)
    }

    fn notation(&self, file: &SourceFile) -> Option<&'static dyn Notation> {
        notation::of(file.path())
    }

    fn common_notation(&self) -> &'static dyn Notation {
        &notation::Hcl
    }

    fn console<'f>(&'f self, root: &Root) -> Option<Result<Box<dyn Console + 'f>, ReadError>> {
        match root {
            Root::Folder(folder) => Some(Ok(Box::new(self.0.console(folder)))),
            Root::File(_) => None,
        }
    }

    fn forget(&mut self, path: &Path) {
        self.0.forget(path);
    }
}

impl Console for crate::console::Console<'_> {
    fn ask(&mut self, text: &str) -> Result<Answer, Vec<Diagnostic>> {
        Self::ask(self, text)
    }

    fn problems(&self) -> Vec<Diagnostic> {
        Self::problems(self)
    }
}

/// Has what is wrong with a called module name the root module, since its own place lies in another.
fn name_root(root: &Path, sources: &Sources, diagnostics: &mut [Diagnostic]) {
    let of_called = |diagnostic: &&mut Diagnostic| {
        let path = sources.path(diagnostic.primary.span.file);
        diagnostic.is_error() && normalize(path.parent().unwrap_or(Path::new(""))) != root
    };
    for diagnostic in diagnostics.iter_mut().filter(of_called) {
        let called_from = format!("met where the root module `{}` calls this one", root.display());
        diagnostic.help = Some(match diagnostic.help.take() {
            Some(help) => format!("{help} ({called_from})"),
            None => called_from,
        });
    }
}
