//! The files of one module.
//!
//! In: a folder. Out: the parsed files, in the order of their names, override files apart.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/files>, and for `.tofu` files, which stand in the place of the
//! `.tf` file of the same name, <https://opentofu.org/docs/language/files/>.

use std::collections::BTreeSet;
use std::path::Path;

use terravet_source::Sources;

use super::read_error;
use crate::module::ParsedFolder;

/// The suffixes of configuration files, and the suffix that one of them shadows.
const SUFFIXES: [(&str, Option<&str>); 4] =
    [(".tofu.json", Some(".tf.json")), (".tofu", Some(".tf")), (".tf.json", None), (".tf", None)];

/// The name without its suffix, and the suffix, of a configuration file.
fn split(name: &str) -> Option<(&str, &'static str, Option<&'static str>)> {
    // Hidden files, and what editors leave behind.
    if name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#')) {
        return None;
    }
    let of_suffix = |(suffix, shadows): &(&'static str, Option<&'static str>)| {
        let stem = name.strip_suffix(suffix)?;
        (!stem.is_empty()).then_some((stem, *suffix, *shadows))
    };
    SUFFIXES.iter().find_map(of_suffix)
}

/// The configuration files among the names in a folder, in order, without those that are shadowed.
pub(super) fn configuration(names: &[String]) -> Vec<&str> {
    let mut shadowed = BTreeSet::new();
    for name in names {
        if let Some((stem, _, Some(suffix))) = split(name) {
            shadowed.insert(format!("{stem}{suffix}"));
        }
    }
    names.iter().map(String::as_str).filter(|name| split(name).is_some() && !shadowed.contains(*name)).collect()
}

/// Whether a configuration file overrides what others declare.
fn overrides(name: &str) -> bool {
    split(name).is_some_and(|(stem, ..)| stem == "override" || stem.ends_with("_override"))
}

/// Reads and parses the files of a folder.
pub(super) fn parse(sources: &Sources, folder: &Path) -> ParsedFolder {
    let mut parsed = ParsedFolder::default();
    let names = match sources.file_system().list(folder) {
        Ok(names) => names,
        Err(error) => {
            parsed.diagnostics.push(read_error(sources, folder, &error));
            return parsed;
        }
    };
    for name in configuration(&names) {
        let path = folder.join(name);
        if sources.file_system().kind(&path) == Some(terravet_source::EntryKind::Directory) {
            continue;
        }
        match sources.load(&path) {
            Ok(file) => {
                let syntax = terravet_hcl::parse(&file);
                parsed.diagnostics.extend(syntax.diagnostics);
                if overrides(name) { &mut parsed.overrides } else { &mut parsed.primary }.push(syntax.body);
                parsed.files.push(file);
            }
            Err(error) => {
                parsed.unread = true;
                parsed.diagnostics.push(read_error(sources, &path, &error));
            }
        }
    }
    parsed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tofu_file_stands_for_the_tf_file_of_the_same_name() {
        let names = [".hidden.tf", "a.tf", "a.tofu", "b.tf", "b.tf.json", "b.tofu.json", "main.tf~", "notes.md"];
        let names = names.map(str::to_owned);
        assert_eq!(configuration(&names), ["a.tofu", "b.tf", "b.tofu.json"]);
    }

    #[test]
    fn override_files_are_told_by_their_names() {
        let told = ["override.tf", "a_override.tf.json", "override_a.tf", "overrides.tf"].map(overrides);
        assert_eq!(told, [true, true, false, false]);
    }
}
