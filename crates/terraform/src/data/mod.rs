//! Data sources that need no provider: what they give follows from their arguments alone.
//!
//! In: the type of a data source and its evaluated arguments ([`Request`]). Out: the attributes that the provider would
//! compute, or none where only the provider can tell.
//!
//! Every data source is a module here. Values keep their origins, so that what is wrong with a document that a data source
//! makes is found where it is written.

use terravet_graph::{Entries, Value};
use terravet_source::Span;

use crate::evaluate::{EvaluationError, Scope};

/// A data source to be read.
pub(crate) struct Request<'r> {
    /// Its type: `aws_iam_policy_document`.
    pub(crate) native_type: &'r str,
    /// The arguments and nested blocks, an object.
    pub(crate) arguments: &'r Value,
    /// The address of the instance.
    pub(crate) address: &'r str,
    /// The header of its block.
    pub(crate) header: Span,
    /// Whether it is read only after other resources.
    pub(crate) waits: bool,
    /// Access to files and the budget.
    pub(crate) scope: &'r dyn Scope,
}

/// What a data source computes; none where only its provider knows.
///
/// # Errors
/// Where the arguments are ones that the provider refuses.
pub(crate) fn read(request: &Request<'_>) -> Result<Option<Entries>, EvaluationError> {
    let _ = request;
    Ok(None)
}
