//! Reading the fields of a front matter, with errors at the exact place.
//!
//! In: a mapping and the keys that it may have. Out: each field in its type; what is missing, unknown or of another type
//! is collected and given by [`Fields::finish`].

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use terravet_diagnostics::{Diagnostic, did_you_mean};
use terravet_source::{SourceFile, Span};
use terravet_yaml::{Node, Resolved};

use crate::page::FixValue;

/// The fields of one mapping.
pub(crate) struct Fields {
    node: Node,
    errors: Vec<Diagnostic>,
}

impl Fields {
    /// The front matter of a page.
    pub(crate) fn parse(
        file: &SourceFile,
        range: std::ops::Range<usize>,
        keys: &[&str],
    ) -> Result<Self, Vec<Diagnostic>> {
        let (id, start) = (file.id(), range.start);
        let at = move |part: std::ops::Range<usize>| Span::new(id, part.start + start..part.end + start);
        let parsed = terravet_yaml::parse_yaml_text(&file.text()[range.clone()], at);
        let mut fields = Self {
            node: parsed.documents.into_iter().next().unwrap_or_else(|| Node::null(Span::new(id, range))),
            errors: parsed.diagnostics,
        };
        if !fields.errors.is_empty() {
            return Err(fields.errors);
        }
        fields.check_keys(keys);
        Ok(fields)
    }

    /// The mapping below a key, if it is there.
    pub(crate) fn nested(&mut self, key: &str, keys: &[&str]) -> Option<Self> {
        let node = self.node.get(key)?.clone();
        let mut nested = Self { node, errors: Vec::new() };
        nested.check_keys(keys);
        Some(nested)
    }

    /// Takes over the errors of a nested mapping.
    pub(crate) fn absorb(&mut self, nested: Self) {
        self.errors.extend(nested.errors);
    }

    fn check_keys(&mut self, keys: &[&str]) {
        let Some(entries) = self.node.as_mapping() else {
            self.errors.push(Diagnostic::error(
                "rule-page",
                self.node.span,
                "a mapping of keys to values is needed here",
            ));
            return;
        };
        let unknown = entries.iter().filter(|entry| !entry.key.as_str().is_some_and(|key| keys.contains(&key)));
        let errors: Vec<Diagnostic> = unknown
            .map(|entry| {
                let key = entry.key.as_str().unwrap_or("this");
                let help = did_you_mean(key, keys.iter().copied());
                Diagnostic::error("rule-page", entry.key.span, format!("`{key}` is not a key of a rule page"))
                    .with_help(help.unwrap_or_else(|| format!("the keys are {}", keys.join(", "))))
            })
            .collect();
        self.errors.extend(errors);
    }

    /// Where the mapping stands.
    pub(crate) fn span(&self) -> Span {
        self.node.span
    }

    /// Where the value of a key stands; the mapping where the key is missing.
    pub(crate) fn place(&self, key: &str) -> Span {
        self.node.get(key).map_or(self.node.span, |node| node.span)
    }

    /// Adds an error at a key, or at the mapping where the key is missing.
    pub(crate) fn refuse(&mut self, key: &str, message: impl Into<String>) {
        self.errors.push(Diagnostic::error("rule-page", self.place(key), message));
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, key: &str) -> (Arc<str>, Span) {
        match self.optional_text(key) {
            Some(found) => found,
            None => {
                if self.node.get(key).is_none() {
                    self.refuse(key, format!("the key `{key}` is missing"));
                }
                (Arc::from(""), self.node.span)
            }
        }
    }

    /// A text that may be there.
    pub(crate) fn optional_text(&mut self, key: &str) -> Option<(Arc<str>, Span)> {
        let node = self.node.get(key)?;
        match node.as_str() {
            Some(text) => Some((text.into(), node.span)),
            None => {
                self.refuse(key, format!("`{key}` must be text"));
                None
            }
        }
    }

    /// A value that is read from text.
    pub(crate) fn parsed<T: FromStr<Err: Display>>(&mut self, key: &str, otherwise: T) -> T {
        let (text, _) = self.text(key);
        if text.is_empty() {
            return otherwise;
        }
        match text.parse() {
            Ok(value) => value,
            Err(error) => {
                self.refuse(key, error.to_string());
                otherwise
            }
        }
    }

    /// A value that may be there, read from text.
    pub(crate) fn optional_parsed<T: FromStr<Err: Display>>(&mut self, key: &str) -> Option<T> {
        let (text, _) = self.optional_text(key)?;
        text.parse().map_err(|error: T::Err| self.refuse(key, error.to_string())).ok()
    }

    /// Whether the value of a key is a mapping.
    pub(crate) fn is_mapping(&self, key: &str) -> bool {
        self.node.get(key).is_some_and(|node| node.as_mapping().is_some())
    }

    /// A list of texts; none is an empty list.
    pub(crate) fn texts(&mut self, key: &str) -> Vec<Arc<str>> {
        let Some(node) = self.node.get(key) else { return Vec::new() };
        let texts: Option<Vec<Arc<str>>> =
            node.as_sequence().and_then(|items| items.iter().map(|item| item.as_str().map(Arc::from)).collect());
        if texts.is_none() {
            self.refuse(key, format!("`{key}` must be a list of texts"));
        }
        texts.unwrap_or_default()
    }

    /// Whether something is said to be so; what is not said is not so.
    pub(crate) fn flag(&mut self, key: &str) -> bool {
        let Some(node) = self.node.get(key) else { return false };
        let flag = match node.as_str() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        };
        if flag.is_none() {
            self.refuse(key, format!("`{key}` must be true or false"));
        }
        flag.unwrap_or_default()
    }

    /// A mapping of texts to texts; none is an empty one.
    pub(crate) fn table(&mut self, key: &str) -> Vec<(Arc<str>, Arc<str>)> {
        let Some(node) = self.node.get(key) else { return Vec::new() };
        let rows: Option<Vec<(Arc<str>, Arc<str>)>> = node.as_mapping().and_then(|entries| {
            entries.iter().map(|entry| Some((entry.key.as_str()?.into(), entry.value.as_str()?.into()))).collect()
        });
        if rows.is_none() {
            self.refuse(key, format!("`{key}` must be a mapping of texts"));
        }
        rows.unwrap_or_default()
    }

    /// A value for a fix.
    pub(crate) fn value(&mut self, key: &str) -> Option<FixValue> {
        let node = self.node.get(key)?;
        let text = node.as_str();
        let value = match (node.resolve(), text) {
            (Some(Resolved::Bool(flag)), _) => Some(FixValue::Bool(flag)),
            (Some(Resolved::Integer(_) | Resolved::Float(_)), Some(text)) => Some(FixValue::Number(text.into())),
            (Some(Resolved::String), Some(text)) => Some(FixValue::String(text.into())),
            _ => None,
        };
        if value.is_none() {
            self.refuse(key, format!("`{key}` must be true, false, a number or text"));
        }
        value
    }

    /// The errors, if there are any.
    pub(crate) fn finish(self) -> Result<(), Vec<Diagnostic>> {
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors) }
    }
}
