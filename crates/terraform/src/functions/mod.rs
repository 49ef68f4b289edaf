//! The built-in functions of Terraform 1.11, and the pure ones of the AWS provider.
//!
//! In: a name and evaluated arguments ([`Call`]). Out: the value that Terraform computes, of the same type, or a
//! [`FunctionError`] where Terraform refuses the call. Every function is a row of a table in the module of its
//! family: its [`Function`] says what it takes, what type it gives and how it works on arguments that are known.
//! Everything that is common to all of them is done once, in `dispatch`: counting and converting arguments, refusing
//! null, unknown arguments and candidates, marks, origins.
//!
//! Invariants: no function reads anything but its arguments and, through [`Files`], the scanned tree; nothing differs
//! from run to run (functions whose results do, such as `timestamp`, give unknowns); results are bounded.
//!
//! `try`, `can` and `type` are not here: they look at expressions, not at values.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/functions>.

mod aws;
mod character_set;
mod collection;
mod csv;
mod date;
mod dispatch;
mod encoding;
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
#[cfg(test)]
mod tests;
mod timestamp;
mod type_conversion;
mod yaml_decode;
mod yaml_encode;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use terravet_diagnostics::nearest;
use terravet_graph::{Type, Value, Why};
use terravet_source::{SourceFile, Span};

pub(crate) use json::encode as json_encode;
pub(crate) use pieces::concatenate;
pub(crate) use signature::Function;
pub(crate) use string::normalized;

use crate::evaluate::Files;

/// The longest text, in bytes, that a function makes: 64 MiB, as much as the largest file that is read.
pub(crate) const MAX_TEXT: usize = 64 << 20;
/// The most elements that a function makes from fewer.
pub(crate) const MAX_ELEMENTS: usize = 1 << 20;

/// A call of a function.
pub(crate) struct Call<'a> {
    /// The arguments, after expansion of a final `...`.
    pub(crate) arguments: Vec<Value>,
    /// Where the whole call is written.
    pub(crate) span: Span,
    /// Access to the files of the scanned tree.
    pub(crate) files: &'a dyn Files,
    /// Renders a template; see [`RenderTemplate`].
    pub(crate) render_template: &'a RenderTemplate<'a>,
}

/// What `templatefile` and `templatestring` render.
#[derive(Clone, Copy)]
pub(crate) enum TemplateSource<'a> {
    /// A file, in which every function but those that render templates may be called.
    File(&'a Arc<SourceFile>),
    /// A known string, in which no function may be called that reads files, either.
    Text(&'a Value),
}

/// Renders a template over variables (a known map or object whose keys are identifiers). The evaluator gives this.
pub(crate) type RenderTemplate<'a> = dyn Fn(TemplateSource<'_>, &Value) -> Result<Value, FunctionError> + 'a;

/// A call that Terraform refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FunctionError {
    /// The argument that is at fault, counted from zero, where it is one.
    pub(crate) argument: Option<usize>,
    /// What is wrong, as a sentence without a final point.
    pub(crate) message: String,
    /// Whether it is a limit of ours that is hit.
    pub(crate) limit: bool,
}

impl FunctionError {
    /// An error of the call as a whole.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { argument: None, message: message.into(), limit: false }
    }

    /// A limit that is hit.
    pub(crate) fn limit(message: impl Into<String>) -> Self {
        Self { limit: true, ..Self::new(message) }
    }

    /// An error of one argument.
    pub(crate) fn argument(index: usize, message: impl Into<String>) -> Self {
        Self { argument: Some(index), ..Self::new(message) }
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
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    TABLE.get(name.strip_prefix("core::").unwrap_or(name)).copied()
}

/// Whether a function of this name reads files: not allowed in the templates of `templatestring`.
pub(crate) fn reads_files(name: &str) -> bool {
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
pub(crate) fn call(name: &str, call: Call<'_>) -> Result<Value, FunctionError> {
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
    match nearest(plain, names) {
        Some(known) => format!("there is no function named \"{name}\"; did you mean \"{known}\"?"),
        None => format!("there is no function named \"{name}\""),
    }
}
