//! Whose a KMS key is.
//!
//! Source: <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#kms-keys> (customer managed and AWS managed
//! keys; the aliases of the latter begin with `alias/aws/`).

use terravet_graph::{Content, Mode, Resource, Truth, Value};

use terravet_model::{Fact, FactContext, FactDef};
use terravet_schema::AttributeType;

use crate::arguments::ATTRIBUTE;

/// The facts of this module.
pub(crate) const FACTS: &[FactDef] = &[FactDef {
    name: "customer_managed",
    needs: &[],
    arguments: ATTRIBUTE,
    result: AttributeType::Bool,
    doc: "the KMS key that the attribute of this name holds is the customer's own, not one that AWS manages",
    run: customer_managed,
}];

/// The resources that are customer managed keys, or names of them.
const KEY_TYPES: &[&str] = &[
    "aws_kms_key",
    "aws_kms_alias",
    "aws_kms_external_key",
    "aws_kms_replica_key",
    "aws_kms_replica_external_key",
    "AWS::KMS::Key",
    "AWS::KMS::Alias",
    "AWS::KMS::ReplicaKey",
];

fn customer_managed(context: FactContext<'_>) -> Fact {
    let key = context.value(context.text(0));
    Fact::truth(is_customer_managed(&context, &key), vec![key])
}

fn is_customer_managed(context: &FactContext<'_>, key: &Value) -> Truth {
    if key.is_unset() || key.as_str().is_some_and(|text| text.trim().is_empty()) {
        return Truth::False;
    }
    if let Some(text) = key.as_str() {
        return (!names_aws_alias(text)).into();
    }
    if let Some(of_text) = of_pieces(key) {
        return of_text.into();
    }
    let graph = context.view.model.graph;
    let referenced = key.references().flat_map(|reference| graph.resolve(reference));
    let owners: Vec<Truth> = referenced.filter_map(|id| owner(graph.resource(*id))).collect();
    match owners.split_first() {
        Some((first, rest)) if rest.iter().all(|other| other == first) => *first,
        _ => Truth::Unknown,
    }
}

/// Whether a resource is a customer managed key; none where it is no key.
fn owner(resource: &Resource) -> Option<Truth> {
    let by_name = |attribute: &str| {
        resource.attributes.get(attribute).as_str().map_or(Truth::Unknown, |text| (!names_aws_alias(text)).into())
    };
    match (resource.mode, &*resource.native_type) {
        (Mode::Managed, native) if KEY_TYPES.contains(&native) => Some(Truth::True),
        (Mode::Data, "aws_kms_alias") => Some(by_name("name")),
        (Mode::Data, "aws_kms_key") => Some(by_name("key_id")),
        _ => None,
    }
}

/// What the known pieces of a text tell, as in `arn:aws:kms:${region}:${account}:alias/aws/sns`.
fn of_pieces(key: &Value) -> Option<bool> {
    let Some(Content::Pieces(pieces)) = key.content.as_deref() else { return None };
    let known: Vec<&str> = pieces.iter().filter_map(Value::as_str).collect();
    if known.iter().any(|text| names_aws_alias(text)) {
        return Some(false);
    }
    // What follows `alias/` decides, and is all there only where the text goes on.
    let alias = known.iter().any(|text| text.split_once("alias/").is_some_and(|(_, name)| name.len() >= "aws/".len()));
    (alias || known.iter().any(|text| text.contains(":key/"))).then_some(true)
}

/// Whether a text is the alias of a key that AWS manages, by itself or as an ARN.
fn names_aws_alias(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("alias/aws/") || text.contains(":alias/aws/")
}
