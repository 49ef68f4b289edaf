//! The roles that functions and state machines get.

use crate::made::{Made, Source};
use crate::policies::Policy;
use crate::tree::{At, Tree};

/// A role that is being made: events add policies to it.
#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) made: Made,
    pub(crate) managed: Vec<Tree>,
    pub(crate) policies: Vec<Tree>,
}

impl Role {
    /// The execution role of a resource.
    pub(crate) fn new(
        source: &Source,
        trust: Tree,
        managed: Vec<Tree>,
        mut policies: Vec<Tree>,
        listed: Vec<Policy>,
    ) -> Self {
        let at = source.at;
        let id = format!("{}Role", source.id);
        let mut role = Self { made: source.beside(id.clone(), "AWS::IAM::Role"), managed, policies: Vec::new() };
        role.made.properties.set("AssumeRolePolicyDocument", trust);
        for (index, policy) in listed.into_iter().enumerate() {
            match policy {
                Policy::Managed(arn) => role.add_managed(arn),
                Policy::Document(document) => {
                    let named = |document: &Tree| {
                        at.map([
                            ("PolicyName", at.text(format!("{id}Policy{index}"))),
                            ("PolicyDocument", document.clone()),
                        ])
                    };
                    policies.push(match document.as_if() {
                        Some([condition, yes, no]) => {
                            let branch = |tree: &Tree| if tree.is_no_value() { tree.clone() } else { named(tree) };
                            let arguments = at.list([condition.clone(), branch(yes), branch(no)]);
                            at.map([("Fn::If", arguments)])
                        }
                        _ => named(&document),
                    });
                }
            }
        }
        role.policies = policies;
        role.made.properties.set_some("Path", source.get("RolePath").cloned());
        role.made.properties.set_some("PermissionsBoundary", source.get("PermissionsBoundary").cloned());
        role
    }

    /// Adds a managed policy, unless it is there.
    pub(crate) fn add_managed(&mut self, arn: Tree) {
        if !self.managed.iter().any(|there| there.same(&arn)) {
            self.managed.push(arn);
        }
    }

    /// Adds a policy, unless one with the same document is there.
    pub(crate) fn add_policy(&mut self, policy: Tree) {
        let same = |there: &Tree| match (there.get("PolicyDocument"), policy.get("PolicyDocument")) {
            (Some(there), Some(new)) => there.same(new),
            _ => there.same(&policy),
        };
        if !self.policies.iter().any(same) {
            self.policies.push(policy);
        }
    }

    pub(crate) fn arn(&self) -> Tree {
        self.made.arn()
    }

    pub(crate) fn into_made(mut self) -> Made {
        let at = self.made.at;
        self.made.properties.set("ManagedPolicyArns", at.list(self.managed));
        if !self.policies.is_empty() {
            self.made.properties.set("Policies", at.list(self.policies));
        }
        self.made
    }
}

/// A trust policy for a service.
pub(crate) fn trust(at: At, service: &str) -> Tree {
    let statement = at.map([
        ("Action", at.texts(["sts:AssumeRole"])),
        ("Effect", at.text("Allow")),
        ("Principal", at.map([("Service", at.texts([service]))])),
    ]);
    at.map([("Version", at.text("2012-10-17")), ("Statement", at.list([statement]))])
}

/// A named policy that allows actions on a resource.
pub(crate) fn allow(at: At, name: String, statements: impl IntoIterator<Item = (Tree, Tree)>) -> Tree {
    let statement = |(action, resource): (Tree, Tree)| {
        at.map([("Action", action), ("Effect", at.text("Allow")), ("Resource", resource)])
    };
    let statements: Vec<Tree> = statements.into_iter().map(statement).collect();
    at.map([("PolicyName", at.text(name)), ("PolicyDocument", at.map([("Statement", at.list(statements))]))])
}

/// The policy that lets a role send to a destination of a sort.
pub(crate) fn send_to(at: At, sort: &str, arn: Option<&Tree>, prefix: &str) -> Option<Tree> {
    let arn = arn.cloned().unwrap_or_else(|| at.text(""));
    let one =
        |name: &str, action: &str| Some(allow(at, format!("{prefix}{name}Policy"), [(at.text(action), arn.clone())]));
    match sort {
        "SQS" => one("SQS", "sqs:SendMessage"),
        "SNS" => one("SNS", "sns:publish"),
        "EventBridge" => one("EventBridge", "events:PutEvents"),
        "Lambda" => one("Lambda", "lambda:InvokeFunction"),
        "S3" | "S3Bucket" => {
            let objects = at.join("/", at.list([arn.clone(), at.text("*")]));
            let statements = [(at.text("s3:PutObject"), objects), (at.text("s3:ListBucket"), arn)];
            Some(allow(at, format!("{prefix}S3Policy"), statements))
        }
        _ => None,
    }
}
