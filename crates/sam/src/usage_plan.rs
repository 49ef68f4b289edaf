//! Usage plans and API keys of REST APIs, of one API or shared by all.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiusageplan.html>.

use crate::made::{Made, Source};
use crate::tree::Tree;
use crate::{Outcome, Refusal, Transform};

const PLAN: [&str; 6] = ["CreateUsagePlan", "Description", "Quota", "Tags", "Throttle", "UsagePlanName"];
const CONDITION: &str = "SharedUsagePlanCondition";

/// What the APIs that share a plan have asked for so far.
#[derive(Debug, Default)]
pub(crate) struct SharedPlan {
    apis: Vec<String>,
    api_stages: Vec<Tree>,
    stage_keys: Vec<Tree>,
    conditions: Vec<String>,
    /// An API without condition makes the plan unconditional.
    unconditional: bool,
    deletion: Option<Tree>,
    replacement: Option<Tree>,
}

impl Transform<'_> {
    /// Makes a usage plan for an API, where it asks for one.
    pub(crate) fn usage_plan(&mut self, source: &Source, auth: &Tree, made: &mut Vec<Made>) -> Outcome<()> {
        let Some(plan) = auth.get("UsagePlan") else { return Ok(()) };
        if !plan.is_map() {
            return Err(Refusal::new(plan.span, "UsagePlan must be a map"));
        }
        if let Some(field) = plan.fields().iter().find(|field| !PLAN.contains(&&*field.key)) {
            return Err(Refusal::new(field.key_span, format!("UsagePlan has no property {}", field.key)));
        }
        let shared = match plan.get("CreateUsagePlan").and_then(Tree::as_str) {
            Some("NONE") => return Ok(()),
            Some("PER_API") => false,
            Some("SHARED") => true,
            _ => return source.refuse("UsagePlan needs CreateUsagePlan: PER_API, SHARED or NONE"),
        };
        let at = source.at;
        let Some(stage) = made.iter().find(|made| made.ty == "AWS::ApiGateway::Stage").map(Made::reference) else {
            return Ok(());
        };
        let api_stage = at.map([("ApiId", at.reference(&source.id)), ("Stage", stage.clone())]);
        let stage_key = at.map([("RestApiId", at.reference(&source.id)), ("StageName", stage)]);
        let prefix = if shared { "Serverless" } else { &source.id };
        let (plan_id, key_id) = (format!("{prefix}UsagePlan"), format!("{prefix}ApiKey"));
        let mut all = [
            source.beside(plan_id.clone(), "AWS::ApiGateway::UsagePlan"),
            source.beside(key_id.clone(), "AWS::ApiGateway::ApiKey").depends_on(&plan_id),
            source.beside(format!("{prefix}UsagePlanKey"), "AWS::ApiGateway::UsagePlanKey").depends_on(&key_id),
        ];
        let (stages, keys, apis) = if shared {
            self.share(source, api_stage, stage_key, &mut all);
            let plan = &self.shared_plan;
            (plan.api_stages.clone(), plan.stage_keys.clone(), plan.apis.clone())
        } else {
            (vec![api_stage], vec![stage_key], vec![source.id.clone()])
        };
        let [usage_plan, key, plan_key] = &mut all;
        usage_plan.depends_on = Some(at.texts(apis.iter().map(String::as_str)));
        usage_plan.properties.set("ApiStages", at.list(stages));
        for name in ["UsagePlanName", "Description", "Quota", "Tags", "Throttle"] {
            usage_plan.properties.set_some(name, plan.truthy(name).cloned());
        }
        key.properties.set("Enabled", at.bool(true));
        key.properties.set("StageKeys", at.list(keys));
        plan_key.properties.set("KeyId", at.reference(&key_id));
        plan_key.properties.set("KeyType", at.text("API_KEY"));
        plan_key.properties.set("UsagePlanId", at.reference(&plan_id));
        for (property, made) in [("UsagePlan", &all[0]), ("ApiKey", &all[1]), ("UsagePlanKey", &all[2])] {
            self.refer(&source.id, property, &made.id);
        }
        made.extend(all);
        Ok(())
    }

    /// Adds an API to the plan that all share, which exists where any of them does.
    fn share(&mut self, source: &Source, api_stage: Tree, stage_key: Tree, all: &mut [Made; 3]) {
        let at = source.at;
        let plan = &mut self.shared_plan;
        plan.apis.push(source.id.clone());
        plan.api_stages.push(api_stage);
        plan.stage_keys.push(stage_key);
        let own =
            |name: &str| source.attributes.iter().find(|(known, _)| &**known == name).map(|(_, value)| value.clone());
        let stronger = |kept: &mut Option<Tree>, new: Option<Tree>| {
            let retains = |tree: &Tree| tree.as_str() == Some("Retain");
            if kept.is_none() || new.as_ref().is_some_and(retains) {
                *kept = new.or(kept.take());
            }
        };
        stronger(&mut plan.deletion, own("DeletionPolicy"));
        stronger(&mut plan.replacement, own("UpdateReplacePolicy"));
        match source.condition() {
            None => plan.unconditional = true,
            Some(condition) if !plan.conditions.iter().any(|known| known == condition) => {
                plan.conditions.push(condition.to_owned());
            }
            Some(_) => {}
        }
        let condition = (!plan.unconditional).then(|| match plan.conditions.as_slice() {
            [only] => at.map([("Condition", at.text(only.as_str()))]),
            several => at.any_condition(several.iter().map(String::as_str)),
        });
        for made in all {
            made.attributes.clear();
            for (name, value) in [("DeletionPolicy", &plan.deletion), ("UpdateReplacePolicy", &plan.replacement)] {
                if let Some(value) = value {
                    made.set_attribute(name, value.clone());
                }
            }
            if condition.is_some() {
                made.set_attribute("Condition", at.text(CONDITION));
            }
        }
        match condition {
            Some(condition) => self.add_condition(CONDITION, condition),
            None => {
                self.conditions.remove(CONDITION);
            }
        }
    }
}
