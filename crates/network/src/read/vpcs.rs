//! VPCs, their ranges, subnets and internet gateways.
//!
//! What AWS sets up by itself (<https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html>,
//! <https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html>, checked 2026-12-01): each VPC has a main
//! route table with the local route, a network ACL that allows everything, and a security group whose members reach each
//! other; the default VPC of an account has in addition an internet gateway, a route to it, and subnets that give public
//! IPv4 addresses.

use super::item::{Item, Link, is_true};
use super::table::{Field, Noun};
use super::{Builder, Range};
use crate::address::{Addresses, Cidr, Version};
use crate::topology::{
    Acl, AclEntry, AclId, Gateway, GatewayId, Group, GroupId, Peer, Place, Route, RouteTable, Rule, Subnet, SubnetId,
    TableId, Target, Vpc, VpcId,
};
use crate::traffic::Traffic;
use crate::when::{Choice, Either, When, open};

/// What a `vpc_id` may be.
pub(super) const VPCS: &[Noun] = &[Noun::Vpc, Noun::VpcLookup];
/// What a `subnet_id` may be.
pub(super) const SUBNETS: &[Noun] = &[Noun::Subnet, Noun::SubnetLookup];

/// The range of every default VPC.
const DEFAULT_RANGE: &str = "172.31.0.0/16";

/// What is known of a VPC beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// The configuration makes it.
    Written,
    /// The configuration refers to it.
    Outside,
    /// Something in it is all that is known.
    Unidentified,
}

impl<'g> Builder<'_, 'g> {
    /// VPCs with their ranges and subnets.
    pub(super) fn vpcs(&mut self) {
        for item in self.of(Noun::Vpc) {
            let vpc = self.vpc(&Link::To(item.id));
            if !item.entry.traits.account_default {
                self.add_ranges(vpc, item);
            }
        }
        for item in self.of(Noun::VpcRange) {
            for vpc in self.ids(item, Field::Vpc, VPCS, Self::vpc) {
                self.add_ranges(vpc.value, item);
            }
        }
        for item in self.of(Noun::Subnet) {
            self.subnet(&Link::To(item.id));
        }
    }

    fn add_ranges(&mut self, vpc: VpcId, item: &Item<'g>) {
        let ranges = self.ranges(item, Field::Ranges);
        let mut ranges: Vec<(Place, Addresses)> =
            ranges.into_iter().map(|range| (range.value.place, range.value.addresses)).collect();
        if !item.values(Field::GeneratesV6).is_empty() {
            ranges.push((item.place(), Addresses::of_version(Version::V6)));
        }
        if ranges.is_empty() {
            // IPAM gives a range at apply.
            ranges.push((item.place(), Addresses::of_version(Version::V4)));
        }
        if let Some(vpc) = self.topology.vpcs.get_mut(vpc.0) {
            vpc.ranges.extend(ranges);
        }
    }

    /// The VPC of a link.
    pub(super) fn vpc(&mut self, link: &Link) -> VpcId {
        if let Some(id) = self.vpc_ids.get(link) {
            return *id;
        }
        let place = self.place_of_link(link);
        let items = self.items;
        let item = match link {
            Link::To(id) => items.get(*id, VPCS),
            Link::Outside(_) => None,
        };
        let id = match item {
            Some(item) if item.entry.traits.account_default => self.default_vpc_at(place),
            Some(item) if item.entry.noun == Noun::VpcLookup => {
                if item.values(Field::IsDefault).iter().any(|choice| is_true(&choice.value)) {
                    self.default_vpc_at(place)
                } else {
                    self.new_vpc(place, Sort::Outside)
                }
            }
            Some(_) => self.new_vpc(place, Sort::Written),
            None => self.new_vpc(place, Sort::Outside),
        };
        self.vpc_ids.insert(link.clone(), id);
        id
    }

    /// The default VPC of the account, where the configuration does not speak of it.
    pub(super) fn default_vpc(&mut self) -> VpcId {
        self.default_vpc_at(Place { address: "the default VPC".into(), span: None })
    }

    fn default_vpc_at(&mut self, place: Place) -> VpcId {
        if let Some(id) = self.default_vpc {
            if let Some(vpc) = self.topology.vpcs.get_mut(id.0).filter(|vpc| vpc.place.span.is_none()) {
                vpc.place = place;
            }
            return id;
        }
        let id = self.new_vpc(place.clone(), Sort::Written);
        self.default_vpc = Some(id);
        let range = Cidr::parse(DEFAULT_RANGE).map(Cidr::addresses).unwrap_or_default();
        let gateway = GatewayId(self.topology.gateways.len());
        let gateway_place = Place { address: "the internet gateway of the default VPC".into(), span: None };
        self.topology.gateways.push(Gateway { place: gateway_place, vpcs: vec![Choice::always(id)], open: None });
        let vpc = &mut self.topology.vpcs[id.0];
        vpc.ranges.push((place.clone(), range));
        for main in &vpc.main {
            self.topology.tables[main.value.0].routes.push(Route {
                place: place.clone(),
                addresses: Addresses::of_version(Version::V4),
                length: 0,
                target: Target::Internet(gateway),
                when: When::always(),
            });
        }
        id
    }

    fn new_vpc(&mut self, place: Place, sort: Sort) -> VpcId {
        let id = VpcId(self.topology.vpcs.len());
        let outside = sort != Sort::Written;
        let open = |what: &str| outside.then(|| open(format!("{what} of {} allows it", place.address)));
        let main = TableId(self.topology.tables.len());
        let routes_open = open("the main route table");
        self.topology.tables.push(RouteTable {
            place: place.clone(),
            vpc: Some(id),
            routes: Vec::new(),
            open: routes_open,
        });
        let acl = AclId(self.topology.acls.len());
        let acl_open = open("the default network ACL");
        let everything = allows_everything(&place);
        self.topology.acls.push(Acl {
            place: place.clone(),
            ingress: vec![everything.clone()],
            egress: vec![everything],
            open: acl_open,
        });
        let group = GroupId(self.topology.groups.len());
        let group_open = open("the default security group");
        let own =
            Rule { place: place.clone(), peer: Peer::Group(group), traffic: Traffic::all(), when: When::always() };
        self.topology.groups.push(Group {
            place: place.clone(),
            ingress: vec![own],
            egress: vec![allows_all_out(&place)],
            vpc: Some(id),
            open: group_open,
        });
        let ranges = if outside { vec![(place.clone(), Addresses::all())] } else { Vec::new() };
        self.topology.vpcs.push(Vpc {
            place,
            ranges,
            main: vec![Choice::always(main)],
            default_acl: acl,
            default_group: group,
            unidentified: sort == Sort::Unidentified,
        });
        id
    }

    /// The subnet of a link.
    pub(super) fn subnet(&mut self, link: &Link) -> SubnetId {
        if let Some(id) = self.subnet_ids.get(link) {
            return *id;
        }
        let place = self.place_of_link(link);
        let items = self.items;
        let item = match link {
            Link::To(id) => items.get(*id, SUBNETS),
            Link::Outside(_) => None,
        };
        let written = item.filter(|item| item.entry.noun == Noun::Subnet);
        let default = written.is_some_and(|item| item.entry.traits.account_default);
        let vpc = match item {
            _ if default => self.default_vpc(),
            Some(item) => match self.ids(item, Field::Vpc, VPCS, Self::vpc).first() {
                Some(vpc) => vpc.value,
                None => self.vpc_around(&place),
            },
            None => self.vpc_around(&place),
        };
        let ranges = item.map(|item| self.ranges(item, Field::Ranges)).unwrap_or_default();
        let addresses = subnet_addresses(&ranges, &self.topology.vpcs[vpc.0]);
        let gives = |what: &str| Either::when(When::guard(open(format!("{} gives {what} addresses", place.address))));
        let maps_public = written.map(|item| item.flag(Field::MapsPublic, default));
        let assigns_v6 = written.map(|item| item.flag(Field::AssignsV6, false));
        let (maps_public, assigns_v6) =
            (maps_public.unwrap_or_else(|| gives("public")), assigns_v6.unwrap_or_else(|| gives("IPv6")));
        let id = SubnetId(self.topology.subnets.len());
        let (mut tables, mut acls) = (Vec::new(), Vec::new());
        if written.is_none() {
            // Which table and ACL it has is said where it is made.
            let table = TableId(self.topology.tables.len());
            let routes = Some(open(format!("the route table of {} has a route", place.address)));
            self.topology.tables.push(RouteTable {
                place: place.clone(),
                vpc: Some(vpc),
                routes: Vec::new(),
                open: routes,
            });
            tables.push(Choice::always(table));
            let acl = AclId(self.topology.acls.len());
            let entries = Some(open(format!("the network ACL of {} allows it", place.address)));
            self.topology.acls.push(Acl {
                place: place.clone(),
                ingress: Vec::new(),
                egress: Vec::new(),
                open: entries,
            });
            acls.push(Choice::always(acl));
        }
        self.topology.subnets.push(Subnet { place, vpc, addresses, tables, acls, maps_public, assigns_v6 });
        self.subnet_ids.insert(link.clone(), id);
        id
    }

    /// A VPC of which only something in it is known.
    fn vpc_around(&mut self, place: &Place) -> VpcId {
        let address = format!("the VPC of {}", place.address);
        self.new_vpc(Place { address: address.into(), span: place.span }, Sort::Unidentified)
    }

    /// The default subnets of the default VPC, as one.
    pub(super) fn default_subnet(&mut self) -> SubnetId {
        let link = Link::Outside("a default subnet".into());
        if let Some(id) = self.subnet_ids.get(&link) {
            return *id;
        }
        let vpc = self.default_vpc();
        let id = SubnetId(self.topology.subnets.len());
        let found = &self.topology.vpcs[vpc.0];
        let subnet = Subnet {
            place: found.place.clone(),
            vpc,
            addresses: found.addresses(),
            tables: Vec::new(),
            acls: Vec::new(),
            maps_public: Either::always(),
            assigns_v6: Either::never(),
        };
        self.topology.subnets.push(subnet);
        self.subnet_ids.insert(link, id);
        id
    }

    /// Internet gateways and where they are attached.
    pub(super) fn gateways(&mut self) {
        for item in self.of(Noun::InternetGateway) {
            let gateway = self.gateway(&Link::To(item.id));
            let vpcs = self.ids(item, Field::Vpc, VPCS, Self::vpc);
            self.topology.gateways[gateway.0].vpcs.extend(vpcs);
        }
        for item in self.of(Noun::GatewayAttachment) {
            let vpcs = self.ids(item, Field::Vpc, VPCS, Self::vpc);
            for gateway in self.ids(item, Field::Gateway, &[Noun::InternetGateway], Self::gateway) {
                let when = gateway.when.and(&item.when);
                let attached = vpcs.iter().filter_map(|vpc| vpc.clone().and(when.as_ref()?));
                let attached: Vec<Choice<VpcId>> = attached.collect();
                self.topology.gateways[gateway.value.0].vpcs.extend(attached);
            }
        }
    }

    /// The internet gateway of a link.
    pub(super) fn gateway(&mut self, link: &Link) -> GatewayId {
        if let Some(id) = self.gateway_ids.get(link) {
            return *id;
        }
        let place = self.place_of_link(link);
        let outside = matches!(link, Link::Outside(_));
        let attached = outside.then(|| open(format!("{} is attached to the VPC", place.address)));
        let id = GatewayId(self.topology.gateways.len());
        self.topology.gateways.push(Gateway { place, vpcs: Vec::new(), open: attached });
        self.gateway_ids.insert(link.clone(), id);
        id
    }
}

/// What a rule of the default security group, or of one that CloudFormation makes without egress, allows out.
pub(super) fn allows_all_out(place: &Place) -> Rule {
    Rule {
        place: place.clone(),
        peer: Peer::Addresses(Addresses::all()),
        traffic: Traffic::all(),
        when: When::always(),
    }
}

fn allows_everything(place: &Place) -> AclEntry {
    AclEntry {
        place: place.clone(),
        number: 100,
        allows: Either::always(),
        denies: Either::never(),
        addresses: Addresses::all(),
        traffic: Traffic::all(),
        when: When::always(),
    }
}

/// The addresses of a subnet: of each version its ranges, or those of its VPC where they are not known.
fn subnet_addresses(ranges: &[Choice<Range>], vpc: &Vpc) -> Addresses {
    let mut addresses = ranges.iter().fold(Addresses::empty(), |all, range| all.union(&range.value.addresses));
    for version in [Version::V4, Version::V6] {
        if addresses.only(version).is_empty() {
            addresses = addresses.union(&vpc.addresses().only(version));
        }
    }
    addresses
}
