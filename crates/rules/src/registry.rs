//! All rules, and how they are looked up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use terravet_condition::{Condition, Judgement, Verdict};
use terravet_diagnostics::{Diagnostic, Profile, RuleInfo};
use terravet_kinds::{Model, Subject, Vocabulary};
use terravet_source::{SourceFile, Sources};

use crate::checks::{self, Check};
use crate::page::{Page, RuleAction};
use crate::{embedded, standards};

/// Where pages are read online.
const PAGES_URL: &str = "https://github.com/terravet/terravet/blob/main/rules";

/// One rule: its page, and its condition compiled when first used.
#[derive(Debug)]
pub struct Rule {
    /// The page.
    pub page: Page,
    /// Path below the rules folder.
    pub path: Arc<str>,
    /// Controls of standards, as `standard:control`.
    pub standards: Vec<Arc<str>>,
    /// The attributes that the message names, in order.
    pub message_attributes: Vec<String>,
    action: OnceLock<Action>,
}

#[derive(Debug)]
enum Action {
    Condition(Condition),
    Check(Check),
    Broken,
}

impl Rule {
    /// Judges a subject of the rule's kind.
    #[must_use]
    pub fn judge(&self, model: &Model<'_>, subject: &Subject) -> Judgement {
        let attributes: Vec<&str> = self.message_attributes.iter().map(String::as_str).collect();
        match self.action.get_or_init(|| self.compile(model.vocabulary).unwrap_or(Action::Broken)) {
            Action::Condition(condition) => condition.judge(model, subject, &attributes),
            Action::Check(check) => check(model, subject),
            Action::Broken => Judgement { verdict: Verdict::Unknown, witness: Vec::new(), texts: Vec::new() },
        }
    }

    fn compile(&self, vocabulary: &Vocabulary) -> Result<Action, Diagnostic> {
        let page = &self.page;
        let Some(kind) = vocabulary.kind(&page.kind) else {
            let mut error = Diagnostic::error("rule-page", page.kind_span, format!("there is no kind `{}`", page.kind));
            if let Some(nearest) = vocabulary.nearest_kind(&page.kind) {
                error = error.with_help(format!("did you mean `{nearest}`?"));
            }
            return Err(error);
        };
        match &page.action {
            RuleAction::Condition(text, span) => match Condition::parse(text, kind, vocabulary) {
                Ok(condition) => Ok(Action::Condition(condition)),
                Err(error) => {
                    let length = usize::try_from(span.end - span.start).unwrap_or(0);
                    // Quotes of the YAML scalar come before its text.
                    let quote = usize::from(length > text.len());
                    let place = span.slice(error.offset + quote, length);
                    Err(Diagnostic::error("rule-page", place, error.message))
                }
            },
            RuleAction::Check(name, span) => checks::check(name)
                .map(Action::Check)
                .ok_or_else(|| Diagnostic::error("rule-page", *span, format!("there is no check `{name}`"))),
        }
    }

    /// Everything that is wrong with the page beyond its form: kind, condition, attributes in the message and fix.
    #[must_use]
    pub fn problems(&self, vocabulary: &Vocabulary) -> Vec<Diagnostic> {
        let mut problems: Vec<Diagnostic> = self.compile(vocabulary).err().into_iter().collect();
        let Some(kind) = vocabulary.kind(&self.page.kind) else { return problems };
        let fixed = self.page.fix.iter().filter_map(|fix| fix.attribute.as_deref());
        for name in self.message_attributes.iter().map(String::as_str).chain(fixed) {
            if name != "address" && !kind.attributes.contains_key(name) {
                let message = format!("the kind {} has no attribute `{name}`", kind.name);
                problems.push(Diagnostic::error("rule-page", self.page.span, message));
            }
        }
        problems
    }

    /// What reports say about it.
    #[must_use]
    pub fn info(&self) -> RuleInfo {
        let page = &self.page;
        RuleInfo {
            id: Arc::clone(&page.id),
            title: Arc::clone(&page.title),
            severity: page.severity,
            profile: page.profile,
            service: page.kind.split('.').nth(1).unwrap_or("aws").into(),
            body: Arc::clone(&page.body),
            summary: page.summary().into(),
            equivalents: page.equivalents.clone(),
            standards: self.standards.clone(),
            url: format!("{PAGES_URL}/{}", self.path).into(),
        }
    }
}

/// All rules by id, with the vocabulary that they speak.
#[derive(Debug)]
pub struct Registry {
    /// The vocabulary.
    pub vocabulary: Vocabulary,
    rules: BTreeMap<Arc<str>, Rule>,
    aliases: BTreeMap<String, BTreeSet<Arc<str>>>,
    /// Keeps the text of pages, for diagnostics about them.
    _files: Vec<Arc<SourceFile>>,
}

/// What `--select` and `--ignore` asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The rules to run.
    pub rules: BTreeSet<Arc<str>>,
}

/// A name that selects nothing. The user's to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown rule `{given}`{}", .suggestion.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
pub struct SelectionError {
    /// What was asked for.
    pub given: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl Registry {
    /// The embedded rules, and those in `folders` beside them.
    ///
    /// # Errors
    /// All that is wrong with pages and kinds, each at its place.
    pub fn load(sources: &Sources, folders: &[PathBuf]) -> Result<Self, Vec<Diagnostic>> {
        let mut files: Vec<(Arc<str>, Arc<SourceFile>)> = embedded()
            .map(|file| (Arc::from(file.name), sources.add(&Path::new("rules").join(file.name), file.text)))
            .collect();
        let mut problems = Vec::new();
        for folder in folders {
            read_folder(sources, folder, &mut files, &mut problems);
        }
        let registry = Self::from_files(files, &mut problems);
        let embedded_only = folders.is_empty();
        // Embedded pages are held to the same by the tests; checking every condition at each start would cost time.
        if !embedded_only {
            let wrong = registry.rules.values().filter(|rule| !rule.path.starts_with("aws/"));
            problems.extend(wrong.flat_map(|rule| rule.problems(&registry.vocabulary)).collect::<Vec<_>>());
        }
        if problems.is_empty() { Ok(registry) } else { Err(problems) }
    }

    /// A registry of files: pages, kinds and standards told by their names.
    pub fn from_files(files: Vec<(Arc<str>, Arc<SourceFile>)>, problems: &mut Vec<Diagnostic>) -> Self {
        let mut kinds = Vec::new();
        let mut pages = Vec::new();
        let mut controls = BTreeMap::new();
        for (name, file) in &files {
            if name.ends_with("kinds.yaml") {
                kinds.push(Arc::clone(file));
            } else if name.ends_with(".toml") {
                let stem = name.rsplit('/').next().unwrap_or(name);
                if let Err(error) = standards::read(stem, file.text(), &mut controls) {
                    let start = error.span().map_or(0, |span| span.start);
                    let place = terravet_source::Span::new(file.id(), start..start);
                    problems.push(Diagnostic::error("rule-page", place, error.message().to_owned()));
                }
            } else if name.ends_with(".md") {
                pages.push((Arc::clone(name), Page::parse(file)));
            }
        }
        let vocabulary = Vocabulary::load(&kinds, problems);
        let mut registry = Self {
            vocabulary,
            rules: BTreeMap::new(),
            aliases: BTreeMap::new(),
            _files: files.into_iter().map(|(_, file)| file).collect(),
        };
        for (path, page) in pages {
            match page {
                Ok(page) => registry.insert(path, page, &controls, problems),
                Err(errors) => problems.extend(errors),
            }
        }
        registry
    }

    fn insert(
        &mut self,
        path: Arc<str>,
        page: Page,
        controls: &BTreeMap<Arc<str>, Vec<Arc<str>>>,
        problems: &mut Vec<Diagnostic>,
    ) {
        let id = Arc::clone(&page.id);
        for equivalent in &page.equivalents {
            self.aliases.entry(equivalent.to_lowercase()).or_default().insert(Arc::clone(&id));
            if let Some((_, bare)) = equivalent.split_once(':') {
                self.aliases.entry(bare.to_lowercase()).or_default().insert(Arc::clone(&id));
            }
        }
        let standards = controls.get(&id).cloned().unwrap_or_default();
        let message_attributes = placeholders(&page.message);
        if self.rules.contains_key(&id) {
            let message = format!("there is another rule with the id {id}");
            problems.push(Diagnostic::error("rule-page", page.span, message).with_help("give the file another name"));
            return;
        }
        let rule = Rule { page, path, standards, message_attributes, action: OnceLock::new() };
        self.rules.insert(id, rule);
    }

    /// All rules in the order of their ids.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// A rule by id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.get(id)
    }

    /// The rules that a name means: an id, a glob over ids, or another tool's id with or without the tool.
    ///
    /// # Errors
    /// [`SelectionError`] where it means none.
    pub fn find(&self, name: &str) -> Result<BTreeSet<Arc<str>>, SelectionError> {
        if let Some((id, _)) = self.rules.get_key_value(name) {
            return Ok(BTreeSet::from([Arc::clone(id)]));
        }
        if let Some(rules) = self.aliases.get(&name.to_lowercase()) {
            return Ok(rules.clone());
        }
        if name.contains(['*', '?', '['])
            && let Ok(glob) = globset::Glob::new(name)
        {
            let matcher = glob.compile_matcher();
            let found: BTreeSet<Arc<str>> = self.rules.keys().filter(|id| matcher.is_match(&***id)).cloned().collect();
            if !found.is_empty() {
                return Ok(found);
            }
        }
        let known = self.rules.keys().map(|id| id.to_string()).chain(self.aliases.keys().cloned());
        let suggestion = known
            .map(|known| (strsim::jaro_winkler(&known, &name.to_lowercase()), known))
            .filter(|(similarity, _)| *similarity > 0.85)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, known)| known);
        Err(SelectionError { given: name.to_owned(), suggestion })
    }

    /// The rules to run: those selected by name whatever their profile, or else those of the profile; less the ignored.
    ///
    /// # Errors
    /// The first name that means no rule.
    pub fn select(&self, select: &[String], ignore: &[String], profile: Profile) -> Result<Selection, SelectionError> {
        let mut rules = BTreeSet::new();
        if select.is_empty() {
            let of_profile = self.rules.values().filter(|rule| rule.page.profile <= profile);
            rules.extend(of_profile.map(|rule| Arc::clone(&rule.page.id)));
        }
        for name in select {
            rules.extend(self.find(name)?);
        }
        for name in ignore {
            for id in self.find(name)? {
                rules.remove(&id);
            }
        }
        Ok(Selection { rules })
    }
}

fn read_folder(
    sources: &Sources,
    folder: &Path,
    files: &mut Vec<(Arc<str>, Arc<SourceFile>)>,
    problems: &mut Vec<Diagnostic>,
) {
    let (paths, _) = sources.file_system().walk_all(folder);
    let pages = paths.iter().filter(|path| {
        path.extension().is_some_and(|extension| extension == "md")
            || path.file_name().is_some_and(|name| name == "kinds.yaml")
    });
    for path in pages {
        match sources.load(path) {
            Ok(file) => {
                let name = path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/");
                files.push((name.into(), file));
            }
            Err(error) => {
                let place = terravet_source::Span::start_of(sources.id(path));
                problems.push(Diagnostic::error("rule-page", place, error.to_string()));
            }
        }
    }
}

/// The names in braces of a message.
fn placeholders(message: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = message;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, next)) = after.split_once('}') else { break };
        found.push(name.to_owned());
        rest = next;
    }
    found
}
