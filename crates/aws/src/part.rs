//! Policies and their statements as subjects.
//!
//! In: the value of a policy where it is written. Out: a [`PolicyPart`] for each document or statement that it may be, under the
//! choices of the input. A policy that cannot be read is one of which nothing is known, and a diagnostic.

use std::any::Any;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::Candidate;
use terravet_model::{Body, Derivable, Derivation, DerivedPart, Subject};
use terravet_policy::{Document, PolicyError, Statement};
use terravet_schema::DerivationSignature;
use terravet_source::Span;

use crate::permissions::UsedDocuments;
use crate::statements;

/// The derivation whose subjects are statements.
pub(crate) const STATEMENTS: &str = "policy_statements";
/// The derivation whose subjects are documents. A subject that is a resource stands for all policies that it has been given.
pub(crate) const DOCUMENTS: &str = "policy_documents";

/// What a policy does where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyUse {
    /// Says what a user, group or role may do.
    Identity,
    /// Says who may use a resource.
    Resource,
    /// Says who may assume a role.
    Trust,
    /// Bounds what others allow (boundaries, service and resource control policies, endpoint policies).
    Boundary,
    /// A document that is not attached here.
    Document,
}

/// The words for the uses of a policy, in the order of the uses.
const ROLES: [&str; 5] = ["identity", "resource", "trust", "boundary", "document"];

impl PolicyUse {
    const ALL: [Self; 5] = [Self::Identity, Self::Resource, Self::Trust, Self::Boundary, Self::Document];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        ROLES[self as usize]
    }

    /// The use for which this is the word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy_use| policy_use.as_str() == word)
    }
}

/// A policy that a resource holds, or one statement of it.
#[derive(Clone, Debug)]
pub struct PolicyPart {
    /// The policy.
    pub document: Arc<Document>,
    /// The statement; none for the policy as a whole.
    pub statement: Option<Arc<Statement>>,
    /// What the policy does where it stands.
    pub policy_use: PolicyUse,
}

impl PolicyPart {
    /// What of a policy a subject is.
    #[must_use]
    pub fn of(subject: &Subject) -> Option<&Self> {
        subject.derived()
    }
}

impl DerivedPart for PolicyPart {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn place(&self) -> Option<Span> {
        self.statement.as_ref().map_or(&self.document.value, |statement| &statement.value).span()
    }
}

/// The ways to derive parts from policies.
pub(crate) fn derivations() -> Vec<Derivation> {
    let of =
        |name, doc, facts, run| Derivation { signature: DerivationSignature { name, doc, roles: &ROLES, facts }, run };
    let (statements_doc, documents_doc) = ("the statements of a policy", "a policy as a whole");
    vec![
        of(STATEMENTS, statements_doc, statements::of_statements(), |it| derive(&it, true)),
        of(DOCUMENTS, documents_doc, statements::of_documents(), |it| derive(&it, false)),
    ]
}

fn derive(from: &Derivable<'_>, into_statements: bool) -> Vec<Subject> {
    let mut found = Vec::new();
    let Some(policy_use) = PolicyUse::named(from.role) else { return found };
    if policy_use == PolicyUse::Document && from.model.pass::<UsedDocuments>().0.contains(&from.resource) {
        // It is looked at where it is used, as what it is there.
        return found;
    }
    for (when, value) in from.values.iter().filter(|(_, value)| !value.is_unset()) {
        let reading = terravet_policy::read(value);
        let start = Span::start_of(from.model.graph.file);
        from.model.report(reading.errors.iter().map(|error| unreadable(error, start)));
        for document in reading.documents {
            let Some(when) = Candidate::join(when, &document.when) else { continue };
            let document = Arc::new(document);
            let part = |statement: Option<Statement>| {
                let statement = statement.map(Arc::new);
                Body::Derived(Arc::new(PolicyPart { document: Arc::clone(&document), statement, policy_use }))
            };
            if !into_statements {
                found.push(Subject { resource: from.resource, body: part(None), when });
                continue;
            }
            for statement in document.statements.iter() {
                let Some(when) = Candidate::join(&when, &statement.when) else { continue };
                found.push(Subject { resource: from.resource, body: part(Some(statement.clone())), when });
            }
            if !document.statements.complete {
                // There may be more, of which nothing can be told.
                let more = Statement::unknown(&document.statements.value);
                found.push(Subject { resource: from.resource, body: part(Some(more)), when });
            }
        }
    }
    found
}

/// The diagnostic for a policy that cannot be read.
fn unreadable(error: &PolicyError, start: Span) -> Diagnostic {
    Diagnostic::error("policy-syntax", error.span().unwrap_or(start), error.to_string())
        .with_help("no rule can read this policy; fix its syntax")
}
