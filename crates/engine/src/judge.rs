//! Running the selected rules over one unit.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::prelude::*;
use terravet_condition::{Judgement, Verdict};
use terravet_diagnostics::{Certainty, Diagnostic, Profile, Subject as DiagnosticSubject};
use terravet_graph::{Graph, Mode};
use terravet_kinds::{Body, Kind, Model, Subject, View};
use terravet_rules::{Registry, Rule, Selection};
use terravet_source::{FileId, Span};

use crate::findings;
use crate::units::{Loaders, Unit};
use crate::{Options, fix};

/// What one unit gave.
#[derive(Default)]
pub(crate) struct Judged {
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) undecided: Vec<Diagnostic>,
    pub(crate) undecided_count: usize,
    pub(crate) files: BTreeSet<FileId>,
    pub(crate) resources: usize,
}

/// Loads and judges one unit. A panic on the way becomes a diagnostic.
pub(crate) fn judge(
    unit: &Unit,
    loaders: &Loaders,
    registry: &Registry,
    selection: &Selection,
    options: &Options,
) -> Judged {
    let loaded = match catch_unwind(AssertUnwindSafe(|| loaders.load(unit))) {
        Ok(loaded) => loaded,
        Err(panic) => {
            let place = loaders.place(unit);
            return Judged { diagnostics: vec![internal_error(place, "reading this unit", &*panic)], ..Judged::default() };
        }
    };
    let graph = &loaded.graph;
    let mut judged = Judged {
        diagnostics: graph.diagnostics.clone(),
        files: loaded.files.iter().map(|file| file.id()).collect(),
        resources: graph.resources.iter().filter(|resource| resource.mode == Mode::Managed).count(),
        ..Judged::default()
    };
    let model = Model::new(&registry.vocabulary, graph);
    let rules: Vec<&Rule> = selection.rules.iter().filter_map(|id| registry.rule(id)).collect();
    let per_rule: Vec<Judged> = rules
        .par_iter()
        .map(|rule| {
            catch_unwind(AssertUnwindSafe(|| run(rule, &model, &loaded.files, options))).unwrap_or_else(|panic| {
                let what = format!("the rule {}", rule.page.id);
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
    }
    findings::yield_to_better(&mut found, registry);
    judged.diagnostics.extend(found);
    judged
}

/// A diagnostic for a bug of ours.
fn internal_error(place: Span, what: &str, panic: &(dyn std::any::Any + Send)) -> Diagnostic {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Diagnostic::error("internal-error", place, format!("{what} failed: {text}"))
        .with_help("this is a bug of terravet, please report it; everything else was judged")
}

/// One rule over all subjects of its kind.
fn run(rule: &Rule, model: &Model<'_>, files: &[Arc<terravet_source::SourceFile>], options: &Options) -> Judged {
    let mut judged = Judged::default();
    if options.min_severity.is_some_and(|least| rule.page.severity < least) {
        return judged;
    }
    let Some(kind) = model.vocabulary.kind(&rule.page.kind) else { return judged };
    for subject in model.subjects(kind) {
        if rule.page.unsupported.iter().any(|(language, _)| speaks(model, subject, language)) {
            continue;
        }
        let judgement = rule.judge(model, subject);
        match &judgement.verdict {
            Verdict::True => {
                judged.diagnostics.push(finding(rule, kind, model, subject, &judgement, Certainty::Certain, files));
            }
            Verdict::Possible(worlds) => {
                judged.undecided_count += 1;
                if options.profile != Profile::Recommended || !options.select.is_empty() {
                    let certainty = Certainty::Possible(findings::words_of(worlds));
                    judged.diagnostics.push(finding(rule, kind, model, subject, &judgement, certainty, files));
                }
            }
            Verdict::Unknown => {
                judged.undecided_count += 1;
                if options.show_undecided {
                    judged.undecided.push(undecided(rule, model, subject, &judgement));
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

/// The finding that a judgement is.
fn finding(
    rule: &Rule,
    kind: &Kind,
    model: &Model<'_>,
    subject: &Subject,
    judgement: &Judgement,
    certainty: Certainty,
    files: &[Arc<terravet_source::SourceFile>],
) -> Diagnostic {
    let resource = model.resource(subject);
    let choices = terravet_kinds::NoChoices;
    let place = View::new(model, &choices).place(subject);
    let labels = findings::labels(&rule.page, judgement, resource, place, files);
    let message = findings::message(&rule.page.message, &rule.message_attributes, &judgement.texts);
    let fix = fix::fix(rule, kind, model, subject, judgement, files);
    let mut diagnostic = Diagnostic::error(&rule.page.id, labels.primary.span, message);
    diagnostic.primary = labels.primary;
    diagnostic.trace = labels.trace;
    diagnostic.related = labels.related;
    diagnostic.help = fix.as_ref().map(|fix| fix.description.to_string());
    if let Some(why) = &resource.representative {
        let text = format!("the number of instances is not known ({why}); this stands for each of them");
        diagnostic = diagnostic.with_related(resource.header, text);
    }
    let native_block = match &subject.body {
        Body::Resource | Body::Companion | Body::Part(_) | Body::Document(..) | Body::Statement(..) => resource.block,
    };
    diagnostic.subject = DiagnosticSubject::Finding(Box::new(terravet_diagnostics::Finding {
        severity: rule.page.severity,
        certainty,
        resource: terravet_diagnostics::ResourceRef {
            address: Arc::clone(&resource.address),
            native_type: Arc::clone(&resource.native_type),
            name: Arc::clone(&resource.name),
            kind: Arc::clone(&kind.name),
            block: native_block,
        },
        instances: vec![Arc::clone(&resource.address)],
        fingerprint: String::new(),
        fix,
    }));
    diagnostic
}

/// A judgement that could not be made, with the value that is in the way.
fn undecided(rule: &Rule, model: &Model<'_>, subject: &Subject, judgement: &Judgement) -> Diagnostic {
    let resource = model.resource(subject);
    let open = judgement.witness.iter().find_map(|value| Some((value.as_unknown()?, value.span())));
    let (why, span) = match open {
        Some((unknown, span)) => (unknown.why.to_string(), span),
        None => ("a value is not known before apply".to_owned(), None),
    };
    let message = format!("{} cannot be decided for {}: {why}", rule.page.id, resource.address);
    Diagnostic::note(&rule.page.id, span.unwrap_or(resource.header), message)
}

impl Loaders {
    /// A place to report something about a unit as a whole.
    fn place(&self, unit: &Unit) -> Span {
        Span::start_of(self.sources().id(&unit.path))
    }
}

/// Graphs are shared between the threads that run rules.
const fn _assert_sync<T: Sync>() {}
const _: () = _assert_sync::<Graph>();
