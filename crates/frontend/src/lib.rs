//! What a language of infrastructure code is to the rest of terravet.
//!
//! In: the files of a scan and what the user gives for their inputs ([`Inputs`]). Out, through the trait [`Frontend`]: which
//! files are of this language, which units they make, the graph of each unit, what people have written beside it
//! ([`annotations`]), how a fix is written ([`notation`]), and a place to evaluate expressions in ([`Console`]).
//!
//! A new input is a crate that implements [`Frontend`] and one line where `engine` registers it: nothing above this crate
//! asks which language something is written in.
//!
//! It holds what languages have in common and knows none of them.

pub mod annotations;
pub mod notation;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Graph, Value};
use terravet_source::{ReadError, SourceFile, Sources, Span};

use annotations::Annotations;
use notation::Notation;

/// What a frontend is opened with.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The files.
    pub sources: Arc<Sources>,
    /// The trees that may be read, apart from what the user names; the working directory where there are none.
    pub boundary: Vec<PathBuf>,
    /// Values of variables, by name.
    pub variables: Vec<(String, String)>,
    /// Files with values of variables; later ones win.
    pub variable_files: Vec<PathBuf>,
    /// Files with values of parameters; later ones win.
    pub parameter_files: Vec<PathBuf>,
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// What stands for modules that are not on this machine.
    pub module_stubs: Vec<ModuleStub>,
}

/// The text that stands for a module that is not on this machine.
#[derive(Clone, Debug)]
pub struct ModuleStub {
    /// The module: owner and name of its repository and, for a module within it, the way there, as in
    /// `terraform-aws-modules/terraform-aws-iam/modules/iam-user`.
    pub module: Arc<str>,
    /// What the file is called.
    pub path: PathBuf,
    /// What stands in it.
    pub text: Arc<str>,
}

/// What a file is to a frontend, as far as its name tells; later ones are stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// Of no concern.
    None,
    /// Its content decides.
    Content,
    /// It goes with the unit that its folder is, and makes none by itself: values of variables.
    Beside,
    /// Its folder is a unit, or part of one.
    Folder,
}

/// What a unit begins with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// A folder whose files make it.
    Folder(PathBuf),
    /// A file.
    File(PathBuf),
}

impl Root {
    /// The path of the folder or file.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Folder(path) | Self::File(path) => path,
        }
    }
}

/// A form of input, for whoever is told that a file is of none.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// What it is called, as in "this is no ...".
    pub name: &'static str,
    /// How a file of this form is known, as in "a template is a map with `Resources`"; empty where its name tells.
    pub known_by: &'static str,
}

/// A file whose content decides what it is.
#[derive(Clone, Copy, Debug)]
pub struct Document<'d> {
    /// Its path.
    pub path: &'d Path,
    /// Where it begins.
    pub place: Span,
    /// Its text. Of a file that is in another encoding than UTF-8, the ASCII in it.
    pub text: &'d str,
    /// Whether the user named it.
    pub named: bool,
    /// Why it is no text in UTF-8, if it is none.
    pub encoding: Option<&'d ReadError>,
}

/// What a frontend says of a document.
#[derive(Clone, Debug)]
pub enum Recognition {
    /// It is none of this language.
    Foreign,
    /// It is one of this language.
    Own,
    /// It is meant as one and cannot be read, which is to be told.
    Refused(Box<Diagnostic>),
}

/// A loaded unit.
#[derive(Debug)]
pub struct Loaded {
    /// Its resources, outputs and diagnostics.
    pub graph: Graph,
    /// The files that were read for it; they stay in memory as long as this.
    pub files: Vec<Arc<SourceFile>>,
}

/// A language, ready to load units.
pub trait Frontend: Send + Sync {
    /// The forms of input that it takes.
    fn forms(&self) -> &'static [Form];

    /// What a file is, as far as its name tells.
    fn claim(&self, path: &Path) -> Claim;

    /// Whether a document is of this language. Runs over every document of a repository, so it parses none.
    fn recognise(&self, document: &Document<'_>) -> Recognition;

    /// The units that these make: folders with files that it claims, and documents that it recognised. What others of them
    /// call or nest is part of these, and no unit.
    fn roots(&self, folders: &[PathBuf], files: &[PathBuf]) -> Vec<Root>;

    /// The graph of a unit. Whatever the input, there is one; what is wrong is in its diagnostics.
    fn load(&self, root: &Root) -> Loaded;

    /// What is wrong with what is given to all units. To be asked for once, when all are loaded.
    fn problems(&self) -> Vec<Diagnostic>;

    /// What is wrong with the module stubs. For tests.
    fn stub_problems(&self) -> Vec<Diagnostic>;

    /// What people have written beside the configuration in a file of a unit, for suppressions.
    fn annotations(&self, root: &Root, file: &SourceFile) -> Annotations;

    /// How a fix is written in a file; none for a file that people do not write, such as a plan.
    fn notation(&self, file: &SourceFile) -> Option<&'static dyn Notation>;

    /// How the language is written where no file is at hand: in words.
    fn common_notation(&self) -> &'static dyn Notation;

    /// A place to evaluate expressions in; none where such a unit is none of this language.
    ///
    /// # Errors
    /// Where the file cannot be read.
    fn console<'f>(&'f self, root: &Root) -> Option<Result<Box<dyn Console + 'f>, ReadError>>;

    /// Forgets what was read from a file, since it has changed.
    fn forget(&mut self, path: &Path);
}

/// A unit in which expressions are evaluated.
pub trait Console {
    /// The value of an expression.
    ///
    /// # Errors
    /// Diagnostics where it cannot be parsed or the language refuses it.
    fn ask(&mut self, text: &str) -> Result<Answer, Vec<Diagnostic>>;

    /// What is wrong with the unit itself.
    fn problems(&self) -> Vec<Diagnostic>;
}

/// What an expression is worth.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The value.
    pub value: Value,
    /// Its type, as the language's own console prints it.
    pub ty: String,
}
