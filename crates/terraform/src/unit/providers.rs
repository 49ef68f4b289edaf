//! Configurations of providers: which account and region the resources of each are in.
//!
//! In: a unit in which everything is evaluated. Out: [`Provider`]s, those of called modules with what their call passes on.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Provider, Type, Value, Why};
use terravet_hcl::{Block, Body, Expr, ExprKind};

use super::Unit;
use super::scope::ModuleScope;
use crate::evaluate::{Scope as _, evaluate};
use crate::module::ProviderBlock;

/// How deep nested blocks are looked into.
const MAX_DEPTH: usize = 4;

impl Unit<'_> {
    /// The configurations of all instances of modules, by name.
    pub(super) fn providers(&self) -> Vec<Provider> {
        let mut by_module: Vec<BTreeMap<Arc<str>, Provider>> = Vec::with_capacity(self.instances.len());
        // A module stands in the list after the one that calls it.
        for (at, instance) in (0u32..).zip(&self.instances) {
            let caller =
                instance.caller.and_then(|(caller, call)| Some((by_module.get(caller as usize)?, caller, call)));
            let mut own = caller.map(|(known, caller, call)| self.passed(known, caller, call)).unwrap_or_default();
            for block in &instance.module.providers {
                let provider = self.provider(at, block);
                own.insert(Arc::clone(&provider.name), provider);
            }
            for provider in own.values_mut() {
                provider.module = Arc::clone(&instance.address);
            }
            by_module.push(own);
        }
        by_module.into_iter().flat_map(BTreeMap::into_values).collect()
    }

    /// What a call passes on: what it names, or else all that have no alias.
    fn passed(&self, known: &BTreeMap<Arc<str>, Provider>, caller: u32, call: u32) -> BTreeMap<Arc<str>, Provider> {
        let plain = known.iter().filter(|(name, _)| !name.contains('.'));
        let mut passed: BTreeMap<Arc<str>, Provider> =
            plain.map(|(name, provider)| (Arc::clone(name), provider.clone())).collect();
        let given = self.instance(caller).module.calls[call].providers.as_ref().map(|expr| &expr.kind);
        let Some(ExprKind::Object(items)) = given else { return passed };
        let scope = ModuleScope::top(self, caller);
        for item in items {
            let (Some(name), Some(from)) = (scope.text(item.key.span()), scope.text(item.value.span)) else { continue };
            let name: Arc<str> = name.trim_matches('"').into();
            match known.get(from.trim_matches('"')) {
                Some(provider) => {
                    passed.insert(Arc::clone(&name), Provider { name, ..provider.clone() });
                }
                None => {
                    passed.remove(&name);
                }
            }
        }
        passed
    }

    fn provider(&self, instance: u32, block: &ProviderBlock) -> Provider {
        let attributes = self.quietly(&block.body, instance, 0);
        let name = match attributes.get("alias").as_str() {
            Some(alias) => format!("{}.{alias}", block.name).into(),
            None => Arc::clone(&block.name),
        };
        Provider { module: "".into(), name, attributes, block: block.span }
    }

    /// The arguments and nested blocks of a body. What cannot be evaluated is unknown, and nothing is told about it: no
    /// resource depends on it.
    fn quietly(&self, body: &Body, instance: u32, depth: usize) -> Value {
        let scope = ModuleScope::top(self, instance);
        let value = |expr: &Expr| evaluate(expr, &scope).unwrap_or_else(|_| Value::unknown(Why::Error, Type::Any));
        let mut entries: BTreeMap<Arc<str>, Value> = body
            .attributes
            .iter()
            .map(|attribute| (Arc::clone(&attribute.name.name), value(&attribute.expr)))
            .collect();
        if depth < MAX_DEPTH {
            let mut blocks: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
            for block in &body.blocks {
                let Block { kind, body, .. } = block;
                blocks.entry(Arc::clone(&kind.name)).or_default().push(self.quietly(body, instance, depth + 1));
            }
            entries.extend(blocks.into_iter().map(|(name, list)| (name, Value::tuple(list))));
        }
        Value::object(entries)
    }
}
