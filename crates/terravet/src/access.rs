//! `terravet who-can` and `terravet can`: who may do what.

use std::path::PathBuf;

use terravet_access::Access;
use terravet_diagnostics::{Diagnostic, did_you_mean_or};
use terravet_report::access::{self, Abilities, Answered, Question};

use crate::arguments::{Can, Color, ListFormat, WhoCan};
use crate::exit::{Failure, Status};
use crate::{graph, output, setup};

/// Answers who may do something.
pub(crate) fn who_can(arguments: WhoCan, color: Color) -> Result<Status, Failure> {
    let WhoCan { action, resource, transitive, path, format, inputs } = arguments;
    if !is_action(&action) {
        let words = format!("`{action}` is not an action; write `service:Action`, such as `s3:GetObject`");
        return Err(Failure::Words(words));
    }
    let engine =
        setup::engine(graph::options(setup::paths(path.into_iter().collect::<Vec<PathBuf>>()), inputs), color)?;
    let sources = engine.sources();
    let today = setup::today();
    let (mut complete, mut units, mut known) = (true, Vec::new(), Vec::new());
    let problems = engine.graphs(|_, graph| {
        complete &= !graph.diagnostics.iter().any(Diagnostic::is_error);
        match Access::new(graph, &today).who_can(&action, &resource, transitive) {
            Some(answers) => units.push(Answered { unit: std::sync::Arc::clone(&graph.root), answers }),
            None => known.extend(graph.resources.iter().map(|resource| resource.address.to_string())),
        }
    })?;
    complete &= problems.is_empty();
    if units.is_empty() {
        let known = known.iter().map(String::as_str);
        let help = did_you_mean_or(&resource, known, "`terravet graph` lists the addresses");
        return Err(Failure::Words(format!("no resource has the address `{resource}`; {help}")));
    }
    if units.len() > 1 {
        // An ARN is asked of every unit; those that say nothing about it are of no interest.
        let says = |unit: &Answered| unit.answers.iter().any(|answer| !answer.because.is_empty());
        if units.iter().any(says) {
            units.retain(says);
        }
    }
    let places = setup::places(&sources);
    let question = Question { action: &action, resource: &resource };
    output::to_stdout(|out| match format {
        ListFormat::Text => Ok(access::write_text(out, question, &units, &places, output::style(color, None))?),
        ListFormat::Json => Ok(access::write_json(out, question, &units, &places)?),
    })?;
    Ok(if complete { Status::Clean } else { Status::Incomplete })
}

/// Answers what a principal may do.
pub(crate) fn can(arguments: Can, color: Color) -> Result<Status, Failure> {
    let Can { principal, path, format, inputs } = arguments;
    let engine =
        setup::engine(graph::options(setup::paths(path.into_iter().collect::<Vec<PathBuf>>()), inputs), color)?;
    let sources = engine.sources();
    let today = setup::today();
    let (mut complete, mut found, mut known) = (true, Vec::new(), Vec::new());
    let problems = engine.graphs(|_, graph| {
        complete &= !graph.diagnostics.iter().any(Diagnostic::is_error);
        let access = Access::new(graph, &today);
        let able = access.can(&principal).into_iter();
        found.extend(able.map(|(principal, abilities)| Abilities {
            unit: std::sync::Arc::clone(&graph.root),
            principal,
            abilities,
        }));
        known.extend(access.principals().map(|principal| principal.address.to_string()));
    })?;
    complete &= problems.is_empty();
    if found.is_empty() {
        let names: Vec<&str> = known.iter().take(8).map(String::as_str).collect();
        let otherwise = match names.as_slice() {
            [] => "the configuration declares none".to_owned(),
            names if known.len() > names.len() => {
                format!("there are {} and {} more", names.join(", "), known.len() - names.len())
            }
            names => format!("there are {}", names.join(", ")),
        };
        let help = did_you_mean_or(&principal, known.iter().map(String::as_str), &otherwise);
        let message = format!("`{principal}` is not a user, role, permission set or what runs as a role; {help}");
        return Err(Failure::Words(message));
    }
    let places = setup::places(&sources);
    output::to_stdout(|out| match format {
        ListFormat::Text => Ok(access::write_abilities_text(out, &found, &places, output::style(color, None))?),
        ListFormat::Json => Ok(access::write_abilities_json(out, &found, &places)?),
    })?;
    Ok(if complete { Status::Clean } else { Status::Incomplete })
}

/// Whether a text is an action, or a pattern of actions.
fn is_action(text: &str) -> bool {
    text == "*" || text.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty())
}
