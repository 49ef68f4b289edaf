//! The network of one unit as plain data: no attribute of a resource is read beyond this point.
//!
//! In: what the reader found. Out: [`Topology`], in which things refer to each other by ids.
//!
//! Invariants: every subnet has a VPC, every VPC a main route table, a default network ACL and a default security group,
//! whether or not the configuration holds them; what is outside of the configuration is there as well, with `open` set to
//! the guard of what is not known about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Guard, ResourceId};
use terravet_source::Span;

use crate::address::{Addresses, Version};
use crate::traffic::Traffic;
use crate::when::{Choice, Either, When};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub usize);
    )*};
}
ids! {
    /// A [`Vpc`].
    VpcId,
    /// A [`Subnet`].
    SubnetId,
    /// A [`RouteTable`].
    TableId,
    /// An [`Acl`].
    AclId,
    /// A [`Group`].
    GroupId,
    /// A [`Gateway`].
    GatewayId,
    /// A [`Peering`].
    PeeringId,
    /// A [`Transit`].
    TransitId,
    /// An [`Interface`].
    InterfaceId,
    /// A [`Subject`].
    SubjectId,
    /// A [`TargetGroup`].
    TargetGroupId,
}

/// Something of the network with the place where it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The address of the resource, or a name for what the configuration does not hold.
    pub address: Arc<str>,
    /// Where; none for what the configuration does not hold.
    pub span: Option<Span>,
}

/// A VPC.
#[derive(Clone, Debug)]
pub struct Vpc {
    /// Itself.
    pub place: Place,
    /// Its address ranges; those that are not known are every address.
    pub ranges: Vec<(Place, Addresses)>,
    /// Its main route table.
    pub main: Vec<Choice<TableId>>,
    /// The network ACL of subnets without another.
    pub default_acl: AclId,
    /// The security group of interfaces without another.
    pub default_group: GroupId,
    /// Whether it may be the same as another one, because all that is known of it is something in it.
    pub unidentified: bool,
}

impl Vpc {
    /// All its addresses.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        self.ranges.iter().fold(Addresses::empty(), |all, (_, range)| all.union(range))
    }
}

/// A subnet.
#[derive(Clone, Debug)]
pub struct Subnet {
    /// Itself.
    pub place: Place,
    /// The VPC that it is in.
    pub vpc: VpcId,
    /// Its addresses; every one where they are not known.
    pub addresses: Addresses,
    /// The route tables that are associated with it; the main one of the VPC where there is none.
    pub tables: Vec<Choice<TableId>>,
    /// The network ACLs that are associated with it; the default one of the VPC where there is none.
    pub acls: Vec<Choice<AclId>>,
    /// Whether interfaces that are launched into it get a public IPv4 address.
    pub maps_public: Either,
    /// Whether interfaces that are created in it get an IPv6 address.
    pub assigns_v6: Either,
}

/// A route table.
#[derive(Clone, Debug)]
pub struct RouteTable {
    /// Itself.
    pub place: Place,
    /// The VPC that it is for; none where that is not known.
    pub vpc: Option<VpcId>,
    /// Its routes beside the local ones.
    pub routes: Vec<Route>,
    /// Set where it may have routes that are not known.
    pub open: Option<Guard>,
}

/// A route to one range.
#[derive(Clone, Debug)]
pub struct Route {
    /// The resource and the place of the route.
    pub place: Place,
    /// The range.
    pub addresses: Addresses,
    /// Its prefix length: of the routes to an address the one with the longest prefix holds.
    pub length: u8,
    /// Where it leads.
    pub target: Target,
    /// When it is there.
    pub when: When,
}

/// Where a route leads.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// To the VPC itself.
    Local,
    /// To an internet gateway.
    Internet(GatewayId),
    /// To a NAT gateway, by its subject.
    Nat(Place),
    /// To an egress-only internet gateway.
    EgressOnly(Place),
    /// To a peering connection.
    Peering(PeeringId),
    /// To a transit gateway.
    Transit(TransitId),
    /// To an interface of a machine, which may or may not pass packets on.
    Interface(Place),
    /// To an endpoint of a Gateway Load Balancer, whose appliances pass packets on.
    Appliance(Place),
    /// To a service of AWS through a gateway endpoint.
    Service(Place),
    /// To nothing that takes it: what it led to is not there.
    Blackhole,
    /// Out of what is modelled, or not known.
    Unknown(Guard),
}

/// An internet gateway.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Itself.
    pub place: Place,
    /// The VPCs that it is attached to.
    pub vpcs: Vec<Choice<VpcId>>,
    /// Set where it is not known to which VPC it is attached.
    pub open: Option<Guard>,
}

/// A security group.
#[derive(Clone, Debug)]
pub struct Group {
    /// Itself.
    pub place: Place,
    /// What it allows in.
    pub ingress: Vec<Rule>,
    /// What it allows out.
    pub egress: Vec<Rule>,
    /// The VPC that it is in; none where that is not known.
    pub vpc: Option<VpcId>,
    /// Set where it may allow more than is known.
    pub open: Option<Guard>,
}

/// Whom a rule of a security group speaks of.
#[derive(Clone, Debug, PartialEq)]
pub enum Peer {
    /// Addresses.
    Addresses(Addresses),
    /// The members of a group, by private address.
    Group(GroupId),
    /// The addresses in a prefix list of AWS, by its name.
    AwsList(Arc<str>),
}

/// A rule of a security group: it allows.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The resource and the place of the rule.
    pub place: Place,
    /// Whom it allows.
    pub peer: Peer,
    /// What it allows.
    pub traffic: Traffic,
    /// When it is there.
    pub when: When,
}

/// A network ACL.
#[derive(Clone, Debug)]
pub struct Acl {
    /// Itself.
    pub place: Place,
    /// Inbound entries, by number.
    pub ingress: Vec<AclEntry>,
    /// Outbound entries, by number.
    pub egress: Vec<AclEntry>,
    /// Set where its entries are not known.
    pub open: Option<Guard>,
}

/// An entry of a network ACL.
#[derive(Clone, Debug)]
pub struct AclEntry {
    /// The resource and the place of the entry.
    pub place: Place,
    /// Its number: the lowest that matches decides.
    pub number: i64,
    /// Whether it allows or denies.
    pub allows: Either,
    /// Whether it denies.
    pub denies: Either,
    /// The other side.
    pub addresses: Addresses,
    /// The traffic.
    pub traffic: Traffic,
    /// When it is there and says this.
    pub when: When,
}

/// A network interface, or the many of one kind that a subject has in one subnet.
#[derive(Clone, Debug)]
pub struct Interface {
    /// What it belongs to.
    pub subject: SubjectId,
    /// The interface, or its subject where it is not written by itself.
    pub place: Place,
    /// When it is there.
    pub when: When,
    /// The subnet.
    pub subnet: SubnetId,
    /// The security groups.
    pub groups: Vec<Choice<GroupId>>,
    /// Whether security groups filter its traffic.
    pub filtered: bool,
    /// Whether it has a public IPv4 address.
    pub public_v4: Either,
    /// Whether it has an IPv6 address that the internet can reach, where it is routed.
    pub v6: Either,
    /// The private IPv4 and the IPv6 addresses, as far as known: its own, or those of its subnet.
    pub addresses: Addresses,
}

/// A part of a service that is on the internet by itself, in no VPC.
#[derive(Clone, Debug)]
pub struct PublicEndpoint {
    /// Where it is written.
    pub place: Place,
    /// What it takes.
    pub traffic: Traffic,
    /// From whom.
    pub from: Vec<Choice<Addresses>>,
    /// When it is there.
    pub when: Either,
}

/// Something that packets come from and go to.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The resource.
    pub place: Place,
    /// Its id in the graph.
    pub resource: ResourceId,
    /// What it is, as AWS names it.
    pub what: Arc<str>,
    /// When it is there.
    pub when: When,
    /// Its interfaces.
    pub interfaces: Vec<InterfaceId>,
    /// What it is on the internet by itself.
    pub endpoints: Vec<PublicEndpoint>,
    /// The traffic that it listens for; none where that is anything.
    pub listens: Option<Vec<Choice<Traffic>>>,
    /// Whether whoever controls it can send packets from it.
    pub acts: bool,
    /// Whether it takes connections at all (a NAT gateway takes none).
    pub accepts: bool,
    /// Where it forwards to.
    pub forwards: Vec<Forward>,
    /// The subjects that are parts of it: instances of a cluster, mount targets of a file system.
    pub parts: Vec<SubjectId>,
}

/// What forwards, which decides whom the target sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForwardKind {
    /// An Application or Classic Load Balancer: the target sees the balancer.
    Proxy,
    /// A Network Load Balancer.
    Network,
    /// A distribution: the target sees addresses of CloudFront.
    CloudFront,
    /// An API through a VPC link, or CloudFront's origin in a VPC: the target sees an interface in the VPC.
    Link,
    /// Invocation of a function, which needs no packet.
    Invoke,
}

/// One way on which a subject forwards what it takes.
#[derive(Clone, Debug)]
pub struct Forward {
    /// The listener, origin or integration.
    pub place: Place,
    /// How.
    pub kind: ForwardKind,
    /// What is forwarded, at the forwarding subject.
    pub takes: Traffic,
    /// To whom.
    pub to: ForwardTo,
    /// When.
    pub when: When,
}

/// The end of a forward.
#[derive(Clone, Debug)]
pub enum ForwardTo {
    /// A target group.
    Targets(TargetGroupId),
    /// A subject, with the ports there; none for the same.
    Subject(SubjectId, Option<Traffic>),
}

/// A target group.
#[derive(Clone, Debug)]
pub struct TargetGroup {
    /// Itself.
    pub place: Place,
    /// Whether targets of a Network Load Balancer see the client's address.
    pub preserves: Either,
    /// Whether they see the balancer's.
    pub hides: Either,
    /// Its targets.
    pub targets: Vec<GroupTarget>,
}

/// A target of a target group.
#[derive(Clone, Debug)]
pub struct GroupTarget {
    /// Where it is registered.
    pub place: Place,
    /// What it is.
    pub subject: SubjectId,
    /// The traffic to it; none where the target listens for what the balancer takes.
    pub traffic: Option<Traffic>,
    /// When it is registered.
    pub when: When,
}

/// A VPC peering connection.
#[derive(Clone, Debug)]
pub struct Peering {
    /// Itself.
    pub place: Place,
    /// The two VPCs.
    pub ends: [VpcId; 2],
    /// Whether it is accepted.
    pub accepted: Either,
}

/// A transit gateway.
#[derive(Clone, Debug)]
pub struct Transit {
    /// Itself.
    pub place: Place,
    /// The attachments of VPCs.
    pub attachments: Vec<TransitAttachment>,
    /// Its route tables.
    pub tables: Vec<TransitTable>,
    /// Whether rules may refer to groups of other VPCs that are attached.
    pub group_references: Either,
    /// Set where it may have tables and attachments that are not known.
    pub open: Option<Guard>,
}

/// An attachment of a VPC to a transit gateway.
#[derive(Clone, Debug)]
pub struct TransitAttachment {
    /// Itself.
    pub place: Place,
    /// The VPC.
    pub vpc: VpcId,
    /// The table that routes what comes from it, by its place in the tables.
    pub table: Vec<Choice<usize>>,
    /// When it is there.
    pub when: When,
}

/// A route table of a transit gateway.
#[derive(Clone, Debug)]
pub struct TransitTable {
    /// Itself.
    pub place: Place,
    /// Its routes, static and propagated.
    pub routes: Vec<TransitRoute>,
    /// Set where it may have routes that are not known.
    pub open: Option<Guard>,
}

/// A route of a transit gateway.
#[derive(Clone, Debug)]
pub struct TransitRoute {
    /// Where it is written.
    pub place: Place,
    /// The range.
    pub addresses: Addresses,
    /// Its prefix length.
    pub length: u8,
    /// Whether it is propagated, and so yields to a static route of the same range.
    pub propagated: bool,
    /// The attachment that it leads to, by its place in the attachments; none for a blackhole.
    pub to: Option<usize>,
    /// When it is there.
    pub when: When,
}

/// The network of one unit.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    /// VPCs.
    pub vpcs: Vec<Vpc>,
    /// Subnets.
    pub subnets: Vec<Subnet>,
    /// Route tables.
    pub tables: Vec<RouteTable>,
    /// Internet gateways.
    pub gateways: Vec<Gateway>,
    /// Network ACLs.
    pub acls: Vec<Acl>,
    /// Security groups.
    pub groups: Vec<Group>,
    /// VPC peering connections.
    pub peerings: Vec<Peering>,
    /// Transit gateways.
    pub transits: Vec<Transit>,
    /// Network interfaces.
    pub interfaces: Vec<Interface>,
    /// What they belong to.
    pub subjects: Vec<Subject>,
    /// Target groups.
    pub target_groups: Vec<TargetGroup>,
    /// The subjects of a resource.
    pub by_resource: BTreeMap<ResourceId, SubjectId>,
    /// All the ways that a choice of the input can be taken, as far as they are finitely many.
    pub ways: BTreeMap<Arc<str>, Vec<Guard>>,
}

macro_rules! lookups {
    ($($(#[$doc:meta])* $name:ident: $field:ident[$id:ident] -> $ty:ident),* $(,)?) => {
        impl Topology {$(
            $(#[$doc])*
            #[must_use]
            pub fn $name(&self, id: $id) -> &$ty {
                &self.$field[id.0]
            }
        )*}
    };
}
lookups! {
    /// A VPC.
    vpc: vpcs[VpcId] -> Vpc,
    /// A subnet.
    subnet: subnets[SubnetId] -> Subnet,
    /// A route table.
    table: tables[TableId] -> RouteTable,
    /// An internet gateway.
    gateway: gateways[GatewayId] -> Gateway,
    /// A network ACL.
    acl: acls[AclId] -> Acl,
    /// A security group.
    group: groups[GroupId] -> Group,
    /// A VPC peering connection.
    peering: peerings[PeeringId] -> Peering,
    /// A transit gateway.
    transit: transits[TransitId] -> Transit,
    /// An interface.
    interface: interfaces[InterfaceId] -> Interface,
    /// A subject.
    subject: subjects[SubjectId] -> Subject,
    /// A target group.
    target_group: target_groups[TargetGroupId] -> TargetGroup,
}

impl Interface {
    /// Its addresses of a version.
    #[must_use]
    pub fn addresses_of(&self, version: Version) -> Addresses {
        self.addresses.only(version)
    }
}
