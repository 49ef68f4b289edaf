//! Conditions of statements: what their operators mean, and whether they narrow who may call.
//!
//! Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>;
//! for what narrows, "The meaning of public" in
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html>, with the global condition keys of
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.
//!
//! It does not evaluate a condition for a request.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use terravet_graph::{Truth, Value};

use crate::document::Statement;
use crate::judgement::Judgement;
use crate::listing::Values;
use crate::pattern::{Letters, Pattern, judge};

/// One condition: an operator over a key and values, any of which suffices.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The operator, `StringEquals`.
    pub operator: Arc<str>,
    /// The key, `aws:PrincipalOrgID`. Its letter case does not matter.
    pub key: Arc<str>,
    /// The values.
    pub values: Values,
}

/// What an operator is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    /// How it treats a key with several values.
    pub quantifier: Quantifier,
    /// What it compares.
    pub comparison: Comparison,
    /// Whether it asks for the opposite.
    pub negated: bool,
    /// Whether a key that is missing from the request satisfies it.
    pub if_exists: bool,
}

/// `ForAllValues:`, `ForAnyValue:` or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// Neither.
    None,
    /// `ForAllValues:`, which a missing key satisfies.
    All,
    /// `ForAnyValue:`, which a missing key does not satisfy.
    Any,
}

/// What an operator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Text as it is, in either letter case or not.
    StringEquals,
    /// Text with wildcards.
    StringLike,
    /// ARNs with wildcards: `ArnEquals` and `ArnLike` are the same.
    Arn,
    /// Addresses in ranges.
    Address,
    /// True and false.
    Bool,
    /// Whether the key is missing.
    Null,
    /// Numbers, dates, binary data.
    Other,
}

impl Operator {
    /// The operator of this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let (quantifier, rest) = match name.split_once(':') {
            Some(("forallvalues", rest)) => (Quantifier::All, rest),
            Some(("foranyvalue", rest)) => (Quantifier::Any, rest),
            _ => (Quantifier::None, name.as_str()),
        };
        let (base, if_exists) = rest.strip_suffix("ifexists").map_or((rest, false), |base| (base, true));
        let (comparison, negated) = match base {
            "stringequals" | "stringequalsignorecase" => (Comparison::StringEquals, false),
            "stringnotequals" | "stringnotequalsignorecase" => (Comparison::StringEquals, true),
            "stringlike" => (Comparison::StringLike, false),
            "stringnotlike" => (Comparison::StringLike, true),
            "arnequals" | "arnlike" => (Comparison::Arn, false),
            "arnnotequals" | "arnnotlike" => (Comparison::Arn, true),
            "ipaddress" => (Comparison::Address, false),
            "notipaddress" => (Comparison::Address, true),
            "bool" => (Comparison::Bool, false),
            "null" => (Comparison::Null, false),
            _ => (Comparison::Other, base.contains("not")),
        };
        Self { quantifier, comparison, negated, if_exists }
    }

    /// Whether a request that lacks the key is certainly refused by it.
    #[must_use]
    pub fn needs_the_key(self) -> bool {
        !self.negated && !self.if_exists && self.quantifier != Quantifier::All && self.comparison != Comparison::Null
    }
}

/// How a value of a key that tells callers apart must look to narrow them down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// An id that one owner has.
    Identifier,
    /// An ARN, whose account one owner has.
    Arn,
    /// The path of an organizational unit, which begins with the id of the organization.
    OrganizationPath,
    /// The id of a principal, with the name of its session after a colon.
    UserId,
    /// Ranges of addresses.
    Addresses,
    /// True.
    Flag,
}

/// The keys that tell callers apart, in lower case. A key that is not here does not narrow: the caller chooses it
/// (`aws:Referer`, `aws:UserAgent`), it says nothing about who calls (`aws:SecureTransport`), or anyone's role can have
/// it (`aws:PrincipalTag/…`, `aws:username`).
const NARROWING_KEYS: &[(&str, Shape)] = &[
    ("aws:principalaccount", Shape::Identifier),
    ("aws:principalarn", Shape::Arn),
    ("aws:principalisawsservice", Shape::Flag),
    ("aws:principalorgid", Shape::Identifier),
    ("aws:principalorgpaths", Shape::OrganizationPath),
    ("aws:principalservicename", Shape::Identifier),
    ("aws:sourceaccount", Shape::Identifier),
    ("aws:sourcearn", Shape::Arn),
    ("aws:sourceip", Shape::Addresses),
    ("aws:sourceorgid", Shape::Identifier),
    ("aws:sourceorgpaths", Shape::OrganizationPath),
    ("aws:sourceowner", Shape::Identifier),
    ("aws:sourcevpc", Shape::Identifier),
    ("aws:sourcevpcarn", Shape::Arn),
    ("aws:sourcevpce", Shape::Identifier),
    ("aws:userid", Shape::UserId),
    ("aws:vpceaccount", Shape::Identifier),
    ("aws:vpceorgid", Shape::Identifier),
    ("aws:vpceorgpaths", Shape::OrganizationPath),
    ("ec2:sourceinstancearn", Shape::Arn),
    ("elasticfilesystem:accessedviamounttarget", Shape::Flag),
    ("elasticfilesystem:accesspointarn", Shape::Arn),
    ("kms:calleraccount", Shape::Identifier),
    ("lambda:eventsourcetoken", Shape::Identifier),
    ("lambda:functionurlauthtype", Shape::Identifier),
    ("s3:dataaccesspointaccount", Shape::Identifier),
    ("s3:dataaccesspointarn", Shape::Arn),
    ("sns:endpoint", Shape::Identifier),
];

/// Keys that requests without a signature lack.
const SIGNED_ONLY: &[&str] = &["aws:principalisawsservice"];

/// Keys that every request has, so that a pattern which matches everything limits nothing.
const ALWAYS_PRESENT: &[&str] = &[
    "aws:currenttime",
    "aws:epochtime",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltype",
    "aws:requestedregion",
    "aws:sourceip",
    "aws:useragent",
    "aws:userid",
];

/// A day that has passed whenever this is read: what is dated before it is in the past.
const PASSED: &str = "2026-12-01";

/// The keys that limit no permission, whoever has it: how the request travels, or what the caller says about itself.
const NON_LIMITING_KEYS: &[&str] = &["aws:securetransport", "aws:referer", "aws:useragent", "s3:tlsversion"];

impl Condition {
    /// Whether it is about this key, in whatever letter case.
    #[must_use]
    pub fn is_about(&self, key: &str) -> bool {
        self.key.eq_ignore_ascii_case(key)
    }

    /// What its operator means.
    #[must_use]
    pub fn operator(&self) -> Operator {
        Operator::new(&self.operator)
    }

    /// Whether it limits what a statement grants at all.
    #[must_use]
    pub fn is_limiting(&self) -> bool {
        !NON_LIMITING_KEYS.iter().any(|key| self.is_about(key)) && !self.is_vacuous()
    }

    /// Whether every request meets it: a pattern that matches everything on a key that all requests have, all addresses, or a
    /// day in the past.
    #[must_use]
    pub fn is_vacuous(&self) -> bool {
        let operator = self.operator();
        if operator.negated || operator.quantifier == Quantifier::Any {
            return false;
        }
        let any = |look: &dyn Fn(&Pattern) -> Truth| {
            self.values.items.iter().any(|value| judge(value, Letters::Exact, look).is_true())
        };
        match operator.comparison {
            Comparison::StringLike | Comparison::Arn => {
                ALWAYS_PRESENT.iter().any(|key| self.is_about(key)) && any(&Pattern::is_everything)
            }
            Comparison::Address => {
                any(&|pattern| Truth::from(pattern.literal().is_some_and(|text| text.ends_with("/0"))))
            }
            Comparison::Other => {
                let dated = self.operator.to_ascii_lowercase().starts_with("dategreaterthan");
                dated && self.is_about("aws:CurrentTime") && any(&|pattern| Truth::from(is_past(pattern)))
            }
            _ => false,
        }
    }

    /// Whether all its values are true (or `want`) in a comparison of bools.
    #[must_use]
    pub fn is_bool(&self, key: &str, want: bool) -> Judgement {
        if !self.is_about(key) || self.operator().comparison != Comparison::Bool {
            return Judgement::no();
        }
        let text = if want { "true" } else { "false" };
        every(&self.values, |value| judge(value, Letters::AnyCase, |pattern| pattern.matches(text)))
    }

    /// Whether it narrows the callers of a statement that allows everyone, given the conditions beside it.
    #[must_use]
    pub fn narrows(&self, statement: &Statement) -> Judgement {
        let operator = self.operator();
        if operator.negated || operator.comparison == Comparison::Null {
            return Judgement::no();
        }
        let truth = self.singles_out(operator);
        // A request that lacks the key passes, unless another condition demands that it has it.
        if operator.needs_the_key() { truth } else { truth.and(demands_key(statement, &self.key)) }
    }

    /// Whether a denial with it spares only callers that it names: it asks for everyone but them.
    #[must_use]
    pub fn spares_only_named(&self) -> Judgement {
        let operator = self.operator();
        let refuses_missing = operator.quantifier != Quantifier::Any;
        match operator.comparison {
            Comparison::Bool => {
                let flags = NARROWING_KEYS.iter().filter(|(_, shape)| *shape == Shape::Flag).map(|(key, _)| *key);
                // A request that lacks the key is not denied: one that is not signed says nothing about its principal.
                let denies_missing = |key: &str| operator.if_exists || !SIGNED_ONLY.contains(&key);
                let flags = flags.chain(["aws:viaawsservice"]).filter(|key| denies_missing(key));
                flags.map(|key| self.is_bool(key, false)).fold(Judgement::no(), Judgement::or)
            }
            _ if operator.negated && refuses_missing => self.singles_out(operator),
            _ => Judgement::no(),
        }
    }

    /// Whether every one of its values names callers of one owner.
    fn singles_out(&self, operator: Operator) -> Judgement {
        let Some((_, shape)) = NARROWING_KEYS.iter().find(|(key, _)| self.is_about(key)) else {
            return Judgement::no();
        };
        let by = |value: &Value| match (shape, operator.comparison) {
            (Shape::Flag, Comparison::Bool | Comparison::StringEquals) => {
                judge(value, Letters::AnyCase, |pattern| pattern.matches("true"))
            }
            (Shape::Addresses, Comparison::Address) => judge(value, Letters::Exact, is_narrow_range),
            (Shape::Flag | Shape::Addresses, _) => Truth::False,
            // Here a wildcard is an ordinary character: whatever the value is, it is one value.
            (_, Comparison::StringEquals) => {
                judge(value, Letters::Exact, |pattern| Truth::from(!pattern.has_variable_of_the_caller()))
            }
            (Shape::Identifier, Comparison::StringLike) => judge(value, Letters::Exact, Pattern::is_fixed),
            (Shape::Arn, Comparison::StringLike | Comparison::Arn) => judge(value, Letters::Exact, is_of_one_owner),
            (Shape::OrganizationPath, Comparison::StringLike) => judge(value, Letters::Exact, |p| starts_fixed(p, '/')),
            (Shape::UserId, Comparison::StringLike) => judge(value, Letters::Exact, |p| starts_fixed(p, ':')),
            _ => Truth::False,
        };
        every(&self.values, by)
    }
}

/// Whether a date (`2020-01-01T00:00:00Z`) is before [`PASSED`].
fn is_past(pattern: &Pattern) -> bool {
    let Some(text) = pattern.literal() else { return false };
    let dated = text.get(..10).filter(|day| {
        day.bytes().enumerate().all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
    });
    dated.is_some_and(|day| day < PASSED)
}

/// Whether `look` holds of every value; because of the first.
fn every(values: &Values, look: impl Fn(&Value) -> Truth) -> Judgement {
    let fails = values.exists(|value| Judgement::of(!look(value), value));
    Judgement::of(!fails.truth, values.items.first().unwrap_or(&values.value))
}

/// Whether a condition of the statement holds only for requests that have this key.
fn demands_key(statement: &Statement, key: &str) -> Judgement {
    statement.conditions.exists(|condition| {
        if !condition.is_about(key) || condition.operator().comparison != Comparison::Null {
            return Judgement::no();
        }
        every(&condition.values, |value| judge(value, Letters::AnyCase, |pattern| pattern.matches("false")))
    })
}

/// Whether what stands before the first `separator` is fixed.
fn starts_fixed(pattern: &Pattern, separator: char) -> Truth {
    pattern.split(separator, 2).first().map_or(Truth::False, Pattern::is_fixed)
}

/// Whether an ARN with wildcards matches what one owner has: its account is fixed, or its bucket, since the names of
/// buckets are unique among all accounts.
fn is_of_one_owner(pattern: &Pattern) -> Truth {
    if pattern.is_fixed().is_true() {
        return Truth::True;
    }
    let parts = pattern.split(':', 6);
    let [_, _, service, _, account, resource] = parts.as_slice() else {
        // A wildcard may stand for the colons that are missing, so nothing in it need be fixed; an unknown text may
        // be a whole ARN. The ARN of a resource with something after it is of that resource's owner.
        return if pattern.starts_computed() { Truth::True } else { pattern.is_fixed() };
    };
    if !account.is_empty() && !account.is_fixed().is_false() {
        return account.is_fixed();
    }
    if service.matches("s3").is_true() { starts_fixed(resource, '/') } else { Truth::False }
}

/// Whether a range of addresses is one that somebody can own: IPv4 ranges of /8 and IPv6 ranges of /32 or narrower.
fn is_narrow_range(pattern: &Pattern) -> Truth {
    let parts = pattern.split('/', 2);
    let (Some(address), length) = (parts.first(), parts.get(1)) else { return Truth::False };
    let length = match length.map(Pattern::literal) {
        None => None,
        Some(Some(text)) => text.parse::<u8>().ok(),
        Some(None) => return Truth::Unknown,
    };
    let Some(text) = address.literal() else {
        // An address that is not known yet, such as that of an elastic IP, is an address all the same.
        return address.is_fixed().and(Truth::from(length.is_none_or(|length| length >= 32)));
    };
    if text.parse::<Ipv4Addr>().is_ok() {
        Truth::from(length.unwrap_or(32) >= 8)
    } else if text.parse::<Ipv6Addr>().is_ok() {
        Truth::from(length.unwrap_or(128) >= 32)
    } else {
        Truth::Unknown
    }
}

/// Whether the statement has a condition that limits what it grants.
#[must_use]
pub fn is_conditioned(statement: &Statement) -> Judgement {
    statement.conditions.exists(|condition| {
        Judgement::of(
            Truth::from(condition.is_limiting()),
            condition.values.items.first().unwrap_or(&condition.values.value),
        )
    })
}

/// Whether the statement has a condition that narrows its callers down from everyone.
#[must_use]
pub fn is_narrowed(statement: &Statement) -> Judgement {
    statement.conditions.exists(|condition| condition.narrows(statement))
}

/// Whether the statement holds only for requests that were signed in with a second factor. `BoolIfExists` does not do
/// it in an Allow: requests signed with access keys lack the key
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html>).
#[must_use]
pub fn requires_mfa(statement: &Statement) -> Judgement {
    statement.conditions.exists(|condition| {
        let operator = condition.operator();
        let age = condition.is_about("aws:MultiFactorAuthAge")
            && operator.needs_the_key()
            && condition.operator.to_ascii_lowercase().starts_with("numericless");
        if age {
            return Judgement::of(Truth::True, &condition.values.value);
        }
        if operator.needs_the_key() { condition.is_bool("aws:MultiFactorAuthPresent", true) } else { Judgement::no() }
    })
}

/// Whether the statement has a condition on this key, however it reads.
#[must_use]
pub fn mentions_key(statement: &Statement, key: &str) -> Judgement {
    statement.conditions.exists(|condition| {
        Judgement::of(
            Truth::from(condition.is_about(key)),
            condition.values.items.first().unwrap_or(&condition.values.value),
        )
    })
}
