//! The functions, family by family: what each makes of its arguments, and what it refuses.

mod collections;
mod dates;
mod encodings;
mod files;
mod laws;
mod networks;
mod numbers;
mod strings;
mod structures;
mod unknowns;

use std::sync::Arc;

use terravet_source::Memory;

use crate::evaluate::console;
use crate::evaluate::tests::{TestFiles, TestModule};
use terravet_report::evaluation::value_json;

/// The declarations that all these tests can refer to.
const MODULE: &str = r#"
    variable "open" {}
    variable "text" { type = string }
    variable "list" { type = list(string) }
    variable "map" { type = map(string) }
    variable "secret" {
      default   = "hidden"
      sensitive = true
    }
    locals {
      hello = "Hello, $${name}!"
      shout = "$${upper(name)}$${file(\"greeting.txt\")}"
    }
"#;

fn module() -> TestModule {
    let files = Memory::new([
        ("root/greeting.txt", "hi\n".as_bytes()),
        ("root/page.tpl", b"%{ for x in xs ~}\n- ${x}\n%{ endfor ~}\n"),
        ("root/only.tpl", b"${x}"),
        ("root/data/a.json", br#"{"a": [1, null]}"#),
        ("root/data/deep/b.json", b"{}"),
        ("root/data/deep/c.txt", b"c"),
        ("root/binary", b"\xff\x00"),
    ]);
    TestModule::new(MODULE, TestFiles::new(Arc::new(files), "root"))
}

/// The value of an expression as JSON.
#[track_caller]
fn json(expression: &str) -> String {
    match module().value(expression) {
        Ok(value) => value_json(&value),
        Err(error) => panic!("{expression} is refused: {error}"),
    }
}

/// The type of an expression.
#[track_caller]
fn type_of(expression: &str) -> String {
    let module = module();
    let expr = module.parse(expression).unwrap();
    let (value, _) = console(&expr, &module).unwrap();
    value.ty().to_string()
}

/// Why an expression is refused.
#[track_caller]
fn refusal(expression: &str) -> String {
    match module().value(expression) {
        Ok(value) => panic!("{expression} is {}", value_json(&value)),
        Err(error) => error.message,
    }
}

/// Asserts the values of several expressions.
#[track_caller]
fn assert_values(pairs: &[(&str, &str)]) {
    for (expression, expected) in pairs {
        assert_eq!(json(expression), *expected, "{expression}");
    }
}

/// Asserts that several expressions are refused.
#[track_caller]
fn assert_refused(expressions: &[&str]) {
    for expression in expressions {
        refusal(expression);
    }
}
