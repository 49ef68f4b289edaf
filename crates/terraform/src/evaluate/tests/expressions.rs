//! Operators, conditionals, loops, indexes, templates.

use terravet_graph::{Type, Value, Why};

use super::super::console;
use super::TestModule;
use terravet_report::evaluation::value_json;

const MODULE: &str = r#"
    variable "open" {}
    variable "text" { type = string }
    variable "things" { type = map(object({ size = number })) }
    variable "shape" {
      type    = object({ a = number, b = optional(string, "x"), c = optional(bool) })
      default = { a = "1" }
    }
    locals {
      names = { a = "first", b = "second" }
    }
"#;

fn module() -> TestModule {
    TestModule::without_files(MODULE)
}

#[track_caller]
fn json(expression: &str) -> String {
    module().value(expression).map_or_else(|error| format!("refused: {error}"), |value| value_json(&value))
}

#[track_caller]
fn value(expression: &str) -> Value {
    module().value(expression).unwrap()
}

#[test]
fn operators_convert_their_operands() {
    assert_eq!(json("\"1\" + true"), "refused: `+` cannot be applied to this: number required, but have bool");
    assert_eq!(json("\"2\" * 3 - 1"), "5");
    assert_eq!(json("-\"5\""), "-5");
    assert_eq!(json("\"true\" && !false"), "true");
    assert_eq!(json("1 == \"1\""), "false");
    assert_eq!(json("[1] == tolist([1])"), "false");
    assert_eq!(json("1 + null"), "refused: `+` needs a value here, and this is null");
}

#[test]
fn both_arms_of_a_conditional_have_one_type() {
    assert_eq!(json("true ? 1 : \"a\""), "\"1\"");
    assert_eq!(value("true ? [] : [\"a\"]").ty(), Type::list(Type::String));
    assert_eq!(value("true ? { a = 1 } : { b = \"x\" }").ty(), Type::map(Type::String));
    assert!(json("true ? [1] : \"a\"").starts_with("refused: the two results of a condition must have one type"));
    // An error in the arm that is not taken does no harm.
    assert_eq!(json("true ? 1 : tonumber(\"x\")"), "1");
}

#[test]
fn an_open_condition_gives_both_arms_with_their_conditions() {
    let value = value("var.text != \"prod\" ? \"public\" : \"private\"");
    let unknown = value.as_unknown().unwrap();
    assert!(unknown.not_null);
    let shown: Vec<(String, Option<&str>)> =
        unknown.candidates.iter().map(|one| (one.when[0].words.to_string(), one.value.as_str())).collect();
    assert_eq!(
        shown,
        [("var.text is not \"prod\"".to_owned(), Some("public")), ("var.text is \"prod\"".to_owned(), Some("private"))]
    );
}

#[test]
fn an_arm_that_is_refused_matters_only_where_it_is_certainly_taken() {
    let refused = value("var.text == \"a\" ? length(null) : 1");
    let candidates = &refused.as_unknown().unwrap().candidates;
    let shown: Vec<String> = candidates.iter().map(|one| one.when[0].words.to_string()).collect();
    assert_eq!(shown, ["var.text is \"a\"", "var.text is not \"a\""]);
    assert!(candidates[0].value.as_unknown().unwrap().candidates.is_empty());
    assert_eq!(value_json(&candidates[1].value), "1");
    assert_eq!(
        json("var.text == \"a\" && length(null) == 1"),
        "refused: length() refuses this: invalid value for \"value\" parameter: argument must not be null"
    );
}

#[test]
fn what_no_round_evaluates_is_checked_all_the_same() {
    assert_eq!(json("[for v in [] : v if 1 < 2]"), "[]");
    assert!(json("[for v in [] : v if 12]").starts_with("refused: a condition must be true or false"));
    assert!(json("{ for k, v in {} : k => v if length(null) == 1 }").starts_with("refused: length() refuses this"));
    // A text that is not known has no elements either.
    assert!(json("\"%{ for v in var.text }${v}%{ endfor }\"").starts_with("refused: a `for` needs a list"));
}

#[test]
fn of_an_object_that_is_refused_for_a_key_made_twice_the_rest_has_its_type() {
    let twice = "{ for v in [1, 2] : \"k\" => v }";
    assert!(json(twice).starts_with("refused: two rounds of this `for` make the key"));
    assert_eq!(value(&format!("true ? {{}} : {twice}")).ty(), Type::map(Type::Number));
    assert!(json(&format!("true ? \"a\" : {twice}")).starts_with("refused: the two results of a condition"));
}

#[test]
fn what_both_arms_agree_on_is_known_where_terraform_knows_it() {
    assert_eq!(json("var.text == \"a\" ? null : null"), "null");
    assert_eq!(json("var.text == \"a\" ? 1 : 1"), "1");
    assert_eq!(json("(var.text == \"a\" ? 1 : 2) > 0"), "true");
    assert_eq!(json("(var.text == \"a\" ? \"x\" : \"y\") == null"), "false");
    assert_eq!(json("var.text == \"a\" ? tomap({}) : tomap({})"), "{}");
    assert!(value("var.text == \"a\" ? \"x\" : \"x\"").is_unknown());
    assert!(value("var.text == \"a\" ? true : true").is_unknown());
}

#[test]
fn one_condition_decides_once() {
    let values = |expression: &str| -> Vec<String> {
        value(expression).as_unknown().unwrap().candidates.iter().map(|one| value_json(&one.value)).collect()
    };
    assert_eq!(values("var.text == \"a\" ? (var.text == \"a\" ? 1 : 2) : 3"), ["1", "3"]);
    assert_eq!(values("(var.text == \"a\" ? 1 : 2) * (var.text == \"a\" ? 10 : 20)"), ["10", "40"]);
}

#[test]
fn loops_run_over_sequences_and_mappings() {
    assert_eq!(json("[for i, x in [\"a\", \"b\"] : \"${i}${x}\"]"), "[\"0a\",\"1b\"]");
    assert_eq!(json("[for k, v in { b = 1, a = 2 } : k if v > 1]"), "[\"a\"]");
    assert_eq!(json("{ for x in [\"a\", \"b\", \"a\"] : x => 1... }"), "{\"a\":[1,1],\"b\":[1]}");
    assert!(json("{ for x in [\"a\", \"a\"] : x => 1 }").contains("two rounds of this `for` make the key \"a\""));
    assert_eq!(
        json("[for x in 5 : x]"),
        "refused: a `for` needs a list, set, map or object to run over, and this is number"
    );
    assert!(value("[for x in var.things : x.size]").is_unknown());
}

#[test]
fn splats_and_indexes_step_into_values() {
    assert_eq!(json("[{ a = 1 }, { a = 2 }][*].a"), "[1,2]");
    assert_eq!(json("null[*]"), "[]");
    assert_eq!(json("5[*]"), "[5]");
    assert_eq!(json("{ a = [1, 2] }[\"a\"][1]"), "2");
    assert_eq!(json("[1][2]"), "refused: there is no element 2 here: there are 1 elements");
    assert_eq!(value("var.things[\"x\"].size").ty(), Type::Number);
    let error = module().value("local.names.frist").unwrap_err();
    assert_eq!(error.message, "there is no attribute `frist` here");
}

#[test]
fn templates_trim_and_direct() {
    assert_eq!(json("\"${1}\""), "1");
    assert_eq!(json("\"a${1}\""), "\"a1\"");
    assert_eq!(json("\"%{ if true ~} yes %{ else }no%{ endif }\""), "\"yes \"");
    assert_eq!(json("\"%{ for x in [1, 2] }<${x}>%{ endfor }\""), "\"<1><2>\"");
    assert_eq!(json("\"${[1]}x\""), "refused: a tuple cannot be part of a text");
}

#[test]
fn defaults_of_optional_attributes_are_filled_in() {
    assert_eq!(json("var.shape"), "{\"a\":1,\"b\":\"x\",\"c\":null}");
}

#[test]
fn origins_lead_from_the_use_to_the_source() {
    let value = value("local.names[\"b\"]");
    let way: Vec<String> = value.origin.unwrap().chain().map(|link| link.step.to_string()).collect();
    assert_eq!(way, ["through local.names", "written here"]);
}

#[test]
fn what_is_not_known_says_why() {
    assert_eq!(value("upper(\"${var.open}-x\")").as_unknown().unwrap().why, Why::Input("var.open".into()));
    assert_eq!(value("{ (var.text) = 1 }").ty(), Type::Any);
}

#[test]
fn the_console_alone_tells_types() {
    let module = module();
    let answer = |expression: &str| console(&module.parse(expression).unwrap(), &module);
    let (value, ty) = answer("type([1, \"a\"])").unwrap();
    assert_eq!((value.as_str(), &*ty), (Some("tuple([\n    number,\n    string,\n])"), "type"));
    assert!(answer("[type(1)]").unwrap_err().message.contains("no function named \"type\""));
}
