//! Route tables, their routes, and which subnets have them.

use super::item::{Item, Link, named};
use super::table::{Field, Noun};
use super::vpcs::{SUBNETS, VPCS};
use super::{Builder, Range};
use crate::address::Addresses;
use crate::topology::{Route, RouteTable, TableId, Target};
use crate::when::{Choice, When, open};

/// What a `route_table_id` may be: also the VPC whose main table it is.
const TABLES: &[Noun] = &[Noun::RouteTable, Noun::Vpc];

/// Fields of a route that say where it leads, with the way to read them.
const TARGETS: [Field; 8] = [
    Field::Gateway,
    Field::EgressOnlyGateway,
    Field::NatGateway,
    Field::Peering,
    Field::Transit,
    Field::Interface,
    Field::Endpoint,
    Field::Elsewhere,
];

impl<'g> Builder<'_, 'g> {
    /// Tables, routes, associations.
    pub(super) fn routes(&mut self) {
        for item in self.of(Noun::RouteTable) {
            let table = self.table(&Link::To(item.id));
            let vpcs = self.ids(item, Field::Vpc, VPCS, Self::vpc);
            let main_of = self.ids(item, Field::MainOf, VPCS, Self::vpc);
            self.topology.tables[table.0].vpc = vpcs.iter().chain(&main_of).map(|vpc| vpc.value).next();
            for vpc in main_of {
                self.make_main(vpc.value, table, &vpc.when.and(&item.when).unwrap_or_default());
            }
        }
        for item in self.of(Noun::MainAssociation) {
            let vpcs = self.ids(item, Field::Vpc, VPCS, Self::vpc);
            for table in self.ids(item, Field::Table, TABLES, Self::table) {
                for vpc in &vpcs {
                    self.make_main(vpc.value, table.value, &item.when);
                }
            }
        }
        for item in self.of(Noun::RouteAssociation) {
            let tables = self.ids(item, Field::Table, TABLES, Self::table);
            for subnet in self.ids(item, Field::Subnets, SUBNETS, Self::subnet) {
                let Some(when) = subnet.when.and(&item.when) else { continue };
                let own = tables.iter().filter_map(|table| table.clone().and(&when));
                let own: Vec<Choice<TableId>> = own.collect();
                let known = &mut self.topology.subnets[subnet.value.0].tables;
                // What the configuration associates with a subnet that it does not make replaces what is not known of it.
                known.retain(|table| self.topology.tables[table.value.0].place.span.is_some());
                known.extend(own);
            }
        }
        for item in self.of(Noun::Route) {
            self.route(item);
        }
    }

    /// A table takes the place of the main table of a VPC.
    fn make_main(&mut self, vpc: crate::topology::VpcId, table: TableId, when: &When) {
        let main = &mut self.topology.vpcs[vpc.0].main;
        if when.is_always() {
            main.clear();
        }
        main.push(Choice { value: table, when: when.clone() });
    }

    /// The table of a link.
    fn table(&mut self, link: &Link) -> TableId {
        if let Some(id) = self.table_ids.get(link) {
            return *id;
        }
        if let Link::To(id) = link
            && self.items.is(*id, VPCS)
        {
            // An attribute of a VPC that is a table is its main one.
            let vpc = self.vpc(link);
            if let Some(main) = self.topology.vpcs[vpc.0].main.first() {
                return main.value;
            }
        }
        let place = self.place_of_link(link);
        let outside = matches!(link, Link::Outside(_));
        let routes = outside.then(|| open(format!("{} has a route", place.address)));
        let id = TableId(self.topology.tables.len());
        self.topology.tables.push(RouteTable { place, vpc: None, routes: Vec::new(), open: routes });
        self.table_ids.insert(link.clone(), id);
        id
    }

    fn route(&mut self, item: &Item<'g>) {
        let tables = if item.has_field(Field::Table) {
            self.ids(item, Field::Table, TABLES, Self::table)
        } else {
            vec![Choice::always(self.table(&Link::To(item.id)))]
        };
        if item.unknown_block {
            for table in tables {
                let words = format!("a route of {} that is not known leads there", item.resource.address);
                self.topology.tables[table.value.0].open = Some(open(words));
            }
            return;
        }
        let mut destinations = self.ranges(item, Field::Ranges);
        destinations.extend(self.listed(item, Field::PrefixLists));
        let targets = self.targets(item);
        for table in tables {
            for destination in &destinations {
                for target in &targets {
                    let when = table.when.and(&destination.when).and_then(|when| when.and(&target.when));
                    let Some(when) = when.and_then(|when| when.and(&item.when)) else { continue };
                    self.topology.tables[table.value.0].routes.push(Route {
                        place: item.place(),
                        addresses: destination.value.addresses.clone(),
                        length: destination.value.length,
                        target: target.value.clone(),
                        when,
                    });
                }
            }
        }
    }

    /// The ranges in the prefix lists of a field.
    pub(super) fn listed(&mut self, item: &Item<'g>, field: Field) -> Vec<Choice<Range>> {
        let lists = self.items.links(item, field, &[Noun::PrefixList]);
        let mut ranges = Vec::new();
        for list in lists {
            match list.value {
                Link::To(id) => {
                    let entries = self.prefix_list(id);
                    ranges.extend(entries.into_iter().filter_map(|range| range.and(&list.when)));
                }
                Link::Outside(name) => {
                    let guard = open(format!("the prefix list {name} has the address"));
                    let range = Range { place: item.place(), addresses: Addresses::all(), length: 0 };
                    ranges.extend(Choice { value: range, when: list.when }.and(&When::guard(guard)));
                }
            }
        }
        ranges
    }

    /// The ranges of a prefix list of the configuration.
    pub(super) fn prefix_list(&self, id: terravet_graph::ResourceId) -> Vec<Choice<Range>> {
        let mut ranges = Vec::new();
        for item in self.of(Noun::PrefixList).iter().filter(|item| item.id == id) {
            ranges.extend(self.ranges(item, Field::Ranges));
        }
        for item in self.of(Noun::PrefixListEntry) {
            let of_this = self.items.links(item, Field::PrefixLists, &[Noun::PrefixList]);
            if of_this.iter().any(|link| link.value == Link::To(id)) {
                ranges.extend(self.ranges(item, Field::Ranges).into_iter().filter_map(|range| range.and(&item.when)));
            }
        }
        ranges
    }

    /// Where a route leads; to nothing where it names no target.
    fn targets(&mut self, item: &Item<'g>) -> Vec<Choice<Target>> {
        let mut targets = Vec::new();
        for field in TARGETS {
            for value in item.values(field) {
                let when = value.when.clone();
                let target = self.target(field, &value);
                targets.extend(target.into_iter().filter_map(|target| target.and(&when)));
            }
        }
        if targets.is_empty() {
            targets.push(Choice::always(Target::Blackhole));
        }
        targets
    }

    fn target(&mut self, field: Field, value: &Choice<terravet_graph::Value>) -> Vec<Choice<Target>> {
        let nouns: &[Noun] = match field {
            Field::Gateway => &[Noun::InternetGateway, Noun::Endpoint],
            Field::EgressOnlyGateway => &[Noun::EgressOnlyGateway],
            Field::NatGateway => &[Noun::NatGateway],
            Field::Peering => &[Noun::Peering, Noun::PeeringAcceptance],
            Field::Transit => &[Noun::Transit],
            Field::Interface => &[Noun::Interface, Noun::Instance],
            Field::Endpoint => &[Noun::Endpoint],
            _ => &[],
        };
        let links = self.items.link(value, nouns);
        let target = |link: Choice<Link>| {
            let place = self.place_of_link(&link.value);
            let target = match (field, &link.value) {
                (Field::Gateway, Link::To(id)) if self.items.is(*id, &[Noun::Endpoint]) => Target::Service(place),
                (Field::Gateway, Link::To(_)) => Target::Internet(self.gateway(&link.value)),
                (Field::Gateway, Link::Outside(name)) if &**name == "local" => Target::Local,
                (Field::Gateway, Link::Outside(name)) if is_internet_gateway(name) => {
                    Target::Internet(self.gateway(&link.value))
                }
                (Field::EgressOnlyGateway, _) => Target::EgressOnly(place),
                (Field::NatGateway, _) => Target::Nat(place),
                (Field::Peering, _) => Target::Peering(self.peering(&link.value)),
                (Field::Transit, _) => Target::Transit(self.transit(&link.value)),
                (Field::Interface, _) => Target::Interface(place),
                (Field::Endpoint, _) => Target::Appliance(place),
                _ => Target::Unknown(open(format!("{} leads there", named(&value.value)))),
            };
            Choice { value: target, when: link.when }
        };
        links.into_iter().map(target).collect()
    }
}

/// Whether the name of something outside says that it is an internet gateway.
fn is_internet_gateway(name: &str) -> bool {
    name.starts_with("igw-") || name.contains("aws_internet_gateway.")
}
