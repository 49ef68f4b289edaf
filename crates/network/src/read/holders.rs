//! Subjects and their interfaces: what all that has an interface has in common.

use std::sync::Arc;

use super::Builder;
use super::groups::GROUPS;
use super::item::{Item, Link, number};
use super::table::{Field, Noun};
use super::vpcs::SUBNETS;
use crate::address::{Addresses, Cidr, Version};
use crate::topology::{GroupId, Interface, InterfaceId, Place, Subject, SubjectId, SubnetId};
use crate::traffic::Traffic;
use crate::when::{Choice, Either, When, open};

/// How an interface is to be made.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    pub(super) subnets: Vec<Choice<SubnetId>>,
    pub(super) groups: Vec<Choice<GroupId>>,
    /// When it has a public IPv4 address by its own argument.
    pub(super) public: Either,
    /// When its subnet decides about that.
    pub(super) public_by_subnet: Either,
    /// When it has an IPv6 address by its own argument.
    pub(super) v6: Either,
    /// Whether its subnet may give it an IPv6 address.
    pub(super) v6_by_subnet: bool,
    /// Its own addresses, where they are written.
    pub(super) addresses: Addresses,
    /// Whether no security group filters its traffic.
    pub(super) unfiltered: bool,
}

impl<'g> Builder<'_, 'g> {
    /// What the arguments of an item say of the interface that it is or has.
    pub(super) fn shape(&mut self, item: &Item<'g>) -> Shape {
        let has = |value: &terravet_graph::Value| number(value) != Some(0);
        let written = item.values(Field::Addresses).into_iter();
        let written = written.filter_map(|choice| Cidr::parse(choice.value.as_str()?).map(Cidr::addresses));
        Shape {
            subnets: self.ids(item, Field::Subnets, SUBNETS, Self::subnet),
            groups: self.ids(item, Field::Groups, GROUPS, Self::group),
            public: item.flag(Field::Public, false),
            public_by_subnet: item.either(Field::Public, true, "is null", |_| false),
            v6: item.either(Field::V6, false, "is not 0", has),
            v6_by_subnet: item.has_field(Field::V6),
            addresses: written.fold(Addresses::empty(), |all, one| all.union(&one)),
            unfiltered: false,
        }
    }

    /// The subject of a resource, made where it is new.
    pub(super) fn subject(&mut self, item: &Item<'g>) -> SubjectId {
        if let Some(id) = self.topology.by_resource.get(&item.id) {
            return *id;
        }
        let id = SubjectId(self.topology.subjects.len());
        self.topology.subjects.push(Subject {
            place: item.place(),
            resource: item.id,
            what: item.entry.traits.what.as_deref().unwrap_or("resource").into(),
            when: item.when.clone(),
            interfaces: Vec::new(),
            endpoints: Vec::new(),
            listens: None,
            acts: item.entry.traits.acts,
            accepts: true,
            forwards: Vec::new(),
            parts: Vec::new(),
        });
        self.topology.by_resource.insert(item.id, id);
        id
    }

    /// Gives a subject an interface in each of the subnets of a shape.
    pub(super) fn hold(
        &mut self,
        subject: SubjectId,
        resource: terravet_graph::ResourceId,
        place: &Place,
        when: &When,
        shape: &Shape,
    ) {
        let elastic = self.elastic_ips.get(&resource).cloned().unwrap_or_default();
        for subnet in &shape.subnets {
            let Some(when) = subnet.when.and(when) else { continue };
            self.identify(subnet.value, &shape.groups);
            let found = &self.topology.subnets[subnet.value.0];
            let by_subnet = shape.public_by_subnet.and(&found.maps_public);
            let v6_by_subnet = if shape.v6_by_subnet { found.assigns_v6.clone() } else { Either::never() };
            let mut addresses = shape.addresses.clone();
            for version in [Version::V4, Version::V6] {
                if addresses.only(version).is_empty() {
                    addresses = addresses.union(&found.addresses.only(version));
                }
            }
            let mut groups = shape.groups.clone();
            if groups.is_empty() && !shape.unfiltered {
                groups.push(Choice::always(self.topology.vpcs[found.vpc.0].default_group));
            }
            let id = InterfaceId(self.topology.interfaces.len());
            self.topology.interfaces.push(Interface {
                subject,
                place: place.clone(),
                when,
                subnet: subnet.value,
                groups,
                filtered: !shape.unfiltered,
                public_v4: shape.public.clone().or(by_subnet).or(elastic.clone()),
                v6: shape.v6.clone().or(v6_by_subnet),
                addresses,
            });
            self.topology.subjects[subject.0].interfaces.push(id);
            self.interface_ids.entry(resource).or_default().push(id);
        }
    }

    /// A group is in the VPC of the interfaces that have it: where nothing else tells the VPC of a subnet, that does.
    fn identify(&mut self, subnet: SubnetId, groups: &[Choice<GroupId>]) {
        if !self.topology.vpcs[self.topology.subnets[subnet.0].vpc.0].unidentified {
            return;
        }
        if let Some(vpc) = groups.iter().find_map(|group| self.topology.groups[group.value.0].vpc) {
            let addresses = self.topology.vpcs[vpc.0].addresses();
            let subnet = &mut self.topology.subnets[subnet.0];
            subnet.vpc = vpc;
            if subnet.addresses == Addresses::all() {
                subnet.addresses = addresses;
            }
            for table in &subnet.tables {
                self.topology.tables[table.value.0].vpc = Some(vpc);
            }
        }
    }

    /// The subnets of the subnet group of a field.
    pub(super) fn grouped_subnets(&mut self, item: &Item<'g>) -> Vec<Choice<SubnetId>> {
        let items = self.items;
        let mut subnets = Vec::new();
        for link in items.links(item, Field::SubnetGroup, &[Noun::SubnetGroup]) {
            let group = match &link.value {
                Link::To(id) => items.get(*id, &[Noun::SubnetGroup]),
                Link::Outside(_) => None,
            };
            let found = match (group, &link.value) {
                (Some(group), _) => self.ids(group, Field::Subnets, SUBNETS, Self::subnet),
                // AWS makes this one of the default subnets.
                (None, Link::Outside(name)) if &**name == "default" => vec![Choice::always(self.default_subnet())],
                (None, Link::Outside(name)) => {
                    let name: Arc<str> = format!("the subnets of {name}").into();
                    vec![Choice::always(self.subnet(&Link::Outside(name)))]
                }
                (None, Link::To(_)) => Vec::new(),
            };
            subnets.extend(found.into_iter().filter_map(|subnet| subnet.and(&link.when)));
        }
        subnets
    }
}

/// A port of a field as TCP traffic; one that is not known is every port, under a guard.
pub(super) fn tcp_ports(item: &Item<'_>, field: Field) -> Vec<Choice<Traffic>> {
    let port = |choice: Choice<terravet_graph::Value>| {
        if choice.value.is_unknown() {
            let guard = open(format!("{} is the port", super::item::unknown_words(&choice.value)));
            let all = Traffic::of(crate::traffic::Protocol::Number(crate::traffic::TCP));
            return Choice { value: all, when: choice.when }.and(&When::guard(guard));
        }
        let port = number(&choice.value).and_then(|number| u16::try_from(number).ok())?;
        Some(Choice { value: Traffic::tcp(port), when: choice.when })
    };
    item.values(field).into_iter().filter_map(port).collect()
}
