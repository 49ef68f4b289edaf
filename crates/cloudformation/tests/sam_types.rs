//! SAM: what single types become, with exact results.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use support::written::World;

const HEAD: &str = "Transform: AWS::Serverless-2016-10-31\nResources:\n";
/// A function of which nothing more is asked.
const PLAIN: &str = "Handler: app.handler, Runtime: python3.12, CodeUri: 's3://code/app.zip'";

fn template(resources: &str) -> World {
    World::new(&[("t.yaml", &format!("{HEAD}{resources}")), ("parameters.json", r#"{"AWS::Region": "eu-west-1"}"#)])
}

#[test]
fn an_image_of_a_virtual_machine_gets_a_role_that_reads_its_code() {
    let world = template(
        "  Image:
    Type: AWS::Serverless::MicrovmImage
    Properties:
      Name: worker
      CodeUri: s3://code/worker.zip
      BaseImageArn: arn:aws:lambda:eu-west-1::microvm-image:base
      BaseImageVersion: '1'
      EnvironmentVariables: {STAGE: prod}
      Tags: {team: a}
      PropagateTags: true
",
    );
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(template.addresses(), ["ImageBuildRole", "Image"]);
    assert_eq!(
        template.property("ImageBuildRole", "Policies.0.PolicyDocument.Statement.0"),
        r#"{Action: ["s3:GetObject"], Effect: "Allow", Resource: "arn:aws:s3:::code/*"}"#
    );
    assert_eq!(template.property("Image", "CodeArtifact"), r#"{Uri: "s3://code/worker.zip"}"#);
    assert_eq!(template.property("Image", "BuildRoleArn"), "->ImageBuildRole.Arn");
    assert_eq!(template.property("Image", "EnvironmentVariables"), r#"[{Key: "STAGE", Value: "prod"}]"#);
    assert_eq!(template.property("Image", "EgressNetworkConnectors"), "[]", "what CloudFormation wants written");
    assert_eq!(
        template.property("ImageBuildRole", "Tags"),
        r#"[{Key: "lambda:createdBy", Value: "SAM"}, {Key: "team", Value: "a"}]"#
    );
}

#[test]
fn a_network_connector_gets_the_role_that_its_service_needs() {
    let world = template(
        "  Way:
    Type: AWS::Serverless::NetworkConnector
    Properties:
      VpcConfig: {SubnetIds: [subnet-1], SecurityGroupIds: [sg-1], NetworkProtocol: IPv4}
",
    );
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(
        template.property("WayOperatorRole", "ManagedPolicyArns"),
        r#"["arn:aws:iam::aws:policy/AWSLambdaNetworkConnectorOperatorPolicy"]"#
    );
    assert_eq!(
        template.property("Way", "Configuration.VpcEgressConfiguration"),
        r#"{AssociatedComputeResourceTypes: ["MicroVm"], NetworkProtocol: "IPv4", SecurityGroupIds: ["sg-1"], SubnetIds: ["subnet-1"]}"#
    );
}

#[test]
fn a_web_function_becomes_a_function_with_revision_and_endpoint() {
    let world = template(
        "  Site:
    Type: AWS::Serverless::WebFunction
    Properties: {CodeUri: 's3://code/site.zip', Runtime: nodejs22.x, AuthType: ApplicationManaged}
",
    );
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(template.addresses(), ["SiteRole", "Site", "SiteRevision", "SiteEndpoint"]);
    assert_eq!(template.property("SiteEndpoint", "AuthType"), r#""ApplicationManaged""#);
    assert_eq!(
        template.property("SiteEndpoint", "RevisionWeights"),
        "[{RevisionId: ->SiteRevision.RevisionId, Weight: 100}]"
    );
    assert_eq!(
        template.property("SiteRevision", "ServiceConfig"),
        "{ExecutionRoleArn: ->SiteRole.Arn, TimeoutSeconds: 30}"
    );
}

#[test]
fn a_capacity_provider_logs_and_tags_what_it_manages() {
    let world = template(
        "  Machines:
    Type: AWS::Serverless::CapacityProvider
    Properties:
      VpcConfig: {SubnetIds: [subnet-1]}
      LoggingConfig: {LogGroup: machines}
      ManagedResourceTags: {Tags: {team: a}}
",
    );
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(template.property("Machines", "TelemetryConfig"), r#"{LoggingConfig: {LogGroup: "machines"}}"#);
    assert_eq!(
        template.property("Machines", "PropagateTags"),
        r#"{ExplicitTags: [{Key: "team", Value: "a"}], Mode: "Explicit"}"#
    );
}

#[test]
fn the_digest_of_the_code_is_in_the_description_so_that_a_new_version_is_made() {
    let digest = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";
    let world = template(&format!(
        "  Plain: {{Type: AWS::Serverless::Function, Properties: {{{PLAIN}, AutoPublishAlias: live, AutoPublishCodeSha256: {digest}}}}}
  Told: {{Type: AWS::Serverless::Function, Properties: {{{PLAIN}, Description: orders, AutoPublishAlias: live, AutoPublishCodeSha256: {digest}}}}}
",
    ));
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(template.property("Plain", "Description"), format!("\"{digest}\""));
    assert_eq!(template.property("Told", "Description"), format!("\"orders {digest}\""));
    assert_eq!(template.resource("PlainVersion6b86b273ff").native_type.to_string(), "AWS::Lambda::Version");
}

#[test]
fn tags_go_to_what_takes_tags_and_to_nothing_else() {
    let world = template(&format!(
        "  Orders:
    Type: AWS::Serverless::Function
    Properties:
      {{{PLAIN}, PropagateTags: true, Tags: {{team: a, empty: null}}, Events: {{
        Timer: {{Type: Schedule, Properties: {{Schedule: rate(1 day)}}}},
        Queue: {{Type: SQS, Properties: {{Queue: 'arn:aws:sqs:eu-west-1:123456789012:q'}}}},
        File: {{Type: S3, Properties: {{Bucket: !Ref Files, Events: 's3:ObjectCreated:*'}}}},
        Thing: {{Type: IoTRule, Properties: {{Sql: SELECT 1}}}}}}}}
  Files: {{Type: AWS::S3::Bucket}}
",
    ));
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    let tags = r#"[{Key: "team", Value: "a"}, {Key: "empty", Value: ""}]"#;
    assert_eq!(template.property("OrdersRole", "Tags"), tags);
    assert_eq!(template.property("OrdersThing", "Tags"), tags);
    assert_eq!(
        template.property("Files", "Tags"),
        tags,
        "a bucket that is changed for a function counts as made for it"
    );
    assert_eq!(template.property("OrdersTimer", "Tags"), "null", "rules take none");
    assert_eq!(template.property("OrdersQueue", "Tags"), "null");
}

#[test]
fn a_managed_policy_is_known_by_its_name_and_not_by_a_part_of_its_path() {
    let world = template(&format!(
        "  Orders: {{Type: AWS::Serverless::Function, Properties: {{{PLAIN}, Policies: [ViewOnlyAccess, job-function/ViewOnlyAccess]}}}}\n",
    ));
    let template = world.load("t.yaml");
    assert_eq!(
        template.property("OrdersRole", "ManagedPolicyArns"),
        r#"["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", "job-function/ViewOnlyAccess"]"#
    );
}

#[test]
fn what_a_policy_template_allows_is_written_as_sam_writes_it() {
    let world = template(&format!(
        "  Orders: {{Type: AWS::Serverless::Function, Properties: {{{PLAIN}, Policies: [{{SSMParameterReadPolicy: {{ParameterName: p}}}}, {{AMIDescribePolicy: {{}}}}]}}}}\n",
    ));
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(
        template.property("OrdersRole", "Policies.1.PolicyDocument"),
        r#"{Statement: [{Action: ["ec2:DescribeImages"], Effect: "Allow", Resource: "*"}]}"#
    );
}

#[test]
fn a_definition_without_paths_takes_no_routes_of_events() {
    let api = |paths: &str| {
        template(&format!(
            "  Shop: {{Type: AWS::Serverless::Api, Properties: {{StageName: v1, MergeDefinitions: true, DefinitionBody: {{openapi: 3.0.1{paths}}}}}}}
  Orders:
    Type: AWS::Serverless::Function
    Properties: {{{PLAIN}, Events: {{Get: {{Type: Api, Properties: {{Path: /orders, Method: get, RestApiId: !Ref Shop}}}}}}}}
",
        ))
    };
    assert_eq!(api("").load("t.yaml").property("Shop", "Body"), r#"{openapi: "3.0.1"}"#);
    let world = api(", paths: {/orders: {get: {summary: all}}}");
    assert_eq!(
        world.load("t.yaml").property("Shop", "Body.paths./orders.get.x-amazon-apigateway-integration.type"),
        r#""aws_proxy""#
    );
}
