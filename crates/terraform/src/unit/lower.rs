//! From a unit in which everything is evaluated to the graph.

use std::sync::Arc;

use terravet_graph::{Graph, Index, Language, Mode, Outlined, Resource, Value};

use super::Unit;
use super::calls;
use super::instance::{ChildKind, ModuleInstance, OpaqueModule, ResourceInstance, Slot};
use terravet_frontend::Loaded;
use crate::module::{Call, ResourceBlock, ResourceMode};

impl Unit<'_> {
    /// The graph, with the files that its spans point into.
    pub(crate) fn into_loaded(mut self) -> Loaded {
        let (resources, outlined) = self.resources();
        let root = self.instance(0);
        let file = root.module.files.first().map_or_else(|| self.loader.sources().id(&self.root), |file| file.id());
        let mut graph = Graph::new(self.root.to_string_lossy().into(), file, resources);
        graph.outlined = outlined;
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

    /// The resources: those of a module in the order of the source, then those of the modules that it calls. And what
    /// outlines tell of, by call.
    fn resources(&mut self) -> (Vec<Resource>, Outlined) {
        let mut resources = Vec::new();
        let mut outlined = Outlined::new();
        let mut open = vec![0u32];
        while let Some(at) = open.pop() {
            resources.extend(of_instance(self.instance(at)));
            let module = Arc::clone(&self.instance(at).module);
            let mut called = Vec::new();
            for (place, call) in (0u32..).zip(module.calls.iter()) {
                let Slot::Done(expansion) =
                    std::mem::replace(&mut self.instances[at as usize].calls[place as usize], Slot::Open)
                else {
                    continue;
                };
                let has_opaque = expansion.children.iter().any(|child| matches!(child.what, ChildKind::Opaque(_)));
                let outline = if has_opaque { self.loader.outline(call) } else { None };
                for child in &expansion.children {
                    let opaque = match &child.what {
                        ChildKind::Module(child) => {
                            called.push(*child);
                            continue;
                        }
                        ChildKind::Opaque(opaque) => opaque,
                    };
                    resources.push(lowered_call(self.instance(at), call, child.index.as_ref(), opaque));
                    if let Some(outline) = &outline {
                        let address = calls::address(self.instance(at), call, child.index.as_ref());
                        let (created, types) = self.outlined(outline, call, &address, opaque);
                        resources.extend(created);
                        outlined.insert(address, types);
                    }
                }
            }
            open.extend(called.into_iter().rev());
        }
        (resources, outlined)
    }
}

/// The resources of an instance of a module, without those of the modules that it calls.
pub(super) fn of_instance(instance: &ModuleInstance) -> impl Iterator<Item = Resource> {
    (0..instance.module.resources.len()).flat_map(|place| of_block(instance, place))
}

/// The instances of one block.
pub(super) fn of_block(instance: &ModuleInstance, place: u32) -> impl Iterator<Item = Resource> {
    let block = &instance.module.resources[place];
    let set = instance.resources[place as usize].get();
    let instances = set.map(|set| set.instances.as_slice()).unwrap_or_default();
    instances.iter().filter_map(move |one| lowered(instance, block, one))
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
        written_type: None,
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
        written_type: None,
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
