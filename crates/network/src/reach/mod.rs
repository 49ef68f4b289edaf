//! Questions about a network: can a connection be opened from here to there, on which path, or what is in the way.
//!
//! In: a [`Topology`] and a [`Question`]. Out: [`Answer`]s.
//!
//! A question is decided in worlds ([`crate::when::World`]): no where even the world in which everything that is open lets
//! traffic pass has no way, yes where the world in which only what is certain lets it pass has one, else maybe, with what
//! has to hold. Choices that the input leaves open in a few known ways are tried.

mod connect;
mod filters;
mod forward;
mod links;
mod routing;
mod verdict;
mod way;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::address::Addresses;
use crate::topology::{ForwardTo, InterfaceId, SubjectId, Topology};
use crate::traffic::Traffic;

pub use way::Hop;

/// Whom a question is about as the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sender {
    /// Any host of the internet.
    Internet,
    /// Something in the network.
    Subject(SubjectId),
}

/// Where packets come from in one step of a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Internet,
    /// CloudFront, on behalf of any host of the internet.
    Edge,
}

impl Origin {
    fn words(self) -> &'static str {
        match self {
            Self::Internet => "the internet",
            Self::Edge => "CloudFront",
        }
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// From where.
    pub from: Sender,
    /// To what; none for everything that is reachable.
    pub to: Option<SubjectId>,
    /// With which traffic, at the target.
    pub traffic: Traffic,
    /// Whether machines that are reached count as senders as well.
    pub transitive: bool,
}

/// Whether a connection can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It cannot.
    No,
    /// Something that is not known before apply decides.
    Maybe,
    /// It can.
    Yes,
}

impl Verdict {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Maybe => "maybe",
            Self::Yes => "yes",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An answer about some traffic from one place to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// From where: `internet`, or an address.
    pub from: Arc<str>,
    /// To where.
    pub to: Arc<str>,
    /// The traffic.
    pub traffic: Traffic,
    /// The verdict.
    pub verdict: Verdict,
    /// Of a maybe: when it is yes.
    pub when: Option<Arc<str>>,
    /// Of a yes or maybe: the path, from the sender to the target.
    pub path: Vec<Hop>,
    /// Of a no: what is in the way.
    pub blocked_by: Option<Hop>,
}

/// One way into a subject through another that forwards.
#[derive(Clone, Copy, Debug)]
struct Inlet {
    forwarder: SubjectId,
    /// The place among its forwards.
    forward: usize,
    /// The place among the targets of the target group.
    target: Option<usize>,
}

/// A network that can be asked.
#[derive(Debug)]
pub struct Reach<'t> {
    topology: &'t Topology,
    internet: Addresses,
    /// Through what each subject is forwarded to.
    inlets: BTreeMap<SubjectId, Vec<Inlet>>,
}

impl<'t> Reach<'t> {
    /// Makes a network ready for questions.
    #[must_use]
    pub fn new(topology: &'t Topology) -> Self {
        let mut inlets: BTreeMap<SubjectId, Vec<Inlet>> = BTreeMap::new();
        for (at, subject) in topology.subjects.iter().enumerate() {
            for (number, forward) in subject.forwards.iter().enumerate() {
                let inlet = |target| Inlet { forwarder: SubjectId(at), forward: number, target };
                match &forward.to {
                    ForwardTo::Subject(to, _) => inlets.entry(*to).or_default().push(inlet(None)),
                    ForwardTo::Targets(group) => {
                        for (place, target) in topology.target_group(*group).targets.iter().enumerate() {
                            inlets.entry(target.subject).or_default().push(inlet(Some(place)));
                        }
                    }
                }
            }
        }
        Self { topology, internet: Addresses::internet(), inlets }
    }

    /// The network.
    #[must_use]
    pub fn topology(&self) -> &'t Topology {
        self.topology
    }

    /// The interfaces that a sender sends from.
    fn interfaces_of(&self, sender: SubjectId) -> &'t [InterfaceId] {
        &self.topology.subject(sender).interfaces
    }
}
