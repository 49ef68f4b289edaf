//! Amazon Resource Names.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.

use terravet_graph::{Truth, Value};

use crate::account;
use crate::pattern::{Letters, Pattern, judge};

/// The parts of an ARN, each as written: wildcards may be in any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'t> {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'t str,
    /// `s3`.
    pub service: &'t str,
    /// `eu-west-1`, or empty.
    pub region: &'t str,
    /// Twelve digits, or empty.
    pub account: &'t str,
    /// `role/Admin`, `function:name`, everything after the fifth colon.
    pub resource: &'t str,
}

impl<'t> Arn<'t> {
    /// The ARN that a text is; none where it is none.
    #[must_use]
    pub fn parse(text: &'t str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next() != Some("arn") {
            return None;
        }
        let [partition, service, region, account, resource] =
            [parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?];
        Some(Self { partition, service, region, account, resource })
    }
}

/// Whose account a principal or resource is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// The one that is deployed to.
    Own,
    /// The one of this id, which may be the own one too.
    Id(String),
    /// It cannot be told.
    Unknown,
}

/// The account that a principal or ARN is in.
#[must_use]
pub fn account_of(value: &Value) -> Account {
    if account::mentions_own(value) {
        return Account::Own;
    }
    let Some(pattern) = Pattern::of(value, Letters::Exact) else { return Account::Unknown };
    if pattern.is_computed() {
        // What this unit creates is in the account that it is deployed to.
        return Account::Own;
    }
    let id = match pattern.split(':', 6).as_slice() {
        [whole] => whole.literal(),
        [_, _, _, _, account, _] => account.literal(),
        _ => None,
    };
    id.filter(|id| account::is_account_id(id)).map_or(Account::Unknown, Account::Id)
}

/// Whether a principal stands for everyone in an account who may delegate: its id, or its root's ARN
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts>).
#[must_use]
pub fn is_whole_account(value: &Value) -> Truth {
    if account::is_own_account(value) {
        return Truth::True;
    }
    judge(value, Letters::Exact, |pattern| {
        if pattern.is_computed() {
            return Truth::False;
        }
        if let Some(text) = pattern.literal()
            && account::is_account_id(&text)
        {
            return Truth::True;
        }
        pattern.overlaps(&Pattern::template("arn:{}:iam::{}:root"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_is_everything_after_the_fifth_colon() {
        let arn = Arn::parse("arn:aws:lambda:eu-west-1:123456789012:function:name:7").unwrap();
        assert_eq!((arn.service, arn.account, arn.resource), ("lambda", "123456789012", "function:name:7"));
        assert_eq!(Arn::parse("aws:s3:::b"), None);
        assert_eq!(Arn::parse("arn:aws:s3"), None);
    }

    #[test]
    fn the_account_is_read_from_ids_and_arns() {
        let of = |text: &str| account_of(&Value::string(text));
        assert_eq!(of("123456789012"), Account::Id("123456789012".into()));
        assert_eq!(of("arn:aws:iam::123456789012:role/a:b"), Account::Id("123456789012".into()));
        assert_eq!(of("arn:aws:s3:::bucket"), Account::Unknown);
    }
}
