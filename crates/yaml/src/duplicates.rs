//! Keys that stand twice in one mapping.
//!
//! In: the entries of each mapping as it is closed, so that a mapping which aliases share is looked at once. Out: one
//! diagnostic for each key that stands there again, with both places.

use std::collections::BTreeMap;

use terravet_diagnostics::Diagnostic;

use crate::node::Entry;

/// The most duplicate keys of one text that are reported one by one.
const MAX_REPORTED: usize = 100;
/// Below this many entries, comparing all is quicker than a map.
const FEW: usize = 12;
/// The longest part of a key that is shown, in characters.
const MAX_SHOWN: usize = 60;

/// Collects duplicate keys.
pub(crate) struct DuplicateKeys {
    id: &'static str,
    found: Vec<Diagnostic>,
}

impl DuplicateKeys {
    pub(crate) fn new(id: &'static str) -> Self {
        Self { id, found: Vec::new() }
    }

    /// Looks at a mapping that is complete.
    pub(crate) fn check(&mut self, entries: &[Entry]) {
        if entries.len() <= FEW {
            for (at, entry) in entries.iter().enumerate() {
                let key = text_of(entry);
                if key.is_some()
                    && let Some(first) = entries[..at].iter().find(|before| text_of(before) == key)
                {
                    self.report(first, entry);
                }
            }
            return;
        }
        let mut seen: BTreeMap<&str, &Entry> = BTreeMap::new();
        for entry in entries {
            if let Some(key) = text_of(entry) {
                match seen.get(key) {
                    Some(first) => self.report(first, entry),
                    None => {
                        seen.insert(key, entry);
                    }
                }
            }
        }
    }

    fn report(&mut self, first: &Entry, again: &Entry) {
        if self.found.len() > MAX_REPORTED {
            return;
        }
        let (id, span) = (self.id, again.key.span);
        if self.found.len() == MAX_REPORTED {
            let message = format!("more than {MAX_REPORTED} keys stand twice; the rest are not listed");
            self.found.push(Diagnostic::error(id, span, message));
            return;
        }
        let key: String = again.key.as_str().unwrap_or_default().chars().take(MAX_SHOWN).collect();
        let diagnostic = Diagnostic::error(id, span, format!("the key `{key}` stands twice in one mapping"))
            .with_related(first.key.span, "it stands here before")
            .with_help("remove one of the two; readers take the last");
        self.found.push(diagnostic);
    }

    /// What was found, in the order of the text.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.found.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        self.found
    }
}

/// The text of a key that must be the only one of its name; a merge key may be there several times.
fn text_of(entry: &Entry) -> Option<&str> {
    entry.key.as_str().filter(|key| *key != "<<")
}
