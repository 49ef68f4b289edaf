//! SAM: what the transform refuses, each with where and what it says.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use support::written::World;

/// What is refused of a template with these resources. Where, and what is said, without the help.
fn refused(resources: &str) -> Vec<String> {
    let text = format!(
        "Transform: AWS::Serverless-2016-10-31\nParameters: {{P: {{Type: String}}}}\nResources:\n{resources}\n"
    );
    let world = World::new(&[("t.yaml", &text)]);
    let errors = world.load("t.yaml").errors();
    assert!(errors.iter().all(|error| !error.contains("NO HELP")), "{errors:?}");
    errors.iter().map(|error| error.split(" (").next().unwrap().trim_start_matches("t.yaml:").to_owned()).collect()
}

/// A function with more properties.
fn function(more: &str) -> String {
    format!(
        "  F: {{Type: AWS::Serverless::Function, Properties: {{Handler: a.b, Runtime: python3.12, CodeUri: 's3://b/k',\n    {more}}}}}"
    )
}

#[test]
fn events_that_a_bucket_or_a_user_pool_tells_are_texts() {
    let event =
        |ty: &str, properties: &str| function(&format!("Events: {{E: {{Type: {ty}, Properties: {{{properties}}}}}}}"));
    let pool = "\n  U: {Type: AWS::Cognito::UserPool}\n  B: {Type: AWS::S3::Bucket}";
    assert_eq!(
        refused(&(event("S3", "Bucket: !Ref B, Events: !Ref P") + pool)),
        ["5:65 Events must be text or a list"]
    );
    assert_eq!(
        refused(&(event("S3", "Bucket: !Ref B, Events: [!Ref P]") + pool)),
        ["5:66 Events must be a list of texts"]
    );
    assert_eq!(
        refused(&(event("Cognito", "UserPool: !Ref U, Trigger: [PreSignUp, [x]]") + pool)),
        ["5:85 Trigger must be a list of texts"]
    );
    assert_eq!(
        refused(&event("Schedule", "").replace("{}", "null")),
        ["5:46 the properties of the event E must be a map"]
    );
}

#[test]
fn a_graphql_api_is_checked_to_its_leaves() {
    let api = |more: &str| {
        format!(
            "  G: {{Type: AWS::Serverless::GraphQLApi, Properties: {{SchemaUri: 's3://b/k', Auth: {{Type: AWS_IAM}},\n    {more}}}}}"
        )
    };
    let cases = [
        ("XrayEnabled: [true]", "5:18 XrayEnabled must be true or false"),
        ("Cache: {Type: SMALL, Ttl: 3}", "5:12 Cache needs ApiCachingBehavior"),
        ("ApiKeys: {K: {Expires: 3}}", "5:19 K has no property Expires"),
        ("DataSources: {Lambda: {L: {FunctionArn: a, Arn: b}}}", "5:48 L has no property Arn"),
        (
            "Functions: {N: {DataSource: NONE, InlineCode: x, Runtime: {Name: APPSYNC_JS}}}",
            "5:63 Runtime needs Version",
        ),
        ("Resolvers: {Query: {a: {Pipeline: [!Ref P]}}}", "5:40 Pipeline must be text"),
        ("Resolvers: {Query: {a: {Pipeline: [], Sync: {}}}}", "5:49 Sync needs ConflictDetection"),
    ];
    for (written, expected) in cases {
        assert_eq!(refused(&api(written)), [expected], "{written}");
    }
}

#[test]
fn capacity_providers_connectors_and_images_are_checked_to_their_leaves() {
    let cases = [
        ("CapacityProvider", "VpcConfig: {SubnetIds: x}", "4:84 SubnetIds must be a list"),
        ("CapacityProvider", "VpcConfig: {SubnetIds: [a], Subnet: b}", "4:89 VpcConfig has no property Subnet"),
        (
            "CapacityProvider",
            "VpcConfig: {SubnetIds: [a]}, ScalingConfig: {MaxVCpuCount: many}",
            "4:120 MaxVCpuCount must be a number",
        ),
        (
            "NetworkConnector",
            "VpcConfig: {SubnetIds: [a], SecurityGroupIds: [b], NetworkProtocol: IPv6}",
            "4:129 NetworkProtocol must be IPv4 or DualStack",
        ),
        (
            "NetworkConnector",
            "VpcConfig: {SubnetIds: [a], SecurityGroupIds: [b], NetworkProtocol: IPv4}, ComputeTypes: []",
            "4:150 ComputeTypes must be a list of one element",
        ),
        (
            "MicrovmImage",
            "Name: n, CodeUri: 's3://b/k', BaseImageArn: a, BaseImageVersion: '1', Hooks: {Port: x}",
            "4:141 Port must be a number",
        ),
    ];
    for (ty, properties, expected) in cases {
        let resources = format!("  R: {{Type: AWS::Serverless::{ty}, Properties: {{{properties}}}}}");
        assert_eq!(refused(&resources), [expected], "{properties}");
    }
}

#[test]
fn who_may_call_a_web_function_must_be_said() {
    let site = |more: &str| {
        format!(
            "  W: {{Type: AWS::Serverless::WebFunction, Properties: {{CodeUri: 's3://b/k', Runtime: nodejs22.x{more}}}}}"
        )
    };
    assert_eq!(
        refused(&site("")),
        ["4:3 W: AuthType must say who may call: IamAuth, or ApplicationManaged for everyone"]
    );
    assert_eq!(
        refused(&site(", AuthType: IamAuth, RevisionWeights: {a: 100}")),
        ["4:3 W: RevisionWeights needs AutoDeploymentMode: Disabled"]
    );
    assert_eq!(
        refused(&site(", AuthType: IamAuth, AutoDeploymentMode: Disabled, RevisionWeights: {a: 60, b: 60}")),
        ["4:3 W: the RevisionWeights are numbers that come to 100"]
    );
}

#[test]
fn an_http_api_has_maps_for_paths() {
    let api = "  A:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody: {openapi: 3.0.1, paths: {/orders: yes}}
      Auth: {DefaultAuthorizer: J, Authorizers: {J: {JwtConfiguration: {issuer: i, audience: [a]}, IdentitySource: x}}}";
    assert_eq!(refused(api), ["7:57 the path /orders must be a map in the definition of the API"]);
}

#[test]
fn an_application_is_named_and_no_function_stands_for_its_map() {
    assert_eq!(
        refused("  A: {Type: AWS::Serverless::Application, Properties: {Location: !Sub 'https://${P}'}}"),
        ["4:3 A: Location needs ApplicationId"]
    );
}

#[test]
fn a_table_has_a_key_of_texts_and_a_throughput_of_numbers() {
    let table = |properties: &str| format!("  T: {{Type: AWS::Serverless::SimpleTable, Properties: {{{properties}}}}}");
    assert_eq!(
        refused(&table("PrimaryKey: {Name: !Ref P, Type: String}")),
        ["4:75 the Name of PrimaryKey must be text, and no function"]
    );
    assert_eq!(
        refused(&table("ProvisionedThroughput: {ReadCapacityUnits: [1]}")),
        ["4:79 ProvisionedThroughput is a map of numbers"]
    );
}

#[test]
fn names_that_become_logical_ids_are_letters_and_digits() {
    let machine =
        "  S: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: 's3://b/k', AutoPublishAlias: !Ref P}}";
    assert_eq!(refused(machine), ["4:102 AutoPublishAlias is made of letters and digits, and is no function"]);
    let queue = "Events: {E: {Type: SNS, Properties: {Topic: 'arn:t', SqsSubscription: {QueueArn: a, QueueUrl: u, QueuePolicyLogicalId: !Ref P}}}}";
    assert_eq!(refused(&function(queue)), ["5:14 the event E: QueuePolicyLogicalId is made of letters and digits"]);
}

#[test]
fn layers_are_texts_or_functions() {
    assert_eq!(refused(&function("Layers: [[a]]")), ["5:14 Layers must be a list of texts"]);
}

#[test]
fn null_among_the_globals_is_as_if_it_were_not_written() {
    let text = "Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.12, Timeout: null}}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, CodeUri: 's3://b/k'}}
";
    let world = World::new(&[("t.yaml", text)]);
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(template.property("F", "Timeout"), "null");
}

#[test]
fn the_role_of_a_schedule_of_a_state_machine_is_text() {
    let machine = "  S: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: 's3://b/k',
    Events: {E: {Type: Schedule, Properties: {Schedule: rate(1 day), RoleArn: !Ref P}}}}}";
    assert_eq!(refused(machine), ["5:79 RoleArn must be text"]);
}

#[test]
fn an_image_must_be_named_unless_it_is_built() {
    let image = "  Image: {Type: AWS::Serverless::Function, Properties: {PackageType: Image}";
    assert_eq!(refused(&format!("{image}}}\n")), ["4:3 Image: ImageUri must say where the image is"]);
    assert_eq!(refused(&format!("{image}, Metadata: {{Dockerfile: Dockerfile}}}}\n")), Vec::<String>::new());
}
