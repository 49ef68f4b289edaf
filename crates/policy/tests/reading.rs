//! From values to documents, with the place of everything.

mod support;

use std::sync::Arc;

use support::*;
use terravet_graph::{Content, Data, Origin, Step, Truth, Type, Value, Why};
use terravet_policy::{PolicyError, PrincipalKind, read};

#[test]
fn one_value_stands_for_a_list_of_one() {
    let document = only(&object([(
        "Statement",
        object([
            ("Effect", Value::string("Allow")),
            ("Action", Value::string("s3:*")),
            ("Resource", Value::string("*")),
        ]),
    )]));
    let statement = &document.statements.items[0];
    assert_eq!(statement.actions.items, [Value::string("s3:*")]);
    assert_eq!(statement.resources.items, [Value::string("*")]);
    assert_eq!(statement.not_actions.present, Truth::False);
    assert!(document.statements.complete);
}

#[test]
fn element_names_are_case_sensitive() {
    let statement = statement(r#"{"effect": "Allow", "ACTION": "*"}"#);
    assert_eq!(statement.is_allow(), Truth::False);
    assert_eq!(statement.actions.items, []);
}

#[test]
fn principals_are_of_a_kind() {
    let statement =
        statement(r#"{"Principal": {"AWS": ["123456789012", "*"], "Service": "ec2.amazonaws.com", "Strange": "x"}}"#);
    let principals: Vec<(String, &str)> = statement
        .principals
        .items
        .iter()
        .map(|principal| (principal.kind.to_string(), principal.value.as_str().unwrap()))
        .collect();
    let expected = [("AWS", "123456789012"), ("AWS", "*"), ("Service", "ec2.amazonaws.com"), ("Strange", "x")];
    assert_eq!(principals, expected.map(|(kind, value)| (kind.to_owned(), value)));
    assert_eq!(support::statement(r#"{"Principal": "*"}"#).principals.items[0].kind, PrincipalKind::Any);
}

#[test]
fn text_byte_by_byte_like_its_source_gives_exact_places() {
    let json = r#"{"Statement": {"Action": ["s3:*", "sqs:*"]}}"#;
    let action = |value: &Value| {
        let span = only(value).statements.items[0].actions.items[1].span().unwrap();
        span.range()
    };
    let offset = json.find("\"sqs:*\"").unwrap();
    assert_eq!(action(&Value::string(json).written_at(at(100..100 + json.len()))), 100 + offset..107 + offset);
    // In single quotes, as in YAML.
    assert_eq!(action(&Value::string(json).written_at(at(100..102 + json.len()))), 101 + offset..108 + offset);
    // With escapes, or indentation taken away: only the whole is known.
    assert_eq!(action(&Value::string(json).written_at(at(100..300))), 100..300);
}

#[test]
fn the_way_of_the_text_is_the_way_of_its_parts() {
    let json = r#"{"Version": "2012-10-17"}"#;
    let content = Origin::then(at(0..json.len()), Step::FileContent("policy.json".into()), None);
    let value =
        Value { origin: Some(content), ..Value::string(json) }.through(at(500..510), Step::Named("local.p".into()));
    let origin = only(&value).version.origin.unwrap();
    let way: Vec<String> = origin.chain().map(|link| format!("{:?} {}", link.span.range(), link.step)).collect();
    assert_eq!(way, ["500..510 through local.p", "12..24 content of policy.json"]);
}

#[test]
fn pieces_give_exact_places_each() {
    let (head, tail) = (r#"{"Statement": [{"Effect": "Allow", "Action": ""#, r#"", "Resource": "*"}]}"#);
    let pieces = vec![
        Value::string(head).written_at(at(10..10 + head.len())),
        Value::string("s3:Get*").written_at(at(900..909)),
        Value::string(tail).written_at(at(200..200 + tail.len())),
    ];
    let text = format!("{head}s3:Get*{tail}");
    let document = only(&Value::string(text).written_at(at(0..400)).with_content(Content::Pieces(pieces)));
    let statement = &document.statements.items[0];
    assert_eq!(statement.effect.span(), Some(at(36..43)));
    assert_eq!(statement.resources.items[0].span(), Some(at(215..218)));
    assert_eq!(statement.value.span(), Some(at(25..219)));
}

#[test]
fn a_hole_in_a_string_is_an_unknown_string_with_a_prefix() {
    let pieces = vec![
        Value::string(r#"{"Statement": {"Resource": "arn:aws:s3:::"#),
        computed("aws_s3_bucket.b", "id"),
        Value::string(r#"/*"}}"#),
    ];
    let document = only(&text_of(pieces));
    let resource = &document.statements.items[0].resources.items[0];
    let unknown = resource.as_unknown().unwrap();
    assert_eq!(unknown.prefix.as_deref(), Some("arn:aws:s3:::"));
    let Some(Content::Pieces(pieces)) = resource.content.as_deref() else { panic!("pieces are kept") };
    assert_eq!(pieces[0], Value::string("arn:aws:s3:::"));
    assert_eq!(pieces[1], computed("aws_s3_bucket.b", "id"));
    assert_eq!(pieces[2], Value::string("/*"));
}

#[test]
fn a_hole_that_is_a_value_is_that_value() {
    let encoded = Value::tuple([Value::string("s3:*")]);
    let pieces = vec![
        Value::string(r#"{"Statement": {"Effect": ""#),
        input("var.effect"),
        Value::string(r#"", "Action": "#),
        input("jsonencode").with_content(Content::Json(encoded)),
        Value::string(r#", "Resource": "#),
        input("var.resource"),
        Value::string("}}"),
    ];
    let document = only(&text_of(pieces));
    let statement = &document.statements.items[0];
    assert_eq!(statement.effect, input("var.effect"));
    assert_eq!(statement.actions.items, [Value::string("s3:*")]);
    assert_eq!(statement.resources.items, [input("var.resource")]);
}

#[test]
fn a_hole_that_breaks_the_json_leaves_the_document_unknown() {
    let pieces =
        vec![Value::string(r#"{"Statement": [ "#), input("var.more"), Value::string(r#" {"Effect": "Allow"}]}"#)];
    let document = only(&text_of(pieces));
    assert!(!document.statements.complete);
    assert_eq!(document.statements.items, []);
}

#[test]
fn broken_json_is_an_error_at_its_place() {
    let json = r#"{"Statement": [}"#;
    let reading = read(&Value::string(json).written_at(at(40..40 + json.len())));
    let [PolicyError::Syntax { span, .. }] = reading.errors.as_slice() else { panic!("{:?}", reading.errors) };
    assert_eq!(span.unwrap().start, 55);
    assert!(!reading.documents[0].statements.complete);
}

#[test]
fn other_values_are_no_policy() {
    let error = |value: &Value| read(value).errors.remove(0).to_string();
    assert_eq!(error(&Value::string("[]")), "a policy must be a JSON object, and this is a JSON array");
    assert_eq!(error(&Value::string("\"{}\"")), "a policy must be a JSON object, and this is a JSON string");
    assert_eq!(error(&Value::bool(true)), "a policy must be a JSON object, and this is a bool");
}

#[test]
fn nothing_is_no_policy_and_no_error() {
    for value in [Value::null(), Value::absent(None), Value::string("")] {
        let reading = read(&value);
        assert_eq!((reading.documents.len(), reading.errors.len()), (0, 0));
    }
}

#[test]
fn candidates_are_documents_of_their_own() {
    let open = Value::string(r#"{"Statement": {"Effect": "Allow", "Principal": "*"}}"#);
    let closed = object([("Statement", Value::tuple([]))]);
    let reading = read(&one_of(vec![open, closed]));
    let documents: Vec<(usize, _)> =
        reading.documents.iter().map(|document| (document.statements.items.len(), document.when.clone())).collect();
    assert_eq!(documents, [(1, vec![guard(0)]), (0, vec![guard(1)])]);
}

#[test]
fn an_encoded_value_is_read_as_it_is() {
    let encoded = object([("Statement", object([("Action", Value::string("*").written_at(at(70..73)))]))]);
    let known = Value::string(r#"{"Statement":{"Action":"*"}}"#).with_content(Content::Json(encoded.clone()));
    let unknown = Value::unknown(Why::Computed, Type::String).with_content(Content::Json(encoded));
    for value in [known, unknown] {
        assert_eq!(only(&value).statements.items[0].actions.items[0].span(), Some(at(70..73)));
    }
}

#[test]
fn an_unknown_statement_means_that_there_may_be_more() {
    let known = object([("Effect", Value::string("Allow"))]);
    let document = only(&object([("Statement", Value::tuple([known, Value::unknown(Why::Computed, Type::Any)]))]));
    assert_eq!(document.statements.items.len(), 1);
    assert!(!document.statements.complete);
}

#[test]
fn a_statement_under_an_open_condition_is_possible() {
    let allow = object([("Effect", Value::string("Allow"))]);
    let element = one_of(vec![allow, Value::absent(None)]);
    let document = only(&object([("Statement", Value::tuple([element]))]));
    assert_eq!(document.statements.items, []);
    assert_eq!(document.statements.possible[0].when, [guard(0)]);
    assert!(document.statements.complete);
}

#[test]
fn what_all_candidates_begin_with_is_certain() {
    let short = Value::tuple([Value::string("s3:GetObject")]);
    let long = Value::tuple([Value::string("s3:GetObject"), Value::string("*")]);
    let statement = object([("Action", one_of(vec![short, long]))]);
    let actions = only(&object([("Statement", statement)])).statements.items.remove(0).actions;
    assert_eq!(actions.items, [Value::string("s3:GetObject")]);
    assert_eq!(actions.possible, [Value::string("*")]);
    assert!(actions.complete);
}

#[test]
fn a_sensitive_text_has_sensitive_parts() {
    let value = Value::string(r#"{"Id": "secret"}"#).marked(true);
    assert!(only(&value).id.sensitive);
}

#[test]
fn conditions_are_one_for_each_key() {
    let statement = statement(
        r#"{"Condition": {"Bool": {"aws:SecureTransport": false}, "StringEquals": {"a:b": ["x", "y"], "c:d": "z"}}}"#,
    );
    let conditions: Vec<(&str, &str, usize)> = statement
        .conditions
        .items
        .iter()
        .map(|condition| (&*condition.operator, &*condition.key, condition.values.items.len()))
        .collect();
    let expected = [("Bool", "aws:SecureTransport", 1), ("StringEquals", "a:b", 2), ("StringEquals", "c:d", 1)];
    assert_eq!(conditions, expected);
}

#[test]
fn a_condition_key_with_a_hole_leaves_the_conditions_open() {
    let pieces = vec![
        Value::string(r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {""#),
        input("var.issuer"),
        Value::string(r#":sub": "x"}}}}"#),
    ];
    let document = only(&text_of(pieces));
    let statement = &document.statements.items[0];
    assert!(!statement.conditions.complete);
    assert_eq!(judge_statement("public", statement).truth, Truth::Unknown);
}

#[test]
fn text_that_holds_a_placeholder_itself_is_not_mistaken() {
    for literal in ["\u{F0000}", "\\udb80\\udc00"] {
        let head = format!(r#"{{"Statement": {{"Action": "{literal}", "Resource": ""#);
        let document = only(&text_of(vec![Value::string(head), input("var.x"), Value::string(r#""}}"#)]));
        assert!(!document.statements.complete, "{literal}");
    }
}

#[test]
fn too_many_holes_are_refused_by_name() {
    let mut pieces = vec![Value::string("[")];
    pieces.extend((0..5000).map(|_| input("x")));
    let error = read(&text_of(pieces)).errors.remove(0);
    assert_eq!(
        error.to_string(),
        "the policy has more than 4096 parts that are not known before apply, and is not looked into"
    );
}

#[test]
fn a_hundred_thousand_statements_are_read_and_judged() {
    let statement = object([
        ("Effect", Value::string("Allow")),
        ("Action", Value::string("s3:GetObject")),
        ("Resource", Value::string("arn:aws:s3:::b/*")),
    ]);
    let items: Vec<Value> = std::iter::repeat_n(statement, 100_000).collect();
    let document =
        only(&Value::from(Data::Object(Arc::new([("Statement".into(), Value::tuple(items))].into_iter().collect()))));
    assert_eq!(document.statements.items.len(), 100_000);
    for fact in terravet_policy::facts::DOCUMENT_FACTS {
        let expected = Truth::from(fact.name == "complex");
        assert_eq!((fact.judge)(&document).truth, expected, "{}", fact.name);
    }
}
