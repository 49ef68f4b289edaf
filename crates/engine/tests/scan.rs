//! Scans of whole trees: what one bad input leaves of the rest, what is one finding, what is told of it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::{OPEN_GROUP, OPEN_TEMPLATE, SSH, memory, only, scan, scan_with, tell, told, trace};
use terravet_diagnostics::{Profile, Severity};
use terravet_engine::{EngineError, Options, Session, Silent};
use terravet_source::{EntryKind, FileSystem, Memory};

const OPEN: &str =
    "aws-ec2-security-group-ssh-open-to-world: aws_security_group.ssh lets the whole internet reach SSH (port 22)";

#[test]
fn both_languages_are_found_and_judged() {
    let scan = scan(SSH, &[("a/main.tf", OPEN_GROUP), ("b/stack.yaml", OPEN_TEMPLATE), ("c/other.yaml", "a: 1\n")]);
    assert_eq!(
        told(&scan),
        [
            format!("a/main.tf:6:20 {OPEN}"),
            "b/stack.yaml:11:19 aws-ec2-security-group-ssh-open-to-world: Group lets the whole internet reach SSH (port 22)"
                .to_owned()
        ]
    );
    let summary = &scan.outcome.summary;
    assert_eq!((summary.files, summary.resources, summary.rules, summary.undecided), (2, 2, 1, 0));
    assert_eq!(summary.by_severity[&Severity::High], 2);
    assert_eq!(scan.outcome.rules.iter().map(|rule| &*rule.id).collect::<Vec<_>>(), [SSH]);
}

#[test]
fn a_broken_file_leaves_the_others_judged() {
    let scan = scan(
        SSH,
        &[
            ("a/broken.tf", "resource \"aws_security_group\" {\n"),
            ("a/main.tf", OPEN_GROUP),
            ("stack.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nResources: {\n"),
            ("good.yaml", OPEN_TEMPLATE),
        ],
    );
    let told = told(&scan);
    let errors = told.iter().filter(|line| line.ends_with("(error)"));
    let errors: Vec<&str> = errors.filter_map(|line| line.split(':').next()).collect();
    assert_eq!(errors, ["a/broken.tf", "stack.yaml"], "{told:#?}");
    assert!(told.contains(&format!("a/main.tf:6:20 {OPEN}")), "{told:#?}");
    assert!(told.iter().any(|line| line.starts_with("good.yaml:11:19")), "{told:#?}");
}

const PARENT: &str = "Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: child.yaml
      Parameters: { Range: 0.0.0.0/0 }
";

const CHILD: &str = "Parameters:
  Range: { Type: String, Default: 10.0.0.0/8 }
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: ssh
      SecurityGroupIngress:
        - { IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Range }
";

#[test]
fn a_nested_template_is_judged_where_it_is_nested() {
    let files = [("stack/parent.yaml", PARENT), ("stack/child.yaml", CHILD)];
    let nested = scan(SSH, &files);
    let addresses: Vec<_> =
        nested.outcome.findings().map(|found| found.finding().unwrap().resource.address.to_string()).collect();
    assert_eq!(addresses, ["Child.Group"]);
    assert_eq!(nested.outcome.summary.resources, 2);
    // By itself, as its name is given, it takes its default.
    let alone = Options { paths: vec!["stack/child.yaml".into()], ..only(SSH) };
    assert_eq!(told(&scan_with(alone, memory(&files))), Vec::<String>::new());
}

/// A tree in which reading a path fails, or panics when it is done for the n-th time.
struct Faulty {
    tree: Memory,
    refused: &'static str,
    panics_at: usize,
    reads: AtomicUsize,
}

impl Faulty {
    fn refusing(refused: &'static str, files: &[(&str, &str)]) -> Self {
        Self { tree: memory(files), refused, panics_at: usize::MAX, reads: AtomicUsize::new(0) }
    }
}

impl FileSystem for Faulty {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        if path.ends_with(self.refused) {
            if self.panics_at == usize::MAX {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            assert!(self.reads.fetch_add(1, Ordering::SeqCst) + 1 != self.panics_at, "the disk is on fire");
        }
        self.tree.read(path, limit)
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        self.tree.kind(path)
    }

    fn is_link(&self, path: &Path) -> bool {
        self.tree.is_link(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.tree.list(folder)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.tree.canonical(path)
    }

    fn walk(&self, folder: &Path) -> (Vec<PathBuf>, Vec<(PathBuf, io::Error)>) {
        self.tree.walk(folder)
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_the_rest_judged() {
    let files = [("locked.yaml", OPEN_TEMPLATE), ("open.yaml", OPEN_TEMPLATE)];
    let scan = scan_with(only(SSH), Faulty::refusing("locked.yaml", &files));
    assert_eq!(
        told(&scan),
        [
            "locked.yaml read-error: cannot read this file: permission denied (error)".to_owned(),
            format!("open.yaml:11:19 {SSH}: Group lets the whole internet reach SSH (port 22)"),
        ]
    );
}

#[test]
fn a_terraform_file_that_cannot_be_read_leaves_its_module_judged() {
    let files = [("locked.tf", "locals {}\n"), ("main.tf", OPEN_GROUP)];
    let told = told(&scan_with(only(SSH), Faulty::refusing("locked.tf", &files)));
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].starts_with("locked.tf") && told[0].ends_with("(error)"), "{told:#?}");
    assert_eq!(told[1], format!("main.tf:6:20 {OPEN}"));
}

#[test]
fn a_panic_is_a_diagnostic_and_the_rest_is_judged() {
    let files = [("bad.yaml", OPEN_TEMPLATE), ("good.yaml", OPEN_TEMPLATE)];
    // The first two reads, to tell what the file is and what it nests, still succeed.
    let tree = Faulty { panics_at: 3, ..Faulty::refusing("bad.yaml", &files) };
    let told = told(&scan_with(only(SSH), tree));
    assert_eq!(
        told,
        [
            "bad.yaml:1:1 internal-error: reading this unit failed: the disk is on fire (error)".to_owned(),
            format!("good.yaml:11:19 {SSH}: Group lets the whole internet reach SSH (port 22)"),
        ]
    );
}

#[test]
fn an_empty_folder_has_nothing_to_judge() {
    let scan = scan(SSH, &[("README.md", "# Nothing\n")]);
    assert_eq!(told(&scan), Vec::<String>::new());
    assert_eq!((scan.outcome.summary.files, scan.outcome.summary.resources), (0, 0));
}

#[test]
fn a_path_that_is_not_there_is_wrong_usage() {
    let options = Options { paths: vec!["nowhere".into()], ..Options::default() };
    let session = Session::new(options, Arc::new(memory(&[]))).unwrap();
    let error = session.scan(&Silent).unwrap_err();
    assert_eq!(error.to_string(), "there is nothing at `nowhere`; give the path of a file or folder");
}

#[test]
fn a_named_file_of_another_language_is_told() {
    let options = Options { paths: vec!["chart.yaml".into()], ..Options::default() };
    let scan = scan_with(options, memory(&[("chart.yaml", "kind: Deployment\n")]));
    assert_eq!(
        told(&scan),
        [
            "chart.yaml:1:1 not-configuration: this is neither Terraform nor CloudFormation nor a plan; nothing in it was judged (note)"
        ]
    );
}

#[test]
fn a_named_file_that_was_meant_as_something_else_is_an_error() {
    let wrong = |text: &str| {
        let options = Options { paths: vec!["named.json".into()], ..Options::default() };
        told(&scan_with(options, memory(&[("named.json", text)]))).join("; ")
    };
    assert_eq!(
        wrong("- Resources:\n    B: {Type: AWS::S3::Bucket}\n"),
        "named.json:1:1 cloudformation-shape: a template is a map of sections, and this is a list (error)"
    );
    assert_eq!(
        wrong(r#"[{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {}}]"#),
        "named.json:1:1 not-configuration: this is a list, and a plan is an object (error)"
    );
    assert_eq!(
        wrong(r#"{"format_version": "1.0", "terraform_version": "1.9.0", "values": {}}"#),
        "named.json:1:1 not-configuration: this is a state, and no plan (error)"
    );
    assert_eq!(
        wrong("{\"@level\": \"info\", \"@message\": \"Terraform 1.9.0\"}\n{\"@level\": \"info\"}\n"),
        "named.json:1:1 not-configuration: this is the log of a Terraform command, and no plan (error)"
    );
    // In a folder, a file that is nothing of ours is left alone.
    let list = memory(&[("tree/list.yaml", "- Resources:\n    B: {Type: AWS::S3::Bucket}\n")]);
    assert_eq!(
        told(&scan_with(Options { paths: vec!["tree".into()], ..Options::default() }, list)),
        Vec::<String>::new()
    );
}

#[test]
fn what_a_template_names_is_judged_once_and_in_its_own_file() {
    let open = "Type: AWS::EC2::SecurityGroup\n  Properties:\n    GroupDescription: ssh\n    SecurityGroupIngress:\n      - \
                {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}\n";
    let template = "Resources:\n  Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://bucket/groups/open.yaml}}\n  \
                    Net:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: !Sub 'https://${Bucket}/infra/net.yaml'}\n\
                    Parameters:\n  Bucket: {Type: String}\n";
    let files = [
        ("infra/main.yaml", template),
        ("infra/groups/open.yaml", &format!("Included:\n  {open}")),
        ("infra/net.yaml", &format!("Resources:\n Nested:\n  {open}")),
    ];
    assert_eq!(
        told(&scan(SSH, &files)),
        [
            format!("infra/groups/open.yaml:6:61 {SSH}: Included lets the whole internet reach SSH (port 22)"),
            format!("infra/net.yaml:7:61 {SSH}: Net.Nested lets the whole internet reach SSH (port 22)"),
        ]
    );
}

#[test]
fn an_unknown_rule_is_wrong_usage() {
    let options = Options { ignore: vec!["aws-s3-bucket-acl-public-reed".into()], ..Options::default() };
    let error = Session::new(options, Arc::new(memory(&[]))).unwrap_err();
    assert!(matches!(&error, EngineError::UnknownRule(_)));
    assert_eq!(
        error.to_string(),
        "unknown rule `aws-s3-bucket-acl-public-reed`; did you mean `aws-s3-bucket-acl-public-read`?"
    );
}

#[test]
fn instances_of_a_block_share_one_finding() {
    let counted = OPEN_GROUP.replacen("{\n", "{\n  count = 3\n", 1);
    let scan = scan(SSH, &[("main.tf", &counted)]);
    let told = told(&scan);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].ends_with("×3"), "{told:#?}");
    let finding = scan.outcome.findings().next().unwrap().finding().unwrap();
    let instances: Vec<&str> = finding.instances.iter().map(|instance| &**instance).collect();
    assert_eq!(instances, ["aws_security_group.ssh[0]", "aws_security_group.ssh[1]", "aws_security_group.ssh[2]"]);
}

const MODULE: &str = r#"variable "sources" {
  type = list(string)
}

resource "aws_security_group" "ssh" {
  ingress {
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = var.sources
  }
}
"#;

#[test]
fn callers_of_a_module_share_one_finding_and_the_way_is_drawn() {
    let root = r#"module "a" {
  source  = "./group"
  sources = ["10.0.0.0/8"]
}

module "b" {
  source  = "./group"
  sources = ["0.0.0.0/0"]
}

module "c" {
  for_each = toset(["x", "y"])
  source   = "./group"
  sources  = ["0.0.0.0/0"]
}
"#;
    let scan = scan(SSH, &[("main.tf", root), ("group/main.tf", MODULE)]);
    let findings: Vec<_> = scan.outcome.findings().collect();
    assert_eq!(findings.len(), 1, "{:#?}", told(&scan));
    let finding = findings[0].finding().unwrap();
    let instances: Vec<&str> = finding.instances.iter().map(|instance| &**instance).collect();
    assert_eq!(
        instances,
        [
            "module.b.aws_security_group.ssh",
            "module.c[\"x\"].aws_security_group.ssh",
            "module.c[\"y\"].aws_security_group.ssh"
        ]
    );
    assert!(tell(&scan, findings[0]).starts_with("group/main.tf:10:19 "), "{}", tell(&scan, findings[0]));
    assert_eq!(trace(&scan, findings[0]), ["main.tf:8:14 module argument sources"]);
}

#[test]
fn a_better_rule_speaks_alone() {
    let all = OPEN_GROUP.replace("\"tcp\"", "\"-1\"").replace("22", "0");
    let select = vec!["aws-ec2-security-group-*".to_owned()];
    let scan = scan_with(Options { select, ..Options::default() }, memory(&[("main.tf", &all)]));
    let rules: Vec<&str> = scan.outcome.findings().map(|finding| &*finding.id).collect();
    assert!(rules.contains(&"aws-ec2-security-group-all-ports-open-to-world"), "{rules:?}");
    assert!(!rules.contains(&SSH), "{rules:?}");
}

const EITHER: &str = "Parameters:
  Open:
    Type: String
    AllowedValues: ['yes', 'no']
Conditions:
  IsOpen: !Equals [!Ref Open, 'yes']
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: ssh
      SecurityGroupIngress:
        - IpProtocol: tcp
          FromPort: 22
          ToPort: 22
          CidrIp: !If [IsOpen, 0.0.0.0/0, 10.0.0.0/8]
";

#[test]
fn what_holds_for_some_values_is_possible_and_for_the_strict() {
    let files = [("stack.yaml", EITHER)];
    let recommended = scan_with(Options::default(), memory(&files));
    assert!(recommended.outcome.findings().all(|finding| &*finding.id != SSH));
    assert!(recommended.outcome.summary.undecided > 0);
    let listed = scan_with(Options { show_undecided: true, ..Options::default() }, memory(&files));
    let listed: Vec<String> = listed.outcome.undecided.iter().map(|note| tell(&listed, note)).collect();
    let about = "stack.yaml:16:32 aws-ec2-security-group-ssh-open-to-world: \
                 aws-ec2-security-group-ssh-open-to-world cannot be decided for Group: it is so when ";
    assert!(listed.iter().any(|note| note.starts_with(about)), "{listed:#?}");
    let strict = scan_with(Options { profile: Profile::Strict, ..Options::default() }, memory(&files));
    let told: Vec<String> = told(&strict).into_iter().filter(|line| line.contains(SSH)).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("stack.yaml:16:") && told[0].ends_with("]"), "{told:#?}");
    assert!(told[0].contains("[when "), "{told:#?}");
}

#[test]
fn severity_and_profile_choose_the_rules() {
    let options = Options { min_severity: Some(Severity::Critical), ..Options::default() };
    let scan = scan_with(options, memory(&[("main.tf", OPEN_GROUP)]));
    assert_eq!(told(&scan), Vec::<String>::new());
}

#[test]
fn a_fingerprint_survives_moved_lines() {
    let fingerprint = |text: &str| {
        let scan = scan(SSH, &[("main.tf", text)]);
        scan.outcome.findings().next().unwrap().finding().unwrap().fingerprint.clone()
    };
    let moved = format!("# A comment.\n\nlocals {{}}\n{}", OPEN_GROUP.replace("    cidr", "      cidr"));
    assert_eq!(fingerprint(OPEN_GROUP), fingerprint(&moved));
    assert_ne!(fingerprint(OPEN_GROUP), fingerprint(&OPEN_GROUP.replace("\"ssh\"", "\"other\"")));
}

#[test]
fn two_equal_lines_have_two_fingerprints() {
    let block = &OPEN_GROUP[OPEN_GROUP.find("  ingress").unwrap()..OPEN_GROUP.rfind('}').unwrap()];
    let twice = OPEN_GROUP.replace(block, &format!("{block}{block}"));
    let scan = scan(SSH, &[("main.tf", &twice)]);
    let fingerprints: Vec<_> = scan.outcome.findings().map(|it| it.finding().unwrap().fingerprint.clone()).collect();
    assert_eq!(fingerprints.len(), 2);
    assert_ne!(fingerprints[0], fingerprints[1]);
}

#[test]
fn the_outcome_does_not_depend_on_threads() {
    let mut files: Vec<(String, String)> = (0..24)
        .flat_map(|at| {
            [
                (format!("m{at}/main.tf"), OPEN_GROUP.replace("22", &(20 + at % 4).to_string())),
                (format!("t{at}.yaml"), OPEN_TEMPLATE.to_owned()),
                (format!("broken{at}.tf"), "resource {".to_owned()),
            ]
        })
        .collect();
    files.push(("either.yaml".to_owned(), EITHER.to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let options = Options { profile: Profile::Account, show_undecided: true, ..Options::default() };
            let scan = scan_with(options, memory(&files));
            let undecided = scan.outcome.undecided.iter().map(|note| tell(&scan, note));
            let fingerprints = scan.outcome.findings().map(|it| it.finding().unwrap().fingerprint.clone());
            let mut lines = told(&scan);
            lines.extend(undecided.chain(fingerprints));
            lines
        })
    };
    let one = with(1);
    assert!(one.len() > 60);
    assert_eq!(one, with(2));
    assert_eq!(one, with(7));
}

#[test]
fn graphs_are_given_in_order() {
    let session =
        Session::new(Options::default(), Arc::new(memory(&[("b.yaml", OPEN_TEMPLATE), ("a/main.tf", OPEN_GROUP)])));
    let session = session.unwrap();
    let units = session.units().unwrap();
    let graph = |unit| session.load(unit).graph.resources[0].address.to_string();
    let seen: Vec<String> =
        units.list.iter().map(|unit| format!("{} {}", unit.path().display(), graph(unit))).collect();
    assert_eq!(seen, ["a aws_security_group.ssh", "b.yaml Group"]);
    assert_eq!(units.problems, []);
}

#[test]
fn a_plan_is_a_unit() {
    let values = r#"{"name": "ssh", "ingress": [{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}]}"#;
    let address =
        r#""address": "aws_security_group.ssh", "mode": "managed", "type": "aws_security_group", "name": "ssh""#;
    let plan = format!(
        r#"{{"format_version": "1.2", "terraform_version": "1.11.4",
"planned_values": {{"root_module": {{"resources": [{{{address}, "values": {values}}}]}}}},
"resource_changes": [{{{address}, "change": {{"actions": ["create"], "before": null, "after": {values}, "after_unknown": {{}}}}}}],
"configuration": {{}}}}"#
    );
    let scan = scan(SSH, &[("plan.json", &plan)]);
    let told = told(&scan);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].starts_with("plan.json:") && told[0].ends_with(OPEN), "{told:#?}");
}

#[test]
fn notes_that_say_the_same_are_one() {
    let call = "module \"NAME\" {\n  source = \"terraform-aws-modules/vpc/aws\"\n}\n";
    let root: String = ["a", "b", "c"].iter().map(|name| call.replace("NAME", name)).collect();
    let scan = scan(SSH, &[("main.tf", &root), ("other/main.tf", &call.replace("NAME", "d"))]);
    let told = told(&scan);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("(and the same at 3 other places)"), "{told:#?}");
    assert_eq!(scan.outcome.diagnostics[0].related.len(), 3);
}

#[test]
fn an_error_in_a_called_module_names_the_root() {
    let broken = MODULE.replace("var.sources", "var.missing");
    let root = "module \"a\" {\n  source = \"./group\"\n  sources = []\n}\n";
    let scan = scan(SSH, &[("root/main.tf", root), ("root/group/main.tf", &broken)]);
    let errors: Vec<_> = scan.outcome.errors().collect();
    assert_eq!(errors.len(), 1, "{:#?}", told(&scan));
    assert!(errors[0].help.as_deref().unwrap_or_default().contains("met where the root module `root` calls this one"));
}

#[test]
fn an_error_in_the_root_itself_names_no_caller() {
    let broken = [("main.tf", "resource \"aws_ebs_volume\" \"v\" {\n"), ("root/main.tf", "locals {\n")];
    let scan = scan(SSH, &broken);
    let helps: Vec<_> = scan.outcome.errors().map(|error| error.help.as_deref().unwrap_or_default()).collect();
    assert_eq!(helps, ["add the missing `}`", "add the missing `}`"]);
}

#[test]
fn what_sam_makes_goes_by_the_type_that_is_written() {
    let template = "Transform: AWS::Serverless-2016-10-31
Resources:
  Report:
    Type: AWS::Serverless::Function
    Properties: { Handler: a.b, Runtime: python3.12, InlineCode: pass }
";
    let scan = scan("aws-lambda-function-without-tracing", &[("template.yaml", template)]);
    let resources = scan.outcome.findings().map(|found| &found.finding().unwrap().resource);
    let named: Vec<_> = resources.map(|resource| (&*resource.native_type, &*resource.address)).collect();
    assert_eq!(named, [("AWS::Serverless::Function", "Report")]);
}
