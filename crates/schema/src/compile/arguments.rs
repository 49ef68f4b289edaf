//! Facts in conditions: which an attribute is, and whether its arguments are what its signature says.

use cel::common::ast::IdedExpr;
use terravet_diagnostics::{did_you_mean, did_you_mean_or};
use terravet_graph::{Language, Mode};

use super::{Compiler, Wrong, place, wrong};
use crate::expression::Expression;
use crate::kind::{Attribute, Computed, Kind};
use crate::literal::Literal;
use crate::names;
use crate::signature::{Argument, ArgumentType, Signature};

impl Compiler<'_> {
    /// The fact that an attribute is.
    pub(super) fn fact_of(&self, attribute: &Attribute) -> Option<&'static Signature> {
        match attribute.computed.as_ref()? {
            Computed::Fact(name) => self.schema.signatures().facts.get(&**name),
            _ => None,
        }
    }

    /// What was probably meant by a fact that a kind does not have.
    pub(super) fn fact_hint(&self, kind: &Kind, name: &str) -> String {
        if self.schema.signatures().facts.contains_key(name) {
            return format!("; to offer it, the kind needs `{name}: {{ computed: {name} }}`");
        }
        did_you_mean(name, kind.attribute_names()).map(|question| format!("; {question}")).unwrap_or_default()
    }

    /// An argument of a fact: a literal of the type that the fact takes there.
    pub(super) fn argument(
        &mut self,
        kind: &Kind,
        fact: &Signature,
        wanted: &Argument,
        written: &IdedExpr,
    ) -> Result<Literal, Wrong> {
        let node = place(written);
        let (Expression::Literal(value), _) = self.expression(written)? else {
            return wrong(node, format!("the arguments of {} must be literals", fact.name));
        };
        match self.check_argument(kind, fact, wanted, &value) {
            Ok(()) => Ok(value),
            Err(message) => wrong(node, message),
        }
    }

    fn check_argument(&self, kind: &Kind, fact: &Signature, wanted: &Argument, value: &Literal) -> Result<(), String> {
        let (fact, name) = (fact.name, wanted.name);
        let text = value.as_str().ok_or_else(|| format!("the {name} of {fact} is text"));
        match wanted.ty {
            ArgumentType::Attribute => {
                let text = text?;
                if kind.attributes.contains_key(text) {
                    return Ok(());
                }
                let hint = did_you_mean(text, kind.attribute_names()).map(|hint| format!("; {hint}"));
                Err(format!("{} has no attribute `{text}`{}", kind.name, hint.unwrap_or_default()))
            }
            ArgumentType::Word(words) => {
                let (text, words) = (text?, words());
                if words.contains(&text) {
                    return Ok(());
                }
                let all = format!("use one of {}", words.join(", "));
                Err(format!("`{text}` is no {name} of {fact}; {}", did_you_mean_or(text, words, &all)))
            }
            ArgumentType::Number(least, most) => match value {
                Literal::Number(number) if number.to_i64().is_some_and(|it| (least..=most).contains(&it)) => Ok(()),
                _ => Err(format!("the {name} of {fact} is a number from {least} to {most}")),
            },
            ArgumentType::NativeTypes => text?.split_whitespace().try_for_each(|native| self.native_type(native)),
            ArgumentType::Text(check) => check(text?),
        }
    }

    fn native_type(&self, native: &str) -> Result<(), String> {
        let language = if native.contains("::") { Language::CloudFormation } else { Language::Terraform };
        if !native.contains("::") && !native.contains('_') {
            return Err(format!("`{native}` is no native type, such as aws_s3_bucket or AWS::S3::Bucket"));
        }
        if !self.names {
            return Ok(());
        }
        names::check_type(language, Mode::Managed, native).map_err(|error| {
            let hint = error.suggestion.map(|hint| format!("; {hint}")).unwrap_or_default();
            format!("{}{hint}", error.message)
        })
    }
}
