//! Who may do something: every principal of the code, and those outside whom policies name.

use std::collections::BTreeSet;
use std::sync::Arc;

use terravet_policy::{Letters, Pattern, PrincipalKind as WrittenKind, is_account_id};

use crate::answer::{Answer, Basis, Verdict};
use crate::degree::Degree;
use crate::evaluate::{Decision, World};
use crate::names::Account;
use crate::request::{Caller, Request};
use crate::resources::Target;
use crate::table::PrincipalKind;

/// How many steps a chain of roles may have.
const MAX_CHAIN: usize = 16;

/// Somebody outside, by the kind of name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outsider {
    Everyone,
    Account(String),
    Arn(String),
    Service(String),
    Federated(String),
    Canonical(String),
}

impl Outsider {
    pub(crate) fn caller(&self) -> Caller<'_> {
        match self {
            Self::Everyone => Caller::Everyone,
            Self::Account(id) => Caller::Account(id),
            Self::Arn(arn) => Caller::Arn(arn),
            Self::Service(name) => Caller::Service(name),
            Self::Federated(name) => Caller::Federated(name),
            Self::Canonical(id) => Caller::Canonical(id),
        }
    }

    fn shown(&self) -> Arc<str> {
        match self {
            Self::Everyone => "*".into(),
            Self::Account(id) => format!("account:{id}").into(),
            Self::Arn(arn) => arn.as_str().into(),
            Self::Service(name) => format!("service:{name}").into(),
            Self::Federated(name) => format!("federated:{name}").into(),
            Self::Canonical(id) => format!("canonical:{id}").into(),
        }
    }
}

/// A decision about somebody, with the roles on the way.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) decision: Decision,
    pub(crate) through: Vec<usize>,
}

impl World<'_> {
    /// Who may do `action` on what is asked about. With `transitive`, also those who may take a role that may.
    pub(crate) fn who_can(&self, action: &Pattern, targets: &[Target], transitive: bool) -> Vec<Answer> {
        let mut own: Vec<Way> = (0..self.principals.list.len())
            .map(|at| Way { decision: self.own(at, action, targets), through: Vec::new() })
            .collect();
        let mut outside: Vec<(Outsider, Way)> = Vec::new();
        let named: BTreeSet<Outsider> = targets.iter().flat_map(|target| self.outsiders(target, action)).collect();
        for outsider in named {
            let decision = self.any_target(outsider.caller(), action, targets);
            outside.push((outsider, Way { decision, through: Vec::new() }));
        }
        if transitive {
            self.chain(&mut own, &mut outside);
        }
        let counts = |at: usize| self.principals.list[at].kind != PrincipalKind::Group;
        let mut answers: Vec<Answer> = own
            .into_iter()
            .enumerate()
            .filter(|(at, _)| counts(*at))
            .map(|(at, way)| {
                let principal = &self.principals.list[at];
                self.answer(Arc::clone(&principal.address), way, principal.used_by.clone())
            })
            .collect();
        answers.extend(outside.into_iter().map(|(outsider, way)| self.answer(outsider.shown(), way, Vec::new())));
        answers
    }

    fn answer(&self, principal: Arc<str>, way: Way, used_by: Vec<Arc<str>>) -> Answer {
        let through = way.through.iter().map(|at| Arc::clone(&self.principals.list[*at].address)).collect();
        Answer {
            principal,
            verdict: way.decision.degree.verdict,
            when: way.decision.degree.when,
            because: way.decision.because,
            through,
            used_by,
        }
    }

    pub(crate) fn own(&self, at: usize, action: &Pattern, targets: &[Target]) -> Decision {
        let principal = &self.principals.list[at];
        if principal.kind == PrincipalKind::Group {
            return Decision { degree: Degree::no(), because: Vec::new() };
        }
        self.any_target(Caller::Own(principal), action, targets)
    }

    fn any_target(&self, caller: Caller<'_>, action: &Pattern, targets: &[Target]) -> Decision {
        let decide = |target| self.decide(&Request { caller, target, today: &self.today, given: &[] }, action);
        let all = targets.iter().map(decide);
        all.reduce(
            |all, one| {
                if all.degree.is_no() && !all.because.is_empty() && one.degree.is_no() { all } else { all.or(one) }
            },
        )
        .unwrap_or(Decision { degree: Degree::no(), because: Vec::new() })
    }

    /// Those outside whom the policies of a resource name.
    fn outsiders(&self, target: &Target, action: &Pattern) -> BTreeSet<Outsider> {
        let mut found = BTreeSet::new();
        let open = |_: &str| terravet_policy::Bound::Open;
        let asked = crate::statement::Asked { action, resource: &target.pattern, variable: &open };
        for clause in target.policies.iter().flat_map(|given| &given.policy.clauses) {
            if clause.allows.is_false() || clause.covers(&asked).is_no() {
                continue;
            }
            if !clause.not_principals.present.is_false() {
                found.insert(Outsider::Everyone);
            }
            for whom in clause.principals.certain.iter().chain(&clause.principals.possible) {
                found.extend(whom.text.ways.iter().filter_map(|way| self.outsider(&whom.kind, way)));
            }
        }
        found
    }

    fn outsider(&self, kind: &WrittenKind, pattern: &Pattern) -> Option<Outsider> {
        if pattern.is_everything().is_true() && matches!(kind, WrittenKind::Any | WrittenKind::Aws) {
            return Some(Outsider::Everyone);
        }
        let text = pattern.literal();
        match kind {
            WrittenKind::Service => Some(Outsider::Service(text?)),
            WrittenKind::Federated => Some(Outsider::Federated(text.unwrap_or_else(|| pattern.to_string()))),
            WrittenKind::CanonicalUser => Some(Outsider::Canonical(text?)),
            WrittenKind::Aws | WrittenKind::Any => {
                let text = text?;
                if is_account_id(&text) {
                    return self.is_outside(&text).then_some(Outsider::Account(text));
                }
                let mut parts = text.splitn(6, ':');
                let (account, resource) = (parts.nth(4)?.to_owned(), parts.next()?.to_owned());
                if !is_account_id(&account) || !self.is_outside(&account) {
                    return None;
                }
                let whole = resource == "root";
                let own = self
                    .principals
                    .list
                    .iter()
                    .any(|principal| !pattern.clone().exact().covers(&principal.arn).is_false());
                match (whole, own) {
                    (true, _) => Some(Outsider::Account(account)),
                    (false, true) => None,
                    (false, false) => Some(Outsider::Arn(text)),
                }
            }
            WrittenKind::Other(_) => None,
        }
    }

    fn is_outside(&self, account: &str) -> bool {
        let own = Account::Id(account.into());
        self.names.own_account() != own && self.principals.list.iter().all(|principal| principal.account != own)
    }

    /// Adds to each what the roles may do that it may take, and so on.
    fn chain(&self, own: &mut [Way], outside: &mut Vec<(Outsider, Way)>) {
        let assume = Pattern::new("sts:AssumeRole", Letters::AnyCase);
        let federated = ["sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"]
            .map(|name| Pattern::new(name, Letters::AnyCase));
        let reaches = |way: &Way| way.decision.degree.verdict;
        let mut open: Vec<usize> = (0..own.len()).filter(|at| reaches(&own[*at]) != Verdict::No).collect();
        let mut rounds = 0;
        while !open.is_empty() && rounds < MAX_CHAIN {
            rounds += 1;
            let mut better = BTreeSet::new();
            for role in open {
                if self.principals.list[role].kind != PrincipalKind::Role {
                    continue;
                }
                let Some(target) = self.policies.of_resource(&self.names, &assume, self.principals.list[role].id)
                else {
                    continue;
                };
                let targets = [target];
                let beyond = own[role].clone();
                for (at, known) in own.iter_mut().enumerate() {
                    if at == role || beyond.through.contains(&at) {
                        continue;
                    }
                    let way = step(self.own(at, &assume, &targets), &beyond, role);
                    if reaches(&way) > reaches(known) {
                        *known = way;
                        better.insert(at);
                    }
                }
                for action in std::iter::once(&assume).chain(&federated) {
                    for outsider in self.outsiders(&targets[0], action) {
                        // A service takes a role for what runs as it, which is the role itself.
                        if matches!(outsider, Outsider::Service(_)) {
                            continue;
                        }
                        let way = step(self.any_target(outsider.caller(), action, &targets), &beyond, role);
                        match outside.iter_mut().find(|(known, _)| *known == outsider) {
                            Some((_, known)) if reaches(&way) > reaches(known) => *known = way,
                            Some(_) => {}
                            None => outside.push((outsider, way)),
                        }
                    }
                }
            }
            open = better.into_iter().collect();
        }
        outside.sort_by(|a, b| a.0.cmp(&b.0));
    }
}

/// What somebody may do who takes a role.
fn step(assumes: Decision, beyond: &Way, role: usize) -> Way {
    let mut through = vec![role];
    through.extend(&beyond.through);
    let bases: Vec<Basis> = assumes.because.iter().chain(&beyond.decision.because).cloned().collect();
    let degree = assumes.degree.and(beyond.decision.degree.clone());
    let because = if degree.is_no() { Vec::new() } else { bases };
    Way { decision: Decision { degree, because }, through }
}
