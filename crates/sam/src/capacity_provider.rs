//! `AWS::Serverless::CapacityProvider`: instances that functions run on.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-capacityprovider.html>.

use crate::made::{Made, Source, combine_tags};
use crate::role::{Role, trust};
use crate::shape::{self, Entry, NUMBER, Needed, Optional, Shape, TEXT};
use crate::tree::Tree;
use crate::{Outcome, Transform, schema};

const PROPERTIES: &[Entry] = &[
    ("InstanceRequirements", Optional, Shape::Fields(INSTANCES)),
    ("LoggingConfig", Optional, Shape::Passed),
    ("ManagedResourceTags", Optional, Shape::Fields(&[("Tags", Optional, Shape::MapOf(&Shape::Passed))])),
    ("PropagateTags", Optional, Shape::Flag),
    (
        "ScalingConfig",
        Optional,
        Shape::Fields(&[("AverageCPUUtilization", Optional, NUMBER), ("MaxVCpuCount", Optional, NUMBER)]),
    ),
    ("VpcConfig", Needed, Shape::Fields(&[("SecurityGroupIds", Optional, TEXTS), ("SubnetIds", Needed, TEXTS)])),
];
const INSTANCES: &[Entry] =
    &[("AllowedTypes", Optional, TEXTS), ("Architectures", Optional, TEXTS), ("ExcludedTypes", Optional, TEXTS)];
/// A list of texts; functions may stand for it and in it.
const TEXTS: Shape = Shape::OrFunction(&Shape::ListOf(&TEXT));

impl Transform<'_> {
    pub(crate) fn capacity_provider(&self, source: &Source) -> Outcome<Vec<Made>> {
        schema::check("AWS::Serverless::CapacityProvider", schema::CAPACITY_PROVIDER, &source.properties)?;
        shape::check(PROPERTIES, &source.properties)?;
        check_instances(source)?;
        let at = source.at;
        let mut made = Vec::new();
        let mut all_tags = source.truthy("Tags").cloned().unwrap_or_else(|| at.empty());
        all_tags.set("lambda:createdBy", at.text("SAM"));
        let role = match source.truthy("OperatorRole") {
            Some(role) => role.clone(),
            None => {
                let arn = self.aws_managed(at, "AWSLambdaManagedEC2ResourceOperator");
                let mut role = Role::new(source, trust(at, "lambda.amazonaws.com"), vec![arn], Vec::new(), Vec::new());
                role.made.id = format!("{}OperatorRole", source.id);
                let own = at.map([("lambda:createdBy", at.text("SAM"))]);
                role.made.properties.set("Tags", at.list(at.tags(&own)));
                let arn = role.arn();
                made.push(role.into_made());
                arn
            }
        };
        let mut provider = source
            .itself("AWS::Lambda::CapacityProvider")
            .with_all(&source.properties, &["CapacityProviderName", "KmsKeyArn", "VpcConfig"])
            .with("PermissionsConfig", at.map([("CapacityProviderOperatorRoleArn", role)]))
            .with("Tags", at.list(at.tags(&all_tags)));
        if let Some(wanted) = source.truthy("InstanceRequirements") {
            let mut requirements = at.empty();
            for (from, to) in [
                ("Architectures", "Architectures"),
                ("AllowedTypes", "AllowedInstanceTypes"),
                ("ExcludedTypes", "ExcludedInstanceTypes"),
            ] {
                requirements.set_some(to, wanted.get(from).cloned());
            }
            provider.properties.set("InstanceRequirements", requirements);
        }
        if let Some(wanted) = source.truthy("ScalingConfig") {
            provider.properties.set("CapacityProviderScalingConfig", scaling(source, wanted));
        }
        if let Some(logging) = source.truthy("LoggingConfig") {
            provider.properties.set("TelemetryConfig", at.map([("LoggingConfig", logging.clone())]));
        }
        if let Some(tags) = source.truthy("ManagedResourceTags").and_then(|managed| managed.get("Tags")) {
            let propagated = at.map([("Mode", at.text("Explicit")), ("ExplicitTags", at.list(at.tags(tags)))]);
            provider.properties.set("PropagateTags", propagated);
        }
        made.push(provider);
        combine_tags(source, &mut made);
        Ok(made)
    }
}

fn scaling(source: &Source, wanted: &Tree) -> Tree {
    let at = source.at;
    let mut config = at.empty();
    config.set_some("MaxVCpuCount", wanted.get("MaxVCpuCount").cloned());
    match wanted.get("AverageCPUUtilization") {
        Some(target) => {
            config.set("ScalingMode", at.text("Manual"));
            let policy = at.map([
                ("PredefinedMetricType", at.text("LambdaCapacityProviderAverageCPUUtilization")),
                ("TargetValue", target.clone()),
            ]);
            config.set("ScalingPolicies", at.list([policy]));
        }
        None => config.set("ScalingMode", at.text("Auto")),
    }
    config
}

/// Instances are described either by what they may be or by what they may not be.
fn check_instances(source: &Source) -> Outcome<()> {
    let requirements = source.get("InstanceRequirements");
    let has = |name: &str| requirements.and_then(|requirements| requirements.get(name)).is_some();
    if has("AllowedTypes") && has("ExcludedTypes") {
        return source.refuse("AllowedTypes and ExcludedTypes cannot be set together");
    }
    Ok(())
}
