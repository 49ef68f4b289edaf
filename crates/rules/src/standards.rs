//! Which controls of which standards a rule covers: `rules/standards/<name>-<version>.toml`, a table from control to rule ids.
//!
//! Kept beside the pages since standards renumber their controls; a page shows what the tables say of it.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Reads one table into `controls`, by rule id, as `name-version:control`.
///
/// # Errors
/// What is wrong with the TOML, with its place in words.
pub(crate) fn read(
    file_name: &str,
    text: &str,
    controls: &mut BTreeMap<Arc<str>, Vec<Arc<str>>>,
) -> Result<(), toml::de::Error> {
    let standard = file_name.rsplit('/').next().unwrap_or(file_name).trim_end_matches(".toml");
    let table: BTreeMap<String, Vec<String>> = toml::from_str(text)?;
    for (control, rules) in table {
        for rule in rules {
            controls.entry(rule.into()).or_default().push(format!("{standard}:{control}").into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_maps_controls_to_rules() {
        let mut controls = BTreeMap::new();
        read("fsbp-1.0.toml", "'EC2.3' = ['aws-ebs-volume-without-encryption']\n", &mut controls).unwrap();
        assert_eq!(controls["aws-ebs-volume-without-encryption"], ["fsbp-1.0:EC2.3".into()]);
    }
}
