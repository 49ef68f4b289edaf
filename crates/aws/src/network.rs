//! Which traffic a security group rule or network ACL entry lets through.
//!
//! Sources: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html> (protocols, ports),
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html> (order of evaluation).

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use terravet_graph::{Data, ResourceId, Truth, Value};

use terravet_model::{Fact, FactContext, FactDef, Model, NoChoices, Pass, Subject, View};
use terravet_schema::{AttributeType, Literal, Need, NeedType};

use crate::arguments::PORT;

/// What says which traffic a rule or entry speaks of.
const TRAFFIC: &[Need] = &[
    Need::of("protocol", NeedType::String),
    Need::of("from_port", NeedType::Number),
    Need::of("to_port", NeedType::Number),
];

/// What says which traffic an entry of a network ACL decides on, and in which order.
const ORDER: &[Need] = &[
    Need::of("protocol", NeedType::String),
    Need::of("from_port", NeedType::Number),
    Need::of("to_port", NeedType::Number),
    Need::of("sources", NeedType::Strings),
    Need::of("rule_number", NeedType::Number),
    Need::of("action", NeedType::String),
    Need::of("egress", NeedType::Bool),
    Need::or_not("acl", NeedType::Subjects("aws.vpc.network_acl")),
];

/// The facts of this module.
pub(crate) const FACTS: &[FactDef] = &[
    FactDef {
        name: "open_to_world",
        needs: &[
            Need::of("sources", NeedType::Strings),
            Need::or_not("prefix_lists", NeedType::Subjects("aws.ec2.prefix_list")),
        ],
        arguments: &[],
        result: AttributeType::Bool,
        doc: "a source is every address: 0.0.0.0/0, ::/0 or a prefix list that holds one",
        run: open_to_world,
    },
    FactDef {
        name: "all_protocols",
        needs: &[Need::of("protocol", NeedType::String)],
        arguments: &[],
        result: AttributeType::Bool,
        doc: "the protocol is -1 or all, so that ports do not matter",
        run: all_protocols,
    },
    FactDef {
        name: "allows_port",
        needs: TRAFFIC,
        arguments: PORT,
        result: AttributeType::Bool,
        doc: "traffic of the protocol (tcp or udp) to the port passes",
        run: allows_port,
    },
    FactDef {
        name: "allows_every_port",
        needs: TRAFFIC,
        arguments: &[],
        result: AttributeType::Bool,
        doc: "all protocols, or TCP or UDP on all ports",
        run: allows_every_port,
    },
    FactDef {
        name: "allows_sensitive_port",
        needs: TRAFFIC,
        arguments: &[],
        result: AttributeType::Bool,
        doc: "a port of the table of sensitive ports passes",
        run: allows_sensitive_port,
    },
    FactDef {
        name: "sensitive_ports",
        needs: TRAFFIC,
        arguments: &[],
        result: AttributeType::Strings,
        doc: "the sensitive ports that pass, as text",
        run: sensitive_ports,
    },
    FactDef {
        name: "port_range",
        needs: TRAFFIC,
        arguments: &[],
        result: AttributeType::String,
        doc: "the ports that pass, in words: `port 22`, `ports 20 to 21`",
        run: port_range,
    },
    FactDef {
        name: "allows_unlisted_port",
        needs: TRAFFIC,
        arguments: &[],
        result: AttributeType::Bool,
        doc: "a port other than 80, 443 and the sensitive ones passes",
        run: allows_unlisted_port,
    },
    FactDef {
        name: "allowed_in_order",
        needs: ORDER,
        arguments: PORT,
        result: AttributeType::Bool,
        doc: "no lower-numbered entry of the ACL denies the protocol and port first",
        run: allowed_in_order,
    },
];

/// Ports that databases, caches, consoles and administration listen on, over TCP. Those with a rule of their own (22, 445,
/// 2383, 3389) are not here.
const SENSITIVE_TCP: &[u16] = &[
    20, 21, 23, 25, 110, 115, 135, 137, 138, 139, 143, 161, 389, 636, 1433, 1434, 1521, 1522, 2049, 2375, 2376, 2379,
    2382, 2483, 2484, 3000, 3020, 3306, 4333, 4505, 4506, 5000, 5432, 5500, 5601, 5900, 5985, 5986, 6379, 7000, 7001,
    7199, 8000, 8020, 8080, 8088, 8140, 8888, 9000, 9042, 9090, 9160, 9200, 9300, 10250, 11211, 11214, 11215, 27017,
    27018, 50070, 50470, 61620, 61621,
];
/// The same over UDP.
const SENSITIVE_UDP: &[u16] = &[137, 138, 139, 161, 389, 1434, 2049, 2483, 2484, 5432, 11211, 11214, 11215];
/// Ports that may be open to the world without a word, or that a rule of their own speaks about.
const LISTED: &[u16] = &[22, 80, 443, 445, 2383, 3389];

/// A protocol, as far as rules tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    All,
    Tcp,
    Udp,
    Other,
}

impl Protocol {
    fn read(text: &str) -> Self {
        match text.trim().to_ascii_lowercase().as_str() {
            "-1" | "all" => Self::All,
            "6" | "tcp" => Self::Tcp,
            "17" | "udp" => Self::Udp,
            _ => Self::Other,
        }
    }
}

/// An address range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cidr {
    V4(u32, u8),
    V6(u128, u8),
}

impl Cidr {
    /// Reads `address/length`, in any spelling of the address; an address alone is a range of one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.trim().split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u8>().ok()?)),
            None => (text.trim(), None),
        };
        if let Ok(v4) = address.parse::<Ipv4Addr>() {
            let length = length.unwrap_or(32);
            return (length <= 32).then(|| Self::V4(u32::from(v4), length));
        }
        let v6 = address.parse::<Ipv6Addr>().ok()?;
        let length = length.unwrap_or(128);
        (length <= 128).then(|| Self::V6(u128::from(v6), length))
    }

    /// Whether it is every address of its family.
    pub(crate) fn is_world(self) -> bool {
        matches!(self, Self::V4(_, 0) | Self::V6(_, 0))
    }

    /// Whether every address of `other` is in it.
    fn contains(self, other: Self) -> bool {
        match (self, other) {
            (Self::V4(a, a_length), Self::V4(b, b_length)) => {
                a_length <= b_length && (a_length == 0 || a >> (32 - a_length) == b >> (32 - a_length))
            }
            (Self::V6(a, a_length), Self::V6(b, b_length)) => {
                a_length <= b_length && (a_length == 0 || a >> (128 - a_length) == b >> (128 - a_length))
            }
            _ => false,
        }
    }
}

fn open_to_world(context: FactContext<'_>) -> Fact {
    let mut sources = context.value("sources").elements();
    let (lists, complete) = context.subjects("prefix_lists");
    if let Some(kind) = context.view.model.schema.kind("aws.ec2.prefix_list") {
        for list in &lists {
            sources.extend(context.of(list, kind).value("cidrs").elements());
        }
    }
    let (mut open, mut unknown) = (Vec::new(), Vec::new());
    for source in sources {
        match source.as_str() {
            Some(text) if Cidr::parse(text).is_some_and(Cidr::is_world) => open.push(source),
            Some(_) => {}
            None if source.is_unknown() => unknown.push(source),
            None => {}
        }
    }
    if !open.is_empty() {
        Fact::truth(Truth::True, open)
    } else if !unknown.is_empty() || !complete {
        Fact::truth(Truth::Unknown, unknown)
    } else {
        Fact::truth(Truth::False, vec![context.value("sources")])
    }
}

/// The traffic that one rule speaks of.
struct Traffic {
    protocol_value: Value,
    protocol: Option<Protocol>,
    from_value: Value,
    to_value: Value,
}

/// The ports of a rule: none at all, some, or not known.
enum Ports {
    None,
    Range(i64, i64),
    Unknown,
}

impl Traffic {
    fn of(context: &FactContext<'_>) -> Self {
        let protocol_value = context.value("protocol");
        let protocol = match protocol_value.as_str() {
            Some(text) => Some(Protocol::read(text)),
            None if protocol_value.is_unknown() => None,
            None => Some(Protocol::Other),
        };
        Self { protocol_value, protocol, from_value: context.value("from_port"), to_value: context.value("to_port") }
    }

    fn ports(&self) -> Ports {
        let bound = |value: &Value| value.as_number().and_then(terravet_graph::Number::to_i64);
        match (bound(&self.from_value), bound(&self.to_value)) {
            (Some(from), Some(to)) => Ports::Range(from, to),
            // One end alone: providers refuse it, so it says nothing.
            _ if self.from_value.is_unknown() || self.to_value.is_unknown() => Ports::Unknown,
            _ => Ports::None,
        }
    }

    fn evidence(&self) -> Vec<Value> {
        if self.protocol == Some(Protocol::All) {
            return vec![self.protocol_value.clone()];
        }
        vec![self.from_value.clone(), self.to_value.clone()]
    }

    /// Whether a port of a protocol for which `wanted` holds passes.
    fn allows(&self, tcp: impl Fn(i64, i64) -> bool, udp: impl Fn(i64, i64) -> bool) -> Truth {
        let over = |protocol: Protocol| match self.ports() {
            Ports::None => Truth::False,
            Ports::Unknown => Truth::Unknown,
            Ports::Range(from, to) => match protocol {
                Protocol::Tcp => tcp(from, to).into(),
                Protocol::Udp => udp(from, to).into(),
                Protocol::All | Protocol::Other => Truth::False,
            },
        };
        match self.protocol {
            Some(Protocol::All) => Truth::True,
            Some(protocol) => over(protocol),
            None => Truth::Unknown,
        }
    }
}

fn all_protocols(context: FactContext<'_>) -> Fact {
    let traffic = Traffic::of(&context);
    let truth = traffic.protocol.map_or(Truth::Unknown, |protocol| (protocol == Protocol::All).into());
    Fact::truth(truth, vec![traffic.protocol_value])
}

fn wanted(arguments: &[Literal]) -> Option<(Protocol, i64)> {
    let protocol = arguments.first()?.as_str().map(Protocol::read)?;
    let Literal::Number(port) = arguments.get(1)? else { return None };
    Some((protocol, port.to_i64()?))
}

fn allows_port(context: FactContext<'_>) -> Fact {
    let Some((protocol, port)) = wanted(context.arguments) else {
        return Fact::unknown("allows_port takes a protocol and a port");
    };
    let holds = |wanted: Protocol| move |from: i64, to: i64| protocol == wanted && (from..=to).contains(&port);
    let traffic = Traffic::of(&context);
    Fact::truth(traffic.allows(holds(Protocol::Tcp), holds(Protocol::Udp)), traffic.evidence())
}

fn allows_every_port(context: FactContext<'_>) -> Fact {
    let every = |from: i64, to: i64| (0..=1).contains(&from) && to >= 65_535;
    let traffic = Traffic::of(&context);
    Fact::truth(traffic.allows(every, every), traffic.evidence())
}

fn holds_any(table: &[u16]) -> impl Fn(i64, i64) -> bool + '_ {
    |from, to| table.iter().any(|port| (from..=to).contains(&i64::from(*port)))
}

fn allows_sensitive_port(context: FactContext<'_>) -> Fact {
    let traffic = Traffic::of(&context);
    let truth = traffic.allows(holds_any(SENSITIVE_TCP), holds_any(SENSITIVE_UDP));
    Fact::truth(truth, traffic.evidence())
}

fn sensitive_ports(context: FactContext<'_>) -> Fact {
    let traffic = Traffic::of(&context);
    let (Some(protocol), Ports::Range(from, to)) = (traffic.protocol, traffic.ports()) else {
        return Fact::unknown("the ports are not known");
    };
    let table = if protocol == Protocol::Udp { SENSITIVE_UDP } else { SENSITIVE_TCP };
    let open = table.iter().filter(|port| (from..=to).contains(&i64::from(**port)));
    Fact { value: Value::tuple(open.map(|port| Value::string(port.to_string()))), evidence: traffic.evidence() }
}

fn port_range(context: FactContext<'_>) -> Fact {
    let traffic = Traffic::of(&context);
    let words = match traffic.ports() {
        Ports::Range(from, to) if from == to => format!("port {from}"),
        Ports::Range(from, to) => format!("ports {from} to {to}"),
        _ => return Fact::unknown("the ports are not known"),
    };
    Fact { value: Value::string(words), evidence: traffic.evidence() }
}

fn allows_unlisted_port(context: FactContext<'_>) -> Fact {
    let unlisted = |table: &'static [u16]| {
        move |from: i64, to: i64| {
            let listed = |port: i64| table.iter().chain(LISTED).any(|known| i64::from(*known) == port);
            (from.max(0)..=to.min(65_535)).any(|port| !listed(port))
        }
    };
    let traffic = Traffic::of(&context);
    let truth = traffic.allows(unlisted(SENSITIVE_TCP), unlisted(SENSITIVE_UDP));
    Fact::truth(truth, traffic.evidence())
}

/// What tells network ACLs apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Acl {
    /// One of this unit.
    Resource(ResourceId),
    /// One elsewhere, by its id.
    Elsewhere(Arc<str>),
}

/// The kind of the entries of network ACLs.
const ENTRY: &str = "aws.vpc.network_acl_entry";

/// The entries of each network ACL, by their place among the subjects; none where it cannot be told of one to which it
/// belongs.
struct AclEntries(Option<BTreeMap<Acl, Vec<usize>>>);

impl Pass for AclEntries {
    fn compute(model: &Model<'_>) -> Self {
        let Some(kind) = model.schema.kind(ENTRY) else { return Self(None) };
        let choices = NoChoices;
        let view = View::new(model, &choices);
        let mut by_acl: BTreeMap<Acl, Vec<usize>> = BTreeMap::new();
        for (at, subject) in model.subjects(kind).iter().enumerate() {
            let context = FactContext { view: &view, subject, kind, fact: "", arguments: &[] };
            let Some(acl) = acl_of(&context) else { return Self(None) };
            by_acl.entry(acl).or_default().push(at);
        }
        Self(Some(by_acl))
    }
}

/// The network ACL of an entry; none where it cannot be told.
fn acl_of(context: &FactContext<'_>) -> Option<Acl> {
    let (acls, complete) = context.subjects("acl");
    match (acls.first(), &context.value("acl").data) {
        (Some(acl), _) => Some(Acl::Resource(acl.resource)),
        (None, Data::String(id)) => Some(Acl::Elsewhere(Arc::clone(id))),
        (None, _) => complete.then_some(Acl::Resource(context.subject.resource)),
    }
}

/// The other entries of the same network ACL, in either way of writing them; none where a link cannot be followed.
fn siblings<'a>(context: &FactContext<'a>) -> Option<Vec<&'a Subject>> {
    let model = context.view.model;
    let entries = model.subjects(context.kind);
    let by_acl = model.pass::<AclEntries>();
    let same = by_acl.0.as_ref()?.get(&acl_of(context)?);
    let others = same.into_iter().flatten().filter_map(|at| entries.get(*at));
    Some(others.filter(|entry| !entry.is(context.subject)).collect())
}

fn allowed_in_order(context: FactContext<'_>) -> Fact {
    let Some((protocol, port)) = wanted(context.arguments) else {
        return Fact::unknown("allowed_in_order takes a protocol and a port");
    };
    let number = |value: Value| value.as_number().and_then(terravet_graph::Number::to_i64);
    let Some(entries) = siblings(&context) else { return Fact::unknown("the entries of the ACL are not all known") };
    let ranges = |context: &FactContext<'_>| {
        let sources = context.value("sources").elements();
        sources.iter().map(|source| source.as_str().and_then(Cidr::parse)).collect::<Option<Vec<_>>>()
    };
    let (Some(own_number), Some(own_ranges)) = (number(context.value("rule_number")), ranges(&context)) else {
        return Fact::truth(Truth::Unknown, vec![context.value("rule_number")]);
    };
    let holds = |wanted: Protocol| move |from: i64, to: i64| protocol == wanted && (from..=to).contains(&port);
    let mut truth = Truth::True;
    for entry in entries {
        let entry = context.of(entry, context.kind);
        let denies = entry.value("action");
        let same_direction = entry.value("egress").as_bool() == context.value("egress").as_bool();
        let Some(deny) = denies.as_str().map(|action| action.eq_ignore_ascii_case("deny")) else { continue };
        if !deny || !same_direction {
            continue;
        }
        let earlier = number(entry.value("rule_number")).map(|number| number < own_number);
        let covers =
            ranges(&entry).map(|ranges| own_ranges.iter().all(|own| ranges.iter().any(|range| range.contains(*own))));
        let traffic = Traffic::of(&entry).allows(holds(Protocol::Tcp), holds(Protocol::Udp));
        let known = |fact: Option<bool>| fact.map_or(Truth::Unknown, Truth::from);
        truth = truth.and(!known(earlier).and(known(covers)).and(traffic));
    }
    Fact::truth(truth, vec![context.value("rule_number")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_has_many_spellings() {
        let world = |text: &str| Cidr::parse(text).map(Cidr::is_world);
        assert_eq!(world("0.0.0.0/0"), Some(true));
        assert_eq!(world("::/0"), Some(true));
        assert_eq!(world("0:0:0:0:0:0:0:0/0"), Some(true));
        assert_eq!(world("1.2.3.4/0"), Some(true));
        assert_eq!(world("0.0.0.0"), Some(false));
        assert_eq!(world("10.0.0.0/8"), Some(false));
        assert_eq!(world("any"), None);
    }

    #[test]
    fn ranges_contain_each_other() {
        let cidr = |text: &str| Cidr::parse(text).unwrap();
        assert!(cidr("0.0.0.0/0").contains(cidr("10.0.0.0/8")));
        assert!(!cidr("10.0.0.0/8").contains(cidr("0.0.0.0/0")));
        assert!(!cidr("0.0.0.0/0").contains(cidr("::/0")));
    }
}
