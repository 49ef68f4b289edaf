//! Policy documents as IAM reads them.
//!
//! In: an object with the elements of a policy. Out: [`Document`], with [`Statement`]s whose elements are lists throughout.
//! Element names are case-sensitive, as in IAM
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>).
//!
//! Invariant: nothing is invented. What is unknown stays a value that says so, or makes its [`Listing`] incomplete. Whether
//! IAM would accept the document is not checked.

use std::fmt;
use std::sync::Arc;

use terravet_graph::{Candidate, Data, Guard, Truth, Type, Value, Why};

use crate::condition::Condition;
use crate::judgement::Judgement;
use crate::listing::{Listing, Values};

/// A policy document.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// When it is this one: the open choices under which the policy is this document. Empty where it certainly is.
    pub when: Vec<Guard>,
    /// The whole document.
    pub value: Value,
    /// `Version`.
    pub version: Value,
    /// `Id`.
    pub id: Value,
    /// `Statement`.
    pub statements: Listing<Statement>,
}

/// A statement of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The open choices under which it is there. Empty where it certainly is.
    pub when: Vec<Guard>,
    /// The whole statement.
    pub value: Value,
    /// `Sid`.
    pub sid: Value,
    /// `Effect`.
    pub effect: Value,
    /// `Principal`.
    pub principals: Listing<Principal>,
    /// `NotPrincipal`.
    pub not_principals: Listing<Principal>,
    /// `Action`.
    pub actions: Values,
    /// `NotAction`.
    pub not_actions: Values,
    /// `Resource`.
    pub resources: Values,
    /// `NotResource`.
    pub not_resources: Values,
    /// `Condition`, all of which must hold.
    pub conditions: Listing<Condition>,
}

/// One principal of a statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Principal {
    /// What kind it is.
    pub kind: PrincipalKind,
    /// Its ARN, id or name.
    pub value: Value,
}

/// The kind of a principal
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalKind {
    /// `"Principal": "*"`: everyone, signed in or not. For resource-based policies `{"AWS": "*"}` is the same.
    Any,
    /// An account, role, user or session.
    Aws,
    /// A service of AWS.
    Service,
    /// A web identity or SAML provider.
    Federated,
    /// An account by its canonical id (S3).
    CanonicalUser,
    /// Something that IAM does not know.
    Other(Arc<str>),
}

impl PrincipalKind {
    /// The key under which such principals are written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Any => "*",
            Self::Aws => "AWS",
            Self::Service => "Service",
            Self::Federated => "Federated",
            Self::CanonicalUser => "CanonicalUser",
            Self::Other(name) => name,
        }
    }

    fn new(name: &Arc<str>) -> Self {
        match &**name {
            "*" => Self::Any,
            "AWS" => Self::Aws,
            "Service" => Self::Service,
            "Federated" => Self::Federated,
            "CanonicalUser" => Self::CanonicalUser,
            _ => Self::Other(Arc::clone(name)),
        }
    }
}

impl fmt::Display for PrincipalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Document {
    /// The document that an object is.
    #[must_use]
    pub fn of_object(value: &Value) -> Self {
        Self {
            when: Vec::new(),
            version: value.get("Version"),
            id: value.get("Id"),
            statements: read_statements(&value.get("Statement")),
            value: value.clone(),
        }
    }

    /// A document of which nothing is known.
    #[must_use]
    pub fn unknown(value: &Value) -> Self {
        let open = |value: &Value| {
            let why = value.as_unknown().map_or(Why::Error, |unknown| unknown.why.clone());
            Value { origin: value.origin.clone(), ..Value::unknown(why, Type::Any) }
        };
        Self {
            when: Vec::new(),
            version: open(value),
            id: open(value),
            statements: Listing::unknown(open(value)),
            value: value.clone(),
        }
    }

    /// One document with the statements of several, as when they are attached to one principal: IAM looks at all of them
    /// together (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>). The
    /// statements of a document that depends on open choices are possible ones.
    #[must_use]
    pub fn union<'d>(value: &Value, documents: impl IntoIterator<Item = &'d Document>) -> Self {
        let mut union = Self::of_object(&Value { origin: value.origin.clone(), ..Value::object([]) });
        union.value = value.clone();
        for document in documents {
            let from = &document.statements;
            let into = &mut union.statements;
            into.present = into.present.or(from.present);
            into.complete &= from.complete;
            if document.when.is_empty() {
                into.items.extend(from.items.iter().cloned());
                into.possible.extend(from.possible.iter().cloned());
            } else {
                into.possible.extend(from.iter().cloned().map(|statement| statement.under(&document.when)));
            }
        }
        union
    }
}

impl Statement {
    /// The statement that an object is.
    #[must_use]
    pub fn of_object(value: &Value) -> Self {
        Self {
            when: Vec::new(),
            sid: value.get("Sid"),
            effect: value.get("Effect"),
            principals: read_principals(&value.get("Principal")),
            not_principals: read_principals(&value.get("NotPrincipal")),
            actions: Values::read(&value.get("Action")),
            not_actions: Values::read(&value.get("NotAction")),
            resources: Values::read(&value.get("Resource")),
            not_resources: Values::read(&value.get("NotResource")),
            conditions: read_conditions(&value.get("Condition")),
            value: value.clone(),
        }
    }

    /// A statement of which nothing is known: it stands for those that a list may have beyond what is known of it.
    #[must_use]
    pub fn unknown(value: &Value) -> Self {
        let why = value
            .as_unknown()
            .map_or(Why::Other("whether there are more statements is not known".into()), |it| it.why.clone());
        Self::of_object(&Value { origin: value.origin.clone(), ..Value::unknown(why, Type::Any) })
    }

    /// Whether its effect is `Allow`.
    #[must_use]
    pub fn is_allow(&self) -> Truth {
        self.has_effect("Allow")
    }

    /// Whether its effect is `Deny`.
    #[must_use]
    pub fn is_deny(&self) -> Truth {
        self.has_effect("Deny")
    }

    fn has_effect(&self, effect: &str) -> Truth {
        let is = |value: &Value| match &value.data {
            Data::Unknown(_) => Truth::Unknown,
            _ => Truth::from(value.as_str() == Some(effect)),
        };
        match self.effect.as_unknown() {
            Some(unknown) if !unknown.candidates.is_empty() => {
                crate::pattern::agreed(unknown.candidates.iter().map(|candidate| is(&candidate.value)))
            }
            _ => is(&self.effect),
        }
    }

    /// The statement as it is under further open choices.
    pub(crate) fn under(mut self, when: &[Guard]) -> Self {
        // Contradicting guards mean that it is never there; keeping it as possible errs on the side of silence.
        self.when = Candidate::join(&self.when, when).unwrap_or_else(|| when.to_vec());
        self
    }

    /// That it allows, and `what` holds.
    pub(crate) fn allows(&self, what: impl FnOnce() -> Judgement) -> Judgement {
        self.with_effect(self.is_allow(), what)
    }

    /// That it denies, and `what` holds.
    pub(crate) fn denies(&self, what: impl FnOnce() -> Judgement) -> Judgement {
        self.with_effect(self.is_deny(), what)
    }

    fn with_effect(&self, effect: Truth, what: impl FnOnce() -> Judgement) -> Judgement {
        if effect.is_false() {
            return Judgement::no();
        }
        let effect = if effect.is_true() { effect.into() } else { Judgement::of(effect, &self.effect) };
        effect.and(what()).blaming(&self.value)
    }
}

fn read_statements(value: &Value) -> Listing<Statement> {
    Listing::of(value, read_known_statements, Statement::under)
}

fn read_known_statements(value: &Value) -> Listing<Statement> {
    let mut list = Listing::known(value.clone(), Vec::new());
    for element in value.elements() {
        match &element.data {
            Data::Map(_) | Data::Object(_) => list.items.push(Statement::of_object(&element)),
            Data::Unknown(unknown) if !unknown.candidates.is_empty() => {
                for candidate in &unknown.candidates {
                    match &candidate.value.data {
                        Data::Map(_) | Data::Object(_) => {
                            let statement = Statement::of_object(&element.part(&candidate.value));
                            list.possible.push(statement.under(&candidate.when));
                        }
                        Data::Absent | Data::Null(_) => {}
                        _ => list.complete = false,
                    }
                }
            }
            Data::Unknown(_) => list.complete = false,
            // IAM refuses anything else; there is no statement in it.
            _ => {}
        }
    }
    list
}

fn read_principals(value: &Value) -> Listing<Principal> {
    Listing::of(value, read_known_principals, |principal, _| principal)
}

fn read_known_principals(value: &Value) -> Listing<Principal> {
    let mut list = Listing::known(value.clone(), Vec::new());
    let Some(entries) = value.as_entries() else {
        // Only "*" is allowed as plain text, and IAM refuses the rest.
        let kind = |value: &Value| if value.as_str() == Some("*") { PrincipalKind::Any } else { PrincipalKind::Aws };
        list.items.extend(value.elements().into_iter().map(|value| Principal { kind: kind(&value), value }));
        return list;
    };
    for name in entries.keys() {
        let values = Values::read(&value.get(name));
        let principal = |value| Principal { kind: PrincipalKind::new(name), value };
        list.items.extend(values.items.into_iter().map(principal));
        list.possible.extend(values.possible.into_iter().map(principal));
        list.complete &= values.complete;
    }
    list
}

fn read_conditions(value: &Value) -> Listing<Condition> {
    Listing::of(value, read_known_conditions, |condition, _| condition)
}

fn read_known_conditions(value: &Value) -> Listing<Condition> {
    let mut list = Listing::known(value.clone(), Vec::new());
    let Some(operators) = value.as_entries() else { return list };
    for operator in operators.keys() {
        let keys = value.get(operator);
        if keys.is_unknown() {
            list.complete = false;
            continue;
        }
        for key in keys.as_entries().into_iter().flat_map(|entries| entries.keys()) {
            let value = keys.get(key);
            let values = Values::read(&value);
            let chosen = value.as_unknown().is_some_and(|unknown| !unknown.candidates.is_empty());
            let present = values.present;
            let condition = Condition { operator: Arc::clone(operator), key: Arc::clone(key), values };
            match present {
                Truth::False => {}
                // What merely might be null is taken to be a value: IAM refuses a condition of null.
                Truth::Unknown if chosen => list.possible.push(condition),
                Truth::True | Truth::Unknown => list.items.push(condition),
            }
        }
    }
    list
}
