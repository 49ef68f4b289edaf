//! The users, groups, roles and permission sets of the code with all that they are given.
//!
//! In: a graph and [`Names`]. Out: [`Principals`]: each with its identity-based policies (inline, attached, those of its groups), its
//! permissions boundary, its tags, and what runs as it. What gives a policy to somebody who is not in the code is left out.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Data, Graph, Mode, Resource, ResourceId, Truth, Value};
use terravet_policy::{Letters, Pattern};
use terravet_source::Span;

use crate::answer::{Basis, Layer};
use crate::degree::Degree;
use crate::managed;
use crate::names::{Account, Names, reason};
use crate::request::Tags;
use crate::statement::Policy;
use crate::table::{IDENTITIES, PrincipalKind, Typed};

/// How deep candidates within each other are followed.
const MAX_DEPTH: usize = 8;

/// A policy as somebody holds it.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) policy: Arc<Policy>,
    /// How certainly it is given.
    pub(crate) there: Degree,
}

/// A user, group, role or permission set.
#[derive(Debug)]
pub(crate) struct Principal {
    pub(crate) id: ResourceId,
    pub(crate) address: Arc<str>,
    pub(crate) kind: PrincipalKind,
    pub(crate) header: Span,
    pub(crate) arn: Pattern,
    pub(crate) name: Pattern,
    pub(crate) account: Account,
    pub(crate) tags: Tags,
    pub(crate) policies: Vec<Given>,
    /// The permissions boundary, where there is one: any of these.
    pub(crate) boundary: Option<Vec<Given>>,
    /// The groups of a user, by their place.
    groups: Vec<(usize, Degree)>,
    /// What runs as it, by address.
    pub(crate) used_by: Vec<Arc<str>>,
    /// How certainly it is there.
    pub(crate) there: Degree,
}

/// The principals of a graph, in its order.
pub(crate) struct Principals {
    pub(crate) list: Vec<Principal>,
    by_id: BTreeMap<ResourceId, usize>,
}

/// How certainly a resource is there.
pub(crate) fn presence(resource: &Resource) -> Degree {
    match (&resource.exists_when, &resource.representative) {
        (Some(words), _) => Degree::maybe(format!("{} exists only when {words}", resource.address)),
        (None, Some(why)) => {
            Degree::maybe(format!("the number of instances of {} is not known ({why})", resource.address))
        }
        (None, None) => Degree::yes(),
    }
}

/// The values at a dotted path; lists on the way are looked into.
pub(crate) fn values_at(attributes: &Value, path: &str) -> Vec<Value> {
    let mut values = vec![attributes.clone()];
    for name in path.split('.') {
        values = values.iter().flat_map(Value::elements).map(|value| value.get(name)).collect();
    }
    values.into_iter().filter(|value| !value.is_unset()).collect()
}

impl Principals {
    pub(crate) fn gather(names: &Names<'_>) -> Self {
        let mut principals = Self { list: Vec::new(), by_id: BTreeMap::new() };
        for (id, resource) in managed_resources(names.graph) {
            let kind = IDENTITIES.principals.iter().find(|ty| ty.is_of(resource.language, &resource.native_type));
            let Some(kind) = kind else { continue };
            principals.by_id.insert(id, principals.list.len());
            principals.list.push(principal(names, id, resource, kind.kind));
        }
        let policies = principals.managed_policies(names);
        principals.give_inline(names);
        principals.give_attached(names, &policies);
        principals.bound(names, &policies);
        principals.join_groups(names);
        principals.find_users(names);
        principals
    }

    /// The principal that a resource is.
    pub(crate) fn of(&self, id: ResourceId) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    /// The policies that stand for themselves, by resource.
    fn managed_policies(&self, names: &Names<'_>) -> BTreeMap<ResourceId, Given> {
        let mut policies = BTreeMap::new();
        for (id, resource) in managed_resources(names.graph) {
            let Some(row) = IDENTITIES.managed.iter().find(|row| row.is_of(resource.language, &resource.native_type))
            else {
                continue;
            };
            let value = resource.attributes.get(&row.at);
            let policy = Policy::read(names, &value, resource.shown_address(), resource.header, Layer::Identity);
            policies.insert(id, Given { policy: Arc::new(policy), there: presence(resource) });
        }
        policies
    }

    fn give_inline(&mut self, names: &Names<'_>) {
        for (id, resource) in managed_resources(names.graph) {
            let rows = IDENTITIES.inline.iter().filter(|row| row.is_of(resource.language, &resource.native_type));
            for row in rows {
                for value in values_at(&resource.attributes, &row.at) {
                    let holders = self.holders(names, id, resource, &row.to);
                    if holders.is_empty() {
                        continue;
                    }
                    let policy =
                        Policy::read(names, &value, resource.shown_address(), resource.header, Layer::Identity);
                    let policy = Arc::new(policy);
                    for (holder, there) in holders {
                        let there = there.and(presence(resource));
                        self.list[holder].policies.push(Given { policy: Arc::clone(&policy), there });
                    }
                }
            }
        }
    }

    fn give_attached(&mut self, names: &Names<'_>, policies: &BTreeMap<ResourceId, Given>) {
        let mut read = BTreeMap::new();
        for (id, resource) in managed_resources(names.graph) {
            let rows = IDENTITIES.attachments.iter().filter(|row| row.is_of(resource.language, &resource.native_type));
            for row in rows {
                let values = values_at(&resource.attributes, &row.policies);
                if values.is_empty() {
                    continue;
                }
                let holders = self.holders(names, id, resource, &row.to);
                if holders.is_empty() {
                    continue;
                }
                for value in values.iter().flat_map(Value::elements) {
                    for given in named_policies(names, policies, &mut read, &value, resource, Layer::Identity, 0) {
                        for (holder, there) in &holders {
                            let there = there.clone().and(given.there.clone()).and(presence(resource));
                            self.list[*holder].policies.push(Given { policy: Arc::clone(&given.policy), there });
                        }
                    }
                }
            }
        }
    }

    fn bound(&mut self, names: &Names<'_>, policies: &BTreeMap<ResourceId, Given>) {
        let mut read = BTreeMap::new();
        for principal in &mut self.list {
            let resource = names.graph.resource(principal.id);
            let row = IDENTITIES.principals.iter().find(|row| row.is_of(resource.language, &resource.native_type));
            let Some(attribute) = row.and_then(|row| row.boundary.as_ref()?.attribute(resource.language)) else {
                continue;
            };
            let value = resource.attributes.get(attribute);
            if value.is_unset() {
                continue;
            }
            let given = named_policies(names, policies, &mut read, &value, resource, Layer::Boundary, 0);
            principal.boundary = (!given.is_empty()).then_some(given);
        }
    }

    fn join_groups(&mut self, names: &Names<'_>) {
        for (id, resource) in managed_resources(names.graph) {
            let rows = IDENTITIES.memberships.iter().filter(|row| row.is_of(resource.language, &resource.native_type));
            for row in rows {
                let groups = self.named(names, id, resource, &row.groups, Some(PrincipalKind::Group));
                let users = self.named(names, id, resource, &row.users, Some(PrincipalKind::User));
                for (user, member) in &users {
                    for (group, there) in &groups {
                        let there = member.clone().and(there.clone()).and(presence(resource));
                        self.list[*user].groups.push((*group, there));
                    }
                }
            }
        }
        for user in 0..self.list.len() {
            let groups = std::mem::take(&mut self.list[user].groups);
            for (group, there) in &groups {
                let given: Vec<Given> = self.list[*group].policies.clone();
                let joined = given.into_iter().map(|given| Given { there: given.there.and(there.clone()), ..given });
                self.list[user].policies.extend(joined);
            }
            self.list[user].groups = groups;
        }
    }

    /// Finds what runs as each role.
    fn find_users(&mut self, names: &Names<'_>) {
        let mut profiles: BTreeMap<ResourceId, Vec<usize>> = BTreeMap::new();
        for pass in [true, false] {
            for (id, resource) in managed_resources(names.graph) {
                let rows = IDENTITIES.holders.iter().filter(|row| row.is_of(resource.language, &resource.native_type));
                for row in rows.filter(|row| row.profile == pass) {
                    let values = row.role.iter().flat_map(|path| values_at(&resource.attributes, path));
                    for value in values.collect::<Vec<_>>().iter().flat_map(Value::elements) {
                        let mut roles: Vec<usize> = self
                            .at(names, &value, Some(PrincipalKind::Role), 0)
                            .into_iter()
                            .map(|(at, _)| at)
                            .collect();
                        let through = value.references().flat_map(|reference| names.graph.resolve(reference));
                        roles.extend(through.filter_map(|profile| profiles.get(profile)).flatten());
                        roles.extend(profiles_named(names, &profiles, &value));
                        roles.sort_unstable();
                        roles.dedup();
                        if pass {
                            profiles.entry(id).or_default().extend(roles);
                            continue;
                        }
                        for role in roles {
                            let used_by = &mut self.list[role].used_by;
                            if !used_by.contains(resource.shown_address()) {
                                used_by.push(Arc::clone(resource.shown_address()));
                            }
                        }
                    }
                }
            }
        }
    }

    /// Those to whom a resource gives policies, by the attributes that name them.
    fn holders(&self, names: &Names<'_>, id: ResourceId, resource: &Resource, to: &[String]) -> Vec<(usize, Degree)> {
        to.iter().flat_map(|attribute| self.named(names, id, resource, attribute, kind_of(attribute))).collect()
    }

    fn named(
        &self,
        names: &Names<'_>,
        id: ResourceId,
        resource: &Resource,
        attribute: &str,
        kind: Option<PrincipalKind>,
    ) -> Vec<(usize, Degree)> {
        if attribute == "self" {
            return self.of(id).map(|at| (at, Degree::yes())).into_iter().collect();
        }
        let values = values_at(&resource.attributes, attribute);
        values.iter().flat_map(Value::elements).flat_map(|value| self.at(names, &value, kind, 0)).collect()
    }

    /// The principals that a value names.
    pub(crate) fn at(
        &self,
        names: &Names<'_>,
        value: &Value,
        kind: Option<PrincipalKind>,
        depth: usize,
    ) -> Vec<(usize, Degree)> {
        if let Some(unknown) = value.as_unknown().filter(|unknown| !unknown.candidates.is_empty() && depth < MAX_DEPTH)
        {
            let of = |candidate: &terravet_graph::Candidate| {
                let words: Vec<&str> = candidate.when.iter().map(|guard| &*guard.words).collect();
                let when = Degree::maybe(format!("where {}", words.join(" and ")));
                let found =
                    candidate.value.elements().into_iter().flat_map(|value| self.at(names, &value, kind, depth + 1));
                found.map(|(at, there)| (at, there.and(when.clone()))).collect::<Vec<_>>()
            };
            return unknown.candidates.iter().flat_map(of).collect();
        }
        let fits = |at: &usize| kind.is_none_or(|kind| self.list[*at].kind == kind);
        for reference in value.references() {
            let found: Vec<usize> =
                names.graph.resolve(reference).iter().filter_map(|id| self.of(*id)).filter(fits).collect();
            match found.as_slice() {
                [] => {}
                [only] => return vec![(*only, Degree::yes())],
                several => {
                    let why: Arc<str> =
                        format!("which instance of {} is meant is not known", reference.resource).into();
                    return several.iter().map(|at| (*at, Degree::maybe(Arc::clone(&why)))).collect();
                }
            }
        }
        let text = names.text(value, Letters::Exact);
        let [pattern] = text.ways.as_slice() else { return Vec::new() };
        if pattern.is_everything() == Truth::Unknown {
            return Vec::new();
        }
        let is = |principal: &Principal| pattern.covers(&principal.name).or(pattern.covers(&principal.arn));
        let all = self.list.iter().enumerate();
        all.filter(|(at, principal)| fits(at) && is(principal).is_true()).map(|(at, _)| (at, Degree::yes())).collect()
    }
}

/// The roles of the instance profiles that a text names.
fn profiles_named(names: &Names<'_>, profiles: &BTreeMap<ResourceId, Vec<usize>>, value: &Value) -> Vec<usize> {
    let Some(text) = value.as_str() else { return Vec::new() };
    let is = |id: &&ResourceId| {
        let named =
            |pattern: Option<Pattern>| pattern.is_some_and(|pattern| pattern.literal().as_deref() == Some(text));
        named(names.name(**id)) || named(names.arn(**id))
    };
    profiles.keys().filter(is).filter_map(|id| profiles.get(id)).flatten().copied().collect()
}

/// The kind of principal that an attribute of this name names.
fn kind_of(attribute: &str) -> Option<PrincipalKind> {
    let name = attribute.to_ascii_lowercase();
    let kinds = [
        ("role", PrincipalKind::Role),
        ("user", PrincipalKind::User),
        ("group", PrincipalKind::Group),
        ("permission_set", PrincipalKind::PermissionSet),
    ];
    kinds.into_iter().find(|(word, _)| name.starts_with(word)).map(|(_, kind)| kind)
}

/// What the unit creates.
pub(crate) fn managed_resources(graph: &Graph) -> impl Iterator<Item = (ResourceId, &Resource)> {
    graph.iter().filter(|(_, resource)| matches!(resource.mode, Mode::Managed | Mode::Outlined))
}

fn principal(names: &Names<'_>, id: ResourceId, resource: &Resource, kind: PrincipalKind) -> Principal {
    let made_up = |what: &str| Pattern::fixed(format!("{}.{what}", resource.address));
    Principal {
        id,
        address: Arc::clone(resource.shown_address()),
        kind,
        header: resource.header,
        arn: names.arn(id).unwrap_or_else(|| made_up("arn")),
        name: names.name(id).unwrap_or_else(|| made_up("name")),
        account: names.account(resource),
        tags: Tags::of(names, resource),
        policies: Vec::new(),
        boundary: None,
        groups: Vec::new(),
        used_by: Vec::new(),
        there: presence(resource),
    }
}

/// The policies that an ARN names.
fn named_policies(
    names: &Names<'_>,
    policies: &BTreeMap<ResourceId, Given>,
    read: &mut BTreeMap<Arc<str>, Arc<Policy>>,
    value: &Value,
    resource: &Resource,
    layer: Layer,
    depth: usize,
) -> Vec<Given> {
    if let Some(unknown) = value.as_unknown().filter(|unknown| !unknown.candidates.is_empty() && depth < MAX_DEPTH) {
        let mut found = Vec::new();
        for candidate in &unknown.candidates {
            let words: Vec<&str> = candidate.when.iter().map(|guard| &*guard.words).collect();
            let when = Degree::maybe(format!("where {}", words.join(" and ")));
            for value in candidate.value.elements() {
                let given = named_policies(names, policies, read, &value, resource, layer, depth + 1);
                found.extend(given.into_iter().map(|given| Given { there: given.there.and(when.clone()), ..given }));
            }
        }
        return found;
    }
    if matches!(value.data, Data::Absent | Data::Null(_)) {
        return Vec::new();
    }
    for reference in value.references() {
        let found = names.graph.resolve(reference).iter().filter_map(|id| policies.get(id));
        let found: Vec<Given> = found.map(|given| in_layer(given, layer)).collect();
        match found.len() {
            0 => {}
            1 => return found,
            _ => {
                let why = format!("which instance of {} is meant is not known", reference.resource);
                return found.into_iter().map(|given| Given { there: Degree::maybe(why.as_str()), ..given }).collect();
            }
        }
    }
    let basis = |address: Arc<str>| Basis {
        address,
        span: value.span().or(Some(resource.header)),
        statement: "".into(),
        layer,
    };
    if let Some(arn) = arn_of_data(names, value).or_else(|| literal(names, value)) {
        if let Some(known) = managed::by_arn(&arn) {
            let arn: Arc<str> = arn.into();
            let policy = read
                .entry(Arc::clone(&arn))
                .or_insert_with(|| Arc::new(managed_policy(names, &known, &arn, layer, basis)));
            return vec![Given { policy: Arc::clone(policy), there: Degree::yes() }];
        }
        let own = policies.iter().find(|(id, _)| {
            let pattern = Pattern::new(&arn, Letters::Exact);
            names.arn(**id).is_some_and(|own| own == pattern)
        });
        if let Some((_, given)) = own {
            return vec![in_layer(given, layer)];
        }
        let why = format!("the policy {arn} is not in the code");
        return vec![Given {
            policy: Arc::new(Policy::unknown(why.into(), false, basis(arn.into()))),
            there: Degree::yes(),
        }];
    }
    let why = reason(value).unwrap_or_else(|| "the policy is not known before apply".into());
    let policy = Policy::unknown(why, false, basis(Arc::clone(resource.shown_address())));
    vec![Given { policy: Arc::new(policy), there: Degree::yes() }]
}

/// A policy as what it is used for.
fn in_layer(given: &Given, layer: Layer) -> Given {
    if given.policy.basis.layer == layer {
        return given.clone();
    }
    let mut policy = Policy::clone(&given.policy);
    policy.basis.layer = layer;
    policy.clauses.iter_mut().for_each(|clause| clause.basis.layer = layer);
    Given { policy: Arc::new(policy), there: given.there.clone() }
}

fn managed_policy(
    names: &Names<'_>,
    known: &managed::ManagedPolicy,
    arn: &Arc<str>,
    layer: Layer,
    basis: impl Fn(Arc<str>) -> Basis,
) -> Policy {
    match &known.document {
        Some(document) => {
            let place = basis(Arc::clone(arn));
            let mut policy = match place.span {
                Some(span) => Policy::read(names, document, arn, span, layer),
                None => Policy::unknown("".into(), true, place.clone()),
            };
            // Its text is AWS's: the place in the code is that of its ARN.
            policy.clauses.iter_mut().for_each(|clause| clause.basis.span = place.span);
            policy.basis = place;
            policy
        }
        None => {
            let why = format!("the text of AWS's policy {} is not known here", known.name);
            Policy::unknown(why.into(), true, basis(Arc::clone(arn)))
        }
    }
}

fn literal(names: &Names<'_>, value: &Value) -> Option<String> {
    match names.text(value, Letters::Exact).ways.as_slice() {
        [only] => only.literal(),
        _ => None,
    }
}

/// The ARN that a data source reads, where what it is asked for tells it.
fn arn_of_data(names: &Names<'_>, value: &Value) -> Option<String> {
    let data =
        value.references().flat_map(|reference| names.graph.resolve(reference)).map(|id| names.graph.resource(*id));
    let data =
        data.into_iter().find(|resource| resource.mode == Mode::Data && &*resource.native_type == "aws_iam_policy")?;
    if let Some(arn) = data.attributes.get("arn").as_str() {
        return Some(arn.to_owned());
    }
    let name = data.attributes.get("name");
    let name = name.as_str()?;
    managed::is_known(name).then(|| format!("arn:aws:iam::aws:policy/{name}"))
}
