//! What connects VPCs: peering connections and transit gateways.

use std::sync::Arc;

use super::Builder;
use super::item::{Item, Link};
use super::table::{Field, Noun};
use super::vpcs::VPCS;
use crate::topology::{Peering, PeeringId, Transit, TransitAttachment, TransitId, TransitRoute, TransitTable, VpcId};
use crate::when::{Choice, Either, When, open};

impl<'g> Builder<'_, 'g> {
    /// Peering connections and transit gateways.
    pub(super) fn between(&mut self) {
        for item in self.of(Noun::Peering) {
            self.peering(&Link::To(item.id));
        }
        for item in self.of(Noun::PeeringAcceptance) {
            let accepted = item.flag(Field::Accepted, false).and(&Either::when(item.when.clone()));
            for peering in self.ids(item, Field::Peering, &[Noun::Peering], Self::peering) {
                self.peering_ids.insert(Link::To(item.id), peering.value);
                let known = &mut self.topology.peerings[peering.value.0].accepted;
                *known = known.clone().or(accepted.clone());
            }
        }
        for item in self.of(Noun::Transit) {
            self.transit(&Link::To(item.id));
        }
        for item in self.of(Noun::TransitTable) {
            for transit in self.ids(item, Field::Transit, &[Noun::Transit], Self::transit) {
                let tables = &mut self.topology.transits[transit.value.0].tables;
                self.transit_table_ids.insert(item.id, (transit.value, tables.len()));
                tables.push(TransitTable { place: item.place(), routes: Vec::new(), open: None });
            }
        }
        for item in self.of(Noun::TransitAttachment) {
            self.transit_attachment(item);
        }
        for item in self.of(Noun::TransitAssociation) {
            for (transit, attachment, table, when) in self.attached(item) {
                let known = &mut self.topology.transits[transit.0].attachments[attachment].table;
                known.retain(|default| default.value != 0);
                known.push(Choice { value: table, when });
            }
        }
        for item in self.of(Noun::TransitPropagation) {
            for (transit, attachment, table, when) in self.attached(item) {
                self.propagate(transit, attachment, table, &when);
            }
        }
        for item in self.of(Noun::TransitRoute) {
            let ranges = self.ranges(item, Field::Ranges);
            self.transit_route(item, ranges);
        }
        for item in self.of(Noun::TransitPrefixRoute) {
            let ranges = self.listed(item, Field::PrefixLists);
            self.transit_route(item, ranges);
        }
    }

    /// The peering connection of a link.
    pub(super) fn peering(&mut self, link: &Link) -> PeeringId {
        if let Some(id) = self.peering_ids.get(link) {
            return *id;
        }
        let place = self.place_of_link(link);
        let items = self.items;
        let item = match link {
            Link::To(id) => items.get(*id, &[Noun::Peering]),
            Link::Outside(_) => None,
        };
        let unknown = |end: &str| Link::Outside(format!("the {end} VPC of {}", place.address).into());
        let (ends, accepted) = match item {
            Some(item) => {
                let own = self.ids(item, Field::Vpc, VPCS, Self::vpc);
                let peer = self.ids(item, Field::Peer, VPCS, Self::vpc);
                let end = |found: Vec<Choice<VpcId>>| found.first().map(|vpc| vpc.value);
                let ends = (end(own), end(peer));
                (ends, accepted(item))
            }
            None => ((None, None), Either::when(When::guard(open(format!("{} leads there", place.address))))),
        };
        let first = ends.0.unwrap_or_else(|| self.vpc(&unknown("requesting")));
        let second = ends.1.unwrap_or_else(|| self.vpc(&unknown("accepting")));
        if item.is_none() {
            for end in [first, second] {
                self.topology.vpcs[end.0].unidentified = true;
            }
        }
        let id = PeeringId(self.topology.peerings.len());
        self.topology.peerings.push(Peering { place, ends: [first, second], accepted });
        self.peering_ids.insert(link.clone(), id);
        id
    }

    /// The transit gateway of a link. Its default route table is its first.
    pub(super) fn transit(&mut self, link: &Link) -> TransitId {
        if let Some(id) = self.transit_ids.get(link) {
            return *id;
        }
        let place = self.place_of_link(link);
        let items = self.items;
        let item = match link {
            Link::To(id) => items.get(*id, &[Noun::Transit]),
            Link::Outside(_) => None,
        };
        let outside = item.is_none().then(|| open(format!("{} routes it", place.address)));
        let group_references = match item {
            Some(item) => item.flag(Field::GroupReferences, false),
            None => Either::when(When::guard(open(format!("{} supports references to groups", place.address)))),
        };
        let id = TransitId(self.topology.transits.len());
        let default = TransitTable { place: place.clone(), routes: Vec::new(), open: outside.clone() };
        self.topology.transits.push(Transit {
            place,
            attachments: Vec::new(),
            tables: vec![default],
            group_references,
            open: outside,
        });
        self.transit_ids.insert(link.clone(), id);
        id
    }

    /// Whether attachments are put into the default table of their transit gateway, for a purpose of it.
    fn by_default(&self, transit: TransitId, item: &Item<'g>, field: Field) -> Either {
        let items = self.items;
        let link = self.transit_ids.iter().find(|(_, id)| **id == transit).map(|(link, _)| link);
        let gateway = match link {
            Some(Link::To(id)) => items.get(*id, &[Noun::Transit]).map(|item| item.flag(field, true)),
            _ => None,
        };
        gateway.unwrap_or_else(Either::always).and(&item.flag(field, true))
    }

    fn transit_attachment(&mut self, item: &Item<'g>) {
        let vpcs = self.ids(item, Field::Vpc, VPCS, Self::vpc);
        for transit in self.ids(item, Field::Transit, &[Noun::Transit], Self::transit) {
            let Some(vpc) = vpcs.first() else { continue };
            let associates = self.by_default(transit.value, item, Field::Associates);
            let propagates = self.by_default(transit.value, item, Field::Propagates);
            let when = transit.when.and(&item.when).unwrap_or_default();
            let table = associates.alternatives().iter().map(|when| Choice { value: 0, when: when.clone() });
            let attachments = &mut self.topology.transits[transit.value.0].attachments;
            let at = attachments.len();
            attachments.push(TransitAttachment { place: item.place(), vpc: vpc.value, table: table.collect(), when });
            self.attachment_ids.insert(item.id, (transit.value, at));
            for when in propagates.alternatives() {
                self.propagate(transit.value, at, 0, when);
            }
        }
    }

    /// Adds the routes to the VPC of an attachment to a table.
    fn propagate(&mut self, transit: TransitId, attachment: usize, table: usize, when: &When) {
        let transit = &mut self.topology.transits[transit.0];
        let Some(attached) = transit.attachments.get(attachment) else { return };
        let ranges = self.topology.vpcs[attached.vpc.0].ranges.clone();
        for (_, addresses) in ranges {
            transit.tables[table].routes.push(TransitRoute {
                place: attached.place.clone(),
                length: prefix_length(&addresses),
                addresses,
                propagated: true,
                to: Some(attachment),
                when: when.clone(),
            });
        }
    }

    /// The attachments and tables that an item names together.
    fn attached(&self, item: &Item<'g>) -> Vec<(TransitId, usize, usize, When)> {
        let attachments = self.items.links(item, Field::Attachment, &[Noun::TransitAttachment]);
        let tables = self.items.links(item, Field::Table, &[Noun::TransitTable, Noun::Transit]);
        let mut found = Vec::new();
        for attachment in &attachments {
            let Link::To(id) = &attachment.value else { continue };
            let Some((transit, at)) = self.attachment_ids.get(id) else { continue };
            for table in &tables {
                let Some(place) = self.transit_table(&table.value, *transit) else { continue };
                let when = attachment.when.and(&table.when).and_then(|when| when.and(&item.when));
                found.extend(when.map(|when| (*transit, *at, place, when)));
            }
        }
        found
    }

    /// The place of a table among those of a transit gateway.
    fn transit_table(&self, link: &Link, transit: TransitId) -> Option<usize> {
        let Link::To(id) = link else { return None };
        match self.transit_table_ids.get(id) {
            Some((of, place)) => (*of == transit).then_some(*place),
            // An attribute of the transit gateway that is a table is its default one.
            None => self.transit_ids.get(link).filter(|of| **of == transit).map(|_| 0),
        }
    }

    fn transit_route(&mut self, item: &Item<'g>, ranges: Vec<Choice<super::Range>>) {
        let blackhole = item.flag(Field::Blackhole, false);
        let mut routes: Vec<(TransitId, usize, Option<usize>, When)> = Vec::new();
        for (transit, attachment, table, when) in self.attached(item) {
            routes.push((transit, table, Some(attachment), when));
        }
        if !blackhole.is_never() || routes.is_empty() {
            for table in self.items.links(item, Field::Table, &[Noun::TransitTable, Noun::Transit]) {
                let Link::To(id) = &table.value else { continue };
                let of = self.transit_table_ids.get(id).copied();
                let of = of.or_else(|| self.transit_ids.get(&table.value).map(|transit| (*transit, 0)));
                let when = table.when.and(&item.when);
                routes.extend(of.zip(when).map(|((transit, place), when)| (transit, place, None, when)));
            }
        }
        for (transit, table, to, when) in routes {
            for range in &ranges {
                let Some(when) = when.and(&range.when) else { continue };
                self.topology.transits[transit.0].tables[table].routes.push(TransitRoute {
                    place: item.place(),
                    addresses: range.value.addresses.clone(),
                    length: range.value.length,
                    propagated: false,
                    to,
                    when,
                });
            }
        }
    }
}

/// Whether a peering connection is accepted: by itself, by an accepter (added later), or by CloudFormation, which accepts for
/// its own account, and for another where a role is named.
fn accepted(item: &Item<'_>) -> Either {
    let elsewhere = !item.values(Field::OutsidePeer).is_empty();
    if item.has_field(Field::Accepted) && (!elsewhere || !item.values(Field::Accepted).is_empty()) {
        return item.flag(Field::Accepted, false);
    }
    if elsewhere && item.values(Field::Acceptance).is_empty() {
        let words: Arc<str> = format!("{} is accepted by its other side", item.resource.address).into();
        return Either::when(When::guard(open(words)));
    }
    Either::always()
}

/// The length of the prefix of the range that a set of addresses is; 0 where it is not one range.
fn prefix_length(addresses: &crate::address::Addresses) -> u8 {
    let text = addresses.to_string();
    let length = text.rsplit('/').next().filter(|_| !text.contains(','));
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}
