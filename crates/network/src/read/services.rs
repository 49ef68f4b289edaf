//! Services of AWS that have interfaces in a VPC, or a public endpoint: databases, caches, clusters, functions, endpoints,
//! NAT gateways.

use terravet_graph::ResourceId;

use super::Builder;
use super::holders::{Shape, tcp_ports};
use super::item::{Item, Link, text};
use super::table::{Field, Noun};
use super::vpcs::SUBNETS;
use crate::address::Addresses;
use crate::topology::{PublicEndpoint, SubjectId};
use crate::traffic::{Protocol, Traffic};
use crate::when::{Choice, Either};

impl<'g> Builder<'_, 'g> {
    /// All services.
    pub(super) fn services(&mut self) {
        for item in self.of(Noun::Whole) {
            self.subject(item);
        }
        for item in self.of(Noun::Service) {
            self.service(item);
        }
        for item in self.of(Noun::Function) {
            let subject = self.subject(item);
            self.topology.subjects[subject.0].accepts = false;
            let shape = Shape { public_by_subnet: Either::never(), ..self.shape(item) };
            self.hold(subject, item.id, &item.place(), &item.when, &shape);
        }
        for item in self.of(Noun::TaskService) {
            let subject = self.subject(item);
            let shape = Shape { public_by_subnet: Either::never(), v6_by_subnet: true, ..self.shape(item) };
            self.hold(subject, item.id, &item.place(), &item.when, &shape);
        }
        for item in self.of(Noun::Endpoint) {
            self.endpoint(item);
        }
        for item in self.of(Noun::NatGateway) {
            let subject = self.subject(item);
            self.topology.subjects[subject.0].accepts = false;
            let subnets = self.ids(item, Field::Subnets, SUBNETS, Self::subnet);
            let public = item.either(Field::Kind, true, "is public", |value| text(value).as_deref() != Some("private"));
            let shape = Shape { subnets, public, unfiltered: true, ..Shape::default() };
            self.hold(subject, item.id, &item.place(), &item.when, &shape);
        }
    }

    /// The cluster that an instance is of.
    fn cluster(&self, item: &Item<'g>) -> Option<ResourceId> {
        let links = self.items.links(item, Field::Cluster, &[Noun::Service]);
        links.into_iter().find_map(|link| match link.value {
            Link::To(id) if id != item.id => Some(id),
            _ => None,
        })
    }

    fn service(&mut self, item: &Item<'g>) {
        let subject = self.subject(item);
        let items = self.items;
        let cluster = self.cluster(item).and_then(|id| items.get(id, &[Noun::Service]));
        if let Some(cluster) = cluster {
            let whole = self.subject(cluster);
            self.topology.subjects[whole.0].parts.push(subject);
        }
        for link in items.links(item, Field::PartOf, &[Noun::Whole]) {
            if let Link::To(id) = link.value
                && let Some(whole) = self.subject_of(id)
            {
                self.topology.subjects[whole.0].parts.push(subject);
            }
        }
        let mut shape = self.shape(item);
        shape.subnets.extend(self.grouped_subnets(item));
        if let Some(cluster) = cluster {
            if shape.groups.is_empty() {
                shape.groups = self.shape(cluster).groups;
            }
            if shape.subnets.is_empty() {
                shape.subnets = self.shape(cluster).subnets;
                shape.subnets.extend(self.grouped_subnets(cluster));
            }
        }
        let traits = &item.entry.traits;
        shape.public_by_subnet = Either::of(traits.subnet_public);
        if traits.public_without_subnet_group && shape.subnets.is_empty() {
            shape.public = item.flag(Field::Public, true);
        }
        if item.has_field(Field::PublicMode) {
            let provided = |value: &_| text(value).as_deref() == Some("SERVICE_PROVIDED_EIPS");
            shape.public = item.either(Field::PublicMode, false, "is SERVICE_PROVIDED_EIPS", provided);
        }
        self.topology.subjects[subject.0].listens = self.listens(item, cluster);
        self.public_endpoint(item, subject, shape.subnets.is_empty());
        if shape.subnets.is_empty() {
            if traits.public_outside_vpc {
                return;
            }
            shape.subnets.push(Choice::always(self.default_subnet()));
        }
        self.hold(subject, item.id, &item.place(), &item.when, &shape);
    }

    /// What a service listens for: the port that is written, that of its engine, or that of the service.
    fn listens(&self, item: &Item<'g>, cluster: Option<&Item<'g>>) -> Option<Vec<Choice<Traffic>>> {
        let both = || std::iter::once(item).chain(cluster);
        if let Some(written) = both().map(|item| tcp_ports(item, Field::Port)).find(|ports| !ports.is_empty()) {
            return Some(written);
        }
        let by_engine = |item: &Item<'g>| {
            let engines = item.texts(Field::Engine);
            let port = |engine: Choice<Option<std::sync::Arc<str>>>| {
                let port = self.items.table.engine_port(engine.value.as_deref()?)?;
                Some(Choice { value: Traffic::tcp(port), when: engine.when })
            };
            // What listens on a port that is not known listens on any.
            (!engines.is_empty()).then(|| engines.into_iter().map(port).collect::<Option<Vec<_>>>()).flatten()
        };
        let by_service = |item: &Item<'g>| {
            let listens = constant(&item.entry.traits.listens);
            (!listens.is_empty()).then(|| vec![Choice::always(listens)])
        };
        both().find_map(by_engine).or_else(|| both().find_map(by_service))
    }

    fn public_endpoint(&mut self, item: &Item<'g>, subject: SubjectId, outside_vpc: bool) {
        let traits = &item.entry.traits;
        let when = if item.has_field(Field::PublicEndpoint) {
            item.flag(Field::PublicEndpoint, true)
        } else {
            Either::of(traits.public_outside_vpc && outside_vpc)
        };
        if when.is_never() {
            return;
        }
        let ranges = self.ranges(item, Field::PublicEndpointRanges);
        let mut from: Vec<Choice<Addresses>> =
            ranges.into_iter().map(|range| range.map(|range| range.addresses)).collect();
        if from.is_empty() {
            from.push(Choice::always(Addresses::all()));
        }
        let traffic = constant(&traits.listens);
        self.topology.subjects[subject.0].endpoints.push(PublicEndpoint { place: item.place(), traffic, from, when });
    }

    fn endpoint(&mut self, item: &Item<'g>) {
        let kinds = item.texts(Field::Kind);
        let kind = kinds.first().and_then(|kind| kind.value.clone());
        // A gateway endpoint has no interface: it is a target of routes.
        let gateway = kind.as_deref().is_none_or(|kind| kind == "Gateway");
        if gateway && !kinds.iter().any(|kind| kind.value.is_none()) {
            return;
        }
        let subject = self.subject(item);
        let mut shape = self.shape(item);
        shape.public_by_subnet = Either::never();
        shape.unfiltered = kind.as_deref() == Some("GatewayLoadBalancer");
        self.hold(subject, item.id, &item.place(), &item.when, &shape);
    }
}

/// Traffic as the table writes it: `tcp/443`.
fn constant(listens: &[String]) -> Traffic {
    let one = |text: &String| {
        let (protocol, port) = text.split_once('/')?;
        let (Protocol::Number(number), Ok(port)) = (Protocol::parse(protocol)?, port.parse()) else { return None };
        Some(Traffic::details(number, port, port))
    };
    listens.iter().filter_map(one).fold(Traffic::none(), |all, one| all.union(&one))
}
