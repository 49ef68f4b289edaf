//! The same input gives the same bytes: whatever the number of threads, the order in which files are asked for, the working
//! directory and the spelling of paths.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use support::{folder, terravet};
use terravet_diagnostics::Profile;
use terravet_engine::{Engine, Options, Silent};
use terravet_report::{Places, Style, concise, json, sarif, terminal};
use terravet_rules::Registry;
use terravet_source::{Memory, Sources};

/// Four roots over one module, each with a mistake of its own, and what is wrong with the module itself.
fn files() -> Vec<(String, String)> {
    let module = "variable \"encrypted\" {\n  type = bool\n}\nvariable \"open\" {\n  default = \"0.0.0.0/0\"\n}\n\
                  resource \"aws_ebs_volume\" \"this\" {\n  availability_zone = \"eu-west-1a\"\n  encrypted         = var.encrypted ? true : false\n}\n\
                  resource \"aws_security_group\" \"gate\" {\n  ingress {\n    from_port   = 22\n    to_port     = 22\n    protocol    = \"tcp\"\n    \
                  cidr_blocks = [var.open]\n  }\n}\ndata \"aws_iam_policy_document\" \"all\" {\n  statement {\n    actions   = [\"*\"]\n    resources = [\"*\"]\n  }\n}\n\
                  resource \"aws_iam_policy\" \"all\" {\n  policy = data.aws_iam_policy_document.all.json\n}\nlocals {\n  broken = undefined(1)\n}\n";
    let root = |name: &str, encrypted: &str| {
        let text = format!(
            "variable \"plain\" {{\n  type = bool\n}}\nmodule \"{name}\" {{\n  source    = \"../disk\"\n  encrypted = {encrypted}\n}}\nmodule \"same\" {{\n  \
             source    = \"../disk\"\n  encrypted = {encrypted}\n}}\nresource \"aws_ebs_volume\" \"own\" {{\n  size = 1\n}}\n"
        );
        (format!("{name}/main.tf"), text)
    };
    let template = "Resources:\n  Disk:\n    Type: AWS::EC2::Volume\n    Properties: {Size: 1}\n".to_owned();
    vec![
        ("disk/main.tf".to_owned(), module.to_owned()),
        root("a", "!var.plain"),
        root("b", "false"),
        root("c", "var.plain"),
        root("d", "false"),
        ("e/t.yaml".to_owned(), template),
    ]
}

/// Every format of a scan in memory, with files asked for in this order before it starts.
fn reports(registry: &Arc<Registry>, files: &[(String, String)], order: &[usize], threads: usize) -> Vec<String> {
    let sources = Arc::new(Sources::new(Arc::new(Memory::new(files.to_vec()))));
    for at in order {
        sources.id(Path::new(&files[*at].0));
    }
    let options = Options { profile: Profile::Strict, show_undecided: true, ..Options::default() };
    let engine = Engine::with_registry(options, sources, Arc::clone(registry)).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(16 << 20).build().unwrap();
    let scan = pool.install(|| engine.scan(&Silent)).unwrap();
    let places = Places::new(&scan.sources, None);
    let options =
        terminal::Options { suppressed: true, undecided: true, notes: true, ..terminal::Options::new(Style::plain()) };
    let mut outs = vec![Vec::new(); 4];
    terminal::write(&mut outs[0], &scan.outcome, &places, &options).unwrap();
    concise::write(&mut outs[1], &scan.outcome, &places, &options).unwrap();
    json::write(&mut outs[2], &scan.outcome, &places).unwrap();
    sarif::write(
        &mut outs[3],
        &scan.outcome,
        &places,
        &sarif::Options { anchors: Some(&scan.anchors), suppressed: true },
    )
    .unwrap();
    outs.into_iter().map(|out| String::from_utf8(out).unwrap()).collect()
}

/// A permutation of so many numbers, another one for each seed.
fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut numbers: Vec<usize> = (0..count).collect();
    for at in (1..count).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        numbers.swap(at, usize::try_from(state >> 33).unwrap() % (at + 1));
    }
    numbers
}

#[test]
fn a_hundred_runs_on_any_threads_and_in_any_order_are_the_same_bytes() {
    let registry = Arc::new(Registry::load(&Arc::new(Sources::new(Arc::new(Memory::default()))), &[]).unwrap());
    let files = files();
    let first = reports(&registry, &files, &[], 1);
    assert!(first[1].contains("aws-ebs-volume-without-encryption"), "{}", first[1]);
    for run in 0..100u64 {
        let threads = [1, 2, 8][usize::try_from(run).unwrap() % 3];
        let order = shuffled(files.len(), run + 1);
        let again = reports(&registry, &files, &order, threads);
        for (one, other) in first.iter().zip(&again) {
            assert!(one == other, "run {run}, {threads} threads, {order:?}:\n{}", difference(one, other));
        }
    }
}

/// The first line in which two texts differ.
fn difference(one: &str, other: &str) -> String {
    let differing = one.lines().zip(other.lines()).find(|(one, other)| one != other);
    differing.map_or_else(|| "another number of lines".to_owned(), |(one, other)| format!("- {one}\n+ {other}"))
}

/// The fingerprints of a scan.
fn fingerprints(folder: &Path, paths: &[&str]) -> BTreeSet<String> {
    let report = terravet(folder, &[&["scan", "--format", "json"], paths].concat()).json();
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["fingerprint"].as_str().unwrap().to_owned()).collect()
}

fn sarif_of(folder: &Path, paths: &[&str]) -> String {
    terravet(folder, &[&["scan", "--format", "sarif"], paths].concat()).stdout
}

#[test]
fn fingerprints_and_sarif_do_not_depend_on_how_a_repository_is_named() {
    let files = files();
    let tree = folder(&files.iter().map(|(path, text)| (path.as_str(), text)).collect::<Vec<_>>());
    std::fs::create_dir(tree.path().join(".git")).unwrap();
    let root: PathBuf = tree.path().to_path_buf();
    let (all, log) = (fingerprints(&root, &["."]), sarif_of(&root, &["."]));
    assert!(log.contains("\"uri\": \"b/main.tf\""), "{log}");
    let absolute = root.to_str().unwrap();
    let roundabout = format!("{absolute}/a/../../{}", root.file_name().unwrap().to_str().unwrap());
    for (from, path) in [("a", ".."), ("a", "../b/.."), ("disk", absolute), (".", absolute), (".", &roundabout)] {
        assert_eq!(fingerprints(&root.join(from), &[path]), all, "{from} {path}");
        let other = sarif_of(&root.join(from), &[path]);
        assert!(log == other, "{from} {path}:\n{}", difference(&log, &other));
    }
    let one = fingerprints(&root, &["b"]);
    assert!(!one.is_empty() && one.is_subset(&all), "{one:?} {all:?}");
    assert_eq!(fingerprints(&root.join("b"), &["."]), one);
    assert_eq!(fingerprints(&root, &["b/main.tf"]), one);
}

#[test]
fn without_a_repository_paths_are_told_from_the_scanned_folder() {
    let volume = "resource \"aws_ebs_volume\" \"own\" {\n  size = 1\n}\n";
    let tree =
        folder(&[("x/main.tf", volume), ("y/main.tf", "resource \"aws_ebs_volume\" \"other\" {\n  size = 1\n}\n")]);
    let alone = fingerprints(tree.path(), &["x"]);
    assert_eq!(fingerprints(&tree.path().join("x"), &["."]), alone);
    assert_eq!(fingerprints(&tree.path().join("y"), &["../x"]), alone);
    let both = fingerprints(tree.path(), &["x", "y"]);
    assert!(alone.is_subset(&both) && both.len() == 2 * alone.len(), "{alone:?} {both:?}");
    let log = sarif_of(tree.path(), &["y", "x"]);
    assert!(log.contains("\"uri\": \"x/main.tf\"") && log.contains("\"uri\": \"y/main.tf\""), "{log}");
}

#[test]
fn a_possible_instance_stays_possible_beside_a_certain_one() {
    let files = files();
    let tree = folder(&files.iter().map(|(path, text)| (path.as_str(), text)).collect::<Vec<_>>());
    std::fs::create_dir(tree.path().join(".git")).unwrap();
    let select = ["scan", "--format", "json", "--select", "aws-ebs-volume-without-encryption", "a", "b"];
    let report = terravet(tree.path(), &select).json();
    let findings = report["findings"].as_array().unwrap().iter();
    let told: Vec<String> = findings
        .filter(|it| it["location"]["file"] == "disk/main.tf")
        .map(|it| format!("{} {}", it["certainty"].as_str().unwrap(), it["instances"]))
        .collect();
    assert_eq!(
        told,
        [
            "certain [\"module.b.aws_ebs_volume.this\",\"module.same.aws_ebs_volume.this\"]",
            "possible [\"module.a.aws_ebs_volume.this\"]"
        ]
    );
}
