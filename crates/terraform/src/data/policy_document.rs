//! `aws_iam_policy_document`: an IAM policy written as HCL.
//!
//! In: the arguments and statement blocks. Out: the policy as JSON text, which remembers the structure that it encodes
//! ([`Content::Json`]); each part of it comes from where it is written in HCL, or in the document that was merged in.
//! Where parts are unknown, the text is, and the structure has everything that is known.
//!
//! Source: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document>.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terravet_graph::{Candidate, Content, Data, Entries, Guard, Type, Unknown, Value, Why};

use super::policy_merge::{Document, merge, source};
use super::policy_text::{minified, pretty};
use super::{Computed, Request, combinations};
use crate::evaluate::EvaluationError;
use terravet_terraform_functions::convert::{convert, first_reason};

/// The version of the policy language where none is given.
const VERSION: &str = "2012-10-17";
/// The version that knows no policy variables.
const OLD_VERSION: &str = "2008-10-17";

/// The arguments that are lists of texts, and the elements that they become.
const LISTS: [(&str, &str); 4] =
    [("actions", "Action"), ("not_actions", "NotAction"), ("resources", "Resource"), ("not_resources", "NotResource")];

/// Makes the policy.
pub(super) fn read(request: &Request<'_>) -> Computed {
    let mut documents = Vec::new();
    for (when, world) in worlds(request) {
        documents.push((when, document(request, &world)?));
    }
    let open = request.argument("statement").as_unknown().map(|unknown| unknown.why.clone());
    let why = open.unwrap_or_else(|| Why::Other("it is not known which documents are merged".into()));
    let one_of = |write: fn(&Value) -> String| {
        let candidate = |(when, document): &(Vec<Guard>, Document)| Candidate {
            when: when.clone(),
            value: text(request, document, write),
        };
        let value = Value::one_of(why.clone(), Type::String, documents.iter().map(candidate).collect());
        if value.origin.is_some() { value } else { value.written_at(request.header) }
    };
    Ok(Entries::from_iter([("json".into(), one_of(pretty)), ("minified_json".into(), one_of(minified))]))
}

/// What is merged, in one alternative.
struct World {
    statements: Value,
    sources: Vec<Value>,
    overrides: Vec<Value>,
}

/// The alternatives of what is merged. Where there are too many to follow, what is open stays so in the only one.
fn worlds(request: &Request<'_>) -> Vec<(Vec<Guard>, World)> {
    let argument = |name: &str| request.argument(name);
    let list = |single: &str, list: Value| -> Vec<Value> {
        let many = if list.is_unknown() { vec![list] } else { list.elements() };
        std::iter::once(argument(single)).chain(many).collect()
    };
    let whole = [argument("statement"), argument("source_policy_documents"), argument("override_policy_documents")];
    let mut worlds = Vec::new();
    for (when, whole) in combinations(whole.to_vec()) {
        let mut whole = whole.into_iter();
        let mut next = || whole.next().unwrap_or_else(Value::null);
        let (statements, sources, overrides) = (next(), next(), next());
        let (sources, overrides) = (list("source_json", sources), list("override_json", overrides));
        let split = sources.len();
        for (inner, mut documents) in combinations([sources, overrides].concat()) {
            let Some(when) = Candidate::join(&when, &inner) else { continue };
            let overrides = documents.split_off(split);
            worlds.push((when, World { statements: statements.clone(), sources: documents, overrides }));
        }
    }
    worlds
}

/// What `make` makes of a value, for each of its candidates.
fn each_alternative(
    value: &Value,
    make: impl Fn(&Value) -> Result<Option<Value>, EvaluationError>,
) -> Result<Option<Value>, EvaluationError> {
    let Some(unknown) = value.as_unknown().filter(|unknown| !unknown.candidates.is_empty()) else {
        return make(value);
    };
    let candidate = |candidate: &Candidate| {
        let made = make(&value.part(&candidate.value))?;
        Ok(Candidate { when: candidate.when.clone(), value: made.unwrap_or_else(Value::null) })
    };
    let candidates = unknown.candidates.iter().map(candidate).collect::<Result<Vec<_>, EvaluationError>>()?;
    let made = Value::one_of(unknown.why.clone(), Type::Any, candidates);
    Ok(Some(Value { origin: made.origin.clone().or_else(|| value.origin.clone()), ..made }))
}

/// The JSON text of a document.
fn text(request: &Request<'_>, document: &Document, write: fn(&Value) -> String) -> Value {
    let structure = document.to_value().written_at(request.header);
    let text = if structure.is_wholly_known() {
        Value::string(write(&structure))
    } else {
        let why = first_reason(&structure).unwrap_or_else(|| Why::Data(Arc::clone(request.address)));
        Unknown { not_null: true, prefix: Some("{".into()), ..Unknown::new(why, Type::String) }.into()
    };
    let sensitive = terravet_terraform_functions::convert::contains_sensitive(&structure);
    text.written_at(request.header).marked(sensitive).with_content(Content::Json(structure))
}

/// The document, with what it is based on and what overrides it merged.
fn document(request: &Request<'_>, world: &World) -> Result<Document, EvaluationError> {
    let mut merged = Document::default();
    let mut given = BTreeSet::new();
    let written = |value: &&Value| !value.is_unset() && value.as_str() != Some("");
    for value in world.sources.iter().filter(written) {
        let document = source(request, value)?;
        for sid in document.sids() {
            if !given.insert(Arc::clone(&sid)) {
                let message = format!("two of the source documents have a statement with the Sid {sid:?}");
                return Err(request.refused(value, message));
            }
        }
        merge(&mut merged, document);
    }
    merge(&mut merged, own(request, &world.statements)?);
    for value in world.overrides.iter().filter(written) {
        merge(&mut merged, source(request, value)?);
    }
    Ok(merged)
}

/// The document that the statement blocks make.
fn own(request: &Request<'_>, statements: &Value) -> Result<Document, EvaluationError> {
    let version = request.text("version")?;
    let version = if version.is_null() { Value::string(VERSION).written_at(request.header) } else { version };
    let id = request.text("policy_id")?;
    let mut document = Document { version, id, statements: Vec::new() };
    if statements.is_unknown() {
        document.statements.push(open(statements));
        return Ok(document);
    }
    let variables = document.version.as_str() != Some(OLD_VERSION);
    for block in statements.elements() {
        document.statements.push(statement(request, &block, variables)?);
    }
    let mut seen = BTreeSet::new();
    for sid in document.sids() {
        if !seen.insert(Arc::clone(&sid)) {
            let message = format!("two statements have the Sid {sid:?}");
            return Err(request.refused(statements, message));
        }
    }
    Ok(document)
}

/// An unknown of any type for the reason that a value is unknown.
fn open(value: &Value) -> Value {
    let why = first_reason(value).unwrap_or(Why::Error);
    Value { origin: value.origin.clone(), sensitive: value.sensitive, ..Value::unknown(why, Type::Any) }
}

/// The statement that a block is.
fn statement(request: &Request<'_>, block: &Value, variables: bool) -> Result<Value, EvaluationError> {
    let mut entries = Entries::new();
    let sid = block.get("sid");
    if !sid.is_unset() && sid.as_str() != Some("") {
        entries.insert("Sid".into(), sid);
    }
    let effect = block.get("effect");
    let allow = || Value { origin: block.origin.clone(), ..Value::string("Allow") };
    entries.insert("Effect".into(), if effect.is_unset() { allow() } else { effect });
    let reader = Reader { request, variables };
    for (argument, element) in LISTS {
        // Names of actions hold no variables.
        let replaces = argument.ends_with("resources");
        let listed = each_alternative(&block.get(argument), |value| reader.list(value, replaces, true))?;
        entries.extend(listed.map(|value| (Arc::from(element), value)));
    }
    for (argument, element) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        let listed = each_alternative(&block.get(argument), |value| reader.principals(value))?;
        entries.extend(listed.map(|value| (Arc::from(element), value)));
    }
    let conditions = each_alternative(&block.get("condition"), |value| reader.conditions(value))?;
    entries.extend(conditions.map(|value| (Arc::from("Condition"), value)));
    Ok(Value { origin: block.origin.clone(), sensitive: block.sensitive, ..Value::object(entries) })
}

struct Reader<'r> {
    request: &'r Request<'r>,
    /// Whether the version knows policy variables, which HCL has to write as `&{...}`.
    variables: bool,
}

impl Reader<'_> {
    /// A set of texts, or a list in order: one alone as it is, none as nothing.
    fn list(&self, value: &Value, replaces: bool, is_set: bool) -> Result<Option<Value>, EvaluationError> {
        if value.is_unset() {
            return Ok(None);
        }
        if value.is_unknown() {
            return Ok(Some(value.clone()));
        }
        let mut items = Vec::new();
        for item in value.elements() {
            if !item.is_null() {
                items.push(self.item(&item, replaces)?);
            }
        }
        if is_set {
            let mut seen = BTreeSet::new();
            items.retain(|item| item.as_str().is_none_or(|text| seen.insert(text.to_owned())));
            if items.iter().all(|item| item.as_str().is_some()) {
                items.sort_by(|a, b| b.as_str().cmp(&a.as_str()));
            }
        }
        Ok(match items.len() {
            0 => None,
            1 => items.pop(),
            _ => Some(Value { origin: value.origin.clone(), ..Value::tuple(items) }),
        })
    }

    fn item(&self, item: &Value, replaces: bool) -> Result<Value, EvaluationError> {
        let text = convert(item, &Type::String).map_err(|error| self.request.refused(item, error.to_string()))?;
        if !replaces {
            return Ok(text);
        }
        if let Some(known) = text.as_str().filter(|known| known.contains("&{")) {
            if !self.variables {
                let message =
                    format!("version {OLD_VERSION} of the policy language knows no variables as in {known:?}");
                return Err(self.request.refused(item, message));
            }
            let replaced = known.replace("&{", "${");
            return Ok(Value { data: Data::String(replaced.into()), content: None, ..text });
        }
        // Text with unknown parts: the known ones are replaced.
        if let Some(Content::Pieces(pieces)) = text.content.as_deref() {
            let replace = |piece: &Value| match piece.as_str() {
                Some(known) if known.contains("&{") => {
                    Value { data: Data::String(known.replace("&{", "${").into()), ..piece.clone() }
                }
                _ => piece.clone(),
            };
            let pieces = pieces.iter().map(replace).collect();
            return Ok(text.with_content(Content::Pieces(pieces)));
        }
        Ok(text)
    }

    fn principals(&self, blocks: &Value) -> Result<Option<Value>, EvaluationError> {
        if blocks.is_unset() {
            return Ok(None);
        }
        if blocks.is_unknown() {
            return Ok(Some(blocks.clone()));
        }
        let mut of_type: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
        let blocks_list = blocks.elements();
        for block in &blocks_list {
            let kind = block.get("type");
            let Some(kind) = kind.as_str() else { return Ok(Some(open(&kind))) };
            let Some(identifiers) = self.list(&block.get("identifiers"), true, true)? else { continue };
            if let ([_], "*", Some("*")) = (blocks_list.as_slice(), kind, identifiers.as_str()) {
                return Ok(Some(identifiers));
            }
            let known = of_type.entry(kind.into()).or_default();
            match identifiers.data {
                Data::Tuple(_) => known.extend(identifiers.elements()),
                _ => known.push(identifiers),
            }
        }
        if of_type.is_empty() {
            return Ok(None);
        }
        let entry = |(kind, mut identifiers): (Arc<str>, Vec<Value>)| {
            let value = if identifiers.len() == 1 {
                identifiers.remove(0)
            } else {
                Value { origin: blocks.origin.clone(), ..Value::tuple(identifiers) }
            };
            (kind, value)
        };
        let object = Value::object(of_type.into_iter().map(entry).collect::<Vec<_>>());
        Ok(Some(Value { origin: blocks.origin.clone(), ..object }))
    }

    fn conditions(&self, blocks: &Value) -> Result<Option<Value>, EvaluationError> {
        if blocks.is_unset() {
            return Ok(None);
        }
        if blocks.is_unknown() {
            return Ok(Some(blocks.clone()));
        }
        let mut tests: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Vec<Value>>> = BTreeMap::new();
        for block in blocks.elements() {
            let (test, variable) = (block.get("test"), block.get("variable"));
            let (Some(test), Some(variable)) = (test.as_str(), variable.as_str()) else {
                return Ok(Some(open(if test.is_unknown() { &test } else { &variable })));
            };
            let values = self.list(&block.get("values"), true, false)?;
            let known = tests.entry(test.into()).or_default().entry(variable.into()).or_default();
            match values {
                Some(values) if matches!(values.data, Data::Tuple(_)) => known.extend(values.elements()),
                Some(value) => known.push(value),
                None => {}
            }
        }
        if tests.is_empty() {
            return Ok(None);
        }
        let origin = || blocks.origin.clone();
        let one = |(variable, mut values): (Arc<str>, Vec<Value>)| {
            let value = if values.len() == 1 { values.remove(0) } else { Value::tuple(values) };
            (variable, Value { origin: value.origin.clone().or_else(origin), ..value })
        };
        let test = |(test, variables): (Arc<str>, BTreeMap<Arc<str>, Vec<Value>>)| {
            let object = Value::object(variables.into_iter().map(one).collect::<Vec<_>>());
            (test, Value { origin: origin(), ..object })
        };
        let object = Value::object(tests.into_iter().map(test).collect::<Vec<_>>());
        Ok(Some(Value { origin: origin(), ..object }))
    }
}
