//! Connections between one sender and one interface: addresses, routes, filters, and the way back.

use std::sync::Arc;

use super::filters::{Direction, Other};
use super::way::{Block, Hop, Stage, Way};
use super::{Origin, Reach};
use crate::address::{Addresses, Version};
use crate::region::Region;
use crate::topology::{Interface, InterfaceId, SubnetId, Target, VpcId};
use crate::traffic::{ICMP, ICMPV6, Protocol, Traffic};
use crate::when::World;

/// The prefix list that holds the addresses from which CloudFront connects to origins.
const CLOUDFRONT: &str = "com.amazonaws.global.cloudfront.origin-facing";

/// What a connection is about.
pub(super) struct Call<'c> {
    pub(super) world: &'c World,
    pub(super) version: Version,
    pub(super) asked: Traffic,
    /// How many forwards were passed before.
    pub(super) depth: usize,
}

impl Call<'_> {
    fn block(&self, stage: Stage, hop: Hop) -> Block {
        Block { hop, progress: (self.depth, stage) }
    }
}

/// What is left after the filters on the way in.
struct Inward {
    region: Region,
    hops: Vec<Hop>,
}

impl<'t> Reach<'t> {
    /// Whether a host of the internet, or CloudFront, can open a connection to an interface.
    pub(super) fn internet_to(&self, call: &Call<'_>, origin: &Origin, target: InterfaceId) -> Result<Way, Block> {
        let interface = self.topology.interface(target);
        let world = call.world;
        self.exists(call, interface)?;
        let public = if call.version == Version::V4 { &interface.public_v4 } else { &interface.v6 };
        if !world.allows(public) {
            let words = match call.version {
                Version::V4 => "has no public IPv4 address",
                Version::V6 => "has no IPv6 address",
            };
            return Err(call.block(Stage::Address, Hop::new(&interface.place, words)));
        }
        let base = self.internet.only(call.version);
        let (routed, gateway) = self.internet_route(call, interface.subnet, &base)?;
        let other = match origin {
            Origin::Edge => Other { aws_list: Some(CLOUDFRONT), ..Other::default() },
            _ => Other::default(),
        };
        let region = Region::of(routed, call.asked.clone());
        let inward = self.inward(call, interface, region, &other, &base, origin.words())?;
        let graded = inward.region.grade(&base, true);
        let mut hops = vec![gateway];
        hops.extend(inward.hops);
        let partial = part_words(&inward.region, &base, &call.asked, "the source address");
        Ok(Way { graded, hops, partial, clients: inward.region, visible: true })
    }

    /// The internet addresses that the subnet sends to an internet gateway of its VPC, and that gateway.
    fn internet_route(&self, call: &Call<'_>, subnet: SubnetId, base: &Addresses) -> Result<(Addresses, Hop), Block> {
        let world = call.world;
        let vpc = self.topology.subnet(subnet).vpc;
        let leads = |target: &Target| match target {
            Target::Internet(gateway) => self.is_attached(world, self.topology.gateway(*gateway), vpc),
            // Appliances behind an endpoint in between pass packets on.
            Target::Appliance(_) => self.has_gateway(world, vpc),
            _ => false,
        };
        let routed = self.toward(world, subnet, base, leads);
        if routed.addresses.is_empty() {
            let detached = self.toward(world, subnet, base, |target| matches!(target, Target::Internet(_)));
            let table = self.topology.table(routed.table);
            let words = if detached.addresses.is_empty() {
                format!("has no {} route to an internet gateway", call.version)
            } else {
                "routes to an internet gateway that is not attached to its VPC".to_owned()
            };
            return Err(call.block(Stage::Route, Hop::new(&table.place, words)));
        }
        let gateways = self.topology.gateways.iter();
        let gateway = gateways.clone().find(|gateway| self.used(world, gateway, subnet, base));
        let hop = match gateway {
            Some(gateway) => {
                Hop::new(&gateway.place, "internet gateway: attached to the VPC, and the subnet routes to it")
            }
            None => Hop::new(&self.topology.table(routed.table).place, "may route to an internet gateway"),
        };
        Ok((routed.addresses, hop))
    }

    /// Whether the routes of a subnet use an internet gateway.
    fn used(&self, world: &World, gateway: &crate::topology::Gateway, subnet: SubnetId, base: &Addresses) -> bool {
        let vpc = self.topology.subnet(subnet).vpc;
        if !self.is_attached(world, gateway, vpc) {
            return false;
        }
        let same = |target: &Target| match target {
            Target::Internet(id) => self.topology.gateway(*id).place == gateway.place,
            Target::Appliance(_) => true,
            _ => false,
        };
        let routed = self.toward(world, subnet, base, same);
        routed.hop.is_some()
    }

    fn has_gateway(&self, world: &World, vpc: VpcId) -> bool {
        self.topology.gateways.iter().any(|gateway| self.is_attached(world, gateway, vpc))
    }

    fn exists(&self, call: &Call<'_>, interface: &Interface) -> Result<(), Block> {
        if call.world.has(&interface.when) {
            return Ok(());
        }
        let words: Vec<&str> = interface.when.guards().iter().map(|guard| &*guard.words).collect();
        let words = format!("exists only when {}", words.join(" and "));
        Err(call.block(Stage::Existence, Hop::new(&interface.place, words)))
    }

    /// Passes a region of senders through the filters of an interface: the ACL of its subnet, with the way back, and its
    /// security groups.
    fn inward(
        &self,
        call: &Call<'_>,
        interface: &Interface,
        region: Region,
        other: &Other,
        base: &Addresses,
        whom: &str,
    ) -> Result<Inward, Block> {
        let (asked, version) = (&call.asked, call.version);
        let mut hops = Vec::new();
        let region = self.through_acl(call, interface.subnet, &region, base, (Stage::Acl, Stage::AclAnswers), whom)?;
        if let Some(hop) = self.acl_hop(call.world, interface.subnet) {
            hops.push(hop);
        }
        let allowed = self.group_region(call.world, interface, Direction::In, other, asked);
        let region = region.intersection(&allowed);
        if region.grade(base, true).is_none() {
            let group = self.groups_of(call.world, interface).first().map(|group| self.topology.group(*group));
            let place = group.map_or(&interface.place, |group| &group.place);
            let words = format!("no ingress rule allows {asked} from {whom} ({version})");
            return Err(call.block(Stage::Ingress, Hop::new(place, words)));
        }
        hops.extend(self.opening_rule(call.world, interface, Direction::In, other, base, asked));
        Ok(Inward { region, hops })
    }

    /// Passes a region of the other side through the ACL of a subnet, inbound with outbound answers.
    fn through_acl(
        &self,
        call: &Call<'_>,
        subnet: SubnetId,
        region: &Region,
        base: &Addresses,
        stages: (Stage, Stage),
        whom: &str,
    ) -> Result<Region, Block> {
        let world = call.world;
        let acl = || {
            let acls = self.acls(world, subnet);
            let id = acls.first().copied().unwrap_or(self.topology.vpc(self.topology.subnet(subnet).vpc).default_acl);
            &self.topology.acl(id).place
        };
        let passed = self.acl_region(world, subnet, Direction::In, region);
        if passed.grade(base, true).is_none() {
            let words = format!("allows no inbound {} from {whom}", call.asked);
            return Err(call.block(stages.0, Hop::new(acl(), words)));
        }
        let answered = self.answered(call, subnet, Direction::Out, &passed);
        if answered.grade(base, true).is_none() {
            let words = format!("allows no answers ({}) out to {whom}", call.asked.answers());
            return Err(call.block(stages.1, Hop::new(acl(), words)));
        }
        Ok(answered)
    }

    /// The part of a region whose answers pass the ACL of a subnet.
    fn answered(&self, call: &Call<'_>, subnet: SubnetId, direction: Direction, region: &Region) -> Region {
        let mut passed = Region::none();
        for (protocols, traffic) in by_protocol(&region.traffic()) {
            let part = region.within(&Addresses::all(), &traffic);
            let senders = part.addresses_of(&Traffic::all());
            let back = Region::of(senders, protocols.answers());
            let back = self.acl_region(call.world, subnet, direction, &back);
            let reached = back.addresses_of(&Traffic::all());
            for (addresses, traffic) in part.boxes() {
                passed.add(addresses.intersection(&reached), traffic.clone());
            }
        }
        passed
    }

    /// The ACL of a subnet, where the configuration writes one.
    fn acl_hop(&self, world: &World, subnet: SubnetId) -> Option<Hop> {
        let acls = self.acls(world, subnet);
        let acl = self.topology.acl(*acls.first()?);
        let vpc = self.topology.vpc(self.topology.subnet(subnet).vpc);
        let written = acl.place.span.is_some() && acl.place.address != vpc.place.address;
        written.then(|| Hop::new(&acl.place, "network ACL: allows it and its answers"))
    }

    /// Whether an interface can open a connection to another.
    pub(super) fn between(&self, call: &Call<'_>, from: InterfaceId, to: InterfaceId) -> Result<Way, Block> {
        let (sender, target) = (self.topology.interface(from), self.topology.interface(to));
        let (world, version, asked) = (call.world, call.version, &call.asked);
        self.exists(call, target)?;
        self.exists(call, sender)?;
        let senders = sender.addresses_of(version);
        let targets = target.addresses_of(version);
        let has_v6 = world.allows(&sender.v6) && world.allows(&target.v6);
        if senders.is_empty() || targets.is_empty() || (version == Version::V6 && !has_v6) {
            let words = format!("has no {version} address for it");
            return Err(call.block(Stage::Address, Hop::new(&target.place, words)));
        }
        let link = self.link(call, sender.subnet, target.subnet, &targets, &senders)?;
        let (groups_of_target, groups_of_sender) = if link.references {
            (self.groups_of(world, target), self.groups_of(world, sender))
        } else {
            (Vec::new(), Vec::new())
        };
        let mut hops = Vec::new();
        let to_target = Other { groups: groups_of_target, aws_list: None };
        let from_sender = Other { groups: groups_of_sender, aws_list: None };
        let whom = &*self.topology.subject(sender.subject).place.address;
        // What the sender's side lets out to which addresses of the target.
        let mut outward = Region::of(link.there.clone(), asked.clone());
        outward = outward.intersection(&self.group_region(world, sender, Direction::Out, &to_target, asked));
        if outward.grade(&targets, false).is_none() {
            let group = self.groups_of(world, sender).first().map(|group| self.topology.group(*group));
            let words = format!("no egress rule allows {asked} to {} ({version})", target.place.address);
            return Err(call.block(Stage::Egress, Hop::new(group.map_or(&sender.place, |group| &group.place), words)));
        }
        hops.extend(self.opening_rule(world, sender, Direction::Out, &to_target, &targets, asked));
        let filtered = sender.subnet != target.subnet;
        if filtered {
            outward = self.out_of(call, sender, target, &outward, &targets)?;
        }
        hops.extend(link.hops);
        let inward = Region::of(link.back.clone(), asked.clone());
        let inward = if filtered {
            self.inward(call, target, inward, &from_sender, &senders, whom)?
        } else {
            self.grouped(call, target, inward, &from_sender, &senders, whom)?
        };
        let graded = inward.region.grade(&senders, false).and(&outward.grade(&targets, false));
        if graded.is_none() {
            let words = format!("no {asked} passes all filters between {whom} and {}", target.place.address);
            return Err(call.block(Stage::Ingress, Hop::new(&target.place, words)));
        }
        hops.extend(inward.hops);
        let sides = [
            part_words(&inward.region, &senders, asked, &format!("the private address of {whom}")),
            part_words(&outward, &targets, asked, &format!("the private address of {}", target.place.address)),
        ];
        let partial = sides.into_iter().flatten().next();
        Ok(Way { graded, hops, partial, clients: inward.region, visible: true })
    }

    /// The security groups alone: within a subnet no ACL filters.
    fn grouped(
        &self,
        call: &Call<'_>,
        target: &Interface,
        region: Region,
        other: &Other,
        base: &Addresses,
        whom: &str,
    ) -> Result<Inward, Block> {
        let allowed = self.group_region(call.world, target, Direction::In, other, &call.asked);
        let region = region.intersection(&allowed);
        if region.grade(base, true).is_none() {
            let group = self.groups_of(call.world, target).first().map(|group| self.topology.group(*group));
            let words = format!("no ingress rule allows {} from {whom} ({})", call.asked, call.version);
            let place = group.map_or(&target.place, |group| &group.place);
            return Err(call.block(Stage::Ingress, Hop::new(place, words)));
        }
        let hops = self.opening_rule(call.world, target, Direction::In, other, base, &call.asked).into_iter().collect();
        Ok(Inward { region, hops })
    }

    /// Passes a region of targets out of the sender's subnet, and their answers into it.
    fn out_of(
        &self,
        call: &Call<'_>,
        sender: &Interface,
        target: &Interface,
        region: &Region,
        targets: &Addresses,
    ) -> Result<Region, Block> {
        let acl = || {
            let acls = self.acls(call.world, sender.subnet);
            let vpc = self.topology.subnet(sender.subnet).vpc;
            &self.topology.acl(acls.first().copied().unwrap_or(self.topology.vpc(vpc).default_acl)).place
        };
        let passed = self.acl_region(call.world, sender.subnet, Direction::Out, region);
        if passed.grade(targets, true).is_none() {
            let words = format!("allows no outbound {} to {}", call.asked, target.place.address);
            return Err(call.block(Stage::SenderAcl, Hop::new(acl(), words)));
        }
        let answered = self.answered(call, sender.subnet, Direction::In, &passed);
        if answered.grade(targets, true).is_none() {
            let words = format!("allows no answers ({}) in from {}", call.asked.answers(), target.place.address);
            return Err(call.block(Stage::SenderAclAnswers, Hop::new(acl(), words)));
        }
        Ok(answered)
    }

    /// Whether hosts with these addresses pass the filters of a target behind a Network Load Balancer, which sends and
    /// receives for them; its groups count as theirs.
    pub(super) fn as_client(
        &self,
        call: &Call<'_>,
        origin: &Origin,
        balancer: InterfaceId,
        target: InterfaceId,
        base: &Addresses,
    ) -> Result<Way, Block> {
        let (sender, interface) = (self.topology.interface(balancer), self.topology.interface(target));
        self.exists(call, interface)?;
        let targets = interface.addresses_of(call.version);
        let link = self.link(call, sender.subnet, interface.subnet, &targets, &sender.addresses_of(call.version))?;
        let mine = Other { groups: self.groups_of(call.world, interface), aws_list: None };
        let out = self.group_region(call.world, sender, Direction::Out, &mine, &call.asked);
        let out = out.within(&targets, &call.asked);
        if out.is_empty() {
            let group = self.groups_of(call.world, sender).first().map(|group| self.topology.group(*group));
            let words = format!("no egress rule allows {} to {}", call.asked, interface.place.address);
            return Err(call.block(Stage::Egress, Hop::new(group.map_or(&sender.place, |group| &group.place), words)));
        }
        let other = Other { groups: self.groups_of(call.world, sender), aws_list: None };
        let region = Region::of(base.clone(), call.asked.clone());
        let inward = self.inward(call, interface, region, &other, base, origin.words())?;
        let graded = inward.region.grade(base, true).and(&out.grade(&targets, false));
        let mut hops = link.hops;
        hops.extend(inward.hops);
        let partial = part_words(&inward.region, base, &call.asked, "the client's address");
        Ok(Way { graded, hops, partial, clients: inward.region, visible: true })
    }

    /// Whether an interface of AWS in the subnets of a target (an origin in a VPC, an endpoint) reaches it.
    pub(super) fn beside_to(&self, call: &Call<'_>, target: InterfaceId) -> Result<Way, Block> {
        let interface = self.topology.interface(target);
        self.exists(call, interface)?;
        let base = interface.addresses_of(call.version);
        let other = Other { groups: Vec::new(), aws_list: Some(CLOUDFRONT) };
        let region = Region::of(base.clone(), call.asked.clone());
        let inward = self.grouped(call, interface, region, &other, &base, "CloudFront")?;
        let graded = inward.region.grade(&base, false);
        Ok(Way { graded, hops: inward.hops, partial: None, clients: Region::none(), visible: false })
    }
}

/// The part of some traffic that can occur over a version, since each has an ICMP of its own.
pub(super) fn of_version(traffic: &Traffic, version: Version) -> Traffic {
    let other = if version == Version::V4 { ICMPV6 } else { ICMP };
    traffic.difference(&Traffic::of(Protocol::Number(other)))
}

/// Traffic by protocols whose answers are alike: TCP, UDP, and each other; what remains of many protocols is taken as one.
fn by_protocol(traffic: &Traffic) -> Vec<(Traffic, Traffic)> {
    let mut rest = traffic.clone();
    let mut parts = Vec::new();
    for number in [crate::traffic::TCP, crate::traffic::UDP, ICMP, ICMPV6] {
        let part = rest.only(number);
        if !part.is_empty() {
            rest = rest.difference(&part);
            parts.push((part.clone(), part));
        }
    }
    if !rest.is_empty() {
        parts.push((rest.clone(), rest));
    }
    parts
}

/// The words for the part of the senders that pass, where not all do.
fn part_words(region: &Region, base: &Addresses, asked: &Traffic, whose: &str) -> Option<Arc<str>> {
    let passing = region.addresses_of(asked).intersection(base);
    if passing.covers(base) {
        return None;
    }
    let shown = region.addresses_of(asked).to_string();
    let mut ranges: Vec<&str> = shown.split(", ").collect();
    let more = ranges.len().saturating_sub(4);
    ranges.truncate(4);
    let more = if more > 0 { format!(" or {more} other ranges") } else { String::new() };
    Some(format!("{whose} is in {}{more}", ranges.join(", ")).into())
}
