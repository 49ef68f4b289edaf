//! `cloudinit_config`: several parts as one MIME document, usually compressed and encoded.
//!
//! Source: <https://registry.terraform.io/providers/hashicorp/cloudinit/latest/docs/data-sources/config>.

use std::fmt::Write as _;

use terravet_graph::{Content, Entries, Type, Unknown, Value};

use super::{Computed, Request};
use crate::evaluate::EvaluationError;
use terravet_terraform_functions::convert::first_reason;

/// The boundary where none is given.
const BOUNDARY: &str = "MIMEBOUNDARY";

/// Makes the document.
pub(super) fn read(request: &Request<'_>) -> Computed {
    let (gzip, base64) = (request.flag("gzip", true)?, request.flag("base64_encode", true)?);
    let boundary = request.text("boundary")?;
    let boundary = if boundary.is_null() { Value::string(BOUNDARY) } else { boundary };
    let document = document(request, &boundary);
    let rendered = match (gzip, base64, &document) {
        (Some(gzip), Some(base64), Some(document)) => match (gzip, base64) {
            (false, false) => document.clone(),
            (true, true) => encoded(request, "base64gzip", document)?,
            (false, true) => encoded(request, "base64encode", document)?,
            (true, false) => {
                let message = "base64_encode must be true where gzip is, since the result could be no text otherwise";
                return Err(request.refused(&request.argument("gzip"), message));
            }
        },
        _ => request.open("rendered", Type::String, None),
    };
    Ok(Entries::from_iter([("rendered".into(), rendered)]))
}

fn encoded(request: &Request<'_>, function: &str, document: &Value) -> Result<Value, EvaluationError> {
    if document.as_str().is_none() {
        let open = request.open_because(document, Type::String);
        return Ok(open.with_content(Content::Encoded(document.clone())));
    }
    request.call(function, vec![document.clone()])
}

/// The document as text, made of the parts' contents. None where it is not known which parts there are.
fn document(request: &Request<'_>, boundary: &Value) -> Option<Value> {
    let boundary = boundary.as_str()?;
    let parts = request.argument("part");
    if parts.is_unknown() {
        return None;
    }
    let mut pieces = Vec::new();
    let mut head = format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\nMIME-Version: 1.0\r\n\r\n");
    for (at, part) in parts.elements().iter().enumerate() {
        let header = |name: &str| {
            let value = part.get(name);
            if value.is_unset() { Some(String::new()) } else { value.as_str().map(str::to_owned) }
        };
        let (kind, filename, merge) = (header("content_type")?, header("filename")?, header("merge_type")?);
        let kind = if kind.is_empty() { "text/plain".to_owned() } else { kind };
        let _ = write!(head, "{}--{boundary}\r\n", if at > 0 { "\r\n" } else { "" });
        if !filename.is_empty() {
            let _ = write!(head, "Content-Disposition: attachment; filename=\"{filename}\"\r\n");
        }
        let _ = write!(head, "Content-Transfer-Encoding: 7bit\r\nContent-Type: {kind}\r\nMime-Version: 1.0\r\n");
        if !merge.is_empty() {
            let _ = write!(head, "X-Merge-Type: {merge}\r\n");
        }
        head.push_str("\r\n");
        pieces.push(Value::string(std::mem::take(&mut head)));
        pieces.push(part.get("content"));
    }
    pieces.push(Value::string(format!("{head}\r\n--{boundary}--\r\n")));
    Some(joined(request, pieces))
}

/// The text that the pieces make, known where all of them are.
fn joined(request: &Request<'_>, pieces: Vec<Value>) -> Value {
    let text: Option<String> = pieces.iter().map(Value::as_str).collect();
    let sensitive = pieces.iter().any(|piece| piece.sensitive);
    let value = match text {
        Some(text) => Value::string(text),
        None => {
            let why = pieces.iter().find_map(first_reason).unwrap_or(terravet_graph::Why::Error);
            Unknown { not_null: true, ..Unknown::new(why, Type::String) }.into()
        }
    };
    value.with_content(Content::Pieces(pieces)).written_at(request.header).marked(sensitive)
}
