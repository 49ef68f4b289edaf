//! What the tests share: a schema and a graph, both written in YAML, and a way to read attributes.
//!
//! A resource is `aws_s3_bucket.logs: { … }` (Terraform), or `Bucket: { Type: AWS::S3::Bucket, Properties: { … } }`
//! (CloudFormation). Values that are not known are tagged: `!ref aws_kms_key.k.arn`, `!unknown var.key`, and
//! `!one_of { choice: var.env, dev: 1, prod: 2 }` for one of several.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::panic,
    clippy::unwrap_used,
    reason = "each test file uses its own part; tests may panic"
)]

use std::path::Path;
use std::sync::Arc;

use terravet_graph::{Candidate, Graph, Guard, Language, Mode, Number, Reference, Resource, Step, Type, Value, Why};
use terravet_model::{Model, NoChoices, Reading, Subject, View};
use terravet_schema::{Day, Literal, Schema};
use terravet_source::{Memory, SourceFile, Sources, Span};
use terravet_yaml::{Node, Resolved, parse_yaml};

/// A schema and a graph.
pub struct World {
    pub sources: Arc<Sources>,
    pub schema: Schema,
    pub graph: Graph,
    pub file: Arc<SourceFile>,
}

/// The schema and the graph of two texts in YAML.
pub fn world(kinds: &str, resources: &str) -> World {
    world_of(&[kinds.to_owned()], resources)
}

/// As [`world`], with the kinds of the project.
pub fn world_of_rules(resources: &str) -> World {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules/aws");
    let below = |folder: &Path| -> Vec<_> {
        let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let files = below(&folder).into_iter().flat_map(|service| below(&service));
    let kinds = files.filter(|file| file.to_string_lossy().ends_with("kinds.yaml"));
    let texts: Vec<String> = kinds.map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let tables: Vec<(String, String)> = below(&folder.join("../tables"))
        .into_iter()
        .map(|file| {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(file).unwrap())
        })
        .collect();
    let tables: Vec<(&str, &str)> = tables.iter().map(|(name, text)| (&**name, &**text)).collect();
    world_from(&texts, &tables, resources)
}

/// As [`world`], with tables by name.
pub fn world_with_tables(kinds: &str, tables: &[(&str, &str)], resources: &str) -> World {
    world_from(&[kinds.to_owned()], tables, resources)
}

fn world_of(kinds: &[String], resources: &str) -> World {
    world_from(kinds, &[], resources)
}

fn world_from(kinds: &[String], tables: &[(&str, &str)], resources: &str) -> World {
    let sources = Arc::new(Sources::new(Arc::new(Memory::default())));
    let named = kinds.iter().enumerate().map(|(at, text)| (format!("{at}/kinds.yaml"), text.as_str()));
    let files: Vec<_> = named.map(|(name, text)| sources.add(Path::new(&name), text)).collect();
    let tables = tables.iter().map(|(name, text)| {
        let path = format!("tables/{name}.yaml");
        (Arc::from(*name), sources.add(Path::new(&path), *text))
    });
    let schema = Schema::new(&files, terravet_aws::catalog().signatures()).with_tables(tables);
    let problems: Vec<String> = schema.problems().into_iter().map(|problem| problem.message).collect();
    assert_eq!(problems, Vec::<String>::new(), "the kinds of a test must hold together");
    let file = sources.add(Path::new("main.yaml"), resources);
    let parsed = parse_yaml(&file);
    assert_eq!(parsed.diagnostics, [], "the resources of a test must be YAML");
    let entries = parsed.documents.first().and_then(Node::as_mapping).unwrap_or_default();
    let resources = entries.iter().map(|entry| resource(&entry.key, &entry.value)).collect();
    let graph = Graph::new("".into(), file.id(), resources);
    World { sources, schema, graph, file }
}

impl World {
    pub fn model(&self) -> Model<'_> {
        Model::new(&self.schema, terravet_aws::catalog(), &self.graph, Day::parse("2026-12-01").unwrap())
    }

    /// What an attribute of the only subject of a kind reads as.
    pub fn read(&self, kind: &str, attribute: &str) -> String {
        self.read_all(kind, attribute).join("; ")
    }

    /// What an attribute of each subject of a kind reads as.
    pub fn read_all(&self, kind: &str, attribute: &str) -> Vec<String> {
        let model = self.model();
        let kind = self.schema.kind(kind).unwrap_or_else(|| panic!("there is no kind {kind}"));
        let attribute = kind.attributes.get(attribute).unwrap_or_else(|| panic!("there is no {attribute}"));
        let choices = NoChoices;
        let view = View::new(&model, &choices);
        model.subjects(kind).iter().map(|subject| show(&model, &view.read(subject, kind, attribute))).collect()
    }

    /// What a fact with arguments says of each subject of a kind.
    pub fn facts(&self, kind: &str, fact: &str, arguments: &[Literal]) -> Vec<String> {
        let model = self.model();
        let kind = self.schema.kind(kind).unwrap_or_else(|| panic!("there is no kind {kind}"));
        let choices = NoChoices;
        let view = View::new(&model, &choices);
        model.subjects(kind).iter().map(|subject| show(&model, &view.fact(subject, kind, fact, arguments))).collect()
    }

    /// The addresses of the subjects of a kind.
    pub fn subjects(&self, kind: &str) -> Vec<String> {
        let model = self.model();
        let kind = self.schema.kind(kind).unwrap_or_else(|| panic!("there is no kind {kind}"));
        addresses(&model, model.subjects(kind))
    }
}

fn addresses(model: &Model<'_>, subjects: &[Subject]) -> Vec<String> {
    subjects.iter().map(|subject| model.resource(subject).address.to_string()).collect()
}

/// A reading in words.
fn show(model: &Model<'_>, reading: &Reading) -> String {
    match reading {
        Reading::Value { value, absent, .. } => {
            let text = show_value(value);
            match absent {
                Some(_) if !value.is_unset() => format!("{text} by default"),
                _ => text,
            }
        }
        Reading::Subjects { subjects, complete, .. } => {
            let mut words = addresses(model, subjects);
            if !complete {
                words.push("maybe others".to_owned());
            }
            words.join(", ")
        }
    }
}

pub fn show_value(value: &Value) -> String {
    use terravet_graph::Data;
    match &value.data {
        Data::Absent => "absent".to_owned(),
        Data::Null(_) => "null".to_owned(),
        Data::Bool(flag) => flag.to_string(),
        Data::Number(number) => number.to_string(),
        Data::String(text) => text.to_string(),
        Data::Unknown(unknown) => format!("unknown ({})", unknown.why),
        _ => match value.as_items() {
            Some(items) => format!("[{}]", items.iter().map(show_value).collect::<Vec<_>>().join(", ")),
            None => "{…}".to_owned(),
        },
    }
}

fn resource(key: &Node, body: &Node) -> Resource {
    let address = key.as_str().unwrap_or_default();
    let terraform = || {
        let (mode, rest) = match address.strip_prefix("data.") {
            Some(rest) => (Mode::Data, rest),
            None if address.starts_with("module.") => (Mode::OpaqueModule, address),
            None => (Mode::Managed, address),
        };
        let (native, name) = rest.split_once('.').unwrap_or((rest, ""));
        (Language::Terraform, mode, native.to_owned(), name.to_owned(), value(body))
    };
    let (language, mode, native_type, name, attributes) = match body.get("Type").and_then(Node::as_str) {
        Some(native) => {
            let properties = body.get("Properties").map_or_else(|| Value::object([]).written_at(body.span), value);
            (Language::CloudFormation, Mode::Managed, native.to_owned(), address.to_owned(), properties)
        }
        None => terraform(),
    };
    Resource {
        address: address.into(),
        module: "".into(),
        language,
        mode,
        native_type: native_type.into(),
        written_type: None,
        name: name.into(),
        index: None,
        attributes,
        meta: Value::object([]),
        block: key.span.to(body.span),
        header: key.span,
        representative: None,
        exists_when: None,
    }
}

/// The value that a node stands for, with its place.
pub fn value(node: &Node) -> Value {
    let text = node.as_str().unwrap_or_default();
    let value = match node.tag_text() {
        Some("!ref") => {
            let (resource, attribute) = text.rsplit_once('.').unwrap_or((text, ""));
            let reference = Reference { resource: resource.into(), attribute: attribute.into() };
            return Value::computed(reference.clone(), Type::String)
                .written_at(node.span)
                .through(node.span, Step::Resource(reference));
        }
        Some("!unknown") => Value::unknown(Why::Input(text.into()), Type::Any),
        Some("!one_of") => one_of(node),
        _ => plain(node),
    };
    value.written_at(node.span)
}

fn one_of(node: &Node) -> Value {
    let choice = node.get("choice").and_then(Node::as_str).unwrap_or("a choice");
    let ways = node.as_mapping().unwrap_or_default().iter().filter(|entry| entry.key.as_str() != Some("choice"));
    let candidates = ways.map(|entry| {
        let taken = entry.key.as_str().unwrap_or_default();
        Candidate { when: vec![guard(choice, taken)], value: value(&entry.value) }
    });
    Value::one_of(Why::Input(choice.into()), Type::Any, candidates.collect())
}

pub fn guard(choice: &str, taken: &str) -> Guard {
    Guard { choice: choice.into(), taken: taken.into(), words: format!("{choice} is {taken}").into() }
}

fn plain(node: &Node) -> Value {
    if let Some(entries) = node.as_mapping() {
        let named =
            entries.iter().map(|entry| (Arc::from(entry.key.as_str().unwrap_or_default()), value(&entry.value)));
        return Value::object(named);
    }
    if let Some(items) = node.as_sequence() {
        return Value::tuple(items.iter().map(value));
    }
    let text = node.as_str().unwrap_or_default();
    match node.resolve() {
        Some(Resolved::Bool(flag)) => Value::bool(flag),
        Some(Resolved::Null) => Value::null(),
        Some(Resolved::Integer(_) | Resolved::Float(_)) => {
            text.parse::<Number>().map_or(Value::string(text), Value::number)
        }
        _ => Value::string(text),
    }
}

/// The text that a span covers.
pub fn text_at(world: &World, span: Span) -> &str {
    world.file.slice(span)
}
