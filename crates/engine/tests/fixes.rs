//! Where a fix is written, in each notation.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use support::scan;

/// The text after the fixes of a rule are applied; the words of the first where there is nothing to apply.
fn fixed(rule: &str, path: &str, text: &str) -> String {
    let scan = scan(rule, &[(path, text)]);
    let fixes: Vec<_> = scan.outcome.findings().filter_map(|it| it.finding().unwrap().fix.as_ref()).collect();
    assert!(!fixes.is_empty(), "{:?}", support::told(&scan));
    let mut edits: Vec<_> = fixes.iter().flat_map(|fix| &fix.edits).collect();
    if edits.is_empty() {
        return fixes[0].description.to_string();
    }
    edits.sort();
    let mut text = text.to_owned();
    for edit in edits.into_iter().rev() {
        text.replace_range(edit.span.range(), &edit.text);
    }
    text
}

const VOLUME: &str = "aws-ebs-volume-without-encryption";
const DISK: &str = "aws-ec2-block-device-without-encryption";

#[test]
fn a_literal_is_replaced() {
    assert_eq!(
        fixed(VOLUME, "main.tf", "resource \"aws_ebs_volume\" \"v\" {\n  encrypted = false # until the move\n}\n"),
        "resource \"aws_ebs_volume\" \"v\" {\n  encrypted = true # until the move\n}\n"
    );
    assert_eq!(
        fixed(
            VOLUME,
            "t.yaml",
            "Resources:\n  V:\n    Type: AWS::EC2::Volume\n    Properties:\n      Encrypted: 'false'\n"
        ),
        "Resources:\n  V:\n    Type: AWS::EC2::Volume\n    Properties:\n      Encrypted: true\n"
    );
}

#[test]
fn an_attribute_is_added_to_a_block() {
    assert_eq!(
        fixed(VOLUME, "main.tf", "resource \"aws_ebs_volume\" \"v\" {\n  size = 1\n}\n"),
        "resource \"aws_ebs_volume\" \"v\" {\n  encrypted = true\n  size = 1\n}\n"
    );
    assert_eq!(
        fixed(VOLUME, "main.tf", "resource \"aws_ebs_volume\" \"v\" { # a comment\n  size = 1\n}\n"),
        "resource \"aws_ebs_volume\" \"v\" { # a comment\n  encrypted = true\n  size = 1\n}\n"
    );
    assert_eq!(
        fixed(VOLUME, "main.tf", "resource \"aws_ebs_volume\" \"v\" {}\n"),
        "resource \"aws_ebs_volume\" \"v\" {\n  encrypted = true\n}\n"
    );
    assert_eq!(
        fixed(VOLUME, "main.tf", "resource \"aws_ebs_volume\" \"v\" { size = 1 }\n"),
        "resource \"aws_ebs_volume\" \"v\" {\n  size = 1\n  encrypted = true\n}\n"
    );
}

#[test]
fn an_attribute_is_added_to_a_nested_block() {
    let instance = |inner: &str| format!("resource \"aws_instance\" \"i\" {{\n  ebs_block_device {{{inner}}}\n}}\n");
    assert_eq!(
        fixed(DISK, "main.tf", &instance("\n    size = 1\n  ")),
        instance("\n    encrypted = true\n    size = 1\n  ")
    );
}

#[test]
fn a_property_is_added_to_a_mapping() {
    assert_eq!(
        fixed(VOLUME, "t.yaml", "Resources:\n  V:\n    Type: AWS::EC2::Volume\n    Properties:\n      Size: 1\n"),
        "Resources:\n  V:\n    Type: AWS::EC2::Volume\n    Properties:\n      Encrypted: true\n      Size: 1\n"
    );
    assert_eq!(
        fixed(VOLUME, "t.json", r#"{"Resources": {"V": {"Type": "AWS::EC2::Volume", "Properties": {"Size": 1}}}}"#),
        r#"{"Resources": {"V": {"Type": "AWS::EC2::Volume", "Properties": {"Encrypted": true,"Size": 1}}}}"#
    );
    let disk = |inner: &str| {
        format!(
            "Resources:\n  I:\n    Type: AWS::EC2::Instance\n    Properties:\n      BlockDeviceMappings:\n        - Ebs:\n{inner}            VolumeSize: 1\n"
        )
    };
    assert_eq!(fixed(DISK, "t.yaml", &disk("")), disk("            Encrypted: true\n"));
}

#[test]
fn terraform_in_json_is_written_as_json() {
    assert_eq!(
        fixed(VOLUME, "main.tf.json", r#"{"resource": {"aws_ebs_volume": {"v": {"size": 1}}}}"#),
        r#"{"resource": {"aws_ebs_volume": {"v": {"encrypted": true,"size": 1}}}}"#
    );
}

#[test]
fn what_lies_behind_a_variable_is_told_in_words() {
    let text =
        "variable \"e\" {\n  default = false\n}\n\nresource \"aws_ebs_volume\" \"v\" {\n  encrypted = var.e\n}\n";
    assert!(fixed(VOLUME, "main.tf", text).starts_with("Set `encrypted = true`"));
}

#[test]
fn a_resource_without_properties_is_told_in_words() {
    let text = "Resources:\n  V:\n    Type: AWS::EC2::Volume\n  W:\n    Type: AWS::SNS::Topic\n";
    assert!(fixed(VOLUME, "t.yaml", text).starts_with("Set `Encrypted: true`"));
}

#[test]
fn what_is_written_and_null_is_not_written_twice() {
    let text = "variable \"e\" {\n  default = null\n}\n\nresource \"aws_ebs_volume\" \"v\" {\n  encrypted = var.e\n}\n";
    assert!(fixed(VOLUME, "main.tf", text).starts_with("Set `encrypted = true`"));
    assert_eq!(
        fixed(VOLUME, "main.tf", "resource \"aws_ebs_volume\" \"v\" {\n  encrypted = null\n}\n"),
        "resource \"aws_ebs_volume\" \"v\" {\n  encrypted = true\n}\n"
    );
}

#[test]
fn what_comes_through_an_intrinsic_function_is_told_in_words() {
    let volume = |encrypted: &str| {
        format!(
            "Parameters:\n  P: {{Type: String, Default: 'false'}}\nConditions:\n  C: !Equals [!Ref P, 'false']\nResources:\n  V:\n    Type: AWS::EC2::Volume\n    Properties:\n      Encrypted: {encrypted}\n"
        )
    };
    assert_eq!(
        fixed(VOLUME, "t.yaml", &volume("!If [C, false, true]")),
        volume("!If [C, true, true]"),
        "but the arm that is taken is a literal"
    );
    for encrypted in ["!Ref P", "!If [C, !Ref AWS::NoValue, true]"] {
        let told = fixed(VOLUME, "t.yaml", &volume(encrypted));
        assert!(told.starts_with("Set `Encrypted: true`"), "{encrypted}: {told}");
    }
}

#[test]
fn a_block_that_comes_through_an_intrinsic_function_is_told_in_words() {
    let text = "Conditions:\n  C: !Equals [!Ref AWS::Region, us-east-1]\nResources:\n  I:\n    Type: AWS::EC2::Instance\n    Properties:\n      MetadataOptions: !If [C, {HttpTokens: optional}, !Ref AWS::NoValue]\n";
    assert!(fixed("aws-ec2-instance-without-imdsv2", "t.yaml", text).starts_with("Set `HttpTokens: required`"));
}
