//! Findings that a person has accepted, in a comment or in a template's metadata.
//!
//! In: the findings of a unit and its files. Out: those that stay, and those that are accepted, each with the place and
//! the reason. terravet's own comments and those for Checkov, tfsec, Trivy, KICS, Terrascan and cfn_nag mean what they mean
//! there (docs/suppressions.md); a rule is meant by its id, or by what its page calls its equivalents.
//!
//! Invariants: what is accepted is never lost, only moved; a comment reaches no further than its own tool lets it reach.
//! Files without such comments are not parsed again.

mod comment;
mod elements;
mod metadata;
mod reach;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use regex::Regex;
use terravet_diagnostics::{Diagnostic, Label, Subject, nearest_of_fixed};
use terravet_rules::Registry;
use terravet_source::{Anchors, SourceFile, Sources, Span, normalize};

use crate::units::{Unit, UnitKind};
use elements::Elements;
use reach::Index;

/// What a file must contain somewhere to have anything to do with suppressions.
static MARKER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new("terravet|checkov|bridgecrew|cortex:skip|tfsec:ignore|trivy:ignore|kics-scan|ts:skip|cfn_nag").ok()
});

/// Which tool a suppression was written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tool {
    /// terravet itself.
    Own,
    /// Another one, by the name that equivalents begin with.
    Other(&'static str),
}

/// Which rules are meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Names {
    /// All.
    All,
    /// These ids or patterns.
    Listed(Vec<String>),
}

/// What a comment or a piece of metadata asks for, before it is known what it reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) tool: Tool,
    pub(crate) names: Names,
    pub(crate) reach: Reach,
    pub(crate) reason: String,
}

/// What a suppression reaches, from where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The block, argument or entry that begins on its line, or where it stands alone, on the next.
    Here,
    /// The resource or module call that it stands in.
    Around,
    /// The next line.
    NextLine,
    /// The next block, argument or entry.
    Next,
    /// The whole file.
    File,
}

/// A part of a file within which findings are accepted.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    /// The part.
    span: Span,
    /// Whether only what begins in the part is meant, and not the resource that it lies in.
    line_only: bool,
    /// The name of the module that is called there: what it creates is meant as well.
    call: Option<Arc<str>>,
}

/// A suppression with what it reaches.
#[derive(Debug)]
struct Suppression {
    tool: Tool,
    names: Names,
    rules: Arc<BTreeSet<Arc<str>>>,
    unknown: Unknown,
    regions: Vec<Region>,
    /// Where it is written, and the reason that is given.
    place: Label,
    /// Whether the file lies in the root module's folder, so that a call in it is one of the root's.
    in_root: bool,
}

/// What became of one of terravet's own suppressions in a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Use {
    /// Whether it accepted something.
    used: bool,
    /// Whether a rule ran that it names.
    ran: bool,
    unknown: Unknown,
    /// Whether it gives a reason.
    has_reason: bool,
}

/// Names that mean no rule, each with the question whether another was meant.
type Unknown = BTreeMap<String, Option<String>>;

/// The uses of terravet's own suppressions, by place.
pub(crate) type Uses = BTreeMap<Span, Use>;

/// The suppressions of a unit.
pub(crate) struct Suppressions {
    all: Vec<Suppression>,
    index: Index,
}

impl Suppressions {
    /// Reads those that stand in the files of a unit. `today` is a date such as `2026-01-31`; without one, nothing expires.
    pub(crate) fn of(unit: &Unit, files: &[Arc<SourceFile>], registry: &Registry, today: &str) -> Self {
        let mut all = Vec::new();
        let mut meanings = Meanings::new(registry);
        let root = normalize(&unit.path);
        let marked = |file: &&Arc<SourceFile>| MARKER.as_ref().is_some_and(|marker| marker.is_match(file.text()));
        for file in files.iter().filter(marked) {
            let folder = normalize(file.path().parent().unwrap_or(Path::new("")));
            let in_root = unit.kind != UnitKind::RootModule || folder == root;
            let written = match unit.kind {
                UnitKind::Template => in_template(file, today),
                UnitKind::RootModule | UnitKind::Plan => in_terraform(file, today),
            };
            all.extend(written.into_iter().map(|(asked, place, regions)| {
                let meaning = meanings.of(asked.tool, &asked.names);
                Suppression {
                    tool: asked.tool,
                    names: asked.names,
                    rules: meaning.rules,
                    unknown: meaning.unknown,
                    regions,
                    place: Label { span: place, text: asked.reason.into() },
                    in_root,
                }
            }));
        }
        Self { index: Index::new(&all), all }
    }

    /// Takes those findings out that are accepted, and says how terravet's own suppressions were used.
    pub(crate) fn apply(mut self, findings: &mut Vec<Diagnostic>, ran: &BTreeSet<Arc<str>>) -> (Vec<Diagnostic>, Uses) {
        let mut uses: Uses = self.own().map(|own| (own.place.span, own.unused(ran))).collect();
        let mut accepted = Vec::new();
        if self.all.is_empty() {
            return (accepted, uses);
        }
        findings.retain_mut(|diagnostic| {
            let Some(finding) = diagnostic.finding() else { return true };
            let hits = self.index.hits(diagnostic, finding);
            for place in hits.told.iter().filter_map(|number| Some(self.all.get(*number)?.place.span)) {
                if let Some(found) = uses.get_mut(&place) {
                    found.used = true;
                }
            }
            let Some(first) = hits.first.and_then(|first| self.all.get(first)) else { return true };
            let mut taken = diagnostic.clone();
            if let Subject::Finding(finding) = &mut taken.subject {
                finding.accepted = Some(first.place.clone());
            }
            accepted.push(taken);
            false
        });
        (accepted, uses)
    }

    fn own(&self) -> impl Iterator<Item = &Suppression> {
        self.all.iter().filter(|one| one.tool == Tool::Own)
    }
}

impl Suppression {
    fn names_all(&self) -> bool {
        self.names == Names::All
    }

    /// What is known of one of terravet's own before any finding was looked at.
    fn unused(&self, ran: &BTreeSet<Arc<str>>) -> Use {
        Use {
            used: false,
            ran: !self.rules.is_disjoint(ran),
            unknown: self.unknown.clone(),
            has_reason: !self.place.text.is_empty(),
        }
    }
}

/// What the names of a suppression mean.
#[derive(Clone)]
struct Meaning {
    rules: Arc<BTreeSet<Arc<str>>>,
    unknown: Unknown,
}

/// What names mean, each looked up once.
struct Meanings<'r> {
    registry: &'r Registry,
    known: BTreeMap<(Tool, Names), Meaning>,
}

impl<'r> Meanings<'r> {
    fn new(registry: &'r Registry) -> Self {
        Self { registry, known: BTreeMap::new() }
    }

    fn of(&mut self, tool: Tool, names: &Names) -> Meaning {
        if let Some(known) = self.known.get(&(tool, names.clone())) {
            return known.clone();
        }
        let meaning = match (names, tool) {
            (Names::All, _) => Meaning { rules: Arc::new(self.all().cloned().collect()), unknown: Unknown::new() },
            (Names::Listed(names), Tool::Other(tool)) => {
                let rules = names.iter().flat_map(|name| self.registry.find_of_tool(tool, name)).collect();
                Meaning { rules: Arc::new(rules), unknown: Unknown::new() }
            }
            (Names::Listed(names), Tool::Own) => self.of_own(names),
        };
        self.known.insert((tool, names.clone()), meaning.clone());
        meaning
    }

    fn all(&self) -> impl Iterator<Item = &'r Arc<str>> {
        self.registry.rules().map(|rule| &rule.id)
    }

    fn of_own(&self, names: &[String]) -> Meaning {
        let (mut rules, mut unknown) = (BTreeSet::new(), Unknown::new());
        for name in names {
            match self.registry.find(name) {
                Ok(found) => rules.extend(found),
                Err(_) => {
                    let nearest = nearest_of_fixed(name, self.all().map(|id| &**id));
                    unknown.insert(name.clone(), nearest.map(|id| format!("did you mean `{id}`?")));
                }
            }
        }
        Meaning { rules: Arc::new(rules), unknown }
    }
}

/// What is asked for, where it is written, and what it reaches.
type Written = (Asked, Span, Vec<Region>);

/// What the comments of a file of Terraform ask for; nothing in files of values and others that a configuration reads.
fn in_terraform(file: &SourceFile, today: &str) -> Vec<Written> {
    let name = file.path().to_string_lossy();
    if ![".tf", ".tofu", ".tf.json", ".tofu.json"].iter().any(|end| name.ends_with(end)) {
        return Vec::new();
    }
    let places = terravet_hcl::comments(file);
    let asked = asked(places.iter().map(|span| (*span, file.slice(*span))), today);
    if asked.is_empty() {
        return Vec::new();
    }
    placed(file, &Elements::of_terraform(file, places), asked)
}

/// What the comments of a template and the metadata of its resources ask for.
fn in_template(file: &SourceFile, today: &str) -> Vec<Written> {
    let is_json = file.text().trim_start().starts_with('{');
    let comments = if is_json { Vec::new() } else { terravet_yaml::comments(file) };
    let asked = asked(comments.iter().map(|comment| (comment.span, comment.text.as_str())), today);
    let parsed = terravet_cloudformation::parse_text(file);
    let document = parsed.documents.first();
    let places = comments.iter().map(|comment| comment.span).collect();
    let stated = document.map(metadata::read).unwrap_or_default().into_iter();
    let stated = stated.map(|(asked, place, span)| (asked, place, vec![Region { span, line_only: false, call: None }]));
    placed(file, &Elements::of_template(file, document, places), asked).into_iter().chain(stated).collect()
}

/// What comments ask for, with their places.
fn asked<'t>(comments: impl Iterator<Item = (Span, &'t str)>, today: &str) -> Vec<(Asked, Span)> {
    comments.flat_map(|(span, text)| comment::read(text, today).into_iter().map(move |asked| (asked, span))).collect()
}

fn placed(file: &SourceFile, elements: &Elements, asked: Vec<(Asked, Span)>) -> Vec<Written> {
    let reached = |(asked, span): (Asked, Span)| {
        let regions = elements.regions(file, span, asked.reach);
        (asked, span, regions)
    };
    asked.into_iter().map(reached).collect()
}

/// What is to be said of terravet's own suppressions: names that mean nothing, missing reasons, and those that accept
/// nothing although their rule ran.
pub(crate) fn notes(units: impl IntoIterator<Item = Uses>) -> Vec<Diagnostic> {
    let mut all = Uses::new();
    for (place, one) in units.into_iter().flatten() {
        let known = all.entry(place).or_default();
        *known = Use { used: known.used || one.used, ran: known.ran || one.ran, ..one };
    }
    let mut notes = Vec::new();
    for (place, one) in &all {
        for (name, question) in &one.unknown {
            let note =
                Diagnostic::note("suppression-unknown-rule", *place, format!("there is no rule `{name}` to allow"));
            let help = question.clone().unwrap_or_else(|| "`terravet rules` lists the rules".to_owned());
            notes.push(note.with_help(help));
        }
        if !one.has_reason {
            let note =
                Diagnostic::note("suppression-without-reason", *place, "this allows something and does not say why");
            notes.push(note.with_help("write the reason after the bracket"));
        }
        if !one.used && one.ran && one.unknown.is_empty() {
            let note = Diagnostic::note("suppression-unused", *place, "there is nothing to allow here");
            notes.push(note.with_help("delete it, so that it cannot hide a mistake that is made later"));
        }
    }
    notes
}

/// Sorts accepted findings and makes one of those that are the same mistake, as among the others.
pub(crate) fn gather(accepted: &mut Vec<Diagnostic>, sources: &Sources, anchors: &Anchors) {
    crate::findings::sort(accepted, sources, anchors);
    crate::findings::merge(accepted, sources, anchors);
}
