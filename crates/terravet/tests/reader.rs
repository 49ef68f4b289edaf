//! Nothing that a scanned file, a path, a rule page or an argument holds acts on whoever shows a report: terminals, logs of
//! continuous integration, pages.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::path::Path;

use support::{Run, folder, terravet, terravet_asked};

/// What acts on a reader, in every place that text can come from.
const PAYLOADS: [&str; 9] = [
    "##vso[task.setvariable variable=a]b",
    "##[error]x",
    "##teamcity[x]",
    "::error file=x::y",
    "</script><script>x",
    "ad\u{ad}min",
    "a\u{34f}\u{115f}\u{17b4}\u{180e}\u{200b}\u{2060}\u{2800}\u{3164}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}",
    "a\u{e0041}\u{e0100}\u{1d173}",
    "\u{202e}\u{2066}\u{61c}\u{1b}[2J\u{9b}0m\u{7}",
];

/// A folder with a module and templates for each payload.
fn hostile() -> tempfile::TempDir {
    let files: Vec<(String, String)> =
        PAYLOADS.iter().enumerate().flat_map(|(at, payload)| files(at, payload)).collect();
    folder(&files.iter().map(|(path, text)| (path.as_str(), text)).collect::<Vec<_>>())
}

/// A module and templates that hold a payload wherever the languages take one.
fn files(at: usize, payload: &str) -> Vec<(String, String)> {
    let quoted: String = payload.chars().filter(|c| !c.is_control()).collect();
    let path: String = quoted.chars().filter(|c| *c != '/').collect();
    let terraform = format!(
        r#"# {quoted}
variable "v" {{
  default = "{quoted}"
}}
resource "aws_security_group" "gate" {{ # terravet:allow[{quoted}] {quoted}
  for_each = toset(["{quoted}", "two"])
  description = var.v # {quoted}
  ingress {{ # {quoted}
    description = "{quoted} {payload}"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }}
  tags = {{ "{quoted}" = "{quoted}" }}
  vpc_id = aws_vpc.none["{quoted}"].id
  nonsense = undefined("{quoted}")
}}
module "m" {{
  source = "./{quoted}"
}}
output "o" {{
  value = "{quoted}"
}}
"#
    );
    let template = format!(
        "# {quoted}\nDescription: '{quoted}'\nMappings:\n  '{quoted}': {{a: {{b: c}}}}\nConditions:\n  C: !Equals ['{quoted}', a]\nResources:\n  \
         '{quoted}':\n    Type: AWS::EC2::SecurityGroup\n    Condition: C\n    Properties:\n      GroupDescription: '{quoted}'\n      SecurityGroupIngress:\n        \
         - {{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0, Description: '{quoted}'}} # {quoted}\n  Disk:\n    Type: AWS::EC2::Volume\n    \
         Properties:\n      AvailabilityZone: !FindInMap [Zones, '{quoted}', name]\n      SnapshotId: !Ref '{quoted}'\n"
    );
    vec![
        (format!("{at}/main.tf"), terraform.clone()),
        (format!("{path}/main.tf"), terraform),
        (format!("{path}.yaml"), template.clone()),
        (format!("{at}/{path} {path}.yaml"), template),
    ]
}

/// What of a run would act on somebody.
fn acting(run: &Run) -> Vec<String> {
    let mut found = Vec::new();
    for text in [&run.stdout, &run.stderr] {
        for line in text.lines() {
            let command =
                line.trim_start().strip_prefix("::").is_some_and(|rest| rest.starts_with(char::is_alphabetic));
            let lower = line.to_lowercase();
            let holds = ["##vso[", "##[", "##teamcity[", "<script", "</script"].iter().any(|part| lower.contains(part));
            let unseen = line.chars().any(|c| {
                c.is_control() && c != '\t' || PAYLOADS[5..].iter().any(|payload| !c.is_ascii() && payload.contains(c))
            });
            if command || holds || unseen {
                found.push(line.escape_debug().to_string());
            }
        }
    }
    found
}

fn assert_harmless(folder: &Path, arguments: &[&str]) -> Run {
    let run = terravet(folder, arguments);
    assert_eq!(acting(&run), [""; 0], "{arguments:?}");
    run
}

#[test]
fn no_format_of_any_command_lets_text_act() {
    let folder = hostile();
    for format in ["text", "concise", "json", "sarif"] {
        let show = ["--show", "suppressed", "--show", "undecided", "--show", "notes"];
        let arguments = [&["scan", "--format", format, "--profile", "strict"], &show[..], &["."]].concat();
        let run = assert_harmless(folder.path(), &arguments);
        assert!(
            run.stdout.contains("task.setvariable variable=a") && run.stdout.contains("teamcity"),
            "{}",
            run.stdout
        );
    }
    for format in ["text", "json", "dot", "mermaid"] {
        assert_harmless(folder.path(), &["graph", "--format", format, "."]);
    }
}

#[test]
fn expressions_that_are_evaluated_do_not_act() {
    let folder = folder(&[("main.tf", "")]);
    for payload in PAYLOADS {
        let text: String = payload.chars().filter(|c| !c.is_control()).collect();
        let expressions = [format!("\"{text}\""), format!("var.{text}"), format!("undefined(\"{text}\")")];
        assert_harmless(folder.path(), &["eval", &expressions[0], &expressions[1], &expressions[2]]);
        let questions: Vec<String> = expressions
            .iter()
            .map(|expression| serde_json::json!({"id": payload, "expr": expression}).to_string())
            .collect();
        let run = terravet_asked(folder.path(), &["eval", "--stdin"], &questions.join("\n"));
        assert_eq!(acting(&run), [""; 0], "{questions:?}");
    }
}

#[test]
fn programs_get_the_exact_text() {
    let report = terravet(hostile().path(), &["scan", "--format", "json", "."]).json();
    let findings = report["findings"].as_array().unwrap().iter();
    let addresses: Vec<&str> = findings.filter_map(|it| it["resource"]["address"].as_str()).collect();
    for payload in PAYLOADS.into_iter().filter(|payload| !payload.contains(char::is_control)) {
        let address = format!("aws_security_group.gate[\"{payload}\"]");
        assert!(addresses.contains(&address.as_str()), "{address:?} {addresses:?}");
    }
}

#[test]
fn arguments_that_are_echoed_do_not_act() {
    let folder = folder(&[("main.tf", "")]);
    for payload in PAYLOADS {
        for arguments in [
            &["scan", payload][..],
            &["scan", "--format", payload],
            &["scan", "--select", payload, "."],
            &["scan", "--var", payload, "."],
            &["scan", "--var-file", payload, "."],
            &["scan", "--parameters", payload, "."],
            &["scan", "--rules", payload, "."],
            &["scan", "--output", "none/\u{1b}##vso[x]", "."],
            &["explain", payload],
            &["rules", payload],
            &["graph", payload],
            &["eval", "--dir", payload, "1"],
            &["eval", "--template", payload, "1"],
            &["eval", payload],
            &[payload],
        ] {
            assert_harmless(folder.path(), arguments);
        }
    }
}

#[test]
fn rule_pages_of_users_do_not_act() {
    for payload in PAYLOADS {
        let line: String = payload.chars().filter(|c| !c.is_control()).collect();
        let page = format!(
            "---\ntitle: \"{line}\"\nseverity: high\nprofile: recommended\nkind: aws.ebs.volume\ncondition: \"!encrypted\"\nmessage: \"{{address}} {line}\"\n\
             label: \"{line}\"\nfix: {{ words: \"{line}\", applicability: display }}\nequivalents: [\"checkov:{line}\"]\nsince: 0.1.0\n---\n# {line}\n\n{line} {payload}\n\n\
             {line}\n\n- {line}\n\n> {line}\n\n| a | b |\n|---|---|\n| {line} | {line} |\n\n    {line}\n\n```hcl {line}\n{payload}\n```\n\n[{line}](https://example.com/{line})\n"
        );
        let volume = "resource \"aws_ebs_volume\" \"v\" {}\n";
        let folder = folder(&[("rules/aws/ebs/aws-ebs-volume-x.md", page), ("main.tf", volume.to_owned())]);
        for arguments in [
            &["scan", "--rules", "rules", "."][..],
            &["scan", "--rules", "rules", "--format", "concise", "."],
            &["scan", "--rules", "rules", "--format", "json", "."],
            &["scan", "--rules", "rules", "--format", "sarif", "."],
            &["explain", "--rules", "rules", "aws-ebs-volume-x"],
            &["rules", "--rules", "rules"],
            &["rules", "--rules", "rules", "--format", "json"],
        ] {
            assert_harmless(folder.path(), arguments);
        }
    }
}
