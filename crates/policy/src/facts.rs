//! The facts about statements and documents that rules may ask for, by name.
//!
//! In: a [`Statement`] or [`Document`]. Out: a [`Judgement`], with the values that a finding points at. The tables are the
//! vocabulary of policies: whoever offers them to rules takes names, documentation and functions from here.

use terravet_graph::{Truth, Value};

use crate::actions;
use crate::condition::{is_conditioned, is_narrowed, mentions_key, requires_mfa};
use crate::document::{Document, Statement};
use crate::escalation::ESCALATIONS;
use crate::grant::{
    EVERYTHING, Extent, Permission, allows_action, allows_every_action, concerns_action, concerns_all,
    is_malformed_action, keeps_a_service, lists_every_action, lists_every_action_of_a_service, lists_every_resource,
    opens_a_service,
};
use crate::judgement::Judgement;
use crate::principal;
use crate::trust;

/// A fact about an `S`.
pub struct Fact<S: 'static> {
    /// The name by which rules ask for it.
    pub name: &'static str,
    /// What it says, in one line.
    pub doc: &'static str,
    /// How it is told.
    pub judge: fn(&S) -> Judgement,
}

/// A fact about an `S` and a text, such as an action.
pub struct FactAbout<S: 'static> {
    /// The name by which rules ask for it.
    pub name: &'static str,
    /// What it says, in one line.
    pub doc: &'static str,
    /// How it is told.
    pub judge: fn(&S, &str) -> Judgement,
}

/// A fact about a statement among the others of its document.
pub struct FactInDocument {
    /// The name by which rules ask for it.
    pub name: &'static str,
    /// What it says, in one line.
    pub doc: &'static str,
    /// How it is told.
    pub judge: fn(&Document, &Statement) -> Judgement,
}

const fn fact<S>(name: &'static str, doc: &'static str, judge: fn(&S) -> Judgement) -> Fact<S> {
    Fact { name, doc, judge }
}

const fn about<S>(name: &'static str, doc: &'static str, judge: fn(&S, &str) -> Judgement) -> FactAbout<S> {
    FactAbout { name, doc, judge }
}

impl<S> Fact<S> {
    /// The fact of this name in a table.
    #[must_use]
    pub fn named(table: &'static [Self], name: &str) -> Option<&'static Self> {
        table.iter().find(|fact| fact.name == name)
    }
}

const ROLES: &str = "arn:{}:iam::{}:role/*";

/// Every action on every resource.
pub(crate) const FULL_ADMINISTRATION: Permission<'static> = Permission::every(&["*:*"], EVERYTHING);
/// Every action on identities, on all of them.
pub(crate) const FULL_IAM_ACCESS: Permission<'static> = Permission::every(&["iam:*"], "arn:{}:iam::{}:*");
/// Every action of S3 on all buckets.
pub(crate) const FULL_S3_ACCESS: Permission<'static> = Permission::every(&["s3:*"], "arn:{}:s3:::*");
/// Reading all objects.
pub(crate) const READ_S3: Permission<'static> = Permission::any(&["s3:GetObject"], "arn:{}:s3:::*");
/// Writing all objects.
pub(crate) const WRITE_S3: Permission<'static> = Permission::any(&["s3:PutObject"], "arn:{}:s3:::*");
/// Passing every role to every service.
pub(crate) const PASS_ROLE: Permission<'static> = Permission::any(&["iam:PassRole"], ROLES);
/// Assuming roles of every account that lets one.
pub(crate) const ASSUME_ROLE: Permission<'static> = Permission::any(&["sts:AssumeRole"], "arn:{}:iam::*:role/*");
/// Decrypting with all keys.
pub(crate) const KMS_DECRYPT: Permission<'static> =
    Permission::any(&["kms:Decrypt", "kms:ReEncryptFrom"], "arn:{}:kms:{}:{}:key/*");
/// Getting credentials.
pub(crate) const CREDENTIAL_ACCESS: Permission<'static> = Permission::any(actions::CREDENTIAL_EXPOSURE, EVERYTHING);
/// Reading all stored data or secrets of a service.
pub(crate) const DATA_READ: &[Permission<'static>] = &[
    Permission::any(&["s3:GetObject"], "arn:{}:s3:::*"),
    Permission::any(&["secretsmanager:GetSecretValue"], "arn:{}:secretsmanager:{}:{}:secret:*"),
    Permission::any(
        &["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
        "arn:{}:ssm:{}:{}:parameter/*",
    ),
];
/// Changing permissions.
pub(crate) const PERMISSIONS_MANAGEMENT: Permission<'static> =
    Permission::any(actions::PERMISSIONS_MANAGEMENT, EVERYTHING);
/// The score of complexity from which on a document is complex.
pub(crate) const COMPLEX: usize = 25;
/// Changing anything.
pub(crate) const WRITE: Permission<'static> = Permission::any(actions::WRITE, EVERYTHING);

/// Anything that could be limited to some resources.
pub(crate) const LIMITABLE: &[Permission<'static>] =
    &[Permission::any(actions::READ, EVERYTHING), WRITE, PERMISSIONS_MANAGEMENT];

/// The facts about one statement.
pub const STATEMENT_FACTS: &[Fact<Statement>] = &[
    fact("allow", "its effect is Allow", |s| Judgement::of(s.is_allow(), &s.effect)),
    fact("deny", "its effect is Deny", |s| Judgement::of(s.is_deny(), &s.effect)),
    fact("wildcard_action", "it lists every action of every service (`*`)", lists_every_action),
    fact("service_wildcard_action", "it lists every action of a service (`s3:*`)", lists_every_action_of_a_service),
    fact("wildcard_resource", "it lists every resource (`*`, `arn:aws:*:*:*:*`)", lists_every_resource),
    fact("malformed_action", "it lists an action that is not `service:Name`", malformed_action),
    fact("empty_element", "an element of it is written and empty", empty_element),
    fact("not_action", "it has NotAction", |s| s.not_actions.is_present()),
    fact("not_resource", "it has NotResource", |s| s.not_resources.is_present()),
    fact("not_principal", "it has NotPrincipal", |s| s.not_principals.is_present()),
    fact("allow_wildcard_action", "it allows every action of every service", |s| s.allows(|| lists_every_action(s))),
    fact("allow_service_wildcard_action", "it allows every action of a service", |s| {
        s.allows(|| lists_every_action_of_a_service(s))
    }),
    fact("allow_wildcard_resource", "it allows something on every resource", |s| s.allows(|| lists_every_resource(s))),
    fact("unlimited_resource", "it allows, on every resource, an action that could be limited to some", |s| {
        any_of(LIMITABLE, |it| it.granted_by(s))
    }),
    fact("allow_not_action", "it allows all actions but some", |s| s.allows(|| s.not_actions.is_present())),
    fact("allow_not_resource", "it allows all resources but some", |s| s.allows(|| s.not_resources.is_present())),
    fact("allow_not_principal", "it allows everyone but some", |s| s.allows(|| s.not_principals.is_present())),
    fact("without_principal", "it has neither Principal nor NotPrincipal", |s| {
        principal::has_principal(s).negated().blaming(&s.value)
    }),
    fact("conditioned", "a condition limits it", is_conditioned),
    fact("narrowed", "a condition narrows its callers down from everyone", is_narrowed),
    fact("requires_mfa", "it holds only for requests signed in with a second factor", requires_mfa),
    fact("public_principal", "its Principal has everyone in it", principal::names_everyone),
    fact("public", "it allows everyone, and no condition narrows that", principal::is_public),
    fact(
        "public_by_exclusion",
        "it allows everyone but some, and no condition narrows that",
        principal::is_public_by_exclusion,
    ),
    fact("only_own_root", "all its principals are the root of the own account", principal::names_only_own_root),
    fact("account_by_id", "a principal of it is in an account that is named by id", principal::names_account_by_id),
    fact("whole_account", "a principal of it is a whole account", principal::names_whole_account),
    fact("full_administration", "it allows every action on every resource", |s| FULL_ADMINISTRATION.granted_by(s)),
    fact("full_s3_access", "it allows every action of S3 on all buckets", |s| FULL_S3_ACCESS.granted_by(s)),
    fact("unconstrained_pass_role", "it allows passing every role", |s| PASS_ROLE.granted_by(s)),
    fact("pass_role_without_service", "it allows passing a role to any service", pass_role_without_service),
    fact("unconstrained_assume_role", "it allows assuming roles of all accounts", |s| ASSUME_ROLE.granted_by(s)),
    fact("unconstrained_kms_decrypt", "it allows decrypting with all keys", |s| KMS_DECRYPT.granted_by(s)),
    fact("unconstrained_credential_access", "it allows getting credentials", |s| CREDENTIAL_ACCESS.granted_by(s)),
    fact("unconstrained_data_read", "it allows reading all stored data", |s| any_of(DATA_READ, |it| it.granted_by(s))),
    fact("unconstrained_permissions_management", "it allows changing permissions on all resources", |s| {
        PERMISSIONS_MANAGEMENT.granted_by(s)
    }),
    fact("unconstrained_write", "it allows changing all resources", |s| WRITE.granted_by(s)),
    fact("queue_management", "it allows managing queues", |s| allows_any(s, actions::QUEUE_MANAGEMENT)),
    fact("bucket_administration", "it allows administering buckets", |s| allows_any(s, actions::BUCKET_ADMINISTRATION)),
    fact("image_push", "it allows pushing images", |s| allows_any(s, actions::IMAGE_PUSH)),
    fact("function_change", "it allows changing functions", |s| allows_any(s, actions::FUNCTION_CHANGE)),
    fact("assumable_by_anyone", "it lets anyone assume the role", trust::is_assumable_by_anyone),
    fact("trust_wildcard_action", "it allows every action of STS in a trust policy", trust::has_wildcard_action),
    fact("external_id", "it demands a fixed external id", trust::has_external_id),
    fact(
        "cross_account_without_external_id",
        "it lets another account assume the role without an external id",
        trust::is_cross_account_without_external_id,
    ),
    fact("trusts_whole_account", "it lets everyone in an account assume the role", trust::trusts_whole_account),
    fact(
        "broad_github_trust",
        "it lets workflows of foreign repositories assume the role",
        trust::is_broad_github_trust,
    ),
    fact("denies_insecure_transport", "it refuses unencrypted requests", principal::denies_insecure_transport),
    fact("denies_without_mfa", "it refuses requests without a second factor", principal::denies_without_mfa),
    fact("locks_out_account", "it denies everyone changing the bucket's policy", principal::locks_out_account),
];

/// The facts about one statement that take the others of its document into account.
pub const STATEMENT_FACTS_IN_DOCUMENT: &[FactInDocument] = &[
    FactInDocument {
        name: "exposed",
        doc: "it allows everyone, no condition narrows that, and no denial takes it back",
        judge: |document, statement| principal::is_exposed(document, statement, principal::is_public),
    },
    FactInDocument {
        name: "full_iam_access",
        doc: "it allows every action on identities, and no denial takes that back",
        judge: |document, statement| FULL_IAM_ACCESS.granted_among(document, statement),
    },
    FactInDocument {
        name: "unconstrained_service_wildcard",
        doc: "it allows every action of a service on every resource, and no denial takes that back",
        judge: |document, s| {
            s.allows(|| opens_a_service(s).and_then(|| lists_every_resource(s)))
                .and_then(|| is_conditioned(s).negated())
                .and_then(|| keeps_a_service(document, s))
        },
    },
];

/// The facts about one statement and a text.
pub const STATEMENT_FACTS_ABOUT: &[FactAbout<Statement>] = &[
    about("allows", "it allows an action that the pattern (`s3:Get*`) matches", allows_action),
    about("allows_all", "it allows every action that the pattern matches", allows_every_action),
    about("concerns", "it is about an action that the pattern matches, whatever its effect", |s, pattern| {
        concerns_action(s, pattern, Extent::Some)
    }),
    about("on_all", "it is about all resources that the pattern (`arn:aws:s3:::*`) matches", concerns_all),
    about("has_condition_on", "it has a condition on the key", mentions_key),
];

/// The facts about a document, which may be the [`Document::union`] of all that one principal has.
pub const DOCUMENT_FACTS: &[Fact<Document>] = &[
    fact("public", "it allows something to everyone, and no denial takes that back", principal::allows_public),
    fact("full_administration", "it allows every action on every resource", |d| FULL_ADMINISTRATION.granted_in(d)),
    fact("full_iam_access", "it allows every action on identities", |d| FULL_IAM_ACCESS.granted_in(d)),
    fact("full_s3_access", "it allows every action of S3 on all buckets", |d| FULL_S3_ACCESS.granted_in(d)),
    fact("s3_read_write", "it allows reading and writing all objects", |d| {
        READ_S3.granted_in(d).and_then(|| WRITE_S3.granted_in(d))
    }),
    fact("unconstrained_pass_role", "it allows passing every role", |d| PASS_ROLE.granted_in(d)),
    fact("unconstrained_assume_role", "it allows assuming roles of all accounts", |d| ASSUME_ROLE.granted_in(d)),
    fact("unconstrained_kms_decrypt", "it allows decrypting with all keys", |d| KMS_DECRYPT.granted_in(d)),
    fact("unconstrained_credential_access", "it allows getting credentials", |d| CREDENTIAL_ACCESS.granted_in(d)),
    fact("unconstrained_data_read", "it allows reading all stored data", |d| any_of(DATA_READ, |it| it.granted_in(d))),
    fact("unconstrained_permissions_management", "it allows changing permissions on all resources", |d| {
        PERMISSIONS_MANAGEMENT.granted_in(d)
    }),
    fact("unconstrained_write", "it allows changing all resources", |d| WRITE.granted_in(d)),
    fact("denies_insecure_transport", "a statement refuses unencrypted requests", |d| {
        d.statements.exists(principal::denies_insecure_transport)
    }),
    fact("enforces_mfa", "nothing is allowed without a second factor", enforces_mfa),
    fact("allows_everything_only", "all it does is to allow every action on every resource", allows_everything_only),
    fact("complex", "its score of complexity is 25 or more", |d| match crate::complexity::complexity(d) {
        Some(score) => Judgement::of(Truth::from(score >= COMPLEX), &d.value),
        None => Judgement::of(Truth::Unknown, &d.value),
    }),
    fact("escalation", "it opens some way to more permissions", |d| {
        ESCALATIONS.iter().map(|way| way.open_in(d)).fold(Judgement::no(), Judgement::or)
    }),
];

/// The facts about a document and a text.
pub const DOCUMENT_FACTS_ABOUT: &[FactAbout<Document>] = &[
    about("escalation_via", "it opens the way of this name to more permissions", |d, name| {
        crate::escalation::Escalation::named(name).map_or_else(Judgement::no, |way| way.open_in(d))
    }),
    about("allows", "a statement allows an action that the pattern matches", |d, pattern| {
        d.statements.exists(|statement| allows_action(statement, pattern))
    }),
];

fn any_of(permissions: &[Permission<'_>], granted: impl Fn(&Permission<'_>) -> Judgement) -> Judgement {
    permissions.iter().map(granted).fold(Judgement::no(), Judgement::or)
}

fn allows_any(statement: &Statement, names: &[&str]) -> Judgement {
    statement.allows(|| {
        names.iter().map(|name| concerns_action(statement, name, Extent::Some)).fold(Judgement::no(), |all, one| {
            // One action pattern often stands for several of the names.
            let known = all.truth.is_true()
                && one.truth.is_true()
                && one.witness.iter().all(|value| all.witness.contains(value));
            if known { all } else { all.or(one) }
        })
    })
}

fn malformed_action(statement: &Statement) -> Judgement {
    let malformed = |action: &Value| Judgement::of(is_malformed_action(action), action);
    statement.actions.exists(malformed).or(statement.not_actions.exists(malformed))
}

fn empty_element(statement: &Statement) -> Judgement {
    let lists = [&statement.actions, &statement.not_actions, &statement.resources, &statement.not_resources];
    let empty = |is_empty: bool, value: &Value| Judgement::of(Truth::from(is_empty), value);
    let of_lists = lists.iter().map(|list| empty(list.is_empty(), &list.value)).fold(Judgement::no(), Judgement::or);
    of_lists
        .or(Judgement::of(is_empty_text(&statement.sid), &statement.sid))
        .or(empty(statement.principals.is_empty(), &statement.principals.value))
        .or(empty(statement.not_principals.is_empty(), &statement.not_principals.value))
        .or(empty(statement.conditions.is_empty(), &statement.conditions.value))
        .or(statement.conditions.exists(|condition| empty(condition.values.is_empty(), &condition.values.value)))
}

fn is_empty_text(value: &Value) -> Truth {
    match value.as_unknown() {
        Some(unknown) if unknown.prefix.is_none() => Truth::Unknown,
        _ => Truth::from(value.as_str() == Some("")),
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>
fn pass_role_without_service(statement: &Statement) -> Judgement {
    allows_action(statement, "iam:PassRole").and_then(|| mentions_key(statement, "iam:PassedToService").negated())
}

/// Whether nothing is allowed without a second factor: each permission demands it, or a denial of everything does.
#[must_use]
pub fn enforces_mfa(document: &Document) -> Judgement {
    let denied = document
        .statements
        .exists(|statement| principal::denies_without_mfa(statement).and_then(|| concerns_all(statement, EVERYTHING)));
    let free = document.statements.exists(|statement| statement.allows(|| requires_mfa(statement).negated()));
    let allows = document.statements.exists(|statement| Judgement::of(statement.is_allow(), &statement.value));
    denied.or(allows.and(free.negated()))
}

fn allows_everything_only(document: &Document) -> Judgement {
    let full = document.statements.exists(|statement| FULL_ADMINISTRATION.granted_by(statement));
    let other = document
        .statements
        .exists(|statement| FULL_ADMINISTRATION.granted_by(statement).negated().blaming(&statement.value));
    full.and_then(|| other.negated())
}
