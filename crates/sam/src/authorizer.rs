//! Who may call an API: the authorizers of REST APIs and of HTTP APIs, as their definitions have them.
//!
//! Sources: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html>,
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-httpapi-httpapiauth.html>.

use crate::made::{Made, Source};
use crate::tree::{At, Field, Tree};
use crate::{Outcome, Refusal, Transform};

const KEY: &str = "x-amazon-apigateway-authorizer";
/// Where the identity of a caller stands, and how definitions of REST APIs and of HTTP APIs say so.
const IDENTITY: [(&str, &str, &str); 4] = [
    ("Headers", "method.request.header.", "$request.header."),
    ("QueryStrings", "method.request.querystring.", "$request.querystring."),
    ("StageVariables", "stageVariables.", "$stageVariables."),
    ("Context", "context.", "$context."),
];

/// An authorizer.
#[derive(Clone, Debug)]
pub(crate) struct Authorizer {
    pub(crate) name: String,
    /// What the definition says of it.
    pub(crate) scheme: Tree,
    /// The scopes that callers need.
    pub(crate) scopes: Tree,
    /// The function that decides, where the API may call it by a permission that is made for it.
    pub(crate) function: Option<Tree>,
}

/// The authorizer of requests that are signed with the keys of AWS.
fn signed(at: At) -> Authorizer {
    let scheme = at.map([
        ("type", at.text("apiKey")),
        ("name", at.text("Authorization")),
        ("in", at.text("header")),
        ("x-amazon-apigateway-authtype", at.text("awsSigv4")),
    ]);
    Authorizer { name: "AWS_IAM".to_owned(), scheme, scopes: at.list([]), function: None }
}

impl Transform<'_> {
    /// The authorizers of a REST API.
    pub(crate) fn rest_authorizers(&self, source: &Source, auth: &Tree) -> Outcome<Vec<Authorizer>> {
        let mut all = Vec::new();
        if auth.get("DefaultAuthorizer").and_then(Tree::as_str) == Some("AWS_IAM") {
            all.push(signed(source.at));
        }
        for field in authorizers(auth)? {
            all.push(self.rest_authorizer(field)?);
        }
        Ok(all)
    }

    fn rest_authorizer(&self, field: &Field) -> Outcome<Authorizer> {
        let at = At(field.key_span);
        let config = &field.value;
        let refuse =
            |message: String| Err(Refusal::new(field.key_span, format!("the authorizer {}: {message}", field.key)));
        let payload = match config.get("FunctionPayloadType").map(|payload| payload.as_str()) {
            None | Some(Some("TOKEN")) => "token",
            Some(Some("REQUEST")) => "request",
            Some(_) => return refuse("FunctionPayloadType is TOKEN or REQUEST".to_owned()),
        };
        let identity = config.truthy("Identity");
        if identity.is_some_and(|identity| !identity.is_map()) {
            return refuse("Identity must be a map".to_owned());
        }
        let scopes = config.get("AuthorizationScopes").cloned().unwrap_or_else(|| at.list([]));
        if !scopes.is_list() {
            return refuse("AuthorizationScopes must be a list".to_owned());
        }
        let silent = config.get("DisableFunctionDefaultPermissions");
        if silent.is_some_and(|silent| silent.as_bool().is_none()) {
            return refuse("DisableFunctionDefaultPermissions is true or false".to_owned());
        }
        let pools = config.truthy("UserPoolArn");
        let request = pools.is_none() && payload == "request";
        if payload == "request" && lacks_identity(identity) {
            return refuse("Identity needs Headers, QueryStrings, StageVariables or Context".to_owned());
        }
        let header = identity.and_then(|identity| identity.truthy("Header")).cloned();
        let header = if request { at.text("Unused") } else { header.unwrap_or_else(|| at.text("Authorization")) };
        let mut inner = match pools {
            Some(pools) => {
                at.map([("type", at.text("cognito_user_pools")), ("providerARNs", at.list(pools.as_list().to_vec()))])
            }
            None => self.lambda_authorizer(at, config, identity, payload)?,
        };
        if !request {
            let expression = identity.and_then(|identity| identity.truthy("ValidationExpression"));
            inner.set_some("identityValidationExpression", expression.cloned());
        }
        let kind = if pools.is_some() { "cognito_user_pools" } else { "custom" };
        let scheme = at.map([
            ("type", at.text("apiKey")),
            ("name", header),
            ("in", at.text("header")),
            ("x-amazon-apigateway-authtype", at.text(kind)),
            (KEY, inner),
        ]);
        let called = silent.and_then(Tree::as_bool) != Some(true);
        let function = config.truthy("FunctionArn").filter(|_| called).cloned();
        Ok(Authorizer { name: field.key.to_string(), scheme, scopes, function })
    }

    fn lambda_authorizer(&self, at: At, config: &Tree, identity: Option<&Tree>, payload: &str) -> Outcome<Tree> {
        let mut inner = at.map([("type", at.text(payload)), ("authorizerUri", self.authorizer_uri(at, config))]);
        let every = identity.and_then(|identity| identity.get("ReauthorizeEvery"));
        inner.set_some("authorizerResultTtlInSeconds", every.cloned());
        inner.set_some("authorizerCredentials", invoke_role(config));
        if payload == "request" {
            let sources = identity_sources(identity, |(_, rest, _)| rest)?;
            if !sources.is_empty() {
                inner.set("identitySource", at.text(sources.join(", ")));
            }
        }
        Ok(inner)
    }

    fn authorizer_uri(&self, at: At, config: &Tree) -> Tree {
        let text = format!(
            "arn:{}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{__FunctionArn__}}/invocations",
            self.partition()
        );
        let function = config.get("FunctionArn").cloned().unwrap_or_else(|| at.text(""));
        at.sub_with(text, [("__FunctionArn__", function)])
    }

    /// The authorizers of an HTTP API.
    pub(crate) fn http_authorizers(&self, source: &Source, auth: &Tree) -> Outcome<Vec<Authorizer>> {
        let mut all = Vec::new();
        if auth.get("EnableIamAuthorizer").and_then(Tree::as_bool) == Some(true) {
            all.push(signed(source.at));
        }
        for field in authorizers(auth)? {
            all.push(self.http_authorizer(field)?);
        }
        Ok(all)
    }

    fn http_authorizer(&self, field: &Field) -> Outcome<Authorizer> {
        let at = At(field.key_span);
        let config = &field.value;
        let refuse =
            |message: &str| Err(Refusal::new(field.key_span, format!("the authorizer {}: {message}", field.key)));
        if config.has("OpenIdConnectUrl") {
            return refuse("OpenIdConnectUrl is no longer supported; use JwtConfiguration");
        }
        let scopes = config.get("AuthorizationScopes");
        if scopes.is_some_and(|scopes| !scopes.is_list()) {
            return refuse("AuthorizationScopes must be a list");
        }
        let token = config.truthy("JwtConfiguration");
        if token.is_some_and(|token| !token.is_map()) {
            return refuse("JwtConfiguration must be a map");
        }
        let of_token = ["AuthorizationScopes", "JwtConfiguration", "IdentitySource"];
        let of_function = [
            "FunctionArn",
            "FunctionInvokeRole",
            "Identity",
            "AuthorizerPayloadFormatVersion",
            "EnableSimpleResponses",
            "EnableFunctionDefaultPermissions",
        ];
        let foreign: &[&str] = if token.is_some() { &of_function } else { &of_token };
        if let Some(name) = foreign.iter().find(|name| config.get(name).is_some()) {
            return refuse(&format!("{name} belongs to an authorizer of another sort"));
        }
        let permitted = config.get("EnableFunctionDefaultPermissions");
        if permitted.is_some_and(|permitted| permitted.as_bool().is_none()) {
            return refuse("EnableFunctionDefaultPermissions is true or false");
        }
        let scheme = match token {
            Some(token) => {
                let Some(identity) = config.truthy("IdentitySource") else {
                    return refuse("it needs an IdentitySource");
                };
                let mut jwt = at.empty();
                for field in token.fields() {
                    jwt.set(&field.key.to_lowercase(), field.value.clone());
                }
                let inner =
                    at.map([("jwtConfiguration", jwt), ("identitySource", identity.clone()), ("type", at.text("jwt"))]);
                at.map([("type", at.text("oauth2")), (KEY, inner)])
            }
            None => {
                if config.truthy("FunctionArn").is_none() {
                    return refuse("it needs a FunctionArn");
                }
                if config.truthy("AuthorizerPayloadFormatVersion").is_none() {
                    return refuse("it needs an AuthorizerPayloadFormatVersion");
                }
                self.http_lambda_authorizer(at, config)?
            }
        };
        let permitted = permitted.and_then(Tree::as_bool) == Some(true);
        let function = config.truthy("FunctionArn").filter(|_| permitted).cloned();
        let scopes = scopes.cloned().unwrap_or_else(|| at.list([]));
        Ok(Authorizer { name: field.key.to_string(), scheme, scopes, function })
    }

    fn http_lambda_authorizer(&self, at: At, config: &Tree) -> Outcome<Tree> {
        let mut inner = at.map([("type", at.text("request")), ("authorizerUri", self.authorizer_uri(at, config))]);
        inner.set_some("authorizerCredentials", invoke_role(config));
        if let Some(identity) = config.truthy("Identity") {
            if !identity.is_map() {
                return Err(Refusal::new(identity.span, "Identity must be a map"));
            }
            inner.set_some("authorizerResultTtlInSeconds", identity.get("ReauthorizeEvery").cloned());
            let sources = identity_sources(Some(identity), |(_, _, http)| http)?;
            inner.set("identitySource", at.texts(sources.iter().map(String::as_str)));
        }
        inner.set_some("authorizerPayloadFormatVersion", config.get("AuthorizerPayloadFormatVersion").cloned());
        inner.set_some("enableSimpleResponses", config.truthy("EnableSimpleResponses").cloned());
        Ok(at.map([("type", at.text("apiKey")), ("name", at.text("Unused")), ("in", at.text("header")), (KEY, inner)]))
    }

    /// The permission for an API to call the function of an authorizer.
    pub(crate) fn authorizer_permission(&self, source: &Source, id: String, function: Tree, partition: &str) -> Made {
        let at = source.at;
        let text =
            format!("arn:{partition}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{__ApiId__}}/authorizers/*");
        source
            .beside(id, "AWS::Lambda::Permission")
            .with("Action", at.text("lambda:InvokeFunction"))
            .with("FunctionName", function)
            .with("Principal", at.text("apigateway.amazonaws.com"))
            .with("SourceArn", at.sub_with(text, [("__ApiId__", at.reference(&source.id))]))
    }
}

/// The authorizers that are written, each a map.
fn authorizers(auth: &Tree) -> Outcome<&[Field]> {
    let Some(all) = auth.truthy("Authorizers") else { return Ok(&[]) };
    if !all.is_map() {
        return Err(Refusal::new(all.span, "Authorizers must be a map"));
    }
    match all.fields().iter().find(|field| !field.value.is_map()) {
        Some(field) => Err(Refusal::new(field.value.span, format!("the authorizer {} must be a map", field.key))),
        None => Ok(all.fields()),
    }
}

fn invoke_role(config: &Tree) -> Option<Tree> {
    config.truthy("FunctionInvokeRole").filter(|role| role.as_str() != Some("NONE")).cloned()
}

/// Whether requests name no caller, and that matters since answers are kept.
fn lacks_identity(identity: Option<&Tree>) -> bool {
    let Some(identity) = identity else { return true };
    let lacks = IDENTITY.iter().all(|(name, ..)| identity.truthy(name).is_none());
    let every = identity.get("ReauthorizeEvery").and_then(Tree::text).and_then(|text| text.parse::<i64>().ok());
    lacks && every.is_none_or(|every| every > 0)
}

fn identity_sources(
    identity: Option<&Tree>,
    prefix: fn((&'static str, &'static str, &'static str)) -> &'static str,
) -> Outcome<Vec<String>> {
    let mut sources = Vec::new();
    for kind in IDENTITY {
        let Some(names) = identity.and_then(|identity| identity.truthy(kind.0)) else { continue };
        let Some(items) = names.items() else {
            return Err(Refusal::new(names.span, format!("{} must be a list", kind.0)));
        };
        for item in items {
            match item.as_str() {
                Some(text) => sources.push(format!("{}{text}", prefix(kind))),
                None => return Err(Refusal::new(item.span, format!("{} is a list of texts", kind.0))),
            }
        }
    }
    Ok(sources)
}
