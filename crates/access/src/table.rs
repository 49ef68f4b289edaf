//! The data files: what AWS calls things, and where either language writes permissions.
//!
//! In: `data/*.toml`, embedded. Out: [`Resources`], [`Identities`] and [`Keys`], read when first asked for. Each file names its
//! source and the day when it was last checked.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use terravet_graph::Language;

/// Resources with their ARNs and policies.
pub(crate) static RESOURCES: LazyLock<Resources> =
    LazyLock::new(|| toml::from_str(include_str!("../data/resources.toml")).unwrap_or_default());
/// Principals and what gives them policies.
pub(crate) static IDENTITIES: LazyLock<Identities> =
    LazyLock::new(|| toml::from_str(include_str!("../data/identities.toml")).unwrap_or_default());
/// Condition keys.
pub(crate) static KEYS: LazyLock<Keys> =
    LazyLock::new(|| toml::from_str(include_str!("../data/keys.toml")).unwrap_or_default());

/// `resources.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resources {
    #[serde(rename = "checked")]
    _checked: String,
    #[serde(rename = "resource")]
    pub(crate) resources: Vec<Entry>,
    #[serde(rename = "policy")]
    pub(crate) policies: Vec<ResourcePolicy>,
    #[serde(rename = "permission")]
    pub(crate) permissions: Vec<Permission>,
    #[serde(rename = "public_access_block")]
    pub(crate) blocks: Vec<PublicAccessBlock>,
}

/// A kind of resource.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) service: String,
    pub(crate) arn: String,
    #[serde(default)]
    pub(crate) parts: BTreeMap<String, Part>,
    /// The name may begin with a slash, which the ARN has then as its own.
    #[serde(default)]
    pub(crate) rooted: bool,
    #[serde(default)]
    pub(crate) inside: Vec<Inside>,
    pub(crate) data: Option<DataActions>,
    pub(crate) terraform: Option<Notation>,
    pub(crate) cloudformation: Option<Notation>,
}

/// How a language writes a kind of resource.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Notation {
    pub(crate) types: Vec<String>,
    pub(crate) name: Option<String>,
    /// What the ARN leaves out at the beginning of the name.
    pub(crate) strip: Option<String>,
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, String>,
}

/// A part of an ARN beside the name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    pub(crate) terraform: String,
    pub(crate) cloudformation: String,
    pub(crate) default: String,
}

/// Things inside a resource.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Inside {
    pub(crate) suffix: String,
    pub(crate) actions: Vec<String>,
}

/// Actions that read and change what a resource holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataActions {
    pub(crate) read: String,
    pub(crate) write: String,
}

/// Where a policy of a resource stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResourcePolicy {
    #[serde(default)]
    terraform: Vec<String>,
    #[serde(default)]
    cloudformation: Vec<String>,
    pub(crate) at: String,
    pub(crate) of: Option<String>,
}

/// A permission that is a resource of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Permission {
    #[serde(default)]
    terraform: Vec<String>,
    #[serde(default)]
    cloudformation: Vec<String>,
    pub(crate) of: String,
    pub(crate) action: String,
    pub(crate) default_action: Option<String>,
    #[serde(default)]
    pub(crate) prefix: String,
    pub(crate) principal: String,
    #[serde(default)]
    pub(crate) grant: bool,
    #[serde(default)]
    pub(crate) conditions: Vec<Limit>,
}

/// A setting that holds a public policy to the account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PublicAccessBlock {
    #[serde(default)]
    terraform: Vec<String>,
    #[serde(default)]
    cloudformation: Vec<String>,
    pub(crate) of: Option<String>,
    pub(crate) restrict: String,
}

/// An attribute that is a condition.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limit {
    pub(crate) attribute: String,
    pub(crate) operator: String,
    pub(crate) key: String,
}

/// `identities.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identities {
    #[serde(rename = "checked")]
    _checked: String,
    #[serde(rename = "principal")]
    pub(crate) principals: Vec<PrincipalType>,
    pub(crate) inline: Vec<Inline>,
    pub(crate) managed: Vec<Managed>,
    #[serde(rename = "attachment")]
    pub(crate) attachments: Vec<Attachment>,
    #[serde(rename = "membership")]
    pub(crate) memberships: Vec<Membership>,
    #[serde(rename = "holder")]
    pub(crate) holders: Vec<Holder>,
    #[serde(rename = "organization_policy")]
    pub(crate) organization_policies: Vec<OrganizationPolicy>,
    #[serde(rename = "organization_attachment")]
    pub(crate) organization_attachments: Vec<OrganizationAttachment>,
}

/// What a principal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PrincipalKind {
    Role,
    User,
    Group,
    PermissionSet,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrincipalType {
    pub(crate) kind: PrincipalKind,
    terraform: String,
    cloudformation: String,
    pub(crate) boundary: Option<Both>,
}

/// An attribute in either language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Both {
    terraform: Option<String>,
    cloudformation: Option<String>,
    pub(crate) default: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Inline {
    #[serde(default)]
    terraform: Vec<String>,
    #[serde(default)]
    cloudformation: Vec<String>,
    pub(crate) at: String,
    pub(crate) to: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Managed {
    #[serde(default)]
    terraform: Vec<String>,
    #[serde(default)]
    cloudformation: Vec<String>,
    pub(crate) at: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attachment {
    #[serde(default)]
    terraform: Vec<String>,
    #[serde(default)]
    cloudformation: Vec<String>,
    pub(crate) policies: String,
    pub(crate) to: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Membership {
    #[serde(default)]
    terraform: Vec<String>,
    #[serde(default)]
    cloudformation: Vec<String>,
    pub(crate) users: String,
    pub(crate) groups: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Holder {
    #[serde(default)]
    terraform: Vec<String>,
    #[serde(default)]
    cloudformation: Vec<String>,
    pub(crate) role: Vec<String>,
    /// It is an instance profile, which others name for the role in it.
    #[serde(default)]
    pub(crate) profile: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganizationPolicy {
    terraform: String,
    cloudformation: String,
    pub(crate) content: Both,
    #[serde(rename = "type")]
    pub(crate) ty: Both,
    pub(crate) targets: Both,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganizationAttachment {
    terraform: String,
    pub(crate) policy: String,
    pub(crate) target: String,
}

/// `keys.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    #[serde(rename = "checked")]
    _checked: String,
    #[serde(rename = "key")]
    pub(crate) keys: Vec<Key>,
    pub(crate) tags: TagKeys,
}

/// Some condition keys.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    pub(crate) names: Vec<String>,
    pub(crate) narrows: Narrows,
    pub(crate) present: Present,
    /// The value that every caller can have.
    pub(crate) holds: Option<String>,
}

/// What a key tells about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Narrows {
    /// Who calls.
    Who,
    /// Where the call comes from.
    Where,
    /// How it is made.
    How,
}

/// Whether requests have a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Present {
    Always,
    Sometimes,
    Service,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagKeys {
    pub(crate) keys: Vec<String>,
}

impl Entry {
    /// How a language writes it.
    pub(crate) fn notation(&self, language: Language) -> Option<&Notation> {
        match language {
            Language::Terraform => self.terraform.as_ref(),
            Language::CloudFormation => self.cloudformation.as_ref(),
        }
    }
}

impl Part {
    /// The attribute that it is.
    pub(crate) fn attribute(&self, language: Language) -> &str {
        match language {
            Language::Terraform => &self.terraform,
            Language::CloudFormation => &self.cloudformation,
        }
    }
}

impl Both {
    /// The attribute in a language.
    pub(crate) fn attribute(&self, language: Language) -> Option<&str> {
        match language {
            Language::Terraform => self.terraform.as_deref(),
            Language::CloudFormation => self.cloudformation.as_deref(),
        }
    }
}

impl Resources {
    /// The entry of a native type.
    pub(crate) fn entry(&self, language: Language, native_type: &str) -> Option<&Entry> {
        let writes = |entry: &&Entry| {
            entry.notation(language).is_some_and(|notation| notation.types.iter().any(|ty| ty == native_type))
        };
        self.resources.iter().find(writes)
    }
}

impl Keys {
    /// What is known of a key.
    pub(crate) fn find(&self, key: &str) -> Option<&Key> {
        self.keys.iter().find(|entry| entry.names.iter().any(|name| is_named(name, key)))
    }
}

/// Whether a key goes by a name with at most one `*`.
fn is_named(name: &str, key: &str) -> bool {
    let Some((start, end)) = name.split_once('*') else { return name.eq_ignore_ascii_case(key) };
    let (head, tail) = (key.get(..start.len()), key.len().checked_sub(end.len()).and_then(|at| key.get(at..)));
    key.len() >= start.len() + end.len()
        && head.is_some_and(|head| head.eq_ignore_ascii_case(start))
        && tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

/// What names native types.
pub(crate) trait Typed {
    /// Whether it is about this native type.
    fn is_of(&self, language: Language, native_type: &str) -> bool;
}

macro_rules! typed {
    ($($name:ident),*) => {
        $(impl Typed for $name {
            fn is_of(&self, language: Language, native_type: &str) -> bool {
                let types = match language {
                    Language::Terraform => &self.terraform,
                    Language::CloudFormation => &self.cloudformation,
                };
                types.iter().any(|ty| ty == native_type)
            }
        })*
    };
}
typed!(ResourcePolicy, Permission, PublicAccessBlock, Inline, Managed, Attachment, Membership, Holder);

impl Typed for PrincipalType {
    fn is_of(&self, language: Language, native_type: &str) -> bool {
        match language {
            Language::Terraform => self.terraform == native_type,
            Language::CloudFormation => self.cloudformation == native_type,
        }
    }
}

impl Typed for OrganizationPolicy {
    fn is_of(&self, language: Language, native_type: &str) -> bool {
        match language {
            Language::Terraform => self.terraform == native_type,
            Language::CloudFormation => self.cloudformation == native_type,
        }
    }
}

impl Typed for OrganizationAttachment {
    fn is_of(&self, language: Language, native_type: &str) -> bool {
        language == Language::Terraform && self.terraform == native_type
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_files_are_read() {
        let resources: Result<Resources, _> = toml::from_str(include_str!("../data/resources.toml"));
        let identities: Result<Identities, _> = toml::from_str(include_str!("../data/identities.toml"));
        let keys: Result<Keys, _> = toml::from_str(include_str!("../data/keys.toml"));
        assert_eq!((resources.err(), identities.err(), keys.err()), (None, None, None));
    }

    #[test]
    fn keys_are_found_by_pattern_in_any_letter_case() {
        let narrows = |key: &str| KEYS.find(key).map(|key| key.narrows);
        assert_eq!(narrows("AWS:sourceip"), Some(Narrows::Where));
        assert_eq!(narrows("aws:PrincipalTag/team"), Some(Narrows::Who));
        assert_eq!(narrows("gitlab.com:sub"), Some(Narrows::Who));
        assert_eq!(narrows("acme:other"), None);
    }
}
