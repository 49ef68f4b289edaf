//! What is wrong with a template is said where it is wrong, with what to do; the rest is still judged.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and tells what differs")]

mod support;

use support::written::World;

/// Where, what and what to do, for a template; and the resources that are left.
fn told(text: &str) -> (Vec<String>, Vec<String>) {
    let world = World::new(&[("t", text)]);
    let template = world.load("t");
    (template.errors(), template.addresses())
}

/// A template whose only resource but one has this property.
fn with_value(value: &str) -> String {
    format!(
        "Resources:\n  Good: {{Type: AWS::SNS::Topic}}\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      V: {value}\n"
    )
}

#[test]
fn functions_that_are_none_or_have_the_wrong_arguments() {
    for (value, expected) in [
        ("{'Fn::Jion': [a, [b]]}", "t:6:11 there is no function Fn::Jion (did you mean `Fn::Join`?)"),
        ("!Foo x", "t:6:10 there is no function Fn::Foo"),
        ("!Join ['-']", "t:6:16 Fn::Join takes a list of a delimiter and a list, and this has one member"),
        ("!Select [5, [a, b]]", "t:6:19"),
        ("!GetAtt B", "t:6:18"),
        ("!Sub '${Nowhere}'", "t:6:15 there is no parameter and no resource Nowhere"),
        ("!Ref Nowhere", "t:6:15 there is no parameter and no resource Nowhere"),
        ("!Ref Godd", "t:6:15 there is no parameter and no resource Godd (did you mean `Good`?)"),
        ("!GetAtt Nowhere.Arn", "t:6:18 there is no resource Nowhere"),
        ("!If [Nowhere, a, b]", "t:6:15 there is no condition Nowhere"),
        ("!FindInMap [M, a, b]", "t:6:22 there is no mapping M"),
        ("{'Fn::GetAZs': null}", "t:6:25 null is not allowed in a template"),
        ("{'Fn::Base64': null}", "t:6:25 null is not allowed in a template"),
    ] {
        let (errors, addresses) = told(&with_value(value));
        assert_eq!(errors.len(), 1, "{value}: {errors:?}");
        assert!(errors[0].starts_with(expected), "{value}: {}", errors[0]);
        assert!(!errors[0].contains("NO HELP"), "{}", errors[0]);
        assert_eq!(addresses, ["Good", "B"], "{value}");
    }
}

#[test]
fn a_mapping_without_the_key() {
    let text = "Mappings:\n  M: {a: {b: c}}\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      V: !FindInMap [M, a, x]\n";
    let (errors, _) = told(text);
    assert_eq!(errors, ["t:7:28 M.a has no key `x` (did you mean `b`?)"]);
}

#[test]
fn resources_and_conditions_in_circles() {
    let (errors, _) = told(
        "Conditions:\n  A: !Condition B\n  B: !Not [!Condition A]\nResources:\n  X:\n    Type: AWS::SNS::Topic\n    Properties: {N: !Ref Y}\n  \
         Y:\n    Type: AWS::SNS::Topic\n    DependsOn: X\n",
    );
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors[0].starts_with("t:2:"), "{errors:?}");
    assert!(errors[1].starts_with("t:7:21 the resources X, Y wait for each other"), "{errors:?}");
    let (errors, _) = told("Conditions:\n  A: !Not [!Condition A]\nResources:\n  X: {Type: AWS::SNS::Topic}\n");
    assert_eq!(errors, ["t:2:3 the condition A refers to itself (write it without itself)"]);
}

#[test]
fn shapes_that_are_no_template() {
    for (text, expected) in [
        ("", "t:1:1 the template is empty"),
        ("- a\n- b\n", "t:1:1 "),
        ("Resources: []\n", "t:1:12 "),
        ("Resources:\n\tA: {}\n", "t:2:1 "),
        (r#"{"Resources": {"A": {"Type": "AWS::SNS::Topic"}"#, "t:1:48 "),
        ("Resources:\n  A:\n    Properties: {}\n", "t:2:3 "),
        ("Resources:\n  A: {Type: AWS::SNS::Topic, Propertys: {}}\n", "t:2:30 "),
        ("Resorces:\n  A: {Type: AWS::SNS::Topic}\n", "t:1:1 "),
    ] {
        let (errors, _) = told(text);
        assert!(errors.iter().any(|error| error.starts_with(expected)), "{text:?}: {errors:?}");
        assert!(errors.iter().all(|error| !error.contains("NO HELP")), "{errors:?}");
    }
}

#[test]
fn comments_in_json_and_keys_that_stand_twice() {
    let world = World::new(&[
        ("t.json", "{\"Resources\": {\n  // a comment\n  \"A\": {\"Type\": \"AWS::SNS::Topic\"}}}"),
        ("t.yaml", "Resources:\n  A: {Type: AWS::SNS::Topic}\n  A: {Type: AWS::SQS::Queue}\n"),
    ]);
    let errors = world.load("t.json").errors();
    assert!(errors[0].starts_with("t.json:2:3 this is not JSON: "), "{errors:?}");
    let twice = world.load("t.yaml");
    assert!(twice.told()[0].starts_with("t.yaml:3:3 "), "{:?}", twice.told());
}

#[test]
fn parameters_that_are_not_as_declared() {
    let text = "Parameters:\n  N: {Type: Number, MaxValue: 3}\n  E: {Type: String, AllowedValues: [standard, fifo]}\n  \
                P: {Type: String, AllowedPattern: '[a-z]+'}\nResources:\n  A: {Type: AWS::SNS::Topic}\n";
    let world = World::new(&[("t", text), ("parameters", "N: 4\nE: queue\nP: a1\nUnknown: x\n")]);
    assert_eq!(
        world.load("t").errors(),
        [
            "parameters:1:4 `4` is above 3 (give a smaller number)",
            "parameters:2:4 `queue` is none of the values that E allows (allowed are standard, fifo)",
            "parameters:3:4 `a1` does not match the pattern of P (it must match [a-z]+)",
        ]
    );
    let problems: Vec<String> = world.loader.parameter_problems().iter().map(|problem| world.told(problem)).collect();
    assert_eq!(
        problems,
        ["parameters:4:1 no template has a parameter Unknown (declare it in the template, or leave it out here)"]
    );
}

#[test]
fn a_secret_that_is_refused_is_not_shown() {
    let text = "Parameters:\n  P: {Type: String, NoEcho: true, MinLength: 12, Default: hunter2}\nResources:\n  A: {Type: AWS::SNS::Topic}\n";
    let (errors, _) = told(text);
    assert_eq!(errors.len(), 1);
    assert!(!errors[0].contains("hunter2"), "{errors:?}");
}

#[test]
fn what_refers_to_nothing_is_not_known_and_yet_something() {
    let world = World::new(&[("t", &with_value("[!Ref Nowhere, !GetAtt Nowhere.Arn, !Ref AWS::NoValue]"))]);
    let template = world.load("t");
    let members = template.value("B", "V").elements();
    assert_eq!(members.len(), 2);
    assert!(members.iter().all(|member| member.is_unknown() && member.is_not_null()), "{members:?}");
}
