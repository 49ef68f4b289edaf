//! How complex a policy is: a score that grows with what a reader must keep in mind.

use std::collections::BTreeSet;

use terravet_graph::{Truth, Value};

use crate::condition::Comparison;
use crate::document::{Document, Statement};
use crate::pattern::{Letters, Pattern};

/// The score of a document; none where not all of it is known. One for each statement, and one more for each denial,
/// `NotAction` and `NotResource`, two for each service beyond the first in a statement, one for each service of resources
/// without an action, one for each list of `*` and something else, two for each condition operator, one for each
/// `IfExists`, `Null` and value with a policy variable.
#[must_use]
pub fn complexity(document: &Document) -> Option<usize> {
    let statements = &document.statements;
    if !statements.complete || !statements.possible.is_empty() {
        return None;
    }
    statements.items.iter().map(of_statement).sum()
}

fn of_statement(statement: &Statement) -> Option<usize> {
    let lists = [&statement.actions, &statement.not_actions, &statement.resources, &statement.not_resources];
    let known = |list: &&crate::listing::Values| list.complete && list.possible.is_empty();
    if !lists.iter().all(known) || !statement.conditions.complete || statement.is_deny() == Truth::Unknown {
        return None;
    }
    let flag = usize::from;
    let services = services(statement.actions.items.iter().chain(&statement.not_actions.items));
    let resource_services = resource_services(statement.resources.items.iter().chain(&statement.not_resources.items));
    let any_service = services.contains("*");
    let foreign = resource_services.iter().filter(|service| !any_service && !services.contains(*service)).count();
    let mixed =
        lists.iter().filter(|list| list.items.len() > 1 && list.items.iter().any(|item| item.as_str() == Some("*")));
    Some(
        1 + flag(statement.is_deny().is_true())
            + flag(statement.not_actions.present.is_true())
            + flag(statement.not_resources.present.is_true())
            + 2 * services.len().saturating_sub(1)
            + foreign
            + mixed.count()
            + of_conditions(statement),
    )
}

fn of_conditions(statement: &Statement) -> usize {
    let operators: BTreeSet<&str> = statement.conditions.items.iter().map(|condition| &*condition.operator).collect();
    let special = |condition: &&crate::condition::Condition| {
        let operator = condition.operator();
        let variable =
            condition.values.items.iter().any(|value| value.as_str().is_some_and(|text| text.contains("${")));
        operator.if_exists || operator.comparison == Comparison::Null || variable
    };
    2 * operators.len() + statement.conditions.items.iter().filter(special).count()
}

/// The services of actions; `*` for every one.
fn services<'v>(actions: impl Iterator<Item = &'v Value>) -> BTreeSet<String> {
    actions
        .filter_map(|action| {
            let service = Pattern::of(action, Letters::AnyCase)?.split(':', 2).first()?.clone();
            Some(service.literal().unwrap_or_else(|| "*".to_owned()))
        })
        .collect()
}

fn resource_services<'v>(resources: impl Iterator<Item = &'v Value>) -> BTreeSet<String> {
    resources
        .filter_map(|resource| match Pattern::of(resource, Letters::Exact)?.split(':', 6).as_slice() {
            [_, _, service, _, _, _] => service.literal(),
            _ => None,
        })
        .collect()
}
