//! What templates come to: values with their states, their ways and when they are what.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::path::Path;

use support::written::{World, words};
use terravet_graph::Mode;

fn world(text: &str) -> World {
    World::new(&[("t.yaml", text)])
}

#[test]
fn scalars_are_what_yaml_1_1_says_and_names_are_text() {
    let world = world(
        "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      Flag: yes\n      Text: 'yes'\n      Mode: 0644\n      \
         Date: 2012-10-17\n      Big: 123456789012345678901234567890\n      Tilde: '~'\n",
    );
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    let expected = [("Flag", "true"), ("Text", r#""yes""#), ("Date", r#""2012-10-17""#), ("Tilde", r#""~""#)];
    for (key, value) in expected {
        assert_eq!(template.property("B", key), value, "{key}");
    }
    assert_eq!(world.text(template.value("B", "Mode").span().unwrap()), "0644");
    assert_eq!(world.text(template.resource("B").header), "B");
}

#[test]
fn short_and_long_forms_mean_the_same() {
    let template = |value: &str| {
        let world = world(&format!(
            "Parameters:\n  P: {{Type: String, Default: x}}\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      \
             V: {value}\n"
        ));
        let template = world.load("t.yaml");
        assert_eq!(template.errors(), Vec::<String>::new(), "{value}");
        template.property("B", "V")
    };
    for (short, long, value) in [
        ("!Ref P", "{Ref: P}", r#""x""#),
        ("!Sub 'a-${P}-${!P}'", "{'Fn::Sub': 'a-${P}-${!P}'}", r#""a-x-${P}""#),
        ("!Sub ['${P}${Q}', {Q: !Ref P}]", "{'Fn::Sub': ['${P}${Q}', {Q: {Ref: P}}]}", r#""xx""#),
        ("!Join ['-', [a, !Ref P]]", "{'Fn::Join': ['-', [a, {Ref: P}]]}", r#""a-x""#),
        ("!Select [1, [a, b]]", "{'Fn::Select': ['1', [a, b]]}", r#""b""#),
        ("!Split [',', 'a,b']", "{'Fn::Split': [',', 'a,b']}", r#"["a", "b"]"#),
        ("!Base64 ab", "{'Fn::Base64': ab}", r#""YWI=""#),
        ("!Cidr [10.0.0.0/16, 2, 8]", "{'Fn::Cidr': [10.0.0.0/16, 2, 8]}", r#"["10.0.0.0/24", "10.0.1.0/24"]"#),
        ("!GetAtt B2.Arn", "{'Fn::GetAtt': [B2, Arn]}", "->B2.Arn"),
    ] {
        let with_second = |value: &str| format!("{value}\n  B2: {{Type: AWS::S3::Bucket}}");
        assert_eq!(template(&with_second(short)), value, "{short}");
        assert_eq!(template(&with_second(long)), value, "{long}");
    }
}

#[test]
fn language_extensions_are_evaluated() {
    let world = world(
        r#"Transform: AWS::LanguageExtensions
Mappings:
  M: {a: {b: c}}
Resources:
  Fn::ForEach::Topics:
    - Name
    - [Red, Blue]
    - Topic${Name}:
        Type: AWS::SNS::Topic
        Properties:
          TopicName: !Sub "t-${Name}"
          Length: !Length [1, 2, 3]
          Json: !ToJsonString {Name: !Ref Name, List: [1, true]}
          Default: !FindInMap [M, x, b, DefaultValue: none]
"#,
    );
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(template.addresses(), ["TopicRed", "TopicBlue"]);
    assert_eq!(template.property("TopicBlue", "TopicName"), r#""t-Blue""#);
    assert_eq!(template.property("TopicRed", "Length"), "3");
    assert_eq!(template.property("TopicRed", "Json"), r#""{\"Name\":\"Red\",\"List\":[1,true]}""#);
    assert_eq!(template.property("TopicRed", "Default"), r#""none""#);
}

#[test]
fn a_value_leads_from_where_it_is_used_to_where_it_was_written() {
    let text = r#"Parameters:
  Access: {Type: String, Default: PublicRead}
Mappings:
  Kinds:
    web: {Access: PublicReadWrite}
Resources:
  A:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: !Ref Access
  B:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: !FindInMap [Kinds, web, Access]
  C:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: !Ref Other
  D:
    Type: AWS::S3::Bucket
    Properties:
      Tags: [{Key: a, Value: !Select [0, [first, second]]}]
"#;
    let text = text.replace("\nMappings", "\n  Other: {Type: String}\nMappings");
    let parameters = r#"[{"ParameterKey": "Other", "ParameterValue": "Private"}]"#;
    let world = World::new(&[("t.yaml", &text), ("parameters.json", parameters)]);
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(
        template.way("A", "AccessControl"),
        ["t.yaml:11:22 through Access", "t.yaml:2:35 default of parameter Access", "t.yaml:2:35 written here"]
    );
    assert_eq!(
        template.way("B", "AccessControl"),
        ["t.yaml:15:22 made by Fn::FindInMap()", "t.yaml:6:19 mapping Kinds.web.Access", "t.yaml:6:19 written here"]
    );
    assert_eq!(
        template.way("C", "AccessControl"),
        [
            "t.yaml:19:22 through Other",
            "parameters.json:1:46 parameter Other is set here",
            "parameters.json:1:46 written here"
        ]
    );
    assert_eq!(template.way("D", "Tags.0.Value"), ["t.yaml:23:30 made by Fn::Select()", "t.yaml:23:43 written here"]);
}

#[test]
fn what_a_condition_leaves_open_says_when_it_is_what() {
    let world = world(
        r#"Parameters:
  Env: {Type: String, AllowedValues: [dev, test, prod]}
  Name: {Type: String}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsDev: !Equals [!Ref Env, dev]
  Named: !Not [!Equals [!Ref Name, ""]]
  Never: !And [!Condition IsProd, !Condition IsDev]
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties:
      Env: !Ref Env
      Access: !If [IsProd, Private, PublicRead]
      Nested: !If [IsProd, p, !If [IsDev, d, t]]
      Same: !If [IsProd, x, x]
      Excluded: !If [IsProd, !If [IsDev, never, always], other]
      Maybe: !If [Named, !Ref Name, !Ref "AWS::NoValue"]
      Gone: !If [Never, x, !Ref "AWS::NoValue"]
      Prefix: !Sub "${Env}-bucket"
  OnlyProd: {Type: AWS::SNS::Topic, Condition: IsProd}
  Nowhere: {Type: AWS::SNS::Topic, Condition: Never}
Outputs:
  O: {Value: !If [IsProd, a, b]}
"#,
    );
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(template.addresses(), ["B", r#"OnlyProd when Env is "prod""#]);
    let is = |env: &str| format!("Env is {env:?}");
    let (dev, test, prod) = (is("dev"), is("test"), is("prod"));
    for (key, expected) in [
        ("Env", format!(r#""dev" when {dev} / "test" when {test} / "prod" when {prod}"#)),
        ("Access", format!(r#""PublicRead" when {dev} / "PublicRead" when {test} / "Private" when {prod}"#)),
        ("Nested", format!(r#""d" when {dev} / "t" when {test} / "p" when {prod}"#)),
        ("Same", r#""x""#.to_owned()),
        ("Excluded", format!(r#""other" when {dev} / "other" when {test} / "always" when {prod}"#)),
        ("Maybe", r#"null when Name is "" / ?Name has no value when Name is not """#.to_owned()),
        ("Prefix", format!(r#""dev-bucket" when {dev} / "test-bucket" when {test} / "prod-bucket" when {prod}"#)),
    ] {
        assert_eq!(template.property("B", key), expected, "{key}");
    }
    assert!(template.value("B", "Gone").is_unset());
    let conditions = &template.loaded.graph.conditions;
    assert_eq!(words(conditions.get("Never").unwrap()), "false");
    assert_eq!(
        words(conditions.get("IsDev").unwrap()),
        format!("true when {dev} / false when {test} / false when {prod}")
    );
}

#[test]
fn a_resource_with_a_condition_is_evaluated_where_it_holds() {
    let world = world(
        "Parameters:\n  Env: {Type: String, AllowedValues: [dev, prod]}\nConditions:\n  IsProd: !Equals [!Ref Env, prod]\n\
         Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Condition: IsProd\n    Properties:\n      Env: !Ref Env\n      \
         Access: !If [IsProd, Private, PublicRead]\n",
    );
    let template = world.load("t.yaml");
    assert_eq!(template.property("B", "Env"), r#""prod""#);
    assert_eq!(template.property("B", "Access"), r#""Private""#);
}

#[test]
fn parameters_that_are_given_settle_conditions_in_every_form() {
    let text = "Parameters:\n  Env: {Type: String, AllowedValues: [dev, prod]}\n  Nets: {Type: CommaDelimitedList}\nConditions:\n  \
                IsProd: !Equals [!Ref Env, prod]\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    Condition: IsProd\n    \
                Properties:\n      Nets: !Ref Nets\n      Region: !Ref AWS::Region\n";
    for parameters in [
        r#"[{"ParameterKey": "Env", "ParameterValue": "prod"}, {"ParameterKey": "Nets", "ParameterValue": "a, b"},
            {"ParameterKey": "AWS::Region", "ParameterValue": "eu-central-1"}]"#,
        r#"{"Parameters": {"Env": "prod", "Nets": "a, b", "AWS::Region": "eu-central-1"}, "StackPolicy": {}}"#,
        "Env: prod\nNets: a, b\nAWS::Region: eu-central-1\n",
    ] {
        let world = World::new(&[("t.yaml", text), ("parameters", parameters)]);
        let template = world.load("t.yaml");
        assert_eq!(template.told(), Vec::<String>::new());
        assert_eq!(world.loader.parameter_problems(), []);
        assert_eq!(template.addresses(), ["B"]);
        assert_eq!(template.property("B", "Nets"), r#"["a", "b"]"#);
        assert_eq!(template.property("B", "Region"), r#""eu-central-1""#);
    }
    let world = World::new(&[("t.yaml", text), ("parameters", "Env: dev\nNets: a\n")]);
    assert_eq!(world.load("t.yaml").addresses(), Vec::<String>::new());
}

#[test]
fn what_is_read_at_deployment_is_unknown_and_secrets_are_sensitive() {
    let world = world(
        r#"Parameters:
  Image: {Type: "AWS::SSM::Parameter::Value<String>", Default: /image}
  Password: {Type: String, NoEcho: true, Default: hunter2}
Resources:
  D:
    Type: AWS::RDS::DBInstance
    Properties:
      Image: !Ref Image
      Password: !Ref Password
      Derived: !Sub "${Password}!"
      Dynamic: "{{resolve:secretsmanager:s:SecretString:password}}"
      Key: !ImportValue key
      Zone: !Select [0, !GetAZs ""]
      Arn: !Sub "arn:${AWS::Partition}:s3:::b"
      Bucket: !Ref B
  B: {Type: AWS::S3::Bucket}
"#,
    );
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    for (key, expected) in [
        ("Image", "?imported from the parameter store"),
        ("Dynamic", "?imported from Secrets Manager"),
        ("Key", "?imported from key"),
        ("Zone", "?the availability zones of the region are read at deployment"),
        ("Arn", "?AWS::Partition has no value"),
        ("Bucket", "->B"),
    ] {
        assert_eq!(template.property("D", key), expected, "{key}");
    }
    assert_eq!(template.value("D", "Arn").as_unknown().unwrap().prefix.as_deref(), Some("arn:aws"));
    for key in ["Password", "Derived"] {
        assert!(template.value("D", key).sensitive, "{key}");
    }
}

#[test]
fn what_is_said_about_a_resource_is_there_for_rules() {
    let world = world(
        "Resources:\n  A: {Type: AWS::SNS::Topic}\n  B:\n    Type: AWS::S3::Bucket\n    DependsOn: A\n    DeletionPolicy: Retain\n    \
         Metadata: {Why: [because]}\n  M:\n    Type: My::Own::Thing::MODULE\n",
    );
    let template = world.load("t.yaml");
    assert_eq!(
        words(&template.resource("B").meta),
        r#"{DeletionPolicy: "Retain", DependsOn: "A", Metadata: {Why: ["because"]}}"#
    );
    assert_eq!(template.resource("M").mode, Mode::OpaqueModule);
    assert_eq!(
        template.told(),
        [
            "t.yaml:9:11 the module My::Own::Thing::MODULE is not on this machine (the resources that it makes were not judged; \
          scan the processed template)"
        ]
    );
}

#[test]
fn text_knows_where_its_lines_stand() {
    let world = world(
        "Parameters:\n  P: {Type: String, Default: x}\nResources:\n  I:\n    Type: AWS::EC2::Instance\n    Properties:\n      \
         UserData: !Base64\n        Fn::Sub: |\n          echo ${P}\n          echo b\n",
    );
    let template = world.load("t.yaml");
    let encoded = template.value("I", "UserData");
    assert_eq!(words(&encoded), r#""ZWNobyB4CmVjaG8gYgo=""#);
    let Some(terravet_graph::Content::Encoded(script)) = encoded.content.as_deref() else { panic!("{encoded:?}") };
    assert_eq!(script.as_str(), Some("echo x\necho b\n"));
    let Some(terravet_graph::Content::Pieces(pieces)) = script.content.as_deref() else { panic!("{script:?}") };
    let last = pieces.last().unwrap();
    assert_eq!((last.as_str(), world.place(last.span().unwrap())), (Some("echo b\n"), "t.yaml:10:11".to_owned()));
}

#[test]
fn thirty_independent_conditions_stay_linear() {
    use std::fmt::Write as _;
    let mut text = "Parameters:\n".to_owned();
    for at in 0..30 {
        let _ = writeln!(text, "  P{at}: {{Type: String, AllowedValues: [a, b]}}");
    }
    text.push_str("Conditions:\n");
    for at in 0..30 {
        let _ = writeln!(text, "  C{at}: !Equals [!Ref P{at}, a]");
    }
    let all: Vec<String> = (0..30).map(|at| format!("!Condition C{at}")).collect();
    let _ = writeln!(text, "  All: !And [{}]", all[..10].join(", "));
    text.push_str("Resources:\n");
    for at in 0..30 {
        let nested = format!("!If [C{at}, !If [C{}, x, y], !If [All, z, w]]", (at + 1) % 30);
        let _ =
            writeln!(text, "  R{at}:\n    Type: AWS::SNS::Topic\n    Condition: All\n    Properties: {{N: {nested}}}");
    }
    let world = world(&text);
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(
        template.addresses()[0],
        r#"R0 when P0 is "a" and P1 is "a" and P2 is "a" and P3 is "a" and P4 is "a" and P5 is "a" and P6 is "a" and P7 is "a" and P8 is "a" and P9 is "a""#
    );
    assert_eq!(template.property("R0", "N"), r#""x""#);
}

#[test]
fn templates_are_told_by_their_content() {
    use terravet_cloudformation::recognise;
    assert!(recognise("Resources:\n  A:\n    Type: AWS::S3::Bucket\n"));
    assert!(recognise(r#"{"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}"#));
    assert!(!recognise("apiVersion: v1\nkind: Pod\n"));
    assert!(!recognise(r#"{"name": "package"}"#));
}
