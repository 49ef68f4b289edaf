//! Functions over files and paths. Source: <https://developer.hashicorp.com/terraform/language/functions/file> and its
//! neighbours.
//!
//! Files are read inside the scanned tree only. What may well be there when Terraform runs, and must not be looked at
//! here, makes the result unknown.

use std::borrow::Cow;

use base64::Engine as _;
use terravet_graph::{Content as TextContent, Origin, Step, Type, Unknown, Value, Why};
use terravet_source::Span;

use crate::FileProblem;
use crate::convert::set_of;
use crate::encoding::BASE64;
use crate::glob::Glob;
use crate::signature::{Function, Kind, Parameter};
use crate::string::{string, text};
use crate::{Context, FunctionError};

const PATH: Parameter = Parameter::new("path", Kind::String);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("abspath", &[PATH], Kind::String, absolute),
    Function::new("basename", &[PATH], Kind::String, |_, arguments, _| Ok(string(base(text(arguments, 0))))),
    Function::new("dirname", &[PATH], Kind::String, |_, arguments, _| Ok(string(folder(text(arguments, 0))))),
    Function::new("file", &[PATH], Kind::String, file),
    Function::new("filebase64", &[PATH], Kind::String, file_base64),
    Function::new("fileexists", &[PATH], Kind::Bool, file_exists),
    Function::new("fileset", &[PATH, Parameter::new("pattern", Kind::String)], Kind::SetOfString, file_set),
    Function::new("pathexpand", &[PATH], Kind::String, path_expand),
];

/// What asking for a file gives.
pub(crate) enum Content<T> {
    /// What was asked for.
    Here(T),
    /// The result of the call, which is not known.
    OutOfReach(Value),
}

/// The answer of the file system as that of a function.
pub(crate) fn answer<T>(result: Result<T, FileProblem>, ty: &Type) -> Result<Content<T>, FunctionError> {
    match result {
        Ok(found) => Ok(Content::Here(found)),
        Err(FileProblem::Refused(message)) => Err(FunctionError::argument(0, message)),
        Err(FileProblem::OutOfReach(why)) => Ok(Content::OutOfReach(
            Unknown { not_null: true, ..Unknown::new(Why::Other(why.into()), ty.clone()) }.into(),
        )),
    }
}

/// The path with a leading `~` replaced by the user's home folder.
pub(crate) fn expanded<'p>(context: &Context<'_>, path: &'p str) -> Result<Cow<'p, str>, FileProblem> {
    let Some(rest) = path.strip_prefix('~') else { return Ok(path.into()) };
    if !rest.is_empty() && !rest.starts_with(['/', '\\']) {
        return Err(FileProblem::Refused("cannot expand user-specific home dir".into()));
    }
    match context.files.home() {
        Some(home) => Ok(clean(&format!("{home}/{rest}")).into()),
        None => Err(FileProblem::OutOfReach("the home folder is not known".into())),
    }
}

/// The bytes of the file that the first argument names.
pub(crate) fn read_bytes(context: &Context<'_>, arguments: &[Value]) -> Result<Content<Vec<u8>>, FunctionError> {
    let path = expanded(context, text(arguments, 0));
    let found = answer(path.and_then(|path| context.files.read_bytes(&path)), &Type::String)?;
    if let Content::Here(bytes) = &found {
        context.work.read(bytes.len() as u64)?;
    }
    Ok(found)
}

fn file(context: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let bytes = match read_bytes(context, arguments)? {
        Content::Here(bytes) => bytes,
        Content::OutOfReach(open) => return Ok(open),
    };
    let path = text(arguments, 0);
    let content = String::from_utf8(bytes).map_err(|_| {
        let message = format!(
            "contents of {path:?} are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents or the other file functions (e.g. filemd5, filesha256) to obtain file hashing results instead"
        );
        FunctionError::argument(0, message)
    })?;
    let value = string(content);
    // The place of the content, where the file can be shown.
    let source = expanded(context, path).and_then(|path| context.files.read_text(&path));
    let Ok(source) = source else { return Ok(value) };
    let whole = Span::new(source.id(), 0..source.text().len());
    let origin = Origin::then(whole, Step::FileContent(path.into()), None);
    let piece = Value { origin: Some(origin.clone()), ..value.clone() };
    let call = Origin::then(context.span, Step::Function(context.name.into()), Some(origin));
    Ok(Value { origin: Some(call), ..value }.with_content(TextContent::Pieces(vec![piece])))
}

fn file_base64(context: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    Ok(match read_bytes(context, arguments)? {
        Content::Here(bytes) => Value::string(BASE64.encode(bytes)),
        Content::OutOfReach(open) => open,
    })
}

fn file_exists(context: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let path = expanded(context, text(arguments, 0));
    Ok(match answer(path.and_then(|path| context.files.exists(&path)), ty)? {
        Content::Here(exists) => Value::bool(exists),
        Content::OutOfReach(open) => open,
    })
}

fn file_set(context: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let folder = clean(text(arguments, 0));
    let pattern = clean(&format!("{folder}/{}", text(arguments, 1)));
    let glob = Glob::parse(&pattern).ok_or_else(|| {
        FunctionError::argument(1, format!("failed to glob pattern {pattern:?}: syntax error in pattern"))
    })?;
    let found = match answer(glob.files(context.files), ty)? {
        Content::Here(found) => found,
        Content::OutOfReach(open) => return Ok(open),
    };
    let names = found.iter().map(|path| string(relative(&folder, path)));
    Ok(set_of(Type::String, names))
}

fn path_expand(context: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    Ok(match answer(expanded(context, text(arguments, 0)), ty)? {
        Content::Here(path) => string(path),
        Content::OutOfReach(open) => open,
    })
}

fn absolute(context: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let path = text(arguments, 0);
    if path.starts_with('/') {
        return Ok(string(clean(path)));
    }
    Ok(match answer(context.files.absolute(path), ty)? {
        Content::Here(path) => string(path),
        Content::OutOfReach(open) => open,
    })
}

/// The path in its shortest form: without empty, `.` and avoidable `..` parts.
pub(crate) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match parts.last() {
            Some(last) if part == ".." && *last != ".." => {
                parts.pop();
            }
            None if part == ".." && rooted => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".into(),
        (false, false) => joined,
    }
}

/// The last part of a path.
fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let trimmed = path.trim_end_matches('/');
    match trimmed.rsplit('/').next() {
        _ if trimmed.is_empty() => "/",
        Some(last) => last,
        None => trimmed,
    }
}

/// All but the last part of a path.
fn folder(path: &str) -> String {
    clean(path.rfind('/').map_or("", |at| &path[..=at]))
}

/// The way from a folder to a path, both in their shortest form.
fn relative(folder: &str, path: &str) -> String {
    let parts = |path: &str| -> Vec<String> {
        path.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect()
    };
    let (from, to) = (parts(folder), parts(path));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - common);
    up.chain(to[common..].iter().map(String::as_str)).collect::<Vec<_>>().join("/")
}
