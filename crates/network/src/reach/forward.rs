//! Ways to a subject: straight to its interfaces and public endpoints, and through what forwards to it.

use super::connect::{Call, of_version};
use super::filters::{Direction, Other};
use super::way::{Block, Found, Hop, Stage, Way};
use super::{Inlet, Origin, Reach, Sender};
use crate::address::{Addresses, Version};
use crate::region::{Graded, Region};
use crate::topology::{Forward, ForwardKind, ForwardTo, InterfaceId, PublicEndpoint, SubjectId, Target, TargetGroup};
use crate::traffic::Traffic;
use crate::when::{Either, World};

/// The most forwards on one way. A balancer before a balancer behind an API is three.
const MAX_FORWARDS: usize = 6;

/// What is looked for: ways from a sender to a subject.
struct Search<'w> {
    world: &'w World,
    sender: Sender,
    /// The subjects on the way from the target to the one that is looked at, against circles.
    trail: Vec<SubjectId>,
}

impl<'t> Reach<'t> {
    /// All ways from a sender to a subject in a world.
    pub(super) fn find(&self, world: &World, sender: Sender, to: SubjectId, asked: &Traffic) -> Found {
        self.search(&mut Search { world, sender, trail: Vec::new() }, to, asked)
    }

    fn search(&self, search: &mut Search<'_>, to: SubjectId, asked: &Traffic) -> Found {
        let mut found = Found::default();
        if search.trail.contains(&to) || search.trail.len() >= MAX_FORWARDS {
            return found;
        }
        search.trail.push(to);
        self.direct(search, to, asked, &mut found);
        for inlet in self.inlets.get(&to).into_iter().flatten() {
            self.through(search, *inlet, to, asked, &mut found);
        }
        for part in &self.topology.subject(to).parts {
            let mut ways = self.search(search, *part, asked);
            let whole = self.topology.subject(to);
            for way in &mut ways.ways {
                way.hops.push(Hop::new(&whole.place, whole.what.clone()));
            }
            found.ways.append(&mut ways.ways);
            if let Some(block) = ways.block {
                found.take_block(block);
            }
        }
        search.trail.pop();
        found
    }

    /// What of some traffic a subject listens for.
    fn heard(&self, world: &World, to: SubjectId, asked: &Traffic) -> Result<Traffic, Block> {
        let subject = self.topology.subject(to);
        let Some(listens) = &subject.listens else { return Ok(asked.clone()) };
        let listening = listens.iter().filter(|choice| world.has(&choice.when));
        let heard = listening.fold(Traffic::none(), |all, choice| all.union(&choice.value)).intersection(asked);
        if heard.is_empty() {
            let hop = Hop::new(&subject.place, format!("does not listen for {asked}"));
            return Err(Block { hop, progress: (0, Stage::Address) });
        }
        Ok(heard)
    }

    fn direct(&self, search: &Search<'_>, to: SubjectId, asked: &Traffic, found: &mut Found) {
        let (subject, world) = (self.topology.subject(to), search.world);
        for endpoint in &subject.endpoints {
            self.to_endpoint(search, endpoint, to, asked, found);
        }
        if !subject.accepts {
            let hop = Hop::new(&subject.place, "accepts no connections at its network interfaces");
            return found.take_block(Block { hop, progress: (0, Stage::Existence) });
        }
        let heard = match self.heard(world, to, asked) {
            Ok(heard) => heard,
            Err(block) => return found.take_block(block),
        };
        if subject.interfaces.is_empty() {
            let hop = Hop::new(&subject.place, "has no network interface in a VPC");
            return found.take_block(Block { hop, progress: (0, Stage::Existence) });
        }
        for interface in &subject.interfaces {
            for version in [Version::V4, Version::V6] {
                let asked = of_version(&heard, version);
                if asked.is_empty() {
                    continue;
                }
                let call = Call { world, version, asked, depth: 0 };
                match search.sender {
                    Sender::Internet => {
                        let attempt = self.internet_to(&call, &Origin::Internet, *interface);
                        found.take(attempt.map(|way| self.arrived(way, to)));
                    }
                    Sender::Subject(from) => {
                        for own in self.interfaces_of(from) {
                            let attempt = self.between(&call, *own, *interface);
                            let attempt =
                                attempt.or_else(|block| self.around(&call, *own, *interface).map_err(|_| block));
                            found.take(attempt.map(|way| self.arrived(way, to)));
                        }
                    }
                }
            }
        }
        if let Sender::Subject(from) = search.sender
            && self.interfaces_of(from).is_empty()
        {
            let hop = Hop::new(&self.topology.subject(from).place, "has no network interface in a VPC");
            found.take_block(Block { hop, progress: (0, Stage::Existence) });
        }
    }

    /// The way with the target as its last hop.
    fn arrived(&self, mut way: Way, to: SubjectId) -> Way {
        let subject = self.topology.subject(to);
        way.hops.push(Hop::new(&subject.place, subject.what.clone()));
        way
    }

    /// A public endpoint, from the internet or over it.
    fn to_endpoint(
        &self,
        search: &Search<'_>,
        endpoint: &PublicEndpoint,
        to: SubjectId,
        asked: &Traffic,
        found: &mut Found,
    ) {
        let world = search.world;
        let traffic = endpoint.traffic.intersection(asked);
        if traffic.is_empty() || !world.allows(&endpoint.when) {
            return;
        }
        let mut region = Region::none();
        for from in endpoint.from.iter().filter(|from| world.has(&from.when)) {
            region.add(from.value.clone(), traffic.clone());
        }
        let mut hops = Vec::new();
        if let Sender::Subject(from) = search.sender {
            let own = self.interfaces_of(from);
            let out = |version: Version| {
                let call = Call { world, version, asked: traffic.clone(), depth: 0 };
                own.iter().find_map(|interface| self.out_to_internet(&call, *interface).ok())
            };
            match out(Version::V4).or_else(|| out(Version::V6)) {
                Some(out) => hops.extend(out),
                // A function outside of a VPC sends over the internet.
                None if own.is_empty() => {}
                None => return,
            }
        }
        let base = self.internet.only(Version::V4);
        let graded = region.grade(&base, search.sender == Sender::Internet);
        if graded.is_none() {
            let words = format!("its public endpoint allows no {asked} from the internet");
            return found.take_block(Block { hop: Hop::new(&endpoint.place, words), progress: (0, Stage::Ingress) });
        }
        hops.push(Hop::new(&endpoint.place, "has a public endpoint"));
        let partial = (!region.addresses_of(&traffic).covers(&base))
            .then(|| format!("the source address is in {}", region.addresses_of(&traffic)).into());
        let way = Way { graded, hops, partial, clients: region.within(&base, &traffic), visible: true };
        found.ways.push(self.arrived(way, to));
    }

    /// From one interface to another over the internet, where both have public addresses or a NAT gateway sends.
    fn around(&self, call: &Call<'_>, from: InterfaceId, to: InterfaceId) -> Result<Way, Block> {
        let subnet = |id: InterfaceId| self.topology.interface(id).subnet;
        if self.topology.subnet(subnet(from)).vpc == self.topology.subnet(subnet(to)).vpc {
            // Within a VPC names of public addresses resolve to private ones, and groups decide about those.
            let hop = Hop::new(&self.topology.interface(to).place, "is in the same VPC");
            return Err(Block { hop, progress: (0, Stage::Existence) });
        }
        let mut hops = self.out_to_internet(call, from)?;
        let mut way = self.internet_to(call, &Origin::Internet, to)?;
        let base = self.internet.only(call.version);
        way.graded = way.clients.grade(&base, false);
        hops.append(&mut way.hops);
        Ok(Way { hops, ..way })
    }

    /// Whether an interface can open connections to the internet.
    fn out_to_internet(&self, call: &Call<'_>, from: InterfaceId) -> Result<Vec<Hop>, Block> {
        let interface = self.topology.interface(from);
        let (world, base) = (call.world, self.internet.only(call.version));
        let block = |stage, hop| Err(Block { hop, progress: (call.depth, stage) });
        let other = Other::default();
        let allowed = self.group_region(world, interface, Direction::Out, &other, &call.asked);
        if allowed.grade(&base, true).is_none() {
            let words = format!("no egress rule allows {} to the internet", call.asked);
            return block(Stage::Egress, Hop::new(&interface.place, words));
        }
        let public = if call.version == Version::V4 { &interface.public_v4 } else { &interface.v6 };
        let has_public = world.allows(public);
        let leads = |target: &Target| match target {
            Target::Internet(_) => has_public,
            Target::Nat(_) | Target::EgressOnly(_) => true,
            _ => false,
        };
        let routed = self.toward(world, interface.subnet, &base, leads);
        if routed.addresses.is_empty() {
            let table = self.topology.table(routed.table);
            return block(Stage::Route, Hop::new(&table.place, "has no route to the internet"));
        }
        let region = Region::of(base.clone(), call.asked.clone());
        if self.acl_region(world, interface.subnet, Direction::Out, &region).is_empty() {
            return block(Stage::SenderAcl, Hop::new(&interface.place, "its network ACL allows nothing out"));
        }
        let mut hops: Vec<Hop> =
            self.opening_rule(world, interface, Direction::Out, &other, &base, &call.asked).into_iter().collect();
        hops.extend(routed.hop);
        Ok(hops)
    }

    /// Through a subject that forwards.
    fn through(&self, search: &mut Search<'_>, inlet: Inlet, to: SubjectId, asked: &Traffic, found: &mut Found) {
        let world = search.world;
        let forward = &self.topology.subject(inlet.forwarder).forwards[inlet.forward];
        if !world.has(&forward.when) {
            return;
        }
        let (group, traffic) = match (&forward.to, inlet.target) {
            (ForwardTo::Targets(group), Some(place)) => {
                let group = self.topology.target_group(*group);
                let target = &group.targets[place];
                if !world.has(&target.when) {
                    return;
                }
                (Some((group, target)), target.traffic.clone())
            }
            (ForwardTo::Subject(_, ports), _) => (None, ports.clone()),
            (ForwardTo::Targets(_), None) => return,
        };
        let same_ports = traffic.is_none();
        let at_target = traffic.unwrap_or_else(|| forward.takes.clone()).intersection(asked);
        if at_target.is_empty() {
            return;
        }
        let at_forwarder = if same_ports { at_target.clone() } else { forward.takes.clone() };
        let first = self.search(search, inlet.forwarder, &at_forwarder);
        if let Some(block) = first.block {
            found.take_block(block);
        }
        for way in first.ways {
            let at_target = if same_ports { at_target.intersection(&way.graded.any()) } else { at_target.clone() };
            let step = Step { forward, group: group.map(|(group, _)| group), from: inlet.forwarder, to, at_target };
            let mut second = Found::default();
            self.pass_on(search, &way, &step, &mut second);
            if let Some(mut block) = second.block {
                block.progress.0 += search.trail.len();
                found.take_block(block);
            }
            for mut next in second.ways {
                let mut hops = way.hops.clone();
                hops.push(Hop::new(
                    &forward.place,
                    format!("forwards {} to {}", words(&forward.takes), words(&step.at_target)),
                ));
                if let Some((group, target)) = group {
                    hops.push(Hop::new(&group.place, "target group"));
                    if target.place != group.place {
                        hops.push(Hop::new(&target.place, "registers the target"));
                    }
                }
                hops.append(&mut next.hops);
                next.hops = hops;
                if way.graded.full.is_empty() {
                    next.graded = Graded { full: Traffic::none(), partial: next.graded.any() };
                }
                next.partial = next.partial.or_else(|| way.partial.clone());
                found.ways.push(self.arrived(next, to));
            }
        }
    }

    /// The step from a forwarder to its target.
    fn pass_on(&self, search: &Search<'_>, first: &Way, step: &Step<'_>, found: &mut Found) {
        let (world, target) = (search.world, self.topology.subject(step.to));
        if step.forward.kind == ForwardKind::Invoke || !target.accepts {
            let graded = Graded { full: step.at_target.clone(), partial: Traffic::none() };
            found.ways.push(Way { graded, hops: Vec::new(), partial: None, clients: Region::none(), visible: false });
            return;
        }
        let heard = match self.heard(world, step.to, &step.at_target) {
            Ok(heard) => heard,
            Err(block) => return found.take_block(block),
        };
        if target.interfaces.is_empty() {
            let hop = Hop::new(&target.place, "has no network interface of its own in a VPC");
            return found.take_block(Block { hop, progress: (0, Stage::Existence) });
        }
        // Balancers and links speak IPv4 to what is behind them, unless it is registered by an IPv6 address.
        let call = Call { world, version: Version::V4, asked: heard, depth: 0 };
        let (preserves, hides) = match (step.forward.kind, step.group) {
            (ForwardKind::Network, Some(group)) if first.visible => (group.preserves.clone(), group.hides.clone()),
            _ => (Either::never(), Either::always()),
        };
        for to in &target.interfaces {
            match step.forward.kind {
                ForwardKind::CloudFront => {
                    for version in [Version::V4, Version::V6] {
                        let call = Call { version, asked: call.asked.clone(), ..call };
                        found.take(self.internet_to(&call, &Origin::Edge, *to));
                    }
                }
                ForwardKind::Link if self.interfaces_of(step.from).is_empty() => found.take(self.beside_to(&call, *to)),
                _ => {
                    for from in self.interfaces_of(step.from) {
                        if world.allows(&preserves) {
                            found.take(self.preserved(search, &call, first, *from, *to));
                        }
                        if world.allows(&hides) {
                            let attempt = self.between(&call, *from, *to);
                            found.take(attempt.map(|way| Way { visible: false, ..way }));
                        }
                    }
                }
            }
        }
    }

    /// A target of a Network Load Balancer that sees the addresses of clients.
    fn preserved(
        &self,
        search: &Search<'_>,
        call: &Call<'_>,
        first: &Way,
        balancer: InterfaceId,
        to: InterfaceId,
    ) -> Result<Way, Block> {
        let base = match search.sender {
            Sender::Internet => self.internet.only(call.version),
            Sender::Subject(from) => {
                let own =
                    self.interfaces_of(from).iter().map(|id| self.topology.interface(*id).addresses_of(call.version));
                own.fold(Addresses::empty(), |all, one| all.union(&one))
            }
        };
        let clients = first.clients.addresses_of(&Traffic::all()).intersection(&base);
        if clients.is_empty() {
            let hop = Hop::new(&self.topology.interface(balancer).place, "takes no IPv4 connections");
            return Err(Block { hop, progress: (0, Stage::Address) });
        }
        self.as_client(call, &Origin::Internet, balancer, to, &clients)
    }
}

/// One forward that is taken.
struct Step<'t> {
    forward: &'t Forward,
    group: Option<&'t TargetGroup>,
    from: SubjectId,
    to: SubjectId,
    at_target: Traffic,
}

/// Traffic in a hop: `requests` where it is anything.
fn words(traffic: &Traffic) -> String {
    if *traffic == Traffic::all() { "requests".to_owned() } else { traffic.to_string() }
}
