//! Nested stacks: their parameters and outputs joined with those of the stacks around them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::path::PathBuf;

use support::written::World;

const PARENT: &str = r#"
Parameters:
  Environment:
    Type: String
    AllowedValues: [dev, prod]
Conditions:
  IsProd: !Equals [!Ref Environment, prod]
Resources:
  Storage:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./stacks/storage.yaml
      Parameters:
        Access: !If [IsProd, Private, PublicRead]
        Stage: !Ref Environment
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !GetAtt Storage.Outputs.Name
Outputs:
  Access:
    Value: !Sub "${Storage.Outputs.Access}!"
"#;

const CHILD: &str = r#"
Parameters:
  Access: {Type: String}
  Stage: {Type: String}
  Days: {Type: Number, Default: 7}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: !Ref Access
      Days: !Ref Days
      Both: !If [IsProd, !Ref Access, none]
  Logs:
    Type: AWS::S3::Bucket
    Condition: IsProd
Outputs:
  Name:
    Value: !Ref Bucket
  Access:
    Value: !Ref Access
"#;

#[test]
fn the_stacks_are_one_graph_and_conditions_stay_correlated() {
    let world = World::new(&[("main.yaml", PARENT), ("stacks/storage.yaml", CHILD)]);
    let template = world.load("main.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(
        template.addresses(),
        ["Storage", "Policy", "Storage.Bucket", r#"Storage.Logs when Environment is "prod""#]
    );
    assert_eq!(
        template.property("Storage.Bucket", "AccessControl"),
        r#""PublicRead" when Environment is "dev" / "Private" when Environment is "prod""#
    );
    assert_eq!(
        template.property("Storage.Bucket", "Both"),
        r#""none" when Environment is "dev" / "Private" when Environment is "prod""#
    );
    assert_eq!(template.property("Storage.Bucket", "Days"), r#""7""#);
    assert_eq!(template.property("Policy", "Bucket"), "->Storage.Bucket");
    assert_eq!(
        template.output("Access"),
        r#""PublicRead!" when Environment is "dev" / "Private!" when Environment is "prod""#
    );
    assert_eq!(&*template.resource("Storage.Bucket").module, "Storage");
    let files: Vec<String> = template.loaded.files.iter().map(|file| file.path().display().to_string()).collect();
    assert_eq!(files, ["main.yaml", "stacks/storage.yaml"]);
}

#[test]
fn a_value_shows_its_way_through_the_stacks() {
    let child = CHILD.replace("IsProd, !Ref Access, none", "IsProd, x, none");
    let parent = PARENT.replace("!If [IsProd, Private, PublicRead]", "PublicRead");
    let world = World::new(&[("main.yaml", &parent), ("stacks/storage.yaml", &child)]);
    let template = world.load("main.yaml");
    assert_eq!(
        template.way("Storage.Bucket", "AccessControl"),
        [
            "stacks/storage.yaml:12:22 through Access",
            "main.yaml:14:17 parameter Access is set here",
            "main.yaml:14:17 written here"
        ]
    );
}

#[test]
fn arguments_and_parameters_must_meet() {
    let parent = "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: c.yaml\n      \
                  Parameters:\n        Nmae: a\n        Kind: queue\nOutputs:\n  O:\n    Value: !GetAtt S.Outputs.Nam\n";
    let child = "Parameters:\n  Name: {Type: String}\n  Kind: {Type: String, AllowedValues: [standard, fifo]}\nResources:\n  T:\n    \
                 Type: AWS::SNS::Topic\nOutputs:\n  Name:\n    Value: x\n";
    let world = World::new(&[("p.yaml", parent), ("c.yaml", child)]);
    assert_eq!(
        world.load("p.yaml").told(),
        [
            "p.yaml:2:3 S gives no value for the parameter Name of its template (add it to `Parameters`, or give it a default)",
            "p.yaml:7:9 the template of S, c.yaml, has no parameter Nmae (did you mean `Name`?)",
            "p.yaml:8:15 `queue` is none of the values that Kind allows (allowed are standard, fifo)",
            "p.yaml:11:12 the nested stack S has no output Nam (did you mean `Name`?)",
        ]
    );
}

#[test]
fn allowed_values_of_the_child_are_the_ways_of_an_open_parameter_of_the_parent() {
    let parent = "Parameters:\n  Env: {Type: String}\nConditions:\n  IsProd: !Equals [!Ref Env, prod]\nResources:\n  S:\n    \
                  Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: c.yaml\n      Parameters:\n        \
                  Env: !Ref Env\n        Open: !If [IsProd, closed, open]\n";
    let child = "Parameters:\n  Env: {Type: String, AllowedValues: [dev, prod]}\n  Open: {Type: String}\nConditions:\n  \
                 IsProd: !Equals [!Ref Env, prod]\nResources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      \
                 Name: !Ref Env\n      InProd: !If [IsProd, !Ref Open, other]\n";
    let world = World::new(&[("p.yaml", parent), ("c.yaml", child)]);
    let template = world.load("p.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(template.property("S.T", "Name"), r#""dev" when Env is "dev" / "prod" when Env is "prod""#);
    assert_eq!(
        template.property("S.T", "InProd"),
        r#""closed" when Env is "prod" / "other" when Env is none of "prod", "dev" / "other" when Env is "dev""#
    );
}

#[test]
fn a_child_that_asks_for_more_values_excludes_nothing_wrongly() {
    let parent = "Parameters:\n  Env: {Type: String}\nConditions:\n  IsProd: !Equals [!Ref Env, prod]\nResources:\n  S:\n    \
                  Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: c.yaml\n      Parameters:\n        \
                  Env: !Ref Env\n        Open: !If [IsProd, closed, open]\nOutputs:\n  T:\n    Value: !Sub '${S.Outputs.T}'\n";
    let child = "Parameters:\n  Env: {Type: String}\n  Open: {Type: String}\nConditions:\n  IsTest: !Equals [!Ref Env, test]\n\
                 Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      InTest: !If [IsTest, !Ref Open, other]\n\
                 Outputs:\n  T:\n    Value: !If [IsTest, is, not]\n";
    let world = World::new(&[("p.yaml", parent), ("c.yaml", child)]);
    let template = world.load("p.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    let property = template.property("S.T", "InTest");
    assert!(property.contains(r#""open" when Env is "test""#), "{property}");
    assert_eq!(
        template.output("T"),
        r#""not" when Env is "prod" / "not" when Env is none of "prod", "test" / "is" when Env is not "prod""#
    );
}

#[test]
fn stacks_may_depend_on_stacks_in_any_order() {
    let parent = "Resources:\n  B:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: c.yaml\n      \
                  Parameters: {Name: !GetAtt A.Outputs.Name}\n  A:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      \
                  TemplateURL: c.yaml\n      Parameters: {Name: first}\n";
    let child = "Parameters:\n  Name: {Type: String}\nResources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      \
                 TopicName: !Ref Name\nOutputs:\n  Name:\n    Value: !Sub '${Name}-and-more'\n";
    let world = World::new(&[("p.yaml", parent), ("c.yaml", child)]);
    let template = world.load("p.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(template.addresses(), ["B", "A", "B.T", "A.T"]);
    assert_eq!(template.property("B.T", "TopicName"), r#""first-and-more""#);

    let circle = parent.replace("{Name: first}", "{Name: !GetAtt B.Outputs.Name}");
    let world = World::new(&[("p.yaml", &circle), ("c.yaml", child)]);
    let told = world.load("p.yaml").told();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("the resources A, B wait for each other"), "{told:?}");
}

#[test]
fn what_is_not_there_is_a_note() {
    for (url, words) in [
        ("https://example.com/t.yaml", "the template of this stack is not on this machine"),
        ("missing.yaml", "the template of this stack is not at hand: there is no file stacks/missing.yaml"),
        ("../../etc/t.yaml", "the template of this stack is not at hand: there is no file ../etc/t.yaml"),
    ] {
        let parent =
            format!("Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: {url}}}\n");
        let world = World::new(&[("stacks/p.yaml", &parent)]);
        let template = world.load("stacks/p.yaml");
        let help = "what it creates was not judged; scan its template by itself";
        assert_eq!(template.told(), [format!("stacks/p.yaml:4:31 {words} ({help})")]);
        assert_eq!(template.errors(), Vec::<String>::new());
        assert_eq!(template.addresses(), ["S"]);
    }
}

#[test]
fn a_template_that_nests_itself_is_refused() {
    let template = "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: t.yaml}\n";
    let world = World::new(&[("t.yaml", template)]);
    let loaded = world.load("t.yaml");
    assert_eq!(loaded.told(), ["t.yaml:2:3 this template nests itself (the stack was not looked into; nest less)"]);
    assert_eq!(loaded.addresses(), ["S"]);
}

#[test]
fn a_stack_that_never_exists_is_not_opened_and_one_that_may_exist_says_when() {
    let parent = |allowed: &str| {
        format!(
            "Parameters:\n  E: {{Type: String, AllowedValues: {allowed}}}\nConditions:\n  P: !Equals [!Ref E, p]\nResources:\n  \
             S:\n    Type: AWS::CloudFormation::Stack\n    Condition: P\n    Properties: {{TemplateURL: c.yaml}}\n"
        )
    };
    let child = "Resources:\n  T:\n    Type: AWS::SNS::Topic\n";
    let world = World::new(&[("never.yaml", &parent("[d]")), ("maybe.yaml", &parent("[d, p]")), ("c.yaml", child)]);
    assert_eq!(world.load("never.yaml").addresses(), Vec::<String>::new());
    assert_eq!(world.load("maybe.yaml").addresses(), [r#"S when E is "p""#, r#"S.T when E is "p""#]);
}

#[test]
fn stack_sets_are_looked_into_also_where_their_template_is_text() {
    let parent = r#"Resources:
  Baseline:
    Type: AWS::CloudFormation::StackSet
    Properties:
      Parameters:
        - ParameterKey: Access
          ParameterValue: PublicRead
      TemplateBody: |
        Parameters:
          Access: {Type: String}
        Resources:
          Bucket:
            Type: AWS::S3::Bucket
            Properties:
              AccessControl: !Ref Access
              BucketName: written-here
"#;
    let world = World::new(&[("p.yaml", parent)]);
    let template = world.load("p.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(template.property("Baseline.Bucket", "AccessControl"), r#""PublicRead""#);
    assert_eq!(template.way("Baseline.Bucket", "BucketName"), ["p.yaml:16:27 written here"]);
    assert!(template.resource("Baseline.Bucket").representative.is_some());
}

#[test]
fn templates_of_the_cdk_and_applications_of_sam_are_found() {
    let cdk = r#"{"Resources": {"S": {"Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": {"Fn::Sub": "https://s3.${AWS::Region}.${AWS::URLSuffix}/cdk/abc.json"}},
        "Metadata": {"aws:asset:path": "S.nested.template.json", "aws:asset:property": "TemplateURL"}}}}"#;
    let sam = "Transform: AWS::Serverless-2016-10-31\nResources:\n  S:\n    Type: AWS::Serverless::Application\n    Properties:\n      \
               Location: S.nested.template.json\n";
    let nested = r#"{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}"#;
    let world = World::new(&[
        ("cdk.out/main.template.json", cdk),
        ("cdk.out/S.nested.template.json", nested),
        ("cdk.out/template.yaml", sam),
    ]);
    for path in ["cdk.out/main.template.json", "cdk.out/template.yaml"] {
        let template = world.load(path);
        assert_eq!(template.told(), Vec::<String>::new());
        assert_eq!(template.addresses(), ["S", "S.T"], "{path}");
    }
}

#[test]
fn a_url_means_the_template_of_the_tree_that_ends_as_it_does() {
    let parent = r#"Parameters:
  Bucket: {Type: String, Default: samples}
  Prefix: {Type: String}
Conditions:
  IsDefault: !Equals [!Ref Bucket, samples]
Resources:
  Network:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: !Sub
        - https://${Name}.s3.${AWS::Region}.${AWS::URLSuffix}/${Prefix}templates/vpc.yaml
        - Name: !If [IsDefault, !Sub '${Bucket}-${AWS::Region}', !Ref Bucket]
      Parameters: {Cidr: 10.0.0.0/16}
  Joined:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: !Join ['/', [!Ref Prefix, shared, queue.yaml]]}
  OtherParameters:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: https://s3.amazonaws.com/b/templates/vpc.yaml}
  Several:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: https://s3.amazonaws.com/b/twice.yaml}
  Foreign:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: https://s3.amazonaws.com/b/foreign.yaml}
"#;
    let vpc = "Parameters: {Cidr: {Type: String}}\nResources:\n  V: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref Cidr}}\n";
    let queue = "Resources:\n  Q: {Type: AWS::SQS::Queue}\n";
    let world = World::new(&[
        ("a/templates/main.yaml", parent),
        ("a/templates/vpc.yaml", vpc),
        ("a/old/vpc.yaml", queue),
        ("shared/queue.yaml", queue),
        ("x/twice.yaml", queue),
        ("y/twice.yaml", queue),
        ("foreign.yaml", "kind: Deployment\n"),
    ]);
    let template = world.load("a/templates/main.yaml");
    let (place, help) = ("a/templates/main.yaml", "what it creates was not judged; scan its template by itself");
    assert_eq!(
        template.told(),
        [
            format!(
                "{place}:19:31 the parameters of this stack are not those of a/templates/vpc.yaml, which its URL may mean ({help})"
            ),
            format!(
                "{place}:22:31 the template of this stack cannot be told: 2 files of this tree could be twice.yaml ({help})"
            ),
            format!("{place}:25:31 the template of this stack is not on this machine ({help})"),
        ]
    );
    assert_eq!(
        template.addresses(),
        ["Network", "Joined", "OtherParameters", "Several", "Foreign", "Network.V", "Joined.Q"]
    );
    assert_eq!(template.property("Network.V", "CidrBlock"), r#""10.0.0.0/16""#);
}

#[test]
fn a_template_that_functions_make_as_text_is_looked_into() {
    let parent = r#"Transform: AWS::LanguageExtensions
Parameters:
  Access: {Type: String, Default: PublicRead}
  Open: {Type: String}
Resources:
  Filled:
    Type: AWS::CloudFormation::StackSet
    Properties:
      TemplateBody: !Sub |
        Resources:
          B:
            Type: AWS::S3::Bucket
            Properties:
              BucketName: written-here
              AccessControl: ${Access}
  Made:
    Type: AWS::CloudFormation::StackSet
    Properties:
      TemplateBody:
        Fn::ToJsonString: {Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Access}}}}
  Unknown:
    Type: AWS::CloudFormation::StackSet
    Properties:
      TemplateBody: !Sub "{\"Resources\": {\"B\": {\"Type\": \"${Open}\"}}}"
"#;
    let world = World::new(&[("p.yaml", parent)]);
    let template = world.load("p.yaml");
    assert_eq!(
        template.told(),
        [
            "p.yaml:24:21 the template of this stack depends on what is not known here (what it creates was not judged; scan its template by itself)"
        ]
    );
    assert_eq!(template.property("Filled.B", "AccessControl"), r#""PublicRead""#);
    assert_eq!(template.way("Filled.B", "BucketName"), ["p.yaml:14:27 written here"]);
    assert_eq!(template.property("Made.B", "BucketName"), r#""PublicRead""#);
}

#[test]
fn how_many_stacks_are_opened_is_limited_and_told_once() {
    let stacks = |file: &str| {
        let all: String = (0..9)
            .map(|at| {
                format!("  S{at}:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: {file}}}\n")
            })
            .collect();
        format!("Resources:\n{all}")
    };
    let (a, b, c) = (stacks("b.yaml"), stacks("c.yaml"), stacks("d.yaml"));
    let leaf = "Resources:\n  T:\n    Type: AWS::SNS::Topic\n";
    let world = World::new(&[("a.yaml", &a), ("b.yaml", &b), ("c.yaml", &c), ("d.yaml", leaf)]);
    assert_eq!(
        world.load("a.yaml").told(),
        [
            "c.yaml:11:3 the template nests more than 500 stacks; 13 stacks were not looked into (what they make was not judged; nest less, or scan their templates by themselves)"
        ]
    );
}

#[test]
fn how_deep_stacks_are_nested_is_limited_and_told_once() {
    let nesting = |at: usize| {
        let url = format!("t{}.yaml", at + 1);
        let stack =
            |name| format!("  {name}:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: {url}}}\n");
        // Two ways at the last level but one.
        if at == 15 {
            format!("Resources:\n{}{}", stack("S"), stack("R"))
        } else {
            format!("Resources:\n{}", stack("S"))
        }
    };
    let files: Vec<(String, String)> = (0..20).map(|at| (format!("t{at}.yaml"), nesting(at))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    let world = World::new(&files);
    assert_eq!(
        world.load("t0.yaml").told(),
        [
            "t16.yaml:2:3 stacks are nested more than 16 deep; 2 stacks were not looked into (what they make was not judged; nest less, or scan their templates by themselves)"
        ]
    );
}

#[test]
fn templates_that_others_nest_are_no_roots() {
    let nesting = |url: &str| {
        format!("Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: {url}}}\n")
    };
    let leaf = "Resources:\n  T:\n    Type: AWS::SNS::Topic\n";
    let (a, b, x, y) = (nesting("b.yaml"), nesting("c.yaml"), nesting("y.yaml"), nesting("x.yaml"));
    let files =
        [("a.yaml", &*a), ("b.yaml", &*b), ("c.yaml", leaf), ("d.yaml", leaf), ("x.yaml", &*x), ("y.yaml", &*y)];
    let world = World::new(&files);
    let roots = |paths: &[&str]| {
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let roots = world.loader.roots(&paths);
        roots.iter().map(|path| path.display().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(roots(&["a.yaml", "b.yaml", "c.yaml", "d.yaml", "x.yaml", "y.yaml"]), ["a.yaml", "d.yaml", "x.yaml"]);
    assert_eq!(roots(&["b.yaml", "c.yaml"]), ["b.yaml"]);
    assert_eq!(roots(&["c.yaml"]), ["c.yaml"]);
}
