//! From a unit in which everything is evaluated to the graph.

use std::sync::Arc;

use terravet_graph::{Graph, Index, Language, Mode, Resource, Value};

use super::Unit;
use super::calls;
use super::instance::{ChildKind, ModuleInstance, OpaqueModule, ResourceInstance};
use crate::loader::Loaded;
use crate::module::{Call, ResourceBlock, ResourceMode};

impl Unit<'_> {
    /// The graph, with the files that its spans point into.
    pub(crate) fn into_loaded(self) -> Loaded {
        let root = self.instance(0);
        let file = root.module.files.first().map_or_else(|| self.loader.sources().id(&self.root), |file| file.id());
        let mut graph = Graph::new(self.root.to_string_lossy().into(), file, self.resources());
        graph.outputs = root
            .module
            .outputs
            .iter()
            .zip(&root.outputs)
            .filter_map(|(output, slot)| Some((Arc::clone(&output.name), slot.get()?.clone())))
            .collect();
        graph.diagnostics = self.problems.into_inner().list;
        let mut files = self.texts;
        files.extend(self.files.into_read());
        // In an order that does not depend on when each was first read.
        let mut files: Vec<_> = files.into_values().collect();
        files.sort_by(|a, b| a.path().cmp(b.path()));
        Loaded { graph, files }
    }

    /// The resources: those of a module in the order of the source, then those of the modules that it calls.
    fn resources(&self) -> Vec<Resource> {
        let mut resources = Vec::new();
        let mut open = vec![0u32];
        while let Some(at) = open.pop() {
            let instance = self.instance(at);
            for (block, slot) in instance.module.resources.iter().zip(&instance.resources) {
                let instances = slot.get().map(|set| set.instances.as_slice()).unwrap_or_default();
                resources.extend(instances.iter().filter_map(|one| lowered(instance, block, one)));
            }
            let mut called = Vec::new();
            for (call, slot) in instance.module.calls.iter().zip(&instance.calls) {
                for child in slot.get().map(|expansion| expansion.children.as_slice()).unwrap_or_default() {
                    match &child.what {
                        ChildKind::Module(child) => called.push(*child),
                        ChildKind::Opaque(opaque) => {
                            resources.push(lowered_call(instance, call, child.index.as_ref(), opaque));
                        }
                    }
                }
            }
            open.extend(called.into_iter().rev());
        }
        resources
    }
}

fn lowered(module: &ModuleInstance, block: &ResourceBlock, one: &ResourceInstance) -> Option<Resource> {
    let mode = match block.mode {
        ResourceMode::Managed => Mode::Managed,
        ResourceMode::Data => Mode::Data,
        ResourceMode::Ephemeral => return None,
    };
    let index = one.index.as_ref().map(Index::to_string).unwrap_or_default();
    Some(Resource {
        address: module.within(&format!("{}{index}", block.address)),
        module: Arc::clone(&module.address),
        language: Language::Terraform,
        mode,
        native_type: Arc::clone(&block.native_type),
        name: Arc::clone(&block.name),
        index: one.index.clone(),
        attributes: one.attributes.clone(),
        meta: one.meta.clone(),
        block: block.span,
        header: block.header,
        representative: one.representative.clone(),
        exists_when: one.exists_when.clone(),
    })
}

fn lowered_call(module: &ModuleInstance, call: &Call, index: Option<&Index>, opaque: &OpaqueModule) -> Resource {
    let source = call.source.as_ref().map(|(source, _)| Arc::clone(source)).unwrap_or_default();
    Resource {
        address: calls::address(module, call, index),
        module: Arc::clone(&module.address),
        language: Language::Terraform,
        mode: Mode::OpaqueModule,
        native_type: source,
        name: Arc::clone(&call.name),
        index: index.cloned(),
        attributes: opaque.arguments.get().cloned().unwrap_or_else(|| Value::object([])),
        meta: opaque.meta.clone(),
        block: call.span,
        header: call.header,
        representative: opaque.representative.clone(),
        exists_when: opaque.exists_when.clone(),
    }
}
