//! What the crate answers.

use std::sync::Arc;

use terravet_source::Span;

pub use crate::degree::Verdict;

/// Which part of the evaluation a statement belongs to, in the order in which AWS looks at them
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// A resource control policy of the organization.
    ResourceControl,
    /// A service control policy of the organization.
    ServiceControl,
    /// A policy of the resource, a key policy or a Lambda permission.
    Resource,
    /// The trust policy of a role.
    Trust,
    /// A grant of a KMS key.
    Grant,
    /// A permissions boundary.
    Boundary,
    /// A policy of the user or role, or of a group of the user.
    Identity,
}

impl Layer {
    /// AWS's words for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ResourceControl => "resource control policy",
            Self::ServiceControl => "service control policy",
            Self::Resource => "resource-based policy",
            Self::Trust => "trust policy",
            Self::Grant => "grant",
            Self::Boundary => "permissions boundary",
            Self::Identity => "identity-based policy",
        }
    }
}

/// A statement that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The resource that it stands in; of a policy that AWS manages its ARN.
    pub address: Arc<str>,
    /// Where it is written. None for what AWS wrote.
    pub span: Option<Span>,
    /// Its `Sid`, or which of the statements it is.
    pub statement: Arc<str>,
    /// What it is.
    pub layer: Layer,
}

/// What one principal may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The address of a user or role; `*`, `account:NNN`, `service:NAME`, `federated:ARN`, or an ARN outside.
    pub principal: Arc<str>,
    /// Whether it may.
    pub verdict: Verdict,
    /// The conditions and unknown values that this depends on.
    pub when: Vec<Arc<str>>,
    /// The statements that decide: those that allow it, or those that deny it.
    pub because: Vec<Basis>,
    /// The roles that it takes on the way, by address, where it was asked for those.
    pub through: Vec<Arc<str>>,
    /// What runs as the principal: instances, functions, tasks.
    pub used_by: Vec<Arc<str>>,
}

/// How bad it is that a principal may do something, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// It has all permissions.
    Administration,
    /// It can give itself more, or act as a stronger role.
    Escalation,
    /// It can switch off what records and watches.
    Logging,
    /// It gets credentials and secrets.
    Credentials,
    /// It reads or changes data.
    Data,
    /// It can act as a role.
    Role,
}

impl Class {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administration => "administration",
            Self::Escalation => "escalation",
            Self::Logging => "logging",
            Self::Credentials => "credentials",
            Self::Data => "data",
            Self::Role => "role",
        }
    }
}

/// One step of what a principal does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The action.
    pub action: Arc<str>,
    /// On what.
    pub on: Arc<str>,
    /// The statements that allow it.
    pub because: Vec<Basis>,
}

/// Something that a principal may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ability {
    /// How bad it is.
    pub class: Class,
    /// What it is; of a way to more permissions its name.
    pub what: Arc<str>,
    /// Whether it may.
    pub verdict: Verdict,
    /// What this depends on.
    pub when: Vec<Arc<str>>,
    /// How it is done.
    pub steps: Vec<Move>,
}

impl Ability {
    /// What it is, as the predicate of a sentence.
    pub(crate) fn words(&self) -> String {
        match self.class {
            Class::Escalation => format!("gets more permissions ({})", self.what),
            _ => self.what.to_string(),
        }
    }
}
