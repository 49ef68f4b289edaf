//! `Globals`: properties that all resources of a type share.
//!
//! Source:
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html>.
//! Maps are merged, lists are joined (what is global first), and of all else the resource's own wins.

use crate::tree::{Kind, Tree};
use crate::{Outcome, PREFIX, Refusal, Transform};
use terravet_diagnostics::did_you_mean_or;

const FUNCTION: &[&str] = &[
    "Architectures",
    "AssumeRolePolicyDocument",
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "CapacityProviderConfig",
    "CodeSigningConfigArn",
    "CodeUri",
    "DeadLetterQueue",
    "DeploymentPreference",
    "Description",
    "DurableConfig",
    "Environment",
    "EphemeralStorage",
    "EventInvokeConfig",
    "FileSystemConfigs",
    "FunctionScalingConfig",
    "FunctionUrlConfig",
    "Handler",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PermissionsBoundary",
    "PropagateTags",
    "ProvisionedConcurrencyConfig",
    "PublishToLatestPublished",
    "RecursiveLoop",
    "ReservedConcurrentExecutions",
    "RolePath",
    "Runtime",
    "RuntimeManagementConfig",
    "SnapStart",
    "SourceKMSKeyArn",
    "Tags",
    "TenancyConfig",
    "Timeout",
    "Tracing",
    "VersionDeletionPolicy",
    "VpcConfig",
];
const API: &[&str] = &[
    "AccessLogSetting",
    "AlwaysDeploy",
    "Auth",
    "BinaryMediaTypes",
    "CacheClusterEnabled",
    "CacheClusterSize",
    "CanarySetting",
    "Cors",
    "DefinitionUri",
    "Domain",
    "EndpointAccessMode",
    "EndpointConfiguration",
    "GatewayResponses",
    "MergeDefinitions",
    "MethodSettings",
    "MinimumCompressionSize",
    "Name",
    "OpenApiVersion",
    "PropagateTags",
    "SecurityPolicy",
    "TracingEnabled",
    "Variables",
];
const HTTP_API: &[&str] = &[
    "AccessLogSettings",
    "Auth",
    "CorsConfiguration",
    "DefaultRouteSettings",
    "Domain",
    "FailOnWarnings",
    "PropagateTags",
    "RouteSettings",
    "StageVariables",
    "Tags",
];
const WEB_SOCKET_API: &[&str] = &[
    "AccessLogSettings",
    "ApiKeySelectionExpression",
    "DefaultRouteSettings",
    "DisableExecuteApiEndpoint",
    "DisableSchemaValidation",
    "Domain",
    "FailOnWarnings",
    "IpAddressType",
    "PropagateTags",
    "RouteSelectionExpression",
    "RouteSettings",
    "StageVariables",
    "Tags",
];
const CAPACITY_PROVIDER: &[&str] = &[
    "InstanceRequirements",
    "KmsKeyArn",
    "LoggingConfig",
    "ManagedResourceTags",
    "OperatorRole",
    "PropagateTags",
    "ScalingConfig",
    "Tags",
    "VpcConfig",
];
const MICROVM_IMAGE: &[&str] = &[
    "AdditionalOsCapabilities",
    "BaseImageArn",
    "BaseImageVersion",
    "BuildRoleArn",
    "CpuConfigurations",
    "EgressNetworkConnectors",
    "EnvironmentVariables",
    "Hooks",
    "Logging",
    "PropagateTags",
    "Resources",
    "Tags",
];

/// The types that have globals, with the properties that may be global.
const SECTIONS: [(&str, &[&str]); 10] = [
    ("Api", API),
    ("CapacityProvider", CAPACITY_PROVIDER),
    ("Function", FUNCTION),
    ("HttpApi", HTTP_API),
    ("LayerVersion", &["PublishLambdaVersion"]),
    ("MicrovmImage", MICROVM_IMAGE),
    ("NetworkConnector", &["OperatorRole", "PropagateTags", "Tags"]),
    ("SimpleTable", &["SSESpecification"]),
    ("StateMachine", &["PropagateTags"]),
    ("WebSocketApi", WEB_SOCKET_API),
];

impl Transform<'_> {
    /// Merges the globals into the resources.
    pub(crate) fn merge_globals(&mut self) -> Outcome<()> {
        if let Some(globals) = self.root.remove("Globals") {
            check(&globals)?;
            for at in 0..self.resources.len() {
                let Some(section) = self.sam_type(at).and_then(|name| globals.get(name)) else { continue };
                let global = without_ignored(section, &self.resources[at].value)?;
                let resource = &mut self.resources[at];
                let own = resource.value.get("Properties").cloned();
                let merged = match own {
                    Some(own) => merge(&global, &own),
                    None => Tree { span: resource.key_span, ..global },
                };
                resource.value.set("Properties", merged);
            }
        }
        self.set_open_api_versions();
        Ok(())
    }

    /// Definitions that the transform makes itself are of the version that is asked for.
    fn set_open_api_versions(&mut self) {
        for at in 0..self.resources.len() {
            if self.sam_type(at) != Some("Api") {
                continue;
            }
            let Some(properties) = self.resources[at].value.get_mut("Properties") else { continue };
            let Some(version) = properties.get("OpenApiVersion").and_then(Tree::text).map(str::to_owned) else {
                continue;
            };
            if !properties.has("__MANAGE_SWAGGER") || !version.starts_with('3') {
                continue;
            }
            let place = crate::tree::At(properties.span);
            properties.set("OpenApiVersion", place.text(version.as_str()));
            if let Some(body) = properties.get_mut("DefinitionBody").filter(|body| body.is_map()) {
                body.set("openapi", place.text(version));
                body.remove("swagger");
            }
        }
    }
}

fn check(globals: &Tree) -> Outcome<()> {
    if !globals.is_map() {
        return Err(Refusal::new(globals.span, "`Globals` is a map of types of resources"));
    }
    for section in globals.fields() {
        let Some((_, known)) = SECTIONS.iter().find(|(name, _)| *name == &*section.key) else {
            let help = did_you_mean_or(&section.key, SECTIONS.iter().map(|(name, _)| *name), "leave the section out");
            return Err(Refusal::new(section.key_span, format!("`{}` has no globals", section.key)).with_help(help));
        };
        if !section.value.is_map() {
            return Err(Refusal::new(section.value.span, format!("`Globals.{}` is a map of properties", section.key)));
        }
        for property in section.value.fields() {
            if !known.contains(&&*property.key) {
                let help = did_you_mean_or(&property.key, known.iter().copied(), "set it on each resource");
                let message = format!("{} cannot be global for {PREFIX}{}", property.key, section.key);
                return Err(Refusal::new(property.key_span, message).with_help(help));
            }
        }
    }
    Ok(())
}

/// The globals for a resource, without those that it declines by `IgnoreGlobals`.
fn without_ignored(section: &Tree, resource: &Tree) -> Outcome<Tree> {
    let mut global = section.clone();
    let Some(ignored) = resource.truthy("IgnoreGlobals") else { return Ok(global) };
    if ignored.as_str() == Some("*") {
        global.kind = Kind::Map(Vec::new());
        return Ok(global);
    }
    let refuse = |span| Err(Refusal::new(span, "`IgnoreGlobals` is '*' or a list of properties that are global"));
    let Some(names) = ignored.items() else { return refuse(ignored.span) };
    for name in names {
        if name.as_str().and_then(|text| global.remove(text)).is_none() {
            return refuse(name.span);
        }
    }
    Ok(global)
}

/// A global value and a resource's own, together.
fn merge(global: &Tree, own: &Tree) -> Tree {
    match (&global.kind, &own.kind) {
        (Kind::Map(fields), Kind::Map(own_fields)) if !global.is_intrinsic() && !own.is_intrinsic() => {
            let mut merged = fields.clone();
            for field in own_fields {
                match merged.iter_mut().find(|known| known.key == field.key) {
                    Some(known) => {
                        known.key_span = field.key_span;
                        known.value = merge(&known.value, &field.value);
                    }
                    None => merged.push(field.clone()),
                }
            }
            Tree { kind: Kind::Map(merged), span: own.span }
        }
        (Kind::List(items), Kind::List(own_items)) => {
            Tree { kind: Kind::List(items.iter().chain(own_items).cloned().collect()), span: own.span }
        }
        _ => own.clone(),
    }
}
