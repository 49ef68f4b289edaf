//! What stays certain when arguments are not known.

use terravet_graph::{Content, Data, Type, Unknown, Value, Why};

use super::{assert_values, module};

#[track_caller]
fn open(expression: &str) -> Unknown {
    let value = module().value(expression).unwrap();
    match value.data {
        Data::Unknown(unknown) => Unknown::clone(&unknown),
        _ => panic!("{expression} is {}", terravet_report::evaluation::value_json(&value)),
    }
}

#[test]
fn the_type_and_the_reason_are_kept() {
    for (expression, ty) in [
        ("upper(var.text)", Type::String),
        ("length(var.list)", Type::Number),
        ("split(\",\", var.text)", Type::list(Type::String)),
        ("keys(var.map)", Type::list(Type::String)),
        ("element(var.list, 0)", Type::String),
        ("tostring(var.open)", Type::String),
        ("merge(var.map, var.map)", Type::map(Type::String)),
        ("setunion(var.list, [\"a\"])", Type::set(Type::String)),
        ("jsondecode(var.text)", Type::Any),
        ("var.open", Type::Any),
    ] {
        let unknown = open(expression);
        assert_eq!(unknown.ty, ty, "{expression}");
        assert!(matches!(unknown.why, Why::Input(_)), "{expression}: {:?}", unknown.why);
    }
}

#[test]
fn functions_whose_results_differ_from_run_to_run_are_unknown() {
    for name in ["timestamp", "plantimestamp", "uuid"] {
        let unknown = open(&format!("{name}()"));
        assert_eq!((unknown.ty, unknown.not_null, unknown.why), (Type::String, true, Why::Function(name.into())));
    }
    assert_eq!(open("bcrypt(\"x\")").why, Why::Function("bcrypt".into()));
}

#[test]
fn beginnings_and_lengths_are_kept() {
    assert_eq!(open("\"arn:${var.text}\"").prefix.as_deref(), Some("arn:"));
    assert_eq!(open("format(\"a%sb%s\", \"x\", var.text)").prefix.as_deref(), Some("axb"));
    assert_eq!(open("join(\"-\", [\"a\", var.text])").prefix.as_deref(), Some("a-"));
    assert_eq!(open("jsonencode({ a = var.text })").prefix.as_deref(), Some("{"));
    let sorted = open("sort([\"a\", var.text])");
    assert_eq!((sorted.min_length, sorted.max_length), (2, Some(2)));
    assert_values(&[
        ("length([var.text, 1])", "2"),
        ("length(sort([\"a\", var.text]))", "2"),
        ("startswith(\"arn:${var.text}\", \"arn:\")", "true"),
        ("startswith(\"arn:${var.text}\", \"s3:\")", "false"),
        ("keys({ a = var.text })", "[\"a\"]"),
        ("concat([1], [var.open])[0]", "1"),
        ("merge({ a = var.open }, { b = 1 }).b", "1"),
        ("contains([var.text, \"a\"], \"a\")", "true"),
        ("anytrue([var.open == 1, true])", "true"),
        ("alltrue([var.open == 1, false])", "false"),
        ("can(var.text)", "true"),
    ]);
}

#[test]
fn text_remembers_what_it_was_made_of() {
    let module = module();
    let content = |expression: &str| module.value(expression).unwrap().content.unwrap();
    let Content::Json(encoded) = &*content("jsonencode({ a = [var.text], b = 1 })") else { panic!("not JSON") };
    assert_eq!(encoded.get("b"), Value::number(1));
    let Content::Pieces(pieces) = &*content("format(\"%s/*\", var.text)") else { panic!("no pieces") };
    assert!(pieces[0].is_unknown());
    assert_eq!(pieces[1].as_str(), Some("/*"));
}

#[test]
fn what_was_encoded_is_decoded_with_its_unknowns() {
    let value = module().value("jsondecode(jsonencode({ a = var.text, b = toset([1]) }))").unwrap();
    assert!(value.get("a").is_unknown());
    assert_eq!(value.get("b").ty(), Type::Tuple([Type::Number].into()));
}

#[test]
fn an_open_choice_is_followed_through_functions() {
    let module = module();
    let candidates = |expression: &str| -> Vec<(String, String)> {
        let value = module.value(expression).unwrap();
        let unknown = value.as_unknown().unwrap_or_else(|| panic!("{expression} is known")).clone();
        let shown = |candidate: &terravet_graph::Candidate| {
            let words: Vec<&str> = candidate.when.iter().map(|guard| &*guard.words).collect();
            (words.join(" and "), terravet_report::evaluation::value_json(&candidate.value))
        };
        unknown.candidates.iter().map(shown).collect()
    };
    let both = |yes: &str, no: &str| {
        vec![("var.text is \"x\"".to_owned(), yes.to_owned()), ("var.text is not \"x\"".to_owned(), no.to_owned())]
    };
    assert_eq!(candidates("upper(var.text == \"x\" ? \"a\" : \"b\")"), both("\"A\"", "\"B\""));
    assert_eq!(candidates("\"p-${var.text == \"x\" ? \"a\" : \"b\"}\""), both("\"p-a\"", "\"p-b\""));
    assert_eq!(candidates("length(concat([1], var.text == \"x\" ? [2] : [2, 3]))"), both("2", "3"));
    assert_eq!(candidates("[for x in (var.text == \"x\" ? [1] : []) : x + 1]"), both("[2]", "[]"));
    // The same choice twice is one choice.
    let joined = "join(\"\", [var.text == \"x\" ? \"a\" : \"b\", var.text == \"x\" ? \"c\" : \"d\"])";
    assert_eq!(candidates(joined), both("\"ac\"", "\"bd\""));
    // What is the same whichever way it goes is certain.
    assert_values(&[("length(var.text == \"x\" ? [1] : [2])", "1")]);
}

#[test]
fn the_way_of_a_value_leads_through_the_call() {
    let value = module().value("lookup({ a = \"x\" }, \"a\")").unwrap();
    assert_eq!(value.origin.unwrap().source().span.range(), 13..16);
    let made = module().value("upper(\"x\")").unwrap();
    let steps: Vec<String> = made.origin.unwrap().chain().map(|link| link.step.to_string()).collect();
    assert_eq!(steps, ["made by upper()", "written here"]);
}

#[test]
fn what_a_provider_sets_of_a_resource_is_unknown_and_not_missing() {
    for expression in [
        "thing.a.arn",
        "thing.a[\"arn\"]",
        "lookup(thing.a, \"arn\", \"none\")",
        "try(thing.a.arn, \"none\")",
        "keys(thing.a)",
        "length(thing.a)",
        "merge(thing.a, { b = 1 })",
        "tomap(thing.a)",
        "jsonencode([thing.a])",
        "yamlencode({ a = thing.a })",
        "thing.a == thing.b",
        "[for name, value in thing.a : name]",
    ] {
        assert_eq!(open(expression).why, Why::Computed, "{expression}");
    }
    assert_eq!(open("thing.a.arn").reference.unwrap().to_string(), "thing.a.arn");
    assert_eq!(open("merge({ a = thing.a }, { b = 1 }).a.arn").reference.unwrap().to_string(), "thing.a.arn");
    assert_eq!(open("(true ? thing.a : thing.b).arn").reference.unwrap().to_string(), "thing.a.arn");
    assert_values(&[
        ("thing.a.name", "\"a\""),
        ("lookup(thing.a, \"name\", 0)", "\"a\""),
        ("thing.a == null", "false"),
        ("[thing.a, thing.b][*].name", "[\"a\",\"b\"]"),
        ("[for thing in [thing.a] : thing.name]", "[\"a\"]"),
    ]);
}

#[test]
fn a_resource_can_become_an_object_of_the_attributes_that_are_asked_for() {
    let wanted = Type::object([("arn".into(), Type::String), ("name".into(), Type::String)]);
    let things = module().value("[thing.a, thing.b]").unwrap();
    let converted = terravet_terraform_functions::convert::convert(&things, &Type::list(wanted.clone())).unwrap();
    assert_eq!(converted.ty(), Type::list(wanted));
    let arn = converted.elements()[1].get("arn");
    assert_eq!(arn.as_unknown().unwrap().reference.as_ref().unwrap().to_string(), "thing.b.arn");
    assert_eq!(converted.elements()[1].get("name").as_str(), Some("b"));
}
