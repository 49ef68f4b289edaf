//! Policies that AWS manages, as far as rules ask for them.
//!
//! Source: <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>. A policy is here because
//! of what it grants on every resource; it is not the full list, and what is not here is not therefore harmless.

use terravet_graph::{Truth, Value};

use crate::pattern::{Letters, Pattern, judge};

/// What a managed policy grants on all resources, from most to least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grant {
    /// Every action.
    Administration,
    /// Every action on identities: as good as administration, one step later.
    Identities,
    /// Nearly every action but those on identities.
    PowerUser,
    /// Every action of one service, by its prefix.
    Service(&'static str),
    /// Reading everything, the content of objects and tables among it.
    ReadEverything,
}

/// A policy that AWS manages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManagedPolicy {
    /// What follows `policy/` in its ARN.
    pub path: &'static str,
    /// What it grants.
    pub grant: Grant,
}

/// The managed policies of interest.
pub const MANAGED_POLICIES: &[ManagedPolicy] = &[
    ManagedPolicy { path: "AdministratorAccess", grant: Grant::Administration },
    ManagedPolicy { path: "AmazonDynamoDBFullAccess", grant: Grant::Service("dynamodb") },
    ManagedPolicy { path: "AmazonEC2ContainerRegistryFullAccess", grant: Grant::Service("ecr") },
    ManagedPolicy { path: "AmazonEC2FullAccess", grant: Grant::Service("ec2") },
    ManagedPolicy { path: "AmazonECS_FullAccess", grant: Grant::Service("ecs") },
    ManagedPolicy { path: "AmazonRDSFullAccess", grant: Grant::Service("rds") },
    ManagedPolicy { path: "AmazonS3FullAccess", grant: Grant::Service("s3") },
    ManagedPolicy { path: "AmazonSNSFullAccess", grant: Grant::Service("sns") },
    ManagedPolicy { path: "AmazonSQSFullAccess", grant: Grant::Service("sqs") },
    ManagedPolicy { path: "AmazonSSMFullAccess", grant: Grant::Service("ssm") },
    ManagedPolicy { path: "AWSCloudFormationFullAccess", grant: Grant::Service("cloudformation") },
    ManagedPolicy { path: "AWSKeyManagementServicePowerUser", grant: Grant::Service("kms") },
    ManagedPolicy { path: "AWSLambda_FullAccess", grant: Grant::Service("lambda") },
    ManagedPolicy { path: "CloudWatchFullAccess", grant: Grant::Service("cloudwatch") },
    ManagedPolicy { path: "CloudWatchLogsFullAccess", grant: Grant::Service("logs") },
    ManagedPolicy { path: "IAMFullAccess", grant: Grant::Identities },
    ManagedPolicy { path: "PowerUserAccess", grant: Grant::PowerUser },
    ManagedPolicy { path: "ReadOnlyAccess", grant: Grant::ReadEverything },
    ManagedPolicy { path: "SecretsManagerReadWrite", grant: Grant::Service("secretsmanager") },
    ManagedPolicy { path: "job-function/SystemAdministrator", grant: Grant::PowerUser },
];

impl ManagedPolicy {
    /// The policy of interest that a value is certainly the ARN of, whatever the partition.
    #[must_use]
    pub fn of(value: &Value) -> Option<&'static Self> {
        MANAGED_POLICIES.iter().find(|policy| policy.is(value).is_true())
    }

    /// Whether a value is the ARN of this policy.
    #[must_use]
    pub fn is(&self, value: &Value) -> Truth {
        is_managed_policy(value, self.path)
    }

    /// Whether its holder can do anything, at once or by granting it to itself.
    #[must_use]
    pub fn is_administrative(&self) -> bool {
        matches!(self.grant, Grant::Administration | Grant::Identities | Grant::PowerUser)
    }
}

/// Whether a value is the ARN of the managed policy of AWS with this path (`AdministratorAccess`), in whatever partition.
#[must_use]
pub fn is_managed_policy(value: &Value, path: &str) -> Truth {
    let arn = Pattern::template(&format!("arn:{{}}:iam::aws:policy/{path}"));
    judge(value, Letters::Exact, |pattern| pattern.covers(&arn))
}
