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
  terraform: aws_bucket
  attributes:
    acl: { doc: The canned list., type: string, terraform: acl }
    on: { doc: A switch., type: bool, terraform: on, default: false }
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
    let table = "'S3.1' = ['a-rule']\n'S3.2' = ['a-rule', 'other']\n";
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
