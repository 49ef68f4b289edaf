//! Ways of packets, and what stands in their way.

use std::sync::Arc;

use crate::region::{Graded, Region};
use crate::topology::Place;

/// One step of a path: a resource and what it does there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hop {
    /// The resource and where in the code it does that.
    pub place: Place,
    /// What it does, in words.
    pub what: Arc<str>,
}

impl Hop {
    /// A hop.
    #[must_use]
    pub fn new(place: &Place, what: impl Into<Arc<str>>) -> Self {
        Self { place: place.clone(), what: what.into() }
    }
}

/// How far packets get, from the first obstacle to the last. Of several ways that are blocked, the one on which they get
/// furthest is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// The target does not exist in this world, or takes no connections.
    Existence,
    /// There is no address to send to.
    Address,
    /// The sender may not send it.
    Egress,
    /// The network ACL of the sender's subnet.
    SenderAcl,
    /// There is no route.
    Route,
    /// There is no route for the answers.
    Return,
    /// The network ACL of the target's subnet.
    Acl,
    /// That ACL does not let answers out.
    AclAnswers,
    /// The ACL of the sender's subnet does not let answers in.
    SenderAclAnswers,
    /// The security groups of the target.
    Ingress,
}

/// Why there is no way.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) hop: Hop,
    /// How many forwards were passed, and how far it got after the last one.
    pub(super) progress: (usize, Stage),
}

/// A way.
#[derive(Clone, Debug)]
pub(super) struct Way {
    /// For which traffic, at the end of it.
    pub(super) graded: Graded,
    pub(super) hops: Vec<Hop>,
    /// For which senders, where not for all.
    pub(super) partial: Option<Arc<str>>,
    /// The addresses of clients that pass, with their traffic at the end; for targets that see them.
    pub(super) clients: Region,
    /// Whether clients come with their own addresses.
    pub(super) visible: bool,
}

/// What looking for ways gave.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) ways: Vec<Way>,
    pub(super) block: Option<Block>,
}

impl Found {
    /// Takes the result of one attempt.
    pub(super) fn take(&mut self, attempt: Result<Way, Block>) {
        match attempt {
            Ok(way) => self.ways.push(way),
            Err(block) => self.take_block(block),
        }
    }

    pub(super) fn take_block(&mut self, block: Block) {
        if self.block.as_ref().is_none_or(|known| known.progress < block.progress) {
            self.block = Some(block);
        }
    }
}
