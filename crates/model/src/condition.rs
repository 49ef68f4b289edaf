//! Conditions: what a rule says of a subject, decided in three values.
//!
//! In: the text of a condition with the kind that it speaks about; then subjects. Out: for each a [`Verdict`] with the values that
//! made it so (the evidence), which a finding shows as its labels.

use std::sync::Arc;

use terravet_graph::{Guard, Number, Value};
use terravet_schema::{AttributeType, ConditionError, Day, Expression, Kind, Schema};

use crate::model::Model;
use crate::subject::Subject;
use crate::view::{Reading, View};
use crate::worlds;

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
pub struct Checked {
    /// The verdict.
    pub verdict: Verdict,
    /// The values, in the first world where the verdict shows.
    pub evidence: Vec<Value>,
    /// The text of each attribute that was asked for, in that world, for the message.
    pub texts: Vec<Arc<str>>,
}

impl Condition {
    /// Parses a condition and checks it against the kind.
    ///
    /// # Errors
    /// [`ConditionError`] with the place in the text, what is wrong and what was probably meant.
    pub fn parse(text: &str, kind: &Kind, schema: &Schema) -> Result<Self, ConditionError> {
        let expression = terravet_schema::compile(text, kind, schema)?;
        Ok(Self { kind: Arc::clone(&kind.name), expression })
    }

    /// Checks a subject of the condition's kind. `attributes` are read for the message in the world of the evidence.
    #[must_use]
    pub fn check(&self, model: &Model<'_>, subject: &Subject, attributes: &[&str]) -> Checked {
        let Some(kind) = model.schema.kind(&self.kind) else {
            return Checked { verdict: Verdict::Unknown, evidence: Vec::new(), texts: Vec::new() };
        };
        worlds::check(&self.expression, model, kind, subject, attributes)
    }
}

/// The text of an attribute for a message: what it is, or that it is not set or not known.
pub(crate) fn text_of(view: &View<'_>, subject: &Subject, kind: &Kind, name: &str) -> Arc<str> {
    let resource = view.model.resource(subject);
    if name == "address" {
        return Arc::clone(resource.shown_address());
    }
    let Some(attribute) = kind.attributes.get(name) else { return format!("{{{name}}}").into() };
    match view.read(subject, kind, attribute) {
        Reading::Value { value, .. } => match value.as_number().and_then(Number::to_i64).and_then(Day::of_number) {
            Some(day) if attribute.ty == AttributeType::Date => day.to_string().into(),
            _ => plain(&value),
        },
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
