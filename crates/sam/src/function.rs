//! `AWS::Serverless::Function`: a function with its role, versions, aliases, and what its events need.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html>.

use crate::made::{Made, Source, propagate_tags};
use crate::role::{Role, trust};
use crate::shape::{Entry, NUMBER, Needed, Optional, Shape, TEXT};
use crate::tree::{At, Tree};
use crate::{Outcome, Refusal, Transform, schema};

/// The properties that mean the same in Lambda.
const SAME: &[&str] = &[
    "Architectures",
    "CodeSigningConfigArn",
    "Description",
    "DurableConfig",
    "Environment",
    "EphemeralStorage",
    "FileSystemConfigs",
    "FunctionName",
    "FunctionScalingConfig",
    "Handler",
    "ImageConfig",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "PublishToLatestPublished",
    "RecursiveLoop",
    "ReservedConcurrentExecutions",
    "Role",
    "Runtime",
    "RuntimeManagementConfig",
    "SnapStart",
    "TenancyConfig",
    "Timeout",
    "VpcConfig",
];
/// Tags that SAM sets itself.
const RESERVED_TAGS: [&str; 3] = ["lambda:createdBy", "serverlessrepo:applicationId", "serverlessrepo:semanticVersion"];

/// What events invoke: the function, or its alias.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) id: String,
    pub(crate) is_alias: bool,
    pub(crate) source: Source,
}

impl Target {
    pub(crate) fn arn(&self) -> Tree {
        let at = self.source.at;
        if self.is_alias { at.reference(&self.id) } else { at.get_att(&self.id, "Arn") }
    }

    /// What permissions and mappings name the function by.
    pub(crate) fn name(&self) -> Tree {
        self.source.at.reference(&self.id)
    }

    /// The ARN within the text of `Fn::Sub`.
    pub(crate) fn arn_variable(&self) -> String {
        if self.is_alias { format!("${{{}}}", self.id) } else { format!("${{{}.Arn}}", self.id) }
    }
}

impl Transform<'_> {
    pub(crate) fn function(&mut self, source: Source) -> Outcome<Vec<Made>> {
        schema::check("AWS::Serverless::Function", schema::FUNCTION, &source.properties)?;
        check_together(&source)?;
        let mut function = self.lambda(&source)?;
        let mut made = Vec::new();
        let alias = self.publish(&source, &mut function, &mut made)?;
        let target = Target {
            id: alias.clone().unwrap_or_else(|| source.id.clone()),
            is_alias: alias.is_some(),
            source: source.clone(),
        };
        self.function_url(&source, &target, &mut made)?;
        let invoke_policies = self.event_invoke(&source, alias.as_deref(), &mut made)?;
        let mut role = self.function_role(&source, invoke_policies)?;
        let keeps_role = self.choose_role(&source, &mut function, &mut role)?;
        let mut events = self.function_events(&source, &target, &mut role)?;
        made.insert(0, function);
        if keeps_role {
            made.push(role.into_made());
        }
        made.append(&mut events);
        propagate_tags(&source, &mut made);
        Ok(made)
    }

    /// The function itself.
    fn lambda(&self, source: &Source) -> Outcome<Made> {
        let at = source.at;
        if let Some(queue) = source.truthy("DeadLetterQueue") {
            check_dead_letter_queue(source, queue)?;
        }
        check_tenancy(source)?;
        let mut function = source.itself("AWS::Lambda::Function").with_all(&source.properties, SAME);
        function.properties.set("Code", code(source)?);
        function.properties.set("Tags", tag_list(source, source.get("Tags"), &at.empty())?);
        if self.is_traced(source) {
            let mode = source.get("Tracing").cloned().unwrap_or_else(|| at.text("Active"));
            function.properties.set("TracingConfig", at.map([("Mode", mode)]));
        }
        if let Some(target) = source.truthy("DeadLetterQueue").and_then(|queue| queue.get("TargetArn")) {
            function.properties.set("DeadLetterConfig", at.map([("TargetArn", target.clone())]));
        }
        if let Some(provider) = source.truthy("CapacityProviderConfig") {
            function.properties.set("CapacityProviderConfig", capacity_provider(source, provider)?);
        }
        check_package(source)?;
        Ok(function)
    }

    fn is_traced(&self, source: &Source) -> bool {
        let tracing = source.truthy("Tracing").map(|tracing| self.resolved(tracing));
        tracing.is_some_and(|tracing| tracing.as_str() != Some("Disabled"))
    }

    fn function_role(&self, source: &Source, invoke_policies: Vec<Tree>) -> Outcome<Role> {
        let at = source.at;
        let basic = if source.truthy("DurableConfig").is_some() {
            "service-role/AWSLambdaBasicDurableExecutionRolePolicy"
        } else {
            "service-role/AWSLambdaBasicExecutionRole"
        };
        let mut managed = vec![self.aws_managed(at, basic)];
        if self.is_traced(source) {
            let name = if self.partition() == "aws" { "AWSXrayWriteOnlyAccess" } else { "AWSXRayDaemonWriteAccess" };
            managed.push(self.aws_managed(at, name));
        }
        if source.truthy("VpcConfig").is_some() {
            managed.push(self.aws_managed(at, "service-role/AWSLambdaVPCAccessExecutionRole"));
        }
        let mut policies = Vec::new();
        if let Some(queue) = source.truthy("DeadLetterQueue") {
            let action =
                if queue.get("Type").and_then(Tree::as_str) == Some("SNS") { "sns:Publish" } else { "sqs:SendMessage" };
            let statement = at.map([
                ("Action", at.text(action)),
                ("Resource", queue.get("TargetArn").cloned().unwrap_or_else(|| at.text("*"))),
                ("Effect", at.text("Allow")),
            ]);
            let document = at.map([("Version", at.text("2012-10-17")), ("Statement", at.list([statement]))]);
            policies.push(at.map([("PolicyName", at.text("DeadLetterQueuePolicy")), ("PolicyDocument", document)]));
        }
        policies.extend(invoke_policies);
        let listed = self.policies(source, source.get("Policies"))?;
        let trust =
            source.get("AssumeRolePolicyDocument").cloned().unwrap_or_else(|| trust(at, "lambda.amazonaws.com"));
        let mut role = Role::new(source, trust, managed, policies, listed);
        role.made.properties.set("Tags", tag_list(source, source.get("Tags"), &at.empty())?);
        Ok(role)
    }

    /// Whether the function needs the role that was made for it, perhaps under a condition.
    fn choose_role(&mut self, source: &Source, function: &mut Made, role: &mut Role) -> Outcome<bool> {
        let at = source.at;
        let Some(own) = source.get("Role") else {
            function.properties.set("Role", role.arn());
            return Ok(true);
        };
        let own = self.resolved(own);
        let Some(("Fn::If", argument)) = own.function() else { return Ok(false) };
        let Some([condition, yes, no]) = argument.items() else {
            return source.refuse("Role is an Fn::If without three arguments");
        };
        let name = condition.as_str().unwrap_or_default().to_owned();
        match (yes.is_no_value(), no.is_no_value()) {
            (true, true) => function.properties.set("Role", role.arn()),
            (true, false) => {
                function.properties.set("Role", at.choose(&name, role.arn(), no.clone()));
                role.made.set_attribute("Condition", at.text(name));
            }
            (false, true) => {
                let not = format!("NOT{name}");
                function.properties.set("Role", at.choose(&name, yes.clone(), role.arn()));
                role.made.set_attribute("Condition", at.text(not.as_str()));
                let condition = at.map([("Fn::Not", at.list([at.map([("Condition", at.text(name))])]))]);
                self.add_condition(&not, condition);
            }
            (false, false) => return Ok(false),
        }
        Ok(true)
    }
}

/// Properties that exclude or need each other.
fn check_together(source: &Source) -> Outcome<()> {
    for (a, b) in [("CapacityProviderConfig", "ProvisionedConcurrencyConfig"), ("CapacityProviderConfig", "VpcConfig")]
    {
        if source.get(a).is_some() && source.get(b).is_some() {
            return source.refuse(format!("{a} and {b} cannot be set together"));
        }
    }
    for (a, b) in [("FunctionScalingConfig", "CapacityProviderConfig"), ("VersionDeletionPolicy", "AutoPublishAlias")] {
        if source.get(a).is_some() && source.get(b).is_none() {
            return source.refuse(format!("{a} needs {b}"));
        }
    }
    if let Some(policy) = source.get("VersionDeletionPolicy")
        && !policy.is_intrinsic()
        && !matches!(policy.as_str(), Some("Delete" | "Retain"))
    {
        return source.refuse("VersionDeletionPolicy is Delete or Retain");
    }
    Ok(())
}

fn check_dead_letter_queue(source: &Source, queue: &Tree) -> Outcome<()> {
    for key in ["Type", "TargetArn"] {
        if queue.truthy(key).is_none() {
            return source.refuse("DeadLetterQueue needs a Type and a TargetArn");
        }
    }
    match queue.get("Type").and_then(Tree::as_str) {
        Some("SQS" | "SNS") => Ok(()),
        _ => source.refuse("the Type of DeadLetterQueue is SQS or SNS"),
    }
}

/// What functions with tenants cannot have.
fn check_tenancy(source: &Source) -> Outcome<()> {
    if source.truthy("TenancyConfig").is_none() {
        return Ok(());
    }
    for name in ["ProvisionedConcurrencyConfig", "FunctionUrlConfig", "SnapStart"] {
        if source.truthy(name).is_some() {
            return source.refuse(format!("{name} cannot be set for a function with TenancyConfig"));
        }
    }
    for event in source.get("Events").map_or(&[][..], Tree::fields) {
        if !matches!(event.value.get("Type").and_then(Tree::as_str), Some("Api" | "HttpApi")) {
            let message = "functions with TenancyConfig have events of types Api and HttpApi only";
            return Err(Refusal::new(event.key_span, message));
        }
    }
    Ok(())
}

fn check_package(source: &Source) -> Outcome<()> {
    let image = source.get("PackageType").and_then(Tree::as_str) == Some("Image");
    if !image {
        if source.truthy("Runtime").is_none() || source.truthy("Handler").is_none() {
            return source.refuse("a function in a ZIP package needs Runtime and Handler");
        }
        if source.truthy("ImageConfig").is_some() {
            return source.refuse("ImageConfig is for functions in images");
        }
    } else if ["Handler", "Runtime", "Layers"].iter().any(|name| source.truthy(name).is_some()) {
        return source.refuse("a function in an image has no Handler, Runtime and Layers");
    }
    Ok(())
}

/// Where the code of a function is.
fn code(source: &Source) -> Outcome<Tree> {
    let at = source.at;
    let package = match source.truthy("PackageType").map(|package| (package, package.as_str())) {
        None => "Zip",
        Some((_, Some(known @ ("Zip" | "Image")))) => known,
        Some(_) => return source.refuse("PackageType is Zip or Image"),
    };
    if package == "Image" {
        return match source.truthy("ImageUri") {
            Some(uri) => Ok(at.map([("ImageUri", uri.clone())])),
            None if source.is_built() => Ok(at.empty()),
            None => source.refuse("ImageUri must say where the image is"),
        };
    }
    let mut code = match (source.get("InlineCode"), source.get("CodeUri")) {
        (Some(inline), _) => at.map([("ZipFile", inline.clone())]),
        (None, Some(uri)) => s3_location(source, Some(uri), "CodeUri")?,
        (None, None) => return source.refuse("InlineCode or CodeUri must say what the code is"),
    };
    code.set_some("SourceKMSKeyArn", source.truthy("SourceKMSKeyArn").cloned());
    Ok(code)
}

/// A place in S3, as Lambda takes it. A path that has not been packaged yet stays unknown.
pub(crate) fn s3_location(source: &Source, uri: Option<&Tree>, property: &str) -> Outcome<Tree> {
    let at = source.at;
    let wrong = || source.refuse(format!("{property} must be s3://bucket/key, or a map with Bucket and Key"));
    let Some(uri) = uri else { return wrong() };
    if uri.is_map() {
        let (Some(bucket), Some(key)) = (uri.truthy("Bucket"), uri.truthy("Key")) else {
            return source.refuse(format!("{property} needs Bucket and Key"));
        };
        let mut code = at.map([("S3Bucket", bucket.clone()), ("S3Key", key.clone())]);
        code.set_some("S3ObjectVersion", uri.get("Version").cloned());
        return Ok(code);
    }
    let Some(text) = uri.text().filter(|_| !uri.is_number() && uri.as_bool().is_none()) else { return wrong() };
    if text.contains("{{resolve:") && text.contains('/') {
        return source.refuse(format!("{property} cannot be a dynamic reference"));
    }
    if let Some((bucket, key, version)) = parse_s3(text) {
        let place = At(uri.span);
        let mut code = at.map([("S3Bucket", place.text(bucket)), ("S3Key", place.text(key))]);
        code.set_some("S3ObjectVersion", version.map(|version| place.text(version)));
        return Ok(code);
    }
    // A folder or file beside the template, before `package` has put it into a bucket.
    if text.is_empty() || text.contains("://") || text.starts_with("s3:") { wrong() } else { Ok(at.empty()) }
}

/// Bucket, key and version of `s3://bucket/key?versionId=…`.
pub(crate) fn parse_s3(text: &str) -> Option<(&str, &str, Option<&str>)> {
    let (scheme, rest) = text.split_once("://")?;
    let (bucket, rest) = rest.split_once('/').filter(|_| scheme.eq_ignore_ascii_case("s3"))?;
    let (key, query) = rest.split_once('?').map_or((rest, None), |(key, query)| (key, Some(query)));
    let mut versions =
        query.into_iter().flat_map(|query| query.split('&')).filter_map(|part| part.strip_prefix("versionId="));
    let version = versions.next().filter(|_| versions.next().is_none());
    (!bucket.is_empty() && !bucket.contains(['[', ']'])).then_some((bucket, key.trim_start_matches('/'), version))
}

const CAPACITY_PROVIDER: &[Entry] = &[
    ("Arn", Needed, TEXT),
    ("PerExecutionEnvironmentMaxConcurrency", Optional, NUMBER),
    ("ExecutionEnvironmentMemoryGiBPerVCpu", Optional, NUMBER),
];

fn capacity_provider(source: &Source, provider: &Tree) -> Outcome<Tree> {
    let at = source.at;
    Shape::Fields(CAPACITY_PROVIDER).check("CapacityProviderConfig", provider)?;
    let Some(arn) = provider.get("Arn") else { return source.refuse("CapacityProviderConfig needs an Arn") };
    let mut config = at.map([("CapacityProviderArn", arn.clone())]);
    for (name, ..) in CAPACITY_PROVIDER.iter().filter(|(name, ..)| *name != "Arn") {
        config.set_some(name, provider.get(name).cloned());
    }
    Ok(at.map([("LambdaManagedInstancesCapacityProviderConfig", config)]))
}

/// The tags of a resource, with those that SAM sets.
pub(crate) fn tag_list(source: &Source, tags: Option<&Tree>, more: &Tree) -> Outcome<Tree> {
    let at = source.at;
    if let Some(field) = tags.and_then(|tags| tags.fields().iter().find(|field| RESERVED_TAGS.contains(&&*field.key))) {
        return Err(
            Refusal::new(field.key_span, format!("the tag {} is reserved", field.key)).with_help("rename the tag")
        );
    }
    let own = at.map([("lambda:createdBy", at.text("SAM"))]);
    let all = [&own, more].into_iter().chain(tags).flat_map(|tags| at.tags(tags));
    Ok(at.list(all.collect::<Vec<_>>()))
}
