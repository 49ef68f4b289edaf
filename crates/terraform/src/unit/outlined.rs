//! What a module that is not on this machine creates, as far as its outline tells.
//!
//! In: an instance of a call, with its arguments. Out: resources, as the outline makes them of the arguments. The outline is
//! evaluated as a root module to which the arguments are given; what goes wrong in that is an unknown and not told, since
//! the user did not write it.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Mode, Resource, Step, Value, Why};

use super::instance::{Child, ModuleInstance, OpaqueModule};
use super::{Unit, calls, lower};
use crate::convert::without_optional;
use crate::module::Call;
use crate::origins::at_declaration;
use crate::outline::{Home, LEAST, MOST, Outlined, PATH};

impl Unit<'_> {
    /// The resources that an instance of a call creates. Counts them and the work towards the limits of this unit.
    pub(super) fn outlined(
        &mut self,
        outline: &Outlined,
        caller: u32,
        call: &Call,
        child: &Child,
        opaque: &OpaqueModule,
    ) -> Vec<Resource> {
        let from = self.instance(caller);
        let address = calls::address(from, call, child.index.as_ref());
        let given = given(outline, call, opaque, &address);
        let instance = ModuleInstance::new(Arc::clone(&outline.module), Arc::clone(&address), "".into());
        let mut inner = Unit::of(self.loader, &outline.module.folder, instance, given);
        inner.texts = outline.module.files.iter().map(|file| (file.id(), Arc::clone(file))).collect();
        inner.budget = std::mem::take(&mut self.budget);
        inner.instance_count = self.instance_count;
        inner.evaluate_all();
        let Some(file) = outline.module.files.first() else { return Vec::new() };
        let home = Home { outline: file.id(), header: call.header };
        let resources = lower::of_instance(inner.instance(0)).map(|resource| Resource {
            mode: if resource.mode == Mode::Managed { Mode::Outlined } else { resource.mode },
            name: Arc::clone(&call.name),
            attributes: home.value(&resource.attributes),
            meta: home.value(&resource.meta),
            block: call.span,
            header: call.header,
            representative: resource.representative.or_else(|| opaque.representative.clone()),
            exists_when: calls::both(opaque.exists_when.as_ref(), resource.exists_when),
            ..resource
        });
        let resources = resources.collect();
        self.budget = inner.budget;
        self.instance_count = inner.instance_count;
        resources
    }
}

/// The values of the outline's variables.
fn given(outline: &Outlined, call: &Call, opaque: &OpaqueModule, address: &Arc<str>) -> BTreeMap<Arc<str>, Value> {
    let arguments = opaque.arguments.get().and_then(Value::as_entries);
    let mut given = BTreeMap::new();
    for variable in outline.module.variables.iter() {
        let unknown =
            || Value::unknown(Why::Module(Arc::clone(address)), without_optional(&variable.ty)).written_at(call.header);
        let value = match (&*variable.name, arguments.and_then(|arguments| arguments.get(&variable.name))) {
            (LEAST, _) => Value::number(i64::from(outline.releases.least)).written_at(call.header),
            (MOST, _) => Value::number(i64::from(outline.releases.most)).written_at(call.header),
            (PATH, _) => Value::string(outline.path.as_str()).written_at(call.header),
            (name, Some(value)) => {
                let span = call.arguments.get(name).map_or(call.header, |argument| argument.value.expr.span);
                at_declaration(value.clone(), span, Step::ModuleArgument(Arc::clone(&variable.name)))
            }
            (_, None) if variable.default.is_none() => unknown(),
            (_, None) => continue,
        };
        given.insert(Arc::clone(&variable.name), value);
    }
    given
}
