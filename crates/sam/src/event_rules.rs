//! Schedules and rules of EventBridge, for functions and for state machines.

use crate::event_push::{Event, Permission, permission, queue_policy};
use crate::function::Target;
use crate::made::{Made, Source};
use crate::role::{allow, send_to, trust};
use crate::schema::{BOOL, LITERAL, MAP, NEEDED, Property, TEXT};
use crate::tree::{At, Tree};
use crate::{Outcome, Transform};

const SCHEDULE: &[Property] = &[
    ("DeadLetterConfig", MAP),
    ("Description", TEXT),
    ("Enabled", BOOL),
    ("Input", TEXT),
    ("Name", TEXT),
    ("RetryPolicy", MAP),
    ("RuleName", TEXT),
    ("Schedule", TEXT | NEEDED),
    ("State", TEXT),
];
const RULE: &[Property] = &[
    ("DeadLetterConfig", MAP),
    ("Enabled", BOOL),
    ("EventBusName", TEXT),
    ("Input", TEXT),
    ("InputPath", TEXT),
    ("InputTransformer", MAP),
    ("Pattern", MAP),
    ("RetryPolicy", MAP),
    ("RuleName", TEXT),
    ("State", TEXT),
    ("Target", MAP),
];
const SCHEDULE_V2: &[Property] = &[
    ("DeadLetterConfig", MAP),
    ("Description", TEXT),
    ("EndDate", TEXT),
    ("FlexibleTimeWindow", MAP),
    ("GroupName", TEXT),
    ("Input", TEXT),
    ("KmsKeyArn", TEXT),
    ("Name", TEXT),
    ("OmitName", BOOL | LITERAL),
    ("PermissionsBoundary", TEXT),
    ("RetryPolicy", MAP),
    ("RoleArn", TEXT),
    ("ScheduleExpression", TEXT | NEEDED),
    ("ScheduleExpressionTimezone", TEXT),
    ("StartDate", TEXT),
    ("State", TEXT),
];
/// What the schedules of a state machine have beside those of a function, and the other way round.
const MACHINE_SCHEDULE: &[Property] = &[
    ("DeadLetterConfig", MAP),
    ("Description", TEXT),
    ("Enabled", BOOL),
    ("Input", TEXT),
    ("Name", TEXT),
    ("RetryPolicy", MAP),
    ("RoleArn", TEXT | LITERAL),
    ("Schedule", TEXT | NEEDED),
    ("State", TEXT),
    ("Target", MAP | LITERAL),
];
const MACHINE_RULE: &[Property] = &[
    ("DeadLetterConfig", MAP),
    ("EventBusName", TEXT),
    ("Input", TEXT),
    ("InputPath", TEXT),
    ("InputTransformer", MAP),
    ("Pattern", MAP),
    ("RetryPolicy", MAP),
    ("RuleName", TEXT),
    ("State", TEXT),
    ("Target", MAP | LITERAL),
];
/// The longest id of a target.
const MAX_TARGET_ID: usize = 64;

impl Transform<'_> {
    pub(crate) fn schedule(event: &Event, target: &Target) -> Outcome<Vec<Made>> {
        event.check(SCHEDULE)?;
        let mut made = rule(event, &target.source, true, target.arn(), None, "LambdaTarget")?;
        made.push(rule_permission(event, target));
        Ok(made)
    }

    pub(crate) fn event_rule(event: &Event, target: &Target) -> Outcome<Vec<Made>> {
        event.check(RULE)?;
        let mut made = rule(event, &target.source, false, target.arn(), None, "LambdaTarget")?;
        made.push(rule_permission(event, target));
        Ok(made)
    }

    /// A schedule or rule that starts a state machine, with the role for it.
    pub(crate) fn machine_rule(event: &Event, source: &Source, arn: Tree) -> Outcome<Vec<Made>> {
        let scheduled = event.ty == "Schedule";
        event.check(if scheduled { MACHINE_SCHEDULE } else { MACHINE_RULE })?;
        let mut made = Vec::new();
        let role_arn = match event.get("RoleArn").filter(|_| scheduled) {
            Some(arn) => arn.clone(),
            None => {
                let role = start_role(event, source, "events.amazonaws.com", &arn);
                let role_arn = role.arn();
                made.push(role);
                role_arn
            }
        };
        let mut rule = rule(event, source, scheduled, arn, Some(role_arn), "StepFunctionsTarget")?;
        rule.append(&mut made);
        Ok(rule)
    }

    /// A schedule of EventBridge Scheduler, with the role for it.
    pub(crate) fn scheduler_schedule(event: &Event, source: &Source, arn: Tree, action: &str) -> Outcome<Vec<Made>> {
        event.check(SCHEDULE_V2)?;
        let at = event.at;
        let mut schedule = source.beside(event.id.clone(), "AWS::Scheduler::Schedule").with_all(
            &event.properties,
            &[
                "ScheduleExpression",
                "Description",
                "StartDate",
                "EndDate",
                "ScheduleExpressionTimezone",
                "GroupName",
                "KmsKeyArn",
            ],
        );
        schedule.at = at;
        schedule.properties.set_some("State", event.truthy("State").cloned());
        if event.get("OmitName").is_some_and(Tree::is_truthy) {
            if event.truthy("Name").is_some() {
                return event.refuse("Name and OmitName cannot be set together");
            }
        } else {
            let name = event.truthy("Name").cloned().unwrap_or_else(|| at.text(event.id.as_str()));
            schedule.properties.set("Name", name);
        }
        let window = event.truthy("FlexibleTimeWindow").cloned();
        schedule.properties.set("FlexibleTimeWindow", window.unwrap_or_else(|| at.map([("Mode", at.text("OFF"))])));
        let mut made = Vec::new();
        let queue = dead_letters(event, source, None, &mut made)?;
        let role_arn = match event.truthy("RoleArn") {
            Some(own) => own.clone(),
            None => {
                let name = if action.starts_with("states") { "StartExecutionPolicy" } else { "LambdaPolicy" };
                let mut policies = vec![allow(at, format!("{}{name}", event.id), [(at.text(action), arn.clone())])];
                policies.extend(queue.as_ref().and_then(|queue| send_to(at, "SQS", Some(queue), &event.id)));
                let mut role = source
                    .beside(format!("{}Role", event.id), "AWS::IAM::Role")
                    .with("AssumeRolePolicyDocument", trust(at, "scheduler.amazonaws.com"))
                    .with("Policies", at.list(policies))
                    .with_some("PermissionsBoundary", event.truthy("PermissionsBoundary").cloned());
                role.at = at;
                let role_arn = role.arn();
                made.push(role);
                role_arn
            }
        };
        let mut target = at.map([("Arn", arn), ("RoleArn", role_arn)]);
        target.set_some("Input", event.get("Input").cloned());
        target.set_some("DeadLetterConfig", queue.map(|queue| at.map([("Arn", queue)])));
        target.set_some("RetryPolicy", event.get("RetryPolicy").cloned());
        schedule.properties.set("Target", target);
        made.insert(0, schedule);
        Ok(made)
    }
}

/// The role with which a service starts a state machine.
pub(crate) fn start_role(event: &Event, source: &Source, service: &str, arn: &Tree) -> Made {
    let at = event.at;
    let id = format!("{}Role", event.id);
    let policy = allow(at, format!("{id}StartExecutionPolicy"), [(at.text("states:StartExecution"), arn.clone())]);
    let mut role = source
        .beside(id, "AWS::IAM::Role")
        .with("AssumeRolePolicyDocument", trust(at, service))
        .with("Policies", at.list([policy]))
        .with_some("PermissionsBoundary", source.truthy("PermissionsBoundary").cloned());
    role.at = at;
    role
}

fn rule_permission(event: &Event, target: &Target) -> Made {
    let arn = event.at.get_att(&event.id, "Arn");
    let says = Permission { principal: "events.amazonaws.com", source_arn: Some(arn), ..Permission::default() };
    permission(&event.id, event.at, target, says)
}

/// The rule itself, and what it needs for messages that cannot be delivered.
fn rule(
    event: &Event,
    source: &Source,
    scheduled: bool,
    arn: Tree,
    role: Option<Tree>,
    suffix: &str,
) -> Outcome<Vec<Made>> {
    let at = event.at;
    let mut rule = source.beside(event.id.clone(), "AWS::Events::Rule");
    rule.at = at;
    if scheduled {
        rule.properties.set_some("ScheduleExpression", event.get("Schedule").cloned());
        rule.properties.set_some("Name", event.get("Name").cloned());
        rule.properties.set_some("Description", event.get("Description").cloned());
    } else {
        rule.properties.set_some("EventBusName", event.get("EventBusName").cloned());
        rule.properties.set_some("EventPattern", event.get("Pattern").cloned());
        rule.properties.set_some("Name", event.get("RuleName").cloned());
    }
    let (state, enabled) = (event.truthy("State"), event.get("Enabled"));
    if state.is_some() && enabled.is_some() {
        return event.refuse("State and Enabled cannot be set together");
    }
    rule.properties.set_some("State", state.cloned());
    if let Some(enabled) = enabled {
        rule.properties.set("State", at.text(if enabled.is_truthy() { "ENABLED" } else { "DISABLED" }));
    }
    let mut made = Vec::new();
    let queue = dead_letters(event, source, Some(rule.arn()), &mut made)?;
    let own_id = event.get("Target").and_then(|target| target.get("Id")).filter(|_| !scheduled || role.is_some());
    let id = own_id.cloned().unwrap_or_else(|| at.text(target_id(&event.id, suffix)));
    let mut target = at.map([("Arn", arn), ("Id", id)]);
    target.set_some("RoleArn", role);
    target.set_some("Input", event.get("Input").cloned());
    target.set_some("InputPath", event.get("InputPath").cloned());
    target.set_some("DeadLetterConfig", queue.map(|queue| at.map([("Arn", queue)])));
    target.set_some("RetryPolicy", event.get("RetryPolicy").cloned());
    target.set_some("InputTransformer", event.get("InputTransformer").cloned());
    rule.properties.set("Targets", at.list([target]));
    made.insert(0, rule);
    Ok(made)
}

fn target_id(id: &str, suffix: &str) -> String {
    let room = MAX_TARGET_ID - suffix.len();
    let kept: String = id.chars().take(room).collect();
    format!("{kept}{suffix}")
}

/// The queue for messages that cannot be delivered, made where none is named; with a policy where a rule sends to it.
fn dead_letters(event: &Event, source: &Source, rule: Option<Tree>, made: &mut Vec<Made>) -> Outcome<Option<Tree>> {
    let at: At = event.at;
    let Some(config) = event.get("DeadLetterConfig") else { return Ok(None) };
    match (config.has("Arn"), config.has("Type")) {
        (true, true) => return event.refuse("DeadLetterConfig has an Arn or a Type, and not both"),
        (false, false) => return event.refuse("DeadLetterConfig needs an Arn or a Type"),
        (false, true) if config.get("Type").and_then(Tree::as_str) != Some("SQS") => {
            return event.refuse("the Type of DeadLetterConfig is SQS");
        }
        _ => {}
    }
    if let Some(arn) = config.get("Arn") {
        return Ok(Some(arn.clone()));
    }
    let id = match config.get("QueueLogicalId").map(|id| id.as_str()) {
        None => format!("{}Queue", event.id),
        Some(Some(id)) => id.to_owned(),
        Some(None) => return event.refuse("QueueLogicalId must be text"),
    };
    let mut queue = source.beside(id, "AWS::SQS::Queue");
    queue.at = at;
    let (arn, url) = (queue.arn(), queue.reference());
    made.push(queue);
    if let Some(rule) = rule {
        let statement = at.map([
            ("Action", at.text("sqs:SendMessage")),
            ("Effect", at.text("Allow")),
            ("Principal", at.map([("Service", at.text("events.amazonaws.com"))])),
            ("Resource", arn.clone()),
            ("Condition", at.map([("ArnEquals", at.map([("aws:SourceArn", rule)]))])),
        ]);
        let mut policy = source.beside(format!("{}QueuePolicy", event.id), "AWS::SQS::QueuePolicy");
        policy.at = at;
        made.push(queue_policy(policy, statement, url));
    }
    Ok(Some(arn))
}
