//! Whether a value stands in the configuration for everyone to read.

use terravet_graph::{Truth, Value, Why};

use super::{Fact, FactContext, FactFunction};

/// The facts of this module.
pub(super) const FACTS: &[(&str, usize, &str, FactFunction)] = &[(
    "hardcoded",
    1,
    "the attribute of this name is text that stands in the configuration, not one that is looked up or made at apply",
    hardcoded,
)];

fn hardcoded(context: FactContext<'_>) -> Fact {
    let Some(attribute) = context.arguments.first().and_then(Value::as_str) else {
        return Fact::unknown("hardcoded takes the name of an attribute");
    };
    let value = context.value(attribute);
    let truth = match (value.as_str(), value.as_unknown()) {
        (Some(text), _) => Truth::from(!text.is_empty()),
        (None, Some(unknown)) => match unknown.why {
            Why::Computed | Why::Data(_) | Why::Import(_) | Why::Function(_) => Truth::False,
            _ => Truth::Unknown,
        },
        (None, None) => Truth::from(value.as_bool().is_some() || value.as_number().is_some()),
    };
    Fact::truth(truth, vec![value])
}
