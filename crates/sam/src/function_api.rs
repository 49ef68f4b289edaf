//! The routes that events add to APIs.
//!
//! Sources: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-api.html>,
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-httpapi.html>.

use crate::event_push::{Event, Permission, permission};
use crate::function::Target;
use crate::made::Made;
use crate::open_api::{self, DEFAULT_PATH};
use crate::schema::{LIST, MAP, NEEDED, NUMBER, Property, TEXT};
use crate::swagger::{self, ANY_METHOD, INTEGRATION, any_method, each_definition, wildcard_path};
use crate::tree::{At, Tree};
use crate::{Outcome, Refusal, Transform};

const API: &[Property] = &[
    ("Auth", MAP),
    ("Method", TEXT | NEEDED),
    ("Path", TEXT | NEEDED),
    ("RequestModel", MAP),
    ("RequestParameters", LIST),
    ("ResponseTransferMode", TEXT),
    ("RestApiId", TEXT | NEEDED),
    ("Stage", TEXT),
    ("TimeoutInMillis", NUMBER),
];
const HTTP_API: &[Property] = &[
    ("ApiId", TEXT),
    ("Auth", MAP),
    ("Method", TEXT),
    ("Path", TEXT),
    ("PayloadFormatVersion", TEXT),
    ("RouteSettings", MAP),
    ("Stage", TEXT),
    ("TimeoutInMillis", NUMBER),
];

/// A route of an event.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) path: String,
    pub(crate) method: String,
    pub(crate) api: String,
    pub(crate) api_reference: Tree,
}

/// What a route of a REST API is added with.
#[derive(Clone, Copy)]
struct Request<'r> {
    event: &'r Event,
    api: &'r Tree,
    auth: &'r Tree,
    api_auth: &'r Tree,
    route: &'r Route,
    stage: &'r str,
}

impl Route {
    pub(crate) fn read(event: &Event, id_property: &str) -> Outcome<Self> {
        let text = |name: &str| event.get(name).and_then(Tree::as_str).unwrap_or_default().to_owned();
        let Some(reference) = event.get(id_property) else { return event.refuse(format!("it needs {id_property}")) };
        let Some(api) = reference.as_ref_name().or(reference.as_str()) else {
            return event.refuse(format!("{id_property} must refer to an API of the template"));
        };
        let (path, method) = (text("Path"), text("Method").to_lowercase());
        Ok(Self { path, method, api: api.to_owned(), api_reference: reference.clone() })
    }

    /// The path without the slash at its end.
    fn trimmed(&self) -> &str {
        match self.path.strip_suffix('/') {
            Some(rest) if !rest.is_empty() => rest,
            _ => &self.path,
        }
    }

    fn verb(&self) -> String {
        if any_method(&self.method) == ANY_METHOD { "*".to_owned() } else { self.method.to_uppercase() }
    }
}

impl Transform<'_> {
    /// The properties of an API of the template.
    fn api_properties(&mut self, event: &Event, api: &str) -> Outcome<&mut Tree> {
        let message = format!("the event {} must refer to an API of the template", event.name);
        let Some(resource) = self.find_mut(api) else { return Err(Refusal::new(event.at.0, message)) };
        match resource.map_at("Properties") {
            Some(properties) if properties.is_map() => Ok(properties),
            _ => Err(Refusal::new(event.at.0, format!("the properties of {api} must be a map"))),
        }
    }

    /// The stage that permissions are named after.
    pub(crate) fn stage_suffix(&mut self, event: &Event, api: &str) -> Outcome<String> {
        let stage = self.api_properties(event, api)?.get("StageName");
        match stage.map(|stage| (stage.span, stage.as_str())) {
            Some((span, Some(""))) => Err(Refusal::new(span, format!("the stage of {api} has an empty name"))),
            Some((_, Some(text))) => Ok(text.to_owned()),
            _ => Ok("Stage".to_owned()),
        }
    }

    pub(crate) fn api_event(&mut self, event: &Event, target: &Target) -> Outcome<Vec<Made>> {
        event.check(API)?;
        let at = event.at;
        let route = Route::read(event, "RestApiId")?;
        let suffix = self.stage_suffix(event, &route.api)?;
        let path = wildcard_path(route.trimmed(), true);
        let text = format!(
            "arn:{}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{__ApiId__}}/${{__Stage__}}/{}{path}",
            self.partition(),
            route.verb()
        );
        let variables = [("__ApiId__", route.api_reference.clone()), ("__Stage__", at.text("*"))];
        let says = Permission {
            principal: "apigateway.amazonaws.com",
            source_arn: Some(at.sub_with(text, variables)),
            suffix: &suffix,
            ..Permission::default()
        };
        let permission = permission(&event.id, at, target, says);
        self.add_rest_route(event, target, &route, &suffix)?;
        Ok(vec![permission])
    }

    fn add_rest_route(&mut self, event: &Event, target: &Target, route: &Route, stage: &str) -> Outcome<()> {
        let at = event.at;
        let streamed = event.get("ResponseTransferMode").and_then(Tree::as_str) == Some("RESPONSE_STREAM");
        let (version, call) =
            if streamed { ("2021-11-15", "response-streaming-invocations") } else { ("2015-03-31", "invocations") };
        let uri = format!(
            "arn:{}:apigateway:${{AWS::Region}}:lambda:path/{version}/functions/{}/{call}",
            self.partition(),
            target.arn_variable()
        );
        let caller = format!("arn:{}:iam::*:user/*", self.partition());
        // The definition grows with every route: it is taken out and put back, and never copied.
        let properties = self.api_properties(event, &route.api)?;
        if properties.truthy("DefinitionBody").is_none() {
            return Ok(());
        }
        let Some(mut body) = properties.remove("DefinitionBody") else { return Ok(()) };
        let api = properties.clone();
        let api_auth = self.resolved(&api.get("Auth").cloned().unwrap_or_else(|| at.empty()));
        let auth = event.get("Auth").cloned().unwrap_or_else(|| at.empty());
        let integration = rest_integration(event, target, uri, &auth, &api_auth, &caller, streamed);
        let request = Request { event, api: &api, auth: &auth, api_auth: &api_auth, route, stage };
        let outcome = self.extend_definition(&request, target, &integration, &mut body);
        self.api_properties(event, &route.api)?.set("DefinitionBody", body);
        outcome
    }

    /// Checks the definition of an API as it is written, and not again for each route that is added.
    fn check_once(&mut self, api: &str, body: &Tree) -> Outcome<()> {
        if !self.checked.contains(api) {
            swagger::check(body)?;
            self.checked.insert(api.to_owned());
        }
        Ok(())
    }

    fn extend_definition(
        &mut self,
        request: &Request<'_>,
        target: &Target,
        integration: &Tree,
        body: &mut Tree,
    ) -> Outcome<()> {
        let Request { event, api, auth, api_auth, route, stage } = *request;
        let at = event.at;
        let managed = api.get("__MANAGE_SWAGGER").is_some_and(Tree::is_truthy);
        let merged = api.get("MergeDefinitions").is_some_and(Tree::is_truthy);
        if managed || merged {
            let mut made = merged.then(|| swagger::skeleton(at));
            if made.is_none() {
                self.check_once(&route.api, body)?;
            }
            let definition = made.as_mut().unwrap_or(&mut *body);
            if swagger::has_integration(definition, &route.path, &route.method)? {
                return event.refuse(format!("the method {} of {} is defined twice", route.method, route.path));
            }
            let condition = target.source.condition();
            swagger::integrate(definition, &route.path, &route.method, integration, &at.empty(), condition)?;
            if auth.is_truthy() {
                self.add_auth(event, auth, api_auth, route, stage, definition)?;
            }
            add_request_settings(event, api, route, definition)?;
            if let Some(made) = made {
                merge_definition(body, &made, route)?;
            }
        }
        if auth.get("OverrideApiAuth").is_some_and(Tree::is_truthy) {
            let says = ["Authorizer", "ApiKeyRequired", "ResourcePolicy"];
            if !says.iter().any(|name| auth.truthy(name).is_some()) {
                return event.refuse("OverrideApiAuth needs Authorizer, ApiKeyRequired or ResourcePolicy");
            }
            self.check_once(&route.api, body)?;
            self.add_auth(event, auth, api_auth, route, stage, body)?;
        }
        Ok(())
    }

    /// Adds what an event says about who may call it.
    pub(crate) fn add_auth(
        &mut self,
        event: &Event,
        auth: &Tree,
        api_auth: &Tree,
        route: &Route,
        stage: &str,
        body: &mut Tree,
    ) -> Outcome<()> {
        let at = event.at;
        let authorizers = api_auth.truthy("Authorizers");
        if let Some(found) = authorizers.filter(|found| !found.is_map()) {
            return Err(Refusal::new(found.span, "Authorizers must be a map"));
        }
        let authorizer = auth.truthy("Authorizer");
        match authorizer.map(Tree::as_str) {
            None | Some(Some("AWS_IAM")) => {}
            Some(Some("NONE")) => {
                if api_auth.truthy("DefaultAuthorizer").is_none() {
                    return event.refuse("the Authorizer NONE needs a DefaultAuthorizer of the API");
                }
            }
            Some(name) => {
                let known = name.and_then(|name| authorizers.and_then(|all| all.truthy(name)));
                if known.is_none() {
                    return event.refuse("the Authorizer is none that the API defines");
                }
            }
        }
        let scopes = auth.truthy("AuthorizationScopes");
        if let Some(scopes) = scopes {
            if !scopes.is_list() {
                return event.refuse("AuthorizationScopes must be a list");
            }
            if authorizer.is_none() {
                return event.refuse("AuthorizationScopes needs an Authorizer");
            }
        }
        let key = auth.get("ApiKeyRequired");
        if key.is_some_and(|key| !key.is_truthy()) && api_auth.truthy("ApiKeyRequired").is_none() {
            return event.refuse("ApiKeyRequired is false, and the API requires no key");
        }
        if let Some(name) = authorizer.and_then(Tree::as_str) {
            let own = authorizers.and_then(|all| all.get(name)).and_then(|found| found.get("AuthorizationScopes"));
            let found = authorizers.and_then(|all| all.get(name)).is_some() && name != "NONE";
            let scopes = auth.get("AuthorizationScopes").or(own).filter(|_| found).cloned();
            let scopes = scopes.unwrap_or_else(|| at.list([]));
            swagger::add_authorizer(body, &route.path, &route.method, name, scopes)?;
        }
        if let Some(key) = key {
            swagger::add_api_key(body, &route.path, &route.method, key.is_truthy(), at)?;
        }
        if let Some(policy) = auth.truthy("ResourcePolicy") {
            swagger::add_resource_policy(body, policy, &route.path, &at.text(stage))?;
            if let Some(statements) = policy.truthy("CustomStatements") {
                swagger::add_custom_statements(body, statements);
            }
        }
        Ok(())
    }

    pub(crate) fn http_api_event(&mut self, event: &Event, target: &Target) -> Outcome<Vec<Made>> {
        event.check(HTTP_API)?;
        let route = Route::read(event, "ApiId")?;
        let properties = self.api_properties(event, &route.api)?;
        let body = properties.truthy("DefinitionBody").is_some().then(|| properties.remove("DefinitionBody")).flatten();
        let api = properties.clone();
        let Some(mut body) = body else { return Ok(vec![http_permission(event, target, &route)]) };
        let outcome = self.extend_http_definition(event, target, &route, &api, &mut body);
        self.api_properties(event, &route.api)?.set("DefinitionBody", body);
        outcome
    }

    fn extend_http_definition(
        &self,
        event: &Event,
        target: &Target,
        route: &Route,
        api: &Tree,
        body: &mut Tree,
    ) -> Outcome<Vec<Made>> {
        open_api::check(body)?;
        let mut made = Vec::new();
        let integrated = open_api::integrated_function(body, DEFAULT_PATH, ANY_METHOD);
        // The permission of the default route covers all others of the same function.
        if route.path == DEFAULT_PATH || integrated.as_deref() != Some(&*target.id) {
            made.push(http_permission(event, target, route));
        }
        add_http_route(event, target, route, api, body)?;
        Ok(made)
    }
}

/// The permission for an HTTP API to call the target of a route.
fn http_permission(event: &Event, target: &Target, route: &Route) -> Made {
    let at = event.at;
    let default = route.path == DEFAULT_PATH;
    let path = if default { String::new() } else { wildcard_path(route.trimmed(), false) };
    let text = format!(
        "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{__ApiId__}}/${{__Stage__}}/{}{path}",
        route.verb()
    );
    let variables = [("__ApiId__", route.api_reference.clone()), ("__Stage__", at.text("*"))];
    let says = Permission {
        principal: "apigateway.amazonaws.com",
        source_arn: Some(at.sub_with(text, variables)),
        ..Permission::default()
    };
    permission(&event.id, at, target, says)
}

fn rest_integration(
    event: &Event,
    target: &Target,
    uri: String,
    auth: &Tree,
    api_auth: &Tree,
    caller: &str,
    streamed: bool,
) -> Tree {
    let at = event.at;
    let uri = match target.source.condition() {
        Some(condition) => at.when(condition, at.sub(uri)),
        None => at.sub(uri),
    };
    let mut integration = at.map([("type", at.text("aws_proxy")), ("httpMethod", at.text("POST")), ("uri", uri)]);
    if streamed {
        integration.set("responseTransferMode", at.text("STREAM"));
    }
    let is_signed = |tree: &Tree, key: &str| tree.get(key).and_then(Tree::as_str) == Some("AWS_IAM");
    if is_signed(auth, "Authorizer") || (is_signed(api_auth, "DefaultAuthorizer") && !auth.is_truthy()) {
        // A role that is written and empty means none.
        let role = |tree: &Tree| match tree.truthy("InvokeRole") {
            None if tree.has("InvokeRole") => Some(at.text("NONE")),
            found => found.cloned(),
        };
        let role = role(auth).or_else(|| role(api_auth));
        let credentials = match &role {
            Some(role) if role.as_str() == Some("NONE") => None,
            Some(role) if role.as_str() != Some("CALLER_CREDENTIALS") => Some(role.clone()),
            _ if caller.contains("${") => Some(at.sub(caller)),
            _ => Some(at.text(caller)),
        };
        integration.set_some("credentials", credentials);
    }
    integration
}

/// Time limits, models and parameters of a route.
fn add_request_settings(event: &Event, api: &Tree, route: &Route, body: &mut Tree) -> Outcome<()> {
    let at = event.at;
    if let Some(timeout) = event.truthy("TimeoutInMillis") {
        each_definition(body, &route.path, &route.method, |definition| {
            if let Some(integration) = definition.get_mut(INTEGRATION) {
                integration.set("timeoutInMillis", timeout.clone());
            }
            Ok(())
        })?;
    }
    if let Some(model) = event.truthy("RequestModel") {
        add_request_model(event, api, route, model, body)?;
    }
    let Some(parameters) = event.truthy("RequestParameters") else { return Ok(()) };
    let mut found = Vec::new();
    for parameter in parameters.as_list() {
        let (name, settings) = match (parameter.as_str(), parameter.fields()) {
            (Some(name), _) => (name, None),
            (None, [first, ..]) => (&*first.key, Some(&first.value)),
            _ => return event.refuse("RequestParameters is made of texts and maps"),
        };
        let rest = name.strip_prefix("method.request.");
        let place = rest
            .and_then(|rest| rest.split_once('.'))
            .filter(|(place, _)| matches!(*place, "querystring" | "path" | "header"));
        let Some((place, own_name)) = place else {
            return event
                .refuse("the keys of RequestParameters begin with method.request.querystring, .path or .header");
        };
        let known = |settings: &Tree| {
            settings.is_map() && settings.fields().iter().all(|field| matches!(&*field.key, "Required" | "Caching"))
        };
        if settings.is_some_and(|settings| !known(settings)) {
            return event.refuse("what RequestParameters says of a parameter is Required and Caching");
        }
        let setting =
            |key: &str| settings.and_then(|settings| settings.get(key)).cloned().unwrap_or_else(|| at.bool(false));
        let entry = at.map([
            ("in", at.text(if place == "querystring" { "query" } else { place })),
            ("name", at.text(own_name)),
            ("required", setting("Required")),
            ("type", at.text("string")),
        ]);
        found.push((name.to_owned(), entry, setting("Caching").is_truthy()));
    }
    each_definition(body, &route.path, &route.method, |definition| {
        let mut all = definition.get("parameters").map(|found| found.as_list().to_vec()).unwrap_or_default();
        let mut cached = Vec::new();
        for (name, entry, caching) in &found {
            all.push(entry.clone());
            if *caching {
                cached.push(at.text(name.as_str()));
            }
        }
        definition.set("parameters", at.list(all));
        if let Some(integration) = definition.get_mut(INTEGRATION).filter(|_| !cached.is_empty()) {
            let mut keys =
                integration.get("cacheKeyParameters").map(|keys| keys.as_list().to_vec()).unwrap_or_default();
            keys.append(&mut cached);
            integration.set("cacheKeyParameters", at.list(keys));
        }
        Ok(())
    })
}

fn add_request_model(event: &Event, api: &Tree, route: &Route, model: &Tree, body: &mut Tree) -> Outcome<()> {
    let at = event.at;
    let Some(name) = model.truthy("Model") else { return Ok(()) };
    let models = api.truthy("Models").filter(|models| models.is_map());
    let known = name.as_str().filter(|name| models.is_some_and(|models| models.truthy(name).is_some()));
    let Some(name) = known else { return event.refuse("the Model of RequestModel is none that the API defines") };
    let name = name.to_lowercase();
    let version_2 = body.get("swagger").is_some();
    let required = model.get("Required").cloned();
    each_definition(body, &route.path, &route.method, |definition| {
        if version_2 {
            let schema = at.map([("$ref", at.text(format!("#/definitions/{name}")))]);
            let mut parameter = at.map([("in", at.text("body")), ("name", at.text(name.as_str())), ("schema", schema)]);
            parameter.set_some("required", required.clone());
            let mut all = definition.get("parameters").map(|found| found.as_list().to_vec()).unwrap_or_default();
            all.push(parameter);
            definition.set("parameters", at.list(all));
        } else {
            let schema = at.map([("$ref", at.text(format!("#/components/schemas/{name}")))]);
            let content = at.map([("application/json", at.map([("schema", schema)]))]);
            let mut request = at.map([("content", content)]);
            request.set_some("required", required.clone());
            definition.set("requestBody", request);
        }
        Ok(())
    })?;
    let (on_body, on_parameters) = (model.get("ValidateBody"), model.get("ValidateParameters"));
    if on_body.is_none() && on_parameters.is_none() {
        return Ok(());
    }
    let flag = |value: Option<&Tree>| value.map_or(Some(false), Tree::as_bool);
    let (Some(on_body), Some(on_parameters)) = (flag(on_body), flag(on_parameters)) else {
        return event.refuse("ValidateBody and ValidateParameters are true or false");
    };
    let validator = match (on_body, on_parameters) {
        (true, true) => "body-and-params",
        (true, false) => "body-only",
        (false, true) => "params-only",
        (false, false) => "no-validation",
    };
    let definition =
        at.map([("validateRequestBody", at.bool(on_body)), ("validateRequestParameters", at.bool(on_parameters))]);
    if let Some(all) = body.map_at("x-amazon-apigateway-request-validators") {
        all.set(validator, definition);
    }
    each_definition(body, &route.path, &route.method, |definition| {
        definition.set("x-amazon-apigateway-request-validator", at.text(validator));
        Ok(())
    })
}

/// Puts what was made for a route into the definition that the user wrote.
fn merge_definition(body: &mut Tree, made: &Tree, route: &Route) -> Outcome<()> {
    let method = any_method(&route.method);
    let generated = made.at(&["paths", &route.path, &method]).cloned();
    // Into a definition that has no paths SAM merges nothing.
    if body.truthy("paths").is_none() {
        return Ok(());
    }
    let Some(paths) = body.map_at("paths") else { return Ok(()) };
    let wrong = |tree: &Tree| Refusal::new(tree.span, format!("{} of {} must be a map", route.method, route.path));
    if !paths.is_map() {
        return Err(wrong(paths));
    }
    let Some(item) = paths.map_at(&route.path) else { return Ok(()) };
    if !item.is_map() {
        return Err(wrong(item));
    }
    let Some(definition) = item.map_at(&route.method) else { return Ok(()) };
    if !definition.is_map() {
        return Err(wrong(definition));
    }
    for field in generated.iter().flat_map(|generated| generated.fields()) {
        definition.set(&field.key, field.value.clone());
    }
    Ok(())
}

fn add_http_route(event: &Event, target: &Target, route: &Route, api: &Tree, body: &mut Tree) -> Outcome<()> {
    let at: At = event.at;
    let managed = api.get("__MANAGE_SWAGGER").is_some_and(Tree::is_truthy);
    let integrated = swagger::has_integration(body, &route.path, &route.method)?;
    if managed && integrated {
        return event.refuse(format!("the method {} of {} is defined twice", route.method, route.path));
    }
    if !integrated {
        let uri = format!(
            "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/{}/invocations",
            target.arn_variable()
        );
        let uri = match target.source.condition() {
            Some(condition) => at.when(condition, at.sub(uri)),
            None => at.sub(uri),
        };
        let integration = at.map([
            ("type", at.text("aws_proxy")),
            ("httpMethod", at.text("POST")),
            ("payloadFormatVersion", at.text("2.0")),
            ("uri", uri),
        ]);
        let condition = target.source.condition();
        swagger::integrate(body, &route.path, &route.method, &integration, &at.empty(), condition)?;
        if open_api::is_default_route(&route.path, &route.method) {
            each_definition(body, &route.path, &route.method, |definition| {
                definition.set("isDefaultRoute", at.bool(true));
                Ok(())
            })?;
        }
    }
    if let Some(auth) = event.truthy("Auth") {
        add_http_auth(event, auth, api, route, body)?;
    }
    for (name, key) in [("TimeoutInMillis", "timeoutInMillis"), ("PayloadFormatVersion", "payloadFormatVersion")] {
        if let Some(value) = event.truthy(name) {
            each_definition(body, &route.path, &route.method, |definition| {
                if let Some(integration) = definition.get_mut(INTEGRATION) {
                    integration.set(key, value.clone());
                }
                Ok(())
            })?;
        }
    }
    open_api::add_path_parameters(body, &route.path, &route.method, at)
}

fn add_http_auth(event: &Event, auth: &Tree, api: &Tree, route: &Route, body: &mut Tree) -> Outcome<()> {
    let at = event.at;
    let api_auth = api.get("Auth").cloned().unwrap_or_else(|| at.empty());
    if !api_auth.is_map() {
        return Err(Refusal::new(api_auth.span, "Auth must be a map"));
    }
    let authorizer = auth.truthy("Authorizer").or_else(|| api_auth.truthy("DefaultAuthorizer"));
    let Some(authorizer) = authorizer else {
        return event.refuse("Auth needs an Authorizer, or a DefaultAuthorizer of the API");
    };
    let authorizers = api_auth.truthy("Authorizers");
    let signed = api_auth.get("EnableIamAuthorizer").and_then(Tree::as_bool) == Some(true);
    let name = authorizer.as_str();
    let own = name.and_then(|name| authorizers.filter(|all| all.is_map()).and_then(|all| all.truthy(name)));
    match name {
        Some("NONE") if api_auth.truthy("DefaultAuthorizer").is_none() => {
            return event.refuse("the Authorizer NONE needs a DefaultAuthorizer of the API");
        }
        Some("NONE") => {}
        Some("AWS_IAM") if signed => {}
        _ if own.is_none() => return event.refuse("the Authorizer is none that the API defines"),
        _ => {}
    }
    let scopes = auth.truthy("AuthorizationScopes");
    if scopes.is_some_and(|scopes| !scopes.is_list()) {
        return event.refuse("AuthorizationScopes must be a list");
    }
    let defined = own.and_then(|own| own.truthy("AuthorizationScopes"));
    let plain = matches!(name, Some("NONE" | "AWS_IAM"));
    let scopes = scopes.or(defined).filter(|_| !plain).cloned().unwrap_or_else(|| at.list([]));
    open_api::add_authorizer(body, &route.path, &route.method, name.unwrap_or_default(), scopes)
}
