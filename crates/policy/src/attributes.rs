//! The elements of statements as values, for rules that look at them one by one, and what of interest documents allow.
//!
//! In: a [`Statement`] or [`Document`]. Out: [`Value`]s by name. Lists are tuples throughout; where a list may have more elements, it has
//! an unknown one for those, so that what a rule asks of its elements comes out unknown and not wrong.

use std::sync::Arc;

use terravet_graph::{Truth, Type, Value, Why};

use crate::actions;
use crate::condition::Condition;
use crate::document::{Document, Principal, Statement};
use crate::facts::DATA_READ;
use crate::grant::{EVERYTHING, Permission, wildcard_services};
use crate::listing::Listing;
use crate::principal::account_ids;

/// An element of statements, or something about documents.
pub struct Attribute<S: 'static> {
    /// The name by which rules ask for it.
    pub name: &'static str,
    /// What it is, in one line.
    pub doc: &'static str,
    /// How it is read.
    pub read: fn(&S) -> Value,
}

const fn attribute<S>(name: &'static str, doc: &'static str, read: fn(&S) -> Value) -> Attribute<S> {
    Attribute { name, doc, read }
}

/// The elements of a statement.
pub const STATEMENT_ATTRIBUTES: &[Attribute<Statement>] = &[
    attribute("sid", "its name", |s| s.sid.clone()),
    attribute("effect", "`Allow` or `Deny`", |s| s.effect.clone()),
    attribute("actions", "its actions, as written", |s| tuple(&s.actions, Value::clone)),
    attribute("not_actions", "the actions that it is not about", |s| tuple(&s.not_actions, Value::clone)),
    attribute("resources", "its resources", |s| tuple(&s.resources, Value::clone)),
    attribute("not_resources", "the resources that it is not about", |s| tuple(&s.not_resources, Value::clone)),
    attribute("principals", "its principals, each with `kind` and `value`", |s| tuple(&s.principals, of_principal)),
    attribute("not_principals", "whom it is not about, each with `kind` and `value`", |s| {
        tuple(&s.not_principals, of_principal)
    }),
    attribute("conditions", "its conditions, each with `operator`, `key` in lower case, and `values`", |s| {
        tuple(&s.conditions, of_condition)
    }),
    attribute("wildcard_services", "the services of which it lists every action, in lower case", |s| {
        texts(&s.actions.value, wildcard_services(s), s.actions.complete)
    }),
    attribute("account_ids", "the accounts that its principals name by id", |s| {
        texts(&s.principals.value, account_ids(&s.principals), s.principals.complete)
    }),
];

/// What of interest a document allows, for the words of a finding.
pub const DOCUMENT_ATTRIBUTES: &[Attribute<Document>] = &[
    attribute("credential_actions", "the actions that give credentials which it allows on all resources", |document| {
        granted(document, actions::CREDENTIAL_EXPOSURE, EVERYTHING)
    }),
    attribute(
        "permission_actions",
        "the actions that change permissions which it allows on all resources",
        |document| granted(document, actions::PERMISSIONS_MANAGEMENT, EVERYTHING),
    ),
    attribute("data_actions", "the actions that read stored data which it allows on all of it", |document| {
        let of_service = |permission: &Permission<'static>| granted(document, permission.actions, permission.resources);
        Value::tuple(DATA_READ.iter().flat_map(|permission| of_service(permission).elements()))
    }),
];

/// Which of the actions a document certainly grants.
fn granted(document: &Document, actions: &'static [&'static str], resources: &str) -> Value {
    let is_granted = |action: &&&'static str| {
        Permission::any(std::slice::from_ref(*action), resources).granted_in(document).truth.is_true()
    };
    Value::tuple(actions.iter().filter(is_granted).map(|action| Value::string(*action)))
}

fn of_principal(principal: &Principal) -> Value {
    let kind = Value { origin: principal.value.origin.clone(), ..Value::string(principal.kind.as_str()) };
    object(&principal.value, [("kind", kind), ("value", principal.value.clone())])
}

fn of_condition(condition: &Condition) -> Value {
    let text = |text: &str| Value { origin: condition.values.value.origin.clone(), ..Value::string(text) };
    let entries = [
        ("operator", text(&condition.operator)),
        ("key", text(&condition.key.to_ascii_lowercase())),
        ("values", tuple(&condition.values, Value::clone)),
    ];
    object(&condition.values.value, entries)
}

fn object<const N: usize>(place: &Value, entries: [(&str, Value); N]) -> Value {
    let entries = entries.map(|(name, value)| (Arc::from(name), value));
    Value { origin: place.origin.clone(), ..Value::object(entries) }
}

fn tuple<T>(list: &Listing<T>, of: impl Fn(&T) -> Value) -> Value {
    if list.present.is_false() || (list.present == Truth::Unknown && list.items.is_empty()) {
        return list.value.clone();
    }
    let open = || open(&list.value);
    let possible = list.possible.iter().map(|_| open());
    let more = (!list.complete).then(open);
    let items = list.items.iter().map(of).chain(possible).chain(more);
    Value { origin: list.value.origin.clone(), sensitive: list.value.sensitive, ..Value::tuple(items) }
}

fn texts(place: &Value, texts: Vec<String>, complete: bool) -> Value {
    let known = texts.into_iter().map(|text| Value { origin: place.origin.clone(), ..Value::string(text) });
    let items = known.chain((!complete).then(|| open(place)));
    Value { origin: place.origin.clone(), ..Value::tuple(items) }
}

/// What may be in a list or not.
fn open(place: &Value) -> Value {
    let why =
        place.as_unknown().map_or(Why::Other("whether it is in the list is not known".into()), |it| it.why.clone());
    Value { origin: place.origin.clone(), ..Value::unknown(why, Type::Any) }
}
