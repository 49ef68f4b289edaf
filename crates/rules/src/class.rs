//! Classes of rules: what an attacker gains, and the severity and profile that follow from it.
//!
//! In: the name of a class. Out: a [`Class`]. Each class has exactly one severity and one profile, so that the same fault has
//! the same severity in every service. A page may deviate only with a reason (`class_reason`); the tests hold it to that.

use std::str::FromStr;

use terravet_diagnostics::{Profile, Severity, did_you_mean};

/// A class of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class {
    /// The name in a page: `public-data`.
    pub name: &'static str,
    /// The severity of its rules.
    pub severity: Severity,
    /// The profile of its rules.
    pub profile: Profile,
    /// What belongs to it.
    pub meaning: &'static str,
}

use Profile::{Account, Recommended, Strict};
use Severity::{Critical, High, Info, Low, Medium};

const fn class(name: &'static str, severity: Severity, profile: Profile, meaning: &'static str) -> Class {
    Class { name, severity, profile, meaning }
}

impl Class {
    /// All classes, the most severe first.
    pub const ALL: &'static [Self] = &[
        class(
            "public-data",
            Critical,
            Recommended,
            "anyone on the internet reads or writes data or runs code now: public resource-based policies and ACLs that take \
             effect, public snapshots and AMIs, unauthenticated function URLs",
        ),
        class(
            "reachable-from-internet",
            Critical,
            Recommended,
            "the whole path from the internet to a database or an administrative port is declared: address, route and security group",
        ),
        class(
            "administrator-credentials-in-code",
            Critical,
            Recommended,
            "credentials of an administrator or of the account root user are in the code",
        ),
        class(
            "credentials-in-code",
            High,
            Recommended,
            "long-term credentials, passwords, tokens or private keys are in the code",
        ),
        class(
            "admin-port-open",
            High,
            Recommended,
            "an administrative port, a database port, a range of ports or an administrative API is open to the world",
        ),
        class(
            "database-public-endpoint",
            High,
            Recommended,
            "a database or message broker has a public address; security groups or credentials are what is left",
        ),
        class("outsider-trust", High, Recommended, "principals outside the account can satisfy a trust policy"),
        class("privilege-escalation", High, Recommended, "full administration, or a way to it, in a policy or role"),
        class("untrusted-code", High, Recommended, "code or an image that strangers can publish is run"),
        class("host-takeover", High, Recommended, "a container or job that controls the host that it runs on"),
        class(
            "database-unencrypted-at-rest",
            High,
            Recommended,
            "a database, volume or snapshot is stored unencrypted although the service does not encrypt by itself",
        ),
        class(
            "unencrypted-at-rest",
            Medium,
            Recommended,
            "other data is stored unencrypted although the service does not encrypt by itself",
        ),
        class("unencrypted-in-transit", Medium, Recommended, "an endpoint accepts or makes connections without TLS"),
        class("imds-v1", Medium, Recommended, "the instance metadata service answers without a session token (IMDSv1)"),
        class("unauthenticated-endpoint", Medium, Recommended, "an API operation asks for no credentials"),
        class("unusual-port-open", Medium, Recommended, "a port without a known public use is open to the world"),
        class("weak-authentication", Medium, Recommended, "sign-in without MFA, guest access, or a short password"),
        class("weak-tls-policy", Medium, Recommended, "an outdated TLS version or a weak cipher is accepted"),
        class(
            "no-public-access-block",
            Medium,
            Recommended,
            "a guard against public access is missing or switched off; nothing need be public today",
        ),
        class(
            "broad-permissions",
            Medium,
            Recommended,
            "a policy allows more than one task needs, on every resource, though not administration",
        ),
        class("no-backup", Medium, Recommended, "data cannot be restored: no backups or no point-in-time recovery"),
        class("audit-gap", Medium, Recommended, "the audit trail misses events or cannot be verified"),
        class("unsupported-version", Medium, Recommended, "a version that no longer gets security updates"),
        class("weak-defence", Medium, Recommended, "another defence that others back up is missing or weak"),
        class(
            "dangling-target",
            Medium,
            Strict,
            "a name that outsiders may be able to register; whether it exists is not known before apply",
        ),
        class(
            "account-baseline",
            Medium,
            Account,
            "something is missing in the account: a trail, a detector, an alarm",
        ),
        class(
            "headline-default-not-written",
            Low,
            Recommended,
            "AWS's safe default is not written down, where users look for it: a bucket without declared encryption",
        ),
        class("default-not-written", Low, Strict, "AWS's safe default is not written down"),
        class("customer-managed-key", Low, Strict, "encrypted with a key that AWS owns or manages"),
        class("service-logging", Low, Strict, "the logs of one service are not kept"),
        class("least-privilege", Low, Strict, "permissions or sharing that could be narrower"),
        class("network-exposure", Low, Strict, "reachable addresses and open paths that other defences back up"),
        class("hardening", Low, Strict, "an optional control of the service is not used"),
        class("availability", Low, Strict, "an outage or a mistaken deletion is not survived"),
        class("no-effect", Low, Strict, "a security setting that has no effect, or that AWS refuses"),
        class("monitoring", Info, Strict, "metrics, traces, notifications and detailed logs"),
        class("hygiene", Info, Strict, "tags, descriptions, names, cost and structure"),
        class("account-hygiene", Info, Account, "contacts, roles and checks that help to run the account"),
    ];
}

impl FromStr for Class {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.iter().find(|class| class.name == text).copied().ok_or_else(|| {
            let names = Self::ALL.iter().map(|class| class.name);
            let help = did_you_mean(text, names).unwrap_or_else(|| "CONTRIBUTING.md lists them".to_owned());
            format!("`{text}` is not a class of rules; {help}")
        })
    }
}
