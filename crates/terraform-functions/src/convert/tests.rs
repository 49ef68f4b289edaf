//! Conversions, unification and equality as Terraform answers them.

use super::*;
use terravet_graph::{Truth, Why};

fn strings(items: &[&str]) -> Value {
    Value::tuple(items.iter().map(|item| Value::string(*item)))
}

fn object(entries: &[(&str, Value)]) -> Value {
    Value::object(entries.iter().map(|(name, value)| (Arc::from(*name), value.clone())))
}

fn number(text: &str) -> Value {
    Value::number(parse_number(text).unwrap())
}

#[test]
fn primitives_convert_by_their_text() {
    let to = |value: Value, ty: Type| convert(&value, &ty).map_err(|error| error.message);
    assert_eq!(to(Value::number(5), Type::String), Ok(Value::string("5")));
    assert_eq!(to(Value::bool(true), Type::String), Ok(Value::string("true")));
    assert_eq!(to(Value::string("1e3"), Type::Number), Ok(Value::number(1000)));
    assert_eq!(to(Value::string("0"), Type::Bool), Ok(Value::bool(false)));
    assert_eq!(to(Value::string(" 1"), Type::Number), Err("a number is required".into()));
    assert_eq!(
        to(Value::string("True"), Type::Bool),
        Err("a bool is required; to convert from string, use lowercase \"true\"".into())
    );
    assert_eq!(to(Value::bool(true), Type::Number), Err("number required, but have bool".into()));
}

#[test]
fn a_tuple_becomes_a_list_of_what_its_elements_have_in_common() {
    let mixed = Value::tuple([Value::number(1), Value::string("a"), Value::null()]);
    let expected = Value::list(Type::String, [Value::string("1"), Value::string("a"), Data::Null(Type::String).into()]);
    assert_eq!(convert(&mixed, &Type::list(Type::Any)), Ok(expected));
    let apart = Value::tuple([Value::number(1), strings(&["a"])]);
    let error = convert(&apart, &Type::list(Type::Any)).unwrap_err();
    assert_eq!(error.to_string(), "all list elements must have the same type");
}

#[test]
fn sets_are_distinct_and_in_terraforms_order() {
    let set = convert(&strings(&["b", "a", "b"]), &Type::set(Type::Any)).unwrap();
    assert_eq!(set.as_items().unwrap(), [Value::string("a"), Value::string("b")]);
    let numbers = Value::tuple([number("10"), number("9"), number("-1.5")]);
    let set = convert(&numbers, &Type::set(Type::Number)).unwrap();
    assert_eq!(set.as_items().unwrap(), [number("-1.5"), number("9"), number("10")]);
}

#[test]
fn objects_lose_what_is_not_wanted_and_gain_what_is_optional() {
    let mut wanted = ObjectType::default();
    wanted.attributes.insert("name".into(), Type::String);
    wanted.attributes.insert("size".into(), Type::Number);
    wanted.optional.insert("size".into());
    let ty = Type::Object(Arc::new(wanted));
    let given = object(&[("name", Value::number(7)), ("other", Value::bool(true))]);
    let expected = object(&[("name", Value::string("7")), ("size", Data::Null(Type::Number).into())]);
    assert_eq!(convert(&given, &ty), Ok(expected));
    let error = convert(&object(&[("size", Value::number(1))]), &ty).unwrap_err();
    assert_eq!(error.to_string(), "attribute \"name\" is required");
}

#[test]
fn an_error_says_where() {
    let given = object(&[("rules", Value::tuple([Value::string("1"), Value::string("x")]))]);
    let ty = Type::map(Type::list(Type::Number));
    assert_eq!(convert(&given, &ty).unwrap_err().to_string(), ".rules[1]: a number is required");
}

#[test]
fn an_unknown_keeps_what_is_certain() {
    let tuple =
        Unknown { not_null: true, ..Unknown::new(Why::Computed, Type::Tuple([Type::Number, Type::String].into())) };
    let list = convert(&tuple.into(), &Type::list(Type::Any)).unwrap();
    let unknown = list.as_unknown().unwrap();
    assert_eq!((&unknown.ty, unknown.not_null), (&Type::list(Type::String), true));
    assert_eq!((unknown.min_length, unknown.max_length), (2, Some(2)));
}

#[test]
fn unification() {
    let unified = |types: &[Type]| unify(types).map(|ty| ty.to_string());
    assert_eq!(unified(&[Type::Number, Type::String, Type::Bool]).as_deref(), Some("string"));
    assert_eq!(unified(&[Type::Number, Type::Bool]), None);
    let a = Type::object([("a".into(), Type::Number)]);
    let ab = Type::object([("a".into(), Type::Number), ("b".into(), Type::String)]);
    assert_eq!(unified(&[a.clone(), ab]).as_deref(), Some("map(string)"));
    assert_eq!(unified(&[a, Type::map(Type::String)]).as_deref(), Some("map(string)"));
    let pair = Type::Tuple([Type::Number, Type::String].into());
    assert_eq!(unified(&[pair.clone(), Type::list(Type::Bool)]).as_deref(), Some("list(string)"));
    assert_eq!(unified(&[pair.clone(), Type::Tuple([Type::Number].into())]).as_deref(), Some("list(string)"));
    assert_eq!(unified(&[Type::Any, pair]).as_deref(), Some("dynamic"));
}

#[test]
fn equality_waits_for_what_is_unknown() {
    let unknown = Value::unknown(Why::Computed, Type::String);
    assert_eq!(equal(&unknown, &Value::string("a")), Truth::Unknown);
    assert_eq!(equal(&unknown, &Value::number(1)), Truth::False);
    let arn = Unknown { prefix: Some("arn:".into()), ..Unknown::new(Why::Computed, Type::String) };
    assert_eq!(equal(&arn.into(), &Value::string("https")), Truth::False);
    assert_eq!(equal(&Value::null(), &Data::Null(Type::String).into()), Truth::True);
    assert_eq!(equal(&strings(&["a"]), &Value::list(Type::String, [Value::string("a")])), Truth::False);
    let pair = |first: Value| Value::tuple([first, Value::string("x")]);
    assert_eq!(equal(&pair(unknown.clone()), &pair(Value::string("a"))), Truth::Unknown);
}

#[test]
fn defaults_fill_what_is_missing_at_any_depth() {
    let mut element = Defaults { ty: Type::object([("size".into(), Type::Number)]), ..Defaults::default() };
    element.values.insert("size".into(), Value::number(3));
    let mut defaults = Defaults { ty: Type::list(element.ty.clone()), ..Defaults::default() };
    defaults.children.insert("".into(), element);
    let given = Value::tuple([object(&[]), object(&[("size", Value::null())]), object(&[("size", Value::number(9))])]);
    let filled = |size: i32| object(&[("size", Value::number(size))]);
    assert_eq!(defaults.apply(&given), Value::tuple([filled(3), filled(3), filled(9)]));
}

#[test]
fn decimals_round_half_to_even_on_all_digits() {
    let decimal = |text: &str| Decimal::exact(&parse_number(text).unwrap()).unwrap();
    assert_eq!(decimal("2.5").fixed(0), "2");
    assert_eq!(decimal("3.5").fixed(0), "4");
    assert_eq!(decimal("0.125").fixed(2), "0.12");
    assert_eq!(decimal("1234.5").scientific(2, false), "1.23e+03");
    assert_eq!(decimal("100").general(10, false), "100");
    assert_eq!(decimal("12345678901").general(10, false), "1.23456789e+10");
    assert_eq!(decimal("0.00001").general(10, false), "1e-05");
    assert_eq!(decimal("-0.5").fixed(3), "-0.500");
    assert_eq!(decimal("999.96").fixed(1), "1000.0");
}
