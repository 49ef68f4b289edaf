//! `AWS::Serverless::WebSocketApi`.
//!
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html>.

use crate::made::{Made, Source, propagate_tags};
use crate::tree::{Field, Tree};
use crate::{Outcome, Refusal, Transform, is_alphanumeric, schema};

/// The tag of all WebSocket APIs that SAM makes.
const TAG: &str = "websocketapi:createdBy";
const DEFAULT_STAGE: &str = "default";

impl Transform<'_> {
    pub(crate) fn web_socket_api(&mut self, mut source: Source) -> Outcome<Vec<Made>> {
        schema::check("AWS::Serverless::WebSocketApi", schema::WEB_SOCKET_API, &source.properties)?;
        for name in ["Auth", "Domain", "Routes"] {
            if let Some(value) = source.get(name).map(|value| self.resolved(value)) {
                source.properties.set(name, value);
            }
        }
        let at = source.at;
        let routes = match source.truthy("Routes") {
            Some(routes) if routes.is_map() => routes.clone(),
            _ => return source.refuse("it needs at least one route"),
        };
        check(&source, &routes)?;
        let mut tags = source.truthy("Tags").cloned().unwrap_or_else(|| at.empty());
        tags.set(TAG, at.text("SAM"));
        let api = source
            .itself("AWS::ApiGatewayV2::Api")
            .with_all(
                &source.properties,
                &[
                    "ApiKeySelectionExpression",
                    "Description",
                    "DisableExecuteApiEndpoint",
                    "DisableSchemaValidation",
                    "IpAddressType",
                    "RouteSelectionExpression",
                ],
            )
            .with("Name", source.get("Name").cloned().unwrap_or_else(|| at.text(source.id.as_str())))
            .with("ProtocolType", at.text("WEBSOCKET"))
            .with("Tags", tags.clone());
        let mut made = vec![api];
        let mut route_ids = Vec::new();
        for field in routes.fields() {
            route_ids.push(self.route(&source, field, &mut made)?);
        }
        self.domain_v2(&source, Some(TAG), &mut made)?;
        let stage = stage(&source, &route_ids);
        self.refer(&source.id, "Stage", &stage.id);
        made.push(stage);
        source.properties.set("Tags", tags);
        propagate_tags(&source, &mut made);
        Ok(made)
    }

    /// A route with its integration and permission; gives the logical id of the route.
    fn route(&self, source: &Source, field: &Field, made: &mut Vec<Made>) -> Outcome<String> {
        let at = source.at;
        let key = &*field.key;
        let name = match key {
            "$connect" => "Connect".to_owned(),
            "$disconnect" => "Disconnect".to_owned(),
            "$default" => "Default".to_owned(),
            other if is_alphanumeric(other) => capitalised(other),
            _ => {
                let message =
                    "the key of a route is made of letters and digits, or is $connect, $disconnect or $default";
                return Err(Refusal::new(field.key_span, message));
            }
        };
        let spec = &field.value;
        let Some(function) = spec.get("FunctionArn") else {
            return Err(Refusal::new(field.key_span, format!("the route {key} needs a FunctionArn")));
        };
        if spec.truthy("RequestParameters").is_some() && key != "$connect" {
            return Err(Refusal::new(field.key_span, "RequestParameters is for the route $connect only"));
        }
        let base = format!("{}{name}", source.id);
        let api = at.reference(&source.id);
        let uri = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${FunctionArn}/invocations";
        let integration = source
            .beside(format!("{base}Integration"), "AWS::ApiGatewayV2::Integration")
            .with("ApiId", api.clone())
            .with("IntegrationType", at.text("AWS_PROXY"))
            .with("IntegrationUri", at.sub_with(uri, [("FunctionArn", function.clone())]))
            .with_some("TimeoutInMillis", spec.get("IntegrationTimeout").cloned());
        let mut route = source
            .beside(format!("{base}Route"), "AWS::ApiGatewayV2::Route")
            .with("RouteKey", at.text(key))
            .with("ApiId", api)
            .with_all(
                spec,
                &[
                    "ApiKeyRequired",
                    "ModelSelectionExpression",
                    "OperationName",
                    "RequestModels",
                    "RequestParameters",
                    "RouteResponseSelectionExpression",
                ],
            )
            .with("Target", at.join("/", at.list([at.text("integrations"), integration.reference()])));
        if key == "$connect"
            && let Some(auth) = source.truthy("Auth")
        {
            self.authorize(source, auth, &mut route, made);
        }
        let arn = format!(
            "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{}.ApiId}}",
            source.id
        );
        let stage = source.get("StageName").cloned().unwrap_or_else(|| at.text(DEFAULT_STAGE));
        let arn = match stage.as_str() {
            Some(stage) => at.sub(format!("{arn}/{stage}/{key}")),
            None => at.sub_with(format!("{arn}/${{__StageName__}}/{key}"), [("__StageName__", stage)]),
        };
        let permission = source
            .beside(format!("{base}Permission"), "AWS::Lambda::Permission")
            .with("Action", at.text("lambda:InvokeFunction"))
            .with("FunctionName", function.clone())
            .with("Principal", at.text("apigateway.amazonaws.com"))
            .with("SourceArn", arn);
        let id = route.id.clone();
        made.extend([route, integration, permission]);
        Ok(id)
    }

    /// Says who may connect.
    fn authorize(&self, source: &Source, auth: &Tree, route: &mut Made, made: &mut Vec<Made>) {
        let at = source.at;
        let kind = auth.get("AuthType").and_then(Tree::as_str).unwrap_or_default();
        if kind != "CUSTOM" {
            let kind = if kind == "AWS_IAM" { "AWS_IAM" } else { "NONE" };
            route.properties.set("AuthorizationType", at.text(kind));
            return;
        }
        let id = format!("{}ConnectAuthorizer", source.id);
        let function = auth.get("AuthArn").cloned().unwrap_or_else(|| at.text(""));
        let uri =
            "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${AuthArn}/invocations";
        let name = auth.truthy("Name").cloned().unwrap_or_else(|| at.text(id.as_str()));
        let authorizer = source
            .beside(id, "AWS::ApiGatewayV2::Authorizer")
            .with("ApiId", at.reference(&source.id))
            .with("AuthorizerType", at.text("REQUEST"))
            .with("AuthorizerUri", at.sub_with(uri, [("AuthArn", function.clone())]))
            .with("Name", name)
            .with_some("AuthorizerCredentialsArn", auth.get("InvokeRole").cloned())
            .with_some("IdentitySource", auth.get("IdentitySource").cloned());
        route.properties.set("AuthorizationType", at.text("CUSTOM"));
        route.properties.set("AuthorizerId", authorizer.reference());
        made.push(authorizer);
        if auth.truthy("InvokeRole").is_none() {
            let id = format!("{}AuthorizerPermission", source.id);
            made.push(self.authorizer_permission(source, id, function, "${AWS::Partition}"));
        }
    }
}

fn check(source: &Source, routes: &Tree) -> Outcome<()> {
    if let Some(ty) = source.get("IpAddressType")
        && !ty.is_intrinsic()
        && !matches!(ty.as_str(), Some("ipv4" | "dualstack"))
    {
        return source.refuse("IpAddressType is ipv4 or dualstack");
    }
    if source.get("Domain").and_then(|domain| domain.truthy("MutualTlsAuthentication")).is_some() {
        return source.refuse("MutualTlsAuthentication is not for WebSocket APIs");
    }
    if source.get("StageName").and_then(Tree::as_str) == Some("$default") {
        return source.refuse("the stage of a WebSocket API cannot be called $default");
    }
    for name in ["RouteSettings", "DefaultRouteSettings", "AccessLogSettings", "StageVariables"] {
        if source.get(name).is_some_and(|value| !value.is_map()) {
            return source.refuse(format!("{name} must be a map"));
        }
    }
    let Some(auth) = source.truthy("Auth") else { return Ok(()) };
    if !routes.has("$connect") {
        return source.refuse("Auth needs a route $connect");
    }
    match auth.truthy("AuthType").map(|kind| kind.as_str().map(str::to_uppercase)) {
        None => source.refuse("Auth needs an AuthType"),
        Some(Some(kind)) if kind == "CUSTOM" => match auth.truthy("AuthArn") {
            Some(_) => Ok(()),
            None => source.refuse("the AuthType CUSTOM needs an AuthArn"),
        },
        Some(Some(kind)) if matches!(kind.as_str(), "AWS_IAM" | "NONE") => match auth.fields().len() {
            1 => Ok(()),
            _ => source.refuse(format!("the AuthType {kind} takes nothing else")),
        },
        Some(_) => source.refuse("AuthType is AWS_IAM, CUSTOM or NONE"),
    }
}

fn stage(source: &Source, routes: &[String]) -> Made {
    let at = source.at;
    let name = source.get("StageName").cloned().unwrap_or_else(|| at.text(DEFAULT_STAGE));
    let id = match name.as_str() {
        Some(DEFAULT_STAGE) => format!("{}DefaultStage", source.id),
        text => format!("{}{}Stage", source.id, text.unwrap_or_default()),
    };
    let mut stage = source
        .beside(id, "AWS::ApiGatewayV2::Stage")
        .with("ApiId", at.reference(&source.id))
        .with("StageName", name)
        .with("AutoDeploy", at.bool(true))
        .with("Tags", at.map([(TAG, at.text("SAM"))]))
        .with_all(
            &source.properties,
            &["StageVariables", "AccessLogSettings", "DefaultRouteSettings", "RouteSettings"],
        );
    if source.truthy("RouteSettings").is_some() {
        stage.depends_on = Some(at.texts(routes.iter().map(String::as_str)));
    }
    stage
}

/// The first letter large, all others small.
fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters.flat_map(char::to_lowercase)).collect()
}
