//! Files that a template names: snippets that it includes, and definitions of its resources.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::path::PathBuf;

use support::written::World;

#[test]
fn a_snippet_stands_among_the_keys_beside_it_with_places_of_its_own() {
    let template = r#"Parameters:
  Bucket: {Type: String}
Mappings:
  Fn::Transform: {Name: AWS::Include, Parameters: {Location: maps.json}}
Resources:
  Fn::Transform:
    Name: AWS::Include
    Parameters: {Location: !Sub "s3://${Bucket}/snippets/queue.yaml"}
  Disk:
    Type: AWS::EC2::Volume
    Properties:
      Size: !FindInMap [Sizes, eu, small]
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: ./snippets/disk.yaml}}
"#;
    let world = World::new(&[
        ("infra/t.yaml", template),
        ("infra/maps.json", r#"{"Sizes": {"eu": {"small": 3}}}"#),
        (
            "infra/snippets/queue.yaml",
            "Queue:\n  Type: AWS::SQS::Queue\n  Properties:\n    QueueName: !Sub '${Disk}-q'\n",
        ),
        ("infra/snippets/disk.yaml", "Encrypted: false\nTags: {'Fn::Sub': '${Bucket}'}\n"),
    ]);
    let loaded = world.load("infra/t.yaml");
    assert_eq!(loaded.told(), Vec::<String>::new());
    assert_eq!(loaded.addresses(), ["Disk", "Queue"]);
    assert_eq!(loaded.property("Disk", "Size"), "3");
    assert_eq!(loaded.property("Disk", "Encrypted"), "false");
    assert_eq!(loaded.property("Disk", "Tags"), "?Bucket has no value");
    assert_eq!(loaded.way("Disk", "Encrypted"), ["infra/snippets/disk.yaml:1:12 written here"]);
    let queue = loaded.resource("Queue");
    assert_eq!(world.place(queue.header), "infra/snippets/queue.yaml:1:1");
    let files: Vec<String> = loaded.loaded.files.iter().map(|file| file.path().display().to_string()).collect();
    assert_eq!(files, ["infra/t.yaml", "infra/maps.json", "infra/snippets/queue.yaml", "infra/snippets/disk.yaml"]);
    let paths = ["infra/t.yaml", "infra/snippets/queue.yaml"].map(PathBuf::from);
    assert_eq!(world.loader.roots(&paths), [PathBuf::from("infra/t.yaml")]);
}

#[test]
fn a_snippet_of_the_whole_template_adds_to_its_sections() {
    let template = "Transform:\n  Name: AWS::Include\n  Parameters: {Location: more.yaml}\nResources:\n  A: {Type: AWS::SNS::Topic}\n";
    let more = "Resources:\n  B: {Type: AWS::SQS::Queue}\nOutputs:\n  Name: {Value: {'Fn::GetAtt': [A, TopicName]}}\n";
    let world = World::new(&[("t.yaml", template), ("more.yaml", more)]);
    let loaded = world.load("t.yaml");
    assert_eq!(loaded.told(), Vec::<String>::new());
    assert_eq!(loaded.addresses(), ["A", "B"]);
    assert_eq!(loaded.output("Name"), "->A.TopicName");
}

#[test]
fn what_a_snippet_defines_for_sam_is_there_for_the_transform() {
    let template = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Api:\n    Type: AWS::Serverless::Api\n    Properties:\n      \
                    StageName: prod\n      DefinitionBody:\n        Fn::Transform: {Name: AWS::Include, Parameters: {Location: api.yaml}}\n";
    let api = "swagger: 2.0\npaths:\n  /a:\n    get: {security: []}\n";
    let world = World::new(&[("t.yaml", template), ("api.yaml", api)]);
    let loaded = world.load("t.yaml");
    assert_eq!(loaded.told(), Vec::<String>::new());
    assert_eq!(loaded.way("Api", "Body.paths./a.get.security"), ["api.yaml:4:21 written here"]);
}

#[test]
fn a_snippet_that_is_not_at_hand_is_a_note_and_what_it_may_add_is_unknown() {
    let include = |location: &str| format!("{{Name: AWS::Include, Parameters: {{Location: {location}}}}}");
    let template = format!(
        "Resources:\n  Fn::Transform: {}\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: a\n      Fn::Transform: {}\n  \
         B:\n    Type: AWS::SNS::Topic\n    Fn::Transform: {}\n  C:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !Ref Elsewhere\n",
        include("s3://bucket/none.yaml"),
        include("../../etc/passwd"),
        include("s3://bucket/two.yaml")
    );
    let world = World::new(&[("t.yaml", &template), ("a/two.yaml", "X: {}\n"), ("b/two.yaml", "X: {}\n")]);
    let loaded = world.load("t.yaml");
    let help = "what it adds was not judged; put the snippet where `Location` says, or scan the processed template";
    assert_eq!(
        loaded.told(),
        [
            format!("t.yaml:2:62 the snippet that is included here is not on this machine ({help})"),
            format!("t.yaml:7:66 there is no file ../../etc/passwd ({help})"),
            format!("t.yaml:10:64 2 files of this tree could be two.yaml ({help})"),
        ]
    );
    assert_eq!(loaded.errors(), Vec::<String>::new());
    assert_eq!(loaded.addresses(), ["A", "B", "C"]);
    let why = "?the macro AWS::Include makes it at deployment";
    assert_eq!(loaded.property("A", "TopicName"), why);
    assert_eq!(loaded.property("B", "TopicName"), why);
}

#[test]
fn snippets_that_the_transform_refuses() {
    let template = "Parameters:\n  Fn::Transform: {Name: AWS::Include, Parameters: {Location: s.yaml}}\nResources:\n  A:\n    \
                    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: own\n      Fn::Transform: {Name: AWS::Include, Parameters: {Location: s.yaml}}\n  \
                    B:\n    Type: AWS::SNS::Topic\n    Properties:\n      Fn::Transform: {Name: AWS::Include, Parameters: {Location: list.yaml}}\n";
    let snippet = "TopicName: other\nInner:\n  Fn::Transform: {Name: AWS::Include, Parameters: {Location: s.yaml}}\n";
    let world = World::new(&[("t.yaml", template), ("s.yaml", snippet), ("list.yaml", "- a\n")]);
    let loaded = world.load("t.yaml");
    let mut told = loaded.told();
    told.sort();
    assert_eq!(
        told,
        [
            "list.yaml:1:1 a snippet is a map of keys, and this is a list (write each key with a colon and its value)",
            "s.yaml:1:1 the snippet has the key `TopicName`, and so has what includes it (the key of the template was judged, and not that of the snippet; leave one of the two out)",
            "s.yaml:3:3 a snippet that is included cannot include another (include both in the template)",
            "t.yaml:2:3 AWS::Include cannot stand in `Parameters` (declare the parameters in the template itself)",
        ]
    );
    assert_eq!(loaded.property("A", "TopicName"), r#""own""#);
    assert_eq!(loaded.property("A", "Inner"), "?the macro AWS::Include makes it at deployment");
}

#[test]
fn what_snippets_add_is_limited() {
    let snippet: String = (0..10_000).map(|at| format!("K{at}: v\n")).collect();
    let resources: String = (0..200)
        .map(|at| {
            format!(
                "  R{at}:\n    Type: AWS::SNS::Topic\n    Properties: {{'Fn::Transform': {{Name: AWS::Include, Parameters: {{Location: s.yaml}}}}}}\n"
            )
        })
        .collect();
    let world = World::new(&[("t.yaml", &format!("Resources:\n{resources}")), ("s.yaml", &snippet)]);
    let loaded = world.load("t.yaml");
    assert_eq!(
        loaded.told(),
        [
            "t.yaml:301:79 the snippets of the template add more than 1000000 values (what this snippet and those after it add was not judged; include less)"
        ]
    );
}

#[test]
fn macros_are_a_note_wherever_they_stand() {
    let template = "Transform: [Mine, AWS::LanguageExtensions]\nResources:\n  Fn::Transform: {Name: Adder}\n  A:\n    \
                    Fn::Transform: {Name: Maker}\n  B:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: !Ref A}\n";
    let world = World::new(&[("t.yaml", template)]);
    let loaded = world.load("t.yaml");
    let help = "scan the processed template, as `get-template --template-stage Processed` gives it";
    assert_eq!(
        loaded.told(),
        [
            format!("t.yaml:1:13 the macro Mine is not run; what it makes of this template is not known ({help})"),
            format!("t.yaml:3:18 the macro Adder is not run; what it makes of `Resources` is not known ({help})"),
            format!("t.yaml:5:20 the macro Maker is not run; what it makes of A is not known ({help})"),
        ]
    );
    assert_eq!(loaded.addresses(), ["B"]);
}

#[test]
fn definitions_in_files_are_read_as_the_services_do() {
    let template = r#"Transform: AWS::Serverless-2016-10-31
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, DefinitionUri: defs/api.yaml}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties: {DefinitionUri: defs/api.json}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Role: arn:aws:iam::123456789012:role/r
      DefinitionUri: defs/machine.json
      DefinitionSubstitutions: {Topic: !Ref Topic, Name: n}
  Graph:
    Type: AWS::Serverless::GraphQLApi
    Properties: {SchemaUri: defs/schema.graphql, Auth: {Type: AWS_IAM}}
  Topic: {Type: AWS::SNS::Topic}
  Native:
    Type: AWS::ApiGateway::RestApi
    Properties: {BodyS3Location: defs/none.yaml}
"#;
    let world = World::new(&[
        ("t.yaml", template),
        ("defs/api.yaml", "swagger: 2.0\npaths:\n  /:\n    get: {Ref: Topic, security: []}\n"),
        ("defs/api.json", r#"{"openapi": "3.0.1", "paths": {}}"#),
        ("defs/machine.json", r#"{"States": {"A": {"Resource": "${Topic}", "Comment": "${Name}-${Other}"}}}"#),
        ("defs/schema.graphql", "type Query { a: String }\n"),
    ]);
    let loaded = world.load("t.yaml");
    assert_eq!(
        loaded.told(),
        [
            "t.yaml:21:34 there is no file defs/none.yaml (what it defines was not judged; the path is that from the folder of the template)"
        ]
    );
    // Functions mean nothing in a definition that a service reads.
    assert_eq!(loaded.property("Rest", "Body.paths./.get.Ref"), r#""Topic""#);
    assert_eq!(
        loaded.way("Rest", "Body.paths./.get.security"),
        ["t.yaml:5:50 content of defs/api.yaml", "defs/api.yaml:4:33 written here"]
    );
    assert_eq!(loaded.property("Rest", "BodyS3Location"), "null");
    assert_eq!(loaded.property("Http", "Body.openapi"), r#""3.0.1""#);
    assert_eq!(loaded.property("Machine", "Definition.States.A.Resource"), "->Topic");
    assert_eq!(loaded.property("Machine", "Definition.States.A.Comment"), r#""n-${Other}""#);
    assert_eq!(loaded.property("GraphSchema", "Definition"), r#""type Query { a: String }\n""#);
    assert_eq!(
        loaded.way("GraphSchema", "Definition"),
        ["t.yaml:17:29 content of defs/schema.graphql", "defs/schema.graphql:1:1 written here"]
    );
    assert_eq!(loaded.property("Native", "BodyS3Location"), r#""defs/none.yaml""#);
}

#[test]
fn directives_of_rain_are_a_note_like_macros() {
    let template = "Resources:\n  Network:\n    Type: !Rain::Module vpc.yaml\n    Overrides: {}\n  Host:\n    Type: AWS::EC2::Instance\n    \
                    Properties:\n      SubnetId: !GetAtt NetworkSubnet.Id\n      UserData: !Sub {'Rain::Embed': boot.sh}\n";
    let world = World::new(&[("t.yaml", template)]);
    let loaded = world.load("t.yaml");
    assert_eq!(
        loaded.told(),
        [
            "t.yaml:3:11 Rain::Module is a directive of Rain; what it makes is not known (scan what `rain pkg` makes of this template)"
        ]
    );
    assert_eq!(loaded.addresses(), ["Host"]);
    assert_eq!(loaded.property("Host", "UserData"), "?could not be evaluated");
}
