//! Answers for programs: one entry for each protocol.

use std::io::{self, Write};

use serde::Serialize;
use terravet_network::{Answer, Hop};

use super::protocols;
use crate::{Places, json_text};

#[derive(Serialize)]
struct Document {
    version: u32,
    answers: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    from: String,
    to: String,
    protocol: String,
    ports: String,
    verdict: &'static str,
    when: Option<String>,
    path: Vec<HopEntry>,
    blocked_by: Option<HopEntry>,
}

#[derive(Serialize)]
struct HopEntry {
    address: String,
    what: String,
    file: Option<String>,
    line: Option<u32>,
}

pub(super) fn write(out: &mut dyn Write, answers: &[Answer], places: &Places<'_>) -> io::Result<()> {
    let hop = |hop: &Hop| {
        let place = hop.place.span.map(|span| places.place(span));
        HopEntry {
            address: hop.place.address.to_string(),
            what: hop.what.to_string(),
            line: place.as_ref().map(|place| place.start.line),
            file: place.map(|place| place.path.to_string()),
        }
    };
    let entries = answers.iter().flat_map(|answer| {
        protocols(&answer.traffic).into_iter().map(move |(protocol, ports)| Entry {
            from: answer.from.to_string(),
            to: answer.to.to_string(),
            protocol,
            ports,
            verdict: answer.verdict.as_str(),
            when: answer.when.as_deref().map(str::to_owned),
            path: answer.path.iter().map(hop).collect(),
            blocked_by: answer.blocked_by.as_ref().map(hop),
        })
    });
    json_text::write(out, &Document { version: 1, answers: entries.collect() })
}
