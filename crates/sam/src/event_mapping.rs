//! Events that a function polls: streams, queues and brokers.
//!
//! Each makes an event source mapping, and gives the role of the function what polling needs
//! (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html>).

use crate::event_push::Event;
use crate::function::Target;
use crate::made::Made;
use crate::role::{Role, send_to};
use crate::schema::{ANY, BOOL, Kinds, LIST, LITERAL, MAP, NEEDED, NUMBER, Property, TEXT};
use crate::tree::Tree;
use crate::{Outcome, Transform};

/// The properties that mean the same in an event source mapping.
const SAME: &[&str] = &[
    "BatchSize",
    "BisectBatchOnFunctionError",
    "Enabled",
    "FilterCriteria",
    "FunctionResponseTypes",
    "KmsKeyArn",
    "LoggingConfig",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MetricsConfig",
    "ParallelizationFactor",
    "ProvisionedPollerConfig",
    "Queues",
    "ScalingConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Topics",
    "TumblingWindowInSeconds",
];
/// What every such event may have.
const COMMON: &[Property] = &[
    ("BatchSize", NUMBER),
    ("BisectBatchOnFunctionError", BOOL),
    ("ConsumerGroupId", TEXT),
    ("DestinationConfig", MAP),
    ("Enabled", BOOL),
    ("FilterCriteria", MAP),
    ("FunctionResponseTypes", LIST),
    ("KafkaBootstrapServers", LIST),
    ("KmsKeyArn", ANY),
    ("LoggingConfig", MAP),
    ("MaximumBatchingWindowInSeconds", NUMBER),
    ("MaximumRecordAgeInSeconds", NUMBER),
    ("MaximumRetryAttempts", NUMBER),
    ("MetricsConfig", MAP),
    ("ParallelizationFactor", NUMBER),
    ("ProvisionedPollerConfig", MAP),
    ("Queues", LIST),
    ("ScalingConfig", MAP),
    ("SchemaRegistryConfig", MAP),
    ("SecretsManagerKmsKeyId", TEXT),
    ("SourceAccessConfigurations", LIST),
    ("StartingPosition", ANY),
    ("StartingPositionTimestamp", ANY),
    ("Topics", LIST),
    ("TumblingWindowInSeconds", NUMBER),
];
const NEEDED_ANY: Kinds = ANY | NEEDED;
const STREAM: &[Property] = &[("Stream", NEEDED_ANY), ("StartingPosition", NEEDED_ANY)];
const QUEUE: &[Property] = &[("Queue", NEEDED_ANY)];
const BROKER: &[Property] = &[("Broker", NEEDED_ANY), ("DynamicPolicyName", BOOL | LITERAL)];
const CLUSTER: &[Property] =
    &[("Cluster", NEEDED_ANY), ("CollectionName", ANY), ("DatabaseName", NEEDED_ANY), ("FullDocument", ANY)];

/// The ways in which a self-managed Kafka knows a function.
const KAFKA_SECRETS: [&str; 4] =
    ["BASIC_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH", "SASL_SCRAM_256_AUTH", "SASL_SCRAM_512_AUTH"];
const NETWORK_ACTIONS: [&str; 6] = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
];

impl Transform<'_> {
    pub(crate) fn mapping_event(&mut self, event: &Event, target: &Target, role: &mut Role) -> Outcome<Vec<Made>> {
        let (own, source_property): (&[Property], Option<&str>) = match event.ty.as_str() {
            "Kinesis" | "DynamoDB" | "MSK" => (STREAM, Some("Stream")),
            "SQS" => (QUEUE, Some("Queue")),
            "MQ" => (BROKER, Some("Broker")),
            "DocumentDB" => (CLUSTER, Some("Cluster")),
            _ => (&[], None),
        };
        let mut table: Vec<Property> = own.to_vec();
        table.extend(COMMON.iter().filter(|(name, _)| !own.iter().any(|(known, _)| known == name)));
        event.check(&table)?;
        let at = event.at;
        let mut mapping = target
            .source
            .beside(event.id.clone(), "AWS::Lambda::EventSourceMapping")
            .with("FunctionName", target.name())
            .with_some("EventSourceArn", source_property.and_then(|name| event.get(name)).cloned())
            .with_all(&event.properties, SAME);
        mapping.at = at;
        check_filter(event)?;
        if let Some(servers) = event.truthy("KafkaBootstrapServers") {
            let endpoints = at.map([("KafkaBootstrapServers", servers.clone())]);
            mapping.properties.set("SelfManagedEventSource", at.map([("Endpoints", endpoints)]));
        }
        add_kafka_config(event, &mut mapping)?;
        if event.ty == "DocumentDB" {
            let mut config = at.empty();
            for name in ["DatabaseName", "CollectionName", "FullDocument"] {
                config.set_some(name, event.truthy(name).cloned());
            }
            mapping.properties.set("DocumentDBEventSourceConfig", config);
        }
        let destination = destination(event, &mut mapping)?;
        self.allow_polling(event, role)?;
        if let Some(policy) = destination {
            role.add_policy(policy);
        }
        Ok(vec![mapping])
    }

    /// Gives the role what it needs to read from the source of an event.
    fn allow_polling(&self, event: &Event, role: &mut Role) -> Outcome<()> {
        let at = event.at;
        let managed = match event.ty.as_str() {
            "Kinesis" => Some("AWSLambdaKinesisExecutionRole"),
            "DynamoDB" => Some("AWSLambdaDynamoDBExecutionRole"),
            "SQS" => Some("AWSLambdaSQSQueueExecutionRole"),
            "MSK" => Some("AWSLambdaMSKExecutionRole"),
            _ => None,
        };
        if let Some(name) = managed {
            role.add_managed(self.aws_managed(at, &format!("service-role/{name}")));
        }
        let (name, version, statements) = match event.ty.as_str() {
            "MSK" => ("MSKExecutionRolePolicy".to_owned(), false, self.msk_statements(event)?),
            "MQ" => {
                let dynamic = event.get("DynamicPolicyName").is_some_and(Tree::is_truthy);
                let name =
                    if dynamic { format!("{}AMQPolicy", event.id) } else { "SamAutoGeneratedAMQPolicy".to_owned() };
                (name, false, mq_statements(event)?)
            }
            "SelfManagedKafka" => {
                ("SelfManagedKafkaExecutionRolePolicy".to_owned(), true, self.kafka_statements(event)?)
            }
            "DocumentDB" => ("SamAutoGeneratedDocumentDBPolicy".to_owned(), false, document_statements(event)?),
            _ => return Ok(()),
        };
        if statements.is_empty() {
            return Ok(());
        }
        let mut document = at.map([("Statement", at.list(statements))]);
        if version {
            document.set("Version", at.text("2012-10-17"));
        }
        role.add_policy(at.map([("PolicyName", at.text(name)), ("PolicyDocument", document)]));
        Ok(())
    }

    fn msk_statements(&self, event: &Event) -> Outcome<Vec<Tree>> {
        let mut statements = self.registry_statements(event)?;
        let configurations = event.truthy("SourceAccessConfigurations").and_then(Tree::items).unwrap_or_default();
        for configuration in configurations {
            if configuration.get("Type").and_then(Tree::as_str) == Some("CLIENT_CERTIFICATE_TLS_AUTH")
                && let Some(uri) = configuration.truthy("URI")
            {
                statements.push(read_secret(event, uri));
            }
        }
        Ok(statements)
    }

    fn kafka_statements(&self, event: &Event) -> Outcome<Vec<Tree>> {
        if event.truthy("KafkaBootstrapServers").is_none() {
            return event.refuse("a self-managed Kafka needs KafkaBootstrapServers");
        }
        match event.truthy("Topics").map(|topics| topics.as_list().len()) {
            None => return event.refuse("a self-managed Kafka needs Topics"),
            Some(1) => {}
            Some(_) => return event.refuse("a self-managed Kafka has one topic"),
        }
        let Some(configurations) = event.truthy("SourceAccessConfigurations") else {
            return event.refuse("a self-managed Kafka needs SourceAccessConfigurations");
        };
        let Some(items) = configurations.items() else {
            return event.refuse("SourceAccessConfigurations must be a list");
        };
        let (mut secret, mut certificate, mut subnet, mut group) = (None, None, false, false);
        for item in items {
            if !item.is_map() {
                return event.refuse("SourceAccessConfigurations is made of maps");
            }
            let uri = item.truthy("URI").filter(|uri| uri.as_str().is_some() || uri.is_intrinsic());
            let Some(uri) = uri else { return event.refuse("each of SourceAccessConfigurations needs a URI") };
            match item.get("Type").and_then(Tree::as_str) {
                Some("VPC_SUBNET") => subnet = true,
                Some("VPC_SECURITY_GROUP") => group = true,
                Some("SERVER_ROOT_CA_CERTIFICATE") => certificate = Some(uri),
                Some(known) if KAFKA_SECRETS.contains(&known) && secret.is_none() => secret = Some(uri),
                Some(known) if KAFKA_SECRETS.contains(&known) => {
                    return event.refuse("SourceAccessConfigurations has several ways to authenticate");
                }
                _ => {
                    return event
                        .refuse("the Type of SourceAccessConfigurations is none that a self-managed Kafka knows");
                }
            }
        }
        if subnet != group {
            return event.refuse("VPC_SUBNET and VPC_SECURITY_GROUP are given together");
        }
        let mut statements = Vec::new();
        statements.extend(secret.into_iter().chain(certificate).map(|uri| read_secret(event, uri)));
        if subnet {
            statements.push(use_network(event));
        }
        statements.extend(decrypt(event)?);
        statements.extend(self.registry_statements(event)?);
        Ok(statements)
    }

    /// What reading from a registry of schemas needs.
    fn registry_statements(&self, event: &Event) -> Outcome<Vec<Tree>> {
        let at = event.at;
        let Some(config) = event.truthy("SchemaRegistryConfig") else { return Ok(Vec::new()) };
        for name in ["SchemaRegistryURI", "EventRecordFormat", "SchemaValidationConfigs"] {
            if !config.has(name) {
                return event.refuse(format!("SchemaRegistryConfig needs {name}"));
            }
        }
        if !matches!(config.get("EventRecordFormat").and_then(Tree::as_str), Some("JSON" | "SOURCE")) {
            return event.refuse("EventRecordFormat is JSON or SOURCE");
        }
        if !config.get("SchemaValidationConfigs").is_some_and(Tree::is_list) {
            return event.refuse("SchemaValidationConfigs must be a list");
        }
        let mut statements = Vec::new();
        if let Some(access) = config.truthy("AccessConfigs") {
            let Some(items) = access.items() else { return event.refuse("AccessConfigs must be a list") };
            for item in items {
                let (Some(uri), true) = (item.get("URI"), item.has("Type")) else {
                    return event.refuse("each of AccessConfigs needs a Type and a URI");
                };
                statements.push(read_secret(event, uri));
            }
        }
        let Some(uri) = config.get("SchemaRegistryURI") else { return Ok(statements) };
        let resolved = self.resolved(uri);
        let text = match resolved.function() {
            Some(("Fn::Sub", argument)) => argument.as_str(),
            _ => resolved.as_str(),
        };
        let name = text.filter(|text| text.starts_with("arn")).and_then(registry_name);
        if let Some(name) = name {
            let schemas = format!("arn:${{AWS::Partition}}:glue:${{AWS::Region}}:${{AWS::AccountId}}:schema/{name}/*");
            statements.push(statement(event, &["glue:GetRegistry"], uri.clone()));
            statements.push(statement(event, &["glue:GetSchemaVersion"], at.list([at.sub(schemas)])));
        }
        Ok(statements)
    }
}

/// The name in the ARN of a registry. Variables of `Fn::Sub` may hold colons.
fn registry_name(arn: &str) -> Option<&str> {
    let (_, rest) = arn.split_once(":registry/")?;
    rest.split(':').next()
}

fn statement(event: &Event, actions: &[&str], resource: Tree) -> Tree {
    let at = event.at;
    at.map([("Action", at.texts(actions.iter().copied())), ("Effect", at.text("Allow")), ("Resource", resource)])
}

fn read_secret(event: &Event, uri: &Tree) -> Tree {
    statement(event, &["secretsmanager:GetSecretValue"], uri.clone())
}

fn use_network(event: &Event) -> Tree {
    statement(event, &NETWORK_ACTIONS, event.at.text("*"))
}

/// What reading secrets needs that are encrypted with a key of their own.
fn decrypt(event: &Event) -> Outcome<Option<Tree>> {
    let Some(key) = event.truthy("SecretsManagerKmsKeyId") else { return Ok(None) };
    let Some(key) = key.as_str() else { return event.refuse("SecretsManagerKmsKeyId must be text") };
    let arn = format!("arn:${{AWS::Partition}}:kms:${{AWS::Region}}:${{AWS::AccountId}}:key/{key}");
    Ok(Some(statement(event, &["kms:Decrypt"], event.at.sub(arn))))
}

/// The secret with which a broker knows the function.
fn basic_auth<'e>(event: &'e Event, known: &[&str]) -> Outcome<&'e Tree> {
    let Some(configurations) = event.truthy("SourceAccessConfigurations") else {
        return event.refuse("it needs SourceAccessConfigurations");
    };
    let Some(items) = configurations.items() else {
        return event.refuse("SourceAccessConfigurations must be a list");
    };
    let mut secret = None;
    for item in items {
        let ty = item.get("Type").and_then(Tree::as_str).filter(|ty| known.contains(ty));
        match ty {
            None => {
                return event.refuse(format!("the Type of SourceAccessConfigurations is one of {}", known.join(", ")));
            }
            Some("BASIC_AUTH") if secret.is_some() => return event.refuse("there are several of type BASIC_AUTH"),
            Some("BASIC_AUTH") => match item.truthy("URI") {
                Some(uri) => secret = Some(uri),
                None => return event.refuse("BASIC_AUTH needs a URI"),
            },
            Some(_) => {}
        }
    }
    match secret {
        Some(secret) => Ok(secret),
        None => event.refuse("SourceAccessConfigurations needs one of type BASIC_AUTH"),
    }
}

fn mq_statements(event: &Event) -> Outcome<Vec<Tree>> {
    let at = event.at;
    let secret = basic_auth(event, &["BASIC_AUTH", "VIRTUAL_HOST"])?;
    let broker = event.get("Broker").cloned().unwrap_or_else(|| at.text("*"));
    let mut statements = vec![read_secret(event, secret), statement(event, &["mq:DescribeBroker"], broker)];
    if let Some(mut decrypt) = decrypt(event)? {
        decrypt.set("Action", at.text("kms:Decrypt"));
        statements.push(decrypt);
    }
    Ok(statements)
}

fn document_statements(event: &Event) -> Outcome<Vec<Tree>> {
    let at = event.at;
    let secret = basic_auth(event, &["BASIC_AUTH"])?;
    let all = |kind: &str| at.sub(format!("arn:${{AWS::Partition}}:rds:${{AWS::Region}}:${{AWS::AccountId}}:{kind}:*"));
    let cluster = event.get("Cluster").cloned().unwrap_or_else(|| at.text("*"));
    let mut statements = vec![
        read_secret(event, secret),
        statement(event, &["rds:DescribeDBClusterParameters"], all("cluster-pg")),
        statement(event, &["rds:DescribeDBSubnetGroups"], all("subgrp")),
        statement(event, &["rds:DescribeDBClusters"], cluster),
        use_network(event),
    ];
    statements.extend(decrypt(event)?);
    Ok(statements)
}

fn check_filter(event: &Event) -> Outcome<()> {
    let Some(filter) = event.truthy("FilterCriteria").filter(|filter| !filter.is_intrinsic()) else { return Ok(()) };
    match filter.fields() {
        [only] if &*only.key == "Filters" => Ok(()),
        _ => event.refuse("FilterCriteria is a map with Filters"),
    }
}

fn add_kafka_config(event: &Event, mapping: &mut Made) -> Outcome<()> {
    let property = match event.ty.as_str() {
        "MSK" => Some("AmazonManagedKafkaEventSourceConfig"),
        "SelfManagedKafka" => Some("SelfManagedKafkaEventSourceConfig"),
        _ => None,
    };
    for name in ["ConsumerGroupId", "SchemaRegistryConfig"] {
        let Some(value) = event.truthy(name) else { continue };
        let config = property.and_then(|property| mapping.properties.map_at(property));
        match config {
            Some(config) => config.set(name, value.clone()),
            None if name == "ConsumerGroupId" => return event.refuse("ConsumerGroupId is for Kafka only"),
            None => {}
        }
    }
    Ok(())
}

/// Where records go that fail; gives the policy that the role needs for it.
fn destination(event: &Event, mapping: &mut Made) -> Outcome<Option<Tree>> {
    let Some(config) = event.truthy("DestinationConfig") else { return Ok(None) };
    let Some(failure) = config.get("OnFailure").filter(|failure| failure.is_map()) else {
        return event.refuse("OnFailure of DestinationConfig must be a map");
    };
    let mut policy = None;
    let mut config = config.clone();
    if let Some(sort) = failure.truthy("Type") {
        match sort.as_str() {
            Some(sort @ ("SQS" | "SNS" | "S3")) => {
                policy = send_to(event.at, sort, failure.get("Destination"), &event.id);
            }
            Some("Kafka") => {}
            _ => return event.refuse("the Type of OnFailure is SQS, SNS, S3 or Kafka"),
        }
        if let Some(failure) = config.get_mut("OnFailure") {
            failure.remove("Type");
        }
    }
    mapping.properties.set("DestinationConfig", config);
    Ok(policy)
}
