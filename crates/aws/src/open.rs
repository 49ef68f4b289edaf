//! Policies in one world: what a statement or document says when the open choices in it are taken as the view takes them.
//!
//! In: a view, and a statement or document in which some value is one of several. Out: the same with each of those decided, or
//! the very same where there is nothing to decide. So a condition sees each way in which a policy may turn out, and correlated
//! choices agree.

use std::borrow::Cow;

use terravet_graph::{Data, Value};
use terravet_model::View;
use terravet_policy::{Document, Statement};

/// How deep a policy is looked into; the values of a condition's key are as deep as policies go, with lists around.
const MAX_DEPTH: usize = 10;

/// The statement in the view's world.
pub(crate) fn statement<'s>(view: &View<'_>, statement: &'s Statement) -> Cow<'s, Statement> {
    if !is_open(&statement.value, 0) {
        return Cow::Borrowed(statement);
    }
    let decided = Statement::of_object(&decide(view, &statement.value, 0));
    Cow::Owned(Statement { when: statement.when.clone(), ..decided })
}

/// The document in the view's world.
pub(crate) fn document<'d>(view: &View<'_>, document: &'d Document) -> Cow<'d, Document> {
    if !is_open(&document.value, 0) || !matches!(document.value.data, Data::Map(_) | Data::Object(_)) {
        return Cow::Borrowed(document);
    }
    let decided = Document::of_object(&decide(view, &document.value, 0));
    Cow::Owned(Document { when: document.when.clone(), ..decided })
}

/// Whether something in a value is one of several.
fn is_open(value: &Value, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    match &value.data {
        Data::Unknown(unknown) => !unknown.candidates.is_empty(),
        _ => {
            let items = value.as_items().unwrap_or_default().iter();
            let entries = value.as_entries().into_iter().flat_map(|entries| entries.values());
            items.chain(entries).any(|part| is_open(part, depth + 1))
        }
    }
}

/// The value with what is open in it decided. The parts keep the ways that they came, apart from that of the whole.
fn decide(view: &View<'_>, value: &Value, depth: usize) -> Value {
    if !is_open(value, depth) {
        return value.clone();
    }
    let settled = view.settle(value);
    let inner = |part: &Value| decide(view, part, depth + 1);
    let data = match (settled.as_items(), settled.as_entries()) {
        // A candidate that is unset is an element that is not there.
        (Some(items), _) => Value::tuple(items.iter().map(inner).filter(|item| !item.is_unset())).data,
        (_, Some(entries)) => Value::object(entries.iter().map(|(name, entry)| (name.clone(), inner(entry)))).data,
        _ => return settled,
    };
    Value { data, ..settled }
}
