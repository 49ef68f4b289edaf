//! Security groups and their rules, in every way of writing them.

use std::sync::Arc;

use super::Builder;
use super::acls::traffic;
use super::item::{Item, Link, text};
use super::table::{Direction, Field, Noun};
use super::vpcs::{VPCS, allows_all_out};
use crate::address::Addresses;
use crate::topology::{Group, GroupId, Peer, Rule};
use crate::when::{Choice, When, open};

/// What a security group id may be: also the VPC whose default group it is.
pub(super) const GROUPS: &[Noun] = &[Noun::Group, Noun::Vpc];

impl<'g> Builder<'_, 'g> {
    /// Groups and rules.
    pub(super) fn groups(&mut self) {
        for item in self.of(Noun::Group) {
            if !item.entry.traits.account_default {
                continue;
            }
            // It takes the place of the group that AWS made, without its rules.
            let vpcs = self.ids(item, Field::DefaultOf, VPCS, Self::vpc);
            let vpc = match vpcs.first() {
                Some(vpc) => vpc.value,
                None => self.default_vpc(),
            };
            let id = self.topology.vpcs[vpc.0].default_group;
            let group =
                Group { place: item.place(), ingress: Vec::new(), egress: Vec::new(), vpc: Some(vpc), open: None };
            self.topology.groups[id.0] = group;
            self.group_ids.insert(Link::To(item.id), id);
        }
        for item in self.of(Noun::Group) {
            let group = self.group(&Link::To(item.id));
            if item.has_field(Field::Vpc) {
                let vpcs = self.ids(item, Field::Vpc, VPCS, Self::vpc);
                self.topology.groups[group.0].vpc = match vpcs.first() {
                    Some(vpc) => Some(vpc.value),
                    None => Some(self.default_vpc()),
                };
            }
            if item.has_field(Field::KeepsEgress) && item.values(Field::KeepsEgress).is_empty() {
                self.topology.groups[group.0].egress.push(allows_all_out(&item.place()));
            }
        }
        for item in self.of(Noun::GroupRule) {
            self.rule(item);
        }
    }

    /// The group of a link.
    pub(super) fn group(&mut self, link: &Link) -> GroupId {
        if let Some(id) = self.group_ids.get(link) {
            return *id;
        }
        if let Link::To(id) = link
            && self.items.is(*id, VPCS)
        {
            let vpc = self.vpc(link);
            return self.topology.vpcs[vpc.0].default_group;
        }
        let place = self.place_of_link(link);
        let rules = matches!(link, Link::Outside(_)).then(|| open(format!("{} allows it", place.address)));
        let id = GroupId(self.topology.groups.len());
        self.topology.groups.push(Group { place, ingress: Vec::new(), egress: Vec::new(), vpc: None, open: rules });
        self.group_ids.insert(link.clone(), id);
        id
    }

    fn rule(&mut self, item: &Item<'g>) {
        let groups = if item.has_field(Field::Group) {
            self.ids(item, Field::Group, GROUPS, Self::group)
        } else {
            vec![Choice::always(self.group(&Link::To(item.id)))]
        };
        if item.unknown_block {
            for group in groups {
                let words = format!("a rule of {} that is not known allows it", item.resource.address);
                self.topology.groups[group.value.0].open = Some(open(words));
            }
            return;
        }
        let (traffics, directions) = (traffic(item), directions(item));
        for group in groups {
            let peers = self.peers(item, group.value);
            for peer in &peers {
                for traffic in &traffics {
                    for (direction, way) in &directions {
                        let when = group.when.and(&peer.when).and_then(|when| when.and(&traffic.when));
                        let when = when.and_then(|when| when.and(way)).and_then(|when| when.and(&item.when));
                        let Some(when) = when.filter(|_| !traffic.value.is_empty()) else { continue };
                        let rule = Rule {
                            place: item.place(),
                            peer: peer.value.clone(),
                            traffic: traffic.value.clone(),
                            when,
                        };
                        let group = &mut self.topology.groups[group.value.0];
                        match direction {
                            Direction::In => group.ingress.push(rule),
                            Direction::Out => group.egress.push(rule),
                        }
                    }
                }
            }
        }
    }

    /// Whom a rule of a group speaks of.
    fn peers(&mut self, item: &Item<'g>, own: GroupId) -> Vec<Choice<Peer>> {
        let mut peers = Vec::new();
        // The ranges of one condition are one peer.
        let mut written: Vec<Choice<Addresses>> = Vec::new();
        for range in self.ranges(item, Field::Ranges) {
            match written.iter_mut().find(|known| known.when == range.when) {
                Some(known) => known.value = known.value.union(&range.value.addresses),
                None => written.push(range.map(|range| range.addresses)),
            }
        }
        peers.extend(written.into_iter().map(|range| range.map(Peer::Addresses)));
        for group in self.ids(item, Field::Groups, GROUPS, Self::group) {
            peers.push(group.map(Peer::Group));
        }
        let itself = item.flag(Field::Itself, false);
        peers.extend(itself.alternatives().iter().map(|when| Choice { value: Peer::Group(own), when: when.clone() }));
        for list in self.items.links(item, Field::PrefixLists, &[Noun::PrefixList, Noun::PrefixListLookup]) {
            peers.extend(self.list_peers(&list));
        }
        peers
    }

    /// Whom a prefix list speaks of.
    fn list_peers(&self, list: &Choice<Link>) -> Vec<Choice<Peer>> {
        let aws = |name: Arc<str>| Choice { value: Peer::AwsList(name), when: list.when.clone() };
        match &list.value {
            Link::To(id) if self.items.is(*id, &[Noun::PrefixList]) => {
                let ranges = self.prefix_list(*id).into_iter().filter_map(|range| range.and(&list.when));
                ranges.map(|range| range.map(|range| Peer::Addresses(range.addresses))).collect()
            }
            Link::To(id) => {
                let item = self.items.get(*id, &[Noun::PrefixListLookup]);
                let names = item.map(|item| item.texts(Field::Name)).unwrap_or_default();
                let known: Vec<Choice<Peer>> = names.into_iter().filter_map(|name| name.value).map(aws).collect();
                if known.is_empty() { self.unknown_list(list, &self.place_of_link(&list.value).address) } else { known }
            }
            Link::Outside(name) => self.unknown_list(list, name),
        }
    }

    fn unknown_list(&self, list: &Choice<Link>, name: &str) -> Vec<Choice<Peer>> {
        let guard = open(format!("the prefix list {name} has the address"));
        let peer = Choice { value: Peer::Addresses(Addresses::all()), when: list.when.clone() };
        peer.and(&When::guard(guard)).into_iter().collect()
    }
}

/// The directions of a rule: that of its entry in the table, or what its `type` says.
fn directions(item: &Item<'_>) -> Vec<(Direction, When)> {
    if let Some(direction) = item.entry.traits.direction {
        return vec![(direction, When::always())];
    }
    let mut found = Vec::new();
    for kind in item.values(Field::Kind) {
        match text(&kind.value).as_deref() {
            Some("ingress") => found.push((Direction::In, kind.when)),
            Some("egress") => found.push((Direction::Out, kind.when)),
            Some(_) => {}
            None => {
                let guard = When::guard(open(format!("{} is ingress", super::item::unknown_words(&kind.value))));
                found.extend(kind.when.and(&guard).map(|when| (Direction::In, when)));
            }
        }
    }
    found
}
