//! `AWS::Serverless::MicrovmImage`: images of virtual machines that Lambda builds, with the role that builds them.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-microvmimage.html>.

use crate::made::{Made, Source, combine_tags};
use crate::role::trust;
use crate::shape::{self, Entry, NUMBER, Needed, Optional, Shape, TEXT};
use crate::tree::Tree;
use crate::{Outcome, Refusal, Transform, schema};

const PROPERTIES: &[Entry] = &[
    ("AdditionalOsCapabilities", Optional, Shape::ListOf(&Shape::OrFunction(&Shape::OneOf(&["ALL"])))),
    ("CpuConfigurations", Optional, Shape::ListOf(&Shape::Fields(CPU))),
    ("EgressNetworkConnectors", Optional, Shape::ListOf(&TEXT)),
    ("EnvironmentVariables", Optional, Shape::MapOf(&Shape::Passed)),
    ("Hooks", Optional, Shape::Fields(HOOKS)),
    ("Logging", Optional, Shape::Fields(LOGGING)),
    ("PropagateTags", Optional, Shape::Flag),
    ("Resources", Optional, Shape::ListOf(&Shape::Fields(&[("MinimumMemoryInMiB", Needed, NUMBER)]))),
];
const CPU: &[Entry] = &[("Architecture", Needed, Shape::OrFunction(&Shape::OneOf(&["ARM_64"])))];
const HOOK: Shape = Shape::OrFunction(&Shape::OneOf(&["ENABLED", "DISABLED"]));
const HOOKS: &[Entry] = &[
    ("Port", Optional, NUMBER),
    ("MicrovmHooks", Optional, Shape::Fields(MACHINE_HOOKS)),
    ("MicrovmImageHooks", Optional, Shape::Fields(IMAGE_HOOKS)),
];
const MACHINE_HOOKS: &[Entry] = &[
    ("Run", Optional, HOOK),
    ("RunTimeoutInSeconds", Optional, NUMBER),
    ("Resume", Optional, HOOK),
    ("ResumeTimeoutInSeconds", Optional, NUMBER),
    ("Suspend", Optional, HOOK),
    ("SuspendTimeoutInSeconds", Optional, NUMBER),
    ("Terminate", Optional, HOOK),
    ("TerminateTimeoutInSeconds", Optional, NUMBER),
];
const IMAGE_HOOKS: &[Entry] = &[
    ("Ready", Optional, HOOK),
    ("ReadyTimeoutInSeconds", Optional, NUMBER),
    ("Validate", Optional, HOOK),
    ("ValidateTimeoutInSeconds", Optional, NUMBER),
];
const LOGGING: &[Entry] = &[
    ("Disabled", Optional, Shape::Flag),
    ("CloudWatch", Optional, Shape::Fields(&[("LogGroup", Optional, TEXT), ("LogStream", Optional, TEXT)])),
];
/// What CloudFormation wants written, as a list, even where it is empty.
const LISTS: [&str; 4] = ["EgressNetworkConnectors", "CpuConfigurations", "Resources", "AdditionalOsCapabilities"];

impl Transform<'_> {
    pub(crate) fn microvm_image(&self, source: &Source) -> Outcome<Vec<Made>> {
        schema::check("AWS::Serverless::MicrovmImage", schema::MICROVM_IMAGE, &source.properties)?;
        shape::check(PROPERTIES, &source.properties)?;
        let at = source.at;
        let Some(code) = source.get("CodeUri") else { return source.refuse("CodeUri must say where the code is") };
        let mut made = Vec::new();
        let role = match source.truthy("BuildRoleArn") {
            Some(role) => role.clone(),
            None => {
                let role = self.build_role(source, code)?;
                let arn = role.arn();
                made.push(role);
                arn
            }
        };
        let mut tags = source.truthy("Tags").cloned().unwrap_or_else(|| at.empty());
        tags.set("lambda:createdBy", at.text("SAM"));
        let or_empty = |name: &str, empty: Tree| source.truthy(name).cloned().unwrap_or(empty);
        let variables = source.truthy("EnvironmentVariables").map(|all| at.tags(all)).unwrap_or_default();
        let mut image = source
            .itself("AWS::Lambda::MicrovmImage")
            .with_all(&source.properties, &["Name", "BaseImageArn", "BaseImageVersion"])
            .with("CodeArtifact", at.map([("Uri", code.clone())]))
            .with("BuildRoleArn", role)
            .with("Description", or_empty("Description", at.text("")))
            .with("Tags", at.list(at.tags(&tags)))
            .with("Logging", or_empty("Logging", at.empty()))
            .with("Hooks", or_empty("Hooks", at.empty()))
            .with("EnvironmentVariables", at.list(variables));
        for name in LISTS {
            image.properties.set(name, or_empty(name, at.list([])));
        }
        made.push(image);
        combine_tags(source, &mut made);
        Ok(made)
    }

    /// The role that reads the code and writes the log of the build.
    fn build_role(&self, source: &Source, code: &Tree) -> Outcome<Made> {
        let at = source.at;
        let resolved = self.resolved(code);
        let bucket = resolved
            .as_str()
            .and_then(|text| text.strip_prefix("s3://"))
            .map(|rest| rest.split_once('/').map_or(rest, |(bucket, _)| bucket));
        let objects = match bucket {
            Some("") => return Err(Refusal::new(code.span, "CodeUri must be s3://bucket/key")),
            Some(bucket) => at.sub(format!("arn:${{AWS::Partition}}:s3:::{bucket}/*")),
            None => {
                // The bucket stands after the second slash of whatever the function gives.
                let parts = at.map([("Fn::Split", at.list([at.text("/"), code.clone()]))]);
                let bucket = at.map([("Fn::Select", at.list([at.text("2"), parts]))]);
                at.sub_with("arn:${AWS::Partition}:s3:::${Bucket}/*", [("Bucket", bucket)])
            }
        };
        let logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
        let statement = |actions: Tree, resource: Tree| {
            at.map([("Effect", at.text("Allow")), ("Action", actions), ("Resource", resource)])
        };
        let statements = [statement(at.texts(["s3:GetObject"]), objects), statement(at.texts(logs), at.text("*"))];
        let document = at.map([("Version", at.text("2012-10-17")), ("Statement", at.list(statements))]);
        let policy = at.map([("PolicyName", at.text("MicrovmImageBuildPolicy")), ("PolicyDocument", document)]);
        let own = at.map([("lambda:createdBy", at.text("SAM"))]);
        Ok(source
            .beside(format!("{}BuildRole", source.id), "AWS::IAM::Role")
            .with("AssumeRolePolicyDocument", trust(at, "lambda.amazonaws.com"))
            .with("Policies", at.list([policy]))
            .with("Tags", at.list(at.tags(&own))))
    }
}
