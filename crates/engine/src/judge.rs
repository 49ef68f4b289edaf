//! Running the selected rules over one unit.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use terravet_diagnostics::{Certainty, Diagnostic, Finding, Profile, ResourceRef, Subject as DiagnosticSubject};
use terravet_graph::{Graph, Mode, Resource, Value};
use terravet_model::{Checked, Model, NoChoices, Subject, Verdict, View};
use terravet_rules::{Page, Registry, Rule, Selection};
use terravet_schema::Kind;
use terravet_source::{Anchors, FileId, Sources, Span, normalize};

use crate::fault::internal_error;
use crate::files::Files;
use crate::findings::{self, Places};
use crate::suppression::{Suppressions, Uses};
use crate::units::{Unit, UnitKind, Units};
use crate::{Options, fix};

/// What one unit gave.
#[derive(Default)]
pub(crate) struct Judged {
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) undecided: Vec<Diagnostic>,
    pub(crate) undecided_count: usize,
    /// Findings that a person has accepted.
    pub(crate) suppressed: Vec<Diagnostic>,
    /// How terravet's own suppressions were used.
    pub(crate) uses: Uses,
    pub(crate) files: BTreeSet<FileId>,
    pub(crate) resources: usize,
    /// The rules that had something to judge.
    pub(crate) rules: BTreeSet<Arc<str>>,
}

/// Loads and judges one unit. A panic on the way becomes a diagnostic.
pub(crate) fn judge(
    unit: &Unit,
    sources: &Sources,
    units: &Units,
    registry: &Registry,
    selection: &Selection,
    options: &Options,
) -> Judged {
    let loaded = match catch_unwind(AssertUnwindSafe(|| units.loaders.load(unit))) {
        Ok(loaded) => loaded,
        Err(panic) => {
            let place = Span::start_of(sources.id(&unit.path));
            return Judged {
                diagnostics: vec![internal_error(place, "reading this unit", &*panic)],
                ..Judged::default()
            };
        }
    };
    let graph = &loaded.graph;
    let mut judged = Judged {
        diagnostics: told_from(unit, sources, &units.anchors, &graph.diagnostics),
        files: loaded.files.iter().map(|file| file.id()).collect(),
        resources: graph.resources.iter().filter(|resource| resource.mode == Mode::Managed).count(),
        ..Judged::default()
    };
    let model = registry.model(graph, terravet_schema::Day::parse(&options.today));
    let places = Places::new(graph);
    let files = Files::new(&loaded.files);
    let concerned = registry.schema.concerned(graph);
    let selected = selection.rules.iter().filter_map(|id| registry.rule(id));
    let rules: Vec<&Rule> = selected.filter(|rule| concerned.contains(&*rule.kind)).collect();
    let per_rule: Vec<Judged> = rules
        .par_iter()
        .map(|rule| {
            catch_unwind(AssertUnwindSafe(|| run(rule, &model, &files, &places, options))).unwrap_or_else(|panic| {
                let what = format!("the rule {}", rule.id);
                let place = Span::start_of(graph.file);
                Judged { diagnostics: vec![internal_error(place, &what, &*panic)], ..Judged::default() }
            })
        })
        .collect();
    let mut found = Vec::new();
    for one in per_rule {
        found.extend(one.diagnostics);
        judged.undecided.extend(one.undecided);
        judged.undecided_count += one.undecided_count;
        judged.rules.extend(one.rules);
    }
    findings::yield_to_better(&mut found, registry);
    let suppressions = Suppressions::of(unit, &loaded.files, registry, &options.today);
    (judged.suppressed, judged.uses) = suppressions.apply(&mut found, &judged.rules);
    judged.diagnostics.extend(found);
    judged.diagnostics.extend(reported(&model));
    judged
}

/// What is wrong with a unit; what is wrong with a module that it calls names the root module, since its own is another.
fn told_from(unit: &Unit, sources: &Sources, anchors: &Anchors, diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
    let root = normalize(&unit.path);
    let shown = anchors.shared(sources.file_system(), &root).filter(|path| !path.as_os_str().is_empty());
    let shown = shown.unwrap_or_else(|| root.clone());
    let mut told = diagnostics.to_vec();
    let of_called = |diagnostic: &&mut Diagnostic| {
        let path = sources.path(diagnostic.primary.span.file);
        let folder = normalize(path.parent().unwrap_or(Path::new("")));
        diagnostic.is_error() && unit.kind == UnitKind::RootModule && folder != root
    };
    for diagnostic in told.iter_mut().filter(of_called) {
        let called_from = format!("met where the root module `{}` calls this one", shown.display());
        diagnostic.help = Some(match diagnostic.help.take() {
            Some(help) => format!("{help} ({called_from})"),
            None => called_from,
        });
    }
    told
}

/// What was wrong with what rules have looked into, once each.
fn reported(model: &Model<'_>) -> Vec<Diagnostic> {
    let mut errors = model.diagnostics();
    errors.sort();
    errors.dedup();
    errors
}

/// One rule over all subjects of its kind.
fn run(rule: &Rule, model: &Model<'_>, files: &Files<'_>, places: &Places<'_>, options: &Options) -> Judged {
    let mut judged = Judged::default();
    let Some(kind) = model.schema.kind(&rule.kind) else { return judged };
    let subjects = model.subjects(kind);
    if subjects.is_empty() {
        return judged;
    }
    let page = match rule.ready(model.schema) {
        Ok(page) => page,
        Err(problems) => return Judged { diagnostics: problems.to_vec(), ..judged },
    };
    if options.min_severity.is_some_and(|least| page.severity < least) {
        return judged;
    }
    judged.rules.insert(Arc::clone(&rule.id));
    let judging = Judging { rule, page, kind, model, files, places };
    for subject in subjects {
        if page.unsupported.iter().any(|(language, _)| speaks(model, subject, language)) {
            continue;
        }
        let judgement = rule.check(model, subject);
        match &judgement.verdict {
            Verdict::True => judged.diagnostics.push(judging.finding(subject, &judgement, Certainty::Certain)),
            Verdict::Possible(worlds) => {
                judged.undecided_count += 1;
                let words = findings::words_of(worlds);
                if options.profile != Profile::Recommended || !options.select.is_empty() {
                    judged.diagnostics.push(judging.finding(subject, &judgement, Certainty::Possible(words)));
                } else if options.show_undecided {
                    judged.undecided.push(judging.undecided(subject, &judgement, Some(&words)));
                }
            }
            Verdict::Unknown => {
                judged.undecided_count += 1;
                if options.show_undecided {
                    judged.undecided.push(judging.undecided(subject, &judgement, None));
                }
            }
            Verdict::False => {}
        }
    }
    judged
}

fn speaks(model: &Model<'_>, subject: &Subject, language: &str) -> bool {
    match model.resource(subject).language {
        terravet_graph::Language::Terraform => language == "terraform",
        terravet_graph::Language::CloudFormation => language == "cloudformation",
    }
}

/// What a rule is judging with.
struct Judging<'a> {
    rule: &'a Rule,
    page: &'a Page,
    kind: &'a Kind,
    model: &'a Model<'a>,
    files: &'a Files<'a>,
    places: &'a Places<'a>,
}

impl Judging<'_> {
    /// The finding that a judgement is.
    fn finding(&self, subject: &Subject, judgement: &Checked, certainty: Certainty) -> Diagnostic {
        let Self { page, kind, model, files, .. } = self;
        let resource = model.resource(subject);
        let choices = NoChoices;
        let place = View::new(model, &choices).place(subject);
        let labels = findings::labels(page, judgement, self.places, resource, place, files);
        let message = findings::message(&page.message, &page.message_attributes(), &judgement.texts);
        let fix = fix::fix(page, kind, model, subject, files);
        let mut diagnostic = Diagnostic::error(&page.id, labels.primary.span, message);
        diagnostic.primary = labels.primary;
        diagnostic.trace = labels.trace;
        diagnostic.related = labels.related;
        diagnostic.help = fix.as_ref().map(|fix| fix.description.to_string());
        if let Some(why) = &resource.representative {
            let text = format!("the number of instances is not known ({why}); this stands for each of them");
            diagnostic = diagnostic.with_related(resource.header, text);
        } else if let Some(words) = &resource.exists_when {
            diagnostic = diagnostic.with_related(resource.header, format!("there only when {words}"));
        }
        let named = self.to_name(subject, diagnostic.primary.span);
        diagnostic.subject = DiagnosticSubject::Finding(Box::new(Finding {
            severity: page.severity,
            certainty,
            resource: ResourceRef {
                address: Arc::clone(named.shown_address()),
                native_type: Arc::clone(named.shown_type()),
                name: Arc::clone(&named.name),
                kind: Arc::clone(&kind.name),
                managed: named.mode != Mode::Data,
                block: named.block,
            },
            instances: vec![Arc::clone(named.shown_address())],
            evidence: labels.evidence,
            // The line that it stands on; merging makes the fingerprint of it.
            fingerprint: files.line(diagnostic.primary.span).to_string(),
            fix,
            accepted: None,
        }));
        diagnostic
    }

    /// The resource to name in a finding: the one that it is about, or its satellite where that holds the place.
    fn to_name(&self, subject: &Subject, place: Span) -> &Resource {
        let resource = self.model.resource(subject);
        if resource.block.contains(place) {
            return resource;
        }
        let satellites = self.model.satellites_of(self.kind, subject).into_iter();
        let mut satellites = satellites.map(|id| self.model.graph.resource(id));
        satellites.find(|satellite| satellite.block.contains(place)).unwrap_or(resource)
    }

    /// A judgement that could not be made, with the value that is in the way, or with what it depends on.
    fn undecided(&self, subject: &Subject, judgement: &Checked, when: Option<&str>) -> Diagnostic {
        let resource = self.model.resource(subject);
        let span = judgement.evidence.iter().find_map(Value::span);
        let open = judgement.evidence.iter().find_map(|value| Some((value.as_unknown()?, value.span())));
        let (why, span) = match (when, open) {
            (Some(when), _) => (format!("it is so {when}"), span),
            (None, Some((unknown, span))) => (unknown.why.to_string(), span),
            (None, None) => ("a value is not known before apply".to_owned(), None),
        };
        let message = format!("{} cannot be decided for {}: {why}", self.rule.id, resource.shown_address());
        Diagnostic::note(&self.rule.id, span.unwrap_or(resource.header), message)
    }
}

/// Graphs are shared between the threads that run rules.
const fn _assert_sync<T: Sync>() {}
const _: () = _assert_sync::<Graph>();
