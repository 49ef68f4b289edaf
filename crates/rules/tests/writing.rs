//! How pages and other texts are written: classes with their severities, fixes that are not called safe where they are not, a remedy
//! for each language, one link to AWS's documentation, and the list of words that terravet does not use.
//!
//! What is not rewritten yet is listed in `testdata/pages/to_rewrite.txt`. The list may only shrink: an entry without a fault fails.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::Glob;
use terravet_diagnostics::Applicability;
use terravet_graph::Language;
use terravet_rules::{Page, Registry, Rule};
use terravet_schema::Kind;
use terravet_source::{Disk, Sources};

const MAX_TITLE: usize = 70;
const MAX_SAME_PARAGRAPHS: usize = 3;

/// A fault: the entry of the to-do list that it belongs to, and what is wrong.
struct Fault {
    area: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The files below a folder whose names end in `ending`, relative to the repository, sorted.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            found.extend(files(&name, ending));
        } else if name.ends_with(ending) {
            found.push(name);
        }
    }
    found.sort();
    found
}

fn registry() -> Registry {
    let sources = Sources::new(Arc::new(Disk));
    Registry::from_files(files("rules", "").into_iter().map(|path| {
        let name = path.strip_prefix("rules/").unwrap();
        (Arc::from(name), sources.load(&root().join(&path)).unwrap())
    }))
}

fn pages(registry: &Registry) -> impl Iterator<Item = (&Rule, &Page, &Kind)> {
    registry.rules().filter_map(|rule| {
        let page = rule.page().ok()?;
        Some((rule, page, registry.schema.kind(&page.kind)?))
    })
}

/// The folder of a page, `rules/aws/s3`.
fn area_of(rule: &Rule) -> String {
    format!("rules/{}", rule.path.rsplit_once('/').map_or("", |(folder, _)| folder))
}

#[test]
fn a_class_decides_on_severity_and_profile() {
    let registry = registry();
    let mut faults = Vec::new();
    for (rule, page, _) in pages(&registry) {
        let Some(class) = page.class else { continue };
        let is_as_class = (class.severity, class.profile) == (page.severity, page.profile);
        if is_as_class == page.class_reason.is_some() {
            faults.push(format!(
                "{}: {} means {}, {}; a page that differs gives a `class_reason`, and no other page does",
                rule.id, class.name, class.severity, class.profile
            ));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[derive(Debug)]
struct FixedArgument {
    types: Vec<globset::GlobMatcher>,
    names: Vec<String>,
    is_safe: bool,
    reason: String,
}

fn fixed_arguments() -> Vec<FixedArgument> {
    let table: toml::Table = read("testdata/pages/fix_applicability.toml").parse().unwrap();
    let texts = |row: &toml::Value, key: &str| -> Vec<String> {
        let list = row.get(key).and_then(toml::Value::as_array).cloned().unwrap_or_default();
        list.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let rows = table["argument"].as_array().unwrap();
    let arguments = rows.iter().map(|row| FixedArgument {
        types: texts(row, "types").iter().map(|glob| Glob::new(glob).unwrap().compile_matcher()).collect(),
        names: texts(row, "names"),
        is_safe: row["applicability"].as_str().unwrap() == "safe",
        reason: row["reason"].as_str().unwrap().to_owned(),
    });
    arguments.collect()
}

impl FixedArgument {
    fn is_written_by(&self, page: &Page, kind: &Kind) -> bool {
        let Some(attribute) = page.fix.as_ref().and_then(|fix| kind.attributes.get(fix.attribute.as_ref()?)) else {
            return false;
        };
        [Language::Terraform, Language::CloudFormation].into_iter().any(|language| {
            let sources = kind.sources.iter().filter(|source| source.language == language);
            let mut types = sources.flat_map(|source| &source.types).chain(
                kind.satellites.values().filter(|satellite| satellite.language == language).flat_map(|it| &it.types),
            );
            let of_type =
                self.types.is_empty() || types.any(|native| self.types.iter().any(|glob| glob.is_match(&**native)));
            let mut paths = attribute.paths(language).iter().map(terravet_schema::Path::names);
            let is_named = |path: &str, name: &String| path == name || path.ends_with(&format!(".{name}"));
            of_type && paths.any(|path| self.names.iter().any(|name| is_named(&path, name)))
        })
    }
}

#[test]
fn the_same_fix_is_as_safe_in_every_service() {
    let registry = registry();
    let arguments = fixed_arguments();
    let mut faults = Vec::new();
    for (rule, page, kind) in pages(&registry) {
        let Some(fix) = &page.fix else { continue };
        for argument in arguments.iter().filter(|argument| argument.is_written_by(page, kind)) {
            if argument.is_safe != (fix.applicability == Applicability::Safe) {
                let wanted = if argument.is_safe { "is safe" } else { "is never safe" };
                faults.push(format!("{}: a fix that sets {:?} {wanted}: {}", rule.id, argument.names, argument.reason));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn texts_are_written_by_the_rules_of_contributing() {
    let mut faults = page_faults(&registry());
    faults.extend(word_faults());
    let list = read("testdata/pages/to_rewrite.txt");
    let to_do: BTreeSet<&str> = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let with_faults: BTreeSet<&str> = faults.iter().map(|fault| &*fault.area).collect();
    let told: Vec<&str> =
        faults.iter().filter(|fault| !to_do.contains(&*fault.area)).map(|fault| &*fault.text).collect();
    assert!(told.is_empty(), "\n{} faults:\n{}", told.len(), told.join("\n"));
    let done: Vec<&&str> = to_do.iter().filter(|area| !with_faults.contains(**area)).collect();
    assert!(done.is_empty(), "these are rewritten; remove them from testdata/pages/to_rewrite.txt: {done:?}");
}

/// What is wrong with the form of pages.
fn page_faults(registry: &Registry) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut paragraphs: BTreeMap<&str, Vec<(&Rule, &Page)>> = BTreeMap::new();
    for (rule, page, kind) in pages(registry) {
        let mut fault =
            |text: String| faults.push(Fault { area: area_of(rule), text: format!("rules/{}: {text}", rule.path) });
        if page.class.is_none() {
            fault("has no `class`".to_owned());
        }
        if rule.file().text().contains("words: ")
            && page.fix.is_some()
            && page.remedy.terraform == page.remedy.cloudformation
        {
            let front = rule.file().text().lines().any(|line| line.starts_with("fix: ") && line.contains("words: "));
            if front {
                fault("has `fix.words`; write a `remedy`".to_owned());
            }
        }
        for article in ["A ", "An ", "The "] {
            if page.title.starts_with(article) {
                fault(format!("the title begins with an article: {}", page.title));
            }
        }
        if page.title.chars().count() > MAX_TITLE || page.title.ends_with('.') {
            fault(format!("the title has more than {MAX_TITLE} characters, or ends in a full stop: {}", page.title));
        }
        let mut lines = page.body.lines();
        if lines.find(|line| !line.is_empty()) != Some(&format!("# {}", page.title)) {
            fault("the heading differs from the title".to_owned());
        }
        let languages = [
            (Language::Terraform, "terraform", &page.remedy.terraform),
            (Language::CloudFormation, "cloudformation", &page.remedy.cloudformation),
        ];
        for (language, name, remedy) in languages {
            let is_unsupported = page.unsupported.iter().any(|(unsupported, _)| &**unsupported == name);
            if !kind.speaks(language) || is_unsupported {
                continue;
            }
            match remedy {
                None => fault(format!("has no remedy for {name}")),
                Some(text) if !text.contains('`') => fault(format!("the remedy for {name} names no argument: {text}")),
                Some(_) => {}
            }
        }
        let text = page.body.split("## Examples").next().unwrap_or_default();
        let links =
            text.matches("](https://docs.aws.amazon.com/").count() + text.matches("](https://aws.amazon.com/").count();
        if links != 1 || text.matches("](http").count() != 1 {
            fault(format!("the explanation has {links} links to AWS's documentation; exactly one states the fact"));
        }
        for paragraph in text.split("\n\n").map(str::trim).filter(|text| !text.is_empty() && !text.starts_with('#')) {
            paragraphs.entry(paragraph).or_default().push((rule, page));
        }
    }
    for (paragraph, used) in paragraphs.iter().filter(|(_, used)| used.len() > MAX_SAME_PARAGRAPHS) {
        for (rule, _) in used {
            faults.push(Fault {
                area: area_of(rule),
                text: format!("rules/{}: {} pages have this paragraph: {paragraph}", rule.path, used.len()),
            });
        }
    }
    faults
}

/// The uses of words that terravet does not use.
fn word_faults() -> Vec<Fault> {
    let table: toml::Table = read("testdata/pages/words.toml").parse().unwrap();
    let words: Vec<(Vec<String>, String)> = table
        .iter()
        .map(|(phrase, instead)| {
            (phrase.split(" * ").map(str::to_owned).collect(), instead.as_str().unwrap().to_owned())
        })
        .collect();
    let mut faults = Vec::new();
    for Written { area, path, texts } in written() {
        for (line, text) in texts {
            let text = text.to_lowercase();
            for (phrase, instead) in words.iter().filter(|(phrase, _)| has_phrase(&text, phrase)) {
                let phrase = phrase.join(" … ");
                let text = format!("{path}:{line}: `{phrase}`; write: {instead}");
                faults.push(Fault { area: area.clone(), text });
            }
        }
    }
    faults
}

/// A file that people read.
struct Written {
    area: String,
    path: String,
    texts: Vec<Text>,
}

/// A paragraph, and the line on which it begins.
type Text = (usize, String);

/// What people read.
fn written() -> Vec<Written> {
    let mut found = Vec::new();
    for path in files("rules/aws", ".md") {
        let area = path.rsplit_once('/').unwrap().0.to_owned();
        found.push(Written { texts: prose(&read(&path), true), area, path });
    }
    for path in files("rules/aws", "kinds.yaml") {
        let area = path.rsplit_once('/').unwrap().0.to_owned();
        found.push(Written { texts: doc_lines(&read(&path)), area, path });
    }
    for path in files("docs", ".md").into_iter().chain(["README.md".to_owned(), "CONTRIBUTING.md".to_owned()]) {
        found.push(Written { texts: prose(&read(&path), false), area: path.clone(), path });
    }
    for path in files("crates", ".rs").into_iter().filter(|path| path.split('/').nth(2) == Some("src")) {
        let area = path.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
        found.push(Written { texts: rust_texts(&read(&path)), area, path });
    }
    found
}

/// The paragraphs of Markdown outside of code; of a page's front matter only what people read.
fn prose(text: &str, is_page: bool) -> Vec<Text> {
    const READ: [&str; 8] =
        ["title: ", "message: ", "label: ", "remedy: ", "terraform: ", "cloudformation: ", "fix: ", "unsupported: "];
    let mut paragraphs: Vec<Text> = Vec::new();
    let mut current: Option<Text> = None;
    let (mut in_code, mut in_front) = (false, false);
    for (index, line) in text.lines().enumerate() {
        if is_page && line == "---" && (index == 0 || in_front) {
            in_front = index == 0;
            continue;
        }
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        let is_read = !in_front || READ.iter().any(|key| line.trim_start().starts_with(key));
        if in_code || line.trim().is_empty() || !is_read {
            paragraphs.extend(current.take());
        } else if in_front {
            paragraphs.push((index + 1, line.to_owned()));
        } else {
            let (_, text) = current.get_or_insert((index + 1, String::new()));
            text.push(' ');
            text.push_str(line.trim());
        }
    }
    paragraphs.extend(current);
    paragraphs
}

fn doc_lines(yaml: &str) -> Vec<Text> {
    let lines = yaml.lines().enumerate().filter(|(_, line)| line.contains("doc: "));
    lines.map(|(index, line)| (index + 1, line.to_owned())).collect()
}

/// The texts between quotes, line by line, of Rust that is not a test.
fn rust_texts(code: &str) -> Vec<Text> {
    let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines
        .flat_map(|(index, line)| line.split('"').skip(1).step_by(2).map(move |text| (index + 1, text.to_owned())))
        .collect()
}

/// Whether a text, in small letters, has the parts of a phrase as whole words, with a few words of one sentence between them.
fn has_phrase(text: &str, phrase: &[String]) -> bool {
    const MAX_BETWEEN: usize = 50;
    let Some((first, rest)) = phrase.split_first() else { return true };
    let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    text.match_indices(first.as_str()).any(|(at, _)| {
        let after = &text[at + first.len()..];
        let is_word = !text[..at].ends_with(is_letter) && !after.starts_with(is_letter);
        let sentence = after.split(['.', ';', ':', '`']).next().unwrap_or_default();
        let near: String = sentence.chars().take(MAX_BETWEEN).collect();
        is_word && (rest.is_empty() || has_phrase(&near, rest))
    })
}
