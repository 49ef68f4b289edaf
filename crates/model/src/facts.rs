//! Facts that need computing: functions on a subject, offered by kinds as attributes (`computed:`), and parts of subjects that need
//! deriving.
//!
//! In: a view, a subject, and the literal arguments of the condition. Out: a [`Fact`]: a value, mostly true, false
//! or unknown, with the values that made it so. The functions themselves stand in crates that know what they speak of, which hand
//! them over in a [`Catalog`].

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;

use terravet_graph::{Guard, ResourceId, Truth, Type, Value, Why};
use terravet_schema::{Argument, AttributeType, DerivationSignature, Kind, Literal, Need, Signature, Signatures};
use terravet_source::Span;

use crate::model::Model;
use crate::subject::Subject;
use crate::view::{Reading, View};

/// What a fact function finds.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The value of the fact.
    pub value: Value,
    /// The values that show it.
    pub evidence: Vec<Value>,
}

impl Fact {
    /// A truth value, shown by these values.
    #[must_use]
    pub fn truth(truth: Truth, evidence: Vec<Value>) -> Self {
        let value = match truth {
            Truth::True => Value::bool(true),
            Truth::False => Value::bool(false),
            Truth::Unknown => {
                let why = evidence.iter().find_map(|value| value.as_unknown()).map(|unknown| unknown.why.clone());
                Value::unknown(why.unwrap_or_else(|| Why::Other("not known before apply".into())), Type::Bool)
            }
        };
        Self { value, evidence }
    }

    /// Not known, for a reason in words.
    #[must_use]
    pub fn unknown(words: &str) -> Self {
        Self { value: Value::unknown(Why::Other(words.into()), Type::Any), evidence: Vec::new() }
    }
}

/// What a fact function looks at.
#[derive(Clone, Copy)]
pub struct FactContext<'a> {
    /// The view.
    pub view: &'a View<'a>,
    /// The subject.
    pub subject: &'a Subject,
    /// Its kind.
    pub kind: &'a Kind,
    /// The fact that is asked for, for functions that stand behind several.
    pub fact: &'static str,
    /// The literal arguments, as the fact's definition says.
    pub arguments: &'a [Literal],
}

impl FactContext<'_> {
    /// The value of another attribute of the subject; absent where the kind has none of that name.
    #[must_use]
    pub fn value(&self, attribute: &str) -> Value {
        match self.kind.attributes.get(attribute).map(|attribute| self.view.read(self.subject, self.kind, attribute)) {
            Some(Reading::Value { value, .. }) => value,
            Some(Reading::Subjects { place, .. }) => place,
            None => Value::absent(None),
        }
    }

    /// The subjects that another attribute relates to, and whether these are all.
    #[must_use]
    pub fn subjects(&self, attribute: &str) -> (Vec<Subject>, bool) {
        match self.kind.attributes.get(attribute).map(|attribute| self.view.read(self.subject, self.kind, attribute)) {
            Some(Reading::Subjects { subjects, complete, .. }) => (subjects, complete),
            _ => (Vec::new(), true),
        }
    }

    /// The text of an argument; empty where it is none.
    #[must_use]
    pub fn text(&self, argument: usize) -> &str {
        self.arguments.get(argument).and_then(Literal::as_str).unwrap_or_default()
    }

    /// The same context for another subject and its kind.
    #[must_use]
    pub fn of<'b>(&'b self, subject: &'b Subject, kind: &'b Kind) -> FactContext<'b> {
        FactContext { view: self.view, subject, kind, fact: self.fact, arguments: &[] }
    }
}

/// A fact function.
pub type FactFunction = fn(FactContext<'_>) -> Fact;

/// A fact: its signature and the function behind it.
#[derive(Debug)]
pub struct FactDef {
    /// The name by which kinds and conditions ask for it.
    pub name: &'static str,
    /// The attributes of the kind that it reads.
    pub needs: &'static [Need],
    /// What it takes from the condition that asks.
    pub arguments: &'static [Argument],
    /// The type of what it gives.
    pub result: AttributeType,
    /// What it tells, in one line.
    pub doc: &'static str,
    /// How it is computed.
    pub run: FactFunction,
}

impl FactDef {
    /// What a schema knows of it.
    #[must_use]
    pub fn signature(&'static self) -> Signature {
        let Self { name, needs, arguments, result, doc, .. } = self;
        Signature { name, needs, arguments, result, doc }
    }
}

/// A part of a subject that is not written as such but derived from a value, as a statement from a policy's text.
pub trait DerivedPart: fmt::Debug + Send + Sync {
    /// It as its own type, for the facts that know it.
    fn as_any(&self) -> &dyn Any;
    /// Where it is written.
    fn place(&self) -> Option<Span>;
}

/// What parts are to be derived from.
pub struct Derivable<'a> {
    /// The model.
    pub model: &'a Model<'a>,
    /// The resource that it is written in.
    pub resource: ResourceId,
    /// What it is to that resource.
    pub role: &'a str,
    /// The values, each with the choices under which it is there.
    pub values: Vec<(Vec<Guard>, Value)>,
}

/// A way to derive parts from values.
pub struct Derivation {
    /// What a schema knows of it.
    pub signature: DerivationSignature,
    /// How it is done.
    pub run: fn(Derivable<'_>) -> Vec<Subject>,
}

/// All facts and derivations that a model can be asked for.
pub struct Catalog {
    facts: BTreeMap<&'static str, &'static FactDef>,
    derivations: BTreeMap<&'static str, Derivation>,
    signatures: Signatures,
    /// The attributes that mean the resource that they belong to, as `id` does.
    pub own_names: &'static [&'static str],
}

impl Catalog {
    /// The catalogue of these facts and derivations; of two facts with one name the later one counts.
    #[must_use]
    pub fn new(
        facts: impl IntoIterator<Item = &'static FactDef>,
        derivations: Vec<Derivation>,
        own_names: &'static [&'static str],
    ) -> Self {
        let facts: BTreeMap<_, _> = facts.into_iter().map(|fact| (fact.name, fact)).collect();
        let derivations: BTreeMap<_, _> =
            derivations.into_iter().map(|derivation| (derivation.signature.name, derivation)).collect();
        let signatures = Signatures {
            facts: facts.iter().map(|(name, fact)| (*name, fact.signature())).collect(),
            derivations: derivations.iter().map(|(name, it)| (*name, it.signature.clone())).collect(),
        };
        Self { facts, derivations, signatures, own_names }
    }

    /// What a schema knows of them.
    #[must_use]
    pub fn signatures(&self) -> &Signatures {
        &self.signatures
    }

    /// A fact by name.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&'static FactDef> {
        self.facts.get(name).copied()
    }

    /// A derivation by name.
    #[must_use]
    pub fn derivation(&self, name: &str) -> Option<&Derivation> {
        self.derivations.get(name)
    }
}
