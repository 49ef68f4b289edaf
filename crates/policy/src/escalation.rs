//! Ways from some permissions to all: what lets its holder grant itself more, or act as a stronger role.
//!
//! Sources: the actions' pages in the Service Authorization Reference
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>) and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>.

use crate::document::Document;
use crate::grant::Permission;
use crate::judgement::Judgement;

/// One way to more permissions: all of its steps must be granted.
#[derive(Clone, Copy, Debug)]
pub struct Escalation {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// What its holder needs.
    pub steps: &'static [Permission<'static>],
}

const USERS: &str = "arn:{}:iam::{}:user/*";
const GROUPS: &str = "arn:{}:iam::{}:group/*";
const ROLES: &str = "arn:{}:iam::{}:role/*";
const POLICIES: &str = "arn:{}:iam::{}:policy/*";
const FUNCTIONS: &str = "arn:{}:lambda:{}:{}:function:*";
const EVENT_SOURCES: &str = "arn:{}:lambda:{}:{}:event-source-mapping:*";
const ENDPOINTS: &str = "arn:{}:glue:{}:{}:devEndpoint/*";

const fn step(action: &'static [&'static str], resources: &'static str) -> Permission<'static> {
    Permission::any(action, resources)
}

const fn pass_role(service: &'static str) -> Permission<'static> {
    Permission { passed_to: Some(service), ..Permission::any(&["iam:PassRole"], ROLES) }
}

const fn way(name: &'static str, steps: &'static [Permission<'static>]) -> Escalation {
    Escalation { name, steps }
}

/// The ways that are looked for.
pub const ESCALATIONS: &[Escalation] = &[
    way("add-user-to-group", &[step(&["iam:AddUserToGroup"], GROUPS)]),
    way("attach-group-policy", &[step(&["iam:AttachGroupPolicy"], GROUPS)]),
    way("attach-role-policy", &[step(&["iam:AttachRolePolicy"], ROLES)]),
    way("attach-user-policy", &[step(&["iam:AttachUserPolicy"], USERS)]),
    way(
        "cloudformation-create-stack",
        &[
            pass_role("cloudformation.amazonaws.com"),
            step(&["cloudformation:CreateStack"], "arn:{}:cloudformation:{}:{}:stack/*"),
        ],
    ),
    way("create-access-key", &[step(&["iam:CreateAccessKey"], USERS)]),
    way("create-login-profile", &[step(&["iam:CreateLoginProfile"], USERS)]),
    way("create-policy-version", &[step(&["iam:CreatePolicyVersion"], POLICIES)]),
    way(
        "datapipeline-create-pipeline",
        &[
            pass_role("datapipeline.amazonaws.com"),
            step(&["datapipeline:CreatePipeline"], "arn:{}:datapipeline:{}:{}:pipeline/*"),
        ],
    ),
    way(
        "ec2-run-instances",
        &[pass_role("ec2.amazonaws.com"), step(&["ec2:RunInstances"], "arn:{}:ec2:{}:{}:instance/*")],
    ),
    way("glue-create-dev-endpoint", &[pass_role("glue.amazonaws.com"), step(&["glue:CreateDevEndpoint"], ENDPOINTS)]),
    way("glue-update-dev-endpoint", &[step(&["glue:UpdateDevEndpoint"], ENDPOINTS)]),
    way(
        "lambda-create-function",
        &[
            pass_role("lambda.amazonaws.com"),
            step(&["lambda:CreateFunction"], FUNCTIONS),
            step(&["lambda:InvokeFunction"], FUNCTIONS),
        ],
    ),
    way(
        "lambda-event-source",
        &[
            pass_role("lambda.amazonaws.com"),
            step(&["lambda:CreateFunction"], FUNCTIONS),
            step(&["lambda:CreateEventSourceMapping"], EVENT_SOURCES),
        ],
    ),
    way("lambda-update-function-code", &[step(&["lambda:UpdateFunctionCode"], FUNCTIONS)]),
    way("put-group-policy", &[step(&["iam:PutGroupPolicy"], GROUPS)]),
    way("put-role-policy", &[step(&["iam:PutRolePolicy"], ROLES)]),
    way("put-user-policy", &[step(&["iam:PutUserPolicy"], USERS)]),
    way("set-default-policy-version", &[step(&["iam:SetDefaultPolicyVersion"], POLICIES)]),
    way("update-assume-role-policy", &[step(&["iam:UpdateAssumeRolePolicy"], ROLES)]),
    way("update-login-profile", &[step(&["iam:UpdateLoginProfile"], USERS)]),
];

impl Escalation {
    /// The way of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        ESCALATIONS.iter().find(|escalation| escalation.name == name)
    }

    /// Whether a document (or the [`Document::union`] of all that a principal has) grants all its steps.
    #[must_use]
    pub fn open_in(&self, document: &Document) -> Judgement {
        self.steps
            .iter()
            .fold(Judgement::from(true), |judgement, step| judgement.and_then(|| step.granted_in(document)))
    }
}
