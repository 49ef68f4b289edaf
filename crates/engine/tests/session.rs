//! A session: one unit at a time, edits that are not saved, and who reads a file.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;
use std::sync::Arc;

use support::{OPEN_GROUP, OPEN_TEMPLATE, SSH, memory, only};
use terravet_engine::{Session, Silent, Unit};

const CLOSED: &str = "resource \"aws_security_group\" \"ssh\" {}\n";

fn session(files: &[(&str, &str)]) -> Session {
    Session::new(only(SSH), Arc::new(memory(files))).unwrap()
}

fn unit(session: &Session, path: &str) -> Unit {
    let units = session.units().unwrap();
    units.list.iter().find(|unit| unit.path() == Path::new(path)).unwrap().clone()
}

/// How many findings checking a unit gives.
fn found(session: &Session, path: &str) -> usize {
    session.check(&unit(session, path)).findings().count()
}

fn reading(session: &Session, path: &str) -> Vec<String> {
    let units = session.units_reading(Path::new(path)).unwrap();
    units.iter().map(|unit| unit.path().display().to_string()).collect()
}

#[test]
fn checking_each_unit_finds_what_a_scan_finds() {
    let session = session(&[("a/main.tf", OPEN_GROUP), ("b/main.tf", CLOSED), ("c.yaml", OPEN_TEMPLATE)]);
    assert_eq!(["a", "b", "c.yaml"].map(|path| found(&session, path)), [1, 0, 1]);
    assert_eq!(session.scan(&Silent).unwrap().outcome.findings().count(), 2);
}

#[test]
fn an_edit_is_checked_without_being_saved() {
    let mut session = session(&[("a/main.tf", CLOSED), ("t.yaml", OPEN_TEMPLATE)]);
    assert_eq!((found(&session, "a"), found(&session, "t.yaml")), (0, 1));
    session.edit(Path::new("a/main.tf"), Some(OPEN_GROUP));
    session.edit(Path::new("t.yaml"), Some(&OPEN_TEMPLATE.replace("0.0.0.0/0", "10.0.0.0/8")));
    assert_eq!((found(&session, "a"), found(&session, "t.yaml")), (1, 0));
    session.edit(Path::new("a/main.tf"), None);
    session.edit(Path::new("t.yaml"), None);
    assert_eq!((found(&session, "a"), found(&session, "t.yaml")), (0, 1));
}

#[test]
fn a_file_that_is_not_saved_belongs_to_its_folder() {
    let mut session = session(&[("a/main.tf", CLOSED)]);
    let more = OPEN_GROUP.replace("\"ssh\"", "\"more\"");
    session.edit(Path::new("a/more.tf"), Some(&more));
    assert_eq!((found(&session, "a"), reading(&session, "a/more.tf")), (1, vec!["a".to_owned()]));
    session.edit(Path::new("b/main.tf"), Some(OPEN_GROUP));
    assert_eq!(found(&session, "b"), 1);
    session.edit(Path::new("a/more.tf"), None);
    assert_eq!((found(&session, "a"), reading(&session, "a/more.tf")), (0, vec!["a".to_owned()]));
}

#[test]
fn a_called_module_is_read_by_its_callers() {
    let call = "module \"m\" {\n  source = \"../modules/m\"\n}\n";
    let files = [("one/main.tf", call), ("two/main.tf", call), ("three/main.tf", CLOSED), ("modules/m/main.tf", CLOSED)];
    let mut session = session(&files);
    assert_eq!(reading(&session, "modules/m/main.tf"), ["one", "two"]);
    assert_eq!(reading(&session, "modules/m/new.tf"), ["one", "two"]);
    assert_eq!(reading(&session, "three/main.tf"), ["three"]);
    assert_eq!(reading(&session, "README.md"), Vec::<String>::new());
    session.edit(Path::new("modules/m/main.tf"), Some(OPEN_GROUP));
    assert_eq!(["one", "two", "three"].map(|path| found(&session, path)), [1, 1, 0]);
}

#[test]
fn a_nested_template_is_read_by_the_one_that_nests_it() {
    let parent = "Resources:\n  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: inner.yaml\n";
    let mut session = session(&[("outer.yaml", parent), ("inner.yaml", OPEN_TEMPLATE)]);
    assert_eq!((reading(&session, "inner.yaml"), found(&session, "outer.yaml")), (vec!["outer.yaml".to_owned()], 1));
    session.edit(Path::new("inner.yaml"), Some("Resources: {}\n"));
    assert_eq!(found(&session, "outer.yaml"), 0);
}
