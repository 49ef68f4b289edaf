//! Looking rules up, and what is said about pages that do not hold together.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::PathBuf;
use std::sync::Arc;

use terravet_diagnostics::Profile;
use terravet_rules::{Registry, SelectionError};
use terravet_source::{Memory, Sources};

const KINDS: &str = "
x.bucket:
  doc: A bucket.
  terraform: aws_s3_bucket
  attributes:
    acl: { doc: The canned list., type: string, terraform: acl }
    on: { doc: A switch., type: bool, terraform: versioning.enabled, default: false }
";

/// A page with these lines of front matter replaced or added.
fn page(changes: &[(&str, &str)]) -> String {
    let mut lines = vec![
        ("title", "A title"),
        ("severity", "high"),
        ("profile", "recommended"),
        ("kind", "x.bucket"),
        ("condition", "\"acl == \\\"public\\\"\""),
        ("message", "\"{address} is {acl}\""),
        ("equivalents", "[\"checkov:CKV_AWS_20\", \"trivy:AWS-0092\"]"),
        ("since", "0.1.0"),
    ];
    for (key, value) in changes {
        match lines.iter_mut().find(|(known, _)| known == key) {
            Some(line) => line.1 = value,
            None => lines.push((key, value)),
        }
    }
    let front: String =
        lines.iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| format!("{key}: {value}\n")).collect();
    format!("---\n{front}---\n# A title\n\nWhy it is *bad*,\nin `words`.\n\nMore.\n")
}

fn registry(files: &[(&str, String)]) -> (Registry, Arc<Sources>) {
    let sources = Arc::new(Sources::new(Arc::new(Memory::default())));
    let kinds = ("kinds.yaml", KINDS.to_owned());
    let files: Vec<_> = std::iter::once(&kinds)
        .chain(files)
        .map(|(name, text)| (Arc::from(*name), sources.add(&PathBuf::from(name), text.as_str())))
        .collect();
    (Registry::from_files(files), sources)
}

/// What is wrong with a page: `line:column: message (help)` each, and the text at the place.
fn problems(text: String) -> Vec<(String, String)> {
    let (registry, sources) = registry(&[("a-rule.md", text)]);
    let problems = registry.problems(|_| true);
    problems
        .iter()
        .map(|problem| {
            let file = sources.open(problem.primary.span.file).unwrap();
            let at = file.position(problem.primary.span.start);
            let help = problem.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
            let said = format!("{}:{}: {}{help}", at.line, at.column, problem.message);
            (said, file.slice(problem.primary.span).to_owned())
        })
        .collect()
}

fn only_problem(text: String) -> (String, String) {
    let mut problems = problems(text);
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.remove(0)
}

fn said(message: &str, place: &str) -> (String, String) {
    (message.to_owned(), place.to_owned())
}

#[test]
fn a_good_page_has_no_problems() {
    assert_eq!(problems(page(&[])), []);
}

#[test]
fn a_broken_page_is_told_at_its_place() {
    assert_eq!(
        only_problem(page(&[("sevrity", "high")])),
        said("10:1: `sevrity` is not a key of a rule page (did you mean `severity`?)", "sevrity")
    );
    assert_eq!(
        only_problem(page(&[("severity", "grave")])),
        said("3:11: `grave` is no severity; use critical, high, medium, low or info", "grave")
    );
    assert_eq!(
        only_problem(page(&[("profile", "lax")])),
        said("4:10: `lax` is no profile; use recommended, strict or account", "lax")
    );
    assert_eq!(
        only_problem(page(&[("kind", "x.buckt")])),
        said("5:7: there is no kind `x.buckt` (did you mean `x.bucket`?)", "x.buckt")
    );
    assert_eq!(
        only_problem(page(&[("message", "\"{adress} is bad\"")])),
        said("7:10: the kind x.bucket has no attribute `adress`", "\"{adress} is bad\"")
    );
    assert_eq!(
        only_problem(page(&[("equivalents", "[CKV_AWS_20]")])),
        said("8:14: `CKV_AWS_20` names no tool; write tool:id", "[CKV_AWS_20]")
    );
    assert_eq!(
        only_problem(page(&[("yields_to", "[another-rule]")])),
        said("10:12: there is no rule `another-rule` to yield to", "[another-rule]")
    );
    assert_eq!(
        only_problem(page(&[("unsupported", "{ pulumi: no reason }")])),
        said("10:14: `pulumi` is no language; use terraform or cloudformation", "{ pulumi: no reason }")
    );
}

#[test]
fn a_condition_is_told_at_its_column_even_after_escapes() {
    assert_eq!(
        only_problem(page(&[("condition", "\"acl == \\\"a\\\" && acll == \\\"b\\\"\"")])),
        said("6:29: x.bucket has no attribute `acll`; did you mean `acl`?", "acll")
    );
    assert_eq!(
        only_problem(page(&[("condition", "'on && acl'")])),
        said("6:19: this is text, where a bool is needed", "acl")
    );
}

#[test]
fn a_fix_sets_an_attribute() {
    let fix = |fix: &str| only_problem(page(&[("fix", fix)])).0;
    assert_eq!(
        fix("{ set: acll, to: private, applicability: safe }"),
        "10:6: the kind x.bucket has no attribute `acll` (did you mean `acl`?)"
    );
    assert_eq!(
        fix("{ set: acl, applicability: safe }"),
        "10:13: a fix needs both the attribute (`set`) and its value (`to`)"
    );
    assert_eq!(
        fix("{ words: do it, applicability: sure }"),
        "10:37: `sure` is not an applicability; use safe, unsafe or display"
    );
}

#[test]
fn a_class_is_one_of_the_list() {
    assert_eq!(
        only_problem(page(&[("class", "public-dat")])).0,
        "10:8: `public-dat` is not a class of rules; did you mean `public-data`?"
    );
}

#[test]
fn a_remedy_is_of_both_languages_or_of_each() {
    let remedy = |remedy: &str| {
        let (registry, _) = registry(&[("a-rule.md", page(&[("remedy", remedy)]))]);
        let page = registry.rule("a-rule").unwrap().page().unwrap();
        let body = page.body_with_remedy().split_once("## Fix\n\n").unwrap().1.to_owned();
        (page.remedy.terraform.as_deref().map(str::to_owned), page.remedy.cloudformation.clone(), body)
    };
    assert_eq!(remedy("\"Add `a`.\""), (Some("Add `a`.".to_owned()), Some("Add `a`.".into()), "Add `a`.\n".to_owned()));
    assert_eq!(
        remedy("{ terraform: Set a, cloudformation: Set A }"),
        (Some("Set a".to_owned()), Some("Set A".into()), "Terraform: Set a\n\nCloudFormation: Set A\n".to_owned())
    );
    assert_eq!(remedy("{ terraform: Set a }"), (Some("Set a".to_owned()), None, "Terraform: Set a\n".to_owned()));
    assert_eq!(
        only_problem(page(&[("remedy", "{ pulumi: Set a }")])).0,
        "10:11: `pulumi` is not a key of a rule page (the keys are terraform, cloudformation)"
    );
}

#[test]
fn a_page_without_front_matter_is_refused() {
    assert_eq!(
        only_problem("# Title\n".to_owned()).0,
        "1:1: a rule page begins with front matter between two lines of --- (see CONTRIBUTING.md for the form of a page)"
    );
}

#[test]
fn two_pages_cannot_have_one_id() {
    let (registry, _) = registry(&[("a/a-rule.md", page(&[])), ("b/a-rule.md", page(&[]))]);
    let problems: Vec<String> = registry.problems(|_| true).into_iter().map(|problem| problem.message).collect();
    assert_eq!(problems, ["there is another rule with the id a-rule"]);
}

#[test]
fn a_rule_is_found_by_id_by_glob_and_by_other_tools_ids() {
    let other = page(&[("equivalents", "[\"kics:0a-1b\", \"tfsec:AWS-0092\"]"), ("profile", "strict")]);
    let (registry, _) = registry(&[("aws-s3-public.md", page(&[])), ("aws-ec2-open.md", other)]);
    let find = |name: &str| -> Vec<String> { registry.find(name).unwrap().iter().map(ToString::to_string).collect() };
    assert_eq!(find("aws-s3-public"), ["aws-s3-public"]);
    assert_eq!(find("aws-*"), ["aws-ec2-open", "aws-s3-public"]);
    assert_eq!(find("*-{s3,sns}-*"), ["aws-s3-public"]);
    assert_eq!(find("checkov:CKV_AWS_20"), ["aws-s3-public"]);
    assert_eq!(find("Checkov:ckv_aws_20"), ["aws-s3-public"]);
    assert_eq!(find("ckv_aws_20"), ["aws-s3-public"]);
    assert_eq!(find("0A-1B"), ["aws-ec2-open"]);
    assert_eq!(find("AWS-0092"), ["aws-ec2-open", "aws-s3-public"]);
    assert_eq!(find("trivy:AWS-0092"), ["aws-s3-public"]);

    let error = |name: &str| registry.find(name).unwrap_err().to_string();
    assert_eq!(error("aws-s3-publik"), "unknown rule `aws-s3-publik`; did you mean `aws-s3-public`?");
    assert_eq!(error("CKV_AWS_21"), "unknown rule `CKV_AWS_21`; did you mean `CKV_AWS_20`?");
    assert_eq!(error("kubernetes"), "unknown rule `kubernetes`");
    // A part of an equivalent is not that equivalent.
    assert!(registry.find("CKV_AWS_2").is_err());
}

#[test]
fn a_selection_is_of_a_profile_or_of_names() {
    let (registry, _) = registry(&[("a.md", page(&[])), ("b.md", page(&[("profile", "strict")]))]);
    let select = |select: &[&str], ignore: &[&str], profile| -> Result<Vec<String>, SelectionError> {
        let own = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let selection = registry.select(&own(select), &own(ignore), profile)?;
        Ok(selection.rules.iter().map(ToString::to_string).collect())
    };
    assert_eq!(select(&[], &[], Profile::Recommended).unwrap(), ["a"]);
    assert_eq!(select(&[], &[], Profile::Strict).unwrap(), ["a", "b"]);
    assert_eq!(select(&["b"], &[], Profile::Recommended).unwrap(), ["b"]);
    assert_eq!(select(&["checkov:CKV_AWS_20"], &["a"], Profile::Recommended).unwrap(), ["b"]);
    assert_eq!(select(&[], &["c"], Profile::Recommended).unwrap_err().given, "c");
}

#[test]
fn a_report_gets_title_summary_and_standards() {
    let table = "'S3.1' = ['a-rule']\n'S3.2' = ['a-rule']\n";
    let (registry, _) = registry(&[("a-rule.md", page(&[])), ("standards/fsbp-1.0.toml", table.to_owned())]);
    let info = registry.info(registry.rule("a-rule").unwrap()).unwrap();
    assert_eq!((&*info.title, &*info.summary, &*info.service), ("A title", "Why it is bad, in words.", "bucket"));
    assert_eq!(info.standards, ["fsbp-1.0:S3.1".into(), "fsbp-1.0:S3.2".into()]);
    assert_eq!(&*info.url, "https://github.com/terravet/terravet/blob/main/rules/a-rule.md");
}

#[test]
fn rules_of_a_folder_stand_beside_the_embedded_ones() {
    let tree = Memory::new([
        ("policies/kinds.yaml", KINDS.to_owned()),
        ("policies/deep/our-rule.md", page(&[])),
        ("policies/README.md", "# Not a rule\n".to_owned()),
    ]);
    let sources = Arc::new(Sources::new(Arc::new(tree)));
    let registry = Registry::load(&sources, &["policies".into()]).unwrap();
    assert!(registry.rule("our-rule").is_some());
    assert!(registry.rule("aws-ec2-security-group-ssh-open-to-world").is_some());

    let nothing = Registry::load(&sources, &["nowhere".into()]).unwrap_err();
    assert_eq!(nothing[0].message, "there are no rule pages (*.md) in `nowhere`");
}

/// What is wrong with a folder of rules, as `path:line:column: message (help)`.
fn problems_of(files: &[(&str, String)]) -> Vec<String> {
    let (registry, sources) = registry(files);
    let said = registry.problems(|_| true).into_iter().map(|problem| {
        let span = problem.primary.span;
        let at = sources.open(span.file).unwrap().position(span.start);
        let help = problem.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}:{}:{}: {}{help}", sources.path(span.file).display(), at.line, at.column, problem.message)
    });
    said.collect()
}

/// A file with one kind of these lines.
fn kind(lines: &str) -> (&'static str, String) {
    ("own/kinds.yaml", format!("y.own:\n  doc: Our own.\n{lines}"))
}

#[test]
fn an_argument_of_a_fact_names_an_attribute_or_a_word() {
    let own = kind(
        "  terraform: aws_ebs_volume
  attributes:
    key: { doc: The key., type: string, terraform: kms_key_id }
    customer_managed: { computed: customer_managed }
    hardcoded: { computed: hardcoded }
    protocol: { doc: It., type: string, terraform: size }
    from_port: { doc: It., type: number, terraform: size }
    to_port: { doc: It., type: number, terraform: size }
    allows_port: { computed: allows_port }
    used: { computed: used }
",
    );
    let wrong = |condition: &str| {
        let page = page(&[("kind", "y.own"), ("condition", condition), ("message", "bad")]);
        problems_of(&[own.clone(), ("a-rule.md", page)]).join("; ")
    };
    assert_eq!(wrong("customer_managed('key')"), "");
    assert_eq!(wrong("customer_managed('keey')"), "a-rule.md:6:29: y.own has no attribute `keey`; did you mean `key`?");
    assert_eq!(wrong("hardcoded('nope')"), "a-rule.md:6:22: y.own has no attribute `nope`");
    assert_eq!(
        wrong("allows_port('tpc', 22)"),
        "a-rule.md:6:24: `tpc` is no protocol of allows_port; did you mean `tcp`?"
    );
    assert_eq!(
        wrong("allows_port('tcp', 70000)"),
        "a-rule.md:6:31: the port of allows_port is a number from 0 to 65535"
    );
    assert_eq!(
        wrong("used('aws_ebs_volum')"),
        "a-rule.md:6:17: there is no type aws_ebs_volum; did you mean `aws_ebs_volume`?"
    );
}

#[test]
fn a_kind_has_what_its_facts_need() {
    let lacking = kind("  terraform: aws_vpc\n  attributes:\n    open_to_world: { computed: open_to_world }\n");
    assert_eq!(
        problems_of(&[lacking]),
        ["own/kinds.yaml:5:5: the fact open_to_world needs an attribute `sources` (list of string) of y.own"]
    );
    let of_another_type = kind(
        "  terraform: aws_vpc
  attributes:
    sources: { doc: Sources., type: string, terraform: cidr_block }
    open_to_world: { type: string, computed: open_to_world }
",
    );
    assert_eq!(
        problems_of(&[of_another_type]),
        [
            "own/kinds.yaml:6:28: the fact open_to_world is bool",
            "own/kinds.yaml:6:5: the fact open_to_world needs `sources` to be list of string; here it is string",
        ]
    );
}

#[test]
fn native_types_and_attributes_are_those_of_the_providers() {
    let wrong = |lines: &str| problems_of(&[kind(lines)]).join("; ");
    assert_eq!(
        wrong("  terraform: aws_ebs_volum\n"),
        "own/kinds.yaml:3:14: there is no type aws_ebs_volum (did you mean `aws_ebs_volume`?)"
    );
    assert_eq!(
        wrong("  cloudformation: AWS::EC2::Volumes\n"),
        "own/kinds.yaml:3:19: there is no type AWS::EC2::Volumes (did you mean `AWS::EC2::Volume`?)"
    );
    assert_eq!(
        wrong("  terraform: { type: aws_security_group, at: ingres }\n"),
        "own/kinds.yaml:3:46: aws_security_group has no `ingres` there (did you mean `ingress`?)"
    );
    let attribute = |path: &str| {
        wrong(&format!(
            "  terraform: aws_instance\n  attributes:\n    x: {{ doc: It., type: string, terraform: {path} }}\n"
        ))
    };
    assert_eq!(attribute("root_block_device.kms_key_id"), "");
    assert_eq!(
        attribute("root_block_device.kms_key_di"),
        "own/kinds.yaml:5:45: aws_instance has no `kms_key_di` there (did you mean `kms_key_id`?)"
    );
    assert_eq!(
        attribute("root_block_device.kms_key_id.aftr(x"),
        "own/kinds.yaml:5:74: there is no step `aftr`; did you mean `after`?"
    );
    assert_eq!(
        wrong(
            "  terraform: aws_s3_bucket
  satellites: { acl: { terraform: aws_s3_bucket_acl, links: bukket } }
  attributes:
    x: { doc: It., type: string, terraform: acl/acll }
    y: { doc: It., type: string, terraform: meta/lifecicle.prevent_destroy }
    z: { doc: It., type: string, cloudformation: BucketName }
"
        ),
        [
            "own/kinds.yaml:6:45: aws_s3_bucket_acl has no `acll` there (did you mean `acl`?)",
            "own/kinds.yaml:7:45: resources have no meta-argument `lifecicle` (did you mean `lifecycle`?)",
            "own/kinds.yaml:8:50: the kind has no type in this language that the path could be read from",
            "own/kinds.yaml:4:61: aws_s3_bucket_acl has no `bukket` there (did you mean `bucket`?)",
        ]
        .join("; ")
    );
}

#[test]
fn a_rule_yields_to_none_of_lower_severity() {
    let low = page(&[("severity", "low")]);
    let high = page(&[("yields_to", "[low-rule]")]);
    assert_eq!(
        problems_of(&[("high-rule.md", high), ("low-rule.md", low)]),
        [
            "high-rule.md:10:12: `low-rule` has severity low, and this rule high; a rule yields to none of lower severity"
        ]
    );
}

#[test]
fn a_table_of_a_standard_names_controls_and_rules_that_there_are() {
    let table = "\"S3.1\" = [\"a-rule\"]\n\"S3.99\" = [\"a-rule\"]\n\"S3.2\" = [\"no-rule\"]\n";
    assert_eq!(
        problems_of(&[("a-rule.md", page(&[])), ("standards/fsbp-1.0.0.toml", table.to_owned())]),
        [
            "standards/fsbp-1.0.0.toml:3:12: there is no rule `no-rule` to cover S3.2",
            "standards/fsbp-1.0.0.toml:2:2: the standard fsbp-1.0.0 has no control `S3.99` (did you mean `S3.9`?)",
        ]
    );
    let own = "\"1\" = [\"a-rule\"]\n".to_owned();
    assert_eq!(problems_of(&[("a-rule.md", page(&[])), ("standards/ours-1.toml", own)]), Vec::<String>::new());
}
