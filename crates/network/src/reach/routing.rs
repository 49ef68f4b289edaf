//! Where the route tables of a subnet send packets.
//!
//! The most specific route to an address holds (<https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html>,
//! checked 2026-12-01). A route that may not be there takes nothing from others where traffic is wished to pass, and gives
//! nothing where it has to be certain.

use super::Reach;
use super::way::Hop;
use crate::address::{Addresses, Cidr};
use crate::topology::{Gateway, Route, SubnetId, TableId, Target, VpcId};
use crate::when::{When, World};

/// What a table does with a set of addresses.
pub(super) struct Hit<'t> {
    pub(super) addresses: Addresses,
    pub(super) target: &'t Target,
    pub(super) route: &'t Route,
}

/// Where the tables of a subnet send addresses, asked for one kind of target.
pub(super) struct Routed {
    /// The addresses that are sent there.
    pub(super) addresses: Addresses,
    /// The route that sends them.
    pub(super) hop: Option<Hop>,
    /// The first table of the subnet, and whether it is not known which routes it has.
    pub(super) table: TableId,
    pub(super) open: bool,
}

impl<'t> Reach<'t> {
    /// The tables that a subnet may have in a world.
    fn tables(&self, world: &World, subnet: SubnetId) -> Vec<TableId> {
        let found = self.topology.subnet(subnet);
        let vpc = self.topology.vpc(found.vpc);
        let mut tables = Vec::new();
        for table in found.tables.iter().chain(&vpc.main) {
            if world.has(&table.when) || world.threatens(&table.when) {
                tables.push(table.value);
            }
            if world.has(&table.when) && world.threatens(&table.when) {
                break;
            }
        }
        tables
    }

    /// What a table does with addresses, most specific routes first.
    pub(super) fn hits(&self, world: &World, table: TableId, to: &Addresses) -> Vec<Hit<'t>> {
        let table = self.topology.table(table);
        let mut hits = Vec::new();
        let mut rest = to.clone();
        if let Some(vpc) = table.vpc {
            // Traffic in the VPC stays there; a range that is not known takes nothing from other VPCs.
            for (_, range) in &self.topology.vpc(vpc).ranges {
                if !is_unknown(range) {
                    rest = rest.difference(range);
                }
            }
        }
        let mut routes: Vec<&Route> = table.routes.iter().collect();
        routes.sort_by_key(|route| std::cmp::Reverse(route.length));
        for route in routes {
            let hit = rest.intersection(&route.addresses);
            if hit.is_empty() {
                continue;
            }
            if world.threatens(&route.when) {
                rest = rest.difference(&route.addresses);
            }
            if world.has(&route.when) {
                hits.push(Hit { addresses: hit, target: &route.target, route });
            }
        }
        hits
    }

    /// Which addresses the tables of a subnet send to targets for which `leads` holds.
    pub(super) fn toward(
        &self,
        world: &World,
        subnet: SubnetId,
        to: &Addresses,
        leads: impl Fn(&Target) -> bool,
    ) -> Routed {
        let tables = self.tables(world, subnet);
        let first = tables.first().copied().unwrap_or(TableId(0));
        let mut routed = Routed { addresses: Addresses::empty(), hop: None, table: first, open: false };
        for (at, table) in tables.iter().enumerate() {
            let mut sent = Addresses::empty();
            let open = self.topology.table(*table).open.clone().map(When::guard);
            if open.as_ref().is_some_and(|open| world.has(open)) {
                sent = to.clone();
                routed.open = true;
            } else if open.as_ref().is_none_or(|open| !world.threatens(open)) {
                for hit in self.hits(world, *table, to) {
                    let unknown =
                        matches!(hit.target, Target::Unknown(guard) if world.has(&When::guard(guard.clone())));
                    if unknown || leads(hit.target) {
                        sent = sent.union(&hit.addresses);
                        let ranges = hit.route.addresses.to_string();
                        let ranges = if ranges.len() > 60 { "its prefix list".to_owned() } else { ranges };
                        routed.hop.get_or_insert_with(|| Hop::new(&hit.route.place, format!("routes {ranges} there")));
                    }
                }
            }
            // Where it is open which table it is, one is enough for what is possible, and each is needed for what is certain.
            let both = if world.is_permissive() {
                routed.addresses.union(&sent)
            } else {
                routed.addresses.intersection(&sent)
            };
            routed.addresses = if at == 0 { sent } else { both };
        }
        routed
    }

    /// Whether an internet gateway is attached to a VPC.
    pub(super) fn is_attached(&self, world: &World, gateway: &Gateway, vpc: VpcId) -> bool {
        let known = gateway.vpcs.iter().any(|attached| attached.value == vpc && world.has(&attached.when));
        known || gateway.open.as_ref().is_some_and(|open| world.has(&When::guard(open.clone())))
    }
}

/// Whether a set stands for a range that is not known.
fn is_unknown(range: &Addresses) -> bool {
    let whole = |text: &str| Cidr::parse(text).map(Cidr::addresses).unwrap_or_default();
    range.covers(&whole("0.0.0.0/0")) || range.covers(&whole("::/0"))
}
