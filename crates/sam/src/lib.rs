//! SAM: what the transform `AWS::Serverless-2016-10-31` makes of a template.
//!
//! In: the one form of a template whose loops are expanded, and what is known of its parameters and mappings. Out: the same without
//! `AWS::Serverless` resources: functions with their roles and permissions, APIs with their definitions, stages and
//! domains, and so on. Functions (`Fn::If`, `Ref`) stay as they are and are evaluated afterwards; everything that is made has
//! the place of the SAM source that it is made of, so that a finding points there.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html>. What
//! the specification leaves open (names of generated resources, order of policies) follows the official translator.
//!
//! The transform asks no service: applications of the Serverless Application Repository stay unknown.

mod api;
mod application;
mod authorizer;
mod capacity_provider;
mod connector;
mod deployment;
mod domain;
mod event_mapping;
mod event_push;
mod event_rules;
mod function;
mod function_api;
mod function_publish;
mod globals;
mod graphql;
mod graphql_parts;
mod graphql_shape;
mod http_api;
mod implicit;
mod layer;
mod made;
mod microvm_image;
mod network_connector;
mod open_api;
mod policies;
mod role;
mod schema;
mod shape;
mod state_machine;
mod state_machine_events;
mod swagger;
mod table;
mod tree;
mod usage_plan;
mod web_function;
mod web_socket;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha1::{Digest as _, Sha1};
use terravet_diagnostics::Diagnostic;
use terravet_graph::Value;
use terravet_source::Span;
use terravet_yaml::Node;

use made::{Made, Source};
use tree::{At, Field, Kind, Tree};

/// The name that a template asks for the transform by.
pub const TRANSFORM: &str = "AWS::Serverless-2016-10-31";
/// What the types of SAM begin with.
const PREFIX: &str = "AWS::Serverless::";
/// The page that says which properties there are.
const SPECIFICATION: &str =
    "see docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html";

/// The types that neither give to others nor look at them.
const OTHERS: &[&str] = &[
    "SimpleTable",
    "Application",
    "LayerVersion",
    "CapacityProvider",
    "MicrovmImage",
    "NetworkConnector",
    "WebFunction",
    "GraphQLApi",
];

/// The types of resources that the transform may make under a name that the template has for a resource of the same type.
const SHARED: [&str; 5] = [
    "AWS::ApiGateway::BasePathMapping",
    "AWS::ApiGateway::BasePathMappingV2",
    "AWS::ApiGateway::DomainName",
    "AWS::ApiGateway::DomainNameV2",
    "AWS::SNS::Topic",
];

/// Why something was not transformed.
#[derive(Debug)]
struct Refusal {
    span: Span,
    message: String,
    help: Option<String>,
}

impl Refusal {
    fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// What a step gives, unless it is refused.
type Outcome<T> = Result<T, Refusal>;

/// What is known of the values of a template before it is transformed.
pub trait Known {
    /// The value of a parameter, one of those of AWS included.
    fn parameter(&self, name: &str) -> Option<&Value>;

    /// The text that a node comes to, where parameters and mappings settle it.
    fn text(&self, node: &Node) -> Option<String>;
}

/// The resources of SAM in a template, by logical id, with their types.
pub fn types(root: &Node) -> impl Iterator<Item = (Arc<str>, Arc<str>)> {
    let resources = root.get("Resources").and_then(Node::as_mapping).unwrap_or_default().iter();
    resources.filter_map(|entry| {
        let ty = entry.value.get("Type")?.as_str().filter(|ty| ty.starts_with(PREFIX))?;
        Some((entry.key.as_str()?.into(), ty.into()))
    })
}

/// Transforms a template.
pub fn transform(root: &Node, known: &dyn Known, diagnostics: &mut Vec<Diagnostic>) -> Node {
    allow_null(root, diagnostics);
    let mut tree = Tree::from_node(root);
    let Some(Kind::Map(resources)) = tree.remove("Resources").map(|resources| resources.kind) else {
        return root.clone();
    };
    let span = root.get("Resources").map_or(root.span, |resources| resources.span);
    let mut places = BTreeMap::new();
    for (at, field) in resources.iter().enumerate() {
        places.entry(Arc::clone(&field.key)).or_insert(at);
    }
    let mut transform = Transform {
        known,
        resources,
        conditions: tree.remove("Conditions").unwrap_or_else(|| At(root.span).empty()),
        root: tree,
        made: BTreeMap::new(),
        made_places: BTreeMap::new(),
        places,
        checked: BTreeSet::new(),
        references: BTreeMap::new(),
        renamed: BTreeMap::new(),
        record_set_groups: BTreeMap::new(),
        deployments: deployment::Deployments::default(),
        shared_plan: usage_plan::SharedPlan::default(),
        told: BTreeSet::new(),
        diagnostics,
    };
    transform.run();
    transform.finish(span)
}

/// Takes back what was said about null within resources of SAM and their globals: a property that is null counts as not written.
fn allow_null(root: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let entries = root.get("Resources").and_then(Node::as_mapping).unwrap_or_default();
    let globals = root.get("Globals");
    let of_sam = |node: &Node| node.get("Type").and_then(Node::as_str).is_some_and(|ty| ty.starts_with(PREFIX));
    let mut spans: Vec<Span> = entries
        .iter()
        .map(|entry| &entry.value)
        .filter(|node| of_sam(node))
        .chain(globals)
        .map(|node| node.span)
        .collect();
    // They do not overlap.
    spans.sort_unstable();
    diagnostics.retain(|found| {
        let place = found.primary.span;
        &*found.id != "cloudformation-null" || {
            let before = spans.partition_point(|span| *span <= Span { end: u32::MAX, ..place });
            !before.checked_sub(1).is_some_and(|last| spans[last].contains(place))
        }
    });
}

/// The state of a transform.
struct Transform<'e> {
    known: &'e dyn Known,
    /// What else the template holds.
    root: Tree,
    /// The resources of the template, by logical id in the order of the source. APIs change while functions add to them.
    resources: Vec<Field>,
    conditions: Tree,
    /// What is made of each resource, by its place; what is made of all stands past the last.
    made: BTreeMap<usize, Vec<Made>>,
    /// Where what is made stands among `made`, by logical id.
    made_places: BTreeMap<String, (usize, usize)>,
    /// Where the first resource of each logical id stands among `resources`.
    places: BTreeMap<Arc<str>, usize>,
    /// The APIs whose definitions were checked as they are written. What is added later is in order.
    checked: BTreeSet<String>,
    /// What `Api.Stage` and the like refer to.
    references: BTreeMap<(String, &'static str), String>,
    /// Logical ids that end otherwise than they are written.
    renamed: BTreeMap<String, String>,
    record_set_groups: BTreeMap<String, Tree>,
    deployments: deployment::Deployments,
    shared_plan: usage_plan::SharedPlan,
    /// What was refused, to tell each once.
    told: BTreeSet<Diagnostic>,
    diagnostics: &'e mut Vec<Diagnostic>,
}

impl Transform<'_> {
    fn run(&mut self) {
        let steps: [fn(&mut Self) -> Outcome<()>; 4] =
            [Self::add_default_bodies, Self::add_implicit_rest_api, Self::add_implicit_http_api, Self::merge_globals];
        for step in steps {
            if let Err(refusal) = step(self) {
                self.refuse(refusal);
            }
        }
        self.embedded_connectors();
        // Functions and state machines add routes to APIs; connectors look at what all others have become.
        let passes: [&[&str]; 4] =
            [&["Function", "StateMachine"], &["Api", "HttpApi", "WebSocketApi"], OTHERS, &["Connector"]];
        for types in passes {
            for name in types {
                for at in 0..self.resources.len() {
                    if self.sam_type(at) == Some(name) {
                        self.resource(at, name);
                    }
                }
            }
        }
        self.finish_deployments();
        let groups = std::mem::take(&mut self.record_set_groups);
        self.finish_record_sets(groups);
    }

    /// The type of SAM that a resource has, without the prefix.
    fn sam_type(&self, at: usize) -> Option<&str> {
        self.resources.get(at)?.value.get("Type")?.as_str()?.strip_prefix(PREFIX)
    }

    fn resource(&mut self, at: usize, name: &str) {
        let outcome = Source::read(&self.resources[at]).and_then(|source| {
            let made = match name {
                "Function" => self.function(source)?,
                "StateMachine" => self.state_machine(source)?,
                "Api" => self.rest_api(source)?,
                "HttpApi" => self.http_api(source)?,
                "WebSocketApi" => self.web_socket_api(source)?,
                "SimpleTable" => Self::simple_table(&source)?,
                "Application" => self.application(&source)?,
                "LayerVersion" => self.layer_version(&source)?,
                "CapacityProvider" => self.capacity_provider(&source)?,
                "MicrovmImage" => self.microvm_image(&source)?,
                "NetworkConnector" => self.network_connector(&source)?,
                "WebFunction" => self.web_function(&source)?,
                "GraphQLApi" => self.graphql_api(&source)?,
                _ => self.connector(&source)?,
            };
            Ok(made)
        });
        match outcome {
            Ok(made) => self.emit(at, made),
            // It stays as it is written, so that what refers to it still finds it.
            Err(refusal) => self.refuse(refusal),
        }
    }

    fn refuse(&mut self, refusal: Refusal) {
        let help = refusal.help.unwrap_or_else(|| SPECIFICATION.to_owned());
        let diagnostic = Diagnostic::error("sam", refusal.span, refusal.message).with_help(help);
        if self.told.insert(diagnostic.clone()) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Adds what was made of a resource. What several resources make together (a shared usage plan) is kept once, as it was
    /// made last.
    fn emit(&mut self, at: usize, made: Vec<Made>) {
        let own = self.resources.get(at).map(|field| Arc::clone(&field.key));
        for made in made {
            self.refuse_taken(own.as_deref(), &made);
            match self.made_places.get(&made.id) {
                Some((owner, place)) => self.made.entry(*owner).or_default()[*place] = made,
                None => {
                    let own = self.made.entry(at).or_default();
                    self.made_places.insert(made.id.clone(), (at, own.len()));
                    own.push(made);
                }
            }
        }
        self.made.entry(at).or_default();
    }

    /// A generated logical id must not be one that the template uses for something else.
    fn refuse_taken(&mut self, own: Option<&str>, made: &Made) {
        let taken = self.place(&made.id).filter(|_| own != Some(&*made.id)).map(|at| &self.resources[at]);
        if let Some(taken) = taken
            && (!SHARED.contains(&made.ty) || taken.value.get("Type").and_then(Tree::as_str) != Some(made.ty))
        {
            let message = format!("the transform makes a resource {}, and the template has one of that name", made.id);
            self.refuse(Refusal::new(taken.key_span, message).with_help("rename the resource of the template"));
        }
    }

    /// The place past the last resource: for what is made of all.
    fn past_last(&self) -> usize {
        self.resources.len()
    }

    /// Everything made so far.
    fn all_made(&self) -> impl Iterator<Item = &Made> {
        self.made.values().flatten()
    }

    fn all_made_mut(&mut self) -> impl Iterator<Item = &mut Made> {
        self.made.values_mut().flatten()
    }

    fn refer(&mut self, id: &str, property: &'static str, to: &str) {
        self.references.insert((id.to_owned(), property), to.to_owned());
    }

    fn rename(&mut self, from: &str, to: &str) {
        self.renamed.insert(from.to_owned(), to.to_owned());
    }

    /// Adds a resource.
    fn add_resource(&mut self, field: Field) {
        self.places.entry(Arc::clone(&field.key)).or_insert(self.resources.len());
        self.resources.push(field);
    }

    /// Where a resource stands.
    fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    fn find(&self, id: &str) -> Option<&Tree> {
        self.place(id).map(|at| &self.resources[at].value)
    }

    fn find_mut(&mut self, id: &str) -> Option<&mut Tree> {
        self.place(id).map(|at| &mut self.resources[at].value)
    }

    /// A condition that the transform needs.
    fn add_condition(&mut self, name: &str, condition: Tree) {
        self.conditions.set(name, condition);
    }

    /// The tree with references to parameters replaced by their values, where those are known.
    fn resolved(&self, tree: &Tree) -> Tree {
        let mut tree = tree.clone();
        tree.visit_mut(&mut |part| {
            let span = part.span;
            let replaced = match part.function() {
                Some(("Ref", name)) => name.as_str().and_then(|name| self.parameter(name, span)),
                Some(("Fn::Sub", argument)) => argument.as_str().map(|text| At(span).sub(self.substituted(text))),
                _ => None,
            };
            if let Some(replaced) = replaced {
                *part = replaced;
            }
        });
        tree
    }

    fn parameter(&self, name: &str, span: Span) -> Option<Tree> {
        let value = self.known.parameter(name)?;
        if let Some(items) = value.as_items() {
            let items: Option<Vec<Tree>> =
                items.iter().map(|item| item.as_str().map(|text| At(span).text(text))).collect();
            return Some(At(span).list(items?));
        }
        let text = value.as_str()?;
        Some(match text {
            "true" | "false" => At(span).bool(text == "true"),
            _ => At(span).text(text),
        })
    }

    /// The text of `Fn::Sub` with the values of parameters in it.
    fn substituted(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find("${") {
            let Some(close) = rest[open..].find('}').map(|length| open + length) else { break };
            out.push_str(&rest[..open]);
            let name = rest[open + 2..close].trim();
            match self.known.parameter(name).and_then(|value| value.as_str()) {
                Some(value) => out.push_str(value),
                None => out.push_str(&rest[open..=close]),
            }
            rest = &rest[close + 1..];
        }
        out.push_str(rest);
        out
    }

    /// The tree as text or bool where parameters and mappings settle it, else as it is.
    fn settled(&self, tree: &Tree) -> Tree {
        if !matches!(tree.function(), Some(("Ref" | "Fn::FindInMap" | "Fn::Sub", _))) {
            return tree.clone();
        }
        match self.known.text(&tree.to_node()) {
            Some(text) if matches!(text.as_str(), "true" | "false") => At(tree.span).bool(text == "true"),
            Some(text) => At(tree.span).text(text),
            None => tree.clone(),
        }
    }

    /// The partition, as part of an ARN: its name where the region says it, else a variable of `Fn::Sub`.
    fn partition(&self) -> &str {
        let known = |name: &str| self.known.parameter(name).and_then(|value| value.as_str());
        if let Some(partition) = known("AWS::Partition") {
            return partition;
        }
        let starts = [
            ("cn-", "aws-cn"),
            ("us-gov", "aws-us-gov"),
            ("us-isob", "aws-iso-b"),
            ("us-isof", "aws-iso-f"),
            ("us-iso-", "aws-iso"),
            ("eu-isoe", "aws-iso-e"),
            ("eusc-", "aws-eusc"),
        ];
        match known("AWS::Region") {
            Some(region) => starts.iter().find(|(start, _)| region.starts_with(start)).map_or("aws", |(_, name)| name),
            None => "${AWS::Partition}",
        }
    }

    /// An ARN with the partition in it, as text or as `Fn::Sub`.
    fn arn(&self, at: At, rest: &str) -> Tree {
        let partition = self.partition();
        let text = format!("arn:{partition}:{rest}");
        if text.contains("${") { at.sub(text) } else { at.text(text) }
    }

    /// The whole template again.
    fn finish(mut self, span: Span) -> Node {
        let mut out: Vec<Field> = Vec::with_capacity(self.resources.len());
        let resources = std::mem::take(&mut self.resources);
        let end = resources.len();
        let mut made = std::mem::take(&mut self.made);
        for (at, field) in resources.into_iter().enumerate() {
            match made.remove(&at) {
                Some(list) => out.extend(list.into_iter().map(Made::into_field)),
                None => out.push(field),
            }
        }
        out.extend(made.remove(&end).into_iter().flatten().map(Made::into_field));
        let mut resources = Tree { kind: Kind::Map(out), span };
        for part in [&mut resources, &mut self.root] {
            part.visit_mut(&mut |part| replace_references(part, &self.references, &self.renamed));
        }
        self.root.remove("Globals");
        if !self.conditions.fields().is_empty() {
            self.root.set("Conditions", self.conditions);
        }
        self.root.set("Resources", resources);
        self.root.to_node()
    }
}

/// Puts the logical ids that the transform made where they are referred to by their names in SAM.
fn replace_references(
    part: &mut Tree,
    references: &BTreeMap<(String, &'static str), String>,
    renamed: &BTreeMap<String, String>,
) {
    let at = At(part.span);
    let target = |name: &str| -> Option<String> {
        if let Some(new) = renamed.get(name) {
            return Some(new.clone());
        }
        let (id, property) = name.split_once('.')?;
        references.iter().find(|((known, what), _)| known == id && *what == property).map(|(_, to)| to.clone())
    };
    let replaced = match part.function() {
        Some(("Ref", name)) => name.as_str().and_then(target).map(|id| at.reference(&id)),
        Some(("Fn::GetAtt", argument)) => match argument.items() {
            Some([id, attribute]) => {
                let renamed = id.as_str().and_then(|id| {
                    target(id).or_else(|| target(&format!("{id}.{}", attribute.as_str()?.split('.').next()?)))
                });
                let attribute = attribute.as_str().unwrap_or_default();
                // `[Api.Stage, Attribute]` and `[Api, Stage.Attribute]` mean the same.
                let attribute = if id.as_str().and_then(target).is_some() {
                    attribute
                } else {
                    attribute.split_once('.').map_or("", |(_, rest)| rest)
                };
                renamed.filter(|_| !attribute.is_empty()).map(|id| at.get_att(&id, attribute))
            }
            _ => None,
        },
        Some(("Fn::Sub", argument)) => {
            let text = argument.as_list().first().and_then(Tree::as_str);
            text.filter(|text| text.contains("${")).and_then(|text| {
                let changed = replace_in_text(text, &target)?;
                Some(match argument.items() {
                    Some([_, variables]) => at.map([("Fn::Sub", at.list([at.text(changed), variables.clone()]))]),
                    _ => at.sub(changed),
                })
            })
        }
        _ => None,
    };
    if let Some(replaced) = replaced {
        *part = replaced;
    }
    if let Some(depends) = part.get("DependsOn").filter(|_| part.has("Type")) {
        let names = depends.as_list().iter().map(|item| match item.as_str().and_then(|id| renamed.get(id)) {
            Some(new) => At(item.span).text(new.as_str()),
            None => item.clone(),
        });
        let names = At(depends.span).list(names.collect::<Vec<_>>());
        part.set("DependsOn", names);
    }
}

fn replace_in_text(text: &str, target: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let (mut out, mut rest, mut changed) = (String::with_capacity(text.len()), text, false);
    while let Some(open) = rest.find("${") {
        let Some(close) = rest[open..].find('}').map(|length| open + length) else { break };
        out.push_str(&rest[..open + 2]);
        let name = &rest[open + 2..close];
        let mut parts = name.splitn(3, '.');
        let (id, property) = (parts.next().unwrap_or_default(), parts.next());
        let two = property.map(|property| format!("{id}.{property}"));
        let found = target(id).map(|new| (new, id.len()));
        let found = found.or_else(|| two.and_then(|two| target(&two).map(|new| (new, two.len()))));
        match found {
            Some((new, length)) => {
                changed = true;
                out.push_str(&new);
                out.push_str(&name[length..]);
            }
            None => out.push_str(name),
        }
        out.push('}');
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    changed.then_some(out)
}

/// The ten digits that tell generated logical ids apart by what they are made of.
fn hash(text: &str) -> String {
    let mut digits = hex(text);
    digits.truncate(10);
    digits
}

/// SHA-1 in hexadecimal.
fn hex(text: &str) -> String {
    Sha1::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Text of what is hashed: strings as they are, all else as JSON; nothing of what is empty.
fn hash_of(tree: &Tree) -> String {
    match tree.as_str() {
        _ if !tree.is_truthy() => String::new(),
        Some(text) => hash(text),
        None => hash(&tree.canonical()),
    }
}

/// Whether a text is made of letters and digits only, and is not empty.
fn is_alphanumeric(text: &str) -> bool {
    !text.is_empty() && text.chars().all(char::is_alphanumeric)
}
