//! Which events of CloudTrail a pattern selects: the filter of a log group, or the pattern of an EventBridge rule.
//!
//! In: the attribute `pattern`, and the events that are asked for, each a few fields with their values. Out: whether the pattern
//! selects every one of them. A pattern is judged by what it selects and not by its text, so that order, spacing and further
//! clauses make no difference. A field that an event of the question leaves open is one that it has not, and differs from
//! whatever it is compared with.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>,
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>.

use terravet_graph::{Truth, Value};

use terravet_model::{Fact, FactContext, FactDef, within_text};
use terravet_schema::{Argument, ArgumentType, AttributeType, Need, NeedType};

use crate::filter::Filter;

/// The facts of this module.
pub(crate) const FACTS: &[FactDef] = &[FactDef {
    name: "selects",
    needs: &[Need::of("pattern", NeedType::Value)],
    arguments: &[Argument::new("events", ArgumentType::Text(check_events))],
    result: AttributeType::Bool,
    doc: "the pattern in the attribute pattern selects all of these events: `field=value; field=this|that`",
    run: selects,
}];

/// The most events that one question may speak of.
const MAX_EVENTS: usize = 64;

fn selects(context: FactContext<'_>) -> Fact {
    let question = context.text(0);
    let pattern = context.value("pattern");
    let events = events(question);
    let filter = pattern.as_str().and_then(Filter::parse);
    let truth = match (&filter, structure(&pattern)) {
        (Some(filter), _) => events.iter().all(|event| filter.selects(event)).into(),
        (None, Some(rule)) => events.iter().fold(Truth::True, |truth, event| truth.and(rule_selects(&rule, event))),
        // What is not read, as plain words that are looked for anywhere, may select anything; nothing selects nothing.
        (None, None) if pattern.is_unset() => Truth::False,
        (None, None) => Truth::Unknown,
    };
    Fact::truth(truth, vec![pattern])
}

/// Events are asked for as fields with their values.
fn check_events(question: &str) -> Result<(), String> {
    let is_field = |field: &str| {
        field.split_once('=').is_some_and(|(name, values)| {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '.';
            !name.trim().is_empty()
                && name.trim().chars().all(is_name)
                && values.split('|').all(|it| !it.trim().is_empty())
        })
    };
    match question.split(';').find(|field| !is_field(field)) {
        None => Ok(()),
        Some(field) => Err(format!("`{}` is no field with its values; write `name=value|value`", field.trim())),
    }
}

/// The pattern of a rule as an object.
fn structure(pattern: &Value) -> Option<Value> {
    let within = within_text(pattern);
    within.or_else(|| Some(pattern.clone())).filter(|value| value.as_entries().is_some())
}

/// An event: its fields by their dotted names.
pub(crate) type Event<'q> = Vec<(&'q str, &'q str)>;

/// The value of a field of an event.
pub(crate) fn field<'q>(event: &Event<'q>, name: &str) -> Option<&'q str> {
    event.iter().find(|(field, _)| *field == name).map(|(_, value)| *value)
}

/// The events of a question: one for each way to choose among the values of its fields.
fn events(question: &str) -> Vec<Event<'_>> {
    let mut events: Vec<Event<'_>> = vec![Vec::new()];
    for (name, values) in question.split(';').filter_map(|field| field.trim().split_once('=')) {
        let choices = values.split('|').flat_map(|value| events.iter().map(move |event| (event, value)));
        events = choices.map(|(event, value)| event.iter().copied().chain([(name, value)]).collect()).collect();
        events.truncate(MAX_EVENTS);
    }
    events
}

/// Whether the pattern of an EventBridge rule selects an event of CloudTrail, whose fields are its `detail`. What is around the
/// detail (the source, the account) is taken to fit.
fn rule_selects(rule: &Value, event: &Event<'_>) -> Truth {
    let detail = rule.get("detail");
    if detail.is_unset() { Truth::Unknown } else { detail_selects(&detail, "", event) }
}

fn detail_selects(pattern: &Value, path: &str, event: &Event<'_>) -> Truth {
    if pattern.is_unknown() {
        return Truth::Unknown;
    }
    if let Some(entries) = pattern.as_entries() {
        return entries.iter().fold(Truth::True, |truth, (name, inner)| {
            let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
            truth.and(detail_selects(inner, &path, event))
        });
    }
    let value = field(event, path);
    pattern.elements().iter().fold(Truth::False, |truth, element| truth.or(matches(element, value)))
}

/// Whether one of the values that a pattern gives for a field fits.
fn matches(element: &Value, value: Option<&str>) -> Truth {
    if element.is_unknown() {
        return Truth::Unknown;
    }
    if let Some(text) = element.as_str() {
        return (value == Some(text)).into();
    }
    let text = |operator: &str| element.get(operator).as_str().map(str::to_owned);
    if let Some(prefix) = text("prefix") {
        return value.is_some_and(|value| value.starts_with(&prefix)).into();
    }
    if let Some(suffix) = text("suffix") {
        return value.is_some_and(|value| value.ends_with(&suffix)).into();
    }
    if let Some(exists) = element.get("exists").as_bool() {
        return (value.is_some() == exists).into();
    }
    let others = element.get("anything-but");
    if !others.is_unset() && others.is_wholly_known() && others.as_entries().is_none() {
        return (!others.elements().iter().any(|other| other.as_str() == value)).into();
    }
    Truth::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_speaks_of_each_choice() {
        assert_eq!(
            events("eventSource=kms.amazonaws.com; eventName=DisableKey|ScheduleKeyDeletion"),
            vec![
                vec![("eventSource", "kms.amazonaws.com"), ("eventName", "DisableKey")],
                vec![("eventSource", "kms.amazonaws.com"), ("eventName", "ScheduleKeyDeletion")],
            ]
        );
    }
}
