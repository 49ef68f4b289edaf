//! Short tags, long forms and JSON are three spellings of one template: they come to the same values and the same refusals.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use support::written::World;

/// A value of a template, in no spelling yet.
#[derive(Clone, Debug)]
enum Expression {
    Text(String),
    Number(i32),
    Flag(bool),
    List(Vec<Expression>),
    /// A function with one argument.
    Call(&'static str, Box<Expression>),
}

use Expression::{Call, Flag, List, Number, Text};

fn call(name: &'static str, arguments: Vec<Expression>) -> Expression {
    Call(name, Box::new(List(arguments)))
}

/// The key of the long form.
fn key(name: &str) -> String {
    if name == "Ref" { name.to_owned() } else { format!("Fn::{name}") }
}

impl Expression {
    fn json(&self) -> Json {
        match self {
            Text(text) => json!(text),
            Number(number) => json!(number),
            Flag(flag) => json!(flag),
            List(items) => items.iter().map(Self::json).collect(),
            Call(name, argument) => json!({key(name): argument.json()}),
        }
    }

    fn long(&self) -> String {
        match self {
            Text(text) => format!("'{}'", text.replace('\'', "''")),
            Number(number) => number.to_string(),
            Flag(flag) => if *flag { "yes" } else { "off" }.to_owned(),
            List(items) => format!("[{}]", items.iter().map(Self::long).collect::<Vec<_>>().join(", ")),
            Call(name, argument) => format!("{{'{}': {}}}", key(name), argument.long()),
        }
    }

    fn short(&self) -> String {
        match self {
            List(items) => format!("[{}]", items.iter().map(Self::short).collect::<Vec<_>>().join(", ")),
            // A value has one tag, so that a function right within a function is written out.
            Call(name, argument) if matches!(**argument, Call(..)) => format!("!{name} {}", argument.long()),
            // What stands after a tag is text, whatever it looks like.
            Call(_, argument) if matches!(**argument, Flag(_) | Number(_)) => self.long(),
            Call(name, argument) => format!("!{name} {}", argument.short()),
            _ => self.long(),
        }
    }
}

/// Values that are text, and some that only claim to be.
fn text() -> impl Strategy<Value = Expression> {
    let leaf = prop_oneof![
        "[a-z,: -]{0,6}".prop_map(Text),
        (-3..300).prop_map(Number),
        any::<bool>().prop_map(Flag),
        prop::sample::select(vec!["P", "Q", "E", "B", "L", "AWS::Region", "AWS::NoValue", "Nowhere"])
            .prop_map(|name| Call("Ref", Box::new(Text(name.into())))),
        prop::sample::select(vec!["x-${P}", "${Q}${!P}", "${ E }-${B.Arn}", "${AWS::Region}", "${Nowhere}", "plain"])
            .prop_map(|text| Call("Sub", Box::new(Text(text.into())))),
        Just(call("GetAtt", vec![Text("B".into()), Text("Arn".into())])),
        prop::sample::select(vec!["a", "b", "c"])
            .prop_map(|row| call("FindInMap", vec![Text("M".into()), Text(row.into()), Text("k".into())])),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            ("[,-]?", list.clone()).prop_map(|(by, items)| call("Join", vec![Text(by), List(items)])),
            (0..4, list.clone()).prop_map(|(at, items)| call("Select", vec![Number(at), List(items)])),
            (0..3, "[,-]", inner.clone())
                .prop_map(|(at, by, of)| call("Select", vec![Number(at), call("Split", vec![Text(by), of])])),
            (prop::sample::select(vec!["Yes", "No", "Open", "Gone"]), inner.clone(), inner.clone())
                .prop_map(|(name, yes, no)| call("If", vec![Text(name.into()), yes, no])),
            inner.clone().prop_map(|value| Call("Base64", Box::new(value))),
            list.prop_map(List),
            inner.prop_map(|row| call("FindInMap", vec![Text("M".into()), row, Text("k".into())])),
        ]
    })
}

/// What a property comes to when it is written like this, and what is refused, without its place.
fn outcome(file: &str, text: &str) -> (String, Vec<String>) {
    let world = World::new(&[(file, text)]);
    let template = world.load(file);
    let errors = template.loaded.graph.diagnostics.iter().filter(|found| found.is_error());
    let mut errors: Vec<String> = errors.map(|found| found.message.clone()).collect();
    errors.sort();
    (template.property("D", "V"), errors)
}

fn yaml(value: &str) -> String {
    format!(
        "Parameters:\n  P: {{Type: String, Default: a}}\n  Q: {{Type: String}}\n  E: {{Type: String, AllowedValues: [a, b]}}\n  \
         L: {{Type: CommaDelimitedList, Default: 'a, b'}}\nMappings:\n  M: {{a: {{k: v}}, b: {{k: [w, x]}}}}\nConditions:\n  \
         'Yes': {{'Fn::Equals': [{{Ref: P}}, a]}}\n  'No': {{'Fn::Not': [{{Condition: 'Yes'}}]}}\n  Open: {{'Fn::Equals': [{{Ref: E}}, a]}}\n\
         Resources:\n  B: {{Type: AWS::S3::Bucket}}\n  D:\n    Type: AWS::SNS::Topic\n    Properties:\n      V: {value}\n      W: w\n"
    )
}

fn json(value: &Json) -> String {
    json!({
        "Parameters": {
            "P": {"Type": "String", "Default": "a"},
            "Q": {"Type": "String"},
            "E": {"Type": "String", "AllowedValues": ["a", "b"]},
            "L": {"Type": "CommaDelimitedList", "Default": "a, b"},
        },
        "Mappings": {"M": {"a": {"k": "v"}, "b": {"k": ["w", "x"]}}},
        "Conditions": {
            "Yes": {"Fn::Equals": [{"Ref": "P"}, "a"]},
            "No": {"Fn::Not": [{"Condition": "Yes"}]},
            "Open": {"Fn::Equals": [{"Ref": "E"}, "a"]},
        },
        "Resources": {
            "B": {"Type": "AWS::S3::Bucket"},
            "D": {"Type": "AWS::SNS::Topic", "Properties": {"V": value, "W": "w"}},
        },
    })
    .to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_spelling_means_the_same(value in text()) {
        let long = outcome("t.yaml", &yaml(&value.long()));
        prop_assert_eq!(&outcome("t.yaml", &yaml(&value.short())), &long, "{}", value.short());
        prop_assert_eq!(&outcome("t.json", &json(&value.json())), &long, "{}", value.json());
    }
}
