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
use std::path::Path;
use std::sync::{Arc, LazyLock};

use regex::Regex;
use terravet_diagnostics::{Diagnostic, Finding, Label, Subject, did_you_mean};
use terravet_rules::Registry;
use terravet_source::{Anchors, SourceFile, Sources, Span, normalize};

use crate::units::{Unit, UnitKind};
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
    /// The name of the module that is called there: what it creates is meant as well.
    call: Option<Arc<str>>,
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
    pub(crate) fn of(unit: &Unit, files: &[Arc<SourceFile>], registry: &'r Registry, today: &str) -> Self {
        let mut all = Vec::new();
        let root = normalize(&unit.path);
        let marked = |file: &&Arc<SourceFile>| MARKER.as_ref().is_some_and(|marker| marker.is_match(file.text()));
        for file in files.iter().filter(marked) {
            let folder = normalize(file.path().parent().unwrap_or(Path::new("")));
            let in_root = unit.kind != UnitKind::RootModule || folder == root;
            let written = match unit.kind {
                UnitKind::Template => in_template(file, today),
                UnitKind::RootModule | UnitKind::Plan => in_terraform(file, today),
            };
            all.extend(written.into_iter().map(|(asked, place, regions)| Suppression {
                rules: rules(registry, asked.tool, &asked.names),
                tool: asked.tool,
                names: asked.names,
                regions,
                place: Label { span: place, text: asked.reason.into() },
                in_root,
            }));
        }
        Self { registry, all }
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
        meant && self.regions.iter().any(|region| self.reaches(region, diagnostic, finding))
    }

    fn reaches(&self, region: &Region, diagnostic: &Diagnostic, finding: &Finding) -> bool {
        let place = diagnostic.primary.span;
        if region.line_only {
            return region.span.contains(place.slice(0, 0));
        }
        region.span.contains(place)
            || region.span.contains(finding.resource.block)
            || region.call.as_deref().is_some_and(|call| in_module(&finding.resource.address, call, self.in_root))
    }
}

/// Whether an address lies in an instance of the module that is called by this name, from the root or from anywhere.
fn in_module(address: &str, call: &str, from_root: bool) -> bool {
    let called = format!("module.{call}");
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(['.', '[']);
    if from_root {
        return address.strip_prefix(&*called).is_some_and(ends);
    }
    let inner = format!(".{called}");
    address.match_indices(&*inner).any(|(at, found)| ends(&address[at + found.len()..]))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_meant_by_its_name_and_where_it_stands() {
        assert!(in_module("module.db.aws_db_instance.i", "db", true));
        assert!(in_module("module.db[\"a\"].aws_db_instance.i", "db", true));
        assert!(in_module("module.db", "db", true));
        assert!(!in_module("module.dba.aws_db_instance.i", "db", true));
        assert!(!in_module("module.app.module.db.aws_db_instance.i", "db", true));
        assert!(in_module("module.app.module.db[0].aws_db_instance.i", "db", false));
        assert!(!in_module("module.db.aws_db_instance.i", "db", false));
    }
}
