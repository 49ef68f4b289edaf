//! The report for code scanning: what GitHub documents as required is there, and everything that is referred to exists.
//!
//! The whole file was validated with the official schema and Microsoft's multitool; here its structure is held to the same.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use serde_json::Value;
use support::World;
use terravet_report::{Places, sarif};
use terravet_source::Anchors;

fn log(options: &sarif::Options<'_>) -> Value {
    let world = World::new();
    let mut out = Vec::new();
    sarif::write(&mut out, &world.outcome, &Places::new(&world.sources, None), options).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn texts(values: &Value) -> Vec<&str> {
    values.as_array().unwrap().iter().map(|value| value.as_str().unwrap()).collect()
}

#[test]
fn the_whole_file() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&log(&sarif::Options::default())).unwrap());
}

#[test]
fn what_github_requires_is_there() {
    let log = log(&sarif::Options::default());
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().starts_with("https://"));
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "terravet");
    for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
        for text in [
            &rule["id"],
            &rule["name"],
            &rule["shortDescription"]["text"],
            &rule["fullDescription"]["text"],
            &rule["help"]["text"],
        ] {
            assert!(!text.as_str().unwrap().is_empty());
        }
        assert!(texts(&rule["properties"]["tags"]).contains(&"security"));
        let score: f64 = rule["properties"]["security-severity"].as_str().unwrap().parse().unwrap();
        assert!(score > 0.0 && score <= 10.0);
    }
    for result in run["results"].as_array().unwrap() {
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        let physical = &result["locations"][0]["physicalLocation"];
        assert!(!physical["artifactLocation"]["uri"].as_str().unwrap().starts_with(['/', '.']));
        for edge in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(physical["region"][edge].as_u64().unwrap() >= 1);
        }
        assert!(result["partialFingerprints"]["primaryLocationLineHash"].is_null());
        assert_eq!(result["partialFingerprints"]["terravet/v1"].as_str().unwrap().len(), 32);
    }
}

#[test]
fn the_way_of_a_value_is_a_code_flow_from_its_source() {
    let log = log(&sarif::Options::default());
    let flow = &log["runs"][0]["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"];
    let steps: Vec<&str> =
        flow.as_array().unwrap().iter().map(|step| step["location"]["message"]["text"].as_str().unwrap()).collect();
    assert_eq!(steps, ["value of local.acl.", "module argument acl.", "bucket \"logs\" can be read by everyone."]);
}

#[test]
fn errors_are_notifications_of_known_kinds() {
    let log = log(&sarif::Options::default());
    let run = &log["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let known: Vec<&str> = run["tool"]["driver"]["notifications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| kind["id"].as_str().unwrap())
        .collect();
    assert_eq!(known, ["hcl-syntax", "module-not-here"]);
    let levels: Vec<&str> = run["invocations"][0]["toolExecutionNotifications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|notification| notification["level"].as_str().unwrap())
        .collect();
    assert_eq!(levels, ["error", "note"]);
}

#[test]
fn suppressed_findings_are_left_out_unless_asked_for() {
    let count = |suppressed| {
        let log = log(&sarif::Options { suppressed, ..sarif::Options::default() });
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        (results.len(), results.iter().filter(|result| !result["suppressions"].is_null()).count())
    };
    assert_eq!(count(false), (2, 0));
    assert_eq!(count(true), (3, 1));
}

#[test]
fn paths_are_relative_to_the_root_of_the_repository() {
    let anchors = Anchors::new(vec!["modules".into()]);
    let log = log(&sarif::Options { anchors: Some(&anchors), ..sarif::Options::default() });
    let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(location["uri"], "storage/main.tf");
    assert_eq!(location["uriBaseId"], "%SRCROOT%");
    assert!(log["runs"][0]["originalUriBaseIds"]["%SRCROOT%"].is_object());
}
