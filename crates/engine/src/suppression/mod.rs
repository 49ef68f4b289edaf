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

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use regex::Regex;
use terravet_diagnostics::{Diagnostic, Finding, Label, Subject, did_you_mean};
use terravet_frontend::annotations::{Addresses, Comment};
use terravet_frontend::{Frontend, Root};
use terravet_rules::Registry;
use terravet_source::{SourceFile, Sources, Span};

use elements::Elements;

/// What a file must contain somewhere to have anything to do with suppressions.
static MARKER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new("terravet|checkov|bridgecrew|cortex:skip|tfsec:ignore|trivy:ignore|kics-scan|ts:skip|cfn_nag").ok()
});

/// Which tool a suppression was written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// terravet itself.
    Own,
    /// Another one, by the name that equivalents begin with.
    Other(&'static str),
}

/// Which rules are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// What is created by the call that stands there, which is meant as well.
    creates: Option<Addresses>,
}

/// A suppression with what it reaches.
#[derive(Debug)]
struct Suppression {
    tool: Tool,
    names: Names,
    rules: BTreeSet<Arc<str>>,
    regions: Vec<Region>,
    /// Where it is written, and the reason that is given.
    place: Label,
}

/// What became of one of terravet's own suppressions in a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Use {
    /// Whether it accepted something.
    used: bool,
    /// Whether a rule ran that it names.
    ran: bool,
    /// Names that mean no rule, each with the question whether another was meant.
    unknown: BTreeMap<String, Option<String>>,
    /// Whether it gives a reason.
    has_reason: bool,
}

/// The uses of terravet's own suppressions, by place.
pub(crate) type Uses = BTreeMap<Span, Use>;

/// The suppressions of a unit.
pub(crate) struct Suppressions<'r> {
    registry: &'r Registry,
    all: Vec<Suppression>,
}

impl<'r> Suppressions<'r> {
    /// Reads those that stand in the files of a unit. `today` is a date such as `2026-01-31`; without one, nothing expires.
    pub(crate) fn of(
        root: &Root,
        frontend: &dyn Frontend,
        files: &[Arc<SourceFile>],
        registry: &'r Registry,
        today: &str,
    ) -> Self {
        let marked = |file: &&Arc<SourceFile>| MARKER.as_ref().is_some_and(|marker| marker.is_match(file.text()));
        let written = files.iter().filter(marked).flat_map(|file| written(root, frontend, file, today));
        let all = written.map(|(asked, place, regions)| Suppression {
            rules: rules(registry, asked.tool, &asked.names),
            tool: asked.tool,
            names: asked.names,
            regions,
            place: Label { span: place, text: asked.reason.into() },
        });
        Self { registry, all: all.collect() }
    }

    /// Takes those findings out that are accepted, and says how terravet's own suppressions were used.
    pub(crate) fn apply(&self, findings: &mut Vec<Diagnostic>, ran: &BTreeSet<Arc<str>>) -> (Vec<Diagnostic>, Uses) {
        let mut uses: Uses = self.own().map(|own| (own.place.span, self.unused(own, ran))).collect();
        let mut accepted = Vec::new();
        if self.all.is_empty() {
            return (accepted, uses);
        }
        findings.retain_mut(|diagnostic| {
            let reaching: Vec<&Suppression> = self.all.iter().filter(|one| one.accepts(diagnostic)).collect();
            let Some(first) = reaching.first() else { return true };
            for own in &reaching {
                if let Some(found) = uses.get_mut(&own.place.span) {
                    found.used = true;
                }
            }
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

    /// What is known of one of terravet's own before any finding was looked at.
    fn unused(&self, own: &Suppression, ran: &BTreeSet<Arc<str>>) -> Use {
        let unknown = match &own.names {
            Names::All => BTreeMap::new(),
            Names::Listed(names) => {
                let unknown = names.iter().filter(|name| self.registry.find(name).is_err());
                let known = || self.registry.rules().map(|rule| &*rule.id);
                unknown.map(|name| (name.clone(), did_you_mean(name, known()))).collect()
            }
        };
        Use { used: false, ran: !own.rules.is_disjoint(ran), unknown, has_reason: !own.place.text.is_empty() }
    }
}

impl Suppression {
    fn accepts(&self, diagnostic: &Diagnostic) -> bool {
        let Some(finding) = diagnostic.finding() else { return false };
        let meant = self.names == Names::All || self.rules.contains(&diagnostic.id);
        meant && self.regions.iter().any(|region| region.reaches(diagnostic, finding))
    }
}

impl Region {
    fn reaches(&self, diagnostic: &Diagnostic, finding: &Finding) -> bool {
        let place = diagnostic.primary.span;
        if self.line_only {
            return self.span.contains(place.slice(0, 0));
        }
        self.span.contains(place)
            || self.span.contains(finding.resource.block)
            || self.creates.as_ref().is_some_and(|created| created.contain(&finding.resource.address))
    }
}

/// The rules that are meant.
fn rules(registry: &Registry, tool: Tool, names: &Names) -> BTreeSet<Arc<str>> {
    let Names::Listed(names) = names else { return registry.rules().map(|rule| Arc::clone(&rule.id)).collect() };
    let meant = names.iter().map(|name| match tool {
        Tool::Own => registry.find(name).unwrap_or_default(),
        Tool::Other(tool) => registry.find_of_tool(tool, name),
    });
    meant.flatten().collect()
}

/// What is asked for, where it is written, and what it reaches.
type Written = (Asked, Span, Vec<Region>);

/// What the comments of a file and the metadata of its resources ask for.
fn written(root: &Root, frontend: &dyn Frontend, file: &SourceFile, today: &str) -> Vec<Written> {
    let annotations = frontend.annotations(root, file);
    let elements = Elements::new(file, &annotations);
    let asked = |comment: &Comment| {
        let asked = comment::read(&comment.text, today).into_iter();
        let placed = asked.map(|asked| {
            let regions = elements.regions(comment, asked.reach);
            (asked, comment.span, regions)
        });
        placed.collect::<Vec<Written>>()
    };
    let mut all: Vec<Written> = annotations.comments.iter().flat_map(asked).collect();
    for metadata in &annotations.metadata {
        let region = Region { span: metadata.resource, line_only: false, creates: None };
        all.extend(metadata::read(&metadata.tree).into_iter().map(|(asked, place)| (asked, place, vec![region.clone()])));
    }
    all
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
pub(crate) fn gather(accepted: &mut Vec<Diagnostic>, sources: &Sources) {
    crate::findings::sort(accepted, sources);
    crate::findings::merge(accepted, sources);
}
