//! Resources and data sources: from a block to its instances.
//!
//! An instance has what is written, which rules judge, and what a reference to it sees, where what the provider computes
//! is there as well: unknown, but known to be an attribute of this instance.

use std::sync::Arc;

use terravet_graph::{Candidate, Content, Data, Entries, Index, Reference, Step, Type, Unknown, Value, Why};
use terravet_hcl::{Attribute, Block, Expr, ExprKind, Item};

use super::Unit;
use super::calls::both;
use super::content::ContentReader;
use super::instance::{ResourceInstance, ResourceSet};
use super::repetition::{Instances, One};
use super::scope::ModuleScope;
use crate::builtin;
use crate::data;
use crate::evaluate::Scope;
use crate::module::{ResourceBlock, ResourceMode};
use crate::origins::at_declaration;

/// Attributes that a provider never leaves null.
const NEVER_NULL: [&str; 2] = ["id", "arn"];

impl Unit<'_> {
    /// The instances of a resource block.
    pub(super) fn resource_set(&mut self, instance: u32, place: u32) -> ResourceSet {
        let module = Arc::clone(&self.instance(instance).module);
        let resource = &module.resources[place];
        let Instances { shape, list } = self.instances_of(instance, &resource.repetition);
        if list.iter().all(One::is_doubtful) && !self.instance(instance).is_doubtful() {
            self.check_unreached_resource(resource);
        }
        let one = |one: One| self.with_doubt(one.is_doubtful(), || self.resource_instance(instance, resource, one));
        let instances: Vec<ResourceInstance> = list.into_iter().map(one).collect();
        let parts: Vec<_> = instances.iter().map(|one| (one.index.as_ref(), &one.seen)).collect();
        let whole = shape.whole(&parts, &self.instance(instance).within(&resource.address));
        ResourceSet { instances, whole }
    }

    fn resource_instance(&self, instance: u32, resource: &ResourceBlock, one: One) -> ResourceInstance {
        let at = self.instance(instance);
        let index = one.index.as_ref().map(Index::to_string).unwrap_or_default();
        let address = at.within(&format!("{}{index}", resource.address));
        let behind = behind(resource.mode, &address);
        let scope = ModuleScope::within(self, instance, &one.repetition);
        let reader = ContentReader { report: &|error| self.report(error) };
        let attributes = resource.attributes.iter().map(Item::Attribute);
        let mut items = attributes.chain(resource.blocks.iter().map(Item::Block));
        let written = reader.object(&mut items, Some(&behind), &scope).written_at(resource.span);
        let computed = match builtin::schema(resource.mode, &resource.native_type) {
            Some(_) if resource.mode == ResourceMode::Managed => {
                let id = self.imported_id(instance, resource, one.index.as_ref());
                Some(terraform_data(&written, &behind, id))
            }
            _ if resource.mode == ResourceMode::Data => {
                let request = data::Request {
                    native_type: &resource.native_type,
                    arguments: &written,
                    address: &address,
                    header: resource.header,
                    waits: !resource.dependencies.is_empty(),
                    scope: &scope,
                };
                match data::read(&request) {
                    Ok(computed) => computed,
                    Err(error) => {
                        self.report(error);
                        None
                    }
                }
            }
            _ => None,
        };
        let closed = builtin::schema(resource.mode, &resource.native_type).is_some();
        let attributes = with_computed(written, computed);
        let seen = seen(&attributes, resource, &behind, closed);
        let meta = self.meta(resource, &scope, &seen, instance, &one);
        ResourceInstance {
            index: one.index,
            representative: one.representative.or_else(|| at.representative.clone()),
            exists_when: both(at.exists_when.as_ref(), one.exists_when),
            repetition: one.repetition,
            attributes,
            meta,
            seen,
        }
    }

    /// What is said about a resource to Terraform.
    fn meta(&self, resource: &ResourceBlock, scope: &dyn Scope, seen: &Value, instance: u32, one: &One) -> Value {
        let mut entries = Entries::new();
        for attribute in &resource.meta_attributes {
            let value = match &*attribute.name.name {
                "lifecycle" => self.value_of(&attribute.expr, scope),
                _ => words(&attribute.expr, scope),
            };
            entries.insert(Arc::clone(&attribute.name.name), value);
        }
        let own = ModuleScope::within(self, instance, &one.repetition).with_self(seen);
        let mut provisioners = Vec::new();
        for block in &resource.meta_blocks {
            match &*block.kind.name {
                "lifecycle" => {
                    entries.insert("lifecycle".into(), self.lifecycle(block, scope));
                }
                "provisioner" => provisioners.push(self.provisioner(block, &own)),
                _ => {}
            }
        }
        if !provisioners.is_empty() {
            entries.insert("provisioner".into(), Value::tuple(provisioners));
        }
        Value::object(entries).written_at(resource.header)
    }

    fn lifecycle(&self, block: &Block, scope: &dyn Scope) -> Value {
        let entry = |attribute: &Attribute| {
            let name = &*attribute.name.name;
            // References that are not looked up, only named.
            let value = match name {
                "ignore_changes" | "replace_triggered_by" => words(&attribute.expr, scope),
                _ => self.value_of(&attribute.expr, scope),
            };
            (Arc::from(name), value)
        };
        Value::object(block.body.attributes.iter().map(entry).collect::<Vec<_>>()).written_at(block.span)
    }

    fn provisioner(&self, block: &Block, scope: &dyn Scope) -> Value {
        let keyword = |attribute: &&Attribute| !matches!(&*attribute.name.name, "when" | "on_failure");
        let mut entries: Entries = block
            .body
            .attributes
            .iter()
            .filter(keyword)
            .map(|attribute| (Arc::clone(&attribute.name.name), self.value_of(&attribute.expr, scope)))
            .collect();
        if let Some(label) = block.labels.first() {
            entries.insert("type".into(), Value::string(Arc::clone(&label.text)).written_at(label.span));
        }
        Value::object(entries).written_at(block.span)
    }
}

/// The source text of an expression, or of each element of a list: for references that are only named.
fn words(expr: &Expr, scope: &dyn Scope) -> Value {
    let text = |expr: &Expr| match &expr.kind {
        ExprKind::String { text, .. } => Value::string(Arc::clone(text)).written_at(expr.span),
        _ => Value::string(scope.text(expr.span).unwrap_or_default()).written_at(expr.span),
    };
    match &expr.kind {
        ExprKind::Tuple(items) => Value::tuple(items.iter().map(text)).written_at(expr.span),
        _ => text(expr),
    }
}

/// What stands behind a resource: the source of all that is not written.
fn behind(mode: ResourceMode, address: &Arc<str>) -> Unknown {
    let why = if mode == ResourceMode::Data { Why::Data(Arc::clone(address)) } else { Why::Computed };
    let reference = Reference { resource: Arc::clone(address), attribute: "".into() };
    Unknown { reference: Some(reference), ..Unknown::new(why, Type::Any) }
}

/// An attribute that is not known, as a part of what is behind a resource or a nested block of one.
fn computed(behind: &Unknown, name: &str, ty: Type, not_null: bool) -> Value {
    let reference = behind.reference.as_ref().map(|reference| {
        let path = match &*reference.attribute {
            "" => Arc::from(name),
            within => format!("{within}.{name}").into(),
        };
        Reference { resource: Arc::clone(&reference.resource), attribute: path }
    });
    Unknown { reference, not_null, ..Unknown::new(behind.why.clone(), ty) }.into()
}

/// What `terraform_data` computes: an id, and as output its input after apply.
fn terraform_data(written: &Value, behind: &Unknown, imported: Option<Value>) -> Entries {
    let of = |name: &str| match written.get(name) {
        absent if absent.is_unset() => Value { origin: absent.origin, ..Value::null() },
        value => value,
    };
    let (input, triggers) = (of("input"), of("triggers_replace"));
    // A change of the triggers replaces what is imported.
    let id = imported.filter(|_| triggers.is_null());
    let output = if input.is_null() { input.clone() } else { computed(behind, "output", input.ty(), false) };
    Entries::from_iter([
        ("id".into(), id.unwrap_or_else(|| computed(behind, "id", Type::String, true))),
        ("output".into(), output.marked(input.sensitive)),
        ("input".into(), input),
        ("triggers_replace".into(), triggers),
    ])
}

/// What is written, with what follows from it.
fn with_computed(written: Value, computed: Option<Entries>) -> Value {
    let Some(computed) = computed else { return written };
    let mut entries = written.as_entries().cloned().unwrap_or_default();
    entries.extend(computed);
    Value { data: Data::Object(Arc::new(entries)), ..written }
}

/// What a reference to an instance means.
fn seen(attributes: &Value, resource: &ResourceBlock, behind: &Unknown, closed: bool) -> Value {
    let mut entries = Entries::new();
    for (name, value) in attributes.as_entries().into_iter().flatten() {
        let value = match &value.data {
            // Null says that the provider may decide.
            Data::Null(_) if !closed => computed(behind, name, Type::Any, false).written_at(resource.header),
            _ if closed => value.clone(),
            _ => with_decisions(value),
        };
        let span = value.span().unwrap_or(resource.header);
        let resource = behind.reference.as_ref().map(|reference| Arc::clone(&reference.resource)).unwrap_or_default();
        let step = Step::Resource(Reference { resource, attribute: Arc::clone(name) });
        entries.insert(Arc::clone(name), at_declaration(value, span, step));
    }
    if closed {
        return Value::object(entries);
    }
    for name in NEVER_NULL {
        entries.entry(name.into()).or_insert_with(|| computed(behind, name, Type::Any, true));
    }
    Value::object(entries).with_content(Content::Open(behind.clone()))
}

/// The value with what is null in nested blocks left to the provider, as it is at the top.
fn with_decisions(value: &Value) -> Value {
    let data = match (&value.data, value.content.as_deref()) {
        (Data::Object(entries), Some(Content::Open(behind))) => {
            let entry = |(name, inner): (&Arc<str>, &Value)| {
                let inner = match &inner.data {
                    Data::Null(_) => Value { origin: inner.origin.clone(), ..computed(behind, name, Type::Any, false) },
                    _ => with_decisions(inner),
                };
                (Arc::clone(name), inner)
            };
            Data::Object(Arc::new(entries.iter().map(entry).collect()))
        }
        (Data::Tuple(items), _) if items.iter().any(is_block) => {
            Data::Tuple(Arc::new(items.iter().map(with_decisions).collect()))
        }
        (Data::Unknown(unknown), _) if !unknown.candidates.is_empty() => {
            let candidate = |candidate: &Candidate| Candidate {
                when: candidate.when.clone(),
                value: with_decisions(&candidate.value),
            };
            let candidates = unknown.candidates.iter().map(candidate).collect();
            Data::Unknown(Arc::new(Unknown { candidates, ..Unknown::clone(unknown) }))
        }
        _ => return value.clone(),
    };
    Value { data, ..value.clone() }
}

/// Whether a value is a nested block.
fn is_block(value: &Value) -> bool {
    matches!(value.content.as_deref(), Some(Content::Open(_)))
}
