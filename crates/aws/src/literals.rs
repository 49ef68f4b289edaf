//! Whether a value stands in the configuration for everyone to read.

use terravet_graph::{Truth, Why};

use terravet_model::{Fact, FactContext, FactDef};
use terravet_schema::AttributeType;

use crate::arguments::ATTRIBUTE;

/// The facts of this module.
pub(crate) const FACTS: &[FactDef] = &[FactDef {
    name: "hardcoded",
    needs: &[],
    arguments: ATTRIBUTE,
    result: AttributeType::Bool,
    doc: "the attribute of this name is text that stands in the configuration, not one that is looked up or made at apply",
    run: hardcoded,
}];

fn hardcoded(context: FactContext<'_>) -> Fact {
    let value = context.value(context.text(0));
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
