//! Who may call, and what narrows everyone down to somebody.

mod support;

use support::*;
use terravet_graph::Truth::{self, False, True, Unknown};
use terravet_graph::Value;
use terravet_policy::facts::STATEMENT_FACTS_IN_DOCUMENT;

fn public_with(condition: &str) -> Truth {
    judge("public", &format!(r#"{{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Condition": {condition}}}"#))
}

fn public_to(principal: &str) -> Truth {
    judge("public", &format!(r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "s3:GetObject"}}"#))
}

#[test]
fn everyone_is_written_in_several_ways() {
    assert_eq!(public_to(r#""*""#), True);
    assert_eq!(public_to(r#"{"AWS": "*"}"#), True);
    assert_eq!(public_to(r#"{"AWS": ["123456789012", "*"]}"#), True);
    assert_eq!(public_to(r#"{"AWS": "arn:aws:iam::*:root"}"#), True);
    assert_eq!(public_to(r#"{"AWS": "arn:aws:iam::123456789012:role/x*"}"#), False);
    assert_eq!(public_to(r#"{"Service": "sns.amazonaws.com"}"#), False);
}

#[test]
fn a_denial_to_everyone_is_not_public() {
    assert_eq!(judge("public", r#"{"Effect": "Deny", "Principal": "*", "Action": "*"}"#), False);
}

#[test]
fn everyone_but_somebody_is_a_fact_of_its_own() {
    let json = r#"{"Effect": "Allow", "NotPrincipal": {"AWS": "123456789012"}, "Action": "s3:*"}"#;
    assert_eq!(judge("public", json), False);
    assert_eq!(judge("public_by_exclusion", json), True);
    assert_eq!(judge("allow_not_principal", json), True);
    assert_eq!(judge_document("public", json), True);
}

#[test]
fn fixed_values_narrow() {
    for condition in [
        r#"{"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}"#,
        r#"{"StringEquals": {"AWS:SourceOwner": "123456789012"}}"#,
        r#"{"StringLike": {"aws:SourceAccount": ["123456789012", "210987654321"]}}"#,
        r#"{"ArnLike": {"aws:SourceArn": "arn:aws:events:eu-west-1:123456789012:rule/*"}}"#,
        r#"{"ArnEquals": {"aws:SourceArn": "arn:aws:s3:*:*:my-bucket"}}"#,
        r#"{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc/r-xyz/ou-1/*"}}"#,
        r#"{"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}"#,
        r#"{"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}"#,
        r#"{"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "203.0.113.7", "2001:db8::/32"]}}"#,
        r#"{"StringEquals": {"kms:CallerAccount": "123456789012"}}"#,
        r#"{"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}"#,
    ] {
        assert_eq!(public_with(condition), False, "{condition}");
    }
}

#[test]
fn wide_values_and_foreign_keys_do_not_narrow() {
    for condition in [
        r#"{"StringLike": {"aws:PrincipalOrgID": "o-*"}}"#,
        r#"{"StringLike": {"aws:SourceAccount": ["123456789012", "*"]}}"#,
        r#"{"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}"#,
        r#"{"ArnLike": {"aws:SourceArn": "*"}}"#,
        r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Deploy"}}"#,
        r#"{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}"#,
        r#"{"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "128.0.0.0/1"]}}"#,
        r#"{"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#,
        r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}}"#,
        r#"{"Bool": {"aws:SecureTransport": "true"}}"#,
        r#"{"StringLike": {"aws:Referer": "https://example.com/*"}}"#,
        r#"{"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}"#,
        r#"{"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}"#,
    ] {
        assert_eq!(public_with(condition), True, "{condition}");
    }
}

#[test]
fn a_key_that_may_be_missing_narrows_only_if_it_must_be_there() {
    assert_eq!(public_with(r#"{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abc"}}"#), True);
    assert_eq!(public_with(r#"{"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-abc/"}}"#), True);
    let demanded =
        r#"{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abc"}, "Null": {"aws:PrincipalOrgID": "false"}}"#;
    assert_eq!(public_with(demanded), False);
    assert_eq!(public_with(r#"{"Null": {"aws:PrincipalOrgID": "false"}}"#), True);
}

#[test]
fn what_is_not_known_is_not_called_public() {
    let with = |value: Value, operator: &str, key: &str| {
        let statement = object([
            ("Effect", Value::string("Allow")),
            ("Principal", Value::string("*")),
            ("Condition", object([(operator, object([(key, value)]))])),
        ]);
        let document = only(&object([("Statement", statement)]));
        judge_statement("public", &document.statements.items[0]).truth
    };
    // Equality narrows whatever the value is; a pattern may be everything.
    assert_eq!(with(input("var.org"), "StringEquals", "aws:PrincipalOrgID"), False);
    assert_eq!(with(input("var.org"), "StringLike", "aws:PrincipalOrgID"), Unknown);
    assert_eq!(with(input("var.range"), "IpAddress", "aws:SourceIp"), Unknown);
    assert_eq!(with(computed("aws_sns_topic.t", "arn"), "ArnLike", "aws:SourceArn"), False);
    let own = text_of(vec![Value::string("arn:aws:events:eu-west-1:"), own_account(), Value::string(":rule/*")]);
    assert_eq!(with(own, "ArnLike", "aws:SourceArn"), False);
    assert_eq!(with(input("var.anything"), "Bool", "aws:SecureTransport"), True);
}

#[test]
fn unknown_principals_leave_it_open() {
    let to = |principal: Value| {
        let statement = object([("Effect", Value::string("Allow")), ("Principal", principal)]);
        let document = only(&object([("Statement", statement)]));
        judge_statement("public", &document.statements.items[0]).truth
    };
    assert_eq!(to(object([("AWS", input("var.principal"))])), Unknown);
    assert_eq!(to(object([("AWS", computed("aws_iam_role.r", "arn"))])), False);
    assert_eq!(
        to(object([("AWS", text_of(vec![Value::string("arn:aws:iam::"), own_account(), Value::string(":root")]))])),
        False
    );
}

#[test]
fn the_witness_is_the_principal() {
    assert_eq!(witness("public", r#"{"Effect": "Allow", "Principal": {"AWS": ["123456789012", "*"]}}"#), ["*"]);
}

#[test]
fn a_denial_takes_back_what_it_covers() {
    let allow = r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#;
    let with = |denial: &str| judge_document("public", &format!("{allow}, {denial}"));
    assert_eq!(judge_document("public", allow), True);
    let outside_of_the_endpoint = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}"#;
    assert_eq!(with(outside_of_the_endpoint), False);
    let other_bucket = outside_of_the_endpoint.replace("s3:::b", "s3:::c");
    assert_eq!(with(&other_bucket), True);
    let insecure = r#"{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#;
    assert_eq!(with(insecure), True);
    let all_but_one = r#"{"Effect": "Deny", "NotPrincipal": {"AWS": "123456789012"}, "Action": "*", "Resource": "*"}"#;
    assert_eq!(with(all_but_one), False);
}

#[test]
fn only_the_own_root_may_be_given_everything() {
    let to = |principal: Value| {
        let statement = object([("Principal", object([("AWS", principal)]))]);
        let document = only(&object([("Statement", statement)]));
        judge_statement("only_own_root", &document.statements.items[0]).truth
    };
    assert_eq!(to(text_of(vec![Value::string("arn:aws:iam::"), own_account(), Value::string(":root")])), True);
    assert_eq!(to(own_account()), True);
    // A literal id may be the own account or not.
    assert_eq!(to(Value::string("arn:aws:iam::123456789012:root")), Unknown);
    assert_eq!(to(Value::string("arn:aws:iam::123456789012:role/x")), False);
    assert_eq!(to(computed("aws_iam_role.r", "arn")), False);
}

#[test]
fn unencrypted_requests_are_refused_by_a_whole_denial_only() {
    let denial = |action: &str, resource: &str, condition: &str| {
        judge(
            "denies_insecure_transport",
            &format!(
                r#"{{"Effect": "Deny", "Principal": "*", "Action": "{action}", "Resource": {resource},
                    "Condition": {condition}}}"#
            ),
        )
    };
    let (false_text, both) =
        (r#"{"Bool": {"aws:SecureTransport": "false"}}"#, r#"["arn:aws:s3:::b", "arn:aws:s3:::b/*"]"#);
    assert_eq!(denial("s3:*", both, false_text), True);
    assert_eq!(denial("*", r#""*""#, r#"{"BoolIfExists": {"aws:SecureTransport": false}}"#), True);
    assert_eq!(denial("sns:*", r#""arn:aws:sns:eu-west-1:123456789012:t""#, false_text), True);
    assert_eq!(denial("s3:GetObject", both, false_text), False);
    assert_eq!(denial("s3:*", r#""arn:aws:s3:::b""#, false_text), False);
    assert_eq!(denial("s3:*", r#""arn:aws:s3:::b/logs/*""#, false_text), False);
    assert_eq!(denial("s3:*", both, r#"{"Bool": {"aws:SecureTransport": "true"}}"#), False);
    let more = r#"{"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:username": "x"}}"#;
    assert_eq!(denial("s3:*", both, more), False);
}

#[test]
fn a_denial_without_condition_locks_the_account_out() {
    let denial = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:Put*", "Resource": "*"}"#;
    assert_eq!(judge("locks_out_account", denial), True);
    assert_eq!(judge("locks_out_account", &denial.replace("s3:Put*", "s3:Get*")), False);
    let conditioned = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#;
    assert_eq!(judge("locks_out_account", conditioned), False);
}

#[test]
fn a_second_factor_is_required_by_bool_and_refused_without_by_bool_if_exists() {
    let allow = |operator: &str| {
        judge(
            "requires_mfa",
            &format!(
                r#"{{"Effect": "Allow", "Action": "*", "Condition": {{"{operator}": {{"aws:MultiFactorAuthPresent": "true"}}}}}}"#
            ),
        )
    };
    assert_eq!((allow("Bool"), allow("BoolIfExists")), (True, False));
    let deny = |operator: &str| {
        judge(
            "denies_without_mfa",
            &format!(
                r#"{{"Effect": "Deny", "Action": "*", "Condition": {{"{operator}": {{"aws:MultiFactorAuthPresent": "false"}}}}}}"#
            ),
        )
    };
    assert_eq!((deny("Bool"), deny("BoolIfExists")), (False, True));
}

#[test]
fn a_statement_is_exposed_unless_a_denial_takes_it_back() {
    let exposed = |statements: &str| {
        let document = document(statements);
        let fact = &STATEMENT_FACTS_IN_DOCUMENT[0];
        assert_eq!(fact.name, "exposed");
        (fact.judge)(&document, &document.statements.items[0]).truth
    };
    let allow = r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}"#;
    assert_eq!(exposed(allow), True);
    let all_but_org = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}}}"#;
    assert_eq!(exposed(&format!("{allow}, {all_but_org}")), False);
    let unencrypted = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#;
    assert_eq!(exposed(&format!("{allow}, {unencrypted}")), True);
}
