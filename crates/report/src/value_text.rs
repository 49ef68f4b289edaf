//! Evaluated values for people, as `terraform console` writes them.
//!
//! What is not known stands in parentheses with the reason, and with what it may turn out to be where that is known;
//! sensitive values are not shown.

use terravet_graph::{Candidate, Data, Entries, Type, Value};

use crate::safe_text;

/// How many of the values that something may turn out to be are shown.
const MAX_CANDIDATES: usize = 4;

/// Writes the value; lines after the first are indented by `depth` levels of two spaces.
pub(crate) fn write_value(value: &Value, depth: usize, text: &mut String) {
    if value.sensitive {
        text.push_str("(sensitive value)");
        return;
    }
    match &value.data {
        Data::Absent | Data::Null(Type::Any) => text.push_str("null"),
        Data::Null(ty) => match ty {
            Type::String | Type::Number | Type::Bool => text.push_str(&format!("to{ty}(null)")),
            _ => text.push_str("null"),
        },
        Data::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) => text.push_str(&number.to_string()),
        Data::String(string) => quoted(string, text),
        Data::Tuple(items) => write_items("[", items, "]", depth, text),
        Data::List(sequence) => write_items("tolist([", &sequence.items, "])", depth, text),
        Data::Set(sequence) => write_items("toset([", &sequence.items, "])", depth, text),
        Data::Object(entries) => write_entries("{", entries, "}", depth, text),
        Data::Map(mapping) => write_entries("tomap({", &mapping.entries, "})", depth, text),
        Data::Unknown(unknown) => {
            let why = safe_text::clipped(&unknown.why.to_string(), 120);
            match &unknown.reference {
                Some(reference) => {
                    text.push_str(&format!("({}: {why})", safe_text::clipped(&reference.to_string(), 120)))
                }
                None if unknown.candidates.is_empty() => text.push_str(&format!("({why})")),
                None => text.push_str(&format!("({why}: {})", alternatives(&unknown.candidates))),
            }
        }
    }
}

/// What a value may turn out to be, and when.
fn alternatives(candidates: &[Candidate]) -> String {
    let mut words: Vec<String> = candidates.iter().take(MAX_CANDIDATES).map(alternative).collect();
    if candidates.len() > MAX_CANDIDATES {
        words.push(format!("{} more", candidates.len() - MAX_CANDIDATES));
    }
    words.join(", or ")
}

fn alternative(candidate: &Candidate) -> String {
    let mut value = String::new();
    match &candidate.value.data {
        _ if candidate.value.sensitive => value.push_str("(sensitive value)"),
        Data::Tuple(_) | Data::List(_) | Data::Set(_) => value.push_str("a list"),
        Data::Object(_) | Data::Map(_) => value.push_str("a map"),
        Data::Unknown(_) => value.push_str("something that is not known"),
        _ => write_value(&candidate.value, 0, &mut value),
    }
    let value = safe_text::clipped(&value, 60);
    let when: Vec<String> = candidate.when.iter().map(|guard| safe_text::clipped(&guard.words, 60)).collect();
    if when.is_empty() { value } else { format!("{value} when {}", when.join(" and ")) }
}

fn write_items(open: &str, items: &[Value], close: &str, depth: usize, text: &mut String) {
    text.push_str(open);
    for item in items {
        line(depth + 1, text);
        write_value(item, depth + 1, text);
        text.push(',');
    }
    if !items.is_empty() {
        line(depth, text);
    }
    text.push_str(close);
}

fn write_entries(open: &str, entries: &Entries, close: &str, depth: usize, text: &mut String) {
    text.push_str(open);
    let mut any = false;
    for (name, value) in entries.iter().filter(|(_, value)| !matches!(value.data, Data::Absent)) {
        any = true;
        line(depth + 1, text);
        quoted(name, text);
        text.push_str(" = ");
        write_value(value, depth + 1, text);
    }
    if any {
        line(depth, text);
    }
    text.push_str(close);
}

fn line(depth: usize, text: &mut String) {
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
}

/// A string literal.
fn quoted(string: &str, text: &mut String) {
    let mut literal = String::with_capacity(string.len() + 2);
    literal.push('"');
    for character in string.chars() {
        match character {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            _ => literal.push(character),
        }
    }
    literal.push('"');
    text.push_str(&safe_text::inline(&literal));
}

#[cfg(test)]
mod tests {
    use super::*;
    use terravet_graph::{Guard, Reference, Unknown, Why};

    #[test]
    fn what_a_value_may_turn_out_to_be_is_shown_with_when() {
        let candidate = |env: &str, value: Value| {
            let words = format!("Env is \"{env}\"").into();
            Candidate { when: vec![Guard { choice: "Env".into(), taken: env.into(), words }], value }
        };
        let open = |count: usize| {
            let all = ["dev", "test", "prod", "demo", "edge"].iter().take(count).enumerate();
            let candidates = all.map(|(at, env)| candidate(env, Value::number(at))).collect();
            let unknown =
                Unknown { candidates, ..Unknown::new(Why::Other("the condition P is open".into()), Type::Number) };
            let mut text = String::new();
            write_value(&unknown.into(), 0, &mut text);
            text
        };
        assert_eq!(open(2), r#"(the condition P is open: 0 when Env is "dev", or 1 when Env is "test")"#);
        assert!(open(5).ends_with(r#", or 3 when Env is "demo", or 1 more)"#), "{}", open(5));
    }

    #[test]
    fn values_look_as_in_the_console() {
        let reference = Reference { resource: "aws_kms_key.k".into(), attribute: "arn".into() };
        let value = Value::object([
            ("key".into(), Value::computed(reference, Type::String)),
            ("list".into(), Value::list(Type::Number, [Value::number(1), Value::unknown(Why::Error, Type::Number)])),
            ("none".into(), Value::from(Data::Null(Type::String))),
            ("secret".into(), Value::string("x").marked(true)),
            ("text".into(), Value::string("a\"b\n\u{1b}")),
        ]);
        let mut text = String::new();
        write_value(&value, 0, &mut text);
        let expected = r#"{
  "key" = (aws_kms_key.k.arn: known after apply)
  "list" = tolist([
    1,
    (could not be evaluated),
  ])
  "none" = tostring(null)
  "secret" = (sensitive value)
  "text" = "a\"b\n␛"
}"#;
        assert_eq!(text, expected);
    }
}
