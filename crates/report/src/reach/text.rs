//! Answers for people: a sentence for each, then the path with the places that open it, or the hop that blocks.

use std::io::{self, Write};

use terravet_network::{Answer, Hop, Traffic, Verdict};

use super::protocols;
use crate::{Places, Style, safe_text};

pub(super) fn write(
    out: &mut dyn Write,
    answers: &[Answer],
    asked: &str,
    places: &Places<'_>,
    style: Style,
) -> io::Result<()> {
    if answers.is_empty() {
        return writeln!(out, "{}", safe_text::inline(asked));
    }
    for (at, answer) in answers.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        one(out, answer, places, style)?;
    }
    Ok(())
}

fn one(out: &mut dyn Write, answer: &Answer, places: &Places<'_>, style: Style) -> io::Result<()> {
    let verb = match answer.verdict {
        Verdict::Yes => "is reachable",
        Verdict::Maybe => "may be reachable",
        Verdict::No => "is not reachable",
    };
    let from = if &*answer.from == "internet" { "the internet" } else { &*answer.from };
    let on = traffic(&answer.traffic);
    let sentence = format!("{} {verb} from {from} on {on}", answer.to);
    writeln!(out, "{}", style.strong().style(safe_text::inline(&sentence)))?;
    if let Some(when) = &answer.when {
        writeln!(out, "  when {}", safe_text::inline(when))?;
    }
    if let Some(hop) = &answer.blocked_by {
        let (address, place) = shown(hop, places);
        writeln!(out, "  blocked by {address}{}: {}", style.faint().style(place), safe_text::inline(&hop.what))?;
    }
    let rows: Vec<(String, String, String)> = answer
        .path
        .iter()
        .map(|hop| {
            let (address, place) = shown(hop, places);
            (address, place.trim().to_owned(), safe_text::inline(&hop.what).into_owned())
        })
        .collect();
    let width = |column: fn(&(String, String, String)) -> &String| {
        rows.iter().map(|row| column(row).chars().count()).max().unwrap_or(0)
    };
    let (first, second) = (width(|row| &row.0), width(|row| &row.1));
    for (number, (address, place, what)) in rows.iter().enumerate() {
        let place = format!("{place:second$}");
        writeln!(out, "  {:>2}  {address:first$}  {}  {what}", number + 1, style.faint().style(place))?;
    }
    Ok(())
}

/// Address and place of a hop.
fn shown(hop: &Hop, places: &Places<'_>) -> (String, String) {
    let place = hop.place.span.map(|span| places.place(span));
    let place = place.map_or(String::new(), |place| format!(" ({}:{})", place.path, place.start.line));
    (safe_text::inline(&hop.place.address).into_owned(), safe_text::inline(&place).into_owned())
}

/// Traffic in a sentence.
fn traffic(traffic: &Traffic) -> String {
    let parts = protocols(traffic).into_iter().map(|(protocol, ports)| match (&*protocol, &*ports) {
        ("all", _) => "every protocol and port".to_owned(),
        ("other", _) => "other protocols".to_owned(),
        ("icmp" | "icmpv6", "all") => protocol,
        (_, "all") => format!("{protocol} (all ports)"),
        _ => format!("{protocol} {ports}"),
    });
    parts.collect::<Vec<_>>().join(", ")
}
