//! The rule language: one CEL expression over a kind's attributes, decided in three values, with blame.
//!
//! In: the text of a condition with the kind that it speaks about; then subjects. Out: [`Condition`], checked against the
//! kind's attributes and types; and for each subject a [`Verdict`] with the values that made it so (the witness),
//! which a finding shows as its labels.
//!
//! The expression is parsed by the `cel` crate and evaluated here, since unknown values and the witness are what
//! this language is about. The part of CEL that is understood: literals, lists, attributes by dotted name, `has()`,
//! `! && || ?: == != < <= > >= in`, `exists`, `all`, `filter`, `map` is refused, `size()`, the string methods `startsWith`, `endsWith`,
//! `contains`, `matches`, `lowerAscii`, and the facts of the kind, with literal arguments.
//!
//! Invariants: true means true in every world that the input leaves open; a world is one choice of a candidate for
//! every open value, and equal choices agree; an expression that passes the check evaluates without error.

mod compile;
mod evaluate;
mod expression;
mod texts;
mod worlds;

use std::sync::Arc;

use terravet_graph::{Guard, Value};
use terravet_kinds::{Kind, Model, Subject, View, Vocabulary};

pub use compile::ConditionError;
use expression::Expression;
pub use worlds::MAX_WORLDS;

/// A checked condition.
#[derive(Debug)]
pub struct Condition {
    kind: Arc<str>,
    expression: Expression,
}

/// Whether the bad state is there.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// In every world.
    True,
    /// In these worlds, each by what it assumes, and not in others.
    Possible(Vec<Vec<Guard>>),
    /// In none.
    False,
    /// It cannot be told.
    Unknown,
}

/// A verdict with the values that made it so, in the order in which the condition names them.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// The values, in the first world where the verdict shows.
    pub witness: Vec<Value>,
    /// The text of each attribute that was asked for, in that world, for the message.
    pub texts: Vec<Arc<str>>,
}

impl Condition {
    /// Parses a condition and checks it against the kind.
    ///
    /// # Errors
    /// [`ConditionError`] with the place in the text, what is wrong and what was probably meant.
    pub fn parse(text: &str, kind: &Kind, vocabulary: &Vocabulary) -> Result<Self, ConditionError> {
        let expression = compile::compile(text, kind, vocabulary)?;
        Ok(Self { kind: Arc::clone(&kind.name), expression })
    }

    /// Judges a subject of the condition's kind. `attributes` are read for the message in the world of the witness.
    #[must_use]
    pub fn judge(&self, model: &Model<'_>, subject: &Subject, attributes: &[&str]) -> Judgement {
        let Some(kind) = model.vocabulary.kind(&self.kind) else {
            return Judgement { verdict: Verdict::Unknown, witness: Vec::new(), texts: Vec::new() };
        };
        worlds::judge(&self.expression, model, kind, subject, attributes)
    }
}

/// The text of an attribute for a message: what it is, or that it is not set or not known.
pub(crate) fn text_of(view: &View<'_>, subject: &Subject, kind: &Kind, name: &str) -> Arc<str> {
    use terravet_kinds::Reading;
    let resource = view.model.resource(subject);
    if name == "address" {
        return Arc::clone(resource.shown_address());
    }
    let Some(attribute) = kind.attributes.get(name) else { return format!("{{{name}}}").into() };
    match view.read(subject, kind, attribute) {
        Reading::Value { value, .. } => plain(&value),
        Reading::Subjects { subjects, .. } => {
            let names: Vec<&str> = subjects.iter().map(|other| &**view.model.resource(other).shown_address()).collect();
            names.join(", ").into()
        }
    }
}

/// A value as words in a sentence.
fn plain(value: &Value) -> Arc<str> {
    use terravet_graph::Data;
    if value.sensitive {
        return "(sensitive)".into();
    }
    match &value.data {
        Data::Absent | Data::Null(_) => "(not set)".into(),
        Data::Unknown(_) => "(known after apply)".into(),
        Data::Bool(flag) => if *flag { "true" } else { "false" }.into(),
        Data::Number(number) => number.to_string().into(),
        Data::String(text) => Arc::clone(text),
        _ => match (value.as_items(), value.as_entries()) {
            (Some(items), _) => items.iter().map(|item| plain(item).to_string()).collect::<Vec<_>>().join(", ").into(),
            (_, entries) => {
                let names: Vec<&str> =
                    entries.into_iter().flat_map(|entries| entries.keys()).map(|key| &**key).collect();
                format!("{{{}}}", names.join(", ")).into()
            }
        },
    }
}
