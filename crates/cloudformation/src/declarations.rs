//! What parameters say about themselves, whatever their values.
//!
//! In: the declaration of a parameter. Out: diagnostics, for constraints that are no constraints, that contradict each other, or
//! that its type does not have.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>.

use terravet_diagnostics::Diagnostic;
use terravet_graph::Number;
use terravet_source::Span;
use terravet_yaml::{Node, Resolved};

use crate::given::scalar_text;
use crate::sections::kind_of;
use crate::template::ParameterDeclaration;

/// Checks the declaration of a parameter.
pub(crate) fn check(declaration: &ParameterDeclaration, diagnostics: &mut Vec<Diagnostic>) {
    let mut checker = Checker { declaration, diagnostics };
    checker.texts();
    checker.allowed_values();
    checker.no_echo();
    checker.bounds("MinLength", "MaxLength");
    checker.bounds("MinValue", "MaxValue");
    checker.ranges_of_numbers();
}

/// The number that a constraint is.
pub(crate) fn bound(node: &Node) -> Option<Number> {
    match node.resolve()? {
        Resolved::Integer(text) | Resolved::Float(text) => text.parse().ok(),
        _ => node.as_str()?.parse().ok(),
    }
}

struct Checker<'a> {
    declaration: &'a ParameterDeclaration,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Checker<'_> {
    fn refuse(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error("cloudformation-parameter", span, message).with_help(help));
    }

    fn texts(&mut self) {
        for key in ["AllowedPattern", "ConstraintDescription"] {
            if let Some(node) = self.declaration.body.get(key).filter(|node| node.as_str().is_none()) {
                self.refuse(node.span, format!("`{key}` is text, and this is {}", kind_of(node)), "write text");
            }
        }
    }

    fn allowed_values(&mut self) {
        let Some(node) = self.declaration.body.get("AllowedValues") else { return };
        let Some(items) = node.as_sequence() else {
            let message = format!("`AllowedValues` is a list, and this is {}", kind_of(node));
            return self.refuse(node.span, message, "write [value, value]");
        };
        if items.is_empty() {
            self.refuse(node.span, "`AllowedValues` allows no value", "list the values, or leave the key out");
        }
        for item in items.iter().filter(|item| scalar_text(item).is_none() && !item.is_null()) {
            let message = format!("an allowed value is text, and this is {}", kind_of(item));
            self.refuse(item.span, message, "write the value itself; functions are not allowed here");
        }
    }

    fn no_echo(&mut self) {
        let Some(node) = self.declaration.body.get("NoEcho") else { return };
        let text = scalar_text(node).map(|text| text.to_ascii_lowercase());
        if !matches!(text.as_deref(), Some("true" | "false")) {
            self.refuse(node.span, "`NoEcho` is true or false", "write true where the value is a secret");
        }
    }

    fn bounds(&mut self, least_key: &str, most_key: &str) {
        let body = &self.declaration.body;
        let [least, most] = [least_key, most_key].map(|key| {
            let node = body.get(key)?;
            let number = bound(node);
            if number.is_none() {
                self.refuse(node.span, format!("`{key}` is a number, and this is {}", kind_of(node)), "write a number");
            }
            number
        });
        if let (Some(least), Some(most)) = (least, most)
            && least > most
        {
            let message = format!("`{least_key}` is {least}, and `{most_key}` is less: {most}");
            let span = body.get(least_key).map_or(body.span, |node| node.span);
            self.refuse(span, message, "exchange the two, or leave one out");
        }
    }

    /// Only numbers are compared with a least and a greatest.
    fn ranges_of_numbers(&mut self) {
        if self.declaration.ty.contains("Number") {
            return;
        }
        for key in ["MinValue", "MaxValue"] {
            if let Some(entry) = self.declaration.body.entry(key) {
                let message = format!("`{key}` stands in a parameter that is no number");
                self.refuse(entry.key.span, message, "write `Type: Number`, or use MinLength and MaxLength");
            }
        }
    }
}
