//! Which module a call names, whatever way its source is written, and which major version of it.
//!
//! In: the source and the version constraint as written. Out: the repository of the module, the way to a module within it,
//! and the major version where only one is meant.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/modules/sources>, and for version constraints
//! <https://developer.hashicorp.com/terraform/language/expressions/version-constraints>.

/// Registries that serve the same public modules.
const REGISTRIES: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

/// A module that has to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// Owner and name of its repository, as in `terraform-aws-modules/terraform-aws-rds`.
    pub(super) repository: String,
    /// Where the module lies in it, as in `modules/ssh`; empty for the root.
    pub(super) path: String,
    /// The tag, branch or commit of a source that is a repository.
    reference: Option<String>,
}

impl Source {
    /// Reads the source of a call; none where it is neither of a public registry nor of GitHub.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (text, query) = text.trim().split_once('?').unwrap_or((text.trim(), ""));
        let reference = query.split('&').find_map(|part| part.strip_prefix("ref=")).map(str::to_owned);
        let text = text.strip_prefix("git::").unwrap_or(text);
        let text = ["https://", "http://", "ssh://", "git://", "tfr:///", "tfr://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme))
            .unwrap_or(text);
        let text = text.strip_prefix("git@").unwrap_or(text).replacen("github.com:", "github.com/", 1);
        let (package, path) = text.split_once("//").unwrap_or((&text, ""));
        let parts: Vec<&str> = package.split('/').collect();
        let repository = match parts.as_slice() {
            ["github.com", owner, name] => format!("{owner}/{}", name.strip_suffix(".git").unwrap_or(name)),
            [host, owner, name, provider] if REGISTRIES.contains(host) => {
                format!("{owner}/terraform-{provider}-{name}")
            }
            [owner, name, provider] if !owner.contains(['.', ':']) => format!("{owner}/terraform-{provider}-{name}"),
            _ => return None,
        };
        Some(Self { repository, path: path.trim_matches('/').to_owned(), reference })
    }

    /// The major version that is meant, where it is certain: by the constraint of a registry's module, or the tag of a
    /// repository.
    pub(super) fn major(&self, constraint: Option<&str>) -> Option<u32> {
        match (&self.reference, constraint) {
            (Some(reference), _) => {
                let version = reference.strip_prefix('v').unwrap_or(reference);
                version.contains('.').then(|| Version::parse(version))?.map(|version| version.major)
            }
            (None, Some(constraint)) => only_major(constraint),
            (None, None) => None,
        }
    }
}

/// A version as far as it is written.
struct Version {
    major: u32,
    /// What stands behind the major version.
    rest: Vec<u32>,
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let release = text.trim().split(['-', '+']).next()?;
        let mut parts = release.split('.').map(|part| part.parse::<u32>().ok());
        let major = parts.next()??;
        Some(Self { major, rest: parts.collect::<Option<_>>()? })
    }
}

/// The major version that all versions within a constraint have, where there is only one.
fn only_major(constraint: &str) -> Option<u32> {
    let (mut least, mut most) = (0, u32::MAX);
    for part in constraint.split(',') {
        let part = part.trim();
        let digits = part.find(|c: char| c.is_ascii_digit() || c == 'v')?;
        let version = Version::parse(part[digits..].trim_start_matches('v'))?;
        let at_end = || {
            if version.rest.iter().all(|part| *part == 0) { version.major.checked_sub(1) } else { Some(version.major) }
        };
        match part[..digits].trim() {
            "" | "=" => (least, most) = (least.max(version.major), most.min(version.major)),
            "~>" if !version.rest.is_empty() => (least, most) = (least.max(version.major), most.min(version.major)),
            "~>" | ">=" | ">" => least = least.max(version.major),
            "<=" => most = most.min(version.major),
            "<" => most = most.min(at_end()?),
            "!=" => {}
            _ => return None,
        }
    }
    (least == most).then_some(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_module_has_many_sources() {
        let of = |text: &str| Source::parse(text).map(|source| (source.repository, source.path));
        let rds = || Some(("terraform-aws-modules/terraform-aws-rds".to_owned(), String::new()));
        assert_eq!(of("terraform-aws-modules/rds/aws"), rds());
        assert_eq!(of("registry.terraform.io/terraform-aws-modules/rds/aws"), rds());
        assert_eq!(of("tfr:///terraform-aws-modules/rds/aws?version=6.1.0"), rds());
        assert_eq!(of("github.com/terraform-aws-modules/terraform-aws-rds"), rds());
        assert_eq!(of("git::https://github.com/terraform-aws-modules/terraform-aws-rds.git?ref=v5.1.0"), rds());
        assert_eq!(of("git@github.com:terraform-aws-modules/terraform-aws-rds.git"), rds());
        assert_eq!(of("git::ssh://git@github.com/terraform-aws-modules/terraform-aws-rds.git"), rds());
        let ssh = Some(("terraform-aws-modules/terraform-aws-security-group".to_owned(), "modules/ssh".to_owned()));
        assert_eq!(of("terraform-aws-modules/security-group/aws//modules/ssh"), ssh);
        assert_eq!(
            of("git::https://github.com/terraform-aws-modules/terraform-aws-security-group.git//modules/ssh?ref=v5"),
            ssh
        );
    }

    #[test]
    fn other_sources_are_none_that_outlines_are_about() {
        for text in [
            "./modules/rds",
            "../rds",
            "app.terraform.io/example/rds/aws",
            "https://example.com/rds.zip",
            "s3::https://s3.amazonaws.com/b/rds.zip",
            "",
        ] {
            assert_eq!(Source::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_constraint_may_leave_one_major_version() {
        let only = [
            "3.7.0",
            "= 3.7.0",
            "~> 3.0",
            "~> 3.7.0",
            ">= 3.1, < 4.0",
            ">= 3.1, < 4",
            ">= 3.0, <= 3.9",
            "v3.7.0",
            "~> 3.0, != 3.2.0",
        ];
        for constraint in only {
            assert_eq!(only_major(constraint), Some(3), "{constraint}");
        }
        for constraint in [">= 3.0", "~> 3", "> 3.0, < 5.0", "< 4.0", "latest", "", "< 0"] {
            assert_eq!(only_major(constraint), None, "{constraint}");
        }
    }

    #[test]
    fn a_tag_tells_the_major_version() {
        let major = |text: &str| Source::parse(text)?.major(None);
        assert_eq!(major("git::https://github.com/a/terraform-aws-b.git?ref=v5.1.0"), Some(5));
        assert_eq!(major("git::https://github.com/a/terraform-aws-b.git?depth=1&ref=2.0.1"), Some(2));
        assert_eq!(major("git::https://github.com/a/terraform-aws-b.git?ref=main"), None);
        assert_eq!(major("git::https://github.com/a/terraform-aws-b.git?ref=1234567"), None);
    }
}
