//! The names of native types and their attributes, to check what pages and kinds speak of.
//!
//! In: lists that the crate carries (`data/README.md` says where they are from). Out: whether there is a type, a path, and what
//! was probably meant. Types of other clouds and providers are not known here, and pass.
//!
//! Nothing of it is read in a scan: lists are unpacked when they are first asked for.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use flate2::read::GzDecoder;
use terravet_diagnostics::nearest_of_fixed;
use terravet_graph::{Language, Mode, Value};

static TERRAFORM: LazyLock<List> =
    LazyLock::new(|| List::new(Language::Terraform, unpack(include_bytes!("../data/terraform-aws-6.25.txt.gz"))));
static CLOUDFORMATION: LazyLock<List> = LazyLock::new(|| {
    List::new(Language::CloudFormation, unpack(include_bytes!("../data/cloudformation-2026-12.txt.gz")))
});

/// What the lists leave out.
const OTHER: &str = include_str!("../data/other-names.txt");

fn unpack(packed: &[u8]) -> String {
    let mut text = String::new();
    // The crate's own data, which its tests read: an empty list would fail them.
    let _ = GzDecoder::new(packed).read_to_string(&mut text);
    text
}

/// The types of a language with their attributes, by name.
struct List {
    text: String,
    /// Where the attributes of each type stand.
    types: BTreeMap<String, std::ops::Range<usize>>,
    /// What stands beside the list, by type.
    others: BTreeMap<&'static str, Vec<&'static str>>,
    /// The types that have been asked for.
    read: Mutex<BTreeMap<String, Arc<Tree>>>,
}

impl List {
    fn new(language: Language, text: String) -> Self {
        let mut types = BTreeMap::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let end = at + line.trim_end().len();
            let name_end = at + line.find([' ', '\n']).unwrap_or(line.len());
            types.insert(text[at..name_end].to_owned(), name_end.min(end)..end);
            at += line.len();
        }
        let word = match language {
            Language::Terraform => "terraform",
            Language::CloudFormation => "cloudformation",
        };
        let mut others: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for line in OTHER.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.splitn(4, ' ');
            if let (Some(of), Some(_), Some(native)) = (words.next(), words.next(), words.next())
                && of == word
            {
                others.entry(native).or_default().push(words.next().unwrap_or_default());
            }
        }
        Self { text, types, others, read: Mutex::default() }
    }

    /// The attributes of a type; none where there is no such type.
    fn attributes(&self, name: &str) -> Option<Arc<Tree>> {
        let read = || self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tree) = read().get(name) {
            return Some(Arc::clone(tree));
        }
        let (listed, other) = (self.types.get(name), self.others.get(name));
        if listed.is_none() && other.is_none() {
            return None;
        }
        let mut tree = Tree::default();
        let listed = listed.map(|range| &self.text[range.clone()]);
        for text in listed.into_iter().chain(other.into_iter().flatten().copied()) {
            tree.read(&mut text.trim());
        }
        let tree = Arc::new(tree);
        read().insert(name.to_owned(), Arc::clone(&tree));
        Some(tree)
    }
}

/// The attributes of a type or block by name; one without attributes of its own may hold anything.
#[derive(Debug, Default)]
struct Tree(BTreeMap<String, Tree>);

impl Tree {
    /// Reads `a b(c d) e` up to the parenthesis that closes it.
    fn read(&mut self, rest: &mut &str) {
        loop {
            *rest = rest.trim_start();
            let end = rest.find([' ', '(', ')']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            *rest = after;
            if !name.is_empty() {
                let entry = self.0.entry(name.to_owned()).or_default();
                if let Some(inner) = rest.strip_prefix('(') {
                    *rest = inner;
                    entry.read(rest);
                }
            }
            if let Some(after) = rest.strip_prefix(')') {
                *rest = after;
                return;
            }
            if rest.is_empty() {
                return;
            }
        }
    }

    /// What is wrong with the segments of a path.
    fn follow(&self, segments: &[Arc<str>]) -> Result<(), (String, Option<String>)> {
        let Some((first, rest)) = segments.split_first() else { return Ok(()) };
        if self.0.is_empty() || first.ends_with(')') || &**first == "*" {
            // A map, or a text that holds a structure; or what follows is about a text or a map.
            return Ok(());
        }
        if let Some((key, _)) = first.strip_prefix('[').and_then(|selection| selection.split_once('=')) {
            self.named(key)?;
            return self.follow(rest);
        }
        self.named(first)?.follow(rest)
    }

    fn named(&self, name: &str) -> Result<&Tree, (String, Option<String>)> {
        let known = || meant(name, self.0.keys().map(String::as_str));
        self.0.get(name).ok_or_else(|| (name.to_owned(), known()))
    }

    /// The first name in a value that is not there.
    fn unknown_in(&self, value: &Value) -> Option<(Value, String, Option<String>)> {
        if self.0.is_empty() {
            return None;
        }
        if let Some(items) = value.as_items() {
            return items.iter().find_map(|item| self.unknown_in(item));
        }
        value.as_entries()?.iter().find_map(|(name, entry)| match self.named(name) {
            Ok(inner) => inner.unknown_in(entry),
            Err((name, hint)) => Some((entry.clone(), name, hint)),
        })
    }
}

/// What is wrong with a name, in words, and the question whether another one was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError {
    /// What is wrong.
    pub message: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

fn list(language: Language) -> &'static List {
    match language {
        Language::Terraform => &TERRAFORM,
        Language::CloudFormation => &CLOUDFORMATION,
    }
}

/// The name of a type in its list; none where it is of another provider.
fn listed_name(language: Language, mode: Mode, native: &str) -> Option<String> {
    match (language, mode) {
        (Language::Terraform, Mode::Data) => native.starts_with("aws_").then(|| format!("data.{native}")),
        (Language::Terraform, _) => native.starts_with("aws").then(|| native.to_owned()),
        (Language::CloudFormation, _) => native.starts_with("AWS::").then(|| native.to_owned()),
    }
}

/// Checks that there is a native type.
///
/// # Errors
/// [`NameError`] where the provider is known and has none of that name.
pub fn check_type(language: Language, mode: Mode, native: &str) -> Result<(), NameError> {
    let Some(name) = listed_name(language, mode, native) else { return Ok(()) };
    let list = list(language);
    if list.types.contains_key(&name) || list.others.contains_key(&*name) {
        return Ok(());
    }
    let suggestion = meant(&name, list.types.keys().map(String::as_str));
    Err(NameError { message: format!("there is no type {name}"), suggestion })
}

/// Checks that a native type has what a path leads to.
///
/// # Errors
/// [`NameError`] where it has not.
pub fn check_path(language: Language, mode: Mode, native: &str, segments: &[Arc<str>]) -> Result<(), NameError> {
    let Some(name) = listed_name(language, mode, native) else { return Ok(()) };
    let Some(tree) = list(language).attributes(&name) else { return Ok(()) };
    tree.follow(segments)
        .map_err(|(wrong, suggestion)| NameError { message: format!("{name} has no `{wrong}` there"), suggestion })
}

/// The first attribute in the value of a resource that its type does not have: where it is set, and what is wrong.
#[must_use]
pub fn unknown_attribute(language: Language, mode: Mode, native: &str, value: &Value) -> Option<(Value, NameError)> {
    let name = listed_name(language, mode, native)?;
    let tree = list(language).attributes(&name)?;
    let (at, wrong, suggestion) = tree.unknown_in(value)?;
    Some((at, NameError { message: format!("{name} has no `{wrong}` there"), suggestion }))
}

/// The question whether the nearest name of a provider's list was meant. The lists are ours: no input makes them longer.
fn meant<'n>(given: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    nearest_of_fixed(given, known).map(|name| format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(native: &str, text: &str) -> Result<(), NameError> {
        let language = if native.contains("::") { Language::CloudFormation } else { Language::Terraform };
        let segments: Vec<Arc<str>> = text.split('.').map(Arc::from).collect();
        check_path(language, Mode::Managed, native, &segments)
    }

    fn wrong(message: &str, suggestion: Option<&str>) -> NameError {
        NameError { message: message.to_owned(), suggestion: suggestion.map(str::to_owned) }
    }

    #[test]
    fn types_of_both_languages_are_known() {
        assert_eq!(check_type(Language::Terraform, Mode::Managed, "aws_ebs_volume"), Ok(()));
        assert_eq!(check_type(Language::Terraform, Mode::Data, "aws_iam_policy_document"), Ok(()));
        assert_eq!(check_type(Language::CloudFormation, Mode::Managed, "AWS::S3::Bucket"), Ok(()));
        assert_eq!(check_type(Language::Terraform, Mode::Managed, "google_storage_bucket"), Ok(()));
        assert_eq!(
            check_type(Language::Terraform, Mode::Managed, "aws_ebs_volum"),
            Err(wrong("there is no type aws_ebs_volum", Some("did you mean `aws_ebs_volume`?")))
        );
    }

    #[test]
    fn paths_lead_through_blocks() {
        assert_eq!(path("aws_instance", "root_block_device.encrypted"), Ok(()));
        assert_eq!(path("aws_ecs_task_definition", "container_definitions.environment"), Ok(()));
        assert_eq!(path("AWS::S3::Bucket", "VersioningConfiguration.Status"), Ok(()));
        assert_eq!(
            path("aws_instance", "root_block_device.encryptd"),
            Err(wrong("aws_instance has no `encryptd` there", Some("did you mean `encrypted`?")))
        );
        assert_eq!(
            path("AWS::S3::Bucket", "VersioningConfig.Status"),
            Err(wrong("AWS::S3::Bucket has no `VersioningConfig` there", None))
        );
    }

    #[test]
    fn every_line_of_the_lists_is_read() {
        for language in [Language::Terraform, Language::CloudFormation] {
            let list = list(language);
            assert!(list.types.len() > 1_800);
            for name in list.types.keys() {
                assert!(list.attributes(name).is_some(), "{name}");
            }
        }
    }
}
