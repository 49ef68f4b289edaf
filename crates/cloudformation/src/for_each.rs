//! `Fn::ForEach`: loops over keys.
//!
//! In: the one form of a template, and what is known of its parameters and mappings. Out: the same without loops; what a loop
//! makes has the places of its source. A loop over something that is not known makes nothing, and a note says so.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html>.

use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Data, Value};
use terravet_source::Span;
use terravet_yaml::{Entry, Node, NodeKind, Style};

use crate::evaluate::{Evaluator, as_text};
use crate::sections::{kind_of, text_of};
use crate::template::LANGUAGE_EXTENSIONS;

/// What the key of a loop begins with.
pub(crate) const FOR_EACH: &str = "Fn::ForEach";
/// The most nodes that the loops of one template make.
const MAX_NODES: usize = 1_000_000;

/// Expands all loops.
pub(crate) fn expand(root: &Node, evaluator: &Evaluator<'_>, diagnostics: &mut Vec<Diagnostic>) -> Node {
    if !evaluator.template.file.text().contains(FOR_EACH) {
        return root.clone();
    }
    Expander { evaluator, diagnostics, nodes: 0, full: false }.node(root)
}

struct Expander<'e, 't> {
    evaluator: &'e Evaluator<'t>,
    diagnostics: &'e mut Vec<Diagnostic>,
    nodes: usize,
    /// Whether the limit has been hit.
    full: bool,
}

impl Expander<'_, '_> {
    fn refuse(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error("cloudformation-loop", span, message).with_help(help));
    }

    fn node(&mut self, node: &Node) -> Node {
        let kind = match &node.kind {
            NodeKind::Scalar { .. } => return node.clone(),
            NodeKind::Sequence(items) => NodeKind::Sequence(items.iter().map(|item| self.node(item)).collect()),
            NodeKind::Mapping(entries) => {
                let mut out = Vec::with_capacity(entries.len());
                self.entries(entries, &mut out);
                NodeKind::Mapping(out.into())
            }
        };
        Node { kind, span: node.span, tag: None }
    }

    fn entries(&mut self, entries: &[Entry], out: &mut Vec<Entry>) {
        for entry in entries {
            let key = entry.key.as_str().unwrap_or_default();
            if key.strip_prefix(FOR_EACH).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")) {
                self.repeat(entry, out);
            } else {
                let value = self.node(&entry.value);
                out.push(Entry { key: entry.key.clone(), value });
            }
        }
    }

    /// Adds what one loop makes.
    fn repeat(&mut self, entry: &Entry, out: &mut Vec<Entry>) {
        let place = entry.key.span;
        if !self.evaluator.template.has_transform(LANGUAGE_EXTENSIONS) {
            self.refuse(place, "Fn::ForEach needs a transform", format!("add `Transform: {LANGUAGE_EXTENSIONS}`"));
        }
        let Some([identifier, collection, body]) = entry.value.as_sequence() else {
            let message = "Fn::ForEach takes three arguments: a name, a list, and what to repeat";
            return self.refuse(entry.value.span, message, "write [Name, [a, b], {\"Key${Name}\": …}]");
        };
        let Some(name) = text_of(identifier).filter(|name| !name.is_empty()) else {
            let message = format!("the first argument of Fn::ForEach is a name, and this is {}", kind_of(identifier));
            return self.refuse(identifier.span, message, "write the name that stands for each member");
        };
        let Some(body_entries) = body.as_mapping() else {
            let message = format!("the third argument of Fn::ForEach is a map, and this is {}", kind_of(body));
            return self.refuse(body.span, message, "write a key that holds ${Name}, with what to repeat");
        };
        let Some(items) = self.items(collection) else { return };
        let before = out.len();
        for item in items {
            let mut substitution = Substitution { name, item: &item, made: 0 };
            let entries: Vec<Entry> = body_entries.iter().map(|entry| substitution.entry(entry)).collect();
            self.nodes += substitution.made;
            if self.nodes > MAX_NODES {
                return self.refuse_size(place);
            }
            self.entries(&entries, out);
        }
        self.refuse_duplicates(before, out);
    }

    fn refuse_size(&mut self, place: Span) {
        if !self.full {
            self.full = true;
            let message = format!("the loops of the template make more than {MAX_NODES} values");
            let help = "what they make beyond that was not judged; loop over fewer members";
            self.diagnostics.push(Diagnostic::error("cloudformation-limit", place, message).with_help(help));
        }
    }

    fn refuse_duplicates(&mut self, from: usize, out: &[Entry]) {
        let mut seen: std::collections::BTreeMap<&str, Span> = std::collections::BTreeMap::new();
        let mut found = Vec::new();
        for (at, entry) in out.iter().enumerate() {
            let key = entry.key.as_str().unwrap_or_default();
            let first = *seen.entry(key).or_insert(entry.key.span);
            if at >= from && first != entry.key.span
                || at > from && out[from..at].iter().any(|other| other.key.as_str() == Some(key))
            {
                found.push((key.to_owned(), entry.key.span, first));
            }
        }
        found.dedup_by(|a, b| a.0 == b.0);
        for (key, span, first) in found {
            let diagnostic = Diagnostic::error(
                "cloudformation-loop",
                span,
                format!("Fn::ForEach makes the key `{key}`, which is there already"),
            )
            .with_related(first, "it stands here before")
            .with_help("write ${Name} into the key, so that it differs from member to member");
            self.diagnostics.push(diagnostic);
        }
    }

    /// The members to loop over; none where they are not known or no list, which is reported.
    fn items(&mut self, collection: &Node) -> Option<Vec<Arc<str>>> {
        let value = self.evaluator.value(collection);
        let Some(members) = value.as_items() else {
            if value.is_unknown() {
                let note =
                    Diagnostic::note("cloudformation-loop", collection.span, "it is not known what this loops over")
                        .with_help("what the loop makes was not judged; give its parameters a default or a value");
                self.diagnostics.push(note);
            } else {
                let message =
                    format!("the second argument of Fn::ForEach is a list, and this is {}", kind_of(collection));
                self.refuse(collection.span, message, "write a list, or refer to a parameter that is one");
            }
            return None;
        };
        let mut items = Vec::with_capacity(members.len());
        for member in members {
            match &member.data {
                // A list within the list, as a reference to a parameter gives it.
                Data::Tuple(inner) => items.extend(inner.iter().filter_map(text)),
                _ => match text(member) {
                    Some(item) => items.push(item),
                    None => {
                        let note = Diagnostic::note(
                            "cloudformation-loop",
                            collection.span,
                            "it is not known what this loops over",
                        )
                        .with_help("what the loop makes was not judged; give its parameters a default or a value");
                        self.diagnostics.push(note);
                        return None;
                    }
                },
            }
        }
        Some(items)
    }
}

fn text(value: &Value) -> Option<Arc<str>> {
    as_text(value)?.as_str().map(Arc::from)
}

/// Puts a member where the name of a loop stands.
struct Substitution<'s> {
    name: &'s str,
    item: &'s str,
    made: usize,
}

impl Substitution<'_> {
    fn entry(&mut self, entry: &Entry) -> Entry {
        Entry { key: self.node(&entry.key), value: self.node(&entry.value) }
    }

    fn node(&mut self, node: &Node) -> Node {
        self.made += 1;
        let kind = match &node.kind {
            NodeKind::Scalar { text, style } => match self.text(text) {
                Some(text) => NodeKind::Scalar { text, style: *style },
                None => return node.clone(),
            },
            NodeKind::Sequence(items) => NodeKind::Sequence(items.iter().map(|item| self.node(item)).collect()),
            NodeKind::Mapping(entries) => match entries.as_ref() {
                [only] if only.key.as_str() == Some("Ref") && only.value.as_str() == Some(self.name) => {
                    NodeKind::Scalar { text: self.item.into(), style: Style::DoubleQuoted }
                }
                entries => NodeKind::Mapping(entries.iter().map(|entry| self.entry(entry)).collect()),
            },
        };
        Node { kind, span: node.span, tag: None }
    }

    /// The text with the member in it; none where it does not hold the name. `&{Name}` takes only letters and digits of it.
    fn text(&self, text: &str) -> Option<Arc<str>> {
        let whole = format!("${{{}}}", self.name);
        let plain = format!("&{{{}}}", self.name);
        if !text.contains(&whole) && !text.contains(&plain) {
            return None;
        }
        let letters: String = self.item.chars().filter(char::is_ascii_alphanumeric).collect();
        Some(text.replace(&whole, self.item).replace(&plain, &letters).into())
    }
}
