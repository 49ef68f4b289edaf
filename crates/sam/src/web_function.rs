//! `AWS::Serverless::WebFunction`: a function that serves HTTP, with its revision, its endpoint and its role.
//!
//! Follows the official translator (<https://github.com/aws/serverless-application-model>), release 1.115. Which Regions a group of
//! Regions stands for is not known here: an endpoint that names one is made without `Regions`.

use crate::function::tag_list;
use crate::made::{Made, Source};
use crate::role::{Role, trust};
use crate::shape::{self, Entry, Optional, Shape, TEXT};
use crate::tree::Tree;
use crate::{Outcome, Refusal, Transform, schema};

const PROPERTIES: &[Entry] = &[
    ("EnvironmentVariables", Optional, Shape::MapOf(&Shape::Passed)),
    ("FunctionName", Optional, TEXT),
    ("RevisionWeights", Optional, Shape::MapOf(&Shape::Passed)),
    ("Tags", Optional, Shape::MapOf(&Shape::Passed)),
];
/// The endpoints that serve more Regions than their own.
const REGIONAL: [&str; 2] = ["MultiRegion", "PerRegion"];
/// How long a name may be, less what makes the generated one unique.
const NAME_LENGTH: usize = 55;

impl Transform<'_> {
    pub(crate) fn web_function(&self, source: &Source) -> Outcome<Vec<Made>> {
        schema::check("AWS::Serverless::WebFunction", schema::WEB_FUNCTION, &source.properties)?;
        shape::check(PROPERTIES, &source.properties)?;
        self.check_endpoint(source)?;
        check_variables(source)?;
        let at = source.at;
        let tags = tag_list(source, source.get("Tags"), &at.empty())?;
        let mut made = Vec::new();
        let role = match source.get("ExecutionRoleArn") {
            Some(role) => role.clone(),
            None => {
                let basic = self.aws_managed(at, "service-role/AWSLambdaBasicExecutionRole");
                let mut role =
                    Role::new(source, trust(at, "lambda.amazonaws.com"), vec![basic], Vec::new(), Vec::new());
                role.made.properties.set("Tags", tags.clone());
                let arn = role.arn();
                made.push(role.into_made());
                arn
            }
        };
        let name = function_name(source);
        let function = source.itself("AWS::Lambda::WebFunction").with("FunctionName", name.clone()).with("Tags", tags);
        let mut revision = source
            .beside(format!("{}Revision", source.id), "AWS::Lambda::WebFunctionRevision")
            .with("FunctionName", name.clone())
            .with_some("Description", source.get("RevisionDescription").cloned())
            .with_some("KmsKeyArn", source.get("KmsKeyArn").cloned())
            .with("BuildConfig", build(source)?)
            .with("ServiceConfig", service(source, role)?);
        revision.depends_on = Some(at.texts([source.id.as_str()]));
        let mut endpoint = source
            .beside(format!("{}Endpoint", source.id), "AWS::Lambda::WebFunctionEndpoint")
            .with("FunctionName", name)
            .with("EndpointName", source.truthy("EndpointName").cloned().unwrap_or_else(|| at.text("prod")))
            .with("EndpointType", source.truthy("EndpointType").cloned().unwrap_or_else(|| at.text("HomeRegion")))
            .with_some("AuthType", source.get("AuthType").cloned())
            .with("RevisionWeights", weights(source, &revision)?)
            .with_some("Regions", regions(source)?)
            .with_some("Description", source.get("EndpointDescription").cloned())
            .with_all(&source.properties, &["ScalingConfig", "ThrottleConfig"]);
        endpoint.depends_on = Some(at.texts([source.id.as_str(), revision.id.as_str()]));
        made.extend([function, revision, endpoint]);
        Ok(made)
    }

    /// How requests are told apart and sent to revisions.
    fn check_endpoint(&self, source: &Source) -> Outcome<()> {
        let known = |name: &str| source.truthy(name).map(|value| self.resolved(value));
        let mode = known("AutoDeploymentMode");
        let latest = match mode.as_ref().map(Tree::as_str) {
            None | Some(Some("LatestRevision")) => true,
            Some(Some("Disabled")) => false,
            Some(_) => return source.refuse("AutoDeploymentMode is LatestRevision or Disabled, and no function"),
        };
        if source.truthy("AuthType").is_none() {
            return source.refuse("AuthType must say who may call: IamAuth, or ApplicationManaged for everyone");
        }
        let weighted = source.truthy("RevisionWeights").is_some();
        let endpoint = known("EndpointType");
        let regional = endpoint.as_ref().and_then(Tree::as_str).is_some_and(|kind| REGIONAL.contains(&kind));
        match (latest, weighted, regional) {
            (true, true, _) => source.refuse("RevisionWeights needs AutoDeploymentMode: Disabled"),
            (true, _, true) => source.refuse("endpoints of several Regions need AutoDeploymentMode: Disabled"),
            (false, false, false) => source.refuse("AutoDeploymentMode: Disabled needs RevisionWeights"),
            _ => Ok(()),
        }
    }
}

fn check_variables(source: &Source) -> Outcome<()> {
    let timeout = source.get("Timeout").filter(|timeout| timeout.is_number()).and_then(Tree::text);
    if timeout.is_some_and(|text| !text.parse::<u32>().is_ok_and(|seconds| (3..=900).contains(&seconds))) {
        return source.refuse("Timeout is a number of seconds from 3 to 900");
    }
    let variables = source.get("EnvironmentVariables").filter(|variables| !variables.is_intrinsic());
    for field in variables.map_or(&[][..], Tree::fields) {
        let mut letters = field.key.chars();
        let fits = letters.next().is_some_and(|first| first.is_ascii_alphabetic())
            && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        let value = field.value.as_str();
        if !fits || value.is_some_and(|value| value.is_empty() || value.chars().count() > 4096) {
            let message = format!("the variable {} needs a name that fits and a value", field.key);
            return Err(Refusal::new(field.key_span, message));
        }
    }
    let connector = source.get("EgressNetworkConnectorArn").and_then(Tree::as_str);
    let versioned = |arn: &str| {
        let parts: Vec<&str> = arn.split(':').collect();
        matches!(parts.as_slice(), ["arn", partition, "lambda", _, _, "network-connector", name, version]
            if !partition.is_empty() && !name.is_empty() && !version.is_empty())
    };
    if connector.is_some_and(|arn| !versioned(arn)) {
        return source.refuse("EgressNetworkConnectorArn is the ARN of a version of a network connector");
    }
    Ok(())
}

/// The name that function, revision and endpoint share; one that is not written is made of the logical id and the stack's.
fn function_name(source: &Source) -> Tree {
    let at = source.at;
    if let Some(name) = source.truthy("FunctionName") {
        return name.clone();
    }
    let split = |by: &str, text: Tree| at.map([("Fn::Split", at.list([at.text(by), text]))]);
    let select = |index: &str, list: Tree| at.map([("Fn::Select", at.list([at.text(index), list]))]);
    let stack = select("2", split("/", at.reference("AWS::StackId")));
    let suffix = select("0", split("-", stack));
    let id: String = source.id.chars().take(NAME_LENGTH).collect();
    at.sub_with(format!("{id}-${{StackIdSuffix}}"), [("StackIdSuffix", suffix)])
}

fn build(source: &Source) -> Outcome<Tree> {
    let at = source.at;
    let code = match (source.get("CodeUri"), source.get("InlineCode")) {
        (Some(_), Some(_)) => return source.refuse("CodeUri and InlineCode cannot be set together"),
        (Some(uri), None) if uri.is_truthy() => {
            let location = crate::function::s3_location(source, Some(uri), "CodeUri")?;
            let mut object = at.empty();
            for (from, to) in [("S3Bucket", "Bucket"), ("S3Key", "Key"), ("S3ObjectVersion", "VersionId")] {
                object.set_some(to, location.get(from).cloned());
            }
            object
        }
        _ => return source.refuse("CodeUri must say where the code is"),
    };
    let Some(runtime) = source.get("Runtime") else { return source.refuse("a Runtime is needed") };
    Ok(at
        .map([("CodeConfig", at.map([("S3Object", code)])), ("RuntimeConfig", at.map([("Runtime", runtime.clone())]))]))
}

fn service(source: &Source, role: Tree) -> Outcome<Tree> {
    let at = source.at;
    let mut config = at.map([("ExecutionRoleArn", role)]);
    let written = source.truthy("EnvironmentVariables");
    let entry = source.truthy("EntryPoint");
    if written.is_some_and(Tree::is_intrinsic) && entry.is_some() {
        return source.refuse("EntryPoint needs EnvironmentVariables that are no function");
    }
    let mut variables = written.cloned().unwrap_or_else(|| at.empty());
    variables.set_some("AWS_LAMBDA_NODEJS_ENTRYPOINT", entry.cloned());
    if variables.is_truthy() {
        config.set("EnvironmentVariables", variables);
    }
    if let Some(logging) = source.truthy("LoggingConfig") {
        config.set("TelemetryConfig", at.map([("LoggingConfig", logging.clone())]));
    }
    for name in ["MaxConcurrencyPerEnvironment", "EgressNetworkConnectorArn"] {
        config.set_some(name, source.get(name).cloned());
    }
    config.set("TimeoutSeconds", source.truthy("Timeout").cloned().unwrap_or_else(|| at.number(30)));
    Ok(config)
}

/// Which revisions answer, in per cent.
fn weights(source: &Source, revision: &Made) -> Outcome<Tree> {
    let at = source.at;
    let entry = |id: Tree, weight: Tree| at.map([("RevisionId", id), ("Weight", weight)]);
    let Some(written) = source.truthy("RevisionWeights") else {
        return Ok(at.list([entry(at.get_att(&revision.id, "RevisionId"), at.number(100))]));
    };
    let fields = written.fields();
    if written.is_intrinsic() || fields.len() > 2 {
        return source.refuse("RevisionWeights is a map of at most two revisions, and no function");
    }
    let number = |field: &crate::tree::Field| field.value.text().and_then(|text| text.parse::<u32>().ok());
    let numbers: Vec<Option<u32>> = fields.iter().map(number).collect();
    let fits = |(field, number): (&crate::tree::Field, &Option<u32>)| {
        field.value.is_intrinsic() || number.is_some_and(|number| (1..=100).contains(&number))
    };
    let sum: Option<u32> = numbers.iter().copied().sum();
    if !fields.iter().zip(&numbers).all(fits) || sum.is_some_and(|sum| sum != 100) {
        return source.refuse("the RevisionWeights are numbers that come to 100");
    }
    Ok(at.list(fields.iter().map(|field| entry(at.text(&*field.key), field.value.clone())).collect::<Vec<_>>()))
}

/// The Regions of an endpoint, as far as they are named one by one.
fn regions(source: &Source) -> Outcome<Option<Tree>> {
    let at = source.at;
    let Some(written) = source.get("ReplicaRegions") else { return Ok(None) };
    if written.is_intrinsic() {
        return Ok(Some(written.clone()));
    }
    let listed = |name: &str| match written.get(name) {
        None => Ok(Vec::new()),
        Some(list) => list
            .items()
            .map(<[Tree]>::to_vec)
            .ok_or_else(|| Refusal::new(list.span, format!("{name} must be a list, and no function"))),
    };
    let (included, excluded) = match written.items() {
        Some(items) => (items.to_vec(), Vec::new()),
        None => (listed("IncludeRegions")?, listed("ExcludeRegions")?),
    };
    let known = ["IncludeRegions", "ExcludeRegions"];
    if let Some(field) = written.fields().iter().find(|field| !known.contains(&&*field.key)) {
        return Err(Refusal::new(field.key_span, format!("ReplicaRegions has no property {}", field.key)));
    }
    let open = |items: &[Tree]| items.iter().any(|item| item.as_str().is_none());
    if open(&excluded) || (!excluded.is_empty() && (included.is_empty() || open(&included))) {
        return source.refuse("ExcludeRegions takes Regions out of IncludeRegions, and neither may hold functions");
    }
    let names = |items: &[Tree]| -> Vec<String> { items.iter().filter_map(Tree::as_str).map(str::to_owned).collect() };
    let (mut named, without) = (names(&included), names(&excluded));
    if named.iter().chain(&without).any(|name| !name.contains('-')) {
        return Ok(None);
    }
    named.retain(|name| !without.contains(name));
    named.sort();
    named.dedup();
    let functions = included.iter().filter(|item| item.as_str().is_none()).cloned();
    Ok(Some(at.list(named.iter().map(|name| at.text(name.as_str())).chain(functions).collect::<Vec<_>>())))
}
