//! Arguments and nested blocks as an object.
//!
//! In: the attributes and blocks of a resource. Out: an object in which each type of nested block is a tuple of objects,
//! since without the provider's schema it is not known which types occur once. `dynamic` blocks become the blocks that
//! they stand for. Where it is not known which those are, the tuple is one of several: without blocks, and with one that
//! stands for all.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks>.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{
    Candidate, Content, Data, Entries, Guard, MAX_CANDIDATES, Reference, Step, Type, Unknown, Value, Why,
};
use terravet_hcl::{Attribute, Block, Body, Item, Step as TraversalStep};
use terravet_source::Span;

use super::repetition::alternatives;
use crate::evaluate::{EvaluationError, InnerScope, Resolved, Scope, evaluate, evaluate_or_report, kind_of};
use crate::module::iterator_of;
use terravet_terraform_functions::convert::first_reason;

/// The steps that a block made by `dynamic` takes beside its expressions, since the budget bounds memory as well.
const BLOCK_STEPS: u64 = 50;

/// The blocks of one type in one alternative.
#[derive(Clone)]
struct Alternative {
    when: Vec<Guard>,
    blocks: Vec<Value>,
}

/// The blocks of one type.
struct Blocks {
    alternatives: Vec<Alternative>,
    place: Span,
    /// Set where there are more alternatives than are followed.
    lost: Option<Why>,
}

/// Evaluates content to objects.
pub(super) struct ContentReader<'r> {
    /// Where errors go; what they concern is unknown.
    pub(super) report: &'r dyn Fn(EvaluationError),
}

impl ContentReader<'_> {
    /// The object that attributes and blocks make. What is asked of it and is not there is a part of `behind`.
    pub(super) fn object(
        &self,
        items: &mut dyn Iterator<Item = Item<'_>>,
        behind: Option<&Unknown>,
        scope: &dyn Scope,
    ) -> Value {
        let mut entries = Entries::new();
        let mut blocks: BTreeMap<Arc<str>, Blocks> = BTreeMap::new();
        for item in items {
            match item {
                Item::Attribute(attribute) => {
                    entries.insert(Arc::clone(&attribute.name.name), self.attribute(attribute, scope));
                }
                Item::Block(block) => self.add_block(block, behind, scope, &mut blocks),
            }
        }
        entries.extend(blocks.into_iter().map(|(name, blocks)| (name, blocks.into_value())));
        let object = Value::object(entries);
        match behind {
            Some(behind) => object.with_content(Content::Open(behind.clone())),
            None => object,
        }
    }

    fn attribute(&self, attribute: &Attribute, scope: &dyn Scope) -> Value {
        evaluate_or_report(&attribute.expr, scope, &mut |error| (self.report)(error))
    }

    fn body(&self, body: &Body, span: Span, behind: Option<&Unknown>, scope: &dyn Scope) -> Value {
        self.object(&mut body.items(), behind, scope).written_at(span)
    }

    fn add_block(
        &self,
        block: &Block,
        behind: Option<&Unknown>,
        scope: &dyn Scope,
        found: &mut BTreeMap<Arc<str>, Blocks>,
    ) {
        let (name, is_dynamic) = match block.labels.first() {
            Some(label) if &*block.kind.name == "dynamic" => (&label.text, true),
            _ => (&block.kind.name, false),
        };
        let blocks = found.entry(Arc::clone(name)).or_insert_with(|| Blocks::none(block.span));
        blocks.place = blocks.place.to(block.span);
        let inner = behind.map(|behind| nested(behind, name, blocks.count()));
        let given = if is_dynamic {
            self.dynamic(block, name, inner.as_ref(), scope)
        } else {
            let value = self.body(&block.body, block.span, inner.as_ref(), scope);
            vec![Alternative { when: Vec::new(), blocks: vec![value] }]
        };
        blocks.add(given);
    }

    /// The blocks that a `dynamic` block stands for.
    fn dynamic(&self, block: &Block, name: &str, behind: Option<&Unknown>, scope: &dyn Scope) -> Vec<Alternative> {
        let missing = |what: &str| {
            (self.report)(EvaluationError::new(block.header, format!("this dynamic block has no {what}")));
            Vec::new()
        };
        let Some(for_each) = block.body.attribute("for_each") else { return missing("for_each") };
        let Some(content) = block.body.blocks_of("content").next() else { return missing("content block") };
        let Some(iterator) = iterator_of(block) else { return Vec::new() };
        let collection = match evaluate(&for_each.expr, scope) {
            Ok(collection) => collection,
            Err(error) => {
                (self.report)(error);
                Value::unknown(Why::Error, Type::Any).written_at(for_each.expr.span)
            }
        };
        let make = |key: Value, value: Value| {
            let inside = IteratorScope { outer: scope, name: iterator, key, value };
            if let Some(labels) = block.body.attribute("labels") {
                self.attribute(labels, &inside);
            }
            self.body(&content.body, content.span, behind, &inside)
        };
        let span = for_each.expr.span;
        let mut found = Vec::new();
        for (when, collection) in alternatives(&collection) {
            let rounds = rounds(&collection, span).and_then(|rounds| {
                scope.budget().steps(BLOCK_STEPS * rounds.as_ref().map_or(1, Vec::len) as u64, span)?;
                Ok(rounds)
            });
            match rounds {
                Ok(Some(rounds)) => {
                    let blocks = rounds.into_iter().map(|(key, value)| make(key, value)).collect();
                    found.push(Alternative { when, blocks });
                }
                Ok(None) => {
                    let (key, value) = any_round(&collection, span);
                    let guard = |empty: bool| emptiness(name, span, empty, scope);
                    for (guard, blocks) in [(guard(true), Vec::new()), (guard(false), vec![make(key, value)])] {
                        if let Some(when) = Candidate::join(&when, &[guard]) {
                            found.push(Alternative { when, blocks });
                        }
                    }
                }
                Err(error) => (self.report)(error),
            }
        }
        found
    }
}

impl Blocks {
    fn none(place: Span) -> Self {
        Self { alternatives: vec![Alternative { when: Vec::new(), blocks: Vec::new() }], place, lost: None }
    }

    /// How many blocks there are so far, in the alternative with the most.
    fn count(&self) -> usize {
        self.alternatives.iter().map(|alternative| alternative.blocks.len()).max().unwrap_or(0)
    }

    /// Adds the blocks of one `dynamic` or written block, in each of its alternatives.
    fn add(&mut self, given: Vec<Alternative>) {
        if given.is_empty() {
            // It could not be evaluated, so that nothing is certain about how many blocks there are.
            self.lost = Some(Why::Error);
            return;
        }
        if let [only] = given.as_slice()
            && only.when.is_empty()
        {
            self.alternatives.iter_mut().for_each(|known| known.blocks.extend(only.blocks.iter().cloned()));
            return;
        }
        if self.alternatives.len() * given.len() > MAX_CANDIDATES {
            self.lost = Some(Why::Limit("alternatives of nested blocks".into()));
            return;
        }
        let mut joined = Vec::new();
        for known in &self.alternatives {
            for more in &given {
                if let Some(when) = Candidate::join(&known.when, &more.when) {
                    let blocks = known.blocks.iter().chain(&more.blocks).cloned().collect();
                    joined.push(Alternative { when, blocks });
                }
            }
        }
        self.alternatives = joined;
    }

    fn into_value(self) -> Value {
        let value = if let Some(why) = self.lost {
            Value::unknown(why, Type::Any)
        } else {
            let candidate = |alternative: Alternative| Candidate {
                when: alternative.when,
                value: Value::tuple(alternative.blocks).written_at(self.place),
            };
            let why = Why::Other("it is not known which nested blocks there are".into());
            Value::one_of(why, Type::Any, self.alternatives.into_iter().map(candidate).collect())
        };
        value.written_at(self.place)
    }
}

/// What is behind the nested block of this type at this place.
fn nested(behind: &Unknown, name: &str, at: usize) -> Unknown {
    let reference = behind.reference.as_ref().map(|reference| {
        let path = if reference.attribute.is_empty() {
            format!("{name}[{at}]")
        } else {
            format!("{}.{name}[{at}]", reference.attribute)
        };
        Reference { resource: Arc::clone(&reference.resource), attribute: path.into() }
    });
    Unknown { reference, ..behind.clone() }
}

/// The key and value of each round; none where it is not known which there are.
fn rounds(collection: &Value, span: Span) -> Result<Option<Vec<(Value, Value)>>, EvaluationError> {
    let refused = |what: &str| {
        let message = format!("for_each of a dynamic block needs a list, set, map or object, and this is {what}");
        Err(EvaluationError::new(span, message))
    };
    let keyed = |key: Value, value: &Value| (key, collection.part(value));
    Ok(Some(match &collection.data {
        Data::Null(_) | Data::Absent => return refused("null"),
        Data::Unknown(unknown) if unknown.ty.is_primitive() => return refused(&kind_of(collection)),
        Data::Unknown(_) => return Ok(None),
        Data::Set(set) => set.items.iter().map(|item| keyed(collection.part(item), item)).collect(),
        Data::List(_) | Data::Tuple(_) => {
            let items = collection.as_items().unwrap_or_default();
            (0usize..).zip(items).map(|(at, item)| keyed(Value::number(at), item)).collect()
        }
        Data::Map(_) | Data::Object(_) => {
            let entries = collection.as_entries().into_iter().flatten();
            entries.map(|(key, value)| keyed(collection.part(&Value::string(Arc::clone(key))), value)).collect()
        }
        Data::Bool(_) | Data::Number(_) | Data::String(_) => return refused(&kind_of(collection)),
    }))
}

/// The key and value of a round that stands for all.
fn any_round(collection: &Value, span: Span) -> (Value, Value) {
    let why = first_reason(collection).unwrap_or(Why::Computed);
    let element = match collection.as_unknown().map(|unknown| &unknown.ty) {
        Some(Type::List(element) | Type::Set(element) | Type::Map(element)) => Type::clone(element),
        _ => Type::Any,
    };
    let part = |ty: Type| collection.part(&Value::unknown(why.clone(), ty).written_at(span));
    (part(Type::Any), part(element))
}

/// The guard for a collection of which it is not known whether anything is in it.
fn emptiness(name: &str, span: Span, empty: bool, scope: &dyn Scope) -> Guard {
    let text = scope.text(span).unwrap_or_else(|| format!("for_each of {name}"));
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect();
    let module = scope.module();
    let choice = if module.is_empty() { format!("{text} is empty") } else { format!("{module}: {text} is empty") };
    let words = if empty { format!("{text} is empty") } else { format!("{text} is not empty") };
    Guard { choice: choice.into(), taken: Arc::from(if empty { "true" } else { "false" }), words: words.into() }
}

/// The scope inside the content of a `dynamic` block: one more name, the iterator.
struct IteratorScope<'s> {
    outer: &'s dyn Scope,
    name: &'s Arc<str>,
    key: Value,
    value: Value,
}

impl InnerScope for IteratorScope<'_> {
    fn outer(&self) -> &dyn Scope {
        self.outer
    }

    fn own(&self, root: &str, steps: &[TraversalStep], span: Span) -> Option<Resolved> {
        if *root != **self.name {
            return None;
        }
        let named = |value: &Value, part: &str| {
            let value = value.clone().through(span, Step::Named(format!("{root}.{part}").into()));
            Some(Resolved { value, consumed: 1 })
        };
        match steps.first().map(|step| &step.kind) {
            Some(terravet_hcl::StepKind::Attribute(part)) if &**part == "key" => named(&self.key, "key"),
            Some(terravet_hcl::StepKind::Attribute(part)) if &**part == "value" => named(&self.value, "value"),
            _ => {
                let both = [("key".into(), self.key.clone()), ("value".into(), self.value.clone())];
                Some(Resolved { value: Value::object(both), consumed: 0 })
            }
        }
    }
}
