//! Load balancers: their interfaces, listeners, target groups and targets.
//!
//! Whom a target sees (<https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation>,
//! checked 2026-12-01): behind an Application or Classic Load Balancer the balancer; behind a Network Load Balancer the client
//! for targets by instance and Application Load Balancers, and for targets by address where the protocol is UDP, unless an
//! attribute says otherwise.

use terravet_graph::{ResourceId, Value};

use super::Builder;
use super::holders::tcp_ports;
use super::item::{Item, Link, text};
use super::table::{Field, Noun};
use crate::address::Cidr;
use crate::topology::{Forward, ForwardKind, ForwardTo, GroupTarget, Place, SubjectId, TargetGroup, TargetGroupId};
use crate::traffic::{TCP, Traffic, UDP};
use crate::when::{Choice, Either, When, open};

const TARGET_GROUPS: &[Noun] = &[Noun::TargetGroup];
pub(super) const BALANCERS: &[Noun] = &[Noun::Balancer, Noun::Classic];
/// What can be registered with a target group.
const TARGETS: &[Noun] = &[
    Noun::Instance,
    Noun::Interface,
    Noun::Function,
    Noun::FunctionAlias,
    Noun::Balancer,
    Noun::Endpoint,
    Noun::Service,
    Noun::Listener,
];

impl<'g> Builder<'_, 'g> {
    /// Balancers, then what they forward.
    pub(super) fn forwards(&mut self) {
        for item in self.of(Noun::Balancer).iter().chain(self.of(Noun::Classic)) {
            self.balancer(item);
        }
        for item in self.of(Noun::TargetGroup) {
            self.target_group(&Link::To(item.id));
        }
        for item in self.of(Noun::Listener) {
            self.listener(item);
        }
        for item in self.of(Noun::ListenerRule) {
            for link in self.items.links(item, Field::Listener, &[Noun::Listener]) {
                let Link::To(id) = link.value else { continue };
                let Some((balancer, traffic)) = self.listener_ids.get(&id).cloned() else { continue };
                if let Some(when) = link.when.and(&item.when).and_then(|when| when.and(&traffic.when)) {
                    self.forward(item, balancer, &Choice { value: traffic.value, when });
                }
            }
        }
        for item in self.of(Noun::Target) {
            self.register_targets(item);
        }
        for noun in [Noun::Fleet, Noun::FleetAttachment, Noun::TaskTarget] {
            for item in self.of(noun) {
                self.register_fleet(item);
            }
        }
        for item in self.of(Noun::Classic) {
            self.classic(item);
        }
    }

    fn is_network(item: &Item<'g>) -> bool {
        item.texts(Field::Kind).iter().any(|kind| kind.value.as_deref() == Some("network"))
    }

    fn balancer(&mut self, item: &Item<'g>) {
        let subject = self.subject(item);
        let mut shape = self.shape(item);
        let facing = if item.has_field(Field::Internal) {
            item.not_flag(Field::Internal, true)
        } else {
            item.either(Field::Scheme, true, "is internet-facing", |value| {
                text(value).as_deref() == Some("internet-facing")
            })
        };
        let dual = item.either(Field::AddressType, false, "is dualstack", |value| {
            text(value).is_some_and(|text| text.starts_with("dualstack"))
        });
        shape.v6 = dual.and(&facing);
        shape.v6_by_subnet = false;
        shape.public = facing;
        shape.public_by_subnet = Either::never();
        let gateway = item.texts(Field::Kind).iter().any(|kind| kind.value.as_deref() == Some("gateway"));
        shape.unfiltered = gateway || (Self::is_network(item) && shape.groups.is_empty());
        if shape.subnets.is_empty() {
            shape.subnets.push(Choice::always(self.default_subnet()));
        }
        self.hold(subject, item.id, &item.place(), &item.when, &shape);
        // It takes connections on the ports of its listeners alone.
        self.topology.subjects[subject.0].listens = Some(Vec::new());
    }

    fn listener(&mut self, item: &Item<'g>) {
        let protocol = item.texts(Field::Protocol).first().and_then(|protocol| protocol.value.clone());
        for balancer in self.items.links(item, Field::Balancer, BALANCERS) {
            let Link::To(id) = balancer.value else { continue };
            let Some(subject) = self.subject_of(id) else { continue };
            for port in tcp_ports(item, Field::Port) {
                let traffic = port.map(|traffic| of_protocol(&traffic, protocol.as_deref()));
                let Some(traffic) = traffic.and(&item.when).and_then(|traffic| traffic.and(&balancer.when)) else {
                    continue;
                };
                if let Some(listens) = &mut self.topology.subjects[subject.0].listens {
                    listens.push(traffic.clone());
                }
                self.forward(item, subject, &traffic);
                self.listener_ids.insert(item.id, (subject, traffic));
            }
        }
    }

    /// What a listener, or a rule of one, forwards to its target groups.
    fn forward(&mut self, item: &Item<'g>, balancer: SubjectId, traffic: &Choice<Traffic>) {
        let resource = self.topology.subjects[balancer.0].resource;
        let network = self.items.get(resource, &[Noun::Balancer]).is_some_and(Self::is_network);
        let kind = if network { ForwardKind::Network } else { ForwardKind::Proxy };
        for group in self.ids(item, Field::TargetGroups, TARGET_GROUPS, Self::target_group) {
            let Some(when) = group.when.and(&traffic.when) else { continue };
            self.topology.subjects[balancer.0].forwards.push(Forward {
                place: item.place(),
                kind,
                takes: traffic.value.clone(),
                to: ForwardTo::Targets(group.value),
                when,
            });
        }
    }

    /// The target group of a link.
    fn target_group(&mut self, link: &Link) -> TargetGroupId {
        if let Some(id) = self.target_group_ids.get(link) {
            return *id;
        }
        let item = match link {
            Link::To(id) => self.items.get(*id, TARGET_GROUPS),
            Link::Outside(_) => None,
        };
        let (mut preserves, mut hides) = (Either::always(), Either::never());
        if let Some(item) = item {
            let kind = item.texts(Field::Kind).first().and_then(|kind| kind.value.clone());
            let protocol = item.texts(Field::Protocol).first().and_then(|protocol| protocol.value.clone());
            let by_default = kind.as_deref() != Some("ip") || matches!(protocol.as_deref(), Some("UDP" | "TCP_UDP"));
            preserves = item.flag(Field::Preserves, by_default);
            hides = item.not_flag(Field::Preserves, !by_default);
        }
        let id = TargetGroupId(self.topology.target_groups.len());
        let place = self.place_of_link(link);
        self.topology.target_groups.push(TargetGroup { place, preserves, hides, targets: Vec::new() });
        self.target_group_ids.insert(link.clone(), id);
        id
    }

    /// The traffic to the targets of a group: on the port of the registration, else on that of the group. None for functions.
    fn target_traffic(&self, group: &Link, registration: &Item<'g>) -> Vec<Choice<Option<Traffic>>> {
        let item = match group {
            Link::To(id) => self.items.get(*id, TARGET_GROUPS),
            Link::Outside(_) => None,
        };
        let mut ports = tcp_ports(registration, Field::Port);
        let mut protocol = None;
        if let Some(item) = item {
            if item.texts(Field::Kind).iter().any(|kind| kind.value.as_deref() == Some("lambda")) {
                return vec![Choice::always(None)];
            }
            protocol = item.texts(Field::Protocol).first().and_then(|protocol| protocol.value.clone());
            if ports.is_empty() {
                ports = tcp_ports(item, Field::Port);
            }
        }
        if ports.is_empty() {
            let guard = open("the port of the target group is the port");
            ports.push(Choice { value: Traffic::all(), when: When::guard(guard) });
        }
        ports.into_iter().map(|port| port.map(|port| Some(of_protocol(&port, protocol.as_deref())))).collect()
    }

    fn register_targets(&mut self, item: &Item<'g>) {
        let groups = if item.has_field(Field::TargetGroups) {
            self.items.links(item, Field::TargetGroups, TARGET_GROUPS)
        } else {
            vec![Choice::always(Link::To(item.id))]
        };
        for value in item.values(Field::Target) {
            for subject in self.target_subjects(&value) {
                for group in &groups {
                    let when = subject.when.and(&group.when).and_then(|when| when.and(&item.when));
                    if let Some(when) = when {
                        let place = item.place();
                        self.register(&group.value, item, &place, &Choice { value: subject.value, when });
                    }
                }
            }
        }
    }

    /// The subjects that a target id means.
    fn target_subjects(&mut self, value: &Choice<Value>) -> Vec<Choice<SubjectId>> {
        let mut found = Vec::new();
        for link in self.items.link(value, TARGETS) {
            match &link.value {
                Link::To(id) => {
                    let subject = self.subject_behind(*id);
                    found.extend(subject.map(|subject| Choice { value: subject, when: link.when.clone() }));
                }
                Link::Outside(address) => {
                    let Some(own) = Cidr::parse(address).map(Cidr::addresses) else { continue };
                    let having = self.topology.interfaces.iter().filter(|interface| interface.addresses == own);
                    found.extend(having.map(|interface| Choice { value: interface.subject, when: link.when.clone() }));
                }
            }
        }
        found
    }

    /// The subject that a resource is, or that an alias or listener is of.
    pub(super) fn subject_behind(&mut self, id: ResourceId) -> Option<SubjectId> {
        if let Some(subject) = self.subject_of(id) {
            return Some(subject);
        }
        if let Some((subject, _)) = self.listener_ids.get(&id) {
            return Some(*subject);
        }
        let alias = self.items.get(id, &[Noun::FunctionAlias])?;
        let functions = self.items.links(alias, Field::Function, &[Noun::Function]);
        functions.into_iter().find_map(|link| match link.value {
            Link::To(id) => self.subject_of(id),
            Link::Outside(_) => None,
        })
    }

    fn register(&mut self, group: &Link, registration: &Item<'g>, place: &Place, subject: &Choice<SubjectId>) {
        let id = self.target_group(group);
        for traffic in self.target_traffic(group, registration) {
            let Some(when) = traffic.when.and(&subject.when) else { continue };
            self.topology.target_groups[id.0].targets.push(GroupTarget {
                place: place.clone(),
                subject: subject.value,
                traffic: traffic.value,
                when,
            });
        }
    }

    /// Registers Auto Scaling groups and ECS services with the target groups that they, or attachments, name.
    fn register_fleet(&mut self, item: &Item<'g>) {
        let fleets = if item.has_field(Field::Fleet) {
            self.items.links(item, Field::Fleet, &[Noun::Fleet])
        } else {
            vec![Choice::always(Link::To(item.id))]
        };
        let groups = self.items.links(item, Field::TargetGroups, TARGET_GROUPS);
        for fleet in fleets {
            let Link::To(id) = fleet.value else { continue };
            let Some(subject) = self.subject_of(id) else { continue };
            for group in &groups {
                let when = fleet.when.and(&group.when).and_then(|when| when.and(&item.when));
                if let Some(when) = when {
                    self.register(&group.value, item, &item.place(), &Choice { value: subject, when });
                }
            }
        }
    }

    /// A Classic Load Balancer: each listener has the instances of the balancer as its targets.
    fn classic(&mut self, item: &Item<'g>) {
        let subject = self.subject(item);
        let mut targets: Vec<Choice<SubjectId>> = Vec::new();
        for value in item.values(Field::Target) {
            targets.extend(self.target_subjects(&value));
        }
        for noun in [Noun::Fleet, Noun::FleetAttachment, Noun::TaskTarget, Noun::ClassicAttachment] {
            for user in self.of(noun) {
                let field = if noun == Noun::ClassicAttachment { Field::Balancer } else { Field::Balancers };
                let links = self.items.links(user, field, &[Noun::Classic]);
                let Some(link) = links.into_iter().find(|link| link.value == Link::To(item.id)) else { continue };
                let Some(when) = link.when.and(&user.when) else { continue };
                if noun == Noun::ClassicAttachment {
                    for value in user.values(Field::Target) {
                        let found = self.target_subjects(&value);
                        targets.extend(found.into_iter().filter_map(|target| target.and(&when)));
                    }
                    continue;
                }
                let fleets = if user.has_field(Field::Fleet) {
                    self.items.links(user, Field::Fleet, &[Noun::Fleet])
                } else {
                    vec![Choice::always(Link::To(user.id))]
                };
                for fleet in fleets {
                    let Link::To(id) = fleet.value else { continue };
                    targets.extend(self.subject_of(id).map(|value| Choice { value, when: when.clone() }));
                }
            }
        }
        let listeners = self.of(Noun::ClassicListener).iter().filter(|listener| listener.id == item.id);
        for listener in listeners {
            let to = tcp_ports(listener, Field::TargetPort);
            for port in tcp_ports(listener, Field::Port) {
                let Some(port) = port.and(&listener.when) else { continue };
                if let Some(listens) = &mut self.topology.subjects[subject.0].listens {
                    listens.push(port.clone());
                }
                let group = TargetGroupId(self.topology.target_groups.len());
                let mut registered = Vec::new();
                for target in &targets {
                    for traffic in &to {
                        let Some(when) = target.when.and(&traffic.when) else { continue };
                        let traffic = Some(traffic.value.clone());
                        registered.push(GroupTarget { place: listener.place(), subject: target.value, traffic, when });
                    }
                }
                self.topology.target_groups.push(TargetGroup {
                    place: listener.place(),
                    preserves: Either::never(),
                    hides: Either::always(),
                    targets: registered,
                });
                self.topology.subjects[subject.0].forwards.push(Forward {
                    place: listener.place(),
                    kind: ForwardKind::Proxy,
                    takes: port.value,
                    to: ForwardTo::Targets(group),
                    when: port.when,
                });
            }
        }
    }
}

/// TCP ports as those of another protocol of a balancer.
fn of_protocol(tcp: &Traffic, protocol: Option<&str>) -> Traffic {
    let udp = || {
        let ports = tcp.of_protocol(TCP);
        let ranges = ports.intervals().iter().map(|(first, last)| Traffic::details(UDP, *first, *last));
        ranges.fold(Traffic::none(), |all, one| all.union(&one))
    };
    match protocol {
        Some("UDP" | "QUIC") => udp(),
        Some("TCP_UDP" | "TCP_QUIC") => tcp.union(&udp()),
        Some("GENEVE") => Traffic::all(),
        _ => tcp.clone(),
    }
}
