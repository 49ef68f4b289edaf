//! Definitions that stand in files of their own: of APIs, state machines and GraphQL schemas.
//!
//! In: an evaluated resource whose definition is at a path, as `aws cloudformation package` and `sam package` take it. Out: the same with the
//! definition in the property that holds it inline, each part with its place in its file. The service reads the file as it
//! is, so that functions of CloudFormation mean nothing in it.
//!
//! Source: <https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html>.

use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Data, Resource, Step, Value};
use terravet_source::{SourceFile, Span};
use terravet_yaml::{Node, NodeKind, Parsed, Resolved};

use crate::evaluate::Evaluator;
use crate::local::LocalFiles;
use crate::substitution::{Part, parts};
use crate::template::parse_text;

/// The deepest definition that is read.
const MAX_DEPTH: usize = 100;

/// Where a type of resource has its definition.
struct Definition {
    ty: &'static str,
    /// The property that says where it is.
    location: &'static str,
    /// The property that holds it inline.
    inline: &'static str,
    /// The property with what is substituted in it.
    substitutions: Option<&'static str>,
    /// Whether it is YAML or JSON, and not a language of its own.
    structured: bool,
}

const DEFINITIONS: [Definition; 4] = [
    Definition {
        ty: "AWS::ApiGateway::RestApi",
        location: "BodyS3Location",
        inline: "Body",
        substitutions: None,
        structured: true,
    },
    Definition {
        ty: "AWS::ApiGatewayV2::Api",
        location: "BodyS3Location",
        inline: "Body",
        substitutions: None,
        structured: true,
    },
    Definition {
        ty: "AWS::StepFunctions::StateMachine",
        location: "DefinitionS3Location",
        inline: "Definition",
        substitutions: Some("DefinitionSubstitutions"),
        structured: true,
    },
    Definition {
        ty: "AWS::AppSync::GraphQLSchema",
        location: "DefinitionS3Location",
        inline: "Definition",
        substitutions: None,
        structured: false,
    },
];

/// Reads the definitions of resources that are in files, which are added to `files`.
pub(crate) fn read_all(
    resources: &mut [Resource],
    evaluator: &Evaluator<'_>,
    local: &LocalFiles,
    files: &mut Vec<Arc<SourceFile>>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let template = &evaluator.template.file;
    for resource in resources {
        let Some(definition) = DEFINITIONS.iter().find(|known| known.ty == &*resource.native_type) else { continue };
        let location = resource.attributes.get(definition.location);
        let Some(path) = location.as_str().filter(|path| !path.contains("://")) else { continue };
        let place = location.span().unwrap_or(resource.header);
        let file = match local.at(template, path) {
            Ok(file) => file,
            Err(message) => {
                let note = Diagnostic::note("cloudformation-definition", place, message)
                    .with_help("what it defines was not judged; the path is that from the folder of the template");
                diagnostics.push(note);
                continue;
            }
        };
        let read = if definition.structured { structured(&file, diagnostics) } else { Some(text(&file)) };
        let Some(mut value) = read else { continue };
        if let Some(property) = definition.substitutions {
            let given = resource.attributes.get(property);
            value = substituted(evaluator, value, &given);
        }
        let value = value.through(place, Step::FileContent(path.into()));
        files.push(file);
        set(resource, definition, value);
    }
}

/// Puts the definition where it stands inline.
fn set(resource: &mut Resource, definition: &Definition, value: Value) {
    let Some(entries) = resource.attributes.as_entries() else { return };
    let others = entries.iter().filter(|(name, _)| &***name != definition.location);
    let mut all: Vec<(Arc<str>, Value)> = others.map(|(name, value)| (Arc::clone(name), value.clone())).collect();
    all.push((definition.inline.into(), value));
    resource.attributes = Value { data: Value::object(all).data, ..resource.attributes.clone() };
}

fn text(file: &SourceFile) -> Value {
    Value::string(file.text()).written_at(Span::new(file.id(), 0..file.text().len()))
}

/// A definition in JSON or YAML; none where it is neither, which is told.
fn structured(file: &SourceFile, diagnostics: &mut Vec<Diagnostic>) -> Option<Value> {
    let Parsed { documents, diagnostics: found, .. } = parse_text(file);
    diagnostics.extend(found);
    documents.first().map(|root| literal(root, 0))
}

/// What a node is where no function means anything.
fn literal(node: &Node, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        let why = terravet_graph::Why::Limit("nesting".into());
        return Value::unknown(why, terravet_graph::Type::Any).written_at(node.span);
    }
    let value = match &node.kind {
        NodeKind::Scalar { text, .. } => match node.resolve() {
            Some(Resolved::Bool(flag)) => Value::bool(flag),
            Some(Resolved::Null) => Value::null(),
            Some(Resolved::Integer(number) | Resolved::Float(number)) => {
                number.parse::<terravet_graph::Number>().map_or_else(|_| Value::string(&**text), Value::number)
            }
            Some(Resolved::String) | None => Value::string(Arc::clone(text)),
        },
        NodeKind::Sequence(items) => Value::tuple(items.iter().map(|item| literal(item, depth + 1))),
        NodeKind::Mapping(entries) => Value::object(entries.iter().map(|entry| {
            let key: Arc<str> = entry.key.as_str().unwrap_or_default().into();
            (key, literal(&entry.value, depth + 1))
        })),
    };
    value.written_at(node.span)
}

/// A definition with `${Name}` in its texts replaced by what is given for the name.
fn substituted(evaluator: &Evaluator<'_>, value: Value, given: &Value) -> Value {
    let data = match &value.data {
        Data::String(text) if text.contains("${") => return substituted_text(evaluator, text, &value, given),
        Data::Tuple(items) => {
            let items = items.iter().map(|item| substituted(evaluator, item.clone(), given));
            Data::Tuple(Arc::new(items.collect()))
        }
        Data::Object(entries) => {
            let entry =
                |(key, value): (&Arc<str>, &Value)| (Arc::clone(key), substituted(evaluator, value.clone(), given));
            Data::Object(Arc::new(entries.iter().map(entry).collect()))
        }
        _ => return value,
    };
    Value { data, ..value }
}

fn substituted_text(evaluator: &Evaluator<'_>, text: &str, whole: &Value, given: &Value) -> Value {
    let place = whole.span().unwrap_or(evaluator.template.span);
    let pieces = parts(text).into_iter().map(|part| {
        let range = match &part {
            Part::Literal(_, range) | Part::Escaped(_, range) | Part::Name(_, range) => range.clone(),
        };
        match part {
            Part::Name(name, _) if !given.get(name).is_unset() => given.get(name),
            _ => Value::string(text.get(range).unwrap_or_default()).written_at(place),
        }
    });
    evaluator.concatenate(pieces.collect(), place)
}
