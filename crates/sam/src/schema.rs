//! Which properties the resources and events of SAM have.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html>.

use crate::tree::Tree;
use crate::{Outcome, Refusal};
use terravet_diagnostics::did_you_mean_or;

/// What a property may be: a set of the kinds below. A function may stand for any, unless [`LITERAL`] is in the set.
pub(crate) type Kinds = u16;

pub(crate) const TEXT: Kinds = 1;
pub(crate) const MAP: Kinds = 2;
pub(crate) const LIST: Kinds = 4;
pub(crate) const BOOL: Kinds = 8;
pub(crate) const NUMBER: Kinds = 16;
pub(crate) const ANY: Kinds = TEXT | MAP | LIST | BOOL | NUMBER;
/// No function may stand for it.
pub(crate) const LITERAL: Kinds = 32;
/// It must be there.
pub(crate) const NEEDED: Kinds = 64;
/// Each of its entries is a map.
pub(crate) const OF_MAPS: Kinds = 128;

/// Each of its elements is text, and no function.
pub(crate) const OF_TEXTS: Kinds = 256;
/// Each of its elements is text or a map.
pub(crate) const OF_TEXTS_OR_MAPS: Kinds = 512;

/// A property and what it may be.
pub(crate) type Property = (&'static str, Kinds);

/// Checks the properties of a resource or event; `what` names it.
pub(crate) fn check(what: &str, table: &[Property], properties: &Tree) -> Outcome<()> {
    for field in properties.fields() {
        if !table.iter().any(|(name, _)| *name == &*field.key) {
            let help = did_you_mean_or(&field.key, table.iter().map(|(name, _)| *name), "leave it out");
            return Err(Refusal::new(field.key_span, format!("{what} has no property {}", field.key)).with_help(help));
        }
    }
    for (name, kinds) in table {
        match properties.get(name) {
            None if kinds & NEEDED != 0 => {
                return Err(Refusal::new(properties.span, format!("{what} needs the property {name}")));
            }
            None => {}
            Some(value) => check_kind(name, *kinds, value)?,
        }
    }
    Ok(())
}

fn check_kind(name: &str, kinds: Kinds, value: &Tree) -> Outcome<()> {
    // Whatever is a map of one entry may be a function, of this language or of a macro.
    if kinds & LITERAL == 0 && value.fields().len() == 1 {
        return Ok(());
    }
    let kind = if value.is_map() {
        MAP
    } else if value.is_list() {
        LIST
    } else if value.as_bool().is_some() {
        BOOL
    } else if value.is_number() {
        NUMBER
    } else {
        TEXT
    };
    if kinds & kind == 0 {
        let words = [(TEXT, "text"), (MAP, "a map"), (LIST, "a list"), (BOOL, "true or false"), (NUMBER, "a number")];
        let wanted: Vec<&str> = words.iter().filter(|(bit, _)| kinds & bit != 0).map(|(_, word)| *word).collect();
        return Err(Refusal::new(value.span, format!("{name} must be {}", wanted.join(" or "))));
    }
    let elements = value.items().unwrap_or_default();
    let is_text = |item: &&Tree| item.as_str().is_some();
    let wrong = match kinds & (OF_TEXTS | OF_TEXTS_OR_MAPS) {
        0 => None,
        OF_TEXTS => elements.iter().find(|item| !is_text(item)),
        _ => elements.iter().find(|item| !is_text(item) && !item.is_map()),
    };
    if let Some(item) = wrong {
        return Err(Refusal::new(item.span, format!("{name} must be a list of texts")));
    }
    let of_maps = kinds & OF_MAPS != 0 && !value.is_intrinsic();
    match value.fields().iter().find(|field| of_maps && !field.value.is_map()) {
        Some(field) => Err(Refusal::new(field.value.span, format!("{name}.{} must be a map", field.key))),
        None => Ok(()),
    }
}

pub(crate) const FUNCTION: &[Property] = &[
    ("Architectures", ANY),
    ("AssumeRolePolicyDocument", MAP),
    ("AutoPublishAlias", TEXT),
    ("AutoPublishAliasAllProperties", BOOL | LITERAL),
    ("AutoPublishCodeSha256", TEXT),
    ("CapacityProviderConfig", MAP),
    ("CodeSigningConfigArn", ANY),
    ("CodeUri", ANY),
    ("DeadLetterQueue", MAP),
    ("DeploymentPreference", MAP),
    ("Description", ANY),
    ("DurableConfig", MAP),
    ("Environment", MAP | OF_MAPS),
    ("EphemeralStorage", ANY),
    ("EventInvokeConfig", MAP),
    ("Events", MAP | OF_MAPS),
    ("FileSystemConfigs", ANY),
    ("FunctionName", TEXT | MAP),
    ("FunctionScalingConfig", MAP),
    ("FunctionUrlConfig", MAP),
    ("Handler", ANY),
    ("ImageConfig", ANY),
    ("ImageUri", ANY),
    ("InlineCode", ANY),
    ("KmsKeyArn", ANY),
    ("Layers", LIST | OF_TEXTS_OR_MAPS),
    ("LoggingConfig", ANY),
    ("MemorySize", ANY),
    ("PackageType", ANY),
    ("PermissionsBoundary", TEXT),
    ("Policies", TEXT | MAP | LIST),
    ("PropagateTags", BOOL),
    ("ProvisionedConcurrencyConfig", ANY),
    ("PublishToLatestPublished", ANY),
    ("RecursiveLoop", ANY),
    ("ReservedConcurrentExecutions", ANY),
    ("Role", TEXT),
    ("RolePath", ANY),
    ("Runtime", ANY),
    ("RuntimeManagementConfig", ANY),
    ("SnapStart", MAP),
    ("SourceKMSKeyArn", ANY),
    ("Tags", MAP),
    ("TenancyConfig", ANY),
    ("Timeout", ANY),
    ("Tracing", TEXT | MAP),
    ("VersionDeletionPolicy", TEXT),
    ("VersionDescription", ANY),
    ("VpcConfig", ANY),
];

pub(crate) const API: &[Property] = &[
    ("__MANAGE_SWAGGER", BOOL),
    ("AccessLogSetting", MAP),
    ("AlwaysDeploy", BOOL | LITERAL),
    ("ApiKeySourceType", TEXT),
    ("Auth", MAP),
    ("BinaryMediaTypes", LIST),
    ("CacheClusterEnabled", BOOL),
    ("CacheClusterSize", TEXT),
    ("CanarySetting", MAP),
    ("Cors", TEXT | MAP),
    ("DefinitionBody", MAP),
    ("DefinitionUri", TEXT | MAP),
    ("Description", TEXT),
    ("DisableExecuteApiEndpoint", BOOL),
    ("Domain", MAP),
    ("EndpointAccessMode", TEXT),
    ("EndpointConfiguration", TEXT | MAP),
    ("FailOnWarnings", BOOL),
    ("GatewayResponses", MAP),
    ("MergeDefinitions", BOOL | LITERAL),
    ("MethodSettings", LIST),
    ("MinimumCompressionSize", NUMBER),
    ("Mode", TEXT),
    ("Models", MAP),
    ("Name", TEXT | MAP),
    ("OpenApiVersion", TEXT),
    ("Policy", TEXT | MAP),
    ("PropagateTags", BOOL),
    ("SecurityPolicy", TEXT),
    ("StageName", TEXT | MAP | NEEDED),
    ("Tags", MAP),
    ("TracingEnabled", BOOL),
    ("Variables", MAP),
];

pub(crate) const HTTP_API: &[Property] = &[
    ("__MANAGE_SWAGGER", BOOL),
    ("AccessLogSettings", MAP),
    ("Auth", MAP),
    ("CorsConfiguration", BOOL | MAP),
    ("DefaultRouteSettings", MAP),
    ("DefinitionBody", MAP),
    ("DefinitionUri", TEXT | MAP),
    ("Description", TEXT),
    ("DisableExecuteApiEndpoint", BOOL),
    ("Domain", MAP),
    ("FailOnWarnings", BOOL),
    ("Name", ANY),
    ("PropagateTags", BOOL),
    ("RouteSettings", MAP),
    ("StageName", TEXT | MAP),
    ("StageVariables", MAP),
    ("Tags", MAP),
];

pub(crate) const WEB_SOCKET_API: &[Property] = &[
    ("AccessLogSettings", MAP),
    ("ApiKeySelectionExpression", TEXT),
    ("Auth", MAP),
    ("DefaultRouteSettings", MAP),
    ("Description", TEXT),
    ("DisableExecuteApiEndpoint", BOOL),
    ("DisableSchemaValidation", BOOL),
    ("Domain", MAP),
    ("FailOnWarnings", BOOL),
    ("IpAddressType", TEXT),
    ("Name", TEXT),
    ("PropagateTags", BOOL),
    ("RouteSelectionExpression", TEXT | NEEDED),
    ("RouteSettings", MAP),
    ("Routes", MAP | NEEDED),
    ("StageName", TEXT | MAP),
    ("StageVariables", MAP),
    ("Tags", MAP),
];

pub(crate) const SIMPLE_TABLE: &[Property] = &[
    ("PointInTimeRecoverySpecification", ANY),
    ("PrimaryKey", MAP),
    ("ProvisionedThroughput", MAP),
    ("SSESpecification", MAP),
    ("TableName", TEXT | MAP),
    ("Tags", MAP),
];

pub(crate) const APPLICATION: &[Property] = &[
    ("Location", TEXT | MAP | NEEDED),
    ("NotificationARNs", LIST),
    ("Parameters", MAP),
    ("Tags", MAP),
    ("TemplateUrl", TEXT),
    ("TimeoutInMinutes", NUMBER),
];

pub(crate) const LAYER_VERSION: &[Property] = &[
    ("CompatibleArchitectures", LIST),
    ("CompatibleRuntimes", LIST),
    ("ContentUri", TEXT | MAP | NEEDED),
    ("Description", TEXT),
    ("LayerName", TEXT | MAP),
    ("LicenseInfo", TEXT),
    ("PublishLambdaVersion", BOOL),
    ("RetentionPolicy", TEXT),
];

pub(crate) const STATE_MACHINE: &[Property] = &[
    ("AutoPublishAlias", ANY),
    ("Definition", MAP),
    ("DefinitionSubstitutions", MAP),
    ("DefinitionUri", TEXT | MAP),
    ("DeploymentPreference", ANY),
    ("Events", MAP | OF_MAPS),
    ("Logging", MAP),
    ("Name", TEXT),
    ("PermissionsBoundary", TEXT),
    ("Policies", TEXT | LIST),
    ("PropagateTags", BOOL),
    ("Role", TEXT),
    ("RolePath", ANY),
    ("Tags", MAP),
    ("Tracing", MAP),
    ("Type", TEXT),
    ("UseAliasAsEventTarget", BOOL | LITERAL),
];

pub(crate) const CONNECTOR: &[Property] =
    &[("Destination", MAP | LIST | NEEDED), ("Permissions", LIST | NEEDED), ("Source", MAP | NEEDED)];

pub(crate) const CAPACITY_PROVIDER: &[Property] = &[
    ("CapacityProviderName", TEXT | MAP),
    ("InstanceRequirements", MAP | LITERAL),
    ("KmsKeyArn", TEXT | MAP),
    ("LoggingConfig", MAP),
    ("ManagedResourceTags", MAP | LITERAL),
    ("OperatorRole", TEXT | MAP),
    ("PropagateTags", BOOL | LITERAL),
    ("ScalingConfig", MAP | LITERAL),
    ("Tags", MAP | LITERAL),
    ("VpcConfig", MAP | NEEDED | LITERAL),
];

pub(crate) const MICROVM_IMAGE: &[Property] = &[
    ("AdditionalOsCapabilities", LIST | LITERAL),
    ("BaseImageArn", TEXT | MAP | NEEDED),
    ("BaseImageVersion", TEXT | MAP | NEEDED),
    ("BuildRoleArn", TEXT | MAP),
    ("CodeUri", TEXT | MAP | NEEDED),
    ("CpuConfigurations", LIST | LITERAL),
    ("Description", TEXT | MAP),
    ("EgressNetworkConnectors", LIST | LITERAL),
    ("EnvironmentVariables", MAP),
    ("Hooks", MAP | LITERAL),
    ("Logging", MAP | LITERAL),
    ("Name", TEXT | MAP | NEEDED),
    ("PropagateTags", BOOL | LITERAL),
    ("Resources", LIST | LITERAL),
    ("Tags", MAP),
];

pub(crate) const NETWORK_CONNECTOR: &[Property] = &[
    ("ComputeTypes", LIST | LITERAL),
    ("Name", TEXT | MAP),
    ("OperatorRole", TEXT | MAP),
    ("PropagateTags", BOOL | LITERAL),
    ("Tags", MAP),
    ("VpcConfig", MAP | NEEDED | LITERAL),
];

pub(crate) const WEB_FUNCTION: &[Property] = &[
    ("AuthType", ANY),
    ("AutoDeploymentMode", ANY),
    ("CodeUri", ANY),
    ("EgressNetworkConnectorArn", ANY),
    ("EndpointDescription", ANY),
    ("EndpointName", ANY),
    ("EndpointType", ANY),
    ("EntryPoint", ANY),
    ("EnvironmentVariables", MAP),
    ("ExecutionRoleArn", TEXT),
    ("FunctionName", TEXT | MAP),
    ("InlineCode", ANY),
    ("KmsKeyArn", ANY),
    ("LoggingConfig", ANY),
    ("MaxConcurrencyPerEnvironment", ANY),
    ("ReplicaRegions", LIST | MAP),
    ("RevisionDescription", ANY),
    ("RevisionWeights", ANY),
    ("Runtime", ANY),
    ("ScalingConfig", ANY),
    ("Tags", MAP),
    ("ThrottleConfig", ANY),
    ("Timeout", NUMBER),
];

pub(crate) const GRAPHQL_API: &[Property] = &[
    ("ApiKeys", MAP),
    ("Auth", MAP | NEEDED),
    ("Cache", MAP),
    ("DataSources", MAP),
    ("DomainName", MAP),
    ("Functions", MAP),
    ("IntrospectionConfig", ANY),
    ("Logging", MAP | BOOL),
    ("Name", ANY),
    ("OwnerContact", ANY),
    ("QueryDepthLimit", ANY),
    ("Resolvers", MAP),
    ("ResolverCountLimit", ANY),
    ("SchemaInline", TEXT | LITERAL),
    ("SchemaUri", TEXT | LITERAL),
    ("Tags", MAP),
    ("Visibility", ANY),
    ("XrayEnabled", ANY),
];
