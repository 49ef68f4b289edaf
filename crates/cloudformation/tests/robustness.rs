//! Whatever the text, there is an answer: no panic, no endless work, and limits that say so.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fmt::Write as _;

use proptest::prelude::*;
use support::written::World;

/// Values as templates have them, and as nobody would write them.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("x".to_owned()),
        Just("!Ref P".to_owned()),
        Just("!Ref B".to_owned()),
        Just("!Ref AWS::NoValue".to_owned()),
        Just("!Ref AWS::Region".to_owned()),
        Just("!GetAtt B.Arn".to_owned()),
        Just("!GetAtt S.Outputs.O".to_owned()),
        Just("!Sub '${P}-${S.Outputs.O}-${!x}'".to_owned()),
        Just("'{{resolve:ssm:a:1}}'".to_owned()),
        Just("!FindInMap [M, !Ref P, k]".to_owned()),
        Just("10.0.0.0/8".to_owned()),
        Just("-1".to_owned()),
        Just("''".to_owned()),
        Just("null".to_owned()),
        Just("{}".to_owned()),
        Just("[]".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", ")));
        prop_oneof![
            list.clone(),
            (
                prop::sample::select(vec![
                    "If",
                    "Join",
                    "Select",
                    "Split",
                    "Sub",
                    "Base64",
                    "Cidr",
                    "GetAtt",
                    "Ref",
                    "FindInMap",
                    "Length",
                    "ToJsonString",
                    "ImportValue",
                    "Transform",
                    "GetAZs",
                    "Equals",
                    "And",
                    "Not",
                    "Nonsense"
                ]),
                list
            )
                .prop_map(|(name, list)| format!("{{'Fn::{name}': {list}}}")),
            inner.clone().prop_map(|value| format!("{{'Fn::Base64': {value}}}")),
            (inner.clone(), inner.clone()).prop_map(|(yes, no)| format!("{{'Fn::If': [C, {yes}, {no}]}}")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("{{'Fn::Join': [{a}, [{b}, y]]}}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_has_an_answer(text in "[ -~\n\t]{0,200}") {
        World::new(&[("t.yaml", &text)]).load("t.yaml").told();
    }

    #[test]
    fn any_value_in_any_place_has_an_answer(
        a in value(), b in value(), c in value(), d in value(),
        transform in prop::sample::select(vec!["", "Transform: AWS::LanguageExtensions\n", "Transform: AWS::Serverless-2016-10-31\n"]),
        ty in prop::sample::select(vec!["AWS::S3::Bucket", "AWS::Serverless::Function", "AWS::Serverless::Api", "AWS::CloudFormation::Stack"]),
    ) {
        let text = format!(
            "{transform}Parameters:\n  P: {{Type: String, AllowedValues: [k, l]}}\n  Q: {{Type: String}}\nMappings:\n  M: {{k: {{k: v}}}}\n\
             Conditions:\n  C: {{'Fn::Equals': [{a}, x]}}\n  D: {{'Fn::Not': [{{Condition: C}}]}}\nResources:\n  B:\n    Type: {ty}\n    \
             Properties: {{A: {b}, TemplateURL: n.yaml, Parameters: {c}, Events: {c}}}\n  S:\n    Type: AWS::CloudFormation::Stack\n    Condition: C\n    \
             Properties:\n      TemplateURL: n.yaml\n      Parameters: {{N: {c}}}\nOutputs:\n  O: {{Value: {d}}}\n"
        );
        let nested = "Parameters:\n  N: {Type: String, Default: z}\nConditions:\n  E: !Equals [!Ref N, x]\nResources:\n  T:\n    \
                      Type: AWS::SNS::Topic\n    Properties: {X: !If [E, !Ref N, other]}\nOutputs:\n  O: {Value: !If [E, !Ref N, !Ref T]}\n";
        let world = World::new(&[("t.yaml", &text), ("n.yaml", nested)]);
        let template = world.load("t.yaml");
        // Every place can be shown, and every error says what to do.
        for told in template.told() {
            prop_assert!(!told.contains("NO HELP"), "{}", told);
        }
        for resource in &template.loaded.graph.resources {
            world.text(resource.block);
        }
    }
}

#[test]
fn loops_and_references_are_bounded() {
    let members: Vec<String> = (0..1000).map(|at| format!("a{at}")).collect();
    let members = members.join(", ");
    let text = format!(
        "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::A:\n    - X\n    - [{members}]\n    - Fn::ForEach::B:\n        - Y\n        \
         - [{members}]\n        - T${{X}}${{Y}}: {{Type: AWS::SNS::Topic}}\n"
    );
    let told = World::new(&[("t.yaml", &text)]).load("t.yaml").told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("more than"), "{told:?}");

    let mut text = "Resources:\n".to_owned();
    for at in 0..200 {
        let _ = writeln!(text, "  R{at}:\n    Type: AWS::SNS::Topic\n    Properties:\n      Name: n");
        for to in 0..at {
            let _ = writeln!(text, "      P{to}: !GetAtt R{to}.Arn");
        }
    }
    let world = World::new(&[("t.yaml", &text)]);
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(template.addresses().len(), 200);
}

#[test]
fn deep_nesting_is_a_limit_that_is_named() {
    let open = "[".repeat(100_000);
    for text in [format!("Resources: {open}"), format!(r#"{{"Resources": {open}"#)] {
        let told = World::new(&[("t.yaml", &text)]).load("t.yaml").told();
        assert!(told.iter().any(|told| told.contains("levels")), "{told:?}");
    }
}
