//! What is found, and what is left out.

use std::sync::Arc;

use super::*;
use crate::Memory;

fn sources(tree: &[(&str, &str)]) -> Sources {
    Sources::new(Arc::new(Memory::new(tree.iter().copied())))
}

fn texts(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| path.display().to_string()).collect()
}

#[test]
fn a_file_argument_stands_for_its_unit() {
    let tree = sources(&[("a/main.tf", ""), ("a/b/x.tf", ""), ("t.yaml", ""), ("README.md", "")]);
    let found = discover(&tree, &["a/main.tf".into(), "t.yaml".into()]).unwrap();
    assert_eq!(texts(&found.terraform_folders), ["a"]);
    assert_eq!(texts(&found.documents), ["t.yaml"]);
}

#[test]
fn a_folder_argument_finds_everything_below() {
    let tree = sources(&[("a/main.tf", ""), ("a/b/x.tofu", ""), ("t.yaml", ""), ("only.tfvars", "")]);
    let found = discover(&tree, &[".".into()]).unwrap();
    assert_eq!(texts(&found.terraform_folders), ["a", "a/b"]);
    assert_eq!(texts(&found.documents), ["t.yaml"]);
}

#[test]
fn what_the_cdk_has_packed_is_left_out_unless_named() {
    let tree = sources(&[
        ("app/cdk.out/cdk.out", ""),
        ("app/cdk.out/Stack.template.json", ""),
        ("app/cdk.out/asset.1f/lib/test.template.json", ""),
        ("app/asset.d/t.yaml", ""),
    ]);
    let found = |path: &str| texts(&discover(&tree, &[path.into()]).unwrap().documents);
    let (stack, packed) = ("app/cdk.out/Stack.template.json", "app/cdk.out/asset.1f/lib/test.template.json");
    assert_eq!(found("."), ["app/asset.d/t.yaml", stack]);
    assert_eq!(found("app/cdk.out/asset.1f"), [packed]);
    assert_eq!(found(packed), [packed]);
    let left_out = discover(&tree, &[".".into()]).unwrap().left_out;
    let expected =
        LeftOut { path: "app/cdk.out/asset.1f".into(), why: Why::Packed, files: vec![packed.into()], more: false };
    assert_eq!(left_out, [expected]);
}

#[test]
fn ignore_files_hold_from_the_top_of_the_repository_down() {
    let tree = sources(&[
        (".gitignore", "repo\n"),
        ("repo/.git/HEAD", ""),
        ("repo/.gitignore", "*.yaml\n!kept.yaml\n"),
        ("repo/a/.ignore", "!t.yaml\n"),
        ("repo/a/t.yaml", ""),
        ("repo/a/u.yaml", ""),
        ("repo/kept.yaml", ""),
    ]);
    for path in ["repo", "."] {
        let found = discover(&tree, &[path.into()]).unwrap();
        let (documents, left_out) = if path == "repo" {
            (vec!["repo/a/t.yaml", "repo/kept.yaml"], vec![("repo/a/u.yaml", "repo/.gitignore")])
        } else {
            (vec![], vec![("repo", ".gitignore")])
        };
        assert_eq!(texts(&found.documents), documents, "{path}");
        let told: Vec<(String, Why)> =
            found.left_out.into_iter().map(|it| (it.path.display().to_string(), it.why)).collect();
        let expected: Vec<(String, Why)> =
            left_out.iter().map(|(path, by)| ((*path).to_owned(), Why::Ignored(by.into()))).collect();
        assert_eq!(told, expected, "{path}");
    }
    // An ignore file between the repository and the given folder holds; what the user named is taken.
    assert_eq!(texts(&discover(&tree, &["repo/a".into()]).unwrap().documents), ["repo/a/t.yaml"]);
    assert_eq!(texts(&discover(&tree, &["repo/a/u.yaml".into()]).unwrap().documents), ["repo/a/u.yaml"]);
}

#[test]
fn hidden_folders_are_left_out_and_told() {
    let tree = sources(&[(".terraform/modules/m/main.tf", ""), (".github/x.yaml", ""), ("main.tf", ""), (".x.tf", "")]);
    let found = discover(&tree, &[".".into()]).unwrap();
    assert_eq!(texts(&found.terraform_folders), ["."]);
    let told: Vec<(String, usize)> =
        found.left_out.iter().map(|it| (it.path.display().to_string(), it.files.len())).collect();
    assert_eq!(told, [(".github".to_owned(), 1), (".terraform".to_owned(), 1)]);
}

#[test]
fn an_index_that_is_corrupt_is_a_note() {
    let tree = sources(&[(".git/index", "DIRC what is this"), (".gitignore", "a\n"), ("a/main.tf", ""), ("b.tf", "")]);
    let found = discover(&tree, &[".".into()]).unwrap();
    assert_eq!(texts(&found.terraform_folders), ["."]);
    assert_eq!(found.notes.len(), 1);
    assert!(
        found.notes[0].1.starts_with("git's index is not read: its version is none of 2, 3 and 4"),
        "{:?}",
        found.notes
    );
}

#[test]
fn a_missing_path_is_named() {
    let tree = sources(&[("a/main.tf", "")]);
    assert_eq!(discover(&tree, &["missing".into()]).unwrap_err(), PathBuf::from("missing"));
}
