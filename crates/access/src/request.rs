//! One request: who calls, for what, and what is known of the rest of it.
//!
//! In: a [`Caller`] and a [`Target`]. Out: for each condition key what the request has there, as far as the code decides it:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>. What the code does not decide is open.

use std::sync::Arc;

use terravet_graph::{Resource, Value};
use terravet_policy::{Bound, Letters, Pattern};

use crate::names::{Names, Text, reason};
use crate::principals::Principal;
use crate::resources::Target;
use crate::table::{KEYS, Present, PrincipalKind};

/// Who calls.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Caller<'a> {
    /// A user or role of the code.
    Own(&'a Principal),
    /// Everyone, signed in or not.
    Everyone,
    /// Another account as a whole.
    Account(&'a str),
    /// A service of AWS.
    Service(&'a str),
    /// A principal of another account, by its ARN.
    Arn(&'a str),
    /// Who is signed in by an identity provider, by its ARN or name.
    Federated(&'a str),
    /// An account by its canonical id.
    Canonical(&'a str),
}

/// What a request has under a condition key.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Nothing.
    Absent,
    /// One of these texts.
    Known(Text),
    /// Something that the code does not decide, or nothing.
    Open {
        /// Whether it is certainly something.
        present: bool,
    },
    /// Something that is not known before apply.
    Unknown(Arc<str>),
}

/// A request.
pub(crate) struct Request<'a> {
    pub(crate) caller: Caller<'a>,
    pub(crate) target: &'a Target,
    /// The day of the request, as in `2026-01-31`.
    pub(crate) today: &'a str,
    /// What else the request says, by condition key.
    pub(crate) given: &'a [(&'a str, &'a str)],
}

/// The tags of a principal or resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tags {
    known: Vec<(Arc<str>, Text)>,
    /// Why there may be others.
    open: Option<Arc<str>>,
}

impl Tags {
    /// The tags of a resource, those that its provider adds among them.
    pub(crate) fn of(names: &Names<'_>, resource: &Resource) -> Self {
        let mut tags = Self::default();
        let provider = names.graph.provider_of(resource);
        let defaults = provider.map(|provider| provider.attributes.get("default_tags").elements()).unwrap_or_default();
        defaults.iter().for_each(|block| tags.add(names, &block.get("tags")));
        for attribute in ["tags", "Tags"] {
            tags.add(names, &resource.attributes.get(attribute));
        }
        tags
    }

    fn add(&mut self, names: &Names<'_>, value: &Value) {
        if value.is_unknown() {
            self.open = reason(value);
        }
        for item in value.as_items().unwrap_or_default() {
            match item.get("Key").as_str() {
                Some(key) => self.put(key, names.text(&item.get("Value"), Letters::Exact)),
                None => self.open = reason(item).or_else(|| Some("a tag is not known before apply".into())),
            }
        }
        for (key, entry) in value.as_entries().into_iter().flat_map(|entries| entries.iter()) {
            self.put(key, names.text(entry, Letters::Exact));
        }
    }

    fn put(&mut self, key: &str, text: Text) {
        self.known.retain(|(known, _)| !known.eq_ignore_ascii_case(key));
        self.known.push((key.into(), text));
    }

    fn get(&self, key: &str) -> Content {
        match (self.known.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)), &self.open) {
            (Some((_, text)), _) => Content::Known(text.clone()),
            (None, Some(why)) => Content::Unknown(Arc::clone(why)),
            (None, None) => Content::Absent,
        }
    }
}

fn known(pattern: Pattern) -> Content {
    Content::Known(Text { ways: vec![pattern], why: None, has_variable: false, shown: None })
}

fn text(text: &str) -> Content {
    known(Pattern::new(text, Letters::Exact))
}

impl Request<'_> {
    /// What it has under a key.
    pub(crate) fn content(&self, key: &str) -> Content {
        let lower = key.to_ascii_lowercase();
        if let Some((_, value)) = self.given.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)) {
            return text(value);
        }
        if let Some(tag) = lower.strip_prefix("aws:principaltag/") {
            return self.principal_tag(&key[key.len() - tag.len()..]);
        }
        if let Some(content) = self.resource_tag(key, &lower) {
            return content;
        }
        if let Some(content) = self.of_caller(&lower) {
            return content;
        }
        match &*lower {
            "aws:resourceaccount" => return known(self.target.account.pattern()),
            "aws:requestedregion" => match &self.target.region {
                Some(region) => return known(region.clone()),
                None => return Content::Open { present: true },
            },
            _ => {}
        }
        match KEYS.find(key) {
            Some(entry) => match (&entry.holds, entry.present) {
                (Some(holds), _) => text(holds),
                (None, Present::Always) => Content::Open { present: true },
                (None, Present::Sometimes) => Content::Open { present: false },
                (None, Present::Service) => self.of_calling_service(),
            },
            None => Content::Open { present: false },
        }
    }

    /// Keys that requests have which a service makes for somebody.
    fn of_calling_service(&self) -> Content {
        match self.caller {
            Caller::Everyone | Caller::Service(_) => Content::Open { present: false },
            _ => Content::Absent,
        }
    }

    fn principal_tag(&self, tag: &str) -> Content {
        match self.caller {
            // Session tags can be added when a role is assumed, and replace those of the role.
            Caller::Own(principal) => principal.tags.get(tag),
            Caller::Service(_) => Content::Absent,
            _ => Content::Open { present: false },
        }
    }

    fn resource_tag(&self, key: &str, lower: &str) -> Option<Content> {
        let prefix = KEYS.tags.keys.iter().find(|prefix| lower.starts_with(&prefix.to_ascii_lowercase()))?;
        // The tags of a bucket count where the bucket is set up for it, which is not in the code.
        let told = self.target.tags.as_ref().filter(|_| &*self.target.service != "s3");
        Some(told.map_or(Content::Open { present: false }, |tags| tags.get(&key[prefix.len()..])))
    }

    fn of_caller(&self, key: &str) -> Option<Content> {
        Some(match (key, self.caller) {
            ("aws:principalarn", Caller::Own(principal)) => known(principal.arn.clone()),
            ("aws:principalarn", Caller::Arn(arn)) => text(arn),
            ("aws:principalaccount" | "kms:calleraccount", Caller::Own(principal)) => {
                known(principal.account.pattern())
            }
            ("aws:principalaccount" | "kms:calleraccount", Caller::Account(id)) => text(id),
            ("aws:principalaccount" | "kms:calleraccount", Caller::Arn(arn)) => text(arn.split(':').nth(4)?),
            ("aws:principalarn" | "aws:principalaccount" | "kms:calleraccount", Caller::Service(_)) => Content::Absent,
            ("aws:principaltype", Caller::Own(principal)) => match principal.kind {
                PrincipalKind::User => text("User"),
                _ => text("AssumedRole"),
            },
            ("aws:principalisawsservice", Caller::Service(_)) => text("true"),
            // Requests that are not signed lack it.
            ("aws:principalisawsservice", Caller::Everyone) => Content::Open { present: false },
            ("aws:principalisawsservice", _) => text("false"),
            ("aws:principalservicename" | "aws:principalservicenameslist", Caller::Service(name)) => text(name),
            ("aws:principalservicename" | "aws:principalservicenameslist", Caller::Everyone) => {
                Content::Open { present: false }
            }
            ("aws:principalservicename" | "aws:principalservicenameslist", _) => Content::Absent,
            ("aws:username", Caller::Own(principal)) if principal.kind == PrincipalKind::User => {
                known(principal.name.clone())
            }
            ("aws:username", Caller::Own(_) | Caller::Service(_)) => Content::Absent,
            ("aws:userid", Caller::Own(principal)) => {
                let id = Pattern::fixed(format!("{}.unique_id", principal.address));
                match principal.kind {
                    PrincipalKind::User => known(id),
                    _ => known(id.then(Pattern::new(":", Letters::Exact)).then(Pattern::fixed("the session name"))),
                }
            }
            _ => return None,
        })
    }

    /// What a policy variable stands for.
    pub(crate) fn variable(&self, key: &str) -> Bound {
        match self.content(key) {
            Content::Absent => Bound::Missing,
            Content::Known(text) => match text.ways.as_slice() {
                [only] if text.why.is_none() => Bound::Text(only.clone()),
                _ => Bound::Open,
            },
            Content::Open { .. } | Content::Unknown(_) => Bound::Open,
        }
    }
}
