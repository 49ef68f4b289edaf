//! Gradual deployments of functions through CodeDeploy.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-deploymentpreference.html>.

use crate::made::{Made, Source, assign_tags, propagated_tags};
use crate::role::trust;
use crate::tree::{At, Kind, Tree};
use crate::{Outcome, Refusal, Transform};

const APPLICATION: &str = "ServerlessDeploymentApplication";
const ROLE: &str = "CodeDeployServiceRole";
const CONDITION: &str = "ServerlessCodeDeployCondition";
/// The ways that CodeDeploy knows by name.
const KNOWN: [&str; 9] = [
    "AllAtOnce",
    "Canary10Percent10Minutes",
    "Canary10Percent15Minutes",
    "Canary10Percent30Minutes",
    "Canary10Percent5Minutes",
    "Linear10PercentEvery10Minutes",
    "Linear10PercentEvery1Minute",
    "Linear10PercentEvery2Minutes",
    "Linear10PercentEvery3Minutes",
];

/// How new versions of a function are deployed.
#[derive(Clone, Debug)]
pub(crate) struct Preference {
    source: Source,
    way: Tree,
    hooks: Option<Tree>,
    alarms: Option<Tree>,
    role: Option<Tree>,
    triggers: Option<Tree>,
    condition: Option<String>,
    tags: Option<Tree>,
}

/// All functions that are deployed gradually.
#[derive(Debug, Default)]
pub(crate) struct Deployments {
    preferences: Vec<Preference>,
}

impl Deployments {
    pub(crate) fn add(&mut self, preference: Preference) {
        self.preferences.push(preference);
    }
}

fn group_id(source: &Source) -> String {
    format!("{}DeploymentGroup", source.id)
}

/// The policy by which an alias is updated.
pub(crate) fn update_policy(source: &Source, preference: &Preference) -> Tree {
    let at = source.at;
    let mut update = at.map([
        ("ApplicationName", at.reference(APPLICATION)),
        ("DeploymentGroupName", at.reference(&group_id(source))),
    ]);
    let hook = |name: &str| preference.hooks.as_ref().and_then(|hooks| hooks.truthy(name)).cloned();
    update.set_some("BeforeAllowTrafficHook", hook("PreTraffic"));
    update.set_some("AfterAllowTrafficHook", hook("PostTraffic"));
    at.map([("CodeDeployLambdaAliasUpdate", update)])
}

impl Transform<'_> {
    /// Reads how a function is to be deployed; none where that is switched off.
    pub(crate) fn preference(&self, source: &Source, written: &Tree) -> Outcome<Option<Preference>> {
        let settled = |name: &str| written.get(name).map(|value| self.settled(value));
        let enabled = settled("Enabled");
        let off = |enabled: &Tree| {
            !enabled.is_truthy() || enabled.text().is_some_and(|text| text.eq_ignore_ascii_case("false"))
        };
        let passed = match settled("PassthroughCondition") {
            None => false,
            Some(value) => match (value.as_bool(), value.text().map(str::to_lowercase).as_deref()) {
                (Some(flag), _) => flag,
                (None, Some("true")) => true,
                (None, Some("false")) => false,
                _ => return source.refuse("PassthroughCondition is true or false"),
            },
        };
        if enabled.as_ref().is_some_and(off) {
            return Ok(None);
        }
        let Some(way) = settled("Type") else { return source.refuse("DeploymentPreference needs a Type") };
        let hooks = written.get("Hooks").cloned();
        if let Some(hooks) = hooks.as_ref().filter(|hooks| !hooks.is_map()) {
            return Err(Refusal::new(hooks.span, "Hooks must be a map"));
        }
        Ok(Some(Preference {
            source: source.clone(),
            way,
            hooks,
            alarms: written.get("Alarms").cloned(),
            role: written.truthy("Role").cloned(),
            triggers: written.truthy("TriggerConfigurations").cloned(),
            condition: source.condition().filter(|_| passed).map(str::to_owned),
            tags: propagated_tags(source).cloned(),
        }))
    }

    /// Makes what all gradual deployments need.
    pub(crate) fn finish_deployments(&mut self) {
        let preferences = std::mem::take(&mut self.deployments.preferences);
        let Some(first) = preferences.first() else { return };
        let source = Source { attributes: Vec::new(), ..first.source.clone() };
        let at = source.at;
        let mut application =
            source.beside(APPLICATION, "AWS::CodeDeploy::Application").with("ComputePlatform", at.text("Lambda"));
        let policy = if self.partition().starts_with("aws-iso") {
            "AWSCodeDeployRoleForLambdaLimited"
        } else {
            "AWSCodeDeployRoleForLambda"
        };
        let mut role = source
            .beside(ROLE, "AWS::IAM::Role")
            .with("AssumeRolePolicyDocument", trust(at, "codedeploy.amazonaws.com"))
            .with("ManagedPolicyArns", at.list([self.aws_managed(at, &format!("service-role/{policy}"))]));
        let conditions: Option<Vec<String>> =
            preferences.iter().map(|preference| preference.condition.clone()).collect();
        if let Some(mut conditions) = conditions {
            conditions.sort();
            conditions.dedup();
            let name = self.combined(conditions, CONDITION);
            application.set_attribute("Condition", at.text(name.as_str()));
            role.set_attribute("Condition", at.text(name));
        }
        let mut tags = at.empty();
        for field in preferences.iter().filter_map(|preference| preference.tags.as_ref()).flat_map(Tree::fields) {
            tags.set(&field.key, field.value.clone());
        }
        let mut made = vec![application];
        if preferences.iter().any(|preference| preference.role.is_none()) {
            made.push(role);
        }
        if tags.is_truthy() {
            assign_tags(&tags, &mut made);
        }
        for preference in &preferences {
            match group(preference) {
                Ok(group) => made.push(group),
                Err(refusal) => self.refuse(refusal),
            }
        }
        self.emit(self.past_last(), made);
    }
}

fn group(preference: &Preference) -> Outcome<Made> {
    let source = Source { attributes: Vec::new(), ..preference.source.clone() };
    let at = source.at;
    let rollback = at.map([
        ("Enabled", at.bool(true)),
        ("Events", at.texts(["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"])),
    ]);
    let style =
        at.map([("DeploymentType", at.text("BLUE_GREEN")), ("DeploymentOption", at.text("WITH_TRAFFIC_CONTROL"))]);
    let mut way = preference.way.clone();
    name_ways(&mut way, false);
    let mut group = source
        .beside(group_id(&source), "AWS::CodeDeploy::DeploymentGroup")
        .with("ApplicationName", at.reference(APPLICATION))
        .with("AutoRollbackConfiguration", rollback)
        .with("DeploymentConfigName", way)
        .with("DeploymentStyle", style)
        .with("ServiceRoleArn", preference.role.clone().unwrap_or_else(|| at.get_att(ROLE, "Arn")))
        .with_some("AlarmConfiguration", alarms(preference)?)
        .with_some("TriggerConfigurations", preference.triggers.clone());
    if let Some(tags) = &preference.tags {
        group.properties.set("Tags", at.list(at.tags(tags)));
    }
    if let Some(condition) = &preference.condition {
        group.set_attribute("Condition", at.text(condition.as_str()));
    }
    Ok(group)
}

fn alarms(preference: &Preference) -> Outcome<Option<Tree>> {
    let Some(alarms) = preference.alarms.as_ref().filter(|alarms| alarms.is_truthy() && !alarms.is_no_value()) else {
        return Ok(None);
    };
    let at = At(alarms.span);
    let configure = |alarms: &Tree| {
        let Some(items) = alarms.items() else {
            return Err(Refusal::new(alarms.span, "Alarms must be a list"));
        };
        if items.first().is_none_or(Tree::is_no_value) {
            return Ok(at.empty());
        }
        let named = items.iter().map(|alarm| at.map([("Name", alarm.clone())]));
        Ok(at.map([("Enabled", at.bool(true)), ("Alarms", at.list(named.collect::<Vec<_>>()))]))
    };
    match alarms.as_if() {
        Some([condition, yes, no]) => {
            Ok(Some(at.map([("Fn::If", at.list([condition.clone(), configure(yes)?, configure(no)?]))])))
        }
        Some(_) => Err(Refusal::new(alarms.span, "Fn::If takes a list of a condition and two values")),
        None => configure(alarms).map(Some),
    }
}

/// Puts the names of CodeDeploy for those of SAM, also within functions.
fn name_ways(way: &mut Tree, in_sub: bool) {
    let at = At(way.span);
    let known = way.as_str().filter(|text| KNOWN.contains(text)).map(str::to_owned);
    if let Some(name) = known {
        const TEXT: &str = "CodeDeployDefault.Lambda${ConfigName}";
        *way = if in_sub {
            at.list([at.text(TEXT), at.map([("ConfigName", at.text(name))])])
        } else {
            at.sub_with(TEXT, [("ConfigName", at.text(name))])
        };
        return;
    }
    let is_function = way.is_intrinsic();
    match &mut way.kind {
        Kind::List(items) => items.iter_mut().for_each(|item| name_ways(item, false)),
        Kind::Map(fields) if is_function => {
            fields.iter_mut().for_each(|field| name_ways(&mut field.value, &*field.key == "Fn::Sub"));
        }
        _ => {}
    }
}
