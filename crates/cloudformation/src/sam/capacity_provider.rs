//! `AWS::Serverless::CapacityProvider`: instances that functions run on.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-capacityprovider.html>.

use super::made::{Made, Source, assign_tags};
use super::role::{Role, trust};
use super::tree::Tree;
use super::{Outcome, Refusal, Transform, schema};

/// The keys of maps in it.
const MAPS: [(&str, &[&str]); 3] = [
    ("InstanceRequirements", &["AllowedTypes", "Architectures", "ExcludedTypes"]),
    ("ScalingConfig", &["AverageCPUUtilization", "MaxVCpuCount"]),
    ("VpcConfig", &["SecurityGroupIds", "SubnetIds"]),
];

impl Transform<'_, '_> {
    pub(super) fn capacity_provider(&self, source: &Source) -> Outcome<Vec<Made>> {
        schema::check("AWS::Serverless::CapacityProvider", schema::CAPACITY_PROVIDER, &source.properties)?;
        check_maps(source)?;
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
                if source.get("PropagateTags").is_some_and(Tree::is_truthy) {
                    assign_tags(&all_tags, &mut made);
                }
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
        made.push(provider);
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

fn check_maps(source: &Source) -> Outcome<()> {
    for (name, known) in MAPS {
        let Some(map) = source.get(name) else { continue };
        if let Some(field) = map.fields().iter().find(|field| !known.contains(&&*field.key)) {
            return Err(Refusal::new(field.key_span, format!("{name} has no property {}", field.key)));
        }
    }
    let config = source.get("VpcConfig");
    let subnets = config.and_then(|config| config.get("SubnetIds"));
    let is_list = |tree: &Tree| tree.is_list() || tree.is_intrinsic();
    if !subnets.is_some_and(is_list) {
        return source.refuse("VpcConfig needs a list of SubnetIds");
    }
    if config.and_then(|config| config.get("SecurityGroupIds")).is_some_and(|groups| !is_list(groups)) {
        return source.refuse("SecurityGroupIds must be a list");
    }
    let requirements = source.get("InstanceRequirements");
    let has = |name: &str| requirements.and_then(|requirements| requirements.get(name)).is_some();
    if has("AllowedTypes") && has("ExcludedTypes") {
        return source.refuse("AllowedTypes and ExcludedTypes cannot be set together");
    }
    for name in ["AllowedTypes", "ExcludedTypes", "Architectures"] {
        if requirements.and_then(|requirements| requirements.get(name)).is_some_and(|found| !is_list(found)) {
            return source.refuse(format!("{name} must be a list"));
        }
    }
    for name in ["MaxVCpuCount", "AverageCPUUtilization"] {
        let found = source.get("ScalingConfig").and_then(|config| config.get(name));
        if found.is_some_and(|found| !found.is_number() && !found.is_intrinsic()) {
            return source.refuse(format!("{name} must be a number"));
        }
    }
    Ok(())
}
