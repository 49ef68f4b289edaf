//! What CloudFormation refuses when a stack is created, and what it takes although it looks as if it did not.

mod support;

use support::written::World;

/// What is refused in a template.
fn errors(text: &str) -> Vec<String> {
    World::new(&[("t", text)]).load("t").errors()
}

/// Asserts that each template has one error, which begins like this, and says what to do.
fn refused<'t>(cases: impl IntoIterator<Item = (&'t str, &'t str)>, template: impl Fn(&str) -> String) {
    let mut wrong = Vec::new();
    for (part, expected) in cases {
        match errors(&template(part)).as_slice() {
            [only] if only.starts_with(expected) && !only.contains("NO HELP") => {}
            errors => wrong.push(format!("{part}: {errors:?} instead of {expected}")),
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Asserts that no template has an error.
fn taken<'t>(parts: impl IntoIterator<Item = &'t str>, template: impl Fn(&str) -> String) {
    for part in parts {
        assert_eq!(errors(&template(part)), Vec::<String>::new(), "{part}");
    }
}

const TOPIC: &str = "Resources:\n  T: {Type: AWS::SNS::Topic}\n";

fn with_value(value: &str) -> String {
    format!(
        "Parameters:\n  P: {{Type: String, Default: p}}\n  Q: {{Type: String}}\n  L: {{Type: CommaDelimitedList}}\nMappings:\n  \
         M: {{p: {{k: v}}}}\nConditions:\n  C: !Equals [!Ref P, p]\nResources:\n  B: {{Type: AWS::S3::Bucket}}\n  T:\n    \
         Type: AWS::SNS::Topic\n    Properties: {{V: {value}}}\n"
    )
}

#[test]
fn functions_that_cannot_give_what_is_needed() {
    refused(
        [
            ("!Select [0, !Ref Q]", "t:13:33 Fn::Select takes a list here, and Q is text"),
            ("!Join ['', !Sub '${B}']", "t:13:32 Fn::Join takes a list here, and Fn::Sub gives text"),
            ("!Select [0, !ImportValue v]", "t:13:33 Fn::Select takes a list here, and Fn::ImportValue gives text"),
            ("!Select [!GetAtt B.Arn, [a]]", "t:13:30 Fn::GetAtt cannot stand here in Fn::Select"),
            ("!FindInMap [M, !GetAtt B.Arn, k]", "t:13:36 Fn::GetAtt cannot stand here in Fn::FindInMap"),
            ("!FindInMap [M, !ImportValue v, k]", "t:13:36 Fn::ImportValue cannot stand here in Fn::FindInMap"),
            ("!GetAtt [!Ref P, Arn]", "t:13:29 Ref cannot stand here in Fn::GetAtt"),
            ("!Sub ['${a-b}', {a-b: x}]", "t:13:27 `${a-b}` is no name that Fn::Sub could put something in place of"),
            ("!ForEach [x, [a], {b: c}]", "t:13:21 Fn::ForEach stands here in the place of a value"),
            ("!Other::Tag x", "t:13:21 there is no function Fn::Other::Tag"),
            ("!!binary aGk=", "t:13:21 CloudFormation does not support the tag `!!binary`"),
            ("{<<: [a]}", "t:13:26 a merge key takes a map, or a list of maps"),
            ("{0777: a}", "t:13:22 the keys of a map must be strings; this one is a number"),
            ("{!Ref P: a}", "t:13:22 the keys of a map must be strings; this one is a function"),
        ],
        with_value,
    );
    taken(
        [
            "!ImportValue {'Fn::If': [C, a, b]}",
            "!FindInMap [M, !Select [0, [p]], k]",
            "!GetAtt [B, !Ref P]",
            "!Split [1, '213']",
            "!GetAZs",
        ],
        with_value,
    );
}

#[test]
fn names_that_functions_make() {
    let extended = |value: &str| format!("Transform: AWS::LanguageExtensions\n{}", with_value(value));
    refused(
        [
            (
                "!Ref {'Fn::Sub': 'x${P}'}",
                "t:14:26 this gives xp, and there is no parameter and no resource of that name",
            ),
            ("!GetAtt [!Sub 'x${P}', Arn]", "t:14:30 this gives xp, and there is no resource of that name"),
            ("!FindInMap [M, p, k, {DefaultValue: d, Other: e}]", "t:14:60 the fourth argument of Fn::FindInMap"),
            ("{'Fn::ToJsonString': !Ref P}", "t:14:42 Fn::ToJsonString takes a map or a list, and this is none"),
            ("{'Fn::Length': !Ref Q}", "t:14:36 Fn::Length takes a list here, and Q is text"),
        ],
        extended,
    );
    taken(["!GetAtt [!Sub 'B', Arn]", "!Ref {'Fn::Join': ['', [P]]}"], extended);
}

#[test]
fn resources_that_wait_for_themselves_by_their_region() {
    let text =
        "Resources:\n  S:\n    Type: AWS::EC2::Subnet\n    Properties: {A: !Select [0, {'Fn::GetAZs': !Ref S}]}\n";
    assert_eq!(errors(text).len(), 1);
    assert!(errors(text)[0].starts_with("t:4:48 the resource S refers to itself"), "{:?}", errors(text));
}

#[test]
fn references_to_resources_that_are_not_made() {
    let template = |part: &str| {
        format!(
            "Parameters: {{P: {{Type: String}}}}\nConditions: {{Never: !Equals [a, b], Open: !Equals [!Ref P, p]}}\nResources:\n  \
             Gone: {{Type: AWS::SNS::Topic, Condition: Never}}\n  Perhaps: {{Type: AWS::SNS::Topic, Condition: Open}}\n  T: {{{part}}}\n"
        )
    };
    refused(
        [
            (
                "Type: AWS::SNS::Topic, Properties: {V: !Ref Gone}",
                "t:6:46 Gone is not there: its condition Never does not hold (refer to it with `Fn::If` and Never only)",
            ),
            ("Type: AWS::SNS::Topic, Properties: {V: !Sub '${Gone.Arn}'}", "t:6:52 Gone is not there"),
        ],
        template,
    );
    taken(
        [
            "Type: AWS::SNS::Topic, Properties: {V: !If [Never, !Ref Gone, v]}",
            "Type: AWS::SNS::Topic, Properties: {V: !If [Open, !Ref Gone, v]}",
            "Type: AWS::SNS::Topic, Condition: Open, Properties: {V: !Ref Gone}",
            "Type: AWS::SNS::Topic, Condition: Never, Properties: {V: !Ref Gone}",
            "Type: AWS::SNS::Topic, Properties: {V: !Ref Perhaps}",
            "Type: AWS::SNS::Topic, DependsOn: Gone",
        ],
        template,
    );
}

#[test]
fn what_is_said_about_a_resource() {
    let template =
        |part: &str| format!("Resources:\n  T: {{{part}}}\nParameters: {{P: {{Type: String, Default: Retain}}}}\n");
    refused(
        [
            ("Type: Topic", "t:2:13 `Topic` is no type of a resource"),
            ("Type: 'Custom::'", "t:2:13 `Custom::` is no type of a resource"),
            ("Type: AWS::SNS::Topic, DeletionPolicy: retain", "t:2:46 `retain` is no `DeletionPolicy`"),
            (
                "Type: AWS::SNS::Topic, DeletionPolicy: [Retain]",
                "t:2:46 `DeletionPolicy` is a word, and this is a list",
            ),
            ("Type: AWS::SNS::Topic, DeletionPolicy: Snapshot", "t:2:46 AWS::SNS::Topic has no snapshots"),
            ("Type: AWS::SNS::Topic, UpdateReplacePolicy: RetainExceptOnCreate", "t:2:51 `RetainExceptOnCreate` is no"),
            ("Type: AWS::SNS::Topic, DeletionPolicy: !GetAtt T.Arn", "t:2:46 Fn::GetAtt cannot be used here"),
            ("Type: AWS::SNS::Topic, Metadata: x", "t:2:40 `Metadata` is a map, and this is text"),
            ("Type: AWS::SNS::Topic, UpdatePolicy: []", "t:2:44 `UpdatePolicy` is a map, and this is a list"),
        ],
        template,
    );
    taken(
        [
            "Type: 'Custom::A_b-c@d'",
            "Type: Acme::Team::Thing::MODULE",
            "Type: AWS::SNS::Topic, DeletionPolicy: RetainExceptOnCreate",
            "Type: AWS::SNS::Topic, DeletionPolicy: !Ref P",
            "Type: AWS::EC2::Volume, DeletionPolicy: Snapshot",
        ],
        template,
    );
}

#[test]
fn mappings_and_conditions() {
    let template = |part: &str| format!("{part}\n{TOPIC}");
    refused(
        [
            ("Mappings: {M: {a/b: {c: d}}}", "t:1:16 `a/b` cannot be a key of the first level of a mapping"),
            ("Mappings: {M: {a: {b-c: d}}}", "t:1:20 `b-c` cannot be a key of the second level of a mapping"),
            ("Mappings: {M: {a: {b: [!Ref X]}}}", "t:1:24 a list in a mapping holds texts, and this is a map"),
            ("Conditions: {C: !Equals [!Base64 x, y]}", "t:1:26 Fn::Base64 cannot be used here"),
            ("Conditions: {'Fn::Foo': x}", "t:1:14 Fn::Foo cannot stand here"),
            ("Metadata: []", "t:1:11 `Metadata` is a map, and this is a list"),
        ],
        template,
    );
    taken(["Mappings: {M: {us-east-1: {a: [b]}, 1.2.3: {c: d}}}", "Conditions: {A_b: !Equals [a, b]}"], template);
    let long = format!("Description: {}", "x".repeat(1025));
    assert_eq!(errors(&template(&long)), ["t:1:14 a description here has at most 1024 bytes (say it in fewer words)"]);
}

#[test]
fn outputs_and_their_exports() {
    let template = |part: &str| format!("{TOPIC}Outputs:\n  O: {{{part}}}\nConditions: {{C: !Equals [a, b]}}\n");
    refused(
        [
            ("Value: !GetAZs ''", "t:4:14 the value of the output O is no text"),
            ("Value: v, Description: !Ref T", "t:4:30 a description is text, and this is a map"),
            ("Value: v, Export: {Name: [n]}", "t:4:32 the name of an export is text, and this is a list"),
            ("Value: v, Export: {Name: n, Other: o}", "t:4:35 `Other` is no key of an export"),
            ("Value: v, Export: {Name: !Ref T}", "t:4:37 T is a resource"),
        ],
        template,
    );
    taken(
        [
            "Value: v, Export: {Name: !If [C, a, b]}",
            "Value: v, Export: {Name: n}}\n  O2: {Condition: C, Value: w, Export: {Name: n}",
        ],
        template,
    );
    refused(
        [("Value: v, Export: {Name: n}}\n  O2: {Value: w, Export: {Name: n}", "t:5:33 two outputs are exported as n")],
        template,
    );
}

#[test]
fn rules() {
    let template = |part: &str| {
        format!(
            "{TOPIC}Rules:\n  R: {{{part}}}\nParameters: {{V: {{Type: 'AWS::EC2::VPC::Id'}}, L: {{Type: CommaDelimitedList, Default: 'a,b'}}}}\n"
        )
    };
    refused(
        [
            ("Assertions: []", "t:4:3 the rule has no `Assertions`"),
            ("Assertions: [{AssertDescription: x}]", "t:4:20 the assertion has no `Assert`"),
            ("Assertions: [{Assert: x}]", "t:4:29 a condition is a function such as Fn::Equals, and this is text"),
            ("Assertions: [{Assert: !Equals [!Ref T, a]}]", "t:4:43 T is a resource"),
            ("Assertions: [{Assert: !Equals [!Ref Gone, a]}]", "t:4:43 there is no parameter and no resource Gone"),
            ("Assertions: [{Assert: !If [a, b, c]}]", "t:4:29 Fn::If is no condition"),
            (
                "Assertions: [{Assert: !EachMemberIn [!Ref L, [a]]}]",
                "t:4:29 the parameters break a rule of the template",
            ),
        ],
        template,
    );
    taken(
        [
            "Assertions: [{Assert: !EachMemberIn [!Ref L, [a, b, c]]}]",
            "Assertions: [{Assert: !Equals [!ValueOf [V, Tags.Env], prod]}]",
            "Assertions: [{Assert: !EachMemberIn [!ValueOfAll ['AWS::EC2::VPC::Id', Tags.Env], !RefAll 'AWS::EC2::VPC::Id']}]",
        ],
        template,
    );
}

#[test]
fn declarations_of_parameters() {
    let template = |part: &str| format!("Parameters:\n  P: {{{part}}}\n{TOPIC}");
    refused(
        [
            ("Type: String, AllowedValues: a", "t:2:36 `AllowedValues` is a list, and this is text"),
            ("Type: String, AllowedValues: []", "t:2:36 `AllowedValues` allows no value"),
            ("Type: String, AllowedValues: [!Ref X]", "t:2:37 an allowed value is text, and this is a map"),
            ("Type: String, MinLength: x", "t:2:32 `MinLength` is a number, and this is text"),
            ("Type: String, MinLength: 5, MaxLength: 3", "t:2:32 `MinLength` is 5, and `MaxLength` is less: 3"),
            ("Type: String, MinValue: 3", "t:2:21 `MinValue` stands in a parameter that is no number"),
            ("Type: String, AllowedPattern: [a]", "t:2:37 `AllowedPattern` is text, and this is a list"),
            ("Type: String, NoEcho: maybe", "t:2:29 `NoEcho` is true or false"),
            ("Type: 'AWS::SSM::Parameter::Value<Number>'", "t:2:13 `AWS::SSM::Parameter::Value<Number>` is no type"),
            // Without quotes this is the number 1.1.
            (
                "Type: String, AllowedValues: ['1.10'], Default: 1.10",
                "t:2:55 `1.1` is none of the values that P allows",
            ),
        ],
        template,
    );
    taken(["Type: List<Number>, MinValue: 1, Default: '1,2'", "Type: String, NoEcho: 'True'"], template);
}

#[test]
fn loops() {
    let template = |part: &str| {
        format!(
            "Transform: AWS::LanguageExtensions\nParameters: {{P: {{Type: String, Default: p}}}}\nResources:\n  B: {{Type: AWS::S3::Bucket}}\n  {part}\n"
        )
    };
    refused(
        [
            (
                "'Fn::ForEach': [X, [A], {'T${X}': {Type: AWS::SNS::Topic}}]",
                "t:5:3 a loop has a name of letters and digits",
            ),
            ("'Fn::ForEach::a-b': [X, [A], {'T${X}': {Type: AWS::SNS::Topic}}]", "t:5:3 a loop has a name of letters"),
            ("'Fn::ForEach::L': [P, [A], {'T${P}': {Type: AWS::SNS::Topic}}]", "t:5:22 P is a parameter"),
            (
                "'Fn::ForEach::L': [X, !GetAtt B.Arn, {'T${X}': {Type: AWS::SNS::Topic}}]",
                "t:5:25 Fn::GetAtt cannot stand here",
            ),
            ("'Fn::ForEach::L': [X, !Ref Gone, {'T${X}': {Type: AWS::SNS::Topic}}]", "t:5:25 Ref cannot stand here"),
        ],
        template,
    );
}
