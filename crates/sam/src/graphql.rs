//! `AWS::Serverless::GraphQLApi`: an API of AppSync.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-graphqlapi.html>.

use crate::made::{Made, Source};
use crate::role::trust;
use crate::tree::Tree;
use crate::{Outcome, Transform, graphql_shape, schema, shape};

/// The ways to authenticate, with what each is configured by in SAM and in AppSync.
const AUTHORIZERS: [(&str, &str, &str); 3] = [
    ("AWS_LAMBDA", "LambdaAuthorizer", "LambdaAuthorizerConfig"),
    ("OPENID_CONNECT", "OpenIDConnect", "OpenIDConnectConfig"),
    ("AMAZON_COGNITO_USER_POOLS", "UserPool", "UserPoolConfig"),
];

impl Transform<'_> {
    pub(crate) fn graphql_api(&mut self, source: &Source) -> Outcome<Vec<Made>> {
        schema::check("AWS::Serverless::GraphQLApi", schema::GRAPHQL_API, &source.properties)?;
        shape::check(graphql_shape::PROPERTIES, &source.properties)?;
        let at = source.at;
        let Some(auth) = source.get("Auth") else { return Ok(Vec::new()) };
        let mut api = source
            .itself("AWS::AppSync::GraphQLApi")
            .with("Name", source.truthy("Name").cloned().unwrap_or_else(|| at.text(source.id.as_str())));
        for name in [
            "Visibility",
            "OwnerContact",
            "XrayEnabled",
            "IntrospectionConfig",
            "QueryDepthLimit",
            "ResolverCountLimit",
        ] {
            api.properties.set_some(name, source.truthy(name).cloned());
        }
        let functions = add_auth(source, &mut api, auth)?;
        let mut tags = source.get("Tags").cloned().unwrap_or_else(|| at.empty());
        tags.set("graphqlapi:createdBy", at.text("SAM"));
        api.properties.set("Tags", at.list(at.tags(&tags)));
        let role = add_logging(source, &mut api)?;
        let api_id = at.get_att(&source.id, "ApiId");
        let mut made = vec![api, schema_resource(source, &api_id)?];
        for (index, function) in functions.into_iter().enumerate() {
            let id = format!("{}ToLambdaAuthConnector{}", source.id, index + 1);
            let connector = Source { id, attributes: Vec::new(), depends_on: None, ..source.clone() };
            let from = at.map([
                ("Type", at.text("AWS::AppSync::GraphQLApi")),
                ("Arn", at.reference(&source.id)),
                ("ResourceId", api_id.clone()),
            ]);
            let to = at.map([("Type", at.text("AWS::Lambda::Function")), ("Arn", function)]);
            made.extend(self.connect(&connector, &from, &to, &[at.text("Write")], None)?);
        }
        made.extend(role);
        self.graphql_parts(source, &api_id, &mut made)?;
        Ok(made)
    }
}

/// Says who may call the API; gives the functions that decide.
fn add_auth(source: &Source, api: &mut Made, auth: &Tree) -> Outcome<Vec<Tree>> {
    let at = source.at;
    let mut functions = Vec::new();
    let mut default = auth.clone();
    let additional = default.remove("Additional");
    let (kind, config) = authorizer(source, &default, true)?;
    api.properties.set("AuthenticationType", kind);
    if let Some((name, config)) = config {
        functions.extend(config.get("AuthorizerUri").filter(|_| name == "LambdaAuthorizerConfig").cloned());
        api.properties.set(name, config);
    }
    let mut providers = Vec::new();
    for one in additional.iter().filter(|found| found.is_truthy()).flat_map(|found| found.as_list()) {
        let (kind, config) = authorizer(source, one, false)?;
        let mut provider = at.map([("AuthenticationType", kind)]);
        if let Some((name, config)) = config {
            functions.extend(config.get("AuthorizerUri").filter(|_| name == "LambdaAuthorizerConfig").cloned());
            provider.set(name, config);
        }
        providers.push(provider);
    }
    if !providers.is_empty() {
        api.properties.set("AdditionalAuthenticationProviders", at.list(providers));
    }
    Ok(functions)
}

/// The type of an authorizer, and its configuration.
fn authorizer(source: &Source, auth: &Tree, default: bool) -> Outcome<(Tree, Option<(&'static str, Tree)>)> {
    let Some(kind) = auth.get("Type") else { return source.refuse("Auth needs a Type") };
    let text = kind.as_str().unwrap_or_default();
    let known = AUTHORIZERS.iter().find(|(name, ..)| *name == text);
    if auth.fields().len() > 2 {
        return source.refuse("Auth has more than one way to authenticate");
    }
    let Some((_, property, to)) = known else { return Ok((kind.clone(), None)) };
    let Some(config) = auth.get(property) else {
        return source.refuse(format!("the authentication type {text} needs {property}"));
    };
    let mut config = config.clone();
    if !default {
        config.remove("DefaultAction");
    }
    Ok((kind.clone(), Some((to, config))))
}

/// Sets up logging; gives the role that it needs where none is given.
fn add_logging(source: &Source, api: &mut Made) -> Outcome<Option<Made>> {
    let at = source.at;
    let logging = source.get("Logging");
    if logging.and_then(Tree::as_bool) == Some(false) {
        return Ok(None);
    }
    let mut config = at.map([("FieldLogLevel", at.text("ALL"))]);
    let settings = logging.filter(|logging| logging.is_map());
    if let Some(settings) = settings {
        for name in ["CloudWatchLogsRoleArn", "ExcludeVerboseContent", "FieldLogLevel"] {
            config.set_some(name, settings.truthy(name).cloned());
        }
    }
    let mut role = None;
    if config.get("CloudWatchLogsRoleArn").is_none() {
        let arn = at.sub("arn:${AWS::Partition}:iam::aws:policy/service-role/AWSAppSyncPushToCloudWatchLogs");
        let mut made = source.itself("AWS::IAM::Role");
        made.id = format!("{}CloudWatchRole", source.id);
        let made = made
            .with("AssumeRolePolicyDocument", trust(at, "appsync.amazonaws.com"))
            .with("ManagedPolicyArns", at.list([arn]));
        config.set("CloudWatchLogsRoleArn", made.arn());
        role = Some(made);
    }
    api.properties.set("LogConfig", config);
    Ok(role)
}

fn schema_resource(source: &Source, api_id: &Tree) -> Outcome<Made> {
    let (inline, uri) = (source.truthy("SchemaInline"), source.truthy("SchemaUri"));
    match (inline, uri) {
        (None, None) => return source.refuse("SchemaInline or SchemaUri must say what the schema is"),
        (Some(_), Some(_)) => return source.refuse("SchemaInline and SchemaUri cannot be set together"),
        _ => {}
    }
    let mut made = source.itself("AWS::AppSync::GraphQLSchema");
    made.id = format!("{}Schema", source.id);
    Ok(made
        .with("ApiId", api_id.clone())
        .with_some("Definition", inline.cloned())
        .with_some("DefinitionS3Location", uri.cloned()))
}
