//! All rules, and how they are looked up.
//!
//! Pages are parsed when their rule is first needed: a scan of a small folder concerns a few of many hundred.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use terravet_diagnostics::{Diagnostic, Profile, RuleInfo, nearest_of_fixed};
use terravet_graph::Graph;
use terravet_model::Model;
use terravet_schema::{Day, Schema};
use terravet_source::{EntryKind, FileId, FileSystem, SourceFile, Sources, Span};

use crate::page::Page;
use crate::rule::{Rule, Text};
use crate::{aliases, embedded, standards};

/// Where pages are read online.
const PAGES_URL: &str = "https://github.com/terravet/terravet/blob/main/rules";

/// What the paths of embedded files begin with; no file on disk is called so.
const EMBEDDED: &str = "<terravet>/rules";

/// How deep folders of rules may lie within each other.
const MAX_FOLDER_DEPTH: usize = 16;

/// The folder of module stubs: what well-known modules create, as Terraform configuration.
const MODULE_STUBS: &str = "modules/";

/// What folders of tables are called.
const TABLES: &str = "tables";

/// The stub of a module that is not part of what is scanned.
#[derive(Clone, Debug)]
pub struct ModuleStub {
    /// The module: owner and name of its repository, with the way to a module within it.
    pub module: Arc<str>,
    /// What the file is called.
    pub path: PathBuf,
    /// What stands in it.
    pub text: Arc<str>,
}

/// All rules by id, with the schema that they are checked against.
#[derive(Debug)]
pub struct Registry {
    /// The schema.
    pub schema: Schema,
    rules: BTreeMap<Arc<str>, Rule>,
    /// The files of kinds: path and file.
    kinds: Vec<(Arc<str>, FileId)>,
    /// Tables of standards: the file's name and text.
    standards: Vec<(Arc<str>, Arc<SourceFile>)>,
    module_stubs: Vec<ModuleStub>,
    /// Tables of other names for other tools' checks: the file's name and text.
    aliases: Vec<(Arc<str>, Arc<SourceFile>)>,
    /// These, read.
    ids: OnceLock<aliases::Aliases>,
    /// The rules that comments for other tools mean, by what was asked: the same few names stand in many files.
    meant: Mutex<BTreeMap<String, BTreeSet<Arc<str>>>>,
    /// Controls by rule id.
    controls: OnceLock<BTreeMap<Arc<str>, Vec<Arc<str>>>>,
    /// What is wrong with the files beyond each by itself.
    clashes: Vec<Diagnostic>,
}

/// What `--select` and `--ignore` asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The rules to run.
    pub rules: BTreeSet<Arc<str>>,
}

/// A name that selects nothing. The user's to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown rule `{given}`{}", .suggestion.as_ref().map(|question| format!("; {question}")).unwrap_or_default())]
pub struct SelectionError {
    /// What was asked for.
    pub given: String,
    /// The question whether something else was meant, where a known name is near.
    pub suggestion: Option<String>,
}

impl Registry {
    /// The embedded rules, and those in `folders` beside them.
    ///
    /// # Errors
    /// All that is wrong with pages and kinds in the folders, each at its place. The embedded ones are held to the same by
    /// the tests; checking every page at each start would cost time.
    pub fn load(sources: &Arc<Sources>, folders: &[PathBuf]) -> Result<Self, Vec<Diagnostic>> {
        let mut files: Vec<(Arc<str>, Text)> = embedded()
            .map(|file| {
                let path = Path::new(EMBEDDED).join(file.name);
                (Arc::from(file.name), Text::embedded(sources, path, file.text))
            })
            .collect();
        let mut problems = Vec::new();
        let own = files.len();
        for folder in folders {
            read_folder(sources, folder, &mut files, &mut problems);
        }
        let added: BTreeSet<Arc<str>> = files[own..].iter().map(|(name, _)| Arc::clone(name)).collect();
        let registry = Self::new(files);
        if !folders.is_empty() {
            problems.extend(registry.problems(|path| added.contains(path)));
        }
        if problems.is_empty() { Ok(registry) } else { Err(problems) }
    }

    /// A registry of files, by their path below the rules folder: pages, kinds and standards told by their names.
    #[must_use]
    pub fn from_files(files: impl IntoIterator<Item = (Arc<str>, Arc<SourceFile>)>) -> Self {
        Self::new(files.into_iter().map(|(name, file)| (name, Text::File(file))))
    }

    fn new(files: impl IntoIterator<Item = (Arc<str>, Text)>) -> Self {
        let mut kind_files = Vec::new();
        let (mut kinds, mut pages, mut stubs) = (Vec::new(), Vec::new(), Vec::new());
        let (mut standards, mut aliases, mut tables) = (Vec::new(), Vec::new(), Vec::new());
        for (name, text) in files {
            if name.ends_with("kinds.yaml") {
                let file = text.file();
                kind_files.push((name, file.id()));
                kinds.push(file);
            } else if let Some(table) = table_name(&name) {
                tables.push((table, text.file()));
            } else if name.ends_with(".toml") && name.starts_with(aliases::FOLDER) {
                aliases.push((name, text.file()));
            } else if name.ends_with(".toml") {
                standards.push((name, text.file()));
            } else if name.ends_with(".md") {
                pages.push(Rule::new(name, text));
            } else if let Some(module) = name.strip_prefix(MODULE_STUBS).and_then(|rest| rest.strip_suffix(".tf")) {
                stubs.push(ModuleStub { module: module.into(), path: text.path(), text: text.text().into() });
            }
        }
        let mut registry = Self {
            schema: Schema::new(&kinds, terravet_aws::catalog().signatures()).with_tables(tables),
            rules: BTreeMap::new(),
            kinds: kind_files,
            standards,
            module_stubs: stubs,
            aliases,
            ids: OnceLock::new(),
            meant: Mutex::default(),
            controls: OnceLock::new(),
            clashes: Vec::new(),
        };
        for rule in pages {
            if registry.rules.contains_key(&rule.id) {
                let message = format!("there is another rule with the id {}", rule.id);
                let error = Diagnostic::error("rule-page", rule.place(), message);
                registry.clashes.push(error.with_help("give the file another name"));
            } else {
                registry.rules.insert(Arc::clone(&rule.id), rule);
            }
        }
        registry
    }

    /// A graph seen through the schema, with the facts that it names. Without a day it is looked at on the one on which
    /// the tables were last checked.
    #[must_use]
    pub fn model<'g>(&'g self, graph: &'g Graph, today: Option<Day>) -> Model<'g> {
        let today = today.unwrap_or_else(|| self.schema.last_checked());
        Model::new(&self.schema, terravet_aws::catalog(), graph, today)
    }

    /// Everything that is wrong with kinds, tables, standards, and the pages whose path `which` holds for. Reads all of them. What kinds
    /// say of native types is checked in the files for which `which` holds.
    #[must_use]
    pub fn problems(&self, which: impl Fn(&Arc<str>) -> bool) -> Vec<Diagnostic> {
        let mut problems = self.schema.problems();
        let chosen: BTreeSet<FileId> = self.kinds.iter().filter(|(name, _)| which(name)).map(|(_, id)| *id).collect();
        problems.extend(self.schema.unknown_names(|file| chosen.contains(&file.id())));
        problems.extend(self.clashes.iter().cloned());
        for (name, file) in &self.standards {
            problems.extend(standards::problems(name, file, |id| self.rules.contains_key(id)));
        }
        for (name, file) in &self.aliases {
            if let Err(error) = aliases::read(name, file.text(), &mut aliases::Aliases::new()) {
                let place = Span::new(file.id(), error.span().unwrap_or(0..0));
                problems.push(Diagnostic::error("rule-page", place, error.message().to_owned()));
            }
        }
        for rule in self.rules.values().filter(|rule| which(&rule.path)) {
            problems.extend(rule.problems(&self.schema));
            if let Ok(page) = rule.page() {
                problems.extend(page.yields_to.iter().filter_map(|other| self.wrong_to_yield(page, other)));
            }
        }
        problems
    }

    /// What is wrong with a page's yielding to a rule: there is none of that id, or it is of a lower severity.
    fn wrong_to_yield(&self, page: &Page, other: &Arc<str>) -> Option<Diagnostic> {
        let error = |message: String| Diagnostic::error("rule-page", page.yields_to_span, message);
        let Some(rule) = self.rules.get(other) else {
            let problem = error(format!("there is no rule `{other}` to yield to"));
            return Some(problem.with_suggestion(other, self.rules.keys().map(|id| &**id)));
        };
        let (own, theirs) = (page.severity, rule.page().ok()?.severity);
        (theirs < own).then(|| {
            error(format!(
                "`{other}` has severity {theirs}, and this rule {own}; a rule yields to none of lower severity"
            ))
        })
    }

    /// The stubs of modules; of two for the same module the later one counts.
    #[must_use]
    pub fn module_stubs(&self) -> &[ModuleStub] {
        &self.module_stubs
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

    /// What reports say about a rule; none where its page is broken.
    #[must_use]
    pub fn info(&self, rule: &Rule) -> Option<RuleInfo> {
        let page = rule.page().ok()?;
        let controls = self.controls.get_or_init(|| {
            let mut controls = BTreeMap::new();
            for (name, file) in &self.standards {
                // A table that cannot be read is told of by `problems`.
                let _ = standards::read(name, file.text(), &mut controls);
            }
            controls
        });
        Some(RuleInfo {
            id: Arc::clone(&rule.id),
            title: Arc::clone(&page.title),
            severity: page.severity,
            profile: page.profile,
            service: page.kind.split('.').nth(1).unwrap_or("aws").into(),
            body: page.body_with_remedy().into(),
            summary: page.summary().into(),
            equivalents: page.equivalents.clone(),
            standards: controls.get(&rule.id).cloned().unwrap_or_default(),
            url: format!("{PAGES_URL}/{}", rule.path).into(),
            secret: page.secret,
        })
    }

    /// The rules that a name means: an id, a glob over ids, or another tool's id with or without the tool.
    ///
    /// # Errors
    /// [`SelectionError`] where it means none.
    pub fn find(&self, name: &str) -> Result<BTreeSet<Arc<str>>, SelectionError> {
        let name = name.trim();
        if let Some((id, _)) = self.rules.get_key_value(name) {
            return Ok(BTreeSet::from([Arc::clone(id)]));
        }
        let mut found = self.equivalent_to(name);
        if found.is_empty()
            && name.contains(['*', '?', '[', '{'])
            && let Ok(glob) = globset::Glob::new(name)
        {
            let matcher = glob.compile_matcher();
            found.extend(self.rules.keys().filter(|id| matcher.is_match(&***id)).cloned());
        }
        if found.is_empty() {
            return Err(SelectionError { given: name.to_owned(), suggestion: self.suggestion(name) });
        }
        Ok(found)
    }

    /// The rules that say what another tool's rule says; `tool:id` or the id alone, or another name of it, in any letter case.
    fn equivalent_to(&self, name: &str) -> BTreeSet<Arc<str>> {
        let name = name.to_lowercase();
        let own = self.with_equivalent(&name);
        if !own.is_empty() {
            return own;
        }
        let (tool, bare) = name.split_once(':').map_or((None, &*name), |(tool, bare)| (Some(tool), bare));
        // Trivy's ids were once written with the name of its database.
        let bare = bare.strip_prefix("avd-").unwrap_or(bare);
        let qualified = format!("{}:{bare}", tool.unwrap_or("trivy"));
        let ids = self.ids().get(&qualified).cloned().unwrap_or_else(|| vec![qualified]);
        ids.iter().flat_map(|id| self.with_equivalent(id)).collect()
    }

    /// The rules of whose equivalents one is this, as a whole or without its tool.
    fn with_equivalent(&self, name: &str) -> BTreeSet<Arc<str>> {
        let is_it = |equivalent: &Arc<str>| {
            let equivalent = equivalent.to_lowercase();
            equivalent == name || equivalent.split_once(':').is_some_and(|(_, bare)| bare == name)
        };
        // A page that nowhere has the name need not be parsed.
        let mention = self.rules.values().filter(|rule| rule.front_matter().to_lowercase().contains(name));
        mention
            .filter(|rule| rule.page().is_ok_and(|page| page.equivalents.iter().any(is_it)))
            .map(|rule| Arc::clone(&rule.id))
            .collect()
    }

    /// The rules that a comment for another tool means: an id or another name of its check, or a pattern over these.
    #[must_use]
    pub fn find_of_tool(&self, tool: &str, name: &str) -> BTreeSet<Arc<str>> {
        let name = format!("{tool}:{}", name.to_lowercase());
        let known = || self.meant.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known().get(&name) {
            return found.clone();
        }
        let found = if name.contains('*') { self.matching(&name) } else { self.equivalent_to(&name) };
        known().insert(name, found.clone());
        found
    }

    /// The rules of whose equivalents one is as a pattern says, or goes by another name that is.
    fn matching(&self, pattern: &str) -> BTreeSet<Arc<str>> {
        let Ok(glob) = globset::Glob::new(pattern) else { return BTreeSet::new() };
        let matcher = glob.compile_matcher();
        let aliased = self.ids().iter().filter(|(alias, _)| matcher.is_match(alias));
        let ids: BTreeSet<&str> = aliased.flat_map(|(_, ids)| ids).map(String::as_str).collect();
        let is_it = |equivalent: &Arc<str>| {
            let equivalent = equivalent.to_lowercase();
            matcher.is_match(&equivalent) || ids.contains(&*equivalent)
        };
        let rules = self.rules.values();
        let meant = rules.filter(|rule| rule.page().is_ok_and(|page| page.equivalents.iter().any(is_it)));
        meant.map(|rule| Arc::clone(&rule.id)).collect()
    }

    /// Other tools' ids by their other names.
    fn ids(&self) -> &aliases::Aliases {
        self.ids.get_or_init(|| {
            let mut ids = aliases::Aliases::new();
            for (name, file) in &self.aliases {
                // A table that cannot be read is told of by `problems`.
                let _ = aliases::read(name, file.text(), &mut ids);
            }
            ids
        })
    }

    /// The question whether the nearest rule id was meant, or the nearest id of another tool.
    fn suggestion(&self, name: &str) -> Option<String> {
        let pages = self.rules.values().filter_map(|rule| rule.page().ok());
        let equivalents = pages.flat_map(|page| &page.equivalents).map(|equivalent| {
            let whole = name.contains(':');
            if whole { &**equivalent } else { equivalent.split_once(':').map_or(&**equivalent, |(_, bare)| bare) }
        });
        let known = self.rules.keys().map(|id| &**id).chain(equivalents);
        nearest_of_fixed(name, known).map(|nearest| format!("did you mean `{nearest}`?"))
    }

    /// The rules to run: those selected by name whatever their profile, or else those of the profile; less the ignored.
    ///
    /// # Errors
    /// The first name that means no rule.
    pub fn select(&self, select: &[String], ignore: &[String], profile: Profile) -> Result<Selection, SelectionError> {
        let mut rules = BTreeSet::new();
        if select.is_empty() {
            let of_profile = self.rules.values().filter(|rule| rule.profile <= profile);
            rules.extend(of_profile.map(|rule| Arc::clone(&rule.id)));
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

/// The name of the table that a file is: those stand in folders called so.
fn table_name(path: &str) -> Option<Arc<str>> {
    let (folder, file) = path.rsplit_once('/')?;
    let name = file.strip_suffix(".yaml")?;
    (folder == TABLES || folder.ends_with("/tables")).then(|| name.into())
}

/// The pages, kinds and standards below a folder of rules.
fn read_folder(sources: &Sources, folder: &Path, files: &mut Vec<(Arc<str>, Text)>, problems: &mut Vec<Diagnostic>) {
    let mut paths = Vec::new();
    collect(sources.file_system(), folder, 0, &mut paths);
    if paths.is_empty() {
        let message = format!("there are no rule pages (*.md) in `{}`", folder.display());
        problems.push(Diagnostic::error("rule-page", Span::start_of(sources.id(folder)), message));
    }
    for path in paths {
        match sources.load(&path) {
            Ok(file) => {
                let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                files.push((name.into(), Text::File(file)));
            }
            Err(error) => {
                problems.push(Diagnostic::error("rule-page", Span::start_of(sources.id(&path)), error.to_string()));
            }
        }
    }
}

/// The files below a folder that are pages (front matter tells them from other Markdown), kinds or standards, sorted.
fn collect(file_system: &dyn FileSystem, folder: &Path, depth: usize, into: &mut Vec<PathBuf>) {
    let hidden = |name: &String| name.starts_with('.');
    for name in file_system.list(folder).unwrap_or_default().into_iter().filter(|name| !hidden(name)) {
        let path = folder.join(&name);
        match file_system.kind(&path) {
            Some(EntryKind::Directory) if depth < MAX_FOLDER_DEPTH => collect(file_system, &path, depth + 1, into),
            Some(EntryKind::File) if name.ends_with(".md") && name != "README.md" || name.ends_with("kinds.yaml") => {
                into.push(path)
            }
            Some(EntryKind::File) if name.ends_with(".toml") && folder.ends_with("standards") => into.push(path),
            Some(EntryKind::File) if name.ends_with(".tf") => into.push(path),
            Some(EntryKind::File) if name.ends_with(".yaml") && folder.ends_with(TABLES) => into.push(path),
            _ => {}
        }
    }
}
