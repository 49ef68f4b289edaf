//! Types as `terraform console` prints `type(...)`: objects and tuples over several lines.

use std::fmt::Write as _;

use super::Type;

/// Writes the type, indented by four spaces a level.
pub(super) fn write_type(ty: &Type, depth: usize, text: &mut String) {
    match ty {
        Type::Any | Type::String | Type::Number | Type::Bool => {
            let _ = write!(text, "{ty}");
        }
        Type::List(element) => collection("list", element, depth, text),
        Type::Set(element) => collection("set", element, depth, text),
        Type::Map(element) => collection("map", element, depth, text),
        Type::Tuple(elements) if elements.is_empty() => text.push_str("tuple([])"),
        Type::Object(object) if object.attributes.is_empty() => text.push_str("object({})"),
        Type::Tuple(elements) => {
            text.push_str("tuple([\n");
            for element in elements.iter() {
                entry(None, element, depth + 1, text);
            }
            text.push_str(&indent(depth));
            text.push_str("])");
        }
        Type::Object(object) => {
            text.push_str("object({\n");
            for (name, attribute) in &object.attributes {
                entry(Some(name), attribute, depth + 1, text);
            }
            text.push_str(&indent(depth));
            text.push_str("})");
        }
    }
}

/// A collection is on one line unless its elements are objects or tuples.
fn collection(name: &str, element: &Type, depth: usize, text: &mut String) {
    text.push_str(name);
    if matches!(element, Type::Object(_) | Type::Tuple(_)) {
        text.push_str("(\n");
        entry(None, element, depth + 1, text);
        text.push_str(&indent(depth));
    } else {
        text.push('(');
        write_type(element, depth, text);
    }
    text.push(')');
}

fn entry(name: Option<&str>, ty: &Type, depth: usize, text: &mut String) {
    text.push_str(&indent(depth));
    if let Some(name) = name {
        text.push_str(name);
        text.push_str(": ");
    }
    write_type(ty, depth, text);
    text.push_str(",\n");
}

fn indent(depth: usize) -> String {
    "    ".repeat(depth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_and_tuples_take_lines_of_their_own() {
        let object = Type::object([("a".into(), Type::Number), ("b".into(), Type::list(Type::map(Type::String)))]);
        let expected = "object({\n    a: number,\n    b: list(map(string)),\n})";
        assert_eq!(object.laid_out(), expected);
        let list = "list(\n    object({\n        a: number,\n        b: list(map(string)),\n    }),\n)";
        assert_eq!(Type::list(object).laid_out(), list);
        assert_eq!(Type::set(Type::object([])).laid_out(), "set(\n    object({}),\n)");
        assert_eq!(Type::Tuple([Type::Any].into()).laid_out(), "tuple([\n    dynamic,\n])");
    }
}
