//! What is made around a function: versions, aliases, its URL, and where its asynchronous results go.

use crate::deployment::{self, Preference};
use crate::function::Target;
use crate::made::{Made, Source};
use crate::role::send_to;
use crate::tree::Tree;
use crate::{Outcome, Refusal, Transform, hash, hash_of};

/// What may receive the results of asynchronous invocations.
const DESTINATIONS: [&str; 5] = ["SQS", "SNS", "EventBridge", "Lambda", "S3Bucket"];
/// The properties of CORS for a function URL, with what they are.
const CORS: [(&str, &str); 6] = [
    ("AllowCredentials", "true or false"),
    ("AllowHeaders", "a list"),
    ("AllowMethods", "a list"),
    ("AllowOrigins", "a list"),
    ("ExposeHeaders", "a list"),
    ("MaxAge", "a number"),
];

impl Transform<'_> {
    /// Makes a version and an alias where that is asked for; gives the logical id of the alias.
    pub(crate) fn publish(
        &mut self,
        source: &Source,
        function: &mut Made,
        made: &mut Vec<Made>,
    ) -> Outcome<Option<String>> {
        let at = source.at;
        let Some(name) = source.truthy("AutoPublishAlias") else {
            if source.truthy("ProvisionedConcurrencyConfig").is_some() {
                return source.refuse("ProvisionedConcurrencyConfig needs AutoPublishAlias");
            }
            self.prefer_deployment(source, None)?;
            return Ok(None);
        };
        let name = self.resolved(name);
        let Some(name) = name.text().map(str::to_owned) else {
            return source.refuse("AutoPublishAlias must be text, or refer to a parameter with a value");
        };
        let fits = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
        if name.is_empty() || !name.chars().all(fits) || name.bytes().all(|byte| byte.is_ascii_digit()) {
            return source.refuse("the name of an alias is made of letters, digits, - and _, and is no number");
        }
        let given = match source.truthy("AutoPublishCodeSha256").map(|given| self.resolved(given)) {
            None => None,
            Some(given) => match given.as_str() {
                Some(text) => Some(text.to_owned()),
                None => return source.refuse("AutoPublishCodeSha256 must be text"),
            },
        };
        if let Some(digest) = &given {
            // New code under an old name becomes a new version only where something about the function changes.
            let description = function.properties.truthy("Description").map(|description| self.resolved(description));
            let description = match description.as_ref().map(Tree::as_str) {
                None => at.text(digest.as_str()),
                Some(Some(text)) => at.text(format!("{text} {digest}")),
                Some(None) => at.join(" ", at.list(description.into_iter().chain([at.text(digest.as_str())]))),
            };
            function.properties.set("Description", description);
        }
        let version = self.version(source, function, given.as_deref());
        let id = format!("{}Alias{}", source.id, name.replace('-', "D").replace('_', "U"));
        let mut alias = source
            .beside(id.clone(), "AWS::Lambda::Alias")
            .with("Name", at.text(name))
            .with("FunctionName", function.reference())
            .with("FunctionVersion", at.get_att(&version.id, "Version"))
            .with_some("ProvisionedConcurrencyConfig", source.truthy("ProvisionedConcurrencyConfig").cloned());
        self.refer(&source.id, "Version", &version.id);
        self.refer(&source.id, "Alias", &id);
        if let Some(preference) = self.prefer_deployment(source, Some(&id))? {
            alias.set_attribute("UpdatePolicy", deployment::update_policy(source, &preference));
        }
        made.push(version);
        made.push(alias);
        Ok(Some(id))
    }

    fn version(&self, source: &Source, function: &Made, given: Option<&str>) -> Made {
        let at = source.at;
        let mut hashed = at.empty();
        if source.get("AutoPublishAliasAllProperties").is_some_and(Tree::is_truthy) {
            hashed = function.properties.clone();
        } else {
            if let Some(code) = function.properties.get("Code").map(|code| self.resolved(code)) {
                hashed = code;
            }
            for field in source.get("Environment").map_or(&[][..], Tree::fields) {
                hashed.set(&field.key, field.value.clone());
            }
            hashed.set_some("MemorySize", source.truthy("MemorySize").cloned());
            let snapped = |snap: &&Tree| snap.get("ApplyOn").is_some_and(|on| on.as_str() != Some("None"));
            hashed.set_some("SnapStart", source.truthy("SnapStart").filter(snapped).cloned());
        }
        let digits = match given {
            Some(given) => given.chars().take(10).collect(),
            None => hash_of(&hashed),
        };
        let mut version = source
            .beside(format!("{}Version{digits}", source.id), "AWS::Lambda::Version")
            .with("FunctionName", function.reference())
            .with_some("Description", source.get("VersionDescription").cloned());
        if source.get("CapacityProviderConfig").is_some() {
            version.properties.set_some("FunctionScalingConfig", source.get("FunctionScalingConfig").cloned());
        }
        if version.attribute("DeletionPolicy").is_none() {
            let default = if source.get("CapacityProviderConfig").is_some() { "Delete" } else { "Retain" };
            let policy = source.get("VersionDeletionPolicy").cloned().unwrap_or_else(|| at.text(default));
            version.set_attribute("DeletionPolicy", policy);
        }
        version
    }

    /// Notes how new versions are to be deployed; gives it where that is switched on.
    fn prefer_deployment(&mut self, source: &Source, alias: Option<&str>) -> Outcome<Option<Preference>> {
        let Some(written) = source.truthy("DeploymentPreference") else { return Ok(None) };
        let preference = self.preference(source, written)?;
        let Some(preference) = preference else { return Ok(None) };
        if alias.is_none() {
            return source.refuse("DeploymentPreference needs AutoPublishAlias");
        }
        self.deployments.add(preference.clone());
        Ok(Some(preference))
    }

    /// The URL of a function, with the permissions that make it public where it asks for no signature.
    pub(crate) fn function_url(&mut self, source: &Source, target: &Target, made: &mut Vec<Made>) -> Outcome<()> {
        let at = source.at;
        let Some(config) = source.truthy("FunctionUrlConfig") else { return Ok(()) };
        let auth = config.get("AuthType");
        if !config.is_intrinsic() {
            let known =
                auth.is_some_and(|auth| auth.is_intrinsic() || matches!(auth.as_str(), Some("AWS_IAM" | "NONE")));
            if !known {
                return source.refuse("FunctionUrlConfig needs an AuthType: AWS_IAM or NONE");
            }
            check_cors(config.truthy("Cors"))?;
        }
        let of = |id: &str, ty| source.beside(format!("{}{id}", source.id), ty);
        made.push(
            of("Url", "AWS::Lambda::Url")
                .with_some("Cors", config.truthy("Cors").cloned())
                .with_some("AuthType", auth.cloned())
                .with_some("InvokeMode", config.get("InvokeMode").cloned())
                .with("TargetFunctionArn", target.name()),
        );
        if auth.and_then(Tree::as_str) != Some("NONE") {
            return Ok(());
        }
        let permission = |id: &str, action: &str| {
            of(id, "AWS::Lambda::Permission")
                .with("Action", at.text(action))
                .with("FunctionName", target.name())
                .with("Principal", at.text("*"))
        };
        made.push(
            permission("UrlPublicPermissions", "lambda:InvokeFunctionUrl").with("FunctionUrlAuthType", at.text("NONE")),
        );
        made.push(
            permission("URLInvokeAllowPublicAccess", "lambda:InvokeFunction")
                .with("InvokedViaFunctionUrl", at.bool(true)),
        );
        Ok(())
    }

    /// Where the results of asynchronous invocations go; gives the policies that the role needs for it.
    pub(crate) fn event_invoke(
        &mut self,
        source: &Source,
        alias: Option<&str>,
        made: &mut Vec<Made>,
    ) -> Outcome<Vec<Tree>> {
        let at = source.at;
        let Some(written) = source.truthy("EventInvokeConfig") else { return Ok(Vec::new()) };
        let config = self.resolved(written);
        let id = format!("{}EventInvokeConfig", source.id);
        let mut policies = Vec::new();
        let mut destinations = at.empty();
        if let Some(wanted) = config.truthy("DestinationConfig") {
            if !wanted.is_map() {
                return Err(Refusal::new(wanted.span, "DestinationConfig must be a map"));
            }
            for name in ["OnSuccess", "OnFailure"] {
                let Some(destination) = wanted.get(name) else { continue };
                if !destination.is_map() {
                    return Err(Refusal::new(destination.span, format!("{name} must be a map")));
                }
                let arn = self.destination(source, destination, &id, name, made, &mut policies)?;
                destinations.set(name, at.map([("Destination", arn)]));
            }
        }
        let qualifier = match source.truthy("AutoPublishAlias").filter(|_| alias.is_some()) {
            Some(name) => self.resolved(name),
            None => at.text("$LATEST"),
        };
        let mut invoke = source
            .beside(id, "AWS::Lambda::EventInvokeConfig")
            .with("FunctionName", at.reference(&source.id))
            .with("Qualifier", qualifier)
            .with_all(&config, &["MaximumEventAgeInSeconds", "MaximumRetryAttempts"]);
        invoke.properties.set("DestinationConfig", destinations);
        if let Some(alias) = alias {
            invoke = invoke.depends_on(alias);
        }
        made.push(invoke);
        Ok(policies)
    }

    /// The ARN of a destination; one that is not written is made.
    fn destination(
        &mut self,
        source: &Source,
        config: &Tree,
        prefix: &str,
        name: &str,
        made: &mut Vec<Made>,
        policies: &mut Vec<Tree>,
    ) -> Outcome<Tree> {
        let at = source.at;
        let sort = config.get("Type").and_then(Tree::as_str).filter(|sort| DESTINATIONS.contains(sort));
        let Some(sort) = sort else {
            return source.refuse(format!("the Type of {name} is one of {}", DESTINATIONS.join(", ")));
        };
        let written = config.get("Destination");
        let conditional = self.missing_when(source, written, prefix)?;
        let own = format!("{prefix}{name}");
        if written.is_some() && conditional.is_none() {
            policies.extend(send_to(at, sort, written, &own));
            return Ok(written.cloned().unwrap_or_else(|| at.text("")));
        }
        let (mut resource, arn, property) = match sort {
            "SQS" => {
                let queue = source.beside(format!("{own}Queue"), "AWS::SQS::Queue");
                let arn = queue.arn();
                (queue, arn, "DestinationQueue")
            }
            "SNS" => {
                let topic = source.beside(format!("{own}Topic"), "AWS::SNS::Topic");
                let arn = topic.reference();
                (topic, arn, "DestinationTopic")
            }
            _ => return source.refuse(format!("{name} needs a Destination, unless its Type is SQS or SNS")),
        };
        let arn = match conditional {
            None => arn,
            Some((condition, other)) => {
                let both = self.both(source, &condition);
                resource.set_attribute("Condition", at.text(both));
                at.choose(&condition, arn, other)
            }
        };
        self.refer(&source.id, property, &resource.id);
        policies.extend(send_to(at, sort, Some(&arn), &own));
        made.push(resource);
        Ok(arn)
    }

    /// The condition under which a value that is an `Fn::If` is not there, and what it is otherwise.
    fn missing_when(&mut self, source: &Source, value: Option<&Tree>, prefix: &str) -> Outcome<Option<(String, Tree)>> {
        let at = source.at;
        let Some(("Fn::If", argument)) = value.and_then(Tree::function) else { return Ok(None) };
        let Some([condition, yes, no]) = argument.items() else {
            return source.refuse("Destination is an Fn::If without three arguments");
        };
        let name = condition.as_str().unwrap_or_default();
        Ok(match (yes.is_no_value(), no.is_no_value()) {
            (true, false) => Some((name.to_owned(), no.clone())),
            (false, true) => {
                let not = format!("NOT{name}{}", hash(prefix));
                let negated = at.map([("Fn::Not", at.list([at.map([("Condition", at.text(name))])]))]);
                self.add_condition(&not, negated);
                Some((not, yes.clone()))
            }
            _ => None,
        })
    }

    /// A condition that holds where the one of the resource and another do.
    fn both(&mut self, source: &Source, condition: &str) -> String {
        let at = source.at;
        let Some(own) = source.condition() else { return condition.to_owned() };
        let name = format!("{own}AND{condition}{}", hash(&source.id));
        let parts = [own, condition].map(|name| at.map([("Condition", at.text(name))]));
        self.add_condition(&name, at.map([("Fn::And", at.list(parts))]));
        name
    }
}

fn check_cors(cors: Option<&Tree>) -> Outcome<()> {
    let Some(cors) = cors.filter(|cors| !cors.is_intrinsic()) else { return Ok(()) };
    if !cors.is_map() {
        return Err(Refusal::new(cors.span, "Cors must be a map"));
    }
    for field in cors.fields() {
        let Some((_, kind)) = CORS.iter().find(|(name, _)| *name == &*field.key) else {
            return Err(Refusal::new(field.key_span, format!("{} is no property of Cors", field.key)));
        };
        let value = &field.value;
        let fits = match *kind {
            "a list" => value.is_list(),
            "a number" => value.is_number(),
            _ => value.as_bool().is_some(),
        };
        if !fits && !value.is_intrinsic() {
            return Err(Refusal::new(value.span, format!("{} must be {kind}", field.key)));
        }
    }
    Ok(())
}
