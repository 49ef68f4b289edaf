//! `AWS::Serverless::HttpApi`.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-httpapi.html>.

use crate::made::{Made, Source, assign_tags};
use crate::open_api::{self, DEFAULT_PATH};
use crate::state_machine::s3_location;
use crate::swagger;
use crate::tree::{Kind, Tree};
use crate::{Outcome, Refusal, Transform, hash, is_alphanumeric, schema};

const AUTH: [&str; 3] = ["Authorizers", "DefaultAuthorizer", "EnableIamAuthorizer"];
/// The properties of CORS, and how a definition writes them.
const CORS: [(&str, &str); 6] = [
    ("AllowOrigins", "allowOrigins"),
    ("AllowHeaders", "allowHeaders"),
    ("AllowMethods", "allowMethods"),
    ("ExposeHeaders", "exposeHeaders"),
    ("MaxAge", "maxAge"),
    ("AllowCredentials", "allowCredentials"),
];
/// The tag of all HTTP APIs that SAM makes.
const TAG: &str = "httpapi:createdBy";

impl Transform<'_> {
    pub(crate) fn http_api(&mut self, mut source: Source) -> Outcome<Vec<Made>> {
        schema::check("AWS::Serverless::HttpApi", schema::HTTP_API, &source.properties)?;
        for name in ["CorsConfiguration", "Domain"] {
            if let Some(value) = source.get(name).map(|value| self.resolved(value)) {
                source.properties.set(name, value);
            }
        }
        let mut body = source.truthy("DefinitionBody").cloned();
        let uri = source.truthy("DefinitionUri");
        if uri.is_some() && body.is_some() {
            return source.refuse("DefinitionUri and DefinitionBody cannot be set together");
        }
        add_cors(&source, body.as_mut())?;
        let auth = source.truthy("Auth").cloned();
        if let Some(auth) = &auth {
            self.add_http_auth(&source, auth, body.as_mut())?;
        }
        let tags = add_tags(&source, body.as_mut())?;
        if let Some(disabled) = source.get("DisableExecuteApiEndpoint") {
            add_endpoint(&source, disabled, body.as_mut())?;
        }
        add_info(&source, body.as_mut())?;
        let mut api = source.itself("AWS::ApiGatewayV2::Api");
        if let Some(fail) = source.truthy("FailOnWarnings") {
            api.properties.set("FailOnWarnings", fail.clone());
            rename_default_path(body.as_mut());
        }
        match (uri, body) {
            (Some(uri), _) => api.properties.set("BodyS3Location", s3_location(&source, uri, "DefinitionUri")?),
            (None, Some(body)) => api.properties.set("Body", body),
            (None, None) => return source.refuse("DefinitionUri or DefinitionBody must say what it does"),
        }
        let mut made = vec![api];
        self.domain_v2(&source, Some(TAG), &mut made)?;
        if let Some(auth) = &auth {
            for authorizer in self.http_authorizers(&source, auth)? {
                if let Some(function) = authorizer.function {
                    let id = format!("{}{}AuthorizerPermission", source.id, authorizer.name);
                    made.push(self.authorizer_permission(&source, id, function, "${AWS::Partition}"));
                }
            }
        }
        let stage = stage(&source);
        self.refer(&source.id, "Stage", &stage.id);
        made.push(stage);
        if source.get("DefinitionBody").is_some()
            && let Some(tags) = tags
        {
            assign_tags(&tags, &mut made);
        }
        Ok(made)
    }

    fn add_http_auth(&self, source: &Source, auth: &Tree, body: Option<&mut Tree>) -> Outcome<()> {
        let Some(body) = body else { return source.refuse("Auth needs a DefinitionBody") };
        if !auth.is_map() {
            return Err(Refusal::new(auth.span, "Auth must be a map"));
        }
        if let Some(field) = auth.fields().iter().find(|field| !AUTH.contains(&&*field.key)) {
            return Err(Refusal::new(field.key_span, format!("Auth has no property {}", field.key)));
        }
        open_api::check(body)?;
        let authorizers = self.http_authorizers(source, auth)?;
        if !authorizers.is_empty()
            && let Some(components) = body.map_at("components")
            && let Some(schemes) = components.map_at("securitySchemes")
        {
            for authorizer in &authorizers {
                schemes.set(&authorizer.name, authorizer.scheme.clone());
            }
        }
        let Some(default) = auth.truthy("DefaultAuthorizer").filter(|default| !default.is_no_value()) else {
            return Ok(());
        };
        let Some(name) = default.as_str() else { return source.refuse("DefaultAuthorizer must be text") };
        let Some(found) = authorizers.iter().find(|authorizer| authorizer.name == name) else {
            return source.refuse(format!("the DefaultAuthorizer {name} is none of Authorizers"));
        };
        open_api::set_default_authorizer(body, name, &found.scopes)
    }
}

fn add_cors(source: &Source, body: Option<&mut Tree>) -> Outcome<()> {
    let Some(cors) = source.truthy("CorsConfiguration") else { return Ok(()) };
    let at = source.at;
    let Some(body) = body else { return source.refuse("CorsConfiguration needs a DefinitionBody") };
    open_api::check(body)?;
    let Some(made) = body.map_at("x-amazon-apigateway-cors") else { return Ok(()) };
    if !made.is_map() {
        return Err(Refusal::new(made.span, "x-amazon-apigateway-cors must be a map"));
    }
    if cors.as_bool().is_some() {
        made.set("allowOrigins", at.texts(["*"]));
        return Ok(());
    }
    if cors.is_intrinsic() {
        // Whatever the function chooses is written as SAM has it.
        let mut cors = cors.clone();
        cors.visit_mut(&mut |part| {
            for field in part.fields_mut().into_iter().flatten() {
                if let Some((_, to)) = CORS.iter().find(|(from, _)| *from == &*field.key) {
                    field.key = (*to).into();
                }
            }
        });
        for field in cors.fields() {
            made.set(&field.key, field.value.clone());
        }
        return Ok(());
    }
    for field in cors.fields() {
        let Some((_, to)) = CORS.iter().find(|(from, _)| *from == &*field.key) else {
            return Err(Refusal::new(field.key_span, format!("CorsConfiguration has no property {}", field.key)));
        };
        let credentials = *to == "allowCredentials";
        if field.value.is_truthy() && (!credentials || field.value.as_bool() == Some(true)) || *to == "maxAge" {
            made.set(to, field.value.clone());
        }
    }
    let everyone = |origins: &Tree| matches!(origins.items(), Some([only]) if only.as_str() == Some("*"));
    let credentials = cors.get("AllowCredentials").and_then(Tree::as_bool) == Some(true);
    if credentials && cors.get("AllowOrigins").is_some_and(everyone) {
        return source.refuse("AllowCredentials cannot be true where AllowOrigins is '*'");
    }
    Ok(())
}

/// Tags the API in its definition; gives the tags for what else takes some.
fn add_tags(source: &Source, body: Option<&mut Tree>) -> Outcome<Option<Tree>> {
    let own = source.truthy("Tags");
    let Some(body) = body else {
        return match own {
            Some(_) => source.refuse("Tags needs a DefinitionBody"),
            None => Ok(None),
        };
    };
    if !open_api::is_valid(body) {
        return match own {
            Some(_) => source.refuse("Tags needs a DefinitionBody in OpenAPI 3"),
            None => Ok(None),
        };
    }
    let mut tags = own.cloned().unwrap_or_else(|| source.at.empty());
    tags.set(TAG, source.at.text("SAM"));
    open_api::add_tags(body, &tags)?;
    Ok(Some(tags))
}

fn add_endpoint(source: &Source, disabled: &Tree, body: Option<&mut Tree>) -> Outcome<()> {
    let Some(body) = body else { return source.refuse("DisableExecuteApiEndpoint needs a DefinitionBody") };
    open_api::check(body)?;
    let at = source.at;
    if body.get("servers").is_none() {
        body.set("servers", at.list([at.empty()]));
    }
    let servers = body.get_mut("servers").and_then(Tree::items_mut);
    servers.into_iter().flatten().try_for_each(|server| swagger::set_endpoint(server, disabled))
}

/// Sets title and description, which the definition must not have already.
fn add_info(source: &Source, mut body: Option<&mut Tree>) -> Outcome<()> {
    for (name, key) in [("Name", "title"), ("Description", "description")] {
        let Some(value) = source.truthy(name) else { continue };
        let Some(body) = body.as_deref_mut() else { return source.refuse(format!("{name} needs a DefinitionBody")) };
        let there = body.get("info").filter(|info| !info.is_map());
        if let Some(info) = there {
            return Err(Refusal::new(info.span, "`info` of a definition must be a map"));
        }
        let there = body.get("info").and_then(|info| info.truthy(key));
        let free = match there {
            Some(title) if key == "title" => title.as_ref_name() == Some("AWS::StackName"),
            None => key == "description",
            Some(_) => false,
        };
        if !free {
            return source.refuse(format!("{name} cannot be set where the DefinitionBody has a {key}"));
        }
        open_api::check(body)?;
        if let Some(info) = body.map_at("info") {
            info.set(key, value.clone());
        }
    }
    Ok(())
}

/// Where warnings count as errors, the default route is written as a path.
fn rename_default_path(body: Option<&mut Tree>) {
    if let Some(Kind::Map(paths)) = body.and_then(|body| body.get_mut("paths")).map(|paths| &mut paths.kind) {
        for field in paths.iter_mut().filter(|field| &*field.key == DEFAULT_PATH) {
            field.key = format!("/{DEFAULT_PATH}").into();
        }
    }
}

fn stage(source: &Source) -> Made {
    let at = source.at;
    let name = source.truthy("StageName").cloned().unwrap_or_else(|| at.text(DEFAULT_PATH));
    let id = match name.as_str() {
        Some(DEFAULT_PATH) => format!("{}ApiGatewayDefaultStage", source.id),
        Some(text) if is_alphanumeric(text) => format!("{}{text}Stage", source.id),
        Some(text) => format!("{}Stage{}", source.id, hash(text)),
        None => format!("{}Stage", source.id),
    };
    source
        .beside(id, "AWS::ApiGatewayV2::Stage")
        .with("ApiId", at.reference(&source.id))
        .with("StageName", name)
        .with("AutoDeploy", at.bool(true))
        .with_all(&source.properties, &["StageVariables", "AccessLogSettings", "DefaultRouteSettings", "RouteSettings"])
}
