//! Policies that AWS manages.
//!
//! Source: <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>. What they grant is not known here: a rule
//! names those that it speaks about.

use terravet_graph::{Truth, Value};

use crate::pattern::{Letters, Pattern, judge};

/// Whether a value is the ARN of the managed policy of AWS with this path (`AdministratorAccess`), in whatever partition.
#[must_use]
pub fn is_managed_policy(value: &Value, path: &str) -> Truth {
    let arn = Pattern::template(&format!("arn:{{}}:iam::aws:policy/{path}"));
    judge(value, Letters::Exact, |pattern| pattern.covers(&arn))
}
