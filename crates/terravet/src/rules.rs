//! `terravet explain` and `terravet rules`.

use terravet_diagnostics::{RuleInfo, Severity};
use terravet_engine::Options;
use terravet_report::{rule_list, rule_page};

use crate::arguments::{Color, Explain, ListFormat, Rules};
use crate::exit::{Failure, Status};
use crate::{output, setup};

/// Shows the pages of the named rules.
pub(crate) fn explain(arguments: &Explain, color: Color) -> Result<Status, Failure> {
    let session = setup::session(Options { rules: arguments.rules.clone(), ..Options::default() }, color)?;
    let mut pages: Vec<RuleInfo> = Vec::new();
    for name in &arguments.names {
        for rule in session.find_rules(name)? {
            if pages.iter().all(|known| known.id != rule.id) {
                pages.push(rule);
            }
        }
    }
    let style = output::style(color, None);
    output::to(None, |out| {
        for (number, page) in pages.iter().enumerate() {
            if number > 0 {
                writeln!(out)?;
            }
            rule_page::write(out, page, style)?;
        }
        Ok(())
    })?;
    Ok(Status::Clean)
}

/// Lists the rules that pass the filters.
pub(crate) fn list(arguments: &Rules, color: Color) -> Result<Status, Failure> {
    let session = setup::session(Options { rules: arguments.rules.clone(), ..Options::default() }, color)?;
    let mut rules = session.rules();
    rules.retain(|rule| passes(rule, arguments));
    output::to(None, |out| match arguments.format {
        ListFormat::Text => Ok(rule_list::write_text(out, &rules, output::style(color, None))?),
        ListFormat::Json => Ok(rule_list::write_json(out, &rules)?),
    })?;
    Ok(Status::Clean)
}

fn passes(rule: &RuleInfo, arguments: &Rules) -> bool {
    let one_of =
        |wanted: &[String], value: &str| wanted.is_empty() || wanted.iter().any(|it| it.eq_ignore_ascii_case(value));
    let severity = |wanted: &[Severity]| wanted.is_empty() || wanted.contains(&rule.severity);
    let holds = |word: &str| {
        let word = word.to_lowercase();
        // Other tools' ids are numbers mostly: a part of one means nothing.
        let is_id = |id: &str| {
            id.eq_ignore_ascii_case(&word) || id.split_once(':').is_some_and(|(_, id)| id.eq_ignore_ascii_case(&word))
        };
        let texts = [&*rule.id, &*rule.title, &*rule.summary];
        texts.into_iter().any(|text| text.to_lowercase().contains(&word)) || rule.equivalents.iter().any(|id| is_id(id))
    };
    one_of(&arguments.service, &rule.service)
        && severity(&arguments.severity)
        && (arguments.profile.is_empty() || arguments.profile.contains(&rule.profile))
        && arguments.words.iter().all(|word| holds(word))
}
