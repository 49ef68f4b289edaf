//! What a principal may do, worst first.
//!
//! In: a principal. Out: [`Ability`]s: all permissions, ways to more of them, logging that it can switch off, credentials, and the data
//! of the code. A way to more permissions is drawn as its steps, each with the statements that allow it; it may lead through roles
//! that the principal assumes or passes to a service that the role trusts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use serde::Deserialize;
use terravet_policy::escalation::{ESCALATIONS, Escalation};
use terravet_policy::grant::Permission;
use terravet_policy::{Letters, Pattern};

use crate::answer::{Ability, Class, Move, Verdict};
use crate::evaluate::{Decision, World};
use crate::request::{Caller, Request};
use crate::resources::Target;
use crate::table::PrincipalKind;

/// How many roles one after the other are looked at.
const MAX_CHAIN: usize = 8;

static ABILITIES: LazyLock<Abilities> =
    LazyLock::new(|| toml::from_str(include_str!("../data/abilities.toml")).unwrap_or_default());

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Abilities {
    #[serde(rename = "checked")]
    _checked: String,
    #[serde(rename = "ability")]
    abilities: Vec<Listed>,
}

/// Something worth knowing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    class: Class,
    what: String,
    actions: Vec<String>,
    on: String,
    of: Option<PrincipalKind>,
}

/// A way from one principal to a role.
struct Edge {
    role: usize,
    decision: Decision,
    moves: Vec<Move>,
}

impl World<'_> {
    /// What a principal may do by itself and through roles, worst first.
    pub(crate) fn can(&self, at: usize) -> Vec<Ability> {
        let mut abilities = self.abilities(at);
        let administers = |abilities: &[Ability]| {
            abilities.iter().any(|one| one.class == Class::Administration && one.verdict == Verdict::Yes)
        };
        if !administers(&abilities) {
            self.through_roles(at, &mut abilities);
        }
        abilities.sort_by(|a, b| {
            (a.class, std::cmp::Reverse(a.verdict), &a.what).cmp(&(b.class, std::cmp::Reverse(b.verdict), &b.what))
        });
        abilities
    }

    /// The principals that an address means: a user or role, or what runs as a role.
    pub(crate) fn principals_called(&self, name: &str) -> Vec<usize> {
        let at: Vec<usize> = self.names.graph.at(name).iter().filter_map(|id| self.principals.of(*id)).collect();
        if !at.is_empty() {
            return at;
        }
        let arn = Pattern::new(name, Letters::Exact);
        let all = self.principals.list.iter().enumerate();
        let means = all.filter(|(_, principal)| {
            principal.used_by.iter().any(|address| **address == *name) || principal.arn == arn
        });
        means.map(|(at, _)| at).collect()
    }

    /// What a principal may do by itself.
    fn abilities(&self, at: usize) -> Vec<Ability> {
        let mut found = Vec::new();
        for listed in &ABILITIES.abilities {
            found.extend(self.listed_ability(at, listed));
            if found
                .last()
                .is_some_and(|one: &Ability| one.class == Class::Administration && one.verdict == Verdict::Yes)
            {
                return found;
            }
        }
        for escalation in ESCALATIONS {
            found.extend(self.escalation(at, escalation));
        }
        found.extend(self.data(at));
        found
    }

    fn listed_ability(&self, at: usize, listed: &Listed) -> Option<Ability> {
        let principal = &self.principals.list[at];
        if listed.of.is_some_and(|kind| kind != principal.kind) {
            return None;
        }
        let best = listed.actions.iter().map(|action| {
            let pattern = Pattern::new(action, Letters::AnyCase);
            let target = if listed.on == "self" {
                self.policies.of_resource(&self.names, &pattern, principal.id)
            } else {
                Some(self.all_of(&listed.on))
            };
            let decision = target.map(|target| self.ask(at, &pattern, &target, &[]));
            (action, decision)
        });
        let best = best.filter_map(|(action, decision)| Some((action, decision?)));
        let (action, decision) = best.reduce(|a, b| if b.1.degree.verdict > a.1.degree.verdict { b } else { a })?;
        let on: Arc<str> = if listed.on == "self" { Arc::clone(&principal.address) } else { shown(&listed.on).into() };
        ability(listed.class, &listed.what, decision, |because| {
            vec![Move { action: action.as_str().into(), on, because }]
        })
    }

    /// A way to more permissions, on whatever it works on.
    fn escalation(&self, at: usize, escalation: &Escalation) -> Option<Ability> {
        let given = passed(escalation.steps);
        let given: Vec<(&str, &str)> = given.into_iter().collect();
        let mut decision: Option<Decision> = None;
        let mut moves = Vec::new();
        for step in escalation.steps {
            let (action, one) = self.step(at, step, &given)?;
            moves.push(Move { action: action.into(), on: shown(step.resources).into(), because: one.because.clone() });
            decision = Some(match decision {
                Some(all) => all.and(one),
                None => one,
            });
        }
        ability(Class::Escalation, escalation.name, decision?, |_| moves)
    }

    fn step<'p>(&self, at: usize, step: &Permission<'p>, given: &[(&str, &str)]) -> Option<(&'p str, Decision)> {
        let target = self.all_of(step.resources);
        let best = step
            .actions
            .iter()
            .map(|action| (*action, self.ask(at, &Pattern::new(action, Letters::AnyCase), &target, given)));
        let (action, decision) = best.reduce(|a, b| if b.1.degree.verdict > a.1.degree.verdict { b } else { a })?;
        (!decision.degree.is_no()).then_some((action, decision))
    }

    /// The data of the code that a principal reads or changes.
    fn data(&self, at: usize) -> Vec<Ability> {
        let mut found = Vec::new();
        for (id, resource) in crate::principals::managed_resources(self.names.graph) {
            let Some(data) = self.names.entry(id).and_then(|entry| entry.data.as_ref()) else { continue };
            for (action, verb) in [(&data.read, "reads"), (&data.write, "changes")] {
                let pattern = Pattern::new(action, Letters::AnyCase);
                let Some(target) = self.policies.of_resource(&self.names, &pattern, id) else { continue };
                let decision = self.ask(at, &pattern, &target, &[]);
                let what = format!("{verb} {}", resource.shown_address());
                let on = Arc::clone(resource.shown_address());
                let moves = |because| vec![Move { action: action.as_str().into(), on, because }];
                found.extend(ability(Class::Data, &what, decision, moves));
            }
        }
        found
    }

    /// Adds what roles may do that the principal can act as.
    fn through_roles(&self, at: usize, abilities: &mut Vec<Ability>) {
        let mut best: BTreeMap<usize, Verdict> = BTreeMap::from([(at, Verdict::Yes)]);
        let mut open: Vec<(usize, Option<Decision>, Vec<Move>)> = vec![(at, None, Vec::new())];
        let mut powers: BTreeMap<usize, Vec<Ability>> = BTreeMap::new();
        for _ in 0..MAX_CHAIN {
            let mut next = Vec::new();
            for (from, before, moves) in &open {
                for edge in self.edges(*from) {
                    let decision = match before {
                        Some(before) => before.clone().and(edge.decision),
                        None => edge.decision,
                    };
                    let known = best.get(&edge.role).copied().unwrap_or(Verdict::No);
                    if decision.degree.verdict <= known {
                        continue;
                    }
                    best.insert(edge.role, decision.degree.verdict);
                    let mut moves = moves.clone();
                    moves.extend(edge.moves);
                    powers.entry(edge.role).or_insert_with(|| self.abilities(edge.role));
                    let power = powers.get(&edge.role).map(Vec::as_slice).unwrap_or_default();
                    let own = abilities.iter().filter(|one| one.steps.len() == 1).map(|one| Arc::clone(&one.what));
                    let own: BTreeSet<Arc<str>> = own.collect();
                    abilities.extend(self.becomes(edge.role, &decision, &moves, power, &own));
                    next.push((edge.role, Some(decision), moves));
                }
            }
            if next.is_empty() {
                return;
            }
            open = next;
        }
    }

    /// That a principal can act as a role, and what it gains.
    fn becomes(
        &self,
        role: usize,
        decision: &Decision,
        moves: &[Move],
        power: &[Ability],
        own: &BTreeSet<Arc<str>>,
    ) -> Option<Ability> {
        let mut gains: Vec<&Ability> = power.iter().filter(|one| !own.contains(&one.what)).collect();
        gains.sort_by_key(|one| (one.class, std::cmp::Reverse(one.verdict)));
        let address = &self.principals.list[role].address;
        let worst = gains.first().map_or(Class::Role, |one| one.class);
        let class = match worst {
            Class::Administration | Class::Escalation => Class::Escalation,
            _ => Class::Role,
        };
        let what = match gains.as_slice() {
            [] => format!("acts as {address}"),
            [one] => format!("acts as {address}, which {}", one.words()),
            [one, rest @ ..] => format!("acts as {address}, which {} (and {} more)", one.words(), rest.len()),
        };
        ability(class, &what, decision.clone(), |_| moves.to_vec())
    }

    /// The roles that a principal can act as in one step.
    fn edges(&self, from: usize) -> Vec<Edge> {
        let assume = Pattern::new("sts:AssumeRole", Letters::AnyCase);
        let pass = Pattern::new("iam:PassRole", Letters::AnyCase);
        let mut edges = Vec::new();
        // What is needed beside a role, for each way of passing one: the same for every role.
        let ways: Vec<(&str, Decision, Vec<Move>)> =
            ESCALATIONS.iter().filter_map(|way| self.passing(from, way)).collect();
        for (role, principal) in self.principals.list.iter().enumerate() {
            if role == from || principal.kind != PrincipalKind::Role {
                continue;
            }
            let Some(target) = self.policies.of_resource(&self.names, &assume, principal.id) else { continue };
            let decision = self.ask(from, &assume, &target, &[]);
            if !decision.degree.is_no() {
                let because = decision.because.clone();
                let step = Move { action: "sts:AssumeRole".into(), on: Arc::clone(&principal.address), because };
                edges.push(Edge { role, decision, moves: vec![step] });
                continue;
            }
            let found = ways.iter().filter_map(|(service, others, moves)| {
                let passed = self.ask(from, &pass, &target, &[("iam:PassedToService", service)]);
                if passed.degree.is_no() {
                    return None;
                }
                let request =
                    Request { caller: Caller::Service(service), target: &target, today: &self.today, given: &[] };
                let trusted = self.decide(&request, &assume);
                let step = Move {
                    action: "iam:PassRole".into(),
                    on: Arc::clone(&principal.address),
                    because: passed.because.clone(),
                };
                let decision = passed.and(others.clone()).and(trusted);
                (!decision.degree.is_no()).then(|| Edge {
                    role,
                    decision,
                    moves: std::iter::once(step).chain(moves.iter().cloned()).collect(),
                })
            });
            edges.extend(found.max_by_key(|edge| edge.decision.degree.verdict));
        }
        edges
    }

    /// What a way needs beside the passing of a role, and to which service that is.
    fn passing(&self, at: usize, way: &Escalation) -> Option<(&'static str, Decision, Vec<Move>)> {
        let service = way.steps.iter().find_map(|step| step.passed_to)?;
        let mut all: Option<Decision> = None;
        let mut moves = Vec::new();
        for step in way.steps.iter().filter(|step| step.passed_to.is_none()) {
            let (action, decision) = self.step(at, step, &[])?;
            moves.push(Move {
                action: action.into(),
                on: shown(step.resources).into(),
                because: decision.because.clone(),
            });
            all = Some(match all {
                Some(all) => all.and(decision),
                None => decision,
            });
        }
        Some((service, all?, moves))
    }

    fn ask(&self, at: usize, action: &Pattern, target: &Target, given: &[(&str, &str)]) -> Decision {
        let caller = Caller::Own(&self.principals.list[at]);
        self.decide(&Request { caller, target, today: &self.today, given }, action)
    }

    /// All resources of a template.
    fn all_of(&self, template: &str) -> Target {
        let account = self.names.own_account().pattern();
        let mut pattern = Pattern::new("", Letters::Exact);
        // Of `arn:{}:iam::{}:role/*` the first gap is the partition, the last the account, one between them the region.
        let named = template.replace("{region}", "{}").replace("{account}", "{}");
        let parts: Vec<&str> = named.splitn(6, ':').collect();
        if parts.len() < 6 {
            return self.policies.wide(&self.names, Pattern::new(template, Letters::Exact));
        }
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                pattern = pattern.then(Pattern::new(":", Letters::Exact));
            }
            pattern = pattern.then(match (at, *part) {
                (1, "{}") => Pattern::new("aws", Letters::Exact),
                (3, "{}") => Pattern::fixed("the region"),
                (4, "{}") => account.clone(),
                _ => Pattern::new(part, Letters::Exact),
            });
        }
        self.policies.wide(&self.names, pattern)
    }
}

/// The service that a way passes a role to, as a condition key of the request has it.
fn passed<'s>(steps: &'s [Permission<'s>]) -> Option<(&'static str, &'s str)> {
    steps.iter().find_map(|step| step.passed_to).map(|service| ("iam:PassedToService", service))
}

/// A template in words.
fn shown(template: &str) -> &str {
    if template == "*" { "all resources" } else { template.splitn(6, ':').nth(5).unwrap_or(template) }
}

fn ability(
    class: Class,
    what: &str,
    decision: Decision,
    steps: impl FnOnce(Vec<crate::answer::Basis>) -> Vec<Move>,
) -> Option<Ability> {
    if decision.degree.is_no() {
        return None;
    }
    Some(Ability {
        class,
        what: what.into(),
        verdict: decision.degree.verdict,
        when: decision.degree.when,
        steps: steps(decision.because),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_file_is_read() {
        let read: Result<Abilities, _> = toml::from_str(include_str!("../data/abilities.toml"));
        assert_eq!(read.err(), None);
    }
}
