//! Terraform's types, conversions and built-in functions: those of Terraform 1.11, and the pure ones of the AWS provider.
//!
//! [`convert`] holds conversion of values between types, unification and equality; the rest is functions.
//!
//! In: a name and evaluated arguments ([`Call`]). Out: the value that Terraform computes, of the same type, or a
//! [`FunctionError`] where Terraform refuses the call. Every function is a row of a table in the module of its
//! family: its [`Function`] says what it takes, what type it gives and how it works on arguments that are known.
//! Everything that is common to all of them is done once, in `dispatch`: counting and converting arguments, refusing
//! null, unknown arguments and candidates, marks, origins.
//!
//! Invariants: no function reads anything but its arguments and, through [`Files`], the scanned tree; nothing differs
//! from run to run (functions whose results do, such as `timestamp`, give unknowns); what is read and made is taken off the
//! unit's [`Work`], before it is read and made.
//!
//! `try`, `can` and `type` are not here: they look at expressions, not at values.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/functions>.

mod aws;
mod character_set;
mod collection;
pub mod convert;
mod csv;
mod date;
mod dispatch;
mod encoding;
mod files;
mod filesystem;
mod format;
mod format_verb;
mod glob;
mod go_numbers;
mod gzip;
mod hash;
mod json;
mod json_decode;
mod list;
mod map;
mod network;
mod numeric;
mod pieces;
mod re2;
mod regular_expression;
mod rsa;
mod set;
mod signature;
mod string;
mod template;
mod timestamp;
mod type_conversion;
mod yaml_decode;
mod yaml_encode;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use terravet_diagnostics::{cut, nearest_of_fixed};
use terravet_graph::{Spent, Type, Value, Why, Work};
use terravet_source::{SourceFile, Span};

use signature::Function;

pub use files::{FileEntry, FileProblem, Files};
pub use json::encode as json_encode;
pub use pieces::concatenate;
pub use string::normalized;

/// The longest text, in bytes, that a function makes: 64 MiB, as much as the largest file that is read.
pub const MAX_TEXT: usize = 64 << 20;
/// The most elements that a function makes from fewer.
pub(crate) const MAX_ELEMENTS: usize = 1 << 20;

/// A call of a function.
pub struct Call<'a> {
    /// The arguments, after expansion of a final `...`.
    pub arguments: Vec<Value>,
    /// Where the whole call is written.
    pub span: Span,
    /// Access to the files of the scanned tree.
    pub files: &'a dyn Files,
    /// The work that the unit may still cause.
    pub work: &'a Work,
    /// Renders a template; see [`RenderTemplate`].
    pub render_template: &'a RenderTemplate<'a>,
}

/// What `templatefile` and `templatestring` render.
#[derive(Clone, Copy)]
pub enum TemplateSource<'a> {
    /// A file, in which every function but those that render templates may be called.
    File(&'a Arc<SourceFile>),
    /// A known string, in which no function may be called that reads files, either.
    Text(&'a Value),
}

/// Renders a template over variables (a known map or object whose keys are identifiers). The evaluator gives this.
pub type RenderTemplate<'a> = dyn Fn(TemplateSource<'_>, &Value) -> Result<Value, FunctionError> + 'a;

/// A call that Terraform refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// The argument that is at fault, counted from zero, where it is one.
    pub argument: Option<usize>,
    /// What is wrong, as a sentence without a final point.
    pub message: String,
    /// Whether it is a limit of ours that is hit.
    pub limit: bool,
    /// Whether the limit is that of the whole unit.
    pub spent: bool,
}

impl FunctionError {
    /// An error of the call as a whole.
    pub fn new(message: impl Into<String>) -> Self {
        Self { argument: None, message: cut(message.into()), limit: false, spent: false }
    }

    /// A limit that is hit.
    pub fn limit(message: impl Into<String>) -> Self {
        Self { limit: true, ..Self::new(message) }
    }

    /// An error of one argument.
    pub fn argument(index: usize, message: impl Into<String>) -> Self {
        Self { argument: Some(index), ..Self::new(message) }
    }
}

impl From<Spent> for FunctionError {
    fn from(spent: Spent) -> Self {
        Self { spent: true, ..Self::limit(spent.to_string()) }
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What a function's body sees of its call.
pub(crate) struct Context<'a> {
    /// The function's name.
    name: &'a str,
    /// Where the call is written.
    span: Span,
    files: &'a dyn Files,
    work: &'a Work,
    render_template: &'a RenderTemplate<'a>,
}

/// All functions by name.
static TABLE: LazyLock<BTreeMap<&'static str, &'static Function>> = LazyLock::new(|| {
    let families = [
        aws::FUNCTIONS,
        collection::FUNCTIONS,
        csv::FUNCTIONS,
        date::FUNCTIONS,
        encoding::FUNCTIONS,
        filesystem::FUNCTIONS,
        format::FUNCTIONS,
        hash::FUNCTIONS,
        json::FUNCTIONS,
        list::FUNCTIONS,
        map::FUNCTIONS,
        network::FUNCTIONS,
        numeric::FUNCTIONS,
        regular_expression::FUNCTIONS,
        set::FUNCTIONS,
        string::FUNCTIONS,
        template::FUNCTIONS,
        type_conversion::FUNCTIONS,
        yaml_decode::FUNCTIONS,
        yaml_encode::FUNCTIONS,
    ];
    families.into_iter().flatten().map(|function| (function.name, function)).collect()
});

/// The function of this name, with or without the prefix `core::`.
fn find(name: &str) -> Option<&'static Function> {
    TABLE.get(name.strip_prefix("core::").unwrap_or(name)).copied()
}

/// The names of all functions.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.keys().copied()
}

/// Whether a function of this name reads files: not allowed in the templates of `templatestring`.
pub fn reads_files(name: &str) -> bool {
    matches!(
        name.strip_prefix("core::").unwrap_or(name),
        "file"
            | "fileexists"
            | "fileset"
            | "filebase64"
            | "filebase64sha256"
            | "filebase64sha512"
            | "filemd5"
            | "filesha1"
            | "filesha256"
            | "filesha512"
            | "templatefile"
    )
}

/// Calls a function by the name that stands in the configuration.
///
/// # Errors
/// Where there is no such function, or Terraform refuses these arguments.
pub fn call(name: &str, call: Call<'_>) -> Result<Value, FunctionError> {
    let Some(function) = find(name) else {
        if name.starts_with("provider::") {
            // Only the provider knows what it computes.
            return Ok(Value::unknown(Why::Function(name.into()), Type::Any));
        }
        return Err(FunctionError::new(no_such_function(name)));
    };
    dispatch::call(function, call)
}

fn no_such_function(name: &str) -> String {
    let plain = name.strip_prefix("core::").unwrap_or(name);
    let special = ["try", "can"];
    let names = TABLE.keys().copied().chain(special).filter(|known| !known.contains("::"));
    match nearest_of_fixed(plain, names) {
        Some(known) => format!("there is no function named \"{name}\"; did you mean \"{known}\"?"),
        None => format!("there is no function named \"{name}\""),
    }
}
