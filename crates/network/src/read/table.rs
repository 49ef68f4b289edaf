//! `resources.toml`: which resources make up a network, and in which arguments what stands.
//!
//! In: the embedded text. Out: [`Table`], decoded once and only where a network is asked for. Nouns and fields are closed
//! enumerations, so that a misspelt one is an error of a test.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

/// What an entry of the table is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Noun {
    Vpc,
    VpcLookup,
    VpcRange,
    Subnet,
    SubnetLookup,
    InternetGateway,
    GatewayAttachment,
    EgressOnlyGateway,
    NatGateway,
    RouteTable,
    Route,
    RouteAssociation,
    MainAssociation,
    Acl,
    AclAssociation,
    AclEntry,
    Group,
    GroupRule,
    PrefixList,
    PrefixListEntry,
    PrefixListLookup,
    Peering,
    PeeringAcceptance,
    Transit,
    TransitAttachment,
    TransitTable,
    TransitAssociation,
    TransitPropagation,
    TransitRoute,
    TransitPrefixRoute,
    Instance,
    InlineInterface,
    Interface,
    InterfaceAttachment,
    GroupAttachment,
    ElasticIp,
    ElasticIpAssociation,
    Template,
    Fleet,
    FleetAttachment,
    Balancer,
    Listener,
    ListenerRule,
    TargetGroup,
    Target,
    Classic,
    ClassicListener,
    ClassicAttachment,
    SubnetGroup,
    Service,
    Whole,
    Function,
    FunctionAlias,
    FunctionUrl,
    TaskService,
    TaskTarget,
    Endpoint,
    Distribution,
    Origin,
    Api,
    VpcLink,
    Integration,
}

/// What stands in an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Field {
    Accepted,
    Acceptance,
    Acl,
    Action,
    AddressType,
    Addresses,
    Api,
    AssignsV6,
    Associates,
    Attachment,
    Balancer,
    Balancers,
    Blackhole,
    Cluster,
    DefaultOf,
    Egress,
    EgressOnlyGateway,
    Elsewhere,
    Endpoint,
    Engine,
    Fleet,
    FromPort,
    Function,
    Gateway,
    GeneratesV6,
    Group,
    GroupReferences,
    Groups,
    IcmpCode,
    IcmpType,
    Instance,
    Interface,
    Internal,
    IsDefault,
    KeepsEgress,
    Kind,
    Link,
    Listener,
    MainOf,
    MapsPublic,
    Name,
    NatGateway,
    Number,
    OutsidePeer,
    PartOf,
    Peer,
    Peering,
    Port,
    PrefixLists,
    Preserves,
    Private,
    Propagates,
    Protocol,
    Public,
    PublicEndpoint,
    PublicEndpointRanges,
    PublicMode,
    Ranges,
    RouteTables,
    Scheme,
    #[serde(rename = "self")]
    Itself,
    SubnetGroup,
    Subnets,
    Table,
    Target,
    TargetGroups,
    TargetPort,
    Template,
    ToPort,
    Transit,
    V6,
    Vpc,
}

/// Which way a rule or entry is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Direction {
    In,
    Out,
}

/// What is true of every resource of an entry.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Traits {
    /// The nested block that each is, where they are no resources.
    pub(super) at: Option<Vec<String>>,
    /// The way of rules that do not say it.
    pub(super) direction: Option<Direction>,
    /// What AWS calls it.
    pub(super) what: Option<String>,
    /// Whether whoever controls it can send packets from it.
    pub(super) acts: bool,
    /// Whether it is the default one of the account.
    pub(super) account_default: bool,
    /// Whether it has a public endpoint where it is in no VPC.
    pub(super) public_outside_vpc: bool,
    /// Whether it is public where it says neither that nor its subnets.
    pub(super) public_without_subnet_group: bool,
    /// Whether it is public where its subnet gives public addresses.
    pub(super) subnet_public: bool,
    /// What it listens for where no port is written: `tcp/443`.
    pub(super) listens: Vec<String>,
}

/// The keys of [`Traits`]; every other key is a field.
const TRAITS: [&str; 8] = [
    "direction",
    "what",
    "acts",
    "account_default",
    "public_outside_vpc",
    "public_without_subnet_group",
    "subnet_public",
    "listens",
];

/// A path to an argument, by its names. `^` in front starts from the resource of a nested block.
pub(super) type Path = Vec<String>;

/// One entry.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) noun: Noun,
    pub(super) traits: Traits,
    fields: BTreeMap<Field, Vec<Path>>,
}

impl Entry {
    /// The paths of a field; none where resources of this entry do not have it.
    pub(super) fn paths(&self, field: Field) -> &[Path] {
        self.fields.get(&field).map_or(&[], Vec::as_slice)
    }
}

/// The table.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) entries: Vec<Entry>,
    /// The entries of a native type; of a data source with `data.` in front.
    by_type: BTreeMap<String, Vec<usize>>,
    engine_ports: Vec<(String, u16)>,
}

impl Table {
    /// The table of this crate.
    pub(super) fn embedded() -> &'static Self {
        static TABLE: OnceLock<Table> = OnceLock::new();
        // A test reads it, so that it is never empty in a binary.
        TABLE.get_or_init(|| Self::read(include_str!("../../resources.toml")).unwrap_or_default())
    }

    /// The entries of a native type.
    pub(super) fn of_type(&self, native_type: &str) -> impl Iterator<Item = &Entry> {
        self.by_type.get(native_type).into_iter().flatten().filter_map(|at| self.entries.get(*at))
    }

    /// The port of a database engine where none is written.
    pub(super) fn engine_port(&self, engine: &str) -> Option<u16> {
        let known = self.engine_ports.iter().filter(|(name, _)| engine.starts_with(name.as_str()));
        known.max_by_key(|(name, _)| name.len()).map(|(_, port)| *port)
    }

    fn read(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            entry: Vec<toml::Table>,
            engine_ports: BTreeMap<String, u16>,
        }
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut table = Self { engine_ports: file.engine_ports.into_iter().collect(), ..Self::default() };
        for entry in file.entry {
            let (types, entry) = read_entry(entry)?;
            for native_type in types {
                table.by_type.entry(native_type).or_default().push(table.entries.len());
            }
            table.entries.push(entry);
        }
        Ok(table)
    }
}

/// The native types of an entry and the entry.
fn read_entry(mut entry: toml::Table) -> Result<(Vec<String>, Entry), String> {
    let take =
        |entry: &mut toml::Table, key: &str| entry.remove(key).ok_or_else(|| format!("an entry without `{key}`"));
    let noun = take(&mut entry, "noun")?.try_into::<Noun>().map_err(|error| error.to_string())?;
    let types = take(&mut entry, "types")?.try_into::<Vec<String>>().map_err(|error| error.to_string())?;
    let at = entry.remove("at").map(toml::Value::try_into::<String>).transpose().map_err(|error| error.to_string())?;
    let (traits, fields): (toml::Table, toml::Table) =
        entry.into_iter().partition(|(key, _)| TRAITS.contains(&key.as_str()));
    let mut traits: Traits = toml::Value::Table(traits).try_into().map_err(|error| error.to_string())?;
    traits.at = at.map(|path| segments(&path));
    let mut read = BTreeMap::new();
    for (key, paths) in fields {
        let field = toml::Value::String(key.clone()).try_into::<Field>().map_err(|error| error.to_string())?;
        let paths = paths.try_into::<Vec<String>>().map_err(|error| format!("{key}: {error}"))?;
        read.insert(field, paths.iter().map(|path| segments(path)).collect());
    }
    Ok((types, Entry { noun, traits, fields: read }))
}

/// The names of a path; a dot between brackets belongs to their text, and what is in brackets is a step of its own.
fn segments(path: &str) -> Path {
    let mut found = vec![String::new()];
    let mut in_brackets = false;
    for c in path.chars() {
        let starts_next = !in_brackets && matches!(c, '.' | '[');
        in_brackets = if in_brackets { c != ']' } else { c == '[' };
        if starts_next {
            found.push(String::new());
        }
        if let Some(last) = found.last_mut().filter(|_| !starts_next || c == '[') {
            last.push(c);
        }
    }
    found.retain(|segment| !segment.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        let table = Table::read(include_str!("../../resources.toml")).unwrap();
        let entry = table.of_type("aws_security_group").find(|entry| entry.noun == Noun::GroupRule).unwrap();
        assert_eq!(entry.traits.direction, Some(Direction::In));
        assert_eq!(entry.paths(Field::Ranges), [["cidr_blocks"], ["ipv6_cidr_blocks"]]);
        assert_eq!(entry.paths(Field::Vpc), Vec::<Path>::new().as_slice());
        let preserves = table.of_type("AWS::ElasticLoadBalancingV2::TargetGroup").next().unwrap();
        assert_eq!(
            preserves.paths(Field::Preserves)[0],
            ["TargetGroupAttributes", "[Key=preserve_client_ip.enabled]", "Value"]
        );
    }

    #[test]
    fn misspelt_names_are_errors() {
        let entry = |text: &str| Table::read(&format!("engine_ports = {{}}\n[[entry]]\n{text}"));
        assert!(entry("noun = 'vpc'\ntypes = []").is_ok());
        assert!(entry("noun = 'vpcc'\ntypes = []").is_err());
        assert!(entry("noun = 'vpc'\ntypes = []\nrangs = ['x']").is_err());
    }

    #[test]
    fn an_engine_is_found_by_the_longest_name() {
        let table = Table::embedded();
        assert_eq!(table.engine_port("aurora-postgresql"), Some(5432));
        assert_eq!(table.engine_port("sqlserver-ex"), Some(1433));
        assert_eq!(table.engine_port("exotic"), None);
    }
}
