//! Who a statement is about: everyone, an account, somebody in particular.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>. In policies of
//! resources `"*"` and `{"AWS": "*"}` are both everyone, anonymous callers included.

use terravet_graph::{Truth, Value};

use crate::arn::{Account, account_of, is_whole_account};
use crate::condition::{Comparison, Condition, is_narrowed};
use crate::document::{Document, Principal, PrincipalKind, Statement};
use crate::grant::{MAX_DENIALS, lists_every_action, lists_every_action_of_a_service};
use crate::judgement::Judgement;
use crate::listing::{Listing, Values};
use crate::pattern::{Letters, Pattern, judge};

/// The most pairs of patterns that are laid against each other to tell whether a denial takes something back.
const MAX_PAIRS: usize = 10_000;

/// Whether a principal is everyone: `*`, or an ARN of every account (IAM refuses those, which changes nothing about
/// what was meant).
#[must_use]
pub(crate) fn is_everyone(principal: &Principal) -> Judgement {
    let truth = match principal.kind {
        PrincipalKind::Any => judge(&principal.value, Letters::Exact, Pattern::is_everything),
        PrincipalKind::Aws => judge(&principal.value, Letters::Exact, is_every_account),
        _ => Truth::False,
    };
    Judgement::of(truth, &principal.value)
}

fn is_every_account(pattern: &Pattern) -> Truth {
    let whole = pattern.is_everything();
    match pattern.split(':', 6).as_slice() {
        [_, _, _, _, account, _] => whole.or(account.is_everything()),
        _ => whole,
    }
}

/// Whether the statement's `Principal` has everyone in it, whatever its effect and conditions.
#[must_use]
pub(crate) fn names_everyone(statement: &Statement) -> Judgement {
    statement.principals.exists(is_everyone)
}

/// Whether the statement allows everyone, and no condition narrows that.
#[must_use]
pub(crate) fn is_public(statement: &Statement) -> Judgement {
    statement.allows(|| names_everyone(statement).and_then(|| is_narrowed(statement).negated()))
}

/// Whether the statement allows everyone but somebody (`NotPrincipal`), and no condition narrows that.
#[must_use]
pub(crate) fn is_public_by_exclusion(statement: &Statement) -> Judgement {
    statement.allows(|| statement.not_principals.is_present().and_then(|| is_narrowed(statement).negated()))
}

/// Whether the document allows something to everyone, explicit denials considered: a denial takes back what it covers,
/// as <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html> has it.
#[must_use]
pub(crate) fn allows_public(document: &Document) -> Judgement {
    let open = |statement: &Statement| is_public(statement).or(is_public_by_exclusion(statement));
    document.statements.exists(|statement| is_exposed(document, statement, open))
}

/// Whether a statement of the document allows what `open` says, and no denial of the document takes that back.
#[must_use]
pub(crate) fn is_exposed(
    document: &Document,
    statement: &Statement,
    open: impl FnOnce(&Statement) -> Judgement,
) -> Judgement {
    open(statement).and_then(|| {
        let statements = &document.statements;
        let certain = statements.items.iter().map(|statement| (statement, Truth::True));
        let possible = statements.possible.iter().map(|statement| (statement, Truth::Unknown));
        let denials = certain.chain(possible).filter(|(statement, _)| !statement.is_deny().is_false());
        let (mut taken, mut weighed) = (Truth::False, 0);
        for (denial, there) in denials {
            weighed += 1;
            if taken.is_true() || weighed > MAX_DENIALS {
                break;
            }
            taken = taken.or(there.and(takes_back(denial, statement)));
        }
        if weighed > MAX_DENIALS || !statements.complete {
            taken = taken.or(Truth::Unknown);
        }
        Judgement::from(!taken)
    })
}

/// Whether a denial holds for everyone that it does not name, and covers all that a statement allows.
fn takes_back(denial: &Statement, allowed: &Statement) -> Truth {
    let all_but_named = denial.not_principals.is_present().truth.and(!denial.not_principals.exists(is_everyone).truth);
    let everyone = names_everyone(denial).truth.or(all_but_named);
    let spared = denial.conditions.exists(|condition| condition.spares_only_named().negated());
    denial
        .is_deny()
        .and(everyone)
        .and(!spared.truth)
        .and(covers_list(
            &denial.actions,
            &denial.not_actions,
            &allowed.actions,
            &allowed.not_actions,
            Letters::AnyCase,
        ))
        .and(covers_list(
            &denial.resources,
            &denial.not_resources,
            &allowed.resources,
            &allowed.not_resources,
            Letters::Exact,
        ))
}

/// Whether what one pair of a list and a negated list stands for covers all that another pair stands for.
fn covers_list(wide: &Values, wide_not: &Values, narrow: &Values, narrow_not: &Values, letters: Letters) -> Truth {
    if narrow.present.is_false() && narrow_not.present.is_false() {
        // A statement without resources is about the resource that its policy belongs to.
        return Truth::True;
    }
    let everything = wide.exists(|value| Judgement::of(judge(value, letters, Pattern::is_everything), value)).truth;
    if everything.is_true() || !narrow_not.present.is_false() {
        return everything;
    }
    if wide.items.len().saturating_mul(narrow.items.len()) > MAX_PAIRS {
        return Truth::Unknown;
    }
    let covered = |value: &Value| match Pattern::of(value, letters) {
        None => Truth::True,
        Some(narrow) => {
            let listed =
                wide.exists(|wide| Judgement::of(judge(wide, letters, |wide| wide.covers(&narrow)), wide)).truth;
            let excluded = wide_not.exists(|not| Judgement::of(judge(not, letters, |not| not.overlaps(&narrow)), not));
            listed.or(wide_not.present.and(!excluded.truth))
        }
    };
    !narrow.exists(|value| Judgement::of(!covered(value), value)).truth
}

/// Whether all principals are the root of the account that is deployed to, which delegates to that account's own
/// policies, as the default policy of a KMS key does
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>). Unknown for a literal account id,
/// which may be the own one.
#[must_use]
pub(crate) fn names_only_own_root(statement: &Statement) -> Judgement {
    let principals = &statement.principals;
    let other = principals.exists(|principal| Judgement::of(!is_own_root(principal), &principal.value));
    principals.is_present().and_then(|| other.negated()).and(Truth::from(!principals.is_empty()).into())
}

fn is_own_root(principal: &Principal) -> Truth {
    if principal.kind != PrincipalKind::Aws || is_everyone(principal).truth.is_true() {
        return Truth::False;
    }
    is_whole_account(&principal.value).and(match account_of(&principal.value) {
        Account::Own => Truth::True,
        Account::Id(_) | Account::Unknown => Truth::Unknown,
    })
}

/// Whether a principal stands for a whole account.
#[must_use]
pub(crate) fn names_whole_account(statement: &Statement) -> Judgement {
    statement.principals.exists(|principal| match principal.kind {
        PrincipalKind::Aws => Judgement::of(is_whole_account(&principal.value), &principal.value),
        _ => Judgement::no(),
    })
}

/// Whether a principal is in an account that is named by its id: another one, unless the id is the own one. What is
/// created here, or built from `AWS::AccountId` or `data.aws_caller_identity`, is not.
#[must_use]
pub(crate) fn names_account_by_id(statement: &Statement) -> Judgement {
    statement.principals.exists(|principal| {
        if !matches!(principal.kind, PrincipalKind::Aws) {
            return Judgement::no();
        }
        Judgement::of(is_in_account_by_id(&principal.value), &principal.value)
    })
}

fn is_in_account_by_id(value: &Value) -> Truth {
    let of = |value: &Value| match account_of(value) {
        Account::Own => Truth::False,
        Account::Id(_) => Truth::True,
        Account::Unknown => {
            judge(
                value,
                Letters::Exact,
                |pattern| if pattern.literal().is_some() { Truth::False } else { Truth::Unknown },
            )
        }
    };
    match value.as_unknown() {
        Some(unknown) if !unknown.candidates.is_empty() => {
            crate::pattern::agreed(unknown.candidates.iter().map(|candidate| of(&candidate.value)))
        }
        _ => of(value),
    }
}

/// Whether a statement says whom it is about.
#[must_use]
pub fn has_principal(statement: &Statement) -> Judgement {
    statement.principals.is_present().or(statement.not_principals.is_present())
}

/// Whether a denial refuses requests that travel unencrypted: to everyone, every action of a service, with
/// `aws:SecureTransport` false as its only condition
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html#example-bucket-policies-HTTP-HTTPS>).
#[must_use]
pub(crate) fn denies_insecure_transport(statement: &Statement) -> Judgement {
    let by_transport = |condition: &Condition| condition.is_bool("aws:SecureTransport", false);
    let other = |condition: &Condition| Judgement::of(!by_transport(condition).truth, &condition.values.value);
    statement
        .denies(|| names_everyone(statement))
        .and_then(|| statement.conditions.exists(by_transport))
        .and_then(|| statement.conditions.exists(other).negated())
        .and_then(|| lists_every_action(statement).or(lists_every_action_of_a_service(statement)))
        .and_then(|| {
            let whole = |value: &Value| judge(value, Letters::Exact, is_whole_resource);
            statement.resources.exists(|value| Judgement::of(whole(value), value))
        })
}

/// Whether a resource is all that a policy belongs to: not the objects below a path, and of a bucket not only the bucket
/// itself.
fn is_whole_resource(pattern: &Pattern) -> Truth {
    if let [_, below] = pattern.split('/', 2).as_slice() {
        return below.is_everything();
    }
    match pattern.split(':', 6).as_slice() {
        [_, _, service, _, _, _] if service.matches("s3").is_true() => Truth::from(pattern.ends_with_wildcard()),
        _ => Truth::True,
    }
}

/// Whether a denial locks everyone out of changing a bucket's policy, so that only the root user can undo it: to everyone,
/// on `s3:PutBucketPolicy`, without a condition.
#[must_use]
pub(crate) fn locks_out_account(statement: &Statement) -> Judgement {
    let put_policy = |action: &Value| {
        Judgement::of(judge(action, Letters::AnyCase, |p| p.matches_any_case("s3:PutBucketPolicy")), action)
    };
    statement.denies(|| {
        names_everyone(statement)
            .and_then(|| {
                statement.conditions.exists(|condition| Judgement::of(Truth::True, &condition.values.value)).negated()
            })
            .and_then(|| statement.actions.exists(put_policy))
    })
}

/// Whether a denial refuses requests that were signed in without a second factor: the key is false or missing
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html>).
#[must_use]
pub(crate) fn denies_without_mfa(statement: &Statement) -> Judgement {
    let key = "aws:MultiFactorAuthPresent";
    let without = |condition: &Condition| {
        let operator = condition.operator();
        let missing = condition.is_about(key) && operator.comparison == Comparison::Null;
        if missing {
            return Judgement::of(condition.values.exists(is_true_text).truth, &condition.values.value);
        }
        if operator.if_exists { condition.is_bool(key, false) } else { Judgement::no() }
    };
    let other = |condition: &Condition| Judgement::of(!without(condition).truth, &condition.values.value);
    statement.denies(|| statement.conditions.exists(without).and_then(|| statement.conditions.exists(other).negated()))
}

fn is_true_text(value: &Value) -> Judgement {
    Judgement::of(judge(value, Letters::AnyCase, |pattern| pattern.matches("true")), value)
}

/// The accounts that the statement's principals name by id, sorted.
#[must_use]
pub(crate) fn account_ids(principals: &Listing<Principal>) -> Vec<String> {
    let mut ids: Vec<String> = principals
        .iter()
        .filter(|principal| principal.kind == PrincipalKind::Aws)
        .filter_map(|principal| match account_of(&principal.value) {
            Account::Id(id) => Some(id),
            _ => None,
        })
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
