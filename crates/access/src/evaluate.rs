//! AWS's evaluation of one request.
//!
//! In: a [`Request`] and an action. Out: a [`Decision`]. The order is that of
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>: an explicit deny
//! anywhere decides; then resource and service control policies must allow; then, within one account, either side suffices, the
//! identity's within its permissions boundary; across accounts both must allow. Two services differ: a KMS key and the trust policy
//! of a role must allow in any case, by naming the principal or by leaving it to the account
//! (<https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage-assume.html>).

use std::sync::Arc;

use terravet_graph::Truth;
use terravet_policy::{Bound, Letters, Pattern, PrincipalKind as WrittenKind, is_account_id};

use crate::answer::{Basis, Layer};
use crate::conditions;
use crate::degree::Degree;
use crate::names::{Account, Names};
use crate::organization::Organization;
use crate::principals::{Given, Principal, Principals};
use crate::request::{Caller, Request};
use crate::resources::Policies;
use crate::statement::{Asked, Clause, Test, Whom, Whoms};
use crate::table::{KEYS, Narrows, PrincipalKind};

/// Decides statements whose principals a test on patterns selects.
type Judge<'j> = &'j dyn Fn(&dyn Fn(&Pattern) -> Truth) -> Degree;

/// How many statements an answer names.
const MAX_BASES: usize = 8;

/// All that is known of one graph.
pub(crate) struct World<'g> {
    pub(crate) names: Names<'g>,
    pub(crate) principals: Principals,
    pub(crate) policies: Policies,
    pub(crate) organization: Organization,
    pub(crate) today: Arc<str>,
}

/// Whether a request is allowed, and because of which statements.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub(crate) degree: Degree,
    pub(crate) because: Vec<Basis>,
}

/// How a statement of a resource names a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    /// By name, or as one of everyone with a name in a condition.
    Directly,
    /// As one of everyone.
    AsAnyone,
    /// Through the account, which leaves it to its own policies.
    ThroughAccount,
}

impl Decision {
    fn no() -> Self {
        Self { degree: Degree::no(), because: Vec::new() }
    }

    fn yes() -> Self {
        Self { degree: Degree::yes(), because: Vec::new() }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        let degree = self.degree.and(other.degree);
        if degree.is_no() {
            return Self::no();
        }
        let mut because = self.because;
        because.extend(other.because);
        because.dedup();
        because.truncate(MAX_BASES);
        Self { degree, because }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        let both = self.degree.clone().or(other.degree.clone());
        if both == self.degree { self } else { other }
    }
}

impl<'g> World<'g> {
    pub(crate) fn new(graph: &'g terravet_graph::Graph, today: &str) -> Self {
        let names = Names::new(graph);
        let principals = Principals::gather(&names);
        let policies = Policies::gather(&names);
        let organization = Organization::gather(&names);
        Self { names, principals, policies, organization, today: today.into() }
    }

    /// Whether a caller may do something.
    pub(crate) fn decide(&self, request: &Request<'_>, action: &Pattern) -> Decision {
        let variable = |key: &str| request.variable(key);
        let asked = Asked { action, resource: &request.target.pattern, variable: &variable };
        let allowed = match request.caller {
            Caller::Own(principal) => self.allowed_own(request, principal, &asked),
            _ => self.allowed_outside(request, &asked),
        };
        if allowed.degree.is_no() {
            return allowed;
        }
        let denied = self.denials(request, &asked);
        let there = Decision { degree: request.target.there.clone(), because: Vec::new() };
        if denied.degree.is_no() {
            return Decision { degree: Degree::no(), because: denied.because };
        }
        allowed.and(denied).and(there)
    }

    /// What allows a principal of the code, without regard to denials.
    fn allowed_own(&self, request: &Request<'_>, principal: &Principal, asked: &Asked<'_>) -> Decision {
        let identity = allowing(&principal.policies, request, asked, Layer::Identity);
        let bound = match &principal.boundary {
            None => Decision::yes(),
            Some(boundary) => allowing(boundary, request, asked, Layer::Boundary),
        };
        let resource = &request.target.policies;
        let special = SpecialCase::of(asked.action);
        let by_resource = |wanted: Named| self.by_resource(resource, request, asked, wanted, special);
        let direct = by_resource(Named::Directly);
        // What names a role is held by its boundary; what names a user, or anyone, is not:
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-eval-logic
        let direct = if principal.kind == PrincipalKind::User { direct } else { direct.and(bound.clone()) };
        let direct = direct.or(by_resource(Named::AsAnyone));
        let own = identity.and(bound);
        let within = match special {
            Some(_) => direct.clone().or(own.clone().and(self.left_to_account(request, asked, special))),
            None => direct.clone().or(own.clone()),
        };
        let across = || {
            let told = direct.clone().or(by_resource(Named::ThroughAccount));
            let outside = request.target.owners.is_empty();
            let resource = if outside {
                let why = "the policies of a resource in another account are not in the code";
                Decision { degree: Degree::maybe(why), because: Vec::new() }
            } else {
                told
            };
            own.clone().and(resource)
        };
        let decided = match principal.account.is(&request.target.account) {
            Truth::True => within,
            Truth::False => across(),
            Truth::Unknown => {
                let across = across();
                if across.degree.verdict == within.degree.verdict {
                    within
                } else {
                    let why = "whether both are in the same account is not known";
                    let most = within.or(across);
                    most.and(Decision { degree: Degree::maybe(why), because: Vec::new() })
                }
            }
        };
        let there = Decision { degree: principal.there.clone(), because: Vec::new() };
        decided.and(self.service_control(request, principal, asked)).and(there)
    }

    /// What allows somebody outside: the resource's side alone is judged.
    fn allowed_outside(&self, request: &Request<'_>, asked: &Asked<'_>) -> Decision {
        let special = SpecialCase::of(asked.action);
        let policies = &request.target.policies;
        let by = |wanted: Named| self.by_resource(policies, request, asked, wanted, special);
        let allowed = by(Named::Directly).or(by(Named::AsAnyone)).or(by(Named::ThroughAccount));
        let service = matches!(request.caller, Caller::Service(_));
        if service || request.target.restricted.is_no() || !self.is_public(request, asked) {
            return allowed;
        }
        let open = Decision { degree: request.target.restricted.clone().negated(), because: Vec::new() };
        allowed.and(open)
    }

    /// Whether a policy of the resource allows something to everyone, and no condition narrows by whom or from where.
    fn is_public(&self, request: &Request<'_>, asked: &Asked<'_>) -> bool {
        let everyone = Request { caller: Caller::Everyone, ..*request };
        let public = |clause: &Clause| {
            clause.allows.is_true()
                && names_everyone(clause)
                && !clause.covers(asked).is_no()
                && clause.tests.iter().all(|test| narrows_nobody(test, &everyone))
        };
        request.target.policies.iter().flat_map(|given| &given.policy.clauses).any(public)
    }

    /// What the policies of the resource allow to a caller that they name in one way.
    fn by_resource(
        &self,
        policies: &[Given],
        request: &Request<'_>,
        asked: &Asked<'_>,
        wanted: Named,
        special: Option<SpecialCase>,
    ) -> Decision {
        let mut decision = Decision::no();
        for given in policies {
            if given.policy.basis.layer == Layer::Trust && special != Some(SpecialCase::Trust) {
                continue;
            }
            for clause in given.policy.clauses.iter().filter(|clause| !clause.allows.is_false()) {
                let found = clause
                    .covers(asked)
                    .and_then(|| self.names_caller(clause, request, wanted))
                    .and_then(|| applies(clause, request))
                    .and_then(|| allows(clause))
                    .and_then(|| given.there.clone());
                decision = decision.or(decided(found, clause));
                if decision.degree.is_yes() {
                    return decision;
                }
            }
            if let (Some(why), true) = (&given.policy.open, wanted == Named::Directly) {
                let degree = Degree::maybe(Arc::clone(why)).and(given.there.clone());
                decision = decision.or(Decision { degree, because: vec![given.policy.basis.clone()] });
            }
        }
        decision
    }

    /// Whether the resource leaves the decision to the account's own policies: its policy does, or it has none and AWS's default
    /// policy does (<https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>).
    fn left_to_account(&self, request: &Request<'_>, asked: &Asked<'_>, special: Option<SpecialCase>) -> Decision {
        let target = request.target;
        let mut own = target.policies.iter().filter(|given| given.policy.basis.layer != Layer::Grant);
        if special == Some(SpecialCase::Key) && own.next().is_none() {
            return Decision::yes();
        }
        if target.owners.is_empty() && target.policies.is_empty() {
            let why = "the policy of the resource is not in the code";
            return Decision { degree: Degree::maybe(why), because: Vec::new() };
        }
        self.by_resource(&target.policies, request, asked, Named::ThroughAccount, special)
    }

    /// Whether the principals of a statement name the caller, in one way.
    fn names_caller(&self, clause: &Clause, request: &Request<'_>, wanted: Named) -> Degree {
        if !clause.not_principals.present.is_false() {
            // Everyone but those that are listed.
            return match wanted {
                Named::AsAnyone => self.listed(&clause.not_principals, request, None).negated(),
                Named::Directly | Named::ThroughAccount => Degree::no(),
            };
        }
        self.listed(&clause.principals, request, Some(wanted))
    }

    fn listed(&self, whoms: &Whoms, request: &Request<'_>, wanted: Option<Named>) -> Degree {
        let mut found = Degree::no();
        for whom in &whoms.certain {
            found = found.or(self.is_meant(whom, request, wanted));
        }
        for whom in &whoms.possible {
            let meant = self.is_meant(whom, request, wanted);
            found =
                found.or(meant.and(Degree::maybe("whether the principal is in the list is not known before apply")));
        }
        match &whoms.open {
            Some(why) if wanted != Some(Named::ThroughAccount) => found.or(Degree::maybe(Arc::clone(why))),
            _ => found,
        }
    }

    /// Whether a principal of a policy is the caller; `wanted` says in which way, none in any.
    fn is_meant(&self, whom: &Whom, request: &Request<'_>, wanted: Option<Named>) -> Degree {
        let wants = |named: Named| wanted.is_none_or(|wanted| wanted == named);
        let judge = |look: &dyn Fn(&Pattern) -> Truth| whom.text.judge(&|_| Bound::Open, look);
        let everyone = match whom.kind {
            WrittenKind::Any | WrittenKind::Aws => judge(&|pattern| pattern.is_everything()),
            _ => Degree::no(),
        };
        if everyone.is_yes() {
            return Degree::known(wants(Named::AsAnyone));
        }
        match (request.caller, &whom.kind) {
            (Caller::Own(principal), WrittenKind::Aws | WrittenKind::Any) => {
                self.means_own(&judge, principal, &request.target.account, wanted)
            }
            (Caller::Account(id), WrittenKind::Aws) => {
                if wants(Named::Directly) {
                    judge(&|pattern| Truth::from(means_account(pattern, id)))
                } else {
                    Degree::no()
                }
            }
            (Caller::Arn(arn), WrittenKind::Aws) => {
                let account = arn.split(':').nth(4).unwrap_or_default();
                let is = |pattern: &Pattern| match pattern.literal() {
                    Some(text) => Truth::from(text == arn || means_account(pattern, account)),
                    None => Truth::False,
                };
                if wants(Named::Directly) { judge(&is) } else { Degree::no() }
            }
            (Caller::Service(name), WrittenKind::Service)
            | (Caller::Federated(name), WrittenKind::Federated)
            | (Caller::Canonical(name), WrittenKind::CanonicalUser) => {
                let is = |pattern: &Pattern| match pattern.literal() {
                    Some(text) => Truth::from(text == name),
                    None => Truth::from(*pattern == Pattern::fixed(name)),
                };
                if wants(Named::Directly) { judge(&is) } else { Degree::no() }
            }
            _ => Degree::no(),
        }
    }

    fn means_own(&self, judge: Judge<'_>, principal: &Principal, _account: &Account, wanted: Option<Named>) -> Degree {
        let wants = |named: Named| wanted.is_none_or(|wanted| wanted == named);
        let own = principal.account.pattern();
        let through = |pattern: &Pattern| match self.account_meant(pattern) {
            Some(account) => match account.literal() {
                // An id that is written out is taken for another account where the own one is not known.
                Some(_) => Truth::from(account == own),
                None => account.covers(&own),
            },
            None => Truth::False,
        };
        let direct = |pattern: &Pattern| {
            if self.account_meant(pattern).is_some() { Truth::False } else { pattern.exact_covers(&principal.arn) }
        };
        let mut found = Degree::no();
        if wants(Named::ThroughAccount) {
            found = found.or(judge(&through));
        }
        if wants(Named::Directly) {
            found = found.or(judge(&direct));
            found = found.or(self.session_of(judge, principal));
        }
        found
    }

    /// A session of a role that a policy names: whoever takes the role may call it so.
    fn session_of(&self, judge: Judge<'_>, principal: &Principal) -> Degree {
        if principal.kind != PrincipalKind::Role {
            return Degree::no();
        }
        let start = Pattern::new("assumed-role/", Letters::Exact).then(principal.name.clone());
        let is = |pattern: &Pattern| match pattern.split(':', 6).as_slice() {
            [_, _, service, _, account, resource] if service.literal().as_deref() == Some("sts") => {
                let parts = resource.split('/', 3);
                let [kind, role, _] = parts.as_slice() else { return Truth::False };
                let named = kind.clone().then(Pattern::new("/", Letters::Exact)).then(role.clone());
                named.covers(&start).and(account.covers(&principal.account.pattern()))
            }
            _ => Truth::False,
        };
        judge(&is).and(Degree::conditional("the session has the name that the policy names"))
    }

    /// The id of the account that a principal is as a whole, if it is one.
    fn account_meant(&self, pattern: &Pattern) -> Option<Pattern> {
        match pattern.split(':', 6).as_slice() {
            [whole] => {
                let id = whole.literal().is_some_and(|text| is_account_id(&text));
                let own = *whole == self.names.own_account().pattern();
                (id || own).then(|| whole.clone())
            }
            [_, _, _, _, account, resource] if resource.literal().as_deref() == Some("root") => Some(account.clone()),
            _ => None,
        }
    }

    /// That no statement denies it.
    fn denials(&self, request: &Request<'_>, asked: &Asked<'_>) -> Decision {
        let target = request.target;
        let mut decision = Decision::yes();
        let mut weigh = |policies: &[Given], of_resource: bool| {
            for given in policies {
                for clause in given.policy.clauses.iter().filter(|clause| !clause.allows.is_true()) {
                    let denied = clause
                        .touches(asked)
                        .and_then(|| if of_resource { self.denies_caller(clause, request) } else { Degree::yes() })
                        .and_then(|| applies(clause, request))
                        .and_then(|| denies(clause))
                        .and_then(|| given.there.clone());
                    let free = denied.negated();
                    if free.is_no() {
                        decision = Decision { degree: Degree::no(), because: vec![clause.basis.clone()] };
                        return;
                    }
                    if !free.is_yes() && !decision.degree.is_no() {
                        let because = Decision { degree: free, because: vec![clause.basis.clone()] };
                        decision = std::mem::replace(&mut decision, Decision::no()).and(because);
                    }
                }
                if let Some(why) = &given.policy.open
                    && !given.policy.allows_only
                    && !decision.degree.is_no()
                {
                    let open =
                        Decision { degree: Degree::maybe(Arc::clone(why)), because: vec![given.policy.basis.clone()] };
                    decision = std::mem::replace(&mut decision, Decision::no()).and(open);
                }
                if decision.degree.is_no() {
                    return;
                }
            }
        };
        let resource_control = self.organization.binding(Layer::ResourceControl, &target.account);
        weigh(&resource_control, true);
        if let Caller::Own(principal) = request.caller {
            let service_control = self.organization.binding(Layer::ServiceControl, &principal.account);
            weigh(&service_control, false);
            weigh(principal.boundary.as_deref().unwrap_or_default(), false);
            weigh(&principal.policies, false);
        }
        weigh(&target.policies, true);
        decision
    }

    /// Whether a denial of the resource's side is about the caller.
    fn denies_caller(&self, clause: &Clause, request: &Request<'_>) -> Degree {
        if !clause.not_principals.present.is_false() {
            // Naming the account exempts the account itself, and not its users and roles.
            let direct = self.listed(&clause.not_principals, request, Some(Named::Directly));
            return direct.or(self.listed(&clause.not_principals, request, Some(Named::AsAnyone))).negated();
        }
        if let (Caller::Service(_), true) = (request.caller, names_everyone(clause)) {
            return Degree::yes();
        }
        self.listed(&clause.principals, request, None)
    }

    /// What service control policies leave to a principal of the account that they bind. By themselves they allow nothing, and an
    /// account keeps AWS's `FullAWSAccess` unless it is detached, which the code does not show.
    fn service_control(&self, request: &Request<'_>, principal: &Principal, asked: &Asked<'_>) -> Decision {
        let binding = self.organization.binding(Layer::ServiceControl, &principal.account);
        let lists = |given: &&Given| given.policy.clauses.iter().any(|clause| clause.allows.is_true());
        let listing: Vec<Given> = binding.iter().filter(lists).cloned().collect();
        if listing.is_empty() {
            return Decision::yes();
        }
        let allowed = allowing(&listing, request, asked, Layer::ServiceControl);
        if allowed.degree.is_yes() {
            return Decision::yes();
        }
        let why = "whether FullAWSAccess is still attached beside the allow list of the service control policy is not in the code";
        Decision {
            degree: Degree::maybe(why),
            because: listing.iter().map(|given| given.policy.basis.clone()).collect(),
        }
    }
}

/// Services whose resources must allow in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SpecialCase {
    Key,
    Trust,
}

impl SpecialCase {
    fn of(action: &Pattern) -> Option<Self> {
        match action.split(':', 2).as_slice() {
            [service, _] if service.matches("kms").is_true() => Some(Self::Key),
            [service, name] if service.matches("sts").is_true() => {
                let of_role = ["assumerole*", "tagsession", "setsourceidentity"];
                of_role
                    .iter()
                    .any(|known| Pattern::new(known, Letters::AnyCase).covers(name).is_true())
                    .then_some(Self::Trust)
            }
            _ => None,
        }
    }
}

/// Whether a condition tells callers apart neither by who they are nor by where they are.
fn narrows_nobody(test: &Test, everyone: &Request<'_>) -> bool {
    conditions::hold(std::slice::from_ref(test), everyone).is_yes()
        || KEYS.find(&test.key).is_some_and(|key| key.narrows == Narrows::How)
}

fn names_everyone(clause: &Clause) -> bool {
    clause.principals.certain.iter().any(|whom| {
        matches!(whom.kind, WrittenKind::Any | WrittenKind::Aws)
            && whom.text.ways.iter().all(|way| way.is_everything().is_true())
    })
}

fn means_account(pattern: &Pattern, id: &str) -> bool {
    let Some(text) = pattern.literal() else { return false };
    text == id || (text.ends_with(":root") && text.split(':').nth(4) == Some(id))
}

/// Whether the conditions of a statement hold.
fn applies(clause: &Clause, request: &Request<'_>) -> Degree {
    conditions::hold(&clause.tests, request).and_then(|| clause.open_conditions())
}

fn allows(clause: &Clause) -> Degree {
    if clause.allows.is_true() {
        Degree::yes()
    } else {
        Degree::maybe("the effect of the statement is not known before apply")
    }
}

fn denies(clause: &Clause) -> Degree {
    if clause.allows.is_false() {
        Degree::yes()
    } else {
        Degree::maybe("the effect of the statement is not known before apply")
    }
}

fn decided(degree: Degree, clause: &Clause) -> Decision {
    if degree.is_no() { Decision::no() } else { Decision { degree, because: vec![clause.basis.clone()] } }
}

/// What policies allow, without regard to denials.
fn allowing(policies: &[Given], request: &Request<'_>, asked: &Asked<'_>, layer: Layer) -> Decision {
    let mut decision = Decision::no();
    for given in policies {
        for clause in given.policy.clauses.iter().filter(|clause| !clause.allows.is_false()) {
            let found = clause
                .covers(asked)
                .and_then(|| applies(clause, request))
                .and_then(|| allows(clause))
                .and_then(|| given.there.clone());
            decision = decision.or(decided(found, clause));
            if decision.degree.is_yes() {
                return decision;
            }
        }
        if let Some(why) = &given.policy.open {
            let degree = Degree::maybe(Arc::clone(why)).and(given.there.clone());
            let basis = Basis { layer, ..given.policy.basis.clone() };
            decision = decision.or(Decision { degree, because: vec![basis] });
        }
    }
    decision
}
