//! Values that are given for parameters, in files.
//!
//! In: the paths of parameter files. Out: [`Given`]. Three forms are read, in JSON or YAML:
//! - CloudFormation's list, `[{"ParameterKey": …, "ParameterValue": …}]`, or `["Key=Value"]` as `deploy` takes it
//!   (<https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/>);
//! - CodePipeline's template configuration, `{"Parameters": {…}}`
//!   (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/continuous-delivery-codepipeline-cfn-artifacts.html>);
//! - a plain map of names to values.
//!
//! A later file wins over an earlier one. Pseudo parameters are given in the same way. It does not know which names a template
//! declares.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Step, Value};
use terravet_source::{SourceFile, Sources, Span};
use terravet_yaml::{Node, Resolved, parse_json, parse_yaml};

use crate::sections::kind_of;

/// The value that is given for one parameter.
#[derive(Clone, Debug)]
pub(crate) struct Argument {
    /// The value: text, or whatever a parent stack knows of it.
    pub(crate) value: Value,
    /// Where the name stands.
    pub(crate) name: Span,
}

/// The values that are given, by the names of their parameters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    pub(crate) values: BTreeMap<Arc<str>, Argument>,
    /// The files, which spans lead to.
    pub(crate) files: Vec<Arc<SourceFile>>,
    /// What could not be read.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Given {
    /// Reads parameter files.
    pub(crate) fn load(sources: &Sources, paths: &[PathBuf]) -> Self {
        let mut given = Self::default();
        for path in paths {
            match sources.load(path) {
                Ok(file) => {
                    given.read(&file);
                    given.files.push(file);
                }
                Err(error) => {
                    let place = Span::start_of(sources.id(path));
                    given.refuse(
                        place,
                        format!("cannot read this parameter file: {error}"),
                        "name a file that can be read",
                    );
                }
            }
        }
        given
    }

    fn refuse(&mut self, span: Span, message: impl Into<String>, help: &str) {
        self.diagnostics.push(Diagnostic::error("cloudformation-parameter-file", span, message).with_help(help));
    }

    fn read(&mut self, file: &SourceFile) {
        let json = file.text().trim_start().starts_with(['{', '[']);
        let parsed = if json { parse_json(file) } else { parse_yaml(file) };
        self.diagnostics.extend(parsed.diagnostics);
        let Some(root) = parsed.documents.first() else { return };
        if let Some(items) = root.as_sequence() {
            for item in items {
                self.item(item);
            }
            return;
        }
        let body = root.get("Parameters").filter(|body| body.as_mapping().is_some() || body.is_null()).unwrap_or(root);
        match body.as_mapping() {
            Some(entries) => {
                for entry in entries {
                    if let Some(name) = entry.key.as_str() {
                        self.give(name, entry.key.span, &entry.value);
                    }
                }
            }
            None if body.is_null() => {}
            None => {
                let message = format!("a parameter file is a list or a map, and this is {}", kind_of(body));
                self.refuse(body.span, message, "write [{\"ParameterKey\": \"Name\", \"ParameterValue\": \"value\"}]");
            }
        }
    }

    /// An item of CloudFormation's list.
    fn item(&mut self, item: &Node) {
        if let Some((name, value)) = item.as_str().and_then(|text| text.split_once('=')) {
            self.insert(name.trim(), item.span, value, item.span);
            return;
        }
        let Some(key) = item.get("ParameterKey") else {
            return self.refuse(item.span, "this item has no `ParameterKey`", "say which parameter it is for");
        };
        let Some(name) = key.as_str() else {
            return self.refuse(key.span, "`ParameterKey` is the name of a parameter", "write the name as text");
        };
        match item.get("ParameterValue").or_else(|| item.get("ResolvedValue")) {
            Some(value) => self.give(name, key.span, value),
            // The value of the stack that is deployed already.
            None if item.get("UsePreviousValue").is_some() => {}
            None => self.refuse(item.span, "this item has no `ParameterValue`", "say what the value is"),
        }
    }

    fn give(&mut self, name: &str, name_span: Span, node: &Node) {
        let text = match node.as_sequence() {
            Some(items) => items.iter().map(scalar_text).collect::<Option<Vec<String>>>().map(|items| items.join(",")),
            None => scalar_text(node),
        };
        match text {
            Some(text) => self.insert(name, name_span, &text, node.span),
            None => {
                let message = format!("the value of a parameter is text, and this is {}", kind_of(node));
                self.refuse(node.span, message, "write it as text; members of a list are separated by commas");
            }
        }
    }

    fn insert(&mut self, name: &str, name_span: Span, text: &str, span: Span) {
        let value = Value::string(text).written_at(span).through(span, Step::ParameterValue(name.into()));
        self.values.insert(name.into(), Argument { value, name: name_span });
    }
}

/// A scalar as CloudFormation turns it into text; none for null and for what is no scalar.
pub(crate) fn scalar_text(node: &Node) -> Option<String> {
    match node.resolve()? {
        Resolved::Null => None,
        Resolved::Bool(flag) => Some(flag.to_string()),
        Resolved::Integer(text) | Resolved::Float(text) => Some(text.trim_start_matches('+').to_owned()),
        Resolved::String => node.as_str().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use terravet_source::Memory;

    fn texts(text: &str) -> Vec<(String, String)> {
        let sources = Sources::new(Arc::new(Memory::new([("p", text)])));
        let given = Given::load(&sources, &["p".into()]);
        assert_eq!(given.diagnostics, []);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        given.values.iter().map(|(name, argument)| (name.to_string(), text(&argument.value))).collect()
    }

    #[test]
    fn every_form_is_read() {
        let expected = [("A".to_owned(), "1".to_owned()), ("B".to_owned(), "x,y".to_owned())];
        for text in [
            r#"[{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B", "ParameterValue": "x,y"}]"#,
            r#"["A=1", "B=x,y"]"#,
            r#"{"Parameters": {"A": "1", "B": ["x", "y"]}, "Tags": {}}"#,
            r#"{"A": 1, "B": "x,y"}"#,
            "A: 1\nB: [x, y]\n",
            "- ParameterKey: A\n  ParameterValue: 1\n- ParameterKey: B\n  ParameterValue: x,y\n",
        ] {
            assert_eq!(texts(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_malformed_is_reported_at_its_place() {
        let file = r#"[{"ParameterKey": "A"}, {"ParameterValue": "x"}, {"ParameterKey": "B", "ParameterValue": {}}]"#;
        let sources = Sources::new(Arc::new(Memory::new([("p.json", file)])));
        let given = Given::load(&sources, &["p.json".into(), "q.json".into()]);
        let messages: Vec<(u32, &str)> =
            given.diagnostics.iter().map(|found| (found.primary.span.start, &*found.message)).collect();
        assert_eq!(messages.len(), 4);
        assert_eq!(
            messages[..3],
            [
                (1, "this item has no `ParameterValue`"),
                (24, "this item has no `ParameterKey`"),
                (89, "the value of a parameter is text, and this is a map"),
            ]
        );
        assert!(messages[3].1.starts_with("cannot read this parameter file: "), "{}", messages[3].1);
    }
}
