//! The text of policies that AWS manages, as of the day that the data file names.
//!
//! In: the ARN of a policy. Out: the document. A policy that is not in the file is not known here: what it grants is *maybe*.

use std::sync::Arc;

use serde_json::Value as Json;
use terravet_graph::Value;

const FILE: &str = include_str!("../data/managed-policies.jsonl");

/// A policy that AWS manages.
#[derive(Clone, Debug)]
pub(crate) struct ManagedPolicy {
    /// `AdministratorAccess`.
    pub(crate) name: Arc<str>,
    /// Its document, where it is in the file.
    pub(crate) document: Option<Value>,
}

/// The policy that an ARN names, if it is one of AWS's.
pub(crate) fn by_arn(arn: &str) -> Option<ManagedPolicy> {
    let mut parts = arn.splitn(6, ':');
    let ("arn", Some(_), "iam", "", "aws", Some(resource)) =
        (parts.next()?, parts.next(), parts.next()?, parts.next()?, parts.next()?, parts.next())
    else {
        return None;
    };
    // The path (`service-role/`) tells nothing more: names are unique among the policies of AWS.
    let name = resource.strip_prefix("policy/")?.rsplit('/').next()?;
    Some(ManagedPolicy { name: name.into(), document: document(name) })
}

/// Whether the file has a policy of this name.
pub(crate) fn is_known(name: &str) -> bool {
    line(name).is_some()
}

fn line(name: &str) -> Option<&'static str> {
    let start = format!("{{\"name\":\"{name}\",");
    FILE.lines().find(|line| line.starts_with(&start))
}

fn document(name: &str) -> Option<Value> {
    let json: Json = serde_json::from_str(line(name)?).ok()?;
    Some(value(json.get("document")?))
}

/// A JSON value. The file is ours, so that its depth is known.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::null(),
        Json::Bool(flag) => Value::bool(*flag),
        Json::Number(number) => Value::string(number.to_string()),
        Json::String(text) => Value::string(text.as_str()),
        Json::Array(items) => Value::tuple(items.iter().map(value)),
        Json::Object(entries) => {
            Value::object(entries.iter().map(|(name, entry)| (Arc::from(name.as_str()), value(entry))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_found_by_its_arn_in_any_partition() {
        let named = |arn: &str| by_arn(arn).map(|policy| (policy.name.to_string(), policy.document.is_some()));
        let found = |name: &str| Some((name.to_owned(), true));
        assert_eq!(named("arn:aws:iam::aws:policy/AdministratorAccess"), found("AdministratorAccess"));
        assert_eq!(
            named("arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"),
            found("AWSLambdaBasicExecutionRole")
        );
        assert_eq!(named("arn:aws:iam::aws:policy/OfTomorrow"), Some(("OfTomorrow".to_owned(), false)));
        assert_eq!(named("arn:aws:iam::111122223333:policy/AdministratorAccess"), None);
        assert_eq!(named("AdministratorAccess"), None);
    }

    #[test]
    fn every_line_is_a_policy_and_the_lines_are_sorted() {
        let names: Vec<String> = FILE
            .lines()
            .skip(1)
            .map(|line| {
                let json: Json = serde_json::from_str(line).unwrap();
                assert!(
                    json["document"]["Statement"].is_array() || json["document"]["Statement"].is_object(),
                    "{line}"
                );
                json["name"].as_str().unwrap().to_owned()
            })
            .collect();
        assert!(names.is_sorted());
        assert!(names.len() > 200);
    }
}
