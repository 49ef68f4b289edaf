//! Which folders are root modules.
//!
//! In: the folders that hold Terraform files. Out: who calls whom, and the folders that nobody calls.
//!
//! Only files that can have such calls are parsed for it, and nothing but the sources of their module calls is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use terravet_hcl::{Body, ExprKind};
use terravet_source::{Sources, normalize};

use super::folder::configuration;
use super::location::is_local;

/// The folders, each with those of them that it calls as local modules.
pub(super) type Calls = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// Finds the calls between folders.
pub(super) fn calls(sources: &Sources, folders: &[PathBuf]) -> Calls {
    let known: BTreeSet<PathBuf> = folders.iter().map(|folder| normalize(folder)).collect();
    // A folder may be called through a link to it, which is the same folder under another name.
    let canonical = |folder: &Path| sources.file_system().canonical(folder).ok();
    let by_canonical: BTreeMap<PathBuf, &PathBuf> =
        known.iter().filter_map(|folder| Some((canonical(folder)?, folder))).collect();
    let own_name = |called: PathBuf| match known.contains(&called) {
        true => Some(called),
        false => canonical(&called).and_then(|called| by_canonical.get(&called).map(|folder| (*folder).clone())),
    };
    let list: Vec<&PathBuf> = known.iter().collect();
    list.into_par_iter()
        .map(|folder| {
            let called = called_from(sources, folder);
            let called = called.into_iter().filter_map(own_name).filter(|called| called != folder).collect();
            (folder.clone(), called)
        })
        .collect()
}

/// The folders that the files of a folder call.
fn called_from(sources: &Sources, folder: &Path) -> BTreeSet<PathBuf> {
    let mut called = BTreeSet::new();
    let Ok(names) = sources.file_system().list(folder) else { return called };
    for name in configuration(&names) {
        // What cannot be read is reported when the folder is loaded.
        let Ok(file) = sources.load(&folder.join(name)) else { continue };
        if !may_call(file.text()) {
            continue;
        }
        let parsed = terravet_hcl::parse(&file);
        called.extend(module_sources(&parsed.body).map(|source| normalize(&folder.join(source))));
    }
    called
}

/// Whether a text can have calls of local modules, told without parsing it.
fn may_call(text: &str) -> bool {
    text.contains("module") && ["\"./", "\"../", "\".\"", "\"..\"", "\".\\"].iter().any(|start| text.contains(start))
}

/// The sources of the calls of local modules.
fn module_sources(body: &Body) -> impl Iterator<Item = &str> {
    body.blocks_of("module").filter_map(|call| match &call.body.attribute("source")?.expr.kind {
        ExprKind::String { text, .. } if is_local(text) => Some(&**text),
        _ => None,
    })
}

/// The folders that more than one folder calls.
pub(super) fn called_more_than_once(calls: &Calls) -> BTreeSet<PathBuf> {
    let (mut once, mut more) = (BTreeSet::new(), BTreeSet::new());
    for called in calls.values().flatten() {
        if !once.insert(called) {
            more.insert(called.clone());
        }
    }
    more
}

/// The folders that nobody calls, and one of every circle that is reached from none of those.
pub(super) fn choose(calls: &Calls) -> Vec<PathBuf> {
    let called: BTreeSet<&PathBuf> = calls.values().flatten().collect();
    let (first, rest): (Vec<&PathBuf>, Vec<&PathBuf>) = calls.keys().partition(|folder| !called.contains(folder));
    let mut reached = BTreeSet::new();
    let mut roots = Vec::new();
    for folder in first.into_iter().chain(rest) {
        if !reached.contains(folder) {
            roots.push(folder.clone());
            reach(calls, folder, &mut reached);
        }
    }
    roots.sort();
    roots
}

fn reach<'c>(calls: &'c Calls, from: &'c PathBuf, reached: &mut BTreeSet<&'c PathBuf>) {
    let mut open = vec![from];
    while let Some(folder) = open.pop() {
        if reached.insert(folder) {
            open.extend(calls.get(folder).into_iter().flatten());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(pairs: &[(&str, &[&str])]) -> Calls {
        let of = |(folder, called): &(&str, &[&str])| (folder.into(), called.iter().map(PathBuf::from).collect());
        pairs.iter().map(of).collect()
    }

    fn roots(pairs: &[(&str, &[&str])]) -> Vec<String> {
        choose(&calls(pairs)).iter().map(|folder| folder.display().to_string()).collect()
    }

    #[test]
    fn a_called_folder_is_no_root() {
        assert_eq!(roots(&[("app", &["modules/a"]), ("modules/a", &["modules/b"]), ("modules/b", &[])]), ["app"]);
    }

    #[test]
    fn of_a_circle_one_folder_is_taken() {
        assert_eq!(roots(&[("a", &["b"]), ("b", &["a"]), ("c", &[])]), ["a", "c"]);
        assert_eq!(roots(&[("a", &["b"]), ("b", &["a"]), ("c", &["b"])]), ["c"]);
    }
}
