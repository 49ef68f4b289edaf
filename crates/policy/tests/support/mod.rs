//! What the tests share: policies from JSON text, unknown values, and judgements in words.
#![allow(dead_code, unreachable_pub, clippy::panic, reason = "each test file uses its own part; tests may panic")]

use std::path::Path;
use std::sync::{Arc, LazyLock};

use terravet_graph::{Candidate, Content, Guard, Reference, Truth, Type, Unknown, Value, Why};
use terravet_policy::facts::{DOCUMENT_FACTS, Fact, STATEMENT_FACTS};
use terravet_policy::{Document, Judgement, Statement, read};
use terravet_source::{Memory, Sources, Span};

static SOURCES: LazyLock<Sources> = LazyLock::new(|| Sources::new(Arc::new(Memory::default())));

/// A span in `main.tf`.
pub fn at(range: std::ops::Range<usize>) -> Span {
    Span::new(SOURCES.id(Path::new("main.tf")), range)
}

/// The only document that a value is.
pub fn only(value: &Value) -> Document {
    let mut reading = read(value);
    assert_eq!(reading.errors, []);
    assert_eq!(reading.documents.len(), 1);
    reading.documents.remove(0)
}

/// The document of these statements, as JSON.
pub fn document(statements: &str) -> Document {
    only(&Value::string(format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)))
}

/// One statement from JSON.
pub fn statement(json: &str) -> Statement {
    document(json).statements.items.remove(0)
}

/// What a fact says of one statement.
pub fn judge(fact: &str, json: &str) -> Truth {
    judge_statement(fact, &statement(json)).truth
}

pub fn judge_statement(fact: &str, statement: &Statement) -> Judgement {
    let fact = Fact::named(STATEMENT_FACTS, fact).unwrap_or_else(|| panic!("no fact is called {fact}"));
    (fact.judge)(statement)
}

/// What a fact says of the document of these statements.
pub fn judge_document(fact: &str, statements: &str) -> Truth {
    let fact = Fact::named(DOCUMENT_FACTS, fact).unwrap_or_else(|| panic!("no fact is called {fact}"));
    (fact.judge)(&document(statements)).truth
}

/// The texts of the witnesses of a fact about a statement that holds.
pub fn witness(fact: &str, json: &str) -> Vec<String> {
    let judgement = judge_statement(fact, &statement(json));
    assert_eq!(judgement.truth, Truth::True);
    judgement.witness.iter().map(|value| value.as_str().unwrap_or("(no text)").to_owned()).collect()
}

/// An input variable without a value.
pub fn input(name: &str) -> Value {
    Value::unknown(Why::Input(name.into()), Type::String)
}

/// An attribute that the provider computes.
pub fn computed(resource: &str, attribute: &str) -> Value {
    Value::computed(Reference { resource: resource.into(), attribute: attribute.into() }, Type::String)
}

/// The id of the account that is deployed to.
pub fn own_account() -> Value {
    let reference = Reference { resource: "data.aws_caller_identity.me".into(), attribute: "account_id".into() };
    Value::from(Unknown {
        reference: Some(reference),
        ..Unknown::new(Why::Data("data.aws_caller_identity.me".into()), Type::String)
    })
}

/// Text with unknown parts.
pub fn text_of(pieces: Vec<Value>) -> Value {
    input("text").with_content(Content::Pieces(pieces))
}

/// One of several, by a condition that is open.
pub fn one_of(candidates: Vec<Value>) -> Value {
    let candidates = candidates.into_iter().enumerate().map(|(at, value)| Candidate { when: vec![guard(at)], value });
    Value::one_of(Why::Input("var.choice".into()), Type::Any, candidates.collect())
}

pub fn guard(at: usize) -> Guard {
    Guard { choice: "var.choice".into(), taken: at.to_string().into(), words: format!("var.choice is {at}").into() }
}

/// An object value.
pub fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::object(entries.map(|(name, value)| (Arc::from(name), value)))
}
