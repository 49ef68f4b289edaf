//! Shapes of CloudFormation templates.

use super::{Shape, joined, put, repeated};

/// Many of one thing in one template.
pub(super) fn shapes() -> Vec<Shape> {
    let mut shapes = resources();
    shapes.extend(references());
    shapes.extend(syntax());
    shapes
}

fn resources() -> Vec<Shape> {
    vec![
        Shape::new("resources of a template", 5000, "resources", |folder, n| {
            put(
                folder,
                "t.yaml",
                format!(
                    "Resources:\n{}",
                    repeated(n, |i| {
                        format!("  V{i}:\n    Type: AWS::EC2::Volume\n    Properties:\n      Encrypted: false\n")
                    })
                ),
            )
        }),
        Shape::new("resources of a template in one line", 3000, "resources", |folder, n| {
            let all = joined(n, ",", |i| {
                format!("\"V{i}\":{{\"Type\":\"AWS::EC2::Volume\",\"Properties\":{{\"Encrypted\":false}}}}")
            });
            put(folder, "t.json", format!("{{\"Resources\":{{{all}}}}}"))
        }),
        Shape::new("resources with one logical id", 3000, "resources", |folder, n| {
            put(
                folder,
                "t.yaml",
                format!(
                    "Resources:\n{}",
                    "  V:\n    Type: AWS::EC2::Volume\n    Properties:\n      Encrypted: false\n".repeat(n)
                ),
            )
        }),
        Shape::new("metadata that suppresses", 2000, "resources", |folder, n| {
            put(
                folder,
                "t.yaml",
                format!(
                    "Resources:\n{}",
                    repeated(n, |i| {
                        format!(
                            "  # terravet:allow[aws-ebs-volume-without-encryption] scratch\n  V{i}:\n    Type: AWS::EC2::Volume\n    Metadata:\n      checkov:\n        skip:\n          - id: CKV_AWS_3\n            comment: scratch\n    Properties:\n      Encrypted: false\n"
                        )
                    })
                ),
            )
        }),
        Shape::new("rules of a template's security group", 4000, "rules", |folder, n| {
            put(
                folder,
                "t.yaml",
                format!(
                    "Resources:\n  G:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: d\n      SecurityGroupIngress:\n{}",
                    repeated(n, |i| {
                        format!(
                            "        - {{ IpProtocol: tcp, FromPort: {p}, ToPort: {p}, CidrIp: 10.0.0.0/8 }}\n",
                            p = i % 65_535
                        )
                    })
                ),
            )
        }),
        Shape::new("statements of a template's policy", 2000, "statements", |folder, n| {
            put(
                folder,
                "t.yaml",
                format!(
                    "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        Version: '2012-10-17'\n        Statement:\n{}",
                    repeated(n, |i| {
                        format!(
                            "          - {{ Effect: Allow, Action: ['s3:GetObject', 'iam:PassRole'], Resource: 'arn:aws:s3:::bucket-{i}/*' }}\n"
                        )
                    })
                ),
            )
        }),
        Shape::new("functions of a SAM template", 1000, "functions", |folder, n| {
            put(
                folder,
                "t.yaml",
                format!(
                    "Transform: AWS::Serverless-2016-10-31\nResources:\n{}",
                    repeated(n, |i| {
                        format!(
                            "  F{i}:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: a.b\n      Runtime: python3.12\n      CodeUri: s3://b/k\n      Events:\n        A:\n          Type: Api\n          Properties: {{ Path: /p{i}, Method: get }}\n"
                        )
                    })
                ),
            )
        }),
        Shape::new("nested stacks", 500, "templates", |folder, n| {
            put(
                folder,
                "main.yaml",
                format!(
                    "Resources:\n{}",
                    repeated(n, |i| {
                        format!(
                            "  S{i}:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./n{i}.yaml\n      Parameters: {{ E: 'false' }}\n"
                        )
                    })
                ),
            )?;
            (0..n).try_for_each(|i| put(folder, &format!("n{i}.yaml"), "Parameters:\n  E: { Type: String }\nResources:\n  V:\n    Type: AWS::EC2::Volume\n    Properties:\n      Encrypted: !Ref E\n"))
        }),
        Shape::new("stacks of one nested template", 500, "stacks", |folder, n| {
            put(
                folder,
                "main.yaml",
                format!(
                    "Resources:\n{}",
                    repeated(n, |i| {
                        format!(
                            "  S{i}:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./n.yaml\n      Parameters: {{ E: 'false' }}\n"
                        )
                    })
                ),
            )?;
            put(
                folder,
                "n.yaml",
                "Parameters:\n  E: { Type: String }\nResources:\n  V:\n    Type: AWS::EC2::Volume\n    Properties:\n      Encrypted: !Ref E\n",
            )
        }),
    ]
}

fn references() -> Vec<Shape> {
    vec![
        Shape::new("references to nothing", 4000, "references", |folder, n| {
            let parameters = repeated(n, |i| format!("  TheRatherLongNameOfAnInput{i}: {{ Type: String }}\n"));
            let outputs = repeated(n, |i| format!("  O{i}: {{ Value: !Ref TheRatherLongNameOfAnImput{i}x }}\n"));
            put(
                folder,
                "t.yaml",
                format!("Parameters:\n{parameters}Resources:\n  T: {{ Type: AWS::SNS::Topic }}\nOutputs:\n{outputs}"),
            )
        }),
        Shape::new("keys of a mapping", 5000, "keys", |folder, n| {
            let keys = repeated(n, |i| format!("    k{i}: {{ v: 'false' }}\n"));
            let outputs = repeated(n, |i| format!("  O{i}: {{ Value: !FindInMap [M, k{i}, v] }}\n"));
            put(
                folder,
                "t.yaml",
                format!("Mappings:\n  M:\n{keys}Resources:\n  T: {{ Type: AWS::SNS::Topic }}\nOutputs:\n{outputs}"),
            )
        }),
        Shape::new("lookups by a parameter", 1000, "lookups", |folder, n| {
            let keys = repeated(n, |i| format!("    k{i}: {{ v: 'false' }}\n"));
            let outputs = repeated(n, |i| format!("  O{i}: {{ Value: !FindInMap [M, !Ref P, v] }}\n"));
            put(
                folder,
                "t.yaml",
                format!(
                    "Parameters:\n  P: {{ Type: String }}\nMappings:\n  M:\n{keys}Resources:\n  T: {{ Type: AWS::SNS::Topic }}\nOutputs:\n{outputs}"
                ),
            )
        }),
        Shape::new("missing keys of a mapping", 3000, "keys", |folder, n| {
            let keys = repeated(n, |i| format!("    the-rather-long-name-{i}: {{ v: 'false' }}\n"));
            let outputs =
                repeated(n, |i| format!("  O{i}: {{ Value: !FindInMap [M, the-rather-lang-name-{i}x, v] }}\n"));
            put(
                folder,
                "t.yaml",
                format!("Mappings:\n  M:\n{keys}Resources:\n  T: {{ Type: AWS::SNS::Topic }}\nOutputs:\n{outputs}"),
            )
        }),
        Shape::new("conditions in a chain", 2000, "conditions", |folder, n| {
            let chain = repeated(n, |i| format!("  C{}: !And [!Condition C{i}, !Equals [!Ref P, p]]\n", i + 1));
            put(
                folder,
                "t.yaml",
                format!(
                    "Parameters:\n  P: {{ Type: String }}\nConditions:\n  C0: !Equals [!Ref P, q]\n{chain}Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Condition: C{n}\n"
                ),
            )
        }),
        Shape::new("conditions beside each other", 2000, "conditions", |folder, n| {
            let conditions = repeated(n, |i| format!("  C{i}: !Equals [!Ref P, p{i}]\n"));
            let resources = repeated(n, |i| {
                format!(
                    "  V{i}:\n    Type: AWS::EC2::Volume\n    Condition: C{i}\n    Properties:\n      Encrypted: !If [C{i}, false, true]\n"
                )
            });
            put(
                folder,
                "t.yaml",
                format!("Parameters:\n  P: {{ Type: String }}\nConditions:\n{conditions}Resources:\n{resources}"),
            )
        }),
        Shape::new("patterns of parameters", 1000, "parameters", |folder, n| {
            let parameters = repeated(n, |i| {
                format!(
                    "  P{i}:\n    Type: String\n    Default: edge-gateway\n    AllowedPattern: '[\\w.-]{{1,{}}}'\n",
                    100 + i % 900
                )
            });
            put(folder, "t.yaml", format!("Parameters:\n{parameters}Resources:\n  T: {{ Type: AWS::SNS::Topic }}\n"))
        }),
        Shape::new("allowed values of a parameter", 20_000, "values", |folder, n| {
            let values = joined(n, ", ", |i| format!("value-{i}"));
            put(
                folder,
                "t.yaml",
                format!(
                    "Parameters:\n  P:\n    Type: String\n    AllowedValues: [{values}]\nResources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: !Ref P\n"
                ),
            )
        }),
        Shape::new("resources in a chain", 3000, "resources", |folder, n| {
            let chain = repeated(n, |i| {
                format!(
                    "  T{}:\n    Type: AWS::SNS::Topic\n    DependsOn: T{i}\n    Properties:\n      DisplayName: !GetAtt T{i}.TopicName\n",
                    i + 1
                )
            });
            put(folder, "t.yaml", format!("Resources:\n  T0: {{ Type: AWS::SNS::Topic }}\n{chain}"))
        }),
        Shape::new("variables of a substitution", 20_000, "variables", |folder, n| {
            put(
                folder,
                "t.yaml",
                format!(
                    "Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: !Sub '{}'\n",
                    "${AWS::Region} ".repeat(n)
                ),
            )
        }),
    ]
}

fn syntax() -> Vec<Shape> {
    vec![
        Shape::new("small documents in one file", 10_000, "documents", |folder, n| {
            put(folder, "t.yaml", "---\nResources:\n  V:\n    Type: AWS::EC2::Volume\n".repeat(n))
        }),
        Shape::new("aliases of one anchor", 5000, "aliases", |folder, n| {
            let all = repeated(n, |i| format!("  V{i}: *v\n"));
            put(
                folder,
                "t.yaml",
                format!(
                    "Resources:\n  V: &v\n    Type: AWS::EC2::Volume\n    Properties:\n      Encrypted: false\n{all}"
                ),
            )
        }),
        Shape::new("anchors in a chain", 5000, "anchors", |folder, n| {
            let all = repeated(n, |i| format!("  a{}: &a{} [*a{i}]\n", i + 1, i + 1));
            put(
                folder,
                "t.yaml",
                format!("Metadata:\n  a0: &a0 x\n{all}Resources:\n  T: {{ Type: AWS::SNS::Topic }}\n"),
            )
        }),
        Shape::new("brackets in brackets of YAML", 50_000, "brackets", |folder, n| {
            put(
                folder,
                "t.yaml",
                format!(
                    "Resources:\n  T: {{ Type: AWS::SNS::Topic, Properties: {}{} }}\n",
                    "[".repeat(n),
                    "]".repeat(n)
                ),
            )
        }),
        Shape::new("brackets in brackets of JSON", 100_000, "brackets", |folder, n| {
            put(
                folder,
                "t.json",
                format!(
                    "{{\"Resources\":{{\"T\":{{\"Type\":\"AWS::SNS::Topic\",\"Properties\":{}{}}}}}}}",
                    "[".repeat(n),
                    "]".repeat(n)
                ),
            )
        }),
        Shape::new("dashes in dashes", 5000, "dashes", |folder, n| {
            put(
                folder,
                "t.yaml",
                format!("Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      {}x\n", "- ".repeat(n)),
            )
        }),
        Shape::new("lines of a block scalar", 50_000, "lines", |folder, n| {
            put(
                folder,
                "t.yaml",
                format!(
                    "Resources:\n  I:\n    Type: AWS::EC2::Instance\n    Properties:\n      UserData: |\n{}",
                    "        export PATH=/usr/bin # nothing to see\n".repeat(n)
                ),
            )
        }),
    ]
}
