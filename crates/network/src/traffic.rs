//! Exact sets of traffic: protocols with their ports, or types and codes of ICMP.
//!
//! In: protocols and ports as rules write them. Out: [`Traffic`], a set of pairs of a protocol number and a 16-bit detail,
//! which is the port (TCP, UDP) or the type and code (ICMP, ICMPv6); protocols without ports are whole or not at all.
//!
//! Sources, checked 2026-12-01: <https://www.iana.org/assignments/protocol-numbers/>,
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html>,
//! <https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports>.

use std::fmt;

use crate::interval::IntervalSet;

/// The number of ICMP.
pub const ICMP: u8 = 1;
/// The number of TCP.
pub const TCP: u8 = 6;
/// The number of UDP.
pub const UDP: u8 = 17;
/// The number of ICMP for IPv6.
pub const ICMPV6: u8 = 58;

/// The ports from which clients open connections: an answer goes to one of them.
const EPHEMERAL: (u16, u16) = (1024, u16::MAX);

/// Names of protocols that AWS takes beside numbers.
const NAMES: [(&str, u8); 8] =
    [("tcp", TCP), ("udp", UDP), ("icmp", ICMP), ("icmpv6", ICMPV6), ("igmp", 2), ("gre", 47), ("esp", 50), ("ah", 51)];

/// The protocols of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// Every one (`-1`, `all`).
    All,
    /// One, by number.
    Number(u8),
}

impl Protocol {
    /// Reads a name or a number; none where it is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if text == "-1" || text == "all" {
            return Some(Self::All);
        }
        let named = NAMES.iter().find(|(name, _)| *name == text).map(|(_, number)| *number);
        named.or_else(|| text.parse().ok()).map(Self::Number)
    }

    /// Whether rules give ports for it.
    #[must_use]
    pub fn has_ports(self) -> bool {
        matches!(self, Self::Number(TCP | UDP))
    }

    /// Whether rules give types and codes for it.
    #[must_use]
    pub fn is_icmp(self) -> bool {
        matches!(self, Self::Number(ICMP | ICMPV6))
    }
}

/// A set of traffic.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Traffic(IntervalSet<u32>);

/// The greatest pair.
const LAST: u32 = 0xff_ffff;

fn pair(protocol: u8, detail: u16) -> u32 {
    (u32::from(protocol) << 16) | u32::from(detail)
}

impl Traffic {
    /// None.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// All.
    #[must_use]
    pub fn all() -> Self {
        Self(IntervalSet::range(0, LAST))
    }

    /// All of a protocol.
    #[must_use]
    pub fn of(protocol: Protocol) -> Self {
        match protocol {
            Protocol::All => Self::all(),
            Protocol::Number(number) => Self::details(number, 0, u16::MAX),
        }
    }

    /// A protocol with a range of ports (or of types with codes).
    #[must_use]
    pub fn details(protocol: u8, first: u16, last: u16) -> Self {
        Self(if first <= last {
            IntervalSet::range(pair(protocol, first), pair(protocol, last))
        } else {
            IntervalSet::empty()
        })
    }

    /// One TCP port.
    #[must_use]
    pub fn tcp(port: u16) -> Self {
        Self::details(TCP, port, port)
    }

    /// ICMP of a type and a code; `-1` for any.
    #[must_use]
    pub fn icmp(protocol: u8, kind: i64, code: i64) -> Self {
        let Ok(kind) = u8::try_from(kind) else {
            return if kind == -1 { Self::of(Protocol::Number(protocol)) } else { Self::none() };
        };
        let base = u16::from(kind) << 8;
        match u8::try_from(code) {
            Ok(code) => Self::details(protocol, base | u16::from(code), base | u16::from(code)),
            Err(_) if code == -1 => Self::details(protocol, base, base | 0xff),
            Err(_) => Self::none(),
        }
    }

    /// The traffic that can answer any of this: for TCP and UDP to the ports that clients open connections from, else all
    /// of the same protocols.
    #[must_use]
    pub fn answers(&self) -> Self {
        let mut answers = Self::none();
        for number in self.protocols() {
            let ephemeral = Protocol::Number(number).has_ports();
            let (first, last) = if ephemeral { EPHEMERAL } else { (0, u16::MAX) };
            answers = answers.union(&Self::details(number, first, last));
        }
        answers
    }

    /// The numbers of the protocols that occur, in order.
    pub fn protocols(&self) -> impl Iterator<Item = u8> {
        let number = |value: u32| u8::try_from(value >> 16).unwrap_or(u8::MAX);
        let ranges: Vec<(u8, u8)> =
            self.0.intervals().iter().map(|(first, last)| (number(*first), number(*last))).collect();
        let set = IntervalSet::of(ranges);
        set.intervals().to_vec().into_iter().flat_map(|(first, last)| first..=last)
    }

    /// The part that is of one protocol.
    #[must_use]
    pub fn only(&self, protocol: u8) -> Self {
        self.intersection(&Self::of(Protocol::Number(protocol)))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0))
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0))
    }

    /// What is in it and not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0))
    }

    /// Whether they have anything in common.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        self.0.intersects(&other.0)
    }

    /// Whether all of the other is in it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.0.covers(&other.0)
    }

    /// The intervals of pairs; where one set begins or ends, what holds for traffic may change.
    pub(crate) fn intervals(&self) -> &[(u32, u32)] {
        self.0.intervals()
    }

    /// The pairs of an interval.
    pub(crate) fn interval(first: u32, last: u32) -> Self {
        Self(IntervalSet::range(first, last))
    }

    /// The ports, or types and codes, that occur of a protocol.
    #[must_use]
    pub fn of_protocol(&self, protocol: u8) -> IntervalSet<u16> {
        let low = |value: u32| u16::try_from(value & 0xffff).unwrap_or(u16::MAX);
        let part = self.only(protocol);
        IntervalSet::of(part.0.intervals().iter().map(|(first, last)| (low(*first), low(*last))))
    }

    /// The name of a protocol, or its number.
    #[must_use]
    pub fn protocol_name(number: u8) -> String {
        NAMES
            .iter()
            .find(|(_, known)| *known == number)
            .map_or_else(|| number.to_string(), |(name, _)| (*name).to_owned())
    }

    /// The ports of a protocol in words: `22`, `80, 8000-8080`, or `all`.
    #[must_use]
    pub fn ports(&self, protocol: u8) -> String {
        let set = self.of_protocol(protocol);
        if set.is_all() {
            return "all".to_owned();
        }
        let shown = |(first, last): &(u16, u16)| {
            if Protocol::Number(protocol).is_icmp() {
                let (kind, code) = (first >> 8, first & 0xff);
                return match last - first {
                    0 => format!("type {kind} code {code}"),
                    255 if code == 0 => format!("type {kind}"),
                    _ => format!("types {kind}-{}", last >> 8),
                };
            }
            if first == last { first.to_string() } else { format!("{first}-{last}") }
        };
        set.intervals().iter().map(shown).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Traffic {
    /// `tcp 22, 80; udp 53`, or `all traffic`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::all() {
            return f.write_str("all traffic");
        }
        let parts: Vec<String> = self
            .protocols()
            .map(|number| {
                let (name, ports) = (Self::protocol_name(number), self.ports(number));
                if ports == "all" { name } else { format!("{name} {ports}") }
            })
            .collect();
        f.write_str(&parts.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_read_by_name_and_number() {
        assert_eq!(Protocol::parse("-1"), Some(Protocol::All));
        assert_eq!(Protocol::parse("TCP"), Some(Protocol::Number(6)));
        assert_eq!(Protocol::parse("17"), Some(Protocol::Number(17)));
        assert_eq!(Protocol::parse("http"), None);
        assert_eq!(Protocol::parse("256"), None);
    }

    #[test]
    fn protocols_do_not_mix() {
        let ssh = Traffic::tcp(22);
        assert!(Traffic::all().covers(&ssh));
        assert!(!Traffic::of(Protocol::Number(UDP)).intersects(&ssh));
        assert!(Traffic::details(TCP, 20, 25).covers(&ssh));
        assert!(Traffic::details(TCP, 25, 20).is_empty());
        assert_eq!(ssh.union(&Traffic::details(UDP, 53, 53)).to_string(), "tcp 22; udp 53");
    }

    #[test]
    fn icmp_has_types_and_codes() {
        let all = Traffic::of(Protocol::Number(ICMP));
        assert_eq!(Traffic::icmp(ICMP, -1, -1), all);
        assert_eq!(Traffic::icmp(ICMP, 8, -1).to_string(), "icmp type 8");
        assert_eq!(Traffic::icmp(ICMP, 3, 4).to_string(), "icmp type 3 code 4");
        assert!(Traffic::icmp(ICMP, 8, -1).covers(&Traffic::icmp(ICMP, 8, 0)));
        assert!(Traffic::icmp(ICMP, 300, 0).is_empty());
    }

    #[test]
    fn answers_go_to_ephemeral_ports() {
        assert_eq!(Traffic::tcp(22).answers().to_string(), "tcp 1024-65535");
        assert_eq!(Traffic::of(Protocol::Number(ICMP)).answers().to_string(), "icmp");
    }

    #[test]
    fn the_protocols_of_everything_are_all() {
        assert_eq!(Traffic::all().protocols().count(), 256);
        assert_eq!(Traffic::all().to_string(), "all traffic");
    }
}
