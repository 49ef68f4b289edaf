//! Which controls of which standards a rule covers: `rules/standards/<name>-<version>.toml`, a table from control to rule ids.
//!
//! Kept beside the pages since standards renumber their controls; a page shows what the tables say of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_source::{SourceFile, Span};

/// Reads one table into `controls`, by rule id, as `name-version:control`.
///
/// # Errors
/// What is wrong with the TOML, with its place in words.
pub(crate) fn read(
    file_name: &str,
    text: &str,
    controls: &mut BTreeMap<Arc<str>, Vec<Arc<str>>>,
) -> Result<(), toml::de::Error> {
    let standard = standard_of(file_name);
    let table: BTreeMap<String, Vec<String>> = toml::from_str(text)?;
    for (control, rules) in table {
        for rule in rules {
            controls.entry(rule.into()).or_default().push(format!("{standard}:{control}").into());
        }
    }
    Ok(())
}

/// The controls of each standard that is known, by the name of its table; see `data/controls.txt`.
const CONTROLS: &str = include_str!("../data/controls.txt");

/// What is wrong with a table: its form, a control that the standard does not have, a rule that there is not. The controls of a
/// standard that is not known are taken as they are.
pub(crate) fn problems(file_name: &str, file: &SourceFile, is_rule: impl Fn(&str) -> bool) -> Vec<Diagnostic> {
    let text = file.text();
    let table: BTreeMap<String, Vec<String>> = match toml::from_str(text) {
        Ok(table) => table,
        Err(error) => {
            let place = Span::new(file.id(), error.span().unwrap_or(0..0));
            return vec![Diagnostic::error("rule-page", place, error.message().to_owned())];
        }
    };
    let standard = standard_of(file_name);
    let known: Option<Vec<&str>> = CONTROLS.lines().find_map(|line| {
        let (name, controls) = line.split_once(' ')?;
        (name == standard).then(|| controls.split(' ').collect())
    });
    let place = |name: &str| {
        let quoted = ["\"", "'"].iter().find_map(|quote| text.find(&format!("{quote}{name}{quote}")));
        let start = quoted.map_or(0, |at| at + 1);
        Span::new(file.id(), start..quoted.map_or(0, |_| start + name.len()))
    };
    let mut problems = Vec::new();
    for (control, rules) in &table {
        if let Some(known) = &known
            && !known.iter().any(|name| name.eq_ignore_ascii_case(control))
        {
            let message = format!("the standard {standard} has no control `{control}`");
            problems
                .push(Diagnostic::error("rule-page", place(control), message).with_suggestion(control, known.clone()));
        }
        for rule in rules.iter().filter(|rule| !is_rule(rule)) {
            let message = format!("there is no rule `{rule}` to cover {control}");
            problems.push(Diagnostic::error("rule-page", place(rule), message));
        }
    }
    problems
}

/// The name of the standard of a table.
fn standard_of(file_name: &str) -> &str {
    file_name.rsplit('/').next().unwrap_or(file_name).trim_end_matches(".toml")
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
