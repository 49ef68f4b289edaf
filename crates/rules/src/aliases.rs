//! Other names of other tools' checks: `rules/aliases/<tool>.toml`, a table from a name to the ids that it stands for.
//!
//! Comments that accept a finding are older than the ids of today, and many use the long names.

use std::collections::BTreeMap;

/// Ids by name, both as `tool:name` in lower case.
pub(crate) type Aliases = BTreeMap<String, Vec<String>>;

/// The folder of these tables below the rules.
pub(crate) const FOLDER: &str = "aliases/";

/// Reads one table into `aliases`.
///
/// # Errors
/// What is wrong with the TOML, with its place in words.
pub(crate) fn read(file_name: &str, text: &str, aliases: &mut Aliases) -> Result<(), toml::de::Error> {
    let tool = file_name.rsplit('/').next().unwrap_or(file_name).trim_end_matches(".toml");
    let table: BTreeMap<String, Vec<String>> = toml::from_str(text)?;
    let qualified = |id: String| format!("{tool}:{id}").to_lowercase();
    aliases.extend(table.into_iter().map(|(name, ids)| (qualified(name), ids.into_iter().map(qualified).collect())));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_maps_names_to_ids() {
        let mut aliases = Aliases::new();
        read("aliases/trivy.toml", "aws-s3-no-public-buckets = ['AWS-0093']\n", &mut aliases).unwrap();
        assert_eq!(aliases["trivy:aws-s3-no-public-buckets"], ["trivy:aws-0093"]);
    }
}
