//! Whether a plan has the shape that plans have.
//!
//! In: the root of a plan. Out: a diagnostic at each part that is of another kind, and so would be passed over without a word. It looks
//! at what is read of a plan and at nothing else.

use terravet_diagnostics::Diagnostic;
use terravet_yaml::{Node, NodeKind, Resolved};

use super::{items, property};

/// The most that is told of one plan: more would say the same.
const MAX_TOLD: usize = 16;

/// What a part of a plan must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    List,
    Text,
}

/// What is of the wrong kind.
pub(super) fn check(plan: &Node) -> Vec<Diagnostic> {
    let mut checker = Checker { found: Vec::new() };
    if !checker.is(plan, Kind::Object, "a plan") {
        return checker.found;
    }
    for name in ["planned_values", "configuration", "variables", "prior_state"] {
        checker.part(plan, name, Kind::Object);
    }
    if property(plan, "planned_values").is_none() {
        checker.refuse(plan, "the plan has no `planned_values`".to_owned());
    }
    checker.part(plan, "resource_changes", Kind::List);
    for change in items(plan, "resource_changes") {
        checker.is(change, Kind::Object, "a change of a resource");
    }
    let values =
        [property(plan, "planned_values"), property(plan, "prior_state").and_then(|prior| property(prior, "values"))];
    for values in values.into_iter().flatten() {
        checker.part(values, "root_module", Kind::Object);
        checker.modules(property(values, "root_module"));
    }
    checker.found
}

struct Checker {
    found: Vec<Diagnostic>,
}

impl Checker {
    fn refuse(&mut self, node: &Node, message: String) {
        if self.found.len() == MAX_TOLD {
            return;
        }
        let diagnostic = Diagnostic::error("plan-shape", node.span, message)
            .with_help("make the file anew with `terraform show -json PLAN`; what is missing here was not judged");
        self.found.push(diagnostic);
    }

    fn is(&mut self, node: &Node, kind: Kind, what: &str) -> bool {
        let (own, words) = match (&node.kind, node.resolve()) {
            (NodeKind::Mapping(_), _) => (Some(Kind::Object), "an object"),
            (NodeKind::Sequence(_), _) => (Some(Kind::List), "a list"),
            (_, Some(Resolved::String)) => (Some(Kind::Text), "text"),
            (_, Some(Resolved::Null)) => (None, "null"),
            (_, Some(Resolved::Bool(_))) => (None, "a boolean"),
            _ => (None, "a number"),
        };
        let right = own == Some(kind);
        if !right {
            let wanted = match kind {
                Kind::Object => "an object",
                Kind::List => "a list",
                Kind::Text => "text",
            };
            self.refuse(node, format!("{what} is {wanted}, and this is {words}"));
        }
        right
    }

    /// A property that may be missing.
    fn part(&mut self, node: &Node, name: &str, kind: Kind) -> bool {
        property(node, name).is_none_or(|part| part.is_null() || self.is(part, kind, &format!("`{name}` in a plan")))
    }

    /// A module and those that it calls.
    fn modules(&mut self, root: Option<&Node>) {
        let mut open: Vec<&Node> = root.into_iter().collect();
        while let Some(module) = open.pop() {
            self.part(module, "resources", Kind::List);
            self.part(module, "child_modules", Kind::List);
            for resource in items(module, "resources") {
                if self.is(resource, Kind::Object, "a resource") {
                    self.resource(resource);
                }
            }
            for child in items(module, "child_modules").iter().rev() {
                if self.is(child, Kind::Object, "a module") {
                    open.push(child);
                }
            }
        }
    }

    fn resource(&mut self, resource: &Node) {
        const NAMES: [&str; 4] = ["address", "mode", "type", "name"];
        let lacks: Vec<String> =
            NAMES.iter().filter(|name| property(resource, name).is_none()).map(|name| format!("`{name}`")).collect();
        if !lacks.is_empty() {
            self.refuse(resource, format!("this resource lacks {}", lacks.join(", ")));
        }
        for name in NAMES {
            self.part(resource, name, Kind::Text);
        }
        self.part(resource, "values", Kind::Object);
    }
}
