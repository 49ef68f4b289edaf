//! Laws that hold for all values, and that nothing panics.

use proptest::prelude::*;
use terravet_graph::{Type, Value};

use super::module;
use terravet_report::evaluation::value_json;
use terravet_terraform_functions::convert::{convert, unify};

/// Literals of every kind, and what is unknown.
const ATOMS: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "2.5",
    "1e10",
    "\"\"",
    "\"a\"",
    "\"10\"",
    "\"10.0.0.0/8\"",
    "\"é😀\"",
    "\"2020-02-29T00:00:00Z\"",
    "[]",
    "[1, \"a\"]",
    "[[1], [2, 3]]",
    "{}",
    "{ a = 1 }",
    "{ a = [null], b = { c = \"x\" } }",
    "tolist([\"b\", \"a\"])",
    "toset([3, 1])",
    "tomap({ k = \"v\" })",
    "var.open",
    "var.text",
    "var.list",
    "var.map",
    "var.secret",
    "local.hello",
    "(var.text == \"x\" ? [1] : [2])",
    "[for x in var.list : x]",
    "\"%s-%d\"",
    "\"(a)|[b-d]+\"",
    "\"{\\\"a\\\": [1]}\"",
    "1 / 0",
];

/// The names of all functions but those that only one form of call can reach.
fn names() -> Vec<&'static str> {
    terravet_terraform_functions::names().collect()
}

fn expression() -> impl Strategy<Value = String> {
    let atom = proptest::sample::select(ATOMS).prop_map(str::to_owned);
    atom.prop_recursive(3, 24, 4, |inner| {
        let call = (proptest::sample::select(names()), proptest::collection::vec(inner.clone(), 0..4))
            .prop_map(|(name, arguments)| format!("{name}({})", arguments.join(", ")));
        let operator = proptest::sample::select(&["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||"][..]);
        prop_oneof![
            6 => call,
            1 => (inner.clone(), operator, inner.clone()).prop_map(|(a, sign, b)| format!("({a} {sign} {b})")),
            1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            1 => inner.clone().prop_map(|a| format!("[for k, v in {a} : [k, v]]")),
            1 => inner.clone().prop_map(|a| format!("{{ for k, v in {a} : k => v... }}")),
            1 => inner.clone().prop_map(|a| format!("{a}[*]")),
            1 => inner.prop_map(|a| format!("\"x${{{a}}}\"")),
        ]
    })
}

fn types() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![Just(Type::String), Just(Type::Number), Just(Type::Bool)];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            proptest::collection::vec(inner.clone(), 0..3).prop_map(|types| Type::Tuple(types.into())),
            proptest::collection::btree_map("[ab]", inner, 0..3)
                .prop_map(|types| Type::object(types.into_iter().map(|(name, ty)| (name.into(), ty)))),
        ]
    })
}

proptest! {
    #[test]
    fn no_expression_panics_and_all_have_one_result(text in expression()) {
        let (first, second) = (module().value(&text), module().value(&text));
        prop_assert_eq!(first.as_ref().map(value_json).map_err(|error| &error.message), second.as_ref().map(value_json).map_err(|error| &error.message));
    }

    #[test]
    fn no_text_of_a_pattern_panics(pattern in "[a-c(){}\\[\\]*+?|^$.\\\\dwpQE:<>,0-3-]{0,12}", text in "[a-c0-3]{0,6}") {
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('$', "$$");
        let _ = module().value(&format!("regexall(\"{}\", \"{text}\")", quoted(&pattern)));
        let _ = module().value(&format!("replace(\"{text}\", \"/{}/\", \"$1\")", quoted(&pattern)));
    }

    #[test]
    fn a_value_converted_twice_is_the_same(text in expression(), ty in types()) {
        if let Ok(value) = module().value(&text)
            && let Ok(once) = convert(&value, &ty)
        {
            prop_assert_eq!(convert(&once, &ty), Ok(once.clone()));
            prop_assert!(once.is_unknown() || once.is_null() || once.ty() == ty, "{:?} is no {}", once, ty);
        }
    }

    #[test]
    fn a_value_converted_to_its_own_type_is_itself(text in expression()) {
        if let Ok(value) = module().value(&text) {
            prop_assert_eq!(convert(&value, &value.ty()), Ok(value.clone()));
        }
    }

    #[test]
    fn types_unify_with_themselves(ty in types()) {
        prop_assert_eq!(unify(&[ty.clone(), ty.clone()]), Some(ty));
    }

    #[test]
    fn json_survives_encoding_and_decoding(text in expression()) {
        let Ok(value) = module().value(&text) else { return Ok(()) };
        if let Ok(decoded) = module().value(&format!("jsondecode(jsonencode({text}))"))
            && value.is_wholly_known()
        {
            prop_assert_eq!(value_json(&decoded), value_json(&value));
        }
    }

    #[test]
    fn yaml_survives_encoding_and_decoding(text in "[ -~\\n\\té😀]{0,90}") {
        let value = Value::string(text.as_str());
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t").replace("${", "$${").replace("%{", "%%{");
        let decoded = module().value(&format!("yamldecode(yamlencode([\"{quoted}\"]))[0]"));
        prop_assert_eq!(decoded.map_err(|error| error.message), Ok(value));
    }
}
