//! Whose account a value names: the one that is deployed to, or another.

use terravet_graph::{Content, Reference, Step, Value, Why};

/// What the id of the own account is called where it is not known.
pub(crate) const OWN: &str = "the own account";
/// How deep text made of text is followed.
const MAX_DEPTH: usize = 8;

/// Whether a value is the id of the account that is deployed to, or came through it: `AWS::AccountId`,
/// `data.aws_caller_identity`.
#[must_use]
pub fn is_own_account(value: &Value) -> bool {
    let why = value.as_unknown().is_some_and(|unknown| match &unknown.why {
        Why::Input(name) | Why::Other(name) | Why::Import(name) => name.contains("AWS::AccountId"),
        Why::Data(address) => {
            address.contains("aws_caller_identity")
                && unknown.reference.as_ref().is_none_or(|reference| &*reference.attribute == "account_id")
        }
        _ => false,
    });
    why || value.references().any(is_own_reference)
        || value.origin.iter().flat_map(|origin| origin.chain()).any(|link| match &link.step {
            Step::Named(name) | Step::ParameterDefault(name) | Step::ParameterValue(name) => is_own_name(name),
            _ => false,
        })
}

/// Whether the id of the own account is in a text.
#[must_use]
pub(crate) fn mentions_own(value: &Value) -> bool {
    mentions_own_at(value, 0)
}

fn mentions_own_at(value: &Value, depth: usize) -> bool {
    if is_own_account(value) {
        return true;
    }
    match value.content.as_deref() {
        Some(Content::Pieces(pieces)) if depth < MAX_DEPTH => {
            pieces.iter().any(|piece| mentions_own_at(piece, depth + 1))
        }
        _ => false,
    }
}

fn is_own_reference(reference: &Reference) -> bool {
    &*reference.resource == "AWS::AccountId"
        || (reference.resource.contains("aws_caller_identity.") && &*reference.attribute == "account_id")
}

fn is_own_name(name: &str) -> bool {
    name == "AWS::AccountId" || (name.contains("aws_caller_identity.") && name.ends_with(".account_id"))
}

/// Whether a text is the id of an account: twelve digits.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
