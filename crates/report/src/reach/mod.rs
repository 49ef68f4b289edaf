//! Who can send packets to whom: `terravet reach`.
//!
//! In: [`Answer`]s. Out: text for people, or JSON for programs (the contract is in docs/json.md).

mod json;
mod text;

use std::io::{self, Write};

use terravet_network::{Answer, ICMP, ICMPV6, TCP, Traffic, UDP};

use crate::{Places, Style};

/// Writes answers as text. `asked` says what was asked, for when there is no answer.
///
/// # Errors
/// What the writer answers.
pub fn write_text(
    out: &mut dyn Write,
    answers: &[Answer],
    asked: &str,
    places: &Places<'_>,
    style: Style,
) -> io::Result<()> {
    text::write(out, answers, asked, places, style)
}

/// Writes answers as JSON.
///
/// # Errors
/// What the writer answers.
pub fn write_json(out: &mut dyn Write, answers: &[Answer], places: &Places<'_>) -> io::Result<()> {
    json::write(out, answers, places)
}

/// Protocols and ports of traffic as reports name them: `("tcp", "22")`, `("all", "all")`.
fn protocols(traffic: &Traffic) -> Vec<(String, String)> {
    if *traffic == Traffic::all() {
        return vec![("all".to_owned(), "all".to_owned())];
    }
    let mut rest = traffic.clone();
    let mut named = Vec::new();
    for number in [TCP, UDP, ICMP, ICMPV6] {
        let part = rest.only(number);
        if !part.is_empty() {
            named.push((Traffic::protocol_name(number), part.ports(number)));
            rest = rest.difference(&part);
        }
    }
    let others: Vec<u8> = rest.protocols().collect();
    match others.as_slice() {
        [] => {}
        [one] => named.push((Traffic::protocol_name(*one), rest.ports(*one))),
        _ => named.push(("other".to_owned(), "all".to_owned())),
    }
    named
}
