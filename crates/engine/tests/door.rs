//! Nothing outside of the scanned tree is opened, whatever in the tree leads there.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests may fail")]

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use terravet_engine::{Engine, Options, Scan, Silent};
use terravet_source::{Disk, Entry, EntryKind, FileSystem};

/// The disk, with a list of all that was opened.
struct Recorder {
    opened: Arc<Mutex<Vec<PathBuf>>>,
}

impl Recorder {
    fn note(&self, path: &Path) {
        let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        self.opened.lock().unwrap().extend([path.to_path_buf(), real]);
    }
}

impl FileSystem for Recorder {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        self.note(path);
        Disk.read(path, limit)
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        Disk.kind(path)
    }

    fn is_link(&self, path: &Path) -> bool {
        Disk.is_link(path)
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        self.note(folder);
        Disk.entries(folder)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        Disk.canonical(path)
    }
}

const VOLUME: &str = "resource \"aws_ebs_volume\" \"data\" {\n  availability_zone = \"a\"\n  encrypted = false\n}\n";

/// What of a tree leads out of it: the path of a link, and what it leads to in the folder beside the tree.
const LINKS: [(&str, &str); 15] = [
    ("x.tf", "secret"),
    ("x.tf.json", "secret"),
    ("t.yaml", "template.yaml"),
    ("plan.json", "plan.json"),
    ("sub/.gitignore", "list"),
    (".ignore", "list"),
    ("terraform.tfvars", "values.tfvars"),
    ("x.auto.tfvars.json", "secret"),
    (".terraform/modules/modules.json", "modules.json"),
    ("module", "module"),
    ("text", "secret"),
    ("nested.yaml", "template.yaml"),
    ("folder.tf", "module"),
    ("more/.git", "git"),
    ("rules/page.md", "secret"),
];

/// A tree with a configuration that reads all of it, beside a folder with what must not be read.
fn world() -> tempfile::TempDir {
    let world = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = world.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    for (path, text) in [
        ("outside/secret", "mk7Qoutside\n"),
        ("outside/template.yaml", "Resources:\n  Mk7Q: {Type: AWS::S3::Bucket}\n"),
        ("outside/plan.json", "{\"format_version\": \"1.2\", \"planned_values\": {}}"),
        ("outside/list", "*\n"),
        ("outside/values.tfvars", "given = \"mk7Q\"\n"),
        ("outside/modules.json", "{\"Modules\": [{\"Key\": \"far\", \"Dir\": \"/\"}]}"),
        ("outside/module/main.tf", VOLUME),
        ("outside/git/index", "DIRC"),
        ("outside/.gitignore", "*\n"),
        (".gitignore", "*\n"),
        ("tree/.git/HEAD", "ref: refs/heads/main\n"),
        ("tree/sub/main.tf", VOLUME),
        ("tree/more/main.tf", VOLUME),
        ("tree/rules/README.md", ""),
        (
            "tree/main.tf",
            "variable \"given\" { default = \"x\" }\nmodule \"m\" { source = \"./module\" }\n\
             module \"far\" { source = \"example/far/aws\" }\nmodule \"up\" { source = \"../outside/module\" }\n\
             output \"o\" { value = [file(\"text\"), templatefile(\"text\", {}), filebase64(\"../outside/secret\"), \
             fileset(\".\", \"../outside/*\"), fileset(\"module\", \"*\"), file(\"/etc/passwd\"), fileexists(\"text\")] }\n",
        ),
        (
            "tree/stack.yaml",
            "Resources:\n  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./nested.yaml}}\n  \
             B: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ../outside/template.yaml}}\n  \
             C: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: 'https://x.s3.amazonaws.com/outside/template.yaml'}}\n",
        ),
    ] {
        write(path, text);
    }
    for (link, target) in LINKS {
        let link = world.path().join("tree").join(link);
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(world.path().join("outside").join(target), link).unwrap();
    }
    world
}

/// Scans, and gives what was opened.
fn scan(options: Options) -> (Result<Scan, String>, Vec<PathBuf>) {
    let opened = Arc::new(Mutex::new(Vec::new()));
    let recorder = Recorder { opened: Arc::clone(&opened) };
    let engine = Engine::new(options, Arc::new(recorder)).map_err(|error| error.to_string());
    let scan = engine.and_then(|engine| engine.scan(&Silent).map_err(|error| error.to_string()));
    let list = opened.lock().unwrap().clone();
    (scan, list)
}

#[test]
fn nothing_outside_of_the_tree_is_opened() {
    let world = world();
    let tree = std::fs::canonicalize(world.path().join("tree")).unwrap();
    let (scan, opened) = scan(Options { paths: vec![tree.clone()], ..Options::default() });
    assert!(opened.iter().any(|path| path.ends_with("main.tf")));
    let outside: Vec<&PathBuf> = opened.iter().filter(|path| !path.starts_with(&tree)).collect();
    assert_eq!(outside, Vec::<&PathBuf>::new());
    let scan = scan.unwrap();
    let found: Vec<String> = scan
        .outcome
        .findings()
        .map(|finding| scan.sources.path(finding.primary.span.file).strip_prefix(&tree).unwrap().display().to_string())
        .collect();
    // Lists of ignored files that lie outside ignore nothing.
    assert!(found.iter().any(|path| path == "sub/main.tf"), "{found:?}");
    let told = format!("{:?}", scan.outcome);
    assert!(!told.contains("mk7Q") && !told.contains("Mk7Q"), "{told}");
    let problems: Vec<String> = scan
        .outcome
        .errors()
        .map(|error| scan.sources.path(error.primary.span.file).strip_prefix(&tree).unwrap().display().to_string())
        .collect();
    for link in ["x.tf", "x.tf.json", "t.yaml", "plan.json", "terraform.tfvars", "x.auto.tfvars.json", "folder.tf"] {
        assert!(problems.iter().any(|path| path == link), "{link} is not told: {problems:?}");
    }
}

#[test]
fn rules_are_read_where_they_are_said_to_be() {
    let world = world();
    let tree = std::fs::canonicalize(world.path().join("tree")).unwrap();
    let rules = vec![tree.join("rules")];
    let (refused, opened) = scan(Options { paths: vec![tree.join("sub")], rules, ..Options::default() });
    assert!(refused.is_err());
    assert!(opened.iter().all(|path| path.starts_with(&tree)), "{opened:?}");
}

#[test]
fn what_the_user_names_is_read_wherever_it_lies() {
    let world = world();
    let tree = world.path().join("tree");
    let values = vec![world.path().join("outside/values.tfvars")];
    let (scan, _) = scan(Options { paths: vec![tree.join("t.yaml")], variable_files: values, ..Options::default() });
    let scan = scan.unwrap();
    assert_eq!(scan.outcome.summary.resources, 1);
}

/// A disk on which a file becomes a link to another one after it has been looked at.
struct Swapping {
    file: PathBuf,
    target: PathBuf,
}

impl FileSystem for Swapping {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        if path.ends_with("main.tf") && !self.file.is_symlink() {
            std::fs::remove_file(&self.file).unwrap();
            symlink(&self.target, &self.file).unwrap();
        }
        Disk.read(path, limit)
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        Disk.kind(path)
    }

    fn is_link(&self, path: &Path) -> bool {
        Disk.is_link(path)
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        Disk.entries(folder)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        Disk.canonical(path)
    }
}

#[test]
fn a_link_that_appears_between_check_and_read_is_caught() {
    let world = world();
    let tree = std::fs::canonicalize(world.path().join("tree/sub")).unwrap();
    let swapping = Swapping { file: tree.join("main.tf"), target: world.path().join("outside/module/main.tf") };
    let engine = Engine::new(Options { paths: vec![tree], ..Options::default() }, Arc::new(swapping)).unwrap();
    let scan = engine.scan(&Silent).unwrap();
    assert_eq!(scan.outcome.summary.resources, 0);
    assert_eq!(scan.outcome.errors().count(), 1);
}
