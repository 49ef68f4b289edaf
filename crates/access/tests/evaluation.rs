//! Who may do what, asked of small configurations in both languages. The cases of the project's oracle are asked through the
//! command; here stands what those leave out, and input that is meant to do harm.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may panic")]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use terravet_access::{Access, Answer, Class};
use terravet_graph::Graph;
use terravet_source::{Memory, Sources};

const TODAY: &str = "2026-12-01";

fn sources(name: &str, text: &str) -> Arc<Sources> {
    Arc::new(Sources::new(Arc::new(Memory::new([(name, text)]))))
}

fn terraform(text: &str) -> Graph {
    let loader = terravet_terraform::Loader::new(sources("main.tf", text), terravet_terraform::Options::default());
    loader.load(Path::new(".")).graph
}

fn template(text: &str) -> Graph {
    let options = terravet_cloudformation::Options::default();
    terravet_cloudformation::Loader::new(sources("template.yaml", text), options).load(Path::new("template.yaml")).graph
}

fn asked(graph: &Graph, action: &str, resource: &str, transitive: bool) -> Vec<Answer> {
    Access::new(graph, TODAY).who_can(action, resource, transitive).unwrap_or_else(|| panic!("no {resource}"))
}

/// The answers that are not no, a line each: `principal: verdict, when`.
fn who(graph: &Graph, action: &str, resource: &str) -> Vec<String> {
    shown(&asked(graph, action, resource, false))
}

fn shown(answers: &[Answer]) -> Vec<String> {
    let may = answers.iter().filter(|answer| answer.verdict.as_str() != "no");
    may.map(|answer| {
        let when: String = answer.when.iter().fold(String::new(), |mut text, words| {
            write!(text, ", {words}").unwrap();
            text
        });
        format!("{}: {}{when}", answer.principal, answer.verdict.as_str())
    })
    .collect()
}

/// A role with a trust policy for EC2, and statements of its own.
fn role(name: &str, statements: &str) -> String {
    format!(
        r#"
resource "aws_iam_role" "{name}" {{
  name               = "{name}"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "ec2.amazonaws.com" }} }}] }})
}}
resource "aws_iam_role_policy" "{name}" {{
  role   = aws_iam_role.{name}.name
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{statements}] }})
}}
"#
    )
}

const BUCKET: &str = r#"
resource "aws_s3_bucket" "data" {
  bucket = "acme-data"
}
"#;

fn bucket_policy(statements: &str) -> String {
    format!(
        r#"{BUCKET}
resource "aws_s3_bucket_policy" "data" {{
  bucket = aws_s3_bucket.data.id
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{statements}] }})
}}
"#
    )
}

#[test]
fn a_deny_of_plain_http_denies_nobody_who_uses_tls() {
    let deny = r#"
      { Effect = "Deny", Principal = "*", Action = "s3:*", Resource = ["${aws_s3_bucket.data.arn}", "${aws_s3_bucket.data.arn}/*"], Condition = { Bool = { "aws:SecureTransport" = "false" } } }"#;
    let own = role("app", r#"{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.data.arn}/*" }"#);
    let graph = terraform(&format!("{}{own}", bucket_policy(deny)));
    assert_eq!(who(&graph, "s3:GetObject", "aws_s3_bucket.data"), ["aws_iam_role.app: yes"]);
}

#[test]
fn conditions_that_every_request_meets_are_no_conditions() {
    let read = |condition: &str| {
        let statement = format!(
            r#"{{ Effect = "Allow", Action = "s3:GetObject", Resource = "*", Condition = {{ {condition} }} }}"#
        );
        who(&terraform(&format!("{BUCKET}{}", role("app", &statement))), "s3:GetObject", "aws_s3_bucket.data")
    };
    for vacuous in [
        r#"StringLike = { "aws:PrincipalArn" = "*" }"#,
        r#"IpAddress = { "aws:SourceIp" = ["0.0.0.0/0"] }"#,
        r#"DateGreaterThan = { "aws:CurrentTime" = "2020-01-01T00:00:00Z" }"#,
        r#"StringEqualsIfExists = { "aws:PrincipalTag/team" = "data" }"#,
        r#""ForAllValues:StringEquals" = { "aws:PrincipalTag/team" = ["data"] }"#,
        r#"Null = { "aws:username" = "true" }"#,
    ] {
        assert_eq!(read(vacuous), ["aws_iam_role.app: yes"], "{vacuous}");
    }
    assert_eq!(read(r#"DateLessThan = { "aws:CurrentTime" = "2020-01-01T00:00:00Z" }"#), Vec::<String>::new());
    assert_eq!(
        read(r#"IpAddress = { "aws:SourceIp" = ["203.0.113.0/24"] }"#),
        ["aws_iam_role.app: conditional, aws:SourceIp is in 203.0.113.0/24"]
    );
}

#[test]
fn an_allow_list_of_an_organization_leaves_open_whether_the_default_is_detached() {
    let organization = r#"
provider "aws" {
  alias               = "management"
  allowed_account_ids = ["999900001111"]
}
provider "aws" {
  allowed_account_ids = ["111122223333"]
}
resource "aws_organizations_policy" "allow" {
  provider = aws.management
  name     = "allow"
  content  = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }] })
}
resource "aws_organizations_policy_attachment" "allow" {
  provider  = aws.management
  policy_id = aws_organizations_policy.allow.id
  target_id = "111122223333"
}
"#;
    let both = role("app", r#"{ Effect = "Allow", Action = ["s3:GetObject", "sqs:SendMessage"], Resource = "*" }"#);
    let graph = terraform(&format!("{organization}{BUCKET}{both}"));
    let answers = asked(&graph, "s3:GetObject", "aws_s3_bucket.data", false);
    assert_eq!(answers[0].verdict.as_str(), "maybe");
    assert_eq!(who(&graph, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:jobs"), ["aws_iam_role.app: yes"]);
}

#[test]
fn a_role_that_trusts_an_identity_provider_can_be_taken_by_who_signs_in_there() {
    let graph = template(
        r"
Resources:
  Data: { Type: AWS::S3::Bucket, Properties: { BucketName: acme-data } }
  Deploy:
    Type: AWS::IAM::Role
    Properties:
      RoleName: deploy
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com' }
            Action: sts:AssumeRoleWithWebIdentity
            Condition: { StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:acme/*' } }
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: '2012-10-17'
            Statement: [{ Effect: Allow, Action: 's3:GetObject', Resource: !Sub '${Data.Arn}/*' }]
",
    );
    let answers = asked(&graph, "s3:GetObject", "Data", true);
    let provider = "federated:arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    assert_eq!(
        shown(&answers),
        [
            "Deploy: yes".to_owned(),
            format!("{provider}: conditional, token.actions.githubusercontent.com:sub matches repo:acme/*"),
        ]
    );
    assert_eq!(answers[1].through, [Arc::from("Deploy")]);
}

#[test]
fn the_default_policy_of_a_queue_or_topic_lets_nobody_else_in() {
    let graph = template(
        r"
Resources:
  Jobs: { Type: AWS::SQS::Queue }
  News: { Type: AWS::SNS::Topic }
  App:
    Type: AWS::IAM::User
    Properties:
      Policies:
        - PolicyName: send
          PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: Allow, Action: ['sqs:SendMessage', 'sns:Publish'], Resource: '*' }] }
  Idle: { Type: AWS::IAM::User }
",
    );
    assert_eq!(who(&graph, "sqs:SendMessage", "Jobs"), ["App: yes"]);
    assert_eq!(who(&graph, "sns:Publish", "News"), ["App: yes"]);
}

#[test]
fn a_boundary_holds_what_a_resource_grants_to_a_role_and_not_to_a_user() {
    let named = r#"
resource "aws_iam_policy" "bound" {
  name   = "bound"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }] })
}
resource "aws_iam_role" "app" {
  name                 = "app"
  permissions_boundary = aws_iam_policy.bound.arn
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
resource "aws_iam_user" "ann" {
  name                 = "ann"
  permissions_boundary = aws_iam_policy.bound.arn
}
"#;
    let allow = r#"{ Effect = "Allow", Principal = { AWS = [aws_iam_role.app.arn, aws_iam_user.ann.arn] }, Action = "s3:GetObject", Resource = "${aws_s3_bucket.data.arn}/*" }"#;
    let graph = terraform(&format!("{}{named}", bucket_policy(allow)));
    assert_eq!(who(&graph, "s3:GetObject", "aws_s3_bucket.data"), ["aws_iam_user.ann: yes"]);
}

#[test]
fn not_principal_denies_everyone_but_those_that_it_names() {
    let statements = r#"
      { Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${aws_s3_bucket.data.arn}/*" },
      { Effect = "Deny", NotPrincipal = { AWS = aws_iam_role.app.arn }, Action = "s3:GetObject", Resource = "${aws_s3_bucket.data.arn}/*" }"#;
    let roles = format!("{}{}", role("app", ""), role("idle", ""));
    let graph = terraform(&format!("{}{roles}", bucket_policy(statements)));
    assert_eq!(who(&graph, "s3:GetObject", "aws_s3_bucket.data"), ["aws_iam_role.app: yes"]);
}

#[test]
fn a_grant_of_a_key_needs_no_statement() {
    let key = r#"
resource "aws_kms_key" "main" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::444455556666:root" }, Action = "kms:*", Resource = "*" }] })
}
resource "aws_kms_grant" "app" {
  key_id            = aws_kms_key.main.key_id
  grantee_principal = aws_iam_role.app.arn
  operations        = ["Decrypt"]
}
"#;
    let graph = terraform(&format!("{key}{}{}", role("app", ""), role("idle", "")));
    assert_eq!(who(&graph, "kms:Decrypt", "aws_kms_key.main"), ["aws_iam_role.app: yes", "account:444455556666: yes"]);
    assert_eq!(who(&graph, "kms:Encrypt", "aws_kms_key.main"), ["account:444455556666: yes"]);
}

#[test]
fn a_role_that_is_passed_to_a_service_is_a_way_to_its_permissions() {
    let graph = terraform(&format!(
        "{}{}",
        role("admin", r#"{ Effect = "Allow", Action = "*", Resource = "*" }"#),
        role("ci", r#"{ Effect = "Allow", Action = ["iam:PassRole", "ec2:RunInstances"], Resource = "*" }"#),
    ));
    let answers = Access::new(&graph, TODAY).can("aws_iam_role.ci");
    let [(_, abilities)] = answers.as_slice() else { panic!("{answers:?}") };
    let way = abilities.iter().find(|one| one.what.starts_with("acts as")).unwrap();
    assert_eq!((way.class, &*way.what), (Class::Escalation, "acts as aws_iam_role.admin, which has all permissions"));
    let steps: Vec<String> = way.steps.iter().map(|step| format!("{} on {}", step.action, step.on)).collect();
    assert_eq!(steps, ["iam:PassRole on aws_iam_role.admin", "ec2:RunInstances on instance/*"]);
}

#[test]
fn circles_of_trust_end() {
    let trusting = |name: &str, other: &str| {
        format!(
            r#"
resource "aws_iam_role" "{name}" {{
  name               = "{name}"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "arn:aws:iam::${{data.aws_caller_identity.own.account_id}}:role/{other}" }} }}] }})
}}
"#
        )
    };
    let read = r#"
data "aws_caller_identity" "own" {}
resource "aws_iam_role_policy" "c" {
  role   = aws_iam_role.c.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
"#;
    let roles = format!("{}{}{}", trusting("a", "c"), trusting("b", "a"), trusting("c", "b"));
    let graph = terraform(&format!("{BUCKET}{read}{roles}"));
    let answers = asked(&graph, "s3:GetObject", "aws_s3_bucket.data", true);
    assert_eq!(shown(&answers), ["aws_iam_role.a: yes", "aws_iam_role.b: yes", "aws_iam_role.c: yes"]);
    assert_eq!(answers[0].through, [Arc::from("aws_iam_role.b"), Arc::from("aws_iam_role.c")]);
}

#[test]
fn a_policy_that_is_no_json_leaves_it_open() {
    let graph = terraform(&format!(
        "{BUCKET}{}",
        r#"
resource "aws_iam_user" "ann" { name = "ann" }
resource "aws_iam_user_policy" "ann" {
  user   = "ann"
  policy = "Allow everything"
}
"#
    ));
    let answers = asked(&graph, "s3:GetObject", "aws_s3_bucket.data", false);
    assert_eq!(answers.iter().map(|answer| answer.verdict.as_str()).collect::<Vec<_>>(), ["maybe"]);
}

#[test]
fn an_arn_of_another_partition_is_another_thing() {
    let graph = terraform(&format!(
        "{BUCKET}{}",
        role("app", r#"{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws-cn:s3:::acme-data/*" }"#)
    ));
    assert_eq!(who(&graph, "s3:GetObject", "aws_s3_bucket.data"), Vec::<String>::new());
    assert_eq!(who(&graph, "s3:GetObject", "arn:aws-cn:s3:::acme-data/x"), ["aws_iam_role.app: yes"]);
}

#[test]
fn five_thousand_statements_are_asked_in_no_time() {
    let statements: Vec<String> = (0..5_000)
        .map(|at| format!(r#"{{ Effect = "Allow", Action = "s3:Get*{at}", Resource = "arn:aws:s3:::bucket-{at}-*" }}"#))
        .collect();
    let graph = terraform(&format!("{BUCKET}{}", role("app", &statements.join(", "))));
    let access = Access::new(&graph, TODAY);
    let start = Instant::now();
    for _ in 0..10 {
        assert_eq!(shown(&access.who_can("s3:GetObject", "aws_s3_bucket.data", true).unwrap()), Vec::<String>::new());
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn a_policy_of_aws_that_is_not_in_the_data_leaves_it_open() {
    let graph = template(
        r"
Resources:
  Data: { Type: AWS::S3::Bucket }
  Ann:
    Type: AWS::IAM::User
    Properties: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/OfTomorrow'] }
  Bob:
    Type: AWS::IAM::User
    Properties: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess', 'arn:aws:iam::aws:policy/OfTomorrow'] }
",
    );
    assert_eq!(
        who(&graph, "s3:GetObject", "Data"),
        ["Ann: maybe, the text of AWS's policy OfTomorrow is not known here", "Bob: yes"]
    );
}

#[test]
fn a_public_policy_that_is_restricted_lets_in_the_account_only() {
    let allow =
        r#"{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${aws_s3_bucket.data.arn}/*" }"#;
    let block = r#"
resource "aws_s3_bucket_public_access_block" "data" {
  bucket                  = aws_s3_bucket.data.id
  restrict_public_buckets = true
}
"#;
    let public = format!("{}{}", bucket_policy(allow), role("app", ""));
    assert_eq!(who(&terraform(&public), "s3:GetObject", "aws_s3_bucket.data"), ["aws_iam_role.app: yes", "*: yes"]);
    assert_eq!(
        who(&terraform(&format!("{public}{block}")), "s3:GetObject", "aws_s3_bucket.data"),
        ["aws_iam_role.app: yes"]
    );
}
