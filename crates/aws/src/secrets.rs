//! Whether a value takes a secret along.
//!
//! In: an attribute, of which the text may be put together from others. Out: whether one of those is a secret: the value of a
//! secret or of an encrypted parameter, or whatever else is marked as sensitive.

use terravet_graph::{Content, Mode, Resource, Truth, Value};

use terravet_model::{Fact, FactContext, FactDef};
use terravet_schema::AttributeType;

use crate::arguments::ATTRIBUTE;

/// The facts of this module.
pub(crate) const FACTS: &[FactDef] = &[FactDef {
    name: "carries_secret",
    needs: &[],
    arguments: ATTRIBUTE,
    result: AttributeType::Bool,
    doc: "the attribute of this name, or a part of its text, is the value of a secret or of an encrypted parameter",
    run: carries_secret,
}];

/// How deep parts within parts are followed.
const MAX_DEPTH: usize = 16;

fn carries_secret(context: FactContext<'_>) -> Fact {
    let value = context.value(context.text(0));
    let truth = carries(&context, &value, 0);
    Fact::truth(truth, vec![value])
}

fn carries(context: &FactContext<'_>, value: &Value, depth: usize) -> Truth {
    if value.sensitive {
        return Truth::True;
    }
    let graph = context.view.model.graph;
    let sources = value.references().flat_map(|reference| graph.resolve(reference));
    let own = sources.fold(Truth::False, |truth, id| truth.or(is_secret(graph.resource(*id))));
    if own.is_true() || depth >= MAX_DEPTH {
        return own;
    }
    let part = |truth: Truth, part: &Value| truth.or(carries(context, part, depth + 1));
    let of_text = match value.content.as_deref() {
        Some(Content::Pieces(pieces)) => pieces.iter().fold(own, part),
        Some(Content::Json(inner) | Content::Encoded(inner)) => part(own, inner),
        Some(Content::Open(_)) | None => own,
    };
    let of_items = value.as_items().unwrap_or_default().iter().fold(of_text, part);
    value.as_entries().into_iter().flat_map(|entries| entries.values()).fold(of_items, part)
}

/// Whether what a resource says is secret.
fn is_secret(resource: &Resource) -> Truth {
    let is = |attribute: &str, secret: &str| {
        let value = resource.attributes.get(attribute);
        if value.is_unknown() { Truth::Unknown } else { (value.as_str() == Some(secret)).into() }
    };
    match (resource.mode, &*resource.native_type) {
        (Mode::Managed, "aws_ssm_parameter") => is("type", "SecureString"),
        (Mode::Managed | Mode::Data, "aws_secretsmanager_secret_version") => Truth::True,
        // What kind of parameter it is shows only in the account; Terraform treats each as sensitive.
        (Mode::Data, "aws_ssm_parameter") => Truth::True,
        _ => Truth::False,
    }
}
