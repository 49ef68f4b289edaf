//! Templates, as independent implementations and AWS's documentation evaluate them.
//!
//! The cases are not part of this repository; without them the test says so and passes.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and tells what differs")]

mod support;

use serde_json::Value as Json;
use support::ratchet::Ratchet;
use support::{cases, is_unknown, load, oracle, scalar, shown};

/// None, or where `got` differs from the value and its mask of unknowns.
fn differs(want: &Json, mask: &Json, got: &Json, path: &str) -> Option<String> {
    if *mask == Json::Bool(true) {
        return (!is_unknown(got)).then(|| format!("{path} is {got}, should be unknown"));
    }
    if mask == "either" && is_unknown(got) {
        return None;
    }
    if is_unknown(got) {
        return Some(format!("{path} is unknown ({got}), should be {want}"));
    }
    match want {
        Json::Object(want) => {
            let Some(got) = got.as_object() else { return Some(format!("{path} is {got}, should be an object")) };
            let none = serde_json::Map::new();
            let mask = mask.as_object().unwrap_or(&none);
            let masked = mask.iter().filter(|(_, mask)| !matches!(mask, Json::Bool(false))).map(|(key, _)| key);
            let mut keys: Vec<&String> = want.keys().chain(masked).collect();
            keys.sort();
            keys.dedup();
            let mut found: Vec<&String> = got.keys().collect();
            found.sort();
            if keys != found {
                return Some(format!("{path} has keys {found:?} instead of {keys:?}"));
            }
            keys.into_iter().find_map(|key| {
                let want = want.get(key).unwrap_or(&Json::Null);
                differs(want, mask.get(key).unwrap_or(&Json::Bool(false)), &got[key], &format!("{path}.{key}"))
            })
        }
        Json::Array(want) => {
            let Some(got) = got.as_array().filter(|got| got.len() == want.len()) else {
                return Some(format!("{path} is {got}, should have {} elements", want.len()));
            };
            let masks = mask.as_array();
            (0..want.len()).find_map(|at| {
                let mask = masks.and_then(|masks| masks.get(at)).unwrap_or(&Json::Bool(false));
                differs(&want[at], mask, &got[at], &format!("{path}[{at}]"))
            })
        }
        _ => (!scalar(want, got)).then(|| format!("{path} is {got} instead of {want}")),
    }
}

/// All in which a case differs.
fn compare(case: &Json) -> Vec<String> {
    let expect = &case["expect"];
    let (loaded, refused) = load(case, case["file"].as_str().unwrap());
    if let Some(why) = expect.get("error") {
        return if refused { Vec::new() } else { vec![format!("should be refused: {why}")] };
    }
    if refused {
        let messages: Vec<&str> = loaded.graph.diagnostics.iter().map(|found| found.message.as_str()).collect();
        return if case["accept_error"] == true { Vec::new() } else { vec![format!("refused: {messages:?}")] };
    }
    let graph = &loaded.graph;
    let mut differences = Vec::new();
    for (name, want) in expect["conditions"].as_object().into_iter().flatten() {
        let got = graph.conditions.get(name.as_str()).map_or(Json::Null, shown);
        let agrees = if want.is_null() { is_unknown(&got) || got.is_null() } else { got == *want };
        if !agrees {
            differences.push(format!("condition {name} is {got} instead of {want}"));
        }
    }
    let wanted = expect["resources"].as_object().unwrap();
    let mut names: Vec<&str> = wanted.keys().map(String::as_str).collect();
    names.sort_unstable();
    let mut found: Vec<&str> = graph.resources.iter().map(|resource| &*resource.address).collect();
    found.sort_unstable();
    if names != found {
        differences.push(format!("resources {found:?} instead of {names:?}"));
        return differences;
    }
    for resource in &graph.resources {
        let want = &wanted[&*resource.address];
        if want["type"] != *resource.native_type {
            differences.push(format!("{} has type {}", resource.address, resource.native_type));
        }
        let mask = want.get("unknown").unwrap_or(&Json::Null);
        differences.extend(differs(&want["properties"], mask, &shown(&resource.attributes), &resource.address));
    }
    let outputs = expect["outputs"].as_object().unwrap();
    if outputs.len() != graph.outputs.len() || !outputs.keys().all(|name| graph.outputs.contains_key(name.as_str())) {
        differences.push(format!("outputs {:?} instead of {:?}", graph.outputs.keys(), outputs.keys()));
        return differences;
    }
    for (name, want) in outputs {
        let mask = want.get("unknown").unwrap_or(&Json::Null);
        let got = shown(graph.outputs.get(name.as_str()).unwrap());
        differences.extend(differs(&want["value"], mask, &got, &format!("output.{name}")));
    }
    differences
}

#[test]
fn templates_are_evaluated_as_others_do() {
    let Some(path) = oracle("templates.jsonl") else { return };
    let cases = cases(&path);
    let mut ratchet = Ratchet::read("templates");
    for case in &cases {
        let differences = compare(case);
        let why = (!differences.is_empty()).then(|| format!("{} {}: {differences:?}", case["group"], case["source"]));
        ratchet.compare(case["id"].as_str().unwrap(), "template", why);
    }
    eprintln!("{} cases", cases.len());
    ratchet.finish();
}
