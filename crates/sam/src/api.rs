//! `AWS::Serverless::Api`: a REST API with its deployment and stage.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html>.

use crate::made::{Made, Source, propagate_tags};
use crate::state_machine::s3_location;
use crate::swagger::{self, Cors};
use crate::tree::{At, Field, Tree};
use crate::{Outcome, Refusal, Transform, hash, hex, is_alphanumeric, schema};

const AUTH: [&str; 8] = [
    "AddApiKeyRequiredToCorsPreflight",
    "AddDefaultAuthorizerToCorsPreflight",
    "ApiKeyRequired",
    "Authorizers",
    "DefaultAuthorizer",
    "InvokeRole",
    "ResourcePolicy",
    "UsagePlan",
];
const CORS: [&str; 5] = ["AllowCredentials", "AllowHeaders", "AllowMethods", "AllowOrigin", "MaxAge"];
const RESPONSES: [(&str, &str); 3] = [("Headers", "header."), ("Paths", "path."), ("QueryStrings", "querystring.")];

impl Transform<'_> {
    pub(crate) fn rest_api(&mut self, mut source: Source) -> Outcome<Vec<Made>> {
        schema::check("AWS::Serverless::Api", schema::API, &source.properties)?;
        for name in ["BinaryMediaTypes", "Domain", "Auth"] {
            if let Some(value) = source.get(name).map(|value| self.resolved(value)) {
                source.properties.set(name, value);
            }
        }
        check(&source)?;
        let mut body = source.truthy("DefinitionBody").cloned();
        self.add_cors(&source, body.as_mut())?;
        let auth = source.truthy("Auth").cloned();
        if let Some(auth) = &auth {
            self.add_api_auth(&source, auth, body.as_mut())?;
        }
        add_gateway_responses(&source, body.as_mut())?;
        add_models(&source, body.as_mut())?;
        if let (Some(types), Some(body)) = (source.truthy("BinaryMediaTypes"), &mut body) {
            swagger::check(body)?;
            body.set("x-amazon-apigateway-binary-media-types", with_slashes(types));
        }
        if let Some(disabled) = source.get("DisableExecuteApiEndpoint") {
            match &mut body {
                Some(body) => {
                    swagger::check(body)?;
                    swagger::disable_endpoint(body, disabled)?;
                }
                None => return source.refuse("DisableExecuteApiEndpoint needs a DefinitionBody"),
            }
        }
        if let Some(body) = &mut body {
            swagger::to_version_3(body, source.get("OpenApiVersion").and_then(Tree::text))?;
        }
        let api = self.api_resource(&source, body)?;
        let mut made = self.stage(&source, &api);
        made.insert(0, api);
        self.rest_domain(&source, &mut made)?;
        if let Some(auth) = &auth {
            for authorizer in self.rest_authorizers(&source, auth)? {
                if let Some(function) = authorizer.function {
                    let id = format!("{}{}AuthorizerPermission", source.id, authorizer.name);
                    made.push(self.authorizer_permission(&source, id, function, self.partition()));
                }
            }
            self.usage_plan(&source, auth, &mut made)?;
        }
        propagate_tags(&source, &mut made);
        Ok(made)
    }

    fn api_resource(&self, source: &Source, body: Option<Tree>) -> Outcome<Made> {
        let at = source.at;
        let mut api = source
            .itself("AWS::ApiGateway::RestApi")
            .with_all(&source.properties, &["BinaryMediaTypes", "MinimumCompressionSize"]);
        let old = ["aws-us-gov", "aws-cn", "aws-eusc"];
        let regional = self.partition().starts_with("aws-iso") || old.contains(&self.partition());
        match source.truthy("EndpointConfiguration") {
            Some(configuration) => set_endpoint(source, &mut api, configuration)?,
            None if regional => set_endpoint(source, &mut api, &at.text("REGIONAL"))?,
            None => {}
        }
        match (source.truthy("DefinitionUri"), body) {
            (Some(uri), _) => api.properties.set("BodyS3Location", s3_location(source, uri, "DefinitionUri")?),
            (None, Some(body)) => api.properties.set("Body", body),
            (None, None) => {}
        }
        for name in [
            "FailOnWarnings",
            "Name",
            "Description",
            "Mode",
            "ApiKeySourceType",
            "Policy",
            "SecurityPolicy",
            "EndpointAccessMode",
        ] {
            api.properties.set_some(name, source.truthy(name).cloned());
        }
        Ok(api)
    }

    /// The deployment of an API and its stage.
    fn stage(&mut self, source: &Source, api: &Made) -> Vec<Made> {
        let at = source.at;
        let content = api.properties.get("Body").or_else(|| api.properties.get("BodyS3Location"));
        let mut deployment = source
            .beside(format!("{}Deployment", source.id), "AWS::ApiGateway::Deployment")
            .with("RestApiId", api.reference());
        let version = source.get("OpenApiVersion").filter(|version| version.is_truthy());
        if version.is_none() {
            deployment.properties.set("StageName", at.text("Stage"));
        }
        if let Some(content) = content {
            // A deployment is a picture of its definition: another definition needs another deployment.
            let mut text = content.canonical();
            for part in [version, source.get("Domain")].into_iter().flatten() {
                text.push_str("||");
                text.push_str(&part.canonical());
            }
            deployment.id.push_str(&hash(&text));
            let digest = hex(&text);
            deployment.properties.set("Description", at.text(format!("RestApi deployment id: {digest}")));
        }
        let name = source.get("StageName").and_then(Tree::as_str).unwrap_or_default();
        let suffix = if name.is_empty() || is_alphanumeric(name) { name.to_owned() } else { String::new() };
        let digits = if suffix.is_empty() && !name.is_empty() { hash(name) } else { String::new() };
        let id = format!("{}{suffix}Stage{digits}", source.id);
        let mut stage = source
            .beside(id.clone(), "AWS::ApiGateway::Stage")
            .with("RestApiId", api.reference())
            .with("DeploymentId", deployment.reference())
            .with_all(
                &source.properties,
                &[
                    "StageName",
                    "CacheClusterEnabled",
                    "CacheClusterSize",
                    "Variables",
                    "MethodSettings",
                    "AccessLogSetting",
                    "CanarySetting",
                    "TracingEnabled",
                ],
            );
        if let Some(tags) = source.get("Tags") {
            stage.properties.set("Tags", at.list(at.tags(tags)));
        }
        self.refer(&source.id, "Stage", &id);
        self.refer(&source.id, "Deployment", &deployment.id);
        vec![deployment, stage]
    }

    fn add_cors(&self, source: &Source, body: Option<&mut Tree>) -> Outcome<()> {
        let Some(cors) = source.truthy("Cors") else { return Ok(()) };
        let at = source.at;
        let Some(body) = body else { return source.refuse("Cors needs a DefinitionBody") };
        let mut allowed =
            Cors { at, origin: at.text("'*'"), headers: None, methods: None, max_age: None, credentials: false };
        if cors.as_str().is_some() || cors.is_intrinsic() {
            allowed.origin = cors.clone();
        } else {
            if let Some(field) = cors.fields().iter().find(|field| !CORS.contains(&&*field.key)) {
                return Err(Refusal::new(field.key_span, format!("Cors has no property {}", field.key)));
            }
            if let Some(origin) = cors.get("AllowOrigin") {
                allowed.origin = origin.clone();
            }
            allowed.headers = cors.truthy("AllowHeaders").cloned();
            allowed.methods = cors.truthy("AllowMethods").cloned();
            allowed.max_age = cors.get("MaxAge").cloned();
            allowed.credentials = cors.get("AllowCredentials").and_then(Tree::as_bool) == Some(true);
        }
        if !allowed.origin.is_truthy() {
            return source.refuse("AllowOrigin of Cors is empty");
        }
        if allowed.credentials && allowed.origin.as_str() == Some("'*'") {
            return source.refuse("AllowCredentials cannot be true where AllowOrigin is '*'");
        }
        swagger::check(body)?;
        let mut done: Vec<String> = Vec::new();
        for path in swagger::paths(body) {
            let normal = if path == "/" { path.clone() } else { path.trim_end_matches('/').to_owned() };
            if !done.contains(&normal) {
                swagger::add_cors(body, &path, &allowed)?;
                done.push(normal);
            }
        }
        Ok(())
    }

    fn add_api_auth(&self, source: &Source, auth: &Tree, body: Option<&mut Tree>) -> Outcome<()> {
        let at = source.at;
        let Some(body) = body else { return source.refuse("Auth needs a DefinitionBody") };
        if !auth.is_map() {
            return Err(Refusal::new(auth.span, "Auth must be a map"));
        }
        if let Some(field) = auth.fields().iter().find(|field| !AUTH.contains(&&*field.key)) {
            return Err(Refusal::new(field.key_span, format!("Auth has no property {}", field.key)));
        }
        swagger::check(body)?;
        let on = |name: &str, default: bool| auth.get(name).map_or(default, Tree::is_truthy);
        let authorizers = self.rest_authorizers(source, auth)?;
        if !authorizers.is_empty() {
            if let Some(definitions) = swagger::security_definitions(body)? {
                for authorizer in &authorizers {
                    definitions.set(&authorizer.name, authorizer.scheme.clone());
                }
            }
            if let Some(default) = auth.truthy("DefaultAuthorizer") {
                let Some(name) = default.as_str() else { return source.refuse("DefaultAuthorizer must be text") };
                let Some(found) = authorizers.iter().find(|authorizer| authorizer.name == name) else {
                    return source.refuse(format!("the DefaultAuthorizer {name} is none of Authorizers"));
                };
                let known: Vec<String> = authorizers.iter().map(|authorizer| authorizer.name.clone()).collect();
                let preflight = on("AddDefaultAuthorizerToCorsPreflight", true);
                for path in swagger::paths(body) {
                    swagger::set_default_authorizer(body, &path, name, &known, &found.scopes, preflight)?;
                }
            }
        }
        if on("ApiKeyRequired", false) {
            swagger::define_api_key(body, at)?;
            let preflight = on("AddApiKeyRequiredToCorsPreflight", true);
            for path in swagger::paths(body) {
                swagger::set_default_api_key(body, &path, preflight, at)?;
            }
        }
        if let Some(policy) = auth.truthy("ResourcePolicy") {
            if !policy.is_map() {
                return Err(Refusal::new(policy.span, "ResourcePolicy must be a map"));
            }
            let stage = source.get("StageName").cloned().unwrap_or_else(|| at.text(""));
            for path in swagger::paths(body) {
                swagger::add_resource_policy(body, policy, &path, &stage)?;
            }
            if let Some(statements) = policy.truthy("CustomStatements") {
                swagger::add_custom_statements(body, statements);
            }
        }
        Ok(())
    }
}

fn check(source: &Source) -> Outcome<()> {
    if let Some(stage) = source.get("StageName").filter(|stage| stage.as_str() == Some("")) {
        return Err(Refusal::new(stage.span, format!("the stage of {} has an empty name", source.id)));
    }
    let uri = source.truthy("DefinitionUri");
    if uri.is_some() && source.truthy("DefinitionBody").is_some() {
        return source.refuse("DefinitionUri and DefinitionBody cannot be set together");
    }
    if uri.is_some() && source.truthy("MergeDefinitions").is_some() {
        return source.refuse("MergeDefinitions needs a DefinitionBody");
    }
    if let Some(version) = source.truthy("OpenApiVersion") {
        let text = version.text().unwrap_or_default();
        let known = swagger::is_version_3(text) || swagger::is_version_3(&text.replacen('2', "3", 1));
        if !known {
            return source.refuse("OpenApiVersion is a version such as 3.0.1");
        }
    }
    Ok(())
}

fn set_endpoint(source: &Source, api: &mut Made, configuration: &Tree) -> Outcome<()> {
    let at = source.at;
    let kind = configuration.truthy("Type").unwrap_or(configuration);
    let mut endpoint = at.map([("Types", at.list([kind.clone()]))]);
    api.properties.set("Parameters", at.map([("endpointConfigurationTypes", kind.clone())]));
    if configuration.truthy("Type").is_some() {
        let (old, new) = (configuration.get("VPCEndpointIds"), configuration.get("VpcEndpointIds"));
        if old.is_some() && new.is_some() {
            return source.refuse("VPCEndpointIds and VpcEndpointIds cannot be set together");
        }
        endpoint.set_some("VpcEndpointIds", old.or(new).cloned());
        endpoint.set_some("IpAddressType", configuration.get("IpAddressType").cloned());
    }
    api.properties.set("EndpointConfiguration", endpoint);
    Ok(())
}

fn add_gateway_responses(source: &Source, body: Option<&mut Tree>) -> Outcome<()> {
    let Some(responses) = source.truthy("GatewayResponses") else { return Ok(()) };
    let Some(body) = body else { return source.refuse("GatewayResponses needs a DefinitionBody") };
    let mut all = Vec::new();
    for field in responses.fields() {
        all.push((field.key.to_string(), gateway_response(field)?));
    }
    swagger::check(body)?;
    if let Some(there) = body.map_at("x-amazon-apigateway-gateway-responses") {
        for (name, response) in all {
            there.set(&name, response);
        }
    }
    Ok(())
}

fn gateway_response(field: &Field) -> Outcome<Tree> {
    let at = At(field.key_span);
    let response = &field.value;
    let refuse =
        |span, message: String| Err(Refusal::new(span, format!("the gateway response {}: {message}", field.key)));
    if !response.is_map() || response.is_intrinsic() {
        return refuse(response.span, "it must be a map, and no function".to_owned());
    }
    let known = ["ResponseParameters", "ResponseTemplates", "StatusCode"];
    if let Some(wrong) = response.fields().iter().find(|field| !known.contains(&&*field.key)) {
        return refuse(wrong.key_span, format!("it has no property {}", wrong.key));
    }
    let mut parameters = at.empty();
    if let Some(written) = response.truthy("ResponseParameters") {
        if !written.is_map() {
            return refuse(written.span, "ResponseParameters must be a map".to_owned());
        }
        for part in written.fields() {
            let Some((_, prefix)) = RESPONSES.iter().find(|(name, _)| *name == &*part.key) else {
                return refuse(part.key_span, format!("ResponseParameters has no property {}", part.key));
            };
            if !part.value.is_map() {
                return refuse(part.value.span, format!("{} must be a map", part.key));
            }
            for entry in part.value.fields() {
                parameters.set(&format!("gatewayresponse.{prefix}{}", entry.key), entry.value.clone());
            }
        }
    }
    let mut made = at.map([
        ("responseParameters", parameters),
        ("responseTemplates", response.get("ResponseTemplates").cloned().unwrap_or_else(|| at.empty())),
    ]);
    if let Some(code) = response.get("StatusCode") {
        let text = code.text().unwrap_or_default();
        if text.is_empty() || text.len() > 3 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return refuse(code.span, "StatusCode must be a number".to_owned());
        }
        made.set("statusCode", At(code.span).text(text));
    }
    Ok(made)
}

fn add_models(source: &Source, body: Option<&mut Tree>) -> Outcome<()> {
    let Some(models) = source.truthy("Models") else { return Ok(()) };
    let Some(body) = body else { return source.refuse("Models needs a DefinitionBody") };
    swagger::check(body)?;
    for field in models.fields() {
        if !field.value.is_map() {
            return Err(Refusal::new(field.value.span, format!("the model {} must be a map", field.key)));
        }
        if field.value.truthy("type").is_none() {
            return Err(Refusal::new(field.key_span, format!("the model {} needs a `type`", field.key)));
        }
        if let Some(definitions) = body.map_at("definitions") {
            definitions.set(&field.key.to_lowercase(), field.value.clone());
        }
    }
    Ok(())
}

/// `~1` stands for a slash in media types.
fn with_slashes(types: &Tree) -> Tree {
    let mut types = types.clone();
    types.visit_mut(&mut |part| {
        if let Some(text) = part.as_str().filter(|text| text.contains("~1")) {
            *part = At(part.span).text(text.replace("~1", "/"));
        }
    });
    types
}
