//! Exact sets of IPv4 and IPv6 addresses.
//!
//! In: address ranges as AWS takes them. Out: [`Addresses`] with the operations of sets, and the set of the addresses of
//! the internet.
//!
//! Sources, checked 2026-12-01: <https://www.iana.org/assignments/iana-ipv4-special-registry/>,
//! <https://www.iana.org/assignments/ipv6-unicast-address-assignments/>; for when a range counts as public
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html> ("The meaning of public").

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::interval::IntervalSet;

/// A version of the Internet Protocol. Each is addressed, routed and filtered by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// A range in the notation of CIDR: an address and the length of the prefix that all its addresses share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    version: Version,
    /// The first address.
    first: u128,
    length: u8,
}

impl Cidr {
    /// Reads `address/length`; bits after the prefix do not count, and an address alone is a range of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.trim().split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u8>().ok()?)),
            None => (text.trim(), None),
        };
        let (version, bits, number) = match address.parse::<Ipv4Addr>() {
            Ok(v4) => (Version::V4, 32, u128::from(u32::from(v4))),
            Err(_) => (Version::V6, 128, u128::from(address.parse::<Ipv6Addr>().ok()?)),
        };
        let length = length.unwrap_or(bits);
        let hosts = u32::from(bits.checked_sub(length)?);
        let first = number.checked_shr(hosts).and_then(|prefix| prefix.checked_shl(hosts)).unwrap_or(0);
        Some(Self { version, first, length })
    }

    /// Its version.
    #[must_use]
    pub fn version(self) -> Version {
        self.version
    }

    /// The length of the prefix.
    #[must_use]
    pub fn length(self) -> u8 {
        self.length
    }

    /// Its addresses.
    #[must_use]
    pub fn addresses(self) -> Addresses {
        let bits: u8 = if self.version == Version::V4 { 32 } else { 128 };
        let hosts = u32::from(bits - self.length);
        let last = self.first | 1_u128.checked_shl(hosts).map_or(u128::MAX, |size| size - 1);
        match self.version {
            Version::V4 => {
                let narrow = |number: u128| u32::try_from(number).unwrap_or(u32::MAX);
                Addresses { v4: IntervalSet::range(narrow(self.first), narrow(last)), v6: IntervalSet::empty() }
            }
            Version::V6 => Addresses { v4: IntervalSet::empty(), v6: IntervalSet::range(self.first, last) },
        }
    }
}

/// A set of addresses of both versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Addresses {
    /// The IPv4 addresses.
    pub v4: IntervalSet<u32>,
    /// The IPv6 addresses.
    pub v6: IntervalSet<u128>,
}

/// IPv4 ranges that are not addresses of hosts on the internet.
const SPECIAL_V4: [&str; 16] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "255.255.255.255/32",
];

/// IPv6 addresses of hosts on the internet, and the range in it that is for documentation.
const GLOBAL_V6: &str = "2000::/3";
const SPECIAL_V6: &str = "2001:db8::/32";

/// More addresses than these are anybody's: a range with a prefix shorter than 8 bits (IPv4) or 32 bits (IPv6).
const BROAD_V4: u64 = 1 << 24;
const BROAD_V6: u128 = 1 << 96;

impl Addresses {
    /// No address.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Every address of both versions.
    #[must_use]
    pub fn all() -> Self {
        Self { v4: IntervalSet::all(), v6: IntervalSet::all() }
    }

    /// Every address of a version.
    #[must_use]
    pub fn of_version(version: Version) -> Self {
        match version {
            Version::V4 => Self { v4: IntervalSet::all(), v6: IntervalSet::empty() },
            Version::V6 => Self { v4: IntervalSet::empty(), v6: IntervalSet::all() },
        }
    }

    /// The addresses of hosts on the internet.
    #[must_use]
    pub fn internet() -> Self {
        let set = |text: &str| Cidr::parse(text).map(Cidr::addresses).unwrap_or_default();
        let special = SPECIAL_V4.iter().map(|text| set(text)).fold(Self::empty(), |all, one| all.union(&one));
        let v6 = set(GLOBAL_V6).difference(&set(SPECIAL_V6)).v6;
        Self { v4: special.v4.complement(), v6 }
    }

    /// Only those of a version.
    #[must_use]
    pub fn only(&self, version: Version) -> Self {
        match version {
            Version::V4 => Self { v4: self.v4.clone(), v6: IntervalSet::empty() },
            Version::V6 => Self { v4: IntervalSet::empty(), v6: self.v6.clone() },
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Those in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self { v4: self.v4.union(&other.v4), v6: self.v6.union(&other.v6) }
    }

    /// Those in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { v4: self.v4.intersection(&other.v4), v6: self.v6.intersection(&other.v6) }
    }

    /// Those in it and not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self { v4: self.v4.difference(&other.v4), v6: self.v6.difference(&other.v6) }
    }

    /// Whether they have an address in common.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        self.v4.intersects(&other.v4) || self.v6.intersects(&other.v6)
    }

    /// Whether every address of the other is in it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.v4.covers(&other.v4) && self.v6.covers(&other.v6)
    }

    /// Whether it has so many addresses of a version that anybody can send from one of them: more than a range of AWS's
    /// definition of "not public" has.
    #[must_use]
    pub fn is_broad(&self) -> bool {
        let v4 = self.v4.intervals().iter().map(|(first, last)| u64::from(last - first) + 1).sum::<u64>();
        let v6 = self.v6.intervals().iter().fold(0_u128, |sum, (first, last)| sum.saturating_add(last - first));
        v4 > BROAD_V4 || v6 > BROAD_V6
    }
}

impl fmt::Display for Addresses {
    /// As ranges in CIDR notation, in order.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v4 = self.v4.intervals().iter().flat_map(|(first, last)| blocks(u128::from(*first), u128::from(*last), 32));
        let v6 = self.v6.intervals().iter().flat_map(|(first, last)| blocks(*first, *last, 128));
        let v4 =
            v4.map(|(first, length)| format!("{}/{length}", Ipv4Addr::from(u32::try_from(first).unwrap_or(u32::MAX))));
        let v6 = v6.map(|(first, length)| format!("{}/{length}", Ipv6Addr::from(first)));
        let ranges: Vec<String> = v4.chain(v6).collect();
        f.write_str(&ranges.join(", "))
    }
}

/// The largest aligned blocks that make up the numbers from `first` to `last`, as first address and prefix length.
fn blocks(first: u128, last: u128, bits: u8) -> Vec<(u128, u8)> {
    let mut found = Vec::new();
    let mut from = first;
    loop {
        let mut length = bits;
        while length > 0 {
            let size = 1_u128.checked_shl(u32::from(bits - length + 1));
            let fits = size
                .map_or(from == 0 && last == u128::MAX, |size| from.is_multiple_of(size) && last - from >= size - 1);
            if !fits {
                break;
            }
            length -= 1;
        }
        found.push((from, length));
        let size = 1_u128.checked_shl(u32::from(bits - length));
        match size.and_then(|size| from.checked_add(size)) {
            Some(next) if next <= last => from = next,
            _ => return found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(text: &str) -> Addresses {
        text.split(", ")
            .map(|range| Cidr::parse(range).unwrap().addresses())
            .fold(Addresses::empty(), |a, b| a.union(&b))
    }

    #[test]
    fn ranges_are_read_in_every_spelling() {
        assert_eq!(set("1.2.3.4/0"), Addresses::of_version(Version::V4));
        assert_eq!(set("0:0:0:0:0:0:0:0/0"), Addresses::of_version(Version::V6));
        assert_eq!(set("10.0.0.7/24").to_string(), "10.0.0.0/24");
        assert_eq!(set("2001:db8::1").to_string(), "2001:db8::1/128");
        for text in ["any", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", ""] {
            assert_eq!(Cidr::parse(text), None, "{text}");
        }
    }

    #[test]
    fn halves_are_the_whole() {
        assert_eq!(set("0.0.0.0/1").union(&set("128.0.0.0/1")), set("0.0.0.0/0"));
        assert_eq!(set("10.0.0.0/25, 10.0.0.128/25, 10.0.1.0/32").to_string(), "10.0.0.0/24, 10.0.1.0/32");
    }

    #[test]
    fn the_internet_has_no_private_addresses() {
        let internet = Addresses::internet();
        assert!(!internet.intersects(&set("10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fd00::/8")));
        assert!(internet.covers(&set("8.8.8.8, 2600::/16")));
        assert!(set("0.0.0.0/0").covers(&internet.only(Version::V4)));
    }

    #[test]
    fn a_range_is_broad_as_aws_counts() {
        assert!(!set("52.0.0.0/8").is_broad());
        assert!(set("52.0.0.0/7").is_broad());
        assert!(!set("2600::/32").is_broad());
        assert!(set("2600::/31").is_broad());
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(a in any::<(u32, u32)>(), b in any::<(u128, u128)>()) {
            let shown = Addresses {
                v4: IntervalSet::range(a.0.min(a.1), a.0.max(a.1)),
                v6: IntervalSet::range(b.0.min(b.1), b.0.max(b.1)),
            };
            prop_assert_eq!(set(&shown.to_string()), shown);
        }
    }
}
