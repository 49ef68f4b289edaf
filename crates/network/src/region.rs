//! Sets of pairs of an address and traffic: what passes a filter.
//!
//! In: boxes (all pairs of some addresses with some traffic). Out: [`Region`], and how much of a set of addresses it covers
//! for which traffic, [`Graded`].
//!
//! Exact, up to a limit: of more than [`MAX_BOXES`] boxes the rest counts as partly covered, which makes answers *maybe*.

use crate::address::Addresses;
use crate::traffic::Traffic;

/// The most boxes of a region. AWS allows 40 entries in a network ACL and 1,000 rules for an interface.
const MAX_BOXES: usize = 4_096;

/// A set of pairs of an address and traffic.
#[derive(Clone, Debug, Default)]
pub(crate) struct Region {
    boxes: Vec<(Addresses, Traffic)>,
    /// Whether boxes were left out because there were too many.
    cut: bool,
}

/// For which traffic a region covers a set of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Graded {
    /// For every address of the set.
    pub(crate) full: Traffic,
    /// For at least one address of the set, but not every one.
    pub(crate) partial: Traffic,
}

impl Graded {
    /// Where both must let it pass.
    #[must_use]
    pub(crate) fn and(&self, other: &Self) -> Self {
        let full = self.full.intersection(&other.full);
        let any = self.any().intersection(&other.any());
        Self { partial: any.difference(&full), full }
    }

    /// For at least one address.
    #[must_use]
    pub(crate) fn any(&self) -> Traffic {
        self.full.union(&self.partial)
    }

    /// For no address.
    #[must_use]
    pub(crate) fn is_none(&self) -> bool {
        self.full.is_empty() && self.partial.is_empty()
    }
}

impl Region {
    /// Nothing.
    #[must_use]
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// These addresses with this traffic.
    #[must_use]
    pub(crate) fn of(addresses: Addresses, traffic: Traffic) -> Self {
        let mut region = Self::none();
        region.add(addresses, traffic);
        region
    }

    /// Adds a box.
    pub(crate) fn add(&mut self, addresses: Addresses, traffic: Traffic) {
        if addresses.is_empty() || traffic.is_empty() {
            return;
        }
        if let Some((known, _)) = self.boxes.iter_mut().find(|(_, same)| *same == traffic) {
            *known = known.union(&addresses);
        } else if let Some((_, known)) = self.boxes.iter_mut().find(|(same, _)| *same == addresses) {
            *known = known.union(&traffic);
        } else if self.boxes.len() < MAX_BOXES {
            self.boxes.push((addresses, traffic));
        } else {
            self.cut = true;
        }
    }

    /// Whether it is empty.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.boxes.is_empty()
    }

    /// The boxes, which may overlap.
    #[must_use]
    pub(crate) fn boxes(&self) -> &[(Addresses, Traffic)] {
        &self.boxes
    }

    /// What is in both.
    #[must_use]
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        let mut common = Self { boxes: Vec::new(), cut: self.cut || other.cut };
        for (addresses, traffic) in &self.boxes {
            for (others, of) in &other.boxes {
                let both = traffic.intersection(of);
                if !both.is_empty() {
                    common.add(addresses.intersection(others), both);
                }
            }
        }
        common
    }

    /// The part in a box.
    #[must_use]
    pub(crate) fn within(&self, addresses: &Addresses, traffic: &Traffic) -> Self {
        let mut part = Self { boxes: Vec::new(), cut: self.cut };
        for (own, of) in &self.boxes {
            let both = of.intersection(traffic);
            if !both.is_empty() {
                part.add(own.intersection(addresses), both);
            }
        }
        part
    }

    /// What is not in the box.
    #[must_use]
    pub(crate) fn without(&self, addresses: &Addresses, traffic: &Traffic) -> Self {
        let mut rest = Self { boxes: Vec::new(), cut: self.cut };
        for (own, of) in &self.boxes {
            if !own.intersects(addresses) || !of.intersects(traffic) {
                rest.add(own.clone(), of.clone());
                continue;
            }
            rest.add(own.difference(addresses), of.clone());
            rest.add(own.intersection(addresses), of.difference(traffic));
        }
        rest
    }

    /// The addresses that have at least some of the traffic.
    #[must_use]
    pub(crate) fn addresses_of(&self, traffic: &Traffic) -> Addresses {
        let having = self.boxes.iter().filter(|(_, of)| of.intersects(traffic));
        having.fold(Addresses::empty(), |all, (addresses, _)| all.union(addresses))
    }

    /// All traffic of all addresses.
    #[must_use]
    pub(crate) fn traffic(&self) -> Traffic {
        self.boxes.iter().fold(Traffic::none(), |all, (_, traffic)| all.union(traffic))
    }

    /// How much of `base` it covers, for which traffic. With `anybody`, a broad part of `base` counts as all of it.
    #[must_use]
    pub(crate) fn grade(&self, base: &Addresses, anybody: bool) -> Graded {
        let covered = |addresses: &Addresses| addresses.covers(base) || (anybody && addresses.is_broad());
        let mut graded = Graded::default();
        let within: Vec<(Addresses, &Traffic)> = self
            .boxes
            .iter()
            .map(|(addresses, traffic)| (addresses.intersection(base), traffic))
            .filter(|(addresses, _)| !addresses.is_empty())
            .collect();
        let mut open: Vec<&(Addresses, &Traffic)> = Vec::new();
        for piece in &within {
            // Most boxes decide alone.
            if covered(&piece.0) {
                graded.full = graded.full.union(piece.1);
            } else {
                open.push(piece);
            }
        }
        let mut borders: Vec<u32> = open
            .iter()
            .flat_map(|(_, traffic)| traffic.intervals())
            .flat_map(|(first, last)| [*first, last.saturating_add(1)])
            .collect();
        borders.sort_unstable();
        borders.dedup();
        for border in borders.windows(2) {
            let class = Traffic::interval(border[0], border[1].saturating_sub(1));
            if graded.full.covers(&class) {
                continue;
            }
            let having = open.iter().filter(|(_, traffic)| traffic.intersects(&class));
            let addresses = having.fold(Addresses::empty(), |all, (addresses, _)| all.union(addresses));
            if covered(&addresses) {
                graded.full = graded.full.union(&class);
            } else if !addresses.is_empty() {
                graded.partial = graded.partial.union(&class);
            }
        }
        if self.cut {
            // What was left out may be anything.
            graded.partial = Traffic::all();
        }
        graded.partial = graded.partial.difference(&graded.full);
        graded
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Cidr;
    use crate::traffic::TCP;
    use proptest::prelude::*;

    fn net(text: &str) -> Addresses {
        Cidr::parse(text).unwrap().addresses()
    }

    #[test]
    fn halves_cover_together() {
        let mut region = Region::of(net("10.0.0.0/25"), Traffic::details(TCP, 1, 100));
        region.add(net("10.0.0.128/25"), Traffic::details(TCP, 50, 200));
        let graded = region.grade(&net("10.0.0.0/24"), false);
        assert_eq!(graded.full.to_string(), "tcp 50-100");
        assert_eq!(graded.partial.to_string(), "tcp 1-49, 101-200");
    }

    fn boxes() -> impl Strategy<Value = Vec<(u32, u32, u16, u16)>> {
        proptest::collection::vec((0_u32..40, 0_u32..40, 0_u16..40, 0_u16..40), 0..6)
    }

    fn region(boxes: &[(u32, u32, u16, u16)]) -> Region {
        let mut region = Region::none();
        for (a, b, p, q) in boxes {
            let v4 = crate::interval::IntervalSet::range(*a, *b);
            region.add(Addresses { v4, ..Addresses::empty() }, Traffic::details(TCP, *p, *q));
        }
        region
    }

    fn has(region: &Region, address: u32, port: u16) -> bool {
        region.boxes().iter().any(|(a, t)| a.v4.contains(address) && t.covers(&Traffic::tcp(port)))
    }

    proptest! {
        #[test]
        fn operations_are_those_of_sets(a in boxes(), b in boxes(), address in 0_u32..40, port in 0_u16..40) {
            let (x, y) = (region(&a), region(&b));
            let (in_x, in_y) = (has(&x, address, port), has(&y, address, port));
            prop_assert_eq!(has(&x.intersection(&y), address, port), in_x && in_y);
            let minus = y.boxes().iter().fold(x.clone(), |rest, (a, t)| rest.without(a, t));
            prop_assert_eq!(has(&minus, address, port), in_x && !in_y);
        }

        #[test]
        fn grades_agree_with_the_pairs(a in boxes(), port in 0_u16..40) {
            let base = Addresses { v4: crate::interval::IntervalSet::range(5, 9), ..Addresses::empty() };
            let x = region(&a);
            let hits = (5..=9).filter(|address| has(&x, *address, port)).count();
            let graded = x.grade(&base, false);
            prop_assert_eq!(graded.full.covers(&Traffic::tcp(port)), hits == 5);
            prop_assert_eq!(graded.partial.covers(&Traffic::tcp(port)), hits > 0 && hits < 5);
        }
    }
}
