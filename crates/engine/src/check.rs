//! Running the selected rules over one unit.
//!
//! In: a loaded unit and its frontend, rules and options. Out: what the rules find in it, what could not be decided, and what a person has
//! accepted. Nothing is sorted yet: that is done for all units together.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::prelude::*;
use terravet_condition::{Judgement, Verdict};
use terravet_diagnostics::{Certainty, Diagnostic, Finding, Profile, ResourceRef, Subject as DiagnosticSubject};
use terravet_frontend::{Frontend, Loaded};
use terravet_graph::{Graph, Mode, Resource, Value};
use terravet_kinds::{Kind, Model, NoChoices, Subject, View};
use terravet_rules::{Page, Registry, Rule, Selection};
use terravet_source::{FileId, SourceFile, Span};

use crate::findings::{self, Places};
use crate::suppression::{Suppressions, Uses};
use crate::discover::Unit;
use crate::options::Options;
use crate::fix;

/// What one unit gave.
#[derive(Default)]
pub(crate) struct Checked {
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

/// Checks a unit that is loaded. A rule that panics becomes a diagnostic.
pub(crate) fn check(
    unit: &Unit,
    frontend: &dyn Frontend,
    loaded: &Loaded,
    registry: &Registry,
    selection: &Selection,
    options: &Options,
) -> Checked {
    let graph = &loaded.graph;
    let mut checked = Checked {
        diagnostics: graph.diagnostics.clone(),
        files: loaded.files.iter().map(|file| file.id()).collect(),
        resources: graph.resources.iter().filter(|resource| resource.mode == Mode::Managed).count(),
        ..Checked::default()
    };
    let model = Model::new(&registry.vocabulary, graph);
    let places = Places::new(graph);
    let written = fix::Place { files: &loaded.files, frontend };
    let concerned = registry.vocabulary.concerned(graph);
    let selected = selection.rules.iter().filter_map(|id| registry.rule(id));
    let rules: Vec<&Rule> = selected.filter(|rule| concerned.contains(&*rule.kind)).collect();
    let per_rule: Vec<Checked> = rules
        .par_iter()
        .map(|rule| {
            catch_unwind(AssertUnwindSafe(|| run(rule, &model, &written, &places, options))).unwrap_or_else(
                |panic| {
                    let what = format!("the rule {}", rule.id);
                    let place = Span::start_of(graph.file);
                    Checked { diagnostics: vec![internal_error(place, &what, &*panic)], ..Checked::default() }
                },
            )
        })
        .collect();
    let mut found = Vec::new();
    for one in per_rule {
        found.extend(one.diagnostics);
        checked.undecided.extend(one.undecided);
        checked.undecided_count += one.undecided_count;
        checked.rules.extend(one.rules);
    }
    findings::yield_to_better(&mut found, registry);
    let suppressions = Suppressions::of(&unit.root, frontend, &loaded.files, registry, &options.today);
    (checked.suppressed, checked.uses) = suppressions.apply(&mut found, &checked.rules);
    checked.diagnostics.extend(found);
    checked.diagnostics.extend(policy_errors(&model, graph));
    checked
}

/// What was wrong with the policies that rules have read, once each.
fn policy_errors(model: &Model<'_>, graph: &Graph) -> Vec<Diagnostic> {
    let errors = model.policy_errors().into_iter().map(|error| {
        let place = error.span().unwrap_or(Span::start_of(graph.file));
        Diagnostic::error("policy-syntax", place, error.to_string())
            .with_help("no rule could look into this policy; mend it")
    });
    let mut errors: Vec<Diagnostic> = errors.collect();
    errors.sort();
    errors.dedup();
    errors
}

/// A diagnostic for a bug of ours.
pub(crate) fn internal_error(place: Span, what: &str, panic: &(dyn std::any::Any + Send)) -> Diagnostic {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Diagnostic::error("internal-error", place, format!("{what} failed: {text}"))
        .with_help("this is a bug of terravet, please report it; everything else was checked")
}

/// One rule over all subjects of its kind.
fn run(rule: &Rule, model: &Model<'_>, written: &fix::Place<'_>, places: &Places<'_>, options: &Options) -> Checked {
    let mut checked = Checked::default();
    let Some(kind) = model.vocabulary.kind(&rule.kind) else { return checked };
    let subjects = model.subjects(kind);
    if subjects.is_empty() {
        return checked;
    }
    let page = match rule.ready(model.vocabulary) {
        Ok(page) => page,
        Err(problems) => return Checked { diagnostics: problems.to_vec(), ..checked },
    };
    if options.min_severity.is_some_and(|least| page.severity < least) {
        return checked;
    }
    checked.rules.insert(Arc::clone(&rule.id));
    let judging = Judging { rule, page, kind, model, written, places };
    for subject in subjects {
        if page.unsupported.iter().any(|(language, _)| **language == *model.resource(subject).language.as_str()) {
            continue;
        }
        let judgement = rule.judge(model, subject);
        match &judgement.verdict {
            Verdict::True => checked.diagnostics.push(judging.finding(subject, &judgement, Certainty::Certain)),
            Verdict::Possible(worlds) => {
                checked.undecided_count += 1;
                let words = findings::words_of(worlds);
                if options.profile != Profile::Recommended || !options.select.is_empty() {
                    checked.diagnostics.push(judging.finding(subject, &judgement, Certainty::Possible(words)));
                } else if options.show_undecided {
                    checked.undecided.push(judging.undecided(subject, &judgement, Some(&words)));
                }
            }
            Verdict::Unknown => {
                checked.undecided_count += 1;
                if options.show_undecided {
                    checked.undecided.push(judging.undecided(subject, &judgement, None));
                }
            }
            Verdict::False => {}
        }
    }
    checked
}

/// What a rule is judging with.
struct Judging<'a> {
    rule: &'a Rule,
    page: &'a Page,
    kind: &'a Kind,
    model: &'a Model<'a>,
    written: &'a fix::Place<'a>,
    places: &'a Places<'a>,
}

impl Judging<'_> {
    /// The finding that a judgement is.
    fn finding(&self, subject: &Subject, judgement: &Judgement, certainty: Certainty) -> Diagnostic {
        let Self { page, kind, model, written, .. } = self;
        let files = written.files;
        let resource = model.resource(subject);
        let choices = NoChoices;
        let place = View::new(model, &choices).place(subject);
        let labels = findings::labels(page, judgement, self.places, resource, place, files);
        let message = findings::message(&page.message, &page.message_attributes(), &judgement.texts);
        let fix = fix::fix(page, kind, model, subject, written);
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
            fingerprint: findings::line_of(diagnostic.primary.span, files),
            fix,
            accepted: None,
        }));
        diagnostic
    }

    /// The resource to name in a finding: the one that it is about, or its companion where that holds the place.
    fn to_name(&self, subject: &Subject, place: Span) -> &Resource {
        let resource = self.model.resource(subject);
        if resource.block.contains(place) {
            return resource;
        }
        let companions = self.model.companions_of(self.kind, subject).into_iter();
        let mut companions = companions.map(|id| self.model.graph.resource(id));
        companions.find(|companion| companion.block.contains(place)).unwrap_or(resource)
    }

    /// A judgement that could not be made, with the value that is in the way, or with what it depends on.
    fn undecided(&self, subject: &Subject, judgement: &Judgement, when: Option<&str>) -> Diagnostic {
        let resource = self.model.resource(subject);
        let span = judgement.witness.iter().find_map(Value::span);
        let open = judgement.witness.iter().find_map(|value| Some((value.as_unknown()?, value.span())));
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
