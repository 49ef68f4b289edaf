//! The arguments of each function.
//!
//! Source: the pages below
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html>.

use terravet_graph::Type;
use terravet_yaml::{Node, NodeKind, Resolved};

use super::{Checker, Place};
use crate::evaluate::function;
use crate::names::{NO_VALUE, ParameterType, is_pseudo, pseudo_type};
use crate::sections::{kind_of, text_of};
use crate::substitution::{Part, is_name, parts};
use crate::template::{LANGUAGE_EXTENSIONS, Name};

/// The functions that always give text, where a list is needed.
const TEXTS: [&str; 5] = ["Fn::Base64", "Fn::ImportValue", "Fn::Join", "Fn::Sub", "Fn::ToJsonString"];
/// The functions that may give the keys of `Fn::FindInMap` and the index of `Fn::Select`. The documentation has fewer without
/// the language extensions; templates that were deployed have these.
const KEYS: [&str; 9] = [
    "Fn::FindInMap",
    "Fn::If",
    "Fn::Join",
    "Fn::Length",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
    "Fn::ToJsonString",
    "Ref",
];

impl Checker<'_, '_> {
    /// Checks the argument of a function that stands for a value, and all below it.
    pub(super) fn arguments(&mut self, name: &str, argument: &Node, place: Place) {
        if function(argument).is_some_and(|(inner, _)| inner == "Fn::Transform") {
            // A macro makes the arguments.
            return self.node(argument, place);
        }
        match name {
            "Ref" => match text_of(argument) {
                Some(text) => self.referred(text, argument.span, place),
                None if function(argument).is_some() && self.template.has_transform(LANGUAGE_EXTENSIONS) => {
                    self.node(argument, place);
                }
                None => {
                    let message =
                        format!("Ref takes the name of a parameter or resource, and this is {}", kind_of(argument));
                    self.refuse(argument.span, message, "write the name as text");
                }
            },
            "Fn::GetAtt" => self.get_att(argument, place),
            "Fn::Sub" => self.sub(argument, place),
            "Fn::If" => self.if_(argument, place),
            "Fn::Transform" => {
                let macros = argument.as_sequence().unwrap_or(std::slice::from_ref(argument));
                if macros.iter().any(|node| node.get("Name").and_then(Node::as_str).is_none()) {
                    self.refuse(argument.span, "Fn::Transform needs the `Name` of a macro", "write a map with `Name`");
                }
            }
            "Fn::ImportValue" => {
                self.text("Fn::ImportValue", argument);
                self.node(argument, if place == Place::Value { Place::BeforeResources } else { place });
            }
            "Fn::GetStackOutput" => {
                if argument.as_mapping().is_none() {
                    let message = format!("{name} takes a map, and this is {}", kind_of(argument));
                    self.refuse(argument.span, message, "write {StackName: name, OutputName: name}");
                }
                self.node(argument, place);
            }
            _ => {
                self.shape(name, argument);
                self.node(argument, place);
            }
        }
    }

    /// The functions whose arguments are values of certain kinds.
    fn shape(&mut self, name: &str, argument: &Node) {
        match (name, argument.as_sequence()) {
            ("Fn::Base64" | "Fn::GetAZs", _) => self.text(name, argument),
            ("Fn::Join", Some([delimiter, list])) => {
                self.literal("Fn::Join", "delimiter", delimiter);
                self.list(name, list);
            }
            ("Fn::Join", _) => self.wrong(name, argument, "a delimiter and a list", "[\",\", [a, b]]"),
            ("Fn::Split", Some([delimiter, source])) => {
                self.literal("Fn::Split", "delimiter", delimiter);
                if delimiter.as_str() == Some("") {
                    self.refuse(delimiter.span, "the delimiter of Fn::Split is empty", "write at least one character");
                }
                self.text(name, source);
            }
            ("Fn::Split", _) => self.wrong(name, argument, "a delimiter and a text", "[\",\", text]"),
            ("Fn::Select", Some([index, list])) => {
                self.index(index);
                self.key(name, index);
                self.list(name, list);
            }
            ("Fn::Select", _) => self.wrong(name, argument, "a number and a list", "[0, [a, b]]"),
            ("Fn::Cidr", Some([block, _] | [block, _, _])) => self.text(name, block),
            ("Fn::Cidr", _) => {
                self.wrong(name, argument, "a block, a number of blocks and their bits", "[10.0.0.0/16, 4, 8]");
            }
            ("Fn::FindInMap", Some(arguments)) => self.find_in_map(argument, arguments),
            ("Fn::FindInMap", None) => self.wrong(name, argument, "a mapping and two keys", "[Mapping, key, key]"),
            ("Fn::Length", None) => self.list(name, argument),
            ("Fn::ToJsonString", None) if matches!(argument.kind, NodeKind::Scalar { .. }) => {
                let message = format!("Fn::ToJsonString takes a map or a list, and this is {}", kind_of(argument));
                self.refuse(argument.span, message, "write what the JSON holds");
            }
            _ => {}
        }
    }

    fn wrong(&mut self, name: &str, argument: &Node, takes: &str, example: &str) {
        let found = match argument.as_sequence() {
            Some([_]) => "this has one member".to_owned(),
            Some(items) => format!("this has {} members", items.len()),
            None => format!("this is {}", kind_of(argument)),
        };
        self.refuse(argument.span, format!("{name} takes a list of {takes}, and {found}"), format!("write {example}"));
    }

    /// A text, or a function that may give one.
    fn text(&mut self, name: &str, node: &Node) {
        let wrong = match &node.kind {
            NodeKind::Scalar { .. } => node.is_null(),
            NodeKind::Sequence(_) => true,
            NodeKind::Mapping(_) => function(node).is_none(),
        };
        if wrong {
            let message = format!("{name} takes text here, and this is {}", kind_of(node));
            self.refuse(node.span, message, "write text, or a function that gives text");
        }
    }

    /// A list, or a function that may give one.
    fn list(&mut self, name: &str, node: &Node) {
        let found = match function(node) {
            Some((inner, _)) if TEXTS.contains(&inner) => format!("{inner} gives text"),
            Some(("Ref", argument)) => match text_of(argument).filter(|name| self.is_text(name)) {
                Some(parameter) => format!("{parameter} is text"),
                None => return,
            },
            Some(_) => return,
            None if node.as_sequence().is_some() => return,
            None => format!("this is {}", kind_of(node)),
        };
        let message = format!("{name} takes a list here, and {found}");
        self.refuse(node.span, message, "write a list, or a function that gives one");
    }

    /// Whether a name is that of a parameter, or pseudo parameter, that is no list.
    fn is_text(&self, name: &str) -> bool {
        match self.template.parameter(name) {
            Some(parameter) => ParameterType::of(&parameter.ty).is_some_and(|ty| !ty.list),
            None => is_pseudo(name) && name != NO_VALUE && pseudo_type(name) == Type::String,
        }
    }

    /// A key of a mapping or the index of a list, which only some functions may give.
    fn key(&mut self, name: &str, node: &Node) {
        if let Some((inner, _)) = function(node).filter(|(inner, _)| !KEYS.contains(inner)) {
            let message = format!("{inner} cannot stand here in {name}");
            self.refuse_unless_macro(
                node.span,
                message,
                "use Ref, Fn::FindInMap, or a function that makes text of them",
            );
        }
    }

    fn literal(&mut self, name: &str, what: &str, node: &Node) {
        if node.as_str().is_none() {
            let message = format!("the {what} of {name} is written as text; it cannot be {}", kind_of(node));
            self.refuse(node.span, message, "write the text itself");
        }
    }

    fn index(&mut self, node: &Node) {
        let fits = match (&node.kind, node.resolve()) {
            (NodeKind::Scalar { text, .. }, Some(Resolved::Integer(_) | Resolved::String)) => {
                text.trim().parse::<usize>().is_ok()
            }
            (NodeKind::Mapping(_), _) => function(node).is_some(),
            _ => false,
        };
        if !fits {
            let message = format!("Fn::Select takes a number from 0 on, and this is {}", kind_of(node));
            self.refuse(node.span, message, "write the place of the member, counted from 0");
        }
    }

    fn find_in_map(&mut self, argument: &Node, arguments: &[Node]) {
        let (keys, rest) = arguments.split_at(arguments.len().min(3));
        if keys.len() < 3 || rest.len() > 1 {
            return self.wrong("Fn::FindInMap", argument, "a mapping and two keys", "[Mapping, key, key]");
        }
        for key in keys {
            self.text("Fn::FindInMap", key);
            self.key("Fn::FindInMap", key);
        }
        let Some(options) = rest.first() else { return };
        if let Some(other) =
            options.as_mapping().into_iter().flatten().find(|it| it.key.as_str() != Some("DefaultValue"))
        {
            let message = "the fourth argument of Fn::FindInMap has no key but `DefaultValue`";
            self.refuse(other.key.span, message, "take the other keys out");
        }
        if options.get("DefaultValue").is_none() {
            let message = "the fourth argument of Fn::FindInMap is a map with `DefaultValue`";
            self.refuse(options.span, message, "write {DefaultValue: value}");
        } else if !self.template.has_transform(LANGUAGE_EXTENSIONS) {
            let help = format!("add `Transform: {LANGUAGE_EXTENSIONS}`");
            self.refuse_unless_macro(options.span, "the default value of Fn::FindInMap needs a transform", help);
        }
    }

    fn get_att(&mut self, argument: &Node, place: Place) {
        let wrong = |node: &Node| {
            let message = format!("Fn::GetAtt takes a resource and an attribute, and this is {}", kind_of(node));
            (node.span, message, "write Resource.Attribute, or [Resource, Attribute]")
        };
        if let Some(text) = text_of(argument) {
            return match text.split_once('.').filter(|(id, attribute)| !id.is_empty() && !attribute.is_empty()) {
                Some((id, _)) => self.read(id, argument.span, place),
                None => {
                    let message = format!("`{text}` names no attribute");
                    self.refuse(argument.span, message, "write Resource.Attribute, or use Ref for the resource itself");
                }
            };
        }
        let Some([id, attribute]) = argument.as_sequence() else {
            let (span, message, help) = wrong(argument);
            return self.refuse(span, message, help);
        };
        let extended = self.template.has_transform(LANGUAGE_EXTENSIONS);
        let by_function = [function(id), function(attribute).filter(|(name, _)| *name != "Ref")];
        if let Some((name, _)) = by_function.into_iter().flatten().next().filter(|_| !extended) {
            let message = format!("{name} cannot stand here in Fn::GetAtt");
            let help = format!("write the names themselves, or add `Transform: {LANGUAGE_EXTENSIONS}`");
            self.refuse_unless_macro(argument.span, message, help);
        }
        for part in [id, attribute] {
            if text_of(part).is_none_or(str::is_empty) && function(part).is_none() {
                let (span, message, help) = wrong(part);
                self.refuse(span, message, help);
            }
            self.node(part, place);
        }
        if let Some(text) = text_of(id) {
            self.read(text, id.span, place);
        }
    }

    fn if_(&mut self, argument: &Node, place: Place) {
        let Some([condition, yes, no]) = argument.as_sequence() else {
            return self.wrong("Fn::If", argument, "a condition and two values", "[Condition, value, value]");
        };
        match text_of(condition) {
            Some(text) => self.condition_exists(Some(&Name { text: text.into(), span: condition.span })),
            None => {
                let message = format!("Fn::If takes the name of a condition, and this is {}", kind_of(condition));
                self.refuse(condition.span, message, "declare it in `Conditions`, and write its name here");
            }
        }
        self.node(yes, place);
        self.node(no, place);
    }

    fn sub(&mut self, argument: &Node, place: Place) {
        let (text, variables) = match (&argument.kind, argument.as_sequence()) {
            (NodeKind::Scalar { .. }, _) => (argument, None),
            (_, Some([text, variables])) => (text, Some(variables)),
            (_, Some(_)) => {
                return self.wrong("Fn::Sub", argument, "a text and a map of variables", "[text, {Name: value}]");
            }
            _ => {
                let message = format!("Fn::Sub takes text, and this is {}", kind_of(argument));
                return self.refuse_unless_macro(argument.span, message, "write text, or [text, {Name: value}]");
            }
        };
        let Some(source) = text.as_str() else {
            let message = format!("the first argument of Fn::Sub is text, and this is {}", kind_of(text));
            let help = "write the text itself; functions go into the variables";
            return self.refuse_unless_macro(text.span, message, help);
        };
        if let Some(variables) = variables {
            if variables.as_mapping().is_none() || function(variables).is_some() {
                let message =
                    format!("the second argument of Fn::Sub is a map of variables, and this is {}", kind_of(variables));
                return self.refuse(variables.span, message, "write {Name: value}");
            }
            for entry in variables.as_mapping().unwrap_or_default() {
                self.variable(&entry.value, place);
            }
        }
        for part in parts(source) {
            let Part::Name(name, _) = part else { continue };
            if !is_name(name) {
                let message = format!("`${{{name}}}` is no name that Fn::Sub could put something in place of");
                self.refuse(text.span, message, format!("write ${{!{name}}} where the text itself is meant"));
                continue;
            }
            if variables.is_some_and(|variables| variables.get(name).is_some()) {
                continue;
            }
            match name.split_once('.') {
                Some((id, _)) => self.read(id, text.span, place),
                None => self.referred(name, text.span, place),
            }
        }
    }

    /// The value of a variable of `Fn::Sub`: text, or a function that may give it.
    fn variable(&mut self, node: &Node, place: Place) {
        self.text("Fn::Sub", node);
        self.node(node, place);
    }
}
