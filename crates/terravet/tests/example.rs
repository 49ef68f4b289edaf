//! The example of the README, in every form.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use support::{terravet, testdata};

const SELECT: &str =
    "aws-ec2-security-group-ssh-open-to-world,aws-s3-bucket-acl-public-read,aws-sqs-queue-without-encryption";

#[test]
fn text() {
    let run = terravet(&testdata("example"), &["--select", SELECT]);
    assert_eq!((run.status, run.stderr.as_str()), (1, ""));
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn concise() {
    let run = terravet(&testdata("example"), &["--select", SELECT, "--format", "concise"]);
    assert_eq!(run.status, 1);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn json() {
    let run = terravet(&testdata("example"), &["--select", SELECT, "--format", "json"]);
    assert_eq!(run.status, 1);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn sarif() {
    let run = terravet(&testdata("example"), &["--select", SELECT, "--format", "sarif"]);
    assert_eq!(run.status, 1);
    let log = run.json();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let uris: Vec<&str> = results
        .iter()
        .map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap())
        .collect();
    // From the root of the repository, although the scan ran in a folder of it; where there is no repository, from there.
    assert_eq!(uris.len(), 3);
    assert!(uris.iter().all(|uri| uri.starts_with("testdata/example/") || !uri.contains("testdata")), "{uris:?}");
    insta::with_settings!({filters => vec![("testdata/example/", "")]}, {
        insta::assert_snapshot!(serde_json::to_string_pretty(results).unwrap());
    });
}

#[test]
fn the_whole_example_finds_what_the_readme_shows() {
    let run = terravet(&testdata("example"), &["--format", "json"]);
    assert_eq!(run.status, 1);
    let rules: Vec<String> = run.places().iter().map(|place| place.split(' ').next().unwrap().to_owned()).collect();
    for expected in SELECT.split(',').chain(["aws-rds-database-publicly-accessible", "aws-iam-policy-with-full-admin"])
    {
        assert!(rules.iter().any(|rule| rule == expected), "{expected} is not among {rules:?}");
    }
}

#[test]
fn the_same_bytes_whatever_the_threads() {
    for format in ["text", "json", "sarif"] {
        let runs =
            ["1", "2", "7"].map(|threads| terravet(&testdata("example"), &["--format", format, "--threads", threads]));
        assert!(runs.iter().all(|run| run.stdout == runs[0].stdout), "{format}");
    }
}

#[test]
fn colour_only_where_it_is_wanted() {
    let coloured = |variable: Option<(&str, &str)>, arguments: &[&str]| {
        let mut command = support::command(&testdata("example"), arguments);
        command.envs(variable);
        support::finished(command).stdout.contains('\u{1b}')
    };
    assert!(!coloured(None, &[]));
    assert!(coloured(Some(("CLICOLOR_FORCE", "1")), &[]));
    assert!(!coloured(Some(("CLICOLOR_FORCE", "1")), &["--color", "never"]));
    assert!(coloured(None, &["--color", "always"]));
    assert!(!coloured(Some(("NO_COLOR", "1")), &[]));
    assert!(!coloured(Some(("CLICOLOR_FORCE", "1")), &["--format", "json"]));
}
