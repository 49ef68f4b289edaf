//! Who may do what: `terravet who-can`, `terravet can`.
//!
//! In: answers of the crate `access`. Out: text for people, JSON for programs (docs/exposure.md).

use std::io::{self, Write};
use std::sync::Arc;

use owo_colors::OwoColorize as _;
use serde::Serialize;
use terravet_access::{Ability, Answer, Basis, Move, Principal, Verdict};

use crate::plural::count;
use crate::safe_text::inline;
use crate::{Places, Style, json_text};

/// The version of the JSON.
const VERSION: u32 = 1;

/// The answers of one unit.
pub struct Answered {
    /// The folder or file that the unit is known by.
    pub unit: Arc<str>,
    /// The answers.
    pub answers: Vec<Answer>,
}

/// What was asked.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    /// The action.
    pub action: &'q str,
    /// The resource.
    pub resource: &'q str,
}

/// Writes the answers for people: those who may, the most certain first, then those who may not.
///
/// # Errors
/// What the writer answers.
pub fn write_text(
    out: &mut dyn Write,
    question: Question<'_>,
    units: &[Answered],
    places: &Places<'_>,
    style: Style,
) -> io::Result<()> {
    for (at, unit) in units.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let title = format!("{} on {}", inline(question.action), inline(question.resource));
        write!(out, "{}", title.style(style.strong()))?;
        writeln!(out, "  {}", inline(&unit.unit).style(style.faint()))?;
        let mut answers: Vec<&Answer> = unit.answers.iter().collect();
        answers.sort_by(|a, b| b.verdict.cmp(&a.verdict).then_with(|| a.principal.cmp(&b.principal)));
        for answer in &answers {
            write_answer(out, answer, places, style)?;
        }
        let may = answers.iter().filter(|answer| answer.verdict != Verdict::No).count();
        writeln!(out, "{} of {}", may, count(answers.len(), "principal"))?;
    }
    Ok(())
}

fn write_answer(out: &mut dyn Write, answer: &Answer, places: &Places<'_>, style: Style) -> io::Result<()> {
    let verdict = format!("{:<11}", answer.verdict.as_str());
    let verdict = match answer.verdict {
        Verdict::Yes => verdict.style(style.strong()).to_string(),
        Verdict::No => verdict.style(style.faint()).to_string(),
        Verdict::Conditional | Verdict::Maybe => verdict.style(style.code()).to_string(),
    };
    write!(out, "  {verdict}  {}", inline(&answer.principal))?;
    if !answer.used_by.is_empty() {
        let used_by: Vec<String> = answer.used_by.iter().map(|address| inline(address).into_owned()).collect();
        write!(out, "{}", format!(" (used by {})", used_by.join(", ")).style(style.faint()))?;
    }
    writeln!(out)?;
    let indent = " ".repeat(15);
    for words in &answer.when {
        let word = if answer.verdict == Verdict::Maybe { "depends on:" } else { "when" };
        writeln!(out, "{indent}{word} {}", inline(words))?;
    }
    if !answer.through.is_empty() {
        let through: Vec<String> = answer.through.iter().map(|address| inline(address).into_owned()).collect();
        writeln!(out, "{indent}through {}", through.join(", then "))?;
    }
    let verb = if answer.verdict == Verdict::No { "denied by" } else { "by" };
    for basis in &answer.because {
        writeln!(out, "{indent}{verb} {}", shown(basis, places).style(style.faint()))?;
    }
    Ok(())
}

fn shown(basis: &Basis, places: &Places<'_>) -> String {
    let place = basis.span.map(|span| places.place(span));
    let place = place.map(|place| format!("  {}:{}", inline(&place.path), place.start.line)).unwrap_or_default();
    let statement = if basis.statement.is_empty() { String::new() } else { format!(", {}", inline(&basis.statement)) };
    format!("{} {}{statement}{place}", basis.layer.as_str(), inline(&basis.address))
}

/// Writes the answers for programs.
///
/// # Errors
/// What the writer answers.
pub fn write_json(
    out: &mut dyn Write,
    question: Question<'_>,
    units: &[Answered],
    places: &Places<'_>,
) -> io::Result<()> {
    let answers = units.iter().flat_map(|unit| unit.answers.iter().map(|answer| row(unit, answer, places))).collect();
    json_text::write(out, &Report { version: VERSION, action: question.action, resource: question.resource, answers })
}

/// What one principal may do.
pub struct Abilities {
    /// The folder or file that the unit is known by.
    pub unit: Arc<str>,
    /// Who.
    pub principal: Principal,
    /// What, worst first.
    pub abilities: Vec<Ability>,
}

/// Writes for people what principals may do, worst first, ways to more permissions as steps.
///
/// # Errors
/// What the writer answers.
pub fn write_abilities_text(
    out: &mut dyn Write,
    principals: &[Abilities],
    places: &Places<'_>,
    style: Style,
) -> io::Result<()> {
    for (at, one) in principals.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let place = places.place(one.principal.span);
        write!(out, "{}", inline(&one.principal.address).style(style.strong()))?;
        writeln!(out, "  {}", format!("{}:{}", inline(&place.path), place.start.line).style(style.faint()))?;
        if !one.principal.used_by.is_empty() {
            let used_by: Vec<String> =
                one.principal.used_by.iter().map(|address| inline(address).into_owned()).collect();
            writeln!(out, "used by {}", used_by.join(", "))?;
        }
        let mut class = None;
        for ability in &one.abilities {
            if class != Some(ability.class) {
                writeln!(out, "\n{}", ability.class.as_str().style(style.strong()))?;
                class = Some(ability.class);
            }
            write_ability(out, ability, places, style)?;
        }
        if one.abilities.is_empty() {
            writeln!(out, "\nno administration, escalation, logging, credentials or data permissions in the code")?;
        }
    }
    Ok(())
}

fn write_ability(out: &mut dyn Write, ability: &Ability, places: &Places<'_>, style: Style) -> io::Result<()> {
    let verdict = format!("{:<11}", ability.verdict.as_str());
    writeln!(out, "  {verdict}  {}", inline(&ability.what))?;
    let indent = " ".repeat(15);
    for words in &ability.when {
        let word = if ability.verdict == Verdict::Maybe { "depends on:" } else { "when" };
        writeln!(out, "{indent}{word} {}", inline(words))?;
    }
    let drawn = ability.steps.len() > 1;
    for (at, step) in ability.steps.iter().enumerate() {
        let number = if drawn { format!("{}. ", at + 1) } else { String::new() };
        writeln!(out, "{indent}{number}{} on {}", inline(&step.action), inline(&step.on))?;
        let inner = " ".repeat(number.len());
        for basis in &step.because {
            writeln!(out, "{indent}{inner}{}", format!("by {}", shown(basis, places)).style(style.faint()))?;
        }
    }
    Ok(())
}

/// Writes for programs what principals may do.
///
/// # Errors
/// What the writer answers.
pub fn write_abilities_json(out: &mut dyn Write, principals: &[Abilities], places: &Places<'_>) -> io::Result<()> {
    let principals = principals.iter().map(|one| able(one, places)).collect();
    json_text::write(out, &AbilityReport { version: VERSION, principals })
}

#[derive(Serialize)]
struct AbilityReport<'a> {
    version: u32,
    principals: Vec<Able<'a>>,
}

#[derive(Serialize)]
struct Able<'a> {
    principal: &'a str,
    arn: &'a str,
    unit: &'a str,
    file: Arc<str>,
    line: u32,
    used_by: &'a [Arc<str>],
    may: Vec<May<'a>>,
}

#[derive(Serialize)]
struct May<'a> {
    class: &'static str,
    what: &'a str,
    verdict: &'static str,
    when: &'a [Arc<str>],
    steps: Vec<StepRow<'a>>,
}

#[derive(Serialize)]
struct StepRow<'a> {
    action: &'a str,
    on: &'a str,
    because: Vec<Because<'a>>,
}

fn able<'a>(one: &'a Abilities, places: &Places<'_>) -> Able<'a> {
    let place = places.place(one.principal.span);
    let step = |step: &'a Move| StepRow {
        action: &step.action,
        on: &step.on,
        because: step.because.iter().map(|basis| because(basis, places)).collect(),
    };
    let may = one.abilities.iter().map(|ability| May {
        class: ability.class.as_str(),
        what: &ability.what,
        verdict: ability.verdict.as_str(),
        when: &ability.when,
        steps: ability.steps.iter().map(step).collect(),
    });
    Able {
        principal: &one.principal.address,
        arn: &one.principal.arn,
        unit: &one.unit,
        line: place.start.line,
        file: place.path,
        used_by: &one.principal.used_by,
        may: may.collect(),
    }
}

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    action: &'a str,
    resource: &'a str,
    answers: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    principal: &'a str,
    unit: &'a str,
    verdict: &'static str,
    when: &'a [Arc<str>],
    through: &'a [Arc<str>],
    used_by: &'a [Arc<str>],
    because: Vec<Because<'a>>,
}

#[derive(Serialize)]
struct Because<'a> {
    address: &'a str,
    file: Option<Arc<str>>,
    line: Option<u32>,
    statement: &'a str,
    policy: &'static str,
}

fn row<'a>(unit: &'a Answered, answer: &'a Answer, places: &Places<'_>) -> Row<'a> {
    Row {
        principal: &answer.principal,
        unit: &unit.unit,
        verdict: answer.verdict.as_str(),
        when: &answer.when,
        through: &answer.through,
        used_by: &answer.used_by,
        because: answer.because.iter().map(|basis| because(basis, places)).collect(),
    }
}

fn because<'a>(basis: &'a Basis, places: &Places<'_>) -> Because<'a> {
    let place = basis.span.map(|span| places.place(span));
    Because {
        address: &basis.address,
        line: place.as_ref().map(|place| place.start.line),
        file: place.map(|place| place.path),
        statement: &basis.statement,
        policy: basis.layer.as_str(),
    }
}
