//! From judgements to what people read: labels, messages, and one finding for one mistake.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use terravet_condition::Judgement;
use terravet_diagnostics::{Certainty, Diagnostic, Evidence, Label, Subject};
use terravet_graph::{Graph, Guard, Mode, Origin, Resource, ResourceId, Step, Value};
use terravet_rules::{Page, Registry};
use terravet_source::{FileId, SourceFile, Sources, Span};

/// The longest value that a message shows, in characters.
const MAX_VALUE: usize = 80;

/// How many values beside the first are shown.
const MAX_EVIDENCE: usize = 6;

/// How many places before a finding are looked at for one that says it better. Places are single lines and hardly overlap.
const MAX_NEAR: usize = 64;

/// The labels of a finding.
pub(crate) struct Labels {
    pub(crate) primary: Label,
    pub(crate) trace: Vec<Label>,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) related: Vec<Label>,
}

/// Which resource stands where in a graph.
pub(crate) struct Places<'g> {
    graph: &'g Graph,
    /// The first resource of each block, by where the block begins. Blocks do not overlap.
    blocks: BTreeMap<(FileId, u32), ResourceId>,
}

impl<'g> Places<'g> {
    pub(crate) fn new(graph: &'g Graph) -> Self {
        let mut blocks = BTreeMap::new();
        for (id, resource) in graph.iter() {
            blocks.entry((resource.block.file, resource.block.start)).or_insert(id);
        }
        Self { graph, blocks }
    }

    /// A resource whose block a place lies in.
    fn resource_at(&self, place: Span) -> Option<&'g Resource> {
        let (_, id) = self.blocks.range(..=(place.file, place.start)).next_back()?;
        Some(self.graph.resource(*id)).filter(|resource| resource.block.contains(place))
    }
}

/// The labels that a judgement's witness gives. The first value that has a place, in the order in which the condition names
/// them, is the primary one.
pub(crate) fn labels(
    page: &Page,
    judgement: &Judgement,
    places: &Places<'_>,
    resource: &Resource,
    place: Span,
    files: &[Arc<SourceFile>],
) -> Labels {
    let mut shown = judgement.witness.iter().filter_map(|value| Some((value, value.origin.as_ref()?)));
    let Some((first, origin)) = shown.next() else {
        // The condition speaks of no attribute: the resource as such is what is wrong.
        let primary = Label { span: place, text: Arc::clone(&page.label) };
        return Labels { primary, trace: Vec::new(), evidence: Vec::new(), related: Vec::new() };
    };
    let link = to_change(origin, resource, places);
    // What another resource lacks is shown at that one.
    let in_part = first.is_unset() && link.span != resource.header && resource.block.contains(link.span);
    let span = if in_part { named(link.span, files) } else { narrowed(link.span, files) };
    let primary = Label { span, text: words_at(page, span, first, resource) };
    let mut related: Vec<Label> = Vec::new();
    if !resource.block.contains(span)
        && let Some(used) = origin.chain().find(|link| resource.block.contains(link.span))
    {
        related.push(Label { span: narrowed(used.span, files), text: "used here".into() });
    }
    let mut evidence: Vec<Evidence> = Vec::new();
    for (_, origin) in shown.filter(|(value, _)| !value.is_unset()) {
        let span = narrowed(to_change(origin, resource, places).span, files);
        let mut known = related.iter().chain(evidence.iter().map(|step| &step.label));
        let new = span != primary.span && known.all(|label| label.span != span);
        if new && !primary.span.contains(span) && !span.contains(primary.span) && related.len() + evidence.len() < MAX_EVIDENCE {
            let address = places.resource_at(span).map(|resource| Arc::clone(resource.shown_address()));
            evidence.push(Evidence { label: Label { span, text: "and this".into() }, address });
        }
    }
    Labels { trace: trace(link, primary.span, files), primary, evidence, related }
}

/// The words at the primary place.
fn words_at(page: &Page, span: Span, value: &Value, resource: &Resource) -> Arc<str> {
    if !page.label.is_empty() || !value.is_unset() {
        return Arc::clone(&page.label);
    }
    if span == resource.header { "nothing is said about it here".into() } else { "missing here".into() }
}

/// The link of a value's way that there is to change: where it stands in the data source that describes it (a policy
/// document), or else in the resource itself, as near to where it was written as these reach; the latest one where it
/// stands in neither.
fn to_change<'o>(origin: &'o Arc<Origin>, resource: &Resource, places: &Places<'_>) -> &'o Origin {
    let links: Vec<&Origin> = origin.chain().collect();
    let through_data: Vec<(usize, &Resource)> = links
        .iter()
        .enumerate()
        .filter_map(|(at, link)| {
            let Step::Resource(reference) = &link.step else { return None };
            let mut resources = places.graph.resolve(reference).iter().map(|id| places.graph.resource(*id));
            Some((at, resources.find(|resource| resource.mode == Mode::Data)?))
        })
        .collect();
    let within_data = || through_data.iter().rev().find_map(|(at, data)| nearest_within(data.block, &links[at + 1..]));
    // What a document was merged from stands in other documents.
    let merged = || {
        let (at, _) = through_data.first()?;
        let in_document = |link: &Origin| places.resource_at(link.span).is_some_and(|it| it.mode == Mode::Data);
        links[at + 1..].iter().rfind(|link| in_document(link)).copied()
    };
    // What one resource is given may stand in another: a policy that is attached to a role.
    let other = || nearest_within(places.resource_at(origin.span)?.block, &links);
    let own = || nearest_within(resource.block, &links);
    within_data().or_else(merged).or_else(own).or_else(other).unwrap_or(origin)
}

/// The link within a block that is nearest to where the value was written: that place itself where it lies in the block,
/// or else the first name by which the value came from elsewhere (`each.value`, and not the `for_each` that it stands for).
fn nearest_within<'o>(block: Span, links: &[&'o Origin]) -> Option<&'o Origin> {
    let within: Vec<&Origin> = links.iter().copied().filter(|link| block.contains(link.span)).collect();
    let (deepest, source) = (within.last().copied()?, links.last()?);
    if block.contains(source.span) {
        return Some(deepest);
    }
    Some(within.iter().copied().find(|link| matches!(link.step, Step::Named(_))).unwrap_or(deepest))
}

/// The way from the primary place to where the value was written, nearest first.
fn trace(origin: &Origin, primary: Span, files: &[Arc<SourceFile>]) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    for link in origin.chain().skip(1) {
        if matches!(link.step, Step::Written)
            && link.from.is_none()
            && labels.last().is_some_and(|last| last.span.contains(link.span))
        {
            if let Some(last) = labels.last_mut() {
                last.span = narrowed(link.span, files);
            }
            continue;
        }
        // The variable of a `for` says nothing that the collection does not say.
        if matches!(&link.step, Step::Named(name) if !name.contains('.')) {
            continue;
        }
        let span = narrowed(link.span, files);
        if span != primary && labels.last().is_none_or(|last| last.span != span) {
            labels.push(Label { span, text: link.step.to_string().into() });
        }
    }
    labels
}

/// A span that is good to look at: one that covers many lines is cut to its first, and begins with the name that stands
/// before it where that line is no more than an opening bracket.
fn narrowed(span: Span, files: &[Arc<SourceFile>]) -> Span {
    let Some(file) = files.iter().find(|file| file.id() == span.file) else { return span };
    let text = file.slice(span);
    let Some(end) = text.find('\n') else { return span };
    let first = text[..end].trim_end();
    let line = span.slice(0, first.len());
    if first.len() > 1 {
        return line;
    }
    let before = file.text().get(..span.range().start).unwrap_or_default();
    let before = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    let named = u32::try_from(before.trim_start().len()).unwrap_or_default();
    Span { start: line.start.saturating_sub(named), ..line }
}

/// The key of a block mapping, for what is missing in it: the mapping itself begins with an entry that has nothing to do
/// with that. Of anything else, the span that is good to look at.
fn named(span: Span, files: &[Arc<SourceFile>]) -> Span {
    let key = || {
        let file = files.iter().find(|file| file.id() == span.file)?;
        let before = file.text().get(..span.range().start)?;
        // Nothing but white space stands before the first entry of a block mapping, and its key on a line above, perhaps
        // with a comment.
        let (above, own) = before.rsplit_once('\n')?;
        let above = above.trim_end();
        let start = above.rfind('\n').map_or(0, |at| at + 1);
        let line = above[start..].split(" #").next()?.trim_end();
        if !own.trim().is_empty() || !line.ends_with(':') {
            return None;
        }
        let name = line.trim_start().trim_start_matches("- ").trim_start();
        let end = start + line.len();
        Some(Span::new(span.file, end - name.len()..end))
    };
    key().unwrap_or_else(|| narrowed(span, files))
}

/// The message with what the named attributes are worth. An address is never cut: without its end it names nothing.
pub(crate) fn message(template: &str, names: &[&str], texts: &[Arc<str>]) -> String {
    let mut message = String::with_capacity(template.len());
    let mut rest = template;
    for (name, text) in names.iter().zip(texts) {
        let Some((before, after)) = rest.split_once(&format!("{{{name}}}")) else { continue };
        message.push_str(before);
        match *name {
            "address" => message.push_str(text),
            _ => message.push_str(&shortened(text)),
        }
        rest = after;
    }
    message + rest
}

/// A value that fits into a message: of a list the first elements, of other text the beginning.
fn shortened(text: &str) -> Cow<'_, str> {
    if text.chars().count() <= MAX_VALUE {
        return text.into();
    }
    let items: Vec<&str> = text.split(", ").collect();
    let mut length = 0;
    let shown = items.iter().take_while(|item| {
        length += item.chars().count() + 2;
        length <= MAX_VALUE
    });
    match shown.count() {
        0 => text.chars().take(MAX_VALUE - 3).chain("...".chars()).collect::<String>().into(),
        shown => format!("{} and {} more", items[..shown].join(", "), items.len() - shown).into(),
    }
}

/// What the worlds of a possible finding assume, in words.
pub(crate) fn words_of(worlds: &[Vec<Guard>]) -> Arc<str> {
    let mut ways: Vec<String> = Vec::new();
    for world in worlds {
        let words: Vec<&str> = world.iter().map(|guard| &*guard.words).collect();
        let way = words.join(" and ");
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    let more = ways.len().saturating_sub(3);
    ways.truncate(3);
    let mut words = format!("when {}", ways.join(", or "));
    if more > 0 {
        words.push_str(&format!(", or in {more} other cases"));
    }
    words.into()
}

/// Drops findings where a rule that says it better reports the same place or a part of it, as certainly. The resource may be
/// another one: a policy's line is the mistake, whoever holds the policy.
pub(crate) fn yield_to_better(findings: &mut Vec<Diagnostic>, registry: &Registry) {
    /// Where a rule reports something in a file, and whether for certain.
    type Said = BTreeMap<(Arc<str>, FileId), Vec<(Span, bool)>>;
    let mut said = Said::new();
    for (diagnostic, finding) in findings.iter().filter_map(|it| Some((it, it.finding()?))) {
        let is_certain = finding.certainty == Certainty::Certain;
        for span in places_of(diagnostic) {
            said.entry((Arc::clone(&diagnostic.id), span.file)).or_default().push((span, is_certain));
        }
    }
    for places in said.values_mut() {
        places.sort_unstable();
        places.dedup();
    }
    findings.retain(|diagnostic| {
        let Some(page) = registry.rule(&diagnostic.id).and_then(|rule| rule.page().ok()) else { return true };
        let own = diagnostic.primary.span;
        let only_possible = diagnostic.finding().is_some_and(|finding| finding.certainty != Certainty::Certain);
        !page.yields_to.iter().any(|better| {
            let Some(places) = said.get(&(Arc::clone(better), own.file)) else { return false };
            let near = places[..places.partition_point(|(span, _)| span.start <= own.end)].iter().rev();
            near.take(MAX_NEAR)
                .any(|(span, is_certain)| (span.contains(own) || own.contains(*span)) && (*is_certain || only_possible))
        })
    });
}

/// The places of the values that made it so.
fn places_of(diagnostic: &Diagnostic) -> impl Iterator<Item = Span> {
    let evidence = diagnostic.finding().map(|finding| finding.evidence.as_slice()).unwrap_or_default();
    std::iter::once(diagnostic.primary.span).chain(evidence.iter().map(|step| step.label.span))
}

/// Sorts by path, place, id and text.
pub(crate) fn sort(diagnostics: &mut [Diagnostic], sources: &Sources) {
    diagnostics.sort_by(|a, b| {
        let path = |diagnostic: &Diagnostic| sources.path(diagnostic.primary.span.file);
        path(a).cmp(&path(b)).then_with(|| a.sort_key().cmp(&b.sort_key())).then_with(|| a.cmp(b))
    });
}

/// How many places a note names beside the first.
const MAX_NOTED: usize = 4;

/// Makes one note of those that say the same: of all calls of one module that is not on this machine, for example. The
/// diagnostics must be sorted.
pub(crate) fn gather_notes(diagnostics: &mut Vec<Diagnostic>) {
    type Kind = (Arc<str>, String);
    let mut first: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut others: BTreeMap<usize, usize> = BTreeMap::new();
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(diagnostics.len());
    for diagnostic in diagnostics.drain(..) {
        let about = diagnostic.help.clone().filter(|_| diagnostic.subject == Subject::Note);
        let Some(about) = about else {
            kept.push(diagnostic);
            continue;
        };
        match first.entry((Arc::clone(&diagnostic.id), about)) {
            Entry::Vacant(entry) => {
                entry.insert(kept.len());
                kept.push(diagnostic);
            }
            Entry::Occupied(entry) => {
                let at = *entry.get();
                *others.entry(at).or_default() += 1;
                let related = &mut kept[at].related;
                if related.len() < MAX_NOTED {
                    related.push(Label { span: diagnostic.primary.span, text: "and here".into() });
                }
            }
        }
    }
    for (at, count) in others {
        let places = if count == 1 { "place" } else { "places" };
        kept[at].message.push_str(&format!(" (and the same at {count} other {places})"));
    }
    *diagnostics = kept;
}

/// Makes one finding of those that are one mistake: the same rule at the same place, in several instances of a block, through
/// several callers of a module, or in several units. Gives each its fingerprint, which until now is the text of its line. The
/// diagnostics must be sorted.
pub(crate) fn merge(diagnostics: &mut Vec<Diagnostic>, sources: &Sources) {
    let mut merged: Vec<Diagnostic> = Vec::with_capacity(diagnostics.len());
    for diagnostic in diagnostics.drain(..) {
        let same = merged.last_mut().filter(|last| {
            last.id == diagnostic.id
                && last.primary.span == diagnostic.primary.span
                && last.finding().is_some() == diagnostic.finding().is_some()
        });
        match same {
            Some(last) => absorb(last, diagnostic),
            None => merged.push(diagnostic),
        }
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for diagnostic in &mut merged {
        let path = sources.path(diagnostic.primary.span.file).to_string_lossy().replace('\\', "/");
        let id = Arc::clone(&diagnostic.id);
        let Subject::Finding(finding) = &mut diagnostic.subject else { continue };
        finding.instances.sort();
        finding.instances.dedup();
        // Neither line nor column: moving lines keeps the fingerprint. The ordinal tells equal lines apart.
        let (resource, line) = (&finding.resource, &finding.fingerprint);
        let key = format!("{id}\n{path}\n{}\n{}\n{line}", resource.native_type, resource.name);
        let ordinal = seen.entry(key.clone()).or_default();
        finding.fingerprint = hexadecimal(&Sha256::digest(format!("{key}\n{ordinal}")));
        *ordinal += 1;
    }
    *diagnostics = merged;
}

fn absorb(into: &mut Diagnostic, other: Diagnostic) {
    let (Subject::Finding(kept), Subject::Finding(found)) = (&mut into.subject, other.subject) else {
        // The same error or note from several units is one.
        if into.message != other.message {
            into.related.push(Label { span: other.primary.span, text: other.message.into() });
        }
        return;
    };
    kept.instances.extend(found.instances);
    if found.certainty == Certainty::Certain {
        kept.certainty = Certainty::Certain;
    }
    // A policy document is judged where it is used as well: the resource that uses it is the one to name.
    if !kept.resource.managed && found.resource.managed {
        kept.resource = found.resource;
    }
}

/// The text of the line that a span starts on, with white space evened out.
pub(crate) fn line_of(span: Span, files: &[Arc<SourceFile>]) -> String {
    let Some(file) = files.iter().find(|file| file.id() == span.file) else { return String::new() };
    let text = file.text();
    let Some((before, after)) = text.split_at_checked(span.start as usize) else { return String::new() };
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = after.find('\n').map_or(text.len(), |at| before.len() + at);
    text[start..end].split_whitespace().collect::<Vec<_>>().join(" ")
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(choice: &str, taken: &str) -> Guard {
        Guard { choice: choice.into(), taken: taken.into(), words: format!("{choice} is {taken}").into() }
    }

    #[test]
    fn worlds_in_words_are_few() {
        let world = |env: &str| vec![guard("var.env", env), guard("var.open", "true")];
        let one = words_of(&[world("dev")]);
        assert_eq!(&*one, "when var.env is dev and var.open is true");
        let many: Vec<Vec<Guard>> = ["a", "b", "c", "d", "e"].iter().map(|env| vec![guard("env", env)]).collect();
        assert_eq!(&*words_of(&many), "when env is a, or env is b, or env is c, or in 2 other cases");
        assert_eq!(&*words_of(&[many[0].clone(), many[0].clone()]), "when env is a");
    }

    #[test]
    fn a_message_takes_texts_in_turn_and_cuts_long_ones() {
        let texts: [Arc<str>; 2] = ["{b}".into(), "x".repeat(100).into()];
        let told = message("{a} and {b}", &["a", "b"], &texts);
        assert_eq!(told, format!("{{b}} and {}...", "x".repeat(77)));
    }
}
