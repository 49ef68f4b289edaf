//! What is asked about: a resource with the policies that belong to it.
//!
//! In: a graph and [`Names`]. Out: [`Policies`], the resource-based policies, permissions and grants of a graph, and a [`Target`] for
//! an address or ARN.

use std::sync::Arc;

use terravet_graph::{Mode, Resource, ResourceId, Truth, Type, Value, Why};
use terravet_policy::{Letters, Pattern};

use crate::answer::Layer;
use crate::degree::Degree;
use crate::names::{Account, Names, reason};
use crate::principals::{Given, managed_resources, presence, values_at};
use crate::request::Tags;
use crate::statement::Policy;
use crate::table::{Permission, RESOURCES, Typed};

/// The entries of an object.
type Entries = Vec<(Arc<str>, Value)>;

/// What is asked about.
#[derive(Debug)]
pub(crate) struct Target {
    /// Its ARN, or a pattern for all that is asked for.
    pub(crate) pattern: Pattern,
    pub(crate) service: Arc<str>,
    pub(crate) account: Account,
    pub(crate) region: Option<Pattern>,
    /// Its tags, where it is in the code.
    pub(crate) tags: Option<Tags>,
    /// The resources of the code that it is, or is in.
    pub(crate) owners: Vec<(ResourceId, Degree)>,
    pub(crate) policies: Vec<Given>,
    /// Whether a public policy of it is held to the account and to services.
    pub(crate) restricted: Degree,
    /// How certainly it is there.
    pub(crate) there: Degree,
}

/// Where a resource-based policy belongs.
#[derive(Debug)]
struct Attached {
    given: Given,
    /// The resources of the code that it belongs to; none where it names another.
    owners: Vec<(ResourceId, Degree)>,
}

/// The resource-based policies of a graph.
pub(crate) struct Policies {
    list: Vec<Attached>,
    /// What is held to the account, by resource; none for all of them.
    restricted: Vec<(Option<ResourceId>, Degree)>,
}

impl Policies {
    pub(crate) fn gather(names: &Names<'_>) -> Self {
        let (mut list, mut restricted) = (Vec::new(), Vec::new());
        for (id, resource) in managed_resources(names.graph) {
            for row in RESOURCES.blocks.iter().filter(|row| row.is_of(resource.language, &resource.native_type)) {
                let set = values_at(&resource.attributes, &row.restrict).iter().map(is_set).reduce(Degree::or);
                let Some(set) = set.filter(|set| !set.is_no()) else { continue };
                let set = set.and(presence(resource));
                match &row.of {
                    None => restricted.push((None, set)),
                    Some(of) => restricted.extend(
                        owners(names, id, resource, of)
                            .into_iter()
                            .map(|(id, there)| (Some(id), set.clone().and(there))),
                    ),
                }
            }
            for row in RESOURCES.policies.iter().filter(|row| row.is_of(resource.language, &resource.native_type)) {
                let trust =
                    row.of.as_deref() == Some("self") && names.entry(id).is_some_and(|entry| entry.service == "iam");
                let layer = if trust { Layer::Trust } else { Layer::Resource };
                for value in values_at(&resource.attributes, &row.at) {
                    let policy = Policy::read(names, &value, resource.shown_address(), resource.header, layer);
                    let owners = row.of.as_deref().map(|of| owners(names, id, resource, of)).unwrap_or_default();
                    let given = Given { policy: Arc::new(policy), there: presence(resource) };
                    list.push(Attached { given, owners });
                }
            }
            for row in RESOURCES.permissions.iter().filter(|row| row.is_of(resource.language, &resource.native_type)) {
                let layer = if row.grant { Layer::Grant } else { Layer::Resource };
                let value = statement_of(resource, row);
                let policy = Policy::read(names, &value, resource.shown_address(), resource.header, layer);
                let given = Given { policy: Arc::new(policy), there: presence(resource) };
                list.push(Attached { given, owners: owners(names, id, resource, &row.of) });
            }
        }
        Self { list, restricted }
    }

    /// Whether public policies of what is asked about are held to the account.
    fn restriction(&self, service: &str, owners: &[(ResourceId, Degree)]) -> Degree {
        let of = |(id, set): &(Option<ResourceId>, Degree)| match id {
            None => Some(set.clone()).filter(|_| service == "s3"),
            Some(id) => {
                let (_, there) = owners.iter().find(|(owner, _)| owner == id)?;
                Some(set.clone().and(there.clone()))
            }
        };
        self.restricted.iter().filter_map(of).reduce(Degree::or).unwrap_or_else(Degree::no)
    }

    /// The policies of what is asked about.
    fn of(&self, owners: &[(ResourceId, Degree)]) -> Vec<Given> {
        let mut found = Vec::new();
        for attached in &self.list {
            if attached.owners.is_empty() {
                found.extend(speaking_for_itself(&attached.given));
                continue;
            }
            let shared = attached.owners.iter().filter_map(|(id, there)| {
                let (_, own) = owners.iter().find(|(owner, _)| owner == id)?;
                Some(there.clone().and(own.clone()))
            });
            if let Some(there) = shared.reduce(Degree::or) {
                let there = there.and(attached.given.there.clone());
                found.push(Given { policy: Arc::clone(&attached.given.policy), there });
            }
        }
        found
    }

    /// What an address or ARN means, for an action; none where the code has no such address.
    pub(crate) fn targets(&self, names: &Names<'_>, action: &Pattern, asked: &str) -> Vec<Target> {
        if asked.starts_with("arn:") || asked == "*" {
            return vec![self.by_arn(names, Pattern::new(asked, Letters::Exact))];
        }
        let found = names.graph.at(asked).iter();
        found.filter_map(|id| self.of_resource(names, action, *id)).collect()
    }

    /// A resource of the code.
    pub(crate) fn of_resource(&self, names: &Names<'_>, action: &Pattern, id: ResourceId) -> Option<Target> {
        let resource = names.graph.resource(id);
        if resource.mode == Mode::OpaqueModule {
            return None;
        }
        let made_up = || Pattern::fixed(format!("{}.arn", resource.address));
        let arn = names.arn(id).unwrap_or_else(made_up);
        let entry = names.entry(id);
        let about_inside = |inside: &&crate::table::Inside| {
            inside.actions.iter().any(|listed| Pattern::new(listed, Letters::AnyCase).covers(action).is_true())
        };
        let pattern = match entry.and_then(|entry| entry.inside.iter().find(about_inside)) {
            Some(inside) => arn.clone().then(Pattern::new(&inside.suffix, Letters::Exact)),
            None => arn.clone(),
        };
        let owners = vec![(id, Degree::yes())];
        Some(Target {
            pattern,
            service: entry.map_or("", |entry| &entry.service).into(),
            account: names.account(resource),
            region: region_of(&arn),
            tags: Some(Tags::of(names, resource)),
            policies: self.of(&owners),
            restricted: self.restriction(entry.map_or("", |entry| &entry.service), &owners),
            owners,
            there: presence(resource),
        })
    }

    /// Everything of a pattern, whatever of it is in the code.
    pub(crate) fn wide(&self, names: &Names<'_>, pattern: Pattern) -> Target {
        Target { owners: Vec::new(), policies: Vec::new(), tags: None, ..self.by_arn(names, pattern) }
    }

    fn by_arn(&self, names: &Names<'_>, pattern: Pattern) -> Target {
        let mut owners = Vec::new();
        for (id, resource) in managed_resources(names.graph) {
            let (Some(entry), Some(arn)) = (names.entry(id), names.arn(id)) else { continue };
            let mut is = arn.covers(&pattern);
            for inside in &entry.inside {
                is = is.or(arn.clone().then(Pattern::new(&inside.suffix, Letters::Exact)).covers(&pattern));
            }
            match is {
                Truth::True => owners.push((id, presence(resource))),
                Truth::Unknown => {
                    let why = format!("whether {} is meant is not known before apply", resource.address);
                    owners.push((id, Degree::maybe(why)));
                }
                Truth::False => {}
            }
        }
        let certain = owners.iter().find(|(_, there)| !there.is_no()).map(|(id, _)| names.graph.resource(*id));
        let parts = pattern.split(':', 6);
        let part = |at: usize| parts.get(at).and_then(Pattern::literal).unwrap_or_default();
        let account = match (part(4), certain) {
            (id, _) if terravet_policy::is_account_id(&id) => Account::Id(id.into()),
            (_, Some(resource)) => names.account(resource),
            (_, None) => names.own_account(),
        };
        Target {
            service: part(2).into(),
            account,
            region: region_of(&pattern),
            tags: certain.map(|resource| Tags::of(names, resource)),
            policies: self.of(&owners),
            restricted: self.restriction(&part(2), &owners),
            owners,
            pattern,
            there: Degree::yes(),
        }
    }
}

/// Whether a flag is true.
fn is_set(value: &Value) -> Degree {
    match (value.as_bool(), value.as_str()) {
        (Some(flag), _) => Degree::known(flag),
        (None, Some(text)) => Degree::known(text.eq_ignore_ascii_case("true")),
        (None, None) => Degree::maybe(reason(value).unwrap_or_else(|| "a setting is not known before apply".into())),
    }
}

fn region_of(arn: &Pattern) -> Option<Pattern> {
    arn.split(':', 6).get(3).filter(|region| !region.is_empty()).cloned()
}

/// A policy that does not belong to a resource of the code: those of its statements count that name what they are about.
fn speaking_for_itself(given: &Given) -> Option<Given> {
    let names_something = |clause: &crate::statement::Clause| {
        let certain = &clause.resources.certain;
        !certain.is_empty() && certain.iter().all(|text| text.ways.iter().all(|way| way.is_everything().is_false()))
    };
    let clauses: Vec<_> = given.policy.clauses.iter().filter(|clause| names_something(clause)).cloned().collect();
    if clauses.is_empty() {
        return None;
    }
    let policy = Policy { clauses, open: None, ..Policy::clone(&given.policy) };
    Some(Given { policy: Arc::new(policy), there: given.there.clone() })
}

/// The resources of the code that a policy belongs to.
fn owners(names: &Names<'_>, id: ResourceId, resource: &Resource, of: &str) -> Vec<(ResourceId, Degree)> {
    if of == "self" {
        return vec![(id, Degree::yes())];
    }
    let values = values_at(&resource.attributes, of);
    values.iter().flat_map(Value::elements).flat_map(|value| owners_named(names, &value)).collect()
}

fn owners_named(names: &Names<'_>, value: &Value) -> Vec<(ResourceId, Degree)> {
    if let Some(unknown) = value.as_unknown().filter(|unknown| !unknown.candidates.is_empty()) {
        let of = |candidate: &terravet_graph::Candidate| {
            let words: Vec<&str> = candidate.when.iter().map(|guard| &*guard.words).collect();
            let when = Degree::maybe(format!("where {}", words.join(" and ")));
            let found = if candidate.value.is_unknown() {
                owners_named(names, &candidate.value)
            } else {
                plain(names, &candidate.value)
            };
            found.into_iter().map(|(id, there)| (id, there.and(when.clone()))).collect::<Vec<_>>()
        };
        return unknown.candidates.iter().flat_map(of).collect();
    }
    plain(names, value)
}

fn plain(names: &Names<'_>, value: &Value) -> Vec<(ResourceId, Degree)> {
    for reference in value.references() {
        let found: Vec<ResourceId> =
            names.graph.resolve(reference).iter().copied().filter(|id| is_own(names, *id)).collect();
        match found.as_slice() {
            [] => {}
            [only] => return vec![(*only, Degree::yes())],
            several => {
                let why: Arc<str> = format!("which instance of {} is meant is not known", reference.resource).into();
                return several.iter().map(|id| (*id, Degree::maybe(Arc::clone(&why)))).collect();
            }
        }
    }
    let text = names.text(value, Letters::Exact);
    let [pattern] = text.ways.as_slice() else { return Vec::new() };
    if pattern.is_everything() == Truth::Unknown {
        return Vec::new();
    }
    let is = |id: ResourceId| [names.arn(id), names.name(id)].into_iter().flatten().any(|own| own == *pattern);
    names
        .graph
        .iter()
        .map(|(id, _)| id)
        .filter(|id| is_own(names, *id) && is(*id))
        .map(|id| (id, Degree::yes()))
        .collect()
}

fn is_own(names: &Names<'_>, id: ResourceId) -> bool {
    names.entry(id).is_some() && names.graph.resource(id).mode != Mode::Data
}

/// The policy that a permission is, as a document.
fn statement_of(resource: &Resource, row: &Permission) -> Value {
    let attributes = &resource.attributes;
    let text = |text: &str| Value { origin: attributes.origin.clone(), ..Value::string(text) };
    let action = attributes.get(&row.action);
    let actions = if action.is_unset() {
        text(row.default_action.as_deref().unwrap_or("*"))
    } else if row.prefix.is_empty() {
        action
    } else {
        let named = |value: &Value| match value.as_str() {
            Some(name) => Value { origin: value.origin.clone(), ..Value::string(format!("{}{name}", row.prefix)) },
            None => value.clone(),
        };
        Value::tuple(action.elements().iter().map(named))
    };
    let principal = attributes.get(&row.principal);
    let service = principal.as_str().is_some_and(|name| name.contains(".amazonaws.com"));
    let principals = match principal.as_str() {
        Some("*") => principal,
        _ => Value::object([(Arc::from(if service { "Service" } else { "AWS" }), principal)]),
    };
    let mut operators: Vec<(Arc<str>, Entries)> = Vec::new();
    for limit in &row.conditions {
        let values = values_at(attributes, &limit.attribute);
        for value in values {
            let value = if value.as_entries().is_some() { Value::unknown(Why::Computed, Type::String) } else { value };
            match operators.iter_mut().find(|(operator, _)| **operator == *limit.operator) {
                Some((_, keys)) => keys.push((limit.key.as_str().into(), value)),
                None => operators.push((limit.operator.as_str().into(), vec![(limit.key.as_str().into(), value)])),
            }
        }
    }
    let mut statement: Vec<(Arc<str>, Value)> =
        vec![("Effect".into(), text("Allow")), ("Action".into(), actions), ("Principal".into(), principals)];
    if !operators.is_empty() {
        let conditions = operators.into_iter().map(|(operator, keys)| (operator, Value::object(keys)));
        statement.push(("Condition".into(), Value::object(conditions)));
    }
    let place = resource.header;
    let statement = Value::object(statement).written_at(place);
    let document = [(Arc::from("Version"), text("2012-10-17")), (Arc::from("Statement"), Value::tuple([statement]))];
    Value::object(document).written_at(place)
}
