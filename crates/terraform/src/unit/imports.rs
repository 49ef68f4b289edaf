//! `import` blocks: what they say about the resources that they import.

use std::sync::Arc;

use terravet_graph::{Index, Type, Value};

use super::Unit;
use super::instance::ModuleInstance;
use super::repetition::{Repetition, by_for_each};
use super::scope::ModuleScope;
use crate::evaluate::evaluate;
use crate::module::{Import, ResourceBlock};
use terravet_terraform_functions::convert::convert;

impl Unit<'_> {
    /// The import blocks of the root module that name a resource.
    pub(super) fn imports_of<'u>(
        &'u self,
        instance: &'u ModuleInstance,
        resource: &'u ResourceBlock,
    ) -> impl Iterator<Item = &'u Import> {
        let path: String = instance
            .path
            .split('.')
            .filter(|name| !name.is_empty())
            .fold(String::new(), |path, name| format!("{path}module.{name}."));
        self.instance(0)
            .module
            .imports
            .iter()
            .filter(move |import| import.to.strip_prefix(path.as_str()).is_some_and(|rest| *rest == *resource.address))
    }

    /// The id under which an instance is imported, if it is.
    pub(super) fn imported_id(&self, instance: u32, resource: &ResourceBlock, index: Option<&Index>) -> Option<Value> {
        let at = self.instance(instance);
        self.imports_of(at, resource).find_map(|import| {
            let rounds = match &import.for_each {
                None => vec![Repetition::None],
                Some(for_each) => {
                    let collection = evaluate(for_each, &ModuleScope::top(self, 0)).ok()?;
                    let instances = by_for_each(&collection, for_each.span, super::MAX_INSTANCES).ok()?;
                    instances.list.into_iter().map(|one| one.repetition).collect()
                }
            };
            rounds.iter().find_map(|round| {
                let scope = ModuleScope::within(self, 0, round);
                let wanted = import.index.as_ref().map(|index| evaluate(index, &scope)).transpose().ok()?;
                if !names(wanted.as_ref(), index) {
                    return None;
                }
                let id = evaluate(&import.id, &scope).ok()?;
                convert(&id, &Type::String).ok()
            })
        })
    }
}

/// Whether the key in an import's address is the key of an instance.
fn names(wanted: Option<&Value>, index: Option<&Index>) -> bool {
    match (wanted, index) {
        (None, None) => true,
        (Some(wanted), Some(index)) => {
            let text: Arc<str> = match index {
                Index::Number(number) => number.to_string().into(),
                Index::Key(key) => Arc::clone(key),
            };
            convert(wanted, &Type::String).is_ok_and(|wanted| wanted.as_str() == Some(&*text))
        }
        _ => false,
    }
}
