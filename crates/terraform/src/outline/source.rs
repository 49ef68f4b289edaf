//! Which module a call names, whatever way its source is written, and which releases of it.
//!
//! In: the source and the version constraint as written. Out: the repository of the module, the way to a module within it,
//! and the first and the last release that may be meant.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/modules/sources>, and for version constraints
//! <https://developer.hashicorp.com/terraform/language/expressions/version-constraints>.

use terravet_graph::Releases;

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

    /// The releases that may be meant: those that the constraint of a registry's module allows, or the one whose tag a
    /// repository is asked for.
    pub(super) fn releases(&self, constraint: Option<&str>) -> Releases {
        match (&self.reference, constraint) {
            (Some(reference), _) if reference.contains('.') => Releases::within(&format!("= {reference}")),
            (None, Some(constraint)) => Releases::within(constraint),
            _ => Releases::ANY,
        }
    }
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
    fn a_constraint_leaves_a_range_of_releases() {
        let within = |constraint| {
            let releases = Releases::within(constraint);
            (releases.least, releases.most)
        };
        assert_eq!(within("3.7.0"), (3_007, 3_007));
        assert_eq!(within("= v3.7.0"), (3_007, 3_007));
        assert_eq!(within("~> 3.7.0"), (3_007, 3_007));
        assert_eq!(within("~> 3.7"), (3_007, 3_999));
        assert_eq!(within(">= 3.1, < 4.0"), (3_001, 3_999));
        assert_eq!(within("> 3.1, <= 4.2, != 4.1.1"), (3_001, 4_002));
        assert_eq!(within(">= 3.1.2, < 4.2.1"), (3_001, 4_002));
        assert_eq!(within("~> 3"), (3_000, u32::MAX));
        assert_eq!(within("latest"), (0, u32::MAX));
        assert_eq!(within("= 99999999999.0"), (0, u32::MAX));
    }

    #[test]
    fn a_tag_tells_the_release() {
        let releases = |query: &str| {
            let text = format!("git::https://github.com/a/terraform-aws-b.git?{query}");
            Source::parse(&text).map(|source| source.releases(None))
        };
        assert_eq!(releases("ref=v5.1.0"), Some(Releases { least: 5_001, most: 5_001 }));
        assert_eq!(releases("depth=1&ref=2.0.1"), Some(Releases { least: 2_000, most: 2_000 }));
        assert_eq!(releases("ref=main"), Some(Releases::ANY));
        assert_eq!(releases("ref=1234567"), Some(Releases::ANY));
    }
}
