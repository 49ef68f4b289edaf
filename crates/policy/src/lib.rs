//! IAM policy documents: statements, principals, wildcards
