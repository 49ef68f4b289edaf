//! CloudFormation as a [`Frontend`]: templates by their content.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_frontend::annotations::Annotations;
use terravet_frontend::notation::Notation;
use terravet_frontend::{Answer, Claim, Console, Document, Form, Frontend, Inputs, Loaded, Recognition, Root};
use terravet_source::{ReadError, SourceFile};

use crate::loader::{Loader, Options};
use crate::recognise::{recognise, recognise_list};
use crate::{annotations, notation};

/// What the names of files end in that may be templates.
const ENDS: [&str; 6] = [".yaml", ".yml", ".json", ".template", ".cfn", ".cform"];

/// CloudFormation, ready to load.
#[must_use]
pub fn frontend(inputs: &Inputs) -> Box<dyn Frontend> {
    let options =
        Options { parameter_files: inputs.parameter_files.clone(), boundary: inputs.boundary.clone() };
    Box::new(CloudFormation(Loader::new(Arc::clone(&inputs.sources), options)))
}

struct CloudFormation(Loader);

impl Frontend for CloudFormation {
    fn forms(&self) -> &'static [Form] {
        &[Form { name: "CloudFormation", known_by: "a template is a map with `Resources`" }]
    }

    fn claim(&self, path: &Path) -> Claim {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let is_document = ENDS.iter().any(|end| name.len() > end.len() && name.ends_with(end));
        if is_document { Claim::Content } else { Claim::None }
    }

    fn recognise(&self, document: &Document<'_>) -> Recognition {
        match document.encoding {
            None if recognise(document.text) || document.named && recognise_list(document.text) => Recognition::Own,
            Some(error) if recognise(document.text) => {
                Recognition::Refused(Box::new(crate::loader::read_error(document.place, error)))
            }
            _ => Recognition::Foreign,
        }
    }

    fn roots(&self, _: &[PathBuf], files: &[PathBuf]) -> Vec<Root> {
        self.0.roots(files).into_iter().map(Root::File).collect()
    }

    fn load(&self, root: &Root) -> Loaded {
        self.0.load(root.path())
    }

    fn problems(&self) -> Vec<Diagnostic> {
        self.0.parameter_problems()
    }

    fn stub_problems(&self) -> Vec<Diagnostic> {
        Vec::new()
    }

    fn annotations(&self, _: &Root, file: &SourceFile) -> Annotations {
        annotations::read(file)
    }

    fn notation(&self, file: &SourceFile) -> Option<&'static dyn Notation> {
        Some(notation::of(file.text()))
    }

    fn common_notation(&self) -> &'static dyn Notation {
        &notation::Yaml
    }

    fn console<'f>(&'f self, root: &Root) -> Option<Result<Box<dyn Console + 'f>, ReadError>> {
        match root {
            Root::Folder(_) => None,
            Root::File(path) => {
                let console = crate::console::Console::new(&self.0, path);
                Some(console.map(|console| -> Box<dyn Console + 'f> { Box::new(console) }))
            }
        }
    }

    fn forget(&mut self, path: &Path) {
        self.0.forget(path);
    }
}

impl Console for crate::console::Console<'_> {
    fn ask(&mut self, text: &str) -> Result<Answer, Vec<Diagnostic>> {
        let mut evaluated = self.evaluate(Path::new("<value>"), text);
        evaluated.diagnostics.retain(Diagnostic::is_error);
        match evaluated.value {
            Some(value) if evaluated.diagnostics.is_empty() => Ok(Answer { ty: value.ty().laid_out(), value }),
            _ => Err(evaluated.diagnostics),
        }
    }

    fn problems(&self) -> Vec<Diagnostic> {
        self.diagnostics().to_vec()
    }
}
