//! What a module that is not on this machine creates, as far as its outline tells.
//!
//! In: an instance of a call, with its arguments. Out: resources, as the outline makes them of the arguments. The outline is
//! evaluated as a root module to which the arguments are given; what goes wrong in that is an unknown and not told, since
//! the user did not write it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Data, Mode, Resource, Step, Value, Why};

use super::instance::{ModuleInstance, OpaqueModule};
use super::{Unit, calls, lower};
use crate::loader::Loader;
use crate::module::{Call, Module, ResourceBlock, ResourceMode, Variable};
use crate::origins::at_declaration;
use crate::outline::{Home, Ignorance, LEAST, MOST, Outlined, PATH};
use terravet_terraform_functions::convert::without_optional;

impl<'l> Unit<'l> {
    /// What is wrong with an outline: with its declarations, and with what comes of them where nothing is given.
    pub(crate) fn check_outline(loader: &'l Loader, module: Arc<Module>) -> Vec<Diagnostic> {
        let folder = module.folder.clone();
        let mut unit = Unit::of(loader, &folder, ModuleInstance::root(Arc::clone(&module)), BTreeMap::new());
        unit.take_in(&module);
        unit.evaluate_all();
        unit.problems()
    }

    /// The resources that an instance of a call creates, and the types of which these are all. Counts them and the work
    /// towards the limits of this unit.
    pub(super) fn outlined(
        &mut self,
        outline: &Outlined,
        call: &Call,
        address: &Arc<str>,
        opaque: &OpaqueModule,
    ) -> (Vec<Resource>, BTreeSet<Arc<str>>) {
        let module = &outline.module;
        let instance = ModuleInstance::new(Arc::clone(module), Arc::clone(address), "".into());
        let mut inner = Unit::of(self.loader, &module.folder, instance, given(outline, call, opaque));
        let open: Vec<u32> = (0..module.variables.len())
            .filter(|place| {
                let variable = &module.variables[*place];
                variable.default.is_none() && !inner.given.contains_key(&variable.name)
            })
            .collect();
        for place in &open {
            let Variable { name, ty, .. } = &module.variables[*place];
            let unknown = Value::unknown(Why::Module(Arc::clone(address)), without_optional(ty));
            inner.give(name, unknown.written_at(call.header));
        }
        let ignorance = Ignorance::of(module, open.into_iter());
        inner.texts = module.files.iter().map(|file| (file.id(), Arc::clone(file))).collect();
        inner.budget = std::mem::take(&mut self.budget);
        inner.instance_count = self.instance_count;
        inner.evaluate_all();
        let created = inner.created(call, opaque, &ignorance);
        self.budget = inner.budget;
        self.instance_count = inner.instance_count;
        created
    }

    /// What this unit, of an outline, creates.
    fn created(
        &self,
        call: &Call,
        opaque: &OpaqueModule,
        ignorance: &Ignorance,
    ) -> (Vec<Resource>, BTreeSet<Arc<str>>) {
        let instance = self.instance(0);
        let module = &instance.module;
        let Some(file) = module.files.first() else { return Default::default() };
        let home = Home { outline: file.id(), header: call.header, ignorance };
        let (mut resources, mut types, mut untold) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for (place, block) in (0..).zip(module.resources.iter()) {
            if block.mode == ResourceMode::Managed {
                types.insert(Arc::clone(&block.native_type));
            }
            for resource in lower::of_block(instance, place) {
                let is_certain = resource.representative.is_none() && resource.exists_when.is_none();
                if !is_certain && ignorance.counts(place) {
                    untold.insert(Arc::clone(&block.native_type));
                    continue;
                }
                resources.push(at_home(with_all_blocks(resource, block), home, call, opaque));
            }
        }
        types.retain(|native| !untold.contains(native));
        (resources, types)
    }
}

/// A resource with the nested blocks that it has none of, so that these are known to be none.
fn with_all_blocks(resource: Resource, block: &ResourceBlock) -> Resource {
    let Some(entries) = resource.attributes.as_entries() else { return resource };
    let mut entries = entries.clone();
    for nested in &block.blocks {
        let kind = match nested.labels.first() {
            Some(label) if &*nested.kind.name == "dynamic" => &label.text,
            _ => &nested.kind.name,
        };
        entries.entry(Arc::clone(kind)).or_insert_with(|| Value::tuple([]).written_at(nested.header));
    }
    let attributes = Value { data: Data::Object(Arc::new(entries)), ..resource.attributes };
    Resource { attributes, ..resource }
}

/// A resource of an outline, as what the call creates.
fn at_home(resource: Resource, home: Home<'_>, call: &Call, opaque: &OpaqueModule) -> Resource {
    Resource {
        mode: if resource.mode == Mode::Managed { Mode::Outlined } else { resource.mode },
        name: Arc::clone(&call.name),
        attributes: home.value(&resource.attributes),
        meta: home.value(&resource.meta),
        block: call.span,
        header: call.header,
        representative: resource.representative.or_else(|| opaque.representative.clone()),
        exists_when: calls::both(opaque.exists_when.as_ref(), resource.exists_when),
        ..resource
    }
}

/// The values that are given for the outline's variables.
fn given(outline: &Outlined, call: &Call, opaque: &OpaqueModule) -> BTreeMap<Arc<str>, Value> {
    let arguments = opaque.arguments.get().and_then(Value::as_entries);
    let number = |number: u32| Value::number(i64::from(number)).written_at(call.header);
    let value = |variable: &Variable| match &*variable.name {
        LEAST => Some(number(outline.releases.least)),
        MOST => Some(number(outline.releases.most)),
        PATH => Some(Value::string(outline.path.as_str()).written_at(call.header)),
        name => {
            let value = arguments?.get(name)?.clone();
            let span = call.arguments.get(name).map_or(call.header, |argument| argument.value.expr.span);
            Some(at_declaration(value, span, Step::ModuleArgument(Arc::clone(&variable.name))))
        }
    };
    let variables = outline.module.variables.iter();
    variables.filter_map(|variable| Some((Arc::clone(&variable.name), value(variable)?))).collect()
}
