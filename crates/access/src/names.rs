//! What things will be called: the ARNs and names of resources before they are there, accounts and regions.
//!
//! In: a graph. Out: [`Pattern`]s for the ARN and the attributes of a resource, and for any text in which they stand: the text
//! `"${aws_s3_bucket.data.arn}/*"` is `arn:aws:s3:::acme-data/*` where the bucket has that name. What only AWS knows is text that
//! equals itself. How ARNs are formed stands in `data/resources.toml`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_graph::{Content, Data, Graph, Language, Mode, Resource, ResourceId, Truth, Type, Unknown, Value, Why};
use terravet_policy::{Letters, Pattern, is_account_id, is_own_account};

use crate::table::{Entry, RESOURCES};

/// How deep names made of names are followed.
const MAX_DEPTH: usize = 8;
/// How many candidates of one text are looked at.
const MAX_WAYS: usize = 64;
/// What the region is called where it is not known.
const REGION: &str = "the region";

/// The account that something is in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Account {
    /// The one of this id.
    Id(Arc<str>),
    /// The one of this provider configuration, whose id is not known; the empty name is that of the default one.
    Of(Arc<str>),
}

impl Account {
    /// Whether two are the same.
    pub(crate) fn is(&self, other: &Self) -> Truth {
        match (self, other) {
            _ if self == other => Truth::True,
            (Self::Id(_), Self::Id(_)) => Truth::False,
            _ => Truth::Unknown,
        }
    }

    /// The text of its id.
    pub(crate) fn pattern(&self) -> Pattern {
        match self {
            Self::Id(id) => Pattern::new(id, Letters::Exact),
            Self::Of(provider) if provider.is_empty() => Pattern::fixed("the own account"),
            Self::Of(provider) => Pattern::fixed(format!("the account of {provider}")),
        }
    }
}

/// A text of a policy: all that it may be.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) ways: Vec<Pattern>,
    /// Why it is not wholly known.
    pub(crate) why: Option<Arc<str>>,
    /// Whether there is a policy variable in it.
    pub(crate) has_variable: bool,
    /// The text as it is written, where it is known.
    pub(crate) shown: Option<Arc<str>>,
}

/// The names of the resources of one graph.
pub(crate) struct Names<'g> {
    pub(crate) graph: &'g Graph,
    entries: Vec<Option<&'static Entry>>,
    accounts: BTreeMap<(Arc<str>, Arc<str>), Account>,
    arns: RefCell<BTreeMap<ResourceId, Option<Pattern>>>,
    depth: RefCell<usize>,
}

impl<'g> Names<'g> {
    pub(crate) fn new(graph: &'g Graph) -> Self {
        let entries = graph.resources.iter().map(|resource| match resource.mode {
            Mode::OpaqueModule => None,
            Mode::Managed | Mode::Data | Mode::Outlined => RESOURCES.entry(resource.language, &resource.native_type),
        });
        let accounts = graph.providers.iter().map(|provider| {
            let account = account_of_provider(&provider.attributes).map_or_else(
                || Account::Of(provider.name.split_once('.').map_or("", |(_, alias)| alias).into()),
                Account::Id,
            );
            ((Arc::clone(&provider.module), Arc::clone(&provider.name)), account)
        });
        Self {
            graph,
            entries: entries.collect(),
            accounts: accounts.collect(),
            arns: RefCell::default(),
            depth: RefCell::new(0),
        }
    }

    /// What is known of the type of a resource.
    pub(crate) fn entry(&self, id: ResourceId) -> Option<&'static Entry> {
        *self.entries.get(id.0 as usize)?
    }

    /// The account that a resource is in.
    pub(crate) fn account(&self, resource: &Resource) -> Account {
        let provider = self.graph.provider_of(resource);
        let known = provider
            .and_then(|provider| self.accounts.get(&(Arc::clone(&provider.module), Arc::clone(&provider.name))));
        known.cloned().unwrap_or_else(|| {
            // A provider that is not configured in the code may still be one of its own.
            let named = resource.meta.get("provider");
            let alias = named.as_str().and_then(|name| name.split_once('.')).map_or("", |(_, alias)| alias);
            Account::Of(alias.into())
        })
    }

    /// The account of the code as a whole: that of the provider without an alias.
    pub(crate) fn own_account(&self) -> Account {
        self.accounts.get(&("".into(), "aws".into())).cloned().unwrap_or(Account::Of("".into()))
    }

    fn region(&self, resource: &Resource) -> Option<Arc<str>> {
        let own = resource.attributes.get("region");
        let provider = self.graph.provider_of(resource);
        let known = own.as_str().map(Arc::from);
        known.or_else(|| provider?.attributes.get("region").as_str().map(Arc::from))
    }

    /// The ARN of a resource.
    pub(crate) fn arn(&self, id: ResourceId) -> Option<Pattern> {
        if let Some(known) = self.arns.borrow().get(&id) {
            return known.clone();
        }
        if *self.depth.borrow() > MAX_DEPTH {
            return None;
        }
        *self.depth.borrow_mut() += 1;
        let arn = self.entry(id).map(|entry| self.fill(id, entry, &entry.arn));
        *self.depth.borrow_mut() -= 1;
        self.arns.borrow_mut().insert(id, arn.clone());
        arn
    }

    /// What a resource answers when it is asked for an attribute; the empty name is the resource itself (`Ref`).
    pub(crate) fn attribute(&self, id: ResourceId, attribute: &str) -> Option<Pattern> {
        let entry = self.entry(id)?;
        let resource = self.graph.resource(id);
        let notation = entry.notation(resource.language)?;
        if let Some(template) = notation.attributes.get(attribute) {
            return Some(self.fill(id, entry, template));
        }
        let is_arn = match resource.language {
            Language::Terraform => attribute == "arn",
            Language::CloudFormation => attribute == "Arn",
        };
        if is_arn {
            return self.arn(id);
        }
        (notation.name.as_deref() == Some(attribute)).then(|| self.name(id)).flatten()
    }

    /// The name of a resource.
    pub(crate) fn name(&self, id: ResourceId) -> Option<Pattern> {
        let resource = self.graph.resource(id);
        let notation = self.entry(id)?.notation(resource.language)?;
        let attribute = notation.name.as_deref()?;
        let value = resource.attributes.get(attribute);
        let made_up = || Pattern::fixed(format!("{}.{attribute}", resource.address));
        if value.is_unset() {
            let prefix = resource.attributes.get(&format!("{attribute}_prefix"));
            return match prefix.as_str().filter(|_| resource.language == Language::Terraform) {
                Some(prefix) => Some(Pattern::new(prefix, Letters::Exact).then(made_up())),
                None => Some(made_up()),
            };
        }
        let text = value.as_str().map(|text| match &notation.strip {
            Some(strip) => text.strip_prefix(strip.as_str()).unwrap_or(text),
            None => text,
        });
        match text {
            Some(text) => Some(Pattern::new(text, Letters::Exact).without_variables().exact()),
            None => {
                let candidates = value.as_unknown().is_some_and(|unknown| !unknown.candidates.is_empty());
                if candidates { Some(made_up()) } else { self.pattern(&value, Letters::Exact, true) }
            }
        }
    }

    fn fill(&self, id: ResourceId, entry: &Entry, template: &str) -> Pattern {
        let resource = self.graph.resource(id);
        let mut pattern = Pattern::new("", Letters::Exact);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            pattern = pattern.then(Pattern::new(before, Letters::Exact));
            let (word, after) = after.split_once('}').unwrap_or((after, ""));
            rest = after;
            pattern = pattern.then(self.part(id, resource, entry, word));
        }
        pattern.then(Pattern::new(rest, Letters::Exact))
    }

    fn part(&self, id: ResourceId, resource: &Resource, entry: &Entry, word: &str) -> Pattern {
        let made_up = |what: &str| Pattern::fixed(format!("{}.{what}", resource.address));
        match word {
            "partition" => self.partition(self.region(resource).as_deref()),
            "region" => match self.region(resource) {
                Some(region) => Pattern::new(&region, Letters::Exact),
                None => Pattern::fixed(REGION),
            },
            "account" => self.account(resource).pattern(),
            "arn" => self.arn(id).unwrap_or_else(|| made_up("arn")),
            "name" => {
                let name = self.name(id).unwrap_or_else(|| made_up("name"));
                let slash = entry.rooted && name.literal_prefix().chars().next().is_some_and(|first| first != '/');
                if slash { Pattern::new("/", Letters::Exact).then(name) } else { name }
            }
            _ => match (word.strip_prefix('?'), word.parse::<u8>()) {
                (Some(what), _) => made_up(what),
                (None, Ok(count)) => Pattern::letters(format!("{} suffix", resource.address), count),
                (None, Err(_)) => self.attribute_part(resource, entry, word).unwrap_or_else(|| made_up(word)),
            },
        }
    }

    fn attribute_part(&self, resource: &Resource, entry: &Entry, word: &str) -> Option<Pattern> {
        let part = entry.parts.get(word)?;
        let value = resource.attributes.get(part.attribute(resource.language));
        if value.is_unset() {
            return Some(Pattern::new(&part.default, Letters::Exact));
        }
        self.pattern(&value, Letters::Exact, true)
    }

    fn partition(&self, region: Option<&str>) -> Pattern {
        // Regions tell their partition: https://docs.aws.amazon.com/general/latest/gr/rande.html
        let partition = match region {
            Some(region) if region.starts_with("cn-") => "aws-cn",
            Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        Pattern::new(partition, Letters::Exact)
    }

    /// The text of a value, of which candidates are ways that it may be.
    pub(crate) fn text(&self, value: &Value, letters: Letters) -> Text {
        let candidates = value.as_unknown().map(|unknown| unknown.candidates.as_slice()).unwrap_or_default();
        let ways: Vec<Pattern> = if candidates.is_empty() {
            self.pattern(value, letters, false).into_iter().collect()
        } else {
            let ways = candidates.iter().take(MAX_WAYS);
            ways.filter_map(|candidate| self.pattern(&candidate.value, letters, false)).collect()
        };
        let why = reason(value);
        let has_variable = ways.iter().any(Pattern::has_variable_of_the_caller);
        Text { ways, why, has_variable, shown: value.as_str().map(Arc::from) }
    }

    fn pattern(&self, value: &Value, letters: Letters, is_name: bool) -> Option<Pattern> {
        let made_of_pieces = matches!(value.content.as_deref(), Some(Content::Pieces(_)));
        // An input within a text is a part of a name; one that is the whole text may be anything.
        let input = is_name || made_of_pieces;
        Pattern::naming(value, letters, &|leaf| self.leaf(leaf, input))
    }

    /// What an unknown text will be.
    fn leaf(&self, value: &Value, input: bool) -> Option<Pattern> {
        let unknown = value.as_unknown()?;
        if is_own_account(value) {
            return Some(self.account_meant_by(unknown).pattern());
        }
        if let Some(ambient) = self.ambient(unknown) {
            return Some(ambient);
        }
        if let Some(reference) = &unknown.reference
            && let [one] = self.graph.resolve(reference)
            && let Some(pattern) = self.attribute(*one, &reference.attribute)
        {
            return Some(pattern);
        }
        match &unknown.why {
            Why::Input(name) if input && matches!(unknown.ty, Type::String | Type::Any | Type::Number) => {
                Some(Pattern::fixed(Arc::clone(name)))
            }
            _ => None,
        }
    }

    /// The account that an unknown id of the own account means: that of the provider which a data source is read by.
    fn account_meant_by(&self, unknown: &Unknown) -> Account {
        let Why::Data(address) = &unknown.why else { return self.own_account() };
        let data = self.graph.at(address).first().map(|id| self.graph.resource(*id));
        data.map_or_else(|| self.own_account(), |resource| self.account(resource))
    }

    /// Regions, partitions and what goes with them.
    fn ambient(&self, unknown: &Unknown) -> Option<Pattern> {
        let (data, attribute) = match (&unknown.why, &unknown.reference) {
            (Why::Input(name), _) if name.starts_with("AWS::") => (None, &**name),
            (Why::Data(address), Some(reference)) => {
                let data = self.graph.at(address).first().map(|id| self.graph.resource(*id))?;
                (Some(data), &*reference.attribute)
            }
            _ => return None,
        };
        let region = || match data {
            Some(resource) => self.region(resource),
            None => None,
        };
        let kind = data.map(|resource| &*resource.native_type);
        match (kind, attribute) {
            (None, "AWS::Region") | (Some("aws_region"), "name" | "id" | "region") => Some(match region() {
                Some(region) => Pattern::new(&region, Letters::Exact),
                None => Pattern::fixed(REGION),
            }),
            (None, "AWS::Partition") | (Some("aws_partition"), "partition" | "id") => {
                Some(self.partition(region().as_deref()))
            }
            (None, "AWS::URLSuffix") | (Some("aws_partition"), "dns_suffix") => {
                let china = region().is_some_and(|region| region.starts_with("cn-"));
                Some(Pattern::new(if china { "amazonaws.com.cn" } else { "amazonaws.com" }, Letters::Exact))
            }
            (None, name) => Some(Pattern::fixed(name)),
            _ => None,
        }
    }
}

/// Why a text is not wholly known.
pub(crate) fn reason(value: &Value) -> Option<Arc<str>> {
    let unknown = value.as_unknown()?;
    if let Some(Content::Pieces(pieces)) = value.content.as_deref() {
        return pieces.iter().find_map(reason).or_else(|| Some(words(unknown)));
    }
    if !unknown.candidates.is_empty() {
        let guard = unknown.candidates.iter().flat_map(|candidate| &candidate.when).next();
        return Some(guard.map_or_else(|| words(unknown), |guard| format!("it depends on {}", guard.choice).into()));
    }
    Some(words(unknown))
}

fn words(unknown: &Unknown) -> Arc<str> {
    match &unknown.reference {
        Some(reference) if unknown.why == Why::Computed => format!("{reference} is {}", unknown.why).into(),
        _ => unknown.why.to_string().into(),
    }
}

/// The id of the account that a provider works in: the only one that it allows, or that of the role that it assumes.
fn account_of_provider(attributes: &Value) -> Option<Arc<str>> {
    let allowed = attributes.get("allowed_account_ids");
    if let Some([only]) = allowed.as_items() {
        let id = match &only.data {
            Data::Number(number) => number.to_string(),
            _ => only.as_str()?.to_owned(),
        };
        return is_account_id(&id).then(|| id.into());
    }
    let assumed = attributes.get("assume_role").elements().first().map(|block| block.get("role_arn"))?;
    let id = assumed.as_str()?.split(':').nth(4)?.to_owned();
    is_account_id(&id).then(|| id.into())
}
