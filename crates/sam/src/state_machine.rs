//! `AWS::Serverless::StateMachine`.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html>.
//!
//! The definition of a state machine becomes text; functions in it become substitutions.

use crate::function::parse_s3;
use crate::made::{Made, Source, propagate_tags};
use crate::role::{Role, trust};
use crate::tree::{At, Kind, Tree};
use crate::{Outcome, Refusal, Transform, is_alphanumeric, schema};

impl Transform<'_> {
    pub(crate) fn state_machine(&mut self, source: Source) -> Outcome<Vec<Made>> {
        schema::check("AWS::Serverless::StateMachine", schema::STATE_MACHINE, &source.properties)?;
        let at = source.at;
        let mut machine = source.itself("AWS::StepFunctions::StateMachine");
        machine.properties.set_some("DefinitionSubstitutions", source.truthy("DefinitionSubstitutions").cloned());
        match (source.truthy("Definition"), source.truthy("DefinitionUri")) {
            (Some(_), Some(_)) => return source.refuse("Definition and DefinitionUri cannot be set together"),
            (None, None) => return source.refuse("Definition or DefinitionUri must say what it does"),
            (Some(definition), None) => add_definition(&mut machine, definition),
            (None, Some(uri)) => {
                machine.properties.set("DefinitionS3Location", s3_location(&source, uri, "DefinitionUri")?);
            }
        }
        let mut made = Vec::new();
        match (source.truthy("Role"), source.truthy("Policies")) {
            (Some(_), Some(_)) => return source.refuse("Role and Policies cannot be set together"),
            (Some(role), None) => machine.properties.set("RoleArn", role.clone()),
            (None, policies) => {
                let mut listed = self.policies(&source, policies)?;
                if source.at_tracing_enabled() {
                    let name =
                        if self.partition() == "aws" { "AWSXrayWriteOnlyAccess" } else { "AWSXRayDaemonWriteAccess" };
                    listed.push(crate::policies::Policy::Managed(self.aws_managed(at, name)));
                }
                let mut role = Role::new(&source, trust(at, "states.amazonaws.com"), Vec::new(), Vec::new(), listed);
                role.made.properties.set("Tags", tags(&source));
                machine.properties.set("RoleArn", role.arn());
                made.push(role.into_made());
            }
        }
        for (from, to) in [
            ("Name", "StateMachineName"),
            ("Type", "StateMachineType"),
            ("Logging", "LoggingConfiguration"),
            ("Tracing", "TracingConfiguration"),
        ] {
            machine.properties.set_some(to, source.get(from).cloned());
        }
        machine.properties.set("Tags", tags(&source));
        let alias = publish(&source, &mut made)?;
        let target = alias.filter(|_| source.get("UseAliasAsEventTarget").is_some_and(Tree::is_truthy));
        let target = target.unwrap_or_else(|| source.id.clone());
        made.insert(0, machine);
        made.extend(self.machine_events(&source, &target)?);
        propagate_tags(&source, &mut made);
        Ok(made)
    }
}

impl Source {
    fn at_tracing_enabled(&self) -> bool {
        self.get("Tracing").and_then(|tracing| tracing.get("Enabled")).and_then(Tree::as_bool) == Some(true)
    }
}

fn tags(source: &Source) -> Tree {
    let at = source.at;
    let own = at.map([("stateMachine:createdBy", at.text("SAM"))]);
    let mut all = at.tags(&own);
    all.extend(source.get("Tags").into_iter().flat_map(|tags| at.tags(tags)));
    at.list(all)
}

/// Makes a version and an alias where that is asked for; gives the logical id of the alias.
fn publish(source: &Source, made: &mut Vec<Made>) -> Outcome<Option<String>> {
    let at = source.at;
    let Some(name) = source.truthy("AutoPublishAlias") else {
        for wanted in ["UseAliasAsEventTarget", "DeploymentPreference"] {
            if source.truthy(wanted).is_some() {
                return source.refuse(format!("{wanted} needs AutoPublishAlias"));
            }
        }
        return Ok(None);
    };
    let Some(word) = name.text().filter(|word| is_alphanumeric(word) || word.is_empty()) else {
        return Err(Refusal::new(name.span, "AutoPublishAlias is made of letters and digits, and is no function"));
    };
    let mut version = source
        .beside(format!("{}Version", source.id), "AWS::StepFunctions::StateMachineVersion")
        .with("StateMachineArn", at.reference(&source.id))
        .with("StateMachineRevisionId", at.get_att(&source.id, "StateMachineRevisionId"));
    for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
        if version.attribute(policy).is_none() {
            version.set_attribute(policy, at.text("Retain"));
        }
    }
    let mut preference = match source.truthy("DeploymentPreference") {
        Some(preference) => preference.clone(),
        None => at.map([("Type", at.text("ALL_AT_ONCE"))]),
    };
    preference.set("StateMachineVersionArn", version.reference());
    let id = format!("{}Alias{word}", source.id);
    let alias = source
        .beside(id.clone(), "AWS::StepFunctions::StateMachineAlias")
        .with("Name", name.clone())
        .with("DeploymentPreference", preference);
    made.push(version);
    made.push(alias);
    Ok(Some(id))
}

/// Bucket, key and version, as most services take a place in S3; a path that is not packaged yet stays.
pub(crate) fn s3_location(source: &Source, uri: &Tree, property: &str) -> Outcome<Tree> {
    let at = source.at;
    if uri.is_map() {
        if uri.truthy("Bucket").is_none() || uri.truthy("Key").is_none() {
            return source.refuse(format!("{property} needs Bucket and Key"));
        }
        let mut location = at.empty();
        for name in ["Bucket", "Key", "Version"] {
            location.set_some(name, uri.get(name).cloned());
        }
        return Ok(location);
    }
    let text = uri.as_str().unwrap_or_default();
    if let Some((bucket, key, version)) = parse_s3(text) {
        let place = At(uri.span);
        let mut location = at.map([("Bucket", place.text(bucket)), ("Key", place.text(key))]);
        location.set_some("Version", version.map(|version| place.text(version)));
        return Ok(location);
    }
    if text.is_empty() || text.contains("://") || text.starts_with("s3:") {
        return source.refuse(format!("{property} must be s3://bucket/key, or a map with Bucket and Key"));
    }
    Ok(uri.clone())
}

/// Adds a definition as text.
fn add_definition(machine: &mut Made, definition: &Tree) {
    let at = At(definition.span);
    let mut definition = definition.clone();
    let mut substitutions = Vec::new();
    substitute(&mut definition, &mut substitutions);
    if !substitutions.is_empty()
        && let Some(all) = machine.properties.map_at("DefinitionSubstitutions")
    {
        for (name, value) in substitutions {
            all.set(&name, value);
        }
    }
    let text = definition.canonical();
    machine.properties.set("DefinitionString", at.text(text));
}

/// Replaces functions and dynamic references by names.
fn substitute(tree: &mut Tree, found: &mut Vec<(String, Tree)>) {
    let dynamic =
        |tree: &Tree| tree.as_str().is_some_and(|text| text.starts_with("{{resolve:") && text.ends_with("}}"));
    let mut replace = |value: &mut Tree| {
        if value.is_intrinsic() || dynamic(value) {
            let name = format!("definition_substitution_{}", found.len() + 1);
            let text = At(value.span).text(format!("${{{name}}}"));
            found.push((name, std::mem::replace(value, text)));
        } else {
            substitute(value, found);
        }
    };
    match &mut tree.kind {
        Kind::Scalar(..) => {}
        Kind::List(items) => items.iter_mut().for_each(&mut replace),
        Kind::Map(fields) => {
            let mut order: Vec<usize> = (0..fields.len()).collect();
            order.sort_by(|a, b| fields[*a].key.cmp(&fields[*b].key));
            order.into_iter().for_each(|at| replace(&mut fields[at].value));
        }
    }
}
