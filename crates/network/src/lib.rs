//! Who can send packets to whom: the network that the resources of a unit make, and questions about it.
//!
//! In: a [`terravet_graph::Graph`], of either language. Out: [`topology`] reads the network as plain data, and [`Reach`]
//! answers questions about it: yes, no, or maybe with what decides, each with the hops of a path or the hop that blocks.
//!
//! Invariants: sets of addresses and traffic are exact, never text; what is not known makes an answer *maybe*, and never
//! *yes* or *no*; the cost of a question grows with interfaces times rules; the same graph gives the same answers in the
//! same order.
//!
//! It follows packets, and forwarding by load balancers and entry points; what a machine could do with packets that it got
//! counts only where a question asks for it. It knows no permissions: see the policy of a resource for those.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types))]

mod address;
mod interval;
mod reach;
mod read;
mod region;
mod topology;
mod traffic;
mod when;

pub use address::{Addresses, Cidr, Version};
pub use interval::{IntervalSet, Step};
pub use reach::{Answer, Hop, Question, Reach, Sender, Verdict};
pub use read::topology;
pub use topology::{Place, Subject, SubjectId, Topology};
pub use traffic::{ICMP, ICMPV6, Protocol, TCP, Traffic, UDP};
