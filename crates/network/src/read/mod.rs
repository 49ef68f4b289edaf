//! From the resources of a graph to the network that they make.
//!
//! In: a [`Graph`]. Out: a [`Topology`]. This is the only part of the crate that knows resources, and it knows the names of
//! types and arguments from one table (`resources.toml`) alone.
//!
//! What the configuration refers to and does not hold (by id, by data source, by variable) becomes a part of the topology
//! that is open: what is the same there for two resources is one thing, and what is not known of it is a guard.

mod acls;
mod between;
mod entries;
mod forwards;
mod groups;
mod holders;
mod item;
mod machines;
mod routes;
mod services;
mod table;
mod vpcs;

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Graph, Guard, ResourceId, Value};

use crate::address::{Addresses, Cidr};
use crate::topology::{
    AclId, GatewayId, GroupId, InterfaceId, PeeringId, Place, SubjectId, SubnetId, TableId, TargetGroupId, Topology,
    TransitId, VpcId,
};
use crate::traffic::Traffic;
use crate::when::{Choice, Either, When, open};
use item::{Item, Items, Link};
use table::{Field, Noun};

/// Reads the network of a unit.
#[must_use]
pub fn topology(graph: &Graph) -> Topology {
    let items = Items::new(graph);
    let mut builder = Builder::new(&items);
    builder.vpcs();
    builder.groups();
    builder.gateways();
    builder.between();
    builder.routes();
    builder.acls();
    builder.machines();
    builder.services();
    builder.forwards();
    builder.entries();
    builder.finish()
}

/// What has been built so far, and under which link it is known.
struct Builder<'i, 'g> {
    items: &'i Items<'g>,
    topology: Topology,
    vpc_ids: BTreeMap<Link, VpcId>,
    default_vpc: Option<VpcId>,
    subnet_ids: BTreeMap<Link, SubnetId>,
    table_ids: BTreeMap<Link, TableId>,
    acl_ids: BTreeMap<Link, AclId>,
    group_ids: BTreeMap<Link, GroupId>,
    gateway_ids: BTreeMap<Link, GatewayId>,
    peering_ids: BTreeMap<Link, PeeringId>,
    transit_ids: BTreeMap<Link, TransitId>,
    /// The attachments of transit gateways: which gateway, and the place among its attachments.
    attachment_ids: BTreeMap<ResourceId, (TransitId, usize)>,
    /// The route tables of transit gateways.
    transit_table_ids: BTreeMap<ResourceId, (TransitId, usize)>,
    /// The interfaces that a resource is or has.
    interface_ids: BTreeMap<ResourceId, Vec<InterfaceId>>,
    target_group_ids: BTreeMap<Link, TargetGroupId>,
    /// The public IPv4 addresses that are associated with a resource.
    elastic_ips: BTreeMap<ResourceId, Either>,
    /// The listeners of load balancers: of which subject, and for what traffic.
    listener_ids: BTreeMap<ResourceId, (SubjectId, Choice<Traffic>)>,
}

impl<'i, 'g> Builder<'i, 'g> {
    fn new(items: &'i Items<'g>) -> Self {
        Self {
            items,
            topology: Topology::default(),
            vpc_ids: BTreeMap::new(),
            default_vpc: None,
            subnet_ids: BTreeMap::new(),
            table_ids: BTreeMap::new(),
            acl_ids: BTreeMap::new(),
            group_ids: BTreeMap::new(),
            gateway_ids: BTreeMap::new(),
            peering_ids: BTreeMap::new(),
            transit_ids: BTreeMap::new(),
            attachment_ids: BTreeMap::new(),
            transit_table_ids: BTreeMap::new(),
            interface_ids: BTreeMap::new(),
            target_group_ids: BTreeMap::new(),
            elastic_ips: BTreeMap::new(),
            listener_ids: BTreeMap::new(),
        }
    }

    fn finish(self) -> Topology {
        let mut topology = self.topology;
        topology.ways = self.items.ways();
        topology
    }

    /// The items of a noun. They live as long as the graph's items, so that building can go on meanwhile.
    fn of(&self, noun: Noun) -> &'i [Item<'g>] {
        self.items.of(noun)
    }

    /// What a field of an item refers to, as ids of one sort.
    fn ids<T>(
        &mut self,
        item: &Item<'g>,
        field: Field,
        nouns: &[Noun],
        id: impl Fn(&mut Self, &Link) -> T,
    ) -> Vec<Choice<T>> {
        let links = self.items.links(item, field, nouns);
        links.into_iter().map(|link| Choice { value: id(self, &link.value), when: link.when }).collect()
    }

    /// The ranges of a field: what is not known is every address, under a guard.
    fn ranges(&self, item: &Item<'g>, field: Field) -> Vec<Choice<Range>> {
        item.values(field).into_iter().filter_map(|choice| range(item, choice)).collect()
    }

    /// The place of something that the configuration does not hold.
    fn outside(link: &Link) -> Place {
        match link {
            Link::Outside(name) => Place { address: Arc::clone(name), span: None },
            Link::To(_) => Place { address: "".into(), span: None },
        }
    }

    /// The place of a link.
    fn place_of_link(&self, link: &Link) -> Place {
        match link {
            Link::Outside(_) => Self::outside(link),
            Link::To(id) => {
                let resource = self.items.graph.resource(*id);
                Place { address: Arc::clone(resource.shown_address()), span: Some(resource.header) }
            }
        }
    }
}

/// A range that an argument gives.
#[derive(Clone, Debug)]
struct Range {
    place: Place,
    addresses: Addresses,
    /// The prefix length; 0 where the range is not known.
    length: u8,
}

/// Reads a range; none where it is no range, which AWS refuses.
fn range(item: &Item<'_>, choice: Choice<Value>) -> Option<Choice<Range>> {
    let place = item.place_of(&choice.value);
    if choice.value.is_unknown() {
        let guard = covering(&choice.value);
        let range = Range { place, addresses: Addresses::all(), length: 0 };
        return Choice { value: range, when: choice.when }.and(&When::guard(guard));
    }
    let cidr = Cidr::parse(choice.value.as_str()?)?;
    let range = Range { place, addresses: cidr.addresses(), length: cidr.length() };
    Some(Choice { value: range, when: choice.when })
}

/// The guard of a range that is not known.
fn covering(value: &Value) -> Guard {
    open(format!("{} covers the address", item::unknown_words(value)))
}
