//! Network ACLs, their entries, and which subnets have them.

use super::Builder;
use super::item::{Item, Link, number, text, unknown_words};
use super::table::{Direction, Field, Noun};
use super::vpcs::{SUBNETS, VPCS};
use crate::topology::{Acl, AclEntry, AclId};
use crate::traffic::{Protocol, Traffic};
use crate::when::{Choice, Either, When, open};

const ACLS: &[Noun] = &[Noun::Acl, Noun::Vpc];

impl<'g> Builder<'_, 'g> {
    /// ACLs, associations, entries.
    pub(super) fn acls(&mut self) {
        for item in self.of(Noun::Acl) {
            let acl = self.acl(&Link::To(item.id));
            for vpc in self.ids(item, Field::DefaultOf, VPCS, Self::vpc) {
                self.topology.vpcs[vpc.value.0].default_acl = acl;
            }
            self.associate(item, vec![Choice::always(acl)]);
        }
        for item in self.of(Noun::AclAssociation) {
            let acls = self.ids(item, Field::Acl, ACLS, Self::acl);
            self.associate(item, acls);
        }
        for item in self.of(Noun::AclEntry) {
            self.acl_entry(item);
        }
        for acl in &mut self.topology.acls {
            acl.ingress.sort_by_key(|entry| entry.number);
            acl.egress.sort_by_key(|entry| entry.number);
        }
    }

    fn associate(&mut self, item: &Item<'g>, acls: Vec<Choice<AclId>>) {
        for subnet in self.ids(item, Field::Subnets, SUBNETS, Self::subnet) {
            let Some(when) = subnet.when.and(&item.when) else { continue };
            let own: Vec<Choice<AclId>> = acls.iter().filter_map(|acl| acl.clone().and(&when)).collect();
            let known = &mut self.topology.subnets[subnet.value.0].acls;
            known.retain(|acl| self.topology.acls[acl.value.0].place.span.is_some());
            known.extend(own);
        }
    }

    fn acl(&mut self, link: &Link) -> AclId {
        if let Some(id) = self.acl_ids.get(link) {
            return *id;
        }
        if let Link::To(id) = link
            && self.items.is(*id, VPCS)
        {
            // An attribute of a VPC that is an ACL is its default one.
            let vpc = self.vpc(link);
            return self.topology.vpcs[vpc.0].default_acl;
        }
        let place = self.place_of_link(link);
        let entries = matches!(link, Link::Outside(_)).then(|| open(format!("{} allows it", place.address)));
        let id = AclId(self.topology.acls.len());
        self.topology.acls.push(Acl { place, ingress: Vec::new(), egress: Vec::new(), open: entries });
        self.acl_ids.insert(link.clone(), id);
        id
    }

    fn acl_entry(&mut self, item: &Item<'g>) {
        let acls = if item.has_field(Field::Acl) {
            self.ids(item, Field::Acl, ACLS, Self::acl)
        } else {
            vec![Choice::always(self.acl(&Link::To(item.id)))]
        };
        if item.unknown_block {
            for acl in acls {
                let words = format!("the entries of {} that are not known allow it", item.resource.address);
                self.topology.acls[acl.value.0].open = Some(open(words));
            }
            return;
        }
        let numbers = item.numbers(Field::Number);
        let ranges = self.ranges(item, Field::Ranges);
        let traffics = traffic(item);
        let is = |wanted: &'static str| {
            let holds = move |value: &_| text(value).is_some_and(|text| text.eq_ignore_ascii_case(wanted));
            item.either(Field::Action, false, &format!("is {wanted}"), holds)
        };
        let (allows, denies) = (is("allow"), is("deny"));
        for acl in acls {
            for (direction, way) in directions(item, Field::Egress) {
                for range in &ranges {
                    for traffic in &traffics {
                        let when = acl.when.and(&way).and_then(|when| when.and(&range.when));
                        let when = when.and_then(|when| when.and(&traffic.when)).and_then(|when| when.and(&item.when));
                        let Some(when) = when else { continue };
                        let entry = AclEntry {
                            place: item.place(),
                            // An entry whose number is not known comes first, where it matters most.
                            number: numbers.first().and_then(|number| number.value).unwrap_or(0),
                            allows: allows.clone(),
                            denies: denies.clone(),
                            addresses: range.value.addresses.clone(),
                            traffic: traffic.value.clone(),
                            when,
                        };
                        let acl = &mut self.topology.acls[acl.value.0];
                        match direction {
                            Direction::In => acl.ingress.push(entry),
                            Direction::Out => acl.egress.push(entry),
                        }
                    }
                }
            }
        }
    }
}

/// The directions of a rule or entry: that of its table entry, or what a field says, where yes is outbound.
fn directions(item: &Item<'_>, egress: Field) -> Vec<(Direction, When)> {
    if let Some(direction) = item.entry.traits.direction {
        return vec![(direction, When::always())];
    }
    let out = item.flag(egress, false);
    let inward = item.not_flag(egress, true);
    let ways = |direction: Direction, either: Either| {
        either.alternatives().iter().map(|when| (direction, when.clone())).collect::<Vec<_>>()
    };
    let mut found = ways(Direction::In, inward);
    found.extend(ways(Direction::Out, out));
    found
}

/// The traffic of a rule or entry, as its protocol, ports or types say.
pub(super) fn traffic(item: &Item<'_>) -> Vec<Choice<Traffic>> {
    let protocols = item.values(Field::Protocol);
    let bounds = (item.values(Field::FromPort), item.values(Field::ToPort));
    let icmp = (item.values(Field::IcmpType), item.values(Field::IcmpCode));
    let mut found = Vec::new();
    for protocol in protocols {
        let Some(read) = text(&protocol.value) else {
            let guard = open(format!("{} is the protocol", unknown_words(&protocol.value)));
            found.extend(Choice { value: Traffic::all(), when: protocol.when }.and(&When::guard(guard)));
            continue;
        };
        let Some(read) = Protocol::parse(&read) else { continue };
        let Protocol::Number(number_of) = read else {
            found.push(Choice { value: Traffic::all(), when: protocol.when });
            continue;
        };
        let (from, to) = if read.is_icmp() && (item.has_field(Field::IcmpType)) { &icmp } else { &bounds };
        if !read.has_ports() && !read.is_icmp() {
            found.push(Choice { value: Traffic::of(read), when: protocol.when });
            continue;
        }
        for (first, last, when) in pairs(from, to) {
            let Some(when) = protocol.when.and(&when) else { continue };
            let value = match (first, last) {
                _ if read.is_icmp() => Traffic::icmp(number_of, first.unwrap_or(-1), last.unwrap_or(-1)),
                // Rules that leave ports out, or write -1, mean all of them.
                (None | Some(-1), _) => Traffic::of(read),
                (Some(first), last) => {
                    let bound = |number: i64| u16::try_from(number).ok();
                    match (bound(first), bound(last.unwrap_or(first))) {
                        (Some(first), Some(last)) => Traffic::details(number_of, first, last),
                        _ => Traffic::none(),
                    }
                }
            };
            found.push(Choice { value, when });
        }
    }
    found
}

type Values = [Choice<terravet_graph::Value>];

/// The possible pairs of the bounds of a range; what is not known is every port, under a guard.
fn pairs(from: &Values, to: &Values) -> Vec<(Option<i64>, Option<i64>, When)> {
    let unset = || vec![(None, When::always())];
    let read = |values: &Values| -> Vec<(Option<i64>, When)> {
        if values.is_empty() {
            return unset();
        }
        let one = |choice: &Choice<terravet_graph::Value>| match number(&choice.value) {
            Some(number) => Some((Some(number), choice.when.clone())),
            None if choice.value.is_unknown() => {
                let guard = open(format!("{} covers the port", unknown_words(&choice.value)));
                Some((None, choice.when.and(&When::guard(guard))?))
            }
            None => None,
        };
        values.iter().filter_map(one).collect()
    };
    let (firsts, lasts) = (read(from), read(to));
    let mut found = Vec::new();
    for (first, first_when) in &firsts {
        for (last, last_when) in &lasts {
            let Some(when) = first_when.and(last_when) else { continue };
            // Where only one bound is known, the other may be any.
            let unknown_last = last.is_none() && !lasts.is_empty() && !last_when.is_always();
            let unknown_first = first.is_none() && !first_when.is_always();
            match (first, last) {
                (Some(first), None) if unknown_last => found.push((Some(*first), Some(i64::from(u16::MAX)), when)),
                (None, Some(last)) if unknown_first => found.push((Some(0), Some(*last), when)),
                _ => found.push((*first, *last, when)),
            }
        }
    }
    found
}
