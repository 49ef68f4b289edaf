//! Trust policies: who may assume a role.

mod support;

use support::*;
use terravet_graph::Truth::{self, False, True, Unknown};
use terravet_graph::Value;

#[test]
fn anyone_is_everyone_every_service_or_every_provider() {
    let by = |principal: &str, condition: &str| {
        judge(
            "assumable_by_anyone",
            &format!(
                r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "sts:AssumeRole", "Condition": {condition}}}"#
            ),
        )
    };
    for principal in [r#""*""#, r#"{"AWS": "*"}"#, r#"{"Service": ["*"]}"#, r#"{"Federated": "*"}"#] {
        assert_eq!(by(principal, "{}"), True, "{principal}");
    }
    assert_eq!(by(r#"{"Service": "ec2.amazonaws.com"}"#, "{}"), False);
    assert_eq!(by(r#""*""#, r#"{"StringEquals": {"sts:ExternalId": "x"}}"#), False);
    assert_eq!(by(r#""*""#, r#"{"StringLike": {"sts:ExternalId": "*"}}"#), True);
    assert_eq!(by(r#""*""#, r#"{"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}"#), False);
}

#[test]
fn another_account_needs_an_external_id_a_second_factor_or_an_organization() {
    let with = |condition: &str| {
        judge(
            "cross_account_without_external_id",
            &format!(
                r#"{{"Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::123456789012:root"}}, "Action": "sts:AssumeRole",
                "Condition": {condition}}}"#
            ),
        )
    };
    assert_eq!(with("{}"), True);
    assert_eq!(with(r#"{"StringEquals": {"sts:ExternalId": "x"}}"#), False);
    assert_eq!(with(r#"{"StringEqualsIfExists": {"sts:ExternalId": "x"}}"#), True);
    assert_eq!(with(r#"{"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#), False);
    assert_eq!(with(r#"{"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}"#), True);
    assert_eq!(with(r#"{"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}"#), False);
}

#[test]
fn the_own_account_and_own_roles_are_not_another() {
    let by = |principal: Value| {
        let statement = object([
            ("Effect", Value::string("Allow")),
            ("Principal", object([("AWS", principal)])),
            ("Action", Value::string("sts:AssumeRole")),
        ]);
        let document = only(&object([("Statement", statement)]));
        judge_statement("cross_account_without_external_id", &document.statements.items[0]).truth
    };
    assert_eq!(by(text_of(vec![Value::string("arn:aws:iam::"), own_account(), Value::string(":root")])), False);
    assert_eq!(by(computed("aws_iam_role.r", "arn")), False);
    assert_eq!(by(input("var.principal")), Unknown);
    assert_eq!(by(Value::string("123456789012")), True);
}

#[test]
fn a_whole_account_is_its_id_or_its_root() {
    let by = |principal: &str| {
        judge(
            "trusts_whole_account",
            &format!(r#"{{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}}, "Action": "sts:AssumeRole"}}"#),
        )
    };
    assert_eq!(by("123456789012"), True);
    assert_eq!(by("arn:aws-us-gov:iam::123456789012:root"), True);
    assert_eq!(by("arn:aws:iam::123456789012:role/x"), False);
}

#[test]
fn every_action_of_sts_is_too_many() {
    let with =
        |action: &str| judge("trust_wildcard_action", &format!(r#"{{"Effect": "Allow", "Action": "{action}"}}"#));
    assert_eq!((with("sts:*"), with("*"), with("sts:AssumeRole*")), (True, True, False));
}

fn github(condition: &str) -> Truth {
    judge(
        "broad_github_trust",
        &format!(
            r#"{{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {condition}, "Principal":
            {{"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}}}}"#
        ),
    )
}

fn subject(operator: &str, value: &str) -> Truth {
    github(&format!(r#"{{"{operator}": {{"token.actions.githubusercontent.com:sub": {value}}}}}"#))
}

#[test]
fn github_needs_a_condition_on_the_subject() {
    assert_eq!(github("{}"), True);
    let audience = r#"{"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}"#;
    assert_eq!(github(audience), True);
    assert_eq!(subject("StringNotLike", r#""repo:org/*""#), True);
}

#[test]
fn a_subject_names_an_owner() {
    for value in [
        r#""repo:org/*""#,
        r#""repo:org/app:ref:refs/heads/main""#,
        r#"["repo:org/a:*", "repo:org/b:*"]"#,
        r#""repository_owner:org:*""#,
        r#""job_workflow_ref:org/repo/.github/workflows/x.yml@*""#,
        r#""repo:org@*/app@*:environment:production""#,
    ] {
        assert_eq!(subject("StringLike", value), False, "{value}");
    }
}

#[test]
fn a_subject_that_foreign_repositories_can_have_is_broad() {
    for value in [
        r#""*""#,
        r#""repo:*""#,
        r#""repo:*/app:*""#,
        r#""repo:org*/app:*""#,
        r#""repo:org*@1/app:*""#,
        r#""repo:org*""#,
        r#""repo:org""#,
        r#""environment:production""#,
        r#""ref:refs/heads/main""#,
        r#"["repo:org/a:*", "workflow:x"]"#,
    ] {
        assert_eq!(subject("StringLike", value), True, "{value}");
    }
    // Compared as it is, no token has a `*`.
    assert_eq!(subject("StringEquals", r#""repo:*""#), False);
}

#[test]
fn the_broad_subject_is_the_first_witness() {
    let json = r#"{"Effect": "Allow",
        "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},
        "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": ["repo:org/a:*", "repo:*"]}}}"#;
    assert_eq!(witness("broad_github_trust", json)[0], "repo:*");
}

#[test]
fn other_providers_are_not_github() {
    let json = r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::1:oidc-provider/gitlab.com"}}"#;
    assert_eq!(judge("broad_github_trust", json), False);
    assert_eq!(
        judge("broad_github_trust", r#"{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}"#),
        False
    );
}

#[test]
fn a_provider_of_this_unit_is_told_by_its_conditions() {
    let with = |value: Value| {
        let conditions = object([("StringLike", object([("token.actions.githubusercontent.com:sub", value)]))]);
        let statement = object([
            ("Effect", Value::string("Allow")),
            ("Principal", object([("Federated", computed("aws_iam_openid_connect_provider.github", "arn"))])),
            ("Condition", conditions),
        ]);
        let document = only(&object([("Statement", statement)]));
        judge_statement("broad_github_trust", &document.statements.items[0]).truth
    };
    assert_eq!(with(Value::string("repo:*")), True);
    assert_eq!(with(text_of(vec![Value::string("repo:org/"), input("var.repository"), Value::string(":*")])), False);
    assert_eq!(with(text_of(vec![Value::string("repo:"), input("var.owner"), Value::string("/app:*")])), Unknown);
}
