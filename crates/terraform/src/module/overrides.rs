//! Override files: `override.tf` and `*_override.tf` change what other files declare.
//!
//! In: the blocks of the other files, in order, and the blocks of the override files. Out: the blocks with arguments replaced.
//! An argument replaces the argument of the same name. Nested blocks replace all nested blocks of the same type, except
//! `lifecycle`, which is merged argument by argument, and conditions, which are added.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/files/override>.

use terravet_diagnostics::Diagnostic;
use terravet_hcl::{Attribute, Block, Body};

/// A block of a module and whether an override file has changed it.
pub(super) struct Merged {
    /// The block.
    pub(super) block: Block,
    /// Whether it has been changed.
    pub(super) overridden: bool,
}

/// Applies the override files to the blocks, in order.
pub(super) fn merge(primary: Vec<Body>, overrides: Vec<Body>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Merged> {
    let blocks = primary.into_iter().flat_map(|body| body.blocks);
    let mut merged: Vec<Merged> = blocks.map(|block| Merged { block, overridden: false }).collect();
    for block in overrides.into_iter().flat_map(|body| body.blocks) {
        match &*block.kind.name {
            "locals" => override_locals(&mut merged, block, diagnostics),
            "resource" | "data" | "ephemeral" | "variable" | "output" | "module" => {
                override_block(&mut merged, block, diagnostics);
            }
            // Settings of Terraform and of providers concern no resource.
            "terraform" | "provider" => {}
            // Nothing else can be overridden: it is as if it stood in another file.
            _ => merged.push(Merged { block, overridden: false }),
        }
    }
    merged
}

fn missing(block: &Block) -> Diagnostic {
    let names: Vec<&str> = block.labels.iter().map(|label| &*label.text).collect();
    let what = format!("{} {}", block.kind.name, names.join("."));
    Diagnostic::error("terraform-missing-base", block.header, format!("there is no {} to override", what.trim_end()))
        .with_help("an override file can only change what another file of the module declares")
}

fn override_locals(merged: &mut [Merged], block: Block, diagnostics: &mut Vec<Diagnostic>) {
    for attribute in block.body.attributes {
        let of_name = |base: &&mut Merged| {
            &*base.block.kind.name == "locals" && base.block.body.attribute(&attribute.name.name).is_some()
        };
        match merged.iter_mut().find(of_name) {
            Some(base) => replace_attribute(&mut base.block.body.attributes, attribute),
            None => diagnostics.push(Diagnostic::error(
                "terraform-missing-base",
                attribute.name.span,
                format!("there is no local value `{}` to override", attribute.name.name),
            )),
        }
    }
}

fn override_block(merged: &mut [Merged], block: Block, diagnostics: &mut Vec<Diagnostic>) {
    let same = |base: &&mut Merged| {
        base.block.kind.name == block.kind.name
            && base.block.labels.len() == block.labels.len()
            && base.block.labels.iter().zip(&block.labels).all(|(a, b)| a.text == b.text)
    };
    match merged.iter_mut().find(same) {
        Some(base) => {
            base.overridden = true;
            override_body(&mut base.block.body, block.body);
        }
        None => diagnostics.push(missing(&block)),
    }
}

fn replace_attribute(attributes: &mut Vec<Attribute>, attribute: Attribute) {
    match attributes.iter_mut().find(|base| base.name.name == attribute.name.name) {
        Some(base) => *base = attribute,
        None => attributes.push(attribute),
    }
}

/// The type of block that a block makes: the label of a `dynamic` block, else its own.
fn produced(block: &Block) -> &str {
    match block.labels.first() {
        Some(label) if &*block.kind.name == "dynamic" => &label.text,
        _ => &block.kind.name,
    }
}

fn override_body(base: &mut Body, change: Body) {
    for attribute in change.attributes {
        replace_attribute(&mut base.attributes, attribute);
    }
    let adds =
        |block: &Block| matches!(&*block.kind.name, "lifecycle" | "validation" | "precondition" | "postcondition");
    base.blocks.retain(|old| adds(old) || !change.blocks.iter().any(|new| produced(new) == produced(old)));
    for block in change.blocks {
        let is_lifecycle = &*block.kind.name == "lifecycle";
        match base.blocks.iter_mut().find(|old| is_lifecycle && &*old.kind.name == "lifecycle") {
            Some(old) => override_body(&mut old.body, block.body),
            None => base.blocks.push(block),
        }
    }
}
