//! HashiCorp's HCL specification suite, as far as it concerns syntax.
//!
//! The suite (<https://github.com/hashicorp/hcl/tree/main/specsuite>) is no part of this repository: the test reads it from
//! the folder that `HCL_SPECSUITE` names, else from `../shared/hcl-specsuite` beside the repository, and is skipped where
//! there is none. What holds is written in `testdata/hcl-specsuite/cases.toml`, which the test compares with what it
//! finds, in both directions: a case that newly holds has to be entered, so that it cannot be lost again.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use terravet_hcl::{Body, Expr, ExprKind, ObjectItem, Piece, Template};

use crate::support::{body, parse_at};

/// The ratchet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    /// Cases that hold.
    holds: Vec<String>,
    /// Cases that are parsed without error, but need an evaluator or a schema to be judged; with the reason.
    beyond_syntax: BTreeMap<String, String>,
    /// Cases that do not hold, with the reason.
    fails: BTreeMap<String, String>,
}

/// How a case comes out.
#[derive(Debug, PartialEq)]
enum Verdict {
    Holds,
    BeyondSyntax,
    Fails(String),
}

/// A place as the suite writes it: lines, columns and bytes.
type Place = (u32, u32, u32);

#[test]
fn the_specification_suite_holds_where_the_ratchet_says_so() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = std::env::var_os("HCL_SPECSUITE").map_or(root.join("../shared/hcl-specsuite"), PathBuf::from);
    if !folder.join("tests").is_dir() {
        // The harness hides what passing tests print, and not this.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: no HCL specification suite at {} (set HCL_SPECSUITE)",
            folder.display()
        );
        return;
    }
    let ratchet = std::fs::read_to_string(root.join("testdata/hcl-specsuite/cases.toml")).unwrap();
    let ratchet: Cases = toml::from_str(&ratchet).unwrap();
    let mut cases = Vec::new();
    find_cases(&folder.join("tests"), "", &mut cases);
    let mut wrong = Vec::new();
    for case in &cases {
        let verdict = judge(&folder.join("tests"), case);
        let expected = ratchet.holds.contains(case).then_some(Verdict::Holds);
        let expected = expected.or(ratchet.beyond_syntax.contains_key(case).then_some(Verdict::BeyondSyntax));
        match (&verdict, expected) {
            (Verdict::Fails(_), None) if ratchet.fails.contains_key(case) => {}
            (verdict, Some(expected)) if *verdict == expected => {}
            _ => wrong.push(format!("{case}: {verdict:?}")),
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    let known = ratchet.holds.len() + ratchet.beyond_syntax.len() + ratchet.fails.len();
    assert_eq!(known, cases.len(), "the ratchet names cases that the suite does not have: {cases:?}");
}

fn find_cases(folder: &Path, name: &str, cases: &mut Vec<String>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder.join(name)).unwrap().map(|entry| entry.unwrap()).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let entry_name = entry.file_name().into_string().unwrap();
        let path = if name.is_empty() { entry_name } else { format!("{name}/{entry_name}") };
        if entry.path().is_dir() {
            find_cases(folder, &path, cases);
        } else if let Some(case) = path.strip_suffix(".t") {
            cases.push(case.to_owned());
        }
    }
}

fn read(path: PathBuf) -> String {
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Parses the case and compares with what its `.t` file, which is HCL too, expects.
fn judge(folder: &Path, case: &str) -> Verdict {
    let (_, expected) = body("case.tf", &read(folder.join(format!("{case}.t"))));
    let (_, specification) = body("case.tf", &read(folder.join(format!("{case}.hcldec"))));
    let (file, parsed) = parse_at("main.tf", &read(folder.join(format!("{case}.hcl"))));
    let place = |offset: u32| {
        let position = file.position(offset);
        (position.line, position.column, offset)
    };
    let found: Vec<(Place, Place)> = parsed
        .diagnostics
        .iter()
        .map(|diagnostic| (place(diagnostic.primary.span.start), place(diagnostic.primary.span.end)))
        .collect();
    let wanted = expected_errors(&expected);
    let needs_schema = !wanted.is_empty() && specification.blocks_of("object").next().is_some();
    if found.is_empty() && needs_schema {
        return Verdict::BeyondSyntax;
    }
    if found != wanted {
        return Verdict::Fails(format!("errors at {found:?} instead of {wanted:?}"));
    }
    let Some(result) = expected.attribute("result") else { return Verdict::Holds };
    if specification.blocks_of("literal").next().is_some() {
        return Verdict::Holds;
    }
    let variables = variables(&specification);
    match (content(&parsed.body, &variables), plain(&result.expr, &BTreeMap::new())) {
        (Some(found), Some(wanted)) if found == wanted => Verdict::Holds,
        (Some(found), Some(wanted)) => Verdict::Fails(format!("{found} instead of {wanted}")),
        _ => Verdict::BeyondSyntax,
    }
}

fn expected_errors(expected: &Body) -> Vec<(Place, Place)> {
    let number = |body: &Body, name: &str| match &body.attribute(name).unwrap().expr.kind {
        ExprKind::Number(text) => text.parse().unwrap(),
        other => panic!("{name}: {other:?}"),
    };
    let place = |error: &Body, name: &str| {
        let body = &error.blocks_of(name).next().unwrap().body;
        (number(body, "line"), number(body, "column"), number(body, "byte"))
    };
    let errors = expected.blocks_of("diagnostics").flat_map(|block| block.body.blocks_of("error"));
    errors.map(|error| (place(&error.body, "from"), place(&error.body, "to"))).collect()
}

/// The variables that the case's templates may name, where they are plain strings.
fn variables(specification: &Body) -> BTreeMap<String, String> {
    let attributes = specification.blocks_of("variables").flat_map(|block| &block.body.attributes);
    let text = |expr: &Expr| match &expr.kind {
        ExprKind::String { text, .. } => Some(text.to_string()),
        _ => None,
    };
    attributes.filter_map(|attribute| Some((attribute.name.name.to_string(), text(&attribute.expr)?))).collect()
}

/// A body that has only attributes, as an object, where all its values are plain.
fn content(body: &Body, variables: &BTreeMap<String, String>) -> Option<String> {
    if body.attributes.is_empty() || !body.blocks.is_empty() {
        let inner: Option<Vec<String>> = body.blocks.iter().map(|block| content(&block.body, variables)).collect();
        return inner.filter(|inner| inner.len() == 1).map(|inner| inner.concat());
    }
    let entries = body
        .attributes
        .iter()
        .map(|attribute| Some((attribute.name.name.to_string(), plain(&attribute.expr, variables)?)));
    Some(format!("{:?}", entries.collect::<Option<BTreeMap<_, _>>>()?))
}

/// The value of an expression that needs no evaluation but to put known texts in templates.
fn plain(expr: &Expr, variables: &BTreeMap<String, String>) -> Option<String> {
    match &expr.kind {
        ExprKind::Null => Some("null".into()),
        ExprKind::Bool(flag) => Some(flag.to_string()),
        ExprKind::Number(text) => Some(text.to_string()),
        ExprKind::String { text, .. } => Some(format!("{text:?}")),
        ExprKind::Template(template) => Some(format!("{:?}", text(template, variables)?)),
        ExprKind::Object(items) => {
            let entry = |item: &ObjectItem| Some((item.key.literal()?.to_string(), plain(&item.value, variables)?));
            Some(format!("{:?}", items.iter().map(entry).collect::<Option<BTreeMap<_, _>>>()?))
        }
        _ => None,
    }
}

fn text(template: &Template, variables: &BTreeMap<String, String>) -> Option<String> {
    let pieces = template.pieces.iter().map(|piece| match piece {
        Piece::Literal { text, .. } => Some(text.to_string()),
        Piece::Interpolation { expr, .. } => match &expr.kind {
            ExprKind::Variable(name) => variables.get(&**name).cloned(),
            _ => None,
        },
        Piece::If(_) | Piece::For(_) => None,
    });
    pieces.collect()
}
