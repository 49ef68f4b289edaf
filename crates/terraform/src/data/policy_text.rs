//! The JSON text of a policy as the provider writes it: the elements of documents and statements in a fixed order, all else by
//! name.

use terravet_graph::{Data, Value};

use super::policy_merge::ELEMENTS;
use terravet_terraform_functions::json_encode;

/// What the elements of an object are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Document,
    Statement,
    Other,
}

/// The text with line breaks and two spaces for each level.
pub(super) fn pretty(document: &Value) -> String {
    let mut out = String::new();
    write(document, Level::Document, Some(0), &mut out);
    out
}

/// The text without white space.
pub(super) fn minified(document: &Value) -> String {
    let mut out = String::new();
    write(document, Level::Document, None, &mut out);
    out
}

fn write(value: &Value, level: Level, depth: Option<usize>, out: &mut String) {
    let inner = depth.map(|depth| depth + 1);
    if let Some(entries) = value.as_entries() {
        let order: &[&str] = match level {
            Level::Document => &["Version", "Id", "Statement"],
            Level::Statement => &ELEMENTS,
            Level::Other => &[],
        };
        let first = order.iter().filter_map(|name| entries.get_indexed(entries.find_index(*name).ok()?));
        let rest = entries.iter().filter(|(name, _)| !order.contains(&&***name));
        enclosed('{', '}', first.chain(rest), depth, out, |(name, value), out| {
            write(&Value::string(std::sync::Arc::clone(name)), Level::Other, None, out);
            out.push_str(if depth.is_some() { ": " } else { ":" });
            let level =
                if level == Level::Document && &**name == "Statement" { Level::Statement } else { Level::Other };
            write(value, level, inner, out);
        });
    } else if let Some(items) = value.as_items() {
        enclosed('[', ']', items.iter(), depth, out, |item, out| write(item, level, inner, out));
    } else if !matches!(value.data, Data::Unknown(_)) {
        out.push_str(&json_encode(value).unwrap_or_default());
    }
}

fn enclosed<T>(
    open: char,
    close: char,
    parts: impl Iterator<Item = T>,
    depth: Option<usize>,
    out: &mut String,
    mut each: impl FnMut(T, &mut String),
) {
    let line = |depth: usize, out: &mut String| {
        out.push('\n');
        (0..depth).for_each(|_| out.push_str("  "));
    };
    out.push(open);
    let mut any = false;
    for part in parts {
        if any {
            out.push(',');
        }
        any = true;
        if let Some(depth) = depth {
            line(depth + 1, out);
        }
        each(part, out);
    }
    if let (true, Some(depth)) = (any, depth) {
        line(depth, out);
    }
    out.push(close);
}
