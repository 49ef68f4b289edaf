//! Trust policies: who may assume a role.
//!
//! Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user_externalid.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html> and
//! <https://docs.github.com/en/actions/reference/security/oidc>.

use terravet_graph::{Truth, Value};

use crate::condition::{Comparison, Condition, Quantifier, is_narrowed, requires_mfa};
use crate::document::{Principal, PrincipalKind, Statement};
use crate::grant::{Extent, concerns_action};
use crate::judgement::{Judgement, MAX_WITNESSES};
use crate::pattern::{Letters, Pattern, judge};
use crate::principal::{is_everyone, names_account_by_id, names_whole_account};

/// The issuer of GitHub's tokens.
const GITHUB: &str = "token.actions.githubusercontent.com";
/// The claims that may begin a subject and that only the owner of a repository or enterprise can have.
const OWNED_CLAIMS: &[&str] = &[
    "enterprise",
    "enterprise_id",
    "job_workflow_ref",
    "repo",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
];

/// Whether anyone may assume the role: everyone, every service or every provider, and no condition narrows that. An
/// external id is one: it is a secret between two parties.
#[must_use]
pub(crate) fn is_assumable_by_anyone(statement: &Statement) -> Judgement {
    statement.allows(|| {
        statement
            .principals
            .exists(is_anyone)
            .and_then(|| is_narrowed(statement).negated())
            .and_then(|| has_external_id(statement).negated())
    })
}

fn is_anyone(principal: &Principal) -> Judgement {
    match principal.kind {
        PrincipalKind::Service | PrincipalKind::Federated => {
            Judgement::of(judge(&principal.value, Letters::Exact, Pattern::is_everything), &principal.value)
        }
        _ => is_everyone(principal),
    }
}

/// Whether the statement demands a fixed external id.
#[must_use]
pub(crate) fn has_external_id(statement: &Statement) -> Judgement {
    statement.conditions.exists(|condition| {
        let operator = condition.operator();
        if !condition.is_about("sts:ExternalId") || !operator.needs_the_key() {
            return Judgement::no();
        }
        let fixed = |value: &Value| match operator.comparison {
            // An empty id is none.
            Comparison::StringEquals => Truth::from(value.as_str() != Some("")),
            Comparison::StringLike => judge(value, Letters::Exact, |pattern| !pattern.is_everything()),
            _ => Truth::False,
        };
        let any_loose = condition.values.exists(|value| Judgement::of(!fixed(value), value));
        Judgement::of(!any_loose.truth, &condition.values.value)
    })
}

/// Whether the statement lists `sts:*` or `*`, which also grants `sts:TagSession`, `sts:SetSourceIdentity` and every way to
/// assume the role.
#[must_use]
pub(crate) fn has_wildcard_action(statement: &Statement) -> Judgement {
    statement.allows(|| {
        let wildcard = |action: &Value| {
            let sts = Pattern::new("sts:*", Letters::AnyCase);
            Judgement::of(judge(action, Letters::AnyCase, |pattern| pattern.covers(&sts)), action)
        };
        statement.actions.exists(wildcard)
    })
}

/// Whether the statement lets a principal of an account that is named by id assume the role, with neither an external id nor
/// a second factor nor a fixed organization: the confused deputy
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>).
#[must_use]
pub(crate) fn is_cross_account_without_external_id(statement: &Statement) -> Judgement {
    statement.allows(|| {
        names_account_by_id(statement)
            .and_then(|| without_witness(concerns_action(statement, "sts:AssumeRole", Extent::Some)))
            .and_then(|| has_external_id(statement).negated())
            .and_then(|| requires_mfa(statement).negated())
            .and_then(|| is_of_organization(statement).negated())
    })
}

fn is_of_organization(statement: &Statement) -> Judgement {
    statement.conditions.exists(|condition| {
        if condition.is_about("aws:PrincipalOrgID") || condition.is_about("aws:PrincipalOrgPaths") {
            condition.narrows(statement)
        } else {
            Judgement::no()
        }
    })
}

/// Whether the statement trusts everyone in an account who may delegate, and no condition says whom in it.
#[must_use]
pub(crate) fn trusts_whole_account(statement: &Statement) -> Judgement {
    statement.allows(|| {
        let named = |condition: &Condition| {
            let about = condition.is_about("aws:PrincipalArn")
                || condition.is_about("aws:PrincipalOrgID")
                || condition.is_about("aws:PrincipalOrgPaths")
                || condition.is_about("aws:userid")
                || condition.key.to_ascii_lowercase().starts_with("aws:principaltag/");
            Judgement::of(Truth::from(about), &condition.values.value)
        };
        names_whole_account(statement)
            .and_then(|| statement.conditions.exists(named).negated())
            .and_then(|| has_external_id(statement).negated())
            .and_then(|| requires_mfa(statement).negated())
    })
}

/// Whether the statement trusts GitHub's tokens without saying whose: no condition on the subject, or one that workflows
/// of foreign repositories satisfy.
#[must_use]
pub(crate) fn is_broad_github_trust(statement: &Statement) -> Judgement {
    let judgement = statement.allows(|| {
        let narrow = || statement.conditions.exists(is_narrow_github_condition);
        trusts_github(statement).and_then(|| narrow().negated())
    });
    if !judgement.truth.is_true() {
        return judgement;
    }
    // The broad value itself is what there is to change; without one, the provider.
    let mut witness = broad_subjects(statement);
    witness.extend(judgement.witness);
    witness.truncate(MAX_WITNESSES);
    Judgement { witness, ..judgement }
}

fn trusts_github(statement: &Statement) -> Judgement {
    let by_key = || {
        let about = |condition: &Condition| github_claim(&condition.key).is_some();
        statement.conditions.iter().any(about)
    };
    statement.principals.exists(|principal| {
        if principal.kind != PrincipalKind::Federated {
            return Judgement::no();
        }
        let provider = judge(&principal.value, Letters::AnyCase, |pattern| {
            let whole = Pattern::template(&format!("arn:{{}}:iam::{{}}:oidc-provider/{GITHUB}"));
            let enterprise = Pattern::new(&format!("*oidc-provider/{GITHUB}/*"), Letters::AnyCase);
            let truth = pattern.overlaps(&whole).or(enterprise.covers(pattern));
            // The ARN of a provider of this unit is not known, but what the conditions speak of tells it.
            if truth == Truth::Unknown && by_key() { Truth::True } else { truth }
        });
        Judgement::of(provider, &principal.value)
    })
}

/// The claim that a condition key names, if it is one of GitHub's tokens.
fn github_claim(key: &str) -> Option<&str> {
    let (issuer, claim) = key.rsplit_once(':')?;
    let same = issuer.get(..GITHUB.len()).is_some_and(|start| start.eq_ignore_ascii_case(GITHUB));
    (same && (issuer.len() == GITHUB.len() || issuer.as_bytes().get(GITHUB.len()) == Some(&b'/'))).then_some(claim)
}

/// Whether a condition lets in only workflows of owners that it names.
fn is_narrow_github_condition(condition: &Condition) -> Judgement {
    let operator = condition.operator();
    let text = matches!(operator.comparison, Comparison::StringEquals | Comparison::StringLike);
    let Some(claim) = github_claim(&condition.key) else { return Judgement::no() };
    // `ForAllValues` is satisfied by a token that lacks the claim; every token has a subject.
    let positive = text && !operator.negated && (claim == "sub" || operator.quantifier != Quantifier::All);
    if !positive || (operator.if_exists && claim != "sub") {
        return Judgement::no();
    }
    let narrow = |value: &Value| match claim {
        "sub" => judge(value, Letters::Exact, |subject| is_narrow_subject(subject, operator.comparison)),
        _ if OWNED_CLAIMS.contains(&claim) && operator.comparison == Comparison::StringEquals => Truth::True,
        _ if OWNED_CLAIMS.contains(&claim) => judge(value, Letters::Exact, is_owner_fixed),
        _ => Truth::False,
    };
    let any_broad = condition.values.exists(|value| Judgement::of(!narrow(value), value));
    Judgement::of(!any_broad.truth, &condition.values.value)
}

/// The values of subject conditions that let in foreign workflows.
fn broad_subjects(statement: &Statement) -> Vec<Value> {
    let subjects = statement.conditions.iter().filter(|condition| github_claim(&condition.key) == Some("sub"));
    subjects
        .flat_map(|condition| {
            let comparison = condition.operator().comparison;
            condition.values.iter().filter(move |value| {
                judge(value, Letters::Exact, |subject| is_narrow_subject(subject, comparison)).is_false()
            })
        })
        .cloned()
        .collect()
}

/// Whether only the workflows of one owner have a subject like this: it begins with a claim that is the owner's
/// (`repo:owner/…`), and the owner is spelled out.
fn is_narrow_subject(subject: &Pattern, comparison: Comparison) -> Truth {
    if comparison == Comparison::StringEquals && subject.literal().is_none() && subject.is_fixed().is_false() {
        // Here `*` is an ordinary character, which no token has.
        return Truth::True;
    }
    let parts = subject.split(':', 2);
    let [claim, rest] = parts.as_slice() else {
        return if subject.is_fixed() == Truth::Unknown || subject.is_computed() {
            Truth::Unknown
        } else {
            Truth::False
        };
    };
    let Some(claim) = claim.literal() else {
        return if claim.is_fixed().is_false() { Truth::False } else { Truth::Unknown };
    };
    if !OWNED_CLAIMS.contains(&claim.as_str()) {
        return Truth::False;
    }
    if claim == "repo" { is_owner_fixed(rest) } else { starts_fixed_until(rest, &['/', ':']) }
}

/// Whether what stands before the first `/` is fixed, and there is a `/`. Subjects that cannot be changed have the id of the
/// owner after an `@`, which no name has in it: the name before it is enough.
fn is_owner_fixed(pattern: &Pattern) -> Truth {
    match pattern.split('/', 2).as_slice() {
        [owner, _] => {
            let named = |name: &Pattern| name.is_fixed().and(Truth::from(!name.is_empty()));
            match owner.split('@', 2).as_slice() {
                [name, _] => named(name),
                _ => named(owner),
            }
        }
        [whole] if whole.is_fixed().is_true() => Truth::False,
        [whole] => whole.is_fixed(),
        _ => Truth::False,
    }
}

fn starts_fixed_until(pattern: &Pattern, separators: &[char]) -> Truth {
    let first = |separator: &char| pattern.split(*separator, 2).first().map_or(Truth::False, Pattern::is_fixed);
    separators.iter().map(first).fold(Truth::False, Truth::or)
}

fn without_witness(judgement: Judgement) -> Judgement {
    if judgement.truth.is_true() { judgement.truth.into() } else { judgement }
}
