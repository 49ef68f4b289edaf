//! Evaluated values as JSON.
//!
//! Numbers keep all their digits. What is not known is an object with the one key `$unknown`, which says why, and `ref` where
//! it is exactly one attribute of a resource; a key of the input that would look like it gets one more `$` in front. Sensitive
//! values are written: whoever asks for the graph of a configuration can read the configuration.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use serde_json::value::RawValue;
use terravet_graph::{Data, Entries, Unknown, Value};

/// A value, to be serialized.
pub(crate) struct Shown<'v>(pub(crate) &'v Value);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0.data {
            Data::Absent | Data::Null(_) => serializer.serialize_unit(),
            Data::Bool(value) => serializer.serialize_bool(*value),
            Data::Number(number) => match RawValue::from_string(number.to_string()) {
                Ok(digits) => digits.serialize(serializer),
                // Only infinities have no JSON.
                Err(_) => marker(serializer, &format!("{number} has no form in JSON"), None),
            },
            Data::String(text) => serializer.serialize_str(text),
            Data::List(sequence) | Data::Set(sequence) => items(&sequence.items, serializer),
            Data::Tuple(values) => items(values, serializer),
            Data::Map(mapping) => entries(&mapping.entries, serializer),
            Data::Object(attributes) => entries(attributes, serializer),
            Data::Unknown(unknown) => marked(unknown, serializer),
        }
    }
}

fn items<S: Serializer>(values: &[Value], serializer: S) -> Result<S::Ok, S::Error> {
    let mut sequence = serializer.serialize_seq(Some(values.len()))?;
    for value in values {
        sequence.serialize_element(&Shown(value))?;
    }
    sequence.end()
}

fn entries<S: Serializer>(values: &Entries, serializer: S) -> Result<S::Ok, S::Error> {
    let present = values.iter().filter(|(_, value)| !matches!(value.data, Data::Absent));
    let mut map = serializer.serialize_map(None)?;
    for (name, value) in present {
        map.serialize_entry(&*key(name), &Shown(value))?;
    }
    map.end()
}

/// A key that is told apart from the marker of an unknown.
fn key(name: &str) -> Cow<'_, str> {
    let looks_like_marker = name
        .strip_suffix("unknown")
        .is_some_and(|dollars| !dollars.is_empty() && dollars.bytes().all(|byte| byte == b'$'));
    if looks_like_marker { Cow::Owned(format!("${name}")) } else { Cow::Borrowed(name) }
}

fn marked<S: Serializer>(unknown: &Unknown, serializer: S) -> Result<S::Ok, S::Error> {
    marker(serializer, &unknown.why.to_string(), unknown.reference.as_ref().map(ToString::to_string))
}

fn marker<S: Serializer>(serializer: S, why: &str, reference: Option<String>) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("$unknown", why)?;
    if let Some(reference) = reference {
        map.serialize_entry("ref", &reference)?;
    }
    map.end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use terravet_graph::{Number, Reference, Type, Why};

    fn json(value: &Value) -> String {
        serde_json::to_string(&Shown(value)).unwrap()
    }

    #[test]
    fn numbers_keep_all_digits() {
        let digits = "123456789012345678901234567890.123456789";
        assert_eq!(json(&Value::number(digits.parse::<Number>().unwrap())), digits);
        assert_eq!(json(&Value::number(Number::infinity(true))), r#"{"$unknown":"-Inf has no form in JSON"}"#);
    }

    #[test]
    fn unknown_leaves_say_why_and_what_they_refer_to() {
        let reference = Reference { resource: "aws_kms_key.k".into(), attribute: "arn".into() };
        let value = Value::tuple([
            Value::computed(reference, Type::String),
            Value::unknown(Why::Input("var.env".into()), Type::String),
            Value::object([("$unknown".into(), Value::null()), ("$ref".into(), Value::string("x"))]),
        ]);
        let expected = concat!(
            r##"[{"$unknown":"known after apply","ref":"aws_kms_key.k.arn"},{"$unknown":"var.env has no value"},"##,
            r##"{"$ref":"x","$$unknown":null}]"##
        );
        assert_eq!(json(&value), expected);
    }
}
