//! How packets get from one subnet to another: within a VPC, over a peering connection, over a transit gateway.
//!
//! Peering is not transitive (<https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>); rules may refer to
//! groups of a peer (<https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html>), and over a transit
//! gateway where both support it (<https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html>). Checked 2026-12-01.

use super::Reach;
use super::connect::Call;
use super::way::{Block, Hop, Stage};
use crate::address::Addresses;
use crate::topology::{PeeringId, SubnetId, Target, Transit, TransitId, VpcId};
use crate::when::{When, World, open};

/// A connection of two subnets.
pub(super) struct Link {
    /// The addresses of the target that packets are sent to.
    pub(super) there: Addresses,
    /// The addresses of the sender that answers are sent to.
    pub(super) back: Addresses,
    pub(super) hops: Vec<Hop>,
    /// Whether rules can refer to security groups of the other side.
    pub(super) references: bool,
}

/// A way out of a VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    Peering(PeeringId),
    Transit(TransitId),
}

impl<'t> Reach<'t> {
    /// How packets from one subnet reach addresses in another, and answers come back.
    pub(super) fn link(
        &self,
        call: &Call<'_>,
        from: SubnetId,
        to: SubnetId,
        targets: &Addresses,
        senders: &Addresses,
    ) -> Result<Link, Block> {
        let (here, there) = (self.topology.subnet(from), self.topology.subnet(to));
        let local = || Link { there: targets.clone(), back: senders.clone(), hops: Vec::new(), references: true };
        if from == to {
            return Ok(local());
        }
        if here.vpc == there.vpc {
            return self.inside(call, from, to, targets, senders);
        }
        let unidentified = [here.vpc, there.vpc].into_iter().any(|vpc| self.topology.vpc(vpc).unidentified);
        let one_vpc = open(format!("{} and {} are in one VPC", here.place.address, there.place.address));
        if unidentified && call.world.has(&When::guard(one_vpc)) {
            return Ok(local());
        }
        let mut blocks: Vec<(Stage, Hop)> = Vec::new();
        for exit in self.exits(call.world, from, targets) {
            match self.over(call.world, exit, (from, here.vpc), (to, there.vpc), targets, senders) {
                Ok(link) => return Ok(link),
                Err(block) => blocks.push(block),
            }
        }
        let furthest = blocks.into_iter().max_by_key(|(stage, _)| *stage);
        let (stage, hop) = furthest.unwrap_or_else(|| {
            let table = self.toward(call.world, from, targets, |_| false).table;
            let words = format!("has no route to {}", there.place.address);
            (Stage::Route, Hop::new(&self.topology.table(table).place, words))
        });
        Err(Block { hop, progress: (call.depth, stage) })
    }

    /// Within a VPC the local route holds, unless a more specific route sends packets to an appliance.
    fn inside(
        &self,
        call: &Call<'_>,
        from: SubnetId,
        to: SubnetId,
        targets: &Addresses,
        senders: &Addresses,
    ) -> Result<Link, Block> {
        let mut hops = Vec::new();
        for (subnet, addresses, stage) in [(from, targets, Stage::Route), (to, senders, Stage::Return)] {
            let Some((route, place)) = self.diverted(call.world, subnet, addresses) else { continue };
            let guard = open(format!("{place} passes packets on"));
            if !call.world.has(&When::guard(guard)) {
                return Err(Block { hop: route, progress: (call.depth, stage) });
            }
            hops.push(route);
        }
        Ok(Link { there: targets.clone(), back: senders.clone(), hops, references: true })
    }

    /// The route that sends addresses of the own VPC elsewhere than straight to them.
    fn diverted(&self, world: &World, subnet: SubnetId, to: &Addresses) -> Option<(Hop, String)> {
        let routes = self.toward(world, subnet, to, |_| false);
        let table = self.topology.table(routes.table);
        let vpc = self.topology.vpc(self.topology.subnet(subnet).vpc);
        let local = vpc.ranges.iter().map(|(_, range)| range).filter(|range| range.intersects(to));
        let local = local.map(prefix).max()?;
        let route = table.routes.iter().find(|route| {
            let specific = route.length > local && route.addresses.covers(to);
            specific
                && matches!(route.target, Target::Interface(_) | Target::Appliance(_))
                && world.threatens(&route.when)
        })?;
        let (Target::Interface(place) | Target::Appliance(place)) = &route.target else { return None };
        let words = format!("routes {} to {}", route.addresses, place.address);
        Some((Hop::new(&route.place, words), place.address.to_string()))
    }

    /// The ways out of the VPC that the tables of a subnet use for some of the addresses.
    fn exits(&self, world: &World, subnet: SubnetId, to: &Addresses) -> Vec<Exit> {
        let mut exits = Vec::new();
        let vpc = self.topology.subnet(subnet).vpc;
        for (at, peering) in self.topology.peerings.iter().enumerate() {
            let id = PeeringId(at);
            if !self.toward(world, subnet, to, |target| *target == Target::Peering(id)).addresses.is_empty() {
                // A table that is not known may lead anywhere that the VPC is connected to.
                if peering.ends.contains(&vpc) || !self.toward(world, subnet, to, |_| false).open {
                    exits.push(Exit::Peering(id));
                }
            }
        }
        for at in 0..self.topology.transits.len() {
            let id = TransitId(at);
            if !self.toward(world, subnet, to, |target| *target == Target::Transit(id)).addresses.is_empty() {
                exits.push(Exit::Transit(id));
            }
        }
        exits
    }

    fn over(
        &self,
        world: &World,
        exit: Exit,
        from: (SubnetId, VpcId),
        to: (SubnetId, VpcId),
        targets: &Addresses,
        senders: &Addresses,
    ) -> Result<Link, (Stage, Hop)> {
        let leads = |target: &Target| match exit {
            Exit::Peering(id) => *target == Target::Peering(id),
            Exit::Transit(id) => *target == Target::Transit(id),
        };
        let out = self.toward(world, from.0, targets, leads);
        let (there, middle, references) = match exit {
            Exit::Peering(id) => {
                let peering = self.topology.peering(id);
                if !(peering.ends.contains(&from.1) && peering.ends.contains(&to.1)) {
                    let words = "does not lead to that VPC; peering is not transitive";
                    return Err((Stage::Route, Hop::new(&peering.place, words)));
                }
                if !world.allows(&peering.accepted) {
                    return Err((Stage::Route, Hop::new(&peering.place, "is not accepted")));
                }
                (out.addresses, Hop::new(&peering.place, "peering connection between the VPCs"), true)
            }
            Exit::Transit(id) => {
                let transit = self.topology.transit(id);
                let there = self.across(world, transit, from.1, to.1, &out.addresses)?;
                // Answers come back through it as well.
                self.across(world, transit, to.1, from.1, senders).map_err(|(_, hop)| (Stage::Return, hop))?;
                (
                    there,
                    Hop::new(&transit.place, "transit gateway between the VPCs"),
                    world.allows(&transit.group_references),
                )
            }
        };
        let back = self.toward(world, to.0, senders, leads);
        if back.addresses.is_empty() {
            let table = self.topology.table(back.table);
            let words = format!("has no route back to {}", self.topology.subnet(from.0).place.address);
            return Err((Stage::Return, Hop::new(&table.place, words)));
        }
        let hops = out.hop.into_iter().chain([middle]).chain(back.hop).collect();
        Ok(Link { there, back: back.addresses, hops, references })
    }

    /// The addresses that a transit gateway routes from one VPC to another.
    fn across(
        &self,
        world: &World,
        transit: &Transit,
        from: VpcId,
        to: VpcId,
        targets: &Addresses,
    ) -> Result<Addresses, (Stage, Hop)> {
        if transit.open.as_ref().is_some_and(|open| world.has(&When::guard(open.clone()))) {
            return Ok(targets.clone());
        }
        let missing = |vpc: VpcId| {
            let words = format!("is not attached to {}", self.topology.vpc(vpc).place.address);
            (Stage::Route, Hop::new(&transit.place, words))
        };
        let attached = |vpc: VpcId| {
            let mut attachments = transit.attachments.iter().enumerate();
            attachments.find(|(_, attachment)| attachment.vpc == vpc && world.has(&attachment.when))
        };
        let (_, entry) = attached(from).ok_or_else(|| missing(from))?;
        let (exit, _) = attached(to).ok_or_else(|| missing(to))?;
        let Some(table) = entry.table.iter().find(|table| world.has(&table.when)) else {
            return Err((
                Stage::Route,
                Hop::new(&entry.place, "is associated with no route table of the transit gateway"),
            ));
        };
        let table = &transit.tables[table.value];
        if table.open.as_ref().is_some_and(|open| world.has(&When::guard(open.clone()))) {
            return Ok(targets.clone());
        }
        let (mut rest, mut sent) = (targets.clone(), Addresses::empty());
        let mut routes: Vec<_> = table.routes.iter().collect();
        routes.sort_by_key(|route| (std::cmp::Reverse(route.length), route.propagated));
        let mut last = None;
        for route in routes {
            let hit = rest.intersection(&route.addresses);
            if hit.is_empty() {
                continue;
            }
            if world.threatens(&route.when) {
                rest = rest.difference(&route.addresses);
            }
            if world.has(&route.when) && route.to == Some(exit) {
                sent = sent.union(&hit);
            } else if route.to.is_none() {
                last = Some(route);
            }
        }
        if sent.is_empty() {
            let words = match last {
                Some(route) => format!("drops {} (blackhole)", route.addresses),
                None => format!("has no route to {}", self.topology.vpc(to).place.address),
            };
            return Err((Stage::Route, Hop::new(&table.place, words)));
        }
        Ok(sent)
    }
}

/// The length of the prefix of a range.
fn prefix(range: &Addresses) -> u8 {
    let text = range.to_string();
    text.rsplit('/').next().and_then(|length| length.parse().ok()).unwrap_or(0)
}
