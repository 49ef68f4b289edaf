//! `terravet reach`: who can open connections to whom.

use std::collections::BTreeSet;

use terravet_engine::Graph;
use terravet_network::{
    Answer, ICMP, ICMPV6, Protocol, Question, Reach, Sender, SubjectId, Topology, Traffic, topology,
};
use terravet_report::reach;

use crate::arguments::{Color, ListFormat, Reach as Arguments};
use crate::exit::{Failure, Status};
use crate::{graph, output, setup};

/// The sender that means every host of the internet.
const INTERNET: &str = "internet";

/// Answers the question of the arguments for every unit that holds what it names.
pub(crate) fn run(arguments: Arguments, color: Color) -> Result<Status, Failure> {
    let Arguments { paths, from, to, port, transitive, format, inputs } = arguments;
    let traffic = port.as_deref().map_or_else(|| Ok(Traffic::all()), traffic)?;
    let engine = setup::engine(graph::options(setup::paths(paths), inputs), color)?;
    let sources = engine.sources();
    let mut complete = true;
    let mut answers: Vec<Answer> = Vec::new();
    let mut names = Names::default();
    let problems = engine.graphs(|_, graph| {
        complete &= !graph.diagnostics.iter().any(terravet_diagnostics::Diagnostic::is_error);
        let network = topology(graph);
        names.note(&network);
        let senders = match &*from {
            INTERNET => vec![Sender::Internet],
            address => names.find(graph, &network, address).into_iter().map(Sender::Subject).collect(),
        };
        let targets = match &to {
            None => vec![None],
            Some(address) => names.find(graph, &network, address).into_iter().map(Some).collect(),
        };
        let reach = Reach::new(&network);
        for from in senders {
            for to in &targets {
                let traffic = traffic.clone();
                answers.extend(reach.answers(&Question { from, to: *to, traffic, transitive }));
            }
        }
    })?;
    complete &= problems.is_empty();
    for address in to.iter().chain(Some(&from).filter(|from| *from != INTERNET)) {
        names.require(address)?;
    }
    let style = output::style(color, None);
    output::to_stdout(|out| {
        let places = setup::places(&sources);
        match format {
            ListFormat::Json => reach::write_json(out, &answers, &places)?,
            ListFormat::Text => reach::write_text(out, &answers, &nothing(&from), &places, style)?,
        }
        Ok(())
    })?;
    Ok(if complete { Status::Clean } else { Status::Incomplete })
}

/// What is said where nothing is reachable.
fn nothing(from: &str) -> String {
    let from = if from == INTERNET { "the internet" } else { from };
    format!("Nothing in this configuration is reachable from {from}.")
}

/// Reads `tcp/22`, `udp/5000-5010`, `icmp`, or a protocol by number.
fn traffic(text: &str) -> Result<Traffic, Failure> {
    let refuse = || {
        let example = "write tcp/22, udp/5000-5010, icmp, or a protocol number such as 47";
        Failure::Words(format!("`{text}` is not a port; {example}"))
    };
    let (protocol, ports) = match text.split_once('/') {
        Some((protocol, ports)) => (protocol, Some(ports)),
        None => (text, None),
    };
    let protocol = Protocol::parse(protocol).ok_or_else(refuse)?;
    let Some(ports) = ports else {
        // ICMP is asked for both versions of the Internet Protocol.
        let both = protocol == Protocol::Number(ICMP);
        let v6 = if both { Traffic::of(Protocol::Number(ICMPV6)) } else { Traffic::none() };
        return Ok(Traffic::of(protocol).union(&v6));
    };
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    let (Protocol::Number(number), Ok(first), Ok(last)) = (protocol, first.parse(), last.parse()) else {
        return Err(refuse());
    };
    let traffic = Traffic::details(number, first, last);
    if !protocol.has_ports() || traffic.is_empty() { Err(refuse()) } else { Ok(traffic) }
}

/// The addresses that were looked for, and those that there are.
#[derive(Default)]
struct Names {
    all: BTreeSet<String>,
    /// Found as something in a network.
    found: BTreeSet<String>,
    /// Found as a resource that has no part in one.
    other: BTreeSet<String>,
}

impl Names {
    fn note(&mut self, network: &Topology) {
        self.all.extend(network.subjects.iter().map(|subject| subject.place.address.to_string()));
    }

    /// The subjects that an address means: one, all instances of a block, or none.
    fn find(&mut self, graph: &Graph, network: &Topology, address: &str) -> Vec<SubjectId> {
        let resources = graph.at(address);
        let mut subjects: Vec<SubjectId> =
            resources.iter().filter_map(|id| network.by_resource.get(id)).copied().collect();
        if subjects.is_empty() {
            // What an outline of a module creates goes by the address of the call.
            let named = network.subjects.iter().enumerate().filter(|(_, subject)| &*subject.place.address == address);
            subjects.extend(named.map(|(at, _)| SubjectId(at)));
        }
        if !subjects.is_empty() {
            self.found.insert(address.to_owned());
        } else if !resources.is_empty() {
            self.other.insert(address.to_owned());
        }
        subjects
    }

    /// Refuses an address that means nothing.
    fn require(&self, address: &str) -> Result<(), Failure> {
        if self.found.contains(address) {
            return Ok(());
        }
        if self.other.contains(address) {
            return Err(Failure::Words(format!(
                "`{address}` has no network interface; name an instance, a load balancer, a database or the like"
            )));
        }
        let near = terravet_diagnostics::nearest(address, self.all.iter().map(String::as_str));
        let hint = near.map_or_else(
            || "`terravet graph` lists the addresses".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        Err(Failure::Words(format!("no resource has the address `{address}`; {hint}")))
    }
}
