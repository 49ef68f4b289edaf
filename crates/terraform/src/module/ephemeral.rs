//! Which values of a module exist only while Terraform runs, and where they may not be used.
//!
//! Ephemeral are the variables and outputs that say so, ephemeral resources, and what is made of any of these. They cannot
//! become part of what Terraform remembers: outputs that do not say so, arguments of resources (apart from
//! those that providers only write, which is for the provider to say), numbers of instances.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/resources/ephemeral>.

use std::collections::BTreeSet;

use terravet_diagnostics::Diagnostic;
use terravet_hcl::{Expr, Step, StepKind};

use super::reference::each_lasting_reference;
use super::{Module, ResourceBlock};
use crate::builtin;

/// The local values that are ephemeral, by their place.
pub(super) fn locals(module: &Module) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    // Each round finds those that use one of the last.
    loop {
        let before = found.len();
        for (at, local) in (0u32..).zip(module.locals.iter()) {
            if !found.contains(&at) && uses(module, &found, &local.value.expr) {
                found.insert(at);
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// Whether a module has anything ephemeral at all.
pub(super) fn any(module: &Module) -> bool {
    module.variables.iter().any(|variable| variable.ephemeral)
        || module.resources.iter().any(|resource| resource.mode == super::ResourceMode::Ephemeral)
}

fn uses(module: &Module, locals: &BTreeSet<u32>, expr: &Expr) -> bool {
    let mut found = false;
    each_lasting_reference(expr, &mut |reference| found |= names(module, locals, reference.root, reference.steps));
    found
}

fn names(module: &Module, locals: &BTreeSet<u32>, root: &str, steps: &[Step]) -> bool {
    let name = || match steps.first().map(|step| &step.kind) {
        Some(StepKind::Attribute(name)) => &**name,
        _ => "",
    };
    match root {
        "ephemeral" => true,
        "var" => module.variables.get(name()).is_some_and(|variable| variable.ephemeral),
        "local" => module.locals.find(name()).is_some_and(|at| locals.contains(&at)),
        _ => false,
    }
}

impl Module {
    /// Whether an expression is made of something ephemeral.
    pub(crate) fn is_ephemeral(&self, expr: &Expr) -> bool {
        uses(self, &self.ephemeral_locals, expr)
    }

    /// Whether a reference means something ephemeral.
    pub(crate) fn names_ephemeral(&self, root: &str, steps: &[Step]) -> bool {
        names(self, &self.ephemeral_locals, root, steps)
    }
}

/// Adds where ephemeral values are used that cannot be there.
pub(super) fn check(module: &Module, problems: &mut Vec<Diagnostic>) {
    let mut refuse = |expr: &Expr, what: &str| {
        if module.is_ephemeral(expr) {
            let message = format!("this value exists only while Terraform runs, and cannot be {what}");
            problems.push(
                Diagnostic::error("terraform-ephemeral", expr.span, message)
                    .with_help("take the mark off with ephemeralasnull(), or use a value that lasts"),
            );
        }
    };
    for output in module.outputs.iter().filter(|output| !output.ephemeral) {
        refuse(&output.value.expr, "an output that is not ephemeral itself");
    }
    for resource in module.resources.iter() {
        if let Some(expr) = resource.repetition.decisive() {
            refuse(expr, "a number of instances");
        }
        if is_own(resource) {
            for attribute in &resource.attributes {
                refuse(&attribute.expr, "an argument of this resource");
            }
        }
    }
    for call in module.calls.iter() {
        if let Some(expr) = call.repetition.decisive() {
            refuse(expr, "a number of instances");
        }
    }
}

/// Whether the arguments of a resource are known to last.
fn is_own(resource: &ResourceBlock) -> bool {
    builtin::schema(resource.mode, &resource.native_type).is_some()
}
