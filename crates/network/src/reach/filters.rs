//! What network ACLs and security groups let through.
//!
//! ACLs are ordered and stateless, security groups are a sum and stateful
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/infrastructure-security.html#VPC_Security_Comparison>, checked
//! 2026-12-01).

use std::sync::Arc;

use super::Reach;
use super::way::Hop;
use crate::address::Addresses;
use crate::region::Region;
use crate::topology::{AclEntry, AclId, Group, GroupId, Interface, Peer, Rule, SubnetId};
use crate::traffic::Traffic;
use crate::when::{When, World};

/// Inbound or outbound, as seen from the subnet or interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    In,
    Out,
}

/// The other side of a connection, as rules of security groups know it.
#[derive(Clone, Debug, Default)]
pub(super) struct Other {
    /// Its groups, where rules can refer to them.
    pub(super) groups: Vec<GroupId>,
    /// The prefix list of AWS that its addresses are in.
    pub(super) aws_list: Option<&'static str>,
}

impl<'t> Reach<'t> {
    /// The ACLs that a subnet may have in a world.
    pub(super) fn acls(&self, world: &World, subnet: SubnetId) -> Vec<AclId> {
        let found = self.topology.subnet(subnet);
        let mut acls = Vec::new();
        for acl in &found.acls {
            if world.has(&acl.when) || world.threatens(&acl.when) {
                acls.push(acl.value);
            }
            if world.has(&acl.when) && world.threatens(&acl.when) {
                return acls;
            }
        }
        acls.push(self.topology.vpc(found.vpc).default_acl);
        acls
    }

    /// What the ACLs of a subnet let through of some traffic with some addresses.
    pub(super) fn acl_region(&self, world: &World, subnet: SubnetId, direction: Direction, within: &Region) -> Region {
        let acls = self.acls(world, subnet);
        let mut passed: Option<Region> = None;
        for id in acls {
            let acl = self.topology.acl(id);
            let open = acl.open.clone().map(When::guard);
            let one = match &open {
                Some(open) if world.has(open) => within.clone(),
                Some(open) if world.threatens(open) => Region::none(),
                _ => in_order(world, if direction == Direction::In { &acl.ingress } else { &acl.egress }, within),
            };
            passed = Some(match passed {
                None => one,
                Some(known) if world.is_permissive() => {
                    one.boxes().iter().fold(known, |mut all, (addresses, traffic)| {
                        all.add(addresses.clone(), traffic.clone());
                        all
                    })
                }
                Some(known) => known.intersection(&one),
            });
        }
        passed.unwrap_or_default()
    }

    /// The groups of an interface in a world.
    pub(super) fn groups_of(&self, world: &World, interface: &Interface) -> Vec<GroupId> {
        interface.groups.iter().filter(|group| world.has(&group.when)).map(|group| group.value).collect()
    }

    /// What the security groups of an interface let through, to or from the other side.
    pub(super) fn group_region(
        &self,
        world: &World,
        interface: &Interface,
        direction: Direction,
        other: &Other,
        asked: &Traffic,
    ) -> Region {
        if !interface.filtered {
            return Region::of(Addresses::all(), asked.clone());
        }
        let mut region = Region::none();
        for id in self.groups_of(world, interface) {
            let group = self.topology.group(id);
            if group.open.as_ref().is_some_and(|open| world.has(&When::guard(open.clone()))) {
                return Region::of(Addresses::all(), asked.clone());
            }
            for rule in rules(group, direction) {
                let traffic = rule.traffic.intersection(asked);
                if traffic.is_empty() || !world.has(&rule.when) {
                    continue;
                }
                if let Some(addresses) = peer_addresses(&rule.peer, other) {
                    region.add(addresses, traffic);
                }
            }
        }
        region
    }

    /// The rule that opens the way: the first that covers most of the addresses.
    pub(super) fn opening_rule(
        &self,
        world: &World,
        interface: &Interface,
        direction: Direction,
        other: &Other,
        base: &Addresses,
        asked: &Traffic,
    ) -> Option<Hop> {
        if !interface.filtered {
            return None;
        }
        let mut best: Option<(bool, Hop)> = None;
        for id in self.groups_of(world, interface) {
            let group = self.topology.group(id);
            for rule in rules(group, direction) {
                let Some(addresses) = peer_addresses(&rule.peer, other) else { continue };
                if !rule.traffic.intersects(asked) || !addresses.intersects(base) || !world.has(&rule.when) {
                    continue;
                }
                let covers = addresses.covers(base);
                if best.as_ref().is_none_or(|(known, _)| covers && !known) {
                    best = Some((covers, Hop::new(&rule.place, self.rule_words(rule, direction))));
                }
            }
            if best.is_none()
                && let Some(open) = &group.open
            {
                best = Some((false, Hop::new(&group.place, Arc::clone(&open.words))));
            }
        }
        best.map(|(_, hop)| hop)
    }

    /// What a rule does, in words.
    fn rule_words(&self, rule: &Rule, direction: Direction) -> String {
        let peer = match &rule.peer {
            Peer::Addresses(addresses) if *addresses == Addresses::all() => "any address".to_owned(),
            Peer::Addresses(addresses) => addresses.to_string(),
            Peer::Group(group) => format!("members of {}", self.topology.group(*group).place.address),
            Peer::AwsList(name) => format!("the prefix list {name}"),
        };
        match direction {
            Direction::In => format!("allows {} from {peer}", rule.traffic),
            Direction::Out => format!("allows {} to {peer}", rule.traffic),
        }
    }
}

fn rules(group: &Group, direction: Direction) -> &[Rule] {
    if direction == Direction::In { &group.ingress } else { &group.egress }
}

/// The addresses of a rule: every one where it refers to the other side itself; none where it is about somebody else.
fn peer_addresses(peer: &Peer, other: &Other) -> Option<Addresses> {
    match peer {
        Peer::Addresses(addresses) => Some(addresses.clone()),
        Peer::Group(group) => other.groups.contains(group).then(Addresses::all),
        Peer::AwsList(name) => (other.aws_list == Some(&**name)).then(Addresses::all),
    }
}

/// What entries let through: the lowest number that matches decides, and what none matches is denied.
fn in_order(world: &World, entries: &[AclEntry], within: &Region) -> Region {
    let (mut rest, mut passed) = (within.clone(), Region::none());
    for entry in entries {
        if rest.is_empty() {
            break;
        }
        let part = rest.within(&entry.addresses, &entry.traffic);
        if part.is_empty() {
            continue;
        }
        let allows = world.has(&entry.when) && world.allows(&entry.allows);
        let denies =
            world.threatens(&entry.when) && entry.denies.alternatives().iter().any(|when| world.threatens(when));
        if allows {
            for (addresses, traffic) in part.boxes() {
                passed.add(addresses.clone(), traffic.clone());
            }
        }
        if allows || denies {
            rest = rest.without(&entry.addresses, &entry.traffic);
        }
    }
    passed
}
