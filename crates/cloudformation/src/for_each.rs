//! `Fn::ForEach`: loops over keys.
//!
//! In: the one form of a template, and what is known of its parameters and mappings. Out: the same without loops; what a loop
//! makes has the places of its source. A loop over something that is not known makes nothing, and a note says so.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html>.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Data, Value};
use terravet_source::Span;
use terravet_yaml::{Entry, Node, NodeKind, Style};

use crate::evaluate::{Evaluator, as_text, function};
use crate::names::is_pseudo;
use crate::sections::{kind_of, text_of};
use crate::template::LANGUAGE_EXTENSIONS;

/// What the key of a loop begins with.
pub(crate) const FOR_EACH: &str = "Fn::ForEach";
/// The functions that give no list before the resources are there.
const NOT_COLLECTIONS: [&str; 3] = ["Fn::GetAtt", "Fn::GetAZs", "Fn::ImportValue"];
/// The most nodes that the loops of one template make.
const MAX_NODES: usize = 1_000_000;

/// Expands all loops.
pub(crate) fn expand(root: &Node, evaluator: &Evaluator<'_>, diagnostics: &mut Vec<Diagnostic>) -> Node {
    if !evaluator.template.texts().any(|text| text.contains(FOR_EACH)) {
        return root.clone();
    }
    Expander { evaluator, diagnostics, nodes: 0, full: false }.node(root)
}

/// The entries of a map that is being made.
#[derive(Default)]
struct Out {
    entries: Vec<Entry>,
    seen: BTreeMap<Arc<str>, Seen>,
}

/// Where a key stands first.
struct Seen {
    span: Span,
    /// Whether a loop made it.
    looped: bool,
    /// Whether it has been reported that it is there again.
    reported: bool,
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
                let mut out = Out::default();
                self.entries(entries, false, &mut out);
                NodeKind::Mapping(out.entries.into())
            }
        };
        Node { kind, span: node.span, tag: None }
    }

    fn entries(&mut self, entries: &[Entry], looped: bool, out: &mut Out) {
        for entry in entries {
            let key = entry.key.as_str().unwrap_or_default();
            if key.strip_prefix(FOR_EACH).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")) {
                self.repeat(entry, out);
            } else {
                let value = self.node(&entry.value);
                self.push(Entry { key: entry.key.clone(), value }, looped, out);
            }
        }
    }

    /// Adds what one loop makes.
    fn repeat(&mut self, entry: &Entry, out: &mut Out) {
        if self.full {
            return;
        }
        let place = entry.key.span;
        if !self.evaluator.template.has_transform(LANGUAGE_EXTENSIONS) {
            self.refuse(place, "Fn::ForEach needs a transform", format!("add `Transform: {LANGUAGE_EXTENSIONS}`"));
        }
        let name = entry.key.as_str().and_then(|key| key.strip_prefix(FOR_EACH)?.strip_prefix("::"));
        if name.is_none_or(|name| name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
            let message = "a loop has a name of letters and digits after `Fn::ForEach::`";
            self.refuse(place, message, "write `Fn::ForEach::Name`, with a name of its own for each loop");
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
        if self.evaluator.template.parameter(name).is_some() {
            let message = format!("{name} is a parameter, and cannot stand for each member as well");
            self.refuse(identifier.span, message, "give the members another name");
        }
        let Some(items) = self.items(collection) else { return };
        for item in items {
            let mut substitution = Substitution { name, item: &item, made: 0 };
            let entries: Vec<Entry> = body_entries.iter().map(|entry| substitution.entry(entry)).collect();
            self.nodes += substitution.made;
            if self.nodes > MAX_NODES {
                return self.refuse_size(place);
            }
            self.entries(&entries, true, out);
        }
    }

    fn refuse_size(&mut self, place: Span) {
        if !self.full {
            self.full = true;
            let message = format!("the loops of the template make more than {MAX_NODES} values");
            let help = "what they make beyond that was not judged; loop over fewer members";
            self.diagnostics.push(Diagnostic::error("cloudformation-limit", place, message).with_help(help));
        }
    }

    /// Adds an entry; a key that a loop makes and that is there already is reported once.
    fn push(&mut self, entry: Entry, looped: bool, out: &mut Out) {
        let key: Arc<str> = entry.key.as_str().unwrap_or_default().into();
        match out.seen.get_mut(&key) {
            Some(first) if (looped || first.looped) && !first.reported => {
                first.reported = true;
                let message = format!("Fn::ForEach makes the key `{key}`, which is there already");
                let diagnostic = Diagnostic::error("cloudformation-loop", entry.key.span, message)
                    .with_related(first.span, "it stands here before")
                    .with_help("write ${Name} into the key, so that it differs from member to member");
                self.diagnostics.push(diagnostic);
            }
            Some(_) => {}
            None => {
                out.seen.insert(key, Seen { span: entry.key.span, looped, reported: false });
            }
        }
        out.entries.push(entry);
    }

    /// Whether a reference leads to no parameter.
    fn is_undeclared(&self, argument: &Node) -> bool {
        text_of(argument).is_some_and(|name| self.evaluator.template.parameter(name).is_none() && !is_pseudo(name))
    }

    /// The members to loop over; none where they are not known or no list, which is reported.
    fn items(&mut self, collection: &Node) -> Option<Vec<Arc<str>>> {
        if let Some((name, argument)) = function(collection)
            && (NOT_COLLECTIONS.contains(&name) || (name == "Ref" && self.is_undeclared(argument)))
        {
            let message = format!("{name} cannot stand here: what a loop goes over is settled before any resource");
            self.refuse(collection.span, message, "write a list, or refer to a parameter that is one");
            return None;
        }
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
