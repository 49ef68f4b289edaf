//! A total order on what is told.
//!
//! In: diagnostics. Out: how two of them compare by everything that a report shows of them: path, place, rule, certainty,
//! address, message, and the rest. Ids of files follow the order in which threads asked for them and never count; two
//! diagnostics that compare as equal are told in the same bytes.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::PathBuf;

use terravet_diagnostics::{Certainty, Diagnostic, Finding, Fix, Label, Subject};
use terravet_source::{Anchors, FileId, Sources, Span};

/// Files by their path.
pub(crate) struct Order {
    ranks: BTreeMap<FileId, usize>,
}

impl Order {
    /// The order of the files that these diagnostics point into.
    pub(crate) fn of(diagnostics: &[Diagnostic], sources: &Sources, anchors: &Anchors) -> Self {
        let mut paths: BTreeMap<FileId, (PathBuf, PathBuf)> = BTreeMap::new();
        for file in diagnostics.iter().flat_map(spans).map(|span| span.file) {
            paths.entry(file).or_insert_with(|| {
                let path = sources.path(file).to_path_buf();
                (anchors.shared(sources.file_system(), &path).unwrap_or_else(|| path.clone()), path)
            });
        }
        let mut by_path: Vec<(&(PathBuf, PathBuf), FileId)> = paths.iter().map(|(file, path)| (path, *file)).collect();
        by_path.sort();
        Self { ranks: by_path.into_iter().enumerate().map(|(rank, (_, file))| (file, rank)).collect() }
    }

    /// How two diagnostics compare.
    pub(crate) fn compare(&self, a: &Diagnostic, b: &Diagnostic) -> Ordering {
        self.place(a.primary.span)
            .cmp(&self.place(b.primary.span))
            .then_with(|| a.id.cmp(&b.id))
            .then_with(|| kind(&a.subject).cmp(&kind(&b.subject)))
            .then_with(|| address(a).cmp(address(b)))
            .then_with(|| a.message.cmp(&b.message))
            .then_with(|| a.primary.text.cmp(&b.primary.text))
            .then_with(|| self.labels(&a.trace, &b.trace))
            .then_with(|| self.labels(&a.related, &b.related))
            .then_with(|| a.help.cmp(&b.help))
            .then_with(|| match (a.finding(), b.finding()) {
                (Some(a), Some(b)) => self.findings(a, b),
                _ => Ordering::Equal,
            })
    }

    fn findings(&self, a: &Finding, b: &Finding) -> Ordering {
        let resource = |finding: &Finding| {
            let resource = &finding.resource;
            let named = (resource.native_type.clone(), resource.name.clone(), resource.kind.clone());
            (named, self.place(resource.block))
        };
        (a.severity.cmp(&b.severity))
            .then_with(|| a.certainty.cmp(&b.certainty))
            .then_with(|| resource(a).cmp(&resource(b)))
            .then_with(|| a.instances.cmp(&b.instances))
            .then_with(|| a.fingerprint.cmp(&b.fingerprint))
            .then_with(|| self.fixes(a.fix.as_ref(), b.fix.as_ref()))
            .then_with(|| self.labels(a.accepted.as_slice(), b.accepted.as_slice()))
    }

    fn fixes(&self, a: Option<&Fix>, b: Option<&Fix>) -> Ordering {
        let (Some(one), Some(other)) = (a, b) else { return a.is_some().cmp(&b.is_some()) };
        let edits =
            |fix: &Fix| fix.edits.iter().map(|edit| (self.place(edit.span), edit.text.clone())).collect::<Vec<_>>();
        one.description
            .cmp(&other.description)
            .then_with(|| one.applicability.cmp(&other.applicability))
            .then_with(|| edits(one).cmp(&edits(other)))
    }

    fn labels(&self, a: &[Label], b: &[Label]) -> Ordering {
        let key = |label: &'_ Label| (self.place(label.span), label.text.clone());
        a.iter().map(key).cmp(b.iter().map(key))
    }

    fn place(&self, span: Span) -> (Option<usize>, u32, u32) {
        (self.ranks.get(&span.file).copied(), span.start, span.end)
    }
}

/// Every span in a diagnostic.
fn spans(diagnostic: &Diagnostic) -> impl Iterator<Item = Span> {
    let finding = diagnostic.finding();
    let edits = finding.and_then(|finding| finding.fix.as_ref()).into_iter().flat_map(|fix| &fix.edits);
    let accepted = finding.and_then(|finding| finding.accepted.as_ref());
    diagnostic.spans().chain(edits.map(|edit| edit.span)).chain(accepted.map(|label| label.span))
}

/// Certain findings come before possible ones, and these before errors and notes.
fn kind(subject: &Subject) -> u8 {
    match subject {
        Subject::Finding(finding) if finding.certainty == Certainty::Certain => 0,
        Subject::Finding(_) => 1,
        Subject::Error => 2,
        Subject::Note => 3,
    }
}

fn address(diagnostic: &Diagnostic) -> &str {
    diagnostic.finding().map_or("", |finding| &finding.resource.address)
}
