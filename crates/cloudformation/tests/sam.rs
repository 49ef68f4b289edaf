//! SAM: what the transform makes, evaluated; and that everything in it leads to the source.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use support::written::World;

const FUNCTION: &str = r#"Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, AllowedValues: [dev, prod]}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Globals:
  Function:
    Runtime: python3.12
    Environment:
      Variables: {SHARED: one}
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      CodeUri: src/
      Environment:
        Variables:
          STAGE: !Ref Stage
      Policies:
        - S3ReadPolicy: {BucketName: !Ref Bucket}
        - Statement:
            - {Effect: Allow, Action: "*", Resource: "*"}
      Events:
        Get:
          Type: Api
          Properties: {Path: /orders, Method: get}
        Timer:
          Type: Schedule
          Properties: {Schedule: rate(1 day)}
  Bucket:
    Type: AWS::S3::Bucket
"#;

#[test]
fn a_function_becomes_all_that_it_needs() {
    let world = World::new(&[("t.yaml", FUNCTION)]);
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    let mut made: Vec<String> = template
        .loaded
        .graph
        .resources
        .iter()
        .map(|resource| {
            // A deployment ends in ten digits of a checksum.
            let (name, digits) = resource.address.split_at(resource.address.len().saturating_sub(10));
            let is_checksum = !digits.contains(|digit: char| !matches!(digit, '0'..='9' | 'a'..='f'));
            format!("{} {}", if is_checksum { name } else { &resource.address }, resource.native_type)
        })
        .collect();
    made.sort();
    assert_eq!(
        made,
        [
            "Bucket AWS::S3::Bucket",
            "Orders AWS::Lambda::Function",
            "OrdersGetPermissionProd AWS::Lambda::Permission",
            "OrdersRole AWS::IAM::Role",
            "OrdersTimer AWS::Events::Rule",
            "OrdersTimerPermission AWS::Lambda::Permission",
            "ServerlessRestApi AWS::ApiGateway::RestApi",
            "ServerlessRestApiDeployment AWS::ApiGateway::Deployment",
            "ServerlessRestApiProdStage AWS::ApiGateway::Stage",
        ]
    );
    assert_eq!(template.property("Orders", "Runtime"), r#""python3.12""#);
    assert_eq!(
        template.property("Orders", "Environment.Variables"),
        r#"{SHARED: "one", STAGE: "dev" when Stage is "dev" / "prod" when Stage is "prod"}"#
    );
}

#[test]
fn what_is_made_leads_to_where_it_was_written() {
    let world = World::new(&[("t.yaml", FUNCTION)]);
    let template = world.load("t.yaml");
    assert_eq!(template.way("Orders", "Runtime"), ["t.yaml:8:14 written here"], "from the globals");
    let policies = template.value("OrdersRole", "Policies").elements();
    let statement = policies[1].get("PolicyDocument").get("Statement").elements()[0].get("Action");
    assert_eq!(world.place(statement.span().unwrap()), "t.yaml:23:39");
    for resource in &template.loaded.graph.resources {
        let place = world.place(resource.header);
        let line: u32 = place.split(':').nth(1).unwrap().parse().unwrap();
        assert!((12..=32).contains(&line), "{} is at {place}", resource.address);
    }
    // What comes from a policy template stands where the policy template is named.
    let place = policies[0].get("PolicyDocument").span().map(|span| world.place(span)).unwrap();
    assert!(place.starts_with("t.yaml:21:"), "{place}");
}

#[test]
fn a_condition_goes_with_all_that_is_made() {
    let text = FUNCTION.replace(
        "  Orders:\n    Type: AWS::Serverless::Function\n",
        "  Orders:\n    Type: AWS::Serverless::Function\n    Condition: IsProd\n",
    );
    let world = World::new(&[("t.yaml", &text)]);
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    for resource in template.loaded.graph.resources.iter().filter(|resource| resource.address.starts_with("Orders")) {
        assert_eq!(resource.exists_when.as_deref(), Some(r#"Stage is "prod""#), "{}", resource.address);
    }
}

#[test]
fn what_sam_refuses_is_refused_at_its_place() {
    for (from, to, expected) in [
        ("Handler: app.handler", "Handlr: app.handler", "t.yaml:15:7 "),
        ("Type: Schedule", "Type: Shedule", "t.yaml:"),
        ("S3ReadPolicy", "S3RaedPolicy", "t.yaml:"),
        ("{Path: /orders, Method: get}", "{Path: /orders}", "t.yaml:"),
    ] {
        let world = World::new(&[("t.yaml", &FUNCTION.replace(from, to))]);
        let errors = world.load("t.yaml").errors();
        assert!(errors.iter().any(|error| error.starts_with(expected)), "{to}: {errors:?}");
        assert!(errors.iter().all(|error| !error.contains("NO HELP")), "{errors:?}");
    }
}
