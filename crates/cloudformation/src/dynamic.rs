//! Dynamic references: `{{resolve:…}}`, which CloudFormation replaces at deployment.
//!
//! In: evaluated properties. Out: the same, with every text that holds a dynamic reference unknown, so that no rule takes the
//! reference for the secret itself.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>.

use std::sync::Arc;

use terravet_graph::{Candidate, Content, Data, Type, Unknown, Value, Why};

/// What a dynamic reference begins with.
pub(crate) const START: &str = "{{resolve:";

/// Makes texts with dynamic references unknown, anywhere in a value.
pub(crate) fn resolve(value: Value) -> Value {
    let data = match &value.data {
        Data::String(text) => match read(text, &value) {
            Some(resolved) => return resolved,
            None => return value,
        },
        Data::Tuple(items) => Data::Tuple(Arc::new(items.iter().cloned().map(resolve).collect())),
        Data::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| (Arc::clone(key), resolve(value.clone())));
            Data::Object(Arc::new(entries.collect()))
        }
        Data::Unknown(unknown) if !unknown.candidates.is_empty() => {
            let candidates = unknown
                .candidates
                .iter()
                .map(|candidate| Candidate { when: candidate.when.clone(), value: resolve(candidate.value.clone()) });
            let candidates = candidates.collect();
            Data::Unknown(Arc::new(Unknown { candidates, ..(**unknown).clone() }))
        }
        _ => return value,
    };
    Value { data, ..value }
}

/// What a text with dynamic references is; none where it has none.
fn read(text: &str, value: &Value) -> Option<Value> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(START) {
        let inside = &rest[at + START.len()..];
        let Some(end) = inside.find("}}") else { break };
        let Some(service) = service(&inside[..end]) else {
            let through = at + START.len();
            push_literal(&mut pieces, &rest[..through], value);
            rest = &rest[through..];
            continue;
        };
        push_literal(&mut pieces, &rest[..at], value);
        let unknown = Unknown { not_null: true, ..Unknown::new(Why::Import(service.into()), Type::String) };
        pieces.push(Value { origin: value.origin.clone(), ..Value::from(unknown) });
        rest = &inside[end + 2..];
    }
    if !pieces.iter().any(Value::is_unknown) {
        return None;
    }
    push_literal(&mut pieces, rest, value);
    if pieces.len() == 1 {
        return pieces.pop();
    }
    let why = pieces.iter().find_map(Value::as_unknown).map_or(Why::Error, |unknown| unknown.why.clone());
    let prefix = pieces.first().and_then(Value::as_str).map(Arc::from);
    let whole: Value = Unknown { not_null: true, prefix, ..Unknown::new(why, Type::String) }.into();
    Some(Value {
        origin: value.origin.clone(),
        sensitive: value.sensitive,
        ..whole.with_content(Content::Pieces(pieces))
    })
}

fn push_literal(pieces: &mut Vec<Value>, text: &str, value: &Value) {
    if !text.is_empty() {
        pieces.push(Value { origin: value.origin.clone(), ..Value::string(text) });
    }
}

/// The service that a dynamic reference reads from; none where it is no dynamic reference.
fn service(reference: &str) -> Option<&'static str> {
    let (service, key) = reference.split_once(':')?;
    if key.is_empty() {
        return None;
    }
    match service {
        "ssm" => Some("the parameter store"),
        "ssm-secure" => Some("the parameter store's secure strings"),
        "secretsmanager" => Some("Secrets Manager"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_resolved_is_unknown() {
        let value = Value::object([
            ("whole".into(), Value::string("{{resolve:secretsmanager:db:SecretString:password}}")),
            ("part".into(), Value::string("pre-{{resolve:ssm:/x}}-post")),
            ("other".into(), Value::string("{{resolve:elsewhere:x}}")),
            ("open".into(), Value::string("{{resolve:ssm:x")),
        ]);
        let resolved = resolve(value);
        assert_eq!(resolved.get("whole").as_unknown().unwrap().why, Why::Import("Secrets Manager".into()));
        assert_eq!(resolved.get("part").as_unknown().unwrap().prefix.as_deref(), Some("pre-"));
        assert_eq!(resolved.get("other").as_str(), Some("{{resolve:elsewhere:x}}"));
        assert_eq!(resolved.get("open").as_str(), Some("{{resolve:ssm:x"));
    }
}
