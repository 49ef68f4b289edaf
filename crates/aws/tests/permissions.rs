//! What principals may do in all, and what a policy is where it stands.

#[path = "../../model/tests/support/mod.rs"]
mod support;

use support::{World, world_of_rules};
use terravet_schema::Literal;

const TRUST: &str =
    "{ Statement: { Effect: Allow, Principal: { Service: ec2.amazonaws.com }, Action: 'sts:AssumeRole' } }";

fn policy(action: &str) -> String {
    format!("{{ Statement: {{ Effect: Allow, Action: '{action}', Resource: '*' }} }}")
}

/// For each subject that is judged: its address where it opens the way of this name.
fn open(world: &World, way: &str) -> Vec<String> {
    let kind = "aws.iam.permissions";
    let opens = world.facts(kind, "escalation_via", &[Literal::Text(way.into())]);
    let held = world.facts(kind, "held", &[]);
    let subjects = world.subjects(kind).into_iter().zip(opens).zip(held);
    subjects.filter(|((_, opens), held)| opens == "true" && held == "false").map(|((address, _), _)| address).collect()
}

#[test]
fn all_policies_of_a_principal_are_taken_together() {
    let (pass, create) = (policy("iam:PassRole"), policy("lambda:*"));
    let world = world_of_rules(&format!(
        "
aws_iam_role.app: {{ name: app }}
aws_iam_role_policy.pass: {{ role: !ref aws_iam_role.app.id, policy: {pass} }}
aws_iam_policy.create: {{ policy: {create} }}
aws_iam_role_policy_attachment.create: {{ role: app, policy_arn: !ref aws_iam_policy.create.arn }}
"
    ));
    assert_eq!(open(&world, "lambda-create-function"), ["aws_iam_role.app"]);
}

#[test]
fn a_denial_in_another_policy_takes_back() {
    let world = world_of_rules(&format!(
        "
aws_iam_user.ci: {{ name: ci }}
aws_iam_user_policy.allow: {{ user: ci, policy: {} }}
aws_iam_user_policy.deny: {{ user: ci, policy: {{ Statement: {{ Effect: Deny, Action: 'iam:Put*', Resource: '*' }} }} }}
",
        policy("iam:PutUserPolicy")
    ));
    assert_eq!(open(&world, "put-user-policy"), Vec::<String>::new());
}

#[test]
fn a_policy_that_nobody_holds_is_judged_by_itself() {
    let world = world_of_rules(&format!("aws_iam_policy.alone: {{ policy: {} }}", policy("iam:CreatePolicyVersion")));
    assert_eq!(open(&world, "create-policy-version"), ["aws_iam_policy.alone"]);
}

#[test]
fn policies_in_a_role_and_for_a_group_count_in_cloudformation() {
    let world = world_of_rules(&format!(
        "
Role: {{ Type: 'AWS::IAM::Role', Properties: {{ AssumeRolePolicyDocument: {TRUST}, Policies: [{{ PolicyName: a, PolicyDocument: {put} }}] }} }}
Group: {{ Type: 'AWS::IAM::Group', Properties: {{ GroupName: developers }} }}
Policy: {{ Type: 'AWS::IAM::ManagedPolicy', Properties: {{ Groups: [developers], PolicyDocument: {put} }} }}
",
        put = policy("iam:PutRolePolicy")
    ));
    assert_eq!(open(&world, "put-role-policy"), ["Role", "Group"]);
}

#[test]
fn a_permissions_boundary_grants_nothing() {
    let world = world_of_rules(&format!(
        "
aws_iam_policy.boundary: {{ policy: {all} }}
aws_iam_policy.given: {{ policy: {all} }}
aws_iam_role.app: {{ permissions_boundary: !ref aws_iam_policy.boundary.arn }}
",
        all = policy("*")
    ));
    assert_eq!(world.read_all("aws.iam.statement", "use"), ["boundary", "identity"]);
    assert_eq!(world.read_all("aws.iam.statement", "of_identity"), ["false", "true"]);
}

#[test]
fn a_document_that_is_used_is_judged_where_it_is_used() {
    let all = policy("*");
    let world = world_of_rules(&format!(
        "
data.aws_iam_policy_document.limits: {{ json: {all} }}
data.aws_iam_policy_document.alone: {{ json: {all} }}
aws_organizations_policy.limits: {{ content: !ref data.aws_iam_policy_document.limits.json }}
"
    ));
    let judged = world.subjects("aws.iam.policy_document");
    assert_eq!(judged, ["data.aws_iam_policy_document.alone", "aws_organizations_policy.limits"]);
}

#[test]
fn a_document_by_itself_is_told_by_what_it_says() {
    let world = world_of_rules(&format!(
        "
data.aws_iam_policy_document.identity: {{ json: {} }}
data.aws_iam_policy_document.trust: {{ json: {TRUST} }}
data.aws_iam_policy_document.resource: {{ json: {{ Statement: {{ Effect: Allow, Principal: '*', Action: 's3:GetObject' }} }} }}
",
        policy("s3:GetObject")
    ));
    assert_eq!(world.read_all("aws.iam.statement", "of_identity"), ["true", "false", "false"]);
    assert_eq!(world.read_all("aws.iam.statement", "of_trust"), ["false", "true", "false"]);
}

#[test]
fn managed_policies_are_told_by_their_arn() {
    let attaches = |body: &str| {
        let world = world_of_rules(body);
        world
            .facts("aws.iam.managed_policy_attachment", "attaches", &[Literal::Text("AdministratorAccess".into())])
            .join("; ")
    };
    let attachment =
        |arn: &str| attaches(&format!("aws_iam_role_policy_attachment.a: {{ role: app, policy_arn: {arn} }}"));
    assert_eq!(attachment("'arn:aws:iam::aws:policy/AdministratorAccess'"), "true");
    assert_eq!(attachment("'arn:aws-cn:iam::aws:policy/AdministratorAccess'"), "true");
    assert_eq!(attachment("'arn:aws:iam::aws:policy/AdministratorAccess-Amplify'"), "false");
    assert_eq!(attachment("'arn:aws:iam::111122223333:policy/AdministratorAccess'"), "false");
    assert_eq!(attachment("!unknown var.arn"), "unknown (var.arn has no value)");
    assert_eq!(attaches("data.aws_iam_policy.admin: { name: AdministratorAccess }"), "true");
    assert_eq!(
        attaches(
            "aws_iam_role.AdministratorAccess: { name: AdministratorAccess, managed_policy_arns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] }"
        ),
        "false"
    );
}
