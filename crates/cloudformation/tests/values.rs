//! What functions and scalars come to, to the last character.

mod support;

use support::written::World;

/// What a property comes to; its value is written in a template with a few parameters and a bucket `B`.
fn value(written: &str) -> String {
    let text = format!(
        "Transform: AWS::LanguageExtensions\nParameters:\n  Name: {{Type: String, Default: app}}\n  Open: {{Type: String}}\n  \
         Number: {{Type: Number, Default: 1.50}}\n  Names: {{Type: CommaDelimitedList, Default: 'a, b ,c'}}\nResources:\n  \
         B: {{Type: AWS::S3::Bucket}}\n  D:\n    Type: AWS::SNS::Topic\n    Properties:\n      V: {written}\n"
    );
    let world = World::new(&[("t.yaml", &text)]);
    let template = world.load("t.yaml");
    assert_eq!(template.errors(), Vec::<String>::new(), "{written}");
    template.property("D", "V")
}

#[test]
fn numbers_are_those_of_yaml_1_1() {
    for (written, expected) in [
        ("0777", "511"),
        ("0x1F", "31"),
        ("0b101", "5"),
        ("1_000", "1000"),
        ("1:30", "90"),
        ("1.50", "1.5"),
        ("!!int '5'", "5"),
        ("!!bool 'yes'", "true"),
        ("! 5", r#""5""#),
        ("'0777'", r#""0777""#),
        ("!!str 0777", r#""0777""#),
        ("!Sub 0777", r#""0777""#),
        // Digits that are not octal leave the text as it is.
        ("012345678901", r#""012345678901""#),
        ("1e3", r#""1e3""#),
        ("2012-10-17", r#""2012-10-17""#),
    ] {
        assert_eq!(value(written), expected, "{written}");
    }
}

#[test]
fn numbers_as_text() {
    for (written, expected) in [
        ("!Ref Number", r#""1.5""#),
        ("!Join ['|', [1, 1.0, 2.50, 0777, true, no]]", r#""1|1.0|2.5|511|true|false""#),
        ("!Sub ['${v}', {v: 1.0}]", r#""1.0""#),
        ("{'Fn::Base64': 1.0}", r#""MS4w""#),
        ("!ToJsonString {a: 1.0, b: 1.10, c: [0x10]}", r#""{\"a\":1.0,\"b\":1.1,\"c\":[16]}""#),
    ] {
        assert_eq!(value(written), expected, "{written}");
    }
}

#[test]
fn the_beginning_of_an_open_text_can_be_selected() {
    for (written, expected) in [
        ("!Select [0, !Split ['-', !Sub 'x-y-${Open}-z']]", r#""x""#),
        ("!Select [1, !Split ['-', !Sub 'x-y-${Open}-z']]", r#""y""#),
        ("!Select [2, !Split ['-', !Sub 'x-y-${Open}-z']]", "?Open has no value"),
        ("!Select [0, !Split ['-', !Sub 'x${Open}']]", "?Open has no value"),
        ("!Select [0, !Split [':', !Ref AWS::StackId]]", r#""arn""#),
        ("!Select [1, !Split [',', !Join [',', !Ref Names]]]", r#""b""#),
    ] {
        assert_eq!(value(written), expected, "{written}");
    }
}

#[test]
fn a_loop_makes_dependencies_with_its_resources() {
    let world = World::new(&[(
        "t.yaml",
        "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Topics:\n    - Name\n    - [Red, Blue]\n    - Topic${Name}:\n        \
         Type: AWS::SNS::Topic\n        DependsOn: !Sub 'Queue${Name}'\n      Queue${Name}: {Type: AWS::SQS::Queue}\n",
    )]);
    let template = world.load("t.yaml");
    assert_eq!(template.told(), Vec::<String>::new());
    assert_eq!(template.addresses(), ["TopicRed", "QueueRed", "TopicBlue", "QueueBlue"]);
}

#[test]
fn the_region_decides_the_partition() {
    let text = "Resources:\n  D:\n    Type: AWS::SNS::Topic\n    Properties:\n      V: !Sub 'arn:${AWS::Partition}:x.${AWS::URLSuffix}'\n      \
                N: !Ref AWS::NotificationARNs\n";
    let given = "AWS::Region: cn-north-1\nAWS::NotificationARNs: arn:a, arn:b\n";
    let world = World::new(&[("t.yaml", text), ("parameters.yaml", given)]);
    let template = world.load("t.yaml");
    assert_eq!(template.errors(), Vec::<String>::new());
    assert_eq!(template.property("D", "V"), r#""arn:aws-cn:x.amazonaws.com.cn""#);
    assert_eq!(template.property("D", "N"), r#"["arn:a", "arn:b"]"#);
}
