//! The events of functions, and those that push into them: each gets a permission to invoke the function.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html>.

use crate::function::Target;
use crate::made::{Made, propagated_tags};
use crate::role::Role;
use crate::schema::{ANY, BOOL, LIST, LITERAL, MAP, NEEDED, OF_TEXTS, Property, TEXT};
use crate::tree::{At, Field, Tree};
use crate::{Outcome, Refusal, Transform, hash, is_alphanumeric, schema};

/// An event of a function or state machine.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// The logical id that what is made of it begins with.
    pub(crate) id: String,
    /// The name under which it is written.
    pub(crate) name: String,
    pub(crate) at: At,
    pub(crate) ty: String,
    pub(crate) properties: Tree,
}

impl Event {
    pub(crate) fn read(prefix: &str, field: &Field) -> Outcome<Self> {
        let at = At(field.key_span);
        let Some(ty) = field.value.get("Type").and_then(Tree::as_str) else {
            return Err(Refusal::new(field.key_span, format!("the event {} needs a Type", field.key)));
        };
        if !is_alphanumeric(&field.key) {
            return Err(Refusal::new(field.key_span, "the name of an event is made of letters and digits"));
        }
        let written = field.value.fields().iter().rfind(|part| &*part.key == "Properties");
        let properties = written.map_or_else(|| at.empty(), |part| part.value.clone());
        if !properties.is_map() {
            return Err(Refusal::new(
                properties.span,
                format!("the properties of the event {} must be a map", field.key),
            ));
        }
        Ok(Self {
            id: format!("{prefix}{}", field.key),
            name: field.key.to_string(),
            at,
            ty: ty.to_owned(),
            properties,
        })
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Tree> {
        self.properties.get(name)
    }

    pub(crate) fn truthy(&self, name: &str) -> Option<&Tree> {
        self.properties.truthy(name)
    }

    pub(crate) fn check(&self, table: &[Property]) -> Outcome<()> {
        schema::check(&format!("the event {} of type {}", self.name, self.ty), table, &self.properties).map_err(
            |refusal| Refusal {
                span: if refusal.span == self.properties.span { self.at.0 } else { refusal.span },
                ..refusal
            },
        )
    }

    pub(crate) fn refuse<T>(&self, message: impl Into<String>) -> Outcome<T> {
        Err(Refusal::new(self.at.0, format!("the event {}: {}", self.name, message.into())))
    }
}

const S3: &[Property] =
    &[("Bucket", TEXT | NEEDED), ("Events", TEXT | LIST | OF_TEXTS | LITERAL | NEEDED), ("Filter", MAP)];
const SNS: &[Property] = &[
    ("FilterPolicy", ANY),
    ("FilterPolicyScope", ANY),
    ("RedrivePolicy", MAP),
    ("Region", TEXT),
    ("SqsSubscription", BOOL | MAP),
    ("Topic", TEXT | NEEDED),
];
const ALEXA: &[Property] = &[("SkillId", TEXT)];
const IOT: &[Property] = &[("AwsIotSqlVersion", TEXT), ("Sql", TEXT | NEEDED)];
const COGNITO: &[Property] = &[("Trigger", TEXT | LIST | OF_TEXTS | LITERAL | NEEDED), ("UserPool", TEXT | NEEDED)];
const LOGS: &[Property] = &[("FilterPattern", TEXT | NEEDED), ("LogGroupName", TEXT | NEEDED)];

/// What a permission to invoke a function says, beside the function.
#[derive(Default)]
pub(crate) struct Permission<'p> {
    pub(crate) principal: &'p str,
    pub(crate) source_arn: Option<Tree>,
    pub(crate) source_account: Option<Tree>,
    pub(crate) token: Option<Tree>,
    pub(crate) suffix: &'p str,
}

/// A permission to invoke the target of an event.
pub(crate) fn permission(prefix: &str, at: At, target: &Target, says: Permission<'_>) -> Made {
    let suffix = match says.suffix {
        "" => String::new(),
        suffix if is_alphanumeric(suffix) => suffix.to_owned(),
        suffix => hash(suffix),
    };
    let mut made = target
        .source
        .beside(format!("{prefix}Permission{suffix}"), "AWS::Lambda::Permission")
        .with("Action", at.text("lambda:InvokeFunction"))
        .with("FunctionName", target.name())
        .with("Principal", at.text(says.principal))
        .with_some("SourceArn", says.source_arn)
        .with_some("SourceAccount", says.source_account)
        .with_some("EventSourceToken", says.token);
    made.at = at;
    made
}

impl Transform<'_> {
    /// What the events of a function need.
    pub(crate) fn function_events(
        &mut self,
        source: &crate::made::Source,
        target: &Target,
        role: &mut Role,
    ) -> Outcome<Vec<Made>> {
        let mut made = Vec::new();
        let mut fields: Vec<&Field> = source.get("Events").map_or(&[][..], Tree::fields).iter().collect();
        // In the order of paths, so that the default route of an HTTP API is there before all others.
        let order = |field: &&Field| {
            let path = field.value.at(&["Properties", "Path"]).and_then(Tree::as_str);
            path.map_or_else(|| field.key.to_string(), str::to_owned)
        };
        fields.sort_by_key(order);
        for field in fields {
            let event = Event::read(&source.id, field)?;
            made.extend(self.function_event(&event, target, role)?);
        }
        Ok(made)
    }

    fn function_event(&mut self, event: &Event, target: &Target, role: &mut Role) -> Outcome<Vec<Made>> {
        match event.ty.as_str() {
            "Schedule" => Self::schedule(event, target),
            "CloudWatchEvent" | "EventBridgeRule" => Self::event_rule(event, target),
            "ScheduleV2" => Self::scheduler_schedule(event, &target.source, target.arn(), "lambda:InvokeFunction"),
            "S3" => self.bucket_event(event, target),
            "SNS" => self.topic_event(event, target, role),
            "Api" => self.api_event(event, target),
            "HttpApi" => self.http_api_event(event, target),
            "AlexaSkill" => Self::alexa_event(event, target),
            "IoTRule" => self.iot_event(event, target),
            "Cognito" => self.cognito_event(event, target),
            "CloudWatchLogs" => self.logs_event(event, target),
            "Kinesis" | "DynamoDB" | "SQS" | "MSK" | "MQ" | "SelfManagedKafka" | "DocumentDB" => {
                self.mapping_event(event, target, role)
            }
            other => event.refuse(format!("there is no event of type {other}")),
        }
    }

    /// A notification of a bucket of the template, which is changed to send it.
    fn bucket_event(&mut self, event: &Event, target: &Target) -> Outcome<Vec<Made>> {
        event.check(S3)?;
        let at = event.at;
        let id =
            event.get("Bucket").and_then(Tree::as_ref_name).filter(|id| self.find(id).is_some()).map(str::to_owned);
        let Some(id) = id else { return event.refuse("Bucket must refer to a bucket of the template") };
        let account = at.reference("AWS::AccountId");
        let says = Permission { principal: "s3.amazonaws.com", source_account: Some(account), ..Permission::default() };
        let permission = permission(&event.id, at, target, says);
        let mut mapping = at.map([("Function", target.arn())]);
        mapping.set_some("Filter", event.get("Filter").cloned());
        let condition = target.source.condition().map(str::to_owned);
        let mut mappings = Vec::new();
        for kind in event.get("Events").map_or(&[][..], Tree::as_list) {
            let mut one = mapping.clone();
            one.set("Event", kind.clone());
            mappings.push(match &condition {
                Some(condition) => at.when(condition, one),
                None => one,
            });
        }
        let Some(bucket) = self.find_mut(&id) else { return Ok(vec![permission]) };
        match &condition {
            None => add_dependency(bucket, &permission.id, at)?,
            Some(condition) => tag_dependency(bucket, condition, &permission, at)?,
        }
        let Some(properties) = bucket.map_at("Properties").filter(|properties| properties.is_map()) else {
            return event.refuse(format!("the properties of {id} must be a map"));
        };
        let Some(notifications) = properties.map_at("NotificationConfiguration").filter(|found| found.is_map()) else {
            return event.refuse(format!("NotificationConfiguration of {id} must be a map"));
        };
        let mut all = match notifications.get("LambdaConfigurations") {
            None => Vec::new(),
            Some(found) => match found.items() {
                Some(items) => items.to_vec(),
                None => return event.refuse(format!("LambdaConfigurations of {id} must be a list")),
            },
        };
        for mapping in mappings {
            if !all.iter().any(|there| there.same(&mapping)) {
                all.push(mapping);
            }
        }
        notifications.set("LambdaConfigurations", at.list(all));
        // The bucket counts as made for the function, with its tags.
        if let Some(tags) = propagated_tags(&target.source) {
            properties.set("Tags", at.list(at.tags(tags)));
        }
        Ok(vec![permission])
    }

    /// A subscription to a topic, perhaps through a queue.
    fn topic_event(&mut self, event: &Event, target: &Target, role: &mut Role) -> Outcome<Vec<Made>> {
        event.check(SNS)?;
        let at = event.at;
        let topic = event.get("Topic").cloned().unwrap_or_else(|| at.text(""));
        let subscribe = |protocol: &str, endpoint: Tree| {
            let mut made = target
                .source
                .beside(event.id.clone(), "AWS::SNS::Subscription")
                .with("Protocol", at.text(protocol))
                .with("Endpoint", endpoint)
                .with("TopicArn", topic.clone())
                .with_all(&event.properties, &["Region", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy"]);
            made.at = at;
            made
        };
        let Some(queue) = event.truthy("SqsSubscription") else {
            let says =
                Permission { principal: "sns.amazonaws.com", source_arn: Some(topic.clone()), ..Permission::default() };
            return Ok(vec![permission(&event.id, at, target, says), subscribe("lambda", target.arn())]);
        };
        let mut made = Vec::new();
        let (arn, url, policy_id, batch) = if queue.as_bool().is_some() {
            let mut own = target.source.beside(format!("{}Queue", event.id), "AWS::SQS::Queue");
            if let Some(fifo) = self.fifo(&topic) {
                own.properties.set("FifoQueue", fifo);
            }
            let (arn, url) = (own.arn(), own.reference());
            made.push(own);
            (arn, url, None, None)
        } else {
            if !queue.is_map() {
                return event.refuse("SqsSubscription is true or a map");
            }
            let (Some(arn), Some(url)) = (queue.truthy("QueueArn"), queue.truthy("QueueUrl")) else {
                return event.refuse("SqsSubscription needs QueueArn and QueueUrl");
            };
            let policy = queue.truthy("QueuePolicyLogicalId");
            if policy.is_some_and(|policy| !policy.as_str().is_some_and(is_alphanumeric)) {
                return event.refuse("QueuePolicyLogicalId is made of letters and digits");
            }
            let policy = policy.and_then(Tree::as_str).map(str::to_owned);
            (arn.clone(), url.clone(), policy, queue.get("BatchSize").cloned())
        };
        let policy_id = policy_id.unwrap_or_else(|| format!("{}QueuePolicy", event.id));
        let statement = at.map([
            ("Action", at.text("sqs:SendMessage")),
            ("Effect", at.text("Allow")),
            ("Principal", at.text("*")),
            ("Resource", arn.clone()),
            ("Condition", at.map([("ArnEquals", at.map([("aws:SourceArn", topic.clone())]))])),
        ]);
        made.push(queue_policy(target.source.beside(policy_id, "AWS::SQS::QueuePolicy"), statement, url));
        made.push(subscribe("sqs", arn.clone()));
        let mapping = Event {
            id: format!("{}EventSourceMapping", event.id),
            ty: "SQS".to_owned(),
            properties: at.map([
                ("Queue", arn),
                ("BatchSize", batch.unwrap_or_else(|| at.number(10))),
                ("Enabled", at.bool(true)),
            ]),
            ..event.clone()
        };
        made.extend(self.mapping_event(&mapping, target, role)?);
        Ok(made)
    }

    /// Whether a topic of the template keeps its messages in order.
    fn fifo(&self, topic: &Tree) -> Option<Tree> {
        let topic = self.find(topic.referred_id()?)?;
        topic.at(&["Properties", "FifoTopic"]).map(|fifo| self.resolved(fifo)).filter(Tree::is_truthy)
    }

    fn alexa_event(event: &Event, target: &Target) -> Outcome<Vec<Made>> {
        event.check(ALEXA)?;
        let token = event.get("SkillId").cloned();
        let says = Permission { principal: "alexa-appkit.amazon.com", token, ..Permission::default() };
        Ok(vec![permission(&event.id, event.at, target, says)])
    }

    fn iot_event(&self, event: &Event, target: &Target) -> Outcome<Vec<Made>> {
        event.check(IOT)?;
        let at = event.at;
        let text = format!("arn:{}:iot:${{AWS::Region}}:${{AWS::AccountId}}:rule/${{RuleName}}", self.partition());
        let says = Permission {
            principal: "iot.amazonaws.com",
            source_arn: Some(at.sub_with(text, [("RuleName", at.reference(&event.id))])),
            source_account: Some(at.sub("${AWS::AccountId}")),
            ..Permission::default()
        };
        let action = at.map([("Lambda", at.map([("FunctionArn", target.arn())]))]);
        let mut payload = at.map([("RuleDisabled", at.bool(false)), ("Actions", at.list([action]))]);
        payload.set_some("Sql", event.get("Sql").cloned());
        payload.set_some("AwsIotSqlVersion", event.truthy("AwsIotSqlVersion").cloned());
        let mut rule = target.source.beside(event.id.clone(), "AWS::IoT::TopicRule").with("TopicRulePayload", payload);
        rule.at = at;
        Ok(vec![permission(&event.id, at, target, says), rule])
    }

    /// A trigger of a user pool of the template, which is changed to call it.
    fn cognito_event(&mut self, event: &Event, target: &Target) -> Outcome<Vec<Made>> {
        event.check(COGNITO)?;
        let at = event.at;
        let id =
            event.get("UserPool").and_then(Tree::as_ref_name).filter(|id| self.find(id).is_some()).map(str::to_owned);
        let Some(id) = id else { return event.refuse("UserPool must refer to a user pool of the template") };
        let arn = at.get_att(&id, "Arn");
        let says =
            Permission { principal: "cognito-idp.amazonaws.com", source_arn: Some(arn), ..Permission::default() };
        let permission = permission(&format!("{}Cognito", target.id), at, target, says);
        let pool = self.find_mut(&id).and_then(|pool| pool.map_at("Properties"));
        let Some(config) = pool.and_then(|properties| properties.map_at("LambdaConfig")).filter(|found| found.is_map())
        else {
            return event.refuse(format!("LambdaConfig of {id} must be a map"));
        };
        for trigger in event.get("Trigger").map_or(&[][..], Tree::as_list) {
            let name = trigger.as_str().unwrap_or_default();
            if config.has(name) {
                return event.refuse(format!("the trigger {name} of {id} is defined twice"));
            }
            config.set(name, target.arn());
        }
        Ok(vec![permission])
    }

    fn logs_event(&self, event: &Event, target: &Target) -> Outcome<Vec<Made>> {
        event.check(LOGS)?;
        let at = event.at;
        let group = event.get("LogGroupName").cloned().unwrap_or_else(|| at.text(""));
        let text = format!(
            "arn:{}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:${{__LogGroupName__}}:*",
            self.partition()
        );
        let says = Permission {
            principal: "logs.amazonaws.com",
            source_arn: Some(at.sub_with(text, [("__LogGroupName__", group)])),
            ..Permission::default()
        };
        let permission = permission(&event.id, at, target, says);
        let mut filter = target
            .source
            .beside(event.id.clone(), "AWS::Logs::SubscriptionFilter")
            .with_all(&event.properties, &["LogGroupName", "FilterPattern"])
            .with("DestinationArn", target.arn())
            .depends_on(&permission.id);
        filter.at = at;
        Ok(vec![permission, filter])
    }
}

/// A policy of a queue with one statement.
pub(crate) fn queue_policy(made: Made, statement: Tree, url: Tree) -> Made {
    let at = made.at;
    let document = at.map([("Version", at.text("2012-10-17")), ("Statement", at.list([statement]))]);
    made.with("PolicyDocument", document).with("Queues", at.list([url]))
}

/// Makes a resource wait for another.
pub(crate) fn add_dependency(resource: &mut Tree, id: &str, at: At) -> Outcome<()> {
    let mut names = match resource.get("DependsOn") {
        None => Vec::new(),
        Some(found) if found.is_map() => {
            return Err(Refusal::new(found.span, "DependsOn is text or a list of texts"));
        }
        Some(found) => found.as_list().to_vec(),
    };
    if !names.iter().any(|name| name.as_str() == Some(id)) {
        names.push(at.text(id));
    }
    resource.set("DependsOn", at.list(names));
    Ok(())
}

/// Makes a bucket wait for a permission that may not be there: a tag refers to it where it is.
fn tag_dependency(bucket: &mut Tree, condition: &str, permission: &Made, at: At) -> Outcome<()> {
    let Some(properties) = bucket.map_at("Properties") else { return Ok(()) };
    let mut tags = match properties.get("Tags") {
        None => Vec::new(),
        Some(found) => match found.items() {
            Some(items) => items.to_vec(),
            None => return Err(Refusal::new(found.span, "Tags must be a list")),
        },
    };
    tags.push(at.map([
        ("Key", at.text(format!("sam:ConditionalDependsOn:{}", permission.id))),
        ("Value", at.choose(condition, permission.reference(), at.text("no dependency"))),
    ]));
    properties.set("Tags", at.list(tags));
    Ok(())
}
