//! Values that an outline led to, as if the call itself had.

use std::sync::Arc;

use terravet_graph::{Candidate, Content, Data, Entries, Mapping, Origin, Sequence, Step, Unknown, Value};
use terravet_source::{FileId, Span};

use super::Ignorance;

/// Where values of an outline belong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Home<'i> {
    /// The file of the outline.
    pub(crate) outline: FileId,
    /// What to show in the place of the outline: the header of the call.
    pub(crate) header: Span,
    /// What the outline does not know by itself.
    pub(crate) ignorance: &'i Ignorance,
}

impl Home<'_> {
    /// The value, with no place in the outline. What it is does not depend on choices that only the module knows of: it is not
    /// known then.
    pub(crate) fn value(self, value: &Value) -> Value {
        Value {
            data: self.data(&value.data),
            origin: Some(self.origin(value.origin.as_ref())),
            content: value.content.as_ref().map(|content| Arc::new(self.content(content))),
            sensitive: value.sensitive,
        }
    }

    /// The way without what lies in the outline. What was declared there is as if the header said it.
    fn origin(self, origin: Option<&Arc<Origin>>) -> Arc<Origin> {
        let written = || Origin::written(self.header);
        let Some(origin) = origin else { return written() };
        if origin.chain().all(|link| link.span.file != self.outline) {
            return Arc::clone(origin);
        }
        let links: Vec<&Origin> = origin.chain().collect();
        let mut way: Option<Arc<Origin>> = None;
        for link in links.into_iter().rev() {
            if link.span.file != self.outline {
                way = Some(Origin::then(link.span, link.step.clone(), way));
            } else if matches!(link.step, Step::VariableDefault(_) | Step::Resource(_)) {
                way = Some(Origin::then(self.header, link.step.clone(), way));
            }
        }
        way.unwrap_or_else(written)
    }

    fn data(self, data: &Data) -> Data {
        let items = |items: &[Value]| items.iter().map(|item| self.value(item)).collect::<Vec<_>>();
        let sequence = |list: &Sequence| Sequence { element: list.element.clone(), items: items(&list.items) };
        match data {
            Data::List(list) => Data::List(Arc::new(sequence(list))),
            Data::Set(list) => Data::Set(Arc::new(sequence(list))),
            Data::Tuple(list) => Data::Tuple(Arc::new(items(list))),
            Data::Map(map) => {
                let entries = self.entries(&map.entries);
                Data::Map(Arc::new(Mapping { element: map.element.clone(), entries }))
            }
            Data::Object(entries) => Data::Object(Arc::new(self.entries(entries))),
            Data::Unknown(unknown) if !unknown.candidates.is_empty() => {
                let candidate = |one: &Candidate| Candidate { when: one.when.clone(), value: self.value(&one.value) };
                let decided = unknown.candidates.iter().flat_map(|one| &one.when);
                let is_ours = decided.into_iter().any(|guard| self.ignorance.decides(&guard.choice));
                let candidates = unknown.candidates.iter().filter(|_| !is_ours).map(candidate).collect();
                Data::Unknown(Arc::new(Unknown { candidates, ..(**unknown).clone() }))
            }
            other => other.clone(),
        }
    }

    fn entries(self, entries: &Entries) -> Entries {
        entries.iter().map(|(name, value)| (Arc::clone(name), self.value(value))).collect()
    }

    fn content(self, content: &Content) -> Content {
        match content {
            Content::Pieces(pieces) => Content::Pieces(pieces.iter().map(|piece| self.value(piece)).collect()),
            Content::Json(value) => Content::Json(self.value(value)),
            Content::Encoded(value) => Content::Encoded(self.value(value)),
            Content::Open(unknown) => Content::Open(unknown.clone()),
        }
    }
}
