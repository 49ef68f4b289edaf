//! What expressions are worth: `terravet eval`.
//!
//! In: values, or the reason why there is none. Out: text for people as `terraform console` writes it, or one line of JSON for
//! each (the contract is in docs/json.md).

use std::io::{self, Write};

use serde::Serialize;
use terravet_graph::{Data, Value};

use crate::value_json::Shown;
use crate::{json_text, value_text};

/// Writes the value for people.
///
/// # Errors
/// What the writer answers.
pub fn write_text(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    let mut text = String::new();
    value_text::write_value(value, 0, &mut text);
    writeln!(out, "{text}")
}

/// What an expression is worth.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The value.
    pub value: Value,
    /// Its type in words. Not always that of the value: `type(...)` answers with text, whose type is `type`.
    pub ty: String,
}

/// The value as JSON on one line, as in the contract of `terravet graph`.
#[must_use]
pub fn value_json(value: &Value) -> String {
    let mut out = Vec::new();
    let _ = json_text::write_line(&mut out, &Shown(value));
    String::from_utf8_lossy(&out).trim_end().to_owned()
}

/// Writes the answer to one expression as a line of JSON. `id` is whatever told the expression apart; an error is given in
/// words.
///
/// # Errors
/// What the writer answers.
pub fn write_json(out: &mut dyn Write, id: &serde_json::Value, answer: Result<&Answer, &str>) -> io::Result<()> {
    let entry = match answer {
        Err(error) => Entry { id, error: Some(error), ..Entry::new(id) },
        Ok(Answer { value, ty }) => match &value.data {
            Data::Unknown(unknown) => Entry {
                unknown: Some(unknown.why.to_string()),
                r#ref: unknown.reference.as_ref().map(ToString::to_string),
                r#type: Some(ty),
                ..Entry::new(id)
            },
            _ => Entry { value: Some(Shown(value)), r#type: Some(ty), ..Entry::new(id) },
        },
    };
    json_text::write_line(out, &entry)
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a serde_json::Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#ref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl<'a> Entry<'a> {
    fn new(id: &'a serde_json::Value) -> Self {
        Self { id, value: None, unknown: None, r#ref: None, r#type: None, error: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use terravet_graph::{Type, Why};

    fn line(answer: Result<&Value, &str>) -> String {
        let mut out = Vec::new();
        let answer = answer.map(|value| Answer { value: value.clone(), ty: value.ty().laid_out() });
        write_json(&mut out, &serde_json::json!(7), answer.as_ref().map_err(|error| *error)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn answers_are_one_line_each() {
        assert_eq!(line(Ok(&Value::string("x"))), "{\"id\":7,\"value\":\"x\",\"type\":\"string\"}\n");
        let unknown = Value::unknown(Why::Computed, Type::Number);
        assert_eq!(line(Ok(&unknown)), "{\"id\":7,\"unknown\":\"known after apply\",\"type\":\"number\"}\n");
        assert_eq!(line(Err("no")), "{\"id\":7,\"error\":\"no\"}\n");
        assert_eq!(line(Ok(&Value::null())), "{\"id\":7,\"value\":null,\"type\":\"dynamic\"}\n");
    }
}
