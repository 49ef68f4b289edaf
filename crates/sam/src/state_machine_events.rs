//! The events of state machines.
//!
//! Source:
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-statemachine-statemachineeventsource.html>.

use crate::event_push::Event;
use crate::event_rules::start_role;
use crate::function_api::Route;
use crate::made::{Made, Source};
use crate::schema::{BOOL, LITERAL, MAP, NEEDED, Property, TEXT};
use crate::swagger;
use crate::tree::Tree;
use crate::{Outcome, Transform};

const API: &[Property] = &[
    ("Auth", MAP),
    ("Method", TEXT | NEEDED),
    ("Path", TEXT | NEEDED),
    ("RestApiId", TEXT | NEEDED),
    ("Stage", TEXT),
    ("UnescapeMappingTemplate", BOOL | LITERAL),
];

impl Transform<'_> {
    /// What the events of a state machine need; `target` is the logical id that they start.
    pub(crate) fn machine_events(&mut self, source: &Source, target: &str) -> Outcome<Vec<Made>> {
        let mut made = Vec::new();
        for field in source.get("Events").map_or(&[][..], Tree::fields) {
            let event = Event::read(&source.id, field)?;
            let arn = event.at.reference(target);
            made.extend(match event.ty.as_str() {
                "Schedule" | "CloudWatchEvent" | "EventBridgeRule" => Self::machine_rule(&event, source, arn)?,
                "ScheduleV2" => Self::scheduler_schedule(&event, source, arn, "states:StartExecution")?,
                "Api" => self.machine_route(&event, source, target)?,
                other => return event.refuse(format!("there is no event of type {other} for state machines")),
            });
        }
        Ok(made)
    }

    fn machine_route(&mut self, event: &Event, source: &Source, target: &str) -> Outcome<Vec<Made>> {
        event.check(API)?;
        let at = event.at;
        let route = Route::read(event, "RestApiId")?;
        let suffix = self.stage_suffix(event, &route.api)?;
        let role = start_role(event, source, "apigateway.amazonaws.com", &at.reference(target));
        let properties = self.find(&route.api).and_then(|api| api.get("Properties")).cloned();
        let managed = properties.as_ref().and_then(|api| api.truthy("__MANAGE_SWAGGER")).is_some();
        let body = properties.as_ref().and_then(|api| api.truthy("DefinitionBody")).filter(|_| managed).cloned();
        let Some(mut body) = body else { return Ok(vec![role]) };
        swagger::check(&body)?;
        if swagger::has_integration(&body, &route.path, &route.method)? {
            return event.refuse(format!("the method {} of {} is defined twice", route.method, route.path));
        }
        let status = |code: &str| at.map([("statusCode", at.text(code))]);
        let described = |text: &str| at.map([("description", at.text(text))]);
        let uri = at.sub("arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution");
        let uri = match source.condition() {
            Some(condition) => at.when(condition, uri),
            None => uri,
        };
        let unescaped = event.get("UnescapeMappingTemplate").is_some_and(Tree::is_truthy);
        let template = if unescaped {
            format!(
                r#"{{"input": "$util.escapeJavaScript($input.json('$')).replaceAll("\\'","'")", "stateMachineArn": "${{{target}}}"}}"#
            )
        } else {
            format!(r#"{{"input": "$util.escapeJavaScript($input.json('$'))", "stateMachineArn": "${{{target}}}"}}"#)
        };
        let integration = at.map([
            ("type", at.text("aws")),
            ("httpMethod", at.text("POST")),
            ("uri", uri),
            ("responses", at.map([("200", status("200")), ("400", status("400"))])),
            ("credentials", role.arn()),
            ("requestTemplates", at.map([("application/json", at.sub(template))])),
        ]);
        let responses = at.map([("200", described("OK")), ("400", described("Bad Request"))]);
        swagger::integrate(&mut body, &route.path, &route.method, &integration, &responses, source.condition())?;
        if let Some(auth) = event.truthy("Auth") {
            let api_auth = properties.as_ref().and_then(|api| api.get("Auth")).cloned();
            let api_auth = self.resolved(&api_auth.unwrap_or_else(|| at.empty()));
            self.add_auth(event, auth, &api_auth, &route, &suffix, &mut body)?;
        }
        if let Some(properties) = self.find_mut(&route.api).and_then(|api| api.get_mut("Properties")) {
            properties.set("DefinitionBody", body);
        }
        Ok(vec![role])
    }
}
