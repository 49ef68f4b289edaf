//! Defaults that changed between releases of a provider: decided by the lock file, by constraints of all modules, or possible.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::PathBuf;
use std::sync::Arc;

use terravet_diagnostics::{Certainty, Profile};
use terravet_engine::{Engine, Options, Silent};
use terravet_source::Memory;

const CLUSTER: &str = r#"
resource "aws_redshift_cluster" "dw" {
  cluster_identifier = "dw"
  node_type          = "ra3.large"
  encrypted          = true
}
"#;

/// What is said of the cluster's public address: nothing, that it has one, or when.
fn said(files: &[(&str, String)]) -> String {
    let tree = Arc::new(Memory::new(files.iter().map(|(path, text)| (*path, text.clone()))));
    let options = Options {
        paths: vec![PathBuf::from("live")],
        select: vec!["aws-redshift-cluster-publicly-accessible".to_owned()],
        profile: Profile::Strict,
        ..Options::default()
    };
    let outcome = Engine::new(options, tree).unwrap().scan(&Silent).unwrap().outcome;
    let errors: Vec<&str> = outcome.errors().map(|error| &*error.message).collect();
    assert_eq!(errors, Vec::<&str>::new());
    let certainties = outcome.findings().filter_map(|finding| match &finding.finding()?.certainty {
        Certainty::Certain => Some("public".to_owned()),
        Certainty::Possible(when) => Some(when.to_string()),
    });
    certainties.collect::<Vec<_>>().join("; ")
}

fn with_version(version: &str) -> String {
    format!(
        "terraform {{\n  required_providers {{\n    aws = {{\n      source = \"hashicorp/aws\"\n      version = \"{version}\"\n      configuration_aliases = [aws.other]\n    }}\n  }}\n}}\n{CLUSTER}"
    )
}

fn locked(version: &str) -> String {
    format!(
        "provider \"registry.terraform.io/hashicorp/aws\" {{\n  version = \"{version}\"\n  hashes = [\"h1:x=\"]\n}}\n"
    )
}

#[test]
fn a_constraint_decides_where_it_allows_one_side() {
    let main = |version: &str| said(&[("live/main.tf", with_version(version))]);
    assert_eq!(main("~> 5.0"), "public");
    assert_eq!(main(">= 6.2"), "");
    assert_eq!(main("< 6"), "public");
    assert_eq!(main(">= 4.40"), "when the aws provider is older than version 6");
}

#[test]
fn without_a_word_it_is_possible() {
    assert_eq!(said(&[("live/main.tf", CLUSTER.to_owned())]), "when the aws provider is older than version 6");
}

#[test]
fn the_lock_file_decides_where_a_constraint_is_open() {
    let with = |version: &str| {
        said(&[("live/main.tf", with_version(">= 4.40")), ("live/.terraform.lock.hcl", locked(version))])
    };
    assert_eq!(with("5.100.0"), "public");
    assert_eq!(with("6.1.0"), "");
}

#[test]
fn modules_that_are_called_narrow_the_releases_for_all() {
    let main = format!("module \"old\" {{\n  source = \"./old\"\n}}\n{CLUSTER}");
    let old = "terraform {\n  required_providers {\n    aws = \"~> 5.30\"\n  }\n}\n".to_owned();
    assert_eq!(said(&[("live/main.tf", main), ("live/old/main.tf", old)]), "public");
}
