//! What the official translator makes of SAM templates: the set of resources, the policies, the properties that security depends on.
//!
//! The cases are not part of this repository; without them the test says so and passes.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and tells what differs")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value as Json};
use support::ratchet::Ratchet;
use support::{cases, is_unknown, load, oracle, scalar, shown};

static HASH: LazyLock<Regex> = LazyLock::new(|| Regex::new("([A-Za-z0-9])[0-9a-f]{10}$").unwrap());
static DIGEST: LazyLock<Regex> = LazyLock::new(|| Regex::new("[0-9a-f]{40}").unwrap());
static POLICY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^(PolicyDocument|AssumeRolePolicyDocument|ManagedPolicyArns|Policies|ResourcePolicy|Principal|Action|PermissionsBoundary|FunctionUrlAuthType|SourceArn|SourceAccount|EventSourceToken|InvokedViaFunctionUrl)$").unwrap()
});
static POLICY_TYPES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^AWS::(IAM::|Lambda::(Permission|LayerVersionPermission)$|SQS::QueuePolicy$|SNS::TopicPolicy$|S3::BucketPolicy$|Events::EventBusPolicy$)").unwrap()
});
static SECURE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("(?i)(encrypt|kms|sse|secur|auth|logging|accesslog|log(ging)?config|public|tls|ssl|trac|xray|cors|vpcconfig|certificate|policy|apikey|credential|identity|signing|private|domain|pointintime|deadletter)").unwrap()
});
static GIVEN: LazyLock<Regex> = LazyLock::new(|| Regex::new("(?m)^\\s*[\"']?([A-Za-z0-9]+)[\"']?\\s*:").unwrap());

/// A logical id without its hash, unless the template itself has it.
fn stem(address: &str, given: &BTreeSet<&str>) -> String {
    if given.contains(address) {
        return address.to_owned();
    }
    let hashed = HASH.replace(address, "${1}<hash>").into_owned();
    hashed.split_once("<hash>#").map_or(hashed.clone(), |(stem, _)| format!("{stem}<hash>"))
}

fn is_intrinsic(value: &Json) -> bool {
    let Some(entries) = value.as_object().filter(|entries| entries.len() == 1) else { return false };
    entries.keys().any(|key| key.starts_with("Ref") || key.starts_with("Fn::"))
}

fn has_intrinsic(value: &Json) -> bool {
    is_intrinsic(value)
        || value.as_object().is_some_and(|entries| entries.values().any(has_intrinsic))
        || value.as_array().is_some_and(|items| items.iter().any(has_intrinsic))
}

/// None, or where two differ. An expected intrinsic agrees with whatever is there.
fn differs(want: &Json, got: &Json, path: &str) -> Option<String> {
    if is_unknown(got) {
        return (!has_intrinsic(want)).then(|| format!("{path} is unknown, should be {want}"));
    }
    if is_intrinsic(want) {
        return None;
    }
    match want {
        Json::String(text) if text.contains("{{resolve:") => {
            (!got.is_string()).then(|| format!("{path} is {got} instead of {want}"))
        }
        Json::Object(want) => {
            let Some(got) = got.as_object() else { return Some(format!("{path} is {got}, should be an object")) };
            let all_there = want.iter().all(|(key, want)| is_intrinsic(want) || got.contains_key(key));
            if !all_there || !got.keys().all(|key| want.contains_key(key)) {
                let (want, got): (Vec<&String>, Vec<&String>) = (want.keys().collect(), got.keys().collect());
                return Some(format!("{path} has keys {got:?} instead of {want:?}"));
            }
            got.iter().find_map(|(key, got)| differs(&want[key], got, &format!("{path}.{key}")))
        }
        Json::Array(want) => differs_in_list(want, got, path),
        Json::String(text) if got.is_string() => {
            let clean = |text: &str| HASH.replace(&DIGEST.replace_all(text, "<hash>"), "${1}<hash>").into_owned();
            let expected = HASH.replace(text, "${1}<hash>").into_owned();
            (clean(got.as_str().unwrap()) != expected).then(|| format!("{path} is {got} instead of {want}"))
        }
        _ => (!scalar(want, got)).then(|| format!("{path} is {got} instead of {want}")),
    }
}

fn differs_in_list(want: &[Json], got: &Json, path: &str) -> Option<String> {
    let Some(got) = got.as_array() else { return Some(format!("{path} is {got}, should be a list")) };
    if got.len() != want.len() {
        let conditional = want.iter().any(|item| is_intrinsic(item) && item.get("Fn::If").is_some());
        return (!conditional).then(|| format!("{path} has {} elements instead of {}", got.len(), want.len()));
    }
    if want.iter().zip(got).all(|(want, got)| differs(want, got, "").is_none()) {
        return None;
    }
    let mut left: Vec<&Json> = got.iter().collect();
    for (at, item) in want.iter().enumerate() {
        match left.iter().position(|got| differs(item, got, "").is_none()) {
            Some(hit) => {
                left.remove(hit);
            }
            None if want.len() > 1 => return Some(format!("{path}[{at}] {item} is nowhere")),
            None => return differs(item, left[0], &format!("{path}[{at}]")),
        }
    }
    None
}

/// The part of the properties that a figure is about.
fn pick(policies: bool, ty: &str, properties: &Json) -> Map<String, Json> {
    let Some(entries) = properties.as_object() else { return Map::new() };
    if policies {
        let whole = POLICY_TYPES.is_match(ty);
        return entries
            .iter()
            .filter(|(key, _)| whole || POLICY.is_match(key))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
    }
    let mut out = Map::new();
    for (key, value) in entries {
        if SECURE.is_match(key) && !POLICY.is_match(key) {
            out.insert(key.clone(), value.clone());
        } else if matches!(key.as_str(), "Body" | "DefinitionBody")
            && let Some(body) = value.as_object()
        {
            let sub = security_of(body);
            if !sub.is_empty() {
                out.insert(key.clone(), Json::Object(sub));
            }
        }
    }
    out
}

/// Who may call, as the definition of an API says it.
fn security_of(body: &Map<String, Json>) -> Map<String, Json> {
    let keys = [
        "securityDefinitions",
        "security",
        "x-amazon-apigateway-policy",
        "x-amazon-apigateway-api-key-source",
        "components",
    ];
    let mut sub: Map<String, Json> =
        body.iter().filter(|(key, _)| keys.contains(&key.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect();
    let mut paths = Map::new();
    for (path, methods) in body.get("paths").and_then(Json::as_object).into_iter().flatten() {
        for (method, definition) in methods.as_object().into_iter().flatten() {
            if let Some(security) = definition.get("security") {
                let entry = paths.entry(path.clone()).or_insert_with(|| Json::Object(Map::new()));
                entry.as_object_mut().unwrap().insert(method.clone(), serde_json::json!({"security": security}));
            }
        }
    }
    if !paths.is_empty() {
        sub.insert("paths".into(), Json::Object(paths));
    }
    sub
}

type Resources = BTreeMap<(String, String), Vec<Json>>;

/// The figures of a case, each with what differs in it.
fn compare(case: &Json) -> Vec<(&'static str, Option<String>)> {
    let want = &case["expect"];
    let (loaded, refused) = load(case, "template.yaml");
    if let Some(why) = want.get("error") {
        let why: String = why.as_str().unwrap().chars().take(300).collect();
        return vec![("refusals", (!refused).then(|| format!("should be refused: {why}")))];
    }
    let text = case["text"].as_str().unwrap();
    let given: BTreeSet<&str> = GIVEN.captures_iter(text).map(|found| found.get(1).unwrap().as_str()).collect();
    let (mut expected, mut found): (Resources, Resources) = (BTreeMap::new(), BTreeMap::new());
    for (id, resource) in want["resources"].as_object().unwrap() {
        let ty = resource["type"].as_str().map_or_else(|| resource["type"].to_string(), str::to_owned);
        expected.entry((stem(id, &given), ty)).or_default().push(resource.clone());
    }
    for resource in &loaded.graph.resources {
        let key = (stem(&resource.address, &given), resource.native_type.to_string());
        found.entry(key).or_default().push(shown(&resource.attributes));
    }
    let messages: Vec<&str> =
        loaded.graph.diagnostics.iter().filter(|found| found.is_error()).map(|found| found.message.as_str()).collect();
    let refusal = refused.then(|| format!("refused: {messages:?}"));
    let count = |resources: &Resources, key| resources.get(key).map_or(0, Vec::len);
    let missing: Vec<&(String, String)> = expected
        .iter()
        .filter(|(key, list)| count(&found, key) < list.iter().filter(|one| one.get("condition").is_none()).count())
        .map(|(key, _)| key)
        .collect();
    let extra: Vec<&(String, String)> = found.keys().filter(|key| count(&found, key) > count(&expected, key)).collect();
    let ids = (!missing.is_empty() || !extra.is_empty()).then(|| format!("missing {missing:?} extra {extra:?}"));
    let mut figures = vec![("resources", refusal.clone().or(ids))];
    for (name, policies) in [("policies", true), ("security", false)] {
        let any = expected
            .iter()
            .any(|((_, ty), list)| list.iter().any(|one| !pick(policies, ty, &one["properties"]).is_empty()));
        if any {
            figures.push((name, refusal.clone().or_else(|| compare_part(policies, &expected, &found))));
        }
    }
    figures
}

fn compare_part(policies: bool, expected: &Resources, found: &Resources) -> Option<String> {
    let mut why = None;
    for (key, list) in expected {
        let mut left: Vec<Map<String, Json>> =
            found.get(key).into_iter().flatten().map(|got| pick(policies, &key.1, got)).collect();
        for one in list {
            let want = pick(policies, &key.1, &one["properties"]);
            let wanted = Json::Object(want.clone());
            let hit = left.iter().position(|got| differs(&wanted, &Json::Object(got.clone()), "").is_none());
            match hit {
                Some(hit) => {
                    left.remove(hit);
                }
                None if want.is_empty() => {}
                None if !left.is_empty() => {
                    why = why.or_else(|| differs(&wanted, &Json::Object(left[0].clone()), &key.0));
                }
                None if one.get("condition").is_none() => why = Some(format!("{key:?} is missing")),
                None => {}
            }
        }
    }
    why
}

#[test]
fn templates_become_what_the_official_translator_makes_of_them() {
    let Some(path) = oracle("sam.jsonl") else { return };
    let mut tally: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut ratchet = Ratchet::read("sam");
    for case in cases(&path) {
        let id = case["id"].as_str().unwrap();
        for (figure, why) in compare(&case) {
            let (agree, all) = tally.entry(figure).or_default();
            *agree += usize::from(why.is_none());
            *all += 1;
            ratchet.compare(id, figure, why);
        }
    }
    for (figure, (agree, all)) in &tally {
        eprintln!("{figure}: {agree} of {all}, {:.2} %", 100.0 * *agree as f64 / *all as f64);
    }
    ratchet.finish();
}
