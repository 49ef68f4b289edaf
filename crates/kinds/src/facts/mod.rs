//! Facts that need computing: functions on a subject, named by `computed:` in `kinds.yaml`.
//!
//! In: a view, a subject, and the literal arguments of the condition. Out: a [`Fact`]: a value, mostly true, false
//! or unknown, with the values that made it so.

mod buckets;
mod certificates;
mod events;
mod filter;
mod identity;
mod images;
mod keys;
mod literals;
mod network;
mod routing;
mod secrets;
mod statements;
mod user_data;
mod uses;
mod worlds;

use terravet_graph::{Truth, Type, Value, Why};

use crate::model::Subject;
use crate::view::{Reading, View};
use crate::vocabulary::Kind;

/// What a fact function finds.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The value of the fact.
    pub value: Value,
    /// The values that show it.
    pub witness: Vec<Value>,
}

impl Fact {
    /// A truth value, shown by these values.
    #[must_use]
    pub fn truth(truth: Truth, witness: Vec<Value>) -> Self {
        let value = match truth {
            Truth::True => Value::bool(true),
            Truth::False => Value::bool(false),
            Truth::Unknown => {
                let why = witness.iter().find_map(|value| value.as_unknown()).map(|unknown| unknown.why.clone());
                Value::unknown(why.unwrap_or_else(|| Why::Other("not known before apply".into())), Type::Bool)
            }
        };
        Self { value, witness }
    }

    /// Not known, for a reason in words.
    #[must_use]
    pub fn unknown(words: &str) -> Self {
        Self { value: Value::unknown(Why::Other(words.into()), Type::Any), witness: Vec::new() }
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
    /// The literal arguments, as many as the table says.
    pub arguments: &'a [Value],
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

    /// The same context for another subject and its kind.
    #[must_use]
    pub fn of<'b>(&'b self, subject: &'b Subject, kind: &'b Kind) -> FactContext<'b> {
        FactContext { view: self.view, subject, kind, arguments: &[] }
    }
}

/// A fact function.
pub type FactFunction = fn(FactContext<'_>) -> Fact;

/// All facts that are functions of this crate: name, number of arguments, what it tells, function.
const FACTS: &[&[(&str, usize, &str, FactFunction)]] = &[
    buckets::FACTS,
    certificates::FACTS,
    events::FACTS,
    identity::FACTS,
    images::FACTS,
    keys::FACTS,
    literals::FACTS,
    network::FACTS,
    routing::FACTS,
    secrets::FACTS,
    statements::FACTS,
    user_data::FACTS,
    uses::FACTS,
];

/// The names of all facts, with the number of arguments and a line of documentation each.
pub fn all() -> impl Iterator<Item = (&'static str, usize, &'static str)> {
    let own = FACTS.iter().copied().flatten().map(|(name, arguments, doc, _)| (*name, *arguments, *doc));
    own.chain(statements::of_policies())
}

/// Computes the fact of a name.
#[must_use]
pub fn compute(name: &str, context: FactContext<'_>) -> Fact {
    match FACTS.iter().copied().flatten().find(|(known, ..)| *known == name) {
        Some((.., function)) => function(context),
        None => statements::compute(name, context).unwrap_or_else(|| Fact::unknown("there is no such fact")),
    }
}

pub(crate) use network::AclEntries;
pub(crate) use statements::attributes_of;
pub(crate) use uses::Uses;
