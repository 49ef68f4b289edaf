//! What the real Terraform 1.11.4 answered to some thousand expressions, where its answers are on this machine.

#![allow(clippy::unwrap_used, reason = "tests may fail")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use terravet_graph::Number;
use terravet_report::evaluation::value_json;
use terravet_source::{Disk, Memory, Sources, Span};
use terravet_terraform::{Answer, Console, Loader, Options};
use terravet_yaml::{Node, NodeKind, Style, parse_json_text};

/// How many expressions agree at least; to be raised with every step forward, never lowered.
const FLOOR: usize = 4282;

/// The folder with the answers: beside the project, or where the environment says.
fn oracle() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TERRAVET_SHARED").map_or_else(beside, PathBuf::from);
    let oracle = shared.join("oracle");
    oracle.join("expressions.jsonl").is_file().then_some(oracle)
}

fn parse(text: &str) -> Node {
    let file = Sources::new(Arc::new(Memory::default())).id(Path::new("row.json"));
    parse_json_text(text, |range| Span::new(file, range)).unwrap()
}

/// Whether two JSON values are equal, numbers by their value.
fn same(a: &Node, b: &Node) -> bool {
    match (&a.kind, &b.kind) {
        (NodeKind::Sequence(a), NodeKind::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        (NodeKind::Mapping(entries), NodeKind::Mapping(others)) => {
            entries.len() == others.len()
                && entries.iter().all(|entry| {
                    let other = entry.key.as_str().and_then(|key| b.get(key));
                    other.is_some_and(|other| same(&entry.value, other))
                })
        }
        (
            NodeKind::Scalar { text: a, style: Style::JsonLiteral },
            NodeKind::Scalar { text: b, style: Style::JsonLiteral },
        ) => a == b || a.parse::<Number>().is_ok_and(|a| b.parse() == Ok(a)),
        (NodeKind::Scalar { text: a, style: x }, NodeKind::Scalar { text: b, style: y }) => x == y && a == b,
        _ => false,
    }
}

/// A type's text without white space and trailing commas.
fn squashed(ty: &str) -> String {
    let text: String = ty.split_whitespace().collect();
    text.replace(",}", "}").replace(",)", ")")
}

/// What differs from the answer of Terraform, if anything does.
fn difference(row: &Node, console: &mut Console<'_>) -> Option<String> {
    let expected = |name: &str| row.get(name);
    let expression = expected("expr")?.as_str()?;
    let Answer { value, ty } = match console.ask(expression) {
        Err(errors) if expected("error").is_none() => {
            return Some(format!("refused: {}", errors.first().map_or("", |error| &error.message)));
        }
        Err(_) => return None,
        Ok(answer) => answer,
    };
    if expected("error").is_some() {
        return Some(format!("should be refused: {}", expected("detail").and_then(Node::as_str).unwrap_or_default()));
    }
    if expected("unknown").is_some() {
        return (!value.is_unknown()).then(|| "should be unknown".into());
    }
    if value.is_unknown() {
        return Some("is unknown".into());
    }
    if let Some(wanted) = expected("value") {
        let given = value_json(&value);
        if !same(wanted, &parse(&given)) {
            let wanted = expected("json_text").and_then(Node::as_str).unwrap_or_default();
            return Some(format!("is {given} instead of {wanted}"));
        }
    }
    let wanted = expected("type").and_then(Node::as_str).map(squashed)?;
    let given = squashed(&ty);
    (given != wanted).then(|| format!("has type {given} instead of {wanted}"))
}

#[test]
fn expressions_have_the_values_that_terraform_gives_them() {
    let Some(oracle) = oracle() else {
        eprintln!("SKIPPED: Terraform's answers are not on this machine (../shared/oracle, or TERRAVET_SHARED)");
        return;
    };
    let folder = oracle.join("exprdir");
    let sources = Arc::new(Sources::new(Arc::new(Disk)));
    let options = Options { boundary: folder.clone(), ..Options::default() };
    let loader = Loader::new(sources, options);
    let mut console = loader.console(&folder);
    let rows = std::fs::read_to_string(oracle.join("expressions.jsonl")).unwrap();
    let (mut agree, mut total) = (0, 0);
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows.lines().map(parse) {
        total += 1;
        match difference(&row, &mut console) {
            None => agree += 1,
            Some(difference) => {
                let text = |name: &str| row.get(name).and_then(Node::as_str).unwrap_or_default().to_owned();
                groups.entry(text("group")).or_default().push(format!("{:?}: {difference}", text("expr")));
            }
        }
    }
    for (group, differences) in &groups {
        eprintln!("{group}: {} differ", differences.len());
        for difference in differences {
            eprintln!("    {difference}");
        }
    }
    eprintln!("{agree} of {total} expressions agree with Terraform");
    assert!(agree >= FLOOR, "{agree} of {total} expressions agree, which were at least {FLOOR}");
}
