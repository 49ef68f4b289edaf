//! What a principal or resource is called, as far as rules ask for it.

use terravet_graph::{Truth, Value};

use terravet_model::{Fact, FactContext, FactDef};
use terravet_schema::AttributeType;

/// The facts of this module.
pub(crate) const FACTS: &[FactDef] = &[
    FactDef {
        name: "address",
        needs: &[],
        arguments: &[],
        result: AttributeType::String,
        doc: "the address of the resource, as text",
        run: address,
    },
    FactDef {
        name: "is_made",
        needs: &[],
        arguments: &[],
        result: AttributeType::Bool,
        doc: "the resource is there for certain, and not as one of a number that may be none",
        run: is_made,
    },
    FactDef {
        name: "is_representative",
        needs: &[],
        arguments: &[],
        result: AttributeType::Bool,
        doc: "the number of instances is not known and this one stands for all",
        run: is_representative,
    },
];

fn address(context: FactContext<'_>) -> Fact {
    let resource = context.view.model.resource(context.subject);
    Fact { value: Value::string(std::sync::Arc::clone(resource.shown_address())), evidence: Vec::new() }
}

fn is_made(context: FactContext<'_>) -> Fact {
    let resource = context.view.model.resource(context.subject);
    let may_be_none = resource.representative.is_some() || resource.exists_when.is_some();
    let truth = if may_be_none { Truth::Unknown } else { Truth::True };
    Fact::truth(truth, Vec::new())
}

fn is_representative(context: FactContext<'_>) -> Fact {
    Fact::truth(context.view.model.resource(context.subject).representative.is_some().into(), Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_values_become_values() {
        assert_eq!(Fact::truth(Truth::True, Vec::new()).value, Value::bool(true));
        assert!(Fact::truth(Truth::Unknown, Vec::new()).value.is_unknown());
    }
}
