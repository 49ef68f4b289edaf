//! Values and types as text, for `terravet eval` and `terravet graph`.

use std::fmt::Write as _;

use terravet_graph::{Data, Type, Value};

/// A value as JSON with all digits. What is unknown is `{"$unknown": "why"}`, with `ref` where it refers to a resource's attribute.
pub(crate) fn to_json(value: &Value) -> String {
    let mut out = String::new();
    write_json(value, &mut out);
    out
}

fn write_json(value: &Value, out: &mut String) {
    match &value.data {
        Data::Absent | Data::Null(_) => out.push_str("null"),
        Data::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Data::Number(number) => {
            let _ = write!(out, "{number}");
        }
        Data::String(text) => write_text(text, out),
        Data::List(sequence) | Data::Set(sequence) => write_items(&sequence.items, out),
        Data::Tuple(items) => write_items(items, out),
        Data::Map(mapping) => write_entries(mapping.entries.iter(), out),
        Data::Object(entries) => write_entries(entries.iter(), out),
        Data::Unknown(unknown) => {
            out.push_str("{\"$unknown\":");
            write_text(&unknown.why.to_string(), out);
            if let Some(reference) = &unknown.reference {
                out.push_str(",\"ref\":");
                write_text(&reference.to_string(), out);
            }
            out.push('}');
        }
    }
}

fn write_items(items: &[Value], out: &mut String) {
    out.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_json(item, out);
    }
    out.push(']');
}

fn write_entries<'v>(entries: impl Iterator<Item = (&'v std::sync::Arc<str>, &'v Value)>, out: &mut String) {
    out.push('{');
    for (at, (name, value)) in entries.enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_text(name, out);
        out.push(':');
        write_json(value, out);
    }
    out.push('}');
}

/// Text as a JSON string.
fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if (control as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", control as u32);
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// A type as `terraform console` prints it for `type(...)`.
pub(crate) fn type_text(ty: &Type) -> String {
    let mut out = String::new();
    write_type(ty, 0, &mut out);
    out
}

fn write_type(ty: &Type, depth: usize, out: &mut String) {
    let line = |depth: usize| format!("\n{:1$}", "", depth * 4);
    match ty {
        Type::List(element) => write_collection("list", element, depth, out),
        Type::Set(element) => write_collection("set", element, depth, out),
        Type::Map(element) => write_collection("map", element, depth, out),
        Type::Tuple(elements) if !elements.is_empty() => {
            out.push_str("tuple([");
            for element in elements.iter() {
                out.push_str(&line(depth + 1));
                write_type(element, depth + 1, out);
                out.push(',');
            }
            out.push_str(&line(depth));
            out.push_str("])");
        }
        Type::Object(object) if !object.attributes.is_empty() => {
            out.push_str("object({");
            for (name, attribute) in &object.attributes {
                let _ = write!(out, "{}{name}: ", line(depth + 1));
                write_type(attribute, depth + 1, out);
                out.push(',');
            }
            out.push_str(&line(depth));
            out.push_str("})");
        }
        simple => {
            let _ = write!(out, "{simple}");
        }
    }
}

/// Elements with parts of their own have lines of their own.
fn write_collection(kind: &str, element: &Type, depth: usize, out: &mut String) {
    let _ = write!(out, "{kind}(");
    if matches!(element, Type::Object(_) | Type::Tuple(_)) {
        let _ = write!(out, "\n{:1$}", "", (depth + 1) * 4);
        write_type(element, depth + 1, out);
        let _ = write!(out, ",\n{:1$}", "", depth * 4);
    } else {
        write_type(element, depth, out);
    }
    out.push(')');
}

#[cfg(test)]
mod tests {
    use super::*;
    use terravet_graph::{Reference, Value};

    #[test]
    fn values_as_json() {
        let reference = Reference { resource: "aws_kms_key.k".into(), attribute: "arn".into() };
        let value = Value::object([
            ("a".into(), Value::tuple([Value::number(1), Value::null(), Value::string("x\n\"y\"")])),
            ("k".into(), Value::computed(reference, Type::String)),
        ]);
        assert_eq!(
            to_json(&value),
            r#"{"a":[1,null,"x\n\"y\""],"k":{"$unknown":"known after apply","ref":"aws_kms_key.k.arn"}}"#
        );
    }
}
