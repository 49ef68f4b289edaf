//! Values with intrinsic functions, evaluated in a template.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::path::Path;

use support::written::{World, words};
use terravet_cloudformation::Console;

#[test]
fn values_are_evaluated_in_a_template() {
    let text = "Parameters:\n  Env: {Type: String, AllowedValues: [dev, prod]}\nConditions:\n  IsProd: !Equals [!Ref Env, prod]\nResources:\n  \
                B: {Type: AWS::S3::Bucket}\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: n.yaml}\n";
    let nested = "Resources:\n  T: {Type: AWS::SNS::Topic}\nOutputs:\n  Name: {Value: inner}\n";
    let world = World::new(&[("t.yaml", text), ("n.yaml", nested)]);
    let console = Console::new(&world.loader, Path::new("t.yaml")).unwrap();
    assert_eq!(console.diagnostics(), []);
    assert_eq!(console.nested_files().len(), 1);
    for (written, expected) in [
        (r#"{"Fn::Join": ["-", ["a", "b"]]}"#, r#""a-b""#),
        ("!If [IsProd, a, b]", r#""b" when Env is "dev" / "a" when Env is "prod""#),
        ("{a: !Ref B, b: [1, yes]}", "{a: ->B, b: [1, true]}"),
        ("!GetAtt S.Outputs.Name", r#""inner""#),
        ("!Ref AWS::NoValue", "null"),
        ("plain", r#""plain""#),
    ] {
        let evaluated = console.evaluate(Path::new("expression"), written);
        assert_eq!(evaluated.diagnostics, [], "{written}");
        assert_eq!(words(&evaluated.value.unwrap()), expected, "{written}");
    }
    let evaluated = console.evaluate(Path::new("expression"), "!Ref Nowhere");
    let place = world.place(evaluated.diagnostics[0].primary.span);
    assert_eq!(place, "expression:1:6");
    assert!(Console::new(&world.loader, Path::new("missing.yaml")).is_err());
}
