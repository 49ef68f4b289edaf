//! The cases of the project's oracle, `../shared/oracle/access/reach.jsonl`: configurations with the verdict that AWS's
//! documentation decides. They are read in place; without them the test is skipped and says so.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may panic")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;
use terravet_graph::Graph;
use terravet_network::{ICMP, ICMPV6, Protocol, Question, Reach, Sender, Traffic, Verdict, topology};
use terravet_source::{Memory, Sources};

fn graph(files: &[(String, String)]) -> Graph {
    let sources = Arc::new(Sources::new(Arc::new(Memory::new(files.iter().cloned()))));
    let template = files.iter().find(|(name, _)| name.ends_with(".yaml") || name.ends_with(".json"));
    match template {
        Some((name, _)) => {
            let options = terravet_cloudformation::Options::default();
            terravet_cloudformation::Loader::new(sources, options).load(Path::new(name)).graph
        }
        None => {
            let options = terravet_terraform::Options::default();
            terravet_terraform::Loader::new(sources, options).load(Path::new(".")).graph
        }
    }
}

/// What is wrong with the answers to a case.
fn judge(case: &Json) -> Vec<String> {
    let files: Vec<(String, String)> = case["files"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, text)| (name.clone(), text.as_str().unwrap().to_owned()))
        .collect();
    let graph = graph(&files);
    let network = topology(&graph);
    let reach = Reach::new(&network);
    let subjects = |address: &Json| -> Vec<_> {
        graph.at(address.as_str().unwrap()).iter().filter_map(|id| network.by_resource.get(id)).copied().collect()
    };
    let senders: Vec<Sender> = match case["from"].as_str() {
        Some("internet") => vec![Sender::Internet],
        _ => subjects(&case["from"]).into_iter().map(Sender::Subject).collect(),
    };
    let protocol = Protocol::parse(case["protocol"].as_str().unwrap()).unwrap();
    let traffic = match (case["port"].as_u64(), protocol) {
        (Some(port), Protocol::Number(number)) => {
            let port = u16::try_from(port).unwrap();
            Traffic::details(number, port, port)
        }
        _ => Traffic::of(Protocol::Number(ICMP)).union(&Traffic::of(Protocol::Number(ICMPV6))),
    };
    let mut answers = Vec::new();
    for from in senders {
        for to in subjects(&case["to"]) {
            let question = Question { from, to: Some(to), traffic: traffic.clone(), transitive: false };
            answers.extend(reach.answers(&question));
        }
    }
    let verdict = answers.iter().map(|answer| answer.verdict).max().unwrap_or(Verdict::No);
    let mut wrong = Vec::new();
    if Some(verdict.as_str()) != case["expect"].as_str() {
        wrong.push(format!("{}: {verdict}, expected {}", case["id"], case["expect"]));
    }
    if let (Verdict::Yes, Some(path)) = (verdict, case["path"].as_array()) {
        let has = |answer: &terravet_network::Answer| {
            let mut hops = answer.path.iter();
            path.iter().all(|address| hops.any(|hop| Some(&*hop.place.address) == address.as_str()))
        };
        if !answers.iter().any(has) {
            wrong.push(format!("{}: the path does not lead through {path:?}", case["id"]));
        }
    }
    if let (Verdict::No, Some(by)) = (verdict, case["blocked_by"].as_str()) {
        let mut blocks = answers.iter().filter_map(|answer| answer.blocked_by.as_ref());
        if !blocks.any(|hop| &*hop.place.address == by) {
            wrong.push(format!("{}: not blocked by {by}", case["id"]));
        }
    }
    wrong
}

#[test]
fn answers_are_those_of_the_documentation() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TERRAVET_SHARED").map_or_else(beside, PathBuf::from);
    let Ok(cases) = std::fs::read_to_string(shared.join("oracle/access/reach.jsonl")) else {
        let _ = writeln!(std::io::stderr(), "SKIPPED: there is no ../shared/oracle/access/reach.jsonl");
        return;
    };
    let cases: Vec<Json> = cases.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(cases.len() > 100);
    let wrong: Vec<String> = cases.iter().flat_map(judge).collect();
    assert_eq!(wrong, Vec::<String>::new());
}
