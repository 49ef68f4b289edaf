//! EC2 instances, network interfaces, launch templates, Auto Scaling groups, and the public addresses that they are given.

use terravet_graph::ResourceId;

use super::Builder;
use super::groups::GROUPS;
use super::holders::Shape;
use super::item::{Item, Link};
use super::table::{Field, Noun};
use crate::topology::SubjectId;
use crate::when::{Choice, Either};

/// What has interfaces of its own.
const MACHINES: &[Noun] = &[Noun::Instance, Noun::Interface];

impl<'g> Builder<'_, 'g> {
    /// Machines with their interfaces.
    pub(super) fn machines(&mut self) {
        self.elastic_ips();
        for item in self.of(Noun::Interface) {
            let subject = self.subject(item);
            let shape = Shape { public: Either::never(), public_by_subnet: Either::never(), ..self.shape(item) };
            self.hold(subject, item.id, &item.place(), &item.when, &shape);
        }
        for item in self.of(Noun::Instance) {
            self.instance(item);
        }
        for item in self.of(Noun::InterfaceAttachment) {
            let instances = self.items.links(item, Field::Instance, &[Noun::Instance]);
            let interfaces = self.items.links(item, Field::Interface, &[Noun::Interface]);
            self.attach(&instances, &interfaces);
        }
        for item in self.of(Noun::Interface) {
            let instances = self.items.links(item, Field::Instance, &[Noun::Instance]);
            self.attach(&instances, &[Choice::always(Link::To(item.id))]);
        }
        for item in self.of(Noun::GroupAttachment) {
            let groups = self.ids(item, Field::Groups, GROUPS, Self::group);
            for link in self.items.links(item, Field::Interface, MACHINES) {
                let Link::To(id) = link.value else { continue };
                // Of an instance it is the primary interface that is meant.
                let Some(interface) = self.interface_ids.get(&id).and_then(|interfaces| interfaces.first()) else {
                    continue;
                };
                let when = link.when.and(&item.when).unwrap_or_default();
                let added = groups.iter().filter_map(|group| group.clone().and(&when));
                self.topology.interfaces[interface.0].groups.extend(added);
            }
        }
        for item in self.of(Noun::Fleet) {
            self.fleet(item);
        }
    }

    /// Which resources have an Elastic IP address.
    fn elastic_ips(&mut self) {
        for noun in [Noun::ElasticIp, Noun::ElasticIpAssociation] {
            for item in self.of(noun) {
                for field in [Field::Instance, Field::Interface] {
                    for link in self.items.links(item, field, MACHINES) {
                        let (Link::To(id), Some(when)) = (link.value, link.when.and(&item.when)) else { continue };
                        self.elastic_ips.entry(id).or_default().add(when);
                    }
                }
            }
        }
    }

    fn instance(&mut self, item: &Item<'g>) {
        let subject = self.subject(item);
        let given = self.items.links(item, Field::Interface, &[Noun::Interface]);
        self.attach(&[Choice::always(Link::To(item.id))], &given);
        let inline: Vec<&Item<'g>> =
            self.of(Noun::InlineInterface).iter().filter(|inline| inline.id == item.id).collect();
        let own = self.shape(item);
        for inline in &inline {
            if inline.values(Field::Interface).is_empty() {
                let shape = filled(self.shape(inline), &own);
                self.hold_somewhere(subject, item, shape);
            }
        }
        if given.is_empty() && inline.is_empty() {
            let shape = match self.template(item, subject) {
                Some(template) => filled(own, &template),
                None => own,
            };
            self.hold_somewhere(subject, item, shape);
        }
    }

    fn hold_somewhere(&mut self, subject: SubjectId, item: &Item<'g>, mut shape: Shape) {
        if shape.subnets.is_empty() {
            shape.subnets.push(Choice::always(self.default_subnet()));
        }
        self.hold(subject, item.id, &item.place(), &item.when, &shape);
    }

    /// Gives instances the interfaces of other resources.
    fn attach(&mut self, instances: &[Choice<Link>], interfaces: &[Choice<Link>]) {
        for instance in instances {
            let Link::To(id) = &instance.value else { continue };
            let Some(item) = self.items.get(*id, &[Noun::Instance]) else { continue };
            let subject = self.subject(item);
            for interface in interfaces {
                let Link::To(id) = &interface.value else { continue };
                let found = self.interface_ids.get(id).cloned().unwrap_or_default();
                let own = &mut self.topology.subjects[subject.0].interfaces;
                for interface in found {
                    if !own.contains(&interface) {
                        own.push(interface);
                    }
                }
            }
        }
    }

    /// The shape that the launch template of an item gives.
    fn template(&mut self, item: &Item<'g>, user: SubjectId) -> Option<Shape> {
        let items = self.items;
        let links = items.links(item, Field::Template, &[Noun::Template]);
        let id = links.iter().find_map(|link| match link.value {
            Link::To(id) => Some(id),
            Link::Outside(_) => None,
        });
        let template = items.get(id?, &[Noun::Template])?;
        let subject = self.subject(template);
        self.topology.subjects[subject.0].parts.push(user);
        Some(self.template_shape(template))
    }

    fn template_shape(&mut self, template: &Item<'g>) -> Shape {
        let own = self.shape(template);
        let inline = self.of(Noun::InlineInterface).iter().find(|inline| inline.id == template.id);
        match inline {
            Some(inline) => filled(self.shape(inline), &own),
            None => own,
        }
    }

    fn fleet(&mut self, item: &Item<'g>) {
        let subject = self.subject(item);
        let own = self.shape(item);
        let shape = match self.template(item, subject) {
            Some(template) => Shape { subnets: own.subnets, ..template.clone() },
            None => own,
        };
        let shape = Shape { v6_by_subnet: true, ..shape };
        self.hold_somewhere(subject, item, shape);
    }

    /// The interfaces of a resource, as a target group names it.
    pub(super) fn subject_of(&mut self, id: ResourceId) -> Option<SubjectId> {
        self.topology.by_resource.get(&id).copied()
    }
}

/// A shape with what it leaves out taken from another.
fn filled(mut shape: Shape, from: &Shape) -> Shape {
    if shape.subnets.is_empty() {
        shape.subnets.clone_from(&from.subnets);
    }
    if shape.groups.is_empty() {
        shape.groups.clone_from(&from.groups);
    }
    if shape.public.is_never() && shape.public_by_subnet == Either::always() {
        shape.public.clone_from(&from.public);
        shape.public_by_subnet.clone_from(&from.public_by_subnet);
    }
    if shape.v6.is_never() {
        shape.v6.clone_from(&from.v6);
    }
    if shape.addresses.is_empty() {
        shape.addresses = from.addresses.clone();
    }
    shape
}
