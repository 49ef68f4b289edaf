//! `AWS::Serverless::Connector`: permissions between two resources.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-connector.html>. What is
//! made for which pair of types stands in `data/connectors.yaml`.

use std::sync::LazyLock;

use terravet_yaml::Node;

use crate::made::{Made, Source};
use crate::policies::embedded;
use crate::tree::{At, Field, Kind, Tree};
use crate::{Outcome, PREFIX, Refusal, Transform, schema};

static PROFILES: LazyLock<Option<Node>> =
    LazyLock::new(|| embedded("connectors.yaml", include_str!("data/connectors.yaml")).1);

/// What the types of SAM become.
const BECOMES: [(&str, &str); 5] = [
    ("Api", "AWS::ApiGateway::RestApi"),
    ("Function", "AWS::Lambda::Function"),
    ("HttpApi", "AWS::ApiGatewayV2::Api"),
    ("SimpleTable", "AWS::DynamoDB::Table"),
    ("StateMachine", "AWS::StepFunctions::StateMachine"),
];
/// What may be said of an end, and what the profiles call it.
const SAID: [(&str, &str); 5] = [
    ("Arn", "arn"),
    ("Name", "name"),
    ("Qualifier", "qualifier"),
    ("QueueUrl", "queue url"),
    ("ResourceId", "resource id"),
];

/// An end of a connector.
#[derive(Clone, Debug)]
struct End {
    id: Option<String>,
    ty: String,
    role: Option<Tree>,
    /// What is known of it, by the names of the profiles.
    known: Vec<(&'static str, Tree)>,
}

impl End {
    fn get(&self, name: &str) -> Option<&Tree> {
        self.known.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

impl Transform<'_> {
    pub(crate) fn connector(&mut self, source: &Source) -> Outcome<Vec<Made>> {
        schema::check("AWS::Serverless::Connector", schema::CONNECTOR, &source.properties)?;
        let Some(from) = source.get("Source") else { return Ok(Vec::new()) };
        let Some(to) = source.get("Destination") else { return Ok(Vec::new()) };
        let permissions = source.get("Permissions").map_or(&[][..], Tree::as_list);
        let mut made = Vec::new();
        for (index, destination) in to.as_list().iter().enumerate() {
            let number = to.is_list().then_some(index);
            made.extend(self.connect(source, from, destination, permissions, number)?);
        }
        if made.is_empty() {
            return source.refuse("Destination is an empty list");
        }
        let ids: Vec<String> = made.iter().map(|made| made.id.clone()).collect();
        self.replace_dependency(&source.id, &ids);
        Ok(made)
    }

    /// What one connection makes; `number` tells several destinations apart.
    pub(crate) fn connect(
        &mut self,
        source: &Source,
        from: &Tree,
        to: &Tree,
        permissions: &[Tree],
        number: Option<usize>,
    ) -> Outcome<Vec<Made>> {
        let destination = self.end(source, to, from)?;
        let origin = self.end(source, from, to)?;
        let Some(profile) = profile(&origin.ty, &destination.ty) else {
            return source.refuse(format!("there is no connector from {} to {}", origin.ty, destination.ty));
        };
        let wanted = wanted_access(source, profile, permissions)?;
        let of_source = profile.get("on").and_then(Node::as_str) == Some("source");
        let holder = if of_source { &origin } else { &destination };
        let suffix = number.map(|number| format!("Destination{number}")).unwrap_or_default();
        let named = |what: &str| format!("{}{what}{suffix}", source.id);
        let filled = |node: &Node| fill(node, &origin, &destination, source);
        let missing = |what: &str| source.refuse::<Vec<Made>>(format!("the {what} of {} is not known", holder.ty));
        let mut made = Vec::new();
        let makes = profile.get("makes").and_then(Node::as_str).unwrap_or_default();
        if makes == "permission" {
            let Some(function) = holder.get("arn") else { return missing("ARN") };
            for (name, access) in &wanted {
                let mut permission =
                    source.itself_as(named(&format!("{name}LambdaPermission")), "AWS::Lambda::Permission");
                permission.properties.set("FunctionName", function.clone());
                for entry in access.as_mapping().unwrap_or_default() {
                    permission.properties.set(entry.key.as_str().unwrap_or_default(), filled(&entry.value)?);
                }
                made.push(permission);
            }
            return Ok(made);
        }
        let at = source.at;
        let mut statements = Vec::new();
        for (_, access) in &wanted {
            for statement in access.as_sequence().unwrap_or_default() {
                statements.push(filled(statement)?);
            }
        }
        let document = at.map([("Version", at.text("2012-10-17")), ("Statement", at.list(statements))]);
        let (ty, name, holders, value) = match makes {
            "queue policy" => ("AWS::SQS::QueuePolicy", "QueuePolicy", "Queues", holder.get("queue url")),
            "topic policy" => ("AWS::SNS::TopicPolicy", "TopicPolicy", "Topics", holder.get("arn")),
            _ => ("AWS::IAM::ManagedPolicy", "Policy", "Roles", holder.role.as_ref()),
        };
        let Some(value) = value else { return missing(if holders == "Roles" { "role" } else { "address" }) };
        let policy =
            source.itself_as(named(name), ty).with("PolicyDocument", document).with(holders, at.list([value.clone()]));
        self.let_wait(profile, &origin, &destination, &policy.id, at);
        made.push(policy);
        Ok(made)
    }

    /// What is known of an end; `other` is what stands at the other end.
    fn end(&self, source: &Source, reference: &Tree, other: &Tree) -> Outcome<End> {
        let at = source.at;
        let others = reference.fields().iter().any(|field| !matches!(&*field.key, "Id" | "Qualifier"));
        if !reference.is_map() || reference.has("Id") == others {
            return source.refuse("each end has an Id, or a Type with what else is known of it");
        }
        let said = SAID.iter().filter_map(|(name, known)| Some((*known, reference.get(name)?.clone())));
        let Some(id) = reference.get("Id") else {
            let Some(ty) = reference.get("Type").and_then(Tree::as_str).filter(|ty| !ty.is_empty()) else {
                return source.refuse("the Type of an end must be text");
            };
            let role = reference.get("RoleName").cloned();
            return Ok(End { id: None, ty: becomes(ty), role, known: said.collect() });
        };
        let Some(id) = id.as_str().filter(|id| !id.is_empty()) else {
            return source.refuse("the Id of an end must be text");
        };
        let Some((ty, properties)) = self.present(id) else {
            return Err(Refusal::new(reference.span, format!("there is no resource {id}")));
        };
        let Some(ty) = ty else { return source.refuse(format!("the Type of {id} must be text")) };
        let ty = becomes(&ty);
        let profile = PROFILES.as_ref().and_then(|all| all.get("resources")?.get(&ty));
        let output = |name: &str| {
            let attribute = profile?.get(name)?.as_str()?;
            Some(match attribute {
                "Ref" => at.reference(id),
                "*" => at.text("*"),
                _ => at.get_att(id, attribute),
            })
        };
        let mut known: Vec<(&'static str, Tree)> =
            SAID.iter().filter_map(|(_, name)| Some((*name, output(name)?))).collect();
        if let Some(qualifier) = reference.get("Qualifier") {
            known.retain(|(name, _)| *name != "qualifier");
            known.push(("qualifier", qualifier.clone()));
        }
        let role = match profile.and_then(|profile| profile.get("role")).and_then(Node::as_str) {
            Some(property) => properties.get(property).cloned(),
            None if profile.is_some_and(|profile| profile.get("role_of_target").is_some()) => {
                role_of_target(&properties, other)
            }
            None => None,
        };
        let role = role.as_ref().and_then(Tree::referred_id).map(|role| at.reference(role));
        Ok(End { id: Some(id.to_owned()), ty, role, known })
    }

    /// The type and the properties of a resource as it is by now.
    fn present(&self, id: &str) -> Option<(Option<String>, Tree)> {
        if let Some(made) = self.all_made().find(|made| made.id == id) {
            return Some((Some(made.ty.to_owned()), made.properties.clone()));
        }
        let resource = self.find(id)?;
        let properties = resource.get("Properties").cloned().unwrap_or_else(|| At(resource.span).empty());
        Some((resource.get("Type").and_then(Tree::as_str).map(str::to_owned), properties))
    }

    /// Makes what needs the policy wait for it.
    fn let_wait(&mut self, profile: &Node, from: &End, to: &End, policy: &str, at: At) {
        let wait = profile.get("depended_by").and_then(Node::as_str);
        let (Some(from), Some(to)) = (&from.id, &to.id) else { return };
        let waits = |made: &Made| match wait {
            Some("source") => made.id == *from,
            Some(_) => {
                let refers = |name: &str| made.properties.get(name).and_then(Tree::referred_id).map(str::to_owned);
                made.ty == "AWS::Lambda::EventSourceMapping"
                    && refers("FunctionName").as_deref() == Some(to)
                    && refers("EventSourceArn").as_deref() == Some(from)
            }
            None => false,
        };
        let waiting: Vec<String> = self.all_made().filter(|made| waits(made)).map(|made| made.id.clone()).collect();
        if let [only] = waiting.as_slice()
            && let Some(made) = self.all_made_mut().find(|made| made.id == *only)
        {
            let mut names = made.depends_on.take().map(|names| names.as_list().to_vec()).unwrap_or_default();
            names.push(at.text(policy));
            made.depends_on = Some(at.list(names));
        }
    }

    /// Whoever waits for a connector waits for what it makes.
    fn replace_dependency(&mut self, id: &str, by: &[String]) {
        let replaced = |names: &Tree| {
            let at = At(names.span);
            let kept = names.as_list().iter().filter(|name| name.as_str() != Some(id)).cloned();
            at.list(kept.chain(by.iter().map(|new| at.text(new.as_str()))).collect::<Vec<_>>())
        };
        let waits = |names: &Tree| names.as_list().iter().any(|name| name.as_str() == Some(id));
        for field in &mut self.resources {
            if let Some(names) = field.value.get("DependsOn").filter(|names| waits(names)).map(replaced) {
                field.value.set("DependsOn", names);
            }
        }
        for made in self.all_made_mut() {
            if let Some(names) = made.depends_on.as_ref().filter(|names| waits(names)).map(replaced) {
                made.depends_on = Some(names);
            }
        }
    }

    /// Takes the connectors out of the resources that they are written in.
    pub(crate) fn embedded_connectors(&mut self) {
        let mut found = Vec::new();
        for at in 0..self.resources.len() {
            let Some(connectors) = self.resources[at].value.remove("Connectors") else { continue };
            let owner = self.resources[at].key.to_string();
            if !connectors.is_map() {
                self.refuse(Refusal::new(connectors.span, "Connectors must be a map"));
                continue;
            }
            for field in connectors.fields() {
                match standalone(&owner, field) {
                    Ok(connector) => found.push(connector),
                    Err(refusal) => self.refuse(refusal),
                }
            }
        }
        for connector in found {
            if self.find(&connector.key).is_some() {
                let message = format!("the connector {} has the name of a resource", connector.key);
                self.refuse(Refusal::new(connector.key_span, message));
            } else {
                self.add_resource(connector);
            }
        }
    }
}

impl Source {
    /// A resource that is what this one becomes, under another name.
    fn itself_as(&self, id: String, ty: &'static str) -> Made {
        Made { id, ..self.itself(ty) }
    }
}

/// A connector that is written in its source, as a resource of its own.
fn standalone(owner: &str, field: &Field) -> Outcome<Field> {
    let at = At(field.key_span);
    let refuse = |message: &str| Err(Refusal::new(field.key_span, format!("the connector {}: {message}", field.key)));
    let mut body = field.value.clone();
    let Kind::Map(_) = body.kind else { return refuse("it must be a map") };
    body.set("Type", at.text(format!("{PREFIX}Connector")));
    let Some(properties) = body.get_mut("Properties").filter(|properties| properties.is_map()) else {
        return refuse("its Properties must be a map");
    };
    let mut from = at.map([("Id", at.text(owner))]);
    if let Some(reference) = properties.remove("SourceReference") {
        if !reference.is_map() || reference.has("Id") {
            return refuse("SourceReference is a map without Id");
        }
        for field in reference.fields() {
            from.set(&field.key, field.value.clone());
        }
    }
    properties.set("Source", from);
    Ok(Field { key: format!("{owner}{}", field.key).into(), key_span: field.key_span, value: body })
}

fn becomes(ty: &str) -> String {
    let short = ty.strip_prefix(PREFIX);
    let known = BECOMES.iter().find(|(name, _)| Some(*name) == short);
    known.map_or(ty, |(_, becomes)| becomes).to_owned()
}

fn profile(from: &str, to: &str) -> Option<&'static Node> {
    let all = PROFILES.as_ref()?.get("connectors")?.as_sequence()?;
    let is = |profile: &Node, key: &str, ty: &str| profile.get(key).and_then(Node::as_str) == Some(ty);
    all.iter().find(|profile| is(profile, "from", from) && is(profile, "to", to))
}

/// The kinds of access that are asked for, in the order of the profile.
fn wanted_access<'p>(source: &Source, profile: &'p Node, permissions: &[Tree]) -> Outcome<Vec<(&'p str, &'p Node)>> {
    let access = profile.get("access").and_then(Node::as_mapping).unwrap_or_default();
    let names: Vec<&str> = access.iter().filter_map(|entry| entry.key.as_str()).collect();
    let wanted: Vec<&str> = permissions.iter().filter_map(Tree::as_str).collect();
    if wanted.is_empty() || wanted.len() != permissions.len() || wanted.iter().any(|name| !names.contains(name)) {
        return source.refuse(format!("Permissions is a list of {}", names.join(" and ")));
    }
    let combinations = profile.get("combinations").and_then(Node::as_sequence).unwrap_or_default();
    let fits = |combination: &Node| {
        let items: Vec<&str> = combination.as_sequence().unwrap_or_default().iter().filter_map(Node::as_str).collect();
        items.iter().all(|item| wanted.contains(item)) && wanted.iter().all(|item| items.contains(item))
    };
    if !combinations.is_empty() && !combinations.iter().any(fits) {
        return source.refuse("this combination of Permissions is not possible between these resources");
    }
    let chosen = access.iter().filter(|entry| entry.key.as_str().is_some_and(|name| wanted.contains(&name)));
    Ok(chosen.filter_map(|entry| Some((entry.key.as_str()?, &entry.value))).collect())
}

/// The role of the target of a rule that the other end is.
fn role_of_target(properties: &Tree, other: &Tree) -> Option<Tree> {
    let targets = properties.get("Targets")?.items()?;
    let is_other = |target: &&Tree| {
        let Some(arn) = target.get("Arn") else { return false };
        let by_id = other.get("Id").and_then(Tree::as_str).is_some_and(|id| arn.referred_id() == Some(id));
        by_id || other.get("Arn").is_some_and(|other| arn.same(other))
    };
    targets.iter().find(is_other)?.get("RoleArn").cloned()
}

/// What stands in a profile, with what is known of the ends.
fn fill(node: &Node, from: &End, to: &End, source: &Source) -> Outcome<Tree> {
    let at = source.at;
    if let Some(items) = node.as_sequence() {
        let items: Outcome<Vec<Tree>> = items.iter().map(|item| fill(item, from, to, source)).collect();
        return Ok(at.list(items?));
    }
    if let Some(entries) = node.as_mapping() {
        let mut map = at.empty();
        for entry in entries {
            map.set(entry.key.as_str().unwrap_or_default(), fill(&entry.value, from, to, source)?);
        }
        return Ok(map);
    }
    let text = node.as_str().unwrap_or_default();
    let (mut out, mut variables, mut rest) = (String::new(), Vec::new(), text);
    while let Some(open) = rest.find('<') {
        let Some(close) = rest[open..].find('>').map(|length| open + length) else { break };
        let name = &rest[open + 1..close];
        let (end, what) = name.split_once(' ').unwrap_or((name, ""));
        let value = if end == "source" { from.get(what) } else { to.get(what) };
        let Some(value) = value else { return source.refuse(format!("the {what} of the {end} is not known")) };
        if text.len() == name.len() + 2 {
            return Ok(value.clone());
        }
        let variable: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        out.push_str(&format!("{}${{{variable}}}", &rest[..open]));
        variables.push((variable, value.clone()));
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    let named: Vec<(&str, Tree)> = variables.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    Ok(match (named.is_empty(), out.contains("${")) {
        (false, _) => at.sub_with(out, named),
        (true, true) => at.sub(out),
        (true, false) => at.text(out),
    })
}
