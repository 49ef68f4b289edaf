//! Every page, kind and standard below `rules/` holds together: known keys, kinds, attributes, conditions that compile,
//! messages and fixes that speak of attributes that there are.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use terravet_rules::{Registry, embedded};
use terravet_source::{Disk, Sources};

fn rules_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules")
}

fn files_below(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, into);
        } else {
            into.push(path);
        }
    }
}

/// The registry of what lies on disk now.
fn registry(sources: &Sources) -> Registry {
    let root = rules_folder();
    let mut paths = Vec::new();
    files_below(&root, &mut paths);
    paths.sort();
    Registry::from_files(paths.into_iter().map(|path| {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        (Arc::from(name), sources.load(&path).unwrap())
    }))
}

#[test]
fn pages_kinds_and_standards_hold_together() {
    let sources = Sources::new(Arc::new(Disk));
    let problems = registry(&sources).problems(|_| true);
    let mut report = String::new();
    for problem in &problems {
        let span = problem.primary.span;
        let at = sources.open(span.file).unwrap().position(span.start);
        let path = sources.path(span.file);
        let help = problem.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
        report.push_str(&format!("{}:{}:{}: {}{help}\n", path.display(), at.line, at.column, problem.message));
    }
    assert!(problems.is_empty(), "\n{report}");
}

#[test]
fn what_is_told_of_a_page_by_its_lines_is_what_it_says() {
    let sources = Sources::new(Arc::new(Disk));
    for rule in registry(&sources).rules() {
        let Ok(page) = rule.page() else { continue };
        assert_eq!((&rule.id, &rule.kind, rule.profile), (&page.id, &page.kind, page.profile));
    }
}

#[test]
fn the_binary_carries_every_file() {
    let sources = Arc::new(Sources::new(Arc::new(Disk)));
    let carried = Registry::load(&sources, &[]).unwrap();
    assert!(embedded().any(|file| file.name == "aws/ec2/kinds.yaml"));
    assert!(carried.rules().any(|rule| &*rule.id == "aws-ec2-security-group-ssh-open-to-world"));
    assert_eq!(carried.rules().count(), embedded().filter(|file| file.name.ends_with(".md")).count());
}
