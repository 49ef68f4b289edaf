//! Data sources that need no provider: what they give follows from their arguments alone.
//!
//! In: the type of a data source and its evaluated arguments ([`Request`]). Out: the attributes that the provider would
//! compute, or none where only the provider can tell.
//!
//! Every family of data sources is a module here. Values keep their origins, so that what is wrong with a document that a
//! data source makes is found where it is written.

mod account;
mod arn;
mod cloudinit;
mod local_file;
mod null_data_source;
mod policy_document;
mod policy_merge;
mod policy_text;
mod remote_state;
mod template_file;

use std::sync::Arc;

use terravet_graph::{Candidate, Entries, Guard, MAX_CANDIDATES, Reference, Type, Unknown, Value, Why};
use terravet_source::Span;

use crate::evaluate::{EvaluationError, Scope};
use terravet_terraform_functions::convert::{convert, first_reason};
use terravet_terraform_functions::{self as functions, Call, FunctionError};

/// A data source to be read.
pub(crate) struct Request<'r> {
    /// Its type: `aws_iam_policy_document`.
    pub(crate) native_type: &'r str,
    /// The arguments and nested blocks, an object.
    pub(crate) arguments: &'r Value,
    /// The address of the instance.
    pub(crate) address: &'r Arc<str>,
    /// The header of its block.
    pub(crate) header: Span,
    /// Whether it is read only after other resources.
    pub(crate) waits: bool,
    /// Access to files and the budget.
    pub(crate) scope: &'r dyn Scope,
}

/// What a data source computes, or why the provider refuses its arguments.
pub(crate) type Computed = Result<Entries, EvaluationError>;

/// What a data source computes; none where only its provider knows.
///
/// # Errors
/// Where the arguments are ones that the provider refuses.
pub(crate) fn read(request: &Request<'_>) -> Result<Option<Entries>, EvaluationError> {
    let computed = match request.native_type {
        "aws_iam_policy_document" => policy_document::read(request),
        "aws_arn" => arn::read(request),
        "aws_caller_identity" => Ok(account::caller_identity(request)),
        "aws_partition" => Ok(account::partition(request)),
        "aws_region" => Ok(account::region(request)),
        "cloudinit_config" | "template_cloudinit_config" => cloudinit::read(request),
        "local_file" | "local_sensitive_file" => local_file::read(request),
        "template_file" => template_file::read(request),
        "terraform_remote_state" => Ok(remote_state::read(request)),
        "null_data_source" => null_data_source::read(request),
        _ => return Ok(None),
    };
    computed.map(Some)
}

/// The combinations of the alternatives of several values, each with what is chosen in it. Where there are more than can be
/// followed, the values as they are.
fn combinations(values: Vec<Value>) -> Vec<(Vec<Guard>, Vec<Value>)> {
    let mut worlds = vec![(Vec::new(), Vec::with_capacity(values.len()))];
    for value in &values {
        let alternatives = match value.as_unknown() {
            Some(unknown) if !unknown.candidates.is_empty() => {
                let of = |candidate: &Candidate| (candidate.when.clone(), value.part(&candidate.value));
                unknown.candidates.iter().map(of).collect()
            }
            _ => vec![(Vec::new(), value.clone())],
        };
        let mut next = Vec::new();
        for (when, chosen) in &worlds {
            for (own, alternative) in &alternatives {
                if let Some(when) = Candidate::join(when, own) {
                    let mut chosen: Vec<Value> = chosen.clone();
                    chosen.push(alternative.clone());
                    next.push((when, chosen));
                }
            }
        }
        if next.len() > MAX_CANDIDATES {
            return vec![(Vec::new(), values)];
        }
        worlds = next;
    }
    worlds
}

impl Request<'_> {
    /// An argument; [`terravet_graph::Data::Absent`] where it is not written.
    fn argument(&self, name: &str) -> Value {
        self.arguments.get(name)
    }

    /// An argument as text; null where it is not written.
    fn text(&self, name: &str) -> Result<Value, EvaluationError> {
        let value = self.argument(name);
        if value.is_unset() {
            return Ok(Value { origin: value.origin, ..Value::null() });
        }
        convert(&value, &Type::String).map_err(|error| self.refused(&value, format!("`{name}`: {error}")))
    }

    /// A flag; `unset` where it is not written. None where it is not known.
    fn flag(&self, name: &str, unset: bool) -> Result<Option<bool>, EvaluationError> {
        let value = self.argument(name);
        if value.is_unset() {
            return Ok(Some(unset));
        }
        let flag = convert(&value, &Type::Bool).map_err(|error| self.refused(&value, format!("`{name}`: {error}")))?;
        Ok(flag.as_bool())
    }

    /// The error for an argument that the provider refuses.
    fn refused(&self, value: &Value, message: impl Into<String>) -> EvaluationError {
        EvaluationError::new(value.span().unwrap_or(self.header), message)
    }

    /// An attribute that only the provider knows, of which something is certain all the same.
    fn open(&self, name: &str, ty: Type, prefix: Option<&str>) -> Value {
        let reference = Reference { resource: Arc::clone(self.address), attribute: name.into() };
        let unknown = Unknown {
            not_null: true,
            prefix: prefix.map(Arc::from),
            reference: Some(reference),
            ..Unknown::new(Why::Data(Arc::clone(self.address)), ty)
        };
        Value::from(unknown).written_at(self.header)
    }

    /// An attribute that is not known because something in the arguments is not.
    fn open_because(&self, of: &Value, ty: Type) -> Value {
        let why = first_reason(of).unwrap_or_else(|| Why::Data(Arc::clone(self.address)));
        let unknown = Unknown { not_null: true, ..Unknown::new(why, ty) };
        Value { origin: of.origin.clone(), sensitive: of.sensitive, ..unknown.into() }
    }

    /// What a built-in function makes of these arguments.
    fn call(&self, name: &str, arguments: Vec<Value>) -> Result<Value, EvaluationError> {
        let no_templates = |_: functions::TemplateSource<'_>, _: &Value| {
            Err(FunctionError::new("a data source renders no further templates"))
        };
        let place = arguments.first().and_then(Value::span).unwrap_or(self.header);
        let call = Call {
            arguments,
            span: self.header,
            files: self.scope.files(),
            work: self.scope.budget().work(),
            render_template: &no_templates,
        };
        functions::call(name, call).map_err(|error| EvaluationError {
            limit: error.limit,
            spent: error.spent,
            ..EvaluationError::new(place, error.message)
        })
    }
}
