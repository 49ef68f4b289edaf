//! What perhaps no instance reaches: blocks without instances of which it is known that they exist, and modules that are called
//! for none.
//!
//! Terraform checks these as well, without values. Here only what needs none is evaluated: expressions that refer to nothing,
//! which are wrong whatever the values are. What modules declare wrongly is told when they are read.

use std::sync::Arc;

use terravet_hcl::{Body, Expr, Item};

use super::Unit;
use super::scope::ModuleScope;
use crate::evaluate::evaluate;
use crate::loader::Located;
use crate::module::{Module, ResourceBlock, each_reference};

impl Unit<'_> {
    /// Checks the arguments of a resource that perhaps has no instances.
    pub(super) fn check_unreached_resource(&self, resource: &ResourceBlock) {
        let attributes = resource.attributes.iter().map(Item::Attribute);
        attributes.chain(resource.blocks.iter().map(Item::Block)).for_each(|item| self.check_unreached_item(item));
    }

    fn check_unreached_item(&self, item: Item<'_>) {
        match item {
            Item::Attribute(attribute) => self.check_unreached(&attribute.expr),
            Item::Block(block) => self.check_unreached_body(&block.body),
        }
    }

    fn check_unreached_body(&self, body: &Body) {
        body.items().for_each(|item| self.check_unreached_item(item));
    }

    fn check_unreached(&self, expr: &Expr) {
        let mut refers = false;
        each_reference(expr, &mut |_| refers = true);
        if refers {
            return;
        }
        if let Err(error) = evaluate(expr, &ModuleScope::top(self, 0)) {
            self.tell(error.into_diagnostic());
        }
    }

    /// Reads and checks a module that perhaps is called for no instance, and the modules that it calls. The `path` is that of the
    /// calls that lead to it.
    pub(super) fn check_unreached_module(&mut self, called: Arc<Module>, path: &str) {
        let mut open = vec![(called, path.to_owned())];
        while let Some((module, path)) = open.pop() {
            if !self.unreached.insert(module.folder.clone()) {
                continue;
            }
            self.take_in(&module);
            module.locals.iter().for_each(|local| self.check_unreached(&local.value.expr));
            module.outputs.iter().for_each(|output| self.check_unreached(&output.value.expr));
            module.resources.iter().for_each(|resource| self.check_unreached_resource(resource));
            for call in module.calls.iter() {
                call.arguments.values().for_each(|argument| self.check_unreached(&argument.value.expr));
                let Some((source, _)) = &call.source else { continue };
                let path = format!("{path}.{}", call.name);
                if let Located::Folder(folder) = self.loader.locate(&self.vendored, &module.folder, source, &path) {
                    open.push((self.loader.module(&folder), path));
                }
            }
        }
    }
}
