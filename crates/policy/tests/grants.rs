//! What statements and documents grant.

mod support;

use support::*;
use terravet_graph::Truth::{False, True, Unknown};
use terravet_graph::Value;
use terravet_policy::escalation::{ESCALATIONS, Escalation};
use terravet_policy::grant::{Extent, allows_action, allows_every_action, concerns_action, wildcard_services};
use terravet_policy::{Document, is_managed_policy};

#[test]
fn actions_match_in_any_letter_case_and_with_wildcards() {
    let allows = |action: &str, wanted: &str| {
        allows_action(&statement(&format!(r#"{{"Effect": "Allow", "Action": "{action}"}}"#)), wanted).truth
    };
    assert_eq!(allows("S3:getobject", "s3:GetObject"), True);
    assert_eq!(allows("s3:Get*", "s3:GetObject"), True);
    assert_eq!(allows("s3:?etObject", "s3:GetObject"), True);
    assert_eq!(allows("*", "s3:GetObject"), True);
    assert_eq!(allows("s3:GetObject", "s3:Get*"), True);
    assert_eq!(allows("s3:*Acl", "s3:Get*"), True);
    assert_eq!(allows("s3:Put*", "s3:Get*"), False);
    assert_eq!(allows("s3:GetObjectAcl", "s3:GetObject"), False);
}

#[test]
fn not_action_is_everything_else() {
    let but_iam = statement(r#"{"Effect": "Allow", "NotAction": ["iam:*", "s3:Delete*"]}"#);
    assert_eq!(allows_action(&but_iam, "iam:PassRole").truth, False);
    assert_eq!(allows_action(&but_iam, "sqs:SendMessage").truth, True);
    assert_eq!(allows_every_action(&but_iam, "s3:*").truth, False);
    assert_eq!(allows_every_action(&but_iam, "s3:Get*").truth, True);
    assert_eq!(allows_action(&but_iam, "s3:*").truth, True);
}

#[test]
fn a_denial_allows_nothing() {
    let denial = statement(r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#);
    assert_eq!(allows_action(&denial, "s3:GetObject").truth, False);
    assert_eq!(concerns_action(&denial, "s3:GetObject", Extent::Some).truth, True);
    assert_eq!(judge_statement("full_administration", &denial).truth, False);
}

#[test]
fn full_administration_is_every_action_on_every_resource() {
    let judge = |action: &str, resource: &str| {
        judge("full_administration", &format!(r#"{{"Effect": "Allow", "Action": {action}, "Resource": {resource}}}"#))
    };
    assert_eq!(judge(r#""*""#, r#""*""#), True);
    assert_eq!(judge(r#"["s3:Get*", "*:*"]"#, r#"["*"]"#), True);
    assert_eq!(judge(r#""*""#, r#""arn:aws:*:*:*:*""#), True);
    assert_eq!(judge(r#""*""#, r#""arn:aws:s3:::*""#), False);
    assert_eq!(judge(r#""iam:*""#, r#""*""#), False);
}

#[test]
fn a_limiting_condition_clears_and_others_do_not() {
    let with = |condition: &str| {
        let json = format!(r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {condition}}}"#);
        judge("full_administration", &json)
    };
    assert_eq!(with(r#"{"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}"#), False);
    assert_eq!(with(r#"{"Bool": {"aws:SecureTransport": "true"}}"#), True);
}

#[test]
fn the_witness_is_the_action_and_then_the_resource() {
    let json = r#"{"Effect": "Allow", "Action": ["s3:GetObject", "iam:Pass*"], "Resource": ["arn:aws:s3:::b", "*"]}"#;
    assert_eq!(witness("unconstrained_pass_role", json), ["iam:Pass*", "*"]);
}

#[test]
fn the_witness_has_the_exact_place() {
    let json = r#"{"Statement": {"Effect": "Allow", "Action": ["s3:x", "*"], "Resource": "*"}}"#;
    let document = only(&Value::string(json).written_at(at(0..json.len())));
    let judgement = judge_statement("wildcard_action", &document.statements.items[0]);
    let place = judgement.witness[0].span().unwrap().range();
    assert_eq!((&json[place.clone()], place.start), ("\"*\"", 53));
}

#[test]
fn all_roles_are_all_roles_of_an_account() {
    let judge = |fact: &str, action: &str, resource: &str| {
        judge(fact, &format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "{resource}"}}"#))
    };
    assert_eq!(judge("unconstrained_pass_role", "iam:PassRole", "arn:aws:iam::*:role/*"), True);
    assert_eq!(judge("unconstrained_pass_role", "IAM:*", "arn:aws:iam::123456789012:role/*"), True);
    assert_eq!(judge("unconstrained_pass_role", "iam:PassRole", "arn:aws:iam::123456789012:role/app-*"), False);
    // Roles of one account are a limit for assuming them.
    assert_eq!(judge("unconstrained_assume_role", "sts:AssumeRole", "arn:aws:iam::123456789012:role/*"), False);
    assert_eq!(judge("unconstrained_assume_role", "sts:Assume*", "arn:aws:iam::*:role/*"), True);
}

#[test]
fn service_wildcards_name_their_services() {
    let statement = statement(r#"{"Effect": "Allow", "Action": ["SQS:*", "s3:*", "s3:Get*", "*", "ec2:**"]}"#);
    assert_eq!(wildcard_services(&statement), ["ec2", "s3", "sqs"]);
    assert_eq!(judge("service_wildcard_action", r#"{"Action": "*"}"#), False);
    assert_eq!(judge("service_wildcard_action", r#"{"Action": "s3:Get*"}"#), False);
}

#[test]
fn what_is_computed_is_no_wildcard_and_what_is_given_may_be() {
    let resource = |value: Value| {
        let statement =
            object([("Effect", Value::string("Allow")), ("Action", Value::string("*")), ("Resource", value)]);
        let document = only(&object([("Statement", statement)]));
        judge_statement("full_administration", &document.statements.items[0]).truth
    };
    assert_eq!(resource(computed("aws_iam_role.r", "arn")), False);
    assert_eq!(resource(input("var.resource")), Unknown);
    assert_eq!(resource(text_of(vec![Value::string("arn:aws:s3:::"), input("var.bucket")])), False);
    assert_eq!(resource(one_of(vec![Value::string("*"), Value::string("arn:aws:s3:::b")])), Unknown);
    assert_eq!(resource(one_of(vec![Value::string("*"), Value::string("arn:aws:*:*:*:*")])), True);
    assert_eq!(resource(Value::string("${aws:username}")), False);
}

#[test]
fn a_denial_in_the_document_takes_back_what_it_covers() {
    let allow = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
    let with = |denial: &str| judge_document("full_s3_access", &format!("{allow}, {denial}"));
    assert_eq!(judge_document("full_s3_access", allow), True);
    assert_eq!(with(r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#), False);
    assert_eq!(with(r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::secret/*"}"#), True);
    let conditioned = r#"{"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}"#;
    assert_eq!(with(conditioned), True);
}

#[test]
fn reading_and_writing_may_be_in_different_statements() {
    let read = r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*"}"#;
    let write = r#"{"Effect": "Allow", "Action": "s3:Put*", "Resource": "*"}"#;
    assert_eq!(judge_document("s3_read_write", read), False);
    assert_eq!(judge_document("s3_read_write", &format!("{read}, {write}")), True);
}

#[test]
fn curated_actions_are_found_through_wildcards() {
    let on_all = |fact: &str, action: &str| {
        judge(fact, &format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}"#))
    };
    assert_eq!(on_all("unconstrained_credential_access", "sts:*"), True);
    assert_eq!(on_all("unconstrained_credential_access", "ecr:GetAuthorizationToken"), False);
    assert_eq!(on_all("unconstrained_data_read", "ssm:GetParam*"), True);
    assert_eq!(on_all("unconstrained_permissions_management", "kms:Put*"), True);
    assert_eq!(on_all("unconstrained_write", "s3:Get*"), False);
    assert_eq!(on_all("unconstrained_kms_decrypt", "kms:De*"), True);
}

#[test]
fn every_escalation_opens_with_its_own_actions_and_with_none_missing() {
    for way in ESCALATIONS {
        let statement = |action: &str| format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}"#);
        let needed: Vec<String> = way.steps.iter().map(|step| statement(step.actions[0])).collect();
        assert_eq!(way.open_in(&document(&needed.join(","))).truth, True, "{}", way.name);
        assert_eq!(way.open_in(&document(&needed[1..].join(","))).truth, False, "{}", way.name);
    }
}

#[test]
fn a_role_that_is_passed_elsewhere_opens_no_way() {
    let way = Escalation::named("ec2-run-instances").unwrap();
    let with = |service: &str| {
        let pass = format!(
            r#"{{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
                "Condition": {{"StringEquals": {{"iam:PassedToService": "{service}"}}}}}}"#
        );
        let run = r#"{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}"#;
        way.open_in(&document(&format!("{pass}, {run}"))).truth
    };
    assert_eq!(with("ec2.amazonaws.com"), True);
    assert_eq!(with("ecs-tasks.amazonaws.com"), False);
}

#[test]
fn a_person_who_manages_only_itself_opens_no_way() {
    let json =
        r#"{"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "arn:aws:iam::*:user/${aws:username}"}"#;
    assert_eq!(judge_document("escalation", json), False);
    assert_eq!(judge_document("escalation", &json.replace("${aws:username}", "*")), True);
}

#[test]
fn documents_of_one_principal_are_judged_together() {
    let pass = document(r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}"#);
    let mut run = document(r#"{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*"}"#);
    let way = Escalation::named("ec2-run-instances").unwrap();
    assert_eq!(way.open_in(&pass).truth, False);
    assert_eq!(way.open_in(&Document::union(&Value::null(), [&pass, &run])).truth, True);
    run.when = vec![guard(0)];
    assert_eq!(way.open_in(&Document::union(&Value::null(), [&pass, &run])).truth, Unknown);
}

#[test]
fn malformed_actions_and_empty_elements_are_seen() {
    assert_eq!(judge("malformed_action", r#"{"Action": ["s3:Get*", "iam: PassRole"]}"#), True);
    assert_eq!(judge("malformed_action", r#"{"NotAction": "s3"}"#), True);
    assert_eq!(judge("malformed_action", r#"{"Action": ["*", "s3:Get*"]}"#), False);
    assert_eq!(judge("empty_element", r#"{"Action": [], "Resource": "*"}"#), True);
    assert_eq!(judge("empty_element", r#"{"Action": "*", "Resource": "*"}"#), False);
}

#[test]
fn complexity_counts_what_a_reader_must_keep_in_mind() {
    let simple = document(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#);
    assert_eq!(terravet_policy::complexity(&simple), Some(1));
    // A denial, NotAction, a second service, a condition operator with IfExists.
    let hard = document(
        r#"{"Effect": "Deny", "NotAction": ["s3:Get*", "sqs:*"], "Resource": "*",
            "Condition": {"StringEqualsIfExists": {"aws:RequestedRegion": "eu-west-1"}}}"#,
    );
    assert_eq!(terravet_policy::complexity(&hard), Some(1 + 1 + 1 + 2 + 2 + 1));
}

#[test]
fn managed_policies_are_known_in_every_partition() {
    assert_eq!(
        is_managed_policy(&Value::string("arn:aws:iam::aws:policy/AdministratorAccess"), "AdministratorAccess"),
        True
    );
    assert_eq!(is_managed_policy(&Value::string("arn:aws-cn:iam::aws:policy/IAMFullAccess"), "IAMFullAccess"), True);
    assert_eq!(
        is_managed_policy(&Value::string("arn:aws:iam::aws:policy/IAMFullAccess"), "AdministratorAccess"),
        False
    );
    let partition = computed("data.aws_partition.here", "partition");
    let pieces = vec![Value::string("arn:"), partition, Value::string(":iam::aws:policy/PowerUserAccess")];
    assert_eq!(is_managed_policy(&text_of(pieces), "PowerUserAccess"), True);
    assert_eq!(
        is_managed_policy(
            &Value::string("arn:aws:iam::123456789012:policy/AdministratorAccess"),
            "AdministratorAccess"
        ),
        False
    );
    assert_eq!(is_managed_policy(&input("var.policy"), "AdministratorAccess"), Unknown);
}

#[test]
fn wildcards_count_in_what_is_allowed() {
    let action = |effect: &str, action: &str| {
        let json = format!(r#"{{"Effect": "{effect}", "Action": "{action}", "Resource": "*"}}"#);
        (judge("allow_wildcard_action", &json), judge("allow_service_wildcard_action", &json))
    };
    assert_eq!(action("Allow", "*"), (True, False));
    assert_eq!(action("Allow", "s3:*"), (False, True));
    assert_eq!(action("Allow", "s3:Get*"), (False, False));
    assert_eq!(action("Deny", "*"), (False, False));
    assert_eq!(
        witness("allow_wildcard_resource", r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["a", "*"]}"#),
        ["*"]
    );
}

#[test]
fn every_resource_is_too_many_where_an_action_can_be_limited() {
    let unlimited = |actions: &str, more: &str| {
        judge("unlimited_resource", &format!(r#"{{"Effect": "Allow", "Action": {actions}, "Resource": "*"{more}}}"#))
    };
    assert_eq!(unlimited(r#""s3:GetObject""#, ""), True);
    assert_eq!(unlimited(r#"["ec2:Describe*", "ecr:GetAuthorizationToken", "ec2:DescribeInstances"]"#, ""), False);
    assert_eq!(unlimited(r#"["ec2:Describe*", "sqs:SendMessage"]"#, ""), True);
    assert_eq!(unlimited(r#""*""#, ""), True);
    let condition = r#", "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}"#;
    assert_eq!(unlimited(r#""ec2:StopInstances""#, condition), False);
}
