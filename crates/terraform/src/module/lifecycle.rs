//! What is said to Terraform about a resource: which arguments there are, and which of them must be constant.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle> and
//! <https://developer.hashicorp.com/terraform/language/resources/provisioners/syntax>.

use terravet_diagnostics::Diagnostic;
use terravet_hcl::{Attribute, Block, Expr, ExprKind};

use super::build::constant;
use super::reference::each_reference;
use super::validate::check_declared;
use super::{Module, ResourceBlock};
use crate::builtin::Schema;

/// The arguments of a `lifecycle` block.
const ARGUMENTS: [&str; 4] = ["create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by"];
/// The blocks within it.
const BLOCKS: [&str; 2] = ["precondition", "postcondition"];
/// The provisioners that Terraform still has.
const PROVISIONERS: [&str; 3] = ["file", "local-exec", "remote-exec"];

/// Checks the `lifecycle` and `provisioner` blocks of a resource.
pub(super) fn check(
    module: &Module,
    resource: &ResourceBlock,
    schema: Option<&Schema>,
    problems: &mut Vec<Diagnostic>,
) {
    let mut lifecycles = resource.meta_blocks.iter().filter(|block| &*block.kind.name == "lifecycle");
    if let (Some(first), Some(second)) = (lifecycles.next(), lifecycles.next()) {
        let message = "there is already a lifecycle block in this resource";
        let diagnostic = Diagnostic::error("terraform-duplicate", second.header, message);
        problems.push(diagnostic.with_related(first.header, "the other one"));
    }
    for block in &resource.meta_blocks {
        match &*block.kind.name {
            "lifecycle" => check_lifecycle(module, block, schema, problems),
            "provisioner" => check_provisioner(block, problems),
            _ => {}
        }
    }
}

fn check_lifecycle(module: &Module, block: &Block, schema: Option<&Schema>, problems: &mut Vec<Diagnostic>) {
    for attribute in &block.body.attributes {
        match &*attribute.name.name {
            "create_before_destroy" | "prevent_destroy" => {
                if let Err(diagnostic) = constant(&attribute.expr) {
                    problems.push(*diagnostic);
                }
            }
            "ignore_changes" => check_ignored(&attribute.expr, schema, problems),
            "replace_triggered_by" => check_triggers(module, &attribute.expr, problems),
            name => problems.push(unknown_argument("lifecycle", name, attribute)),
        }
    }
    for inner in block.body.blocks.iter().filter(|inner| !BLOCKS.contains(&&*inner.kind.name)) {
        let message = format!("a `lifecycle` block has no blocks of type `{}`", inner.kind.name);
        problems.push(Diagnostic::error("terraform-unsupported-block", inner.header, message));
    }
}

/// What a change of replaces the resource: other resources and their attributes.
fn check_triggers(module: &Module, expr: &Expr, problems: &mut Vec<Diagnostic>) {
    let ExprKind::Tuple(items) = &expr.kind else { return };
    for item in items {
        let mut names_resource = false;
        let mut first = true;
        each_reference(item, &mut |reference| {
            // An index may refer to anything.
            if std::mem::take(&mut first) {
                names_resource = reference.resource().is_some();
                problems.extend(check_declared(module, reference));
            }
        });
        let in_quotes = matches!(item.kind, ExprKind::String { .. });
        if !names_resource && !in_quotes {
            let message = "only resources and their attributes can be named here";
            problems.push(Diagnostic::error("terraform-invalid-reference", item.span, message));
        }
    }
}

fn unknown_argument(block: &str, name: &str, attribute: &Attribute) -> Diagnostic {
    let message = format!("a `{block}` block has no argument `{name}`");
    Diagnostic::error("terraform-unsupported-argument", attribute.name.span, message).with_suggestion(name, ARGUMENTS)
}

/// The attributes whose changes are ignored: names of the resource's own, which are known where the schema is.
fn check_ignored(expr: &Expr, schema: Option<&Schema>, problems: &mut Vec<Diagnostic>) {
    let (Some(schema), ExprKind::Tuple(items)) = (schema, &expr.kind) else { return };
    for item in items {
        let name = match &item.kind {
            ExprKind::Variable(name) | ExprKind::String { text: name, .. } => name,
            ExprKind::Traversal(traversal) => match &traversal.root.kind {
                ExprKind::Variable(name) => name,
                _ => continue,
            },
            _ => continue,
        };
        if !schema.arguments.iter().chain(schema.computed).any(|known| *known == &**name) {
            let message = format!("the resource has no attribute `{name}` whose changes could be ignored");
            problems.push(Diagnostic::error("terraform-unsupported-attribute", item.span, message));
        }
    }
}

fn check_provisioner(block: &Block, problems: &mut Vec<Diagnostic>) {
    let Some(label) = block.labels.first() else { return };
    if !PROVISIONERS.contains(&&*label.text) {
        let message = format!("there is no provisioner `{}`", label.text.escape_debug());
        problems.push(
            Diagnostic::error("terraform-unsupported-block", label.span, message)
                .with_help(format!("Terraform has the provisioners {}", PROVISIONERS.join(", "))),
        );
    }
}
